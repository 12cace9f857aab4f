"""The facts of a problem that indicators depend on, which are kept with the runs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..instances import FrozenProblem
from ..search.problem_protocol import box_of
from .choices import OwnProblem, ProblemChoice

STUDY_FILE = "study.json"


@dataclass(frozen=True)
class ProblemFacts:
    """Box, reference front and bound of a problem.

    Attributes:
        box: the corners, ideal and reference point ``(n_obj,)``, of the box that hypervolumes are shares of.
        reference: ``(n, n_obj)`` the best-known front; None if there is none.
        hypervolume_upper: certified upper bound of the hypervolume; None if there is no certificate.
    """

    box: tuple[np.ndarray, np.ndarray]
    reference: np.ndarray | None
    hypervolume_upper: float | None

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
        return cls((low, high), reference, None if upper is None else float(upper))


def facts_of(choice: ProblemChoice | OwnProblem) -> ProblemFacts:
    """Make a problem and collect its facts.

    Raises:
        ObjectiveError: the problem has no reference point for the hypervolume.
    """
    problem = choice.make()
    reference = problem.pareto_front()
    known = problem.reference if isinstance(problem, FrozenProblem) else None
    upper = known.bounds.hypervolume_upper if known is not None and known.bounds is not None else None
    return ProblemFacts(box_of(problem), reference, upper)
