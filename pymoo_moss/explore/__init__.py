"""Search in a folder, and look at and listen to what was found: figures, animation, page and sounds."""

from ..release import HiddenPicture, HidingPlan, Lettering, QRCode
from ..runs import (
    Checkpoints,
    ExportedSound,
    SearchPlan,
    SoundExporter,
    Watch,
    check_output_folder,
    evenly_along,
    export_sound,
    file_hashes,
    search_algorithm,
    three_picks,
)
from .animation import save_evolution
from .export import write_run, write_single
from .figures import draw_spectrogram, front_figure, inputs_figure, solutions_figure, spectrogram_figure
from .hide import FORMATS, hide
from .job import resume, run_in_folder
from .page import PageLimits
from .renderer import Renderer
from .run import RunResult, load_run, run_search
from .show import Page, show

__all__ = [
    "SearchPlan",
    "run_search",
    "search_algorithm",
    "hide",
    "HidingPlan",
    "HiddenPicture",
    "Lettering",
    "QRCode",
    "FORMATS",
    "run_in_folder",
    "resume",
    "Watch",
    "Checkpoints",
    "check_output_folder",
    "RunResult",
    "load_run",
    "three_picks",
    "evenly_along",
    "show",
    "Page",
    "PageLimits",
    "write_run",
    "write_single",
    "Renderer",
    "file_hashes",
    "export_sound",
    "ExportedSound",
    "SoundExporter",
    "draw_spectrogram",
    "front_figure",
    "inputs_figure",
    "solutions_figure",
    "spectrogram_figure",
    "save_evolution",
]
