"""Initial populations: constant levels, and seeds found by gradient descent."""

from typing import Any, Literal, get_args

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.sampling import Sampling

from ..errors import OptionError, unknown_name
from ..problem import MOSSProblem
from .budget import budget_is_spent
from .descent import EVALUATIONS_PER_GRADIENT, OnStep, descend, keep_going
from .seed_weights import SpreadWeights, notebook_weights
from .smooth_noise import smooth_noise

Fill = Literal["random", "ramp"]
Schedule = Literal["notebook", "spread"]

_HISTORY_INTERVAL = 10
_ADAPTATIONS = 8
"""How often the spread schedule moves its weights."""
_START_SPREAD = 0.5
"""Standard deviation of the logits that seeds start from."""


class LevelSampling(Sampling):  # type: ignore[misc]
    """Constant masks ``X = c`` at even levels from 0 to 1: the sweep, a front for free."""

    def _do(self, problem: MOSSProblem, n_samples: int, *args: Any, **kwargs: Any) -> np.ndarray:
        return constant_masks(np.linspace(0.0, 1.0, n_samples) if n_samples > 1 else [0.5], problem.n_var)


class SmoothNoiseSampling(Sampling):  # type: ignore[misc]
    """Smooth noise around levels from 0 to 1: masks that spread over the objective space without gradients.

    Uniform random masks all land on one point there, because the blur averages them.

    Args:
        amplitude: standard deviation of the noise before it is cut off at 0 and 1.

    Raises:
        OptionError: the amplitude is negative.
    """

    def __init__(self, amplitude: float = 0.3) -> None:
        super().__init__()
        if not amplitude >= 0:
            raise OptionError(f"expected an amplitude of 0 or more, got {amplitude}")
        self.amplitude = amplitude

    def _do(
        self,
        problem: MOSSProblem,
        n_samples: int,
        *args: Any,
        random_state: np.random.Generator,
        **kwargs: Any,
    ) -> np.ndarray:
        noise = smooth_noise(n_samples, problem.encoder.grid, random_state).reshape(n_samples, -1)
        levels = constant_masks(np.linspace(0.0, 1.0, n_samples) if n_samples > 1 else [0.5], problem.n_var)
        return np.asarray(np.clip(levels + self.amplitude * noise, 0.0, 1.0))


