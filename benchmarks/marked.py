"""Text between two markers of a page, which a command writes."""


def between(page: str, begin: str, end: str, text: str) -> str:
    """Return a page with new text between its markers."""
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    return f"{before}{begin}\n{text}\n{end}{after}"
