"""Reference fronts and certificates, as they are shipped."""

import copy
import dataclasses
import json
import pickle
from pathlib import Path

import moocore
import numpy as np
import pytest
from pymoo.optimize import minimize

from pymoo_moss import FrontAscent, HybridAlgorithm, ParetoTracer, certify, get_problem, list_problems
from pymoo_moss.bounds import non_dominated_points
from pymoo_moss.errors import MossError, ObjectiveError, OptionError, OutputError
from pymoo_moss.instances import (
    NOTEBOOK_WITH_ROUGHNESS,
    REFERENCE_VERSION,
    WITH_ROUGHNESS,
    catalogue,
    get_reference,
    reference,
    save_reference,
)
from pymoo_moss.objectives import PRESETS, MaskRoughness
from pymoo_moss.search import constant_masks

NAME = "owl-drums-16x32"
THREE = ["owl-drums-16x32", "lighthouse-prelude-16x32", "butterfly-chorale-16x32", "owl-monologue-16x32"]
"""Problems with a reference of three objectives."""
FOLDER = Path(catalogue.__file__).parent / "data" / "references" / f"v{REFERENCE_VERSION}"


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", list_problems())
def test_every_problem_has_a_reference(name, preset):
    found = get_reference(name, preset)
    front = found.front
    assert 90 <= len(front) <= 100
    assert (np.diff(front[:, 0]) > 0).all()
    assert (np.diff(front[:, 1]) < 0).all()
    assert found.hypervolume > found.sweep_hypervolume > 0
    if preset == "notebook":
        assert 0 < found.bounds.looseness < 0.01
        assert found.bounds.hypervolume_lower == pytest.approx(found.hypervolume, abs=1e-12)
        assert found.bounds.gap(front) == pytest.approx(
            found.bounds.hypervolume_upper - found.hypervolume, abs=1e-12
        )
        # Not one point of the front is below one of the bounds.
        above = front @ found.bounds.weights.T - found.bounds.lower_bounds
        assert above.min() >= 0
    else:
        assert found.bounds is None


def test_references_that_there_are_not_are_refused():
    with pytest.raises(OptionError, match="did you mean 'owl-drums-16x32'"):
        get_reference("owl-drum-16x32")
    for wrong in ({"preset": "other"}, {"version": REFERENCE_VERSION + 1}):
        with pytest.raises(
            OptionError, match="expected a preset of notebook, display, listener and a version"
        ):
            get_reference(NAME, **wrong)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_hypervolume_is_that_of_the_front(preset):
    problem = get_problem(NAME, preset=preset)
    low, high = problem.hypervolume_box
    independent = moocore.hypervolume(problem.pareto_front() - low, ref=high - low) / np.prod(high - low)
    # The reference point is a loss in single precision, whose last bits are each machine's and version's own.
    assert problem.reference.hypervolume == pytest.approx(independent, abs=1e-7)
    assert problem.hypervolume(problem.pareto_front()) == pytest.approx(
        problem.reference.hypervolume, abs=1e-7
    )
    sweep = problem.evaluate(constant_masks(np.linspace(0, 1, 101), problem.n_var))
    assert problem.reference.sweep_hypervolume == pytest.approx(problem.hypervolume(sweep), abs=1e-6)


@pytest.mark.contract
def test_the_reference_can_be_made_again():
    problem = get_problem(NAME)
    again = minimize(problem, ParetoTracer(100), ("n_gen", 1000), seed=1).F
    assert problem.hypervolume(again) == pytest.approx(problem.reference.hypervolume, abs=2e-4)
    assert 0.985 < problem.share(again) < 1


def test_the_certificate_can_be_made_again():
    known = get_reference(NAME).bounds.hypervolume_upper
    assert certify(get_problem(NAME)).hypervolume_upper == pytest.approx(known, abs=1e-6)


@pytest.mark.contract
def test_no_search_gets_below_the_bounds():
    problem = get_problem(NAME)
    F = minimize(problem, HybridAlgorithm(pop_size=40), ("n_eval", 8000), seed=2).F
    bounds = problem.front_bounds()
    assert (bounds.lower_bounds <= F @ bounds.weights.T).all()
    assert problem.share(F) < 1


def test_normalised_problems_have_the_same_reference_in_their_own_units():
    plain, scaled = get_problem(NAME), get_problem(NAME, normalize=True)
    F = plain.evaluate(np.random.default_rng(0).uniform(0, 1, (5, plain.n_var)))
    G = (F - plain.ideal_point()) / (plain.nadir_point() - plain.ideal_point())
    np.testing.assert_allclose(
        scaled.pareto_front(), plain.pareto_front() / plain.nadir_point(), rtol=1e-12, atol=1e-15
    )
    assert scaled.share(G) == pytest.approx(plain.share(F), abs=1e-12)
    assert scaled.front_bounds().gap(G) == pytest.approx(plain.front_bounds().gap(F), abs=1e-12)
    above = scaled.evaluate(np.full((1, plain.n_var), 0.5)) @ scaled.front_bounds().weights.T
    assert (above >= scaled.front_bounds().lower_bounds).all()


@pytest.mark.parametrize("third", ["visual_ssim", MaskRoughness()])
def test_another_problem_has_no_reference(third):
    other = get_problem(NAME, objectives=["visual_l1", "audio_log_l1", third])
    assert other.n_obj == 3
    assert other.pareto_front() is None
    assert np.isfinite(other.ref_point).all()
    with pytest.raises(ObjectiveError, match="options have made it another problem"):
        other.share(other.evaluate(np.full((1, other.n_var), 0.5)))
    with pytest.raises(ObjectiveError, match="its objectives have none"):
        get_problem(NAME, preset="display").front_bounds()


