"""`MOSSProblem`: the pymoo adapter of encoder and objectives."""

import copy
import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from pymoo.core.problem import Problem
from torch import Tensor

from ._arithmetic import computing
from ._checks import real_number
from .errors import ObjectiveError, OptionError, unknown_name
from .known_points import KnownPoints, known_points, share_of_box
from .objectives import (
    Engine,
    Evaluation,
    LogParts,
    NamedLoss,
    Objective,
    Side,
    find_preset,
    find_sides,
    find_structure,
    picture_and_sound,
    resolve_objectives,
)
from .problem_inputs import (
    as_array,
    check_encoder,
    check_threads,
    checked_device,
    checked_masks,
    checked_phase,
    make_encoder,
    on_device,
)
from .spectrogram import AudioSource, MaskEncoder, Phase, PictureSource
from .torch_problem import TorchProblem

_DEVICE = "MOSSProblem device"
"""Key of a pickled problem's device; no attribute can have that name."""
_DECIDED_HERE = {"self", "kwargs", "n_var", "n_obj", "xl", "xu", "vtype", "vars"} | {
    "elementwise",
    "elementwise_func",
    "elementwise_runner",
}
"""Parameters of pymoo's `Problem` that follow from picture and sound."""
_PYMOO_OPTIONS = inspect.signature(Problem.__init__).parameters.keys() - _DECIDED_HERE


