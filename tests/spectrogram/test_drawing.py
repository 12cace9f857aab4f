"""Pictures on the plane, against Pillow's own reduction and direct averages in float64."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.errors import OptionError, PictureError
from pymoo_moss.spectrogram.drawing import draw
from pymoo_moss.spectrogram.frequency_axis import make_frequency_axis
from pymoo_moss.spectrogram.picture import Picture, read_picture

from ..conftest import GRID

AXES = {
    "linear": {},
    "linear band": {"fmin": 700.0, "fmax": 5300.0},
    "log": {},
    "log band": {"fmin": 200.0, "fmax": 6000.0},
    "mel": {},
    "mel band": {"fmin": 300.0, "fmax": 7000.0},
}


def positions_on(axis, n_fft=1024):
    scale = axis.split()[0]
    band = {"fmin": None, "fmax": None, **AXES[axis]}
    frequencies = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * 16000 / n_fft
    return make_frequency_axis(scale, **band, sample_rate=16000, n_fft=n_fft).position(frequencies)


def stretched(plane):
    return (plane - plane.min()) / np.ptp(plane)


def intervals(positions, count):
    """Where each position averages, in pixels, as the rule says; one position after the other."""
    ends = []
    for k, position in enumerate(positions):
        if not 0 <= position <= 1:
            ends.append((0, 1) if position < 0 else (count - 1, count))
            continue
        around = []
        for neighbour in (k - 1, k + 1):
            if 0 <= neighbour < len(positions):
                around.append((position + positions[neighbour]) / 2)
        if len(around) == 1:
            around.append(2 * position - around[0])
        low = min(min(around) * count, position * count - 0.5)
        high = max(max(around) * count, position * count + 0.5)
        ends.append((max(low, 0), min(high, count)))
    return ends


def averages(values, ends):
    """Averages of the columns of ``values`` over intervals, one after the other."""
    means = []
    for low, high in ends:
        cells = np.arange(values.shape[1])
        overlap = np.maximum(0, np.minimum(high, cells + 1) - np.maximum(low, cells))
        means.append(values @ overlap / (high - low))
    return np.array(means).T


@pytest.fixture(scope="module")
def fine():
    """Detail of every size, finer than the plane."""
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 40, (900, 1300))
    grey[::50] = 255
    grey[:, 7::90] = 200
    rows, columns = np.mgrid[:900, :1300]
    grey[(rows - 300) ** 2 + (columns - 900) ** 2 < 200**2] += 100
    return grey.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("shape", [(900, 1290), (40, 60), (600, 60), (40, 1290), (700, 120), (1, 3)])
@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("axis", AXES)
def test_bins_and_frames_show_the_average_over_what_they_cover(axis, flip, shape, fine):
    samples, frames = fine[-shape[0] :, 6 : 6 + shape[1]], 81
    positions = positions_on(axis, 256)
    drawn = draw(Picture(samples, 255), positions, frames, flip=flip, invert=False, sampling="average")
    rows = 1 - positions.numpy() if flip else positions.numpy()
    halfway = averages(samples.T.astype(float), intervals(rows, shape[0])).T
    expected = averages(halfway, intervals((np.arange(frames) + 0.5) / frames, shape[1]))
    np.testing.assert_allclose(drawn.numpy(), stretched(expected), atol=1e-12)


@pytest.mark.parametrize("axis", AXES)
def test_the_plane_is_pillows_reduction(axis, fine):
    frames, positions = 200, positions_on(axis).numpy()
    plane = draw(
        Picture(fine, 255), torch.from_numpy(positions), frames, flip=True, invert=False, sampling="average"
    ).numpy()
    inside = (positions > 0) & (positions < 1)
    # Pillow's box counts whole pixels, so that it is exact in a picture of repeated ones.
    image = Image.fromarray(fine.repeat(8, axis=0).repeat(2, axis=1).astype(np.float32))
    lines = []
    for low, high in 8 * np.array(intervals(1 - positions, fine.shape[0]))[inside]:
        line = image.resize((frames, 1), Image.Resampling.BOX, box=(0, low, image.width, high))
        lines.append(np.asarray(line)[0])
    assert np.corrcoef(plane[inside].ravel(), np.ravel(lines))[0, 1] > 0.999
    if axis == "linear":
        whole = image.resize((frames, 513), Image.Resampling.BOX)
        assert np.corrcoef(plane[::-1].ravel(), np.asarray(whole).ravel())[0, 1] > 0.999


@pytest.mark.parametrize("axis", ["linear", "log", "mel"])
def test_no_line_of_a_large_picture_gets_lost(axis):
    lines, frames = Image.new("L", (4000, 3000)), 345
    pen, upright, across = ImageDraw.Draw(lines), range(90, 3200, 210), range(60, 2800, 130)
    # White, so that greys are not stretched.
    pen.rectangle([3400, 0, 3999, 2999], fill=255)
    for x in upright:
        pen.line([x, 0, x, 2999], fill=255)
    for y in across:
        pen.line([0, y, 3300, y], fill=255)
    positions = positions_on(axis)
    drawn = draw(read_picture(lines), positions, frames, flip=True, invert=False, sampling="average").numpy()
    grey = frames / 4000
    for x in upright:
        frame = int(x * frames / 4000)
        share = drawn[256, frame - 1 : frame + 2] - drawn[256, frame - 3]
        assert share.sum() == pytest.approx(grey, rel=0.02), f"the upright line at {x}"
    rows = 1 - positions.numpy()
    for y in across:
        covering = [k for k, (low, high) in enumerate(intervals(rows, 3000)) if low < y + 1 and high > y]
        reached = max(drawn[k, 5] for k in covering)
        low, high = intervals(rows, 3000)[max(covering, key=lambda k: drawn[k, 5])]
        assert reached > 0.4 / (high - low), f"the line across at {y}"


def hairlines(direction, ink):
    """Twenty lines of one pixel on 12 megapixels."""
    page = Image.new("L", (4000, 3000), 255 - ink)
    for k in range(20):
        x, y = 97 + 197 * k, 61 + 149 * k
        ends = {"upright": (x, 0, x, 2999), "across": (0, y, 3999, y), "slanting": (x, 0, 3999 - x, 2999)}
        ImageDraw.Draw(page).line(ends[direction], fill=ink)
    return page


def box_averages(values, ends):
    """Averages of rows over intervals, from sums up to their ends."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0, dtype=float)])
    low, high = np.array(ends).T

    def up_to(end):
        whole = np.floor(end).astype(int)
        following = np.minimum(whole + 1, len(values))
        return sums[whole] + (end - whole)[:, None] * (sums[following] - sums[whole])

    return (up_to(high) - up_to(low)) / (high - low)[:, None]


