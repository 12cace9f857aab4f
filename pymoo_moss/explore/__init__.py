"""What people look at and listen to: figures, animation, selections of a front, and the run on disk."""

from .animation import save_evolution
from .checkpoints import Checkpoints
from .export import file_hashes, write_run, write_single
from .figures import draw_spectrogram, front_figure, inputs_figure, solutions_figure, spectrogram_figure
from .folder import check_output_folder
from .page import PageLimits
from .plan import SearchPlan
from .reading import load_run
from .renderer import Renderer
from .resume import Watch, resume, run_in_folder
from .run import RunResult, run_search, search_algorithm
from .selection import evenly_along, three_picks
from .show import Page, show
from .sound import ExportedSound, SoundExporter, export_sound

__all__ = [
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
