"""Every extension that dialogs list is that of a file that is read, where such a file can be written."""

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss.spectrogram import SOUND_EXTENSIONS, open_audio, picture_extensions, read_picture, waveform_of

from .drawings import known_drawing
from .sound_files import by_ffmpeg, by_sndfile

RATE = 16_000
TONE = (0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)[:, None]

BY_SNDFILE = {
    ".wav": ("WAV", "PCM_16"), ".bwf": ("WAVEX", "PCM_24"), ".rf64": ("RF64", "PCM_16"),
    ".w64": ("W64", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".mp3": ("MP3", "MPEG_LAYER_III"),
    ".mpga": ("MP3", "MPEG_LAYER_III"), ".ogg": ("OGG", "VORBIS"), ".oga": ("OGG", "VORBIS"),
    ".aiff": ("AIFF", "PCM_16"), ".aif": ("AIFF", "PCM_16"), ".aifc": ("AIFF", "FLOAT"),
    ".au": ("AU", "PCM_16"), ".snd": ("AU", "ULAW"), ".caf": ("CAF", "PCM_16"), ".voc": ("VOC", "PCM_16"),
}  # fmt: skip
BY_FFMPEG = {
    ".m4a": ("ipod", "aac"), ".m4b": ("ipod", "aac"), ".alac": ("ipod", "alac"), ".aac": ("adts", "aac"),
    ".opus": ("opus", "libopus"), ".weba": ("webm", "libopus"), ".webm": ("webm", "libopus"),
    ".mp4": ("mp4", "aac"), ".m4v": ("mp4", "aac"), ".mov": ("mov", "pcm_s16le"), ".3gp": ("3gp", "aac"),
    ".3g2": ("3g2", "aac"), ".mkv": ("matroska", "flac"), ".mka": ("matroska", "flac"),
    ".avi": ("avi", "pcm_s16le"), ".wma": ("asf", "wmav2"), ".wmv": ("asf", "wmav2"), ".ac3": ("ac3", "ac3"),
    ".eac3": ("eac3", "eac3"), ".mp2": ("mp2", "mp2"), ".mpg": ("mpeg", "mp2"), ".mpeg": ("mpeg", "mp2"),
    ".ts": ("mpegts", "aac"), ".flv": ("flv", "aac"), ".wv": ("wv", "wavpack"), ".tta": ("tta", "tta"),
    ".amr": ("amr", "libopencore_amrnb"),
}  # fmt: skip
RATES = {".amr": 8_000, ".ac3": 48_000, ".eac3": 48_000, ".flv": 44_100, ".wma": 44_100, ".wmv": 44_100}
RATES |= {".mp2": 44_100, ".mpg": 44_100, ".mpeg": 44_100, ".ts": 44_100, ".opus": 48_000}
RATES |= {".webm": 48_000, ".weba": 48_000}

BIT_RATES = {".wma": 64_000, ".wmv": 64_000}

MODES = {".msp": "1", ".xbm": "1", ".blp": "P", ".pfm": "F", ".pbm": "1", ".bw": "L", ".pgm": "L"}
MODES |= {".rgba": "RGBA", ".icns": "RGBA"}
NOT_WRITTEN = {
    ".cur", ".dcx", ".fit", ".fits", ".flc", ".fli", ".ftc", ".ftu", ".gbr", ".iim", ".pcd", ".psd", ".pxr",
    ".ras", ".xpm", ".heic", ".heif", ".hif",
}  # fmt: skip
"""Extensions of pictures that Pillow reads and does not write; HEIF has tests in `test_picture_formats`."""


def heard(path):
    """The frequency in Hz that is loudest in a file."""
    waveform = waveform_of(open_audio(path), RATE).numpy()
    assert 0.9 < len(waveform) / RATE < 1.2
    return np.abs(np.fft.rfft(waveform, 4 * RATE)).argmax() / 4


@pytest.mark.parametrize("extension", SOUND_EXTENSIONS)
def test_a_sound_of_every_listed_extension_is_read(extension, tmp_path):
    path = tmp_path / f"tone{extension}"
    if extension in BY_SNDFILE:
        path.write_bytes(by_sndfile(TONE, RATE, *BY_SNDFILE[extension]))
    else:
        rate = RATES.get(extension, RATE)
        tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)[:, None]
        try:
            path.write_bytes(by_ffmpeg(tone, rate, *BY_FFMPEG[extension], BIT_RATES.get(extension)))
        except (av.codec.codec.UnknownCodecError, av.FFmpegError) as error:
            pytest.skip(f"this FFmpeg does not write it: {error}")
    assert heard(path) == pytest.approx(440, abs=2)


def test_sounds_of_every_container_that_libsndfile_names_as_its_own_are_listed():
    named = {f".{name.lower()}" for name in ("WAV", "FLAC", "MP3", "OGG", "AIFF", "AU", "CAF", "W64", "RF64")}
    assert {name[1:].upper() for name in named} <= set(soundfile.available_formats())
    assert named <= set(SOUND_EXTENSIONS)


@pytest.mark.parametrize("extension", sorted(set(picture_extensions()) - NOT_WRITTEN))
def test_a_picture_of_every_listed_extension_is_read(extension, tmp_path):
    path = tmp_path / f"drawing{extension}"
    drawing = known_drawing().convert("L") if extension == ".pfm" else known_drawing()
    drawing.convert(MODES.get(extension, "RGB")).save(path)
    samples = read_picture(path).samples
    assert samples.max() > samples.min()


def test_what_pillow_would_execute_or_cannot_decode_is_not_listed():
    Image.init()
    others = {".eps", ".ps", ".wmf", ".emf", ".pdf", ".h5", ".svg", ".mpg", ".mp3"}
    assert not others & set(picture_extensions())


def test_what_cameras_and_browsers_write_is_listed():
    assert {".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".bmp"} <= set(picture_extensions())
    assert {".mp3", ".m4a", ".mp4", ".mov", ".webm", ".opus", ".amr", ".3gp", ".wma"} <= set(SOUND_EXTENSIONS)


def test_heic_is_listed_where_it_is_read():
    pytest.importorskip("pi_heif")
    assert {".heic", ".heif", ".hif"} <= set(picture_extensions())
