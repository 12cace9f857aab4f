"""Run a search in a folder with checkpoints, and resume it after an interruption."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pymoo.core.algorithm import Algorithm

from .._checks import check_json, whole_number
from ..errors import CheckpointError
from ..problem import MOSSProblem
from ..runs import (
    CHECKPOINTS,
    INPUTS,
    Checkpoints,
    CheckpointWriter,
    RunFacts,
    RunSettings,
    SearchPlan,
    Watch,
    continue_search,
    copy_name,
    load_newest_checkpoint,
    only_writer,
    parse_termination,
    set_termination,
    with_limits_of,
)
from ..search import FrontRecorder
from .export import write_run
from .renderer import Renderer
from .run import RunResult


def run_in_folder(
    folder: str | os.PathLike[str],
    problem: MOSSProblem,
    plan: SearchPlan,
    *,
    settings: Mapping[str, Any],
    inputs: Mapping[str, Path] = MappingProxyType({}),
    count: int = 9,
    morph: bool = False,
    watch: Watch = Watch(),
    checkpoints: Checkpoints = Checkpoints(),
    renderer: Renderer = Renderer(),
) -> RunResult:
    """Search with checkpoints, and write the run.

    Args:
        folder: of the run; see `check_output_folder`. Its ``checkpoint`` is kept, so that the run can be
            resumed; it may be deleted.
        problem: the problem to search.
        plan: how the front is searched for.
        settings: from which the problem can be rebuilt: ``problem``, the name of a frozen one; or ``image``
            and ``audio``, names for display, with the files in ``inputs``; and the ``options`` of either.
        inputs: the files ``image`` and ``audio`` that the problem was made from; the run keeps copies.
        count: number of solutions to export, at least 1.
        morph: also write a sound that passes through the front.
        watch: callbacks.
        checkpoints: when checkpoints are written.
        renderer: draws the run's pictures and its page.

    Raises:
        OutputError: another run is writing to the folder, or it cannot be written.
        OptionError: the plan does not fit the problem, or a value is out of its range.
        CheckpointError: the first checkpoint cannot be written.
    """
    folder = Path(folder)
    count = whole_number("count", count, least=1)
    described = RunSettings.from_json(settings).with_inputs(inputs).with_decisions(problem.encoder)
    facts = RunFacts(described.with_plan(plan), count, morph)
    # First, so that a plan that cannot be carried out leaves a folder as it is.
    algorithm = plan.make_algorithm(problem.n_obj, watch.on_step)
    algorithm.setup(problem, termination=plan.termination(), seed=plan.seed, callback=FrontRecorder())
    check_json(facts.to_json())
    with only_writer(folder):
        writer = CheckpointWriter(folder, facts, checkpoints)
        writer.begin(inputs)
        return _finish(folder, algorithm, writer, facts, inputs, watch, renderer)


def resume(
    folder: str | os.PathLike[str],
    termination: Any = None,
    *,
    watch: Watch = Watch(),
    checkpoints: Checkpoints = Checkpoints(),
    renderer: Renderer = Renderer(),
) -> RunResult:
    """Resume a run that was killed, stopped or finished, and write it again.

    Without a new termination the result is, bit for bit, that of the run without the interruption, on the
    same machine and with the same versions.

    Args:
        folder: that `run_in_folder` or ``pymoo-moss blend`` wrote to; it may have been moved.
        termination: a new termination, counted from the beginning of the run: ``("n_gen", 60)``, or any of
            pymoo's. One of generations, evaluations or time is kept for the next resumption. Any other has to
            be given again then; without it that resumption ends at once.
        watch: callbacks.
        checkpoints: when checkpoints are written.
        renderer: draws the run's pictures and its page.

    Raises:
        CheckpointError: there is no checkpoint from which the run can be resumed.
        OptionError: ``termination`` is not a valid pymoo termination.
        OutputError: another run is writing to the folder, or it cannot be written.
        MossError: the run's copies of picture and sound are missing or have been modified.
    """
    folder = Path(folder)
    try:
        held = (folder / CHECKPOINTS).is_dir()
    except OSError as error:
        raise CheckpointError(
            f"'{folder}' cannot be read ({error.strerror}): name the folder of a run"
        ) from error
    if not held:
        raise CheckpointError(
            f"'{folder}' holds no run with a checkpoint to resume from: name the folder of a run"
        )
    until = None if termination is None else parse_termination(termination)
    with only_writer(folder):
        inputs = folder / CHECKPOINTS / INPUTS
        inputs = inputs if inputs.is_dir() else folder / INPUTS

        def make(facts: RunFacts) -> Algorithm:
            plan = facts.settings.plan
            problem = facts.settings.rebuild_problem(inputs)
            algorithm = plan.make_algorithm(problem.n_obj, watch.on_step)
            return algorithm.setup(
                problem, termination=plan.termination(), seed=plan.seed, callback=FrontRecorder()
            )

        facts, algorithm = load_newest_checkpoint(folder, make)
        if until is not None:
            plan = with_limits_of(facts.settings.plan, until, len(algorithm.callback.generations))
            facts = replace(facts, settings=facts.settings.with_plan(plan))
            set_termination(algorithm, until)
        elif algorithm.is_initialized and algorithm.termination.perc == 0.0:
            # The checkpoint was written under a termination that the plan cannot describe.
            set_termination(algorithm, algorithm.termination)
        writer = CheckpointWriter(folder, facts, checkpoints)
        writer.save(algorithm)
        copies = facts.settings.input_copies(inputs)
        return _finish(folder, algorithm, writer, facts, copies, watch, renderer)


def _finish(
    folder: Path,
    algorithm: Algorithm,
    checkpoints: CheckpointWriter,
    facts: RunFacts,
    inputs: Mapping[str, Path],
    watch: Watch,
    renderer: Renderer,
) -> RunResult:
    """Search to the end and write the run."""

    def after_generation(number: int) -> None:
        # A seeding that was cut short must not be resumed: the uninterrupted run would have completed it.
        if number > 1 or not watch.should_stop():
            checkpoints.after_generation(algorithm)
        watch.after_generation(number)

    watch.on_start(facts.settings.plan, algorithm)
    result = continue_search(
        algorithm,
        after_generation=after_generation,
        should_stop=watch.should_stop,
        settings=facts.settings.to_json(),
    )
    if not result.stopped or len(result.recorder.generations) > 1:
        checkpoints.save(algorithm)
    write_run(
        folder,
        result,
        count=facts.count,
        inputs=_existing_inputs(folder, facts.settings, inputs),
        morph=facts.morph,
        on_solution=watch.on_solution,
        keep_checkpoint=True,
        renderer=renderer,
    )
    # The written run has its own copies.
    shutil.rmtree(folder / CHECKPOINTS / INPUTS, ignore_errors=True)
    copies = {kind: folder / INPUTS / copy_name(kind, path) for kind, path in inputs.items()}
    return RunResult.of(replace(result, inputs=copies))


def _existing_inputs(folder: Path, settings: RunSettings, inputs: Mapping[str, Path]) -> dict[str, Path]:
    """Find the copies made before the search, or else the files; leave out missing and modified ones."""
    found: dict[str, Path] = {}
    for kind, path in inputs.items():
        for candidate in (folder / CHECKPOINTS / INPUTS / copy_name(kind, path), path):
            if kind not in found and settings.is_unmodified(kind, candidate):
                found[kind] = candidate
    return found
