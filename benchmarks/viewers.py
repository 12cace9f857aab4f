"""Measure how SoX and ffmpeg show hidden pictures: ``python -m benchmarks.viewers``, or ``make viewers``.

Pictures and songs are those of the frozen problems, and those in ``PYMOO_MOSS_DATA`` where it is set. Both
programs have to be installed. It writes ``benchmarks/VIEWERS.md``.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from pymoo_moss.explore import Lettering, QRCode, hide
from pymoo_moss.instances import catalogue
from pymoo_moss.release import HiddenPicture
from tests.real_data import real_data

OUT = Path(__file__).parent / "VIEWERS.md"
REAL = [("monalisa.jpg", "chopin.mp3"), ("monalisa.jpg", "tchaikovsky.mp3"), ("wave.jpg", "tchaikovsky.mp3")]
EMBEDDED = [("lighthouse.png", "prelude.flac"), ("owl.png", "drums.flac")]
HEIGHT = 1025
_EYE = (96, 96)
"""Columns and rows that are compared: the grain of single bins is finer than what is looked at."""
CONTENT, TEXT = "https://example.org/song", "HELLO WORLD"
VIEWS = (
    "sox 70 dB",
    "sox 100 dB",
    "sox 120 dB (default)",
    "ffmpeg showspectrum",
    "ffmpeg showspectrumpic (default)",
)


def pairs() -> Iterator[tuple[Path, Path]]:
    data = Path(catalogue.__file__).parent / "data"
    for picture, sound in EMBEDDED:
        yield data / picture, data / sound
    folder = real_data()
    for picture, sound in REAL:
        if folder is not None and (folder / picture).is_file() and (folder / sound).is_file():
            yield folder / picture, folder / sound


def views(song: Path, start: float, seconds: float, rate: int, folder: Path) -> list[np.ndarray]:
    """Draw a part of a song with each viewer; grey levels, row 0 the highest frequency."""
    out = folder / "view.png"
    found = []
    for decibels in (70, 100, 120):
        command = ["sox", song, "-n", "remix", "-", "trim", f"{start}", f"{seconds}", "spectrogram"]
        options = ["-m", "-r", "-x", "800", "-y", f"{HEIGHT}", "-z", f"{decibels}", "-o", out]
        subprocess.run([*command, *options], check=True, capture_output=True)
        found.append(np.asarray(Image.open(out).convert("L"), float))
    part = ["-ss", f"{start}", "-t", f"{seconds}", "-i", song]
    columns = int(seconds * rate / 512)
    for drawing in (
        f"showspectrum=s={columns}x1024:mode=combined:scale=log:overlap=0.75:slide=fullframe",
        "showspectrumpic=s=800x1024:legend=0",
    ):
        command = ["ffmpeg", "-y", *part, "-lavfi", f"aformat=channel_layouts=mono,{drawing}"]
        subprocess.run([*command, "-frames:v", "1", out], check=True, capture_output=True)
        found.append(np.asarray(Image.open(out).convert("L"), float))
    return found


def correlation(hidden: HiddenPicture, view: np.ndarray, upper: bool) -> float:
    """Return the correlation of the drawn picture, or its upper half, with its place in a view."""
    seen = place(hidden, view)
    drawn = Image.fromarray(hidden.encoder.picture.flip(0).numpy()).resize(
        seen.shape[::-1], Image.Resampling.BOX
    )
    view_of, picture = (
        np.asarray(image.resize(_EYE, Image.Resampling.BOX))
        for image in (Image.fromarray(seen.astype(np.float32)), drawn)
    )
    rows = slice(0, _EYE[1] // 2 if upper else _EYE[1])
    one, other = view_of[rows].ravel(), picture[rows].ravel()
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 else 0.0


def place(hidden: HiddenPicture, view: np.ndarray) -> np.ndarray:
    """Return the band of the picture in a view."""
    encoder = hidden.encoder
    edges = (encoder.axis.high, encoder.axis.low)
    top, bottom = (round(len(view) * (1 - 2 * edge / encoder.sample_rate)) for edge in edges)
    return view[top:bottom]


def reading(songs: list[Path]) -> Iterator[str]:
    """Yield the table of what OpenCV and Tesseract read in sox's default view."""
    yield "What OpenCV's decoder and Tesseract read in SoX's default view, in grey:"
    yield ""
    yield f"| song | QR code of {CONTENT} | {TEXT} |"
    yield "|---|---|---|"
    for song in songs:
        found = []
        for what in (QRCode(CONTENT), Lettering(TEXT)):
            with tempfile.TemporaryDirectory() as name:
                hidden = hide(what, song, Path(name) / "out")
                excerpt, rate = hidden.encoder.excerpt, hidden.encoder.sample_rate
                part = (excerpt.start / rate, (excerpt.stop - excerpt.start) / rate)
                view = place(hidden, views(Path(name) / "out" / "song.wav", *part, rate, Path(name))[2])
                found.append(read_code(view) if isinstance(what, QRCode) else read_text(view, Path(name)))
        yield f"| {song.stem} | {' | '.join(found)} |"
        print(found, flush=True)


def read_code(view: np.ndarray) -> str:
    code = cv2.resize(view.astype(np.uint8), (600, 600), interpolation=cv2.INTER_AREA)
    read: str = cv2.QRCodeDetector().detectAndDecode(cv2.normalize(code, None, 0, 255, cv2.NORM_MINMAX))[0]
    return read or "not read"


def read_text(view: np.ndarray, folder: Path) -> str:
    if shutil.which("tesseract") is None:
        return "Tesseract is not installed"
    Image.fromarray(255 - view.astype(np.uint8)).resize((900, 450), Image.Resampling.BOX).save(
        folder / "t.png"
    )
    command = ["tesseract", folder / "t.png", "-", "--psm", "6"]
    return " ".join(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def main() -> None:
    """Hide every picture, look at every song, and write the table."""
    missing = [name for name in ("sox", "ffmpeg") if shutil.which(name) is None]
    if missing:
        sys.exit(f"install {' and '.join(missing)}: their views are measured")
    lines = [
        "# How viewers show hidden pictures",
        "Made by `make viewers`. Correlation of the picture with its place in the grey view, averaged to "
        "96 x 96, whole and upper half, of the default solution of `pymoo-moss hide`. ffmpeg's "
        "`showspectrumpic` draws streaks over what is 60 dB under the loudest sound of a moment; its "
        "`showspectrum` does not.",
        "",
        f"| picture x song | {' | '.join(VIEWS)} |",
        "|---|" + "---|" * len(VIEWS),
    ]
    for picture, song in pairs():
        with tempfile.TemporaryDirectory() as name:
            hidden = hide(picture, song, Path(name) / "out")
            encoder = hidden.encoder
            start, stop = (
                encoder.excerpt.start / encoder.sample_rate,
                encoder.excerpt.stop / encoder.sample_rate,
            )
            seen = views(
                Path(name) / "out" / "song.wav", start, stop - start, encoder.sample_rate, Path(name)
            )
            cells = [
                f"{correlation(hidden, one, False):.2f}, {correlation(hidden, one, True):.2f}" for one in seen
            ]
        lines.append(f"| {picture.stem} x {song.stem} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    lines += ["", *reading(sorted({song for _, song in pairs()}))]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
