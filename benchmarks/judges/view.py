"""The spectrogram of a released file as viewers show it: linear frequencies, decibels, shades of grey."""

import numpy as np
from PIL import Image
from scipy.signal import stft

from .folder import Rectangle

RANGE_DB = 120.0
"""Decibels from white to black: the default of SoX, Spek and ffmpeg."""
_WINDOW_SECONDS = 0.05
"""Audacity's default window at 44.1 kHz, 2,048 samples."""
_CUT = 1.0
"""Percentage of the darkest and of the brightest points that become black and white."""


def view(samples: np.ndarray, rate: int, rectangle: Rectangle, shape: tuple[int, int]) -> np.ndarray:
    """Draw the part of a file in which the picture is.

    White is the loudest bin of that time at any frequency, before the contrast is stretched to the shades
    that the part has, as eyes do.

    Args:
        samples: ``(n,)`` mono.
        rate: of the samples in Hz.
        rectangle: the part.
        shape: rows and columns of the result.

    Returns:
        Brightness in [0, 1], row 0 the highest frequency.
    """
    window = 2 ** round(np.log2(_WINDOW_SECONDS * rate))
    first, last = (round(edge * rate) for edge in (rectangle.start, rectangle.stop))
    beside = min(first, window)  # so that windows at the edge see what comes before and after, as in viewers
    part = samples[first - beside : last + window]
    frequencies, times, spectrum = stft(part, rate, nperseg=window, noverlap=3 * window // 4)
    within = (times >= beside / rate) & (times <= (beside + last - first) / rate)
    magnitude = np.abs(spectrum[:, within])
    decibels = 20 * np.log10(np.maximum(magnitude, 1e-30) / max(magnitude.max(), 1e-30))
    band = decibels[(frequencies >= rectangle.low) & (frequencies <= rectangle.high)]
    levels = np.clip(1 + band / RANGE_DB, 0, 1)[::-1].astype(np.float32)
    return stretched(resized(levels, shape))


def resized(levels: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Bring levels to another number of rows and columns, averaged where there are fewer."""
    image = Image.fromarray(levels.astype(np.float32))
    return np.asarray(image.resize(shape[::-1], Image.Resampling.BILINEAR))


def stretched(levels: np.ndarray) -> np.ndarray:
    """Stretch levels so that all but the outermost ones fill [0, 1]."""
    low, high = np.percentile(levels, [_CUT, 100 - _CUT])
    return np.clip((levels - low) / max(high - low, 1e-9), 0, 1)
