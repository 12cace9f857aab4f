"""The values of the option ``invert``, and the words for them; without torch, for the command line's help."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Invert = bool | Literal["auto"]

INVERT_WORDS: Mapping[str, Invert] = MappingProxyType({"auto": "auto", "yes": True, "no": False})
"""Values by the words that the command line and the app have for them."""
