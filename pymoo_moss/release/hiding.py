"""Hide a picture, a text or a QR code in a part of a song."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from torch import Tensor

from .._arithmetic import computing
from .._checks import real_number, whole_number
from .._invert import Invert
from ..errors import OptionError, unknown_name
from ..objectives import find_preset
from ..problem import MOSSProblem
from ..runs import SearchResult, run_search
from ..search import FrontAscent
from ..spectrogram import (
    AudioSource,
    MaskEncoder,
    Overlay,
    PictureSource,
    Sound,
    Transform,
    chosen_transform,
    free_band,
    kept_in_memory,
    lettered,
    mix_to_mono,
    open_audio,
    qr_code,
    read_picture,
    resample,
)
from .level import LOUDEST_DB, chosen_level, white_in_full_scale
from .placement import best_start
from .survival import kept_by_mp3

EFFORTS: Mapping[str, int] = MappingProxyType({"quick": 1000, "normal": 3000, "thorough": 30_000})
"""Evaluations of the search by the names that users type."""

PRESET = "listener"
_EXPECTED_LEVEL_DB = -30.0
_TEXT_SECONDS = 12.0
_GRID = (64, 128)
_BINS_AND_FRAMES_PER_POINT = 2
_LOUDER_DB = 3.0
_KEPT_CORRELATION = 0.75
"""Correlation with the picture after a codec from which on it is recognised."""
_LEAST_BINS = 24
_LEAST_DBFS = -100.0
MORE = 3
"""Solutions beside the clear one, from more picture to more song."""


@dataclass(frozen=True)
class Lettering:
    """A text to hide; see `lettered`."""

    text: str


@dataclass(frozen=True)
class QRCode:
    """A QR code to hide; see `qr_code`."""

    content: str


@dataclass(frozen=True)
class HidingPlan:
    """Where a picture is hidden and how; what is None is chosen.

    Attributes:
        start: seconds from the beginning of the song; by default when the song masks the picture best.
        duration: seconds that the picture lasts; by default as long as it has its own shape, and 12 for text.
        band: lower and upper edge in Hz; by default the upper half of what codecs keep, 8 to 16 kHz.
        level_db: of white, relative to the song's loud bins; by default from what can be heard.
        effort: of the search, a name in `EFFORTS`.
        gamma: exponent of a picture's brightness, above 1 darker and below 1 brighter; by default that of the
            preset `display`.
        invert: swap dark and bright of a picture; see `MaskEncoder`.
        layer_mask: where in the rectangle the picture may be, white, and where the song stays, black; see
            `MaskEncoder`.
        seed: seed of the random numbers.
        threads: to compute with; None takes torch's setting.

    Raises:
        OptionError: a value is out of its range.
    """

    start: float | None = None
    duration: float | None = None
    band: tuple[float, float] | None = None
    level_db: float | None = None
    effort: str = "normal"
    gamma: float | None = None
    invert: Invert = "auto"
    layer_mask: PictureSource | None = None
    seed: int = 1
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.effort not in EFFORTS:
            raise unknown_name("effort", self.effort, EFFORTS)
        for name in ("start", "duration", "level_db", "gamma"):
            if getattr(self, name) is not None:
                real_number(name, getattr(self, name))
        whole_number("seed", self.seed, least=0)
        if self.band is not None and len(self.band) != 2:
            raise OptionError(f"expected band as (lower, upper) in Hz, got {self.band!r}")


@dataclass(frozen=True)
class HiddenPicture:
    """A picture in a song, with other solutions.

    Attributes:
        result: the front of the rectangle.
        sound: the song.
        chosen: indices of the solutions that are written: the clear one first, then from more picture to
            more song.
        level_db: of white, relative to the song's loud bins.
        audible_db: mean audibility in dB of the change in the picture's band, of each of ``chosen``; 0 is
            inaudible.
        options: of the `MaskEncoder`, as JSON.
    """

    result: SearchResult
    sound: Sound
    chosen: list[int]
    level_db: float
    audible_db: list[float]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def encoder(self) -> MaskEncoder:
        """The encoder of the rectangle."""
        return self.result.problem.encoder

    def overlay(self, waveform: Tensor) -> Overlay:
        """Return the song with a solution's waveform ``(samples,)`` in its rectangle."""
        encoder = self.encoder
        change = waveform - encoder.audio_waveform
        return Overlay(self.sound, change, encoder.excerpt.start, encoder.sample_rate)


