"""What is done to a picture before it is hidden."""

import numpy as np
import pytest
from PIL import Image

from pymoo_moss import MaskEncoder
from pymoo_moss.app.choosing import Choosing, small_picture
from pymoo_moss.app.edited import paint, prepared, preview_of
from pymoo_moss.app.editing import (
    BRUSH,
    MOST_CUT,
    Editing,
    Edits,
    drawn_preview,
    layer_mask,
    painted_share,
    save_edited,
)
from pymoo_moss.app.texts import DRAWN, Hints
from pymoo_moss.app.updates import Updates
from pymoo_moss.errors import OptionError
from pymoo_moss.objectives import find_preset
from pymoo_moss.release import HidingPlan
from pymoo_moss.spectrogram import read_picture

EDITS = Edits(left=25, top=10, brightness=0.5, contrast=1)


@pytest.fixture(scope="module")
def photo():
    """As wide as 200 pixels and as high as 100, with a bright disc at the right and a gradient."""
    y, x = np.mgrid[:100, :200]
    light = x / 8 + 40 + 150 * np.exp(-((x - 140) ** 2 + (y - 50) ** 2) / 600)
    return light.astype(np.uint8)


@pytest.fixture(scope="module")
def picture(photo):
    return read_picture(photo)


@pytest.fixture
def file(photo, tmp_path):
    Image.fromarray(photo).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def strokes(shape, *places):
    """What Gradio's editor returns when rows and columns are painted."""
    layer = np.zeros((*shape, 4), dtype=np.uint8)
    for place in places:
        layer[place] = (240, 120, 30, 255)
    return {"background": None, "layers": [Image.fromarray(layer)], "composite": None}


def test_without_edits_a_picture_is_stretched_from_black_to_white(picture, photo):
    expected = (photo - photo.min()) / float(np.ptp(photo))
    np.testing.assert_allclose(Edits().applied(picture).samples, expected, atol=1e-6)
    assert not Edits(brightness=1).change_pixels
    assert EDITS.change_pixels


def test_what_is_cut_off_are_shares_of_its_sides(picture, photo):
    left = Edits(left=25, right=50, top=10, bottom=40).applied(picture).samples
    part = photo[10:60, 50:100]
    np.testing.assert_allclose(left, (part - part.min()) / float(np.ptp(part)), atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (100, 200)])
def test_some_of_it_is_left_in_any_case(shape):
    pixels = np.zeros(shape)
    for left in (0, 50, MOST_CUT):
        for right in (0, 50, MOST_CUT):
            assert min(Edits(left, right, right, left).cropped(pixels).shape) >= 1


def test_more_contrast_is_steeper_and_has_more_black_and_white(picture):
    before, after = (Edits(contrast=one).applied(picture).samples for one in (0.0, 1.0))
    between = (after > 0) & (after < 1)
    np.testing.assert_allclose(after[between] - 0.5, 2 * (before[between] - 0.5), atol=1e-5)
    assert (after == 0).mean() > 0.1
    assert (after == 1).mean() > (before == 1).mean()


@pytest.mark.parametrize("edits", [Edits(), EDITS])
@pytest.mark.parametrize("invert", ["no", "yes"])
def test_the_preview_is_what_the_encoder_draws(picture, file, tmp_path, edits, invert):
    editing = Editing(small_picture(picture))
    shown, _ = preview_of(editing, invert, *vars(edits).values())
    path, plan = prepared(file, HidingPlan(invert=invert == "yes"), edits, None, tmp_path)
    noise = np.random.default_rng(0).standard_normal(3 * 16_000)
    options = {**find_preset("display").encoder_options, "grid": (4, 4), "gamma": plan.gamma}
    encoder = MaskEncoder(path, (noise, 16_000), **options, invert=plan.invert)
    drawn = Image.fromarray((255 * encoder.picture.flip(0).numpy()).astype(np.uint8)).resize(shown.size)
    difference = np.asarray(drawn, dtype=float) - np.asarray(shown.convert("L"), dtype=float)
    assert np.abs(difference).mean() < 3
    height, width = edits.cropped(np.zeros((100, 200))).shape
    assert shown.width / shown.height == pytest.approx(width / height, rel=0.01)


