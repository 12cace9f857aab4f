"""The explorer page: a run as one file that any browser opens from disk, without a network."""

import base64
import html
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import matplotlib
import numpy as np
from PIL import Image
from torch import Tensor

from ..search import FrontBounds
from ..spectrogram import MaskEncoder, encode_mp3, export_gain
from .animation import moments
from .figures import axis_label, frequency_ticks, lowest_level, spectrogram_image
from .run import RunResult
from .selection import evenly_along, three_picks
from .sound import ExportedSound

LARGEST_BYTES = 14_500_000
"""Of a page; it carries as many sounds as fit."""

_COLOUR_MAP = "magma"
_HEARD_QUALITY, _BLEND_QUALITY = 82, 60
_MOST_TIME_MARKS = 8
_TIME_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)


@dataclass(frozen=True)
class PageSound:
    """A solution's sound as a page carries it: MP3, and the spectrogram that it really has."""

    audio: str
    spectrogram: str
    view_ssim: float
    exported_view_ssim: float

    @classmethod
    def of(cls, encoder: MaskEncoder, sound: ExportedSound) -> "PageSound":
        """The sound in little space."""
        return cls(
            _base64(encode_mp3(sound.waveform, encoder.sample_rate)),
            _spectrogram(encoder, sound.magnitude, _HEARD_QUALITY),
            sound.view_ssim,
            sound.exported_view_ssim,
        )


def explorer_page(
    result: RunResult,
    sounds: Mapping[int, PageSound],
    *,
    bounds: FrontBounds | None = None,
    facts: Mapping[str, Any] | None = None,
) -> str:
    """The page of a run.

    Args:
        result: the run.
        sounds: of solutions, by index; the picks among them. As many as fit are carried.
        bounds: certified bounds of the front, to be drawn.
        facts: what else to tell of the run, by name.

    Returns:
        HTML with everything in it, at most `LARGEST_BYTES` long unless its pictures alone are longer.
    """
    assets = files(__package__) / "assets"
    parts = {name: (assets / f"page.{name}").read_text(encoding="utf-8") for name in ("html", "css", "js")}
    content = _content(result, bounds, facts or {})
    fixed = sum(map(len, parts.values())) + len(_plotly()) + len(json.dumps(content))
    for index in _fitting(result, sounds, LARGEST_BYTES - fixed):
        content["solutions"][index] |= {
            "audio": sounds[index].audio,
            "heard": sounds[index].spectrogram,
            "ssim": sounds[index].view_ssim,
            "heardSsim": sounds[index].exported_view_ssim,
        }
    title = _title(result)
    fields = {
        "title": html.escape(title),
        "subtitle": "Sounds between a song and a picture. Choose one, look at it, listen to it.",
        "css": parts["css"],
        "plotly": _plotly(),
        # In a script element nothing may look like the end of one.
        "data": json.dumps(content).replace("<", "\\u003c"),
        "script": parts["js"],
    }
    # In one go, so that a name with braces in it is not taken for a field.
    return re.sub(r"\{\{(\w+)\}\}", lambda field: fields[field[1]], parts["html"])


