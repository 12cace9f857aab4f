"""Draw the evolution of a front as an animation: gradient seeding, then generations."""

import os
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from ..problem import MOSSProblem
from ..search import FrontRecorder
from .figures import axis_label

_FRAMES_PER_SECOND = 12
_MOST_FRAMES = 90
_SEED_COLOUR, _GENERATION_COLOUR = "#a875f0", "#4ade80"


def save_evolution(path: str | os.PathLike[str], problem: MOSSProblem, recorder: FrontRecorder) -> None:
    """Write a GIF of the recorded fronts, if there are any: gradient seeding, then the generations."""
    frames = moments(recorder)
    if not frames:
        return
    first, *others = _in_one_palette(_pictures(problem, frames))
    first.save(
        os.fspath(path),
        save_all=True,
        append_images=others,
        duration=1000 // _FRAMES_PER_SECOND,
        loop=0,
        # Optimising makes the file a third smaller and takes five times as long.
        optimize=False,
    )


def moments(recorder: FrontRecorder) -> list[tuple[str, bool, np.ndarray]]:
    """Select at most 90 moments of a run.

    Returns:
        For each a caption, whether it belongs to the seeding, and objective values ``(n, n_obj)``.
    """
    seeding = [
        (f"gradient seeding, step {10 * number + 1}", True, values)
        for number, values in enumerate(recorder.seeding)
    ]
    generations = [
        (f"evolution, generation {number}", False, values)
        for number, values in enumerate(recorder.generations, start=1)
    ]
    frames = seeding + generations
    chosen = np.unique(np.linspace(0, len(frames) - 1, min(len(frames), _MOST_FRAMES)).round().astype(int))
    return [frames[number] for number in chosen]


def _pictures(problem: MOSSProblem, frames: list[tuple[str, bool, np.ndarray]]) -> list[Image.Image]:
    """Draw the frames in full colour; everything but points and caption is drawn once, as background."""
    figure = Figure(figsize=(8, 5), dpi=80, layout="constrained", facecolor="#101014")
    canvas: Any = FigureCanvasAgg(figure)  # matplotlib has no type annotations for it
    axes = figure.subplots()
    _style(axes, problem, [values for _, _, values in frames])
    # Above the background, because they are drawn last.
    points = axes.scatter([], [], s=28, edgecolors="white", linewidths=0.4, zorder=3)
    title = axes.set_title(frames[0][0], color="white", loc="left")
    # The layout is solved once, with room for the caption.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    moving: list[Artist] = [points, title]
    for artist in moving:
        artist.set_animated(True)
    canvas.draw()
    background = canvas.copy_from_bbox(figure.bbox)
    pictures = []
    for caption, seeding, values in frames:
        title.set_text(caption)
        points.set_offsets(values[:, problem.picture_and_sound])
        points.set_facecolor(_SEED_COLOUR if seeding else _GENERATION_COLOUR)
        canvas.restore_region(background)
        for artist in moving:
            axes.draw_artist(artist)
        drawn = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
        pictures.append(drawn.convert("RGB"))
    return pictures


def _in_one_palette(pictures: list[Image.Image]) -> list[Image.Image]:
    """Reduce pictures to 256 colours, chosen from the first (seeding) and the last (evolution)."""
    width, height = pictures[0].size
    sample = Image.new("RGB", (width, 2 * height))
    sample.paste(pictures[0])
    sample.paste(pictures[-1], (0, height))
    palette = sample.quantize()
    return [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]


def _style(axes: Axes, problem: MOSSProblem, fronts: list[np.ndarray]) -> None:
    picture, sound = problem.picture_and_sound
    everything = np.vstack([values[:, [picture, sound]] for values in fronts])
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = 0.05 * np.maximum(high - low, 1e-9)
    axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
    axes.set_ylim(low[1] - margin[1], high[1] + margin[1])
    axes.set_xlabel(axis_label(problem.objectives[picture]), color="#cccccc")
    axes.set_ylabel(axis_label(problem.objectives[sound]), color="#cccccc")
    axes.set_facecolor("#101014")
    axes.tick_params(colors="#999999")
    axes.spines[:].set_color("#444444")
    axes.grid(alpha=0.15)
