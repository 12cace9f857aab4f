"""The command line, ``pymoo-moss``, and its commands.

What needs torch is imported inside the commands, so that ``--help`` responds at once.
"""

import enum
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
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from typer.core import TyperCommand

from .errors import MossError, OptionError, missing_extra

if TYPE_CHECKING:
    from .runs import SearchResult, Watch

_DEMO_PROBLEM = "lighthouse-prelude-64x128"

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


class Preset(str, enum.Enum):
    """The presets of `MOSSProblem`."""

    display = "display"
    notebook = "notebook"


class Invert(str, enum.Enum):
    """The words for ``invert`` of `MaskEncoder`."""

    auto = "auto"
    yes = "yes"
    no = "no"


class Axis(str, enum.Enum):
    """The frequency axes of `MaskEncoder`."""

    linear = "linear"
    log = "log"
    mel = "mel"


Image = Annotated[Path, typer.Argument(metavar="IMAGE", help="Picture: PNG, JPEG, any format Pillow reads.")]
Audio = Annotated[Path, typer.Argument(metavar="AUDIO", help="Sound: WAV, FLAC, OGG or MP3.")]
Out = Annotated[Path, typer.Option(help="Folder to write to; new or empty.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run in that folder.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the random numbers.")]


def _problem_options(
    preset: Annotated[
        Preset, typer.Option(help="display: the picture can be seen; notebook: the benchmark.")
    ] = Preset.display,
    objectives: Annotated[str | None, typer.Option(help="Two or more names, separated by commas.")] = None,
    grid: Annotated[str, typer.Option(metavar="ROWSxCOLUMNS", help="Points of the mask.")] = "64x128",
    smoothing: Annotated[float | None, typer.Option(help="Blur of the mask in bins and frames.")] = None,
    sample_rate: Annotated[int | None, typer.Option(help="Sample rate in Hz; 16000 by default.")] = None,
    n_fft: Annotated[int | None, typer.Option("--n-fft", help="Window in samples; 1024 by default.")] = None,
    hop_length: Annotated[int | None, typer.Option(help="Hop length in samples; 256 by default.")] = None,
    gamma: Annotated[float | None, typer.Option(help="Exponent of brightness; above 1 darkens.")] = None,
    floor_quantile: Annotated[float | None, typer.Option(help="Quantile of the sound for black.")] = None,
    ceiling_quantile: Annotated[float | None, typer.Option(help="Quantile of the sound for white.")] = None,
    dynamic_range_db: Annotated[float | None, typer.Option(help="Decibels from white to black.")] = None,
    flip: Annotated[
        bool | None, typer.Option("--flip/--no-flip", help="Upright where low frequencies are at the bottom.")
    ] = None,
    invert: Annotated[
        Invert, typer.Option(help="Swap dark and bright; auto: of drawings on white.")
    ] = Invert.auto,
    fmin: Annotated[float | None, typer.Option(help="Lowest frequency of the picture in Hz.")] = None,
    fmax: Annotated[float | None, typer.Option(help="Highest frequency of the picture in Hz.")] = None,
    frequency_axis: Annotated[Axis, typer.Option(help="Frequency axis of the viewer.")] = Axis.linear,
    threads: Annotated[int | None, typer.Option(min=1, help="Processor threads; all by default.")] = None,
    device: Annotated[str, typer.Option(help="Where to compute: cpu, cuda.")] = "cpu",
) -> dict[str, Any]:
    """Collect the options of `MOSSProblem` that were given; the others are left to the preset."""
    given = {name: value for name, value in locals().items() if value is not None}
    given |= {"preset": preset.value, "frequency_axis": frequency_axis.value, "grid": _parse_grid(grid)}
    from .spectrogram import INVERT_WORDS

    given["invert"] = INVERT_WORDS[invert.value]
    if objectives is not None:
        given["objectives"] = [name.strip() for name in objectives.split(",")]
    return given


