"""Save the state of an algorithm to a file, and load it. No pickle is written or loaded."""

import io
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pymoo.core.algorithm import Algorithm

from .._files import parse_json, read_npz, write_whole
from ..errors import CheckpointError
from .algorithm_state import AlgorithmState, capture, restore

_FORMAT = 1
_HEAD = "head"


def save_checkpoint(
    path: str | os.PathLike[str],
    algorithm: Algorithm | None,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write the state of an algorithm to an ``.npz`` file, whole or not at all.

    The file holds the population and everything else that the rest of the run depends on: random numbers,
    counted evaluations, callbacks, termination. Its size is 8 bytes per variable of every mask in the
    population and among the last offspring.

    Args:
        path: path of the file; an older one is replaced. Its folder is created if necessary.
        algorithm: an algorithm that was set up, between two generations; None for the facts alone.
        facts: any JSON object; `read_facts` returns it.

    Raises:
        CheckpointError: the file cannot be written, or the algorithm holds something that cannot be saved.
    """
    path = Path(path)
    state = None if algorithm is None else capture(algorithm)
    blocks, places = _blocks([] if state is None else state.arrays)
    head = {
        "format": _FORMAT,
        "facts": dict(facts),
        "elapsed": _elapsed(algorithm),
        "places": places,
        "tree": None if state is None else state.tree,
    }
    content = io.BytesIO()
    members: dict[str, Any] = {f"block_{number}": block for number, block in enumerate(blocks)}
    members[_HEAD] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    np.savez(content, **members)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.getbuffer())
    except OSError as error:
        raise CheckpointError(f"cannot write the checkpoint '{path}': {error.strerror or error}") from error


def load_checkpoint(path: str | os.PathLike[str], algorithm: Algorithm) -> None:
    """Load the state of an algorithm; it continues bit for bit as the one that was saved.

    Elapsed time continues to count. For another termination, set ``algorithm.termination`` afterwards: pymoo
    ignores one that is passed to ``minimize`` with an algorithm that was set up.

    Args:
        path: path of the file that `save_checkpoint` wrote.
        algorithm: made and set up with the same arguments as the one that was saved, before its first
            generation.

    Raises:
        CheckpointError: the file cannot be read, is damaged, or belongs to another algorithm. The algorithm
            cannot be used afterwards.
    """
    head, arrays = _read(Path(path))
    try:
        if head["tree"] is None:
            raise CheckpointError(f"the checkpoint '{path}' is from before the first generation")
        state = AlgorithmState(head["tree"], [arrays[f"block_{block}"][row] for block, row in head["places"]])
        elapsed = float(head["elapsed"])
        if not 0 <= elapsed < float("inf"):
            raise ValueError(f"{elapsed} seconds since the beginning")
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise CheckpointError(f"the checkpoint '{path}' is damaged: {error!r}") from error
    restore(algorithm, state)
    for one in (algorithm, getattr(algorithm, "algorithm", None)):
        if isinstance(one, Algorithm):
            one.start_time = time.time() - elapsed


def read_facts(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the facts that a checkpoint was written with.

    Raises:
        CheckpointError: the file cannot be read, or is damaged.
    """
    head, _ = _read(Path(path))
    if not isinstance(head.get("facts"), dict):
        raise CheckpointError(f"the checkpoint '{path}' is damaged: it has no facts")
    facts: dict[str, Any] = head["facts"]
    return facts


def _elapsed(algorithm: Algorithm | None) -> float:
    """Return the seconds since a run began."""
    started = getattr(algorithm, "start_time", None)
    return 0.0 if started is None else time.time() - started


def _blocks(arrays: list[np.ndarray]) -> tuple[list[np.ndarray], list[tuple[int, int]]]:
    """Stack arrays of equal type and shape; also return each array's block and row."""
    stacks: dict[tuple[str, tuple[int, ...]], list[np.ndarray]] = {}
    numbers: dict[tuple[str, tuple[int, ...]], int] = {}
    places = []
    for array in arrays:
        key = array.dtype.str, array.shape
        stack = stacks.setdefault(key, [])
        places.append((numbers.setdefault(key, len(numbers)), len(stack)))
        stack.append(array)
    return [np.stack(stack) for stack in stacks.values()], places


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read head and arrays."""
    try:
        members = read_npz(path)
        head = parse_json(members.pop(_HEAD).tobytes())
        if head["format"] != _FORMAT:
            raise CheckpointError(
                f"the checkpoint '{path}' has format {head['format']!r}, this version of pymoo-moss reads "
                f"{_FORMAT}: resume with the version that wrote it"
            )
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no checkpoint '{path}'") from error
    except (LookupError, TypeError, ValueError) as error:
        raise CheckpointError(f"the checkpoint '{path}' is damaged: {error!r}") from error
    return head, members