def hidden_picture(
    picture: PictureSource | Lettering | QRCode,
    song: AudioSource,
    plan: HidingPlan = HidingPlan(),
    *,
    after_generation: Callable[[int], None] = lambda number: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> HiddenPicture:
    """Find the front of a picture in a rectangle of a song, and the solutions to write.

    Args:
        picture: a picture, see `MaskEncoder`; or a text or QR code, drawn for the rectangle.
        song: see `open_audio`.
        plan: where and how.
        after_generation: called with the number of each finished generation of the search.
        should_stop: called after each generation; return True to end the search.

    Raises:
        PictureError: the picture cannot be used.
        AudioError: the song cannot be used.
        OptionError: the rectangle is not in the song, or too small for the picture.
    """
    sound = kept_in_memory(open_audio(song))
    with computing(plan.threads):
        waveform, own_rate = mix_to_mono(sound)
        transform = chosen_transform(None, None, None, own_rate)
        waveform = resample(waveform, own_rate, transform.sample_rate)
        band = free_band(transform.sample_rate) if plan.band is None else plan.band
        bins = _bins(band, transform)
        duration, drawn = _duration_and_picture(picture, plan, bins, transform, len(waveform))
        start = plan.start
        if start is None:
            level = _EXPECTED_LEVEL_DB if plan.level_db is None else plan.level_db
            start = best_start(waveform, transform, band, duration, level)
        frames = int(duration * transform.sample_rate / transform.hop_length)
        options: dict[str, Any] = {
            "sample_rate": transform.sample_rate,
            "n_fft": transform.n_fft,
            "hop_length": transform.hop_length,
            "start": float(start),
            "duration": float(duration),
            "fmin": float(band[0]),
            "fmax": float(band[1]),
            "grid": [
                min(most, max(1, size // _BINS_AND_FRAMES_PER_POINT))
                for most, size in zip(_GRID, (bins, frames), strict=True)
            ],
        }
        # Letters and modules have two levels, and edges between them.
        if drawn is picture:
            options |= {"invert": plan.invert} | ({} if plan.gamma is None else {"gamma": plan.gamma})
        else:
            options |= {"gamma": 1.0, "smoothing": 1.0}
        source = (waveform.numpy(), transform.sample_rate)

        def encoder_at(level_db: float) -> MaskEncoder:
            return MaskEncoder(
                drawn,
                source,
                layer_mask=plan.layer_mask,
                **find_preset(PRESET).with_options({**options, "level_db": level_db}),
            )

        if plan.level_db is None:
            level = chosen_level(encoder_at(LOUDEST_DB))
            encoder = encoder_at(level)
            while level < LOUDEST_DB and not _is_kept(encoder):
                level = min(level + _LOUDER_DB, LOUDEST_DB)
                encoder = encoder_at(level)
        else:
            level = float(plan.level_db)
            encoder = encoder_at(level)
            _check_level(encoder, level)
        problem = MOSSProblem(encoder=encoder, preset=PRESET, threads=plan.threads)
    options |= {"preset": PRESET, "level_db": level, "invert": problem.encoder.invert}
    result = run_search(
        problem,
        FrontAscent(),
        ("n_eval", EFFORTS[plan.effort]),
        seed=plan.seed,
        after_generation=after_generation,
        should_stop=should_stop,
    )
    chosen = _chosen(result)
    audible_db = result.F[chosen, result.columns[1]].tolist()
    return HiddenPicture(result, sound, chosen, level, audible_db, options)


def _is_kept(encoder: MaskEncoder) -> bool:
    """Tell whether the picture alone can be recognised after a codec."""
    return kept_by_mp3(encoder, encoder.waveform(encoder.ends[1], "griffin_lim")[0]) >= _KEPT_CORRELATION


def _bins(band: tuple[float, float], transform: Transform) -> int:
    """Return the number of bins in a band.

    Raises:
        OptionError: it is not a band of the song, or too narrow for a picture.
    """
    rate, n_fft, _ = transform
    low, high = band
    least = _LEAST_BINS * rate / n_fft
    if not 0 <= low < high <= rate / 2:
        raise OptionError(
            f"expected band within 0 to {rate / 2:g} Hz, half of the song's sample rate, lower edge first, "
            f"got {low:g} to {high:g} Hz"
        )
    if high - low < least:
        raise OptionError(
            f"expected band of {least:.0f} Hz or more, in which a picture can be drawn, got {low:g} to "
            f"{high:g} Hz: widen it"
        )
    return int((high - low) * n_fft / rate)


def _check_level(encoder: MaskEncoder, level_db: float) -> None:
    """Make sure that viewers show the picture's white.

    Raises:
        OptionError: they do not.
    """
    missing = _LEAST_DBFS - white_in_full_scale(encoder)
    if missing > 0:
        raise OptionError(
            f"expected level_db of {math.ceil(level_db + missing)} or more, at which viewers show the "
            f"picture and 16 bits hold it, got {level_db:g}: raise it, or choose a louder part of the song"
        )


def _duration_and_picture(
    picture: PictureSource | Lettering | QRCode,
    plan: HidingPlan,
    bins: int,
    transform: Transform,
    length: int,
) -> tuple[float, Any]:
    """Return the seconds of the rectangle and the picture, drawn for it where it is a text or a code."""
    frame = transform.hop_length / transform.sample_rate
    seconds = length / transform.sample_rate
    if plan.start is not None and plan.start >= seconds:
        raise OptionError(
            f"expected start within the song, below {seconds:.4g} s, got {plan.start:g} s: begin earlier"
        )
    room = seconds - (plan.start or 0.0)
    if isinstance(picture, Lettering):
        duration = min(_TEXT_SECONDS, room) if plan.duration is None else plan.duration
        return duration, lettered(picture.text, bins, int(duration / frame))
    if isinstance(picture, QRCode):
        duration = min(bins * frame, room) if plan.duration is None else plan.duration
        return duration, qr_code(picture.content, bins, int(duration / frame))
    if plan.duration is not None:
        return plan.duration, picture
    drawing = read_picture(picture)
    height, width = drawing.samples.shape
    return min(bins * width / height * frame, room), picture


def _chosen(result: SearchResult) -> list[int]:
    """Return the clear solution and those at even distances beside it, from more picture to more song."""
    clear = result.picks["clear"]
    # The last one is the song alone.
    evenly = [index for index in result.evenly(MORE + 3)[:-1] if index != clear]
    wanted = np.linspace(0, len(evenly) - 1, min(MORE, len(evenly))).round().astype(int)
    return [clear, *(evenly[number] for number in dict.fromkeys(wanted.tolist()))]
