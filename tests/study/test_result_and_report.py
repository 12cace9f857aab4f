"""Indicators against direct formulas, files against the programs that read them."""

import dataclasses
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import moocore
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pymoo_moss.errors import OptionError, OutputError
from pymoo_moss.study import StudyResult, ranking, read_fronts, write_fronts
from pymoo_moss.study.facts import ProblemFacts
from pymoo_moss.study.plots import (
    add_legend,
    new_figure,
    plot_anytime,
    plot_attainment,
    plot_attainment_difference,
)
from pymoo_moss.study.report import to_latex, to_markdown, write_report
from pymoo_moss.study.result import Failure, hypervolume
from pymoo_moss.study.task import Run

LOW, HIGH = np.array([0.5, -1.0]), np.array([2.5, 3.0])
EMPTY = np.empty((0, 2))


def run_of(fronts, algorithm="a", seed=1, problem="p"):
    """A run whose fronts are those at the budgets 100, 200 and so on, a few evaluations before each."""
    count = len(fronts)
    return Run(
        problem,
        algorithm,
        seed,
        n_eval=np.arange(1, count + 1) * 100,
        seconds=np.arange(1, count + 1) * 0.5,
        cpu_seconds=np.arange(1, count + 1) * 0.25,
        hypervolume=np.linspace(0.1, 0.4, count),
        archive_hypervolume=np.linspace(0.15, 0.45, count),
        fronts={100 * (number + 1): front for number, front in enumerate(fronts)},
        counted={100 * (number + 1): 90 + 100 * number for number in range(count)},
    )


def random_front(rng, count=12):
    points = rng.uniform(0, 1, (count, 2))
    return LOW + moocore.filter_dominated(points) * (HIGH - LOW)


@pytest.fixture
def result():
    rng = np.random.default_rng(0)
    runs = [
        run_of([random_front(rng), random_front(rng)], algorithm, seed)
        for algorithm in ("a_b & c", "d")
        for seed in (1, 2, 3)
    ]
    facts = ProblemFacts((LOW, HIGH), reference=random_front(rng), hypervolume_upper=0.95)
    return StudyResult(runs, {"p": facts}, (100, 200))


def test_indicators_are_their_formulas(result):
    facts = result.facts["p"]
    reference = (facts.reference - LOW) / (HIGH - LOW)
    rows = result.indicators()
    assert len(rows) == 12
    for run, (_, group) in zip(result.runs, rows.groupby(["algorithm", "seed"], sort=False), strict=True):
        for budget, row in group.set_index("budget").iterrows():
            points = (run.fronts[budget] - LOW) / (HIGH - LOW)
            away = points[:, None] - reference
            igd_plus = np.mean(np.sqrt((np.maximum(away, 0) ** 2).sum(axis=2)).min(axis=0))
            epsilon = away.max(axis=2).min(axis=0).max()
            assert row["igd_plus"] == pytest.approx(igd_plus, abs=1e-12)
            assert row["epsilon"] == pytest.approx(epsilon, abs=1e-12)
            reached = moocore.hypervolume(points, ref=[1, 1])
            assert row["hypervolume"] == pytest.approx(reached, abs=1e-12)
            assert row["share"] == pytest.approx(reached / 0.95, abs=1e-12)
            assert row["n_eval"] == budget - 10
            assert row["independent"]


def exact_hypervolume(points):
    """By slices along the last objective, in rational numbers."""
    points = sorted(points, key=lambda point: point[-1])
    if not points:
        return Fraction(0)
    if len(points[0]) == 1:
        return 1 - points[0][0]
    ends = [point[-1] for point in points[1:]] + [Fraction(1)]
    return sum(
        (end - point[-1]) * exact_hypervolume([before[:-1] for before in points[: number + 1]])
        for number, (point, end) in enumerate(zip(points, ends, strict=True))
    )


