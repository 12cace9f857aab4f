"""Reading of sounds as mono waveforms."""

import numpy as np
from torch import Tensor

from .array_sound import array_sound
from .sample_rates import resample
from .sound import Sound, mix_to_mono
from .sound_file import file_sound
from .sound_source import SoundFileSource

AudioSource = SoundFileSource | tuple[np.ndarray | Tensor, int]


def load_audio(source: AudioSource, sample_rate: int) -> Tensor:
    """Read a sound, mix its channels to one, and resample it; see `open_audio` and `mix_to_mono`.

    Returns:
        float32 waveform ``(samples,)`` on the CPU.
    """
    return waveform_of(open_audio(source), sample_rate)


def open_audio(source: AudioSource) -> Sound:
    """Make a sound of what a user gives.

    Args:
        source: path of a file of sound or video, its content as bytes, a binary file that is open for
            reading, see `file_sound`; or ``(waveform, sample_rate)``, see `array_sound`.

    Raises:
        AudioError: the file is missing or holds no sound, or the array is no waveform.

    Warns:
        UserWarning: the file holds several sounds.
    """
    return array_sound(source) if isinstance(source, tuple) else file_sound(source)


def waveform_of(sound: Sound, sample_rate: int) -> Tensor:
    """Decode a sound, mix its channels to one, and resample it to a rate in Hz; see `mix_to_mono`.

    Returns:
        float32 waveform ``(samples,)`` on the CPU.
    """
    waveform, source_rate = mix_to_mono(sound)
    return resample(waveform, source_rate, sample_rate)
