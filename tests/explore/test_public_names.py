"""What version 0.1 offered can still be imported from where it was."""

import pytest

import pymoo_moss.explore
import pymoo_moss.runs

NAMES_OF_VERSION_0_1 = [
    "Checkpoints",
    "ExportedSound",
    "Page",
    "PageLimits",
    "Renderer",
    "RunResult",
    "SearchPlan",
    "SoundExporter",
    "Watch",
    "check_output_folder",
    "draw_spectrogram",
    "evenly_along",
    "export_sound",
    "file_hashes",
    "front_figure",
    "inputs_figure",
    "load_run",
    "resume",
    "run_in_folder",
    "run_search",
    "search_algorithm",
    "save_evolution",
    "show",
    "solutions_figure",
    "spectrogram_figure",
    "three_picks",
    "write_run",
    "write_single",
]


@pytest.mark.parametrize("name", NAMES_OF_VERSION_0_1)
def test_names_of_version_0_1_are_there(name):
    assert name in pymoo_moss.explore.__all__
    assert hasattr(pymoo_moss.explore, name)


@pytest.mark.parametrize("room", [pymoo_moss.explore, pymoo_moss.runs])
def test_every_public_name_is_there_and_named_once(room):
    assert all(hasattr(room, name) for name in room.__all__)
    assert len(set(room.__all__)) == len(room.__all__)