class MOSSProblem(Problem):  # type: ignore[misc]
    """Find masks whose blended spectrogram looks like a picture and sounds like a sound.

    A continuous problem of ``n_var = gh * gw`` variables in [0, 1] (the control grid, row-major), evaluated
    in batches. ``evaluate(X, return_values_of=["F", "dF"])`` gives exact gradients ``(n, n_obj, n_var)``, NaN
    for objectives that have none; `as_torch` gives the same as a differentiable torch module. Parallelise
    over runs, not over individuals: the batch is already shared among torch's threads.

    It has no constraints of its own. A subclass adds them by ``n_ieq_constr`` or ``n_eq_constr`` and an
    `_evaluate` that calls this one; see the how-to "Constraints and own problems".

    Args:
        image: the picture: path, bytes or binary file, Pillow image or 2-D array. See `MaskEncoder`.
        audio: the sound: path, bytes or binary file of a sound or video, or ``(waveform, sample_rate)``.
        preset: ``"notebook"``, the formulation of the original MOSS notebook; ``"display"``, in which the
            picture can be seen while the sound is still there; or ``"listener"``, a quiet picture where most
            songs leave room, by what can be heard, at the song's own sample rate. Sets the defaults of
            objectives, phase and encoder options.
        objectives: names or objects, two or more; the preset's by default.
        normalize: scale every objective so that the ideal point is 0 and the nadir point is 1.
        encoder: a `MaskEncoder` instead of ``image``, ``audio`` and its options; it stays as it is.
        device: torch device to evaluate on. None takes the encoder's own, the CPU for a new one; on another
            device the problem has a copy of the encoder.
        engine: ``"numba"``, compiled loops for float32 planes on the CPU; ``"torch"``, the reference, for any
            device, precision and mixture; or ``"auto"``, the first where it is available.
        threads: threads to evaluate with; None takes torch's setting (`torch.get_num_threads`).
        max_memory_mb: memory in MiB that one batch of masks may take; larger populations are cut.
        phase: phase of exported sounds, see `MaskEncoder.waveform`; the preset's by default.
        **options: options of `MaskEncoder`, ``grid`` and ``smoothing`` among them; and of pymoo's `Problem`,
            ``n_ieq_constr`` and ``n_eq_constr`` among them.

    Attributes:
        encoder: the `MaskEncoder`.
        objectives: the `Objective` objects, in the order of the columns of F.
        preset: the preset's name.
        phase: phase of exported sounds.
        sides: ``"picture"``, ``"sound"`` or None for each objective: which of the two it measures.
        ends: ``(2, n_var)`` variables of the sound alone and of the picture alone.
        losses_at_ends: ``(2, n_obj)`` what sound alone and picture alone are worth, in the units of F; NaN
            for objectives of the mask if no variables are known to lead there.
        grid: rows and columns that the variables stand on; None where they are on no grid.
        scale: ``(n_obj,)`` what the objectives' losses are divided by; 1 unless normalised.
        ref_point: ``(n_obj,)`` reference point of the hypervolume in the units of F: the nadir point, and
            an objective's upper bound where that is not known exactly; NaN where neither is.
            With another mixture than the linear one, the losses of pure sound and pure picture.

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
        device: str | torch.device | None = None,
        engine: Engine = "auto",
        threads: int | None = None,
        max_memory_mb: float = 512,
        phase: Phase | None = None,
        **options: Any,
    ) -> None:
        chosen = find_preset(preset)
        check_option_names(options)
        check_threads(threads)
        pymoo_options = {name: options.pop(name) for name in _PYMOO_OPTIONS & options.keys()}
        target = None if device is None else checked_device(device)
        if encoder is not None and (image is not None or audio is not None or options):
            raise OptionError("expected either an encoder, or image, audio and their options; got both")
        with computing(threads):
            if encoder is None:
                encoder = make_encoder(image, audio, chosen.with_options(options))
            check_encoder(encoder)
            self.encoder = on_device(encoder, target)
        self.preset = preset
        self.phase: Phase = chosen.phase if phase is None else checked_phase(phase)
        self.ends, self.grid = np.asarray(encoder.ends, dtype=float), encoder.variable_grid
        self.objectives = resolve_objectives(chosen.objectives(encoder) if objectives is None else objectives)
        self.threads = threads
        self.max_memory_mb = real_number("max_memory_mb", max_memory_mb)
        super().__init__(n_var=encoder.n_var, n_obj=len(self.objectives), xl=0.0, xu=1.0, **pymoo_options)
        self.engine = engine
        self._evaluation = self._make_evaluation()
        self._offset, self.scale = np.zeros(self.n_obj), np.ones(self.n_obj)
        ends = self._evaluated_ends()
        self.sides: tuple[Side | None, ...] = find_sides([o.side for o in self.objectives], *ends)
        self.losses_at_ends = ends
        points = self._known_points(ends)
        self._ideal, self._nadir = points.ideal, points.nadir
        self._low, self.ref_point = points.low, points.ref
        self._normalized = normalize
        if normalize:
            self._normalize()

    @property
    def picture_and_sound(self) -> tuple[int, int]:
        """Columns of the objectives that stand for the picture and for the sound: the first of each side."""
        return picture_and_sound(self.sides)

    @property
    def evaluates_objectives(self) -> bool:
        """Whether F is what the objectives say; False where a subclass evaluates something else.

        A subclass that adds constraints alone may set it to True: closed forms and certificates hold then.
        """
        names = ("_evaluate", "evaluate", "tensor_losses")
        return all(getattr(type(self), name) is getattr(MOSSProblem, name) for name in names)

    def as_torch(self, *, negate: bool = False) -> TorchProblem:
        """Return the problem as a differentiable torch module; see `TorchProblem`."""
        return TorchProblem(self, negate=negate)

    def evaluate(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Evaluate masks, as pymoo's `Problem.evaluate` does.

        Args:
            X: ``(n, n_var)``, or ``(n_var,)`` for one mask, in [0, 1]: an array, a list, or a tensor of any
                precision on any device.
            *args: passed on to pymoo.
            **kwargs: passed on to pymoo: ``return_values_of``, ``return_as_dictionary``.

        Returns:
            F ``(n, n_obj)`` in float64, or what ``return_values_of`` names.

        Raises:
            OptionError: the masks have another shape, are out of bounds, or are a tensor whose gradient would
                be lost.
        """
        return super().evaluate(as_array(X, self.n_var), *args, **kwargs)

    def ideal_point(self) -> np.ndarray:
        """Return the least value of every objective ``(n_obj,)``, exact.

        Raises:
            ObjectiveError: it is not known exactly for one of the objectives.
        """
        return self._exact_ideal()

    def nadir_point(self) -> np.ndarray:
        """Return the greatest value of every objective on the Pareto front ``(n_obj,)``, exact.

        Raises:
            ObjectiveError: it is not known exactly for one of the objectives.
        """
        return self._exact_nadir()

    def hypervolume(self, F: np.ndarray) -> float:
        """Compute the hypervolume of points ``F (n, n_obj)``, a share of the box from ideal to `ref_point`.

        Raises:
            ObjectiveError: an objective has neither an exact end nor a bound to measure from.
        """
        return share_of_box(F, *self.hypervolume_box)

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
        """Compute objective values ``(n, n_obj)`` of magnitudes ``(n, F, T)``, such as an exported sound's.

        By each objective's direct formula, with one thread, because sums over a plane round by the number of
        threads; NaN for objectives of the mask alone.
        """
        with computing(threads=1):
            return self._scaled(self._evaluation.spectrogram_values(magnitude).cpu().numpy())

    def log_parts(self, x: np.ndarray) -> LogParts:
        """Compute ``audio_log_l1`` of masks ``(n, n_var)``, not normalised, and its gradient's two parts.

        Raises:
            ObjectiveError: the objectives are not ``visual_l1`` and ``audio_log_l1``.
        """
        column = find_structure(self.objectives).log
        with computing(self.threads):
            return self._evaluation.log_parts(torch.from_numpy(checked_masks(x, self.n_var)), column)

    def tensor_losses(self, x: Tensor, gradients: torch.dtype | None) -> tuple[Tensor, Tensor | None]:
        """Compute F ``(n, n_obj)`` and, if they are wanted, gradients ``(n, n_obj, n_var)`` as tensors.

        Args:
            x: ``(n, n_var)`` float64 in [0, 1] on any device; not checked.
            gradients: precision of the gradients; None for losses alone.

        Returns:
            Both on the encoder's device and outside of torch's graph, F in float64.
        """
        with computing(self.threads):
            if gradients is None:
                values, slopes = self._evaluation.values(x), None
            else:
                values, slopes = self._evaluation.values_and_gradients(x, gradients)
            if not self._normalized:
                return values, slopes
            offset, scale = (torch.from_numpy(one).to(values) for one in (self._offset, self.scale))
            if slopes is not None:
                slopes /= scale.to(slopes)[:, None]
            return (values - offset) / scale, slopes

    def _evaluate(self, x: np.ndarray, out: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        masks = torch.from_numpy(checked_masks(x, self.n_var))
        values, slopes = self.tensor_losses(masks, torch.float64 if "dF" in out else None)
        out["F"] = values.cpu().numpy()
        if slopes is not None:
            out["dF"] = slopes.cpu().numpy()

    def _make_evaluation(self) -> Evaluation:
        with computing(self.threads):
            return Evaluation(self.objectives, self.encoder, self.engine, self.max_memory_mb)

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        """Convert losses to the units of F."""
        scaled: np.ndarray = (values - self._offset) / self.scale
        return scaled

    def _evaluated_ends(self) -> np.ndarray:
        """Compute losses ``(2, n_obj)`` of the sound alone and of the picture alone.

        Not by `evaluate`, which a subclass may override and which may need what its constructor sets later.
        """
        with computing(self.threads):
            if self.encoder.linear_mixture:
                losses = self._evaluation.values(torch.from_numpy(self.ends))
            else:
                pure = [self.encoder.audio_magnitude, self.encoder.image_magnitude]
                losses = self._evaluation.spectrogram_values(torch.stack(pure))
        array: np.ndarray = losses.cpu().numpy()
        return array

    def _known_points(self, ends: np.ndarray) -> KnownPoints:
        with computing(self.threads):
            bounds = [objective.upper_bound(self.encoder) for objective in self.objectives]
        return known_points(self.objectives, ends, bounds, attained=self.encoder.linear_mixture)

    def _normalize(self) -> None:
        ideal, nadir = self._exact_ideal(), self._exact_nadir()
        if (nadir <= ideal).any():
            raise ObjectiveError(
                f"cannot normalise: the ideal point {ideal} and the nadir point {nadir} coincide in an "
                "objective, picture and sound are the same there"
            )
        self._offset, self.scale = ideal, nadir - ideal
        self.losses_at_ends = self._scaled(self.losses_at_ends)
        self._ideal, self._nadir = np.zeros(self.n_obj), np.ones(self.n_obj)
        self._low, self.ref_point = self._ideal.copy(), self._nadir.copy()

    def _exact_ideal(self) -> np.ndarray:
        return self._exact(self._ideal, "ideal", "no constant mask is known to have its least loss")

    def _exact_nadir(self) -> np.ndarray:
        return self._exact(self._nadir, "nadir", "its greatest loss on the front is not at a constant mask")

    def _exact(self, point: np.ndarray, kind: str, reason: str) -> np.ndarray:
        unknown = [o.name for o, value in zip(self.objectives, point, strict=True) if np.isnan(value)]
        if unknown:
            raise ObjectiveError(f"the {kind} point is not known exactly for {', '.join(unknown)}: {reason}")
        return np.array(point)

    _SHARED: ClassVar[frozenset[str]] = frozenset(
        {"encoder", "objectives", "_evaluation", "ends", "xl", "xu"}
    )
    """Attributes that copies share: they are large, and nothing changes them."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "MOSSProblem":
        copied = object.__new__(type(self))
        memo[id(self)] = copied
        for name, value in vars(self).items():
            copied.__dict__[name] = value if name in self._SHARED else copy.deepcopy(value, memo)
        return copied

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__().copy()
        state["encoder"] = copy.deepcopy(self.encoder).cpu()
        state[_DEVICE] = str(self.encoder.picture.device)
        del state["_evaluation"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        device = torch.device(state.pop(_DEVICE))
        self.__dict__.update(state)
        # A problem from a machine with a GPU opens on one without.
        if device.type == "cpu" or torch.cuda.is_available():
            self.encoder.to(device)
        self._evaluation = self._make_evaluation()


def check_option_names(options: Mapping[str, Any]) -> None:
    """Make sure that there are all of some options of `MOSSProblem`.

    Raises:
        OptionError: there is none of that name.
    """
    known = {
        *inspect.signature(MaskEncoder).parameters,
        *inspect.signature(MOSSProblem).parameters,
        *_PYMOO_OPTIONS,
    } - {"options"}
    for name in options:
        if name not in known:
            raise unknown_name("option", name, known)
