"""Peak memory and time of reading and drawing pictures of 200 megapixels, each in a separate process.

``python -m benchmarks.large_pictures FOLDER`` writes the pictures to the folder, where there are none, and
prints a table; Linux only.
"""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from pymoo_moss.spectrogram.drawing import draw
from pymoo_moss.spectrogram.picture import load_picture, read_picture

from .process_memory import resident

BINS, FRAMES = 513, 18_750
"""The plane of five minutes of sound."""
FORMATS = {
    "L.jpg": {},
    "RGB.jpg": {},
    "RGB progressive.jpg": {"progressive": True},
    "1.png": {},
    "RGB.png": {"compress_level": 1},
    "I;16.png": {"compress_level": 1},
    "RGBA.png": {"compress_level": 1},
    "RGB.tiff": {"compression": "tiff_lzw"},
    "RGB big.tiff": {"compression": "tiff_lzw", "big_tiff": True},
}
"""Mode and ending, and options of saving."""


def write_pictures(folder: Path, width: int, height: int) -> None:
    """Write a ramp with a bright line across in every format."""
    folder.mkdir(parents=True, exist_ok=True)
    grey = np.repeat(np.linspace(0, 255, width).astype(np.uint8)[None], height, axis=0)
    grey[height // 2 : height // 2 + 40] = 255
    for name, options in FORMATS.items():
        path = folder / f"{width} x {height} {name}"
        mode = name.split(".")[0].split()[0]
        if not path.exists():
            image = Image.fromarray(grey.astype(np.uint16) * 257 if mode == "I;16" else grey)
            (image if mode == "I;16" else image.convert(mode)).save(path, **options)


def main(path: Path) -> None:
    """Read and draw one picture and print its line of the table, or do so for all pictures of a folder."""
    if not path.is_file():
        for size in ((40_000, 5000), (5000, 40_000)):
            write_pictures(path, *size)
        print("| picture | MB added at the peak | s |\n|---|---|---|", flush=True)
        for picture in sorted(path.iterdir()):
            subprocess.run([sys.executable, "-m", "benchmarks.large_pictures", picture], check=True)
        return
    load_picture(np.eye(20))
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before, began = resident("VmRSS"), time.perf_counter()
    positions = torch.linspace(0, 1, BINS, dtype=torch.float64)
    draw(read_picture(path), positions, FRAMES, flip=True, invert=False, sampling="average")
    print(f"| {path.name} | {resident('VmHWM') - before:.0f} | {time.perf_counter() - began:.1f} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
