"""Problems of own files, algorithms from elsewhere, and operators with options."""

import hashlib
import json
import sys
from importlib.metadata import version

import numpy as np
import pytest
import soundfile
from PIL import Image
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.operators.crossover.sbx import SBX
from pymoo.operators.mutation.pm import PM
from pymoo.problems.multi import ZDT1

from pymoo_moss import HybridAlgorithm, MOSSProblem, PatchCrossover
from pymoo_moss.errors import AudioError, MossError, OptionError, PictureError
from pymoo_moss.study import AlgorithmChoice, FileProblemChoice, ProblemChoice, Study, read_study

OPTIONS = {"sample_rate": 8000, "n_fft": 256, "hop_length": 64, "grid": [4, 6]}


@pytest.fixture
def files(tmp_path):
    """A picture and a sound."""
    rng = np.random.default_rng(5)
    folder = tmp_path / "inputs"
    folder.mkdir()
    Image.fromarray(rng.integers(0, 255, (12, 20), dtype=np.uint8)).save(folder / "p.png")
    soundfile.write(folder / "s.wav", 0.1 * rng.standard_normal(3000), 8000)
    return folder


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The folder of modules that are not installed."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("study_factories", "study_broken", "study_raising", "study_neighbour"):
        # Removed after the test; the others stay, so that none is imported twice.
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "study_factories.py").write_text(
        "from pymoo.algorithms.moo.nsga2 import NSGA2\n"
        "from pymoo.problems.multi import ZDT1\n"
        "made = []\n"
        "number = 3\n"
        "def sized(n_obj, size=8):\n"
        "    made.append((n_obj, size))\n"
        "    return NSGA2(pop_size=size)\n"
        "def nothing():\n"
        "    return None\n"
        "class Inner:\n"
        "    problem = ZDT1\n"
    )
    (tmp_path / "modules" / "study_broken.py").write_text("import no_such_module_at_all\n")
    (tmp_path / "modules" / "study_raising.py").write_text("raise RuntimeError('not today')\n")
    return tmp_path / "modules"


def test_a_problem_of_files_is_that_of_their_content(files):
    choice = FileProblemChoice(files / "p.png", files / "s.wav", OPTIONS)
    X = np.random.default_rng(0).random((3, 24))
    expected = MOSSProblem(files / "p.png", files / "s.wav", **OPTIONS).evaluate(X)
    np.testing.assert_array_equal(choice.make().evaluate(X), expected)
    assert choice.make() is choice.make()
    described = choice.describe()
    assert described["image_sha256"] == hashlib.sha256((files / "p.png").read_bytes()).hexdigest()
    assert described["audio_sha256"] == hashlib.sha256((files / "s.wav").read_bytes()).hexdigest()
    # Where they are makes no difference, what is in them does.
    (files / "p.png").rename(files / "q.png")
    moved = FileProblemChoice(files / "q.png", files / "s.wav", OPTIONS)
    assert moved.describe() == described
    with (files / "s.wav").open("ab") as file:
        file.write(b"\0")
    assert FileProblemChoice(files / "q.png", files / "s.wav", OPTIONS).describe() != described
    with pytest.raises(MossError, match="has changed since the study began"):
        moved.make()


def test_files_that_are_not_there_are_named_before_any_run(files):
    with pytest.raises(PictureError, match=r"the picture '.*none\.png' cannot be read \(No such file"):
        FileProblemChoice(files / "none.png", files / "s.wav")
    with pytest.raises(AudioError, match=r"expected a sound, '.*inputs' is a folder: name a file in it"):
        FileProblemChoice(files / "p.png", files)
    with pytest.raises(OptionError, match="expected options of numbers and names"):
        FileProblemChoice(files / "p.png", files / "s.wav", {"encoder": object()})


def test_a_study_file_names_files_relative_to_its_folder(files, tmp_path, monkeypatch):
    text = """
    seeds = 1
    budget = 40
    algorithms = ["nsga2"]
    [problems]
    "mine" = { image = "inputs/p.png", audio = "inputs/s.wav", sample_rate = 8000, grid = [4, 6] }
    """
    (tmp_path / "s.toml").write_text(text)
    monkeypatch.chdir(files)
    study = read_study(tmp_path / "s.toml", tmp_path / "out")
    result = study.run()
    assert result.indicators()["hypervolume"].iloc[0] > 0
    (tmp_path / "s.toml").write_text(text.replace('image = "inputs/p.png", ', ""))
    with pytest.raises(OptionError, match=r"expected the problem 'mine' as \{ name = "):
        read_study(tmp_path / "s.toml", tmp_path / "out")


