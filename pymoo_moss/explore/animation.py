"""The evolution of a front as a moving picture, both phases of it."""

import os

import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..problem import MOSSProblem
from ..search import FrontRecorder
from .figures import axis_label

_FRAMES_PER_SECOND = 12
_MOST_FRAMES = 90
_SEED_COLOUR, _GENERATION_COLOUR = "#a875f0", "#4ade80"


def save_evolution(path: str | os.PathLike[str], problem: MOSSProblem, recorder: FrontRecorder) -> None:
    """Write a GIF of the recorded fronts: gradient seeding first, then generation by generation."""
    frames = moments(recorder)
    if not frames:
        return
    figure = Figure(figsize=(8, 5), dpi=80, layout="constrained", facecolor="#101014")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    _style(axes, problem, [values for _, _, values in frames])
    points = axes.scatter([], [], s=28, edgecolors="white", linewidths=0.4)

    def show(number: int) -> None:
        caption, seeding, values = frames[number]
        axes.set_title(caption, color="white", loc="left")
        points.set_offsets(values[:, :2])
        points.set_facecolor(_SEED_COLOUR if seeding else _GENERATION_COLOUR)

    # Laid out once: the frame stays, only the points move.
    show(0)
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    animation = FuncAnimation(figure, show, frames=len(frames), init_func=lambda: None)
    animation.save(os.fspath(path), writer=PillowWriter(fps=_FRAMES_PER_SECOND))


def moments(recorder: FrontRecorder) -> list[tuple[str, bool, np.ndarray]]:
    """A caption, whether it is of the seeding, and the values ``(n, n_obj)``, at no more than 90 moments."""
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


def _style(axes: Axes, problem: MOSSProblem, fronts: list[np.ndarray]) -> None:
    everything = np.vstack([values[:, :2] for values in fronts])
    low, high = everything.min(axis=0), everything.max(axis=0)
    margin = 0.05 * np.maximum(high - low, 1e-9)
    axes.set_xlim(low[0] - margin[0], high[0] + margin[0])
    axes.set_ylim(low[1] - margin[1], high[1] + margin[1])
    axes.set_xlabel(axis_label(problem.objectives[0]), color="#cccccc")
    axes.set_ylabel(axis_label(problem.objectives[1]), color="#cccccc")
    axes.set_facecolor("#101014")
    axes.tick_params(colors="#999999")
    axes.spines[:].set_color("#444444")
    axes.grid(alpha=0.15)
