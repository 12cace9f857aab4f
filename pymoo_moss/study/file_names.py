"""Names of files that are made of labels."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_LONGEST_SLUG = 80


def slugs_of(labels: Iterable[str]) -> dict[str, str]:
    """Make file names of labels, all different even if upper and lower case are not distinguished."""
    slugs: dict[str, str] = {}
    for label in labels:
        slug = start = _readable(label)
        number = 1
        while slug.lower() in (taken.lower() for taken in slugs.values()):
            number += 1
            slug = f"{start}-{number}"
        slugs[label] = slug
    return slugs


def unique_name(label: str, whole: Mapping[str, Any]) -> str:
    """Make a file name of a label and of a hash of everything that determines the content, as JSON."""
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()
    return f"{_readable(label)}-{digest[:12]}"


def _readable(label: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-")[:_LONGEST_SLUG]
