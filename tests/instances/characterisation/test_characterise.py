"""All features of a frozen problem and of one's own files; the published table."""

import math

import numpy as np
import pytest
from pymoo.core.callback import Callback
from pymoo.optimize import minimize
from pymoo.problems.multi import ZDT1

from benchmarks.characterise import (
    BEGIN,
    CORRELATED,
    PAGE,
    TABLE,
    rank_correlation,
    read,
    with_tables,
    write,
)
from pymoo_moss import FrontAscent, certify, get_problem, list_problems
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.instances import Characteristics, characterise, get_reference
from pymoo_moss.instances.characterisation import evaluations_to_share
from pymoo_moss.objectives import PRESETS
from pymoo_moss.search import constant_sweep

NAME = "owl-drums-16x32"
GRIDS = ("16x32", "32x64", "64x128")


@pytest.fixture(scope="module")
def frozen():
    return get_problem(NAME)


@pytest.fixture(scope="module")
def found(frozen) -> Characteristics:
    return characterise(frozen, starts=3, budget=600)


@pytest.fixture(scope="module")
def published():
    return {(row["problem"], row["preset"]): row for row in read()}


def test_a_frozen_problem_is_as_its_definition_says(found, frozen):
    encoder = frozen.encoder
    assert found.concave_share == pytest.approx(
        float((encoder.image_magnitude > encoder.audio_magnitude).double().mean()), abs=1e-5
    )
    weights = np.abs(frozen.evaluate(np.full((1, 512), 0.5), return_values_of=["dF"])[0, 0])
    assert found.gradients.of_variables[0] == pytest.approx(weights.max() / weights.min(), rel=1e-6)
    assert found.looseness.gap == pytest.approx(
        frozen.reference.bounds.hypervolume_upper - frozen.reference.hypervolume, abs=1e-6
    )
    # The picture's loss is linear, the sound's is not, and both are monotone, in opposite directions.
    assert [one.coupling > 0 for one in found.interaction] == [False, True]
    assert found.gradients.cosine < 0
    assert [one.starts for one in found.minima] == [3, 3, 3]
    assert all(one.bound_excess > 0 for one in found.minima)
    ratios = [one.weights[0] / one.weights[1] for one in found.minima]
    assert ratios == sorted(ratios, reverse=True)


@pytest.mark.contract
def test_a_second_call_gives_the_same_figures(found, frozen):
    again = characterise(frozen, starts=3, budget=600).row()
    assert again == found.row()


def test_published_figures_can_be_measured_again(found, published):
    """But for those that depend on the number of starts and on the budget."""
    row = published[NAME, "notebook"]
    for name, value in found.row().items():
        if not name.startswith(("minima", "difficulty")):
            assert value == pytest.approx(float(row[name]), rel=1e-3, abs=1e-6), name


def test_rows_hold_every_figure_by_name(found):
    row = found.row()
    assert row["front_knee"] == found.front.knee
    assert row["minima_3_weights_1"] == found.minima[2].weights[0]
    assert row["interaction_2_columns_3"] == found.interaction[1].columns[2]
    assert row["difficulty_evaluations_1"] == found.difficulty.evaluations[0]
    assert not any("profile" in name for name in row)
    assert all(isinstance(value, float) for value in row.values())


class Reports(Callback):
    """Keeps every hypervolume that is reported."""

    def __init__(self, problem):
        super().__init__()
        self.problem, self.reports = problem, []

    def on_values(self, algorithm, F):
        self.reports.append((algorithm.evaluator.n_eval, self.problem.hypervolume(F)))


def test_difficulty_is_the_first_time_that_the_share_is_reached(frozen):
    bounds = frozen.front_bounds()
    reports = Reports(frozen)
    minimize(frozen, FrontAscent(), ("n_eval", 700), seed=5, callback=reports)
    first = next(n for n, reached in reports.reports if reached >= 0.98 * bounds.hypervolume_upper)
    found = evaluations_to_share(frozen, bounds, share=0.98, budget=700, seeds=[5])
    assert found.evaluations == (first,)
    assert found.median == first < 700


def test_a_share_that_no_run_can_reach_is_not_reached(frozen):
    found = evaluations_to_share(frozen, frozen.front_bounds(), share=1.0, budget=300, seeds=[1, 2])
    assert found.evaluations == (math.inf, math.inf)
    assert found.median == math.inf


@pytest.mark.contract
def test_problems_without_a_reference_are_searched_and_certified():
    problem = get_problem(NAME, grid=(3, 5))
    found = characterise(problem, starts=2, budget=2000)
    bounds = certify(problem)
    assert found.looseness.upper == pytest.approx(bounds.hypervolume_upper, abs=1e-9)
    # The search that stands in for a reference finds nearly what certification does.
    assert found.looseness.reached == pytest.approx(bounds.hypervolume_lower, abs=0.02)
    assert 0 < found.looseness.of_points < found.looseness.gap
    assert all(one.bound_excess > 0 for one in found.minima)


