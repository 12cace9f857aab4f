"""A problem's number of threads is the one that torch works with; sounds and descents take one."""

import threading
from contextlib import contextmanager

import numpy as np
import pytest
import torch

from pymoo_moss import MOSSProblem, minimize_weighted
from pymoo_moss._threads import side_by_side
from pymoo_moss.errors import AudioError
from pymoo_moss.runs.sound import SoundExporter
from pymoo_moss.search.smooth_noise import smooth_noise
from pymoo_moss.spectrogram import encoder as encoders
from pymoo_moss.testing.common import small_picture

from .work import make_problem

WATCHED = ("stft", "fft_rfft", "fft_irfft", "bmm", "matmul", "exp", "log", "square", "sigmoid", "rsqrt_")
"""Operations of torch that are spread over threads."""


class Spy(torch.overrides.TorchFunctionMode):
    """Notes the number of threads at every operation of torch."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, set[int]] = {}

    def __torch_function__(self, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if name in WATCHED:
            self.seen.setdefault(name, set()).add(torch.get_num_threads())
        return function(*args, **(kwargs or {}))

    @property
    def counts(self) -> set[int]:
        return set().union(*self.seen.values())


@contextmanager
def torchs_own(count: int):
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def construct(threads):
    make_problem("display", threads=threads)
    return {"stft", "exp"}


def evaluate(threads):
    problem = make_problem("display", threads=threads, engine="torch")
    problem.evaluate(problem.ends, return_values_of=["F", "dF"])
    return {"stft", "matmul"}


def export(threads):
    exporter = SoundExporter(make_problem("display", threads=threads))

    def make():
        exporter.of_mask(exporter.problem.ends[1])
        return {"stft", "fft_rfft", "fft_irfft", "log", "rsqrt_"}

    return make


def griffin_lim(threads):
    encoder = make_problem(threads=threads).encoder

    def make():
        encoder.synthesise(encoder.image_magnitude[None], "griffin_lim")
        return {"fft_rfft", "fft_irfft", "rsqrt_"}

    return make


@pytest.mark.parametrize("work", [construct, evaluate])
def test_everything_keeps_to_the_problems_threads(work):
    with torchs_own(3):
        for threads, expected in ((1, 1), (2, 2), (None, 3)):
            with Spy() as spy:
                needed = work(threads)
            assert needed <= spy.seen.keys()
            assert spy.counts <= {1, expected}
            assert expected in spy.counts
            assert torch.get_num_threads() == 3


@pytest.mark.parametrize("work", [export, griffin_lim])
def test_sounds_take_one_thread(work):
    with torchs_own(3):
        for threads in (1, 2, None):
            # Made with those threads, which is not watched.
            make = work(threads)
            with Spy() as spy:
                needed = make()
            assert needed <= spy.seen.keys()
            assert spy.counts == {1}
            assert torch.get_num_threads() == 3


@pytest.mark.parametrize("preset", ["notebook", "display"])
def test_sounds_are_the_same_with_any_number_of_threads(preset):
    # So long that torch spreads every operation on the plane over threads.
    noise = 0.1 * np.random.default_rng(0).standard_normal(45_000).astype(np.float32), 16_000
    sounds = []
    for threads in (1, 2, 3):
        problem = MOSSProblem(small_picture(), noise, preset=preset, grid=(5, 7), threads=threads)
        assert problem.encoder.audio_magnitude.numel() > 2 * 32_768
        sounds.append(SoundExporter(problem).of_mask(np.linspace(0, 1, problem.n_var)))
    for sound in sounds[1:]:
        assert torch.equal(sound.waveform, sounds[0].waveform)
        assert torch.equal(sound.magnitude, sounds[0].magnitude)
        np.testing.assert_array_equal(sound.F, sounds[0].F)
        assert sound.view_ssim == sounds[0].view_ssim
        assert sound.exported_view_ssim == sounds[0].exported_view_ssim


def test_sounds_side_by_side_are_those_one_after_another():
    problem = make_problem("display", threads=3)
    X = np.random.default_rng(0).random((4, problem.n_var))
    with torchs_own(2):
        made = list(SoundExporter(problem).of_masks(X))
        assert torch.get_num_threads() == 2
    exporter = SoundExporter(problem)
    for sound, x in zip(made, X, strict=True):
        alone = exporter.of_mask(x)
        assert torch.equal(sound.waveform, alone.waveform)
        np.testing.assert_array_equal(sound.F, alone.F)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_side_by_side_takes_no_more_threads_than_torch_has_each_with_one(threads):
    busy, most, lock = 0, 0, threading.Lock()

    def work(item):
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
        assert torch.get_num_threads() == 1
        with lock:
            busy -= 1
        return -item

    with torchs_own(threads):
        with side_by_side(100) as each:
            assert list(each(work, range(50))) == [-item for item in range(50)]
        assert torch.get_num_threads() == threads
        with pytest.raises(OSError, match="third"), side_by_side(2) as each:
            for _ in each(fail_at_third, range(5)):
                pass
        assert torch.get_num_threads() == threads
    assert most <= threads


def fail_at_third(item):
    if item == 2:
        raise OSError("third")


def test_smooth_noise_and_descents_take_one_thread():
    problem = make_problem(objectives=["visual_display", "audio_log_l1"])
    with torchs_own(3), Spy() as spy:
        smooth_noise(2, (5, 7), np.random.default_rng(0))
        minimize_weighted(problem, [1.0, 1.0], steps=2)
        assert torch.get_num_threads() == 3
    assert {"bmm", "sigmoid"} <= spy.seen.keys()
    assert spy.counts == {1}


def test_an_error_restores_torchs_threads(monkeypatch):
    def fail(*arguments):
        raise OSError(f"{torch.get_num_threads()} threads")

    problem = make_problem("display", threads=2)
    monkeypatch.setattr(encoders, "refine_waveform", fail)
    with torchs_own(3):
        with pytest.raises(OSError, match="1 threads"):
            SoundExporter(problem).of_mask(problem.ends[1])
        with pytest.raises(AudioError, match="silent"):
            MOSSProblem(small_picture(), (np.zeros(10), 8000), threads=2)
        assert torch.get_num_threads() == 3
