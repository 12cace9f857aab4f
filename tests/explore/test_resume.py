"""Runs in a folder that are stopped, killed, damaged and extended; the run without all that is the truth."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image
from pymoo.termination.collection import TerminationCollection
from pymoo.termination.ftol import MultiObjectiveSpaceTermination
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.termination.robust import RobustTermination

from pymoo_moss import MOSSProblem, get_problem
from pymoo_moss.errors import CheckpointError, CheckpointWarning, MossError, OptionError
from pymoo_moss.explore import RunResult, SearchPlan, Watch, resume, run_in_folder
from pymoo_moss.runs import Checkpoints, only_writer

from ..conftest import GRID, OFTEN, PLAIN

NAME = "owl-drums-16x32"
SETTINGS = {"problem": NAME, "options": {"preset": "notebook"}}
QUIET = Watch()
PLAN = SearchPlan("hybrid", generations=12, population=12, steps=4, seed=5)


class Killed(BaseException):
    """Ends a run where it stands, as a signal would."""


def killed_after(generation):
    def after_generation(number):
        if number == generation:
            raise Killed

    return Watch(after_generation=after_generation)


def start(folder, plan=PLAN, watch=QUIET, checkpoints=OFTEN):
    return run_in_folder(
        folder,
        get_problem(NAME),
        plan,
        settings=SETTINGS,
        count=1,
        watch=watch,
        checkpoints=checkpoints,
        renderer=PLAIN,
    )


def go_on(folder, termination=None, watch=QUIET):
    return resume(folder, termination, watch=watch, checkpoints=OFTEN, renderer=PLAIN)


def written(folder):
    """What a run's folder says of its result, without times."""
    record = json.loads((folder / "run.json").read_text())
    return {
        "masks": np.load(folder / "masks.npz")["X"],
        "front": (folder / "front.csv").read_text(),
        "n_eval": record["n_eval"],
        "settings": record["settings"],
        "sound": next((folder / "solutions").rglob("audio.wav")).read_bytes(),
    }


def assert_same(result, other):
    np.testing.assert_array_equal(result.X, other.X)
    np.testing.assert_array_equal(result.F, other.F)
    assert result.n_eval == other.n_eval
    np.testing.assert_equal(result.recorder.generations, other.recorder.generations)
    np.testing.assert_equal(result.recorder.seeding, other.recorder.seeding)
    assert result.recorder.n_eval == other.recorder.n_eval


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run that nothing interrupts, and its folder."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    return start(folder), folder


