"""The command line, ``pymoo-moss``, and its commands.

What needs torch is imported inside the commands, so that ``--help`` responds at once.
"""

import functools
import inspect
import io
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._invert import INVERT_WORDS
from ._progress import Phase, Progress, show_progress
from .command_line.help import RESEARCH, Command, Group
from .command_line.imports import long_import
from .command_line.mistakes import UsageError, explain
from .command_line.streams import (
    WarningLines,
    checked_output,
    complain,
    on_one_line,
    open_closed_streams,
    say,
)
from .command_line.values import band as band_in_hz
from .command_line.values import grid as grid_size
from .command_line.values import number, one_of, path, whole_number
from .command_line.values import time as time_in_song
from .errors import (
    MossError,
    ObjectiveError,
    OptionError,
    OutputError,
    is_out_of_memory,
    missing_extra,
    renamed,
    unknown_name,
)

if TYPE_CHECKING:
    from pymoo.core.algorithm import Algorithm

    from .runs import SearchPlan, SearchResult, Watch

_DEMO_PROBLEM = "lighthouse-prelude-64x128"

_SEEDING, _SEARCHING = Phase("seeding", "step"), Phase("searching", "generation")
_WRITING, _DRAWING = Phase("writing sounds", "sound"), Phase("drawing page")
_PHASES_OF_HIDING = {"searching": Phase("reading"), "writing": Phase("writing songs")}
_DESCENDING = Phase("searching", "step")

_OUTPUT, _SEARCH, _PICTURE, _SOUND, _PLACE = "Output", "Search", "Picture", "Sound", "Place in the song"
"""Sections of the help."""

app = typer.Typer(cls=Group, add_completion=False, invoke_without_command=True, rich_markup_mode=None)

Image = Annotated[
    Path, typer.Argument(parser=path, metavar="IMAGE", help="The picture: PNG, JPEG, HEIC or another.")
]
Audio = Annotated[
    Path,
    typer.Argument(parser=path, metavar="AUDIO", help="The sound: WAV, MP3, M4A or another, or a video."),
]
Out = Annotated[
    Path,
    typer.Option(
        parser=path,
        metavar="FOLDER",
        help="Folder for the result: new or empty.",
        rich_help_panel=_OUTPUT,
    ),
]
Overwrite = Annotated[
    bool,
    typer.Option("--overwrite", help="Replace an earlier run in that folder.", rich_help_panel=_OUTPUT),
]
Seed = Annotated[
    int,
    typer.Option(
        parser=whole_number(0),
        metavar="NUMBER",
        help="Start of the random numbers (seed), 0 or more: the same one repeats a result, another one "
        "varies it.",
        rich_help_panel=_SEARCH,
    ),
]
Inversion = Annotated[
    str,
    typer.Option(
        parser=one_of("choice", *INVERT_WORDS),
        metavar="CHOICE",
        help="Swap dark and bright: yes, no, or auto, which swaps them for drawings and text on white. "
        "Without a value: yes.",
    ),
]
_PRESET = one_of("preset", "listener", "display", "notebook")
_LEVEL = number(least=-90.0, most=20.0)
_BRIGHTNESS = "Brightness of the picture (gamma), above 0 to 100: above 1 darkens it, below 1 brightens it."