@pytest.mark.contract
def test_own_problems_without_a_certificate_are_characterised(display_problem):
    front = constant_sweep(display_problem)
    found = characterise(display_problem, front=front, starts=2)
    assert found.looseness is None
    assert found.difficulty is None
    assert found.front.knee == pytest.approx(
        1 - (front / display_problem.ref_point).sum(axis=1).min(), abs=1e-9
    )
    assert all(np.isnan(one.bound_excess) for one in found.minima)
    assert min(one.coupling for one in found.interaction) > 0
    assert not any(name.startswith(("looseness", "difficulty")) for name in found.row())


def test_three_objectives_are_refused():
    three = get_problem(NAME, objectives=["visual_l1", "audio_log_l1", "mask_roughness"])
    with pytest.raises(ObjectiveError, match="expected a problem with two objectives, got 3"):
        characterise(three)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"starts": -1}, "starts as a whole number of 0 or more, got -1"),
        ({"starts": 2.5}, "starts as a whole number"),
        ({"seed": None}, "seed as a whole number"),
        ({"budget": float("inf")}, "budget as a whole number of 1 or more, got inf"),
        ({"budget": 0}, "budget as a whole number"),
        ({"front": [[np.nan, 1.0]]}, r"front as finite numbers \(n, 2\)"),
        ({"front": [[0.1, 0.2, 0.3]]}, "front as finite numbers"),
        ({"front": "x"}, "front as finite numbers"),
        ({"bounds": 3}, "bounds as certify returns them, got int"),
        ({"bounds": get_reference("owl-prelude-16x32").bounds}, "got those of another"),
    ],
)
def test_arguments_out_of_range_are_refused(frozen, options, message):
    with pytest.raises(OptionError, match=message):
        characterise(frozen, **options)


@pytest.mark.parametrize("front", [[], [[0.1, 0.2]], [[5.0, 5.0], [6.0, 4.0], [7.0, 3.0]]])
def test_a_front_without_three_points_in_the_box_is_refused(frozen, front):
    with pytest.raises(ObjectiveError, match="at least three points"):
        characterise(frozen, front=np.reshape(front, (-1, 2)))


def test_objectives_that_do_not_conflict_are_refused():
    agreeing = get_problem(NAME, objectives=["visual_l1", "mask_roughness"], grid=(4, 8))
    with pytest.raises(ObjectiveError, match="do the objectives conflict"):
        characterise(agreeing, starts=0)


def test_what_is_no_problem_of_this_package_is_refused():
    with pytest.raises(OptionError, match="expected a MOSSProblem, got ZDT1"):
        characterise(ZDT1())


def test_every_problem_is_in_the_published_table(published):
    assert TABLE.is_file()
    assert set(published) == {(name, preset) for name in list_problems() for preset in PRESETS}


def test_the_page_shows_the_published_table(published):
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page, read()) == page
    # Not only what the same function wrote: a row of the page against the file.
    row = published["butterfly-chorale-16x32", "notebook"]
    line = next(
        line for line in page.split(BEGIN)[1].splitlines() if line.startswith("| butterfly-chorale-16x32")
    )
    cells = [cell.strip() for cell in line.split("|")]
    assert cells[2] == f"{100 * float(row['concave_share']):.1f}"
    runs = [float(row[f"difficulty_evaluations_{number}"]) for number in (1, 2, 3)]
    assert cells[-2] == f"{np.median(runs):.0f}"


def column(published, name, ending="", sound="", preset="notebook"):
    """A column of a preset, for problems with a part of their name."""
    return np.array(
        [
            float(row[name])
            for (problem, of), row in published.items()
            if of == preset and problem.endswith(ending) and sound in problem
        ]
    )