def test_options_reach_the_algorithm_and_its_operators():
    made = AlgorithmChoice(
        "nsga2",
        population=12,
        sampling={"name": "gradient", "n_seeds": 7, "steps": 3, "schedule": "spread"},
        crossover={"name": "sbx", "eta": 3.0, "prob": 0.75},
        mutation={"name": "polynomial", "eta": 9.0},
        options={"n_offsprings": 5},
    ).make(2)
    sampling, mating = made.initialization.sampling, made.mating
    assert (sampling.n_seeds, sampling.steps, sampling.schedule) == (7, 3, "spread")
    assert isinstance(mating.crossover, SBX)
    assert (mating.crossover.eta.value, mating.crossover.prob.value) == (3.0, 0.75)
    assert isinstance(mating.mutation, PM)
    assert mating.mutation.eta.value == 9.0
    assert (made.pop_size, made.n_offsprings) == (12, 5)


def test_an_operator_replaces_that_of_the_variation():
    made = AlgorithmChoice("nsga2", variation="masks", mutation={"name": "smooth-noise", "amplitude": 0.1})
    mating = made.make(2).mating
    assert isinstance(mating.crossover, PatchCrossover)
    assert mating.mutation.amplitude == 0.1


def test_seedings_and_options_of_our_algorithms():
    seeding = {"name": "gradient", "n_seeds": 4}
    hybrid = AlgorithmChoice("hybrid", population=20, seeding=seeding, options={"refine_every": 3}).make(2)
    assert (hybrid.seeding.n_seeds, hybrid.refine_every) == (4, 3)
    around = AlgorithmChoice("nsga2", seeding=seeding).make(2)
    assert isinstance(around, HybridAlgorithm)
    assert isinstance(around.algorithm, NSGA2)
    assert AlgorithmChoice("ascent", options={"n_masks": 5}).make(2).n_masks == 5
    assert AlgorithmChoice("tracer", options={"tolerance": 0.1}).make(2).tolerance == 0.1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sampling": {"name": "gradient", "n_seed": 3}}, "gradient 'n_seed': did you mean 'n_seeds'"),
        ({"sampling": {"n_seeds": 3}}, "expected sampling as a name or as { name = "),
        ({"sampling": {"name": "gradients"}}, "did you mean 'gradient'"),
        ({"sampling": {"name": "gradient", "steps": -1}}, "steps of 0 or more"),
        ({"sampling": {"name": "levels", "count": 3}}, "unknown option of the sampling levels 'count'"),
        ({"crossover": "spx"}, "did you mean 'sbx'"),
        ({"mutation": {"name": "polynomial", "etas": 3}}, "did you mean 'eta'"),
        ({"options": {"n_offspring": 3}}, "of nsga2 'n_offspring': did you mean 'n_offsprings'"),
        ({"options": {"pop_size": 3}}, "unknown option of nsga2 'pop_size'"),
        ({"options": {"x": object()}}, "expected options of numbers and names"),
        ({"algorithm": "cmopso", "crossover": "sbx"}, "takes no variation"),
        ({"algorithm": "tracer", "mutation": "polynomial"}, "tracer has its own sampling and variation"),
        ({"algorithm": "hybrid", "options": {"refine": 3}}, "unknown option of hybrid 'refine'"),
        ({"algorithm": "hybrid", "options": {"steps": 3}}, "choose from n_refined, refine_every, refinement"),
        ({"crossover": {"name": "patch", "n_parents": 3}}, "patch cannot be made with .*: TypeError"),
    ],
)  # fmt: skip
def test_mistakes_in_options_are_named(values, message):
    with pytest.raises(OptionError, match=message):
        AlgorithmChoice(**{"algorithm": "nsga2", **values})


def test_algorithms_and_problems_are_imported(module, tmp_path):
    text = """
    seeds = 1
    budget = 24
    python_path = ["modules"]
    [problems]
    "plain" = { name = "pymoo.problems.multi:ZDT1", n_var = 4 }
    "inner" = { name = "study_factories:Inner.problem" }
    [algorithms]
    "mine" = { algorithm = "study_factories:sized", options = { size = 6 } }
    "theirs" = { algorithm = "pymoo.algorithms.moo.nsga2:NSGA2", options = { pop_size = 10 } }
    """
    (tmp_path / "s.toml").write_text(text)
    study = read_study(tmp_path / "s.toml", tmp_path / "out")
    assert isinstance(study.problems["inner"].make(), ZDT1)
    assert study.problems["plain"].make().n_var == 4
    first = {(run.problem, run.algorithm): run.n_eval[0] for run in study.run().runs}
    assert first[("plain", "mine")] == 6
    assert first[("inner", "theirs")] == 10
    import study_factories

    assert set(study_factories.made) == {(2, 6)}