def _problem_options(
    gamma: Annotated[
        float | None,
        typer.Option(
            parser=number(),
            metavar="NUMBER",
            help=f"{_BRIGHTNESS} Default: 1.3, and 1.8 with --preset notebook.",
            rich_help_panel=_PICTURE,
        ),
    ] = None,
    flip: Annotated[
        bool | None,
        typer.Option(
            "--flip/--no-flip",
            help="--flip, the default: upright in viewers that show low notes at the bottom, as nearly all "
            "do. --no-flip: upright where they are at the top.",
        ),
    ] = None,
    invert: Inversion = "auto",
    fmin: Annotated[
        float | None,
        typer.Option(
            parser=number(),
            metavar="HZ",
            help="Lower edge of the picture in Hz, from 0 to half the sample rate: below it the song stays "
            "as it is. Default: half of the upper edge; with other presets than listener 0, and 50 on a log "
            "axis.",
        ),
    ] = None,
    fmax: Annotated[
        float | None,
        typer.Option(
            parser=number(),
            metavar="HZ",
            help="Upper edge of the picture in Hz, at most half the sample rate: above it the song stays as "
            "it is. Default: 16000, or less where the song's sample rate is lower; with other presets than "
            "listener half the sample rate.",
        ),
    ] = None,
    frequency_axis: Annotated[
        str,
        typer.Option(
            parser=one_of("frequency axis", "linear", "log", "mel"),
            metavar="NAME",
            help="Scale of the frequencies in the viewer that the picture is drawn for: linear, log or mel.",
        ),
    ] = "linear",
    dynamic_range_db: Annotated[
        float | None,
        typer.Option(
            parser=number(),
            metavar="DECIBELS",
            help="How much quieter black is than white, above 0 to 200 decibels: more makes dark parts "
            "quieter. Default: 60; 70 with --preset display; with --preset notebook, --floor-quantile takes "
            "its place.",
        ),
    ] = None,
    level_db: Annotated[
        float | None,
        typer.Option(
            "--level",
            parser=_LEVEL,
            metavar="DECIBELS",
            help="How loud white is against the song's loud notes, -90 to 20 decibels. Default: -45; with "
            "other presets than listener, --ceiling-quantile takes its place.",
        ),
    ] = None,
    sample_rate: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1),
            metavar="HZ",
            help="Sample rate of the sounds, which are mono then, in Hz, 1000 to 192000: they keep "
            "frequencies up to half of it. Default: the song's own, with its channels; 16000 with other "
            "presets than listener.",
            rich_help_panel=_SOUND,
        ),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            parser=_PRESET,
            metavar="NAME",
            help="What counts as good (preset). listener: a quiet picture above the music, by what can be "
            "heard; display: a picture all over the song, by what a viewer shows; notebook: the benchmark's "
            "formula.",
            rich_help_panel=RESEARCH,
        ),
    ] = "listener",
    objectives: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="What is minimised (objectives): two or more of visual_l1, visual_ssim, visual_display, "
            "visual_multiscale, audio_log_l1, audio_mel, audio_audibility and mask_roughness, separated by "
            "commas. Default: the preset's.",
        ),
    ] = None,
    grid: Annotated[
        str,
        typer.Option(
            metavar="ROWSxCOLUMNS",
            help="How finely picture and sound are mixed (points of the mask), in frequency x time: more is "
            "finer and slower.",
        ),
    ] = "64x128",
    smoothing: Annotated[
        float | None,
        typer.Option(
            parser=number(),
            metavar="NUMBER",
            help="How softly picture and sound pass into each other, 0 (hard edges) to 100 (blur of the "
            "mask, in bins and frames). Default: 1; 2 with --preset display, 5 with --preset notebook.",
        ),
    ] = None,
    floor_quantile: Annotated[
        float | None,
        typer.Option(
            parser=number(),
            metavar="SHARE",
            help="Loudness of black, where --dynamic-range-db does not set it: the share of the song that "
            "is quieter (quantile), 0 to 1. More makes black louder. Default: 0.01.",
        ),
    ] = None,
    ceiling_quantile: Annotated[
        float | None,
        typer.Option(
            parser=number(),
            metavar="SHARE",
            help="Loudness of white: the share of the song that is quieter (quantile), 0 to 1. More makes "
            "the picture louder. Default: --level; 0.995 with --preset display, 0.98 with --preset notebook.",
        ),
    ] = None,
    n_fft: Annotated[
        int | None,
        typer.Option(
            "--n-fft",
            parser=whole_number(1),
            metavar="SAMPLES",
            help="Length of the window (STFT) in samples, even, 32 to 65536: more separates frequencies "
            "better and moments worse. Default: 64 milliseconds, 1024 at 16000 Hz.",
        ),
    ] = None,
    hop_length: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1),
            metavar="SAMPLES",
            help="From one window to the next in samples, 1 to half of --n-fft: fewer is finer in time and "
            "slower. Default: a quarter of the window.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1, 1024),
            metavar="NUMBER",
            help="Processor threads, 1 to 1024. Default: one for each core.",
        ),
    ] = None,
    device: Annotated[
        str,
        typer.Option(metavar="NAME", help="Where to compute: cpu, or cuda for an NVIDIA graphics card."),
    ] = "cpu",
) -> dict[str, Any]:
    """Collect the options of `MOSSProblem` that were given; the others are left to the preset."""
    given = {name: value for name, value in locals().items() if value is not None}
    given |= {"grid": grid_size(grid), "invert": INVERT_WORDS[invert]}
    if objectives is not None:
        given["objectives"] = [name.strip() for name in objectives.split(",")]
    return given


