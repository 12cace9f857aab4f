"""Edit distance of sequences: Levenshtein 1966."""

from collections.abc import Sequence
from typing import Any


def edit_distance(one: Sequence[Any], other: Sequence[Any]) -> int:
    """Count the insertions, deletions and replacements that turn one sequence into another."""
    before = list(range(len(other) + 1))
    for row, item in enumerate(one, start=1):
        now = [row]
        for column, compared in enumerate(other, start=1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (item != compared)))
        before = now
    return before[-1]


def word_error_rate(said: str, heard: str) -> float:
    """Compute wrong, missing and additional words as a share of the words said."""
    words = said.lower().split()
    return edit_distance(words, heard.lower().split()) / len(words)


def letters_read(written: str, read: str) -> float:
    """Compute the share of a text's letters that were read, in [0, 1]; letters and digits alone count."""
    letters, found = ("".join(filter(str.isalnum, text)) for text in (written, read))
    return max(0.0, 1.0 - edit_distance(letters, found) / len(letters))
