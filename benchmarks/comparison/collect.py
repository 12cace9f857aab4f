"""Add the runs of a folder to ``benchmarks/results/``: ``python -m benchmarks.comparison.collect OUT``."""

import json
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from pymoo_moss.study import StudyResult

from . import results
from .stages import STAGES

_PACKAGES = ("pymoo-moss", "pymoo", "evotorch", "evox", "torchjd", "torch", "numpy", "numba", "moocore")


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
    versions = {"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
    (folder / results.VERSIONS).write_text(json.dumps(versions, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
