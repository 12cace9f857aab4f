"""Runs that survive: searched in a folder, with checkpoints, and gone on with from there."""

import copy
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pymoo.core.algorithm import Algorithm
from pymoo.core.termination import Termination
from pymoo.termination.max_eval import MaximumFunctionCallTermination
from pymoo.termination.max_gen import MaximumGenerationTermination
from pymoo.termination.max_time import TimeBasedTermination
from pymoo.util.misc import termination_from_tuple

from ..errors import CheckpointError, OptionError
from ..problem import MOSSProblem
from ..search import FrontRecorder, HybridAlgorithm
from ..search.adam import OnStep, keep_going
from .checkpoints import Checkpoints, CheckpointWriter, newest
from .export import copied_inputs, copy_name, write_run
from .folder import CHECKPOINTS, INPUTS, only_writer
from .plan import SearchPlan
from .reading import made_again, own_copies
from .renderer import Renderer
from .run import RunResult, go_on


@dataclass(frozen=True)
class Watch:
    """What a run tells on its way, and what it asks.

    Attributes:
        on_step: told of every step of the seeding; may end it.
        after_generation: told the number of every finished generation.
        should_stop: asked after every generation.
        on_solution: told of every written solution: how many, of how many.
    """

    on_step: OnStep = keep_going
    after_generation: Callable[[int], None] = lambda number: None
    should_stop: Callable[[], bool] = lambda: False
    on_solution: Callable[[int, int], None] = lambda number, total: None


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
    """Search, with checkpoints on the way, and write the run.

    Args:
        folder: of the run; see `check_output_folder`. Its ``checkpoint`` stays there, so that the run can be
            gone on with; it may be deleted.
        problem: to search.
        plan: how.
        settings: from which the problem can be made again: ``problem``, the name of a frozen one; or
            ``image`` and ``audio``, names for people, with the files in ``inputs``; and the ``options`` of
            either.
        inputs: the files ``image`` and ``audio`` that the problem was made from; the run keeps copies.
        count: solutions to export, at least 1.
        morph: write a sound that travels through the front as well.
        watch: told and asked on the way.
        checkpoints: when they are written.
        renderer: draws the run's pictures and its page.

    Raises:
        OutputError: another run is writing to the folder, or it cannot be written.
    """
    folder = Path(folder)
    settings = {**copied_inputs(inputs), **settings, **asdict(plan)}
    facts = {"settings": settings, "count": count, "morph": morph}
    # First, so that a plan that cannot be made leaves nothing.
    algorithm = plan.make_algorithm(problem.n_obj, watch.on_step)
    with only_writer(folder):
        writer = CheckpointWriter(folder, facts, checkpoints)
        writer.begin(inputs)
        algorithm.setup(problem, termination=plan.termination(), seed=plan.seed, callback=FrontRecorder())
        return _finish(folder, algorithm, writer, facts, inputs, watch, renderer)


def resume(
    folder: str | os.PathLike[str],
    termination: Any = None,
    *,
    watch: Watch = Watch(),
    checkpoints: Checkpoints = Checkpoints(),
    renderer: Renderer = Renderer(),
) -> RunResult:
    """Go on with a run that was killed, stopped or finished, and write it again.

    Without a new termination the result is, bit for bit, that of the run without the interruption, on the
    same machine and with the same versions.

    Args:
        folder: that `run_in_folder` or ``pymoo-moss blend`` wrote to; it may have been moved.
        termination: a new end, counted from the run's very beginning: ``("n_gen", 60)``, or any of pymoo's.
            One of generations, evaluations or time is kept for the next resumption. Another has to be given
            again there; without it that resumption ends where the run stands.
        watch: told and asked on the way.
        checkpoints: when they are written.
        renderer: draws the run's pictures and its page.

    Raises:
        CheckpointError: there is no checkpoint from which the run can go on.
        OptionError: the termination is none.
        OutputError: another run is writing to the folder, or it cannot be written.
        MossError: the run's copies of picture and sound are missing or others.
    """
    folder = Path(folder)
    if not (folder / CHECKPOINTS).is_dir():
        raise CheckpointError(f"'{folder}' holds no run with a checkpoint")
    until = None if termination is None else _as_termination(termination)
    with only_writer(folder):
        inputs = folder / CHECKPOINTS / INPUTS
        inputs = inputs if inputs.is_dir() else folder / INPUTS

        def make(facts: dict[str, Any]) -> Algorithm:
            _check_export(facts)
            plan = _plan(facts)
            problem = made_again(facts["settings"], inputs)
            algorithm = plan.make_algorithm(problem.n_obj, watch.on_step)
            return algorithm.setup(
                problem, termination=plan.termination(), seed=plan.seed, callback=FrontRecorder()
            )

        facts, algorithm = newest(folder, make)
        if until is not None:
            reached = len(algorithm.callback.generations)
            plan = _until(_plan(facts), until, reached)
            facts = {**facts, "settings": {**facts["settings"], **asdict(plan)}}
            _end_by(algorithm, until)
        elif algorithm.is_initialized and algorithm.termination.perc == 0.0:
            # The checkpoint was on its way to an end that the plan does not have.
            _end_by(algorithm, algorithm.termination)
        writer = CheckpointWriter(folder, facts, checkpoints)
        writer.save(algorithm)
        own = own_copies(facts["settings"], inputs)
        return _finish(folder, algorithm, writer, facts, own, watch, renderer)


