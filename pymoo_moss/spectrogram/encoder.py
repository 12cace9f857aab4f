"""`MaskEncoder`: a picture and a sound on one time-frequency plane, and what a mask makes of them."""

import math
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn

from .._arithmetic import plain_arithmetic
from .._checks import real_number
from .._invert import Invert
from ..errors import AudioError, OptionError, unknown_name
from .audio import AudioSource, open_audio
from .drawing import PictureSampling, averaged, check_sampling, draw
from .frames import Frames
from .free_band import Edge, chosen_edges
from .frequency_axis import AxisScale, FrequencyAxis, make_frequency_axis
from .griffin_lim import griffin_lim
from .inversion import chosen_inversion
from .layer_mask import read_layer_mask
from .mask import Grids, SeparableMap
from .picture import Picture, PictureSource, read_picture
from .rectangle import bins_of, check_times, confined, duration_of_shape, excerpt_of
from .resampling import area_matrix, gaussian_blur, linear_interpolation_matrix, sample_positions
from .sample_rates import resample
from .segments import Segment, in_segments
from .sound import mix_to_mono
from .stft import magnitudes, stft
from .transform import Transform, check_transform, chosen_transform
from .waveform_refinement import refine_waveform

Phase = Literal["audio", "griffin_lim", "refined"]

MAGNITUDE_FLOOR = 1e-8
"""Added to every magnitude, so that logarithms exist in digital silence."""

WIDEST_RANGE_DB = 90.0
"""More than this below the picture's white is silence to anyone's ear and black in any viewer."""

_QUIETEST_WHITE = 1e-7
"""Magnitude under which the picture's white would drown in digital silence."""

GRIFFIN_LIM_ITERATIONS = 32
_MOST_CELLS = 1 << 28
"""Twice an hour of sound with the default window; the STFT alone takes 4 GiB then."""
_LARGEST_GAMMA = 100.0
_LARGEST_SMOOTHING = 100.0
_SAME = 1e-5
"""Relative difference of magnitudes that differ by rounding alone."""
_LOUDEST = 0.999
"""Quantile of the sound's magnitudes that ``level_db`` is relative to."""
_LEVELS_DB = (-90.0, 20.0)
_NEPERS_PER_DECIBEL = math.log(10.0) / 20.0
_PRECISIONS = (torch.float32, torch.float64)
_MIXTURE = ("n_var", "variables", "grids", "mask", "shares", "blend", "mix")
"""Members of `MaskEncoder` that together define the mixture of a vector of variables."""


