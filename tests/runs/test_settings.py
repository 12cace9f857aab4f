"""What a run was called with, as JSON and back."""

import hashlib
import json

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss.errors import MossError
from pymoo_moss.runs import RunFacts, RunSettings, SearchPlan, copy_inputs

OPTIONS = {"preset": "display", "grid": [6, 8]}


@pytest.fixture
def files(tmp_path):
    files = {"image": tmp_path / "Disc.PNG", "audio": tmp_path / "notes.wav"}
    for kind, path in files.items():
        path.write_text(kind)
    return files


TRANSFORM = {"sample_rate": 16_000, "n_fft": 1024, "hop_length": 256}


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


def test_how_the_picture_was_drawn_is_recorded_and_used_again(picture, sound, tmp_path):
    files = {"image": tmp_path / "disc.tiff", "audio": tmp_path / "notes.wav"}
    fine = picture.repeat(30, axis=0).repeat(5, axis=1) * np.arange(1, 301)
    Image.fromarray(fine.astype(np.float32)).save(files["image"])
    soundfile.write(files["audio"], *sound)
    options = {"grid": [6, 8], "preset": "display"}
    drawn = {
        sampling: MOSSProblem(*files.values(), picture_sampling=sampling, **options).encoder
        for sampling in ("average", "point")
    }
    assert not drawn["average"].picture.equal(drawn["point"].picture)
    described = RunSettings.of_files(*files.values(), options).with_inputs(files)
    copy_inputs(tmp_path / "inputs", files)

    def rebuilt(settings):
        return settings.rebuild_problem(tmp_path / "inputs").encoder.picture

    for sampling, encoder in drawn.items():
        settings = described.with_decisions(encoder)
        recorded = {**options, "picture_sampling": sampling, "invert": False, **TRANSFORM}
        assert settings.to_json()["options"] == recorded
        assert rebuilt(settings).equal(encoder.picture)
    # As in runs from before pictures were averaged.
    assert rebuilt(described).equal(drawn["point"].picture)


def test_what_was_decided_about_inverting_is_recorded(sound):
    page = np.ones((40, 60))
    page[10:30, 20:23] = 0
    with pytest.warns(UserWarning, match="is mostly white"):
        encoder = MaskEncoder(page, sound, grid=(6, 8), invert="auto")
    settings = RunSettings({"options": {"invert": "auto"}}).with_decisions(encoder)
    assert settings.to_json()["options"] == {
        "invert": True,
        "picture_sampling": "average",
        **TRANSFORM,
    }


def test_the_transform_that_follows_from_the_song_is_recorded(picture, sound, tmp_path):
    encoder = MaskEncoder(picture, (sound[0], 22_050), grid=(6, 8), sample_rate=None)
    options = RunSettings({"options": {"sample_rate": None}}).with_decisions(encoder).to_json()["options"]
    assert (options["sample_rate"], options["n_fft"], options["hop_length"]) == (22_050, 1440, 360)


def test_settings_of_frozen_problems_and_of_none_stay(encoder):
    for settings in (
        RunSettings.of_frozen_problem("owl-drums-16x32", OPTIONS),
        RunSettings({"note": "mine"}),
    ):
        assert settings.with_decisions(encoder) == settings


@pytest.mark.parametrize("content", [3, [], None, "settings"])
def test_settings_are_a_json_object(content):
    with pytest.raises(TypeError, match="expected settings as a JSON object"):
        RunSettings.from_json(content)


def test_facts_survive_json():
    facts = RunFacts(RunSettings.of_frozen_problem("owl-drums-16x32", {}), 3, morph=True)
    assert RunFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts
