"""Names of files that are made of labels."""

import re
from collections.abc import Iterable

_LONGEST_SLUG = 80


def slugs_of(labels: Iterable[str]) -> dict[str, str]:
    """Make file names of labels, all different even if upper and lower case are not distinguished."""
    slugs: dict[str, str] = {}
    for label in labels:
        slug = start = re.sub(r"[^A-Za-z0-9]+", "-", label).strip("-")[:_LONGEST_SLUG]
        number = 1
        while slug.lower() in (taken.lower() for taken in slugs.values()):
            number += 1
            slug = f"{start}-{number}"
        slugs[label] = slug
    return slugs
