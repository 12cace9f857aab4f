"""Notes that two transcriptions have in common."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

TOLERANCE_SECONDS = 0.05
"""Between onsets of the same note, as in MIREX."""


class Note(NamedTuple):
    """A note: onset in seconds, and pitch as in MIDI."""

    onset: float
    pitch: int


def common_notes(one: Sequence[Note], other: Sequence[Note]) -> int:
    """Count the notes of two transcriptions that can be paired, each with one of the same pitch.

    Taken in order of time, the earliest note within the tolerance is always a best partner.
    """
    waiting: dict[int, list[float]] = defaultdict(list)
    for note in sorted(other):
        waiting[note.pitch].append(note.onset)
    count = 0
    for note in sorted(one):
        onsets = waiting[note.pitch]
        while onsets and onsets[0] < note.onset - TOLERANCE_SECONDS:
            onsets.pop(0)
        if onsets and onsets[0] <= note.onset + TOLERANCE_SECONDS:
            onsets.pop(0)
            count += 1
    return count


def share_found(song: Sequence[Note], sound: Sequence[Note]) -> float:
    """Compute the share of the song's notes that are in a sound too."""
    return common_notes(song, sound) / len(song)


def f_measure(song: Sequence[Note], sound: Sequence[Note]) -> float:
    """Compute twice the common notes as a share of all notes of both: additional notes count too."""
    return 2 * common_notes(song, sound) / (len(song) + len(sound))
