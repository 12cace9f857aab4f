"""Writes ``benchmarks/FRONTS.md`` and plots of what `benchmarks.fronts` measured.

``python -m benchmarks.front_report OUT``.
"""

import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pymoo_moss import FrontBounds
from pymoo_moss.bounds import most_valuable, non_dominated

from .fronts import BUDGET, SEEDS

PAGE = Path(__file__).with_name("FRONTS.md")
IMAGES = Path(__file__).parents[1] / "docs" / "images"
_COLOURS = {
    "tracer": "#12805c",
    "hybrid": "#2c6fbb",
    "NSGA-II, gradient seeds": "#c8571b",
    "NSGA-II, gradient seeds, variation for masks": "#8e5bd0",
    "NSGA-II, smooth noise, variation for masks": "#b08a1e",
    "NSGA-II, levels, variation for masks": "#6b6b6b",
    "NSGA-II, levels": "#b5b5b5",
}
_STYLES = {"tracer": "-", "hybrid": "--", "NSGA-II, gradient seeds": "-."}
_GENERATIONS_OF_WEIGHTS = 7
"""After which the tracer has its 98 weights: 16, and 16 more each time."""


def bounds_of(found: dict) -> FrontBounds:
    """The certificate, as it was."""
    box = np.zeros(2), np.array(found["extent"])
    return FrontBounds(np.array(found["weights"]), np.array(found["lower_bounds"]), box)


def envelope(found: dict, count: int = 4000) -> np.ndarray:
    """Points along the bound in units of the box, closer where it is steeper."""
    return bounds_of(found).curve(count) / np.array(found["extent"])


def of_a_hundred_points(found: dict) -> float:
    """The share of the bound that 100 points on the bound itself would have."""
    points = envelope(found)
    kept = points[most_valuable(points, 100)]
    bounds = FrontBounds(np.empty((0, 2)), np.empty(0), (np.zeros(2), np.ones(2)))
    return (1.0 - bounds.gap(kept)) / found["hypervolume_upper"]


def page(results: list[dict]) -> str:
    """The whole page."""
    notebook = [one for one in results if one["preset"] == "notebook"]
    display = [one for one in results if one["preset"] == "display"]
    parts = [_head(), _shares(notebook), _certificates(notebook), _curves(notebook), _evolution(notebook)]
    return "\n\n".join([*parts, _seeds(notebook), _display(display)]) + "\n"


def _head() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "numba", "numpy", "pymoo"))
    return f"""# Fronts and bounds

Made by `make fronts`, all in one run; do not edit. Grid 64 x 128, 8,192 variables.
{torch.get_num_threads()} threads, Python {platform.python_version()}, {versions}.
Share: normalised hypervolume over its certified upper bound."""


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _percent(value: float) -> str:
    return f"{100 * value:.2f} %"


def _final(found: dict, label: str) -> list[float]:
    return [one["hypervolume"][-1] / found["hypervolume_upper"] for one in found["runs"][label]]


def _shares(notebook: list[dict]) -> str:
    rows = []
    for one in notebook:
        traced = one["runs"]["tracer"]
        seconds = max(run["seconds"][-1] for run in traced)
        counted = max(run["n_eval"][-1] for run in traced)
        rows.append(
            [
                one["instance"],
                _percent(one["sweep"] / one["hypervolume_upper"]),
                _percent(min(_final(one, "NSGA-II, gradient seeds"))),
                _percent(min(_final(one, "hybrid"))),
                _percent(traced[0]["hypervolume"][_GENERATIONS_OF_WEIGHTS - 1] / one["hypervolume_upper"]),
                _percent(min(_final(one, "tracer"))),
                f"{seconds:.0f} s, {counted:,}",
                _percent(of_a_hundred_points(one)),
            ]
        )
    head = [
        "instance",
        "constant masks",
        "NSGA-II",
        "hybrid",
        "tracer before its rounds",
        "tracer",
        "tracer spends",
        "100 points on the bound",
    ]
    hybrid = max(run["seconds"][-1] for one in notebook for run in one["runs"]["hybrid"])
    return f"""## Shares of the certified bound, notebook preset

{_table(head, rows)}

The worst of {len(SEEDS)} seeds each. NSGA-II: 100 masks, `GradientSeedSampling()`, pymoo's own variation;
`HybridAlgorithm()` with its defaults; both {BUDGET:,} counted evaluations, the hybrid in at most
{hybrid:.0f} s. `ParetoTracer()` ends by itself; its time and count are the largest. Before its rounds of
blends and exchanges every point is one descent from between its neighbours. Last column: what 100 points on
the bound itself would have."""


def _certificates(notebook: list[dict]) -> str:
    rows = [
        [
            one["instance"],
            f"{one['certify_seconds']:.0f} s",
            f"{one['hypervolume_upper']:.5f}",
            f"{one['float64_hypervolume'] / one['hypervolume_upper']:.5f}",
            f"{one['float64_difference']:.1g}",
            f"{one['kktpm']['median']:.1g}, {one['kktpm']['max']:.1g}",
        ]
        for one in notebook
    ]
    head = [
        "instance",
        "`certify` takes",
        "upper bound",
        "tracer's share in float64",
        "F in float64 differs by",
        "KKTPM",
    ]
    return f"""## Certificates

{_table(head, rows)}

F of the tracer's masks evaluated again in float64 by torch; differences in units of the nadir point. KKTPM
(pymoo's, median and largest over the tracer's points) from our `dF`, over variables that are not at a bound,
which it does not know."""


def _curves(notebook: list[dict]) -> str:
    return """![Fronts and certified bounds of each instance.](../docs/images/fronts.png)

![Gap to the bound against counted evaluations, for each algorithm.](../docs/images/anytime.png)"""


