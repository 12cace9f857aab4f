"""`FrozenProblem`: a named problem with what is known of its front."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from ..errors import ObjectiveError
from ..problem import MOSSProblem
from ..search import FrontBounds
from .options import in_words
from .reference import Reference
from .source import Instance


class FrozenProblem(MOSSProblem):
    """A `MOSSProblem` of an instance of the package; made by `get_problem`.

    ``pareto_front()`` is the best-known front ``(n, n_obj)``, or None if the problem has no reference.

    Attributes:
        instance: picture, sound and grid.
        reference: the best-known front and its certificate; None if options have changed the problem.
        changed_options: those options, which its name does not tell.
    """

    def __init__(
        self,
        *args: Any,
        instance: Instance,
        reference: Reference | None,
        changed_options: Mapping[str, Any],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.instance = instance
        self.reference = reference
        self.changed_options = dict(changed_options)

    def name(self) -> str:
        """Return the instance's name, whatever the options are."""
        return self.instance.name

    def front_bounds(self) -> FrontBounds:
        """Return the certified bounds of the reference, in the units of this problem's F.

        Raises:
            ObjectiveError: there is no certificate.
        """
        known = self.reference.bounds if self.reference is not None else None
        if known is None:
            reason = "its objectives have none" if self.reference else "options have made it another problem"
            raise ObjectiveError(f"no certificate is known for {self.name()} ({self.preset}): {reason}")
        # In units of F: w (f - offset) / scale >= b stays true if w is multiplied by the scale.
        offset = known.weights @ self._offset
        low, high = (self._scaled(corner) for corner in known.box)
        return FrontBounds(
            known.weights * self.scale, known.lower_bounds - offset, (low, high), self._scaled(known.points)
        )

    def share(self, F: np.ndarray) -> float:
        """Compute the hypervolume of points ``F (n, n_obj)`` as a share of its certified bound, at most 1.

        Raises:
            ObjectiveError: there is no certificate.
        """
        return self.front_bounds().share(F)

    def describe(self) -> dict[str, Any]:
        """Describe the problem for a publication, as JSON has it."""
        encoder, reference = self.encoder, self.reference
        facts: dict[str, Any] = {
            "name": self.name(),
            "preset": self.preset,
            "changed_options": {name: in_words(value) for name, value in self.changed_options.items()},
            "objectives": [objective.name for objective in self.objectives],
            "n_var": int(self.n_var),
            "grid": list(encoder.grid),
            "picture": self.instance.picture.description,
            "picture_sha256": self.instance.picture.sha256,
            "sound": self.instance.sound.description,
            "sound_sha256": self.instance.sound.sha256,
            "sample_rate_hz": encoder.sample_rate,
            "n_fft": encoder.n_fft,
            "hop_length": encoder.hop_length,
            "bins_and_frames": list(encoder.plane),
            "ideal_point": _numbers(self._ideal),
            "nadir_point": _numbers(self._nadir),
            "reference_point": _numbers(self.ref_point),
            "evaluation": "1 for the losses of a mask, 2 more for their gradients",
            "pymoo_moss": version("pymoo-moss"),
            **{name: version(name) for name in ("pymoo", "torch", "numpy", "numba", "moocore")},
            "python": platform.python_version(),
        }
        if reference is not None:
            facts |= {
                "reference_version": reference.version,
                "best_known_hypervolume": reference.hypervolume,
                "best_known_made_by": reference.made_by,
                "constant_masks_hypervolume": reference.sweep_hypervolume,
            }
            if reference.bounds is not None:
                facts["certified_hypervolume_upper"] = reference.bounds.hypervolume_upper
        return facts

    def _calc_pareto_front(self, *args: Any, **kwargs: Any) -> np.ndarray | None:
        return None if self.reference is None else self._scaled(self.reference.front)


def _numbers(point: np.ndarray) -> list[float | None]:
    """Convert a point to JSON, with None for unknown values."""
    return [float(value) if np.isfinite(value) else None for value in point]
