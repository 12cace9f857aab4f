"""The explorer page: a run as one HTML file that browsers open from disk, without a network."""

import base64
import html
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as package_files
from types import MappingProxyType
from typing import Any

import matplotlib
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .._arithmetic import computing
from .._threads import side_by_side
from ..runs import PICK_LABELS, ExportedSound, RunSettings, SearchResult, ViewSimilarity
from ..search import FrontBounds
from ..spectrogram import MaskEncoder, decode_ogg, encode_ogg, export_gain
from .animation import moments
from .figures import (
    axis_label,
    band_on_viewer,
    frequency_ticks,
    lowest_level,
    mask_image,
    picture_image,
    spectrogram_image,
)

_COLOUR_MAP = "magma"
_HEARD_QUALITY, _BLEND_QUALITY = 82, 60
_MOST_TIME_MARKS = 8
_COMPRESSIONS = (0.0, 0.3, 0.6, 1.0)
_SOUNDS_THAT_SHOULD_FIT = 10
"""Number of sounds that the compression is chosen for: the original and nine solutions."""
_SUBTITLE = "A picture in the sound of a song: press Play, and move the slider between the two."
_SUBTITLE_ALONE = "A picture in the sound of a song: press Play."
_TIME_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)


@dataclass(frozen=True)
class PageLimits:
    """Upper limits of a page.

    Attributes:
        page_bytes: size of the page; sounds that would exceed it are omitted. A page without sounds may
            still be larger.
        sound_bytes: size of ten sounds in base64; they are compressed until they fit.
        solutions: number of solutions to show, in addition to the picks and those with a sound; of what has
            no sound the nearest one's is heard.
    """

    page_bytes: int = 14_500_000
    sound_bytes: int = 8_000_000
    solutions: int = 0


@dataclass(frozen=True)
class PageSound:
    """A solution's sound as it is embedded in a page, with its spectrogram.

    Attributes:
        audio: the sound as Ogg Vorbis, in base64.
        spectrogram: spectrogram of the exported sound, as a data URL.
        F: ``n_obj`` objective values of the exported sound; None for objectives of the mask alone.
        view_ssim: SSIM of the picture and the target magnitudes as a viewer shows them.
        exported_view_ssim: the same for the exported sound.
        carried_view_ssim: the same for the compressed sound in the page.
    """

    audio: str
    spectrogram: str
    F: list[float | None]
    view_ssim: float
    exported_view_ssim: float
    carried_view_ssim: float

    @classmethod
    def of(
        cls, encoder: MaskEncoder, sound: ExportedSound, compression: float, view_ssim: ViewSimilarity
    ) -> "PageSound":
        """Embed a sound, compressed by 0 (best quality) to 1 (smallest file)."""
        encoded = encode_ogg(sound.waveform, encoder.sample_rate, compression)
        copy = decode_ogg(encoded, encoder.sample_rate)[: len(sound.waveform)]
        copy = torch.nn.functional.pad(copy, (0, len(sound.waveform) - len(copy))).to(sound.waveform)
        (carried,) = view_ssim(encoder.analyse(copy / sound.gain)[None])
        return cls(
            _base64(encoded),
            _spectrogram(encoder, sound.magnitude, _HEARD_QUALITY),
            [None if np.isnan(value) else float(value) for value in sound.F],
            sound.view_ssim,
            sound.exported_view_ssim,
            carried,
        )

    def in_page(self) -> dict[str, Any]:
        """Return a dict with the keys that ``page.js`` reads."""
        return {
            "audio": self.audio,
            "heard": self.spectrogram,
            "heardF": self.F,
            "ssim": self.view_ssim,
            "heardSsim": self.exported_view_ssim,
            "carriedSsim": self.carried_view_ssim,
        }


def compressed_original(encoder: MaskEncoder, limits: PageLimits) -> tuple[str, float]:
    """Encode the original sound in base64 with the least compression at which ten fit; 1 if none does."""
    gain = export_gain(encoder.audio_waveform, encoder.sample_rate)
    for compression in _COMPRESSIONS:
        encoded = _base64(encode_ogg(encoder.audio_waveform * gain, encoder.sample_rate, compression))
        if _SOUNDS_THAT_SHOULD_FIT * len(encoded) <= limits.sound_bytes:
            break
    return encoded, compression


def explorer_page(
    result: SearchResult,
    sounds: Mapping[int, ExportedSound],
    *,
    bounds: FrontBounds | None = None,
    facts: Mapping[str, Any] | None = None,
    limits: PageLimits = PageLimits(),
    files: Mapping[int, str] = MappingProxyType({}),
) -> str:
    """Make the page of a run.

    Args:
        result: the run.
        sounds: sounds of solutions, by index, those of the picks included. As many as fit are embedded.
        bounds: certified bounds of the front to draw, where there are two objectives.
        facts: further facts of the run to list, by name.
        limits: upper limits of the page.
        files: names of the files without loss beside the page, by solution.

    Returns:
        HTML without external references. If even the three picks do not fit, some of them are shown without
        sound.
    """
    with computing(result.problem.threads):
        return _explorer_page(result, sounds, bounds, facts or {}, limits, files)


