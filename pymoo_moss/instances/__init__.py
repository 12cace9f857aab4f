"""Named, frozen problems with their data."""

from .catalogue import get_problem, list_problems

__all__ = ["get_problem", "list_problems"]
