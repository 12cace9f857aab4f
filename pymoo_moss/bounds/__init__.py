"""Certified bounds of fronts, which no mask can exceed. `docs/front.md` has the derivations."""

from .audibility import certify_audibility
from .certify import certify
from .front_bounds import FrontBounds
from .majorisation import Majorisation
from .non_dominated import most_valuable, most_valuable_points, non_dominated, non_dominated_points
from .relaxation import Relaxation
from .rounding import Allowance
from .smooth_majorisation import SmoothMajorisation
from .trade_offs import between_points, even_trade_offs, spread_trade_offs

__all__ = [
    "Allowance",
    "FrontBounds",
    "Majorisation",
    "Relaxation",
    "SmoothMajorisation",
    "between_points",
    "certify",
    "certify_audibility",
    "even_trade_offs",
    "most_valuable",
    "most_valuable_points",
    "non_dominated",
    "non_dominated_points",
    "spread_trade_offs",
]
