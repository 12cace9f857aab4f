"""Sounds given as arrays."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import Tensor

from ..errors import AudioError
from .sound import PIECE, Piece, Sound
from .tensors import tensor_as_array

_LABEL = "the audio array"
_MOST_CHANNELS = 64


def array_sound(source: tuple[Any, int]) -> Sound:
    """Make a sound of ``(waveform, sample_rate)``.

    Args:
        source: the waveform is an array or tensor ``(samples,)``, ``(channels, samples)`` or
            ``(samples, channels)``, of any byte order and layout: floating-point with full scale at 1, or
            integers of 8, 16 or 32 bits with their own full scale, unsigned ones of 8 bits around 128.

    Raises:
        AudioError: it is something else.
    """
    if len(source) != 2:
        raise AudioError(f"expected (waveform, sample_rate), got a tuple of {len(source)}")
    array, rate = source
    samples = _samples(array)

    def pieces() -> Iterator[Piece]:
        step = max(PIECE // samples.shape[1], 1)
        for start in range(0, len(samples), step):
            yield Piece(_at_full_scale(samples[start : start + step]), rate)

    return Sound(_LABEL, pieces)


def _samples(array: Any) -> np.ndarray:
    """Return ``(samples, channels)`` in the array's own numbers."""
    try:
        waveform = tensor_as_array(array) if isinstance(array, Tensor) else np.asarray(array)
    except (TypeError, ValueError, RuntimeError) as error:
        raise AudioError(f"expected a waveform array, got {type(array).__name__} ({error})") from error
    if np.ma.is_masked(array):
        raise AudioError("expected a waveform without masked samples: fill them, array.filled(0) for example")
    kind = (waveform.dtype.kind, waveform.dtype.itemsize)
    if waveform.ndim not in (1, 2) or not (
        kind[0] == "f" or kind in (("i", 1), ("i", 2), ("i", 4), ("u", 1))
    ):
        raise AudioError(
            "expected a waveform (samples,) or (channels, samples), floating-point with full scale at 1 or "
            f"integers of 8 to 32 bits, got {waveform.dtype} of shape {waveform.shape}"
        )
    if waveform.size == 0:
        return np.zeros((0, 1), np.float32)
    if waveform.ndim == 1:
        return waveform[:, None]
    # The longer side is time; as many samples as channels would be a click.
    samples = waveform.T if waveform.shape[0] <= waveform.shape[1] else waveform
    if samples.shape[1] > _MOST_CHANNELS:
        raise AudioError(
            f"expected at most {_MOST_CHANNELS} channels, got a waveform of shape {waveform.shape}"
        )
    return samples


def _at_full_scale(samples: np.ndarray) -> np.ndarray:
    if samples.dtype.kind == "f":
        return np.ascontiguousarray(samples, dtype=np.float32)
    full_scale = np.float32(2 ** (8 * samples.dtype.itemsize - 1))
    centre = full_scale if samples.dtype.kind == "u" else np.float32(0)
    return np.ascontiguousarray((samples.astype(np.float64) - centre) / full_scale, dtype=np.float32)
