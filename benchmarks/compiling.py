"""Time to construct the first problem of a process, without its encoder."""

import os
import subprocess
import sys
import time

from pymoo_moss import MOSSProblem, get_problem, list_problems


def seconds(preset: str, folder: str) -> float:
    """Measure the seconds in a new process that caches compiled code in a folder."""
    environment = os.environ | {"NUMBA_CACHE_DIR": folder}
    command = [sys.executable, "-m", "benchmarks.compiling", preset]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return float(run.stdout)


if __name__ == "__main__":
    made = get_problem(list_problems()[0], preset=sys.argv[1], engine="torch")
    started = time.perf_counter()
    MOSSProblem(encoder=made.encoder, preset=sys.argv[1], engine="numba")
    print(time.perf_counter() - started)
