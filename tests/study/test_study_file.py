"""Studies in TOML, and the commands that use them."""

import functools
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pymoo_moss import list_problems
from pymoo_moss.cli import app
from pymoo_moss.errors import OptionError, OutputError
from pymoo_moss.study import AlgorithmChoice, ProblemChoice, StudyResult, read_study

ROOT = Path(__file__).parents[2]

STUDY = """
seeds = [3, 7]
budget = [100, 200]

[problems]
"small" = { name = "owl-drums-16x32", grid = [6, 6] }

[problems.three]
name = "owl-drums-16x32"
grid = [6, 6]
objectives = ["visual_l1", "audio_log_l1", "mask_roughness"]

[algorithms]
"NSGA-II" = { algorithm = "nsga2", population = 20, sampling = "levels", variation = "masks" }
"NSGA-III" = { algorithm = "nsga3", population = 20 }
"""


def test_a_file_says_what_the_objects_say(tmp_path):
    (tmp_path / "s.toml").write_text(STUDY)
    study = read_study(tmp_path / "s.toml", tmp_path / "out")
    assert study.seeds == (3, 7)
    assert study.budgets == (100, 200)
    assert study.problems["small"] == ProblemChoice("owl-drums-16x32", {"grid": [6, 6]})
    assert study.algorithms["NSGA-II"] == AlgorithmChoice("nsga2", 20, "levels", "masks")


def test_a_study_runs_from_the_command_line_with_three_objectives_too(tmp_path):
    (tmp_path / "s.toml").write_text(STUDY)
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["study", str(tmp_path / "s.toml"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "| NSGA-II |" in done.output
    result = StudyResult.load(out)
    assert len(result.runs) == 8
    assert {front.shape[1] for front in result.fronts("three", "NSGA-III")} == {3}
    assert (result.indicators()["hypervolume"] > 0).all()
    assert (out / "plots" / "anytime_n_eval_three.png").exists()
    assert not (out / "plots" / "attainment_three.png").exists()


def test_the_command_line_names_broken_runs_and_reports_the_rest(tmp_path):
    text = STUDY.replace("[100, 200]", "100").replace('"mask_roughness"]', '"mask_roughness", "audio_mel"]')
    text += '"tracer" = { algorithm = "tracer", population = 8 }\n'
    (tmp_path / "s.toml").write_text(text)
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["study", str(tmp_path / "s.toml"), "--out", str(out)])
    assert done.exit_code == 1
    assert "| tracer | 1, deterministic on small |" in done.output
    assert (
        "* tracer on three, seed 3, 7: pymoo_moss.errors.OptionError: expected two or three objectives"
        in done.output
    )
    assert "some runs failed: the report covers the others" in done.output
    assert len(StudyResult.load(out).runs) == 10
    assert (out / "plots" / "attainment_difference_small.png").exists()


@pytest.mark.parametrize("name", ["ranking.md", "fronts", "plots"])
def test_a_report_that_would_replace_other_things_is_refused_before_the_runs(tmp_path, name):
    (tmp_path / "s.toml").write_text(STUDY)
    out = tmp_path / "out"
    (out / name).mkdir(parents=True)
    with pytest.raises(OutputError, match=rf"'.*out' holds other things than a study \({name}\)"):
        app(["study", str(tmp_path / "s.toml"), "--out", str(out)], standalone_mode=False)
    assert [entry.name for entry in out.iterdir()] == [name]


@pytest.mark.render
def test_budgets_in_the_seeding_have_fronts_and_plots(tmp_path):
    text = """
    problems = ["owl-prelude-16x32"]
    algorithms = ["hybrid", "tracer"]
    seeds = 2
    budget = [1000, 3000]
    """
    (tmp_path / "s.toml").write_text(text)
    done = CliRunner().invoke(app, ["study", str(tmp_path / "s.toml"), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    rows = StudyResult.load(tmp_path).indicators()
    assert (rows["share"] > 0.5).all()
    assert (rows["n_eval"] <= rows["budget"]).all()
    assert len(list((tmp_path / "plots").glob("*.png"))) == 4


def test_problems_are_listed_and_described():
    head, *lines = CliRunner().invoke(app, ["problems"]).output.splitlines()
    assert head.split("  ")[-1].strip() == "certified bound"
    assert tuple(line.split()[0] for line in lines) == list_problems()
    for line in lines:
        sweep, known, bound = map(float, line.split()[1:])
        assert sweep < known < bound < 1
    head, *lines = CliRunner().invoke(app, ["problems", "--preset", "display"]).output.splitlines()
    assert "bound" not in head
    assert {len(line.split()) for line in lines} == {3}
    described = CliRunner().invoke(app, ["problems", list_problems()[0], "--preset", "display"]).output
    assert '"visual_display"' in described


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seeds = [3, 7]", "seed = 2", "did you mean 'seeds'"),
        ("seeds = [3, 7]", "", "missing: seeds"),
        ("seeds = [3, 7]", "seeds = -1", "expected seeds as a whole number"),
        ("seeds = [3, 7]", "seeds = true", "expected seeds as a whole number"),
        ("budget = [100, 200]", 'budget = "many"', "expected budget as a whole number"),
        ("budget = [100, 200]", "budget =", "cannot be read"),
        ('name = "owl-drums-16x32", grid = [6, 6] }', "grid = [6, 6] }", "expected the problem 'small' as"),
        ('algorithm = "nsga2", ', "", "expected the algorithm 'NSGA-II' as"),
        ("population = 20 }", "populations = 20 }", "did you mean 'population'"),
        (
            "population = 20 }",
            'population = "20" }',
            "expected population of 'NSGA-III' as a whole number, got '20'",
        ),
        ("population = 20 }", "population = 2 }", "population of 4 or more"),
        ('"levels"', '"level"', "did you mean 'levels'"),
        ('"masks"', '"mask"', "did you mean 'masks'"),
    ],
)
def test_mistakes_in_a_file_are_named(tmp_path, old, new, message):
    assert old in STUDY
    (tmp_path / "s.toml").write_text(STUDY.replace(old, new, 1))
    with pytest.raises(OptionError, match=message):
        read_study(tmp_path / "s.toml", tmp_path / "out")


@pytest.mark.parametrize("content", [b"\xff\xfes\x00", b"\x89PNG\r\n"])
def test_a_file_that_is_no_text_is_named(tmp_path, content):
    (tmp_path / "s.toml").write_bytes(content)
    with pytest.raises(OptionError, match=r"s\.toml' is no text in UTF-8"):
        read_study(tmp_path / "s.toml", tmp_path / "out")


def test_a_mark_of_the_encoding_is_no_mistake(tmp_path):
    (tmp_path / "s.toml").write_text(STUDY, encoding="utf-8-sig")
    assert len(read_study(tmp_path / "s.toml", tmp_path / "out").tasks) > 0


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OptionError, match=r"there is no study file '.*none\.toml'"):
        read_study(tmp_path / "none.toml", tmp_path / "out")


