"""Updates of the page's components, which its event handlers return."""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import MossError, is_out_of_memory
from ..runs import SearchResult
from .texts import public_message

_log = logging.getLogger(__name__)


class Updates:
    """Makes updates of the page's components.

    Args:
        gradio: the Gradio module.
        names: names of the components, in the order in which Gradio expects their values.
    """

    def __init__(self, gradio: Any, names: Iterable[str]) -> None:
        self.gradio = gradio
        self._names = list(names)

    def changed(self, **changes: Any) -> list[Any]:
        """Make new values of the components; those that are not given stay as they are."""
        return [changes.get(name, self.gradio.skip()) for name in self._names]

    def slider(self, result: SearchResult, chosen: int) -> Any:
        """Make the slider for the solutions of a run."""
        return self.gradio.Slider(minimum=0, maximum=max(1, len(result.F) - 1), value=chosen, step=1)

    @contextlib.contextmanager
    def report_errors(self) -> Iterator[None]:
        """Show errors of the block to the user; log those that the package does not raise on purpose."""
        try:
            yield
        except MossError as error:
            raise self.gradio.Error(public_message(error), print_exception=False) from error
        except Exception as error:
            _log.exception("the app failed")
            message = "this failed unexpectedly: the app's log has the details"
            if is_out_of_memory(error):
                message = "there is not enough memory: choose a shorter sound or a smaller picture"
            raise self.gradio.Error(message, print_exception=False) from error
