"""Studies: runs of algorithms on problems with several seeds, with tables, statistics and plots."""

from .choices import AlgorithmChoice, ProblemChoice
from .coco_format import export_coco
from .comparison import compare, compare_over_problems, ranking
from .file_problem import FileProblemChoice
from .fronts_file import read_fronts, write_fronts
from .ioh_format import export_ioh
from .mean_ranks import FriedmanTest, friedman
from .per_problem import per_problem
from .result import StudyResult
from .study import Study
from .study_file import read_study

__all__ = [
    "AlgorithmChoice",
    "FriedmanTest",
    "FileProblemChoice",
    "ProblemChoice",
    "Study",
    "StudyResult",
    "compare",
    "compare_over_problems",
    "friedman",
    "export_coco",
    "export_ioh",
    "per_problem",
    "ranking",
    "read_fronts",
    "read_study",
    "write_fronts",
]
