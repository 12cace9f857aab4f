"""`FrontAscent`: masks that descend together to the front that dominates most."""

from typing import Any

from pymoo.core.algorithm import Algorithm
from pymoo.core.population import Population
from pymoo.core.problem import Problem

from ..errors import OptionError
from .output import FrontOutput
from .set_ascent import SetAscent
from .slopes import N_MASKS


class FrontAscent(Algorithm):  # type: ignore[misc]
    """Increases the hypervolume of a front by the gradients of all its points at once.

    All masks of a set descend together, each with the weights by which its descent increases the set's
    hypervolume most: its distances to its neighbours on the front. Steps are multiplicative and have no step
    size: majorise-minimise steps for ``visual_l1`` with ``audio_log_l1``, and these with ``mask_roughness``;
    ratios of the two signs of the gradient for other objectives. Before each step every mask takes from a
    neighbour those regions of the grid that are predicted to lower its own weighted sum. When that gains
    less, the most valuable points of all that were evaluated are refined in every other generation, and when
    it gains little in all: exchanges of regions that are predicted to gain most are evaluated, and all points
    take some steps. `docs/front.md` has the derivation.

    The population is the archive of the most valuable non-dominated points of all that were evaluated; its
    hypervolume never decreases. Works with any termination. Every forward pass and every gradient is
    counted, and a limit of evaluations is not exceeded. Gradients ignore constraints; feasible points
    dominate infeasible ones, and infeasible masks go back towards feasible ones.

    Args:
        n_masks: masks of the set.
        archive_size: points of the front.
        **kwargs: options of every pymoo algorithm, ``output`` for one.

    Raises:
        OptionError: an option is out of its range, or the problem has not two or three objectives.
        ObjectiveError: the problem has no gradients.

    Example:
        >>> from pymoo.optimize import minimize
        >>> from pymoo_moss import FrontAscent, get_problem
        >>> problem = get_problem("owl-drums-16x32")
        >>> result = minimize(problem, FrontAscent(), ("n_eval", 1000), seed=1)
        >>> bool(problem.share(result.F) > 0.99)
        True
    """

    def __init__(self, n_masks: int = N_MASKS, archive_size: int = 400, **kwargs: Any) -> None:
        kwargs.setdefault("output", FrontOutput())
        super().__init__(**kwargs)
        if n_masks < 1 or archive_size < 1:
            raise OptionError(
                f"expected n_masks and archive_size of 1 or more, got {n_masks} and {archive_size}"
            )
        self.n_masks, self.archive_size = n_masks, archive_size

    def _setup(self, problem: Problem, **kwargs: Any) -> None:
        if problem.n_obj not in (2, 3):
            raise OptionError(
                f"expected two or three objectives, got {problem.n_obj}: HybridAlgorithm takes any number"
            )
        self._ascent = SetAscent(problem, self.n_masks, self.archive_size)
        self._is_refining = False
        self._reached = 0.0

    def _initialize_infill(self) -> Population:
        return self._infill()

    def _initialize_advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self._advance(infills, **kwargs)

    def _infill(self) -> Population:
        found = Population.empty()
        if self._is_refining:
            found = self._ascent.refine(self)
        # The most valuable points may be the ends alone.
        return found if len(found) else self._ascent.ascend(self)

    def _advance(self, infills: Population | None = None, **kwargs: Any) -> None:
        self.pop = self._ascent.archive.front
        before, self._reached = self._reached, self._ascent.archive.hypervolume()
        if self._is_refining:
            self._refined(self._reached - before)
        self._is_refining = self._ascent.stagnates or (self._ascent.slows and not self._is_refining)

    def _refined(self, gain: float) -> None:
        """Take note of what a refinement has gained, of the box between ideal and reference point."""
