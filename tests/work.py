"""What people do with a problem, each as a function that returns all of the numbers that come out.

Tests do it under modes of torch and numpy, and in child processes, and compare the last bits.
"""

import pickle
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.problem import Problem
from pymoo.optimize import minimize

from pymoo_moss import (
    GradientSeedSampling,
    HybridAlgorithm,
    MaskEncoder,
    MOSSProblem,
    ParetoTracer,
    PatchCrossover,
    SmoothNoiseMutation,
    SmoothNoiseSampling,
    certify,
    minimize_weighted,
)
from pymoo_moss._threads import torch_threads
from pymoo_moss.explore import SearchPlan, run_in_folder
from pymoo_moss.runs.sound import SoundExporter
from pymoo_moss.study import AlgorithmChoice, Study
from pymoo_moss.testing.common import small_picture

from .conftest import PLAIN

Numbers = list[np.ndarray]

THREADS: int | None = 1
"""Threads of all problems."""

_RATE = 8000
_OPTIONS = {"sample_rate": _RATE, "n_fft": 256, "hop_length": 64, "grid": (5, 7), "smoothing": 2.0}


def _sound(rate: int) -> tuple[np.ndarray, int]:
    rng = np.random.default_rng(3)
    return 0.3 * rng.standard_normal(rate // 2) * np.exp(-np.arange(rate // 2) / 1500), rate


def make_problem(preset: str = "notebook", **options: object) -> MOSSProblem:
    """A problem of 35 variables, unless told otherwise; its sound is resampled, its picture reduced."""
    options = {"threads": THREADS, **_OPTIONS, **options}
    return MOSSProblem(small_picture(), _sound(11025), preset=preset, **options)


def _masks(problem: Problem) -> np.ndarray:
    return np.vstack([problem.ends, np.random.default_rng(5).random((3, problem.n_var))])


def _evaluated(problem: Problem) -> Numbers:
    return list(problem.evaluate(_masks(problem), return_values_of=["F", "dF"]))


def _found(problem: Problem, algorithm, generations: int = 3) -> Numbers:
    result = minimize(problem, algorithm, ("n_gen", generations), seed=1)
    return [result.X, result.F]


def construction() -> Numbers:
    encoder = make_problem("display", frequency_axis="mel", fmin=100).encoder
    names = ("picture", "image_magnitude", "audio_magnitude", "audio_waveform")
    return [getattr(encoder, name).numpy() for name in names]


def notebook() -> Numbers:
    return _evaluated(make_problem(normalize=True))


def display() -> Numbers:
    return _evaluated(make_problem("display"))


def by_torch() -> Numbers:
    return [
        values
        for preset in ("notebook", "display")
        for values in _evaluated(make_problem(preset, engine="torch"))
    ]


def by_autograd() -> Numbers:
    return _evaluated(make_problem(objectives=["visual_ssim", "audio_mel", "mask_roughness"]))


def copied() -> Numbers:
    return _evaluated(pickle.loads(pickle.dumps(make_problem("display"))))


def in_double_precision() -> Numbers:
    return _evaluated(make_problem(dtype=torch.float64))


def seeds() -> Numbers:
    return _found(make_problem("display"), NSGA2(pop_size=6, sampling=GradientSeedSampling(steps=4)))


def hybrid() -> Numbers:
    return _found(make_problem(), HybridAlgorithm(pop_size=8, refine_every=2))


def smooth_noise() -> Numbers:
    operators = {
        "sampling": SmoothNoiseSampling(),
        "crossover": PatchCrossover(),
        "mutation": SmoothNoiseMutation(),
    }
    # Long enough an axis that Gaussians underflow along it.
    return _found(make_problem(grid=(5, 60)), NSGA2(pop_size=6, **operators))


def tracer() -> Numbers:
    return _found(make_problem("display"), ParetoTracer(6))


def weighted() -> Numbers:
    results = [
        minimize_weighted(make_problem(preset), [1.0, 2.0], steps=4) for preset in ("notebook", "display")
    ]
    return [values for result in results for values in (result.X, result.F)]


def certificate() -> Numbers:
    bounds = certify(make_problem(), n_weights=4, n_passes=1)
    return [bounds.lower_bounds, np.array([bounds.hypervolume_lower, bounds.hypervolume_upper])]


def waveforms() -> Numbers:
    encoder = MaskEncoder(small_picture(), _sound(_RATE), **_OPTIONS)
    masks = np.random.default_rng(5).random((2, encoder.n_var))
    # One thread, because an encoder has no number of its own.
    with torch_threads(1):
        return [encoder.waveform(masks, phase).numpy() for phase in ("audio", "griffin_lim", "refined")]


def exported() -> Numbers:
    problem = make_problem("display")
    sound = SoundExporter(problem).of_mask(np.full(problem.n_var, 0.5))
    return [sound.waveform.numpy(), sound.magnitude.numpy(), sound.F, np.array([sound.gain, sound.view_ssim])]


def differentiated() -> Numbers:
    """By `TorchProblem`: a problem and masks that are made in a mode take part in gradients outside of it."""
    losses = make_problem("display").as_torch()
    start = torch.full((2, losses.dim), 0.25, dtype=torch.float64, device="cpu")
    values = losses(start)
    with torch.inference_mode(False), torch.enable_grad():
        x = start.clone().requires_grad_()
        losses(x).sum().backward()
    return [values.numpy(), x.grad.numpy()]


def run() -> Numbers:
    problem = make_problem("display")
    with tempfile.TemporaryDirectory() as folder:
        plan = SearchPlan("hybrid", generations=2, population=6, steps=2, seed=1)
        result = run_in_folder(Path(folder) / "run", problem, plan, settings={}, count=2, renderer=PLAIN)
        sounds = sorted(Path(folder).glob("run/solutions/*/audio.wav"))
        assert len(sounds) >= 2
        return [result.X, result.F, *(np.frombuffer(path.read_bytes(), np.uint8) for path in sounds)]


def study() -> Numbers:
    with tempfile.TemporaryDirectory() as folder:
        choice = AlgorithmChoice("hybrid", 6)
        runs = Study({"small": make_problem}, {"hybrid": choice}, 1, [60], folder).run(n_jobs=1)
    assert not runs.broken
    return [*runs.fronts("small", "hybrid"), runs.runs[0].hypervolume]


WORK: dict[str, Callable[[], Numbers]] = {
    function.__name__: function
    for function in (
        construction,
        notebook,
        display,
        by_torch,
        by_autograd,
        copied,
        in_double_precision,
        seeds,
        hybrid,
        smooth_noise,
        tracer,
        weighted,
        certificate,
        waveforms,
        exported,
        differentiated,
        run,
        study,
    )
}


def same(found: Numbers, expected: Numbers) -> bool:
    """Whether two pieces of work have the same last bits; NaN is equal to NaN."""
    pairs = zip(found, expected, strict=True)
    return all(a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True) for a, b in pairs)


if __name__ == "__main__":
    folder, *names = sys.argv[1:]
    for name in names or WORK:
        np.savez(Path(folder) / f"{name}.npz", *WORK[name]())
