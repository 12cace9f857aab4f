"""Changes are added to all channels of a song, and written so that everything else stays bit for bit."""

import av
import numpy as np
import pytest
import soundfile
import torch

from pymoo_moss.errors import OptionError, OutputError
from pymoo_moss.spectrogram import MaskEncoder, open_audio
from pymoo_moss.spectrogram.array_sound import array_sound
from pymoo_moss.spectrogram.lossless_export import save_lossless
from pymoo_moss.spectrogram.lossy_export import CODECS, encode, save_lossy
from pymoo_moss.spectrogram.overlay import Overlay
from pymoo_moss.spectrogram.sound import Piece, Sound

from .test_tags import ALBUM, ARTIST, TITLE, cover

RATE = 44_100


@pytest.fixture(scope="module")
def song():
    rng = np.random.default_rng(5)
    return np.cumsum(rng.standard_normal((3 * RATE, 2)), axis=0).clip(-600, 600) / 1000


def written(path, song, subtype):
    soundfile.write(path, song, RATE, subtype=subtype)
    return path


@pytest.mark.parametrize("extension", ["wav", "flac"])
@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_samples_outside_of_the_change_are_the_songs_bit_for_bit(song, subtype, extension, tmp_path):
    source = written(tmp_path / "song.wav", song, subtype)
    change = torch.from_numpy(0.01 * np.random.default_rng(6).standard_normal(5000))
    overlay = Overlay(open_audio(source), change, 20_000, RATE)
    out = tmp_path / f"out.{extension}"
    save_lossless(out, overlay.pieces(), overlay.sample_rate, overlay.channels, gain=overlay.gain)
    assert soundfile.info(out).subtype == "PCM_24"
    before, rate = soundfile.read(source, dtype="int32")
    after, rate_after = soundfile.read(out, dtype="int32")
    assert (rate, before.shape) == (rate_after, after.shape)
    same = (before == after).all(axis=1)
    assert same[:20_000].all()
    assert same[25_000:].all()
    added = (after - before)[20_000:25_000] / 2.0**31
    np.testing.assert_allclose(added, np.repeat(change.numpy()[:, None], 2, axis=1), atol=2.0**-23)
    np.testing.assert_allclose(
        overlay.excerpt(19_990, 25_010), soundfile.read(out)[0][19_990:25_010], rtol=0, atol=2.0**-23
    )


def test_a_rectangle_of_an_encoder_fits_to_the_sample(song, tmp_path):
    source = written(tmp_path / "song.wav", song, "PCM_24")
    picture = np.random.default_rng(7).random((30, 20))
    encoder = MaskEncoder(
        picture, source, sample_rate=None, grid=(6, 6), start=1.0, duration=1.0, fmin=6000, fmax=12_000
    )
    change = encoder.waveform(np.ones(36))[0] - encoder.audio_waveform
    overlay = Overlay(open_audio(source), change, encoder.excerpt.start, encoder.sample_rate)
    mono = overlay.excerpt(encoder.excerpt.start, encoder.excerpt.stop).mean(axis=1)
    expected = encoder.image_magnitude.log()
    measured = encoder.analyse(torch.from_numpy(mono)).log()
    assert (measured - expected).abs().median() < (
        encoder.audio_magnitude.log() - expected
    ).abs().median() / 2


def test_a_gain_only_where_a_peak_would_clip(song):
    loud = song / np.abs(song).max()
    quiet = Overlay(array_sound((song, RATE)), torch.zeros(10), 0, RATE)
    assert quiet.gain == 1
    clipping = Overlay(array_sound((loud, RATE)), torch.full((3 * RATE,), 0.5), 0, RATE)
    assert clipping.gain == pytest.approx(1 / 1.5, rel=1e-3)
    assert np.abs(np.concatenate(list(clipping.pieces()))).max() * clipping.gain == pytest.approx(1.0)


