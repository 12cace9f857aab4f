"""`StudyResult`: the runs of a study as tables and fronts."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import moocore
import numpy as np

from .._files import read_json
from ..errors import MossError, OptionError, missing_extra
from .budgets import Unit, parse_budget
from .facts import STUDY_FILE, ProblemFacts
from .task import Run, load_run

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Failure:
    """A run that ended in an error.

    Attributes:
        problem: the problem's label.
        algorithm: the algorithm's label.
        seed: seed of its random numbers.
        error: the traceback.
    """

    problem: str
    algorithm: str
    seed: int
    error: str

    @property
    def reason(self) -> str:
        """The last line of the error."""
        return self.error.rstrip().rpartition("\n")[2]


class StudyResult:
    """Finished runs of a study.

    Args:
        runs: the runs.
        facts: facts of each problem, by label.
        budgets: budgets at which there are fronts, rising.
        broken: runs that ended in an error when they were last tried; unknown, and empty, if loaded.
        unit: what the budgets are counted in.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        facts: Mapping[str, ProblemFacts],
        budgets: Sequence[float],
        broken: Sequence[Failure] = (),
        unit: Unit = "evaluations",
    ) -> None:
        self.runs = list(runs)
        self.facts = dict(facts)
        self.budgets = tuple(budgets)
        self.broken = list(broken)
        self.unit = unit

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "StudyResult":
        """Load the finished runs of the study that was last run in a folder.

        Raises:
            MossError: there is no study, or it cannot be read.
        """
        path = Path(folder) / STUDY_FILE
        try:
            plan = read_json(path)
            facts = {label: ProblemFacts.from_json(content) for label, content in plan["facts"].items()}
            # Earlier versions had no other unit.
            budgets, unit = parse_budget({plan.get("unit", "evaluations"): plan["budgets"]})
            names = [Path(name).name for name in plan["runs"]]
        except FileNotFoundError as error:
            raise MossError(f"'{folder}' holds no study: {STUDY_FILE} is missing") from error
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise MossError(f"'{path}' cannot be read ({error}): run the study again") from error
        runs = []
        for name in names:
            try:
                runs.append(load_run(path.parent / "runs" / name))
            except MossError:
                continue  # not finished
        return cls(runs, facts, budgets, unit=unit)

    @property
    def problems(self) -> list[str]:
        """Labels of the problems, in the study's order."""
        return [label for label in self.facts if any(run.problem == label for run in self.runs)]

    @property
    def algorithms(self) -> list[str]:
        """Labels of the algorithms, in the study's order."""
        return list(dict.fromkeys(run.algorithm for run in self.runs))

    def fronts(self, problem: str, algorithm: str, budget: float | None = None) -> list[np.ndarray]:
        """Return the fronts ``(n, n_obj)`` at a budget, the last one by default, one for each seed.

        Raises:
            OptionError: there are no such runs.
        """
        budget = self._known_budget(budget)
        found = self.runs_of(problem, algorithm)
        if not found:
            raise OptionError(f"no runs of '{algorithm}' on '{problem}' are finished")
        return [run.fronts[budget] for run in found]

    def runs_of(self, problem: str, algorithm: str) -> list[Run]:
        """Return the finished runs of an algorithm on a problem, by seed; perhaps none."""
        found = [run for run in self.runs if (run.problem, run.algorithm) == (problem, algorithm)]
        return sorted(found, key=lambda run: run.seed)

    def reference_hypervolume(self, problem: str) -> float:
        """Compute the hypervolume of the front that ``igd_plus`` refers to, see `indicators`."""
        return hypervolume(self._reference(problem))

    def generations(self) -> "pd.DataFrame":
        """Tabulate the runs, one row per generation or step of seeding.

        Columns: problem, algorithm, seed, generation (of these rows, from 1), n_eval, seconds, cpu_seconds,
        hypervolume, archive_hypervolume (see `Run`), and share and archive_share, which are those of the
        certified bound; NaN without one.
        """
        with missing_extra("study"):
            import pandas as pd
        parts = []
        for run in self.runs:
            upper = self.facts[run.problem].hypervolume_upper
            parts.append(
                pd.DataFrame(
                    {
                        "problem": run.problem,
                        "algorithm": run.algorithm,
                        "seed": run.seed,
                        "generation": np.arange(1, len(run.n_eval) + 1),
                        "n_eval": run.n_eval,
                        "seconds": run.seconds,
                        "cpu_seconds": run.cpu_seconds,
                        "hypervolume": run.hypervolume,
                        "archive_hypervolume": run.archive_hypervolume,
                        "share": run.hypervolume / upper if upper else np.nan,
                        "archive_share": run.archive_hypervolume / upper if upper else np.nan,
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def indicators(self) -> "pd.DataFrame":
        """Tabulate indicators of the fronts, one row per run and budget.

        Columns: problem, algorithm, seed, budget, n_eval, independent, hypervolume, share, igd_plus, epsilon.
        ``n_eval`` counts the evaluations behind the front; only the first front that a run has may have taken
        more than the budget. ``independent`` is False for all but the first of runs whose fronts are the same
        though their seeds differ: such an algorithm is deterministic, and one sample.

        The others are measured with the box from ideal to reference point as the unit square, by moocore.
        ``igd_plus`` and the additive ``epsilon`` refer to the best-known front; where there is none, to the
        best of all the study's fronts at the last budget. A front without points, of an algorithm that finds
        none that is feasible, has hypervolume 0 and infinite distances.
        """
        with missing_extra("study"):
            import pandas as pd
        references = {label: self._reference(label) for label in self.problems}
        copies = self._copies()
        rows = []
        for run in self.runs:
            facts = self.facts[run.problem]
            reference = references[run.problem]
            for budget in self.budgets:
                points = facts.scaled(run.fronts[budget])
                reached = hypervolume(points)
                rows.append(
                    {
                        "problem": run.problem,
                        "algorithm": run.algorithm,
                        "seed": run.seed,
                        "budget": budget,
                        "n_eval": run.counted[budget],
                        "independent": (run.problem, run.algorithm, run.seed, budget) not in copies,
                        "hypervolume": reached,
                        "share": reached / facts.hypervolume_upper if facts.hypervolume_upper else np.nan,
                        "igd_plus": moocore.igd_plus(points, ref=reference) if len(points) else np.inf,
                        "epsilon": moocore.epsilon_additive(points, ref=reference) if len(points) else np.inf,
                    }
                )
        return pd.DataFrame(rows)

    def _copies(self) -> set[tuple[str, str, int, float]]:
        """Find runs, by problem, algorithm, seed and budget, that repeat the front of another seed."""
        together: dict[tuple[str, str], list[Run]] = {}
        for run in self.runs:
            together.setdefault((run.problem, run.algorithm), []).append(run)
        return {
            (*labels, run.seed, budget)
            for labels, runs in together.items()
            for budget in self.budgets
            if are_copies([run.fronts[budget] for run in runs])
            for run in sorted(runs, key=lambda run: run.seed)[1:]
        }

    def _reference(self, problem: str) -> np.ndarray:
        facts = self.facts[problem]
        if facts.reference is not None:
            return facts.scaled(facts.reference)
        fronts = [run.fronts[self.budgets[-1]] for run in self.runs if run.problem == problem]
        return np.asarray(moocore.filter_dominated(facts.scaled(np.vstack(fronts))))

    def _known_budget(self, budget: float | None) -> float:
        if budget is None:
            return self.budgets[-1]
        if budget not in self.budgets:
            raise OptionError(f"expected one of the study's budgets {self.budgets}, got {budget}")
        return budget


def hypervolume(points: np.ndarray) -> float:
    """Compute the hypervolume of points in the unit square or cube; 0 without points."""
    return float(moocore.hypervolume(points, ref=np.ones(points.shape[1]))) if len(points) else 0.0


def are_copies(fronts: Sequence[np.ndarray]) -> bool:
    """Return whether the fronts of runs with different seeds are all identical, bit for bit.

    If only some are, that is by chance. Fronts without points do not count as identical.
    """
    return len(fronts[0]) > 0 and len({(front.shape, front.tobytes()) for front in fronts}) == 1


def explain_failures(failures: Sequence[Failure]) -> str:
    """List the failures, one line per problem, algorithm and reason, with the seeds."""
    seeds: dict[tuple[str, str, str], list[int]] = {}
    for one in failures:
        seeds.setdefault((one.algorithm, one.problem, one.reason), []).append(one.seed)
    return "\n".join(
        f"{algorithm} on {problem}, seed {', '.join(map(str, which))}: {reason}"
        for (algorithm, problem, reason), which in seeds.items()
    )
