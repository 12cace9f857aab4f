"""The morph: a sound that passes through the front, from the song to the picture, and its video."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..errors import OutputError, missing_extra
from ..runs import SearchResult, blended, distances_along
from ..spectrogram import MaskEncoder
from .figures import spectrogram_figure, to_pixels

_FRAMES_PER_SECOND = 12
_PLAYHEAD_PIXELS = 2


def morph_magnitude(result: SearchResult) -> Tensor:
    """Blend the solutions of a front one after another.

    Returns:
        Magnitudes ``(F, T)`` of a sound that begins as the song, passes through all solutions in order along
        the front, and ends as the picture. The time of each solution is proportional to its distance along
        the front; between two neighbours the magnitudes are interpolated linearly.
    """
    encoder = result.problem.encoder
    F, X = result.F[::-1], result.X[::-1]
    along = distances_along(F, *result.box)
    frames = encoder.plane[1]
    moments = torch.linspace(0.0, float(along[-1]), frames, dtype=torch.float64)
    magnitude = torch.empty(encoder.plane, dtype=encoder.audio_magnitude.dtype)
    position = np.clip(np.searchsorted(along, moments.numpy(), side="right") - 1, 0, max(0, len(F) - 2))
    with torch.no_grad():
        for number in np.unique(position):
            following = min(number + 1, len(F) - 1)
            columns = torch.from_numpy(np.flatnonzero(position == number))
            pair = blended(encoder, X[[number, following]]).cpu()[..., columns]
            length = along[following] - along[number]
            share = ((moments[columns] - along[number]) / max(length, 1e-12)).to(pair)
            magnitude[:, columns] = (1 - share) * pair[0] + share * pair[1]
    return magnitude.to(encoder.audio_magnitude.device)


def write_video(path: Path, encoder: MaskEncoder, magnitude: Tensor, title: str, sound: Path) -> None:
    """Write a video of a spectrogram with a playhead that moves with the sound.

    Args:
        path: of the video, MP4; after an error there is no such file.
        encoder: the encoder of the spectrogram.
        magnitude: ``(F, T)`` magnitudes.
        title: title of the picture.
        sound: path of the sound, a WAV file.

    Raises:
        MissingExtraError: no video encoder is installed.
        OutputError: the video cannot be encoded or written.
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
    shares = _shares(seconds)
    try:
        writer.send(None)
        for share in shares:
            frame = still.copy()
            column = round(left + share * (right - left))
            frame[top:bottom, max(left, column - _PLAYHEAD_PIXELS) : column + _PLAYHEAD_PIXELS] = 255
            writer.send(frame)
        writer.close()
        # ffmpeg does not always fail when the disk is full.
        frames, _ = imageio_ffmpeg.count_frames_and_secs(str(path))
        if frames != len(shares):
            raise OSError(f"{frames} of {len(shares)} frames were written")
    # imageio_ffmpeg raises errors of many types; ffmpeg's own message is on the standard error stream.
    except Exception as error:
        path.unlink(missing_ok=True)
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise OutputError(
            f"cannot write the video '{path}' ({reason}): free space, or check the installation of ffmpeg"
        ) from error


def _shares(seconds: float) -> list[float]:
    count = max(1, round(seconds * _FRAMES_PER_SECOND))
    return [number / count for number in range(count)]


def _still(encoder: MaskEncoder, magnitude: Tensor, title: str) -> tuple[np.ndarray, tuple[int, ...]]:
    """Draw the picture without a playhead; also return the plane's edges in it: left, right, top, bottom."""
    figure = spectrogram_figure(encoder, magnitude, title)
    pixels = to_pixels(figure)
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    box = figure.axes[0].get_position()
    edges = (box.x0 * width, box.x1 * width, (1 - box.y1) * height, (1 - box.y0) * height)
    return np.ascontiguousarray(pixels[:height, :width]), tuple(round(edge) for edge in edges)
