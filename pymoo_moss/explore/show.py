"""The explorer page in a notebook."""

import html
import os
from dataclasses import dataclass
from pathlib import Path

from .._files import write_whole
from ..errors import MossError
from .export import known_bounds
from .page import explorer_page
from .run import RunResult
from .selection import evenly_along, three_picks


@dataclass(frozen=True)
class Page:
    """An explorer page that notebooks show by themselves.

    Attributes:
        content: the HTML.
    """

    content: str

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page to a file.

        Raises:
            OSError: the file cannot be written.
        """
        write_whole(path, self.content.encode())

    def _repr_html_(self) -> str:
        # A frame of its own: neither the page's style nor its keys get into the notebook.
        source = html.escape(self.content, quote=True)
        return f'<iframe srcdoc="{source}" style="width: 100%; height: 900px; border: 0"></iframe>'


def show(run: RunResult | str | os.PathLike[str], count: int = 9) -> Page:
    """The explorer page of a run.

    Args:
        run: a result, or the folder of a written run, whose page is taken as it is.
        count: solutions along the front that carry a sound, where the page is made now.

    Raises:
        MossError: the folder has no page.
    """
    if not isinstance(run, RunResult):
        try:
            return Page((Path(run) / "index.html").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise MossError(f"'{run}' holds no run with a page: index.html cannot be read") from error
    box = run.problem.hypervolume_box
    chosen = {*evenly_along(run.F, count, *box), *three_picks(run.F, *box).values()}
    sounds = {index: run.exporter.of_mask(run.X[index]) for index in sorted(chosen)}
    return Page(explorer_page(run, sounds, bounds=known_bounds(run.problem)))
