"""Capture and restore all that changes in a pymoo algorithm while it runs, as plain values and arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymoo.algorithms.moo.nsga3 import HyperplaneNormalization
from pymoo.core.algorithm import Algorithm
from pymoo.core.individual import Individual
from pymoo.core.population import Population
from pymoo.core.problem import Problem
from pymoo.core.termination import Termination
from pymoo.util.archive import MultiObjectiveArchive
from pymoo.util.display.display import Display
from pymoo.util.display.output import Output

from ..errors import CheckpointError

_KEPT = (Problem, Display, Output)
"""Types that are not captured because they are immutable or do not affect the run; the restored algorithm
keeps its own."""
_EXCLUDE = "checkpoint_exclude"
"""Class attribute, of any object in an algorithm, that names attributes to leave out for the same reasons."""
_DECORATED = "wrapper"
"""Name of every function that pymoo has decorated."""
_PLAIN = (bool, int, float, str)
_MADE_ON_THE_WAY: dict[str, Callable[[], Any]] = {
    "Individual": Individual,
    "HyperplaneNormalization": lambda: HyperplaneNormalization(0),
    "MultiObjectiveArchive": MultiObjectiveArchive,
}
"""Types that an algorithm makes while it runs; all other objects exist from the beginning."""
_SEQUENCES: dict[str, type] = {kind.__name__: kind for kind in (list, tuple, set)}


@dataclass(frozen=True)
class AlgorithmState:
    """A captured algorithm.

    Attributes:
        tree: nested lists, dictionaries, numbers and strings, as JSON has them. Every object has a number,
            so that an individual in two populations stays one.
        arrays: the arrays that the tree refers to.
    """

    tree: Any
    arrays: list[np.ndarray]


def capture(algorithm: Algorithm) -> AlgorithmState:
    """Capture the state of an algorithm between two generations; the algorithm stays as it is.

    Left out are attributes that the class of an object names in ``checkpoint_exclude``.

    Args:
        algorithm: any algorithm that is set up.

    Raises:
        CheckpointError: it holds something that cannot be stored, or is within a generation.
    """
    if algorithm.save_history:
        raise CheckpointError("expected save_history=False: a history of whole algorithms cannot be stored")
    writer = _Writer()
    return AlgorithmState(writer.node(algorithm, type(algorithm).__name__), writer.arrays)


def restore(algorithm: Algorithm, state: AlgorithmState) -> None:
    """Bring an algorithm to a state, from which it continues bit for bit as the captured one.

    Safe with states of unknown origin: nothing is constructed but individuals, populations and containers,
    and nothing is called or imported by a name from the state.

    Args:
        algorithm: made and set up with the same arguments as the captured one, and not started.
        state: of `capture`.

    Raises:
        CheckpointError: the state is damaged, or of another algorithm. The algorithm cannot be used then.
    """
    try:
        _Reader(state.arrays).value(state.tree, algorithm)
    except CheckpointError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise CheckpointError(f"the state of the algorithm is damaged: {error!r}") from error


class _Writer:
    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        # Values as well as numbers, because what is known by its id has to stay alive.
        self._known: dict[int, tuple[int, Any]] = {}

    def node(self, value: Any, path: str) -> Any:
        if value is None or type(value) in _PLAIN:
            return value
        if isinstance(value, _KEPT):
            return {"kind": "kept"}
        if callable(value) and hasattr(value, "__name__"):
            return {"kind": "function", "name": value.__name__}
        if id(value) in self._known:
            return {"kind": "again", "number": self._known[id(value)][0]}
        self._known[id(value)] = len(self._known), value
        number = len(self._known) - 1
        return {"number": number, **self._described(value, path)}

    def _described(self, value: Any, path: str) -> dict[str, Any]:
        if isinstance(value, np.random.Generator):
            return {"kind": "generator", "state": value.bit_generator.state}
        if isinstance(value, np.generic):
            return {"kind": "scalar", "array": self._array(np.asarray(value))}
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return {"kind": "array", "array": self._array(value)}
        if isinstance(value, dict):
            pairs = [[self.node(key, path), self.node(one, f"{path}[{key!r}]")] for key, one in value.items()]
            return {"kind": "dict", "pairs": pairs}
        kind = type(value).__name__
        if isinstance(value, Population | list | tuple | set):
            items = [self.node(one, f"{path}[{place}]") for place, one in enumerate(value)]
            rest = self._attributes(value, path) if hasattr(value, "__dict__") else {}
            return {"kind": "items", "class": kind, "items": items, "attributes": rest}
        if _is_its_attributes(value):
            return {"kind": "object", "class": kind, "attributes": self._attributes(value, path)}
        raise CheckpointError(
            "expected an algorithm between two generations, with numbers, arrays, containers and objects of "
            f"these, got a {kind} at {path}, which cannot be stored: name its attribute in "
            "checkpoint_exclude if the run does not depend on it"
        )

    def _attributes(self, value: Any, path: str) -> dict[str, Any]:
        # The configuration of individuals is the same in all.
        left_out = ("config",) if isinstance(value, Individual) else getattr(type(value), _EXCLUDE, ())
        own = {name: one for name, one in vars(value).items() if name not in left_out}
        return {name: self.node(one, f"{path}.{name}") for name, one in own.items()}

    def _array(self, value: np.ndarray) -> int:
        self.arrays.append(value)
        return len(self.arrays) - 1


class _Reader:
    def __init__(self, arrays: list[np.ndarray]) -> None:
        self._arrays = arrays
        self._known: dict[int, Any] = {}

    def value(self, node: Any, there: Any) -> Any:
        """Return what a node stands for; ``there`` is what the algorithm has in its place so far."""
        if node is None or type(node) in _PLAIN:
            return node
        if there is None and node.get("class") in _MADE_ON_THE_WAY:
            there = _MADE_ON_THE_WAY[node["class"]]()
        match node["kind"]:
            case "kept":
                return there
            case "function" if node["name"] == _DECORATED and callable(there):
                return there
            case "function":
                return _same(node["name"], getattr(there, "__name__", None), there)
            case "again":
                return self._known[node["number"]]
            case "generator":
                generator = self._remember(node, _same("Generator", type(there).__name__, there))
                generator.bit_generator.state = node["state"]
                return generator
            case "scalar":
                return self._remember(node, self._arrays[node["array"]][()])
            case "array":
                return self._remember(node, self._arrays[node["array"]])
            case "dict":
                return self._dict(node, there if isinstance(there, dict) else {})
            case "items":
                return self._items(node, there)
            case "object" if isinstance(there, Termination) and node["class"] != type(there).__name__:
                # A run may be resumed with another termination. That it was terminated, because evaluations
                # ran out, holds for any.
                there.force_termination |= node["attributes"]["force_termination"] is True
                return self._remember(node, there)
            case "object":
                found = self._remember(node, _same(node["class"], type(there).__name__, there))
                self._fill(found, node["attributes"], vars(there))
                return found
        raise CheckpointError(f"the state of the algorithm has an unknown kind of node: {node['kind']!r}")

    def _dict(self, node: dict[str, Any], there: dict[Any, Any]) -> dict[Any, Any]:
        found: dict[Any, Any] = self._remember(node, {})
        for key_node, value_node in node["pairs"]:
            key = self.value(key_node, None)
            found[key] = self.value(value_node, there.get(key))
        return found

    def _items(self, node: dict[str, Any], there: Any) -> Any:
        kind, nodes = node["class"], node["items"]
        before = dict(enumerate(there)) if isinstance(there, list | tuple) else {}
        if kind in ("tuple", "set"):
            items = [self.value(one, before.get(place)) for place, one in enumerate(nodes)]
            return self._remember(node, _SEQUENCES[kind](items))
        if kind == "list":
            found = self._remember(node, [])
        elif kind == "Population":
            found = self._remember(node, Population.empty(len(nodes)))
        elif isinstance(there, Population):
            # An archive, with its rules.
            found = Population.empty(len(nodes)).view(type(_same(kind, type(there).__name__, there)))
            self._remember(node, found)
        else:
            found = self._remember(node, _same(kind, type(there).__name__, there))
            found.clear()
        self._fill(found, node["attributes"], getattr(there, "__dict__", {}))
        for place, one in enumerate(nodes):
            item = self.value(one, before.get(place))
            if not isinstance(found, Population):
                found.append(item)
            elif isinstance(item, Individual):
                found[place] = item
            else:
                raise CheckpointError(f"expected individuals in a population, got a {type(item).__name__}")
        return found

    def _fill(self, found: Any, attributes: dict[str, Any], there: dict[str, Any]) -> None:
        for name, node in attributes.items():
            if callable(getattr(type(found), name, None)) and name not in there:
                raise CheckpointError(f"the state of the algorithm overrides {type(found).__name__}.{name}")
            vars(found)[name] = self.value(node, there.get(name))

    def _remember(self, node: dict[str, Any], value: Any) -> Any:
        self._known[node["number"]] = value
        return value


def _is_its_attributes(value: Any) -> bool:
    """Tell whether ``__dict__`` holds all of an object's state, unlike with tensors, files and generators."""
    own = ("__reduce_ex__", "__reduce__", "__getstate__")
    kind = type(value)
    return hasattr(value, "__dict__") and all(
        getattr(kind, name, None) is getattr(object, name, None) for name in own
    )


def _same(expected: str, came: str | None, there: Any) -> Any:
    if expected != came:
        raise CheckpointError(
            f"the checkpoint has a {expected} where the algorithm has a {came}: make and set up the "
            "algorithm with the arguments of the run that wrote it"
        )
    return there
