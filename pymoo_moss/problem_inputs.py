"""Check what a problem is made from, and the masks that it evaluates."""

import copy
import math
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor

from .errors import AudioError, OptionError, PictureError, unknown_name
from .masks import constant_masks
from .spectrogram import AudioSource, MaskEncoder, Phase, PictureSource, check_precision

_MOST_THREADS = 1024
_BOUND_TOLERANCE = 1e-9
_LEVELS = (0.0, 0.5, 1.0)
_BATCH_TOLERANCE = 1e-3
_MASK_TOLERANCE = 1e-5
"""How far rounding may take masks in single precision beyond 0 and 1."""


def make_encoder(
    image: PictureSource | None, audio: AudioSource | None, options: dict[str, Any]
) -> MaskEncoder:
    """Make an encoder of a picture and a sound, both of which must be given.

    Raises:
        PictureError: there is no picture, or it cannot be used.
        AudioError: there is no sound, or it cannot be used.
        OptionError: an option is out of its range.
    """
    if image is None:
        raise PictureError("expected a picture: pass image as a path, a Pillow image or a 2-D array")
    if audio is None:
        raise AudioError("expected a sound: pass audio as a path or as (waveform, sample_rate)")
    return MaskEncoder(image, audio, **options)


def checked_device(device: str | torch.device) -> torch.device:
    """Return a torch device, and make sure that it exists here and computes values.

    Raises:
        OptionError: it does not.
    """
    try:
        target = torch.device(device)
    except (RuntimeError, ValueError) as error:
        raise OptionError(
            f"unknown device '{device}': choose cpu, or cuda for an NVIDIA graphics card"
        ) from error
    if target.type == "meta":
        raise OptionError("device 'meta' cannot be used here, it computes no values: choose cpu")
    try:
        torch.empty(0, device=target)
    except (RuntimeError, AssertionError, NotImplementedError, ValueError) as error:
        # The first sentence; torch goes on with a list of all that it has.
        reason = str(error).partition("\n")[0].partition(". ")[0]
        raise OptionError(f"device '{device}' cannot be used here ({reason}): choose cpu") from error
    return target


def checked_phase(phase: Phase) -> Phase:
    """Return the name of a phase, see `MaskEncoder.waveform`.

    Raises:
        OptionError: there is no such phase.
    """
    if phase not in get_args(Phase):
        raise unknown_name("phase", str(phase), get_args(Phase))
    return phase


def check_encoder(encoder: MaskEncoder) -> None:
    """Check what an encoder brings of its own, so that it does not fail or go wrong later.

    Raises:
        OptionError: it is no `MaskEncoder`, or a member has another shape or range than it must.
    """
    if not isinstance(encoder, MaskEncoder):
        raise OptionError(f"expected a MaskEncoder or a subclass of it, got {type(encoder).__name__}")
    check_precision(encoder.picture.dtype)
    if encoder.linear_mixture:
        return
    name, n_var, grid = type(encoder).__name__, encoder.n_var, encoder.variable_grid
    if not isinstance(n_var, int | np.integer) or n_var < 1:
        raise OptionError(f"expected n_var as a whole number of 1 or more from {name}, got {n_var!r}")
    if grid is not None and (np.shape(grid) != (2,) or math.prod(grid) != n_var):
        raise OptionError(
            f"expected variable_grid as (rows, columns) of {n_var} points from {name}, got {grid!r}"
        )
    ends = np.asarray(encoder.ends)
    if ends.shape != (2, encoder.n_var) or not ((ends >= 0) & (ends <= 1)).all():
        raise OptionError(
            f"expected ends of shape (2, n_var) = (2, {encoder.n_var}) within [0, 1] from {name}, got "
            f"{ends.shape}"
        )
    x = np.vstack([constant_masks(_LEVELS, n_var), np.random.default_rng(0).random((2, n_var))])
    expected = (len(x), *encoder.plane)
    with torch.no_grad():
        for what, made, highest in (("mask", encoder.mask, 1.0), ("mix", encoder.mix, np.inf)):
            found = made(x)
            if not isinstance(found, Tensor) or tuple(found.shape) != expected:
                got = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
                raise OptionError(
                    f"expected a tensor of shape (n, F, T) = {expected} from {name}.{what}(x) for x of shape "
                    f"{x.shape}, got {got}"
                )
            # Written so that NaN fails it too.
            if not bool(((found >= -_MASK_TOLERANCE) & (found <= highest + _MASK_TOLERANCE)).all()):
                raise OptionError(
                    f"expected {name}.{what}(x) within [0, {highest:g}], got values from "
                    f"{float(found.min())} to {float(found.max())}"
                )
            alone, scale = made(x[-1:])[0], float(found.abs().max())
            if float((alone - found[-1]).abs().max()) > _BATCH_TOLERANCE * scale:
                raise OptionError(
                    f"expected {name}.{what}(x) of one vector to be the same in any batch, and every time: "
                    "layers such as dropout and batch normalisation need encoder.eval()"
                )


