"""The short-time Fourier transform of an encoder: its sample rate, its window and its hop length."""

from typing import NamedTuple

from scipy.fft import next_fast_len

from .._checks import whole_number
from ..errors import OptionError

_RATES = (1_000, 192_000)
"""Least and greatest sample rate in Hz that sounds are worked on at."""
_WINDOWS = (32, 65_536)
"""Least and greatest window in samples."""
_WINDOW_SECONDS = 0.064
"""Length of the default window: 1,024 samples at 16 kHz."""
_HOPS_PER_WINDOW = 4


class Transform(NamedTuple):
    """A short-time Fourier transform.

    Attributes:
        sample_rate: of the sound in Hz.
        n_fft: window in samples, even.
        hop_length: hop in samples.
    """

    sample_rate: int
    n_fft: int
    hop_length: int


def chosen_transform(
    sample_rate: int | None, n_fft: int | None, hop_length: int | None, own_rate: int
) -> Transform:
    """Choose what of a transform is not given.

    Args:
        sample_rate: in Hz; None for the sound's own, within 1 to 192 kHz.
        n_fft: window in samples; None for 64 ms, 1,024 samples at 16 kHz, or a little more where the fast
            transform prefers it.
        hop_length: hop in samples; None for a quarter of the window.
        own_rate: the sound's own sample rate in Hz.
    """
    rate = min(max(own_rate, _RATES[0]), _RATES[1]) if sample_rate is None else sample_rate
    if n_fft is None:
        quarter = max(1, round(_WINDOW_SECONDS * rate / _HOPS_PER_WINDOW))
        n_fft = max(_HOPS_PER_WINDOW * next_fast_len(quarter, real=True), _WINDOWS[0])
    return Transform(rate, n_fft, max(1, n_fft // _HOPS_PER_WINDOW) if hop_length is None else hop_length)


def check_transform(sample_rate: int | None, n_fft: int | None, hop_length: int | None) -> None:
    """Make sure that the given parts of a transform are within their ranges; None is left to be chosen.

    Raises:
        OptionError: one of them is not.
    """
    for name, value in (("sample_rate", sample_rate), ("n_fft", n_fft), ("hop_length", hop_length)):
        if value is not None:
            whole_number(name, value, least=1)
    if sample_rate is not None and not _RATES[0] <= sample_rate <= _RATES[1]:
        raise OptionError(f"expected sample_rate of {_RATES[0]} to {_RATES[1]} Hz, got {sample_rate}")
    if n_fft is not None and (not _WINDOWS[0] <= n_fft <= _WINDOWS[1] or n_fft % 2):
        raise OptionError(
            f"expected n_fft as an even number of {_WINDOWS[0]} to {_WINDOWS[1]} samples, got {n_fft}"
        )
    if n_fft is not None and hop_length is not None and hop_length > n_fft // 2:
        raise OptionError(
            f"expected hop_length of 1 to {n_fft // 2} samples, half of n_fft, got {hop_length}"
        )