class MaskEncoder(nn.Module):
    """Lays a picture over a sound's spectrogram and blends the two by a mask.

    ``mix = M * image_magnitude + (1 - M) * audio_magnitude``, where the mask ``M`` is the control grid
    ``x``, upsampled bilinearly and smoothed by a Gaussian. The plane has ``F = n_fft // 2 + 1``
    frequency bins, bin 0 the lowest, and ``T = 1 + samples // hop_length`` frames.

    The picture's darkest point is mapped to the ``floor_quantile`` of the log magnitudes of the sound and
    its brightest to the ``ceiling_quantile``; ``dynamic_range_db`` puts the floor that many
    decibels under the ceiling instead. Outside the band from ``fmin`` to ``fmax`` the sound stays as it is.

    A ``layer_mask`` ``s`` puts ``s * image_magnitude + (1 - s) * audio_magnitude`` in place of the picture,
    so that ``s M`` is the share of what is drawn: where it is 0, the sound stays as it is, whatever the mask.

    With ``start`` or ``duration`` the picture is in a rectangle of the sound: the plane has the bins of the
    band and the frames of the excerpt alone, quantiles are those of the excerpt, and so is `audio_waveform`.
    What the encoder synthesises differs from the excerpt within the band alone, and not at its ends.

    A subclass may bring its own map from variables to mask (`n_var` and `mask`, and `ends` where pure sound
    and pure picture are not at 0 and 1) or its own mixture (`blend`). Everything above works with it; closed
    forms and compiled loops, which hold for the mixture above alone, give way to autograd.

    Args:
        image: path, bytes or binary file of a picture, Pillow image or 2-D array of brightness, row 0 the
            top. A picture of one shade, or nearly so, is refused.
        audio: path, bytes or binary file of a sound or video; or ``(waveform, sample_rate)``, NumPy or torch,
            ``(samples,)``, ``(channels, samples)`` or ``(samples, channels)``.
        grid: rows and columns ``(gh, gw)`` of the control grid, at most ``(F, T)``.
        smoothing: standard deviation of the mask's blur, in bins and frames, 0 to 100.
        sample_rate: Hz at which the sound is worked on and exported; None for the sound's own.
        n_fft: window of the STFT in samples, even; by default 64 ms, 1,024 samples at 16 kHz.
        hop_length: hop of the STFT in samples, at most half of ``n_fft``; by default a quarter of it.
        gamma: exponent applied to the picture's brightness, above 0.
        floor_quantile: quantile of the sound's log magnitudes that black is mapped to, in [0, 1].
        ceiling_quantile: the same for white, above ``floor_quantile``.
        dynamic_range_db: decibels from black to white, instead of ``floor_quantile``.
        level_db: level of white in decibels relative to the sound's loud bins, the 99.9 % quantile of its
            magnitudes, -90 to 20; instead of ``ceiling_quantile``.
        flip: picture upright in viewers that put low frequencies at the bottom, as nearly all do.
        invert: swap dark and bright; ``"auto"`` swaps them, with a warning, where the picture is a drawing,
            text or a code on light paper, which would drown the sound.
        picture_sampling: ``"average"``: every bin and frame shows the picture's average over what it
            covers; ``"point"``: the picture at its centre, as in the MOSS notebook, where detail finer than
            the plane gets lost.
        fmin: lowest frequency in Hz that the picture covers; ``"auto"`` with ``fmax`` for the band that most
            songs leave free and that codecs keep, 8 to 16 kHz, lower at lower sample rates.
        fmax: highest frequency in Hz that the picture covers, or ``"auto"``.
        band_only: whether the plane has the bins of that band alone, as a rectangle's has.
        frequency_axis: ``"linear"``, ``"log"`` or ``"mel"``: the viewer's axis that the picture is drawn for.
        start: seconds from the beginning of the sound at which the picture begins; by default 0.
        duration: seconds that the picture lasts. By default the whole sound, and with ``start`` as long as
            the picture has its own shape, one pixel a bin and frame, if the sound lasts so long.
        layer_mask: where the picture may be: a picture, or a 2-D array in [0, 1], which covers what ``image``
            covers. As in image editors, white, 1, is for the picture, and black, 0, for the sound.
        dtype: precision of everything computed on the plane, float32 or float64.

    Attributes:
        invert: whether dark and bright are swapped.
        picture: ``(F, T)`` in [0, 1], the picture as it is drawn on the plane, after gamma; with a
            ``layer_mask``, the levels of ``image_magnitude`` between black and white.
        image_magnitude: ``(F, T)``, the picture as magnitudes.
        layer_mask: ``(F, T)`` in [0, 1], drawn on the plane; None without one.
        audio_magnitude: ``(F, T)``, the sound's magnitudes plus 1e-8.
        audio_waveform: ``(samples,)``, the sound, or the excerpt of it in which the picture is.
        excerpt: the samples of the sound at which `audio_waveform` begins and ends.
        fmin: the option, chosen where it was ``"auto"``.
        fmax: likewise.
        bins: the frequency bins of the transform that the plane has.
        is_rectangle: whether the plane is a rectangle of the sound's.
        keeps_rate: whether the sound is worked on at its own sample rate.
        tags: title, artist, album and cover of the sound, as far as its file has them.

    Raises:
        PictureError: the picture cannot be used.
        AudioError: the sound cannot be used.
        OptionError: an option is out of its range.

    Example:
        >>> import numpy as np
        >>> from pymoo_moss import MaskEncoder
        >>> noise = np.random.default_rng(0).standard_normal(16000)
        >>> encoder = MaskEncoder(np.eye(40), (0.1 * noise, 16000), grid=(8, 16))
        >>> encoder.plane, encoder.n_var
        ((513, 63), 128)
        >>> encoder.mix(np.zeros(128)).shape, encoder.waveform(np.zeros(128)).shape
        (torch.Size([1, 513, 63]), torch.Size([1, 16000]))
    """

    picture: Tensor
    image_magnitude: Tensor
    audio_magnitude: Tensor
    audio_waveform: Tensor
    layer_mask: Tensor | None
    _n_var: int | None = None
    _ends: np.ndarray | None = None

    # Buffers made in inference mode could never take part in a gradient.
    @plain_arithmetic()
    def __init__(
        self,
        image: PictureSource,
        audio: AudioSource,
        *,
        grid: tuple[int, int] = (64, 128),
        smoothing: float = 5.0,
        sample_rate: int | None = 16000,
        n_fft: int | None = None,
        hop_length: int | None = None,
        gamma: float = 1.8,
        floor_quantile: float = 0.01,
        ceiling_quantile: float = 0.98,
        dynamic_range_db: float | None = None,
        level_db: float | None = None,
        flip: bool = True,
        invert: Invert = False,
        picture_sampling: PictureSampling = "average",
        fmin: Edge = None,
        fmax: Edge = None,
        band_only: bool = False,
        frequency_axis: AxisScale = "linear",
        start: float | None = None,
        duration: float | None = None,
        layer_mask: PictureSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        check_transform(sample_rate, n_fft, hop_length)
        _check_mapping(gamma, floor_quantile, ceiling_quantile, dynamic_range_db, level_db)
        check_times(start, duration)
        _check_smoothing(smoothing)
        check_precision(dtype)
        check_sampling(picture_sampling)
        if sample_rate is not None:  # before anything is read
            rate, window, _ = chosen_transform(sample_rate, n_fft, hop_length, own_rate=sample_rate)
            edges = chosen_edges(fmin, fmax, rate)
            make_frequency_axis(frequency_axis, *edges, sample_rate=rate, n_fft=window)
        drawing = read_picture(image)
        invert = chosen_inversion(invert, drawing)
        layer = None if layer_mask is None else read_layer_mask(layer_mask)
        sound = open_audio(audio)
        waveform, own_rate = mix_to_mono(sound)
        self.tags = sound.tags
        transform = chosen_transform(sample_rate, n_fft, hop_length, own_rate)
        check_transform(*transform)
        self.keeps_rate = transform.sample_rate == own_rate
        self.sample_rate, self.n_fft, self.hop_length = sample_rate, n_fft, hop_length = transform
        self.fmin, self.fmax = fmin, fmax = chosen_edges(fmin, fmax, sample_rate)
        axis = make_frequency_axis(frequency_axis, fmin, fmax, sample_rate=sample_rate, n_fft=n_fft)
        waveform = resample(waveform, own_rate, sample_rate)
        positions = axis.position(torch.arange(n_fft // 2 + 1, dtype=torch.float64) * sample_rate / n_fft)
        self.bins, self.excerpt = slice(0, len(positions)), slice(0, len(waveform))
        self.is_rectangle = band_only or start is not None or duration is not None
        if self.is_rectangle:
            self.bins = bins_of(positions)
            positions = positions[self.bins]
        if start is not None or duration is not None:
            begin = start or 0.0
            if duration is None:
                height, width = drawing.samples.shape
                duration = duration_of_shape(width, height, len(positions), transform)
                duration = min(duration, max(len(waveform) / sample_rate - begin, 0.0))
            self.excerpt = excerpt_of(len(waveform), begin, duration, transform)
            waveform = waveform[self.excerpt].clone()
        if len(waveform) < n_fft:
            raise AudioError(
                f"expected at least one window of sound, {n_fft / sample_rate:.3g} s, got "
                f"{len(waveform) / sample_rate:.3g} s: choose a longer sound, or lower n_fft"
            )
        _check_size(len(waveform), n_fft, hop_length)
        # A plane of an hour of sound takes a gigabyte: each is let go, or written over, as soon as possible.
        magnitude = magnitudes(waveform.double(), n_fft, hop_length).add_(MAGNITUDE_FLOOR)
        self.gamma, self.smoothing, self.flip, self.invert = gamma, smoothing, flip, invert
        self.picture_sampling = picture_sampling
        self.axis = axis
        self.log_floor, self.log_ceiling = _picture_range(
            magnitude.log().numpy(), floor_quantile, ceiling_quantile, dynamic_range_db, level_db
        )
        magnitude = magnitude[self.bins]
        self.grid = _checked_grid(grid, magnitude.shape)
        frames = magnitude.shape[1]
        self.register_buffer("audio_magnitude", magnitude.to(dtype))
        del magnitude
        self._paint(drawing, layer, positions, frames)
        self.register_buffer("audio_waveform", waveform.to(dtype))
        self.mask_map = _mask_map(positions, frames, self.grid, smoothing, dtype)

    def _paint(self, drawing: Picture, layer: Picture | None, positions: Tensor, frames: int) -> None:
        """Draw the picture on the plane, and map it to magnitudes between those of black and of white."""
        like = self.audio_magnitude
        drawn = draw(
            drawing, positions, frames, flip=self.flip, invert=self.invert, sampling=self.picture_sampling
        ).pow_(self.gamma)
        picture = drawn.to(like.dtype, copy=True)
        range_in_nepers = self.log_ceiling - self.log_floor
        painted = drawn.mul_(range_in_nepers).add_(self.log_floor).exp_()
        beyond = (positions < 0) | (positions > 1)
        painted[beyond] = like[beyond].to(painted)
        strength = None
        if layer is not None:
            strength = averaged(layer, positions, frames, flip=self.flip).clamp_(0.0, 1.0)
            painted.mul_(strength).addcmul_(1 - strength, like.to(painted))
            # So that the picture is what is shown at mask 1, as objectives rely on.
            levels = painted.log().sub_(self.log_floor).div_(range_in_nepers).clamp_(0.0, 1.0).to(picture)
            picture = torch.where(strength.to(like.device) < 1, levels, picture)
        self.register_buffer("picture", picture)
        self.register_buffer("layer_mask", None if strength is None else strength.to(like))
        self.register_buffer("image_magnitude", painted.to(like))

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        # What is copied or loaded in inference mode could never take part in a gradient either.
        with plain_arithmetic():
            for module in self.modules():
                for name, buffer in module.named_buffers(recurse=False):
                    if buffer.is_inference():
                        module.register_buffer(name, buffer.clone())

    @property
    def n_var(self) -> int:
        """Number of variables: points of the control grid; a subclass may set it."""
        return math.prod(self.grid) if self._n_var is None else self._n_var

    @n_var.setter
    def n_var(self, n_var: int) -> None:
        self._n_var = n_var

    @property
    def ends(self) -> np.ndarray:
        """Variables ``(2, n_var)`` in [0, 1] of mask 0, the sound alone, and of mask 1, the picture alone.

        A subclass may set it.
        """
        return np.repeat([[0.0], [1.0]], self.n_var, axis=1) if self._ends is None else self._ends

    @ends.setter
    def ends(self, ends: np.ndarray) -> None:
        self._ends = ends

    @property
    def variable_grid(self) -> tuple[int, int] | None:
        """Rows and columns that the variables stand on, row-major; None where they are on no grid."""
        return self.grid if self.n_var == math.prod(self.grid) else None

    @property
    def linear_mixture(self) -> bool:
        """Whether mixtures are ``M I + (1 - M) A`` with ``M = L X R^T``, which closed forms rely on.

        False where a subclass or the object itself replaces any part of the way from variables to mixture.
        """
        return type(self.mask_map) is SeparableMap and not any(map(self._replaces, _MIXTURE))

    @property
    def plane(self) -> tuple[int, int]:
        """Frequency bins and frames ``(F, T)``."""
        bins, frames = self.audio_magnitude.shape
        return bins, frames

    @property
    def bin_frequencies(self) -> Tensor:
        """Frequency in Hz of each bin, ``(F,)`` float64."""
        bins = torch.arange(self.bins.start, self.bins.stop, dtype=torch.float64)
        return bins * self.sample_rate / self.n_fft

    @property
    def dynamic_range_db(self) -> float:
        """Decibels between the picture's black and white."""
        return (self.log_ceiling - self.log_floor) / _NEPERS_PER_DECIBEL

    def variables(self, x: Tensor | np.ndarray) -> Tensor:
        """Variables ``(n, n_var)`` on the plane's device, in the precision in which they come.

        Args:
            x: ``(n_var,)``, ``(n, n_var)``, or ``(n, gh, gw)`` where the variables are the control grid;
                row-major, values in [0, 1].

        Raises:
            OptionError: ``x`` has another shape.
        """
        if isinstance(x, np.ndarray) and not x.flags.writeable:
            x = x.copy()  # torch warns of arrays that may not be written to
        levels = torch.as_tensor(x, device=self.picture.device)
        if not levels.is_floating_point():
            levels = levels.double()
        shape, grid = tuple(levels.shape), self.variable_grid
        if shape[-1:] != (self.n_var,) and (grid is None or shape[-2:] != grid):
            or_grid = "" if grid is None else f" or (n, {grid[0]}, {grid[1]})"
            raise OptionError(f"expected masks of shape (n, {self.n_var}){or_grid}, got {shape}")
        return levels.reshape(-1, self.n_var)

    def grids(self, x: Tensor | np.ndarray) -> Grids:
        """Variables and their complements in the plane's precision.

        Args:
            x: as in `variables`.

        Returns:
            Control grids ``(n, gh, gw)``; ``(n, n_var)`` where the variables are on no grid.
        """
        levels = self.variables(x)
        levels = levels.reshape(-1, *(self.variable_grid or (self.n_var,)))
        dtype = self.picture.dtype
        return Grids(levels.to(dtype), (1 - levels).to(dtype))

    def mask(self, x: Tensor | np.ndarray) -> Tensor:
        """Masks ``(n, F, T)`` in [0, 1] of variables ``x``: the share of the picture in every bin.

        A subclass may override it: `blend` calls it with a tensor ``(n, n_var)`` in the plane's precision and
        on its device, and differentiates through it.
        """
        if self.variable_grid is None:
            raise OptionError(
                f"expected {type(self).__name__} to override mask(x): it has {self.n_var} variables, and its "
                f"control grid {self.grid[0]} x {self.grid[1]} points"
            )
        masks: Tensor = self.mask_map(self.grids(x).levels)
        return masks

    @plain_arithmetic()
    def mix(self, x: Tensor | np.ndarray) -> Tensor:
        """Blended magnitudes ``(n, F, T)`` of variables ``x``; differentiable."""
        return self.blend(self.grids(x)).to(self.picture)

    def shares(self, grids: Grids) -> tuple[Tensor, Tensor]:
        """Return shares of picture and sound in every bin, each ``(n, F, T)``, of variables as in `grids`.

        They are the mask and its complement. For the control grid both keep their digits as they near 0.
        """
        if not self._replaces("mask") and self.variable_grid is not None:
            return self.mask_map(grids.levels), self.mask_map(grids.complements)
        mask = self.mask(grids.levels.flatten(1)).to(self.picture)
        # Rounding beyond 0 and 1 would put a mixture beyond its end. The gradient is the mask's own.
        mask = mask + (mask.clamp(0.0, 1.0) - mask).detach()
        return mask, 1 - mask

    def blend(self, grids: Grids) -> Tensor:
        """Blended magnitudes ``(n, F, T)`` of variables as in `grids`; differentiable."""
        picture_share, audio_share = self.shares(grids)
        mix: Tensor = picture_share * self.image_magnitude + audio_share * self.audio_magnitude
        return mix

    def _replaces(self, name: str) -> bool:
        """Tell whether a subclass, or this object alone, has another member of that name."""
        return name in vars(self) or getattr(type(self), name) is not getattr(MaskEncoder, name)

    @plain_arithmetic()
    def waveform(
        self, x: Tensor | np.ndarray, phase: Phase = "audio", iterations: int = GRIFFIN_LIM_ITERATIONS
    ) -> Tensor:
        """Synthesise sounds ``(n, samples)`` of variables ``x``, as long as the audio.

        Args:
            x: as in `variables`.
            phase: ``"audio"`` keeps the audio's phase; ``"griffin_lim"`` starts from it and makes it fit
                the blended magnitudes, so that the picture survives better in the exported sound;
                ``"refined"`` continues from there by descent on decibels, see `refine_waveform`: the best,
                and the slowest.
            iterations: of Griffin-Lim, for ``"griffin_lim"``.
        """
        with torch.no_grad():
            mix = self.mix(x)
        return self.synthesise(mix, phase, iterations)

    @plain_arithmetic()
    def synthesise(
        self, magnitude: Tensor, phase: Phase = "audio", iterations: int = GRIFFIN_LIM_ITERATIONS
    ) -> Tensor:
        """Synthesise sounds ``(n, samples)`` of magnitudes ``(n, F, T)``; see `waveform`.

        Each segment of a sound is made with one thread, and those of a long sound side by side.
        """
        if phase not in get_args(Phase):
            raise unknown_name("phase", str(phase), get_args(Phase))
        count = {"audio": 0, "griffin_lim": iterations, "refined": GRIFFIN_LIM_ITERATIONS}[phase]
        transform, length = (self.n_fft, self.hop_length), len(self.audio_waveform)
        song_magnitude = self.all_bins()
        audible = max(self.log_floor, self.log_ceiling - WIDEST_RANGE_DB * _NEPERS_PER_DECIBEL)

        def waveform_of_segment(plane: Tensor, segment: Segment) -> Tensor:
            song, sound = self.audio_waveform[segment.samples], song_magnitude[:, segment.frames].T
            frames = Frames(song, *transform, len(song))
            target = plane[:, segment.frames].T.contiguous()
            if self.is_rectangle:
                inside, target = target, sound.clone()
                target[:, self.bins] = inside
            if torch.allclose(target, sound, rtol=_SAME, atol=0.0):
                return song  # whose own phases are right
            waveform = griffin_lim(frames, target, song, count)
            if phase != "refined":
                return waveform
            return refine_waveform(frames, waveform, target, sound, audible)

        with torch.no_grad():
            made = torch.stack(
                [in_segments(*transform, length, partial(waveform_of_segment, plane)) for plane in magnitude]
            )
            if self.is_rectangle or self.layer_mask is not None:
                whole = Transform(self.sample_rate, *transform)
                for waveform in made:
                    change = confined(waveform - self.audio_waveform, self.bins, whole, self.layer_mask)
                    torch.add(self.audio_waveform, change, out=waveform)
            return made

    def all_bins(self) -> Tensor:
        """Return the sound's magnitudes ``(n_fft // 2 + 1, T)``, of which a rectangle's plane has a band."""
        if not self.is_rectangle:
            return self.audio_magnitude
        return magnitudes(self.audio_waveform, self.n_fft, self.hop_length).add_(MAGNITUDE_FLOOR)

    def reanalyse(self, x: Tensor | np.ndarray, phase: Phase = "audio") -> Tensor:
        """Compute the magnitudes ``(n, F, T)`` that the exported sounds of variables ``x`` really have."""
        return self.analyse(self.waveform(x, phase))

    @plain_arithmetic()
    def analyse(self, waveform: Tensor) -> Tensor:
        """Compute magnitudes ``(..., F, T)`` of waveforms ``(..., samples)``, plus 1e-8."""
        if waveform.ndim == 1 and not waveform.requires_grad:
            return magnitudes(waveform, self.n_fft, self.hop_length)[self.bins].add_(MAGNITUDE_FLOOR)
        return stft(waveform, self.n_fft, self.hop_length)[..., self.bins, :].abs() + MAGNITUDE_FLOOR

    @plain_arithmetic()
    def view_matrices(
        self, height: int, width: int, axis: FrequencyAxis | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return averages by area that turn the plane into a picture.

        They are ``rows (height, F)`` and ``columns (width, T)``.

        ``rows @ plane @ columns.T`` is what a viewer with the given frequency axis (by default the
        picture's own) shows, row 0 at the lowest frequency.
        """
        bins, frames = self.plane
        positions = torch.arange(height + 1, dtype=torch.float64) / height
        frequencies = (axis or self.axis).frequency(positions)
        bin_edges = frequencies * self.n_fft / self.sample_rate + 0.5 - self.bins.start
        frame_edges = torch.arange(width + 1, dtype=torch.float64) * frames / width
        dtype, device = self.picture.dtype, self.picture.device
        rows, columns = area_matrix(bin_edges, bins, dtype), area_matrix(frame_edges, frames, dtype)
        return rows.to(device), columns.to(device)


def _mask_map(
    positions: Tensor, frames: int, grid: tuple[int, int], smoothing: float, dtype: torch.dtype
) -> SeparableMap:
    frequency_matrix = linear_interpolation_matrix(positions, grid[0])
    time_matrix = linear_interpolation_matrix(sample_positions(frames), grid[1])
    return SeparableMap(
        gaussian_blur(frequency_matrix, smoothing), gaussian_blur(time_matrix, smoothing), dtype
    )


def _picture_range(
    log_magnitude: np.ndarray,
    floor_quantile: float,
    ceiling_quantile: float,
    dynamic_range_db: float | None,
    level_db: float | None,
) -> tuple[float, float]:
    # numpy's quantile, because torch's refuses more than 16 million elements.
    # In the order in which they lie in memory, because another order would be a copy.
    values = log_magnitude.ravel(order="K")
    highest = ceiling_quantile if level_db is None else _LOUDEST
    floor, ceiling = np.quantile(values, [floor_quantile, highest], overwrite_input=True)
    if level_db is not None:
        ceiling += level_db * _NEPERS_PER_DECIBEL
    if dynamic_range_db is not None:
        floor = ceiling - dynamic_range_db * _NEPERS_PER_DECIBEL
    if level_db is not None and (ceiling < math.log(_QUIETEST_WHITE) or not floor < ceiling):
        raise OptionError(
            f"expected level_db at which the picture's white is louder than its black, got {level_db:g}: "
            "raise level_db, set dynamic_range_db, or choose a louder part of the sound"
        )
    if ceiling < math.log(_QUIETEST_WHITE) or not floor < ceiling:
        raise AudioError(
            f"expected sound in more than {100 * (1 - ceiling_quantile):g} % of the spectrogram, got silence "
            "in the rest: cut the silence away, or raise ceiling_quantile"
        )
    return float(floor), float(ceiling)


def _check_size(samples: int, n_fft: int, hop_length: int) -> None:
    cells = (n_fft // 2 + 1) * (samples // hop_length + 1)
    if cells > _MOST_CELLS:
        raise OptionError(
            f"expected a spectrogram of at most {_MOST_CELLS} values, bins times frames, got {cells}: choose "
            "a shorter sound, raise hop_length, or lower n_fft"
        )


def _check_mapping(
    gamma: float, floor: float, ceiling: float, dynamic_range_db: float | None, level_db: float | None
) -> None:
    real_number("gamma", gamma)
    real_number("floor_quantile", floor)
    real_number("ceiling_quantile", ceiling)
    if dynamic_range_db is not None:
        real_number("dynamic_range_db", dynamic_range_db)
    if not 0 < gamma <= _LARGEST_GAMMA:
        raise OptionError(f"expected gamma above 0 and at most {_LARGEST_GAMMA:g}, got {gamma:g}")
    if not 0 <= floor < ceiling <= 1:
        raise OptionError(
            f"expected floor_quantile below ceiling_quantile, both from 0 to 1, got {floor:g} and {ceiling:g}"
        )
    if dynamic_range_db is not None and not 0 < dynamic_range_db <= 200:
        raise OptionError(f"expected dynamic_range_db above 0 and at most 200, got {dynamic_range_db:g}")
    low, high = _LEVELS_DB
    if level_db is not None and not low <= real_number("level_db", level_db) <= high:
        raise OptionError(f"expected level_db of {low:g} to {high:g}, got {level_db:g}")


def check_precision(dtype: torch.dtype) -> None:
    """Make sure that a precision holds magnitudes from digital silence to full scale.

    Raises:
        OptionError: it does not.
    """
    if dtype not in _PRECISIONS:
        raise OptionError(
            f"expected a plane in torch.float32 or torch.float64, got {dtype!r}: its magnitudes from 1e-8 "
            "on, and their logarithms, have more digits and a wider range than other types hold"
        )


def _check_smoothing(smoothing: float) -> None:
    if not 0 <= real_number("smoothing", smoothing) <= _LARGEST_SMOOTHING:
        raise OptionError(
            f"expected smoothing of 0 to {_LARGEST_SMOOTHING:g} bins and frames, got {smoothing:g}"
        )


def _checked_grid(grid: tuple[int, int], plane: tuple[int, ...]) -> tuple[int, int]:
    try:
        rows, columns = (int(size) for size in grid)
    except (TypeError, ValueError, OverflowError):
        raise OptionError(f"expected grid as (rows, columns), got {grid!r}") from None
    if not (1 <= rows <= plane[0] and 1 <= columns <= plane[1]):
        raise OptionError(
            f"expected grid of 1 x 1 to {plane[0]} x {plane[1]} points, the size of the spectrogram, got "
            f"{rows} x {columns}: choose a smaller grid or a longer sound"
        )
    return rows, columns
