"""A run that version 0.1 wrote: its record and its checkpoints are read, and it is resumed."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pymoo_moss.explore import RunResult, SearchPlan, resume
from pymoo_moss.runs import RunSettings

from ..conftest import OFTEN, PLAIN

FOLDER = Path(__file__).parent / "data" / "run-0.1"
RECORD = json.loads((FOLDER / "run.json").read_text())


def stored_front():
    with (FOLDER / "front.csv").open() as file:
        return [[float(row[name]) for name in RECORD["objectives"]] for row in csv.DictReader(file)]


def test_the_record_is_read():
    result = RunResult.load(FOLDER)
    # The masks are stored in half precision.
    np.testing.assert_allclose(result.F, stored_front(), atol=2e-3)
    assert (result.n_eval, result.seconds, result.stopped) == (RECORD["n_eval"], RECORD["seconds"], False)
    assert result.settings == RECORD["settings"]
    assert {kind: path.name for kind, path in result.inputs.items()} == RECORD["settings"]["inputs"]
    assert result.picks.items() > RECORD["picks"].items()


def test_its_settings_are_known():
    settings = RunSettings.from_json(RECORD["settings"])
    assert settings.plan == SearchPlan("hybrid", generations=3, population=8, steps=2, seed=1)
    assert settings.names == ["disc.png", "note.flac"]
    assert settings.to_json() == RECORD["settings"]


@pytest.mark.parametrize("newest", [0, 2])
def test_its_checkpoints_are_resumed(newest, tmp_path):
    run = shutil.copytree(FOLDER, tmp_path / "run")
    for path in (run / "checkpoint").iterdir():
        if int(path.stem.partition("-")[2]) > newest:
            path.unlink()
    result = resume(run, checkpoints=OFTEN, renderer=PLAIN)
    assert len(result.recorder.generations) == 3
    # The algorithm has changed since. What the old one has found is kept, and its steps are counted.
    assert result.n_eval > 0
    assert result.hypervolume > (0.98 if newest else 0.8) * RECORD["hypervolume"]
    rewritten = json.loads((run / "run.json").read_text())
    decided = {"picture_sampling": "point", "invert": False, "n_fft": 1024, "hop_length": 256}
    assert rewritten["settings"] == RECORD["settings"] | {"options": decided | RECORD["settings"]["options"]}
    assert rewritten.keys() == RECORD.keys()