class _ProblemCommand(TyperCommand):
    """A command that takes ``--invert`` without a value as yes, as it was before there was a choice."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = {word.value for word in Invert}
        follows = [*args[1:], ""]
        given = [
            "--invert=yes" if arg == "--invert" and after not in words else arg
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
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Find sounds that look like a picture and sound like a song."""


@app.command(cls=_ProblemCommand)
@_with_problem_options
def blend(
    *,
    image: Image,
    audio: Audio,
    out: Out,
    overwrite: Overwrite = False,
    algorithm: Annotated[
        str | None,
        typer.Option(
            help="hybrid, tracer, or a pymoo algorithm to seed and refine by gradients; hybrid by default."
        ),
    ] = None,
    generations: Annotated[
        int | None, typer.Option(min=1, help="Limit of generations; 30 by default, none with --seconds.")
    ] = None,
    population: Annotated[
        int | None, typer.Option(min=4, help="Masks in the population; 100 by default.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.001, help="Limit of the search's time in seconds.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=0, help="Gradient steps of the seeding; 100 by default.")
    ] = None,
    sounds: Annotated[int, typer.Option(min=1, help="Solutions to export along the front.")] = 9,
    morph: Annotated[
        bool, typer.Option("--morph", help="Also a sound that passes through the front, and its video.")
    ] = False,
    seed: Seed = 1,
    problem_options: dict[str, Any],
) -> None:
    """Turn a picture and a song into a front of sounds, from best picture to best sound."""
    from .explore import check_output_folder, run_in_folder
    from .problem import MOSSProblem
    from .runs import RunSettings, SearchPlan

    check_output_folder(out, overwrite=overwrite)
    options = {"algorithm": algorithm, "generations": generations, "population": population, "steps": steps}
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if seconds is not None:
        given |= {"seconds": seconds, "generations": generations}
    plan = SearchPlan(seed=seed, **given)
    problem = MOSSProblem(image, audio, **problem_options)
    with _watched(out, plan.steps, plan.generations) as watch:
        result = run_in_folder(
            out,
            problem,
            plan,
            settings=RunSettings.of_files(image, audio, problem_options).to_json(),
            inputs={"image": image, "audio": audio},
            count=sounds,
            morph=morph,
            watch=watch,
        )
    _report(result, out)


@app.command()
def demo(out: Out = Path("out/demo"), overwrite: Overwrite = False, seed: Seed = 1) -> None:
    """Run the main job on the picture and the music that come with the package."""
    from .explore import check_output_folder, run_in_folder
    from .instances import get_problem
    from .runs import RunSettings, SearchPlan

    check_output_folder(out, overwrite=overwrite)
    options = {"preset": "display"}
    problem = get_problem(_DEMO_PROBLEM, **options)
    plan = SearchPlan(steps=80, generations=20, seed=seed)
    settings = RunSettings.of_frozen_problem(_DEMO_PROBLEM, options)
    with _watched(out, plan.steps, plan.generations) as watch:
        result = run_in_folder(out, problem, plan, settings=settings.to_json(), watch=watch)
    _report(result, out)


@app.command("resume")
def resume_run(
    run: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run: killed, stopped or finished.")],
    generations: Annotated[
        int | None, typer.Option(min=1, help="New limit of generations, counted from the run's beginning.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(min=0.001, help="New limit of seconds, counted from the run's beginning.")
    ] = None,
) -> None:
    """Resume a run from its last checkpoint."""
    from .explore import resume
    from .runs import SearchPlan

    new_limit = generations is not None or seconds is not None
    until = SearchPlan(generations=generations, seconds=seconds).termination() if new_limit else None
    with _watched(run, None, generations) as watch:
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
    visual: Annotated[float, typer.Option(min=0.0, max=1.0, help="Weight of the picture against 1.")] = 0.8,
    steps: Annotated[int, typer.Option(min=0, help="Gradient steps.")] = 200,
    problem_options: dict[str, Any],
) -> None:
    """Find one sound for one weighting of picture and sound."""
    from .explore import check_output_folder, write_single
    from .problem import MOSSProblem
    from .runs import RunSettings
    from .search import minimize_weighted

    check_output_folder(out, overwrite=overwrite)
    problem = MOSSProblem(image, audio, **problem_options)
    if problem.n_obj != 2:
        raise OptionError(f"expected two objectives to weigh against each other, got {problem.n_obj}")
    with _progress() as progress, _interruptible() as stopping:
        task = progress.add_task("descending", total=steps)

        def on_step(step: int, values: object) -> bool:
            progress.update(task, completed=step)
            return stopping()

        started = time.perf_counter()
        result = minimize_weighted(problem, (visual, 1 - visual), steps=steps, on_step=on_step)
    seconds = time.perf_counter() - started
    settings = RunSettings.of_files(image, audio, problem_options)
    settings = settings.with_hashes({"image": image, "audio": audio})
    write_single(out, problem, result, {**settings.to_json(), "visual": visual, "steps": steps}, seconds)
    for objective, value in zip(problem.objectives, result.F, strict=True):
        typer.echo(f"{objective.name}: {value:.4f}")
    typer.echo(
        f"wrote {out}: index.html, audio.wav, spectrogram.png, mask.png, solution.png, masks.npz, run.json"
    )


@app.command()
def problems(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A problem to describe.")] = None,
    preset: Annotated[Preset, typer.Option(help="Which objectives.")] = Preset.notebook,
) -> None:
    """List the frozen problems with their best-known hypervolume, or describe one in JSON."""
    import json

    from .instances import get_problem, get_reference, list_problems

    if name is not None:
        typer.echo(json.dumps(get_problem(name, preset=preset.value).describe(), indent=2))
        return
    heads = ["constant masks", "best known"] + ["certified bound"] * (preset is Preset.notebook)
    typer.echo("  ".join(["problem".ljust(28), *heads]))
    for problem in list_problems():
        known = get_reference(problem, preset.value)
        values = [known.sweep_hypervolume, known.hypervolume]
        values += [known.bounds.hypervolume_upper] if known.bounds is not None else []
        figures = (f"{value:.5f}".ljust(len(head)) for value, head in zip(values, heads, strict=True))
        typer.echo("  ".join([problem.ljust(28), *figures]).rstrip())


@app.command()
def study(
    *,
    file: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="What to compare.")],
    out: Annotated[Path, typer.Option(help="Folder to write to; an interrupted study in it is resumed.")],
    jobs: Annotated[int, typer.Option(help="Runs at the same time; -1 for one per core.")] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Use a dask scheduler, tcp://host:8786 for one."),
    ] = None,
) -> None:
    """Compare algorithms on frozen problems, with statistics and plots.

    If runs fail, the report covers the others, and the exit code is 1.
    """
    from .study import read_study
    from .study.report import write_report

    # Checked before the runs, which may take hours.
    with missing_extra("study"):
        import joblib  # noqa: F401
        import pandas  # noqa: F401
    plan = read_study(file, out)
    with warnings.catch_warnings():
        # The ranking lists them too.
        warnings.filterwarnings("ignore", r"\d+ of \d+ runs failed")
        result = plan.run(jobs, "loky" if scheduler is None else "dask", scheduler, progress=True)
    written = write_report(out, result)
    typer.echo((out / "ranking.md").read_text(encoding="utf-8"), nl=False)
    typer.echo(f"wrote {out}: {', '.join(written)}")
    if result.broken:
        typer.echo(
            "the report covers the runs that did not fail; the others are repeated next time", err=True
        )
        raise typer.Exit(1)


