"""Initial populations: constant levels, smooth noise, and seeds found by gradient descent."""

from typing import Any, ClassVar, Literal, get_args

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.core.evaluator import Evaluator
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.sampling import Sampling
from pymoo.core.termination import NoTermination
from pymoo.util import default_random_state

from ..errors import OptionError, unknown_name
from ..masks import SWEEP_LEVELS, masks_between
from .adam import EVALUATIONS_PER_GRADIENT, Found, OnStep, descend, keep_going
from .budget import counted_steps, population_of, report_values
from .problem_protocol import check_bounds, ends_of, evaluated, range_of, sides_of
from .seed_weights import SpreadWeights, notebook_weights
from .set_ascent import SetAscent
from .smooth_noise import random_fields

Fill = Literal["random", "ramp"]
Schedule = Literal["notebook", "spread", "hypervolume"]

_HISTORY_INTERVAL = 10
_ADAPTATIONS = 8
"""Number of times that the spread schedule moves its weights."""
_START_SPREAD = 0.5
"""Standard deviation of the logits that seeds start from."""


class LevelSampling(Sampling):  # type: ignore[misc]
    """Constant masks ``X = c`` at even levels from 0 to 1: the sweep, a front for free.

    Where a problem has other ``ends``, the masks on the line between these.
    """

    def _do(self, problem: Problem, n_samples: int, *args: Any, **kwargs: Any) -> np.ndarray:
        return _levels(problem, n_samples)


