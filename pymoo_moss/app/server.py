"""`App`: the app's server."""

import atexit
import functools
import json
import os
import shutil
import socket
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from .._checks import real_number, whole_number
from ..errors import OptionError, missing_extra
from ..spectrogram import SOUND_EXTENSIONS, mix_to_mono, open_audio, picture_extensions, read_picture
from .choosing import Choosing, small_picture
from .editing import Editing
from .events import connect
from .folders import copy_example
from .hiding import Hiding
from .hiding_events import connect_hiding
from .hiding_layout import build_hiding
from .layout import build_blending
from .reading import MOST_PIXELS, MOST_SECONDS
from .searching import Searching
from .solutions import Solutions
from .song_view import view_of
from .texts import Hints
from .updates import Updates

_HEADING = "# Between picture and sound\nSounds that look like a picture and sound like a song."
_WAITING_JOBS = 8
_HIGHEST_PORT = 65_535
_open_apps: set["App"] = set()


class App:
    """The app's server, and the folder of its files.

    Args:
        most_seconds: longest duration of an accepted sound, in seconds.
        most_megabytes: largest size of an accepted upload, in megabytes.

    Attributes:
        folder: the app's files except uploads, which all apps of a process share the folder of.

    Raises:
        MissingExtraError: Gradio is not installed.
    """

    def __init__(self, most_seconds: float = MOST_SECONDS, most_megabytes: int = 100) -> None:
        if not real_number("most_seconds", most_seconds) > 0:
            raise OptionError(f"expected most_seconds above 0, got {most_seconds}")
        self.most_seconds = most_seconds
        self.most_megabytes = whole_number("most_megabytes", most_megabytes, least=1)
        self._gradio, self._uploads = _import_gradio()
        self.folder = Path(tempfile.mkdtemp(prefix="pymoo-moss-app-"))
        try:
            self.blocks, self._searching, self._hiding = self._build()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        _open_apps.add(self)
        # Also where the app is never closed.
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)

    def launch(self, host: str = "127.0.0.1", port: int | None = None) -> str:
        """Serve the app in background threads.

        Args:
            host: address to listen at; the default can be reached from this machine only.
            port: port to listen at; by default the first free one from 7860 on.

        Returns:
            The app's address.

        Raises:
            OptionError: nothing can listen at the address, or the port is taken.
        """
        check_address(host, port)
        system = ["system-ui", "sans-serif"]
        self.blocks.queue(default_concurrency_limit=1, max_size=_WAITING_JOBS)
        _, address, _ = self.blocks.launch(
            server_name=host,
            server_port=port,
            share=False,
            quiet=True,
            # Errors are shown by `Updates.report_errors`.
            show_error=False,
            prevent_thread_lock=True,
            inbrowser=False,
            ssr_mode=False,
            max_file_size=f"{self.most_megabytes}mb",
            footer_links=[],
            css=(files(__package__) / "style.css").read_text(encoding="utf-8"),
            js=_script(),
            theme=self._gradio.themes.Default(
                primary_hue="blue", font=system, font_mono=["ui-monospace", "monospace"]
            ),
        )
        return str(address)

    def wait(self) -> None:
        """Serve until interrupted."""
        self.blocks.block_thread()

    def close(self) -> None:
        """Stop serving and remove the app's files; the last open app of a process removes the uploads too."""
        self._searching.stop_all()
        self._hiding.stop_all()
        self.blocks.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        _open_apps.discard(self)
        if not _open_apps:
            _remove_content(self._uploads)

    def _build(self) -> tuple[Any, Searching, Hiding]:
        """Build the page with its event handlers, and return it with those that start work."""
        gradio = self._gradio
        picture, sound = (copy_example(self.folder, name) for name in ("lighthouse.png", "prelude.flac"))
        with gradio.Blocks(
            title="Between picture and sound", analytics_enabled=False, delete_cache=(600, 3600)
        ) as blocks:
            hints = Hints.of_limits(MOST_PIXELS, self.most_seconds, self.most_megabytes)
            view = view_of(*mix_to_mono(open_audio(sound)))
            editing = Editing(small_picture(read_picture(picture)))
            gradio.Markdown(_HEADING)
            with gradio.Tabs():
                with gradio.Tab("Hide in a song"):
                    hiding_components = build_hiding(gradio, picture, sound, hints, view, editing)
                with gradio.Tab("Blend"):
                    components = build_blending(gradio, picture, sound, hints)
            updates = Updates(gradio, components.updated)
            searching = Searching(updates, self.folder, self.most_seconds)
            choosing = Choosing(updates, self.folder, self.most_seconds, hints)
            connect(gradio, components, choosing, searching, Solutions(updates, self.folder))
            hiding = Hiding(Updates(gradio, hiding_components.updated), self.folder, self.most_seconds)
            connect_hiding(gradio, hiding_components, choosing, hiding, view, editing)
        return blocks, searching, hiding


def _script() -> str:
    """Return the page's script, which tells the dialogs of files what to list."""
    script = (files(__package__) / "uploads.js").read_text(encoding="utf-8")
    pictures, sounds = ",".join(picture_extensions()), ",".join(SOUND_EXTENSIONS)
    accepted = {"hide-picture": pictures, "song": sounds, "picture": pictures, "sound": sounds}
    return f"() => ({script})({json.dumps(accepted)})"


@functools.cache
def _import_gradio() -> tuple[Any, Path]:
    """Import Gradio, and return it with its folder of uploads, which it takes from the environment.

    The folder is one for the whole process, because Gradio reads the variable again and again, and in part
    when it is imported. It is removed when the process ends.
    """
    uploads = Path(tempfile.mkdtemp(prefix="pymoo-moss-uploads-"))
    os.environ["GRADIO_TEMP_DIR"] = str(uploads)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        with missing_extra("app"):
            import gradio
    except BaseException:
        uploads.rmdir()
        raise
    atexit.register(shutil.rmtree, uploads, ignore_errors=True)
    return gradio, uploads


def check_address(host: str, port: int | None) -> None:
    """Make sure that the app can listen at an address.

    Raises:
        OptionError: it cannot.
    """
    if port is not None and whole_number("port", port, least=1) > _HIGHEST_PORT:
        raise OptionError(f"cannot listen at '{host}', port {port}: expected a port of 1 to {_HIGHEST_PORT}")
    # Gradio tries again and again where a name is unknown, and ends with an error of its own.
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port or 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except (OSError, OverflowError, UnicodeError) as error:
        place = f"'{host}'" + (f", port {port}" if port is not None else "")
        raise OptionError(f"cannot listen at {place} ({error}): choose another host or port") from error


def _remove_content(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry, ignore_errors=True)
