"""What is typed of where and how a picture is hidden, as a plan."""

import math

from .._invert import INVERT_WORDS
from .._times import seconds_of
from ..errors import OptionError
from ..release import HidingPlan
from ..spectrogram import free_band
from .song_view import Rectangle

_LABELS = ("Begin at", "Seconds", "Lowest frequency", "Highest frequency", "Level")


def plan_of(
    fields: tuple[str, str, str, str, str],
    sample_rate: int,
    *,
    effort: str = "normal",
    invert: str = "auto",
) -> HidingPlan:
    """Make a plan of the page's fields; what is left empty is chosen.

    Args:
        fields: begin, seconds, lowest and highest frequency, and level, as they are typed.
        sample_rate: of the song in Hz, from which an edge of the band is taken that is not typed.
        effort: a name in `EFFORTS` of `pymoo_moss.release`.
        invert: a word of the page.

    Raises:
        OptionError: a field is no number, or out of its range.
    """
    begin, seconds, low, high = _place(fields[:4])
    level = _number(_LABELS[4], fields[4])
    band = None
    if low is not None or high is not None:
        usual = free_band(sample_rate)
        band = (usual[0] if low is None else low, usual[1] if high is None else high)
    return HidingPlan(
        start=begin, duration=seconds, band=band, level_db=level, effort=effort, invert=INVERT_WORDS[invert]
    )


def rectangle_of(fields: tuple[str, str, str, str]) -> Rectangle | None:
    """Return the rectangle of the fields of the place; None where one is empty or cannot be used."""
    try:
        begin, seconds, low, high = _place(fields)
    except OptionError:
        return None
    if begin is None or seconds is None or low is None or high is None or low >= high:
        return None
    return Rectangle(begin, seconds, low, high)


def _place(fields: tuple[str, ...]) -> tuple[float | None, float | None, float | None, float | None]:
    begin, seconds, low, high = (
        _time(_LABELS[0], fields[0]),
        *(_number(label, typed, least=0.0) for label, typed in zip(_LABELS[1:4], fields[1:4], strict=True)),
    )
    if seconds == 0:
        raise OptionError(f"expected '{_LABELS[1]}' above 0: leave it empty, or type how long it lasts")
    return begin, seconds, low, high


def _time(label: str, typed: str) -> float | None:
    """Read a time in seconds, or in minutes and seconds."""
    if not typed.strip():
        return None
    seconds = seconds_of(typed.strip().replace(",", "."))
    if math.isnan(seconds):
        raise OptionError(f"expected '{label}' in seconds, or in minutes and seconds as 1:30, got '{typed}'")
    return seconds


def _number(label: str, typed: str, least: float = -math.inf) -> float | None:
    if not typed.strip():
        return None
    number = _finite(typed)
    if not number >= least:
        raise OptionError(
            f"expected '{label}' as a number{' of 0 or more' if least == 0 else ''}, got '{typed}'"
        )
    return number


def _finite(typed: str) -> float:
    """Return a finite number, or NaN where the text is none; a comma may stand for the point."""
    try:
        number = float(typed.strip().replace(",", "."))
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan
