"""What is kept of the comparison's runs, the tables that are made of it, and the published page."""

import json

import numpy as np
import pandas as pd
import pytest
from pymoo.core.algorithm import Algorithm
from pymoo.indicators.hv import HV
from pymoo.indicators.igd_plus import IGDPlus
from scipy.stats import mannwhitneyu

from benchmarks.comparison import collect, report, results, tables
from benchmarks.comparison.labels import DOZEN, LABELS, SHOWN, SLOW
from benchmarks.comparison.stages import BUDGETS, SMOKE, STAGES, Stage, rounds
from pymoo_moss.instances import get_reference
from pymoo_moss.study import AlgorithmChoice, Study, StudyResult
from pymoo_moss.study.comparison import holm

PROBLEM = "owl-drums-16x32"
STAGE = Stage("small", (PROBLEM,), ("a", "b"), 2, (150, 400))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    algorithms = {"a": AlgorithmChoice("nsga2", 20), "b": AlgorithmChoice("nsga2", 20, sampling="levels")}
    folder = tmp_path_factory.mktemp("out") / "small" / "p"
    return folder, Study([PROBLEM], algorithms, 2, STAGE.budgets, folder).run()


def test_tables_hold_what_the_runs_say(study):
    _, result = study
    known = results.collect(result, "notebook")
    upper = get_reference(PROBLEM).bounds.hypervolume_upper
    indicators = result.indicators()
    assert known.keys == {(PROBLEM, "notebook", name, seed, 400) for name in "ab" for seed in (1, 2)}
    merged = known.budgets.merge(indicators, on=["problem", "algorithm", "seed", "budget"])
    assert len(merged) == 8
    for name in ("hypervolume", "igd_plus", "epsilon", "n_eval"):
        np.testing.assert_array_equal(merged[f"{name}_x"], merged[f"{name}_y"])
    for run in result.runs:
        hits = known.hits[(known.hits["algorithm"] == run.algorithm) & (known.hits["seed"] == run.seed)]
        for gap in results.GAPS:
            reached = [
                n for n, value in zip(run.n_eval, run.hypervolume, strict=True) if upper - value <= gap
            ]
            found = hits.loc[hits["gap"] == gap, "n_eval"]
            expected = reached[0] if reached else np.inf
            assert (found.iloc[0] if len(found) else np.inf) == expected
        last = known.times[(known.times["algorithm"] == run.algorithm) & (known.times["seed"] == run.seed)]
        assert last["hypervolume"].iloc[-1] == run.hypervolume[-1]


def test_tables_are_read_as_they_were_written(study, tmp_path):
    known = results.collect(study[1], "notebook")
    results.save(known, tmp_path)
    read = results.load(tmp_path)
    assert read.keys == known.keys
    for name in results.TABLES:
        columns = list(getattr(known, name).columns)
        ordered = getattr(known, name).sort_values(columns[:6], ignore_index=True)
        again = getattr(read, name).sort_values(columns[:6], ignore_index=True)
        pd.testing.assert_frame_equal(again, ordered, rtol=1e-6, check_dtype=False)


def test_a_run_that_is_known_is_neither_doubled_nor_replaced(study, tmp_path):
    out, folder = study[0].parents[1], tmp_path / "results"
    collect.main(out, folder)
    first = results.load(folder)
    first.runs["seconds"] = 7.0
    results.save(first, folder)
    collect.main(out, folder)
    again = results.load(folder)
    assert len(again.runs) == 4
    assert len(again.budgets) == 8
    assert (again.runs["seconds"] == 7.0).all()


def test_versions_of_libraries_that_are_missing_are_kept(study, tmp_path):
    (tmp_path / results.VERSIONS).write_text('{"evotorch": "0.6.1", "of old": "1"}')
    collect.main(study[0].parents[1], tmp_path)
    versions = json.loads((tmp_path / results.VERSIONS).read_text())
    assert versions["of old"] == "1"
    assert versions["evotorch"] == "0.6.1"
    assert {"Python", "pymoo", "torch"} <= versions.keys()


