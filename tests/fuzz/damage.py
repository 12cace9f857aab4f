"""Files, damaged: bytes by plain mutation, JSON by values of another kind in any place."""

import copy
import io
import json
import random
import zipfile
from typing import Any

_NUMBERS = (0, 1, 127, 128, 255, 256, 32767, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
_VALUES = (
    None, True, 0, -1, 1, 3, 10**9, 10**30, 0.5, -0.0, 1e308, float("inf"), float("nan"), "", "x", "nsga2",
    "../../etc/passwd", "/etc/passwd", "a\0b", "\ud800", "é" * 300, [], [[]], {}, [1, 2], {"a": {"b": []}},
    [0.1] * 50, ["visual_l1"],
)  # fmt: skip


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, inserted, removed, repeated or cut off."""
    damage = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = _place(damage, chance)
        length = chance.choice((1, 2, 4, 16, 300))
        match chance.randrange(7):
            case 0 if damage:
                damage[min(place, len(damage) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                damage[place : place + length] = chance.randbytes(length)
            case 2:
                del damage[place : place + length]
            case 3:
                damage[place:place] = damage[_place(damage, chance) :][:length]
            case 4:
                number = chance.choice(_NUMBERS)
                width, order = chance.choice((1, 2, 4, 8)), chance.choice(("little", "big"))
                damage[place : place + width] = (number % 256**width).to_bytes(width, order)
            case 5:
                damage[place : place + length] = bytes(length)
            case _:
                del damage[place:]
    return bytes(damage)


def _place(content: bytearray, chance: random.Random) -> int:
    """Mostly near the beginning, where files say what they are."""
    return min(len(content), int(chance.choice((40, 400, len(content))) * chance.random()))


def damaged_json(content: bytes, chance: random.Random) -> bytes:
    """Some values changed for others, moved, or removed."""
    value = copy.deepcopy(json.loads(content))
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        value = _changed(value, chance)
    return json.dumps(value).encode()


def _changed(value: Any, chance: random.Random) -> Any:
    places = list(_places(value, ()))
    if not places:
        return chance.choice(_VALUES)
    path = chance.choice(places)
    holder = value
    for step in path[:-1]:
        holder = holder[step]
    other = chance.choice((*_VALUES, *(_at(value, chance.choice(places)) for _ in range(3))))
    if chance.random() < 0.25:
        del holder[path[-1]]
    elif isinstance(holder, dict) and chance.random() < 0.15:
        holder[chance.choice(("x", "", "image", "shape", "../up", "device"))] = copy.deepcopy(other)
    else:
        holder[path[-1]] = copy.deepcopy(other)
    return value


def _places(value: Any, path: tuple) -> Any:
    steps = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield (*path, step)
        yield from _places(value[step], (*path, step))


def _at(value: Any, path: tuple) -> Any:
    for step in path:
        value = value[step]
    return value


def damaged_archive(content: bytes, chance: random.Random) -> bytes:
    """A zip archive with sound checksums, in which one member is damaged, renamed or missing."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(written, "w") as other:
        members = {name: archive.read(name) for name in archive.namelist()}
        name = chance.choice(sorted(members))
        match chance.randrange(8):
            case 0:
                del members[name]
            case 1:
                members[chance.choice(("x", "X.npy", "../up.npy", "facts.npy", "front_-1.npy"))] = (
                    members.pop(name)
                )
            case 2:
                members[name] = members[chance.choice(sorted(members))]
            case _:
                members[name] = damaged(members[name], chance)
        for member, data in members.items():
            other.writestr(member, data)
    return written.getvalue()
