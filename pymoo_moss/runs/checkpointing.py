"""The checkpoints of a run in its folder: when they are written, and from which of them a run is resumed."""

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymoo.core.algorithm import Algorithm

from ..errors import CheckpointError, CheckpointWarning, MossError, OptionError
from ..search.checkpoint_file import load_checkpoint, read_facts, save_checkpoint
from .folder import CHECKPOINTS, INPUTS, remove
from .inputs import copy_inputs
from .settings import RunFacts

_KEPT = 2
"""Number of newest checkpoints to keep; if one is damaged, the one before is used."""
_BEFORE_THE_FIRST = "generation-000000.npz"
"""Name of the checkpoint from before the first generation, which holds the facts alone."""


@dataclass(frozen=True)
class Checkpoints:
    """When a run writes a checkpoint: at the end of the generation that reaches either limit.

    Attributes:
        every: generations since the last checkpoint, 1 or more.
        seconds: seconds since the last checkpoint, 0 or more. A kill loses at most these and one generation.
        clock: returns the time in seconds.

    Raises:
        OptionError: a limit is out of its range.
    """

    every: int = 10
    seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        whole = isinstance(self.every, int) and not isinstance(self.every, bool)
        # The comparison is false for NaN too.
        if not (whole and self.every >= 1 and isinstance(self.seconds, int | float) and self.seconds >= 0):
            raise OptionError(
                "expected checkpoints every 1 generation or more and 0 seconds or more, got "
                f"every={self.every} and seconds={self.seconds}"
            )


class CheckpointWriter:
    """Writes a run's checkpoints.

    Args:
        folder: of the run.
        facts: what the run is rebuilt from; every checkpoint holds them.
        when: when a checkpoint is written.
    """

    def __init__(self, folder: Path, facts: RunFacts, when: Checkpoints) -> None:
        self._folder, self._facts, self._when = folder / CHECKPOINTS, facts.to_json(), when
        self._saved_generation, self._saved_at = 0, when.clock()

    def begin(self, inputs: Mapping[str, Path]) -> None:
        """Remove earlier checkpoints, copy the run's inputs, and write the facts.

        Raises:
            CheckpointError: the folder cannot be written.
        """
        try:
            remove(self._folder)
            copy_inputs(self._folder / INPUTS, inputs)
        except OSError as error:
            raise CheckpointError(
                f"cannot write to '{self._folder}' ({error.strerror}): free space or choose another folder"
            ) from error
        self._write(0, None)

    def after_generation(self, algorithm: Algorithm) -> None:
        """Write a checkpoint if one is due; warn if it cannot be written."""
        generation = len(algorithm.callback.generations)
        since, when = generation - self._saved_generation, self._when
        if since > 0 and (since >= when.every or when.clock() - self._saved_at >= when.seconds):
            self.save(algorithm)

    def save(self, algorithm: Algorithm) -> None:
        """Write a checkpoint now; warn if it cannot be written, and let the run continue."""
        generation = len(algorithm.callback.generations)
        self._saved_generation, self._saved_at = generation, self._when.clock()
        try:
            self._write(generation, algorithm if generation else None)
        except CheckpointError as error:
            warnings.warn(f"{error}; the run continues without it", CheckpointWarning, stacklevel=2)

    def _write(self, generation: int, algorithm: Algorithm | None) -> None:
        save_checkpoint(self._folder / f"generation-{generation:06d}.npz", algorithm, self._facts)
        # The oldest, from before the first generation, is kept: the run can always be repeated from there.
        for path in _newest_first(self._folder)[_KEPT:-1]:
            path.unlink(missing_ok=True)


def load_newest_checkpoint(folder: Path, make: Callable[[RunFacts], Algorithm]) -> tuple[RunFacts, Algorithm]:
    """Load the newest checkpoint of a run that is not damaged; warn about each one that is.

    Args:
        folder: of the run.
        make: makes the run's algorithm from the facts and sets it up.

    Returns:
        The facts, and the algorithm in the state of the checkpoint.

    Raises:
        CheckpointError: there is no such checkpoint.
    """
    refused: list[Path] = []
    for path in _newest_first(folder / CHECKPOINTS):
        try:
            facts, algorithm = _rebuild(path, read_facts(path), make)
            if path.name != _BEFORE_THE_FIRST:
                load_checkpoint(path, algorithm)
            # Delete the damaged checkpoints: they sort after the ones that will be written from here.
            for other in refused:
                other.unlink(missing_ok=True)
            return facts, algorithm
        except CheckpointError as error:
            refused.append(path)
            warnings.warn(f"{error}; resuming from the one before", CheckpointWarning, stacklevel=2)
    raise CheckpointError(f"'{folder}' holds no checkpoint from which a run can be resumed")


def _rebuild(
    path: Path, stored: dict[str, Any], make: Callable[[RunFacts], Algorithm]
) -> tuple[RunFacts, Algorithm]:
    try:
        facts = RunFacts.from_json(stored)
        return facts, make(facts)
    except MossError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as error:
        raise CheckpointError(f"the checkpoint '{path}' is damaged: {error!r} in its facts") from error


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("generation-*.npz"), reverse=True)
