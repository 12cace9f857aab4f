"""Certificates of a study's problems, which are computed once and kept in its folder."""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pymoo.core.problem import Problem

from .._files import read_json, write_whole, writing_to
from ..bounds import FrontBounds, certify
from ..errors import ObjectiveError
from .facts import measured_box
from .file_names import unique_name
from .file_problem import AnyProblem

_FOLDER = "certificates"


def load_certificate(folder: Path, label: str, choice: AnyProblem, problem: Problem) -> FrontBounds | None:
    """Read the certificate of a problem; None if the folder has none, or a damaged one.

    Args:
        folder: folder of the study.
        label: the problem's label.
        choice: the problem's choice.
        problem: what the choice makes.
    """
    try:
        content = read_json(_path(folder, label, choice, problem))
        return _bounds(content)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def make_certificate(folder: Path, label: str, choice: AnyProblem, problem: Problem) -> FrontBounds | None:
    """Certify a problem and write the certificate; None if no bound is derived for it.

    The arguments are those of `load_certificate`.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        bounds = certify(problem)
    except ObjectiveError:
        return None
    path = _path(folder, label, choice, problem)
    content = {
        "problem": choice.describe(),
        "hypervolume_upper": bounds.hypervolume_upper,
        "looseness": bounds.looseness,
        "box": [corner.tolist() for corner in bounds.box],
        "weights": bounds.weights.tolist(),
        "lower_bounds": bounds.lower_bounds.tolist(),
        "corners": None if bounds.corners is None else bounds.corners.tolist(),
        "points": bounds.points.tolist(),
    }
    with writing_to(folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(content).encode())
    return bounds


def _path(folder: Path, label: str, choice: AnyProblem, problem: Problem) -> Path:
    """Return the certificate's path, whose name has a hash of what determines it.

    The box is part of that, because a user's function may make another problem than before.
    """
    whole = {
        "problem": [label, choice.describe()],
        "box": [corner.tolist() for corner in measured_box(problem)],
        "n_var": int(problem.n_var),
        "pymoo_moss": version("pymoo-moss"),
    }
    return folder / _FOLDER / f"{unique_name(label, whole)}.json"


def _bounds(content: dict[str, Any]) -> FrontBounds:
    weights, lower = (np.array(content[key], dtype=float) for key in ("weights", "lower_bounds"))
    low, high = np.array(content["box"], dtype=float)
    points = np.array(content["points"], dtype=float).reshape(-1, len(low))
    corners = None if content["corners"] is None else np.array(content["corners"], dtype=float)
    shapes = {one.shape[1:] for one in (weights, points, *([] if corners is None else [corners]))}
    if lower.shape != weights.shape[:1] or shapes != {low.shape}:
        raise ValueError("expected weights, points and a box of the same number of objectives")
    return FrontBounds(weights, lower, (low, high), points, corners)