def test_the_published_comparison_can_be_written_as_files(tmp_path):
    for name in ("evotorch", "evox", "torchjd"):
        pytest.importorskip(name)
    from benchmarks.comparison.methods import METHODS
    from benchmarks.comparison.stages import STAGES

    def table(method):
        if isinstance(method, AlgorithmChoice):
            values = {key: value for key, value in method.describe().items() if value is not None}
        elif isinstance(method, functools.partial):
            kind, options = method.args
            values = {"algorithm": f"{kind.__module__}:{kind.__qualname__}", "options": options}
        else:
            values = {"algorithm": f"{method.__module__}:{method.__qualname__}"}
        return inline(values)

    def inline(value):
        if not isinstance(value, dict):
            return json.dumps(value)
        return f"{{ {', '.join(f'{key} = {inline(one)}' for key, one in value.items())} }}"

    for stage in STAGES:
        methods = {label: METHODS[label] for label in stage.methods}
        problems = {name: {"name": name, "preset": stage.preset} for name in stage.problems}
        lines = [
            f"budget = {json.dumps(stage.budgets)}",
            f"seeds = {stage.seeds}",
            f"python_path = {json.dumps(str(ROOT))}",
            f"problems = {inline({json.dumps(label): value for label, value in problems.items()})}",
            "[algorithms]",
            *(f"{json.dumps(label)} = {table(method)}" for label, method in methods.items()),
        ]
        (tmp_path / "stage.toml").write_text("\n".join(lines))
        study = read_study(tmp_path / "stage.toml", tmp_path / "out")
        assert (study.budgets, len(study.tasks)) == (
            tuple(sorted(stage.budgets)),
            len(stage.problems) * len(methods) * stage.seeds,
        )
        for label, method in methods.items():
            ours = study.algorithms[label]
            if isinstance(method, AlgorithmChoice):
                assert ours.describe() == method.describe()
            else:
                assert type(ours.make(2)) is type(method(2))
