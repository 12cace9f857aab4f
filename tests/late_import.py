"""A forked child that is the first to import the package, when its parent has used torch's threads."""

import multiprocessing

import torch


def waveform() -> bytes:
    from .work import exported

    return exported()[0].tobytes()


if __name__ == "__main__":
    torch.set_num_threads(2)
    noise = torch.rand(1 << 20)
    noise.exp().sum()
    torch.stft(noise, 1024, window=torch.hann_window(1024), return_complex=True)
    with multiprocessing.get_context("fork").Pool(1) as children:
        found = children.apply(waveform)
    torch.set_num_threads(1)
    assert found == waveform()
