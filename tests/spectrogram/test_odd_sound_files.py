"""Files as other programs write them: of many channels or unknown size, with tags behind, joined, damaged."""

import io
import re
import struct

import av
import numpy as np
import pytest

from pymoo_moss.errors import AudioError
from pymoo_moss.spectrogram.audio import load_audio

from .sound_files import by_ffmpeg, by_sndfile, tune
from .test_sound_file import read, same_tune

RATE = 16000


def whole_numbers(seconds, rate=RATE):
    return np.round(2**15 * tune(rate, seconds)).astype(np.int16)


def exact(samples):
    return samples / np.float32(2**15)


def of_channels(container, codec, samples, layout):
    """Encode samples ``(n, channels)`` by FFmpeg."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=RATE, layout=layout)
        stream.codec_context.format = {"wavpack": "s16p"}.get(codec, "s16")
        resampler = av.AudioResampler(stream.codec_context.format, layout, RATE, 1024)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.pts = RATE, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(("channels", "layout"), [(1, "mono"), (6, "5.1"), (8, "7.1"), (16, "hexadecagonal")])
@pytest.mark.parametrize(("container", "codec"), [("wv", "wavpack"), ("matroska", "pcm_s16le")])
def test_each_of_many_channels_is_read(container, codec, channels, layout):
    """PyAV itself finds a plane too many where there are eight, and reads memory outside the frame."""
    samples = np.random.default_rng(1).integers(-(2**13), 2**13, (4000, channels), dtype=np.int16)
    found = load_audio(of_channels(container, codec, samples, layout), RATE).numpy()
    np.testing.assert_array_equal(found, exact(samples).mean(axis=1, dtype=np.float32))


def test_64_bit_samples_are_read():
    samples = whole_numbers(0.2).astype(np.int64)
    form = struct.pack("<HHIIHH", 1, 1, RATE, 8 * RATE, 8, 64)
    data = (samples << 48).astype("<i8").tobytes()
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data
    found, said = read(b"RIFF" + struct.pack("<I", len(body)) + body)
    np.testing.assert_array_equal(found, exact(samples))
    assert said == []


@pytest.mark.parametrize("name", ["song.al", "song.ul", "song.sw", "song.g722", "song.c2", "song.jpg"])
def test_no_name_makes_a_sound_of_other_bytes(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(b"\x8fQ" + np.random.default_rng(3).bytes(20_000))
    with pytest.raises(AudioError, match="its format is not known"):
        load_audio(path, RATE)


class Once(io.BytesIO):
    """A file that can be written once, as a pipe: encoders cannot go back to write its length."""

    def seekable(self):
        return False

    def seek(self, *place):
        raise OSError("a pipe")


def through_a_pipe(container, codec, samples):
    file = Once()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=RATE, layout="mono")
        stream.codec_context.format = {"wavpack": "s16p"}.get(codec, "s16")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        resampler = av.AudioResampler(stream.codec_context.format, "mono", RATE, 1024)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize(
    ("container", "codec"),
    [("wav", "pcm_s16le"), ("aiff", "pcm_s16be"), ("au", "pcm_s16be"), ("w64", "pcm_s16le"), ("flac", "flac"),
     ("wv", "wavpack"), ("matroska", "flac"), ("asf", "pcm_s16le")],
)  # fmt: skip
def test_what_came_through_a_pipe_is_read_without_a_word(container, codec):
    samples = whole_numbers(1.0)
    found, said = read(through_a_pipe(container, codec, samples))
    np.testing.assert_array_equal(found[: len(samples)], exact(samples))
    assert len(found) - len(samples) < 1024
    assert said == []


def ape_tag():
    head = b"APETAGEX" + struct.pack("<IIII", 2000, 51, 1, 1 << 31) + bytes(8)
    return head + struct.pack("<II", 5, 0) + b"Title\0Hello" + head


BEHIND = {
    "ID3v1": b"TAG" + b"Title".ljust(125, b"\0"),
    "APE": ape_tag(),
    "zeros": bytes(300),
    "a page": b"<html><body>Error</body></html>" * 10,
    "noise": np.random.default_rng(0).bytes(300),
}


@pytest.mark.parametrize("what", BEHIND)
@pytest.mark.parametrize(
    ("container", "coding"),
    [("WAV", "PCM_16"), ("WAVEX", "PCM_24"), ("AIFF", "PCM_16"), ("CAF", "PCM_16")],
)
def test_what_stands_behind_a_file_is_no_sound_and_no_damage(container, coding, what):
    samples = whole_numbers(1.0)
    found, said = read(by_sndfile(samples, RATE, container, coding) + BEHIND[what])
    np.testing.assert_array_equal(found, exact(samples))
    assert said == []


@pytest.mark.parametrize("tags", [("ID3v1",), ("APE",), ("APE", "ID3v1")])
def test_tags_behind_a_flac_are_no_sound_and_no_damage(tags):
    samples = whole_numbers(1.0)
    content = by_sndfile(samples, RATE, "FLAC", "PCM_16") + b"".join(BEHIND[tag] for tag in tags)
    found, said = read(content)
    np.testing.assert_array_equal(found, exact(samples))
    assert said == []


@pytest.mark.parametrize("tags", [("ID3v1",), ("APE",)])
def test_tags_behind_ac_3_cost_nothing_of_it(tags):
    content = by_ffmpeg(whole_numbers(1.0, 32000)[:, None], 32000, "ac3", "ac3", bit_rate=96_000)
    found, said = read(content + b"".join(BEHIND[tag] for tag in tags))
    np.testing.assert_array_equal(found, read(content)[0])
    assert said == []


@pytest.mark.parametrize(
    ("container", "coding"),
    [
        ("WAV", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("W64", "PCM_16"),
        ("CAF", "PCM_16"),
        ("RF64", "PCM_16"),
        ("AU", "PCM_16"),
    ],
)
def test_joined_files_of_chunks_are_used_to_the_end(container, coding):
    first, second, third = whole_numbers(1.0), whole_numbers(1.5)[::-1], whole_numbers(1.0, 8000)
    content = [by_sndfile(first, RATE, container, coding), by_sndfile(second, RATE, container, coding)]
    if container != "AU":
        content.append(by_sndfile(third, 8000, container, coding))
    found, said = read(b"".join(content))
    np.testing.assert_array_equal(found[: len(first)], exact(first))
    if container != "AU":
        np.testing.assert_array_equal(found[len(first) :][: len(second)], exact(second))
        assert len(found) == 3.5 * RATE
    assert said == [
        f"the sound says that it holds 1.0 s of sound, and holds {len(found) / RATE:.1f} s: all of it is used"
    ]


@pytest.mark.parametrize("second", [("VORBIS", 8000, 1), ("VORBIS", RATE, 2), ("OPUS", 48000, 1)])
@pytest.mark.parametrize("first", [("VORBIS", RATE, 1), ("OPUS", RATE, 1)])
def test_every_link_of_a_chain_is_read_whatever_its_coding(first, second):
    def link(coding, rate, channels, seconds):
        return by_sndfile(np.stack([tune(rate, seconds)] * channels, axis=1), rate, "OGG", coding)

    chain = link(*first, 1.0) + link(*second, 2.0) + link(*first, 1.0)
    found, said = read(chain)
    assert len(found) / RATE == pytest.approx(4.0, abs=0.01)
    truth = np.concatenate([tune(RATE, seconds) for seconds in (1.0, 2.0, 1.0)])
    assert same_tune(found, truth) > 0.98
    assert len(said) == 1


@pytest.mark.parametrize(
    ("container", "codec"), [("ipod", "aac"), ("mov", "pcm_s16le"), ("asf", "wmav2"), ("mp4", "flac")]
)
def test_joined_films_are_used_to_the_end(container, codec):
    once = by_ffmpeg(whole_numbers(2.0)[:, None], RATE, container, codec, bit_rate=96_000)
    alone, _ = read(once)
    found, said = read(once + once)
    np.testing.assert_array_equal(found, np.concatenate([alone, alone]))
    assert len(said) == (0 if container == "asf" else 1)


def test_what_is_broken_off_after_a_whole_file_is_used_as_far_as_it_goes():
    once = by_sndfile(whole_numbers(2.0), RATE, "WAV", "PCM_16")
    for cut, seconds in ((30, 2.0), (len(once) // 2, 3.0)):
        found, said = read(once + once[:cut])
        assert len(found) / RATE == pytest.approx(seconds, abs=0.01)
        assert len(said) == 1


@pytest.mark.parametrize("container", ["mp4", "ipod", "mov", "3gp"])
def test_a_film_without_its_index_is_told_as_such(container):
    content = by_ffmpeg(whole_numbers(2.0)[:, None], RATE, container, "aac", bit_rate=96_000)
    with pytest.raises(AudioError, match=r"whose index, which is written last, is missing\): copy"):
        load_audio(content[: len(content) // 2], RATE)


@pytest.mark.parametrize(
    ("container", "coding"), [("WAV", "PCM_16"), ("AIFF", "PCM_16"), ("FLAC", "PCM_16"), ("CAF", "PCM_16")]
)
def test_a_beginning_without_sound_is_told_by_its_kind(container, coding):
    content = by_sndfile(whole_numbers(1.0), RATE, container, coding)
    with pytest.raises(
        AudioError, match=f"it is a sound .{container}., damaged, broken off or of an unknown"
    ):
        load_audio(content[:20], RATE)


def test_damage_from_the_beginning_to_the_end_is_told():
    form = struct.pack("<HHIIHH", 0x55, 1, RATE, RATE, 1, 0)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 9000) + bytes(9000)
    with pytest.raises(AudioError, match=r"nothing in it can be decoded\): copy"):
        load_audio(b"RIFF" + struct.pack("<I", len(body)) + body, RATE)


def film(seconds, seconds_of_sound, container="matroska"):
    """A film of black pictures whose sound may be shorter."""
    file, samples = io.BytesIO(), whole_numbers(seconds_of_sound)
    with av.open(file, "w", format=container) as output:
        pictures = output.add_stream("mpeg4", rate=5)
        codec = "flac" if container == "matroska" else "pcm_s16le"
        sound = output.add_stream(codec, rate=RATE, layout="mono")
        pictures.width = pictures.height = 32
        output.start_encoding()
        for _ in range(5 * seconds):
            output.mux(pictures.encode(av.VideoFrame(32, 32, "yuv420p")))
        output.mux(pictures.encode(None))
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for piece in av.AudioResampler("s16", "mono", RATE, 1024).resample(frame):
            output.mux(sound.encode(piece))
        output.mux(sound.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("container", ["matroska", "mov", "avi"])
def test_a_film_that_is_longer_than_its_sound_is_no_broken_one(container):
    found, said = read(film(4, 1.0, container))
    assert len(found) / RATE == pytest.approx(1.0, abs=0.07)
    assert said == []


def test_a_film_that_is_broken_off_is_told():
    content = film(2, 2.0)
    found, said = read(content[: int(0.9 * len(content))])
    assert said == [
        f"the sound is broken off: the {len(found) / RATE:.1f} s of sound that are in it are used"
    ]


def mpeg(container="MP3", coding="MPEG_LAYER_III", seconds=3.0):
    return by_sndfile(whole_numbers(seconds), RATE, container, coding)


def damaged_mpeg(content, how):
    middle = len(content) // 2
    return {
        "joined": content + content,
        "cut": content[:middle],
        "a hole": content[:middle] + bytes(500) + content[middle + 500 :],
        "a part lost": content[:middle] + content[middle + 333 :],
        "zeros behind": content + bytes(1000),
        "noise behind": content + np.random.default_rng(0).bytes(1000),
        "zeros before": bytes(100) + content,
        "a beginning": content[:200],
        "a damaged tag": b"ID3\3\0\0\0\0\0\x20TIT2\0\0\x7f\6\0\0\0Hello" + bytes(15) + content,
        "line ends": content.replace(b"\n", b"\r\n"),
    }[how]


HOWS = [
    "joined",
    "cut",
    "a hole",
    "a part lost",
    "zeros behind",
    "noise behind",
    "zeros before",
    "a beginning",
    "a damaged tag",
    "line ends",
]


@pytest.mark.parametrize("how", HOWS)
def test_no_decoder_prints_about_damaged_mpeg_audio(how, capfd):
    content = damaged_mpeg(mpeg(), how)
    if how == "a beginning":
        with pytest.raises(AudioError, match="cannot read a sound"):
            read(content)
    else:
        assert len(read(content)[0]) > RATE
    assert capfd.readouterr() == ("", "")


def test_mpeg_audio_within_a_wav_file_is_read_silently(capfd):
    samples = whole_numbers(3.0)
    content = by_ffmpeg(samples[:, None], RATE, "wav", "libmp3lame", bit_rate=64_000)
    found, _ = read(content + BEHIND["noise"])
    assert same_tune(found[1105:], exact(samples)) > 0.99
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("container", ["CAF", "W64", "AIFF", "WAV"])
def test_no_decoder_prints_about_places_that_are_not_there(container, capfd):
    content = by_sndfile(whole_numbers(1.0), RATE, container, "PCM_16")
    for behind in BEHIND.values():
        read(content + behind)
    assert capfd.readouterr() == ("", "")


def test_channels_that_cancel_for_a_part_of_the_time_are_told():
    tone = tune(RATE, 4.0).astype(np.float32)
    turned = np.where(np.arange(len(tone)) < 2 * RATE, tone, -tone)
    found, said = read((np.stack([tone, turned]), RATE))
    np.testing.assert_array_equal(found, tone)
    assert said == [
        "the channels of the audio array cancel each other for 2.0 of 4.0 s: mixed to one they are 120 dB "
        "quieter than channel 1 alone, which is used instead"
    ]


def test_independent_channels_and_channels_in_turn_are_averaged():
    left, right = tune(RATE, 4.0).astype(np.float32), tune(RATE, 4.0)[::-1].astype(np.float32)
    first = np.arange(len(left)) < 2 * RATE
    for parts in (
        np.stack([left, right]),
        np.stack([left * first, right * ~first]),
        np.stack([left, 0 * left]),
    ):
        found, said = read((parts, RATE))
        np.testing.assert_allclose(found, parts.mean(axis=0), atol=1e-7)
        assert said == []


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38])
def test_samples_that_are_not_finite_are_refused_without_a_warning(value):
    parts = np.stack([tune(RATE, 1.0)] * 2).astype(np.float32)
    parts[:, 99] = value
    with pytest.raises(AudioError, match=re.escape("NaN or infinite")):
        read((parts, RATE))


def with_size(content, place, length, order, size):
    patched = bytearray(content)
    patched[place : place + length] = size.to_bytes(length, order)
    return bytes(patched)


def unfinished(container, share):
    """A file whose sound has another size in its header than it has; the size, and the whole file."""
    samples = whole_numbers(3.0)
    content = by_sndfile(samples, RATE, container, "PCM_16")
    name = {"AIFF": b"SSND", "AU": b".snd", "RF64": b"ds64"}.get(container, b"data")
    place = content.index(name)
    after, length, order, head = {
        "WAV": (4, 4, "little", 0),
        "AIFF": (4, 4, "big", 8),
        "CAF": (4, 8, "big", 4),
        "W64": (16, 8, "little", 24),
        "AU": (8, 4, "big", 0),
        "RF64": (16, 8, "little", 0),
    }[container]
    return samples, with_size(content, place + after, length, order, head + int(share * 2 * len(samples)))


@pytest.mark.parametrize("container", ["WAV", "AIFF", "CAF", "W64", "AU", "RF64"])
def test_a_recording_that_was_never_finished_is_read_to_its_end(container):
    samples, content = unfinished(container, 0.0)
    found, said = read(content)
    np.testing.assert_array_equal(found, exact(samples))
    assert said == []


@pytest.mark.parametrize("container", ["WAV", "AIFF", "CAF", "W64", "RF64"])
def test_a_recording_that_goes_on_after_its_declared_end_is_read_to_its_end(container):
    samples, content = unfinished(container, 0.5)
    found, said = read(content)
    np.testing.assert_array_equal(found, exact(samples))
    assert said == [
        "the sound goes on after the end that it declares: the 3.0 s of sound that are in it are used"
    ]


@pytest.mark.parametrize("behind", [bytes(40_000), b"<p>Not found</p>" * 4000, ape_tag() + bytes(99_000)])
def test_what_is_no_sound_behind_a_long_padding_or_tag_is_left_out(behind):
    samples = whole_numbers(1.0)
    found, said = read(by_sndfile(samples, RATE, "WAV", "PCM_16") + behind)
    np.testing.assert_array_equal(found, exact(samples))
    assert said == []
