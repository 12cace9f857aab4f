"""What handlers of the page's events give back to it."""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from ...errors import MossError
from ..run import RunResult
from .words import without_the_server

_log = logging.getLogger(__name__)


class Answers:
    """Makes answers to the page.

    Args:
        gradio: the library, which is imported late.
        names: of the parts of the page, in the order in which Gradio expects their values.
    """

    def __init__(self, gradio: Any, names: Iterable[str]) -> None:
        self.gradio = gradio
        self._names = list(names)

    def changed(self, **changes: Any) -> list[Any]:
        """New values for the parts of the page; what is not given stays as it is."""
        return [changes.get(name, self.gradio.skip()) for name in self._names]

    def slider(self, result: RunResult, chosen: int) -> Any:
        """The slider, for the solutions of a run."""
        return self.gradio.Slider(minimum=0, maximum=max(1, len(result.F) - 1), value=chosen, step=1)

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Tell errors to the user, who can go on; what nobody expected is for the log."""
        try:
            yield
        except MossError as error:
            raise self.gradio.Error(without_the_server(error), print_exception=False) from error
        except Exception as error:
            _log.exception("the app failed")
            message = "this failed for a reason that nobody expected: the app's log has it"
            raise self.gradio.Error(message, print_exception=False) from error
