"""Runs: a search with its plan, its checkpoints and its folder, and what it found. Nothing here draws.

`pymoo_moss.explore` has what users call: it searches in a folder and writes what people look at.
"""

from .checkpointing import Checkpoints, CheckpointWriter, load_newest_checkpoint
from .folder import CHECKPOINTS, INPUTS, check_output_folder, new_run, only_writer, resume_command
from .inputs import check_inputs, copy_inputs, copy_name, file_hashes
from .live import LiveSearch, Moment
from .load import load_run
from .plan import SearchPlan, search_algorithm
from .record import environment, values_by_name, write_record, write_single_record
from .result import SearchResult
from .search import continue_search, run_search
from .selection import PICK_LABELS, by_picture, clear_pick, distances_along, evenly_along, three_picks
from .settings import RunFacts, RunSettings
from .sound import ExportedSound, SoundExporter, ViewSimilarity, blended, export_sound
from .steering import Direction, steer
from .terminations import parse_termination, set_termination, with_limits_of
from .watch import Watch

__all__ = [
    "SearchPlan",
    "blended",
    "search_algorithm",
    "run_search",
    "continue_search",
    "SearchResult",
    "three_picks",
    "clear_pick",
    "PICK_LABELS",
    "evenly_along",
    "distances_along",
    "by_picture",
    "steer",
    "Direction",
    "LiveSearch",
    "Moment",
    "Watch",
    "SoundExporter",
    "ExportedSound",
    "ViewSimilarity",
    "export_sound",
    "RunSettings",
    "RunFacts",
    "load_run",
    "write_record",
    "write_single_record",
    "values_by_name",
    "environment",
    "check_output_folder",
    "new_run",
    "only_writer",
    "resume_command",
    "CHECKPOINTS",
    "INPUTS",
    "check_inputs",
    "file_hashes",
    "copy_name",
    "copy_inputs",
    "Checkpoints",
    "CheckpointWriter",
    "load_newest_checkpoint",
    "parse_termination",
    "with_limits_of",
    "set_termination",
]
