"""Tables of the comparison, from `results`."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from pymoo_moss.instances import get_reference
from pymoo_moss.study.comparison import LEVEL, holm
from pymoo_moss.study.rank_tests import mann_whitney
from pymoo_moss.study.targets import expected_running_time

from .results import Results
from .stages import Stage


def runs_of(results: Results, stage: Stage, table: str) -> pd.DataFrame:
    """Select the rows of a stage's runs."""
    rows: pd.DataFrame = getattr(results, table)
    if rows.empty:
        return rows
    wanted = (rows["preset"] == stage.preset) & (rows["limit"] == stage.budgets[-1])
    wanted &= rows["problem"].isin(stage.problems) & rows["algorithm"].isin(stage.methods)
    return rows[wanted]


def seeds(results: Results, stage: Stage) -> pd.DataFrame:
    """Count the runs of each algorithm (columns) on each problem (rows) of a stage."""
    counts = runs_of(results, stage, "runs").groupby(["problem", "algorithm"]).size().unstack()
    return counts.reindex(index=list(stage.problems), columns=list(stage.methods)).fillna(0).astype(int)


def deterministic(results: Results, stage: Stage) -> pd.DataFrame:
    """Tell of each problem (rows) and algorithm (columns) whether all of two or more seeds gave one front."""
    groups = runs_of(results, stage, "runs").groupby(["problem", "algorithm"])["front"]
    same = ((groups.nunique() == 1) & (groups.size() > 1)).unstack()
    return same.reindex(index=list(stage.problems), columns=list(stage.methods)).eq(True)


def scale_of(problem: str, preset: str) -> float:
    """Return the certified bound, or where there is none the hypervolume of the best-known front."""
    reference = get_reference(problem, preset)
    return reference.bounds.hypervolume_upper if reference.bounds is not None else reference.hypervolume


def shares(results: Results, stage: Stage, budget: int, column: str = "hypervolume") -> pd.DataFrame:
    """Return the runs of a stage at a budget, with a share of `scale_of` each."""
    rows = runs_of(results, stage, "budgets")
    return _with_share(rows[rows["budget"] == budget], column)


def shares_at(results: Results, stage: Stage, seconds: float) -> pd.DataFrame:
    """Return the runs of a stage after so much CPU time, with a share of `scale_of` each."""
    rows = runs_of(results, stage, "times")
    return _with_share(rows[rows["at"] == seconds], "hypervolume")


def _with_share(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    scales = {key: scale_of(*key) for key in set(zip(rows["problem"], rows["preset"], strict=True))}
    scale = [scales[key] for key in zip(rows["problem"], rows["preset"], strict=True)]
    return rows.assign(share=rows[column] / np.array(scale, dtype=float))


def medians(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the median share of each algorithm (columns) on each problem (rows)."""
    return rows.groupby(["problem", "algorithm"])["share"].median().unstack()


def worse_than_best(rows: pd.DataFrame, same: pd.DataFrame) -> pd.DataFrame:
    """Tell of each problem (rows) and algorithm (columns) whether it is significantly worse than the best.

    The best has the greatest median; two-sided Mann-Whitney tests with Holm's correction over the algorithms
    of the problem. Runs of a deterministic algorithm count as one.

    Args:
        rows: runs with ``share``.
        same: table of `deterministic`.
    """
    found: dict[str, dict[str, bool]] = {}
    for problem, here in rows.groupby("problem"):
        samples = {
            str(name): np.asarray(group["share"])[: 1 if same.loc[problem, name] else None]
            for name, group in here.groupby("algorithm")
        }
        best = max(samples, key=lambda name: float(np.median(samples[name])))
        others = [name for name in samples if name != best]
        p_values = holm([mann_whitney(samples[best], samples[name]) for name in others])
        found[str(problem)] = {best: False} | dict(zip(others, (p_values < LEVEL).tolist(), strict=True))
    return pd.DataFrame(found).T


def running_times(results: Results, stage: Stage, gaps: Iterable[float]) -> pd.DataFrame:
    """Estimate expected evaluations to gaps, in multiples of the variables.

    Returns:
        A row per algorithm, problem and gap: ``ert``, infinite where no run reached it.
    """
    runs = runs_of(results, stage, "runs").set_index(["problem", "algorithm", "seed"])["n_eval"]
    hits = runs_of(results, stage, "hits").set_index(["problem", "algorithm", "seed", "gap"])["n_eval"]
    rows = []
    for (problem, algorithm), limits in runs.groupby(level=[0, 1]):
        found = hits[hits.index.isin([algorithm], level=1) & hits.index.isin([problem], level=0)]
        by_gap = {gap: group.droplevel(3) for gap, group in found.groupby(level=3)}
        for gap in gaps:
            reached = by_gap.get(gap, found.iloc[:0].droplevel(3)).reindex(limits.index).fillna(np.inf)
            time = expected_running_time(reached.to_numpy(dtype=float), limits.to_numpy(dtype=float))
            rows.append(
                {"problem": problem, "algorithm": algorithm, "gap": gap, "ert": time / variables(problem)}
            )
    return pd.DataFrame(rows, columns=["problem", "algorithm", "gap", "ert"])


def variables(problem: str) -> int:
    """Return the number of variables of a frozen problem, from its name."""
    rows, columns = problem.rpartition("-")[2].split("x")
    return int(rows) * int(columns)
