"""The published table of generated problems."""

import math

import numpy as np
from scipy.stats import spearmanr

from benchmarks import instances
from pymoo_moss import list_instances
from pymoo_moss.instances import INSTANCE_SEEDS
from pymoo_moss.instances.generated import KINDS


def test_the_page_shows_the_figures_that_were_measured():
    rows = instances.read()
    assert tuple(rows) == list_instances()
    page = instances.PAGE.read_text(encoding="utf-8")
    shown = page.split(instances.BEGIN)[1].split(instances.END)[0].strip()
    assert shown == instances.table(rows, len(INSTANCE_SEEDS))


def test_medians_of_difficulty_rise_from_kind_to_kind():
    rows = instances.read()
    for figure in ("concave_share", "looseness", "evaluations", "minima"):
        medians = [np.median([rows[name][figure] for name in list_instances(kind)]) for kind in KINDS]
        assert sorted(set(medians)) == medians


def test_what_the_page_says_of_difficulty_is_true_of_the_table():
    rows = instances.read()

    def correlation(figure, kind=None):
        names = list_instances(kind)
        evaluations = [rows[name]["evaluations"] for name in names]
        return round(spearmanr([rows[name][figure] for name in names], evaluations).statistic, 2)

    assert (correlation("concave_share"), correlation("looseness")) == (0.94, 0.98)
    assert (correlation("concave_share", "hard"), correlation("looseness", "hard")) == (0.37, 0.96)


def test_a_front_that_never_comes_near_is_said_to_take_more_than_the_budget():
    rows = {name: {**row, "evaluations": math.inf} for name, row in instances.read().items()}
    assert "over 20,000 (over 20,000 to over 20,000)" in instances.table(rows, 15)
