"""Memory of this process, as the kernel tells; Linux only."""

from pathlib import Path


def resident(kind: str) -> float:
    """Return the resident memory of this process in MB: current (``VmRSS``) or peak (``VmHWM``)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(kind)) / 1024
