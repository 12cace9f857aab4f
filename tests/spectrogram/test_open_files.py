"""Sounds and pictures in open files of any class: streams, members of archives, sockets, objects of users."""

import gzip
import io
import socket
import tarfile
import tempfile
import threading
import zipfile
from functools import partial

import numpy as np
import pytest
from PIL import Image

from pymoo_moss.errors import AudioError, PictureError
from pymoo_moss.spectrogram.audio import load_audio
from pymoo_moss.spectrogram.picture import load_picture

from .sound_files import by_ffmpeg, by_sndfile, tune

RATE = 16000
SAMPLES = np.round(2**15 * tune(RATE, 1.0)).astype(np.int16)


def picture(name, **options):
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, name, **options)
    return file.getvalue()


def load_sound(source):
    return load_audio(source, RATE).numpy()


CONTENTS = {
    "WAV": (load_sound, by_sndfile(SAMPLES, RATE, "WAV", "PCM_16")),
    "MP3": (load_sound, by_sndfile(SAMPLES, RATE, "MP3", "MPEG_LAYER_III")),
    "M4A": (load_sound, by_ffmpeg(SAMPLES[:, None], RATE, "ipod", "aac", bit_rate=96_000)),
    "PNG": (load_picture, picture("PNG")),
    "TIFF": (load_picture, picture("TIFF", compression="tiff_lzw")),
    "IM": (load_picture, picture("IM")),
    "WebP": (load_picture, picture("WEBP")),
}


class Minimal:
    """An object that has the least of what a file has."""

    def __init__(self, content):
        self.file = io.BytesIO(content)
        self.file.seek(7)

    def read(self, size=-1):
        return self.file.read(size)

    def seek(self, offset, whence=0):
        self.file.seek(offset, whence)

    def tell(self):
        return self.file.tell()


class Slow(Minimal):
    """One that gives less than it is asked for, as a network does."""

    def read(self, size=-1):
        return self.file.read(min(size, 1000))


class Mutable(Minimal):
    def read(self, size=-1):
        return bytearray(self.file.read(size))


class Numbered(Minimal):
    name = 3


class ReadOnly:
    """One that can be read once."""

    def __init__(self, content):
        self.read = io.BytesIO(content).read


def spooled(content):
    file = tempfile.SpooledTemporaryFile()  # noqa: SIM115
    file.write(content)
    return file


def from_socket(content, buffering):
    near, far = socket.socketpair()

    def send():
        with far:
            far.sendall(content)

    threading.Thread(target=send).start()
    with near:
        return near.makefile("rb", buffering=buffering)


def from_zip(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a member", content)
    return zipfile.ZipFile(file).open("a member")


def from_tar(content):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        member = tarfile.TarInfo("a member")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    file.seek(0)
    return tarfile.open(fileobj=file).extractfile("a member")


def from_gzip(content):
    return gzip.open(io.BytesIO(gzip.compress(content)))


CLASSES = {
    "minimal": Minimal,
    "slow": Slow,
    "mutable": Mutable,
    "numbered": Numbered,
    "read once": ReadOnly,
    "spooled": spooled,
    "a socket": partial(from_socket, buffering=-1),
    "an unbuffered socket": partial(from_socket, buffering=0),
    "a zip": from_zip,
    "a tar": from_tar,
    "a gzip": from_gzip,
}


@pytest.mark.parametrize("file", CLASSES)
@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_of_any_class_is_read_from_its_beginning(name, file):
    load, content = CONTENTS[name]
    opened = CLASSES[file](content)
    np.testing.assert_array_equal(load(opened), load(content))
    if hasattr(opened, "close"):
        assert not opened.closed
        opened.close()


class Failing(Minimal):
    """One that cannot be read further at some place."""

    error = RuntimeError("the network is gone")

    def read(self, size=-1):
        if self.file.tell() + size > 300:
            raise self.error
        return self.file.read(size)


class Interrupted(Failing):
    error = KeyboardInterrupt()


class Greedy(Minimal):
    """One that gives more than it is asked for: decoders have no room for that."""

    def read(self, size=-1):
        return bytes(10**6 if size else 0)


class Waiting(Minimal):
    """One that is not waited for."""

    def read(self, size=-1):
        return self.file.read(0) if size == 0 else None


def closed(content):
    file = io.BytesIO(content)
    file.close()
    return file


def damaged_zip(content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a member", content)
    stored = bytearray(file.getvalue())
    stored[200] ^= 255
    return zipfile.ZipFile(io.BytesIO(stored)).open("a member")


def cut_gzip(content):
    return gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(content)[:-20]))


REFUSED = {
    "failing": (Failing, "the network is gone"),
    "greedy": (Greedy, "asked for .* bytes, got"),
    "waiting": (Waiting, "it has nothing to read yet, and does not wait"),
    "closed": (closed, "closed file"),
    "a damaged zip": (damaged_zip, "Bad CRC-32"),
    "a broken-off gzip": (cut_gzip, "end-of-stream"),
    "empty": (lambda content: ReadOnly(b""), "a stream without content, or has been read before"),
    "text": (lambda content: io.StringIO("text"), "text|binary mode"),
}


@pytest.mark.parametrize("file", REFUSED)
@pytest.mark.parametrize("name", ["WAV", "M4A", "TIFF"])
def test_a_file_that_cannot_be_read_is_refused_by_what_it_says(name, file, capfd):
    load, content = CONTENTS[name]
    make, message = REFUSED[file]
    with pytest.raises((AudioError, PictureError), match=message) as caught:
        load(make(content))
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_open_for_writing_is_refused(name, tmp_path):
    with (
        (tmp_path / "x").open("wb") as file,
        pytest.raises((AudioError, PictureError), match="not open for read"),
    ):
        CONTENTS[name][0](file)


@pytest.mark.parametrize("name", ["WAV", "MP3", "M4A", "TIFF"])
def test_who_interrupts_the_reading_is_heard(name, capfd):
    """PyAV and soundfile print and ignore what is raised within their callbacks."""
    load, content = CONTENTS[name]
    with pytest.raises(KeyboardInterrupt):
        load(Interrupted(content))
    assert capfd.readouterr() == ("", "")
