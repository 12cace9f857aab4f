"""The app in a browser: choose a picture and a sound, watch the search, look, listen and steer."""

from .options import EFFORTS
from .server import App

__all__ = ["App", "EFFORTS"]
