"""Agreement of losses and judges: Spearman's rank correlation, signed so that 1 is perfect agreement."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.stats import rankdata

LEAST_POINTS = 4
"""That a correlation is computed from."""

Values = Mapping[str, float | None]


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Compute Spearman's rank correlation in [-1, 1]; equal values share the mean of their ranks.

    Returns:
        The correlation; None for too few points, or where one of the two is constant.
    """
    if len(one) < LEAST_POINTS:
        return None
    ranks, others = rankdata(one), rankdata(other)
    if np.ptp(ranks) == 0 or np.ptp(others) == 0:
        return None
    return float(np.corrcoef(ranks, others)[0, 1])


def agreement(
    points: Sequence[tuple[Values, Values]], loss: str, judge: str, more_is_better: bool
) -> float | None:
    """Compute how far a loss ranks points as a judge does: 1 where it falls whenever the judge is happier.

    Args:
        points: losses and opinions of every point; those that lack one of the two are left out.
        loss: name of the loss.
        judge: name of the judge.
        more_is_better: whether the judge is happier with a higher number.
    """
    known = [
        (losses[loss], said[judge])
        for losses, said in points
        if losses.get(loss) is not None and said.get(judge) is not None
    ]
    found = rank_correlation([one for one, _ in known], [one for _, one in known])
    return None if found is None else (-found if more_is_better else found)


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