@app.command("app")
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen at; by default reachable from this machine only.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port; by default the first free one from 7860 on.")
    ] = None,
    most_seconds: Annotated[float, typer.Option(min=1, help="Longest accepted sound in seconds.")] = 600,
    most_megabytes: Annotated[int, typer.Option(min=1, help="Largest accepted upload in megabytes.")] = 100,
) -> None:
    """Serve the app: choose, watch, look, listen and steer in a browser."""
    from .app import App

    # As after Ctrl-C, the app's files are removed.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    server = App(most_seconds, most_megabytes)
    try:
        typer.echo(f"open {server.launch(host, port)} in a browser; Ctrl-C ends the app")
        server.wait()
    finally:
        server.close()


def _parse_grid(text: str) -> tuple[int, int]:
    rows, _, columns = text.lower().partition("x")
    if not (rows.strip().isdecimal() and columns.strip().isdecimal()):
        raise OptionError(f"expected --grid as ROWSxCOLUMNS, 64x128 for example, got '{text}'")
    return int(rows), int(columns)


@contextmanager
def _watched(out: Path, steps: int | None, generations: int | None) -> Iterator["Watch"]:
    """Show the progress of a run, let Ctrl-C stop it early, and say how it can be resumed."""
    from .runs import Watch

    with _interruptible() as stopping, _progress() as progress:
        interrupts = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        hint = "; Ctrl-C stops early and keeps the best so far" if interrupts else ""
        typer.echo(f"searching{hint}", err=True)
        seeding = progress.add_task("seeding by gradient", total=steps, visible=False)
        searching = progress.add_task("searching", total=generations)
        writing = progress.add_task("writing sounds", total=None, visible=False)

        def on_step(step: int, values: object) -> bool:
            progress.update(seeding, completed=step, visible=True)
            return stopping()

        def on_solution(number: int, total: int) -> None:
            progress.update(writing, completed=number, total=total, visible=True)

        try:
            yield Watch(
                on_step=on_step,
                after_generation=lambda number: progress.update(searching, completed=number),
                should_stop=stopping,
                on_solution=on_solution,
            )
        except (KeyboardInterrupt, SystemExit):
            typer.echo(f"ended; 'pymoo-moss resume {out}' resumes it from the last checkpoint", err=True)
            raise


