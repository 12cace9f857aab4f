"""Title, artist and cover of a song are read from any file, and kept in exported ones."""

import io
import sys

import av
import mutagen
import numpy as np
import pytest
import soundfile
import torch
from mutagen import flac, id3, mp3, mp4, oggvorbis
from mutagen.wave import WAVE
from PIL import Image

from pymoo_moss import MaskEncoder
from pymoo_moss.spectrogram.audio import open_audio
from pymoo_moss.spectrogram.audio_export import save_wav
from pymoo_moss.spectrogram.tags import Tags

from .sound_files import by_ffmpeg, by_sndfile, tune

RATE = 16000
TITLE, ARTIST, ALBUM = "Ständchen — «Leise flehen»", "Schubert & Σωτήρης", "Schwanengesang"


def cover(kind):
    file = io.BytesIO()
    Image.effect_noise((30, 30), 50).convert("RGB").save(file, kind)
    return file.getvalue()


def id3_frames(picture):
    return [
        id3.TIT2(encoding=3, text=TITLE),
        id3.TPE1(encoding=3, text=ARTIST),
        id3.TALB(encoding=3, text=ALBUM),
        id3.APIC(encoding=3, mime="image/jpeg", type=3, desc="", data=picture),
    ]


def tagged_mp3(path, picture):
    path.write_bytes(by_sndfile(tune(RATE), RATE, "MP3", "MPEG_LAYER_III"))
    file = mp3.MP3(path)
    file.add_tags()
    for frame in id3_frames(picture):
        file.tags.add(frame)
    file.save()


def tagged_wav(path, picture):
    path.write_bytes(by_sndfile(tune(RATE), RATE, "WAV", "PCM_16"))
    file = WAVE(path)
    file.add_tags()
    for frame in id3_frames(picture):
        file.tags.add(frame)
    file.save()


def tagged_m4a(path, picture):
    path.write_bytes(by_ffmpeg(tune(RATE)[:, None].astype(np.float32), RATE, "ipod", "aac"))
    file = mp4.MP4(path)
    file["\xa9nam"], file["\xa9ART"], file["\xa9alb"] = TITLE, ARTIST, ALBUM
    file["covr"] = [mp4.MP4Cover(picture, mp4.MP4Cover.FORMAT_JPEG)]
    file.save()


def tagged_flac(path, picture):
    path.write_bytes(by_sndfile(tune(RATE), RATE, "FLAC", "PCM_16"))
    file = flac.FLAC(path)
    file["title"], file["artist"], file["album"] = TITLE, ARTIST, ALBUM
    front = flac.Picture()
    front.type, front.mime, front.data = 3, "image/jpeg", picture
    file.add_picture(front)
    file.save()


def tagged_ogg(path, picture):
    path.write_bytes(by_sndfile(tune(RATE), RATE, "OGG", "VORBIS"))
    file = oggvorbis.OggVorbis(path)
    file["title"], file["artist"], file["album"] = TITLE, ARTIST, ALBUM
    file.save()


@pytest.mark.parametrize(
    ("write", "with_cover"),
    [(tagged_mp3, True), (tagged_wav, False), (tagged_m4a, True), (tagged_flac, True), (tagged_ogg, False)],
)
def test_tags_of_every_format_are_read(tmp_path, write, with_cover):
    picture = cover("JPEG")
    write(tmp_path / "song", picture)
    found = open_audio(tmp_path / "song").tags
    assert (found.title, found.artist, found.album) == (TITLE, ARTIST, ALBUM)
    if with_cover:
        assert (found.cover, found.cover_type) == (picture, "image/jpeg")


def test_a_sound_without_tags_has_none(tmp_path):
    (tmp_path / "song.wav").write_bytes(by_sndfile(tune(RATE), RATE, "WAV", "PCM_16"))
    assert not open_audio(tmp_path / "song.wav").tags
    assert not open_audio((tune(RATE), RATE)).tags


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_exported_files_keep_tags_and_samples(tmp_path, kind):
    media_type = f"image/{kind.lower()}"
    tags = Tags(TITLE, ARTIST, ALBUM, cover(kind), media_type)
    waveform = torch.from_numpy(tune(RATE)).float()
    save_wav(tmp_path / "tagged.wav", waveform, RATE, tags)
    save_wav(tmp_path / "plain.wav", waveform, RATE)
    read = mutagen.File(tmp_path / "tagged.wav").tags
    assert [str(read[name]) for name in ("TIT2", "TPE1", "TALB")] == [TITLE, ARTIST, ALBUM]
    assert (read["APIC:"].data, read["APIC:"].mime) == (tags.cover, media_type)
    tagged, plain = (soundfile.read(tmp_path / f"{name}.wav")[0] for name in ("tagged", "plain"))
    np.testing.assert_array_equal(tagged, plain)
    with av.open(str(tmp_path / "tagged.wav")) as file:
        assert sum(frame.samples for frame in file.decode(audio=0)) == len(plain)


def test_a_songs_tags_reach_the_encoder(tmp_path, picture):
    tagged_mp3(tmp_path / "song.mp3", cover("JPEG"))
    assert MaskEncoder(picture, tmp_path / "song.mp3", grid=(2, 2)).tags.title == TITLE


def test_without_mutagen_one_line_says_what_to_install(tmp_path, monkeypatch):
    for name in ("mutagen", "mutagen.id3", "mutagen.wave"):
        monkeypatch.setitem(sys.modules, name, None)
    waveform = torch.from_numpy(tune(RATE)).float()
    with pytest.warns(UserWarning, match=r"not kept: .*pip install 'pymoo-moss\[tags\]'") as warned:
        save_wav(tmp_path / "song.wav", waveform, RATE, Tags(title=TITLE))
    assert "\n" not in str(warned[0].message)
    np.testing.assert_allclose(soundfile.read(tmp_path / "song.wav")[0], waveform, atol=1e-4)


def with_pictures(path, *pictures, title="A title"):
    """Write an MP3 with pictures, each of a kind, a media type and a content; 3 is the front cover."""
    path.write_bytes(by_sndfile(tune(RATE), RATE, "MP3", "MPEG_LAYER_III"))
    tags = id3.ID3()
    tags.add(id3.TIT2(encoding=3, text=title))
    for kind, media_type, content in pictures:
        tags.add(id3.APIC(encoding=3, mime=media_type, type=kind, desc=str(kind), data=content))
    tags.save(path)
    return open_audio(path).tags


def test_of_several_pictures_the_front_cover_is_kept(tmp_path):
    front, back, icon = cover("JPEG"), cover("JPEG"), cover("PNG")
    pictures = [(1, "image/png", icon), (4, "image/jpeg", back), (3, "image/jpeg", front)]
    found = with_pictures(tmp_path / "song.mp3", *pictures)
    assert (found.cover, found.cover_type) == (front, "image/jpeg")


@pytest.mark.parametrize(("kind", "said"), [("JPEG", "image/png"), ("PNG", "image/jpeg")])
def test_a_covers_type_is_told_by_its_content(tmp_path, kind, said):
    content = cover(kind)
    found = with_pictures(tmp_path / "song.mp3", (3, said, content))
    assert (found.cover, found.cover_type) == (content, f"image/{kind.lower()}")


def test_what_is_no_picture_is_no_cover(tmp_path):
    assert with_pictures(tmp_path / "song.mp3", (3, "image/jpeg", b"no picture" * 20)).cover == b""


def test_a_title_of_several_lines_becomes_one(tmp_path):
    assert (
        with_pictures(tmp_path / "song.mp3", title="first\r\n second\t third").title == "first second third"
    )
