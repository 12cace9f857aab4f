"""Figures with transparent backgrounds, for light and dark pages."""

import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from ..explore.figures import axis_label, spectrogram_figure
from ..problem import MOSSProblem
from ..spectrogram import MaskEncoder

_GREY = "#6f767d"
"""Readable on white and on black, with a contrast of 4.6:1 on either."""
_GRID = "rgba(128, 138, 148, 0.25)"
_CLEAR = "rgba(0, 0, 0, 0)"
_FRONT_COLOUR, _CHOSEN_COLOUR = "#2f8fd0", "#e0701a"


def front_plot(
    problem: MOSSProblem, F: np.ndarray, sweep: np.ndarray | None = None, chosen: int | None = None
) -> Any:
    """Plot a front with plotly.

    Args:
        problem: the problem, whose objectives name the axes.
        F: ``(n, n_obj)`` the front.
        sweep: ``(m, n_obj)`` objective values of constant masks.
        chosen: index of the solution to mark.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    picture, sound = problem.picture_and_sound
    if sweep is not None:
        line = {"dash": "dash", "color": _GREY}
        figure.add_scatter(
            x=sweep[:, picture], y=sweep[:, sound], mode="lines", line=line, name="constant masks"
        )
    figure.add_scatter(
        x=F[:, picture],
        y=F[:, sound],
        mode="markers",
        marker={"color": _FRONT_COLOUR, "size": 7},
        name="front",
    )
    if chosen is not None:
        ring = {"symbol": "circle-open", "color": _CHOSEN_COLOUR, "size": 16, "line": {"width": 3}}
        figure.add_scatter(
            x=F[[chosen], picture], y=F[[chosen], sound], mode="markers", marker=ring, name="this solution"
        )
    figure.update_layout(**_front_layout(problem))
    return figure


def _front_layout(problem: MOSSProblem) -> dict[str, Any]:
    axis = {"gridcolor": _GRID, "zeroline": False, "ticks": "", "automargin": True}
    titles = [
        {"text": axis_label(problem.objectives[column]), "standoff": 12}
        for column in problem.picture_and_sound
    ]
    return {
        "xaxis": {**axis, "title": titles[0]},
        "yaxis": {**axis, "title": titles[1]},
        "margin": {"l": 30, "r": 10, "t": 30, "b": 40},
        "template": "none",
        "paper_bgcolor": _CLEAR,
        "plot_bgcolor": _CLEAR,
        "font": {"color": _GREY},
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom"},
        "height": 340,
    }


def spectrogram_picture(encoder: MaskEncoder, magnitude: Tensor) -> Image.Image:
    """Draw a spectrogram ``(F, T)`` with its axes and without a title, which the page has."""
    figure = spectrogram_figure(encoder, magnitude, "")
    _soften(figure)
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=150, transparent=True)
    return Image.open(file)


def _soften(figure: Figure) -> None:
    """Shrink a figure, so that its text is large on a page, and make the text grey."""
    figure.set_size_inches(5.5, 4.4)
    # Room at the top for the page's button.
    figure.set_layout_engine("constrained", rect=(0.0, 0.0, 1.0, 0.92))
    for axes in figure.axes:
        axes.tick_params(colors=_GREY)
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
            text.set_color(_GREY)
        for spine in axes.spines.values():
            spine.set_color(_GREY)
