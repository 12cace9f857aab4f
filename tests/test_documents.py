"""Code in README, docs and docstrings is executed unchanged; `make docs` executes the notebooks."""

import ast
import doctest
import json
import re
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.optimize import minimize
from typer.testing import CliRunner

import pymoo_moss
from pymoo_moss import GradientSeedSampling, HybridAlgorithm, MOSSProblem, ParetoTracer, get_problem
from pymoo_moss.cli import app
from pymoo_moss.study import read_study
from pymoo_moss.testing import check_objective

from .marks import few

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = {
    f"{page.relative_to(ROOT).with_suffix('').as_posix()}-{number}": block
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    )
}


PERCENT = 0.01


def constant_masks_alone(problem):
    """Hypervolume that needs no search."""
    levels = np.linspace(0, 1, 101)
    return problem.hypervolume(problem.evaluate(np.repeat(levels[:, None], problem.n_var, axis=1)))


def random_masks_alone(problem):
    return problem.hypervolume(problem.evaluate(np.random.default_rng(0).random((100, problem.n_var))))


def beats_constant_masks(names):
    assert names.problem.hypervolume(names.result.F) > constant_masks_alone(names.problem)


def reaches_the_published_figures(names):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    published = re.search(r"hypervolume ([\d.]+), constant masks alone ([\d.]+) \| paste them", readme)
    found = names.problem.hypervolume(names.result.F), constant_masks_alone(names.problem)
    # Runs differ a little between machines, through float32's last digits.
    np.testing.assert_allclose(found, [float(figure) for figure in published.groups()], atol=PERCENT)


def has_a_third_objective(names):
    x = np.full((1, names.problem.n_var), 0.5)
    loudness = names.encoder.mix(x).square().mean(dim=(1, 2))
    np.testing.assert_allclose(names.problem.evaluate(x)[:, 2], loudness, rtol=1e-5)


def makes_an_algorithm(names):
    problem = get_problem("owl-drums-16x32")
    found = minimize(problem, names.algorithm, ("n_gen", 2), seed=1)
    assert problem.hypervolume(found.F) > random_masks_alone(problem)


def comes_near_the_bound(names):
    assert 0 < names.bounds.gap(names.result.F) < PERCENT


def says_how_loose_it_is(names):
    assert 0 < names.bounds.looseness < PERCENT


def keeps_its_budget(names):
    algorithm = names.found.algorithm
    budget = algorithm.termination.n_max_evals
    of_a_generation = algorithm.pop_size * (1 + names.EVALUATIONS_PER_GRADIENT)
    assert budget <= algorithm.evaluator.n_eval < budget + of_a_generation
    assert len(names.found.F) > 1


def two_fronts(names):
    first, second = names.fronts
    assert first.shape[1] == second.shape[1] == 2
    assert first.shape != second.shape or (first != second).any()


def is_where_it_should_be(names):
    assert names.on_device.encoder.audio_magnitude.device.type == names.device


def stays_below_its_bound(names):
    reached = names.own.hypervolume(names.front.F)
    assert constant_masks_alone(names.own) < reached < names.bound.hypervolume_upper


def has_values_and_gradients(names):
    check_objective(names.SpectralFlux())
    x = np.random.default_rng(0).random((4, names.three.n_var))
    F, dF = names.three.evaluate(x, return_values_of=["F", "dF"])
    magnitudes = names.three.encoder.mix(x).double().numpy()
    flux = np.abs(np.diff(np.log(magnitudes), axis=2)).mean(axis=(1, 2))
    np.testing.assert_allclose(F[:, 2], flux, rtol=1e-5)
    assert np.isfinite(dF).all()


def all_algorithms():
    yield NSGA2(pop_size=12)
    yield NSGA2(pop_size=12, sampling=GradientSeedSampling(n_seeds=8, steps=60, lr=0.2))
    yield HybridAlgorithm(pop_size=12, n_refined=4, refinement_steps=5)
    yield ParetoTracer(12)


def is_searched_by_all(names):
    """Gradients find more than random variables do, and are those of the mixture's own formulas."""
    problem = names.problem
    x = np.random.default_rng(0).random((2, problem.n_var))
    with torch.no_grad():
        direct = [objective(problem.encoder.mix(x), problem.encoder) for objective in problem.objectives]
    np.testing.assert_allclose(problem.evaluate(x), np.stack(direct, axis=1), rtol=1e-5)
    by_chance = random_masks_alone(problem)
    alone, *with_gradients = all_algorithms()
    assert problem.hypervolume(minimize(problem, alone, ("n_gen", 20), seed=1).F) > by_chance
    for algorithm in with_gradients:
        # Weighted sums alone lead to the ends of some fronts, and the tracer's exchanges take time.
        generations = 30 if isinstance(algorithm, ParetoTracer) else 3
        assert problem.hypervolume(minimize(problem, algorithm, ("n_gen", generations), seed=1).F) > by_chance


