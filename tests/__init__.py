"""The tests; processes of pytest-xdist that run at the same time share the cores."""

import os

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Cores that this process may use, which are not always all of the machine's."""

# Here, because torch reads it when it is imported, and this is imported before any test.
_PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
if _PROCESSES > 1:
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, CORES // _PROCESSES)))
