"""The judges by name: what each of them says, what it compares with, and what has to be installed for it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from types import MappingProxyType
from typing import Literal

Truth = Literal["picture", "words", "code", "song", "transcript"]
"""What a judge compares with. The first three are seen, the others heard."""
SEEN: tuple[Truth, ...] = ("picture", "words", "code")


@dataclass(frozen=True)
class Description:
    """A judge.

    Attributes:
        title: heading of its column.
        says: what its number is.
        module: of this folder; its `prepare` takes the truth and returns the judge.
        truth: what it compares with; where a pair has none, the judge is not asked.
        packages: Python packages that it needs.
        program: program that it needs.
        more_is_better: whether a higher number is the better one.
        digits: behind the decimal point.
    """

    title: str
    says: str
    module: str
    truth: Truth
    packages: tuple[str, ...] = ()
    program: str | None = None
    more_is_better: bool = True
    digits: int = 2

    @property
    def missing(self) -> list[str]:
        """Names of what is not installed here."""
        programs = [self.program] if self.program and shutil.which(self.program) is None else []
        return [*(one for one in self.packages if find_spec(one) is None), *programs]


JUDGES: Mapping[str, Description] = MappingProxyType(
    {
        "face": Description(
            "face",
            "tries of 12 (four Haar cascades of OpenCV, three degrees of blur) that find the face where most "
            "of them find it in the picture itself",
            "faces",
            "picture",
            ("cv2",),
            digits=0,
        ),
        "ms_ssim": Description(
            "MS-SSIM", "multi-scale SSIM (Wang et al. 2003) with the picture", "multi_scale", "picture"
        ),
        "edges": Description(
            "edges", "correlation of the strength of edges with the picture's", "edges", "picture"
        ),
        "text": Description(
            "text",
            "share of the letters that Tesseract reads in the best of six tries (three degrees of blur, two "
            "layouts)",
            "text",
            "words",
            program="tesseract",
        ),
        "code": Description(
            "QR", "1 where OpenCV's decoder reads the QR code", "code", "code", ("cv2",), digits=0
        ),
        "zimtohrli": Description(
            "Zimtohrli", "mean opinion score from 1 to 5", "zimtohrli_mos", "song", ("zimtohrli",)
        ),
        "visqol": Description(
            "ViSQOL", "mean opinion score from 1 to 4.73, mode for music", "visqol_mos", "song", ("visqol",)
        ),
        "notes": Description(
            "notes",
            "F-measure of the notes that basic-pitch finds, against those that it finds in the song: onsets "
            "within 50 ms, the same semitone",
            "notes",
            "song",
            ("basic_pitch", "onnxruntime"),
        ),
        "notes_found": Description(
            "own notes",
            "share of the song's own notes that basic-pitch finds again",
            "notes_found",
            "song",
            ("basic_pitch", "onnxruntime"),
        ),
        "fingerprint": Description(
            "fingerprint",
            "share of equal bits of Chromaprint's fingerprint, 0.5 by chance",
            "fingerprint",
            "song",
            program="fpcalc",
            digits=3,
        ),
        "words": Description(
            "word errors",
            "word error rate of PocketSphinx against what is said",
            "speech",
            "transcript",
            ("pocketsphinx",),
            more_is_better=False,
        ),
    }
)