def _explorer_page(
    result: SearchResult,
    sounds: Mapping[int, ExportedSound],
    bounds: FrontBounds | None,
    facts: Mapping[str, Any],
    limits: PageLimits,
    files: Mapping[int, str],
) -> str:
    encoder = result.problem.encoder
    shown = sorted({*result.evenly(limits.solutions), *result.picks.values(), *sounds})
    original, compression = compressed_original(encoder, limits)
    with side_by_side(1 if result.exporter.is_long else len(shown)) as each:
        made = each(
            lambda sound: PageSound.of(encoder, sound, compression, result.exporter.view_ssim),
            sounds.values(),
        )
        blends = each(lambda index: _blend(result, index), shown)
        embedded = dict(zip(sounds, made, strict=True))
        content = _content(result, dict(zip(shown, blends, strict=True)), original, bounds, facts)
        content["files"] = [files.get(index, "") for index in shown]
    subtitle = _SUBTITLE_ALONE if len(shown) == 1 else _SUBTITLE
    silent = _page(_title(result), subtitle, content)
    for index in _fitting(result, embedded, limits.page_bytes - len(silent.encode())):
        content["solutions"][shown.index(index)] |= embedded[index].in_page()
    return _page(_title(result), subtitle, content)


def _page(title: str, subtitle: str, content: Mapping[str, Any]) -> str:
    assets = package_files(__package__) / "assets"
    parts = {name: (assets / f"page.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    fields = {
        "title": html.escape(title),
        "subtitle": subtitle,
        "css": parts["css"],
        "plotly": _plotly(),
        # "</script>" in the data would end the script element.
        "data": json.dumps(content).replace("<", "\\u003c"),
        "script": parts["js"],
    }
    # In one pass, so that braces in the content are not taken for fields.
    return re.sub(r"\{\{(\w+)\}\}", lambda field: fields[field[1]], parts["html"])


def _content(
    result: SearchResult,
    blends: Mapping[int, str],
    original: str,
    bounds: FrontBounds | None,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    problem, encoder, shown = result.problem, result.problem.encoder, list(blends)
    seconds = len(encoder.audio_waveform) / encoder.sample_rate
    evolution = moments(result.recorder)
    columns = list(result.columns)
    everything = np.vstack([values[:, columns] for _, _, values in evolution] or [result.F[:, columns]])
    margin = 0.05 * np.maximum(np.ptp(everything, axis=0), 1e-9)
    seeds = result.recorder.seeding[-1] if result.recorder.seeding else None
    return {
        "objectives": [objective.name.replace("_", " ") for objective in problem.objectives],
        "axes": [axis_label(problem.objectives[column]) for column in columns],
        "seconds": seconds,
        "sampleRate": encoder.sample_rate,
        "shape": encoder.plane[1] / encoder.plane[0] if encoder.is_rectangle else None,
        "lowest": lowest_level(encoder),
        "colours": [matplotlib.colors.to_hex(c) for c in _colour_map()(np.linspace(0, 1, 9))],
        "frequencies": list(zip(*frequency_ticks(encoder), strict=True)),
        "times": _time_marks(seconds),
        "picks": {PICK_LABELS[name]: shown.index(index) for name, index in result.picks.items()},
        "bound": None if bounds is None or problem.n_obj > 2 else _points(bounds.curve(), columns),
        "front": _points(result.F, columns),
        "sweep": _points(result.sweep, columns),
        "seeds": None if seeds is None else _points(seeds, columns),
        "solutions": [
            {
                "number": index,
                "F": result.F[index].tolist(),
                "mask": _mask(encoder, result.X[index]),
                "blend": blend,
            }
            for index, blend in blends.items()
        ],
        "original": {
            "audio": original,
            "spectrogram": _spectrogram(encoder, encoder.audio_magnitude, _HEARD_QUALITY),
        },
        "picture": {
            "image": _grey(_in_band(encoder, picture_image(encoder))),
            "spectrogram": _spectrogram(encoder, encoder.image_magnitude, _HEARD_QUALITY),
        },
        "evolution": [
            {"caption": caption, "seeding": seeding, **_points(values, columns)}
            for caption, seeding, values in evolution
        ],
        "evolutionRange": np.stack([everything.min(0) - margin, everything.max(0) + margin], 1).tolist(),
        "facts": _facts(result, facts),
    }


def _blend(result: SearchResult, index: int) -> str:
    return _spectrogram(
        result.problem.encoder, result.exporter.blend(result.X[index]), _BLEND_QUALITY, half=True
    )


def _fitting(result: SearchResult, sounds: Mapping[int, PageSound], room: int) -> list[int]:
    """Select the solutions whose sounds fit: the picks, then each time the farthest from those selected."""
    along, roles = result.along, result.picks
    picks = [index for index in dict.fromkeys((roles["clear"], *roles.values())) if index in sounds]
    rest, chosen = sorted(set(sounds) - set(picks)), list[int]()

    def distance(index: int) -> float:
        return float(np.abs(along[chosen] - along[index]).min()) if chosen else 0.0

    while picks or rest:
        index = picks.pop(0) if picks else rest.pop(rest.index(max(rest, key=distance)))
        room -= len(json.dumps(sounds[index].in_page()))
        if room < 0:
            break
        chosen.append(index)
    return sorted(chosen)


def _title(result: SearchResult) -> str:
    names = RunSettings(result.settings).names
    return "Between picture and sound" + (f": {' and '.join(names)}" if names else "")


def _facts(result: SearchResult, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    encoder = result.problem.encoder
    look = [f"gamma {encoder.gamma:g}", f"{encoder.dynamic_range_db:.0f} dB from white to black"]
    look += ["dark and bright swapped"] * encoder.invert + ["upside down"] * (not encoder.flip)
    listed = {
        "picture": f"{max(encoder.axis.low, 0):g} to {min(encoder.axis.high, encoder.sample_rate / 2):g} Hz "
        f"on a {encoder.axis.scale} axis, " + ", ".join(look),
        "mask": _variables(encoder),
        "sound": f"{encoder.sample_rate} Hz, window {encoder.n_fft}, hop {encoder.hop_length} samples",
        "solutions": len(result.F),
        "hypervolume": None
        if np.isnan(result.hypervolume)
        else f"{result.hypervolume:.4f} (constant masks alone {result.sweep_hypervolume:.4f})",
        "counted evaluations": f"{result.n_eval:,}",
        "search": f"{result.seconds:.1f} s{', stopped early' if result.stopped else ''}",
        **result.settings,
        **facts,
    }
    return [(str(name), _in_words(value)) for name, value in listed.items() if value is not None]


def _variables(encoder: MaskEncoder) -> str:
    if not encoder.linear_mixture:
        return f"{encoder.n_var} variables of {type(encoder).__name__}"
    return f"{encoder.grid[0]} x {encoder.grid[1]} points, smoothing {encoder.smoothing:g}"


def _in_words(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {_in_words(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_in_words, value))
    return str(value)


def _points(values: np.ndarray, columns: list[int]) -> dict[str, list[float]]:
    x, y = (np.array([float(f"{value:.5g}") for value in column]).tolist() for column in values.T[columns])
    return {"x": x, "y": y}


def _time_marks(seconds: float) -> list[tuple[float, str]]:
    step = next((step for step in _TIME_STEPS if seconds / step <= _MOST_TIME_MARKS), _TIME_STEPS[-1])
    return [(float(at), f"{at:g}") for at in np.round(np.arange(0.0, seconds, step), 6)]


def _colour_map() -> Any:
    return matplotlib.colormaps[_COLOUR_MAP]


def _spectrogram(encoder: MaskEncoder, magnitude: Tensor, quality: int, half: bool = False) -> str:
    levels = 1.0 - spectrogram_image(encoder, magnitude)[::-1] / lowest_level(encoder)
    image = Image.fromarray(_colour_map()(levels, bytes=True)[..., :3])
    if half:
        image = image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.BOX)
    return _image(image, "webp", quality=quality, method=4)


def _mask(encoder: MaskEncoder, x: np.ndarray) -> str:
    return _grey(_in_band(encoder, mask_image(encoder, x)))


def _in_band(encoder: MaskEncoder, levels: np.ndarray) -> np.ndarray:
    """Pad a picture of the band, row 0 its bottom, to the viewer's whole axis, and turn it upright."""
    low, high = band_on_viewer(encoder)
    below, above = (round(share * len(levels) / (high - low)) for share in (low, 1.0 - high))
    return np.pad(levels, ((below, above), (0, 0)))[::-1]


def _grey(levels: np.ndarray) -> str:
    image = Image.fromarray(np.round(255 * levels).astype(np.uint8))
    image.thumbnail((1024, 512), Image.Resampling.BOX)
    return _image(image, "webp", quality=75, method=4)


def _image(image: Image.Image, kind: str, **options: Any) -> str:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return f"data:image/{kind};base64,{_base64(file.getvalue())}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    source: str = get_plotlyjs()
    return source
