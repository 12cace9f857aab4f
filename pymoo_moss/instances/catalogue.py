"""The frozen problems: their list, and how each is made from the files of the package."""

import hashlib
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from importlib.resources import as_file, files
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .._checks import whole_number
from ..errors import MossError, OptionError, unknown_name
from ..objectives import PRESETS
from .frozen import FrozenProblem
from .generated import KINDS, NAMED, make_instance
from .options import NAMED_OBJECTIVES, changed_options, names_in_order, preset_of
from .reference import REFERENCE_VERSION, Reference, load_reference
from .source import GRIDS, Instance, SourceFile, check_sources_are_fixed

PICTURES: Mapping[str, SourceFile] = MappingProxyType(
    {
        "lighthouse": SourceFile(
            "lighthouse.png",
            "6d48ad5610e361de1a1561d6ef84b479c6f536996ddfd6535d1f3cac1ded36ff",
            "a lighthouse by night, over the whole range of grey",
        ),
        "owl": SourceFile(
            "owl.png",
            "215ef430d774132de66eeb2dc537c11259006c65adcc9951e6a1a5271471ff01",
            "the portrait of an owl: a face, with fine texture",
        ),
        "butterfly": SourceFile(
            "butterfly.png",
            "e537adb81a89b18d9d45fff12d0f71341a346b6c924ea0afab32b9243be50af7",
            "a butterfly: bright cells and sharp lines on a nearly black ground",
        ),
    }
)

SOUNDS: Mapping[str, SourceFile] = MappingProxyType(
    {
        "prelude": SourceFile(
            "prelude.flac",
            "0a47c2098f9717dbc4b55c7c8cd81190c9e11b925fb22b11ad009e71c9444679",
            "Bach's Prelude in C major, BWV 846, on plucked strings: harmonic and sparse",
        ),
        "chorale": SourceFile(
            "chorale.flac",
            "95376f249689c8a28dfc49cb75e7d892cbf6ee08695d25fcbe018b3967af8258",
            "two lines of Old Hundredth (Geneva, 1551) on an organ: sustained",
        ),
        "drums": SourceFile(
            "drums.flac",
            "3b1200691f9d8f2d18968a6a41ec700e2117a2c21506c7103d6de363b30ef5bd",
            "four bars on a drum kit: percussive, with wide bands of noise",
        ),
        "monologue": SourceFile(
            "monologue.flac",
            "2f0876715e45e987ac5bd02e953579263b8eb5b8c903896ae717869d2443ad8c",
            "a line of Hamlet by formant synthesis: speech-like, with pauses",
        ),
    }
)

INSTANCES: Mapping[str, Instance] = MappingProxyType(
    {
        f"{picture}-{sound}-{rows}x{columns}": Instance(
            f"{picture}-{sound}-{rows}x{columns}", PICTURES[picture], SOUNDS[sound], (rows, columns)
        )
        for (rows, columns), picture, sound in product(GRIDS, PICTURES, SOUNDS)
    }
)
"""Pictures, sounds and grids of the frozen problems, by name, small grids first."""

NOTEBOOK_WITH_ROUGHNESS = "notebook+mask_roughness"
"""Key of the references with three objectives."""

REFERENCE_KEYS = (*PRESETS, NOTEBOOK_WITH_ROUGHNESS)
"""Keys of all references: presets, and preset ``notebook`` with a third objective."""

WITH_ROUGHNESS = ("visual_l1", "audio_log_l1", "mask_roughness")
"""Objectives of the references of preset ``notebook`` with a third objective."""


def list_problems() -> tuple[str, ...]:
    """List the names of the frozen problems, ``picture-sound-ROWSxCOLUMNS``, small grids first."""
    return tuple(INSTANCES)


def get_problem(name: str, **overrides: Any) -> FrozenProblem:
    """Make a frozen problem, or a generated one of the frozen lists, by name.

    Args:
        name: one of `list_problems`, or of `list_instances` on any of the grids.
        **overrides: options of `MOSSProblem`, such as ``preset="display"`` for another preset or
            ``normalize=True``. Options that change the problem are allowed; the result then has no reference
            front, except with the objectives of `WITH_ROUGHNESS`, by name and in any order, for which some
            problems have one. An option at the value that it has anyway changes nothing.

    Raises:
        OptionError: the name or an option is unknown.
        MossError: a file of the package has been modified, or a drawing or tune that is made here differs.

    Example:
        >>> from pymoo_moss import get_problem
        >>> problem = get_problem("owl-drums-16x32")
        >>> problem.n_var, problem.pareto_front().shape
        (512, (100, 2))
    """
    check_problem_name(name)
    if name in NAMED:
        seed, difficulty, grid = NAMED[name]
        return make_instance(seed, difficulty, **{"grid": grid, **overrides})
    return frozen_problem(INSTANCES[name], **overrides)


