"""Segments of long sounds, which are made apart and joined, so that memory has a limit."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from .._threads import side_by_side

_CELLS = 1 << 20
"""Bins times frames of a segment beside what it overlaps: half a minute with the default transform."""
_LEAST = 8
"""A segment is at least so many times as long as what it overlaps at one end, which is made twice."""
_WINDOWS_BESIDE = 64
"""Windows that a segment has on either side beside its own, so that neighbours agree at their joint."""


class Segment(NamedTuple):
    """A part of a sound: its frames, its samples, and the sample in front of which it is joined."""

    frames: slice
    samples: slice
    joint: int


def is_long(n_fft: int, hop_length: int, length: int) -> bool:
    """Tell whether a sound of ``length`` samples has several segments."""
    return len(list(segments(n_fft, hop_length, length))) > 1


def segments(n_fft: int, hop_length: int, length: int, cells: int = _CELLS) -> Iterator[Segment]:
    """Yield the segments of a sound of ``length`` samples, in order; they overlap around their joints.

    Args:
        n_fft: length of the transform in samples.
        hop_length: hop length in samples.
        length: of the sound in samples.
        cells: bins times frames of a segment, about.
    """
    frames, beside = 1 + length // hop_length, math.ceil(_WINDOWS_BESIDE * n_fft / hop_length)
    # A sound of up to two segments is made in one, without the work on what overlaps.
    most = max(cells // (n_fft // 2 + 1), _LEAST * beside)
    count = math.ceil(frames / most) if frames > 2 * most else 1
    own = math.ceil(frames / count)
    for number in range(count):
        first, end = max(0, number * own - beside), min(frames, (number + 1) * own + beside)
        last_sample = length if end == frames else (end - 1) * hop_length
        yield Segment(slice(first, end), slice(first * hop_length, last_sample), number * own * hop_length)


def in_segments(
    n_fft: int, hop_length: int, length: int, make: Callable[[Segment], Tensor], cells: int = _CELLS
) -> Tensor:
    """Make a sound ``(length,)`` of segments, side by side; each fades into the next within one window.

    Args:
        n_fft: length of the transform in samples.
        hop_length: hop length in samples.
        length: of the sound in samples.
        make: makes the samples of a segment.
        cells: see `segments`.
    """
    parts = list(segments(n_fft, hop_length, length, cells))
    sound: Tensor
    with side_by_side(len(parts)) as each:
        sound, *others = each(make, parts)
    half = n_fft // 2
    for segment, following in zip(parts[1:], others, strict=True):
        # Counted from the segment's own beginning.
        joint = segment.joint - segment.samples.start
        before, faded = sound[: segment.joint - half], sound[segment.joint - half : segment.joint + half]
        rise = torch.arange(1, n_fft + 1).to(sound) / (n_fft + 1)
        faded = faded.lerp(following[joint - half : joint + half], rise)
        sound = torch.cat([before, faded, following[joint + half :]])
    return sound
