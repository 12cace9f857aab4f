"""What README and docstrings show is run as it stands."""

import doctest
import re
from pathlib import Path

import pytest

import pymoo_moss

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_readme_code_runs_as_written(number):
    names: dict = {}
    exec(BLOCKS[number], names)
    assert names["problem"].n_var == 8192
    if "result" in names:
        assert names["problem"].hypervolume(names["result"].F) > 0.8


def test_the_package_docstring_runs():
    assert doctest.testmod(pymoo_moss).failed == 0
    assert doctest.testmod(pymoo_moss).attempted > 5


def test_every_public_name_is_there():
    for name in pymoo_moss.__all__:
        assert getattr(pymoo_moss, name) is not None
    assert set(pymoo_moss.__all__) <= set(dir(pymoo_moss))
    with pytest.raises(AttributeError, match="no attribute 'MossProblem'"):
        _ = pymoo_moss.MossProblem


def test_files_that_the_readme_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (Path(__file__).parents[1] / target).exists(), target