class SmoothNoiseSampling(Sampling):  # type: ignore[misc]
    """Smooth noise around levels from 0 to 1: masks that spread over the objective space without gradients.

    Uniform random masks all land on one point there, because the blur averages them. Variables that are on no
    grid get white noise.

    Args:
        amplitude: standard deviation of the noise before it is cut off at the bounds, as a share of the
            distance between these.

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
        problem: Problem,
        n_samples: int,
        *args: Any,
        random_state: np.random.Generator,
        **kwargs: Any,
    ) -> np.ndarray:
        levels = _levels(problem, n_samples)
        noise = (problem.xu - problem.xl) * random_fields(n_samples, problem, random_state)
        return np.asarray(np.clip(levels + self.amplitude * noise, problem.xl, problem.xu))


class GradientSeedSampling(Sampling):  # type: ignore[misc]
    """A few masks found by gradient descent, and a simple fill for the rest of the population.

    Each seed minimises its own weighted sum of the objectives, all in one batch of Adam on logits. Objectives
    without a gradient take no part, and constraints are ignored: whatever runs on the population prefers
    feasible masks. An objective's `side` decides with which others it is weighed: "visual" are those of the
    picture, "audio" all others. If either has none, weights are spread evenly over the simplex. There are
    three schedules:

    - ``"notebook"``, phase 1 of the MOSS notebook: seed ``i`` of ``n`` minimises
      ``visual_boost * v * visual + (1 - v) * audio`` with ``v = (1 - i / (n - 1)) ** power``. On losses whose
      front bends at small weights of the picture the seeds bunch where the sound is hardly changed.
    - ``"spread"``: weights of normalised objectives, moved during the descent so that the seeds
      divide the front into pieces of equal ``sqrt(width * height)``, which wastes least hypervolume.

    - ``"hypervolume"``: the seeds ascend as those of `FrontAscent` do, and end early when that gains little.
      The population is the most valuable of all points that were evaluated; the fill only makes up for what
      is missing.

    Otherwise the ends of the front and the fill are evaluated first, then the seeds descend. What is spent is
    added to the evaluator's count: three evaluations for a value with its gradient. Where the next step would
    exceed a limit of evaluations, or the time is up, the seeds are those of the last step, and the run ends.
    The algorithm's callback is notified of every step: see `pymoo_moss.search.report_values`.

    Args:
        n_seeds: number of seeds, anchors included; at most the population.
        steps: gradient steps; of Adam, except with ``"hypervolume"``.
        lr: Adam's learning rate.
        power: exponent of the notebook's weights; above 1 they bunch at the sound's end.
        visual_boost: the notebook's factor on the visual objectives, whose values are smaller.
        anchors: make the first seed the picture alone, X = 1, and the last the sound alone, X = 0: the exact
            ends of the front.
        fill: the rest of the population: ``"random"`` uniform masks, as the notebook has it, or
            a ``"ramp"`` of constant levels.
        schedule: ``"notebook"``, ``"spread"`` or ``"hypervolume"``.
        on_step: called in every step as ``on_step(step, F)``; return True to end the descent.

    Attributes:
        history: after sampling, ``(n_seeds, n_obj)`` values at every tenth step; of the front so far with
            ``"hypervolume"``.
        n_eval: after sampling, evaluations spent, those of the fill among them.

    Raises:
        OptionError: an option is out of its range.
    """

    checkpoint_exclude: ClassVar[frozenset[str]] = frozenset({"on_step"})

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

    @default_random_state  # type: ignore[untyped-decorator]
    def do(
        self,
        problem: Problem,
        n_samples: int,
        *args: Any,
        random_state: np.random.Generator,
        algorithm: Algorithm | None = None,
        **kwargs: Any,
    ) -> Population:
        """Return a population of ``n_samples`` evaluated masks.

        Args:
            problem: a `MOSSProblem`, or any pymoo problem with finite bounds that gives ``dF``.
            n_samples: masks in the population.
            *args: ignored.
            random_state: of the seeds' starts and of a random fill.
            algorithm: whose budget counts, and whose callback is notified of each step.
            **kwargs: ignored.

        Raises:
            OptionError: the problem's variables have no finite bounds.
            ObjectiveError: none of its objectives has a gradient.
        """
        check_bounds(problem)
        if self.schedule == "hypervolume":
            return self._ascended(problem, n_samples, random_state, algorithm)
        n_seeds = min(self.n_seeds, n_samples)
        starts = random_state.normal(scale=_START_SPREAD, size=(n_seeds, problem.n_var))
        ends = Population.new(X=ends_of(problem)[::-1])
        rest = Population.new(X=self._rest(n_samples - n_seeds, problem, random_state))
        evaluator = Evaluator() if algorithm is None else algorithm.evaluator
        before = evaluator.n_eval
        known = evaluator.eval(problem, Population.merge(ends, rest), algorithm=algorithm)
        if algorithm is not None:
            report_values(algorithm, known.get("F"))
        self.history, self.n_eval = [], evaluator.n_eval - before
        has_anchors = self.anchors and n_seeds > 1
        free = slice(1, -1) if has_anchors else slice(None)
        # Ends that are no seeds are there for the schedule alone.
        beside = (known if has_anchors else known[2:]).get("F").reshape(-1, problem.n_obj)
        found = self._descended(problem, starts[free], n_seeds, ends.get("F"), beside, algorithm)
        seeds = population_of(found, problem)
        before = evaluator.n_eval
        # Here, so that a population is evaluated as a whole wherever pymoo's ask and tell evaluate it.
        evaluator.eval(problem, seeds, algorithm=algorithm)
        self.n_eval += evaluator.n_eval - before
        if has_anchors:
            seeds = Population.merge(ends[:1], seeds, ends[1:])
        return Population.merge(seeds, rest)

    def _ascended(
        self,
        problem: Problem,
        n_samples: int,
        random_state: np.random.Generator,
        algorithm: Algorithm | None,
    ) -> Population:
        """Return the most valuable points that a set of seeds passes on its ascent, and the fill."""
        run = _without_limits(problem, random_state) if algorithm is None else algorithm
        before = run.evaluator.n_eval
        n_masks = max(min(self.n_seeds, n_samples) - 2 * self.anchors, 1)
        ascent = SetAscent(problem, n_masks, n_samples)
        self.history, is_ended = [], self.steps == 0

        def after_step(step: int, values: np.ndarray) -> bool:
            nonlocal is_ended
            is_ended = bool((self.on_step or keep_going)(step, values)) or step == self.steps
            return is_ended

        while not (is_ended or ascent.stagnates or run.termination.force_termination):
            ascent.ascend(run, on_step=after_step)
            self.history.append(ascent.archive.front.get("F"))
        population = ascent.archive.front
        if not run.termination.force_termination:
            missing = self._rest(n_samples - len(population), problem, random_state)
            rest = run.evaluator.eval(problem, Population.new(X=missing), algorithm=run)
            population = Population.merge(population, rest)
        self.n_eval = run.evaluator.n_eval - before
        return population

    def _rest(self, count: int, problem: Problem, random_state: np.random.Generator) -> np.ndarray:
        if self.fill == "random":
            return np.asarray(
                problem.xl + (problem.xu - problem.xl) * random_state.random((count, problem.n_var))
            )
        # Without the ends, which are anchors already.
        return masks_between(ends_of(problem), np.linspace(0.0, 1.0, count + 2)[1:-1])

    def _descended(
        self,
        problem: Problem,
        starts: np.ndarray,
        n_seeds: int,
        ends: np.ndarray,
        beside: np.ndarray,
        algorithm: Algorithm | None,
    ) -> Found:
        """Return the seeds between the anchors, from logits ``(n, n_var)``."""
        has_anchors = len(starts) < n_seeds
        free = slice(1, -1) if has_anchors else slice(None)
        sides, (low, extent) = sides_of(problem, ends[::-1]), range_of(problem, ends)
        spread = SpreadWeights(sides, low, extent, len(starts)) if self.schedule == "spread" else None
        notebook = notebook_weights(sides, extent, n_seeds, self.power, self.visual_boost)[free]
        interval = max(self.steps // _ADAPTATIONS, 1)
        steps, count = self.steps if len(starts) else 0, None
        if algorithm is not None and steps:
            steps, count = counted_steps(algorithm, steps, len(starts), beside)

        def after_step(step: int, values: np.ndarray) -> bool:
            self.n_eval += EVALUATIONS_PER_GRADIENT * len(values)
            ended = count is not None and count(values)
            if spread and step % interval == 0:
                spread.adapt(values)
            values = np.vstack([ends[:1], values, ends[1:]]) if has_anchors else values
            if (step - 1) % _HISTORY_INTERVAL == 0:
                self.history.append(values)
            stopped = (self.on_step or keep_going)(step, values)
            return bool(stopped) or ended

        weights = spread.weights if spread else notebook
        return descend(problem, starts, weights, steps=steps, lr=self.lr, on_step=after_step).found


def _without_limits(problem: Problem, random_state: np.random.Generator) -> Algorithm:
    """Return an algorithm that counts, and never ends."""
    algorithm = Algorithm()
    algorithm.setup(problem, termination=NoTermination(), seed=random_state)
    return algorithm


def _levels(problem: Problem, count: int) -> np.ndarray:
    """Return masks ``(count, n_var)`` at even levels between the ends."""
    return masks_between(ends_of(problem), np.linspace(0.0, 1.0, count) if count > 1 else [0.5])


def constant_sweep(problem: Problem) -> np.ndarray:
    """Evaluate constant masks at even levels from 0 to 1: a front that takes no search.

    Returns:
        ``(101, n_obj)`` objective values, not counted as evaluations.
    """
    return evaluated(problem, _levels(problem, SWEEP_LEVELS))
