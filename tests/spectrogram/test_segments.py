"""Long sounds in segments against the same sounds in one piece."""

import functools
from itertools import pairwise

import numpy as np
import pytest
import torch

from pymoo_moss import MaskEncoder
from pymoo_moss._threads import torch_threads
from pymoo_moss.spectrogram import encoder as encoders
from pymoo_moss.spectrogram.segments import in_segments, is_long, segments


@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 256), (256, 128), (64, 7)])
@pytest.mark.parametrize("frames", [1, 300, 3000, 10_001])
def test_segments_cover_a_sound_and_overlap_around_their_joints(n_fft, hop, frames):
    length = (frames - 1) * hop + n_fft
    count = 1 + length // hop
    parts = list(segments(n_fft, hop, length, cells=1))
    assert (parts[0].frames.start, parts[0].samples.start) == (0, 0)
    assert (parts[-1].frames.stop, parts[-1].samples.stop) == (count, length)
    for before, after in pairwise(parts):
        assert before.samples.stop - after.joint >= 60 * n_fft
        assert after.joint - after.samples.start >= 60 * n_fft
    for part in parts:
        assert part.samples.start == part.frames.start * hop
        assert 1 + (part.samples.stop - part.samples.start) // hop == part.frames.stop - part.frames.start


def test_an_hour_is_long_and_half_a_minute_is_not():
    assert is_long(1024, 256, 3600 * 16_000)
    assert not is_long(1024, 256, 30 * 16_000)


def test_what_is_the_same_in_all_segments_is_joined_without_a_trace():
    sound = torch.randn(400_000, generator=torch.Generator().manual_seed(0))
    joined = in_segments(256, 64, len(sound), lambda segment: sound[segment.samples], cells=1)
    torch.testing.assert_close(joined, sound)


@pytest.fixture(scope="module")
def long_encoder(picture):
    noise = 0.1 * np.random.default_rng(0).standard_normal(160_000).astype(np.float32)
    return MaskEncoder(picture, (noise, 16_000), grid=(5, 7), n_fft=128, hop_length=32)


def in_pieces(monkeypatch):
    monkeypatch.setattr(encoders, "in_segments", functools.partial(in_segments, cells=1))


@pytest.mark.parametrize("phase", ["audio", "griffin_lim", "refined"])
def test_segments_sound_as_the_whole(long_encoder, phase, monkeypatch):
    x = np.linspace(0, 1, long_encoder.n_var)
    whole = long_encoder.waveform(x, phase)
    in_pieces(monkeypatch)
    joined = long_encoder.waveform(x, phase)
    assert joined.shape == whole.shape
    # The refinement's rate is that of each segment's own distance.
    assert float((joined - whole).norm() / whole.norm()) < {"refined": 0.05}.get(phase, 1e-4)


def test_segments_do_not_depend_on_the_number_of_threads(long_encoder, monkeypatch):
    in_pieces(monkeypatch)
    found = []
    for count in (1, 2, 3):
        with torch_threads(count):
            found.append(long_encoder.waveform(np.linspace(0, 1, long_encoder.n_var), "refined"))
            assert torch.get_num_threads() == count
    assert torch.equal(found[1], found[0])
    assert torch.equal(found[2], found[0])


def test_a_batch_sounds_as_its_members_alone(encoder, rng):
    X = rng.random((3, encoder.n_var))
    together = encoder.waveform(X, "refined")
    for one, x in zip(together, X, strict=True):
        assert float((one - encoder.waveform(x, "refined")[0]).norm() / one.norm()) < 0.02


def test_the_song_alone_is_exported_as_it_is(encoder):
    for phase in ("audio", "griffin_lim", "refined"):
        assert torch.equal(
            encoder.synthesise(encoder.audio_magnitude[None], phase)[0], encoder.audio_waveform
        )