@pytest.mark.parametrize("n_obj", [2, 3])
def test_hypervolume_is_that_of_exact_arithmetic(n_obj):
    rng = np.random.default_rng(8)
    for _ in range(20):
        points = rng.uniform(0, 1, (rng.integers(1, 12), n_obj))
        exact = exact_hypervolume([[Fraction(float(value)) for value in point] for point in points])
        assert hypervolume(points) == pytest.approx(float(exact), abs=1e-12)
    assert hypervolume(np.empty((0, n_obj))) == 0


def independent(fronts_of_seeds, budget=100):
    """What indicators say of runs with these fronts, each a list over the budgets, by seed."""
    runs = [run_of(fronts, seed=seed) for seed, fronts in fronts_of_seeds.items()]
    budgets = tuple(runs[0].fronts)
    rows = StudyResult(runs, {"p": ProblemFacts((LOW, HIGH), None, None)}, budgets).indicators()
    return rows[rows["budget"] == budget].set_index("seed")["independent"].to_dict()


def test_of_seeds_with_the_same_front_the_first_is_independent():
    rng = np.random.default_rng(1)
    front, other, third = (random_front(rng) for _ in range(3))
    assert independent({3: [front], 1: [front.copy()], 2: [front]}) == {3: False, 1: True, 2: False}
    assert independent({1: [front]}) == {1: True}
    # Two of three that agree have come to agree by chance.
    assert independent({1: [front], 2: [front], 3: [other]}) == {1: True, 2: True, 3: True}
    assert independent({1: [front], 2: [np.nextafter(front, 9)]}) == {1: True, 2: True}
    # Seeds may make a difference only after a while.
    assert independent({1: [front, other], 2: [front, third]}) == {1: True, 2: False}
    assert independent({1: [front, other], 2: [front, third]}, 200) == {1: True, 2: True}
    # That no run has found anything is as often seen as there are runs.
    assert independent({1: [EMPTY], 2: [EMPTY]}) == {1: True, 2: True}


def test_a_flat_box_has_nothing_to_gain():
    facts = ProblemFacts((LOW, np.array([LOW[0], 3.0])), None, None)
    np.testing.assert_array_equal(facts.scaled(np.array([[0.5, 1.0], [0.5, 3.0]])), [[1, 0.5], [1, 1]])
    run = run_of([np.array([[0.5, 0.0], [0.5, 1.0]])])
    row = StudyResult([run], {"p": facts}, (100,)).indicators().iloc[0]
    assert row["hypervolume"] == 0
    assert row["igd_plus"] == row["epsilon"] == 0


def test_without_a_best_known_front_the_study_is_its_own_reference(result):
    facts = ProblemFacts((LOW, HIGH), None, None)
    own = StudyResult(result.runs, {"p": facts}, result.budgets).indicators()
    last = own[own["budget"] == 200]
    assert (last["igd_plus"] > 0).all()
    assert own["share"].isna().all()
    union = run_of([np.empty((0, 2)), np.vstack([run.fronts[200] for run in result.runs])], "union")
    with_union = StudyResult([*result.runs, union], {"p": facts}, result.budgets).indicators()
    assert with_union.iloc[-1]["igd_plus"] == 0
    assert with_union.iloc[-1]["epsilon"] == 0


def test_fronts_come_back_bit_for_bit_through_moocore(result, tmp_path):
    fronts = result.fronts("p", "d")
    write_fronts(tmp_path / "d.dat", fronts)
    for written, read in zip(fronts, read_fronts(tmp_path / "d.dat"), strict=True):
        np.testing.assert_array_equal(read, written)
    points = moocore.read_datasets(str(tmp_path / "d.dat"))
    for number, front in enumerate(fronts, start=1):
        ours = result.facts["p"].scaled(front)
        theirs = result.facts["p"].scaled(points[points[:, -1] == number, :-1])
        assert abs(moocore.hypervolume(theirs, ref=[1, 1]) - moocore.hypervolume(ours, ref=[1, 1])) < 1e-12


