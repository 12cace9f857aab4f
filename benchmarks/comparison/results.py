"""What is kept of the runs: a few numbers of each in compressed tables, and the fronts of a sample.

A run is known by problem, preset, algorithm, seed and limit, which is its largest budget. The tables are

* ``runs``: spent CPU and wall time, and a hash of the last front.
* ``budgets``: at each budget the evaluations counted, the hypervolume of the front, that of everything
  evaluated (archive), IGD+ and additive epsilon to the reference front.
* ``times``: the same hypervolumes at each CPU time of `CPU_SECONDS`.
* ``hits``: for each of `GAPS` that was reached the counted evaluations and the CPU time, and the evaluations
  for the archive. A gap is the certified bound less the hypervolume, in shares of the box.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pymoo_moss.study import StudyResult
from pymoo_moss.study.targets import first_hits
from pymoo_moss.study.task import Run

KEY = ["problem", "preset", "algorithm", "seed", "limit"]
RESULTS = Path(__file__).parents[1] / "results"
CPU_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
GAPS = tuple(float(gap) for gap in np.round(np.logspace(-1, -4, 31), 6))
TABLES = ("runs", "budgets", "times", "hits")
VERSIONS = "versions.json"
_FRONTS = "fronts.npz"
_SAMPLED = 1 / 160
"""Share of the runs whose last front is kept, about 50 of 8,000."""


@dataclass(frozen=True)
class Results:
    """Tables of finished runs, and the last fronts ``(n, 2)`` of the sampled ones by `name_of` their key."""

    runs: pd.DataFrame
    budgets: pd.DataFrame
    times: pd.DataFrame
    hits: pd.DataFrame
    fronts: dict[str, np.ndarray]

    @property
    def keys(self) -> set[tuple[object, ...]]:
        """Keys of the runs."""
        return set(self.runs[KEY].itertuples(index=False, name=None))


def empty() -> Results:
    """Return tables without runs."""
    return Results(*(pd.DataFrame(columns=KEY) for _ in TABLES), fronts={})


def name_of(key: tuple[object, ...]) -> str:
    """Return the name under which a run's front is kept."""
    return " | ".join(map(str, key))


def is_sampled(key: tuple[object, ...]) -> bool:
    """Tell whether a run's front is kept, by a hash of its key."""
    first = hashlib.sha256(name_of(key).encode()).digest()[:4]
    return int.from_bytes(first, "big") < _SAMPLED * 2**32


def collect(result: StudyResult, preset: str) -> Results:
    """Reduce the runs of a study on frozen problems of one preset."""
    indicators = result.indicators().set_index(["problem", "algorithm", "seed"])
    limit = result.budgets[-1]
    tables: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    fronts = {}
    for run in result.runs:
        key = (run.problem, preset, run.algorithm, run.seed, limit)
        known = dict(zip(KEY, key, strict=True))
        front = run.fronts[limit]
        digest = hashlib.sha256(np.ascontiguousarray(front).tobytes()).hexdigest()[:12]
        spent = {"cpu_seconds": run.cpu_seconds[-1], "seconds": run.seconds[-1]}
        tables["runs"].append(known | spent | {"n_eval": run.n_eval[-1], "front": digest})
        at_budgets = indicators.loc[[(run.problem, run.algorithm, run.seed)]]
        for row in at_budgets.to_dict("records"):
            index = np.searchsorted(run.n_eval, row["n_eval"])
            row["archive_hypervolume"] = run.archive_hypervolume[index]
            tables["budgets"].append(known | {name: row[name] for name in _AT_BUDGETS})
        tables["times"] += [known | row for row in _times(run)]
        tables["hits"] += [known | row for row in _hits(run, result.facts[run.problem].hypervolume_upper)]
        if is_sampled(key):
            fronts[name_of(key)] = front
    return Results(*(pd.DataFrame(tables[name]) for name in TABLES), fronts=fronts)


_AT_BUDGETS = ("budget", "n_eval", "hypervolume", "archive_hypervolume", "igd_plus", "epsilon")


def _times(run: Run) -> Iterable[dict[str, object]]:
    for seconds in CPU_SECONDS:
        index = np.searchsorted(run.cpu_seconds, seconds, side="right") - 1
        if index >= 0:
            archive = run.archive_hypervolume[index]
            yield {"at": seconds, "hypervolume": run.hypervolume[index], "archive_hypervolume": archive}


def _hits(run: Run, upper: float | None) -> Iterable[dict[str, object]]:
    if upper is None:
        return
    targets = upper - np.array(GAPS)
    evaluations = first_hits(run.n_eval, run.hypervolume, targets)
    seconds = first_hits(run.cpu_seconds, run.hypervolume, targets)
    archived = first_hits(run.n_eval, run.archive_hypervolume, targets)
    for gap, count, second, archive in zip(GAPS, evaluations, seconds, archived, strict=True):
        if np.isfinite(archive):
            yield {"gap": gap, "n_eval": count, "cpu_seconds": second, "archive_n_eval": archive}


def merged(parts: Iterable[Results]) -> Results:
    """Join tables; of a run that is in several, the first counts."""
    parts = list(parts)
    fronts: dict[str, np.ndarray] = {}
    known: set[tuple[object, ...]] = set()
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for part in parts:
        new = part.keys - known
        known |= new
        fronts = part.fronts | fronts
        for name in TABLES:
            table = getattr(part, name)
            if len(table):
                of_new = pd.MultiIndex.from_frame(table[KEY]).isin(list(new))
                tables[name].append(table[of_new])
    joined = {name: _sorted(pd.concat(found)) if found else empty().runs for name, found in tables.items()}
    return Results(**joined, fronts=fronts)


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    rest = [name for name in ("budget", "at", "gap") if name in table]
    return table.sort_values([*KEY, *rest], ignore_index=True)


def load(folder: Path = RESULTS) -> Results:
    """Read the tables of a folder; without any, they are empty."""
    if not (folder / _file(TABLES[0])).is_file():
        return empty()
    tables = {name: pd.read_csv(folder / _file(name)) for name in TABLES}
    with np.load(folder / _FRONTS) as kept:
        return Results(**tables, fronts=dict(kept))


def save(results: Results, folder: Path = RESULTS) -> None:
    """Write the tables into a folder, numbers to seven digits."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        getattr(results, name).to_csv(folder / _file(name), index=False, float_format="%.7g")
    np.savez_compressed(folder / _FRONTS, **dict(sorted(results.fronts.items())))


def _file(table: str) -> str:
    return f"{table}.csv.xz"
