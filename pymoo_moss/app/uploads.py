"""Copies of uploaded pictures and sounds, which a session keeps."""

import shutil
import weakref
from pathlib import Path

from ..runs import copy_inputs


class Inputs:
    """Copies of the files that a run is made from, because Gradio removes its own after a while.

    They are removed when the session no longer refers to them.

    Args:
        folder: folder of the copies, with nothing else in it.
        originals: paths by kind, ``image`` and ``audio``.

    Attributes:
        files: the copies, by kind.

    Raises:
        OSError: a file cannot be copied; the folder is removed.
    """

    def __init__(self, folder: Path, **originals: str) -> None:
        remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        try:
            self.files = copy_inputs(folder, {kind: Path(path) for kind, path in originals.items()})
        except BaseException:
            remove()
            raise
