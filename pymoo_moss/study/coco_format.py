"""Runs in the format of COCO's logger of two objectives, and a script that lets cocopp read them."""

import os
from importlib.metadata import version
from pathlib import Path

import numpy as np

from .._files import remove_matching, write_whole, writing_to
from .file_names import slugs_of
from .ioh_format import variables_of
from .result import StudyResult
from .task import Run

SCRIPT = "postprocess.py"
_SUITE = "pymoo-moss"
_EARLIER = ("*/*.info", "*/data/*.dat", "*/data/*.tdat")
_DIMENSIONS = 6
"""Number of dimensions that cocopp's captions name."""

_TEMPLATE = '''"""Process the runs beside this file by cocopp: python {script} [OPTIONS OF cocopp]."""

import sys
from pathlib import Path

import cocopp
from cocopp import testbedsettings


class Suite(testbedsettings.GECCOBiObjBBOBTestbed):
    """The study's problems; cocopp reads only suites that its list has, and this one is added to it."""

    def __init__(self, target_values):
        super().__init__(target_values)
        self.name = {suite!r}
        self.short_names = {names!r}
        self.first_function_number, self.last_function_number = 1, {count}
        self.functions_with_legend = (1, {count})
        self.dimensions_to_display = {dimensions!r}
        self.goto_dimension = {dimensions!r}[0]
        self.rldDimsOfInterest = self.tabDimsOfInterest = {ends!r}
        self.instancesOfInterest = None
        self.reference_algorithm_filename = self.reference_algorithm_displayname = ""
        self.reference_values_hash_dimensions = []
        self.plots_on_main_html_page = [f"pprldmany_{{one:02d}}D_noiselessall.svg" for one in {known!r}]

    def filter(self, data_sets):
        return data_sets


testbedsettings.{name} = Suite
testbedsettings.suite_to_testbed[{suite!r}] = {name!r}
folder = Path(__file__).parent
algorithms = sorted(str(path.parent) for path in folder.glob("*/*.info"))
cocopp.main([*(sys.argv[1:] or ["-o", str(folder / "ppdata")]), *algorithms])
'''


def export_coco(result: StudyResult, folder: str | os.PathLike[str]) -> None:
    """Write the runs in the format of COCO's logger of two objectives, and a script that processes them.

    There is a folder for each algorithm. What is recorded by counted evaluations is the distance of the
    hypervolume of all evaluated points from that of the best-known front, or of all fronts of the study if
    there is none; it is negative where the best-known front is surpassed. Functions are the problems, and
    instances the seeds. cocopp reads no suite that its own list lacks, so the script ``postprocess.py``
    adds the study's to the list, with the targets of bbob-biobj, 1 to 1e-5 and below.

    Args:
        result: result of the study.
        folder: folder to write to; files of an earlier export are removed.

    Raises:
        OptionError: the study was run by an earlier version, which did not record the number of variables.
        OutputError: the folder cannot be written.
    """
    folder = Path(folder)
    problems, algorithms = slugs_of(result.problems), slugs_of(result.algorithms)
    n_var = [variables_of(result, problem) for problem in problems]
    with writing_to(folder):
        remove_matching(folder, _EARLIER)
        for algorithm, slug in algorithms.items():
            head = (
                f"suite = '{_SUITE}', algorithm = '{slug}', indicator = 'hyp', folder = '', "
                f"coco_version = '2.0', logger = 'bbob-biobj', data_format = 'bbob-biobj'"
            )
            lines = [head, f"% {algorithm!r}, pymoo-moss {version('pymoo-moss')}"]
            (folder / slug / "data").mkdir(parents=True, exist_ok=True)
            for number, (problem, dimension) in enumerate(zip(problems, n_var, strict=True), 1):
                runs = result.runs_of(problem, algorithm)
                if runs:
                    reference = result.reference_hypervolume(problem)
                    name = f"data/f{number}_DIM{dimension}"
                    text = "".join(_block(run, reference) for run in runs).encode()
                    # By targets reached and by evaluations; both are the records of the run.
                    write_whole(folder / slug / f"{name}.dat", text)
                    write_whole(folder / slug / f"{name}.tdat", text)
                    ends = ", ".join(_end(run, reference) for run in runs)
                    lines.append(f"function = {number}, dim = {dimension}, {name}.dat, {ends}")
            write_whole(folder / slug / "runs.info", ("\n".join(lines) + "\n").encode())
        write_whole(folder / SCRIPT, _script(list(problems), n_var).encode())


def _script(problems: list[str], n_var: list[int]) -> str:
    known = sorted(set(n_var))
    return _TEMPLATE.format(
        script=SCRIPT,
        suite=_SUITE,
        name="PymooMossTestbed",
        names=dict(enumerate(problems, 1)),
        count=len(problems),
        known=known,
        dimensions=(*known, *[known[-1]] * (_DIMENSIONS - len(known))),
        ends=(known[0], known[-1]),
    )


def _distances(run: Run, reference: float) -> np.ndarray:
    """Compute the distance from the reference, of the best so far at each record."""
    known = np.isfinite(run.archive_hypervolume).all()
    reached = run.archive_hypervolume if known else np.maximum.accumulate(run.hypervolume)
    return np.asarray(reference - reached)


def _block(run: Run, reference: float) -> str:
    """Return the lines of a run, which begins without a point."""
    counts, distances = run.n_eval.tolist(), _distances(run, reference).tolist()
    if counts[0] > 1:
        counts, distances = [1, *counts], [reference, *distances]
    records = zip(counts, distances, strict=True)
    return f"% instance = {run.seed}, name: {run.problem!r}\n" + "".join(
        f"{count} {distance:.17g}\n" for count, distance in records
    )


def _end(run: Run, reference: float) -> str:
    return f"{run.seed}:{run.n_eval[-1]}|{_distances(run, reference)[-1]:.17g}"
