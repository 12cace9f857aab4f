"""Runs in the formats of other tools, read by their own formulas and, where they are installed, by the tools.

iohinspector and cocopp bring large packages along, and are not among the packages for tests.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from pymoo_moss.cli import app
from pymoo_moss.errors import OptionError, OutputError
from pymoo_moss.study import StudyResult, export_coco, export_ioh
from pymoo_moss.study.facts import ProblemFacts

from .test_result_and_report import FRONT, HIGH, LOW, random_front, run_of

PROBLEMS = {"p x": 512, 'q\'s, "z"': 2048}
ALGORITHMS = ("a, x", "b's")


@pytest.fixture
def result():
    rng = np.random.default_rng(2)
    runs = [
        run_of([random_front(rng) for _ in range(3)], algorithm, seed, problem)
        for problem in PROBLEMS
        for algorithm in ALGORITHMS
        for seed in (1, 4)
    ]
    facts = {name: ProblemFacts((LOW, HIGH), None, None, n_var) for name, n_var in PROBLEMS.items()}
    return StudyResult(runs, facts, (100, 200, 300))


def blocks(text, mark):
    """Rows of numbers after each line that begins with a mark."""
    parts = [part.partition("\n")[2] for part in text.split(mark)[1:]]
    return [np.array([line.split() for line in part.splitlines()], dtype=float) for part in parts]


def test_ioh_has_every_run_with_its_records(result, tmp_path):
    export_ioh(result, tmp_path)
    for slug, algorithm in (("a-x", "a, x"), ("b-s", "b's")):
        descriptions = sorted((tmp_path / slug).glob("IOHprofiler_f*.json"))
        assert len(descriptions) == 2
        for number, (path, (problem, n_var)) in enumerate(
            zip(descriptions, PROBLEMS.items(), strict=True), 1
        ):
            content = json.loads(path.read_text())
            assert (content["function_id"], content["function_name"]) == (number, problem)
            assert content["algorithm"]["name"] == algorithm
            assert content["maximization"]
            (scenario,) = content["scenarios"]
            assert scenario["dimension"] == n_var
            found = blocks((path.parent / scenario["path"]).read_text(), "evaluations raw_y seconds")
            runs = result.runs_of(problem, algorithm)
            assert [run["evals"] for run in scenario["runs"]] == [300, 300]
            for rows, run, summary in zip(found, runs, scenario["runs"], strict=True):
                assert rows[0].tolist() == [1, 0, 0]
                np.testing.assert_array_equal(rows[1:, 0], run.n_eval)
                np.testing.assert_array_equal(rows[1:, 1], run.hypervolume)
                np.testing.assert_allclose(rows[1:, 2], run.seconds, atol=1e-6)
                assert summary["best"]["y"] == run.hypervolume.max()


def test_coco_has_distances_from_the_best_known_front(result, tmp_path):
    export_coco(result, tmp_path)
    for slug, algorithm in (("a-x", "a, x"), ("b-s", "b's")):
        head, comment, *lines = (tmp_path / slug / "runs.info").read_text().splitlines()
        assert head.startswith(f"suite = 'pymoo-moss', algorithm = '{slug}', indicator = 'hyp'")
        assert comment.startswith("%")
        for number, (line, (problem, n_var)) in enumerate(zip(lines, PROBLEMS.items(), strict=True), 1):
            name = f"data/f{number}_DIM{n_var}.dat"
            assert line.startswith(f"function = {number}, dim = {n_var}, {name}, 1:300|")
            assert ", 4:300|" in line
            reference = result.reference_hypervolume(problem)
            found = blocks((tmp_path / slug / name).read_text(), "% instance")
            for rows, run in zip(found, result.runs_of(problem, algorithm), strict=True):
                assert rows[0].tolist() == [1, reference]
                np.testing.assert_array_equal(rows[1:, 0], run.n_eval)
                np.testing.assert_array_equal(rows[1:, 1], reference - run.archive_hypervolume)
            assert (tmp_path / slug / name).with_suffix(".tdat").exists()


def test_runs_of_earlier_versions_count_by_the_best_front_so_far(tmp_path):
    run = run_of([FRONT] * 3)
    run.hypervolume[:] = [0.3, 0.2, 0.4]
    run.archive_hypervolume[:] = np.nan
    facts = {"p": ProblemFacts((LOW, HIGH), FRONT, None, 5)}
    result = StudyResult([run], facts, (100,))
    export_coco(result, tmp_path)
    (rows,) = blocks((tmp_path / "a" / "data" / "f1_DIM5.dat").read_text(), "% instance")
    reference = result.reference_hypervolume("p")
    np.testing.assert_array_equal(rows[:, 1], [reference, *(reference - np.array([0.3, 0.3, 0.4]))])


@pytest.mark.parametrize("export", [export_ioh, export_coco])
def test_exports_replace_earlier_ones_and_name_mistakes(result, export, tmp_path):
    export(result, tmp_path)
    before = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")}
    (tmp_path / "mine.txt").write_text("kept")
    fewer = StudyResult(result.runs[:2], result.facts, result.budgets)
    export(fewer, tmp_path)
    after = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.*") if path.is_file()}
    assert after < before | {(tmp_path / "mine.txt").relative_to(tmp_path)}
    assert not any("f2" in path.name or "b-s" in path.parts for path in after)
    assert (tmp_path / "mine.txt").exists()
    unknown = StudyResult(
        result.runs, {name: ProblemFacts((LOW, HIGH), None, None) for name in PROBLEMS}, (100,)
    )
    with pytest.raises(OptionError, match="number of variables of 'p x' is not known: run the study again"):
        export(unknown, tmp_path)
    with pytest.raises(OutputError, match="cannot write to"):
        export(result, tmp_path / "mine.txt")


def test_the_command_line_exports_and_compares_with_a_reference(tmp_path):
    text = """
    seeds = 2
    budget = { per_variable = 2 }
    problems = { "small" = { name = "pymoo.problems.multi:ZDT1", n_var = 5 } }
    [algorithms]
    "a" = { algorithm = "nsga2", population = 5 }
    "b" = { algorithm = "nsga2", population = 4 }
    """
    (tmp_path / "s.toml").write_text(text)
    out = tmp_path / "out"
    command = ["study", str(tmp_path / "s.toml"), "--out", str(out)]
    done = CliRunner().invoke(app, [*command, "--export", "ioh", "--export", "coco", "--reference", "b"])
    assert done.exit_code == 0, done.output
    assert "per_problem.tex" in done.output
    assert "ioh/, coco/." in done.output
    assert (out / "ioh" / "a" / "IOHprofiler_f1_small.json").exists()
    assert (out / "coco" / "postprocess.py").exists()
    assert "against b by the Mann-Whitney test" in (out / "per_problem.md").read_text()
    assert "2 evaluations per variable" in (out / "ranking.tex").read_text()
    with pytest.raises(OptionError, match="unknown algorithm of the study 'c'"):
        app([*command, "--reference", "c"], standalone_mode=False)
    wrong = CliRunner().invoke(app, [*command, "--export", "ioh2"])
    assert wrong.exit_code != 0
    assert "did you mean 'ioh'" in wrong.output


def test_iohinspector_reads_the_runs(result, tmp_path):
    iohinspector = pytest.importorskip("iohinspector")
    export_ioh(result, tmp_path)
    manager = iohinspector.DataManager()
    manager.add_folder(str(tmp_path))
    overview = manager.overview.sort("data_id").to_dicts()
    assert len(overview) == len(result.runs)
    assert {row["dimension"] for row in overview} == set(PROBLEMS.values())
    rows = manager.load(monotonic=True, include_meta_data=True)
    for problem in PROBLEMS:
        for algorithm in ALGORITHMS:
            best = max(run.hypervolume.max() for run in result.runs_of(problem, algorithm))
            own = [
                row["raw_y"]
                for row in rows.to_dicts()
                if (row["function_name"], row["algorithm_name"]) == (problem, algorithm)
            ]
            assert max(own) == best
            # Two runs of a record at the first evaluation and three more.
            assert len(own) == 8


@pytest.mark.process
def test_cocopp_processes_the_runs(result, tmp_path):
    pytest.importorskip("cocopp")
    export_coco(result, tmp_path)
    command = [sys.executable, str(tmp_path / "postprocess.py"), "-o", str(tmp_path / "pages")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (page,) = (tmp_path / "pages").glob("*/index.html")
    for n_var in PROBLEMS.values():
        assert (page.parent / f"pprldmany_{n_var}D_noiselessall.svg").exists()
