"""Run the published comparison of algorithms: ``python -m benchmarks.comparison OUT [JOBS]`` (a few hours).

After an interruption it resumes. `benchmarks.comparison_report` writes its page.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from pymoo.core.algorithm import Algorithm

from pymoo_moss import GradientSeedSampling
from pymoo_moss.study import AlgorithmChoice, Study

from .peers import EvoTorchNSGA2, JacobianDescent, SeedsAlone

BUDGETS = (1_000, 3_000, 10_000)
SEEDS = {"owl-drums-16x32": 11, "lighthouse-monologue-64x128": 2}
"""Number of seeds by problem; fewer on the large one, whose runs take long."""

NAMES = {
    "NSGA-II": "nsga2",
    "NSGA-III": "nsga3",
    "MOEA/D": "moea-d",
    "SMS-EMOA": "sms-emoa",
    "AGE-MOEA2": "age-moea2",
    "RVEA": "rvea",
    "SPEA2": "spea2",
    "C-TAEA": "c-taea",
    "CMOPSO": "cmopso",
}
STARTS = {"random": "random", "levels": "levels", "gradient seeds": "gradient"}


def seeds_alone(n_obj: int) -> Algorithm:
    """Make as many seeds on the spread schedule as the budget allows."""
    sampling = GradientSeedSampling(n_seeds=33, steps=100, lr=0.2, schedule="spread")
    return SeedsAlone(sampling)


def notebook_seeds_alone(n_obj: int) -> Algorithm:
    """Make the notebook's ten seeds."""
    return SeedsAlone(GradientSeedSampling())


def evotorch(n_obj: int) -> Algorithm:
    """Make EvoTorch's NSGA-II from constant levels."""
    return EvoTorchNSGA2()


def torchjd(n_obj: int) -> Algorithm:
    """Make TorchJD's UPGrad from constant levels."""
    return JacobianDescent()


def algorithms() -> dict[str, AlgorithmChoice | Callable[[int], Algorithm]]:
    """Return all compared algorithms, by label."""
    chosen: dict[str, AlgorithmChoice | Callable[[int], Algorithm]] = {
        "HybridAlgorithm": AlgorithmChoice("hybrid"),
        "ParetoTracer": AlgorithmChoice("tracer"),
        "gradient seeds alone": seeds_alone,
        "gradient seeds alone, notebook": notebook_seeds_alone,
        "EvoTorch NSGA-II, levels": evotorch,
        "TorchJD UPGrad, levels": torchjd,
    }
    for label, name in NAMES.items():
        for start, sampling in STARTS.items():
            chosen[f"{label}, {start}"] = AlgorithmChoice(name, sampling=sampling)
            if name != "cmopso":
                choice = AlgorithmChoice(name, sampling=sampling, variation="masks")
                chosen[f"{label}, {start}, mask variation"] = choice
    return chosen


def studies(folder: Path) -> list[Study]:
    """Return one study for each problem."""
    return [Study([name], algorithms(), seeds, BUDGETS, folder / name) for name, seeds in SEEDS.items()]


def main() -> None:
    """Run all studies."""
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else -1
    for study in studies(Path(sys.argv[1])):
        study.run(n_jobs=jobs, progress=True)


if __name__ == "__main__":
    main()
