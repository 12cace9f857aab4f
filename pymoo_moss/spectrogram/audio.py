"""Reading of sounds as mono waveforms."""

import numpy as np
from torch import Tensor

from .array_sound import array_sound
from .sample_rates import resample
from .sound import mix_to_mono
from .sound_file import SoundFileSource, file_sound

AudioSource = SoundFileSource | tuple[np.ndarray | Tensor, int]


def load_audio(source: AudioSource, sample_rate: int) -> Tensor:
    """Read a sound, mix its channels to one, and resample it.

    Args:
        source: path of a file of sound or video, its content as bytes, a binary file that is open for
            reading, see `file_sound`; or ``(waveform, sample_rate)``, see `array_sound`.
        sample_rate: samples per second of the result.

    Returns:
        float32 waveform ``(samples,)`` on the CPU.

    Raises:
        AudioError: the file is missing or holds no sound, or the sound is empty, silent, not finite, longer
            than an hour, or its sample rate is outside 1 to 768 kHz.

    Warns:
        UserWarning: the file holds several sounds, or another length than it declares; or the channels of the
            sound cancel each other.
    """
    sound = array_sound(source) if isinstance(source, tuple) else file_sound(source)
    waveform, source_rate = mix_to_mono(sound)
    return resample(waveform, source_rate, sample_rate)
