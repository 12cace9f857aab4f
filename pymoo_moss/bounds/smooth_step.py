"""Steps of coordinate descent on separable functions with the roughness of the grid, as compiled loops."""

import numpy as np

from .._compiling import compiled


@compiled
def smooth_step(
    y: np.ndarray, pull: np.ndarray, cost: np.ndarray, stiffness: float, columns: int, sweeps: int
) -> None:
    """Minimise ``sum(cost * y - pull * log(y)) + stiffness * sum((y_i - y_k)^2)``, i and k being neighbours.

    The variables are visited one by one, back and forth, and each takes its best value in [0, 1]. With a pull
    of 0 throughout this is a quadratic programme with bounds.

    Args:
        y: ``(n_var,)`` to start from; is overwritten.
        pull: ``(n_var,)``, not negative.
        cost: ``(n_var,)``.
        stiffness: not negative.
        columns: of the grid.
        sweeps: visits of all variables.
    """
    count = len(y)
    rows = count // columns
    for sweep in range(sweeps):
        for number in range(count):
            variable = number if sweep % 2 == 0 else count - 1 - number
            row, column = variable // columns, variable % columns
            total, degree = 0.0, 0
            if row > 0:
                total += y[variable - columns]
                degree += 1
            if row < rows - 1:
                total += y[variable + columns]
                degree += 1
            if column > 0:
                total += y[variable - 1]
                degree += 1
            if column < columns - 1:
                total += y[variable + 1]
                degree += 1
            # The derivative, times y, is a quadratic function: curved * y^2 + slope * y - pull.
            curved = 2.0 * stiffness * degree
            slope = cost[variable] - 2.0 * stiffness * total
            root = np.sqrt(slope * slope + 4.0 * curved * pull[variable])
            best = 1.0
            if slope > 0.0:
                best = 2.0 * pull[variable] / (slope + root)
            elif curved > 0.0:
                best = (root - slope) / (2.0 * curved)
            y[variable] = min(best, 1.0)
