import numpy as np
import pytest
import soundfile
import torch

from pymoo_moss.errors import AudioError
from pymoo_moss.spectrogram.audio import load_audio
from pymoo_moss.spectrogram.audio_export import save_wav


def tone(frequency: float, rate: int, seconds: float = 0.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)


@pytest.mark.parametrize(
    ("suffix", "subtype", "tolerance"),
    [("wav", "PCM_16", 1e-4), ("wav", "FLOAT", 1e-6), ("flac", "PCM_24", 1e-6), ("ogg", "VORBIS", 0.05),
     ("mp3", "MPEG_LAYER_III", 0.05)],
)  # fmt: skip
def test_every_format_gives_the_samples_back(tmp_path, suffix, subtype, tolerance):
    path = tmp_path / f"tone.{suffix}"
    written = tone(440, 16000, 1.0)
    soundfile.write(path, written, 16000, subtype=subtype)
    read = load_audio(path, 16000).numpy()
    assert read.dtype == np.float32
    # Lossy codecs pad at the ends.
    middle = slice(2000, 14000)
    best = min(np.abs(np.roll(read, -shift)[middle] - written[middle]).max() for shift in range(0, 1200, 1))
    assert best < tolerance


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 44101, 48000, 192000])
def test_resampling_keeps_pitch_and_length(rate):
    waveform = load_audio((tone(1000, rate), rate), 16000)
    assert len(waveform) == pytest.approx(8000, abs=8)
    expected = torch.from_numpy(tone(1000, 16000)).float()
    middle = slice(500, 7400)
    assert (waveform[middle] - expected[middle]).abs().max() < 0.01


def test_frequencies_above_half_the_rate_vanish():
    assert load_audio((tone(12000, 48000) + tone(100, 48000), 48000), 16000)[500:-500].abs().max() < 0.51


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_averaged(channels):
    parts = np.stack([tone(200 * (k + 1), 16000) for k in range(channels)])
    np.testing.assert_allclose(load_audio((parts, 16000), 16000), parts.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(
        load_audio((torch.from_numpy(parts), 16000), 16000), parts.mean(axis=0), atol=1e-6
    )


def test_clipped_sound_is_taken_as_it_is():
    clipped = np.clip(5 * tone(440, 16000), -1, 1)
    np.testing.assert_allclose(load_audio((clipped, 16000), 16000), clipped, atol=1e-6)


def test_wav_is_written_in_16_bits(tmp_path):
    waveform = torch.from_numpy(tone(440, 16000)).float()
    save_wav(tmp_path / "out.wav", waveform, 16000)
    read, rate = soundfile.read(tmp_path / "out.wav")
    assert (rate, soundfile.info(tmp_path / "out.wav").subtype) == (16000, "PCM_16")
    np.testing.assert_allclose(read, waveform, atol=1 / 32768)


def test_samples_are_rounded_to_the_nearest_of_16_bits(tmp_path):
    waveform = torch.cat([torch.linspace(-1, 1, 100_001), torch.tensor([-1.01, 1.01])])
    save_wav(tmp_path / "out.wav", waveform, 16000)
    written, _ = soundfile.read(tmp_path / "out.wav", dtype="int16")
    nearest = np.clip(waveform.double().numpy() * 32768, -32768, 32767)
    error = written - nearest
    assert np.abs(error).max() <= 0.5
    assert abs(error.mean()) < 1e-3


def bad_files(folder):
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.mp3").write_text("this is no sound")
    soundfile.write(folder / "none.wav", np.zeros((0, 1)), 16000)
    soundfile.write(folder / "whole.flac", tone(440, 16000, 2.0), 16000)
    (folder / "cut.flac").write_bytes((folder / "whole.flac").read_bytes()[:60])
    soundfile.write(folder / "silent.wav", np.zeros(16000), 16000)
    soundfile.write(folder / "nan.wav", np.full(16000, np.nan), 16000, subtype="FLOAT")
    soundfile.write(folder / "slow.wav", tone(440, 16000), 10)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.wav", "no audio file at"),
        (".", "is a folder"),
        ("empty.wav", "is empty"),
        ("text.mp3", "is a text"),
        ("none.wav", "holds no samples"),
        ("cut.flac", "cannot read a sound"),
        ("silent.wav", "is silent"),
        ("nan.wav", "NaN or infinite"),
        ("slow.wav", "sample rate"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path, name, message):
    bad_files(tmp_path)
    with pytest.raises(AudioError, match=message) as caught:
        load_audio(tmp_path / name, 16000)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        ((np.zeros(16000), 16000), "is silent"),
        ((np.ones(16000), 16000), "is silent"),
        ((np.array([]), 16000), "no samples"),
        ((np.full(16000, np.inf), 16000), "infinite"),
        ((np.ones((100, 100)), 16000), "at most 64 channels"),
        ((np.zeros((2, 2, 2)), 16000), "shape"),
        ((np.zeros(16000, dtype=np.int64), 16000), "full scale"),
        ((np.zeros(16000, dtype=complex), 16000), "full scale"),
        ((np.zeros(16000, dtype=bool), 16000), "full scale"),
        ((np.ones(16000), 0), "sample rate"),
        ((np.ones(16000), 16000.5), "sample rate"),
        ((np.ones(16000),), "waveform, sample_rate"),
        (("not an array", 16000), "expected a waveform"),
        ((np.broadcast_to(np.float32(1), 3601 * 1000), 1000), "at most 3600 s"),
    ],
)
def test_bad_arrays_are_refused(audio, message):
    with pytest.raises(AudioError, match=message):
        load_audio(audio, 16000)


def test_a_file_that_claims_to_be_hours_long_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "bomb.flac"
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(61):
            file.write(np.zeros(8000 * 60, dtype=np.int16))
    assert path.stat().st_size < 10**6
    with pytest.raises(AudioError, match="at most 3600 s"):
        load_audio(path, 16000)
