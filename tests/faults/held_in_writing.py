"""``pymoo-moss`` where a resumed run stays in writing until it is interrupted twice."""

import functools
import select
import sys
from pathlib import Path

from pymoo_moss import cli, explore
from pymoo_moss.explore import RunResult

from ..conftest import PlainRenderer

IN_WRITING = "in writing\n"


class HeldRenderer(PlainRenderer):
    """Says that the run is being written, and goes on when the standard input ends."""

    def front(self, path: Path, result: RunResult, picks: object) -> None:
        super().front(path, result, picks)
        sys.stdout.write(IN_WRITING)
        sys.stdout.flush()
        # In turns, because a signal that comes just before a call that blocks would wait for its end.
        while not select.select([sys.stdin], [], [], 0.05)[0]:
            pass


if __name__ == "__main__":
    explore.resume = functools.partial(explore.resume, renderer=HeldRenderer())
    cli.main()