def on_device(encoder: MaskEncoder, device: torch.device | None) -> MaskEncoder:
    """Return the encoder itself where it is on the device, else a copy there."""
    own = encoder.picture.device
    if device is None or (device.type == own.type and device.index in (None, own.index)):
        return encoder
    return copy.deepcopy(encoder).to(device)


def as_array(x: Any, n_var: int) -> np.ndarray:
    """Convert tensors and lists to an array of one mask or of several."""
    if isinstance(x, Tensor):
        if x.device.type == "meta":
            raise OptionError("expected masks with values, got a tensor on device 'meta', which has none")
        if x.requires_grad and torch.is_grad_enabled():
            raise OptionError(
                "expected masks without a gradient, got a tensor that requires one: problem.as_torch() gives "
                "losses that can be differentiated; x.detach() leaves the gradient out"
            )
        x = x.detach().cpu().double().numpy()
    array = np.asarray(x)
    if array.ndim not in (1, 2) or array.shape[-1] != n_var:
        got = f"shape {array.shape}" if array.ndim else type(x).__name__
        raise OptionError(
            f"expected masks of shape (n, n_var) = (n, {n_var}), or one mask ({n_var},), got {got}"
        )
    return array


def check_threads(threads: int | None) -> None:
    """Make sure that a number of threads is one that a system gives; None is torch's own.

    Raises:
        OptionError: it is not.
    """
    # More than the system gives would end the process.
    whole = isinstance(threads, int) and not isinstance(threads, bool)
    if threads is not None and not (whole and 1 <= threads <= _MOST_THREADS):
        raise OptionError(f"expected threads of 1 to {_MOST_THREADS}, got {threads}")


def checked_masks(x: np.ndarray, n_var: int) -> np.ndarray:
    """Return masks ``(n, n_var)`` as float64 in [0, 1], row by row in memory; rounding beyond is cut off.

    They are the caller's own array where that is what is wanted, because a copy takes as long as some of the
    evaluations. Nothing must change them.

    Raises:
        OptionError: they have another shape or type, or are out of bounds.
    """
    if np.asarray(x).dtype.kind not in "buif":
        raise OptionError(f"expected masks of real numbers, got an array of {np.asarray(x).dtype}")
    # Row by row in memory, because sums along other orders round differently.
    x = np.asarray(x, dtype=np.float64, order="C")
    if x.ndim != 2 or x.shape[1] != n_var:
        raise OptionError(f"expected masks of shape (n, n_var) = (n, {n_var}), got {x.shape}")
    least, most = (x.min(), x.max()) if x.size else (0.0, 1.0)
    # Written so that NaN fails it too.
    if not (least >= -_BOUND_TOLERANCE and most <= 1 + _BOUND_TOLERANCE):
        raise OptionError(f"expected masks within [0, 1], got values from {least} to {most}")
    if least >= 0 and most <= 1 and x.flags.writeable:  # torch shares no memory that is read-only
        return x
    clipped: np.ndarray = np.clip(x, 0.0, 1.0)
    return clipped