def check_problem_name(name: str) -> None:
    """Make sure that a problem has a name.

    Raises:
        OptionError: no problem has it.
    """
    if not isinstance(name, str) or (name not in INSTANCES and name not in NAMED):
        raise unknown_name("problem", str(name), _similar_names(str(name).lower()))


def _similar_names(name: str) -> Collection[str]:
    """Return the names that a name in small letters seems to mean."""
    kind, size = name.partition("-")[0], name.rpartition("-")[2]
    if kind not in KINDS:
        return INSTANCES
    of_kind = [one for one in NAMED if one.startswith(f"{kind}-")]
    begun = [one for one in of_kind if one.startswith(f"{name}-")]
    return begun[:1] or [one for one in of_kind if one.endswith(f"-{size}")] or of_kind


def frozen_problem(instance: Instance, **overrides: Any) -> FrozenProblem:
    """Make the frozen problem of an instance, with the options of `get_problem`.

    Raises:
        OptionError: an option is unknown.
        MossError: a file of the package has been modified.
    """
    check_sources_are_fixed(instance.name, overrides)
    # Their values were published before pictures were averaged.
    published = {"grid": instance.grid, "picture_sampling": "point"}
    changed = changed_options(published, overrides)
    reference = _reference_of(instance, preset_of(overrides), changed, overrides.get("objectives"))
    with _checked(instance.picture) as picture, _checked(instance.sound) as sound:
        return FrozenProblem(
            picture,
            sound,
            instance=instance,
            reference=reference,
            changed_options=changed,
            **{**published, **overrides},
        )


def _reference_of(
    instance: Instance, preset: str, changed: Mapping[str, Any], objectives: Any
) -> Reference | None:
    """Load the reference of a problem with options; None if there is none."""
    key, names = preset, NAMED_OBJECTIVES.get(preset, ())
    if preset == "notebook" and changed.keys() == {"objectives"}:
        key, names = NOTEBOOK_WITH_ROUGHNESS, WITH_ROUGHNESS
    elif changed:
        return None
    found = load_reference(instance, key)
    if found is None or objectives is None:
        return found
    order = names_in_order(objectives, names)
    return None if order is None else found.reordered(order)


def get_reference(name: str, preset: str = "notebook", version: int | None = None) -> Reference:
    """Load what is known of a frozen problem's front, without making the problem.

    Args:
        name: one of `list_problems`.
        preset: ``"notebook"``, ``"display"`` or ``"listener"``; or ``"notebook+mask_roughness"``, that of
            the three objectives `WITH_ROUGHNESS`, which four problems have.
        version: edition of the reference data, from 1 on; by default the newest that the preset has.

    Raises:
        OptionError: there is no such reference.
        MossError: the file has been modified.
    """
    edition = None if version is None else whole_number("version", version, 1)
    found = load_reference(_instance(name), preset, edition)
    if found is None:
        raise OptionError(
            f"expected a preset of {', '.join(PRESETS)} and a version of 1 to {REFERENCE_VERSION} that it "
            f"has, got {preset!r} and {version!r}; some problems have {NOTEBOOK_WITH_ROUGHNESS}"
        )
    return found


def _instance(name: str) -> Instance:
    if not isinstance(name, str) or name not in INSTANCES:
        raise unknown_name("problem", str(name), INSTANCES)
    return INSTANCES[name]


def _checked(source: SourceFile) -> AbstractContextManager[Path]:
    resource = files(__package__) / "data" / source.name
    found = hashlib.sha256(resource.read_bytes()).hexdigest()
    if found != source.sha256:
        raise MossError(
            f"the embedded file {source.name} has been modified (SHA-256 {found[:12]}..., expected "
            f"{source.sha256[:12]}...): install the package again"
        )
    return as_file(resource)
