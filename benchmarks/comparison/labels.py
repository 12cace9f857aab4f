"""Labels of the methods that are compared; `methods` makes them, which needs the other libraries."""

NAMES = {
    "NSGA-II": "nsga2",
    "NSGA-III": "nsga3",
    "SMS-EMOA": "sms-emoa",
    "AGE-MOEA2": "age-moea2",
    "RVEA": "rvea",
    "SPEA2": "spea2",
    "C-TAEA": "c-taea",
    "CMOPSO": "cmopso",
    "MOEA/D": "moea-d",
}
"""pymoo's algorithms: labels and names of `make_algorithm`."""
STARTS = {"random": "random", "levels": "levels", "gradient seeds": "gradient"}
"""Labels and names of their first populations."""
VARIATIONS = {"": "default", ", mask variation": "masks"}
OF_PYMOO = {
    f"{label}, {start}{variation}": (name, sampling, operators)
    for label, name in NAMES.items()
    for start, sampling in STARTS.items()
    for variation, operators in VARIATIONS.items()
    if name != "cmopso" or operators == "default"
}
"""Labels of pymoo's algorithms in all variants; CMOPSO has no variation to replace."""

NOTEBOOK_SEEDS = "gradient seeds alone, notebook"
ALONG_GRADIENTS = (
    "FrontAscent",
    "HybridAlgorithm",
    "hypervolume gradient, Adam",
    "MGDA (TorchJD)",
    "UPGrad (TorchJD)",
    "Pareto MTL",
    "gradient seeds alone",
    NOTEBOOK_SEEDS,
)
"""Methods that descend along gradients from the beginning to the end."""
OTHER_LIBRARIES = ("NSGA-II (EvoTorch), levels", "NSGA-II (EvoX), levels")

LABELS = (*ALONG_GRADIENTS, *OTHER_LIBRARIES, *OF_PYMOO)
"""All methods."""

SLOW = tuple(label for label in LABELS if label.startswith("MOEA/D"))
"""Methods that evaluate mask by mask, ten times slower than the others."""

DOZEN = (
    *(label for label in ALONG_GRADIENTS if label != NOTEBOOK_SEEDS),
    *(f"{label}, gradient seeds" for label in ("SMS-EMOA", "SPEA2", "NSGA-II", "NSGA-III")),
    "NSGA-II (EvoX), levels",
)
"""A dozen for large grids and budgets: those that follow gradients, the four algorithms of pymoo that were
best from gradient seeds in version 0.1, and the better of the other libraries."""

SHOWN = (
    *(label for label in ALONG_GRADIENTS if label != NOTEBOOK_SEEDS),
    *(f"{label}, gradient seeds" for label in NAMES),
    *OTHER_LIBRARIES,
)
"""Methods in plots and in the test of mean ranks, chosen before the runs of the comparison: all that descend
along gradients, each algorithm of pymoo from gradient seeds, and the other libraries."""
