"""The app's server."""

import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from ...errors import missing_extra
from .answers import Answers
from .folders import copy_example
from .layout import build_page
from .searching import Searching
from .solutions import Solutions
from .uploads import MOST_SECONDS
from .wiring import connect

_WAITING_JOBS = 8


class App:
    """The app's server, and the folder that all of its files are in.

    Args:
        most_seconds: longest sound that is taken.
        most_megabytes: largest upload that is taken.

    Raises:
        MissingExtraError: Gradio is not installed.
    """

    def __init__(self, most_seconds: float = MOST_SECONDS, most_megabytes: int = 100) -> None:
        self.most_seconds, self.most_megabytes = most_seconds, most_megabytes
        self.folder = Path(tempfile.mkdtemp(prefix="pymoo-moss-app-"))
        # Read by Gradio when it is imported: uploads in our folder, and no word to anybody.
        os.environ["GRADIO_TEMP_DIR"] = str(self.folder / "uploads")
        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
        with missing_extra("app"):
            import gradio
        self._gradio = gradio
        self.blocks, self._searching = self._build()

    def launch(self, host: str = "127.0.0.1", port: int | None = None) -> str:
        """Serve the app, in threads of its own.

        Args:
            host: address to listen at; the default can be reached from this machine only.
            port: to listen at; the first free one from 7860 on by default.

        Returns:
            The app's address.
        """
        system = ["system-ui", "sans-serif"]
        self.blocks.queue(default_concurrency_limit=1, max_size=_WAITING_JOBS)
        _, address, _ = self.blocks.launch(
            server_name=host,
            server_port=port,
            share=False,
            quiet=True,
            # Of errors that are not ours, the user is told in our words.
            show_error=False,
            prevent_thread_lock=True,
            inbrowser=False,
            ssr_mode=False,
            max_file_size=f"{self.most_megabytes}mb",
            footer_links=[],
            css=(files(__package__) / "style.css").read_text(encoding="utf-8"),
            theme=self._gradio.themes.Default(
                primary_hue="blue", font=system, font_mono=["ui-monospace", "monospace"]
            ),
        )
        return str(address)

    def wait(self) -> None:
        """Serve until interrupted."""
        self.blocks.block_thread()

    def close(self) -> None:
        """Stop serving and remove every file of the app."""
        self._searching.stop_all()
        self.blocks.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _build(self) -> tuple[Any, Searching]:
        """The page with its handlers, and those of them that searches run in."""
        gradio = self._gradio
        picture, sound = (copy_example(self.folder, name) for name in ("lighthouse.png", "prelude.flac"))
        with gradio.Blocks(
            title="Between picture and sound", analytics_enabled=False, delete_cache=(600, 3600)
        ) as blocks:
            page = build_page(gradio, picture, sound)
            answers = Answers(gradio, page.parts)
            searching = Searching(answers, self.folder, self.most_seconds)
            connect(gradio, page, searching, Solutions(answers, self.folder))
        return blocks, searching
