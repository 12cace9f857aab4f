"""The direct formulas, written plainly and independently of the package, in the precision of their inputs."""

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor


def mask(x: Tensor, plane: tuple[int, int], sigma: float) -> Tensor:
    """Upsampled and blurred grids ``(n, F, T)`` of ``x (n, gh, gw)`` by interpolation and convolution."""
    full = functional.interpolate(x[:, None], size=plane, mode="bilinear", align_corners=False)
    if sigma < 0.5:
        return full[:, 0]
    size = max(3, int(6 * sigma) | 1)
    taps = torch.exp(-((torch.arange(size, dtype=x.dtype) - size // 2) ** 2) / (2 * sigma**2))
    taps = taps / taps.sum()
    half = size // 2
    full = functional.conv2d(
        functional.pad(full, (half, half, 0, 0), mode="replicate"), taps[None, None, None]
    )
    full = functional.conv2d(
        functional.pad(full, (0, 0, half, half), mode="replicate"), taps[None, None, :, None]
    )
    return full[:, 0]


def mixture(x: np.ndarray, encoder, sigma: float = 5.0) -> tuple[Tensor, Tensor, Tensor]:
    """Float64 mixture, sound and picture magnitudes for masks ``x (n, n_var)`` of an encoder."""
    grids = torch.from_numpy(x).double().reshape(-1, *encoder.grid)
    audio, image = encoder.audio_magnitude.double(), encoder.image_magnitude.double()
    share = mask(grids, audio.shape, sigma)
    return share * image + (1 - share) * audio, audio, image


def notebook_objectives(x: np.ndarray, encoder, sigma: float = 5.0) -> np.ndarray:
    """Linear L1 to the picture and log L1 to the sound, ``(n, 2)`` in float64."""
    mix, audio, image = mixture(x, encoder, sigma)
    visual = (mix - image).abs().mean(dim=(1, 2))
    log_ratio = torch.log(mix + 1e-8) - torch.log(audio + 1e-8)
    return torch.stack([visual, log_ratio.abs().mean(dim=(1, 2))], dim=1).numpy()


def notebook_evaluation(x: Tensor, audio: Tensor, image: Tensor, sigma: float) -> Tensor:
    """What the notebook does for a batch, in float32 over the whole plane; the baseline of the benchmarks."""
    share = mask(x, tuple(audio.shape), sigma).clamp(0, 1)
    mix = share * image + (1 - share) * audio
    visual = (mix - image).abs().mean(dim=(1, 2))
    log_ratio = torch.log(mix + 1e-8) - torch.log(audio + 1e-8).expand_as(mix)
    return torch.stack([visual, log_ratio.abs().mean(dim=(1, 2))], dim=1)


def challenging_masks(n_var: int, grid: tuple[int, int]) -> dict[str, np.ndarray]:
    """Masks that break careless arithmetic, by name."""
    rng = np.random.default_rng(7)
    single_bin, single_hole = np.zeros(n_var), np.ones(n_var)
    single_bin[n_var // 3], single_hole[n_var // 3] = 1.0, 0.0
    half = np.zeros(grid)
    half[: grid[0] // 2] = 1.0
    masks = {f"level {level:g}": np.full(n_var, level) for level in (0.0, 0.1, 0.5, 0.9, 1.0)}
    masks |= {f"random {k}": rng.random(n_var) for k in range(2)}
    masks |= {"half": half.ravel(), "single bin": single_bin, "single hole": single_hole}
    masks |= {"near 0": 1e-8 * rng.random(n_var), "near 1": 1 - 1e-8 * rng.random(n_var)}
    masks |= {"both ends": np.where(rng.random(n_var) < 0.5, 1e-8, 1 - 1e-8)}
    return masks
