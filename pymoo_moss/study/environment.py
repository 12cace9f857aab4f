"""Records of what a study runs on: versions, hardware and installed packages, at each of its starts."""

import json
import os
import platform
import subprocess
from datetime import datetime, timezone
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

import numpy as np
import torch

ENVIRONMENT_FILE = "environment.jsonl"
PACKAGES_FILE = "packages.txt"

_PACKAGES = ("pymoo-moss", "pymoo", "torch", "numpy", "numba", "scipy", "moocore")
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")


def record_start(folder: Path, n_jobs: int, scheduler: str | None) -> None:
    """Append what a study is started on to ``environment.jsonl`` and, where it has changed, ``packages.txt``.

    Args:
        folder: folder of the study, which exists.
        n_jobs: runs at the same time.
        scheduler: address of a dask scheduler, whose workers may be on other machines.

    Raises:
        OSError: the files cannot be written.
    """
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    backend = "loky" if scheduler is None else "dask"
    entry = {"started": started, "backend": backend, "n_jobs": n_jobs, **describe_machine()}
    with (folder / ENVIRONMENT_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    lock = "\n".join(installed_packages()) + "\n"
    path = folder / PACKAGES_FILE
    known = path.read_text(encoding="utf-8") if path.exists() else ""
    if known.rpartition("\n# ")[2].partition("\n")[2] != lock:
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n# {started}\n{lock}")


def describe_machine() -> dict[str, Any]:
    """Describe versions and hardware of this machine, as JSON; None where something is not known."""
    return {
        "python": platform.python_version(),
        "versions": {name: version(name) for name in _PACKAGES},
        "system": platform.platform(),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "memory_bytes": _memory(),
        "torch_threads": torch.get_num_threads(),
        "numpy_blas": _blas(),
        "thread_variables": {name: os.environ[name] for name in _THREADS if name in os.environ},
    }


def installed_packages() -> list[str]:
    """List the installed packages as ``name==version``, sorted, each once."""
    found = {one.metadata["Name"]: one.version for one in reversed(list(distributions()))}
    return sorted((f"{name}=={number}" for name, number in found.items() if name), key=str.lower)


def _cpu_model() -> str | None:
    try:
        if platform.system() == "Darwin":
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return names[0] if names else platform.machine()
    except (OSError, subprocess.SubprocessError):
        return platform.processor() or None


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # on Windows
        return None


def _blas() -> str | None:
    blas = np.show_config(mode="dicts").get("Build Dependencies", {}).get("blas")
    return f"{blas.get('name')} {blas.get('version')}" if blas else None
