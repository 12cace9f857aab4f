"""Sounds in files: which decoder reads a file, and how its sound differs from what it declares."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import soundfile

from ..errors import AudioError
from . import ffmpeg, sndfile
from .broken_off import is_broken_off
from .chunks import BOXES, chunks_of, layout_of
from .file_kinds import HEAD, kind_of_sound, kind_without_sound
from .file_window import FileWindow
from .joined import joined_files
from .mpeg_frames import begins_with_frame, has_free_rate, is_whole_stream
from .mpeg_header import declared_seconds
from .sound import Piece, Sound, check_length
from .sound_source import READABLE_SOUNDS, Opener, SoundFileSource, label_of, opener, part_opener
from .tags import Tags
from .trailing_tags import end_before_tags
from .understated import true_size

_TOLERANCE = 0.1
"""Seconds by which what is decoded may differ from what is declared; less is a codec's padding."""
_BROKEN_OFF, _GOES_ON = "is broken off", "goes on after the end that it declares"
_EXACT = 1e-4
"""Seconds within which nothing is missing."""

_INDICES = (b"moov", b"moof")
"""Names of boxes of which an MP4 has one."""


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
    label = label_of(source)
    with _reported(label):
        opened = opener(source, label)
        with opened() as file:
            _refuse_what_is_no_sound(file, label)
            files = [part_opener(opened, *ends, None) for ends in joined_files(file)]
            tags = _tags(file)
        decoders = [
            _choose_decoder(files[0], label),
            *(_choose_decoder_of_more(other, label) for other in files[1:]),
        ]
    said = False

    def pieces() -> Iterator[Piece]:
        nonlocal said
        seconds, damaged = 0.0, 0
        with _reported(label):
            for decoder in decoders:
                for part in decoder.parts():
                    if part is None:
                        damaged += 1
                        continue
                    seconds += len(part.samples) / part.sample_rate
                    yield part
        if seconds == 0 and damaged:
            raise _unreadable(label, "nothing in it can be decoded", "copy, download or export it again")
        if not said:
            said = True
            _say(label, seconds, decoders, damaged)

    return Sound(label, pieces, tags)


class _Decoder(NamedTuple):
    """How a file is decoded.

    Attributes:
        parts: yields its pieces, and None for what is damaged.
        declared: seconds of sound that it declares to hold; None if it does not say.
        flaw: what is wrong with where it ends; empty if nothing is.
    """

    parts: Callable[[], Iterator[Piece | None]]
    declared: float | None
    flaw: str


def _refuse_what_is_no_sound(file: FileWindow, label: str) -> None:
    head = file.read(HEAD)
    if file.length == 0:
        raise AudioError(f"{label} is empty, 0 bytes long: copy or download it again")
    kind = kind_without_sound(head)
    if kind is not None:
        raise AudioError(f"{label} is {kind}: expected a sound ({READABLE_SOUNDS})")


def _choose_decoder(opened: Opener, label: str) -> _Decoder:
    opened, flaw = _in_full(opened)
    with opened() as file:
        is_mpeg = begins_with_frame(file)
        # libsndfile's decoder of MPEG audio takes any bytes for it, and prints complaints about all but whole
        # streams.
        is_whole_mpeg = is_mpeg and is_whole_stream(file)
        try:
            counts = ffmpeg.survey(file)
        except ffmpeg.NoSoundError as error:
            header = sndfile.read_header(file) if is_whole_mpeg or not is_mpeg else None
            if header is None or header.is_mpeg != is_mpeg:
                raise _not_read(file, label, error) from error
            check_length(header.seconds or 0, label)
            return _Decoder(partial(_by_sndfile, opened), header.seconds, flaw)
        if counts.sounds > 1:
            warnings.warn(f"{label} holds {counts.sounds} sounds: the first one is used", stacklevel=2)
        if counts.declared is not None:
            check_length(min(counts.counted, counts.declared), label)
        is_known = is_whole_mpeg and (counts.is_as_declared or has_free_rate(file))
        header = sndfile.read_header(file) if is_known or not (is_mpeg or counts.is_mpeg) else None
        if (
            header is not None
            and header.is_mpeg == counts.is_mpeg
            and (header.seconds is None or counts.is_at_most(header.seconds) or header.is_known_here_alone)
        ):
            return _Decoder(partial(_by_sndfile, opened), header.seconds, flaw)
        declared = counts.declared if counts.declares else declared_seconds(file)
        return _Decoder(partial(_by_ffmpeg, opened), declared, flaw)


