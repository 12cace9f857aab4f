"""Compare choices of the set ascent: ``python -m benchmarks.ascent_choices`` (about three minutes).

Writes ``docs/images/ascent-choices.png``, for `docs/front.md`: the gap to the certified bound against counted
evaluations, or with preset ``display`` to the best front known; each the mean of three frozen problems.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from pymoo.core.callback import Callback
from pymoo.optimize import minimize

from pymoo_moss import FrontAscent, MOSSProblem, get_problem
from pymoo_moss.search import set_ascent, slopes
from pymoo_moss.search.slopes import N_MASKS

PLOT = Path(__file__).parents[1] / "docs" / "images" / "ascent-choices.png"
BUDGET = 3_000
COUNTS = np.geomspace(150, BUDGET, 60)
PROBLEMS = {
    "notebook": ("lighthouse-prelude-64x128", "owl-drums-64x128", "butterfly-chorale-64x128"),
    "display": ("lighthouse-prelude-64x128", "lighthouse-drums-64x128", "butterfly-prelude-64x128"),
}
NO_REGIONS = {"_STEPS_BEFORE_EXCHANGE": 10**9}

Choice = tuple[int, dict[str, float], bool]
"""Masks of the set, constants of the ascent that differ from its own, and whether it starts from levels."""

PANELS: dict[str, tuple[str, dict[str, Choice]]] = {
    "masks of the set": (
        "notebook",
        {f"{n}": (n, {}, False) for n in (8, 16, N_MASKS, 64, 100)},
    ),
    "regions, weights and start": (
        "notebook",
        {
            "as it is": (N_MASKS, {}, False),
            "no regions of neighbours": (N_MASKS, NO_REGIONS, False),
            "weights not smoothed": (N_MASKS, {"_SMOOTHING": 0.0}, False),
            "start from levels": (N_MASKS, {}, True),
        },
    ),
    "preset display": (
        "display",
        {
            "as it is": (N_MASKS, {}, False),
            "exponent 0.4": (N_MASKS, {"_DECAY": -10.0}, False),
            "exponents 1 to 0.8": (N_MASKS, {"_LEAST_EXPONENT": 0.8}, False),
            "levels even, not their logits": (N_MASKS, {}, True),
            "no alternation": (N_MASKS, {"_LESS": 0.0}, False),
            "no regions": (N_MASKS, NO_REGIONS, False),
        },
    ),
}


class Curve(Callback):
    """Records the hypervolume of every report of values."""

    def __init__(self, problem: MOSSProblem) -> None:
        super().__init__()
        self._problem = problem
        self.n_eval: list[int] = []
        self.hypervolume: list[float] = []

    def on_values(self, algorithm, F: np.ndarray) -> None:
        """Record the front in the middle of a generation."""
        self.n_eval.append(int(algorithm.evaluator.n_eval))
        self.hypervolume.append(self._problem.hypervolume(F))


def _levels(problem: MOSSProblem) -> Callable:
    def start(self, count: int, extent: np.ndarray) -> tuple[np.ndarray, None]:
        levels = np.linspace(0.0, 1.0, count + 2)[1:-1]
        return np.repeat(levels[:, None], problem.n_var, axis=1), None

    return start


def _gap(problem: MOSSProblem, best: float, choice: Choice) -> np.ndarray:
    """Return the gap ``(len(COUNTS),)`` to the best hypervolume, in percent, of one run."""
    n_masks, constants, from_levels = choice
    curve = Curve(problem)
    with ExitStack() as changed:
        for name, value in constants.items():
            changed.enter_context(patch.object(set_ascent, name, value))
        if from_levels:
            for kind in (slopes.MajorisedSteps, slopes.LogRatioSteps):
                changed.enter_context(patch.object(kind, "start", _levels(problem)))
        minimize(problem, FrontAscent(n_masks), ("n_eval", BUDGET), seed=1, callback=curve)
    last = np.searchsorted(curve.n_eval, COUNTS, side="right") - 1
    return 100 * (1 - np.asarray(curve.hypervolume)[last] / best)


def _problems(preset: str) -> Iterator[tuple[MOSSProblem, float]]:
    for name in PROBLEMS[preset]:
        problem = get_problem(name, preset=preset)
        if preset == "notebook":
            yield problem, problem.front_bounds().hypervolume_upper
        else:
            yield problem, problem.hypervolume(problem.pareto_front())


def main() -> None:
    """Measure all choices, and draw them."""
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    for axes, (title, (preset, choices)) in zip(figure.subplots(1, len(PANELS)), PANELS.items(), strict=True):
        known = list(_problems(preset))
        for label, choice in choices.items():
            gaps = np.mean([_gap(problem, best, choice) for problem, best in known], axis=0)
            axes.loglog(COUNTS, gaps, label=label)
            print(f"{title}: {label}: {gaps[-1]:.3f} % at {BUDGET:,}", flush=True)
        axes.set(title=title, xlabel="counted evaluations", ylabel="gap in %")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid(visible=True, which="both", alpha=0.3)
        axes.legend()
    figure.savefig(PLOT, dpi=100)


if __name__ == "__main__":
    main()
