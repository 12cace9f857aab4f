"""The files of the package's data, their checksums and the statements about them."""

import hashlib
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from pymoo_moss.instances import catalogue

DATA = Path(catalogue.__file__).parent / "data"
SUMS = dict(
    reversed(line.split("  ", 1)) for line in (DATA / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
)
README = (DATA / "README.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(.+?)` \| (.+?) \| `(.+?)`.*? \| (.+?) \| (.+?) \|$", README, flags=re.MULTILINE)


def files():
    """Names of all files of the data, relative to the folder."""
    return sorted(path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file())


def test_the_checksums_are_whole_and_true():
    assert sorted([*SUMS, "SHA256SUMS"]) == files()
    found = {name: hashlib.sha256((DATA / name).read_bytes()).hexdigest() for name in files() if name in SUMS}
    assert found == SUMS


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_sha256sum_accepts_the_list():
    found = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=DATA, capture_output=True
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, b"", b"")


def test_every_file_has_a_licence_and_a_source():
    patterns = [name for name, *_ in ROWS]
    own = {"README.md", "SHA256SUMS"}
    for name in set(files()) - own:
        assert [pattern for pattern in patterns if fnmatch(name, pattern)], name
    for name, _, source, licence, checksum in ROWS:
        assert licence == "MIT"
        assert (Path(__file__).parents[2] / source).is_file()
        assert checksum == (f"`{SUMS[name]}`" if "*" not in name else "in `SHA256SUMS`")


def test_the_checksums_are_those_of_the_catalogue():
    for source in (*catalogue.PICTURES.values(), *catalogue.SOUNDS.values()):
        assert SUMS[source.name] == source.sha256
