"""What edits make of a picture: its preview on the page, and what is hidden."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .._invert import INVERT_WORDS
from ..errors import PictureError
from ..release import HidingPlan
from ..spectrogram import chosen_inversion
from .editing import Editing, Edits, drawn_preview, layer_mask, painted_share, save_edited
from .notices import collected
from .reading import read_upload_as_picture
from .texts import DRAWN, public_message, refused


def preview_of(editing: Editing, invert: str, *sliders: float) -> tuple[Any, str]:
    """Return the picture as it will be drawn, and what is said below it; the sliders are those of `Edits`."""
    if editing.picture is None:
        return None, ""
    swapped = editing.inverts if INVERT_WORDS[invert] == "auto" else bool(INVERT_WORDS[invert])
    try:
        drawn = drawn_preview(editing.picture, Edits(*sliders), invert=swapped, painted=editing.painted)
    except PictureError as error:
        return None, refused(public_message(error))
    return drawn, DRAWN


def paint(editing: Editing, editor: Any, invert: str, *sliders: float) -> tuple[Any, str]:
    """Take what is painted, and return what `preview_of` does."""
    editing.painted = painted_share(editor)
    return preview_of(editing, invert, *sliders)


def prepared(
    picture: Path, plan: HidingPlan, edits: Edits, painted: np.ndarray | None, folder: Path
) -> tuple[Path, HidingPlan]:
    """Return the picture to hide and the plan, as far as edits and paint change them.

    Args:
        picture: file of the user's.
        plan: of its place.
        edits: of the picture.
        painted: see `painted_share`.
        folder: to write an edited picture to.

    Raises:
        PictureError: it cannot be read.
        OptionError: nothing but paint is left of it.
    """
    plan = replace(plan, gamma=edits.gamma, layer_mask=layer_mask(painted, edits))
    if not edits.change_pixels:
        return picture, plan
    with collected():  # what was said when it was uploaded
        read = read_upload_as_picture(picture)
        # Of the whole picture, as in the preview.
        plan = replace(plan, invert=chosen_inversion(plan.invert, read))
    edited = folder / f"{picture.stem}.png"
    save_edited(read, edits, edited)
    return edited, plan
