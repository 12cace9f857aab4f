"""Child processes of tests."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 300.0
"""Seconds after which a search or a child process counts as hanging; its test fails and ends then."""


@contextmanager
def guarded(process: subprocess.Popen) -> Iterator[subprocess.Popen]:
    """Kill a process that hangs, and at the end of the block one that still runs."""
    guard = threading.Timer(PATIENCE, process.kill)
    guard.start()
    try:
        yield process
    finally:
        guard.cancel()
        if process.poll() is None:
            process.kill()
        process.communicate()
