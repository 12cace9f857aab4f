"""`ParetoTracer`: trace a front by gradients until nothing is gained."""

from typing import Any

from ..errors import OptionError
from .front_ascent import FrontAscent
from .slopes import N_MASKS


class ParetoTracer(FrontAscent):
    """Ascends to the front as `FrontAscent` does, refines it, and ends by itself when nothing more is gained.

    Args:
        n_points: points of the front.
        tolerance: ends when a refinement gains less of the hypervolume, as a share of the box between ideal
            and reference point.
        **kwargs: options of every pymoo algorithm, ``output`` for one.

    Raises:
        OptionError: an option is out of its range, or the problem has not two or three objectives.
        ObjectiveError: the problem has no gradients.

    Example:
        >>> from pymoo.optimize import minimize
        >>> from pymoo_moss import ParetoTracer, get_problem
        >>> problem = get_problem("owl-drums-16x32")
        >>> result = minimize(problem, ParetoTracer(20), ("n_gen", 3), seed=1)
        >>> len(result.F), bool(problem.share(result.F) > 0.95)
        (20, True)
    """

    def __init__(self, n_points: int = 100, tolerance: float = 1e-5, **kwargs: Any) -> None:
        if n_points < 1 or not tolerance >= 0:
            raise OptionError(
                f"expected n_points of 1 or more and a tolerance of 0 or more, got {n_points} and {tolerance}"
            )
        super().__init__(n_masks=min(N_MASKS, max(n_points - 2, 1)), archive_size=n_points, **kwargs)
        self.n_points, self.tolerance = n_points, tolerance

    def _refined(self, gain: float) -> None:
        if self._ascent.stagnates and gain < self.tolerance:
            self.termination.terminate()