def _in_full(opened: Opener) -> tuple[Opener, str]:
    """Return what opens a file so that decoders read it to its end, and what is wrong with that."""
    with opened() as file:
        if is_broken_off(file):
            return opened, _BROKEN_OFF
        size, length = true_size(file), file.length
        # Decoders of MPEG audio know tags, and in chunks they are outside.
        end = length if begins_with_frame(file) or layout_of(file) is not None else end_before_tags(file)
    if size is None:
        return (opened if end == length else part_opener(opened, 0, end, None)), ""
    patch, declares_another = size
    return part_opener(opened, 0, length, patch), _GOES_ON if declares_another else ""


def _choose_decoder_of_more(opened: Opener, label: str) -> _Decoder:
    """Choose the decoder of a file that is joined to others; it may be no more than a beginning."""
    try:
        return _choose_decoder(opened, label)
    except AudioError:
        return _Decoder(lambda: iter((None,)), None, _BROKEN_OFF)


def _tags(file: FileWindow) -> Tags:
    try:
        return ffmpeg.read_tags(file)
    except ffmpeg.NoSoundError:
        return Tags()


def _by_ffmpeg(opened: Opener) -> Iterator[Piece | None]:
    with opened() as file:
        yield from ffmpeg.decode(file)


def _by_sndfile(opened: Opener) -> Iterator[Piece | None]:
    """Decode by libsndfile, and by FFmpeg from where libsndfile does not come further."""
    done, seconds = 0, 0.0
    with opened() as file:
        header = sndfile.read_header(file)
        declared = header.seconds if header is not None else None
        try:
            for piece in sndfile.decode(file):
                done += len(piece.samples)
                seconds += len(piece.samples) / piece.sample_rate
                yield piece
            missing = declared is not None and seconds < declared - _TOLERANCE
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


def _say(label: str, seconds: float, decoders: list[_Decoder], damaged: int) -> None:
    """Say where a file holds something else than it declares."""
    declared = decoders[0].declared
    if seconds == 0:
        return
    missing = None if declared is None else declared - seconds
    if missing is not None and abs(missing) > _TOLERANCE:
        used = "only these are" if missing > 0 else "all of it is"
        said = f"says that it holds {declared:.1f} s of sound, and holds {seconds:.1f} s: {used} used"
    elif decoders[-1].flaw:
        said = f"{decoders[-1].flaw}: the {seconds:.1f} s of sound that are in it are used"
    # What cannot be decoded may be a tag at the end.
    elif damaged and (missing is None or abs(missing) > _EXACT):
        said = f"is damaged: what cannot be decoded is left out, and {seconds:.1f} s of sound are used"
    else:
        return
    warnings.warn(f"{label} {said}", stacklevel=3)


@contextmanager
def _reported(label: str) -> Iterator[None]:
    """Turn what goes wrong in reading a file into an error that names it."""
    try:
        yield
    except AudioError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise _unreadable(label, reason, "make sure that it can be read") from error
    except (ffmpeg.NoSoundError, soundfile.SoundFileError, ValueError) as error:
        raise _unreadable(label, str(error), f"expected {READABLE_SOUNDS}") from error


def _not_read(file: FileWindow, label: str, error: ffmpeg.NoSoundError) -> AudioError:
    """Say why a file is not read: it has no sound, or it is damaged, or nobody knows it."""
    if not isinstance(error, ffmpeg.NotOpenedError):
        return _unreadable(label, str(error), f"expected {READABLE_SOUNDS}")
    file.seek(0)
    kind = kind_of_sound(file.read(HEAD))
    if kind is None:
        return _unreadable(label, "its format is not known", f"expected {READABLE_SOUNDS}")
    reason = f"it is {kind}, damaged, broken off or of an unknown coding"
    if layout_of(file) is BOXES and not any(chunk.name in _INDICES for chunk in chunks_of(file, BOXES)):
        reason = f"it is {kind} whose index, which is written last, is missing"
    return _unreadable(label, reason, "copy, download or export it again")


def _unreadable(label: str, reason: str, advice: str) -> AudioError:
    return AudioError(f"cannot read a sound from {label} ({reason}): {advice}")
