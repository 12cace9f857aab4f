"""Add the runs of a folder to ``benchmarks/results/``: ``python -m benchmarks.comparison.collect OUT``."""

import json
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
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
    path = folder / results.VERSIONS
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    path.write_text(json.dumps(known | _versions(), indent=1) + "\n", encoding="utf-8")


def _versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are installed."""
    found = {"Python": platform.python_version()}
    for name in _PACKAGES:
        # Runs of other libraries' methods can be collected where these are not installed.
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