def test_the_page_is_made_of_any_part_of_the_results(study, tmp_path):
    collect.main(study[0].parents[1], tmp_path / "results")
    (tmp_path / "empty").mkdir()
    results.save(results.merged([results.empty()]), tmp_path / "empty")
    known = results.load(tmp_path / "results")
    assert tables.medians(tables.shares(known, STAGE, 400)).shape == (1, 2)
    text = report.page(known, {"evotorch": "0"}, tmp_path)
    assert "Not measured yet." in text


def frame(samples):
    rows = [
        {"problem": "p", "algorithm": name, "share": value}
        for name, values in samples.items()
        for value in values
    ]
    return pd.DataFrame(rows)


def test_marks_are_those_of_exact_tests_with_holms_correction():
    rng = np.random.default_rng(4)
    samples = {"a": 0.9 + 0.01 * rng.random(7), "b": 0.894 + 0.01 * rng.random(7), "c": rng.random(7) / 2}
    same = pd.DataFrame(False, index=["p"], columns=list("abc"))
    found = tables.worse_than_best(frame(samples), same)
    p = [mannwhitneyu(samples["a"], samples[name], method="exact").pvalue for name in "bc"]
    assert found.loc["p"].tolist() == [False, *(holm(p) < 0.05)]
    assert found.loc["p", "c"]


def test_copies_of_one_front_are_one_run():
    samples = {"a": [0.9] * 5, "b": [0.5, 0.51, 0.52, 0.53, 0.54]}
    same = pd.DataFrame({"a": [True], "b": [False]}, index=["p"])
    assert not tables.worse_than_best(frame(samples), same).loc["p"].any()
    assert tables.worse_than_best(frame(samples), same & False).loc["p", "b"]


def test_expected_running_times_are_in_multiples_of_the_variables(study):
    known = results.collect(study[1], "notebook")
    gap = results.GAPS[0]
    times = tables.running_times(known, STAGE, [gap]).set_index("algorithm")["ert"]
    for name in "ab":
        hits = known.hits[(known.hits["algorithm"] == name) & (known.hits["gap"] == gap)]["n_eval"]
        reached = hits[np.isfinite(hits)]
        limits = known.runs[known.runs["algorithm"] == name]["n_eval"]
        missed = limits.sum() * (2 - len(reached)) / 2
        expected = (reached.sum() + missed) / len(reached) / 512 if len(reached) else np.inf
        assert times[name] == pytest.approx(expected)


def test_stages_are_whole_and_run_seed_by_seed():
    assert len(LABELS) == len(set(LABELS)) == 61
    assert len(DOZEN) == 12
    assert set(DOZEN) | set(SHOWN) | set(SLOW) <= set(LABELS)
    order = list(rounds(STAGES))
    assert len(order) == len(set(order)) == sum(stage.seeds * len(stage.problems) for stage in STAGES)
    assert [seed for seed, _, _ in order] == sorted(seed for seed, _, _ in order)


def runs_of(stages):
    return [
        (stage.preset, problem, method, stage.budgets[-1], seed)
        for stage in stages
        for problem in stage.problems
        for method in stage.methods
        for seed in range(stage.seeds)
    ]


def test_the_smoke_run_has_every_method_of_every_stage():
    assert [(one.name, one.methods, one.preset) for one in SMOKE] == [
        (one.name, one.methods, one.preset) for one in STAGES
    ]
    assert len(set(runs_of(SMOKE))) == len(runs_of(SMOKE)) < len(runs_of(STAGES)) / 40


# The published results.


@pytest.fixture(scope="module")
def published():
    known = results.load()
    if known.runs.empty:
        pytest.skip("no results are published")
    return known


def test_published_results_are_small(published):
    assert sum(path.stat().st_size for path in results.RESULTS.iterdir()) < 8e6


