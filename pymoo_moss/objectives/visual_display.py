"""Distance from the picture as a spectrogram viewer shows it."""

import math
from collections.abc import Callable
from typing import ClassVar, Protocol

import torch
from torch import Tensor

from ..errors import ObjectiveError
from ..spectrogram import Grids, MaskEncoder, SeparableMap, Tile
from ._ssim import WINDOW, StructuralSimilarity, scales_of
from .base import Kernel, Objective
from .sides import Side

_VIEW = (256, 512)
"""Largest height and width of the view in pixels; a smaller plane is shown at its own size."""

_MASKS_AT_ONCE = 4
"""Views whose similarity is computed together, few enough to stay in cache."""

_VIEWS_HELD = 4
"""Arrays of the size of a view that a mask takes."""


class VisualDisplay(Objective):
    """One minus the SSIM between picture and spectrogram, both as a viewer shows them.

    The viewer clips decibels to the range that the picture was mapped to, shows that range as
    [0, 1] on the picture's frequency axis, and averages the plane by area into at most 256 x 512 pixels.
    The picture itself is shown at X = 1, where the loss is 0.
    """

    name: ClassVar[str] = "visual_display"
    side: ClassVar[Side | None] = "picture"
    least_at: ClassVar[float | None] = 1.0

    def prepare(self, encoder: MaskEncoder) -> Callable[[Tensor], Tensor]:
        """Return the loss, with view and picture computed once: they take most of the time of one call."""
        return loss_of_view(encoder, view_map(encoder), StructuralSimilarity)

    def upper_bound(self, encoder: MaskEncoder) -> float | None:
        """Return 2, because SSIM is at least -1."""
        return 2.0

    def kernel(self, encoder: MaskEncoder) -> Kernel:
        """Return the loss by a sweep over the plane, and its gradient by a second one."""
        return ViewKernel(encoder, view_map(encoder), StructuralSimilarity)