def has_a_feasible_front(names):
    for algorithm in all_algorithms():
        found = minimize(names.problem, algorithm, ("n_gen", 4), seed=1)
        assert found.F[:, 1].max() <= names.problem.limit
        assert len(found.F) > 4
        unlimited = found.problem.encoder
        np.testing.assert_allclose(MOSSProblem(encoder=unlimited).evaluate(found.X), found.F, rtol=1e-6)


def is_searched_although_wrapped(names):
    for algorithm in all_algorithms():
        found = minimize(names.problem, algorithm, ("n_gen", 3), seed=1)
        inner, shift = names.problem.inner, names.problem.shift
        shifted = [inner.evaluate(found.X + by) for by in (-shift, 0, shift)]
        np.testing.assert_allclose(found.F, np.mean(shifted, axis=0), rtol=1e-6)


def descends_both(names):
    start = torch.full((names.losses.dim,), 0.5)
    assert (names.losses(names.logits.sigmoid()) < names.losses(start)).all()


def adds_points(names):
    assert names.X.shape == (18, 6)
    assert (names.losses(names.X) <= 0).all()
    assert (names.losses.ref_point == -1).all()


def evolves_on_tensors(names):
    evaluated = names.losses.problem.evaluate(names.algorithm.pop.double().numpy())
    np.testing.assert_allclose(names.algorithm.fit, evaluated, rtol=1e-5)
    # As many evaluations, all random.
    chance = np.random.default_rng(0).random((40 * 21, names.losses.dim))
    problem = names.losses.problem
    assert problem.hypervolume(evaluated) > problem.hypervolume(problem.evaluate(chance))


def is_read_and_exported_again(names):
    assert 0 < names.chosen < len(names.run.F) - 1
    assert Path(f"out/owl-again/solutions/{names.chosen:03}/audio.wav").is_file()
    np.testing.assert_array_equal(names.RunResult.load("out/owl-again").F, names.run.F)


def is_extended(names):
    """The longer run begins with the generations of the shorter one."""
    short, longer = names.run.recorder.generations, names.longer.recorder.generations
    assert len(short) < len(longer)
    for before, after in zip(short, longer, strict=False):
        np.testing.assert_array_equal(before, after)
    assert names.longer.n_eval > names.run.n_eval


def is_extended_by_hand(names):
    assert names.second.n_gen > names.first.n_gen
    assert names.second.n_gen - 1 == names.second.termination.n_max_gen


def knows_its_front(names):
    assert f"the best known, {names.front.shape}" in BLOCKS["docs/instances-0"]
    assert 1 - PERCENT < names.problem.share(names.front) < 1


def is_characterised(names):
    assert len(names.found.minima) == 3
    assert names.found.difficulty.median < names.found.difficulty.budget


def found_three_objectives(names):
    assert names.found.F.shape[1] == len(names.three.objectives) == 3
    assert names.three.hypervolume(names.found.F) > random_masks_alone(names.three)


def certifies_generated_problems(names):
    assert 0.95 < min(names.shares) <= max(names.shares) < 1
    assert names.problem.name() == "easy-03-16x32"


def prints_what_the_page_says(names):
    page = (ROOT / "docs" / "editions.md").read_text(encoding="utf-8")
    assert f"{names.moved:.0e} for `notebook`" in page
    assert f"{min(names.gains):.5f} to {max(names.gains):.5f} for `display`" in page


def comes_back(names):
    """As far as rounding allows, and with every exported sound on its page."""
    folder = Path("out/owl")
    stated = json.loads((folder / "run.json").read_text(encoding="utf-8"))["masks"]["largest_change_of_F"]
    assert (np.abs(names.again.F - names.run.F).max(axis=0) <= list(stated.values())).all()
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert page.count('"heardSsim":') == len(list((folder / "solutions").iterdir()))


def is_hidden_in_its_rectangle_alone(names):
    changed = np.flatnonzero((names.song != names.noise.T.astype(np.float32)).any(axis=1))
    excerpt = names.hidden.encoder.excerpt
    assert excerpt.start <= changed.min() < changed.max() < excerpt.stop


