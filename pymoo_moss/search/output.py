"""`FrontOutput`: what a run shows of a front, generation by generation."""

import numpy as np
from pymoo.core.algorithm import Algorithm
from pymoo.util.display.column import Column
from pymoo.util.display.multi import NumberOfNondominatedSolutions
from pymoo.util.display.output import Output

from ..bounds import FrontBounds
from ..errors import ObjectiveError
from .sampling import constant_sweep


class FrontOutput(Output):  # type: ignore[misc]
    """Hypervolume at the problem's fixed reference point, and how it stands to what is known.

    Columns: ``hypervolume``, a share of the box from ideal to reference point; ``above_sweep``, how far that
    is above constant masks, which cost nothing; ``gap``, how far below the certified bound. A column that
    cannot be known for a problem is left out.

    Args:
        bounds: what `certify` found for the problem.
    """

    def __init__(self, bounds: FrontBounds | None = None) -> None:
        super().__init__()
        self.bounds = bounds
        self.non_dominated = NumberOfNondominatedSolutions()
        self.hypervolume = Column("hypervolume", width=11)
        self.above_sweep = Column("above_sweep", width=11)
        self.gap = Column("gap", width=11)
        self._sweep = np.nan

    def initialize(self, algorithm: Algorithm) -> None:
        """Choose the columns, and evaluate the sweep, uncounted."""
        self.columns += [self.non_dominated]
        problem = algorithm.problem
        try:
            self._sweep = problem.hypervolume(constant_sweep(problem))
        except (ObjectiveError, AttributeError):
            return
        self.columns += [self.hypervolume, self.above_sweep]
        if self.bounds is not None:
            self.columns += [self.gap]

    def update(self, algorithm: Algorithm) -> None:
        """Measure the front of a generation."""
        super().update(algorithm)
        if self.hypervolume not in self.columns:
            return
        F = algorithm.opt.get("F")
        reached = algorithm.problem.hypervolume(F)
        self.hypervolume.set(reached)
        self.above_sweep.set(reached - self._sweep)
        if self.bounds is not None:
            self.gap.set(self.bounds.gap(F))