def test_brightness_is_the_exponent_of_the_preset_at_first(file, tmp_path):
    assert prepared(file, HidingPlan(), Edits(), None, tmp_path) == (file, HidingPlan(gamma=1.3))
    assert Edits(brightness=1).gamma == pytest.approx(0.65)
    assert Edits(brightness=-1).gamma == pytest.approx(2.6)


def test_swapping_is_decided_by_the_whole_picture(tmp_path):
    page = np.full((200, 200), 255, dtype=np.uint8)
    page[40:160:8, 20:80] = 0
    Image.fromarray(page).save(tmp_path / "page.png")
    (tmp_path / "new").mkdir()
    edits = Edits(right=60, left=10, top=20, bottom=20)
    path, plan = prepared(tmp_path / "page.png", HidingPlan(), edits, None, tmp_path / "new")
    assert (path.name, plan.invert) == ("page.png", True)
    with Image.open(path) as edited:
        assert edited.size == (60, 120)


def test_what_is_painted_is_left_to_the_song(picture, file, tmp_path):
    editor = strokes((100, 200), np.s_[:, 100:])
    painted = painted_share(editor)
    plan = prepared(file, HidingPlan(), Edits(left=25), painted, tmp_path)[1]
    expected = np.ones((100, 150))
    expected[:, 50:] = 0
    np.testing.assert_array_equal(plan.layer_mask, expected)
    editing = Editing(small_picture(picture))
    shown, _ = paint(editing, editor, "no", 25, 0, 0, 0, 0, 0)
    colours = np.asarray(shown)
    assert (colours[:, 108:] == tuple(bytes.fromhex(BRUSH[1:]))).all()
    assert np.ptp(colours[:, :106], axis=2).max() == 0
    np.testing.assert_array_equal(editing.painted, painted)


def test_an_upload_begins_the_edits_anew_also_where_it_is_refused(file, tmp_path):
    gradio = pytest.importorskip("gradio")
    choosing = Choosing(Updates(gradio, ()), tmp_path / "app", 60, Hints.of_limits(1, 60, 1))
    editing = Editing(painted=np.ones((3, 3)))
    *_, answer = choosing.picture_to_edit(str(file), editing, set())
    assert (answer[0], answer[3], answer[5:]) == (str(file), DRAWN, ["auto", 0, 0, 0, 0, 0, 0])
    assert answer[1].size == (320, 160)
    assert answer[4]["background"].size == (200, 100)
    assert (editing.picture.samples.shape, editing.painted) == ((100, 200), None)
    (tmp_path / "no.png").write_bytes(b"no picture")
    *_, answer = choosing.picture_to_edit(str(tmp_path / "no.png"), editing, set())
    assert (answer[0], answer[1], answer[3], answer[4], editing.picture) == (None, None, "", None, None)


def test_paint_that_is_erased_or_cut_off_does_nothing():
    assert painted_share(None) is None
    assert painted_share({"layers": [], "background": None, "composite": None}) is None
    assert painted_share(strokes((10, 10))) is None
    painted = painted_share(strokes((10, 10), np.s_[:, :3]))
    assert layer_mask(painted, Edits(left=30)) is None
    with pytest.raises(OptionError, match="a part of the picture without paint"):
        layer_mask(painted, Edits(right=70))


def test_a_part_of_one_shade_is_said_below_the_preview(tmp_path):
    half = np.zeros((100, 100), dtype=np.uint8)
    half[:, 50:] = 255
    editing = Editing(small_picture(read_picture(half)))
    shown, note = preview_of(editing, "no", 60, 0, 0, 0, 0, 0)
    assert shown is None
    assert "bright and dark parts" in note
    assert preview_of(Editing(), "auto", *vars(Edits()).values()) == (None, "")
    save_edited(read_picture(half), Edits(left=40), tmp_path / "part.png")
    with Image.open(tmp_path / "part.png") as part:
        assert part.getextrema() == (0, 255)
        assert part.size == (60, 100)


def test_the_preview_shows_paint_in_part_over_the_picture(picture):
    painted = np.full((100, 200), 0.5, dtype=np.float32)
    mixed = np.asarray(drawn_preview(picture, Edits(), invert=False, painted=painted), dtype=float)
    alone = np.asarray(drawn_preview(picture, Edits(), invert=False), dtype=float)
    expected = (alone + tuple(bytes.fromhex(BRUSH[1:]))) / 2
    np.testing.assert_allclose(mixed, expected, atol=2)
