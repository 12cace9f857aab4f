"""Losses and gradients in units of the box from ideal to reference point."""

import numpy as np

from ...problem import MOSSProblem


def unit_losses(problem: MOSSProblem, X: np.ndarray) -> np.ndarray:
    """Evaluate masks ``(n, n_var)``: losses ``(n, n_obj)``, 0 at the ideal and 1 at the reference point."""
    return in_unit_box(problem, problem.evaluate(X, return_values_of=["F"]))


def unit_slopes(problem: MOSSProblem, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate masks ``(n, n_var)``: losses as `unit_losses`, and their gradients ``(n, n_obj, n_var)``."""
    F, dF = problem.evaluate(X, return_values_of=["F", "dF"])
    low, ref = problem.hypervolume_box
    return in_unit_box(problem, F), dF / (ref - low)[:, None]


def in_unit_box(problem: MOSSProblem, F: np.ndarray) -> np.ndarray:
    """Convert values ``(n, n_obj)`` from the units of F."""
    low, ref = problem.hypervolume_box
    return np.asarray((F - low) / (ref - low))
