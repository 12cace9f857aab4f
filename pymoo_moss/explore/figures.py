"""Draw inputs, fronts and solutions as matplotlib figures without windows."""

import math
import os
import zlib
from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from scipy.sparse import csr_array
from torch import Tensor

from ..objectives import Objective
from ..problem import MOSSProblem
from ..runs import by_picture
from ..search import FrontRecorder
from ..spectrogram import WIDEST_RANGE_DB, FrequencyAxis, MaskEncoder, make_frequency_axis

_VIEW = (512, 1024)
_FRAMES_AT_ONCE = 1024
_LEAST_TICK_DISTANCE = 0.04
_SEED_COLOUR, _FRONT_COLOUR, _SWEEP_COLOUR = "#8e5bd0", "#12805c", "#8a8a8a"
_VIEWER_MATRICES: WeakKeyDictionary[MaskEncoder, tuple[csr_array, csr_array]] = WeakKeyDictionary()


def axis_label(objective: Objective) -> str:
    """Label an axis with the objective's name and the better direction."""
    return f"{objective.name.replace('_', ' ')} (less is better)"


def lowest_level(encoder: MaskEncoder) -> float:
    """Return the level that is shown as black, in decibels relative to the picture's white."""
    return -min(WIDEST_RANGE_DB, encoder.dynamic_range_db)


def spectrogram_image(encoder: MaskEncoder, magnitude: Tensor) -> np.ndarray:
    """Convert magnitudes ``(F, T)`` to an image in decibels relative to the picture's white.

    Returns:
        ``(height, width)``, row 0 the lowest frequency, averaged by area on the viewer's frequency axis.
    """
    rows, columns = _viewer_matrices(encoder)
    shown: np.ndarray = np.zeros((rows.shape[0], columns.shape[0]), dtype=rows.dtype)
    for start in range(0, magnitude.shape[1], _FRAMES_AT_ONCE):
        piece = slice(start, start + _FRAMES_AT_ONCE)
        nepers = magnitude[:, piece].log().sub_(encoder.log_ceiling)
        decibels = nepers.mul_(20.0 / math.log(10.0)).clamp_(lowest_level(encoder), 0.0)
        shown += rows @ decibels.cpu().numpy() @ columns[:, piece].T
    return shown


def mask_image(encoder: MaskEncoder, x: np.ndarray) -> np.ndarray:
    """Return a mask ``x (n_var,)`` as a picture ``(gh, gw)`` in [0, 1], row 0 its bottom.

    It is the control grid; for encoders that make their masks of something else, the average of the mask.
    """
    if encoder.linear_mixture:
        return np.reshape(x, encoder.grid)
    rows, columns = encoder.view_matrices(*encoder.grid)
    with torch.no_grad():
        shown: np.ndarray = (rows @ encoder.mask(x)[0].to(rows) @ columns.T).cpu().numpy()
    return shown.clip(0.0, 1.0)


def picture_image(encoder: MaskEncoder) -> np.ndarray:
    """Return the picture's band as viewers show it, ``(height, width)`` in [0, 1], row 0 its bottom."""
    bins, frames = encoder.plane
    rows, columns = encoder.view_matrices(min(_VIEW[0], bins), min(_VIEW[1], frames), encoder.axis)
    shown: np.ndarray = (rows @ encoder.picture @ columns.T).cpu().numpy()
    return shown.clip(0.0, 1.0)


def band_on_viewer(encoder: MaskEncoder) -> tuple[float, float]:
    """Return the heights in [0, 1] of the lower and upper edge of the picture's band on a viewer's axis."""
    edges = torch.tensor([encoder.axis.low, encoder.axis.high], dtype=torch.float64)
    low, high = _viewer_axis(encoder).position(edges).clamp(0.0, 1.0).tolist()
    return low, high


def draw_spectrogram(axes: Axes, encoder: MaskEncoder, magnitude: Tensor, title: str) -> None:
    """Draw magnitudes ``(F, T)`` with axes and a decibel colour bar, low frequencies at the bottom."""
    lowest = lowest_level(encoder)
    start, seconds = (
        encoder.excerpt.start / encoder.sample_rate,
        len(encoder.audio_waveform) / encoder.sample_rate,
    )
    image = axes.imshow(
        spectrogram_image(encoder, magnitude),
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=lowest,
        vmax=0.0,
        extent=(start, start + seconds, 0.0, 1.0),
        interpolation="antialiased",
    )
    positions, labels = frequency_ticks(encoder)
    axes.set_yticks(positions, labels)
    axes.set(title=title, xlabel="time (s)", ylabel="frequency (kHz)")
    if axes.figure is not None:
        axes.figure.colorbar(image, ax=axes, label="dB", pad=0.02)


def spectrogram_figure(encoder: MaskEncoder, magnitude: Tensor, title: str) -> Figure:
    """Draw one spectrogram of magnitudes ``(F, T)``."""
    figure = Figure(figsize=(10, 4.8), layout="constrained")
    draw_spectrogram(figure.subplots(), encoder, magnitude, title)
    return figure


def inputs_figure(encoder: MaskEncoder) -> Figure:
    """Draw the sound's spectrogram above the picture as a spectrogram."""
    figure = Figure(figsize=(10, 8), layout="constrained")
    above, below = figure.subplots(2, 1)
    draw_spectrogram(above, encoder, encoder.audio_magnitude, "the sound")
    draw_spectrogram(below, encoder, encoder.image_magnitude, "the picture as a sound")
    return figure


