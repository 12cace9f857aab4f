"""`MOSSProblem`: the pymoo adapter of encoder and objectives, nothing else."""

import copy
import inspect
from collections.abc import Sequence
from typing import Any

import moocore
import numpy as np
import torch
from pymoo.core.problem import Problem
from torch import Tensor

from ._threads import torch_threads
from .errors import AudioError, ObjectiveError, OptionError, PictureError, unknown_name
from .objectives import (
    Engine,
    Evaluation,
    LogParts,
    NamedLoss,
    Objective,
    find_preset,
    find_structure,
    resolve_objectives,
)
from .spectrogram import AudioSource, MaskEncoder, PictureSource

_MOST_THREADS = 1024
_BOUND_TOLERANCE = 1e-9


class MOSSProblem(Problem):  # type: ignore[misc]
    """Find masks whose blended spectrogram looks like a picture and sounds like a sound.

    A continuous problem of ``n_var = gh * gw`` variables in [0, 1] (the control grid, row-major), without
    constraints, evaluated in batches by torch. ``evaluate(X, return_values_of=["F", "dF"])`` gives exact
    gradients ``(n, n_obj, n_var)``. Parallelise over runs, not over individuals: the batch is already
    shared out to torch's threads.

    Args:
        image: the picture: path, Pillow image or 2-D array. See `MaskEncoder`.
        audio: the sound: path, or ``(waveform, sample_rate)``.
        preset: ``"notebook"``, the specification, or ``"display"``, in which the picture can be seen while
            the sound is still there. Sets the defaults of all that follows.
        objectives: names or objects, two or more; the preset's by default.
        normalize: scale every objective so that the ideal point is 0 and the nadir point is 1.
        encoder: a `MaskEncoder` made before, instead of ``image``, ``audio`` and its options.
        device: torch device to evaluate on.
        engine: ``"numba"``, compiled loops for float32 planes on the CPU; ``"torch"``, the reference, for any
            device and precision; or ``"auto"``, the first where it can be had.
        threads: threads to evaluate with; None takes torch's setting (`torch.get_num_threads`).
        max_memory_mb: memory in MiB that one batch of masks may take; larger populations are cut.
        **encoder_options: options of `MaskEncoder`, ``grid`` and ``smoothing`` among them.

    Attributes:
        encoder: the `MaskEncoder`.
        objectives: the `Objective` objects, in the order of the columns of F.
        preset: the preset's name.
        scale: ``(n_obj,)`` what the objectives' losses are divided by; 1 unless normalised.
        ref_point: ``(n_obj,)`` reference point of the hypervolume in the units of F: the nadir point, and
            an objective's upper bound where that is not known exactly; NaN where neither is.

    Raises:
        PictureError: the picture cannot be used.
        AudioError: the sound cannot be used.
        OptionError: an option is unknown or out of its range.
        ObjectiveError: an objective cannot be used with this plane, or cannot be normalised.

    Example:
        >>> import numpy as np
        >>> from pymoo_moss import MOSSProblem
        >>> noise = np.random.default_rng(0).standard_normal(16000)
        >>> problem = MOSSProblem(np.eye(40), (0.1 * noise, 16000), grid=(8, 16))
        >>> X = np.full((2, 128), 0.5)
        >>> F, dF = problem.evaluate(X, return_values_of=["F", "dF"])
        >>> F.shape, dF.shape
        ((2, 2), (2, 2, 128))
    """

    def __init__(
        self,
        image: PictureSource | None = None,
        audio: AudioSource | None = None,
        *,
        preset: str = "notebook",
        objectives: Sequence[str | Objective | NamedLoss] | None = None,
        normalize: bool = False,
        encoder: MaskEncoder | None = None,
        device: str | torch.device = "cpu",
        engine: Engine = "auto",
        threads: int | None = None,
        max_memory_mb: float = 512,
        **encoder_options: Any,
    ) -> None:
        chosen = find_preset(preset)
        _check_option_names(encoder_options)
        _check_threads(threads)
        target = _checked_device(device)
        if encoder is None:
            encoder = _make_encoder(image, audio, {**chosen.encoder_options, **encoder_options})
        elif image is not None or audio is not None or encoder_options:
            raise OptionError("expected either an encoder, or image, audio and their options; got both")
        self.preset = preset
        self.encoder = encoder.to(target)
        self.objectives = resolve_objectives(chosen.objectives(encoder) if objectives is None else objectives)
        self.threads = threads
        self.max_memory_mb = max_memory_mb
        super().__init__(n_var=encoder.n_var, n_obj=len(self.objectives), xl=0.0, xu=1.0)
        self.engine = engine
        self._evaluation = self._make_evaluation()
        self._offset, self.scale = np.zeros(self.n_obj), np.ones(self.n_obj)
        self._ideal, self._nadir, self._low, self.ref_point = self._known_points()
        if normalize:
            self._normalize()

    def ideal_point(self) -> np.ndarray:
        """The least value of every objective ``(n_obj,)``, exact.

        Raises:
            ObjectiveError: it is not known exactly for one of the objectives.
        """
        return self._exact(self._ideal, "ideal", "no constant mask is known to have its least loss")

    def nadir_point(self) -> np.ndarray:
        """The greatest value of every objective on the Pareto front ``(n_obj,)``, exact.

        Raises:
            ObjectiveError: it is not known exactly for one of the objectives.
        """
        return self._exact(self._nadir, "nadir", "its greatest loss on the front is not at a constant mask")

    def hypervolume(self, F: np.ndarray) -> float:
        """Hypervolume of points ``F (n, n_obj)`` as a share of the box from ideal to `ref_point`, in [0, 1].

        Raises:
            ObjectiveError: an objective has neither an exact end nor a bound to measure from.
        """
        low, ref_point = self.hypervolume_box
        # Where picture and sound agree in an objective the box is flat, and nothing can be gained.
        if np.size(F) == 0 or (ref_point <= low).any():
            return 0.0
        points = (np.atleast_2d(F) - low) / (ref_point - low)
        return float(moocore.hypervolume(points, ref=np.ones(self.n_obj)))

    @property
    def hypervolume_box(self) -> tuple[np.ndarray, np.ndarray]:
        """Corners of the box that `hypervolume` is a share of: ideal point, or lower bounds, and `ref_point`.

        Raises:
            ObjectiveError: an objective has neither an exact end nor a bound to measure from.
        """
        known = np.isfinite(self._low + self.ref_point)
        unbounded = [o.name for o, finite in zip(self.objectives, known, strict=True) if not finite]
        if unbounded:
            raise ObjectiveError(
                f"no hypervolume for {', '.join(unbounded)}: neither exact ends nor bounds are known; "
                "give the objective a lower_bound and an upper_bound"
            )
        return np.array(self._low), np.array(self.ref_point)

    def evaluate_spectrogram(self, magnitude: Tensor) -> np.ndarray:
        """Objective values ``(n, n_obj)`` of any magnitudes ``(n, F, T)``, such as an exported sound's own.

        By each objective's direct formula; NaN for objectives of the mask alone.
        """
        with torch_threads(self.threads):
            return self._scaled(self._evaluation.spectrogram_values(magnitude))

    def log_parts(self, x: np.ndarray) -> LogParts:
        """The loss ``audio_log_l1`` of masks ``(n, n_var)``, never normalised, and its gradient's two parts.

        Raises:
            ObjectiveError: the objectives are not ``visual_l1`` and ``audio_log_l1``.
        """
        column = find_structure(self.objectives).log
        with torch_threads(self.threads):
            return self._evaluation.log_parts(_checked_masks(x, self.n_var), column)

    def _evaluate(self, x: np.ndarray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        x = _checked_masks(x, self.n_var)
        with torch_threads(self.threads):
            if "dF" in out:
                values, gradients = self._evaluation.values_and_gradients(x)
                gradients /= self.scale[:, None]
                out["dF"] = gradients
            else:
                values = self._evaluation.values(x)
        out["F"] = self._scaled(values)

    def _make_evaluation(self) -> Evaluation:
        with torch_threads(self.threads):
            return Evaluation(self.objectives, self.encoder, self.engine, self.max_memory_mb)

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        """Raw losses in the units of F."""
        scaled: np.ndarray = (values - self._offset) / self.scale
        return scaled

    def _known_points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Exact ideal and nadir, NaN where unknown; then the same with bounds in place of NaN."""
        levels = np.repeat([[0.0], [1.0]], self.n_var, axis=1)
        at_ends = self.evaluate(levels)
        if not np.isfinite(at_ends).all():
            broken = self.objectives[int(np.argmin(np.isfinite(at_ends).all(axis=0)))]
            raise ObjectiveError(
                f"expected finite losses from objective '{broken.name}', got others at X = 0 or X = 1"
            )
        ideal, nadir, low, ref = np.full((4, self.n_obj), np.nan)
        for column, objective in enumerate(self.objectives):
            ends = at_ends[:, column]
            if objective.least_at is not None:
                ideal[column] = ends[int(objective.least_at)]
            elif objective.lower_bound == ends.min():
                ideal[column] = ends.min()
            greatest_at = self._nadir_level(objective)
            if greatest_at is not None:
                nadir[column] = ends[greatest_at]
            low[column] = objective.lower_bound if np.isnan(ideal[column]) else ideal[column]
            bound = objective.upper_bound(self.encoder)
            ref[column] = bound if np.isnan(nadir[column]) else nadir[column]
        return ideal, nadir, low, ref

    def _nadir_level(self, objective: Objective) -> int | None:
        """The constant mask at which the front's greatest value of an objective is known to be.

        That mask must be on the front, as the only one at which another objective is least. Then it
        has the greatest value if that is the greatest of all (`monotone`), or if there are just two
        objectives, where the end of the front in one is its beginning in the other.
        """
        if objective.least_at is None:
            return None
        opposite = 1 - int(objective.least_at)
        on_front = any(other.least_at == opposite for other in self.objectives)
        return opposite if on_front and (objective.monotone or self.n_obj == 2) else None

    def _normalize(self) -> None:
        ideal, nadir = self.ideal_point(), self.nadir_point()
        if (nadir <= ideal).any():
            raise ObjectiveError(
                f"cannot normalise: the ideal point {ideal} and the nadir point {nadir} coincide in an "
                "objective, picture and sound are the same there"
            )
        self._offset, self.scale = ideal, nadir - ideal
        self._ideal, self._nadir = np.zeros(self.n_obj), np.ones(self.n_obj)
        self._low, self.ref_point = self._ideal.copy(), self._nadir.copy()

    def _exact(self, point: np.ndarray, kind: str, reason: str) -> np.ndarray:
        unknown = [o.name for o, value in zip(self.objectives, point, strict=True) if np.isnan(value)]
        if unknown:
            raise ObjectiveError(f"the {kind} point is not known exactly for {', '.join(unknown)}: {reason}")
        return np.array(point)

    def __deepcopy__(self, memo: dict[int, Any]) -> "MOSSProblem":
        # Nothing in a problem changes after it is made: histories of algorithms share its big tensors.
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        memo[id(self)] = copied
        return copied

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state["encoder"] = copy.deepcopy(self.encoder).cpu()
        state["_device"] = str(self.encoder.picture.device)
        del state["_evaluation"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        device = torch.device(state.pop("_device"))
        self.__dict__.update(state)
        # A problem from a machine with a GPU opens on one without.
        if device.type == "cpu" or torch.cuda.is_available():
            self.encoder.to(device)
        self._evaluation = self._make_evaluation()


def _check_option_names(options: dict[str, Any]) -> None:
    known = {
        *inspect.signature(MaskEncoder).parameters,
        *inspect.signature(MOSSProblem).parameters,
    } - {"encoder_options"}
    for name in options:
        if name not in known:
            raise unknown_name("option", name, known)


def _make_encoder(
    image: PictureSource | None, audio: AudioSource | None, options: dict[str, Any]
) -> MaskEncoder:
    if image is None:
        raise PictureError("expected a picture: pass image as a path, a Pillow image or a 2-D array")
    if audio is None:
        raise AudioError("expected a sound: pass audio as a path or as (waveform, sample_rate)")
    return MaskEncoder(image, audio, **options)


def _checked_device(device: str | torch.device) -> torch.device:
    try:
        target = torch.device(device)
        torch.empty(0, device=target)
    except (RuntimeError, AssertionError, NotImplementedError, ValueError) as error:
        raise OptionError(f"device '{device}' cannot be used here: {error}") from error
    if target.type == "meta":
        raise OptionError("device 'meta' cannot be used here: it computes no values")
    return target


def _check_threads(threads: int | None) -> None:
    # More than the system gives would end the process.
    whole = isinstance(threads, int) and not isinstance(threads, bool)
    if threads is not None and not (whole and 1 <= threads <= _MOST_THREADS):
        raise OptionError(f"expected threads of 1 to {_MOST_THREADS}, got {threads}")


def _checked_masks(x: np.ndarray, n_var: int) -> np.ndarray:
    # Row by row in memory, because sums along other orders round differently.
    x = np.asarray(x, dtype=np.float64, order="C")
    if x.ndim != 2 or x.shape[1] != n_var:
        raise OptionError(f"expected masks of shape (n, n_var) = (n, {n_var}), got {x.shape}")
    # Written so that NaN fails it too.
    if x.size and not (x.min() >= -_BOUND_TOLERANCE and x.max() <= 1 + _BOUND_TOLERANCE):
        raise OptionError(f"expected masks within [0, 1], got values from {x.min()} to {x.max()}")
    clipped: np.ndarray = np.clip(x, 0.0, 1.0)
    return clipped