def test_the_folder_of_a_study_file_is_searched_only_if_it_says_so(module):
    (module / "s.toml").write_text(
        'seeds = 1\nbudget = 9\nproblems = ["owl-drums-16x32"]\n[algorithms]\n'
        'a = { algorithm = "study_neighbour:NSGA2" }\n'
    )
    (module / "study_neighbour.py").write_text("from pymoo.algorithms.moo.nsga2 import NSGA2\n")
    with pytest.raises(
        OptionError, match=r"no module 'study_neighbour'.* folder that holds it in python_path"
    ):
        read_study(module / "s.toml", module / "out")
    (module / "s.toml").write_text('python_path = ["."]\n' + (module / "s.toml").read_text())
    assert len(read_study(module / "s.toml", module / "out").tasks) == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("study_factories:none", "there is no 'none' in the module 'study_factories'"),
        ("study_factories:number", "expected a class or a function at 'study_factories:number', got 3"),
        ("study_factories:nothing", "expected a pymoo Algorithm from 'study_factories:nothing', got None"),
        ("study_broken:x", "its module needs 'no_such_module_at_all'"),
        ("study_raising:x", "'study_raising:x' cannot be imported, RuntimeError: not today"),
        ("no_such_module.at_all:x", "there is no module 'no_such_module'"),
        ("study_factories:", "expected an import path such as 'package.module:name'"),
        ("../x:y", "expected an import path such as"),
    ],
)
def test_what_cannot_be_imported_is_named(module, path, message):
    with pytest.raises(OptionError, match=message):
        AlgorithmChoice(path, python_path=(str(module),))


def test_only_options_go_to_what_is_imported(module):
    with pytest.raises(
        OptionError, match="expected only options for 'study_factories:sized', got population"
    ):
        AlgorithmChoice("study_factories:sized", population=7, python_path=(str(module),))
    with pytest.raises(OptionError, match="unknown option of study_factories:sized 'sizes': did you mean"):
        AlgorithmChoice("study_factories:sized", options={"sizes": 7}, python_path=(str(module),))
    with pytest.raises(OptionError, match="expected a pymoo Problem from 'study_factories:nothing'"):
        ProblemChoice("study_factories:nothing", python_path=(str(module),)).make()


def test_names_of_runs_are_those_of_version_0_1(tmp_path):
    """By the formula of that version, so that its runs are not repeated."""

    def name_in_0_1(problem, algorithm, seed, budgets):
        whole = {"problem": problem, "algorithm": algorithm, "seed": seed, "budgets": budgets, "rule": 3}
        whole["pymoo_moss"] = version("pymoo-moss")
        text = json.dumps(whole, sort_keys=True, default=str)
        return f"-{hashlib.sha256(text.encode()).hexdigest()[:12]}.npz"

    problems = {
        "p": ProblemChoice("owl-drums-16x32", {"grid": [6, 6]}),
        "own": lambda: None,
    }
    algorithms = {"a": AlgorithmChoice("nsga2", 20, "levels", "masks"), "own": lambda n_obj: None}
    study = Study(problems, algorithms, [3], [100, 200], tmp_path)
    described = {
        "p": {"problem": "owl-drums-16x32", "grid": [6, 6]},
        "a": {"algorithm": "nsga2", "population": 20, "sampling": "levels", "variation": "masks"},
    }
    names = [
        name_in_0_1(
            [problem, described.get(problem, {"problem": "the user's own"})],
            [algorithm, described.get(algorithm, {"algorithm": "the user's own"})],
            3,
            [100, 200],
        )
        for problem in problems
        for algorithm in algorithms
    ]
    assert all(task.file_name.endswith(name) for task, name in zip(study.tasks, names, strict=True))
    changed = {"a": AlgorithmChoice("nsga2", 20, "levels", "masks", options={"n_offsprings": 4})}
    assert Study(problems, changed, [3], [100, 200], tmp_path).tasks[0].file_name[-17:] not in names