def test_what_the_guide_says_is_true_of_the_table(published):
    """Every statement of "Which problem tests what" with a figure, in the order of the page."""
    evaluations = {
        problem: np.median([float(row[f"difficulty_evaluations_{seed}"]) for seed in (1, 2, 3)])
        for (problem, preset), row in published.items()
        if preset == "notebook"
    }

    def places(figure, part):
        return np.stack([column(published, f"minima_{place}_{figure}", sound=part) for place in (1, 2, 3)])

    easy = ("lighthouse-prelude", "lighthouse-monologue", "owl-monologue")
    assert {evaluations[f"{name}-{grid}"] for name in easy for grid in GRIDS} == {377}
    assert np.round(100 * column(published, "concave_share", sound="drums")).min() == 7
    assert np.round(100 * column(published, "concave_share", sound="drums")).max() == 9
    drums = places("by_mask", "drums"), places("spread", "drums")
    assert drums[0][0].max() == 4
    assert drums[1][0].max() < 1e-3
    assert drums[0].max() == 32
    assert drums[1].max() < 0.02
    hard = places("by_mask", "butterfly-chorale")
    assert (hard.min(), hard.max()) == (24, 32)
    assert 0.25 < places("spread", "butterfly-chorale").max() < 0.26
    assert (places("success", "butterfly-chorale")[1] == 1 / 32).all()
    for grid in GRIDS:
        of_grid = {name: needed for name, needed in evaluations.items() if name.endswith(f"-{grid}")}
        assert max(of_grid, key=of_grid.get) == f"butterfly-chorale-{grid}"
        gap = column(published, "looseness_gap", f"-{grid}")
        assert column(published, "looseness_gap", f"-{grid}", "butterfly-chorale") == gap.max()
        for picture in ("lighthouse", "owl", "butterfly"):
            ranges = column(published, "gradients_of_variables_1", f"-{grid}", picture)
            assert ranges.max() == column(
                published, "gradients_of_variables_1", f"-{grid}", f"{picture}-prelude"
            )
    assert {evaluations[f"butterfly-chorale-{grid}"] for grid in GRIDS} == {935, 1335}
    for name in ("owl-prelude", "owl-chorale"):
        assert places("by_mask", name)[0].min() >= 19
        assert 0.21 < places("spread", name)[0].min() <= places("spread", name)[0].max() < 0.315
        assert places("by_mask", name)[2].max() <= 2
        assert places("spread", name)[2].max() < 1e-3
    for preset, sound, name, low, high in (
        ("listener", "drums", "front_lame_exponent", 0.84, 1.05),
        ("listener", "drums", "front_unsupported", 0.755, 0.945),
        ("listener", "drums", "front_hull_area", 0.0235, 0.0575),
        ("listener", "monologue", "front_hull_area", 0.0035, 0.0157),
        ("display", "", "front_lame_exponent", 0.635, 0.855),
        ("display", "", "front_hull_area", 1.5e-4, 1.75e-3),
    ):
        figures = column(published, name, "", sound, preset)
        assert low < figures.min() < figures.max() < high
    preludes = column(published, "gradients_of_variables_1", sound="prelude")
    assert 9_700 < preludes.min() < preludes.max() < 42_500
    for grid, low, high, reach in (("16x32", 1.25, 1.5, (2, 2)), ("64x128", 8.3, 9.3, (3, 5))):
        coupling = column(published, "interaction_2_coupling", grid)
        assert low < coupling.min() < coupling.max() < high
        assert set(column(published, "interaction_2_reach_rows", grid)) == {reach[0]}
        assert set(column(published, "interaction_2_reach_columns", grid)) == {reach[1]}
    assert not column(published, "interaction_1_coupling").any()
    for objective, low, high in ((1, 0.90, 0.93), (2, 0.905, 0.925)):
        correlations = column(published, f"random_walk_{objective}_correlation")
        assert low < correlations.min() < correlations.max() < high
    for objective, low, high in ((1, 0.95, 0.97), (2, 0.895, 0.93)):
        correlations = column(published, f"smooth_walk_{objective}_correlation")
        assert low < correlations.min() < correlations.max() < high
    exponents = column(published, "front_lame_exponent")
    assert 0.355 < exponents.min() < exponents.max() < 0.47
    assert column(published, "front_unsupported").max() <= 0.2
    assert column(published, "front_hull_area").max() < 1.4e-4
    left = column(published, "looseness_gap") - column(published, "looseness_of_points")
    assert 5.5e-4 < left.min() < left.max() < 3.6e-3
    assert not places("unconverged", "").any()
    rows = [row for (_, preset), row in published.items() if preset == "notebook"]
    predictive = {title: rank_correlation(rows, columns) for title, columns in CORRELATED.items()}
    assert max(predictive, key=predictive.get) == "gap to the bound"
    assert predictive["concave bins"] < 0.5 * predictive["gap to the bound"]
    contents = [
        figure
        for preset in PRESETS
        for kind in ("random", "smooth")
        for objective in (1, 2)
        for figure in column(published, f"{kind}_walk_{objective}_information_content", preset=preset)
    ]
    assert 0.775 < np.min(contents) < np.max(contents) < 0.845


def test_tables_are_written_in_order_and_read_as_they_were(tmp_path, published):
    rows = [row for _, row in sorted(published.items(), reverse=True)]
    write(rows, tmp_path / "some" / "table.csv")
    again = read(tmp_path / "some" / "table.csv")
    assert sorted(again, key=str) == sorted(rows, key=str)
    assert [row["problem"] for row in again if row["preset"] == "notebook"] == list(list_problems())
