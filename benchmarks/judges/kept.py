"""What is published of the judges' work: all descriptions and opinions, without pictures and sounds.

``python -m benchmarks.judges.kept pack OUT`` writes them to ``benchmarks/results/``; ``unpack OUT`` writes
what is published into a folder, from which the page's tables and plots can be made again, but not the views.
"""

import sys
import tarfile
from pathlib import Path

from .folder import JUDGED, JUDGES_FILE, PAIR, RELEASE_FILE, RUN

KEPT = Path(__file__).parents[1] / "results" / "judges.tar.xz"
_FILES = (JUDGES_FILE, RELEASE_FILE, f"*/{PAIR}", f"*/*/{RUN}", f"*/*/{JUDGED}")


def pack(out: Path, kept: Path = KEPT) -> None:
    """Write the descriptions and opinions of a folder into an archive."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(kept, "w:xz", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(path for pattern in _FILES for path in out.glob(pattern)):
            member = archive.gettarinfo(path, str(path.relative_to(out)))
            # The order of pairs and runs is that of their times.
            member.mtime = path.stat().st_mtime
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            with path.open("rb") as file:
                archive.addfile(member, file)


def unpack(out: Path, kept: Path = KEPT) -> None:
    """Write the descriptions and opinions of an archive into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tarfile.open(kept) as archive:
        archive.extractall(out, filter="data")


if __name__ == "__main__":
    {"pack": pack, "unpack": unpack}[sys.argv[1]](Path(sys.argv[2]))
