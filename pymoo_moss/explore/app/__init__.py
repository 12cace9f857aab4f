"""The app: choose a picture and a sound, watch the search, look, listen and steer, in a browser."""

from .options import EFFORTS
from .server import App

__all__ = ["App", "EFFORTS"]
