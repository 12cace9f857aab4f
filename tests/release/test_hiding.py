"""Where and how loud a picture is hidden, and what is left of it."""

import shutil
import subprocess
from dataclasses import replace

import cv2
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from pymoo_moss import MaskEncoder
from pymoo_moss.errors import OptionError
from pymoo_moss.objectives import AudioAudibility
from pymoo_moss.release import HidingPlan, Lettering, QRCode, contact_sheet, hidden_picture, survivals
from pymoo_moss.release.level import LOUDEST_DB, QUIETEST_DB, chosen_level, white_in_full_scale
from pymoo_moss.release.placement import best_start
from pymoo_moss.release.viewers import VIEWERS, viewer_image
from pymoo_moss.spectrogram import chosen_transform, free_band

from .conftest import RATE

QUICK = HidingPlan(effort="quick", threads=2)


@pytest.fixture(scope="module")
def hidden(portrait, song):
    return hidden_picture(portrait, song, replace(QUICK, duration=2.0))


@pytest.fixture(scope="module")
def overlay(hidden):
    return hidden.overlay(waveform_of(hidden, hidden.chosen[0]))


def waveform_of(hidden, index):
    return hidden.encoder.waveform(hidden.result.X[index], "refined")[0]


def test_only_the_rectangle_changes(hidden, overlay, song):
    encoder = hidden.encoder
    whole = overlay.excerpt(0, overlay.length)
    changed = np.flatnonzero((whole != song[0].T.astype(np.float32)).any(axis=1))
    assert encoder.excerpt.start <= changed.min()
    assert changed.max() < encoder.excerpt.stop
    assert encoder.sample_rate == overlay.sample_rate == RATE
    difference = (whole - song[0].T.astype(np.float32))[encoder.excerpt]
    np.testing.assert_allclose(difference[:, 0], difference[:, 1], atol=1e-6)


def test_the_chosen_solutions_go_from_more_picture_to_more_song(hidden):
    picture, sound = hidden.result.columns
    F = hidden.result.F[hidden.chosen]
    assert (np.diff(F[1:, picture]) > 0).all()
    assert (np.diff(F[1:, sound]) < 0).all()
    assert F[:, sound].min() > 0
    assert F[0, picture] < np.median(hidden.result.F[:, picture])
    assert len(hidden.audible_db) == len(hidden.chosen)


def test_the_picture_is_not_where_the_song_is_quiet_or_covers_it(song):
    transform = chosen_transform(None, None, None, RATE)
    mono = torch.from_numpy(song[0].mean(axis=0)).float()
    assert 3.0 <= best_start(mono, transform, free_band(RATE), 2.0, -30.0) <= 6.5
    covered = mono.clone()
    # Noise over all frequencies, as of cymbals, in the first 6 seconds.
    covered[: 6 * RATE] += 0.01 * torch.randn(6 * RATE, generator=torch.Generator().manual_seed(2))
    assert 6.0 <= best_start(covered, transform, free_band(RATE), 2.0, -30.0) <= 7.0


@pytest.mark.parametrize(
    ("rate", "band"), [(48_000, (8000, 16_000)), (44_100, (8000, 16_000)), (16_000, (3600, 7200))]
)
def test_the_band_is_under_the_cut_of_codecs(rate, band):
    assert free_band(rate) == band


def test_a_song_hardly_longer_than_the_picture_has_it_from_its_beginning(portrait, song):
    short = (song[0][:, : 2 * RATE], RATE)
    encoder = hidden_picture(portrait, short, replace(QUICK, duration=1.9)).encoder
    assert encoder.excerpt.start < 0.2 * RATE


def heard_alone(encoder):
    return float(AudioAudibility()(encoder.image_magnitude[None], encoder))


def test_the_level_is_the_loudest_that_is_hardly_heard(portrait, song):
    def at(level_db):
        return MaskEncoder(
            portrait, song, sample_rate=None, start=4.0, fmin=7000, fmax=14_000, dynamic_range_db=50.0,
            level_db=level_db, grid=(9, 9),
        )  # fmt: skip

    level = chosen_level(at(LOUDEST_DB))
    assert QUIETEST_DB <= level <= 0
    encoder = at(level)
    assert white_in_full_scale(encoder) >= -66.01
    if white_in_full_scale(encoder) > -65 and level > QUIETEST_DB:
        assert heard_alone(encoder) <= 0.1


def test_what_a_layer_mask_keeps_of_the_song_is_not_made_quieter_with_the_picture(portrait, song):
    mask = np.ones((110, 4))
    mask[70:] = 0.0  # the song, below 7 kHz

    def at(level_db):
        return MaskEncoder(
            portrait, song, sample_rate=None, start=4.0, fmin=3000, fmax=14_000, dynamic_range_db=50.0,
            level_db=level_db, grid=(9, 9), layer_mask=mask,
        )  # fmt: skip

    level = chosen_level(at(LOUDEST_DB))
    heard = [heard_alone(at(one)) for one in (level, level + 1)]
    assert QUIETEST_DB < level < LOUDEST_DB
    assert heard[0] <= 0.1 < heard[1] or white_in_full_scale(at(level)) < -65