class GradientSeedSampling(Sampling):  # type: ignore[misc]
    """A few masks found by gradient descent, and a simple fill for the rest of the population.

    Each seed minimises its own weighted sum of the objectives, all in one batch of Adam on logits.
    Objectives that are least at X = 1 count as visual, all others as audio. Two schedules of weights:

    - ``"notebook"``, phase 1 of the MOSS notebook: seed ``i`` of ``n`` minimises
      ``visual_boost * v * visual + (1 - v) * audio`` with ``v = (1 - i / (n - 1)) ** power``. On losses whose
      front bends at small weights of the picture the seeds bunch where the sound is hardly changed.
    - ``"spread"``: weights of normalised objectives, moved during the descent so that the seeds
      divide the front into pieces of equal ``sqrt(width * height)``, which wastes least hypervolume.

    What is spent is added to the evaluator's count: three evaluations for a value with its gradient. Where
    the termination is a number of evaluations or a time, the descent stops when that is reached.

    Args:
        n_seeds: number of seeds, anchors included; at most the population.
        steps: Adam steps.
        lr: Adam's learning rate.
        power: exponent of the notebook's weights; above 1 they bunch at the sound's end.
        visual_boost: the notebook's factor on the visual objectives, whose values are smaller.
        anchors: make the first seed X = 1 and the last X = 0, the exact ends of the front.
        fill: the rest of the population: ``"random"`` uniform masks, as the notebook has it, or
            a ``"ramp"`` of constant levels.
        schedule: ``"notebook"`` or ``"spread"``.
        on_step: called after every step as ``on_step(step, F)``; return True to stop.

    Attributes:
        history: after sampling, ``(n_seeds, n_obj)`` values at every tenth step.
        n_eval: after sampling, evaluations spent.

    Raises:
        OptionError: an option is out of its range.
    """

    def __init__(
        self,
        n_seeds: int = 10,
        steps: int = 200,
        lr: float = 0.05,
        power: float = 4.0,
        visual_boost: float = 20.0,
        anchors: bool = True,
        fill: Fill = "random",
        schedule: Schedule = "notebook",
        on_step: OnStep | None = None,
    ) -> None:
        super().__init__()
        if n_seeds < 1 or steps < 0:
            raise OptionError(
                f"expected n_seeds of 1 or more and steps of 0 or more, got {n_seeds} and {steps}"
            )
        if not (lr > 0 and power > 0 and visual_boost > 0):
            raise OptionError(
                f"expected lr, power and visual_boost above 0, got {lr}, {power} and {visual_boost}"
            )
        if fill not in get_args(Fill):
            raise unknown_name("fill", str(fill), get_args(Fill))
        if schedule not in get_args(Schedule):
            raise unknown_name("schedule", str(schedule), get_args(Schedule))
        self.n_seeds, self.steps, self.lr = n_seeds, steps, lr
        self.power, self.visual_boost = power, visual_boost
        self.anchors, self.fill, self.schedule, self.on_step = anchors, fill, schedule, on_step
        self.history: list[np.ndarray] = []
        self.n_eval = 0

    def _do(
        self,
        problem: MOSSProblem,
        n_samples: int,
        *args: Any,
        random_state: np.random.Generator,
        algorithm: Algorithm | None = None,
        **kwargs: Any,
    ) -> np.ndarray:
        if not isinstance(problem, MOSSProblem):
            raise OptionError(f"expected a MOSSProblem to seed, got {type(problem).__name__}")
        n_seeds = min(self.n_seeds, n_samples)
        seeds = self._seeds(problem, n_seeds, random_state, algorithm)
        rest = n_samples - n_seeds
        if self.fill == "random":
            return np.vstack([seeds, random_state.random((rest, problem.n_var))])
        # Without the ends, which are anchors already.
        return np.vstack([seeds, constant_masks(np.linspace(0.0, 1.0, rest + 2)[1:-1], problem.n_var)])

    def _seeds(
        self,
        problem: MOSSProblem,
        n_seeds: int,
        random_state: np.random.Generator,
        algorithm: Algorithm | None,
    ) -> np.ndarray:
        seeds = random_state.normal(scale=_START_SPREAD, size=(n_seeds, problem.n_var))
        has_anchors = self.anchors and n_seeds > 1
        free = slice(1, -1) if has_anchors else slice(None)
        ends = problem.evaluate(constant_masks([1.0, 0.0], problem.n_var))
        self._begin(algorithm, len(ends))
        spread = SpreadWeights(problem, ends, len(seeds[free])) if self.schedule == "spread" else None
        notebook = notebook_weights(problem, n_seeds, self.power, self.visual_boost)[free]
        weights = spread.weights if spread else notebook
        interval = max(self.steps // _ADAPTATIONS, 1)

        def after_step(step: int, values: np.ndarray) -> bool:
            self._count(algorithm, EVALUATIONS_PER_GRADIENT * len(values))
            if spread and step % interval == 0:
                spread.adapt(values)
            values = np.vstack([ends[:1], values, ends[1:]]) if has_anchors else values
            if (step - 1) % _HISTORY_INTERVAL == 0:
                self.history.append(values)
            told_to_stop = (self.on_step or keep_going)(step, values)
            return bool(told_to_stop) or budget_is_spent(algorithm)

        steps = self.steps if len(weights) else 0
        found = descend(problem, seeds[free], weights, steps=steps, lr=self.lr, on_step=after_step)
        seeds[free] = found.X
        if has_anchors:
            seeds[0], seeds[-1] = 1.0, 0.0
        return seeds

    def _begin(self, algorithm: Algorithm | None, spent: int) -> None:
        self.history, self.n_eval = [], 0
        self._count(algorithm, spent)

    def _count(self, algorithm: Algorithm | None, spent: int) -> None:
        self.n_eval += spent
        if algorithm is not None:
            algorithm.evaluator.n_eval += spent


def constant_masks(levels: np.ndarray | list[float], n_var: int) -> np.ndarray:
    """Masks ``(len(levels), n_var)``, each of one level."""
    return np.repeat(np.asarray(levels, dtype=float)[:, None], n_var, axis=1)
