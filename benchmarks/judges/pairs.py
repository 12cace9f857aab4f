"""The pairs of pictures and songs that are judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from PIL import Image, ImageDraw, ImageFont

from pymoo_moss import MOSSProblem, get_problem
from pymoo_moss.instances import catalogue
from pymoo_moss.spectrogram import qr_code

from ..inputs import real_pair
from .folder import PORTRAIT, SPEECH
from .music import RATE, canon, fast_piece

REAL = {
    "Mona Lisa x Chopin": ("monalisa.jpg", "chopin.mp3"),
    "Mona Lisa x Tchaikovsky": ("monalisa.jpg", "tchaikovsky.mp3"),
    "Great Wave x Tchaikovsky": ("wave.jpg", "tchaikovsky.mp3"),
}
FROZEN = (
    "lighthouse-prelude-64x128",
    "owl-drums-64x128",
    "butterfly-chorale-64x128",
    "owl-monologue-64x128",
)
WORDS = "HELLO WORLD"
LINK = "https://example.org/song"
_QR_BINS = 400
_EMBEDDED = Path(catalogue.__file__).parent / "data"


@dataclass(frozen=True)
class Material:
    """A pair's files.

    Attributes:
        name: for people.
        picture: a picture.
        song: a sound.
        instance: the frozen problem that they are of.
        words: see `folder.Pair`.
        code: see `folder.Pair`.
        transcript: see `folder.Pair`.
    """

    name: str
    picture: Path
    song: Path
    instance: str | None = None
    words: str | None = None
    code: str | None = None
    transcript: str | None = None

    @property
    def invert(self) -> Literal["auto"] | bool:
        """Whether dark and bright are swapped: as the files ask for, but codes are read as they are."""
        return "auto" if self.code is None else False

    def problem(self, preset: str) -> MOSSProblem:
        """Make the problem of a preset, of one's own files as the command line does."""
        if self.instance is not None:
            return get_problem(self.instance, preset=preset)
        return MOSSProblem(self.picture, self.song, preset=preset, invert=self.invert)


def materials(out: Path) -> Iterator[Material]:
    """Yield the pairs whose files are at hand; what has to be drawn or played is written into a folder."""
    for name, (image, audio) in REAL.items():
        if pair := real_pair(image, audio):
            yield Material(name, *pair)
    for name in FROZEN:
        instance = catalogue.INSTANCES[name]
        files = (_EMBEDDED / source.name for source in (instance.picture, instance.sound))
        title = f"{instance.picture.name} x {instance.sound.name}".replace(".png", "").replace(".flac", "")
        yield Material(title, *files, instance=name)
    fast, voices, text, code = (out / file for file in ("fast.wav", "canon.wav", "text.png", "code.png"))
    soundfile.write(fast, fast_piece(), RATE)
    soundfile.write(voices, canon(), RATE)
    black_on_white(WORDS).save(text)
    Image.fromarray((255 * qr_code(LINK, _QR_BINS, _QR_BINS)).astype(np.uint8)).save(code)
    if (out / PORTRAIT).is_file():
        yield Material("portrait x canon", out / PORTRAIT, voices)
    yield Material("text x fast piece", text, fast, words=WORDS)
    yield Material("QR code x prelude", code, _EMBEDDED / "prelude.flac", code=LINK)
    speech = out / SPEECH
    if speech.is_file():
        said = speech.with_suffix(".txt").read_text().strip()
        yield Material("owl x speech", _EMBEDDED / "owl.png", speech, transcript=said)


def black_on_white(words: str, size: int = 200) -> Image.Image:
    """Write words in black on white paper, one a line."""
    lines = words.replace(" ", "\n")
    font = ImageFont.load_default(size)
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), lines, font)
    paper = Image.new("L", (round(right - left) + size, round(bottom - top) + size), 255)
    ImageDraw.Draw(paper).multiline_text((size / 2 - left, size / 2 - top), lines, 0, font)
    return paper
