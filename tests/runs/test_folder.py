import os
import shlex
import sys
from pathlib import Path

import pytest

from pymoo_moss.errors import OutputError
from pymoo_moss.runs import check_output_folder, new_run, resume_command


class BrokenError(Exception):
    pass


def everything(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_new_or_empty_folder_will_do_and_nothing_is_left_there(tmp_path):
    check_output_folder(tmp_path / "new" / "deep", overwrite=False)
    check_output_folder(tmp_path, overwrite=False)
    assert everything(tmp_path) == []


def test_files_appear_together_and_the_record_last(tmp_path, monkeypatch):
    out, order, replace = tmp_path / "out", [], os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append(os.path.basename(b)), replace(a, b)))
    with new_run(out) as work:
        (work / "run.json").write_text("{}")
        (work / "front.csv").write_text("1")
        (work / "solutions").mkdir()
        assert [name for name in everything(out) if not name.startswith((".partial", ".lock"))] == []
    assert order[-1] == "run.json"
    assert everything(out) == ["front.csv", "run.json", "solutions"]


def test_a_failure_leaves_nothing(tmp_path):
    def fail():
        with new_run(tmp_path / "out") as work:
            (work / "front.csv").write_text("1")
            raise BrokenError

    with pytest.raises(BrokenError):
        fail()
    assert everything(tmp_path) == []


def test_a_failure_keeps_the_earlier_run(tmp_path):
    (tmp_path / "run.json").write_text("old")

    def fail():
        with new_run(tmp_path):
            raise BrokenError

    with pytest.raises(BrokenError):
        fail()
    assert (tmp_path / "run.json").read_text() == "old"


def test_an_earlier_run_is_replaced_as_a_whole(tmp_path):
    (tmp_path / "solutions" / "007").mkdir(parents=True)
    (tmp_path / "solutions" / "007" / "audio.wav").write_text("old")
    (tmp_path / "run.json").write_text("old")
    check_output_folder(tmp_path, overwrite=True)
    with new_run(tmp_path) as work:
        (work / "run.json").write_text("new")
    assert everything(tmp_path) == ["run.json"]


@pytest.mark.parametrize(
    ("content", "overwrite", "message"),
    [
        (["run.json"], False, "--overwrite"),
        (["run.json", "diary.txt"], True, "other things than a run .diary.txt."),
        (["diary.txt"], False, "other things"),
    ],
)
def test_nothing_is_overwritten_by_accident(tmp_path, content, overwrite, message):
    for name in content:
        (tmp_path / name).write_text("precious")
    with pytest.raises(OutputError, match=message):
        check_output_folder(tmp_path, overwrite=overwrite)
    assert everything(tmp_path) == sorted(content)


@pytest.mark.parametrize("name", ["run", "my run", "Bob's run", "--run", "a;b", "$HOME"])
def test_the_command_to_resume_names_one_folder(name):
    command = resume_command(Path(name))
    split = shlex.split(command) if sys.platform != "win32" else command.replace('"', "").split(" ", 2)
    assert split[:2] == ["pymoo-moss", "resume"]
    assert Path(split[2]) == Path(name)
    assert not split[2].startswith("-")


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputError, match="file"):
            check_output_folder(folder, overwrite=True)


def test_an_unwritable_folder_is_refused():
    # Not even root may create files there.
    with pytest.raises(OutputError, match="cannot write"):
        check_output_folder(Path("/proc/moss"), overwrite=False)
    with pytest.raises(OutputError, match="cannot write"), new_run(Path("/proc/moss")):
        pass