class _ProblemCommand(Command):
    """A command that takes ``--invert`` without a value as yes, as it was before there was a choice."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what was typed."""
        follows = [*args[1:], ""][: len(args)]
        given = [
            "--invert=yes" if arg == "--invert" and after not in INVERT_WORDS else arg
            for arg, after in zip(args, follows, strict=True)
        ]
        return super().parse_args(ctx, given)


def _with_problem_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that takes ``problem_options`` one command-line option for each of them."""
    own = [p for name, p in inspect.signature(command).parameters.items() if name != "problem_options"]
    shared = [
        p.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for p in inspect.signature(_problem_options).parameters.values()
    ]

    @functools.wraps(command)
    def with_options(**arguments: Any) -> None:
        options = _problem_options(**{p.name: arguments.pop(p.name) for p in shared})
        command(problem_options=options, **arguments)

    with_options.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in (*own, *shared)}
    return with_options


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pymoo-moss {version('pymoo-moss')}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end."),
    ] = False,
) -> None:
    """Find sounds that look like a picture and sound like a song."""
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())
        raise typer.Exit(2)


@app.command(cls=_ProblemCommand)
def hide(
    *,
    first: Annotated[
        Path,
        typer.Argument(parser=path, metavar="[PICTURE]", help="The picture; none with --text or --qr."),
    ],
    second: Annotated[
        Path | None,
        typer.Argument(parser=path, metavar="SONG", help="The song: WAV, FLAC, MP3, M4A or another."),
    ] = None,
    out: Out,
    overwrite: Overwrite = False,
    song_format: Annotated[
        str,
        typer.Option(
            "--format",
            parser=one_of("format", "wav", "flac", "mp3", "m4a", "ogg"),
            metavar="NAME",
            help="Format of the song: wav or flac, which lose nothing, or mp3, m4a or ogg.",
            rich_help_panel=_OUTPUT,
        ),
    ] = "wav",
    text: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help="Hide these words, in quotes.", rich_help_panel=_PICTURE),
    ] = None,
    qr: Annotated[
        str | None,
        typer.Option("--qr", metavar="ADDRESS", help="Hide a QR code with this address or text."),
    ] = None,
    gamma: Annotated[
        float | None,
        typer.Option(parser=number(), metavar="NUMBER", help=f"{_BRIGHTNESS} Default: 1.3."),
    ] = None,
    invert: Inversion = "auto",
    layer_mask: Annotated[
        Path | None,
        typer.Option(
            parser=path,
            metavar="FILE",
            help="A picture that covers what is hidden: white where that may be, black where the song stays.",
        ),
    ] = None,
    at: Annotated[
        float | None,
        typer.Option(
            parser=time_in_song,
            metavar="TIME",
            help="When the picture begins, in seconds or as 1:30. Default: where the song hides it best.",
            rich_help_panel=_PLACE,
        ),
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(
            "--for",
            parser=number(above=0.0),
            metavar="SECONDS",
            help="How long it lasts, in seconds above 0. Default: as long as keeps its shape.",
        ),
    ] = None,
    band: Annotated[
        str | None,
        typer.Option(
            metavar="LOWER-UPPER",
            help="Between which frequencies in Hz it is. Default: 8000-16000, above most music; lower in "
            "songs of a lower sample rate.",
        ),
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            parser=_LEVEL,
            metavar="DECIBELS",
            help="How loud its white is against the loud notes around it, -90 to 20 decibels: -20 is louder "
            "than -30. Default: as loud as is hardly heard.",
        ),
    ] = None,
    effort: Annotated[
        str,
        typer.Option(
            parser=one_of("effort", "quick", "normal", "thorough"),
            metavar="NAME",
            help="How long to search: quick, normal or thorough.",
            rich_help_panel=_SEARCH,
        ),
    ] = "normal",
    seed: Seed = 1,
) -> None:
    """Hide a picture, words or a QR code in a song, for release.

    Outside of the picture the song stays as it is, with its sample rate, channels and tags.

    For example: pymoo-moss hide photo.jpg song.flac --out release
    """
    with long_import():
        from .explore import HidingPlan, Lettering, QRCode, check_output_folder
        from .explore import hide as hide_in_song
        from .runs import check_inputs

    check_output_folder(out, overwrite=overwrite)
    drawn: list[Path | Lettering | QRCode] = [] if second is None else [first]
    drawn += [] if text is None else [Lettering(text)]
    drawn += [] if qr is None else [QRCode(qr)]
    if len(drawn) != 1:
        raise OptionError(
            "expected a picture and a song, or a song with --text or --qr, got "
            + ("a song alone" if not drawn else "more than one thing to hide")
        )
    picture, song = drawn[0], second or first
    check_inputs({"audio": song} | ({"image": picture} if isinstance(picture, Path) else {}))
    plan = HidingPlan(
        start=at,
        duration=duration,
        band=None if band is None else band_in_hz(band),
        level_db=level,
        effort=effort,
        gamma=gamma,
        invert=INVERT_WORDS[invert],
        layer_mask=layer_mask,
        seed=seed,
    )
    with show_progress() as progress, _interruptible() as stopping:
        hidden = hide_in_song(
            picture,
            song,
            out,
            plan,
            format=song_format,
            overwrite=overwrite,
            on_phase=lambda name: progress.update(_PHASES_OF_HIDING[name]),
            after_generation=lambda number: progress.update(_SEARCHING, number),
            should_stop=stopping,
        )
    encoder, folder = hidden.encoder, on_one_line(str(out))
    start, end = (edge / encoder.sample_rate for edge in (encoder.excerpt.start, encoder.excerpt.stop))
    typer.echo(f"The song is {on_one_line(str(out / f'song.{song_format}'))}.")
    typer.echo(
        f"The picture is in it from {start:.1f} to {end:.1f} s, {encoder.axis.low:.0f} to "
        f"{encoder.axis.high:.0f} Hz, its white {-hidden.level_db:.0f} dB under the loud notes around it."
    )
    typer.echo("To see and hear it, open this page in a browser:")
    typer.echo(f"  {_link(out)}")
    typer.echo(f"In {folder}:")
    typer.echo("  viewers.png     how SoX, Audacity, Spek and ffmpeg show it")
    typer.echo("  report.md       what MP3, AAC and Opus leave of it; what to tell listeners")
    typer.echo("  more/           the same with more of the picture, and with less")


@app.command(cls=_ProblemCommand)
@_with_problem_options
def blend(
    *,
    image: Image,
    audio: Audio,
    out: Out,
    overwrite: Overwrite = False,
    sounds: Annotated[
        int,
        typer.Option(
            parser=whole_number(1),
            metavar="NUMBER",
            help="How many sounds to write, evenly from best picture to best sound, 1 or more. The clear "
            "one, best picture, balanced and best sound are always written.",
            rich_help_panel=_OUTPUT,
        ),
    ] = 9,
    morph: Annotated[
        bool,
        typer.Option(
            "--morph",
            help="Also write one sound that changes from the song to the picture, and its video.",
            rich_help_panel=_OUTPUT,
        ),
    ] = False,
    seconds: Annotated[
        float | None,
        typer.Option(
            parser=number(above=0.0),
            metavar="SECONDS",
            help="Stop the search after so many seconds, above 0. Default: no such limit.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    generations: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1),
            metavar="NUMBER",
            help="Stop the search after so many rounds (generations), 1 or more: more find better sounds "
            "and take longer. Default: 20, and no such limit with --seconds.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    seed: Seed = 1,
    algorithm: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Search method (algorithm): hybrid, ascent, tracer, or one of pymoo's, nsga2 for example, "
            "which then starts from gradient seeds and is refined by gradients. Default: hybrid.",
            rich_help_panel=RESEARCH,
        ),
    ] = None,
    population: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(4),
            metavar="NUMBER",
            help="How many solutions are kept at a time (population), 4 or more. Default: 100.",
            rich_help_panel=RESEARCH,
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(0),
            metavar="NUMBER",
            help="Gradient steps of the search's first part (seeding), 0 or more. Default: 100.",
            rich_help_panel=RESEARCH,
        ),
    ] = None,
    problem_options: dict[str, Any],
) -> None:
    """Make a series of sounds from a picture and a song, from best picture to best sound.

    For example: pymoo-moss blend photo.jpg song.mp3 --out mine
    """
    with long_import():
        from .explore import check_output_folder, run_in_folder
        from .problem import MOSSProblem
        from .runs import RunSettings, SearchPlan, check_inputs

    check_output_folder(out, overwrite=overwrite)
    inputs = {"image": image, "audio": audio}
    check_inputs(inputs)
    options = {"algorithm": algorithm, "generations": generations, "population": population, "steps": steps}
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if seconds is not None:
        given |= {"seconds": seconds, "generations": generations}
    plan = SearchPlan(seed=seed, **given)
    problem = MOSSProblem(image, audio, **problem_options)
    with _watched(out) as watch:
        result = run_in_folder(
            out,
            problem,
            plan,
            settings=RunSettings.of_files(image, audio, problem_options).to_json(),
            inputs=inputs,
            count=sounds,
            morph=morph,
            watch=watch,
        )
    _report(result, out)


@app.command(cls=Command)
def demo(out: Out = Path("out/demo"), overwrite: Overwrite = False, seed: Seed = 1) -> None:
    """Do what blend does, with the picture and the music that come with the program."""
    with long_import():
        from .explore import check_output_folder, run_in_folder
        from .instances import get_problem
        from .runs import RunSettings, SearchPlan

    check_output_folder(out, overwrite=overwrite)
    options = {"preset": "display"}
    problem = get_problem(_DEMO_PROBLEM, **options)
    plan = SearchPlan(generations=8, seed=seed)
    settings = RunSettings.of_frozen_problem(_DEMO_PROBLEM, options)
    with _watched(out) as watch:
        result = run_in_folder(out, problem, plan, settings=settings.to_json(), watch=watch)
    _report(result, out)


@app.command("resume", cls=Command)
def resume_run(
    run: Annotated[
        Path,
        typer.Argument(
            parser=path,
            metavar="FOLDER",
            help="Folder of a run of blend or demo: interrupted, stopped or finished.",
        ),
    ],
    generations: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1),
            metavar="NUMBER",
            help="Stop after so many rounds (generations), 1 or more, counted from the run's beginning. "
            "Default: as the run was started.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option(
            parser=number(above=0.0),
            metavar="SECONDS",
            help="Stop after so many seconds of searching, above 0, counted from the run's beginning. "
            "Default: as the run was started.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
) -> None:
    """Continue a run from where it was last saved (checkpoint)."""
    with long_import():
        from .explore import resume
        from .runs import SearchPlan

    new_limit = generations is not None or seconds is not None
    until = SearchPlan(generations=generations, seconds=seconds).termination() if new_limit else None
    with _watched(run) as watch:
        result = resume(run, until, watch=watch)
    _report(result, run)


@app.command(cls=_ProblemCommand)
@_with_problem_options
def single(
    *,
    image: Image,
    audio: Audio,
    out: Out,
    overwrite: Overwrite = False,
    visual: Annotated[
        float,
        typer.Option(
            parser=number(least=0.0, most=1.0),
            metavar="SHARE",
            help="How much the picture counts against the song (weight), from 0, the song alone, to 1, the "
            "picture alone.",
            rich_help_panel=_SEARCH,
        ),
    ] = 0.8,
    steps: Annotated[
        int,
        typer.Option(
            parser=whole_number(0),
            metavar="NUMBER",
            help="Length of the search (gradient steps), 0 or more: more find a better sound and take "
            "longer.",
            rich_help_panel=_SEARCH,
        ),
    ] = 200,
    problem_options: dict[str, Any],
) -> None:
    """Make one sound from a picture and a song; faster than blend.

    For example: pymoo-moss single photo.jpg song.mp3 --out one
    """
    with long_import():
        from .explore import check_output_folder, write_single
        from .problem import MOSSProblem
        from .runs import RunSettings, check_inputs
        from .search import minimize_weighted

    check_output_folder(out, overwrite=overwrite)
    inputs = {"image": image, "audio": audio}
    check_inputs(inputs)
    problem = MOSSProblem(image, audio, **problem_options)
    if problem.n_obj != 2:
        raise OptionError(
            f"expected two objectives, which --visual weighs, got {problem.n_obj}: name two with --objectives"
        )
    settings = RunSettings.of_files(image, audio, problem_options)
    settings = settings.with_hashes(inputs)
    with show_progress() as progress, _interruptible() as stopping:

        def on_step(step: int, values: object) -> bool:
            progress.update(_DESCENDING, step, steps)
            return stopping()

        started = time.perf_counter()
        result = minimize_weighted(problem, (visual, 1 - visual), steps=steps, on_step=on_step)
        seconds = time.perf_counter() - started
        progress.update(_DRAWING)
        write_single(out, problem, result, {**settings.to_json(), "visual": visual, "steps": steps}, seconds)
    typer.echo(f"The sound is {on_one_line(str(out / 'audio.wav'))}.")
    typer.echo("To see and hear the result, open this page in a browser:")
    typer.echo(f"  {_link(out)}")
    typer.echo(
        f"Also in {on_one_line(str(out))}: spectrogram.png, mask.png, solution.png, masks.npz, run.json"
    )
    typer.echo("For researchers, the losses, where 0 is best:")
    for objective, value in zip(problem.objectives, result.F, strict=True):
        typer.echo(f"  {objective.name}: {value:.4f}")


@app.command(cls=Command)
def problems(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A problem to describe; without it, all are listed."),
    ] = None,
    preset: Annotated[
        str,
        typer.Option(
            parser=_PRESET,
            metavar="NAME",
            help="Formulas of the problems (preset): notebook, display or listener.",
            rich_help_panel=RESEARCH,
        ),
    ] = "notebook",
) -> None:
    """List the test problems for researchers, or describe one in JSON.

    The list gives the best known hypervolume of each, where 1 is perfect.
    """
    import json

    from .instances import get_problem, get_reference, list_problems

    if name is not None:
        typer.echo(json.dumps(get_problem(name, preset=preset).describe(), indent=2))
        return
    heads = ["constant masks", "best known"] + ["certified bound"] * (preset == "notebook")
    typer.echo("  ".join(["problem".ljust(28), *heads]))
    for problem in list_problems():
        known = get_reference(problem, preset)
        values = [known.sweep_hypervolume, known.hypervolume]
        values += [known.bounds.hypervolume_upper] if known.bounds is not None else []
        figures = (f"{value:.5f}".ljust(len(head)) for value, head in zip(values, heads, strict=True))
        typer.echo("  ".join([problem.ljust(28), *figures]).rstrip())


@app.command(cls=Command)
def study(
    *,
    file: Annotated[
        Path,
        typer.Argument(
            parser=path,
            metavar="STUDY.toml",
            help="File that names problems, algorithms, seeds and budget.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            parser=path,
            metavar="FOLDER",
            help="Folder for the results; an interrupted study in it is continued.",
            rich_help_panel=_OUTPUT,
        ),
    ],
    jobs: Annotated[
        int,
        typer.Option(
            parser=whole_number(-1),
            metavar="NUMBER",
            help="Runs at the same time, 1 or more; -1 for one per processor core.",
            rich_help_panel=_SEARCH,
        ),
    ] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Run on other machines: the address of a dask scheduler, tcp://host:8786 for example.",
            rich_help_panel=_SEARCH,
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="ALGORITHM",
            help="Algorithm that per_problem.tex compares the others with. Default: the first.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
    export: Annotated[
        list[str] | None,
        typer.Option(
            parser=one_of("format", "ioh", "coco"),
            metavar="FORMAT",
            help="Write the runs for other tools too: ioh for IOHanalyzer, coco for cocopp; may be repeated.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None,
) -> None:
    """Compare algorithms on test problems, with statistics and plots; for researchers.

    If runs fail, the report covers the others, and the exit code is 1.
    """
    from .study import export_coco, export_ioh, read_study
    from .study.report import check_report_folder, write_report

    # Checked before the runs, which may take hours.
    with missing_extra("study"):
        import joblib  # noqa: F401
        import pandas  # noqa: F401
    plan = read_study(file, out)
    if reference is not None and reference not in plan.algorithms:
        raise unknown_name("algorithm of the study", reference, plan.algorithms)
    exports = {name: {"ioh": export_ioh, "coco": export_coco}[name] for name in export or []}
    check_report_folder(out, exports)
    # Signals are raised as errors, because worker processes would outlive this one.
    with warnings.catch_warnings(), _ended_by_signals(lambda number: 128 + number):
        # The ranking lists them too.
        warnings.filterwarnings("ignore", r"\d+ of \d+ runs failed")
        try:
            result = plan.run(jobs, "loky" if scheduler is None else "dask", scheduler, progress=True)
        except (KeyboardInterrupt, SystemExit):
            say("ended at once; finished runs are kept, and the same command goes on with the others")
            raise
    written = write_report(out, result, reference)
    for name, export_to in exports.items():
        export_to(result, out / name)
        written.append(f"{name}/")
    typer.echo((out / "ranking.md").read_text(encoding="utf-8"), nl=False)
    typer.echo(f"The report is in {on_one_line(str(out))}: {', '.join(written)}.")
    typer.echo("Begin with ranking.md, which is shown above, and plots/.")
    if result.broken:
        say("some runs failed: the report covers the others, and the same command repeats the failed ones")
        raise typer.Exit(1)


@app.command("app", cls=Command)
def serve(
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where the app can be reached: 127.0.0.1 is this machine alone, 0.0.0.0 lets others in.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            parser=whole_number(1, 65535),
            metavar="NUMBER",
            help="Port of the address, 1 to 65535. Default: the first free one from 7860 on.",
        ),
    ] = None,
    most_seconds: Annotated[
        float,
        typer.Option(
            parser=number(least=1.0), metavar="SECONDS", help="Longest sound that is accepted, in seconds."
        ),
    ] = 600.0,
    most_megabytes: Annotated[
        int,
        typer.Option(
            parser=whole_number(1),
            metavar="MEGABYTES",
            help="Largest file that is accepted, in megabytes.",
        ),
    ] = 100,
) -> None:
    """Do all of this in a browser: choose files, watch the search, look, listen and adjust."""
    from .app import App

    # As after Ctrl-C, the app's files are removed.
    with _ended_by_signals(lambda number: 0):
        server = App(most_seconds, most_megabytes)
        try:
            typer.echo(f"open {server.launch(host, port)} in a browser; Ctrl-C ends the app")
            server.wait()
        finally:
            server.close()


@contextmanager
def _watched(out: Path) -> Iterator["Watch"]:
    """Show the progress of a run, let Ctrl-C stop it early, and say how it can be resumed."""
    from .runs import Watch, resume_command

    with _interruptible() as stopping, show_progress() as progress:
        shown = _Shown(progress, stopping)
        try:
            yield Watch(
                on_start=shown.on_start,
                on_step=shown.on_step,
                after_generation=shown.after_generation,
                should_stop=stopping,
                on_solution=shown.on_solution,
            )
        except (KeyboardInterrupt, SystemExit):
            say(f"ended at once; to continue from the last checkpoint: {resume_command(out)}")
            raise
        except OutputError as error:
            if not shown.begun:
                raise
            raise OutputError(f"{error}; what was found is kept: {resume_command(out)}") from error


class _Shown:
    """Shows what a run notifies.

    Attributes:
        begun: whether the search has begun, so that the run can be resumed.
    """

    def __init__(self, progress: Progress, stopping: Callable[[], bool]) -> None:
        self._progress, self._stopping = progress, stopping
        self.begun = False
        self._steps: int | None = None
        self._generations: int | None = None
        self._quality: Callable[[], str] = str

    def on_start(self, plan: "SearchPlan", algorithm: "Algorithm") -> None:
        """Begin, now that everything is checked and the first checkpoint is written."""
        self.begun = True
        self._steps, self._generations = plan.steps, plan.generations
        self._quality = lambda: _quality(algorithm)
        interrupts = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        say("searching" + ("; Ctrl-C stops early and keeps the best so far" if interrupts else ""))

    def on_step(self, step: int, values: object) -> bool:
        self._progress.update(_SEEDING, step, self._steps)
        return self._stopping()

    def after_generation(self, number: int) -> None:
        self._progress.update(_SEARCHING, number, self._generations, self._quality())

    def on_solution(self, done: int, total: int) -> None:
        self._progress.update(_WRITING, done, total)
        if done == total:
            self._progress.update(_DRAWING)


def _quality(algorithm: "Algorithm") -> str:
    """Measure the front of a search, where its problem has a measure."""
    try:
        return f"hypervolume {algorithm.problem.hypervolume(algorithm.opt.get('F')):.4f} of 1"
    except ObjectiveError:
        return ""


def _report(result: "SearchResult", out: Path) -> None:
    from .runs import resume_command

    folders = sorted(entry.name for entry in (out / "solutions").iterdir())
    folder = on_one_line(str(out))
    if result.stopped:
        typer.echo("stopped early; what was found is kept")
    if len(folders) == 1:
        typer.echo(f"1 sound is in {folder}.")
        named = folders[0]
    else:
        typer.echo(f"{len(folders)} sounds, from best picture to best sound, are in {folder}.")
        named = f"{folders[0]} (best picture) to {folders[-1]} (best sound)"
    typer.echo("To see and hear the result, open this page in a browser:")
    typer.echo(f"  {_link(out)}")
    typer.echo(f"In {folder}:")
    typer.echo("  index.html      the page: look at all solutions, listen to the sounds")
    typer.echo("  picks.png       clear picture and song, best picture, balanced, best sound")
    typer.echo(f"  solutions/      a folder for each, {named},")
    typer.echo("                  with audio.wav, spectrogram.png, mask.png (white: picture)")
    if (out / "morph.wav").exists():
        typer.echo("  morph.wav       one sound from the song to the picture; morph.png, morph.mp4")
    typer.echo("  inputs.png      the picture and the song; evolution.gif the search")
    typer.echo("  front.png       all solutions as points (front); front.csv their numbers")
    typer.echo("  masks.npz       all masks; run.json the record of the run")
    typer.echo("  checkpoint/     for a longer search; may be deleted. Twice as many rounds:")
    rounds = 2 * len(result.recorder.generations)
    typer.echo(f"                  {resume_command(out)} --generations {rounds}")
    gap = result.hypervolume - result.sweep_hypervolume
    typer.echo(
        f"For researchers: {len(result.F)} solutions after {result.n_eval} evaluations in "
        f"{result.seconds:.0f} s,"
    )
    typer.echo(
        f"  hypervolume {result.hypervolume:.4f}, {gap:+.4f} against constant masks "
        f"({result.sweep_hypervolume:.4f})"
    )


def _link(out: Path) -> str:
    """Return the address of a run's page, which browsers and most terminals open."""
    return (out / "index.html").resolve().as_uri()


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a request to stop, which the block queries; a second one interrupts."""
    requested = False

    def request(number: int, frame: FrameType | None) -> None:
        nonlocal requested
        requested = True
        signal.signal(signal.SIGINT, before)
        # The terminal has written ^C.
        say(
            ("\n" if sys.stderr.isatty() else "")
            + "stopping: what was found so far is being written; press Ctrl-C again to end at once"
        )

    before = signal.getsignal(signal.SIGINT)
    # Where Ctrl-C is ignored, as in a script's background jobs, it stays ignored.
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, request)
    # SystemExit lets the block clean up, as a second Ctrl-C does.
    with _ended_by_signals(lambda number: 128 + number):
        try:
            yield lambda: requested
        finally:
            signal.signal(signal.SIGINT, before)


@contextmanager
def _ended_by_signals(code: Callable[[int], int]) -> Iterator[None]:
    """Let SIGTERM, and the hangup when the terminal is closed, raise SystemExit with a code in the block."""
    names = ("SIGTERM", "SIGHUP")  # the second one is not on Windows
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # What is ignored stays ignored: so does nohup.
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, lambda number, frame: sys.exit(code(number))) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_TYPED = {
    "count": "--sounds",
    "n_jobs": "--jobs",
    "image": "IMAGE",
    "audio": "AUDIO",
    "level_db": "--level",
    "start": "--at",
    "duration": "--for",
}
"""How parameters are typed whose options have other names."""


def _as_typed() -> dict[str, str]:
    """Return the options of all commands by the names of the parameters that they set."""
    commands = (_problem_options, hide, blend, resume_run, single, study, serve)
    names = {name for command in commands for name in inspect.signature(command).parameters}
    return {name: f"--{name.replace('_', '-')}" for name in names - {"run", "file", "out"}} | _TYPED


def main() -> None:
    """Run the command line; errors of the package become one line and exit code 2."""
    open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding does not have must not end a run that is being reported.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = WarningLines()
    try:
        with checked_output():
            code = app(standalone_mode=False)
    except UsageError as error:
        complain(explain(error))
        code = 2
    except MossError as error:
        complain(renamed(str(error), _as_typed()))
        code = 2
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        complain(
            "there is not enough memory: choose a shorter sound or a smaller picture, or lower --population, "
            "--grid or --sample-rate"
        )
        code = 2
    sys.exit(code or 0)
