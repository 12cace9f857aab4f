"""Writes ``benchmarks/COMPARISON.md`` and plots of what `benchmarks.comparison` measured.

``python -m benchmarks.comparison_report OUT``.
"""

import platform
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from pymoo_moss import list_problems
from pymoo_moss.study import StudyResult, compare, ranking
from pymoo_moss.study.comparison import deterministic
from pymoo_moss.study.plots import add_legend, plot_anytime, plot_attainment, plot_attainment_difference
from pymoo_moss.study.report import to_markdown, with_deterministic

from .comparison import NAMES, SEEDS, STARTS

PAGE = Path(__file__).with_name("COMPARISON.md")
IMAGES = Path(__file__).parents[1] / "docs" / "images"
_PAIRED = 6
"""Algorithms that are compared pair by pair."""


def page(result: StudyResult, indicators: pd.DataFrame) -> str:
    """The whole page."""
    parts = [_head(result), _limits(result, indicators), _ranks(result, indicators)]
    parts += [_problem(result, indicators, problem) for problem in result.problems]
    return "\n\n".join([*parts, _peers()]) + "\n"


def _head(result: StudyResult) -> str:
    names = ("pymoo-moss", "pymoo", "evotorch", "torchjd", "torch", "moocore")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    seeds = ", ".join(f"{SEEDS[problem]} seeds on {problem}" for problem in result.problems)
    return f"""# Comparison of algorithms

Made by `make comparison`; do not edit. Preset `notebook`, 100 masks in every population,
{result.budgets[-1]:,} counted evaluations (a gradient counts two more). {seeds}.
One thread a run, Python {platform.python_version()}, {versions}.

Share: hypervolume over its certified upper bound. Each algorithm of pymoo runs from uniform random masks,
from constant levels and from `GradientSeedSampling()`, with pymoo's own variation and with `PatchCrossover`
and `SmoothNoiseMutation` (mask variation); CMOPSO has no variation to replace ("-"). All that is said of
ranks, wins and medians is computed from the runs."""


def _limits(result: StudyResult, indicators: pd.DataFrame) -> str:
    """What the page does not tell."""
    budget = result.budgets[-1]
    same = [
        f"{name} on {' and '.join(problems)}" for name, problems in deterministic(indicators, budget).items()
    ]
    return f"""## What this does not tell

* These are {len(result.problems)} of the {len(list_problems())} frozen problems, chosen for their sizes.
  Nothing is claimed of the others: all ranks and wins are of these problems alone.
* Deterministic, as every seed gave the same front, which counts as one run: {"; ".join(same) or "none"}.
  Against one run no p-value is below 2 / (n + 1), so that with 39 seeds or fewer no comparison with it is
  significant."""


def _ranks(result: StudyResult, indicators: pd.DataFrame) -> str:
    places = ranking(indicators, result.budgets[-1], "share")
    places = with_deterministic(places, indicators, result.budgets[-1])
    return f"""## Over these problems

{to_markdown(places)}
`runs`: those that are independent, on the problem with the fewest. `mean_rank`: of the medians, over the
{len(result.problems)} problems. `wins` and `losses`: comparisons with each other algorithm on each problem by
Mann-Whitney's test with Holm's correction, level 0.05; with two or three seeds nothing is significant, so
they come from the problems with more. The problems are too few for a test over problems."""


def _problem(result: StudyResult, indicators: pd.DataFrame, problem: str) -> str:
    here = indicators[indicators["problem"] == problem]
    slug = _slug(problem)
    best = _best(result, indicators, problem)
    theirs = _best_of_pymoo(best)
    return f"""## {problem}

{SEEDS[problem]} seeds. Certified upper bound {result.facts[problem].hypervolume_upper:.5f}.

{to_markdown(_factors(result, here))}
Median share of the bound after {result.budgets[-1]:,} evaluations, by start and variation.

{to_markdown(_budgets(result, here, problem))}
Median share at each budget, with quartiles at the last; IGD+ and additive epsilon to the best-known front, in
units of the box; median seconds of a run.

![Hypervolume: ours, the peers, pymoo's best from each start.](../docs/images/{slug}-anytime.png)

![What half of the runs attain, and where the first two differ.](../docs/images/{slug}-attainment.png)

Left: {best[0]} and {theirs}, the best and the best of pymoo's own, with quartiles. Right: where
they differ.

{_effects(here, result.budgets[-1], best)}"""


def _factors(result: StudyResult, here: pd.DataFrame) -> pd.DataFrame:
    """One row an algorithm of pymoo, a column for each start and variation."""
    medians = here[here["budget"] == result.budgets[-1]].groupby("algorithm")["share"].median()
    rows = []
    for label in NAMES:
        row: dict[str, object] = {"algorithm": label}
        for start in STARTS:
            for variation in ("", ", mask variation"):
                row[start + variation] = _percent(medians.get(f"{label}, {start}{variation}"))
        rows.append(row)
    return pd.DataFrame(rows)


