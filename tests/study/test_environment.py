"""What a study's folder says of the machine and its packages."""

import json
import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from pymoo_moss.errors import OutputError
from pymoo_moss.study import AlgorithmChoice
from pymoo_moss.study import environment as environment_module


@pytest.fixture
def study(make_study):
    return make_study(algorithms={"levels": AlgorithmChoice("nsga2", population=8)}, seeds=1, budget=8)


def entries(study):
    return [json.loads(line) for line in (study.folder / "environment.jsonl").read_text().splitlines()]


def test_every_start_is_recorded_with_versions_and_hardware(study):
    study.run()
    study.run(n_jobs=2)
    first, second = entries(study)
    assert (first["n_jobs"], second["n_jobs"], first["backend"]) == (1, 2, "loky")
    assert first["started"] <= second["started"]
    assert first["versions"]["pymoo"] == version("pymoo")
    assert first["python"] == platform.python_version()
    assert first["torch_threads"] == torch.get_num_threads()
    assert first["cores"] == os.cpu_count()
    assert first["cpu"]
    memory = Path("/proc/meminfo")
    if memory.exists():
        kibibytes = int(re.search(r"MemTotal:\s+(\d+) kB", memory.read_text())[1])
        assert first["memory_bytes"] == 1024 * kibibytes


def test_packages_are_locked_and_another_set_is_appended(study, monkeypatch):
    study.run()
    study.run()
    path = study.folder / "packages.txt"
    head, *lines = path.read_text().strip().splitlines()
    assert head == f"# {entries(study)[0]['started']}"
    locked = dict(line.split("==") for line in lines)
    assert {"pymoo", "numpy", "torch"} <= locked.keys()
    for name, number in locked.items():
        assert version(name) == number
    before = path.read_text()
    monkeypatch.setattr(environment_module, "installed_packages", lambda: ["other==1.0"])
    study.run()
    assert path.read_text() == f"{before}\n# {entries(study)[2]['started']}\nother==1.0\n"
    study.run()
    assert path.read_text().count("other==1.0") == 1


def test_a_record_that_cannot_be_written_is_named(study):
    (study.folder / "environment.jsonl").mkdir(parents=True)
    with pytest.raises(OutputError, match="choose another folder"):
        study.run()
