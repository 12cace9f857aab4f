"""Where real pictures and music are, for tests and benchmarks that use them where they are at hand."""

import os
from pathlib import Path

VARIABLE = "PYMOO_MOSS_DATA"
"""Environment variable that names the folder."""

_DEFAULT = Path(__file__).parents[2] / "shared" / "data"


def real_data() -> Path | None:
    """The folder that `VARIABLE` names, else ``../shared/data`` beside the checkout; None where neither is.

    Raises:
        NotADirectoryError: the variable is set, and there is no such folder.
    """
    named = os.environ.get(VARIABLE)
    if named and not Path(named).is_dir():
        raise NotADirectoryError(f"expected a folder in {VARIABLE}, got '{named}': set it right or unset it")
    folder = Path(named) if named else _DEFAULT
    return folder if folder.is_dir() else None