def test_empty_fronts_are_left_out_of_files(tmp_path):
    one = np.array([[1.0, 2.0]])
    write_fronts(tmp_path / "f.dat", [np.empty((0, 2)), one])
    np.testing.assert_array_equal(read_fronts(tmp_path / "f.dat"), [one])
    with pytest.raises(OutputError, match="cannot write"):
        write_fronts(tmp_path / "none" / "f.dat", [one])


def test_a_report_has_what_it_says(result, tmp_path):
    for name in write_report(tmp_path, result):
        assert (tmp_path / name).exists(), name
    generations = pd.read_csv(tmp_path / "generations.csv")
    assert len(generations) == 12
    assert set(generations) == set(result.generations())
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "indicators.csv"), result.indicators())
    assert len(read_fronts(tmp_path / "fronts" / "p_a-b-c.dat")) == 3
    assert plots_of(tmp_path) == PLOTS
    for name in PLOTS:
        if name.endswith("png"):
            assert np.asarray(Image.open(tmp_path / "plots" / name)).std() > 5


def test_vector_plots_have_text_and_are_the_same_each_time(result, tmp_path):
    for folder in ("one", "two"):
        write_report(tmp_path / folder, result)
    for name in PLOTS:
        content = (tmp_path / "one" / "plots" / name).read_bytes()
        assert content == (tmp_path / "two" / "plots" / name).read_bytes()
        if name.endswith("svg"):
            texts = {"".join(node.itertext()).strip() for node in ElementTree.fromstring(content).iter()}
            assert {"a_b & c", "d", "p"} <= texts or "difference" in name
        if name.endswith("pdf"):
            assert content.startswith(b"%PDF")
            assert b"/Type3" not in content


PLOTS = sorted(
    f"{name}_p.{suffix}"
    for name in ("anytime_n_eval", "anytime_seconds", "attainment_difference", "attainment")
    for suffix in ("png", "svg", "pdf")
)


def plots_of(folder):
    return sorted(path.name for path in (folder / "plots").iterdir())


def report_of(folder, runs, boxes=((LOW, HIGH),), **options):
    """What a report of runs up to a budget of 100 says of the ranking."""
    facts = {label: ProblemFacts(box, None, None) for label, box in zip("pqr", boxes, strict=False)}
    write_report(folder, StudyResult(runs, facts, (100,), **options))
    return (folder / "ranking.md").read_text()


FRONT = np.array([[0.75, 2.0], [1.5, 0.5]])


@pytest.mark.parametrize(
    ("fronts", "other"),
    [
        ([EMPTY, EMPTY], [EMPTY, EMPTY]),
        ([EMPTY, FRONT], [EMPTY]),
        ([FRONT, FRONT], [FRONT, FRONT]),
        ([FRONT[:1]], [FRONT[1:]]),
        ([FRONT], [FRONT, FRONT[:1], FRONT[1:]]),
        ([FRONT], []),
    ],
    ids=["none has points", "some have points", "all equal", "single points", "one and three", "one run"],
)
def test_a_report_is_made_of_any_fronts(tmp_path, fronts, other):
    runs = [
        run_of([front], algorithm, seed)
        for algorithm, those in (("a", fronts), ("b", other))
        for seed, front in enumerate(those)
    ]
    assert "| a |" in report_of(tmp_path, runs)
    assert plots_of(tmp_path) == [name for name in PLOTS if other or "difference" not in name]


def test_a_report_is_made_of_a_flat_box(tmp_path):
    flat = np.column_stack([np.full(2, LOW[0]), FRONT[:, 1]])
    runs = [run_of([flat], algorithm) for algorithm in "ab"]
    assert "| a | 1 | 1.5000 |" in report_of(tmp_path, runs, [(LOW, np.array([LOW[0], HIGH[1]]))])
    assert plots_of(tmp_path) == PLOTS


