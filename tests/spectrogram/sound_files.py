"""Files of sound in every container and coding that libsndfile and FFmpeg write, each with a known tune."""

import io
from fractions import Fraction

import av
import numpy as np
import soundfile

SECONDS = 1.5
_PLANAR = {"i": "s16p", "f": "fltp"}


def tune(rate, seconds=SECONDS):
    """Notes of decaying harmonics under 1.6 kHz, other ones all the time, ``(samples,)`` within 0.5."""
    chance = np.random.default_rng(5)
    time = np.arange(int(seconds * rate)) / rate
    sound = np.zeros(len(time))
    for start in np.arange(0, seconds, 0.25):
        pitch = 200 * 2 ** (chance.integers(0, 12) / 12)
        after = time - start
        # Each note fades in, because a step has frequencies that no codec keeps.
        envelope = np.clip(after / 0.01, 0, 1) * np.exp(-6 * np.clip(after, 0, None))
        for harmonic in range(1, 5):
            sound += envelope * np.sin(2 * np.pi * pitch * harmonic * after) / harmonic
    return 0.5 * sound / np.abs(sound).max()


def by_sndfile(samples, rate, container, coding):
    """Encode samples ``(samples,)`` or ``(samples, channels)`` by libsndfile."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=container, subtype=coding)
    return file.getvalue()


def by_ffmpeg(samples, rate, container, codec, bit_rate=None, options=None, container_options=None):
    """Encode samples ``(n, channels)``, int16 or float32, by FFmpeg."""
    file = io.BytesIO()
    layout = {1: "mono", 2: "stereo"}[samples.shape[1]]
    with av.open(file, "w", format=container, options=container_options or {}) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout, options=options or {})
        context = stream.codec_context
        known = [known.name for known in context.codec.audio_formats or ()]
        # Not the first that the codec knows, which may have 8 bits.
        context.format = next((name for name in ("s16", "s16p", "fltp", "flt") if name in known), known[0])
        if bit_rate is not None:
            context.bit_rate = bit_rate
        context.open(strict=False)
        resampler = av.AudioResampler(context.format, layout, rate, context.frame_size or 1024)
        planar = np.ascontiguousarray(samples.T)
        frame = av.AudioFrame.from_ndarray(planar, format=_PLANAR[planar.dtype.kind], layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()
