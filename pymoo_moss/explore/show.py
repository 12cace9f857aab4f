"""Show the explorer page in a notebook."""

import html
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .._files import write_whole
from ..errors import MossError
from ..runs import SearchResult
from .export import known_bounds
from .page import explorer_page


@dataclass(frozen=True)
class Page:
    """An explorer page, which notebooks display.

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
        # In a frame, so that the page's style and keyboard shortcuts do not affect the notebook.
        source = html.escape(self.content, quote=True)
        return f'<iframe srcdoc="{source}" style="width: 100%; height: 900px; border: 0"></iframe>'


def show(run: SearchResult | str | os.PathLike[str], count: int = 9) -> Page:
    """Make the explorer page of a run.

    Args:
        run: a result, or the folder of a written run, whose page is shown as it is.
        count: number of solutions along the front to make sounds of, if the run is a result.

    Raises:
        MossError: the folder has no page.
    """
    if not isinstance(run, SearchResult):
        try:
            return Page((Path(run) / "index.html").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise MossError(f"'{run}' holds no run with a page: index.html cannot be read") from error
    chosen = sorted({*run.evenly(count), *run.picks.values()})
    with closing(run.exporter.of_masks(run.X[chosen])) as made:
        sounds = dict(zip(chosen, made, strict=True))
    return Page(explorer_page(run, sounds, bounds=known_bounds(run.problem)))
