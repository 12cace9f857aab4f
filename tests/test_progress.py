"""Progress as lines, by a clock of the test's own, and as bars in terminals of many widths."""

import io
import re
import sys

import pytest

from pymoo_moss._progress import Phase, ProgressLines, show_progress

SEARCHING, WRITING = Phase("searching", "generation"), Phase("writing sounds", "sound")


class Clock:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stream():
    return io.StringIO()


def test_each_phase_begins_with_a_line_and_ten_seconds_give_another(clock, stream):
    lines = ProgressLines(stream, clock)
    for clock.seconds in range(26):
        lines.update(SEARCHING, clock.seconds + 1, 40, "hypervolume 0.5 of 1")
    clock.seconds = 26
    lines.update(WRITING, 0, 9)
    clock.seconds = 3700
    lines.update(WRITING, 1, 9)
    assert stream.getvalue() == (
        "0:00 searching: generation 1 of 40, hypervolume 0.5 of 1\n"
        "0:10 searching: generation 11 of 40, hypervolume 0.5 of 1\n"
        "0:20 searching: generation 21 of 40, hypervolume 0.5 of 1\n"
        "0:26 writing sounds: sound 0 of 9\n"
        "1:01:40 writing sounds: sound 1 of 9\n"
    )


def test_a_step_that_takes_long_gives_lines_too(clock, stream):
    lines = ProgressLines(stream, clock)
    lines.tick()
    lines.update(SEARCHING, 1)
    for clock.seconds in (9.9, 10.1, 15.0, 20.2):
        lines.tick()
    assert stream.getvalue().splitlines() == [
        "0:00 searching: generation 1",
        "0:10 searching: generation 1",
        "0:20 searching: generation 1",
    ]


def test_the_last_state_is_written_at_the_end(clock, stream):
    with ProgressLines(stream, clock) as lines:
        lines.update(SEARCHING, 1, 3)
        lines.update(SEARCHING, 3, 3)
    assert stream.getvalue().splitlines() == [
        "0:00 searching: generation 1 of 3",
        "0:00 searching: generation 3 of 3",
    ]


def test_a_total_that_is_not_known_is_not_shown(clock, stream):
    lines = ProgressLines(stream, clock)
    lines.update(SEARCHING, 2, None)
    lines.update(Phase("drawing page"))
    assert stream.getvalue() == "0:00 searching: generation 2\n0:00 drawing page\n"


class Broken(io.StringIO):
    def write(self, text):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("stream", [None, Broken()])
def test_a_job_goes_on_where_its_progress_cannot_be_written(stream, clock):
    with ProgressLines(stream, clock) as lines:
        lines.update(SEARCHING, 1, 3)


def test_nothing_is_shown_before_the_first_update(stream):
    with show_progress(stream):
        pass
    assert stream.getvalue() == ""


def test_a_stream_that_is_no_terminal_gets_plain_lines(stream, monkeypatch):
    # rich takes these for a terminal.
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    with show_progress(stream) as progress:
        for number in range(3):
            progress.update(SEARCHING, number)
    assert "\x1b" not in stream.getvalue()
    assert "\r" not in stream.getvalue()
    assert "generation 0\n" in stream.getvalue()


needs_terminals = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals on this system")


def shown(columns):
    # Not at the top: Windows lacks what it imports.
    from .terminal import terminal

    with terminal(columns) as (written, stream), show_progress(stream) as progress:
        for number in range(4):
            progress.update(SEARCHING, number)
        progress.update(SEARCHING, 4, 12)
        progress.update(WRITING, 9, 10)
        progress.update(Phase("drawing page"))
    return written


@needs_terminals
@pytest.mark.parametrize("columns", [20, 25, 39, 40, 59, 60, 80, 200])
def test_bars_take_one_line_each_in_terminals_of_any_width(columns, monkeypatch):
    # The environment may say another width than the terminal has.
    monkeypatch.setenv("COLUMNS", "1" if columns == 80 else "200")
    monkeypatch.setenv("TERM", "xterm")
    written = shown(columns)
    lines = [line for line in written.lines if line]
    assert [line.split("  ")[0].strip(" ━╸╺")[:9] for line in lines] == [
        "searching",
        "writing s",
        "drawing p",
    ]
    assert "4/12" in lines[0]
    assert "9/10" in lines[1]
    assert b"None" not in written.raw


@needs_terminals
@pytest.mark.parametrize(("before", "after"), [(80, 40), (80, 20), (60, 25), (40, 20), (20, 40), (39, 100)])
def test_bars_fit_into_a_terminal_that_is_resized(before, after, monkeypatch):
    from .terminal import terminal

    monkeypatch.setenv("TERM", "xterm")
    with terminal(before) as (written, stream), show_progress(stream) as progress:
        progress.update(SEARCHING, 3, 12)
        written.resize(after)
        progress.update(SEARCHING, 12, 12)
        progress.update(WRITING, 9, 10)
    lines = [line for line in written.lines if line][-2:]
    # What is counted stays; bar and time are there where they fit.
    assert "12/12" in lines[0]
    assert "9/10" in lines[1]
    for line in lines:
        assert ("━" in line) == (after >= 60)
        assert bool(re.search(r"\d:\d\d:\d\d", line)) == (after >= 40)
        assert "…" not in line


class ClosedTerminal(Broken):
    """As after its window was closed."""

    def isatty(self):
        return True

    def flush(self):
        raise OSError(5, "Input/output error")


def test_a_job_goes_on_where_its_terminal_is_closed(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    with show_progress(ClosedTerminal()) as progress:
        progress.update(SEARCHING, 1, 3)
        progress.update(WRITING, 1, 3)


@needs_terminals
@pytest.mark.parametrize(("columns", "term"), [(80, "dumb"), (19, "xterm"), (1, "xterm")])
def test_terminals_without_room_or_without_a_cursor_get_plain_lines(columns, term, monkeypatch):
    monkeypatch.setenv("TERM", term)
    assert b"\x1b" not in shown(columns).raw
