"""Sounds in files: which decoder reads a file, and how its sound differs from what it declares."""

import io
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import soundfile

from ..errors import AudioError
from . import ffmpeg, sndfile
from .broken_off import is_broken_off
from .file_kinds import HEAD, kind_without_sound
from .mpeg_header import declared_seconds
from .sound import Piece, Sound, check_length
from .tags import Tags

SoundFileSource = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

READABLE_SOUNDS = "WAV, FLAC, MP3, M4A, Ogg, or another format of sound or video"

_TOLERANCE = 0.1
"""Seconds by which what is decoded may differ from what is declared; less is a codec's padding."""

MOST_BYTES_OF_A_STREAM = 1 << 30

_Opener = Callable[[], AbstractContextManager[BinaryIO]]


def file_sound(source: SoundFileSource) -> Sound:
    """Make a sound of a file: the first one in it, from its beginning to the last sample that can be decoded.

    The file is known by its content. libsndfile decodes it if its header declares as much sound as FFmpeg
    counts in it. FFmpeg decodes everything else: it reads on where files are joined, and to the end where
    the length is missing or wrong.

    Args:
        source: path of a file, its content, or a binary file that is open for reading; one that can be
            sought in is read from its beginning.

    Raises:
        AudioError: it is missing, or holds no sound.

    Warns:
        UserWarning: it holds several sounds; or, when it is decoded, another length than it declares, or
            damage that is left out.
    """
    label, opened = _opener(source)
    with _reported(label), opened() as file:
        decoder, tags = _choose_decoder(file, label), _tags(file)
    said = False

    def pieces() -> Iterator[Piece]:
        nonlocal said
        seconds, damaged = 0.0, 0
        with _reported(label):
            for part in decoder.parts(opened):
                if part is None:
                    damaged += 1
                    continue
                seconds += len(part.samples) / part.sample_rate
                yield part
        if not said:
            said = True
            _say(label, seconds, decoder, damaged)

    return Sound(label, pieces, tags)


class _Decoder(NamedTuple):
    """How a file is decoded.

    Attributes:
        parts: yields its pieces, and None for what is damaged.
        declared: seconds of sound that it declares to hold; None if it does not say.
        broken_off: whether it ends within a chunk or a page.
    """

    parts: Callable[[_Opener], Iterator[Piece | None]]
    declared: float | None
    broken_off: bool


def _choose_decoder(file: BinaryIO, label: str) -> _Decoder:
    head = file.read(HEAD)
    if not head:
        raise AudioError(f"{label} is empty, 0 bytes long: copy or download it again")
    kind = kind_without_sound(head)
    if kind is not None:
        raise AudioError(f"{label} is {kind}: expected a sound ({READABLE_SOUNDS})")
    broken_off = is_broken_off(file)
    counts, reason = _survey(file, label)
    if counts is None:
        header = _header(file)
        # For MPEG audio libsndfile takes whatever looks like a frame.
        if header is None or header.is_mpeg:
            raise AudioError(f"cannot read a sound from {label} ({reason}): expected {READABLE_SOUNDS}")
        check_length(header.seconds, label)
        return _Decoder(_by_sndfile, header.seconds, broken_off)
    if counts.declared is not None:
        check_length(min(counts.counted, counts.declared), label)
    # libsndfile's decoder of MPEG audio prints its own complaints about files that are not what they declare.
    header = _header(file) if counts.is_as_declared or not counts.is_mpeg else None
    if header is not None and header.is_mpeg and not counts.is_mpeg:
        header = None
    if header is not None and (counts.is_at_most(header.seconds) or header.is_known_here_alone):
        return _Decoder(_by_sndfile, header.seconds, broken_off)
    file.seek(0)
    declared = counts.declared if counts.declares else declared_seconds(file)
    return _Decoder(_by_ffmpeg, declared, broken_off)


def _survey(file: BinaryIO, label: str) -> tuple[ffmpeg.Survey | None, str]:
    """Count by FFmpeg what a file holds; None and the reason where it cannot."""
    file.seek(0)
    try:
        counts = ffmpeg.survey(file)
    except ffmpeg.NoSoundError as error:
        return None, _in_words(error)
    if counts.sounds > 1:
        warnings.warn(f"{label} holds {counts.sounds} sounds: the first one is used", stacklevel=2)
    return counts, ""


def _tags(file: BinaryIO) -> Tags:
    file.seek(0)
    try:
        return ffmpeg.read_tags(file)
    except ffmpeg.NoSoundError:
        return Tags()


def _header(file: BinaryIO) -> sndfile.Header | None:
    file.seek(0)
    return sndfile.read_header(file)


