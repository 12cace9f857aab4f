"""Add the runs of a folder to ``benchmarks/results/``: ``python -m benchmarks.comparison.collect OUT``."""

import sys
from collections.abc import Iterator
from pathlib import Path

from pymoo_moss.study import StudyResult

from . import results
from .stages import STAGES


def collected(out: Path) -> Iterator[results.Results]:
    """Yield what is kept of each study of a folder."""
    presets = {stage.name: stage.preset for stage in STAGES}
    for plan in sorted(out.glob("*/*/study.json")):
        result = StudyResult.load(plan.parent)
        if result.runs:
            yield results.collect(result, presets[plan.parent.parent.name])


def main(out: Path, folder: Path = results.RESULTS) -> None:
    """Merge the runs of a folder into the tables."""
    results.save(results.merged([results.load(folder), *collected(out)]), folder)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