@pytest.mark.parametrize("direction", ["upright", "across", "slanting"])
@pytest.mark.parametrize("ink", [0, 255])
@pytest.mark.parametrize(
    ("axis", "flip"),
    [
        ("linear", True),
        *(pytest.param(axis, flip, marks=pytest.mark.matrix) for axis in AXES for flip in (True, False)),
    ],
)
def test_hairlines_have_their_averaged_grey(axis, flip, ink, direction):
    page, frames = hairlines(direction, ink), 626
    positions = positions_on(axis)
    drawn = draw(
        read_picture(page), positions, frames, flip=flip, invert=ink == 0, sampling="average"
    ).numpy()
    rows = 1 - positions.numpy() if flip else positions.numpy()
    light = np.asarray(page) if ink else 255 - np.asarray(page)
    halfway = box_averages(light, intervals(rows, 3000))
    expected = box_averages(halfway.T, intervals((np.arange(frames) + 0.5) / frames, 4000)).T
    np.testing.assert_allclose(drawn, stretched(expected), atol=1e-9)


def test_coarse_pictures_are_interpolated(picture, sound):
    average, point = (
        MaskEncoder(picture, sound, grid=GRID, picture_sampling=sampling, dtype=torch.float64).picture
        for sampling in ("average", "point")
    )
    torch.testing.assert_close(average, point, rtol=0, atol=1e-7)


@pytest.mark.parametrize("flip", [True, False])
def test_points_are_interpolated_linearly(flip, fine):
    positions, frames = positions_on("mel band"), 150
    drawn = draw(Picture(fine, 255), positions, frames, flip=flip, invert=False, sampling="point").numpy()
    rows = (1 - positions.numpy() if flip else positions.numpy()) * 900 - 0.5
    columns = (np.arange(frames) + 0.5) / frames * 1300 - 0.5
    halfway = np.array([np.interp(rows, np.arange(900), column) for column in fine.T.astype(float)]).T
    expected = np.array([np.interp(columns, np.arange(1300), row) for row in halfway])
    np.testing.assert_allclose(drawn, stretched(expected), atol=1e-6)


def test_points_of_a_wide_picture_and_a_long_sound_are_the_same(fine):
    # Above the size from which on they are computed without a dense matrix, and below it.
    positions, frames = positions_on("linear", 64), 40_000
    wide = np.ascontiguousarray(fine[:60])
    large = draw(Picture(wide, 255), positions, frames, flip=True, invert=False, sampling="point")
    columns = (np.arange(frames) + 0.5) / frames * 1300 - 0.5
    rows = (1 - positions.numpy()) * 60 - 0.5
    halfway = np.array([np.interp(rows, np.arange(60), column) for column in wide.T.astype(float)]).T
    expected = np.array([np.interp(columns, np.arange(1300), row) for row in halfway])
    np.testing.assert_allclose(large.numpy(), stretched(expected), atol=1e-6)


@pytest.mark.parametrize("sampling", ["average", "point"])
def test_inverting_swaps_dark_and_bright(sampling, fine):
    plain, swapped = (
        draw(Picture(fine, 255), positions_on("linear"), 80, flip=True, invert=invert, sampling=sampling)
        for invert in (False, True)
    )
    torch.testing.assert_close(swapped, 1 - plain, rtol=0, atol=0)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e30])
def test_the_scale_of_an_array_does_not_matter(scale, picture, sound):
    plain = MaskEncoder(picture, sound, grid=GRID).picture
    scaled = MaskEncoder(scale * (picture - 0.3), sound, grid=GRID).picture
    torch.testing.assert_close(scaled, plain, rtol=0, atol=1e-5)


def test_detail_that_averages_out_is_refused(sound):
    checks = np.indices((1026, 2000)).sum(axis=0) % 2 * 1.0
    with pytest.raises(PictureError, match="its detail is too fine"):
        MaskEncoder(checks[:, : 82 * 24], sound, grid=GRID)


def test_unknown_samplings_are_refused(picture, sound):
    with pytest.raises(OptionError, match="unknown picture_sampling 'points': did you mean 'point'"):
        MaskEncoder(picture, sound, picture_sampling="points")


def test_presets_sample_as_they_always_have(fine, sound):
    options = {"grid": GRID, "threads": 1}
    notebook, display = (
        MOSSProblem(fine, sound, preset=preset, **options) for preset in ("notebook", "display")
    )
    assert (notebook.encoder.picture_sampling, display.encoder.picture_sampling) == ("point", "average")
    point = MOSSProblem(fine, sound, preset="display", picture_sampling="point", **options)
    assert not point.encoder.picture.equal(display.encoder.picture)
