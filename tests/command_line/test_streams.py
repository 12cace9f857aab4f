"""Warnings, and standard streams that cannot be written."""

import io
import sys
import warnings

import pytest

from pymoo_moss.command_line.streams import WarningLines, checked_output, say
from pymoo_moss.errors import OutputError


def test_warnings_are_one_line_each_and_once(capsys, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", WarningLines())
        for number in (1, 1, 2):
            warnings.warn(f"file {number}\n  is damaged", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "pymoo-moss: file 1 is damaged\npymoo-moss: file 2 is damaged\n"


def test_warnings_of_pillow_are_not_shown(capsys):
    WarningLines()("Corrupt EXIF data", UserWarning, "/venv/site-packages/PIL/TiffImagePlugin.py", 950)
    assert capsys.readouterr().err == ""


class Full(io.StringIO):
    error = OSError(28, "No space left on device")

    def write(self, text):
        raise self.error


class Unread(Full):
    error = BrokenPipeError(32, "Broken pipe")


def test_a_full_output_is_an_error_in_one_line_every_time(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Full())
    with checked_output():
        for _ in range(2):
            with pytest.raises(OutputError, match=r"standard output \(No space left on device\)"):
                print("found")


def test_a_pipe_that_nobody_reads_stays_the_error_that_it_is(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Unread())
    with checked_output(), pytest.raises(BrokenPipeError):
        print("found")


@pytest.mark.parametrize("stream", [None, Full()])
def test_messages_that_cannot_be_written_do_no_harm(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    say("searching")
    monkeypatch.setattr(sys, "stdout", None)
    with checked_output():
        print("found")
