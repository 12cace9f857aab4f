"""Print constraints for pip: the tested, the lowest or the newest versions of the dependencies."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def constraints(which: str) -> str:
    """Return the lines of a constraints file; none for the newest versions."""
    if which == "tested":
        return (ROOT / "constraints.txt").read_text(encoding="utf-8")
    if which == "lowest":
        project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        needed = project[project.index("dependencies = [") : project.index("[project.scripts]")]
        bounds = re.findall(r'"([\w-]+)(?:\[\w+\])?>=([\d.]+)', needed)
        return "".join(f"{name}=={bound}\n" for name, bound in bounds)
    if which == "newest":
        return ""
    raise SystemExit(f"expected tested, lowest or newest, got {which!r}")


if __name__ == "__main__":
    print(constraints(*sys.argv[1:]), end="")
