import io
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image, ImageSequence

from pymoo_moss import FrontRecorder, MaskEncoder
from pymoo_moss.explore import (
    front_figure,
    inputs_figure,
    save_evolution,
    solutions_figure,
    spectrogram_figure,
)
from pymoo_moss.explore.figures import save_figure, spectrogram_image, to_pixels
from pymoo_moss.explore.panels import solution_pixels, spectrogram_pixels

from ..conftest import GRID


def test_the_image_is_in_decibels_under_white_with_low_frequencies_first(encoder):
    tone = torch.full(encoder.plane, 1e-12)
    tone[100:103] = math.exp(encoder.log_ceiling)
    image = spectrogram_image(encoder, tone)
    assert image.shape == (512, encoder.plane[1])
    assert image.max() == pytest.approx(0.0, abs=1.0)
    assert abs(int(image.mean(axis=1).argmax()) - 101) <= 1
    assert image.min() == pytest.approx(-min(90.0, encoder.dynamic_range_db))


@pytest.mark.parametrize("hop_length", [16, 256])
def test_the_image_is_the_average_of_clipped_decibels(picture, sound, hop_length):
    encoder = MaskEncoder(picture, sound, grid=GRID, hop_length=hop_length)
    frames = encoder.plane[1]
    rows, columns = encoder.view_matrices(512, min(1024, frames))
    decibels = 20 * (encoder.audio_magnitude.log10() - encoder.log_ceiling / math.log(10))
    expected = rows @ decibels.clamp(-min(90.0, encoder.dynamic_range_db), 0) @ columns.T
    for _ in range(2):
        image = spectrogram_image(encoder, encoder.audio_magnitude)
        np.testing.assert_allclose(image, expected, atol=1e-4)


@pytest.mark.parametrize("axis", ["linear", "log", "mel"])
def test_every_axis_can_be_drawn_with_the_whole_sound_on_it(picture, sound, axis, tmp_path):
    encoder = MaskEncoder(picture, sound, grid=GRID, frequency_axis=axis, fmin=300.0, fmax=3000.0)
    figure = spectrogram_figure(encoder, encoder.audio_magnitude, "sound")
    labels = [float(label.get_text()) for label in figure.axes[0].get_yticklabels()]
    assert max(labels) >= 6
    assert labels == sorted(labels)
    save_figure(figure, tmp_path / "figure.png", dpi=100)
    assert Image.open(tmp_path / "figure.png").size == (1000, 480)


def test_a_figure_is_saved_as_matplotlib_saves_it(encoder, tmp_path):
    figure, same = (spectrogram_figure(encoder, encoder.audio_magnitude, "sound") for _ in range(2))
    figure.savefig(tmp_path / "expected.png", dpi=80)
    save_figure(same, tmp_path / "figure.png", dpi=80)
    with Image.open(tmp_path / "expected.png") as expected, Image.open(tmp_path / "figure.png") as image:
        assert image.info["dpi"] == expected.info["dpi"]
        np.testing.assert_array_equal(image, expected.convert("RGB"))
        np.testing.assert_array_equal(to_pixels(same, dpi=80).shape, (384, 800, 3))


def test_panels_are_drawn_as_by_their_figures(encoder, rng):
    for magnitude, title in ((encoder.image_magnitude, "one (1)"), (encoder.audio_magnitude, "another (2)")):
        x = rng.random(encoder.n_var)
        alone = spectrogram_figure(encoder, magnitude, title)
        over_mask = solutions_figure(encoder, [(title, x, magnitude)])
        for drawn, figure in (
            (spectrogram_pixels(encoder, magnitude, title, dpi=80), alone),
            (solution_pixels(encoder, x, magnitude, title, dpi=80), over_mask),
        ):
            # Ticks and frame, which share parts of pixels, are blended in another order.
            np.testing.assert_allclose(drawn.astype(float), to_pixels(figure, dpi=80), atol=20)


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


def evolution(seeding: int, generations: int) -> FrontRecorder:
    rng, recorder = np.random.default_rng(0), FrontRecorder()
    recorder.seeding = [rng.random((4, 2)) for _ in range(seeding)]
    recorder.generations = [rng.random((8, 2)) for _ in range(generations)]
    return recorder


def frames_of(path: Path) -> list[np.ndarray]:
    with Image.open(path) as animation:
        return [np.asarray(frame.convert("RGB"), float) for frame in ImageSequence.Iterator(animation)]


def drawn_whole(recorder: FrontRecorder, caption: str, values: np.ndarray, colour: str) -> np.ndarray:
    """A frame of the evolution as matplotlib draws it by itself, all of it at once."""
    figure = Figure(figsize=(8, 5), dpi=80, layout="constrained", facecolor="#101014")
    axes = figure.subplots()
    axes.scatter(*values.T, s=28, color=colour, edgecolors="white", linewidths=0.4)
    axes.set_title(caption, color="white", loc="left")
    everything = np.concatenate(recorder.seeding + recorder.generations)
    low, high = everything.min(axis=0), everything.max(axis=0)
    (left, bottom), (right, top) = low - 0.05 * (high - low), high + 0.05 * (high - low)
    axes.set(xlim=(left, right), ylim=(bottom, top), facecolor="#101014")
    axes.set_xlabel("visual l1 (less is better)", color="#cccccc")
    axes.set_ylabel("audio log l1 (less is better)", color="#cccccc")
    axes.tick_params(colors="#999999")
    axes.spines[:].set_color("#444444")
    axes.grid(alpha=0.15)
    file = io.BytesIO()
    figure.savefig(file, dpi=80)
    return np.asarray(Image.open(file).convert("RGB"), float)


def test_the_animation_has_a_frame_for_every_record_of_both_phases(problem, tmp_path):
    recorder = evolution(3, 5)
    save_evolution(tmp_path / "evolution.gif", problem, recorder)
    frames = frames_of(tmp_path / "evolution.gif")
    assert len(frames) == 8
    assert all((one != other).any() for one, other in pairwise(frames))
    for number, caption, values, colour in (
        (0, "gradient seeding, step 1", recorder.seeding[0], "#a875f0"),
        (2, "gradient seeding, step 21", recorder.seeding[2], "#a875f0"),
        (3, "evolution, generation 1", recorder.generations[0], "#4ade80"),
        (6, "evolution, generation 4", recorder.generations[3], "#4ade80"),
    ):
        difference = np.abs(frames[number] - drawn_whole(recorder, caption, values, colour))
        # In blocks of 16 by 16 pixels, a point or two letters each, because most of a frame is background.
        blocks = difference.reshape(400 // 16, 16, 640 // 16, 16, 3).mean(axis=(1, 3, 4))
        assert blocks.max() < 2.0


def test_the_animation_of_a_long_run_is_short_and_that_of_no_run_is_not_written(problem, tmp_path):
    recorder = evolution(3, 300)
    save_evolution(tmp_path / "long.gif", problem, recorder)
    with Image.open(tmp_path / "long.gif") as animation:
        assert animation.n_frames == 90
        assert animation.info["duration"] == 80
    save_evolution(tmp_path / "nothing.gif", problem, FrontRecorder())
    assert not (tmp_path / "nothing.gif").exists()