def test_a_report_says_what_is_missing(tmp_path):
    runs = [run_of([FRONT], name, problem=problem) for problem, name in ("pa", "pb", "qa")]
    broken = [Failure("q", "b", seed, "Traceback:\n  line 1\nValueError: no such luck\n") for seed in (1, 2)]
    text = report_of(tmp_path, runs, [(LOW, HIGH)] * 2, broken=broken)
    assert "| b | 1 |" in text
    assert "because runs of some algorithms are missing: q." in text
    assert "2 runs failed, and are missing:\n\n* b on q, seed 1, 2: ValueError: no such luck\n" in text
    assert "attainment_difference_q.png" not in plots_of(tmp_path)


def test_a_report_without_a_ranking_says_why(tmp_path):
    runs = [run_of([FRONT], name, problem=problem) for problem, name in ("pa", "qb")]
    assert report_of(tmp_path, runs, [(LOW, HIGH)] * 2).startswith("No ranking: no problem has runs of every")
    assert (tmp_path / "ranking.tex").read_text().startswith("% No ranking: ")
    assert len(pd.read_csv(tmp_path / "indicators.csv")) == 2
    assert len(pd.read_csv(tmp_path / "comparisons.csv")) == 0


def test_a_report_names_what_is_deterministic(tmp_path):
    fronts = {"same": [FRONT] * 3, "drawn": [FRONT, FRONT + 0.25, FRONT + 0.125]}
    runs = [run_of([front], name, seed) for name, all_ in fronts.items() for seed, front in enumerate(all_)]
    text = report_of(tmp_path, runs)
    assert "| same | 1, deterministic |" in text
    assert "| drawn | 3 |" in text
    assert "Deterministic: every seed gave the same front, which counts as one run." in text
    latex = (tmp_path / "ranking.tex").read_text()
    assert "same & 1, deterministic &" in latex
    assert "which counts as one run.}" in latex


def test_a_report_leaves_nothing_of_an_earlier_one(tmp_path):
    report_of(
        tmp_path,
        [run_of([FRONT], name, problem=problem) for problem in "pq" for name in "ab"],
        [(LOW, HIGH)] * 2,
    )
    (tmp_path / "plots" / "mine.txt").write_text("kept")
    report_of(tmp_path, [run_of([FRONT], "a")])
    assert plots_of(tmp_path) == [*(name for name in PLOTS if "difference" not in name), "mine.txt"]
    assert [path.name for path in (tmp_path / "fronts").iterdir()] == ["p_a.dat"]


def test_labels_may_be_anything(tmp_path):
    labels = ["a b", "a-b", "A.B", "a|b", "$\\frac{$ 1 $", "_hidden", "ä", "x" * 300]
    runs = [run_of([FRONT / number], label) for number, label in enumerate(labels, 1)]
    text = report_of(tmp_path, runs)
    assert len({path.name.lower() for path in (tmp_path / "fronts").iterdir()}) == len(labels)
    assert r"| a\|b |" in text
    _, axes = new_figure()
    plot_attainment(axes, StudyResult(runs, {"p": ProblemFacts((LOW, HIGH), None, None)}, (100,)), "p")
    add_legend(axes)
    shown = [text.get_text().strip() for text in axes.get_legend().get_texts()]
    assert shown == [*labels[:-1], "x" * 59 + "…"]


def test_tables_are_read_by_those_who_read_them(result):
    places = ranking(result.indicators(), 200)
    lines = to_markdown(places).splitlines()
    assert lines[0] == "| algorithm | runs | mean_rank | median | wins | losses |"
    assert len({line.count("|") for line in lines}) == 1
    latex = to_latex(places, "Ranks after 200 evaluations.")
    assert r"a\_b \& c" in latex
    assert r"\toprule" in latex
    assert r"\caption{Ranks after 200 evaluations.}" in latex
    assert "mean rank" in latex