def _evolution(notebook: list[dict]) -> str:
    labels = [label for label in _COLOURS if label.startswith("NSGA-II")]
    rows = []
    for one in notebook:
        if all(label in one["runs"] for label in labels):
            rows.append([one["instance"], *(_percent(_final(one, label)[0]) for label in labels)])
    head = ["instance", *labels]
    return f"""## Evolution without refinement

{_table(head, rows)}

{BUDGET:,} counted evaluations, one seed."""


def _seeds(notebook: list[dict]) -> str:
    schedules = list(notebook[0]["ten_seeds"])
    rows = [[one["instance"], *(f"{one['ten_seeds'][name]:.4f}" for name in schedules)] for one in notebook]
    return f"""## Ten gradient seeds alone, by weight schedule

{_table(["instance", *schedules], rows)}

Normalised hypervolume after 200 steps."""


def best_known(found: dict) -> np.ndarray:
    """The best front known of an instance without a certificate: all earlier ones, and these runs'.

    Kept in ``benchmarks/best_known``, where it can only get better.
    """
    name = f"{found['preset']} {found['instance']}".lower().replace(" ", "-")
    path = Path(__file__).with_name("best_known") / f"{name}.csv"
    fronts = [np.array(runs[0]["F"]) for runs in found["runs"].values()]
    if path.is_file():
        fronts.append(np.loadtxt(path, delimiter=",", skiprows=1))
    everything = np.vstack(fronts)
    front = everything[non_dominated(everything)]
    path.parent.mkdir(exist_ok=True)
    np.savetxt(path, front, delimiter=",", fmt="%.9g", header="visual_display,audio_log_l1", comments="")
    return front


def _display(display: list[dict]) -> str:
    rows = []
    for one in display:
        known = FrontBounds(np.empty((0, 2)), np.empty(0), (np.zeros(2), np.array(one["extent"])))
        best = 1.0 - known.gap(best_known(one))
        rows.append([one["instance"], "best known", "", f"{best:.4f}", "", "", "", ""])
        for label, runs in one["runs"].items():
            F = np.array(runs[0]["F"])
            audio = [np.interp(1 - ssim, F[:, 0], F[:, 1]) for ssim in (0.73, 0.80, 0.85, 0.92)]
            spent = f"{runs[0]['seconds'][-1]:.0f} s, {runs[0]['n_eval'][-1]:,}"
            reached = f"{runs[0]['hypervolume'][-1]:.4f}"
            rows.append([one["instance"], label, spent, reached, *(f"{value:.2f}" for value in audio)])
    head = [
        "instance",
        "algorithm",
        "spends",
        "hypervolume",
        *(f"audio at SSIM {s}" for s in ("0.73", "0.80", "0.85", "0.92")),
    ]
    return f"""## Display preset

{_table(head, rows)}

No certificate is known here. 100 masks each; NSGA-II gets the hybrid's count of evaluations. Audio loss,
interpolated along the front, at a given SSIM of the view. Best known: all points of these and earlier runs
that none dominates, kept in `benchmarks/best_known`."""


def draw_fronts(axes: Axes, found: dict) -> None:
    """The tracer's front, NSGA-II's and the bound, in units of the box, logarithmic in the picture."""
    bound = envelope(found)
    least = 1e-4
    axes.fill_between(bound[:, 0], bound[:, 1], 0, color="#00000014", lw=0, label="no mask lies here")
    for label in ("NSGA-II, gradient seeds", "tracer"):
        F = np.array(found["runs"][label][0]["F"]) / found["extent"]
        axes.step(
            F[:, 0], F[:, 1], where="post", color=_COLOURS[label], lw=1.2, ls=_STYLES[label], label=label
        )
    axes.set(xscale="log", xlim=(least, 1), ylim=(0, 1), title=found["instance"])
    axes.set(xlabel="visual L1 / nadir", ylabel="audio log L1 / nadir")


def draw_curves(axes: Axes, found: dict) -> None:
    """Each algorithm's gap to the bound against counted evaluations."""
    for label, runs in found["runs"].items():
        for number, one in enumerate(runs):
            gap = 1 - np.array(one["hypervolume"]) / found["hypervolume_upper"]
            style = {"color": _COLOURS[label], "ls": _STYLES.get(label, ":"), "lw": 1.2}
            axes.plot(one["n_eval"], gap, label=label if number == 0 else None, **style)
    axes.axhline(
        1 - of_a_hundred_points(found), color="k", lw=0.8, ls=(0, (1, 3)), label="100 points on the bound"
    )
    axes.set(xscale="log", yscale="log", xlim=(80, 2e5), title=found["instance"])
    axes.set(xlabel="counted evaluations", ylabel="share missing to the bound")


def _figure(notebook: list[dict], draw, name: str) -> None:
    columns = 3 if len(notebook) > 1 else 1
    rows = -(-len(notebook) // columns)
    figure = Figure(figsize=(4.4 * columns, 3.6 * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, found in zip(grid, notebook, strict=False):
        draw(axes, found)
    for axes in grid[len(notebook) :]:
        axes.set_axis_off()
    most = max(grid[: len(notebook)], key=lambda axes: len(axes.get_legend_handles_labels()[0]))
    figure.legend(*most.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize="small")
    figure.savefig(IMAGES / name, dpi=110)


def main(folder: Path) -> None:
    """Write the page and its plots."""
    results = json.loads((folder / "fronts.json").read_text())
    notebook = [one for one in results if one["preset"] == "notebook"]
    PAGE.write_text(page(results))
    _figure(notebook, draw_fronts, "fronts.png")
    _figure(notebook, draw_curves, "anytime.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
