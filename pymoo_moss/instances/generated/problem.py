"""`GeneratedProblem`: a drawing and a tune of a seed, certified when it is asked for its bounds."""

from collections.abc import Mapping
from typing import Any

from ...search import FrontBounds, certify
from ..frozen import FrozenProblem
from ..source import Instance


class GeneratedProblem(FrozenProblem):
    """A `MOSSProblem` of a drawing and a tune that a seed determines; made by `make_instance`.

    It has no reference front. Its bounds are computed when they are first asked for, which takes some
    seconds, and are kept in the object.

    Attributes:
        instance: drawing, tune and grid.
        reference: None.
    """

    def __init__(
        self, *args: Any, instance: Instance, changed_options: Mapping[str, Any], **options: Any
    ) -> None:
        super().__init__(*args, instance=instance, reference=None, changed_options=changed_options, **options)
        self._bounds: FrontBounds | None = None

    def front_bounds(self) -> FrontBounds:
        """Return the bounds of `certify`, in the units of F.

        Raises:
            ObjectiveError: the objectives have no certificate.
        """
        if self._bounds is None:
            self._bounds = certify(self)
        return self._bounds

    def describe(self) -> dict[str, Any]:
        """Describe the problem as `FrozenProblem.describe` does, with its bound if that has been computed."""
        facts = super().describe()
        if self._bounds is not None:
            facts["certified_hypervolume_upper"] = self._bounds.hypervolume_upper
        return facts