class Similarity(Protocol):
    """Similarity of pictures with one target."""

    def value(self, pictures: Tensor) -> Tensor:
        """Return similarities ``(n,)`` of ``pictures (n, height, width)``."""
        ...

    def value_and_gradient(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return similarities ``(n,)`` and their gradients ``(n, height, width)``."""
        ...


MakeSimilarity = Callable[[Tensor], Similarity]
"""Makes the similarity with a target ``(height, width)``."""


def loss_of_view(
    encoder: MaskEncoder, view: SeparableMap, make: MakeSimilarity
) -> Callable[[Tensor], Tensor]:
    """Return one minus the similarity of picture and magnitudes ``(n, F, T)``, as a viewer shows both."""
    similarity = make(view.adjoint(encoder.picture))
    return lambda mix: _loss(similarity.value(view.adjoint(_shown(mix.log(), encoder))))


def _loss(similarity: Tensor) -> Tensor:
    # Similarity is at most 1, but rounding may exceed that.
    return (1 - similarity.double()).clamp(min=0.0)


def shown_levels(magnitude: Tensor, encoder: MaskEncoder) -> Tensor:
    """Return magnitudes ``(..., F, T)`` as a viewer shows them, from black at 0 to white at 1."""
    return _shown(magnitude.log(), encoder)


def _shown(log_magnitude: Tensor, encoder: MaskEncoder) -> Tensor:
    shown = (log_magnitude - encoder.log_floor) / (encoder.log_ceiling - encoder.log_floor)
    return shown.clamp(0.0, 1.0)


def view_map(encoder: MaskEncoder, scales: bool = False) -> SeparableMap:
    """Return the map whose adjoint averages the plane by area into the view.

    Args:
        encoder: of the plane.
        scales: whether the view has to be halved again and again, on as many scales as SSIM's window fits.

    Raises:
        ObjectiveError: the plane is smaller than SSIM's window.
    """
    bins, frames = encoder.plane
    height, width = min(_VIEW[0], bins), min(_VIEW[1], frames)
    if min(height, width) < WINDOW:
        raise ObjectiveError(
            f"expected a spectrogram of at least {WINDOW} bins and frames, which SSIM needs, got "
            f"{bins} x {frames}: choose a longer sound, or lower hop_length"
        )
    if scales:
        step = 2 ** (scales_of(height, width) - 1)
        height, width = height // step * step, width // step * step
    rows, columns = encoder.view_matrices(height, width)
    return SeparableMap(rows.T, columns.T, encoder.picture.dtype)


class _Losses:
    """One minus the similarity of views ``(n, height, width)`` in [0, 1] with the picture's view."""

    def __init__(self, similarity: Similarity) -> None:
        self._similarity = similarity

    def value(self, views: Tensor) -> Tensor:
        """Return losses ``(n,)`` in float64."""
        return _loss(torch.cat([self._similarity.value(part) for part in torch.split(views, _MASKS_AT_ONCE)]))

    def value_and_gradient(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """Return losses ``(n,)`` in float64 and their gradients ``(n, height, width)``."""
        parts = [self._similarity.value_and_gradient(part) for part in torch.split(views, _MASKS_AT_ONCE)]
        losses = _loss(torch.cat([similarity for similarity, _ in parts]))
        return losses, -torch.cat([gradient for _, gradient in parts])


class ViewKernel:
    """Kernel of one minus the similarity of picture and sound as a viewer shows them.

    Args:
        encoder: picture and sound.
        view: the map whose adjoint averages the plane into the view.
        make: makes the similarity with the picture's view.
    """

    def __init__(self, encoder: MaskEncoder, view: SeparableMap, make: MakeSimilarity) -> None:
        self._encoder = encoder
        self._view_map = view
        self._losses = _Losses(make(view.adjoint(encoder.picture)))
        self._view_shape = self._view_map.left.shape[1], self._view_map.right.shape[1]
        self._slope_scale = 1 / (encoder.log_ceiling - encoder.log_floor)
        self._difference = encoder.image_magnitude - encoder.audio_magnitude
        self.bytes_per_mask = _VIEWS_HELD * math.prod(self._view_shape) * encoder.picture.element_size()

    def value(self, grids: Grids) -> Tensor:
        """Return losses ``(n,)``."""
        return self._losses.value(self._views(grids))

    def value_and_gradient(self, grids: Grids) -> tuple[Tensor, Tensor]:
        """Return losses ``(n,)`` and their gradients ``(n, gh, gw)``."""
        value, slopes = self._losses.value_and_gradient(self._views(grids))
        return value, self._gradient(grids, slopes)

    def _views(self, grids: Grids) -> Tensor:
        views = grids.levels.new_zeros(len(grids.levels), *self._view_shape)
        for tile in self._encoder.mask_map.tiles(grids):
            shown = _shown(self._mix(tile).log_(), self._encoder)
            self._view_map.add_adjoint(views, shown, tile.bins, tile.frames)
        return views

    def _gradient(self, grids: Grids, view_gradient: Tensor) -> Tensor:
        gradient = torch.zeros_like(grids.levels)
        encoder = self._encoder
        for tile in encoder.mask_map.tiles(grids):
            where = tile.bins, tile.frames
            mix = self._mix(tile)
            log_mix = mix.log()
            visible = (log_mix >= encoder.log_floor) & (log_mix <= encoder.log_ceiling)
            slope = self._view_map.on_tile(view_gradient, *where).mul_(self._difference[where]).div_(mix)
            encoder.mask_map.add_adjoint(gradient, slope.mul_(visible), *where)
        return gradient.mul_(self._slope_scale)

    def _mix(self, tile: Tile) -> Tensor:
        """Compute blended magnitudes on a tile, written over its mask."""
        where = tile.bins, tile.frames
        picture = tile.mask.mul_(self._encoder.image_magnitude[where])
        return picture.addcmul_(tile.complement, self._encoder.audio_magnitude[where])
