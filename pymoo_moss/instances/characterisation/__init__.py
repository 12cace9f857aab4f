"""Features of a problem's landscape and front: what makes it easy or hard for which kind of search.

`docs/instances.md` has the definitions, and the figures of the frozen problems.
"""

from .characterise import characterise
from .characteristics import Characteristics
from .difficulty import Difficulty, evaluations_to_share
from .front_shape import FrontShape, front_shape
from .gradients import GradientRange, gradient_range
from .interaction import Interaction, interactions
from .looseness import Looseness, looseness
from .minima import Minima, local_minima
from .ruggedness import Ruggedness, ruggedness

__all__ = [
    "Characteristics",
    "Difficulty",
    "FrontShape",
    "GradientRange",
    "Interaction",
    "Looseness",
    "Minima",
    "Ruggedness",
    "characterise",
    "evaluations_to_share",
    "front_shape",
    "gradient_range",
    "interactions",
    "local_minima",
    "looseness",
    "ruggedness",
]
