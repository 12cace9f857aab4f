"""Valid files of every kind that is read, and the bounds within which damaged ones have to be."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image, features

from pymoo_moss import MOSSProblem
from pymoo_moss.errors import MossError
from pymoo_moss.explore import SearchPlan, run_in_folder
from pymoo_moss.explore.renderer import Renderer
from pymoo_moss.study import AlgorithmChoice, Study

from ..conftest import PlainRenderer
from ..spectrogram.sound_files import by_ffmpeg

MOST_BYTES = 3 << 30
MOST_SECONDS = 120.0
"""Of this process on the processor, against reading without end: what else runs does not count."""
OPTIONS = {
    "sample_rate": 8000, "n_fft": 256, "hop_length": 64, "grid": [5, 6], "smoothing": 1.0, "gamma": 1.0,
    "floor_quantile": 0.1, "ceiling_quantile": 0.9, "dynamic_range_db": 60.0, "flip": True, "invert": False,
    "fmin": 50.0, "fmax": 3000.0, "frequency_axis": "log", "preset": "display", "device": "cpu",
    "objectives": ["visual_display", "audio_mel"], "normalize": False,
    "engine": "torch", "max_memory_mb": 100,
}  # fmt: skip
PICTURE_FORMATS = {
    "png": {}, "jpeg": {}, "gif": {}, "bmp": {}, "tiff": {"compression": "tiff_lzw"}, "webp": {}, "ppm": {},
    "tga": {}, "ico": {}, "sgi": {}, "pcx": {}, "dds": {}, "jp2": {}, "icns": {},
}  # fmt: skip
HEIC = Path(__file__).parents[1] / "spectrogram" / "data"
SOUND_FORMATS = {
    "wav": "PCM_16", "flac": "PCM_16", "ogg": "VORBIS", "mp3": "MPEG_LAYER_III", "aiff": "FLOAT",
    "w64": "PCM_24", "caf": "ALAC_16", "au": "ULAW",
}  # fmt: skip
FFMPEG_FORMATS = {
    "m4a": ("ipod", "aac", 44100, {}),
    "mov": ("mov", "alac", 44100, {}),
    "fragmented.mp4": ("mp4", "aac", 44100, {"movflags": "frag_keyframe+empty_moov"}),
    "webm": ("webm", "libopus", 48000, {}),
    "mka": ("matroska", "flac", 44100, {}),
    "aac": ("adts", "aac", 44100, {}),
    "wma": ("asf", "wmav2", 44100, {}),
    "ac3": ("ac3", "ac3", 44100, {}),
    "mp2": ("mp2", "mp2", 44100, {}),
    "3gp": ("3gp", "aac", 44100, {}),
    "opus": ("ogg", "libopus", 48000, {}),
    "ts": ("mpegts", "mp2", 44100, {}),
    "avi": ("avi", "adpcm_ima_wav", 44100, {}),
    "flv": ("flv", "adpcm_swf", 44100, {}),
}  # fmt: skip


def campaign(name: str, few: int, some: int, all_of_them: int) -> pytest.MarkDecorator:
    """Run a test with so many inputs: few in the fast half, some with ``-m fuzz``, all with ``-m slow``."""
    some_marked = pytest.param(some, marks=pytest.mark.fuzz)
    return pytest.mark.parametrize(
        name, [few, some_marked, pytest.param(all_of_them, marks=pytest.mark.slow)]
    )


class PageAlone(PlainRenderer):
    """The page as it is, because what a file says comes into it; pictures are not read again."""

    page = Renderer.page


def survives(read: Callable[[], object], described: str) -> bool:
    """Whether something could be read; if not, with one of the package's own errors, in time and memory."""
    began = time.process_time()
    try:
        with at_most_memory():
            read()
        return True
    except MossError:
        return False
    except Exception as error:
        raise AssertionError(f"{described}: {type(error).__name__}: {error}") from error
    finally:
        assert time.process_time() - began < MOST_SECONDS, described


@contextmanager
def at_most_memory() -> Iterator[None]:
    """No more memory than the process has and `MOST_BYTES`, where the system can be told so."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_BYTES, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("pictures")
    colours = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    image = Image.fromarray(colours)
    for name, options in PICTURE_FORMATS.items():
        image.save(folder / f"picture.{name}", **options)
    if features.check("avif"):
        image.save(folder / "picture.avif")
    deep = Image.fromarray(colours.astype(np.uint16)[..., 0] * 257)
    for name in ("png", "tiff", "jp2"):
        deep.save(folder / f"deep.{name}")
    soft = image.convert("RGBA")
    soft.putalpha(Image.linear_gradient("L").resize(image.size))
    for name in ("png", "webp", "tiff", "jp2"):
        soft.save(folder / f"soft.{name}")
    for name in ("png", "gif", "webp", "tiff", "mpo"):
        blank = Image.new("RGB", image.size, "white")
        blank.save(folder / f"frames.{name}", save_all=True, append_images=[image, soft.convert("RGB")])
    for coding in ("group3", "group4", "tiff_ccitt"):
        image.convert("1").save(folder / f"{coding}.tiff", compression=coding)
    heic = (path for path in HEIC.glob("*.heic") if find_spec("pi_heif"))
    return {path.name: path.read_bytes() for path in sorted([*folder.iterdir(), *heic])}


@pytest.fixture(scope="session")
def sounds(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sounds")
    waveform = 0.3 * np.random.default_rng(0).standard_normal((2400, 2)).clip(-3, 3)
    for name, subtype in SOUND_FORMATS.items():
        soundfile.write(folder / f"sound.{name}", waveform, 8000, subtype=subtype)
    for name, (container, codec, rate, options) in FFMPEG_FORMATS.items():
        samples = np.tile(waveform, (3, 1)).astype(np.float32)
        content = by_ffmpeg(samples, rate, container, codec, 128_000, container_options=options)
        (folder / f"sound.{name}").write_bytes(content)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="session")
def run_folder(pictures, sounds, tmp_path_factory) -> Path:
    """A finished run from files, with its checkpoints."""
    folder = tmp_path_factory.mktemp("run")
    image, audio = folder / "picture.png", folder / "sound.wav"
    image.write_bytes(pictures["picture.png"])
    audio.write_bytes(sounds["sound.wav"])
    run_in_folder(
        folder / "run",
        MOSSProblem(image, audio, **OPTIONS),
        SearchPlan(generations=3, population=8, steps=2),
        settings={"image": image.name, "audio": audio.name, "options": OPTIONS},
        inputs={"image": image, "audio": audio},
        count=1,
        renderer=PageAlone(),
    )
    return folder / "run"


@pytest.fixture(scope="session")
def study_folder(tmp_path_factory) -> Path:
    """A finished study."""
    folder = tmp_path_factory.mktemp("study")
    study = Study(
        ["owl-drums-16x32"], {"levels": AlgorithmChoice("nsga2", 10, sampling="levels")}, 1, [20, 40], folder
    )
    study.run()
    return folder