def test_a_layer_mask_keeps_the_songs_samples(portrait, song):
    mask = np.ones((120, 90))
    mask[:, 45:] = 0.0
    hidden = hidden_picture(portrait, song, replace(QUICK, start=4.0, duration=2.0, layer_mask=mask))
    encoder = hidden.encoder
    overlay = hidden.overlay(waveform_of(hidden, hidden.chosen[0]))
    whole = overlay.excerpt(0, overlay.length)
    changed = np.flatnonzero((whole != song[0].T.astype(np.float32)).any(axis=1))
    assert encoder.excerpt.start <= changed.min()
    assert changed.max() < 5.0 * RATE + encoder.n_fft
    assert survivals(overlay, encoder)[0].correlation > 0.9


def test_codecs_keep_the_picture(hidden, overlay):
    found = {one.name: one for one in survivals(overlay, hidden.encoder)}
    assert set(found) >= {"the file", "MP3 192", "AAC 256", "Opus 160"}
    assert found["the file"].correlation > 0.9
    assert all(one.correlation > 0.6 for one in found.values())
    assert found["the file"].ssim >= max(one.ssim for one in found.values()) - 0.02


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda viewer: viewer.name)
def test_views_show_levels_as_the_viewer_does(viewer):
    time = np.arange(2 * RATE) / RATE
    tone = 10 ** ((viewer.highest_db - 20) / 20) * np.sin(2 * np.pi * 8000 * time)
    view = viewer_image(viewer, tone[:, None], RATE, (60, 161))
    # Its beginning and its end are edges.
    assert view[20, 5:-5].max() < 0.05
    assert view[75:86, 5:-5].max() <= 1 - 20 / viewer.range_db + 0.01
    bins = viewer_image(viewer, tone[:, None], RATE, (60, viewer.n_fft // 2 + 1))
    assert bins[viewer.n_fft // 4, 30] == pytest.approx(1 - 20 / viewer.range_db, abs=0.01)


def test_the_contact_sheet_has_every_viewer(hidden, overlay):
    sheet = np.asarray(contact_sheet(overlay.excerpt(0, 3 * RATE), RATE, 0.0, "a title"))
    assert sheet.shape[2] == 3
    for top in (0, len(sheet) // 2):
        for left in (0, sheet.shape[1] // 2):
            part = sheet[top : top + len(sheet) // 2, left : left + sheet.shape[1] // 2]
            assert (part < 200).any(axis=2).mean() > 0.6


@pytest.mark.parametrize("program", ["view", "sox"])
def test_a_qr_code_is_read_from_the_songs_spectrogram_before_and_after_mp3(song, program, tmp_path):
    content = "https://example.org"
    hidden = hidden_picture(QRCode(content), song, replace(QUICK, band=(7000, 14_000), duration=4.0))
    encoder = hidden.encoder
    overlay = hidden.overlay(waveform_of(hidden, hidden.chosen[0]))
    samples = overlay.excerpt(encoder.excerpt.start, encoder.excerpt.stop)
    if program == "view":
        view = (255 * viewer_image(VIEWERS[0], samples, RATE, (800, 800))).astype(np.uint8)
    elif shutil.which("sox") is None:
        pytest.skip("sox is not installed")
    else:
        soundfile.write(tmp_path / "part.wav", samples, RATE, subtype="PCM_24")
        command = "sox part.wav -n remix - spectrogram -m -r -x 800 -y 1025 -o view.png"
        subprocess.run(command.split(), cwd=tmp_path, check=True)
        view = np.asarray(Image.open(tmp_path / "view.png").convert("L"))
    top, bottom = (int(len(view) * (1 - 2 * edge / RATE)) for edge in (14_000, 7000))
    code = cv2.resize(view[top:bottom], (600, 600), interpolation=cv2.INTER_AREA)
    assert (
        cv2.QRCodeDetector().detectAndDecode(cv2.normalize(code, None, 0, 255, cv2.NORM_MINMAX))[0] == content
    )
    kept = {one.name: one.correlation for one in survivals(overlay, encoder)}
    assert kept["MP3 192"] > 0.75


def test_a_text_lasts_twelve_seconds_or_as_long_as_the_song(song):
    encoder = hidden_picture(Lettering("HELLO"), song, replace(QUICK, band=(7000, 14_000))).encoder
    assert len(encoder.audio_waveform) == pytest.approx(9 * RATE, rel=0.01)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"effort": "lazy"}, "effort"),
        ({"band": (9000, 20_000)}, "band within 0 to 16000 Hz"),
        ({"band": (9000, 8000)}, "lower edge first"),
        ({"band": (9000, 9100)}, "band of 3.. Hz or more"),
        ({"band": (1, 2, 3)}, "band as"),
        ({"start": 9.5}, "start within the song, below 9 s"),
        ({"duration": 20.0}, "let it last 9 s"),
        ({"start": 5.0, "duration": 5.0}, "let it last 4 s, or begin earlier"),
        ({"level_db": -85.0, "duration": 2.0}, r"level_db of -\d+ or more"),
        ({"seed": -1}, "seed"),
        ({"gamma": 0.0, "duration": 2.0}, "gamma above 0"),
        ({"layer_mask": "missing.png", "duration": 2.0}, "layer_mask as a picture"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_refused(portrait, song, plan, message):
    with pytest.raises(OptionError, match=message):
        hidden_picture(portrait, song, HidingPlan(**{"effort": "quick", **plan}))