@pytest.mark.parametrize("name", THREE)
def test_the_reference_of_three_objectives(name):
    problem = get_problem(name, objectives=list(WITH_ROUGHNESS))
    known = get_reference(name, NOTEBOOK_WITH_ROUGHNESS)
    front, bounds = problem.pareto_front(), problem.front_bounds()
    np.testing.assert_array_equal(front, known.front)
    assert front.shape == (300, 3)
    assert (np.diff(front[:, 0]) >= 0).all()
    assert len(non_dominated_points(front)) == 300
    low, high = problem.hypervolume_box
    independent = moocore.hypervolume(front - low, ref=high - low) / np.prod(high - low)
    assert known.hypervolume == pytest.approx(independent, abs=1e-12)
    assert known.hypervolume > known.sweep_hypervolume
    assert (front @ bounds.weights.T >= bounds.lower_bounds).all()
    assert problem.share(front) == pytest.approx(known.hypervolume / bounds.hypervolume_upper)
    assert 0 < bounds.looseness < 0.01
    # A third objective only takes away from what two have.
    assert bounds.hypervolume_upper < get_reference(name).bounds.hypervolume_upper
    facts = json.loads(json.dumps(problem.describe()))
    assert facts["objectives"] == list(WITH_ROUGHNESS)
    assert facts["certified_hypervolume_upper"] == bounds.hypervolume_upper


def test_the_reference_follows_the_order_of_objectives():
    order = ["mask_roughness", "visual_l1", "audio_log_l1"]
    plain, other = get_problem(NAME, objectives=list(WITH_ROUGHNESS)), get_problem(NAME, objectives=order)
    F = np.random.default_rng(0).uniform(0, 1, (5, plain.n_var))
    assert other.share(other.evaluate(F)) == pytest.approx(plain.share(plain.evaluate(F)), abs=2e-5)
    front = other.pareto_front()
    assert (np.diff(front[:, 0]) >= 0).all()
    assert set(map(tuple, front[:, [1, 2, 0]])) == set(map(tuple, plain.pareto_front()))
    bounds = other.front_bounds()
    assert (other.evaluate(F) @ bounds.weights.T >= bounds.lower_bounds).all()


def test_only_four_problems_have_a_reference_of_three_objectives():
    assert get_problem("owl-drums-32x64", objectives=list(WITH_ROUGHNESS)).pareto_front() is None
    with pytest.raises(OptionError, match=r"some problems have notebook\+mask_roughness"):
        get_reference("owl-drums-32x64", NOTEBOOK_WITH_ROUGHNESS)


@pytest.mark.contract
@pytest.mark.parametrize("name", THREE)
def test_no_search_gets_below_the_bounds_of_three_objectives(name):
    problem = get_problem(name, objectives=list(WITH_ROUGHNESS))
    F = minimize(problem, FrontAscent(), ("n_eval", 5000), seed=4).F
    bounds = problem.front_bounds()
    assert (bounds.lower_bounds <= F @ bounds.weights.T).all()
    assert problem.share(F) < 1


def test_pymoo_still_finds_what_it_expects_of_a_problem():
    problem = get_problem(NAME)
    low, high = problem.bounds()
    assert (low == 0).all()
    assert (high == 1).all()
    assert problem.name() == NAME
    for other in (copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):
        np.testing.assert_array_equal(other.pareto_front(), problem.pareto_front())
        assert other.name() == NAME


@pytest.mark.parametrize("preset", PRESETS)
def test_a_description_can_be_written_down(preset):
    problem = get_problem(NAME, preset=preset)
    facts = json.loads(json.dumps(problem.describe()))
    assert facts["name"] == NAME
    assert facts["preset"] == preset
    assert facts["n_var"] == 512
    assert facts["reference_version"] == {"listener": 1}.get(preset, REFERENCE_VERSION)
    assert facts["best_known_hypervolume"] == problem.reference.hypervolume
    assert facts["picture_sha256"] == catalogue.PICTURES["owl"].sha256
    assert ("certified_hypervolume_upper" in facts) == (preset == "notebook")


def test_a_changed_reference_is_refused(tmp_path):
    instance = catalogue.INSTANCES[NAME]
    copied = tmp_path / f"v{REFERENCE_VERSION}" / f"{NAME}-notebook.json"
    copied.parent.mkdir()
    copied.write_bytes((FOLDER / copied.name).read_bytes())
    assert reference.load_reference(instance, "notebook", folder=tmp_path) is not None
    content = json.loads(copied.read_text())
    content["hypervolume"] += 1e-6
    copied.write_text(json.dumps(content))
    with pytest.raises(MossError, match=rf"{NAME}-notebook\.json has been modified .*\(sha256\)"):
        reference.load_reference(instance, "notebook", folder=tmp_path)


def test_the_reference_of_another_sound_is_refused():
    other = dataclasses.replace(catalogue.INSTANCES[NAME], sound=catalogue.SOUNDS["prelude"])
    with pytest.raises(MossError, match="sound_sha256"):
        reference.load_reference(other, "notebook")


def test_references_are_written_once_and_come_back_the_same(tmp_path):
    instance, folder = catalogue.INSTANCES[NAME], tmp_path / "v7"
    known = reference.load_reference(instance, "notebook")
    save_reference(folder, instance, "notebook", dataclasses.replace(known, version=7))
    again = reference.load_reference(instance, "notebook", version=7, folder=tmp_path)
    np.testing.assert_array_equal(again.front, known.front)
    assert again.bounds.hypervolume_upper == known.bounds.hypervolume_upper
    with pytest.raises(OutputError, match="published and is not overwritten"):
        save_reference(folder, instance, "notebook", known)
    assert reference.load_reference(instance, "display", version=7, folder=tmp_path) is None
