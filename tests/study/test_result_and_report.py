"""Indicators against direct formulas, files against the programs that read them."""

import moocore
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pymoo_moss.errors import OptionError, OutputError
from pymoo_moss.study import StudyResult, ranking, read_fronts, write_fronts
from pymoo_moss.study.facts import ProblemFacts
from pymoo_moss.study.plots import new_figure, plot_anytime, plot_attainment, plot_attainment_difference
from pymoo_moss.study.report import to_latex, to_markdown, write_report
from pymoo_moss.study.run import Run

LOW, HIGH = np.array([0.5, -1.0]), np.array([2.5, 3.0])


def run_of(fronts, algorithm="a", seed=1, problem="p"):
    count = len(fronts)
    return Run(
        problem,
        algorithm,
        seed,
        n_eval=np.arange(1, count + 1) * 100,
        seconds=np.arange(1, count + 1) * 0.5,
        hypervolume=np.linspace(0.1, 0.4, count),
        fronts={100 * (number + 1): front for number, front in enumerate(fronts)},
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
    plots = sorted(path.name for path in (tmp_path / "plots").iterdir())
    assert plots == [
        "anytime_n_eval_p.png",
        "anytime_seconds_p.png",
        "attainment_difference_p.png",
        "attainment_p.png",
    ]
    for name in plots:
        assert np.asarray(Image.open(tmp_path / "plots" / name)).std() > 5


def test_tables_are_read_by_those_who_read_them(result):
    places = ranking(result.indicators(), 200)
    lines = to_markdown(places).splitlines()
    assert lines[0] == "| algorithm | mean_rank | median | wins | losses |"
    assert len({line.count("|") for line in lines}) == 1
    latex = to_latex(places, "Ranks after 200 evaluations.")
    assert r"a\_b \& c" in latex
    assert r"\toprule" in latex
    assert r"\caption{Ranks after 200 evaluations.}" in latex
    assert "mean rank" in latex


def test_anytime_curves_are_medians_of_steps():
    runs = [run_of([np.empty((0, 2))] * 3, seed=seed) for seed in (1, 2, 3)]
    late = Run("p", "late", 1, np.array([250]), np.array([0.1]), np.array([0.9]), {})
    result = StudyResult([*runs, late], {"p": ProblemFacts((LOW, HIGH), None, 0.95)}, (300,))
    _, axes = new_figure()
    plot_anytime(axes, result, "p")
    a, other, bound = axes.get_lines()
    assert a.get_xdata().tolist() == [100, 200, 300]
    np.testing.assert_allclose(a.get_ydata(), [0.1, 0.25, 0.4])
    assert other.get_xdata().tolist() == [250, 300]
    assert other.get_ydata().tolist() == [0.9, 0.9]
    assert bound.get_ydata()[0] == 0.95


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
