"""Evaluations that runs need to reach targets, and their expectation."""

import numpy as np


def first_hits(costs: np.ndarray, values: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Find what a run had spent when it first reached each target.

    Args:
        costs: ``(records,)`` rising, such as counted evaluations or seconds.
        values: ``(records,)`` of which more is better, such as hypervolume.
        targets: ``(n,)`` values to reach.

    Returns:
        ``(n,)`` costs of the first record with at least the target's value; infinite if there is none.
    """
    best = np.maximum.accumulate(np.asarray(values, dtype=float))
    index = np.searchsorted(best, targets, side="left")
    return np.asarray(np.r_[np.asarray(costs, dtype=float), np.inf][index])


def expected_running_time(hits: np.ndarray, limits: np.ndarray) -> float:
    """Estimate the expected cost to reach a target, if runs that miss it are restarted.

    All that was spent until the target was reached or the run ended, divided by the number of runs that
    reached it (Hansen, Auger, Ros, Mersmann, Tušar and Brockhoff 2021, COCO: equation 4).

    Args:
        hits: ``(runs,)`` costs at which runs reached the target; infinite where they did not.
        limits: ``(runs,)`` costs at which runs ended.

    Returns:
        Infinite if no run reached the target.
    """
    reached = np.isfinite(hits)
    if not reached.any():
        return float(np.inf)
    return float(np.where(reached, hits, limits).sum() / reached.sum())
