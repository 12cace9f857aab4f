"""Which option was meant."""

import pytest
from typer.main import get_command

from pymoo_moss.cli import app
from pymoo_moss.command_line.mistakes import nearest_option

OPTIONS = [name for option in get_command(app).commands["blend"].params for name in option.opts]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--output", "--out"),
        ("--smothing", "--smoothing"),
        ("--generation", "--generations"),
        ("--sound", "--sounds"),
        ("--sample_rate", "--sample-rate"),
        ("--Seed", "--seed"),
        ("--gen", "--generations"),
    ],
)
def test_slips_and_beginnings_are_recognised(typed, meant):
    assert nearest_option(typed, OPTIONS) == meant


@pytest.mark.parametrize(
    "typed",
    ["--duration", "--start", "--stereo", "--mp3", "--length", "--end", "--loud", "--text", "-o", "--x"],
)
def test_options_that_do_something_else_are_not_proposed(typed):
    assert nearest_option(typed, OPTIONS) is None