def _finish(
    folder: Path,
    algorithm: Algorithm,
    checkpoints: CheckpointWriter,
    facts: Mapping[str, Any],
    inputs: Mapping[str, Path],
    watch: Watch,
    renderer: Renderer,
) -> RunResult:
    """Search to the end and write the run."""

    def after_generation(number: int) -> None:
        # A seeding that was cut short is not what the run would have gone on from.
        if number > 1 or not watch.should_stop():
            checkpoints.after_generation(algorithm)
        watch.after_generation(number)

    result = go_on(
        algorithm,
        after_generation=after_generation,
        should_stop=watch.should_stop,
        settings=facts["settings"],
    )
    if not result.stopped or len(result.recorder.generations) > 1:
        checkpoints.save(algorithm)
    write_run(
        folder,
        result,
        count=facts["count"],
        inputs=_still_there(folder, inputs),
        morph=facts["morph"],
        on_solution=watch.on_solution,
        keep_checkpoint=True,
        renderer=renderer,
    )
    # The run has its own by now.
    shutil.rmtree(folder / CHECKPOINTS / INPUTS, ignore_errors=True)
    return replace(
        result, inputs={kind: folder / INPUTS / copy_name(kind, path) for kind, path in inputs.items()}
    )


def _still_there(folder: Path, inputs: Mapping[str, Path]) -> dict[str, Path]:
    """The copies that were made in the beginning; else the files themselves; a run is not lost for either."""
    kept = folder / CHECKPOINTS / INPUTS
    candidates = {kind: (kept / copy_name(kind, path), path) for kind, path in inputs.items()}
    found = {kind: next(filter(Path.is_file, paths), None) for kind, paths in candidates.items()}
    return {kind: path for kind, path in found.items() if path is not None}


def _plan(facts: Mapping[str, Any]) -> SearchPlan:
    settings = facts["settings"]
    return SearchPlan(**{part.name: settings[part.name] for part in fields(SearchPlan)})


def _check_export(facts: Mapping[str, Any]) -> None:
    """Make sure, before the search, that what comes after it can be done."""
    count, morph = facts["count"], facts["morph"]
    if not (isinstance(count, int) and count >= 1 and isinstance(morph, bool)):
        raise ValueError(f"expected a count of sounds and whether to morph, got {count!r} and {morph!r}")


def _as_termination(given: Any) -> Termination:
    try:
        found = termination_from_tuple(given)
    # pymoo answers with errors of every kind.
    except Exception as error:
        raise OptionError(f'expected a termination such as ("n_gen", 60), got {given!r}: {error}') from error
    parts = getattr(found, "terminations", [found])
    limits = [getattr(part, name, 1) for part in parts for name in ("n_max_gen", "n_max_evals", "max_time")]
    countable = all(isinstance(limit, int | float) and limit > 0 for limit in limits if limit is not None)
    if not (isinstance(found, Termination) and countable):
        raise OptionError(f'expected a termination such as ("n_gen", 60), got {given!r}')
    return found


def _until(plan: SearchPlan, until: Termination, reached: int) -> SearchPlan:
    """The plan with another end, as far as a plan can say it, and not before what is reached."""
    parts = getattr(until, "terminations", [until])
    generations = [
        max(int(part.n_max_gen), reached) for part in parts if isinstance(part, MaximumGenerationTermination)
    ]
    evaluations = [
        int(part.n_max_evals) for part in parts if isinstance(part, MaximumFunctionCallTermination)
    ]
    seconds = [float(part.max_time) for part in parts if isinstance(part, TimeBasedTermination)]
    if not (generations or evaluations or seconds):
        return plan
    return replace(
        plan,
        generations=min(generations, default=None),
        evaluations=min(evaluations, default=None),
        seconds=min(seconds, default=None),
    )


def _end_by(algorithm: Algorithm, until: Termination) -> None:
    """Give an algorithm that has begun, or not, another termination."""
    algorithm.termination = until
    if isinstance(algorithm, HybridAlgorithm):
        algorithm.algorithm.termination = copy.deepcopy(until)
    if algorithm.is_initialized:
        # pymoo counts a generation on after it has asked.
        algorithm.n_iter -= 1
        until.update(algorithm)
        algorithm.n_iter += 1
