"""The facts of a problem that indicators depend on, which are kept with the runs."""

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymoo.core.problem import Problem

from ..bounds import FrontBounds
from ..instances import FrozenProblem
from ..search.problem_protocol import box_of

STUDY_FILE = "study.json"


@dataclass(frozen=True)
class ProblemFacts:
    """Box, reference front and bound of a problem.

    Attributes:
        box: the corners, ideal and reference point ``(n_obj,)``, of the box that hypervolumes are shares of.
        reference: ``(n, n_obj)`` the best-known front; None if there is none.
        hypervolume_upper: certified upper bound of the hypervolume; None if there is no certificate.
        n_var: number of variables; None for studies of earlier versions.
    """

    box: tuple[np.ndarray, np.ndarray]
    reference: np.ndarray | None
    hypervolume_upper: float | None
    n_var: int | None = None

    def scaled(self, F: np.ndarray) -> np.ndarray:
        """Scale points ``(n, n_obj)`` so that the box is the unit square.

        If picture and sound have the same value of an objective, the box is flat; then every point has the
        reference point's value, 1.
        """
        low, high = self.box
        flat = high <= low
        return np.where(flat, 1.0, (F - low) / np.where(flat, 1.0, high - low))

    def as_json(self) -> dict[str, Any]:
        """Return the facts as JSON."""
        return {
            "box": [corner.tolist() for corner in self.box],
            "reference": None if self.reference is None else self.reference.tolist(),
            "hypervolume_upper": self.hypervolume_upper,
            "n_var": self.n_var,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "ProblemFacts":
        """Take what `as_json` returned.

        Raises:
            ValueError: it is something else; or TypeError, KeyError.
        """
        low, high = np.array(content["box"], dtype=float)
        upper = content["hypervolume_upper"]
        reference = None if content["reference"] is None else np.array(content["reference"], dtype=float)
        if low.ndim != 1 or (reference is not None and reference.shape[1:] != low.shape):
            raise ValueError("expected a box and points of the same number of objectives")
        n_var = content.get("n_var")
        upper = None if upper is None else float(upper)
        return cls((low, high), reference, upper, None if n_var is None else int(n_var))


def facts_of(problem: Problem, bounds: FrontBounds | None = None) -> ProblemFacts:
    """Collect the facts of a problem.

    Args:
        problem: the problem.
        bounds: a certificate, which counts where the problem brings none.

    Raises:
        ObjectiveError: the problem has no reference point for the hypervolume.
    """
    reference = problem.pareto_front()
    bounds = _own_bounds(problem) or bounds
    upper = None if bounds is None else bounds.hypervolume_upper
    return ProblemFacts(measured_box(problem), reference, upper, int(problem.n_var))


def measured_box(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners ``(n_obj,)`` of the box that a study's hypervolumes are shares of.

    That is the problem's own, see `box_of`. Of other problems, as pymoo has them, it spans the values at the
    bounds of the variables, and is extended to hold the Pareto front where that is known: then no front has
    more than the whole box.
    """
    low, high = box_of(problem)
    # Not by getattr, because a property may refuse where a reference point is not known.
    says = inspect.getattr_static(problem, "hypervolume_box", None) is not None
    front = None if says else problem.pareto_front()
    if front is None:
        return low, high
    return np.minimum(low, front.min(axis=0)), np.maximum(high, front.max(axis=0))


def brings_bounds(problem: Problem) -> bool:
    """Tell whether a problem has a certificate of its own."""
    return _own_bounds(problem) is not None


def _own_bounds(problem: Problem) -> FrontBounds | None:
    known = problem.reference if isinstance(problem, FrozenProblem) else None
    return None if known is None else known.bounds