def solutions_figure(encoder: MaskEncoder, solutions: Sequence[tuple[str, np.ndarray, Tensor]]) -> Figure:
    """Draw solutions side by side, each with a title, a mask ``(n_var,)`` and its magnitudes ``(F, T)``."""
    figure = Figure(figsize=(7 * len(solutions), 8.5), layout="constrained")
    columns = figure.subplots(2, len(solutions), squeeze=False).T
    for (above, below), (title, x, magnitude) in zip(columns, solutions, strict=True):
        draw_spectrogram(above, encoder, magnitude, title)
        draw_mask(below, encoder, x)
    return figure


def to_pixels(figure: Figure, dpi: float = 100) -> np.ndarray:
    """Render a figure as RGB ``(height, width, 3)``; its ``dpi`` is set to the given dots per inch."""
    figure.set_dpi(dpi)
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib has no type annotations for it
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def save_figure(figure: Figure, path: str | os.PathLike[str], dpi: float) -> None:
    """Write a figure as a PNG file, at ``dpi`` dots per inch.

    With matplotlib's default settings the pixels are those of ``Figure.savefig``, which draws a figure with
    an automatic layout twice.

    Raises:
        OSError: the file cannot be written.
    """
    save_pixels(to_pixels(figure, dpi), path, dpi)


def save_pixels(pixels: np.ndarray, path: str | os.PathLike[str], dpi: float) -> None:
    """Write RGB ``(height, width, 3)`` as a PNG file that says its dots per inch.

    Raises:
        OSError: the file cannot be written.
    """
    # Run-length encoding compresses a spectrogram as well as the default, in less than half the time.
    Image.fromarray(pixels).save(path, format="png", dpi=(dpi, dpi), compress_type=zlib.Z_RLE)


def draw_mask(axes: Axes, encoder: MaskEncoder, x: np.ndarray) -> None:
    """Draw the control grid of a mask ``x (n_var,)``: white is the picture, black is the sound."""
    axes.imshow(mask_image(encoder, x), origin="lower", aspect="auto", cmap="gray", vmin=0.0, vmax=1.0)
    axes.set(title="mask: white is picture, black is sound", xlabel="grid column", ylabel="grid row")


def front_figure(
    problem: MOSSProblem,
    F: np.ndarray,
    *,
    recorder: FrontRecorder | None = None,
    sweep: np.ndarray | None = None,
    picks: Mapping[str, int] | None = None,
) -> Figure:
    """Draw the front in picture and sound, with seeds, the sweep of constant masks and marked points.

    Args:
        problem: the problem, whose objectives name the axes.
        F: ``(n, n_obj)`` the front.
        recorder: recorder of the run, whose last seeding step is drawn.
        sweep: ``(k, n_obj)`` values of constant masks.
        picks: names and indices of points to mark.
    """
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.subplots()
    x, y = problem.picture_and_sound
    if sweep is not None:
        axes.plot(sweep[:, x], sweep[:, y], "--", color=_SWEEP_COLOUR, label="constant masks")
    if recorder is not None and recorder.seeding:
        seeds = recorder.seeding[-1]
        axes.scatter(seeds[:, x], seeds[:, y], s=70, marker="D", color=_SEED_COLOUR, label="gradient seeds")
    ordered = F[by_picture(F, x)]
    axes.plot(ordered[:, x], ordered[:, y], "o-", ms=4, lw=0.8, color=_FRONT_COLOUR, label="front")
    for name, index in (picks or {}).items():
        axes.annotate(
            name,
            (F[index, x], F[index, y]),
            xytext=(14, 12),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-"},
        )
    axes.set(xlabel=axis_label(problem.objectives[x]), ylabel=axis_label(problem.objectives[y]))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    axes.margins(0.06, 0.08)
    return figure


def frequency_ticks(encoder: MaskEncoder) -> tuple[list[float], list[str]]:
    """Return heights in [0, 1] of round frequencies on the viewer's axis, and their labels in kHz."""
    axis = _viewer_axis(encoder)
    if axis.scale == "linear":
        step = 1000.0 if axis.high < 12_000 else 4000.0
        frequencies = torch.arange(
            step * math.ceil(max(axis.low, 0.0) / step), axis.high, step, dtype=torch.float64
        )
    else:
        frequencies = 62.5 * 2.0 ** torch.arange(12, dtype=torch.float64)
        frequencies = frequencies[(frequencies >= axis.low) & (frequencies <= axis.high)]
    positions: list[float] = []
    labels: list[str] = []
    for position, frequency in zip(axis.position(frequencies).tolist(), frequencies.tolist(), strict=True):
        # Octaves are narrow at the bottom of a mel axis.
        if not positions or position - positions[-1] >= _LEAST_TICK_DISTANCE:
            positions.append(position)
            labels.append(f"{frequency / 1000:g}")
    return positions, labels


def _viewer_matrices(encoder: MaskEncoder) -> tuple[csr_array, csr_array]:
    """Make the matrices ``rows (height, F)`` and ``columns (width, T)`` that average onto the viewer's axis.

    They are made once per encoder, because a page has a hundred spectrograms, and are sparse, because an
    interval covers few cells.
    """
    if encoder not in _VIEWER_MATRICES:
        bins, frames = encoder.plane
        rows, columns = encoder.view_matrices(
            min(_VIEW[0], bins), min(_VIEW[1], frames), _viewer_axis(encoder)
        )
        _VIEWER_MATRICES[encoder] = csr_array(rows.cpu().numpy()), csr_array(columns.cpu().numpy())
    return _VIEWER_MATRICES[encoder]


def _viewer_axis(encoder: MaskEncoder) -> FrequencyAxis:
    """Make the viewer's axis: that of a rectangle, or else the picture's over all frequencies."""
    if encoder.is_rectangle:
        return encoder.axis
    axis = make_frequency_axis(
        encoder.axis.scale, None, None, sample_rate=encoder.sample_rate, n_fft=encoder.n_fft
    )
    return FrequencyAxis(axis.scale, min(axis.low, encoder.axis.low), axis.high)