def has_runs(*, algorithms, seeds):
    def check(names):
        assert len(names.runs.runs) == algorithms * seeds
        least = random_masks_alone(get_problem("owl-drums-16x32"))
        assert names.runs.indicators()["hypervolume"].gt(least).all()

    return check


def has_certified_shares(names):
    rows = names.runs.indicators()
    assert rows["share"].between(0.5, 1).all()
    assert list(names.study.folder.glob("ioh/*/IOHprofiler_f1_small-grid.json"))


def comes_near_what_can_be_heard(names):
    assert 0.97 < names.bounds.share(names.front) < 1


CHECKS = {
    "README-0": reaches_the_published_figures,
    "README-1": has_a_third_objective,
    "docs/algorithms-0": makes_an_algorithm,
    "docs/front-0": comes_near_the_bound,
    "docs/front-1": says_how_loose_it_is,
    "docs/front-2": comes_near_what_can_be_heard,
    "docs/howto/algorithm-0": keeps_its_budget,
    "docs/howto/constraints-0": has_a_feasible_front,
    "docs/howto/constraints-1": is_searched_although_wrapped,
    "docs/howto/dask-0": has_runs(algorithms=1, seeds=2),
    "docs/howto/dask-1": two_fronts,
    "docs/howto/gpu-0": is_where_it_should_be,
    "docs/howto/instance-0": stays_below_its_bound,
    "docs/howto/objective-0": has_values_and_gradients,
    "docs/howto/parameterisation-0": is_searched_by_all,
    "docs/howto/parameterisation-1": is_searched_by_all,
    "docs/howto/parameterisation-2": is_searched_by_all,
    "docs/howto/release-0": is_hidden_in_its_rectangle_alone,
    "docs/howto/reading-0": is_read_and_exported_again,
    "docs/howto/resume-0": is_extended,
    "docs/howto/resume-1": is_extended_by_hand,
    "docs/howto/torch-0": descends_both,
    "docs/howto/torch-1": adds_points,
    "docs/howto/torch-2": evolves_on_tensors,
    "docs/instances-0": knows_its_front,
    "docs/instances-1": is_characterised,
    "docs/instances-2": found_three_objectives,
    "docs/instances-3": certifies_generated_problems,
    "docs/editions-0": prints_what_the_page_says,
    "docs/runs-0": comes_back,
    "docs/start-0": beats_constant_masks,
    "docs/studies-0": has_runs(algorithms=2, seeds=3),
    "docs/studies-1": has_certified_shares,
    "docs/studies-2": has_runs(algorithms=1, seeds=2),
}
"""Check of each code block, by its page and its number on the page."""


LIBRARIES = {"docs/howto/torch-0": "torchjd", "docs/howto/torch-1": "botorch", "docs/howto/torch-2": "evox"}
"""Libraries that a block is about, and that this package does not need."""


@pytest.mark.parametrize("name", few(CHECKS, ["README-1", "docs/howto/resume-1"], "documents"))
def test_code_in_documents_does_what_the_page_says(name, tmp_path, monkeypatch):
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(BLOCKS[name], names)
    CHECKS[name](SimpleNamespace(**names))


def test_every_code_block_is_checked():
    assert set(BLOCKS) == set(CHECKS)


LINES = {
    "docs/howto/objective-0": 10,
    "docs/howto/constraints-0": 10,
    "docs/howto/parameterisation-0": 30,
    "docs/howto/parameterisation-1": 30,
    "docs/howto/parameterisation-2": 30,
    "docs/howto/torch-0": 10,
}
"""Most lines with code, imports and docstrings aside, that a newcomer has to write."""


@pytest.mark.parametrize("name", LINES)
def test_an_extension_takes_few_lines(name):
    tree = ast.parse(BLOCKS[name])
    aside = (ast.Import, ast.ImportFrom)
    lines = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not isinstance(node, aside) and not is_docstring(node)
        for line in range(
            node.lineno, (node.body[0].lineno if hasattr(node, "body") else node.end_lineno + 1)
        )
    }
    assert len(lines) <= LINES[name]


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


PACKAGE = Path(pymoo_moss.__file__).parent
DOCTESTS = {
    test.name: test
    for path in sorted(PACKAGE.rglob("*.py"))
    if ">>>" in path.read_text(encoding="utf-8")
    for test in doctest.DocTestFinder().find(
        import_module(
            ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        )
    )
    if test.examples
}
"""Docstrings with examples. Modules without examples are not imported, because some imports take seconds."""


