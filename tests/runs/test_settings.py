"""What a run was called with, as JSON and back."""

import hashlib
import json

import pytest

from pymoo_moss.errors import MossError
from pymoo_moss.runs import RunFacts, RunSettings, SearchPlan

OPTIONS = {"preset": "display", "grid": [6, 8]}


@pytest.fixture
def files(tmp_path):
    files = {"image": tmp_path / "Disc.PNG", "audio": tmp_path / "notes.wav"}
    for kind, path in files.items():
        path.write_text(kind)
    return files


def test_settings_of_files_and_of_a_frozen_problem(files):
    settings = RunSettings.of_files(*files.values(), OPTIONS)
    assert settings.to_json() == {"image": "Disc.PNG", "audio": "notes.wav", "options": OPTIONS}
    assert settings.names == ["Disc.PNG", "notes.wav"]
    frozen = RunSettings.of_frozen_problem("owl-drums-16x32", OPTIONS)
    assert frozen.to_json() == {"problem": "owl-drums-16x32", "options": OPTIONS}
    assert frozen.names == ["owl-drums-16x32"]


def test_they_survive_json_with_their_plan_and_keys_of_others(files):
    plan = SearchPlan("tracer", generations=None, seconds=2.5, seed=4)
    settings = RunSettings.from_json({"note": "mine", "seed": 1}).with_inputs(files).with_plan(plan)
    again = RunSettings.from_json(json.loads(json.dumps(settings.to_json())))
    assert again == settings
    assert again.plan == plan
    assert again.to_json()["note"] == "mine"


def test_inputs_of_an_earlier_run_are_replaced(files):
    stale = {"inputs": {"image": "image.gif"}, "sha256": {"image": "0"}}
    content = RunSettings.from_json(stale).with_inputs(files).to_json()
    assert content["inputs"] == {"image": "image.png", "audio": "audio.wav"}
    assert content["sha256"] == {kind: hashlib.sha256(kind.encode()).hexdigest() for kind in files}
    assert RunSettings.from_json(stale).with_inputs({}).to_json() == stale


def test_files_are_unmodified_while_their_hash_is_the_same(files):
    settings = RunSettings({}).with_hashes(files)
    assert settings.is_unmodified("image", files["image"])
    files["image"].write_text("another")
    assert not settings.is_unmodified("image", files["image"])
    assert RunSettings({}).is_unmodified("image", files["image"])
    files["image"].unlink()
    assert not RunSettings({}).is_unmodified("image", files["image"])


@pytest.mark.parametrize("named", [{"image": "../notes.wav"}, {"image": 3}, {"image": "gone.png"}, 7])
def test_copies_outside_the_folder_are_never_used(files, named):
    with pytest.raises(MossError, match="copies of its picture and sound cannot be used"):
        RunSettings({"inputs": named}).input_copies(files["image"].parent)


@pytest.mark.parametrize("content", [3, [], None, "settings"])
def test_settings_are_a_json_object(content):
    with pytest.raises(TypeError, match="expected settings as a JSON object"):
        RunSettings.from_json(content)


def test_facts_survive_json():
    facts = RunFacts(RunSettings.of_frozen_problem("owl-drums-16x32", {}), 3, morph=True)
    assert RunFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
