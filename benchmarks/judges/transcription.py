"""Notes of a sound, as basic-pitch's ONNX model hears them."""

import contextlib
import io
import logging
import tempfile
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import soundfile

from .listening import RATE
from .note_matching import Note

logging.getLogger().setLevel(logging.ERROR)  # it names the frameworks that are not installed, on import

import basic_pitch  # noqa: E402
from basic_pitch.inference import Model, predict  # noqa: E402


def transcribed(sound: np.ndarray) -> list[Note]:
    """Return the notes of samples ``(n,)`` at `RATE`; kept for the next judge of the same sound."""
    return _transcribed(sound.astype(np.float32).tobytes())


@lru_cache(maxsize=4)
def _transcribed(content: bytes) -> list[Note]:
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        path = Path(folder) / "sound.wav"
        soundfile.write(path, np.frombuffer(content, np.float32), RATE, subtype="FLOAT")
        events = predict(path, _model())[2]
    return [Note(float(event[0]), int(event[2])) for event in events]


@cache
def _model() -> Model:
    return Model(next(Path(basic_pitch.__file__).parent.rglob("nmp.onnx")))
