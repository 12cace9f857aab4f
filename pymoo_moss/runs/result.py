"""`SearchResult`: what a search found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ObjectiveError, OptionError, unknown_name
from ..problem import MOSSProblem
from ..search import FrontRecorder
from .selection import clear_pick, display_box, distances_along, evenly_along, three_picks
from .sound import SoundExporter


@dataclass(frozen=True)
class SearchResult:
    """A finished search.

    Attributes:
        problem: the problem that was searched.
        X: ``(n, n_var)`` masks of the front, ordered from best picture to best sound.
        F: ``(n, n_obj)`` their objective values.
        recorder: the values during the search, seeding included.
        sweep: ``(101, n_obj)`` values of constant masks, a front that takes no search.
        n_eval: counted evaluations, seeding included.
        seconds: wall time of the search.
        stopped: whether it was stopped before its termination.
        settings: what it was called with, as JSON; see `RunSettings`.
        inputs: the files ``image`` and ``audio`` that the problem was made from, if a folder has them.
    """

    problem: MOSSProblem
    X: np.ndarray
    F: np.ndarray
    recorder: FrontRecorder
    sweep: np.ndarray
    n_eval: int
    seconds: float
    stopped: bool
    settings: dict[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Path] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[int, int]:
        """Columns of F of the objectives that stand for the picture and for the sound."""
        return self.problem.picture_and_sound

    @cached_property
    def box(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners ``(n_obj,)`` of the box by which objectives are scaled; see `display_box`."""
        return display_box(self.problem, self.F)

    @cached_property
    def picks(self) -> dict[str, int]:
        """Indices of ``"clear"``, ``"best visual"``, ``"balanced"`` and ``"best audio"``.

        See `clear_pick` and `three_picks`.
        """
        where = (self.F, *self.box, *self.columns)
        picture, sound = (self.problem.objectives[column] for column in self.columns)
        unnoticed = sound.unnoticed
        if unnoticed is not None:
            unnoticed /= self.problem.scale[self.columns[1]]
        clear = clear_pick(*where, recognised=picture.recognised, unnoticed=unnoticed)
        return {"clear": clear, **three_picks(*where)}

    @cached_property
    def along(self) -> np.ndarray:
        """Cumulative distance ``(n,)`` of the solutions along the front; see `distances_along`."""
        return distances_along(self.F, *self.box)

    def evenly(self, count: int) -> list[int]:
        """Select at most ``count`` solutions at even distances along the front, both ends included.

        Returns:
            Their indices, in order from best picture to best sound; see `evenly_along`.
        """
        return evenly_along(self.F, count, *self.box, self.columns[0])

    def pick(self, which: str | int | float) -> int:
        """Find the index of a solution.

        Args:
            which: ``"clear"``, ``"best visual"``, ``"balanced"`` or ``"best audio"``; or the weight of the
                picture's objective, a float from 0 to 1, against the sound's, both as shares of their
                range; or an index, negative ones from the end.

        Raises:
            OptionError: there is no such solution.
        """
        if isinstance(which, str):
            if which not in self.picks:
                raise unknown_name("pick", which, self.picks)
            return self.picks[which]
        if isinstance(which, int | np.integer) and not isinstance(which, bool):
            if not -len(self.F) <= which < len(self.F):
                raise OptionError(f"expected an index of {len(self.F)} solutions, got {which}")
            return int(which) % len(self.F)
        if not (isinstance(which, float | np.floating) and 0.0 <= which <= 1.0):
            raise OptionError(f"expected a name, an index or a weight from 0.0 to 1.0, got {which!r}")
        low, high = self.box
        scaled = (self.F - low) / np.where(high > low, high - low, 1.0)
        picture, sound = self.columns
        return int((which * scaled[:, picture] + (1.0 - which) * scaled[:, sound]).argmin())

    @cached_property
    def exporter(self) -> SoundExporter:
        """Makes the sounds of the solutions."""
        return SoundExporter(self.problem)

    @property
    def hypervolume(self) -> float:
        """Normalised hypervolume of the front; NaN if the problem has no box to measure it in."""
        return self._hypervolume(self.F)

    @property
    def sweep_hypervolume(self) -> float:
        """Normalised hypervolume of the constant masks, likewise."""
        return self._hypervolume(self.sweep)

    def _hypervolume(self, F: np.ndarray) -> float:
        try:
            return self.problem.hypervolume(F)
        except ObjectiveError:
            return float("nan")