@pytest.fixture
def picture_and_sound_files(picture, sound, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    image, audio = folder / "a.png", folder / "b.wav"
    Image.fromarray((255 * picture).astype(np.uint8)).save(image)
    soundfile.write(audio, *sound)
    options = {"preset": "display", "grid": list(GRID)}
    return image, audio, MOSSProblem(image, audio, **options), options


@pytest.mark.parametrize("generation", [1, 2, 7, 12])
def test_a_killed_run_goes_on_to_the_same_end(generation, whole, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, watch=killed_after(generation))
    assert not (tmp_path / "run.json").exists()
    moved = shutil.move(tmp_path, tmp_path.parent / "moved")
    result = go_on(moved)
    assert_same(result, whole[0])
    np.testing.assert_equal(written(moved), written(whole[1]))
    shutil.rmtree(moved)


def test_killed_while_seeding(whole, tmp_path):
    def on_step(step, values):
        raise Killed

    with pytest.raises(Killed):
        start(tmp_path, watch=Watch(on_step=on_step))
    assert_same(go_on(tmp_path), whole[0])


def test_others_may_watch_when_it_goes_on(whole, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, watch=replace(killed_after(3), on_step=lambda step, values: False))
    began = []
    assert_same(go_on(tmp_path, watch=Watch(after_generation=began.append)), whole[0])
    assert began[0] == 3


def test_killed_twice(whole, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, watch=killed_after(3))
    with pytest.raises(Killed):
        go_on(tmp_path, watch=killed_after(8))
    assert_same(go_on(tmp_path), whole[0])


def test_stopped_early_and_gone_on_with(whole, tmp_path):
    generations = []
    watch = Watch(after_generation=generations.append, should_stop=lambda: len(generations) == 5)
    assert start(tmp_path, watch=watch).stopped
    assert json.loads((tmp_path / "run.json").read_text())["stopped_early"]
    result = go_on(tmp_path)
    assert_same(result, whole[0])
    assert not result.stopped


def test_stopped_in_the_seeding_it_is_seeded_anew(whole, tmp_path):
    stopped = start(tmp_path, watch=Watch(on_step=lambda step, F: True, should_stop=lambda: True))
    assert stopped.n_eval < whole[0].n_eval
    assert_same(go_on(tmp_path), whole[0])


def test_a_finished_run_is_extended(whole, tmp_path):
    start(tmp_path, SearchPlan("hybrid", generations=5, population=12, steps=4, seed=5))
    assert_same(go_on(tmp_path, ("n_gen", 12)), whole[0])
    assert written(tmp_path)["settings"]["generations"] == 12


def test_an_extension_that_is_killed_knows_its_end(whole, tmp_path):
    start(tmp_path, SearchPlan("hybrid", generations=5, population=12, steps=4, seed=5))
    with pytest.raises(Killed):
        go_on(tmp_path, ("n_gen", 12), watch=killed_after(6))
    assert_same(go_on(tmp_path), whole[0])


def test_an_end_that_was_passed_already_ends_it_at_once(whole, tmp_path):
    shutil.copytree(whole[1], tmp_path / "run")
    assert_same(go_on(tmp_path / "run", ("n_gen", 12)), whole[0])
    assert_same(go_on(tmp_path / "run", ("n_gen", 3)), whole[0])


def test_any_termination_ends_an_extension(whole, tmp_path):
    shutil.copytree(whole[1], tmp_path / "run")
    result = go_on(tmp_path / "run", ("n_eval", whole[0].n_eval + 60))
    assert len(result.recorder.generations) > 12
    # Fewer by less than a gradient step of all masks that are refined.
    assert result.n_eval > whole[0].n_eval + 60 - 3 * 16


@pytest.mark.parametrize("more", [("n_eval", 1), TerminationCollection, MultiObjectiveSpaceTermination])
@pytest.mark.filterwarnings("error")
def test_what_an_extension_found_is_never_given_up(more, whole, tmp_path):
    def until(evaluations):
        limit = MaximumFunctionCallTermination(whole[0].n_eval + evaluations)
        if more is TerminationCollection:
            return TerminationCollection(MaximumGenerationTermination(900), limit)
        if more is MultiObjectiveSpaceTermination:
            return TerminationCollection(
                RobustTermination(MultiObjectiveSpaceTermination(tol=1e-12), period=900), limit
            )
        return limit

    run = shutil.copytree(whole[1], tmp_path / "run")
    first = go_on(run, until(60))
    assert first.n_eval > whole[0].n_eval + 60 - 3 * 16
    assert_same(go_on(run), first)
    second = go_on(run, until(120))
    assert second.n_eval > whole[0].n_eval + 120 - 3 * 16
    assert second.recorder.generations[: len(first.recorder.generations)][-1].shape[1] == 2
    np.testing.assert_array_equal(
        second.recorder.generations[len(first.recorder.generations) - 1], first.recorder.generations[-1]
    )
    assert_same(go_on(run, ("n_gen", 3)), second)
    assert written(run)["settings"]["generations"] == len(second.recorder.generations)


def test_an_end_that_no_plan_can_say_ends_a_later_resumption_where_it_stands(whole, tmp_path):
    run = shutil.copytree(whole[1], tmp_path / "run")
    longer = go_on(run, RobustTermination(MultiObjectiveSpaceTermination(tol=10.0), period=3))
    assert len(longer.recorder.generations) > 12
    assert_same(go_on(run), longer)


def test_stopped_in_a_long_seeding_it_is_seeded_anew(whole, tmp_path):
    watch = Watch(on_step=lambda step, F: True, should_stop=lambda: True)
    start(tmp_path, watch=watch, checkpoints=Checkpoints(seconds=0.0))
    assert_same(go_on(tmp_path), whole[0])


@pytest.mark.parametrize("end", [("foo", 3), "soon", ("n_gen", "abc"), ("n_gen", -1), 7])
def test_what_is_no_termination_is_refused(end, whole, tmp_path):
    with pytest.raises(OptionError, match="expected a termination such as"):
        go_on(shutil.copytree(whole[1], tmp_path / "run"), end)


@pytest.mark.parametrize("forged", [{"count": -3}, {"count": "x"}, {"morph": None}])
def test_what_cannot_be_written_is_not_searched_for(forged, whole, tmp_path):
    run = shutil.copytree(whole[1], tmp_path / "run")
    for path in (run / "checkpoint").glob("*.npz"):
        with np.load(path) as archive:
            members = dict(archive)
        head = json.loads(members["head"].tobytes())
        head["facts"] |= forged
        members["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
        np.savez(path, **members)
    with pytest.warns(CheckpointWarning, match="is damaged: .* in its facts"), pytest.raises(CheckpointError):
        go_on(run, ("n_gen", 14))


def test_a_new_end_has_to_suit_the_algorithm(tmp_path):
    start(tmp_path, SearchPlan("rvea", generations=2, population=8, steps=1))
    with pytest.raises(OptionError, match="rvea"):
        go_on(tmp_path, ("time", 5))


def test_files_of_the_user_may_be_gone(picture_and_sound_files, tmp_path):
    image, audio, problem, options = picture_and_sound_files
    settings = {"image": "a.png", "audio": "b.wav", "options": options}
    plan = SearchPlan(generations=3, population=8, steps=2)
    inputs = {"image": image, "audio": audio}
    with pytest.raises(Killed):
        run_in_folder(
            tmp_path,
            problem,
            plan,
            settings=settings,
            inputs=inputs,
            watch=killed_after(2),
            checkpoints=OFTEN,
            renderer=PLAIN,
        )
    image.unlink()
    audio.unlink()
    result = go_on(tmp_path)
    assert not (tmp_path / "checkpoint" / "inputs").exists()
    again = RunResult.load(tmp_path)
    np.testing.assert_allclose(again.F, result.F, atol=0.02)
    # Once more, from the finished run's own copies.
    assert len(go_on(tmp_path, ("n_gen", 4)).recorder.generations) == 4


def test_copies_that_were_changed_are_refused(picture_and_sound_files, tmp_path):
    image, audio, problem, options = picture_and_sound_files
    with pytest.raises(Killed):
        run_in_folder(
            tmp_path,
            problem,
            SearchPlan(generations=3, population=8, steps=2),
            settings={"options": options},
            inputs={"image": image, "audio": audio},
            watch=killed_after(2),
        )
    with (tmp_path / "checkpoint" / "inputs" / "image.png").open("ab") as file:
        file.write(b"more")
    with pytest.raises(MossError, match="not the file that the run was made from"):
        go_on(tmp_path)


def test_a_damaged_checkpoint_falls_back_to_the_one_before(whole, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, watch=killed_after(9))
    kept = sorted((tmp_path / "checkpoint").glob("*.npz"))
    assert [path.name for path in kept] == [f"generation-{number:06d}.npz" for number in (0, 6, 8)]
    kept[2].write_bytes(kept[2].read_bytes()[:5000])
    began = []
    with pytest.warns(CheckpointWarning, match=r"000008\.npz' is damaged.*resuming from the one before"):
        result = go_on(tmp_path, watch=Watch(after_generation=began.append))
    assert began[0] == 7
    assert_same(result, whole[0])


def test_all_states_damaged_it_begins_anew_and_without_any_it_says_so(whole, tmp_path):
    with pytest.raises(Killed):
        start(tmp_path, watch=killed_after(5))
    kept = sorted((tmp_path / "checkpoint").glob("*.npz"))
    for path in kept[1:]:
        path.write_bytes(b"")
    with pytest.warns(CheckpointWarning, match="damaged"):
        assert_same(go_on(tmp_path), whole[0])
    for path in (tmp_path / "checkpoint").glob("*.npz"):
        path.write_bytes(b"")
    with pytest.warns(CheckpointWarning), pytest.raises(CheckpointError, match="no checkpoint from which"):
        go_on(tmp_path)
    with pytest.raises(CheckpointError, match="holds no run with a checkpoint"):
        go_on(tmp_path / "nothing")


def test_a_run_goes_on_where_no_checkpoint_can_be_written(whole, tmp_path):
    def put_a_file_in_the_way(number):
        if number == 1:
            shutil.rmtree(tmp_path / "checkpoint")
            (tmp_path / "checkpoint").write_text("")

    with pytest.warns(CheckpointWarning, match="cannot write the checkpoint.*the run continues without it"):
        assert_same(start(tmp_path, watch=Watch(after_generation=put_a_file_in_the_way)), whole[0])


def test_checkpoints_come_by_time_too(tmp_path):
    finished = []
    # Six seconds a generation: every second one ends ten seconds or more after the last checkpoint.
    by_time = Checkpoints(every=100, seconds=10.0, clock=lambda: 6.0 * (len(finished) + 1))

    def after_generation(number):
        finished.append(number)
        if number == 8:
            raise Killed

    with pytest.raises(Killed):
        start(tmp_path, watch=Watch(after_generation=after_generation), checkpoints=by_time)
    kept = sorted(os.listdir(tmp_path / "checkpoint"))
    assert kept == [f"generation-{number:06d}.npz" for number in (0, 5, 7)]


@pytest.mark.parametrize(
    "limit",
    [
        {"every": 0},
        {"every": 1.5},
        {"every": None},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"seconds": "x"},
    ],
)
def test_limits_of_checkpoints_out_of_range_are_refused(limit):
    with pytest.raises(OptionError, match="checkpoints every 1 generation or more"):
        Checkpoints(**limit)


@pytest.mark.process
def test_one_run_at_a_time_in_a_folder(whole, tmp_path):
    shutil.copytree(whole[1], tmp_path / "run")
    with only_writer(tmp_path / "run"):
        other = "import sys; from pymoo_moss.explore import resume; resume(sys.argv[1])"
        shown = subprocess.run(
            [sys.executable, "-c", other, str(tmp_path / "run")], capture_output=True, text=True
        )
    assert "OutputError: another run is writing to" in shown.stderr
    with pytest.raises(Killed):
        go_on(tmp_path / "run", ("n_gen", 14), watch=killed_after(13))


def test_an_earlier_run_stays_until_the_new_one_is_complete(whole, tmp_path):
    shutil.copytree(whole[1], tmp_path / "run")
    before = written(tmp_path / "run")
    with pytest.raises(Killed):
        start(tmp_path / "run", SearchPlan(generations=3, population=8, steps=1), killed_after(2))
    np.testing.assert_equal(written(tmp_path / "run"), before)
    go_on(tmp_path / "run")
    assert written(tmp_path / "run")["settings"]["population"] == 8


@pytest.mark.parametrize(
    ("plan", "options"),
    [
        (SearchPlan("tracer", generations=2, population=6, steps=3), {"objectives": 4}),
        (SearchPlan(generations=2, population=6, steps=3), {"count": 0}),
        (SearchPlan(generations=2, population=6, steps=3), {"count": 2.5}),
        (SearchPlan(generations=2, population=6, steps=3), {"settings": {"made": object()}}),
    ],
)
def test_what_cannot_be_carried_out_leaves_the_run_before_it(problem, tmp_path, plan, options):
    folder = tmp_path / "run"
    good = SearchPlan(generations=2, population=6, steps=3)
    run_in_folder(folder, problem, good, settings={}, count=1, checkpoints=OFTEN, renderer=PLAIN)
    before = sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))
    searched = problem
    if "objectives" in options:
        names = ["visual_l1", "audio_log_l1", "mask_roughness", "audio_mel"]
        searched = MOSSProblem(encoder=problem.encoder, objectives=names)
    settings, count = options.get("settings", {}), options.get("count", 1)
    for place in (folder, tmp_path / "new"):
        with pytest.raises(OptionError):
            run_in_folder(place, searched, plan, settings=settings, count=count, renderer=PLAIN)
    assert sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*")) == before
    assert not (tmp_path / "new").exists()
