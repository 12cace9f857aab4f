import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from PIL import Image

from pymoo_moss import FrontRecorder, MaskEncoder
from pymoo_moss.explore import (
    front_figure,
    inputs_figure,
    save_evolution,
    solutions_figure,
    spectrogram_figure,
)
from pymoo_moss.explore.figures import spectrogram_image

from ..conftest import GRID


def test_the_image_is_in_decibels_under_white_with_low_frequencies_first(encoder):
    tone = torch.full(encoder.plane, 1e-12)
    tone[100:103] = math.exp(encoder.log_ceiling)
    image = spectrogram_image(encoder, tone)
    assert image.shape == (512, encoder.plane[1])
    assert image.max() == pytest.approx(0.0, abs=1.0)
    assert abs(int(image.mean(axis=1).argmax()) - 101) <= 1
    assert image.min() == pytest.approx(-min(90.0, encoder.dynamic_range_db))


@pytest.mark.parametrize("axis", ["linear", "log", "mel"])
def test_every_axis_can_be_drawn_with_the_whole_sound_on_it(picture, sound, axis, tmp_path):
    encoder = MaskEncoder(picture, sound, grid=GRID, frequency_axis=axis, fmin=300.0, fmax=3000.0)
    figure = spectrogram_figure(encoder, encoder.audio_magnitude, "sound")
    labels = [float(label.get_text()) for label in figure.axes[0].get_yticklabels()]
    assert max(labels) >= 6
    assert labels == sorted(labels)
    figure.savefig(tmp_path / "figure.png")
    assert Image.open(tmp_path / "figure.png").size == (1000, 480)


def test_the_front_shows_everything_it_was_given(problem):
    F = np.array([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]])
    recorder = FrontRecorder()
    recorder.seeding = [F[:2]]
    figure = front_figure(problem, F, recorder=recorder, sweep=F + 1, picks={"balanced": 1})
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["constant masks", "gradient seeds", "front"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["balanced"]
    assert figure.axes[0].get_xlabel().startswith("visual l1")
    alone = front_figure(problem, F).axes[0].get_legend().get_texts()
    assert [text.get_text() for text in alone] == ["front"]


def test_panels_have_a_spectrogram_over_a_mask_each(encoder, rng):
    x = rng.random(encoder.n_var)
    figure = solutions_figure(
        encoder, [("one", x, encoder.audio_magnitude), ("two", x, encoder.image_magnitude)]
    )
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert [title for title in titles if "mask" not in title] == ["one", "two"]
    masks = [axes.images[0].get_array() for axes in figure.axes if "mask" in axes.get_title()]
    np.testing.assert_allclose(masks[0], x.reshape(GRID))
    assert len([axes for axes in inputs_figure(encoder).axes if axes.get_title()]) == 2


def test_the_animation_has_a_frame_for_every_record_of_both_phases(problem, tmp_path):
    recorder = FrontRecorder()
    rng = np.random.default_rng(0)
    recorder.seeding = [rng.random((4, 2)) for _ in range(3)]
    recorder.generations = [rng.random((8, 2)) for _ in range(5)]
    save_evolution(tmp_path / "evolution.gif", problem, recorder)
    with Image.open(tmp_path / "evolution.gif") as animation:
        assert animation.n_frames == 8
        frames = [np.asarray(animation.convert("RGB")) for frame in range(8) if animation.seek(frame) is None]
    assert all((one != other).any() for one, other in pairwise(frames))
    recorder.generations = [rng.random((8, 2)) for _ in range(300)]
    save_evolution(tmp_path / "long.gif", problem, recorder)
    assert Image.open(tmp_path / "long.gif").n_frames <= 90
    save_evolution(tmp_path / "nothing.gif", problem, FrontRecorder())
    assert not (tmp_path / "nothing.gif").exists()
