"""Random small problems, and masks that are most likely to violate their certified bounds."""

import itertools
from typing import Any

import numpy as np
import torch

from pymoo_moss import MOSSProblem
from pymoo_moss.bounds.majorisation import Majorisation
from pymoo_moss.errors import MossError

RATE = 16000
LEVELS = np.array([0.0, 1e-9, 1e-6, 1e-4, 1e-2, 0.1, 0.3, 0.5, 0.7, 0.9, 1 - 1e-4, 1 - 1e-8, 1.0])
"""Levels of brute force for problems of few variables; with more variables, fewer are used."""
_MOST_MASKS = 2000
_STARTS = 2
_STEPS = 100


def sound(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Noise, silence in parts, a tone, impulses, a clipped tone, a sweep or near silence."""
    time = np.arange(samples) / RATE
    noise = rng.standard_normal(samples)
    tone = np.sin(2 * np.pi * rng.uniform(100, 7000) * time)
    silent = np.where(np.arange(samples) < rng.uniform(0.2, 0.9) * samples, 0.1 * noise, 0.0)
    impulses = np.zeros(samples)
    impulses[rng.integers(0, samples, rng.integers(1, 9))] = 1.0
    sweep = np.sin(2 * np.pi * (50 + 4000 * time / time[-1]) * time)
    kinds = [0.1 * noise, silent, 0.5 * tone, impulses, np.clip(5 * tone, -1, 1), 0.3 * sweep, 1e-5 * noise]
    return kinds[rng.integers(len(kinds))]


def picture(rng: np.random.Generator) -> np.ndarray:
    """Black, white but for one point, halves, noise, a ramp or a single point."""
    shape = rng.integers(2, 24, 2)
    white, black, half = np.ones(shape), np.zeros(shape), np.zeros(shape)
    white[0, 0], half[:, shape[1] // 2 :] = rng.uniform(0, 1), 1.0
    point = np.zeros(shape)
    point[rng.integers(shape[0]), rng.integers(shape[1])] = 1.0
    ramp = np.add.outer(np.linspace(0, 1, shape[0]), np.linspace(0, rng.uniform(0, 2), shape[1]))
    kinds = [black, white, half, rng.random(shape), ramp, point]
    return kinds[rng.integers(len(kinds))]


def options(rng: np.random.Generator) -> dict[str, Any]:
    """Options of `MOSSProblem` for a plane of a few hundred to a few thousand bins."""
    n_fft = int(rng.choice([32, 64, 128]))
    rows = int(rng.integers(1, 4))
    chosen: dict[str, Any] = {
        "grid": (rows, int(rng.integers(1, 6 // rows + 1))),
        "n_fft": n_fft,
        "hop_length": n_fft // int(rng.choice([2, 4])),
        "smoothing": float(rng.choice([0.0, 0.4, 0.7, 2.0, 5.0])),
        "gamma": float(rng.choice([0.01, 1.0, 1.8, 100.0])),
        "floor_quantile": float(rng.choice([0.01, 0.3])),
        "frequency_axis": str(rng.choice(["linear", "mel", "log"])),
        "dtype": torch.float32 if rng.random() < 0.7 else torch.float64,
        "engine": str(rng.choice(["auto", "torch"])),
        "normalize": bool(rng.random() < 0.3),
        "threads": 1,
    }
    if rng.random() < 0.3:
        chosen |= {"fmin": float(rng.uniform(20, 3000)), "fmax": float(rng.uniform(4000, 8000))}
    if rng.random() < 0.2:
        chosen["dynamic_range_db"] = float(rng.uniform(20, 120))
    if rng.random() < 0.3:
        chosen["objectives"] = ["audio_log_l1", "visual_l1"]
    return chosen


def random_problem(seed: int) -> tuple[MOSSProblem, np.random.Generator]:
    """Return a random problem and its generator; rejected combinations are drawn again."""
    rng = np.random.default_rng(seed)
    while True:
        chosen = options(rng)
        samples = int(rng.integers(chosen["n_fft"], 12 * chosen["n_fft"]))
        try:
            return MOSSProblem(picture(rng), (sound(rng, samples), RATE), **chosen), rng
        except MossError:
            continue


def challengers(problem: MOSSProblem, trade_offs: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Masks ``(n, n_var)``: brute force over levels, random ones, and the ends of long descents.

    Args:
        problem: of few variables.
        trade_offs: ``(n,)`` weights of the linear loss that descents are for.
        rng: of the random ones.
    """
    n_var = problem.n_var
    most = int(_MOST_MASKS ** (1 / n_var))
    levels = LEVELS if most >= len(LEVELS) else LEVELS[np.linspace(0, len(LEVELS) - 1, most).astype(int)]
    grid = np.array(list(itertools.product(levels, repeat=n_var)))
    constant = np.repeat(np.geomspace(1e-9, 1, 60)[:, None], n_var, axis=1)
    starts = rng.random((_STARTS * len(trade_offs), n_var))
    repeated = np.tile(trade_offs, _STARTS)
    ends = 1.0 - Majorisation(problem).descend(starts, repeated, steps=_STEPS)
    return np.vstack([grid, constant, 1.0 - constant, rng.random((200, n_var)), ends])


def direct_values(problem: MOSSProblem, x: np.ndarray) -> np.ndarray:
    """F of masks by the direct formula in float64, from the stored planes and matrices."""
    encoder = problem.encoder
    stored = encoder.mask_map
    left, right = stored.left.double().numpy(), stored.right.double().numpy()
    audio, image = encoder.audio_magnitude.double().numpy(), encoder.image_magnitude.double().numpy()
    grids = x.reshape(-1, *encoder.grid)
    mix = (left @ grids @ right.T) * image + (left @ (1 - grids) @ right.T) * audio
    losses = {
        "visual_l1": np.abs(mix - image).mean(axis=(1, 2)),
        "audio_log_l1": np.abs(np.log(mix + 1e-8) - np.log(audio + 1e-8)).mean(axis=(1, 2)),
    }
    # The least loss of both objectives is 0, so that F is the loss over its scale.
    return np.stack([losses[o.name] for o in problem.objectives], axis=1) / problem.scale


def are_above_one(F: np.ndarray, corners: np.ndarray) -> bool:
    """Whether every point is at or above one of the corners in both objectives."""
    return all((corners <= point).all(axis=1).any() for point in F)
