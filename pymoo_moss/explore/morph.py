"""A sound that travels through the front, from the song to the picture."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import OutputError, missing_extra
from ..spectrogram import MaskEncoder
from .figures import spectrogram_figure, to_pixels
from .run import RunResult
from .selection import distances_along

_FRAMES_PER_SECOND = 12
_PLAYHEAD_PIXELS = 2


def morph_magnitude(result: RunResult) -> Tensor:
    """Magnitudes ``(F, T)`` that begin as the song, pass all solutions in order, and end as the picture.

    Each solution is passed at the moment that its distance along the front says; between two neighbours
    magnitudes are blended.
    """
    encoder = result.problem.encoder
    F, X = result.F[::-1], result.X[::-1]
    along = distances_along(F, *result.problem.hypervolume_box)
    frames = encoder.plane[1]
    moments = torch.linspace(0.0, float(along[-1]), frames, dtype=torch.float64)
    magnitude = torch.empty(encoder.plane, dtype=encoder.audio_magnitude.dtype)
    position = np.clip(np.searchsorted(along, moments.numpy(), side="right") - 1, 0, max(0, len(F) - 2))
    with torch.no_grad():
        for number in np.unique(position):
            following = min(number + 1, len(F) - 1)
            columns = torch.from_numpy(np.flatnonzero(position == number))
            pair = encoder.mix(X[[number, following]]).cpu()[..., columns]
            length = along[following] - along[number]
            share = ((moments[columns] - along[number]) / max(length, 1e-12)).to(pair)
            magnitude[:, columns] = (1 - share) * pair[0] + share * pair[1]
    return magnitude.to(encoder.audio_magnitude.device)


def write_video(path: Path, encoder: MaskEncoder, magnitude: Tensor, title: str, sound: Path) -> None:
    """A video of a spectrogram ``(F, T)`` with a playhead that moves with the sound of a WAV file.

    Raises:
        MissingExtraError: there is no encoder.
        OutputError: the file cannot be written.
    """
    with missing_extra("video"):
        import imageio_ffmpeg
    seconds = len(encoder.audio_waveform) / encoder.sample_rate
    still, (left, right, top, bottom) = _still(encoder, magnitude, title)
    writer = imageio_ffmpeg.write_frames(
        str(path),
        (still.shape[1], still.shape[0]),
        fps=_FRAMES_PER_SECOND,
        audio_path=str(sound),
        audio_codec="aac",
        macro_block_size=2,
        ffmpeg_log_level="error",
    )
    writer.send(None)
    shares = _shares(seconds)
    try:
        for share in shares:
            frame = still.copy()
            column = round(left + share * (right - left))
            frame[top:bottom, max(left, column - _PLAYHEAD_PIXELS) : column + _PLAYHEAD_PIXELS] = 255
            writer.send(frame)
        writer.close()
        # Some encoders end on a full disk, others tell nobody.
        frames, _ = imageio_ffmpeg.count_frames_and_secs(str(path))
    except (OSError, RuntimeError):
        frames = 0
    if frames != len(shares):
        raise OutputError(f"cannot write the video '{path}': free space or choose another folder")


def _shares(seconds: float) -> list[float]:
    count = max(1, round(seconds * _FRAMES_PER_SECOND))
    return [number / count for number in range(count)]


def _still(encoder: MaskEncoder, magnitude: Tensor, title: str) -> tuple[np.ndarray, tuple[int, ...]]:
    """The picture without a playhead, and the plane's edges in it: left, right, top, bottom."""
    figure = spectrogram_figure(encoder, magnitude, title)
    pixels = to_pixels(figure)
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    box = figure.axes[0].get_position()
    edges = (box.x0 * width, box.x1 * width, (1 - box.y1) * height, (1 - box.y0) * height)
    return np.ascontiguousarray(pixels[:height, :width]), tuple(round(edge) for edge in edges)
