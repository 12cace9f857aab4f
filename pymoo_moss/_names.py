"""Names of files as text, for records and messages."""

import re


def printable(name: str) -> str:
    """Return a file's name as text that can be encoded, by its bytes as UTF-8; other bytes become U+FFFD.

    Python decodes the bytes that its locale lacks, in the C locale all beyond ASCII, to lone surrogates, by
    which the file is found and which no encoding has.
    """
    replaced = re.sub("[\ud800-\udc7f\udd00-\udfff]", "\N{REPLACEMENT CHARACTER}", name)
    return replaced.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
