"""Time and peak memory of loading large files, each in a separate process; Linux only.

``python -m benchmarks.loading`` makes the files and prints a table; `measure` loads one pair.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from pymoo_moss import MaskEncoder

from .process_memory import resident

PAIRS = {
    "a phone's photo of 12 megapixels, a song of 5 minutes": ("photo.jpg", "song.mp3"),
    "a panorama of 200 megapixels, the song of 5 minutes": ("panorama.jpg", "song.mp3"),
    "the photo, an hour of sound": ("photo.jpg", "hour.flac"),
    "the panorama, the hour of sound": ("panorama.jpg", "hour.flac"),
}
_PHOTO, _PANORAMA = (4032, 3024), (40_000, 5000)
_RATE = 44_100


def make_files(folder: Path) -> None:
    """Write all files of `PAIRS`: smooth colours, and stereo noise that swells."""
    chance = np.random.default_rng(0)
    for name, size in (("photo.jpg", _PHOTO), ("panorama.jpg", _PANORAMA)):
        colours = chance.integers(0, 256, (size[1] // 100, size[0] // 100, 3), dtype=np.uint8)
        Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC).save(folder / name, quality=90)
    for name, minutes in (("song.mp3", 5), ("hour.flac", 60)):
        with soundfile.SoundFile(folder / name, "w", _RATE, 2) as file:
            for minute in range(minutes):
                swell = 0.05 + 0.02 * np.sin(minute + np.arange(60 * _RATE) / _RATE)
                file.write(swell[:, None] * chance.standard_normal((60 * _RATE, 2)))


def measure(picture: Path, sound: Path) -> tuple[float, float, float]:
    """Load a pair in a separate process, and return seconds, peak memory in MB, and how much of it was added.

    The rest is the memory of the process once the package is imported.
    """
    command = [sys.executable, "-m", "benchmarks.loading", str(picture), str(sound)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, peak, added = map(float, printed.split())
    return seconds, peak, added


def _load(picture: str, sound: str) -> None:
    before, began = resident("VmRSS"), time.perf_counter()
    MaskEncoder(picture, sound)
    seconds, peak = time.perf_counter() - began, resident("VmHWM")
    print(seconds, peak, peak - before)


def main() -> None:
    """Load a pair of files that is given, or make and load all pairs."""
    if len(sys.argv) == 3:
        _load(*sys.argv[1:])
        return
    print("| files | seconds | peak memory | of it added |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_files(folder)
        for title, (picture, sound) in PAIRS.items():
            seconds, peak, added = measure(folder / picture, folder / sound)
            print(f"| {title} | {seconds:.1f} s | {peak:.0f} MB | {added:.0f} MB |", flush=True)


if __name__ == "__main__":
    main()
