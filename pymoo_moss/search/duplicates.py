"""Duplicate elimination that costs a look at every mask instead of a distance between every two."""

import numpy as np
from pymoo.core.duplicate import DuplicateElimination
from pymoo.core.population import Population


class ExactDuplicateElimination(DuplicateElimination):  # type: ignore[misc]
    """Drops masks that equal another one in every variable.

    pymoo's default also drops masks that are less than 1e-16 apart, which float64 can only tell from equal
    ones near 0; its matrix of distances takes longer than evaluating the masks. For any algorithm with such
    an option: ``NSGA2(eliminate_duplicates=ExactDuplicateElimination())``.
    """

    def _do(self, pop: Population, other: Population | None, is_duplicate: np.ndarray) -> np.ndarray:
        known: dict[float, list[np.ndarray]] = {}
        if other is not None:
            for key, mask in _with_keys(self.func(other)):
                known.setdefault(key, []).append(mask)
        for number, (key, mask) in enumerate(_with_keys(self.func(pop))):
            alike = known.setdefault(key, [])
            is_duplicate[number] = any(np.array_equal(mask, one) for one in alike)
            if other is None:
                alike.append(mask)
        return is_duplicate


def _with_keys(masks: np.ndarray) -> list[tuple[float, np.ndarray]]:
    """Masks with their sums, which are the same for equal ones and hardly ever for others."""
    values = np.asarray(masks, dtype=float)
    return list(zip(values.sum(axis=1).tolist(), values, strict=True))
