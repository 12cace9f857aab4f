"""Write the hashes of the generated problems of the frozen lists: ``python tools/freeze_instances.py``.

Hashes that are published are kept: it refuses to write others in their place.
"""

import json
from itertools import product
from pathlib import Path

from pymoo_moss.instances.generated import INSTANCE_SEEDS, KINDS
from pymoo_moss.instances.generated.make import drawing_and_tune, sha256_of, title_of

FILE = Path(__file__).parents[1] / "pymoo_moss" / "instances" / "data" / "generated.json"


def main() -> None:
    """Compute all hashes, and write them if no known one differs."""
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    hashes = {}
    for difficulty, seed in product(KINDS, INSTANCE_SEEDS):
        drawing, tune = drawing_and_tune(seed, difficulty)
        title = title_of(difficulty, seed)
        hashes[title] = {"drawing": sha256_of(drawing), "tune": sha256_of(tune)}
        if known.get(title, hashes[title]) != hashes[title]:
            raise SystemExit(f"{title} is published with other hashes: nothing was written")
    FILE.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
