"""Measure the generated problems: ``python -m benchmarks.instances [SEEDS]`` (about half an hour).

Adds the problems that are missing to ``docs/benchmarks/instances.csv``, each as soon as it is measured, and
writes the table between the markers of ``docs/instances.md``: medians and ranges over the first ``SEEDS``
seeds of each kind, by default all 15, on the grid of 16 x 32 variables. Then draws
``docs/images/instances.png``.
"""

import argparse
import csv
import math
from pathlib import Path

import numpy as np
import torch
from matplotlib.figure import Figure

from pymoo_moss import FrontBounds, MOSSProblem, get_problem, list_instances
from pymoo_moss.bounds import Majorisation
from pymoo_moss.instances import INSTANCE_SEEDS
from pymoo_moss.instances.characterisation.characterise import concave_share
from pymoo_moss.instances.characterisation.difficulty import evaluations_to_share
from pymoo_moss.instances.characterisation.minima import clusters
from pymoo_moss.instances.generated import KINDS
from pymoo_moss.instances.generated.make import drawing_and_tune
from pymoo_moss.search import constant_sweep

from .marked import between

DOCS = Path(__file__).parents[1] / "docs"
TABLE = DOCS / "benchmarks" / "instances.csv"
PAGE = DOCS / "instances.md"
PLOT = DOCS / "images" / "instances.png"
SHOWN = 2
"""Problems of each kind that are drawn."""
BEGIN, END = "<!-- kinds: written by python -m benchmarks.instances -->", "<!-- end of kinds -->"

GAP = 0.01
"""Hypervolume to the certified bound that has to be reached."""
BUDGET = 20_000
STARTS, STEPS = 16, 400
"""Descents of a weighted sum from random masks, and their majorise-minimise steps."""
PLACES = (0.25, 0.5, 0.75)
"""Quantiles of the certificate's trade-offs at which local minima are counted."""
SAME_MASK = 0.1
"""Greatest difference of masks of one minimum, anywhere on the plane."""

COLUMNS = {
    "concave_share": ("concave bins, %", 100, 0),
    "constant_masks": ("constant masks", 1, 3),
    "bound": ("certified bound", 1, 3),
    "looseness": ("looseness, %", 100, 2),
    "evaluations": ("evaluations to 0.01", 1, 0),
    "minima": ("local minima", 1, 1),
}
"""Titles, scales and digits of the figures."""


def evaluations(problem: MOSSProblem, bounds: FrontBounds) -> float:
    """Count the evaluations that `FrontAscent` needs; infinite beyond `BUDGET`."""
    share = 1.0 - GAP / bounds.hypervolume_upper
    return evaluations_to_share(problem, bounds, share=share, budget=BUDGET, seeds=(1,)).median


def local_minima(problem: MOSSProblem, bounds: FrontBounds) -> float:
    """Count the masks that descents from random masks lead to; the mean over three trade-offs."""
    majorisation = Majorisation(problem)
    trade_offs = np.quantile(majorisation.trade_offs(bounds.weights), PLACES)
    starts = np.random.default_rng(0).random((STARTS, problem.n_var))
    counts = []
    for trade_off in trade_offs:
        y = majorisation.descend(starts, np.full(STARTS, trade_off), steps=STEPS)
        with torch.no_grad():
            masks = problem.encoder.mask(torch.from_numpy(1.0 - y).float())[:, ::2, ::2].flatten(1).numpy()
        counts.append(clusters(masks, SAME_MASK).max() + 1)
    return float(np.mean(counts))


def measured(name: str) -> dict[str, float]:
    """Measure one problem."""
    problem = get_problem(name)
    bounds = problem.front_bounds()
    return {
        "concave_share": concave_share(problem.encoder),
        "constant_masks": problem.hypervolume(constant_sweep(problem)),
        "bound": bounds.hypervolume_upper,
        "looseness": bounds.looseness,
        "evaluations": evaluations(problem, bounds),
        "minima": local_minima(problem, bounds),
    }


def read() -> dict[str, dict[str, float]]:
    """Read the figures that have been measured, by name of the problem."""
    if not TABLE.is_file():
        return {}
    with TABLE.open(newline="", encoding="utf-8") as file:
        return {row.pop("problem"): {k: float(v) for k, v in row.items()} for row in csv.DictReader(file)}


def write(rows: dict[str, dict[str, float]]) -> None:
    """Write the figures, in the order of the lists."""
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["problem", *COLUMNS], lineterminator="\n")
        writer.writeheader()
        for name in filter(rows.__contains__, list_instances()):
            writer.writerow({"problem": name, **{key: f"{rows[name][key]:.6g}" for key in COLUMNS}})


def table(rows: dict[str, dict[str, float]], seeds: int) -> str:
    """Return the table of the page: median, least and greatest figure of each kind."""
    lines = [
        f"| {' | '.join(['kind', *(title for title, _, _ in COLUMNS.values())])} |",
        "|---" * (len(COLUMNS) + 1) + "|",
    ]
    for kind in KINDS:
        cells = [f"`{kind}`"]
        for key, (_, scale, digits) in COLUMNS.items():
            figures = [scale * rows[name][key] for name in list_instances(kind)[:seeds]]
            three = (np.median(figures), min(figures), max(figures))
            cells.append("{} ({} to {})".format(*(_text(one, digits) for one in three)))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _text(figure: float, digits: int) -> str:
    return f"over {BUDGET:,}" if math.isinf(figure) else f"{figure:,.{digits}f}"


def draw() -> None:
    """Draw drawings, and tunes as spectrograms, of the first problems of each kind."""
    figure = Figure(figsize=(9.6, 5.4), layout="constrained")
    axes = figure.subplots(len(KINDS), 2 * SHOWN)
    for kind, row in zip(KINDS, axes, strict=True):
        for number, name in enumerate(list_instances(kind)[:SHOWN]):
            encoder = get_problem(name).encoder
            sound = 20 * torch.log10(encoder.audio_magnitude / encoder.audio_magnitude.max())
            drawing, _ = drawing_and_tune(INSTANCE_SEEDS[number], kind)
            left, right = row[2 * number : 2 * number + 2]
            left.imshow(drawing, cmap="gray", aspect="auto")
            right.imshow(sound.numpy(), cmap="magma", aspect="auto", origin="lower", vmin=-100, vmax=0)
            left.set_title(name.rpartition("-")[0], fontsize=9)
            right.set_title("0 to 8 kHz, 100 dB", fontsize=9)
    for one in axes.flat:
        one.set_axis_off()
    figure.savefig(PLOT, dpi=80)


def main() -> None:
    """Measure what is missing, and write the table."""
    parser = argparse.ArgumentParser(description="Measure the generated problems.")
    parser.add_argument("seeds", nargs="?", type=int, default=len(INSTANCE_SEEDS))
    seeds = parser.parse_args().seeds
    rows = read()
    for name in [name for kind in KINDS for name in list_instances(kind)[:seeds]]:
        if name not in rows:
            rows[name] = measured(name)
            write(rows)
            print(name, rows[name], flush=True)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(between(page, BEGIN, END, table(rows, seeds)), encoding="utf-8")
    draw()


if __name__ == "__main__":
    main()
