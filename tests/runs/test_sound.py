"""Mixtures that are exported, against the encoder's own."""

import numpy as np
import torch

from pymoo_moss import MaskEncoder
from pymoo_moss.runs import blended


def test_mixtures_tile_by_tile_are_those_of_the_whole_plane(encoder, rng):
    X = np.concatenate([encoder.ends, rng.random((2, encoder.n_var))])
    torch.testing.assert_close(blended(encoder, X), encoder.mix(X), rtol=1e-5, atol=0)
    assert blended(encoder, X[0]).shape == (1, *encoder.plane)


class Loudest(MaskEncoder):
    """The louder of picture and sound where the mask is above 0.5."""

    def blend(self, grids):
        picture, _ = self.shares(grids)
        return torch.where(picture > 0.5, self.image_magnitude, self.audio_magnitude)


def test_mixtures_of_an_encoder_of_its_own_are_its_own(picture, sound, rng):
    encoder = Loudest(picture, sound, grid=(5, 7))
    x = rng.random(encoder.n_var)
    assert torch.equal(blended(encoder, x), encoder.mix(x))
