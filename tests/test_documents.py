"""What README, documents and docstrings show is run as it stands; `make docs` runs the notebooks."""

import doctest
import re
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from pymoo.optimize import minimize
from typer.testing import CliRunner

import pymoo_moss
from pymoo_moss import get_problem
from pymoo_moss.cli import app
from pymoo_moss.study import read_study

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


def found_a_front(names):
    assert names.problem.n_var == 8192
    assert names.problem.hypervolume(names.result.F) > 0.9


def has_a_third_objective(names):
    x = np.full((2, 8192), 0.5)
    loudness = names.encoder.mix(x).square().mean(dim=(1, 2))
    np.testing.assert_allclose(names.problem.evaluate(x)[:, 2], loudness, rtol=1e-5)


def makes_an_algorithm(names):
    problem = get_problem("owl-drums-16x32")
    assert problem.hypervolume(minimize(problem, names.algorithm, ("n_gen", 2), seed=1).F) > 0.5


def comes_near_the_bound(names):
    found_a_front(names)
    assert 0 < names.bounds.gap(names.result.F) < 0.01


def says_how_loose_it_is(names):
    assert 0 < names.bounds.looseness < 0.01


def keeps_its_budget(names):
    assert 2000 <= names.found.algorithm.evaluator.n_eval < 2000 + 80
    assert len(names.found.F) > 1


def two_fronts(names):
    first, second = names.fronts
    assert first.shape[1] == second.shape[1] == 2
    assert first.shape != second.shape or (first != second).any()


def is_where_it_should_be(names):
    assert names.on_device.encoder.audio_magnitude.device.type == names.device


def stays_below_its_bound(names):
    constant = names.own.evaluate(np.repeat(np.linspace(0, 1, 101)[:, None], names.own.n_var, axis=1))
    reached = names.own.hypervolume(names.front.F)
    assert names.own.hypervolume(constant) < reached < names.bound.hypervolume_upper


def has_values_and_gradients(names):
    assert names.F.shape == (4, 3)
    assert names.dF.shape == (4, 3, 512)
    assert np.isfinite(names.dF).all()


def is_read_and_exported_again(names):
    assert 0 < names.chosen < len(names.run.F) - 1
    assert len(list(Path("out/owl-again/solutions").iterdir())) >= 3


def is_extended(names):
    assert len(names.run.recorder.generations) == 3
    assert len(names.longer.recorder.generations) == 6
    assert names.longer.n_eval > names.run.n_eval


def is_extended_by_hand(names):
    assert names.second.n_gen - 1 == 8


def knows_its_front(names):
    assert names.front.shape == (100, 2)
    assert 0.98 < names.problem.share(names.front) < 1


def found_three_objectives(names):
    assert names.found.F.shape[1] == 3
    assert names.three.hypervolume(names.found.F) > 0.5


def comes_back(names):
    np.testing.assert_allclose(names.again.F, names.run.F, atol=0.01)
    assert Path("out/owl/index.html").stat().st_size > 1e6


def has_runs(count):
    def check(names):
        assert len(names.runs.runs) == count
        assert names.runs.indicators()["hypervolume"].gt(0.3).all()

    return check


CHECKS = {
    "README-0": found_a_front,
    "README-1": has_a_third_objective,
    "docs/algorithms-0": makes_an_algorithm,
    "docs/front-0": comes_near_the_bound,
    "docs/front-1": says_how_loose_it_is,
    "docs/howto/algorithm-0": keeps_its_budget,
    "docs/howto/dask-0": has_runs(2),
    "docs/howto/dask-1": two_fronts,
    "docs/howto/gpu-0": is_where_it_should_be,
    "docs/howto/instance-0": stays_below_its_bound,
    "docs/howto/objective-0": has_values_and_gradients,
    "docs/howto/reading-0": is_read_and_exported_again,
    "docs/howto/resume-0": is_extended,
    "docs/howto/resume-1": is_extended_by_hand,
    "docs/instances-0": knows_its_front,
    "docs/instances-1": found_three_objectives,
    "docs/runs-0": comes_back,
    "docs/start-0": found_a_front,
    "docs/studies-0": has_runs(6),
    "docs/studies-1": has_runs(2),
}
"""What each code block must have done, by the page and the number of the block on it."""


@pytest.mark.parametrize("name", few(CHECKS, ["README-1", "docs/howto/resume-1"], "documents"))
def test_code_in_documents_does_what_the_page_says(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(BLOCKS[name], names)
    CHECKS[name](SimpleNamespace(**names))


def test_every_code_block_is_checked():
    assert set(BLOCKS) == set(CHECKS)


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
"""The docstrings with examples. Modules without any are not imported for it, since some take seconds."""


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
            "certify.certify",
            "recorder.FrontRecorder",
            "tracer.ParetoTracer",
            "weighted.minimize_weighted",
        )
    }
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
"""What each page points to, where it points to anything: files, and headings in them."""


def headings(page):
    """The names by which links call a page's headings."""
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
    (shown,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    file = tmp_path / "study.toml"
    file.write_text(shown, encoding="utf-8")
    assert len(read_study(file, tmp_path / "out").tasks) == 2 * 3 * 11