def test_anytime_curves_are_medians_of_steps():
    runs = [run_of([np.empty((0, 2))] * 3, seed=seed) for seed in (1, 2, 3)]
    late = dataclasses.replace(
        run_of([], "late"), n_eval=np.array([250]), seconds=np.array([0.1]), hypervolume=np.array([0.9])
    )
    result = StudyResult([*runs, late], {"p": ProblemFacts((LOW, HIGH), None, 0.95)}, (300,))
    _, axes = new_figure()
    plot_anytime(axes, result, "p")
    a, other, bound = axes.get_lines()
    assert a.get_xdata().tolist() == [100, 200, 300]
    np.testing.assert_allclose(a.get_ydata(), [0.1, 0.25, 0.4])
    assert other.get_xdata().tolist() == [250, 300]
    assert other.get_ydata().tolist() == [0.9, 0.9]
    assert bound.get_ydata()[0] == 0.95


def test_anytime_curves_begin_where_every_run_has_a_front():
    early, late = (run_of([EMPTY] * 3, seed=seed) for seed in (1, 2))
    late = dataclasses.replace(late, n_eval=late.n_eval + 50, seconds=late.seconds - 0.5)
    result = StudyResult([early, late], {"p": ProblemFacts((LOW, HIGH), None, None)}, (300,))
    _, axes = new_figure()
    plot_anytime(axes, result, "p")
    (line,) = axes.get_lines()
    assert line.get_xdata().tolist() == [150, 200, 250, 300, 350]
    np.testing.assert_allclose(line.get_ydata(), [0.1, 0.175, 0.25, 0.325, 0.4])
    # Times of 0, of a clock too coarse for the first front, have no place on a logarithmic axis.
    figure, axes = new_figure()
    plot_anytime(axes, result, "p", "seconds")
    figure.canvas.draw()


def test_attainment_is_what_half_of_the_runs_dominate(result):
    _, axes = new_figure()
    plot_attainment(axes, result, "p")
    line = next(line for line in axes.get_lines() if line.get_label() == "d")
    fronts = [result.facts["p"].scaled(front) for front in result.fronts("p", "d")]

    def attained_by(point):
        return sum((front <= point + 1e-12).all(axis=1).any() for front in fronts)

    for point in np.array(line.get_xydata()):
        assert attained_by(point) >= 2
        assert attained_by(point - 1e-6) < 2


def test_the_attainment_difference_is_the_difference_of_counts(result):
    _, axes = new_figure()
    plot_attainment_difference(axes, result, "p", "a_b & c", "d")
    sides = [
        [result.facts["p"].scaled(front) for front in result.fronts("p", name)] for name in ("a_b & c", "d")
    ]

    def shade_at(point):
        for collection in axes.collections:
            for path in collection.get_paths():
                low, high = path.get_extents().get_points()
                if (low < point).all() and (point < high).all():
                    blue = collection.get_facecolor()[0][2] > 0.5
                    return (1 if blue else -1) * collection.get_facecolor()[0][3]
        return 0.0

    rng = np.random.default_rng(5)
    for point in rng.uniform(0, 1, (200, 2)):
        counts = [sum((front <= point).all(axis=1).any() for front in fronts) for fronts in sides]
        assert shade_at(point) == pytest.approx((counts[0] - counts[1]) / 3)


def test_unknown_runs_and_budgets_are_named(result):
    with pytest.raises(OptionError, match="no runs of 'e' on 'p'"):
        result.fronts("p", "e")
    with pytest.raises(OptionError, match="one of the study's budgets"):
        result.fronts("p", "d", 150)


def test_a_study_of_version_0_1_is_read():
    result = StudyResult.load(Path(__file__).parent / "data" / "study-0.1")
    assert (result.problems, result.algorithms, result.budgets) == (["owl-drums-16x32"], ["levels"], (20, 40))
    (run,) = result.runs
    assert run.seed == 1
    assert run.counted == {20: 20, 40: 40}
    assert 0 < run.hypervolume[-1] < result.facts["owl-drums-16x32"].hypervolume_upper < 1
