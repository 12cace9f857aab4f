"""The checkpoints of a run in its folder: when they are written, and which of them can be gone on from."""

import shutil
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymoo.core.algorithm import Algorithm

from ..errors import CheckpointError, CheckpointWarning, MossError, OptionError
from ..search.checkpoint import load_checkpoint, read_facts, save_checkpoint
from .folder import CHECKPOINTS, INPUTS, remove

_KEPT = 2
"""Newest checkpoints that stay; a damaged one can be replaced by the one before."""
_BEFORE_THE_FIRST = "generation-000000.npz"


@dataclass(frozen=True)
class Checkpoints:
    """When a run writes a checkpoint: at the end of the generation that reaches either limit.

    Attributes:
        every: generations since the last checkpoint, 1 or more.
        seconds: time since the last checkpoint, 0 or more. What a kill can lose is this and one generation.
        clock: tells the time in seconds.

    Raises:
        OptionError: a limit is out of its range.
    """

    every: int = 10
    seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        whole = isinstance(self.every, int) and not isinstance(self.every, bool)
        # Written so that NaN fails it too.
        if not (whole and self.every >= 1 and isinstance(self.seconds, int | float) and self.seconds >= 0):
            raise OptionError(
                "expected checkpoints every 1 generation or more and 0 seconds or more, got "
                f"every={self.every} and seconds={self.seconds}"
            )


class CheckpointWriter:
    """Writes a run's checkpoints.

    Args:
        folder: of the run.
        facts: what the run can be made again from; every checkpoint has them.
        when: when a checkpoint is written.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any], when: Checkpoints) -> None:
        self._folder, self._facts, self._when = folder / CHECKPOINTS, facts, when
        self._saved_generation, self._saved_at = 0, when.clock()

    def begin(self, inputs: Mapping[str, Path]) -> None:
        """Make room, keep copies of the run's inputs, and write the facts.

        Raises:
            CheckpointError: the folder cannot be written.
        """
        try:
            remove(self._folder)
            if inputs:
                (self._folder / INPUTS).mkdir(parents=True)
            for kind, path in inputs.items():
                shutil.copyfile(path, self._folder / INPUTS / self._facts["settings"]["inputs"][kind])
        except OSError as error:
            raise CheckpointError(
                f"cannot write to '{self._folder}' ({error.strerror}): free space or choose another folder"
            ) from error
        self._write(0, None)

    def after_generation(self, algorithm: Algorithm) -> None:
        """Write a checkpoint where it is time for one; a warning says if it cannot be written."""
        generation = len(algorithm.callback.generations)
        since, when = generation - self._saved_generation, self._when
        if since > 0 and (since >= when.every or when.clock() - self._saved_at >= when.seconds):
            self.save(algorithm)

    def save(self, algorithm: Algorithm) -> None:
        """Write a checkpoint now; a warning says if it cannot be written, and the run goes on."""
        generation = len(algorithm.callback.generations)
        self._saved_generation, self._saved_at = generation, self._when.clock()
        try:
            self._write(generation, algorithm if generation else None)
        except CheckpointError as error:
            warnings.warn(f"{error}; the run goes on without", CheckpointWarning, stacklevel=2)

    def _write(self, generation: int, algorithm: Algorithm | None) -> None:
        save_checkpoint(self._folder / f"generation-{generation:06d}.npz", algorithm, self._facts)
        # The one from before the first generation stays: it can always be begun again from there.
        for path in _newest_first(self._folder)[_KEPT:-1]:
            path.unlink(missing_ok=True)


def newest(folder: Path, make: Callable[[dict[str, Any]], Algorithm]) -> tuple[dict[str, Any], Algorithm]:
    """The facts of a run, and its algorithm at the newest checkpoint from which it can go on.

    A warning names every checkpoint that is damaged.

    Args:
        folder: of the run.
        make: makes and sets up the run's algorithm from the facts.

    Raises:
        CheckpointError: there is no such checkpoint.
    """
    refused: list[Path] = []
    for path in _newest_first(folder / CHECKPOINTS):
        try:
            facts = read_facts(path)
            algorithm = _made(path, facts, make)
            if path.name != _BEFORE_THE_FIRST:
                load_checkpoint(path, algorithm)
            # What comes from here on would be older than they are by name.
            for other in refused:
                other.unlink(missing_ok=True)
            return facts, algorithm
        except CheckpointError as error:
            refused.append(path)
            warnings.warn(f"{error}; going on from the one before", CheckpointWarning, stacklevel=2)
    raise CheckpointError(f"'{folder}' holds no checkpoint from which a run can go on")


def _made(path: Path, facts: dict[str, Any], make: Callable[[dict[str, Any]], Algorithm]) -> Algorithm:
    try:
        return make(facts)
    except MossError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError) as error:
        raise CheckpointError(f"the checkpoint '{path}' has damaged facts: {error!r}") from error


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("generation-*.npz"), reverse=True)