def _report(result: "SearchResult", out: Path) -> None:
    gap = result.hypervolume - result.sweep_hypervolume
    if result.stopped:
        typer.echo("stopped early; what was found is kept")
    typer.echo(
        f"{len(result.F)} solutions after {result.n_eval} evaluations in {result.seconds:.0f} s: hypervolume "
        f"{result.hypervolume:.4f}, {gap:+.4f} against constant masks ({result.sweep_hypervolume:.4f})"
    )
    typer.echo(f"wrote {out}:")
    typer.echo("  index.html      the page to look at and listen to the front; open it in any browser")
    typer.echo("  solutions/NNN/  audio.wav, spectrogram.png and mask.png, best picture first")
    typer.echo("  picks.png       the best visual, the balanced and the best audio solution")
    typer.echo("  front.png       the front, with seeds and constant masks; front.csv its numbers")
    typer.echo("  evolution.gif   the evolution of the front; inputs.png the picture and the sound")
    if (out / "morph.wav").exists():
        typer.echo("  morph.wav       from the sound to the picture through the front; morph.png, morph.mp4")
    typer.echo("  masks.npz       all masks; run.json the record of the run")
    typer.echo(f"  checkpoint/     to resume: pymoo-moss resume {out} --generations N; may be deleted")


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (TextColumn("{task.description:20}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        yield progress


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C into a request to stop, which the block queries; a second one interrupts."""
    requested = False

    def request(number: int, frame: FrameType | None) -> None:
        nonlocal requested
        requested = True
        signal.signal(signal.SIGINT, before)
        typer.echo("\nstopping after this step; press Ctrl-C again to end at once", err=True)

    before = signal.getsignal(signal.SIGINT)
    # Where Ctrl-C is ignored, as in a script's background jobs, it stays ignored.
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, request)
    # SystemExit lets the block clean up, as a second Ctrl-C does.
    before_termination = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield lambda: requested
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, before_termination)


def main() -> None:
    """Run the command line; errors of the package become one line and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding does not have must not end a run that is being reported.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.formatwarning = lambda message, *rest: f"pymoo-moss: {message}\n"
    try:
        app()
    except MossError as error:
        typer.echo(f"pymoo-moss: {error}", err=True)
        sys.exit(2)
