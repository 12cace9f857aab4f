"""The critical-difference plot of mean ranks."""

import numpy as np
from matplotlib.axes import Axes

from .mean_ranks import FriedmanTest

_LINE = 0.4
"""Height between two labels."""


def plot_ranks(axes: Axes, test: FriedmanTest) -> None:
    """Plot mean ranks on a line, and join those that are not significantly different.

    As Demšar (2006): ranks from the best, on the left, to the worst; bars under the line join groups of
    `FriedmanTest.groups`, and the bar above it is as long as the critical difference.

    Args:
        axes: axes to draw on; their frame is removed.
        test: result of `friedman`.
    """
    ranks, names, groups = test.mean_ranks.to_numpy(), list(test.mean_ranks.index), test.groups()
    left, right = np.floor(ranks[0]), np.ceil(ranks[-1])
    margin = 0.04 * (right - left)
    axes.plot([left, right], [0, 0], color="black", linewidth=1)
    for tick in range(int(left), int(right) + 1):
        axes.plot([tick, tick], [0, 0.12], color="black", linewidth=1)
        axes.text(tick, 0.2, str(tick), ha="center", va="bottom", fontsize="small")
    axes.plot([left, left + test.critical_difference], [0.9, 0.9], color="black", linewidth=2)
    axes.text(
        left + test.critical_difference / 2,
        1,
        f"critical difference {test.critical_difference:.2f}",
        ha="center",
        va="bottom",
        fontsize="small",
    )
    for number, group in enumerate(groups, start=1):
        ends = [ranks[names.index(group[0])] - margin / 4, ranks[names.index(group[-1])] + margin / 4]
        axes.plot(ends, [-0.13 * number] * 2, color="black", linewidth=2.5, solid_capstyle="butt")
    first = -0.13 * (len(groups) + 1) - _LINE
    half = (len(names) + 1) // 2
    for index, (rank, name) in enumerate(zip(ranks, names, strict=True)):
        on_left = index < half
        row = index if on_left else len(names) - 1 - index
        height, end = first - _LINE * row, left - margin if on_left else right + margin
        axes.plot([rank, rank, end], [0, height, height], color="black", linewidth=0.6)
        label = f"{name} ({rank:.1f}) " if on_left else f" {name} ({rank:.1f})"
        axes.text(
            end,
            height,
            label,
            ha="right" if on_left else "left",
            va="center",
            parse_math=False,
            fontsize="small",
        )
    axes.set(ylim=(first - _LINE * half, 1.5))
    axes.set_axis_off()