def test_a_change_of_another_sample_rate_is_resampled(song):
    rng = np.random.default_rng(8)
    change = torch.from_numpy(np.sin(np.arange(8000) * 0.3) * np.hanning(8000) * 0.1 + 0 * rng.random(8000))
    overlay = Overlay(array_sound((0 * song, RATE)), change, 4000, RATE // 2)
    found = overlay.excerpt(8000, 24_000)[:, 0]
    np.testing.assert_allclose(found[::2][100:-100], change[100:-100], atol=2e-3)


def test_joined_files_of_other_layouts_are_brought_to_the_first():
    first, second = np.full((1000, 2), 0.25, np.float32), np.full((500, 1), 0.5, np.float32)
    sound = Sound("joined", lambda: iter([Piece(first, RATE), Piece(second, RATE // 2)]))
    overlay = Overlay(sound, torch.full((100,), 0.1), 950, RATE)
    whole = np.concatenate(list(overlay.pieces()))
    assert whole.shape == (2000, 2)
    assert overlay.length == 2000
    np.testing.assert_allclose(whole[960], 0.35, atol=1e-6)
    np.testing.assert_allclose(whole[1500], 0.5, atol=0.05)


@pytest.mark.parametrize(("name", "channels"), [(name, n) for name in CODECS for n in (1, 2, 3)])
def test_songs_are_encoded_by_every_codec(name, channels):
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)[:, None].repeat(channels, axis=1)
    content = encode(iter([tone.astype(np.float32)]), RATE, channels, CODECS[name])
    sound = open_audio(content)
    # Decoders may write their next piece where the last one was.
    pieces = [Piece(piece.samples.copy(), piece.sample_rate) for piece in sound.pieces()]
    decoded = np.concatenate([piece.samples for piece in pieces])
    assert decoded.shape[1] == (2 if channels == 2 else 1)
    assert len(decoded) / pieces[0].sample_rate == pytest.approx(2, abs=0.1)
    middle = decoded[len(decoded) // 4 : -len(decoded) // 4, 0]
    assert np.sqrt((middle**2).mean()) == pytest.approx(0.3 / np.sqrt(2), rel=0.05)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert spectrum.argmax() * pieces[0].sample_rate / len(middle) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("extension", ["wav", "flac", "mp3", "m4a", "ogg"])
def test_tags_and_cover_are_kept_in_every_format(extension, tmp_path, song):
    tags = open_audio(song_with_tags(tmp_path, song)).tags
    assert tags.title == TITLE
    path = tmp_path / f"out.{extension}"
    save = save_lossy if extension in CODECS else save_lossless
    save(path, iter([song.astype(np.float32)]), RATE, 2, tags=tags)
    again = open_audio(path).tags
    assert (again.title, again.artist, again.album) == (TITLE, ARTIST, ALBUM)
    assert (again.cover, again.cover_type) == (tags.cover, tags.cover_type)
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.sample_rate >= RATE


def song_with_tags(folder, song):
    from mutagen import flac

    path = written(folder / "song.flac", song, "PCM_16")
    file = flac.FLAC(path)
    file.update(title=TITLE, artist=ARTIST, album=ALBUM)
    picture = flac.Picture()
    picture.type, picture.mime, picture.data = 3, "image/png", cover("PNG")
    file.add_picture(picture)
    file.save()
    return path


def test_what_cannot_be_written_is_refused(tmp_path, song):
    with pytest.raises(OptionError, match="format"):
        save_lossless(tmp_path / "out.aiff", iter([song]), RATE, 2)
    with pytest.raises(OptionError, match="format"):
        save_lossy(tmp_path / "out.wma", iter([song]), RATE, 2)
    for save, name in ((save_lossless, "out.wav"), (save_lossy, "out.mp3")):
        with pytest.raises(OutputError, match="cannot write"):
            save(tmp_path / "missing" / name, iter([song.astype(np.float32)]), RATE, 2)
