"""The former name of `pymoo_moss.app`."""

import warnings

from ..app import EFFORTS, App

__all__ = ["App", "EFFORTS"]

warnings.warn(
    "pymoo_moss.explore.app has moved: import from pymoo_moss.app", DeprecationWarning, stacklevel=2
)
