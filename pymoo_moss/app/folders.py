"""Files that the app serves, in the app's own folder."""

import shutil
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path


def new_folder(app_folder: Path) -> Path:
    """Create a folder for files to serve. Gradio copies them, so folders older than an hour are removed."""
    parent = app_folder / "served"
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        if time.time() - old.stat().st_mtime > 3600:
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=parent))


def copy_example(app_folder: Path, name: str) -> str:
    """Copy one of the package's pictures and sounds, and return the path of the copy."""
    folder = app_folder / "examples"
    folder.mkdir(exist_ok=True)
    with as_file(files("pymoo_moss.instances") / "data" / name) as path:
        return str(shutil.copy(path, folder / name))
