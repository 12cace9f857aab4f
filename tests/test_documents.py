"""What README, documents and docstrings show is run as it stands; `make docs` runs the notebooks."""

import doctest
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pymoo_moss
from pymoo_moss.cli import app
from pymoo_moss.study import read_study

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT).with_suffix('')}-{number}")
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    )
]


@pytest.mark.parametrize("block", BLOCKS)
def test_code_in_documents_runs_as_written(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(block, names)
    if "problem" in names:
        assert names["problem"].n_var == 8192
    if "result" in names:
        assert names["problem"].hypervolume(names["result"].F) > 0.8
    if "bounds" in names:
        assert 0 < names["bounds"].gap(names["result"].F) < 0.01


MODULES = [
    module.name
    for module in pkgutil.walk_packages(pymoo_moss.__path__, "pymoo_moss.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", ["pymoo_moss", *MODULES])
def test_docstrings_run(name):
    if name == "pymoo_moss.explore.app":
        pytest.importorskip("gradio")
    assert doctest.testmod(import_module(name)).failed == 0


def test_there_are_examples_in_docstrings():
    finder = doctest.DocTestFinder()
    examples = [
        test.name
        for name in ["pymoo_moss", *MODULES]
        for test in finder.find(import_module(name))
        if test.examples
    ]
    assert {"pymoo_moss", "pymoo_moss.testing", "pymoo_moss.problem.MOSSProblem"} <= set(examples)
    assert len(examples) >= 9


def test_every_public_name_is_there():
    for name in pymoo_moss.__all__:
        assert getattr(pymoo_moss, name) is not None
    assert set(pymoo_moss.__all__) <= set(dir(pymoo_moss))
    with pytest.raises(AttributeError, match="no attribute 'MossProblem'"):
        _ = pymoo_moss.MossProblem


@pytest.mark.parametrize(
    "page",
    [*PAGES, ROOT / "CONTRIBUTING.md", *(ROOT / "benchmarks").glob("*.md")],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_files_that_a_page_points_to_exist(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


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