def _budgets(result: StudyResult, here: pd.DataFrame, problem: str) -> pd.DataFrame:
    seconds = {name: [] for name in result.algorithms}
    for run in result.runs:
        if run.problem == problem:
            seconds[run.algorithm].append(run.seconds[-1])
    rows = []
    for name, group in here.groupby("algorithm", sort=False):
        shares = {budget: group[group["budget"] == budget]["share"] for budget in result.budgets}
        last = group[group["budget"] == result.budgets[-1]]
        low, high = shares[result.budgets[-1]].quantile([0.25, 0.75])
        row = {"algorithm": name, "order": -shares[result.budgets[-1]].median()}
        row |= {f"{budget:,}": _percent(values.median()) for budget, values in shares.items()}
        row |= {"quartiles": f"{100 * low:.2f} to {100 * high:.2f} %"}
        row |= {"IGD+": last["igd_plus"].median(), "epsilon": last["epsilon"].median()}
        rows.append(row | {"seconds": f"{pd.Series(seconds[name]).median():.1f}"})
    return pd.DataFrame(rows).sort_values(["order", "algorithm"]).drop(columns="order")


def _best(result: StudyResult, indicators: pd.DataFrame, problem: str) -> list[str]:
    """The best algorithms, one of each kind: of variants that differ in start and variation, the best."""
    places = ranking(indicators[indicators["problem"] == problem], result.budgets[-1], "share")
    kinds: dict[str, str] = {}
    for label in places["algorithm"]:
        kinds.setdefault(label.split(",")[0], label)
    return list(kinds.values())


def _best_of_pymoo(best: list[str]) -> str:
    return next(label for label in best if label.split(",")[0] in NAMES)


def _best_of_each_start(result: StudyResult, indicators: pd.DataFrame, problem: str) -> list[str]:
    """Ours, the peers, and of pymoo's algorithms the best from each start."""
    places = ranking(indicators[indicators["problem"] == problem], result.budgets[-1], "share")["algorithm"]
    best: dict[str, str] = {}
    for label in places:
        kind, _, rest = label.partition(", ")
        best.setdefault(rest.split(",")[0] if kind in NAMES else label, label)
    return list(best.values())


def _effects(here: pd.DataFrame, budget: int, best: list[str]) -> str:
    """The pairs among the best of each kind."""
    pairs = compare(here[here["algorithm"].isin(best[:_PAIRED])], budget, "share")
    return f"""{to_markdown(pairs[["a", "b", "median_a", "median_b", "a12", "p_holm", "better"]])}
The best of each kind against each other: `a12` is the chance that a run of a ends above a run of b."""


def _peers() -> str:
    return """## About the peers

EvoTorch's NSGA-II: its `GeneticAlgorithm` with simulated binary crossover and polynomial mutation of
pymoo's parameters, from constant levels (`benchmarks/peers.py`). Version 0.6.1 takes the order in which a
sort lists the points for their ranks by crowding, so that ends of the front get lost and hypervolume falls
over time. TorchJD: 33 masks from constant levels that each descend along UPGrad's direction by Adam; the
best points seen on the way are kept. Gradient seeds alone: 33 seeds of 100 steps on the schedule `spread`,
as far as the budget reaches, and the notebook's ten of 200 steps."""


def _percent(value: float | None) -> str:
    """A share of the bound; "-" where there is no such algorithm."""
    return "-" if value is None else f"{100 * value:.2f} %"


def _slug(problem: str) -> str:
    return f"comparison-{problem}"


def _draw(result: StudyResult, indicators: pd.DataFrame, problem: str) -> None:
    best = _best(result, indicators, problem)
    shown = _best_of_each_start(result, indicators, problem)
    curves = StudyResult(_only(result, shown), result.facts, result.budgets)
    figure = Figure(figsize=(7.6, 5.6), layout="constrained")
    axes = figure.subplots()
    plot_anytime(axes, curves, problem)
    axes.set_ylim(0.4, None)
    figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize="small")
    figure.savefig(IMAGES / f"{_slug(problem)}-anytime.png", dpi=110)

    pair = [best[0], _best_of_pymoo(best)]
    figure = Figure(figsize=(10.4, 5.0), layout="constrained")
    left, right = figure.subplots(1, 2)
    plot_attainment(left, StudyResult(_only(result, pair), result.facts, result.budgets), problem)
    add_legend(left)
    plot_attainment_difference(right, result, problem, *pair)
    figure.savefig(IMAGES / f"{_slug(problem)}-attainment.png", dpi=110)


def _only(result: StudyResult, algorithms: list[str]) -> list:
    chosen = [run for run in result.runs if run.algorithm in algorithms]
    return sorted(chosen, key=lambda run: algorithms.index(run.algorithm))


def main(folder: Path) -> None:
    """Write the page and its plots."""
    studies = [StudyResult.load(folder / problem) for problem in SEEDS if (folder / problem).is_dir()]
    runs = [run for study in studies for run in study.runs]
    facts = {label: known for study in studies for label, known in study.facts.items()}
    result = StudyResult(runs, facts, studies[0].budgets)
    indicators = result.indicators()
    PAGE.write_text(page(result, indicators), encoding="utf-8")
    for problem in result.problems:
        _draw(result, indicators, problem)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
