"""What indicators need to know of a problem, kept with the runs."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..instances import FrozenProblem
from .choices import OwnProblem, ProblemChoice

STUDY_FILE = "study.json"


@dataclass(frozen=True)
class ProblemFacts:
    """Box, reference front and bound of a problem.

    Attributes:
        box: the corners that hypervolumes are shares of, each ``(n_obj,)``.
        reference: ``(n, n_obj)`` the best-known front; None where there is none.
        hypervolume_upper: certified; None where there is no certificate.
    """

    box: tuple[np.ndarray, np.ndarray]
    reference: np.ndarray | None
    hypervolume_upper: float | None

    def scaled(self, F: np.ndarray) -> np.ndarray:
        """Points with the box as the unit square.

        Where picture and sound agree in an objective the box is flat, and nothing can be gained: there every
        point is at 1, as the reference point.
        """
        low, high = self.box
        flat = high <= low
        return np.where(flat, 1.0, (F - low) / np.where(flat, 1.0, high - low))

    def as_json(self) -> dict[str, Any]:
        """For `from_json`."""
        return {
            "box": [corner.tolist() for corner in self.box],
            "reference": None if self.reference is None else self.reference.tolist(),
            "hypervolume_upper": self.hypervolume_upper,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "ProblemFacts":
        """What `as_json` gave.

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
    """The facts of a problem.

    Raises:
        ObjectiveError: it has no box to measure hypervolume in.
    """
    problem = choice.make()
    low, high = problem.hypervolume_box
    reference = problem.pareto_front()
    known = problem.reference if isinstance(problem, FrozenProblem) else None
    upper = known.bounds.hypervolume_upper if known is not None and known.bounds is not None else None
    return ProblemFacts((low, high), reference, upper)
