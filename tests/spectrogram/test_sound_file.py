"""Files as people have them: joined, broken off, with wrong lengths; and open files, bytes, pipes."""

import io
import os
import struct
import threading
import warnings
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from pymoo_moss.errors import AudioError
from pymoo_moss.spectrogram import open_file
from pymoo_moss.spectrogram.audio import load_audio

from .sound_files import by_ffmpeg, by_sndfile, tune

RATE = 16000


def read(source, rate=RATE):
    """Read a sound twice, and return it with what was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        once, again = load_audio(source, rate), load_audio(source, rate)
    # Memory that was not written would differ from one reading to the next.
    assert torch.equal(once, again)
    said = [str(one.message) for one in caught]
    assert len(said) == 2 * len(set(said))
    return once.numpy(), list(dict.fromkeys(said))


@cache
def samples(seconds, rate=RATE):
    return np.round(2**15 * tune(rate, seconds)).astype(np.int16)


def same_tune(found, truth):
    length = min(len(found), len(truth))
    found, truth = found[:length], truth[:length]
    return found @ truth / np.sqrt((found @ found) * (truth @ truth))


LOSSY = [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS")]
LOSSLESS = [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("W64", "PCM_16"), ("CAF", "PCM_16")]


@pytest.mark.parametrize(
    ("container", "coding"), [*LOSSY, *LOSSLESS, ("WAV", "IMA_ADPCM"), ("WAV", "GSM610")]
)
@pytest.mark.parametrize("share", [0.3, 0.77])
def test_what_is_there_of_a_broken_off_file_is_used_and_said(container, coding, share):
    truth = samples(20.0)
    content = by_sndfile(truth, RATE, container, coding)
    found, said = read(content[: int(share * len(content))])
    # Of a codec's bits not every second has as many.
    assert 0.3 * share < len(found) / len(truth) < share + 0.2
    # The last block, of up to a third of a second, may be incomplete.
    kept = len(found) - RATE // 3
    assert same_tune(found[:kept], truth[:kept] / 2**15) > 0.99
    assert len(said) == 1
    there = f"{len(found) / RATE:.1f} s"
    assert said[0] in (
        f"the sound says that it holds 20.0 s of sound, and holds {there}: only these are used",
        f"the sound is broken off: the {there} of sound that are in it are used",
    )


def test_a_broken_off_film_is_used_up_to_its_break():
    truth = samples(8.0)[:, None]
    content = by_ffmpeg(truth, RATE, "matroska", "aac", bit_rate=96_000)
    found, said = read(content[: len(content) // 2])
    assert 3 < len(found) / RATE < 5
    assert len(said) == 1


def test_a_film_without_its_index_is_refused_by_name(tmp_path):
    path = tmp_path / "film.mp4"
    content = by_ffmpeg(samples(2.0)[:, None], RATE, "mp4", "aac", bit_rate=96_000)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(AudioError, match=r"cannot read a sound from .*film\.mp4"):
        load_audio(path, RATE)


@pytest.mark.parametrize(
    ("container", "coding"),
    [("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("FLAC", "PCM_16")],
)
def test_joined_files_are_used_to_the_end(container, coding):
    first, second = samples(2.0), samples(3.0)[::-1]
    content = by_sndfile(first, RATE, container, coding) + by_sndfile(second, RATE, container, coding)
    found, said = read(content)
    assert len(found) / RATE == pytest.approx(5.0, abs=0.2)
    assert same_tune(found, first / 2**15) > 0.99
    end, truth = found[-2 * RATE :], second[-2 * RATE :] / 2**15
    best = max(same_tune(end[k:], truth) for k in range(200)) if container == "FLAC" else 1.0
    assert best > 0.99
    assert all("all of it is used" in one for one in said)


def test_joined_files_of_other_rates_and_channels_keep_the_pitch():
    first = by_sndfile(samples(2.0), RATE, "MP3", "MPEG_LAYER_III")
    other = 44100
    second = by_ffmpeg(np.column_stack([samples(2.0, other)] * 2), other, "mp3", "libmp3lame")
    found, _ = read(first + second)
    assert len(found) / RATE == pytest.approx(4.0, abs=0.2)
    spectrum = [np.abs(np.fft.rfft(part, 4 * RATE)) for part in (found[: 2 * RATE], found[-2 * RATE :])]
    assert abs(int(spectrum[0].argmax()) - int(spectrum[1].argmax())) < 8


def with_sizes(wav, riff, data):
    content = bytearray(wav)
    content[4:8], content[40:44] = struct.pack("<I", riff), struct.pack("<I", data)
    return bytes(content)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 10**9])
def test_a_wav_file_with_a_wrong_size_is_read_to_its_end(size):
    truth = samples(2.0)
    found, _ = read(with_sizes(by_sndfile(truth, RATE, "WAV", "PCM_16"), size, size))
    np.testing.assert_array_equal(found, truth / np.float32(2**15))


def test_a_flac_file_from_a_pipe_has_no_length():
    truth = samples(2.0)
    content = bytearray(by_sndfile(truth, RATE, "FLAC", "PCM_16"))
    # The total of samples, 36 bits of the first block of metadata.
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    found, _ = read(bytes(content))
    np.testing.assert_array_equal(found, truth / np.float32(2**15))


def test_damage_within_a_file_costs_what_is_damaged():
    truth = samples(20.0)
    content = bytearray(by_sndfile(truth, RATE, "FLAC", "PCM_16"))
    middle = len(content) // 2
    content[middle : middle + 40] = bytes(40)
    found, said = read(bytes(content))
    assert len(found) / RATE > 18
    assert same_tune(found[: 8 * RATE], truth[: 8 * RATE] / 2**15) > 0.999
    assert same_tune(found[-8 * RATE :], truth[-8 * RATE :] / 2**15) > 0.999
    assert len(said) == 1


@pytest.mark.parametrize("codec", ["gsm_ms", "adpcm_ms"])
def test_codings_that_cannot_be_sought_in_are_read(codec):
    coding = {"gsm_ms": "GSM610", "adpcm_ms": "MS_ADPCM"}[codec]
    truth = samples(4.0, 8000)
    found, said = read(by_sndfile(truth, 8000, "WAV", coding), 8000)
    assert same_tune(found, truth / 2**15) > 0.99
    assert said == []


def test_the_first_of_several_sounds_is_used_and_said():
    file = io.BytesIO()
    first, second = samples(2.0), samples(2.0)[::-1].copy()
    with av.open(file, "w", format="matroska") as output:
        streams = [output.add_stream("flac", rate=RATE, layout="mono") for _ in range(2)]
        for stream, sound in zip(streams, (first, second), strict=True):
            frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, 0
            for piece in av.AudioResampler("s16", "mono", RATE, 1024).resample(frame):
                output.mux(stream.encode(piece))
            output.mux(stream.encode(None))
    found, said = read(file.getvalue())
    np.testing.assert_array_equal(found[: len(first) - 1024], first[:-1024] / np.float32(2**15))
    assert said == ["the sound holds 2 sounds: the first one is used"]


def test_a_cover_is_no_sound(tmp_path):
    content = by_sndfile(samples(2.0), RATE, "MP3", "MPEG_LAYER_III")
    cover = io.BytesIO()
    Image.effect_noise((400, 400), 80).convert("RGB").save(cover, "JPEG", quality=95)
    picture = b"\0image/jpeg\0\3\0" + cover.getvalue()
    frame = b"APIC" + struct.pack(">I", len(picture)) + b"\0\0" + picture
    size = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    found, said = read(b"ID3\3\0\0" + size + frame + content)
    plain, _ = read(content)
    np.testing.assert_array_equal(found, plain)
    assert said == []


def picture(kind):
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).convert("RGB").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("name", ["song.mp3", "song.wav", "song.m4a", "song"])
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (picture("JPEG"), "a JPEG picture"),
        (picture("PNG"), "a PNG picture"),
        (picture("GIF"), "a GIF picture"),
        (picture("WEBP"), "a WebP picture"),
        (picture("TIFF"), "a TIFF"),
        (picture("BMP"), "a BMP picture"),
        (b"Dear reader,\nthis is a letter.\n", "a text"),
        ("Übermut tut gut, ".encode() * 40, "a text"),
        ("Übermut tut gut, ".encode("latin-1") * 40, "a text"),
        ("Übermut".encode("utf-16"), "a text"),
        (b"#EXTM3U\nsong.mp3\n", "a playlist"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "a drawing .SVG."),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF document"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0", "a MIDI file, which holds notes"),
        (b"PK\3\4" + bytes(60), "a zip archive"),
        (bytes(5000), "a file of zeros"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_sound_is_refused_by_what_it_is(tmp_path, name, content, what):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(AudioError, match=what) as caught:
        load_audio(path, RATE)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [np.random.default_rng(0).bytes(5000), b"\xff\xfb\x90\x00" * 3])
def test_what_nobody_knows_is_refused(content):
    with pytest.raises(AudioError, match=r"cannot read a sound from the sound .*expected WAV, FLAC, MP3"):
        load_audio(content, RATE)


def test_a_film_without_sound_is_refused_as_such():
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for _ in range(5):
            output.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        output.mux(stream.encode(None))
    with pytest.raises(AudioError, match="a video without sound"):
        load_audio(file.getvalue(), RATE)


@pytest.mark.parametrize("name", ["song.mp3", "song.jpg", "song", "song.txt"])
@pytest.mark.parametrize("container", ["ipod", "ogg", "wav"])
def test_a_file_is_known_by_its_content(tmp_path, name, container):
    codec = {"ipod": "aac", "ogg": "libopus", "wav": "pcm_s16le"}[container]
    path = tmp_path / name
    path.write_bytes(by_ffmpeg(samples(1.5)[:, None], RATE, container, codec, bit_rate=96_000))
    found, said = read(path)
    assert same_tune(found, samples(1.5) / 2**15) > 0.99
    assert said == []


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXTINF:4.0,\n{path}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile {path}\n",
        "file '{path}'\n",
    ],
)
def test_a_list_of_other_files_opens_none_of_them(tmp_path, text):
    other = tmp_path / "other.wav"
    soundfile.write(other, samples(1.0), RATE)
    (tmp_path / "list.mp3").write_text(text.format(path=other))
    with pytest.raises(AudioError, match=r"a playlist|a text"):
        load_audio(tmp_path / "list.mp3", RATE)


@pytest.fixture
def wav():
    return by_sndfile(samples(1.0), RATE, "WAV", "PCM_16")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO])
def test_the_content_of_a_file_is_read(wav, kind):
    found, _ = read(kind(wav))
    np.testing.assert_array_equal(found, samples(1.0) / np.float32(2**15))


def test_an_open_file_is_read_from_its_beginning_and_stays_open(wav, tmp_path):
    (tmp_path / "song.wav").write_bytes(wav)
    with (tmp_path / "song.wav").open("rb") as file:
        file.seek(1000)
        found, _ = read(file)
        assert not file.closed
    np.testing.assert_array_equal(found, samples(1.0) / np.float32(2**15))


class Stream(io.RawIOBase):
    """A file that can be read once, as a network connection."""

    def __init__(self, content):
        self._file = io.BytesIO(content)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._file.readinto(buffer)


def test_a_stream_that_can_be_read_once_is_read(wav):
    found = load_audio(io.BufferedReader(Stream(wav)), RATE).numpy()
    np.testing.assert_array_equal(found, samples(1.0) / np.float32(2**15))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_read(wav, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(wav,))
    writer.start()
    found = load_audio(tmp_path / "pipe", RATE).numpy()
    writer.join()
    np.testing.assert_array_equal(found, samples(1.0) / np.float32(2**15))


@pytest.mark.parametrize("source", [io.StringIO("text"), None, 5, ["song.wav"]])
def test_what_is_neither_path_nor_bytes_is_refused(source):
    with pytest.raises(AudioError, match="expected a"):
        load_audio(source, RATE)


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_a_name_that_is_no_utf8_is_read(wav, tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    with open(path, "wb") as file:
        file.write(wav)
    found, _ = read(os.fsdecode(path))
    np.testing.assert_array_equal(found, samples(1.0) / np.float32(2**15))


class Endless(io.RawIOBase):
    """Zeros without an end, as from a device."""

    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = bytes(len(buffer))
        return len(buffer)


def test_what_has_no_end_is_refused(monkeypatch):
    monkeypatch.setattr(open_file, "MOST_BYTES_OF_A_STREAM", 1 << 20)
    with pytest.raises(AudioError, match="a stream of more than 0 GiB, save it to a file"):
        load_audio(io.BufferedReader(Endless()), RATE)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
def test_a_device_is_no_sound():
    with pytest.raises(AudioError, match="'/dev/zero' is a device"):
        load_audio("/dev/zero", RATE)
