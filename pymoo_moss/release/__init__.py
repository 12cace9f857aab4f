"""A picture hidden in a song: where and how loud it is, how viewers show it, and what codecs leave of it."""

from .hiding import EFFORTS, HiddenPicture, HidingPlan, Lettering, QRCode, hidden_picture
from .survival import Survival, survivals
from .viewers import VIEW_SHAPE, VIEWERS, Viewer, contact_sheet

__all__ = [
    "hidden_picture",
    "HidingPlan",
    "HiddenPicture",
    "Lettering",
    "QRCode",
    "EFFORTS",
    "survivals",
    "Survival",
    "VIEWERS",
    "VIEW_SHAPE",
    "Viewer",
    "contact_sheet",
]
