"""Speak an embedded sound: a line of Hamlet, by formant synthesis.

Run ``python tools/say_monologue.py [OUT]``; the output is the same every time, to the byte.

Source: Klatt, "Software for a cascade/parallel formant synthesizer", Journal of the Acoustical Society of
America 67 (1980); the formants are rounded from its tables.
"""

import numpy as np
from playing import SAMPLE_RATE, SECONDS, recorded, save_as
from scipy.signal import butter, lfilter, sosfilt

FRAME = 80
"""Samples per frame of the voice's parameters: 5 ms."""

# Sound: seconds, formants in Hz, loudness of voice and noise, centre frequency of the noise in Hz.
SOUNDS = {
    "i": (0.17, (290, 2200, 2950), 1.0, 0.0, 3000), "I": (0.10, (400, 1900, 2560), 1.0, 0.0, 3000),
    "E": (0.13, (530, 1750, 2500), 1.0, 0.0, 3000), "a": (0.15, (640, 1650, 2450), 1.0, 0.0, 3000),
    "A": (0.19, (720, 1150, 2500), 1.0, 0.0, 3000), "O": (0.18, (560, 880, 2500), 1.0, 0.0, 3000),
    "o": (0.18, (450, 850, 2350), 1.0, 0.0, 3000), "u": (0.16, (320, 950, 2250), 1.0, 0.0, 3000),
    "@": (0.08, (500, 1350, 2450), 0.8, 0.0, 3000), "3": (0.15, (480, 1250, 1650), 0.9, 0.0, 3000),
    "r": (0.08, (330, 1150, 1450), 0.7, 0.0, 3000), "l": (0.08, (330, 1050, 2850), 0.7, 0.0, 3000),
    "w": (0.08, (290, 650, 2250), 0.7, 0.0, 3000), "m": (0.09, (260, 1150, 2150), 0.40, 0.0, 3000),
    "n": (0.08, (260, 1500, 2450), 0.40, 0.0, 3000), "b": (0.07, (200, 950, 2200), 0.15, 0.03, 900),
    "d": (0.06, (200, 1600, 2650), 0.15, 0.08, 3800), "D": (0.06, (280, 1300, 2500), 0.35, 0.05, 5500),
    "z": (0.10, (260, 1400, 2550), 0.25, 0.35, 6000), "v": (0.06, (240, 1100, 2100), 0.30, 0.06, 4500),
    "s": (0.13, (320, 1400, 2550), 0.0, 0.60, 6200), "S": (0.12, (320, 1700, 2450), 0.0, 0.60, 3100),
    "f": (0.10, (340, 1100, 2100), 0.0, 0.16, 5000), "h": (0.06, (500, 1500, 2500), 0.0, 0.14, 1700),
    "_": (0.05, (400, 1500, 2500), 0.0, 0.0, 3000), "t": (0.035, (320, 1700, 2600), 0.0, 0.50, 4200),
    "k": (0.04, (300, 1900, 2400), 0.0, 0.40, 2100), ",": (0.30, (450, 1400, 2450), 0.0, 0.0, 3000),
}  # fmt: skip

LINE = (
    "_tu bi, Or nA_t _tu bi, Da_t Iz D@ _kwEs_tS@n, "
    "wED3 _tIz noobl3 In D@ mAind _tu s@f3, D@ slINz and arooz @v Ou_trEIdZ@s fO_tSun"
)
"""To be, or not to be, that is the question; whether 'tis nobler in the mind to suffer the slings ..."""


def settings(rng: np.random.Generator) -> np.ndarray:
    """Return the parameters of each frame: pitch, three formants, voice, noise, and the noise's frequency."""
    frames: list[list[float]] = []
    phrase = 0
    for sound in (letter for letter in LINE if letter in SOUNDS):
        seconds, formants, voice, noise, around = SOUNDS[sound]
        phrase = 0 if sound == "," else phrase + 1
        pitch = 128 - 1.7 * phrase + 14 * np.sin(0.9 * phrase) + rng.normal(0, 3)
        count = round(seconds * rng.uniform(0.95, 1.1) * SAMPLE_RATE / FRAME)
        frames += [[pitch, *formants, voice, noise, around]] * count
    tracks = np.array(frames)
    # The mouth moves within 40 ms, and the pitch more slowly.
    for column in range(7):
        width = 25 if column == 0 else 4 if column == 5 else 8
        window = np.hanning(width + 2)[1:-1]
        padded = np.pad(tracks[:, column], width, mode="edge")
        tracks[:, column] = np.convolve(padded, window / window.sum(), mode="same")[width:-width]
    return tracks


def resonate(signal: np.ndarray, tracks: np.ndarray, bandwidth: float) -> np.ndarray:
    """Filter by a resonator of unit gain at 0 Hz whose frequency changes from frame to frame."""
    out = np.empty_like(signal)
    memory = np.zeros(2)
    for number, frequency in enumerate(tracks):
        part = slice(number * FRAME, (number + 1) * FRAME)
        radius = np.exp(-np.pi * bandwidth / SAMPLE_RATE)
        feedback = [1, -2 * radius * np.cos(2 * np.pi * frequency / SAMPLE_RATE), radius**2]
        out[part], memory = lfilter([sum(feedback)], feedback, signal[part], zi=memory)
    return out


def perform() -> np.ndarray:
    """Speak the line, ``(samples,)``, normalised to `PEAK`."""
    rng = np.random.default_rng(1603)
    tracks = settings(rng)
    samples = len(tracks) * FRAME
    pitch, voice, noise = (np.repeat(tracks[:, column], FRAME) for column in (0, 4, 5))
    phase = np.cumsum(pitch * (1 + 0.01 * rng.standard_normal(samples))) / SAMPLE_RATE
    pulses = np.diff(np.floor(phase), prepend=0.0)
    # Glottal source: pulses whose spectrum falls by 12 dB per octave, with aspiration noise.
    glottis = lfilter([1.0], [1, -1.85, 0.8556], pulses * 12 + 0.05 * rng.standard_normal(samples))
    spoken = lfilter([1, -0.97], [1], glottis * voice)
    for column, bandwidth in ((1, 70), (2, 100), (3, 150)):
        spoken = resonate(spoken, tracks[:, column], bandwidth)
    spoken = sosfilt(butter(2, 4800, fs=SAMPLE_RATE, output="sos"), spoken)
    hiss = resonate(rng.standard_normal(samples) * noise, tracks[:, 6], 1200)
    hiss = lfilter([1, -0.95], [1], hiss)
    spoken = spoken / np.abs(spoken).max() + 0.35 * hiss / np.abs(hiss).max()
    piece = np.zeros(int(SECONDS * SAMPLE_RATE))
    begin = round(0.1 * SAMPLE_RATE)
    count = min(samples, len(piece) - begin)
    piece[begin : begin + count] = spoken[:count]
    return recorded(piece, rng)


if __name__ == "__main__":
    save_as(__doc__, perform, "monologue.flac")
