"""Find spectrograms that look like a picture and sound like a sound, with any pymoo algorithm.

>>> from pymoo.algorithms.moo.nsga2 import NSGA2
>>> from pymoo.optimize import minimize
>>> from pymoo_moss import GradientSeedSampling, get_problem
>>> problem = get_problem("lighthouse-prelude-64x128")
>>> algorithm = NSGA2(pop_size=20, sampling=GradientSeedSampling(steps=10))
>>> result = minimize(problem, algorithm, ("n_gen", 2), seed=1)
>>> bool(0 < problem.hypervolume(result.F) < 1)
True

Names are imported when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .instances import get_problem, list_instances, list_problems, make_instance
    from .problem import MOSSProblem
    from .search import (
        FrontAscent,
        FrontBounds,
        FrontOutput,
        FrontRecorder,
        GradientSeedSampling,
        HybridAlgorithm,
        LevelSampling,
        ParetoTracer,
        PatchCrossover,
        SmoothNoiseMutation,
        SmoothNoiseSampling,
        certify,
        minimize_weighted,
    )
    from .spectrogram import MaskEncoder
    from .torch_problem import TorchProblem

    __version__: str

_ROOMS = {
    "MOSSProblem": "problem",
    "MaskEncoder": "spectrogram",
    "TorchProblem": "torch_problem",
    "GradientSeedSampling": "search",
    "LevelSampling": "search",
    "SmoothNoiseSampling": "search",
    "PatchCrossover": "search",
    "SmoothNoiseMutation": "search",
    "FrontAscent": "search",
    "HybridAlgorithm": "search",
    "ParetoTracer": "search",
    "minimize_weighted": "search",
    "FrontRecorder": "search",
    "FrontOutput": "search",
    "certify": "search",
    "FrontBounds": "search",
    "get_problem": "instances",
    "list_problems": "instances",
    "make_instance": "instances",
    "list_instances": "instances",
}

__all__ = [
    "MOSSProblem",
    "MaskEncoder",
    "TorchProblem",
    "GradientSeedSampling",
    "LevelSampling",
    "SmoothNoiseSampling",
    "PatchCrossover",
    "SmoothNoiseMutation",
    "FrontAscent",
    "HybridAlgorithm",
    "ParetoTracer",
    "minimize_weighted",
    "FrontRecorder",
    "FrontOutput",
    "certify",
    "FrontBounds",
    "get_problem",
    "list_problems",
    "make_instance",
    "list_instances",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return version("pymoo-moss")
    if name in _ROOMS:
        return getattr(import_module(f".{_ROOMS[name]}", __name__), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
