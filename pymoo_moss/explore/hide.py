"""Hide a picture, a text or a QR code in a song, and write what is released: song, page, views, report."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from .._arithmetic import computing
from .._threads import side_by_side
from ..errors import unknown_name
from ..objectives import AudioAudibility
from ..release import (
    VIEW_SHAPE,
    HiddenPicture,
    HidingPlan,
    Lettering,
    QRCode,
    Survival,
    contact_sheet,
    hidden_picture,
    survivals,
)
from ..runs import ExportedSound, RunSettings, check_output_folder, environment, new_run, write_record
from ..spectrogram import CODECS, Overlay, save_song
from .page import explorer_page

FORMATS = ("wav", "flac", *CODECS)
"""Formats in which songs are written."""

_BESIDE_SECONDS = 2.0
_NAMES = ("song", "more-picture", "between", "more-song")


def hide(
    picture: str | os.PathLike[str] | Lettering | QRCode,
    song: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    plan: HidingPlan = HidingPlan(),
    *,
    format: str = "wav",
    overwrite: bool = False,
    on_phase: Callable[[str], None] = lambda name: None,
    after_generation: Callable[[int], None] = lambda number: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> HiddenPicture:
    """Hide a picture in a song, and write files to release and to look at.

    The song has its own sample rate, channels, length, tags and cover; outside of the rectangle in which the
    picture is, all of its samples are the original's. Beside it are written ``more``, three other solutions
    from more picture to more song; ``index.html``; ``viewers.png``, how programs show the song; ``report.md``
    with what codecs leave of the picture; and the record of the run.

    Args:
        picture: a file of a picture; or `Lettering` or `QRCode`.
        song: a file of a sound or video.
        folder: to write to, new or empty.
        plan: where the picture is hidden and how.
        format: of the song: ``"wav"`` or ``"flac"``, of 24 bits; ``"mp3"``, ``"m4a"`` or ``"ogg"``.
        overwrite: replace an earlier run in the folder.
        on_phase: called with the name of each part of the work: ``"searching"`` and ``"writing"``.
        after_generation: called with the number of each finished generation of the search.
        should_stop: called after each generation; return True to end the search.

    Raises:
        PictureError: the picture cannot be used.
        AudioError: the song cannot be used.
        OptionError: the rectangle is not in the song, or too small for the picture.
        OutputError: the folder cannot be written, or holds something else.
    """
    folder, song = Path(folder), Path(song)
    if format not in FORMATS:
        raise unknown_name("format", format, FORMATS)
    check_output_folder(folder, overwrite=overwrite)
    on_phase("searching")
    hidden = hidden_picture(
        picture if isinstance(picture, Lettering | QRCode) else Path(picture),
        song,
        plan,
        after_generation=after_generation,
        should_stop=should_stop,
    )
    on_phase("writing")
    _write(folder, hidden, picture, song, format)
    return hidden


def _write(
    folder: Path,
    hidden: HiddenPicture,
    picture: str | os.PathLike[str] | Lettering | QRCode,
    song: Path,
    format: str,
) -> None:
    result, encoder = hidden.result, hidden.encoder
    with computing(result.problem.threads), new_run(folder) as work:
        (work / "more").mkdir()
        shown = [*dict.fromkeys([*hidden.chosen, *result.picks.values()])]
        problem, exporter = result.problem, result.exporter

        def made(index: int) -> tuple[Tensor, ExportedSound]:
            target = exporter.blend(result.X[index])
            waveform = encoder.synthesise(target[None], problem.phase)[0]
            return waveform, exporter.of_waveform(waveform, target)

        with side_by_side(len(shown)) as each:
            pairs = dict(zip(shown, each(made, shown), strict=True))
        waveforms = {index: waveform for index, (waveform, _) in pairs.items()}
        sounds = {index: sound for index, (_, sound) in pairs.items()}
        clear = hidden.overlay(waveforms[hidden.chosen[0]])
        files = {}
        for number, index in enumerate(hidden.chosen):
            overlay = clear if number == 0 else hidden.overlay(waveforms[index])
            place = f"more/{number}-{_NAMES[number]}" if number else _NAMES[0]
            files[index] = f"{place}.{format}"
            save_song(work / files[index], overlay)
        samples, start = part_to_look_at(clear, hidden)
        title = f"{_name(picture)} in {song.name}"
        contact_sheet(samples, clear.sample_rate, start, title).save(work / "viewers.png")
        drawn = (255 * encoder.picture.flip(0).cpu().numpy()).round().astype(np.uint8)
        Image.fromarray(drawn).save(work / "picture.png")
        survived = survivals(clear, encoder)
        report = report_of(hidden, clear, survived, title, format)
        (work / "report.md").write_text(report, encoding="utf-8")
        settings = {"image": _name(picture), "audio": song.name, "options": dict(hidden.options)}
        result.settings.update(RunSettings(settings).to_json())
        page = explorer_page(result, sounds, facts=environment(), files=files)
        (work / "index.html").write_text(page, encoding="utf-8")
        write_record(work, result, {})


def part_to_look_at(overlay: Overlay, hidden: HiddenPicture) -> tuple[np.ndarray, float]:
    """Return samples ``(n, channels)`` around the rectangle in which a view shows the picture's own shape.

    Returns:
        The samples, and the time in seconds at which they begin.
    """
    encoder, rate = hidden.encoder, overlay.sample_rate
    frames = encoder.plane[1]
    first, last = encoder.excerpt.start / encoder.sample_rate, encoder.excerpt.stop / encoder.sample_rate
    # A view is so high that the whole axis has n_fft / 2 bins.
    seconds = (last - first) * VIEW_SHAPE * (encoder.n_fft / 2) / frames
    whole = overlay.length / rate
    seconds = min(max(seconds, last - first + 2 * _BESIDE_SECONDS), whole)
    start = min(max((first + last - seconds) / 2, 0.0), whole - seconds)
    return overlay.excerpt(int(start * rate), int((start + seconds) * rate)), start


def report_of(
    hidden: HiddenPicture, overlay: Overlay, survived: list[Survival], title: str, format: str
) -> str:
    """Describe a song with a picture in Markdown: where and how loud it is, and what is left of it."""
    encoder = hidden.encoder
    start, stop = (edge / encoder.sample_rate for edge in (encoder.excerpt.start, encoder.excerpt.stop))
    bits = "compressed" if format in CODECS else "24 bits"
    channels = {1: "mono", 2: "stereo"}.get(overlay.channels, f"{overlay.channels} channels")
    if overlay.gain < 1.0:
        rest = f" The whole song is {-20 * np.log10(overlay.gain):.2f} dB quieter, or its peaks would clip."
    elif format in CODECS:
        rest = ""
    else:
        rest = " The samples outside of the picture are the song's own, bit for bit."
    lines = [
        f"# {title}",
        "",
        f"- The picture is from {_clock(start)} to {_clock(stop)}, and from {encoder.axis.low:.0f} to "
        f"{encoder.axis.high:.0f} Hz.",
        f"- Its white is {abs(hidden.level_db):.0f} dB {'under' if hidden.level_db <= 0 else 'over'} the "
        "loud notes around it.",
        f"- What is heard of it, averaged over its band: {hidden.audible_db[0]:.1f} dB above what the song "
        f"masks; up to {AudioAudibility.unnoticed} dB hardly anything.",
        f"- The file is {format.upper()}, {overlay.sample_rate} Hz, {channels}, {bits}.{rest}",
        "",
        "## What is left of the picture",
        "Measured within its rectangle, against the picture as it was drawn; 1 is perfect. A louder picture "
        "(`--level`) is kept better, and heard sooner.",
        "",
        "| | SSIM | correlation |",
        "|---|---|---|",
        *(f"| {one.name} | {one.ssim:.2f} | {one.correlation:.2f} |" for one in survived),
        "",
        "## How to look at it",
        "`viewers.png` shows how programs draw it. Tell listeners:",
        "",
        f"- look from {_clock(max(start - 2, 0))} to {_clock(stop + 2)}, with a linear frequency axis up to "
        f"{overlay.sample_rate // 2} Hz;",
        "- Audacity: Spectrogram view, scale Linear, gain 20 dB, range 80 dB or more;",
        "- Spek and SoX: default settings; ffmpeg: the command in `viewers.png`.",
        "",
        "## Files",
        f"- `song.{format}`: the song with the picture, to release",
        "- `more/`: the same song with more of the picture, and with less",
        "- `index.html`: look and listen in a browser",
        "- `picture.png`: the picture as it is drawn in the spectrogram",
        "- `run.json`, `masks.npz`: the record of the run",
        "",
    ]
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def _name(picture: Any) -> str:
    if isinstance(picture, Lettering):
        return f'"{picture.text}"'
    if isinstance(picture, QRCode):
        return f"QR code of {picture.content}"
    return Path(picture).name
