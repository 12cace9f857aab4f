"""Studies: runs of algorithms on problems with several seeds, with tables, statistics and plots."""

from .choices import AlgorithmChoice, ProblemChoice
from .comparison import compare, compare_over_problems, ranking
from .fronts_file import read_fronts, write_fronts
from .mean_ranks import FriedmanTest, friedman
from .result import StudyResult
from .study import Study
from .study_file import read_study

__all__ = [
    "AlgorithmChoice",
    "FriedmanTest",
    "ProblemChoice",
    "Study",
    "StudyResult",
    "compare",
    "compare_over_problems",
    "friedman",
    "ranking",
    "read_fronts",
    "read_study",
    "write_fronts",
]
