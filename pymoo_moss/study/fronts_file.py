"""Sets of points in moocore's text format: a line a point, an empty line between sets."""

import os
from collections.abc import Sequence

import moocore
import numpy as np

from .._files import write_whole
from ..errors import OutputError


def write_fronts(path: str | os.PathLike[str], fronts: Sequence[np.ndarray]) -> None:
    """Write fronts ``(n, n_obj)`` in moocore's text format, without loss of precision.

    Empty fronts, which the format cannot hold, are left out.

    Raises:
        OutputError: the file cannot be written.
    """
    sets = [
        "".join(" ".join(map(repr, point)) + "\n" for point in front.tolist())
        for front in fronts
        if len(front)
    ]
    try:
        write_whole(path, "\n".join(sets).encode("ascii"))
    except OSError as error:
        raise OutputError(f"cannot write '{path}' ({error.strerror})") from error


def read_fronts(path: str | os.PathLike[str]) -> list[np.ndarray]:
    """Read fronts in moocore's text format, as `write_fronts` writes them.

    Raises:
        OSError, ValueError: there is no such file, or it is not of that format.
    """
    points = moocore.read_datasets(os.fspath(path))
    return [points[points[:, -1] == number, :-1] for number in np.unique(points[:, -1])]
