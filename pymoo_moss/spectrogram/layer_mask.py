"""Reading of a layer mask: where a picture may be, and where the sound stays as it is."""

from ..errors import OptionError, PictureError
from .picture import Picture, PictureSource, read_picture


def read_layer_mask(source: PictureSource) -> Picture:
    """Read a layer mask, whose brightness in [0, 1] is the share that the picture may have.

    Args:
        source: as in `read_picture`; an array of floats in [0, 1]. Dark ink on transparent paper stays dark,
            and the paper is white.

    Raises:
        OptionError: it cannot be read, has one shade alone, or is not in [0, 1].
    """
    try:
        mask = read_picture(source)
    except PictureError as error:
        raise OptionError(
            f"expected layer_mask as a picture, white where the picture may be and black where the sound "
            f"stays as it is: {error}"
        ) from error
    share = mask.brightness()
    if share.min() < 0 or share.max() > 1:
        raise OptionError(
            f"expected layer_mask within [0, 1], got values from {share.min():g} to {share.max():g}"
        )
    return Picture(1 - share if mask.is_ink else share, 1.0, "the layer mask")
