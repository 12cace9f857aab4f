"""What a search can be asked for."""

from typing import Any

EFFORTS = {
    "quick": {"generations": 8, "population": 40, "steps": 40},
    "normal": {"generations": 30, "population": 100, "steps": 100},
    "thorough": {"generations": 120, "population": 100, "steps": 200},
}


def problem_options(
    preset: str, grid: str, axis: str, low: float, high: float, gamma: float, dynamic: float, invert: bool
) -> dict[str, Any]:
    """Options of `MOSSProblem`, as a run's record has them; zeros are left to the preset."""
    given = {"fmin": low, "fmax": high, "gamma": gamma, "dynamic_range_db": dynamic}
    return {
        "preset": preset,
        "grid": [int(count) for count in grid.split("x")],
        "frequency_axis": axis,
        "invert": invert,
        **{name: value for name, value in given.items() if value},
    }