def scaled(front, problem, preset):
    low, high = get_reference(problem, preset).bounds.box
    return (front - low) / (high - low)


def test_a_sample_of_published_runs_agrees_with_other_libraries(published):
    table = published.budgets.set_index([*results.KEY, "budget"])
    sampled = [key for key in published.keys if results.is_sampled(key) and key[1] == "notebook"]
    assert sampled
    for key in sampled:
        points = scaled(published.fronts[results.name_of(key)], *key[:2])
        reference = scaled(get_reference(*key[:2]).front, *key[:2])
        row = table.loc[(*key, key[-1])]
        assert HV(ref_point=np.ones(2))(points) == pytest.approx(row["hypervolume"], rel=1e-6)
        assert IGDPlus(reference)(points) == pytest.approx(row["igd_plus"], rel=1e-6)
        nearest = (points[:, None] - reference[None]).max(axis=2).min(axis=0)
        assert nearest.max() == pytest.approx(row["epsilon"], rel=1e-6)


def test_published_counts_and_values_are_possible(published):
    budgets, hits = published.budgets, published.hits
    assert ((budgets["hypervolume"] >= 0) & (budgets["hypervolume"] <= 1)).all()
    assert (budgets["archive_hypervolume"] >= budgets["hypervolume"] - 1e-6).all()
    notebook = budgets[budgets["preset"] == "notebook"]
    bounds = {name: get_reference(name).bounds.hypervolume_upper for name in set(notebook["problem"])}
    assert (notebook["hypervolume"] <= notebook["problem"].map(bounds)).all()
    assert (hits["archive_n_eval"] <= hits["n_eval"] + 1e-9).all()
    # Only a first population may take more than a budget.
    assert (budgets["n_eval"] <= np.maximum(budgets["budget"], BUDGETS[1])).all()


def test_the_published_page_is_that_of_the_published_results(published, tmp_path):
    report.main(results.RESULTS, tmp_path)
    assert (tmp_path / report.PAGE.name).read_text("utf-8") == report.PAGE.read_text("utf-8")


def test_the_smoke_run_has_a_page_with_every_table(published, tmp_path):
    """The published runs stand for short ones: what the page says of them is not looked at."""
    ends = {stage.budgets[-1] for stage in SMOKE}
    short, longer = min(ends), max(ends)

    def shortened(table):
        known = table.assign(limit=np.where(table["limit"] > BUDGETS[-1], longer, short))
        return known[known["budget"] <= known["limit"]] if "budget" in known else known

    known = results.Results(*(shortened(getattr(published, name)) for name in results.TABLES), fronts={})
    text = report.page(known, {"evotorch": "0"}, tmp_path, SMOKE)
    assert "Not measured yet." not in text
    assert f"median share at {short} evaluations" in text
    headings = [line for line in report.PAGE.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert len([line for line in text.splitlines() if line.startswith("## ")]) == len(headings)


def test_labels_and_methods_agree():
    methods = pytest.importorskip("benchmarks.comparison.methods", exc_type=ImportError)
    assert tuple(methods.METHODS) == LABELS
    for label, method in methods.METHODS.items():
        made = method.make(2) if isinstance(method, AlgorithmChoice) else method(2)
        assert isinstance(made, Algorithm), label


def test_an_unfinished_study_is_collected(study, tmp_path):
    folder, _ = study
    copy = tmp_path / "small" / "p"
    copy.mkdir(parents=True)
    (copy / "study.json").write_bytes((folder / "study.json").read_bytes())
    (copy / "runs").mkdir()
    first = sorted((folder / "runs").iterdir())[0]
    (copy / "runs" / first.name).write_bytes(first.read_bytes())
    collect.main(tmp_path, tmp_path / "results")
    assert len(results.load(tmp_path / "results").runs) == 1
    assert len(StudyResult.load(copy).runs) == 1
