"""Range of gradients: how differently variables, and objectives, act on the losses."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class GradientRange:
    """Ranges of the gradients of losses in units of their extent, over a set of masks.

    Attributes:
        of_variables: ``(n_obj,)`` greatest over least absolute derivative that is not 0, over all variables;
            median over the masks.
        flat: ``(n_obj,)`` share of derivatives that are 0.
        balance: length of the first objective's gradient over the last one's; median over the masks.
        balance_range: greatest over least balance of the masks.
        cosine: of the angle between both gradients, -1 where they are opposed; median over the masks.
    """

    of_variables: tuple[float, ...]
    flat: tuple[float, ...]
    balance: float
    balance_range: float
    cosine: float


def gradient_range(gradients: np.ndarray) -> GradientRange:
    """Measure the range of gradients ``(n, n_obj, n_var)``.

    The range of an objective whose gradients are all 0 is NaN, and so are the balance's and the cosine.
    """
    sizes = np.abs(gradients)
    least = np.where(sizes > 0, sizes, np.inf).min(axis=2)
    lengths = np.linalg.norm(gradients, axis=2)
    first, last = lengths[:, 0], lengths[:, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ranges = np.where(np.isfinite(least), sizes.max(axis=2) / least, np.nan)
        balance = first / last
        balance_range = balance.max() / balance.min()
        cosine = (gradients[:, 0] * gradients[:, -1]).sum(axis=1) / (first * last)
    return GradientRange(
        of_variables=tuple(float(one) for one in np.median(ranges, axis=0)),
        flat=tuple(float(one) for one in (sizes == 0).mean(axis=(0, 2))),
        balance=float(np.median(balance)),
        balance_range=float(balance_range),
        cosine=float(np.median(cosine)),
    )
