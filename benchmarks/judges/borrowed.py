"""Lend a portrait and speech from other packages: ``python -m benchmarks.judges.borrowed OUT``.

In the judges' environment: the portrait is scikit-image's (NASA, public domain); the speech is LibriVox's
(public domain), in Debian's ``pocketsphinx-testdata``. What is not installed is not lent.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from .folder import PORTRAIT, SPEECH

_PORTRAIT = (100, 0, 340, 300)
"""Left, top, right and bottom of head and shoulders."""
_READING = Path("/usr/share/pocketsphinx/test/data/librivox")
_SENTENCES = ("0870", "0920", "0930")
_PAUSE_SECONDS = 0.4


def portrait(path: Path) -> None:
    """Write the portrait of an astronaut."""
    found = find_spec("skimage")
    if found is None or found.submodule_search_locations is None:
        print("no portrait: scikit-image is not installed")
        return
    picture = Path(found.submodule_search_locations[0]) / "data" / "astronaut.png"
    Image.open(picture).convert("L").crop(_PORTRAIT).save(path)


def speech(path: Path) -> None:
    """Write three sentences read aloud, and beside them what is said."""
    if not _READING.is_dir():
        print("no speech: pocketsphinx-testdata is not installed")
        return
    parts, said, rate = [], [], 0
    transcripts = (_READING / "transcription").read_text().splitlines()
    for sentence in _SENTENCES:
        (recording,) = _READING.glob(f"*-{sentence}.wav")
        samples, rate = soundfile.read(recording, dtype="float32")
        parts += [samples, np.zeros(round(_PAUSE_SECONDS * rate), np.float32)]
        (line,) = (one for one in transcripts if f"-{sentence})" in one)
        said.append(line.removeprefix("<s>").split("</s>")[0].strip())
    soundfile.write(path, np.concatenate(parts), rate)
    path.with_suffix(".txt").write_text(" ".join(said) + "\n")


def main(out: Path) -> None:
    """Write what is lent into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    portrait(out / PORTRAIT)
    speech(out / SPEECH)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