@pytest.mark.parametrize("name", DOCTESTS)
def test_examples_in_docstrings_give_what_they_show(name):
    results = doctest.DocTestRunner().run(DOCTESTS[name])
    assert results.failed == 0
    assert results.attempted == len(DOCTESTS[name].examples) > 0


def test_what_users_meet_first_has_an_example():
    expected = {"pymoo_moss", "pymoo_moss.testing", "pymoo_moss.problem.MOSSProblem"}
    expected |= {
        f"pymoo_moss.search.{name}"
        for name in (
            "recorder.FrontRecorder",
            "tracer.ParetoTracer",
            "minimize_weighted.minimize_weighted",
        )
    }
    expected |= {"pymoo_moss.bounds.certify.certify", "pymoo_moss.torch_problem.TorchProblem"}
    expected |= {"pymoo_moss.instances.catalogue.get_problem", "pymoo_moss.spectrogram.encoder.MaskEncoder"}
    assert expected <= set(DOCTESTS)


def test_every_public_name_is_there():
    for name in pymoo_moss.__all__:
        assert getattr(pymoo_moss, name) is not None
    assert set(pymoo_moss.__all__) <= set(dir(pymoo_moss))
    with pytest.raises(AttributeError, match="no attribute 'MossProblem'"):
        _ = pymoo_moss.MossProblem


POINTER = re.compile(r"\]\((?!http)([^)\s]+)\)|^```\{(?:literal)?include\} (\S+)", flags=re.MULTILINE)
POINTERS = {
    page.relative_to(ROOT).as_posix(): targets
    for page in [*PAGES, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "benchmarks").glob("*.md"))]
    if (targets := [link or file for link, file in POINTER.findall(page.read_text(encoding="utf-8"))])
}
"""Files and headings that each page links to, for pages with links."""


def headings(page):
    """Anchors of a page's headings."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", POINTERS)
def test_files_and_headings_that_a_page_points_to_exist(page):
    for target in POINTERS[page]:
        name, _, heading = target.partition("#")
        file = (ROOT / page).parent / name if name else ROOT / page
        assert file.exists(), target
        assert not heading or heading in headings(file), target


def test_the_page_of_problems_shows_what_the_command_prints():
    page = (ROOT / "docs" / "instances.md").read_text(encoding="utf-8")
    shown = re.findall(r"```text\n(.*?)```", page, flags=re.DOTALL)
    assert shown == [CliRunner().invoke(app, ["problems"]).output]


def test_the_study_file_shown_is_a_study(tmp_path):
    page = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    shown, _ = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    file = tmp_path / "study.toml"
    file.write_text(shown, encoding="utf-8")
    tasks = read_study(file, tmp_path / "out").tasks
    labels = [{task.problem[0] for task in tasks}, {task.algorithm[0] for task in tasks}]
    assert labels == [
        {"owl-drums-16x32", "butterfly-prelude-16x32"},
        {"NSGA-II, levels", "hybrid", "tracer"},
    ]
    seeds = {task.seed for task in tasks}
    assert f"seeds = {len(seeds)}\n" in shown
    assert len(tasks) == len(seeds) * len(labels[0]) * len(labels[1])


def test_the_study_file_with_every_key_is_a_study(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("my_algorithms",):
        # Removed after the test; the others stay, so that none is imported twice.
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    page = (ROOT / "docs" / "studies.md").read_text(encoding="utf-8")
    _, shown = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "study.toml").write_text(shown, encoding="utf-8")
    Image.fromarray(np.eye(8, dtype=np.uint8)).save(tmp_path / "photo.png")
    soundfile.write(tmp_path / "song.wav", np.zeros(9000), 8000)
    (tmp_path / "my_algorithms.py").write_text(
        "from pymoo.algorithms.moo.nsga2 import NSGA2\ndef make(size): return NSGA2(pop_size=size)\n"
    )
    study = read_study(tmp_path / "study.toml", tmp_path / "out")
    assert len(study.tasks) == 4 * 3 * 5
    assert (study.budgets, study.unit, study.certify) == ((1, 10), "per_variable", True)
    assert study.problems["theirs"].make().n_var == 30
    assert study.algorithms["hybrid, mine"].make(2).pop_size == 40
    explained = set(re.findall(r"`(\w+)`", "".join(line for line in page.splitlines() if line[:1] == "|")))
    assert set(re.findall(r"^\[?(\w+)", shown, flags=re.MULTILINE)) <= explained


def test_formulas_are_typeset_without_a_network():
    configuration = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    (script,) = re.findall(r'^mathjax_path = "(.*)"$', configuration, flags=re.MULTILINE)
    assert (ROOT / "docs" / "static" / script).is_file()
