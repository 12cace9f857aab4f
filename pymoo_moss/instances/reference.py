"""`Reference`: the best-known front of a frozen problem and its certificate, as shipped with the package."""

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from .._files import write_whole
from ..bounds import Allowance
from ..errors import MossError, OutputError
from ..search import FrontBounds
from .source import Instance

if sys.version_info >= (3, 11):
    from importlib.resources.abc import Traversable
else:
    from importlib.abc import Traversable

REFERENCE_VERSION = 2
"""Newest version of reference fronts. Earlier ones stay in the package."""

EDITION_1_ALLOWANCE = Allowance(
    of_torch=2.8e-6, relative=1.4e-6, of_rows=3e-8, of_rows_linear=5e-9, of_loops=5.2e-7
)
"""Allowance for edition 1, no less than any frozen problem's; it was computed before these were derived."""

REFERENCES = files(__package__) / "data" / "references"
"""Folder of the references, with one folder ``v1``, ``v2``, ... per edition."""


@dataclass(frozen=True)
class Reference:
    """What is known of a frozen problem's front, in the units of F without normalisation.

    Attributes:
        version: edition of the reference data; later ones may hold better fronts.
        front: ``(n, n_obj)`` the best-known front, first objective rising.
        hypervolume: hypervolume of that front, as a share of the box from ideal to reference point.
        sweep_hypervolume: hypervolume of 101 constant masks, a front that takes no search.
        bounds: certified lower bounds; None for objectives without a certificate.
        made_by: how the front was found.
    """

    version: int
    front: np.ndarray
    hypervolume: float
    sweep_hypervolume: float
    bounds: FrontBounds | None
    made_by: str

    def reordered(self, columns: Sequence[int]) -> "Reference":
        """Return what is known of the problem with its objectives in another order.

        Args:
            columns: which of these objectives becomes each.
        """
        if list(columns) == sorted(columns):
            return self
        front = self.front[:, columns]
        front = front[np.argsort(front[:, 0], kind="stable")]
        bounds = self.bounds
        if bounds is not None:
            low, high = bounds.box
            box = low[columns], high[columns]
            bounds = FrontBounds(bounds.weights[:, columns], bounds.lower_bounds, box, front)
        return replace(self, front=front, bounds=bounds)


def load_reference(
    instance: Instance, preset: str, version: int | None = None, folder: Traversable = REFERENCES
) -> Reference | None:
    """Load the reference of a frozen problem from a folder laid out as `REFERENCES`; None if there is none.

    Args:
        instance: the problem.
        preset: its preset, or another key of references.
        version: by default the newest that the preset has.
        folder: of the references.

    Raises:
        MossError: the file has been modified, or belongs to another picture or sound.
    """
    versions = range(REFERENCE_VERSION, 0, -1) if version is None else [version]
    resources = {one: folder / f"v{one}" / _file_name(instance, preset) for one in versions}
    version = next((one for one, resource in resources.items() if resource.is_file()), None)
    if version is None:
        return None
    resource = resources[version]
    content = json.loads(resource.read_text(encoding="utf-8"))
    expected = {**_identity(instance, preset), "sha256": _digest(content)}
    wrong = [key for key, value in expected.items() if content.get(key) != value]
    if wrong:
        raise MossError(
            f"the embedded file {resource.name} has been modified or does not belong to this problem "
            f"({', '.join(wrong)}): install the package again"
        )
    bounds = content["bounds"]
    return Reference(
        version=version,
        front=np.array(content["front"]),
        hypervolume=content["hypervolume"],
        sweep_hypervolume=content["sweep_hypervolume"],
        bounds=None if bounds is None else _read_bounds(bounds, version, np.array(content["front"])),
        made_by=content["made_by"],
    )


def save_reference(folder: Path, instance: Instance, preset: str, reference: Reference) -> Path:
    """Write a reference to a new file of ``folder``, whole or not at all.

    Raises:
        OutputError: there is such a file already; published references are never overwritten.
    """
    path = folder / _file_name(instance, preset)
    if path.exists():
        raise OutputError(f"'{path}' is published and is not overwritten: choose a new version")
    bounds = reference.bounds
    content: dict[str, Any] = {
        **_identity(instance, preset),
        "version": reference.version,
        "made_by": reference.made_by,
        "hypervolume": reference.hypervolume,
        "hypervolume_upper": None if bounds is None else bounds.hypervolume_upper,
        "sweep_hypervolume": reference.sweep_hypervolume,
        "front": reference.front.tolist(),
        "bounds": None if bounds is None else _written_bounds(bounds),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({"sha256": _digest(content), **content}).encode())
    return path


def _file_name(instance: Instance, preset: str) -> str:
    return f"{instance.name}-{preset}.json"


def _identity(instance: Instance, preset: str) -> dict[str, str]:
    pictures = {"picture_sha256": instance.picture.sha256, "sound_sha256": instance.sound.sha256}
    return {"problem": instance.name, "preset": preset, **pictures}


def _digest(content: dict[str, Any]) -> str:
    """Compute the SHA-256 of everything else in the file."""
    rest = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _written_bounds(bounds: FrontBounds) -> dict[str, Any]:
    return {
        "weights": bounds.weights.tolist(),
        "lower_bounds": bounds.lower_bounds.tolist(),
        "box": [corner.tolist() for corner in bounds.box],
    }


def _read_bounds(content: dict[str, Any], version: int, front: np.ndarray) -> FrontBounds:
    low, high = (np.array(corner) for corner in content["box"])
    lower = np.array(content["lower_bounds"])
    weights = np.array(content["weights"])
    if version == 1:
        lower = weights[:, 1] * EDITION_1_ALLOWANCE.applied(
            weights[:, 0] / weights[:, 1], lower / weights[:, 1]
        )
    return FrontBounds(weights, lower, (low, high), front)
