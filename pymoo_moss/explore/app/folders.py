"""Files that the app hands out, in the app's own folder."""

import shutil
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path


def new_folder(app_folder: Path) -> Path:
    """A folder for files that are handed out; Gradio copies them, so those of an hour ago can go."""
    parent = app_folder / "made"
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if time.time() - old.stat().st_mtime > 3600:
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=parent))


def copy_example(app_folder: Path, name: str) -> str:
    """The path of a copy of one of the package's pictures and sounds."""
    folder = app_folder / "examples"
    folder.mkdir(exist_ok=True)
    with as_file(files("pymoo_moss.instances") / "data" / name) as path:
        return str(shutil.copy(path, folder / name))