def _content(result: RunResult, bounds: FrontBounds | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    problem, encoder = result.problem, result.problem.encoder
    gain = export_gain(encoder.audio_waveform, encoder.sample_rate)
    seconds = len(encoder.audio_waveform) / encoder.sample_rate
    evolution = moments(result.recorder)
    everything = np.vstack([values[:, :2] for _, _, values in evolution] or [result.F[:, :2]])
    margin = 0.05 * np.maximum(np.ptp(everything, axis=0), 1e-9)
    seeds = result.recorder.seeding[-1] if result.recorder.seeding else None
    return {
        "objectives": [objective.name.replace("_", " ") for objective in problem.objectives],
        "axes": [axis_label(objective) for objective in problem.objectives[:2]],
        "seconds": seconds,
        "sampleRate": encoder.sample_rate,
        "lowest": lowest_level(encoder),
        "colours": [matplotlib.colors.to_hex(c) for c in _colour_map()(np.linspace(0, 1, 9))],
        "frequencies": list(zip(*frequency_ticks(encoder), strict=True)),
        "times": _time_marks(seconds),
        "picks": three_picks(result.F, *problem.hypervolume_box),
        "bound": None if bounds is None else _points(bounds.curve()),
        "sweep": _points(result.sweep),
        "seeds": None if seeds is None else _points(seeds),
        "solutions": [
            {
                "F": [float(value) for value in values],
                "mask": _mask(encoder, x),
                "blend": _spectrogram(encoder, encoder.mix(x)[0], _BLEND_QUALITY, half=True),
            }
            for x, values in zip(result.X, result.F, strict=True)
        ],
        "original": {
            "audio": _base64(encode_mp3(encoder.audio_waveform * gain, encoder.sample_rate)),
            "spectrogram": _spectrogram(encoder, encoder.audio_magnitude, _HEARD_QUALITY),
        },
        "picture": {
            "image": _grey(np.asarray(encoder.picture.cpu())[::-1]),
            "spectrogram": _spectrogram(encoder, encoder.image_magnitude, _HEARD_QUALITY),
        },
        "evolution": [
            {"caption": caption, "seeding": seeding, **_points(values)}
            for caption, seeding, values in evolution
        ],
        "evolutionRange": np.stack([everything.min(0) - margin, everything.max(0) + margin], 1).tolist(),
        "facts": _facts(result, facts),
    }


def _fitting(result: RunResult, sounds: Mapping[int, PageSound], room: int) -> list[int]:
    """The solutions whose sounds fit: the picks first, then as even along the front as may be."""
    box = result.problem.hypervolume_box
    picks = [index for index in dict.fromkeys(three_picks(result.F, *box).values()) if index in sounds]
    known = sorted(sounds)
    for count in range(len(known), 0, -1):
        chosen = {known[number] for number in evenly_along(result.F[known], count, *box)} | set(picks)
        if sum(len(sounds[index].audio) + len(sounds[index].spectrogram) for index in chosen) <= room:
            return sorted(chosen)
    return picks


def _title(result: RunResult) -> str:
    names = [str(result.settings[key]) for key in ("problem", "image", "audio") if key in result.settings]
    return "Between picture and sound" + (f": {' and '.join(names)}" if names else "")


def _facts(result: RunResult, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    encoder = result.problem.encoder
    look = [f"gamma {encoder.gamma:g}", f"{encoder.dynamic_range_db:.0f} dB from white to black"]
    look += ["dark and bright swapped"] * encoder.invert + ["upside down"] * (not encoder.flip)
    told = {
        "picture": f"{encoder.axis.low:g} to {encoder.axis.high:g} Hz on a {encoder.axis.scale} axis, "
        + ", ".join(look),
        "mask": f"{encoder.grid[0]} x {encoder.grid[1]} points, smoothing {encoder.smoothing:g}",
        "sound": f"{encoder.sample_rate} Hz, window {encoder.n_fft}, hop {encoder.hop_length} samples",
        "solutions": len(result.F),
        "hypervolume": f"{result.hypervolume:.4f} (constant masks alone {result.sweep_hypervolume:.4f})",
        "counted evaluations": f"{result.n_eval:,}",
        "search": f"{result.seconds:.1f} s{', stopped early' if result.stopped else ''}",
        **result.settings,
        **facts,
    }
    return [
        (str(name), value if isinstance(value, str) else json.dumps(value, default=str))
        for name, value in told.items()
    ]


def _points(values: np.ndarray) -> dict[str, list[float]]:
    x, y = (np.array([float(f"{value:.5g}") for value in column]).tolist() for column in values.T[:2])
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
    return _grey(x.reshape(encoder.grid)[::-1])


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