def _by_ffmpeg(opened: _Opener) -> Iterator[Piece | None]:
    with opened() as file:
        yield from ffmpeg.decode(file)


def _by_sndfile(opened: _Opener) -> Iterator[Piece | None]:
    """Decode by libsndfile, and by FFmpeg from where libsndfile does not come further."""
    done, seconds = 0, 0.0
    with opened() as file:
        header = _header(file)
        file.seek(0)
        try:
            for piece in sndfile.decode(file):
                done += len(piece.samples)
                seconds += len(piece.samples) / piece.sample_rate
                yield piece
            missing = header is not None and seconds < header.seconds - _TOLERANCE
        except soundfile.SoundFileError:
            missing = True
    if missing:
        yield None
        with opened() as file:
            yield from _after(done, ffmpeg.decode(file))


def _after(samples: int, parts: Iterator[Piece | None]) -> Iterator[Piece | None]:
    """Leave out a number of samples at the beginning."""
    try:
        for part in parts:
            if part is None:
                yield None
                continue
            left_out = min(samples, len(part.samples))
            samples -= left_out
            if left_out < len(part.samples):
                yield Piece(part.samples[left_out:], part.sample_rate)
    except ffmpeg.NoSoundError:
        return


def _say(label: str, seconds: float, decoder: _Decoder, damaged: int) -> None:
    """Say where a file holds something else than it declares."""
    declared = decoder.declared
    if seconds == 0:
        return
    if declared is not None and abs(declared - seconds) > _TOLERANCE:
        used = "only these are" if seconds < declared else "all of it is"
        said = f"says that it holds {declared:.1f} s of sound, and holds {seconds:.1f} s: {used} used"
    elif decoder.broken_off:
        said = f"is broken off: the {seconds:.1f} s of sound that are in it are used"
    elif damaged:
        said = f"is damaged: what cannot be decoded is left out, and {seconds:.1f} s of sound are used"
    else:
        return
    warnings.warn(f"{label} {said}", stacklevel=3)


def _opener(source: SoundFileSource) -> tuple[str, _Opener]:
    """Return what messages call a file, and a function that opens it at its beginning."""
    if isinstance(source, bytes | bytearray | memoryview):
        content = bytes(source)
        return "the sound", lambda: io.BytesIO(content)
    if hasattr(source, "read"):
        return _opener_of_open_file(source)
    try:
        path = Path(source)
    except TypeError:
        raise AudioError(
            "expected a sound as path, bytes, binary file or (waveform, sample_rate), got "
            f"{type(source).__name__}"
        ) from None
    label = f"'{path}'"
    # Looking at a path may fail already: it may be too long, or in a folder that is not to be read.
    with _reported(label):
        if path.is_dir():
            raise AudioError(f"{label} is a folder: expected a sound ({READABLE_SOUNDS})")
        if not path.exists():
            raise AudioError(f"no audio file at {label}: expected {READABLE_SOUNDS}")
        if path.is_file():
            return label, lambda: path.open("rb")
        if not path.is_fifo():
            raise AudioError(f"{label} is a device: expected a sound ({READABLE_SOUNDS})")
        with path.open("rb") as pipe:
            content = _all_of(pipe, label)
    return label, lambda: io.BytesIO(content)


def _all_of(stream: BinaryIO, label: str) -> bytes:
    """Read a stream that can be read only once, and may have no end."""
    content = stream.read(MOST_BYTES_OF_A_STREAM + 1)
    if len(content) > MOST_BYTES_OF_A_STREAM:
        raise AudioError(
            f"expected at most {MOST_BYTES_OF_A_STREAM >> 30} GiB from {label}, a stream: save it to a file"
        )
    return content


def _opener_of_open_file(file: Any) -> tuple[str, _Opener]:
    name = getattr(file, "name", None)
    label = f"'{name}'" if isinstance(name, str) else "the sound"
    with _reported(label):
        sought = file.seekable()
        if sought:
            file.seek(0)
        content = file.read(0) if sought else _all_of(file, label)
    if not isinstance(content, bytes):
        raise AudioError(f"expected a file that is open for reading bytes, {label} is open for text")
    if not sought:
        return label, lambda: io.BytesIO(content)

    def opened() -> AbstractContextManager[BinaryIO]:
        file.seek(0)
        return nullcontext(file)

    return label, opened


@contextmanager
def _reported(label: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file into an error that names it."""
    try:
        yield
    except AudioError:
        raise
    except (ffmpeg.NoSoundError, soundfile.SoundFileError, OSError, ValueError) as error:
        raise AudioError(
            f"cannot read a sound from {label} ({_in_words(error)}): expected {READABLE_SOUNDS}"
        ) from error


def _in_words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
