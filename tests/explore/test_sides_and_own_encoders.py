"""Picks, steering, page and export for objectives in any order, and for encoders of a user's own."""

import json
import re

import numpy as np
import pytest
import torch
from PIL import Image

from pymoo_moss import HybridAlgorithm, MaskEncoder, MOSSProblem, ParetoTracer
from pymoo_moss.explore import RunResult, run_search, show
from pymoo_moss.objectives import Objective
from pymoo_moss.runs import export_sound, steer

ORDERS = {
    "as usual": ["visual_l1", "audio_log_l1"],
    "reversed": ["audio_log_l1", "visual_l1"],
    "three": ["visual_l1", "visual_display", "audio_log_l1"],
    "sound first": ["mask_roughness", "audio_log_l1", "visual_l1"],
}
COLUMNS = {"as usual": (0, 1), "reversed": (1, 0), "three": (0, 2), "sound first": (2, 1)}


@pytest.fixture(scope="module", params=ORDERS)
def named(request, picture, sound):
    problem = MOSSProblem(picture, sound, grid=(6, 8), objectives=ORDERS[request.param])
    algorithm = HybridAlgorithm(pop_size=12, n_refined=3, refinement_steps=3)
    return request.param, run_search(problem, algorithm, ("n_gen", 3), seed=1)


def content(page):
    return json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', page.content, re.DOTALL).group(1))


def test_the_best_picture_is_that_of_the_pictures_objective(named):
    name, result = named
    picture, sound = COLUMNS[name]
    assert result.columns == COLUMNS[name]
    assert result.pick("best visual") == result.F[:, picture].argmin()
    assert result.pick("best audio") == result.F[:, sound].argmin()
    # From best picture to best sound, X = 1 and X = 0.
    assert (np.diff(result.F[:, picture]) >= 0).all()
    assert (result.X[result.pick("best visual")] == 1).all()
    assert (result.X[result.pick("best audio")] == 0).all()
    assert result.pick(1.0) == result.pick("best visual")
    assert result.pick(0.0) == result.pick("best audio")


def test_steering_goes_to_the_picture_whatever_the_order(named):
    name, result = named
    if result.problem.n_obj > 2:
        pytest.skip("steering is between two objectives")
    picture = COLUMNS[name][0]
    start = result.pick("balanced")
    for towards, sign in (("picture", -1), ("sound", 1)):
        steered, index = steer(result, start, towards)
        assert sign * (steered.F[index, picture] - result.F[start, picture]) > 0
        assert (np.diff(steered.F[:, picture]) >= 0).all()


@pytest.mark.render
def test_the_page_has_the_picture_on_its_first_axis(named):
    name, result = named
    picture, sound = COLUMNS[name]
    held = content(show(result, count=1))
    names = [ORDERS[name][column].replace("_", " ") for column in (picture, sound)]
    assert [axis.split(" (")[0] for axis in held["axes"]] == names
    np.testing.assert_allclose(held["sweep"]["x"], result.sweep[:, picture], rtol=1e-4)
    np.testing.assert_allclose(held["sweep"]["y"], result.sweep[:, sound], rtol=1e-4, atol=1e-9)


class Network(MaskEncoder):
    """Six variables, and parameters that require gradients."""

    n_var = 6

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.layer = torch.nn.Linear(6, 48)
        torch.nn.init.normal_(self.layer.weight, generator=torch.Generator().manual_seed(1))

    def mask(self, x):
        return self.mask_map(self.layer(4 * self.variables(x).to(self.picture) - 2).sigmoid().view(-1, 6, 8))


@pytest.mark.render
def test_a_run_with_an_encoder_of_its_own_is_exported_and_loaded(picture, sound, tmp_path):
    encoder = Network(picture, sound, grid=(6, 8))
    problem = MOSSProblem(encoder=encoder, phase="griffin_lim")
    result = run_search(problem, ParetoTracer(6), ("n_gen", 2), seed=1)
    result.export(tmp_path / "run", count=2)
    again = RunResult.load(tmp_path / "run", problem)
    np.testing.assert_allclose(again.X, result.X, atol=1e-3)
    folder = min((tmp_path / "run" / "solutions").iterdir())
    number = int(folder.name)
    # The picture of the mask is the mask itself, averaged, and not its variables; row 0 is its top.
    with Image.open(folder / "mask.png") as image:
        shown = np.asarray(image.resize((8, 6), Image.Resampling.BOX), dtype=float)[::-1] / 255
    with torch.no_grad():
        mask = encoder.mask(result.X[number])[0].numpy()
    pieces = [np.array_split(row, 8, axis=1) for row in np.array_split(mask, 6, axis=0)]
    averages = np.array([[piece.mean() for piece in row] for row in pieces])
    np.testing.assert_allclose(shown, averages, atol=0.05)


def test_the_phase_of_sounds_is_the_problems_own(picture, sound):
    options = {"grid": (6, 8)}
    assert MOSSProblem(picture, sound, **options).phase == "audio"
    assert MOSSProblem(picture, sound, preset="display", **options).phase == "refined"
    problem = MOSSProblem(picture, sound, phase="griffin_lim", **options)
    x = np.full(problem.n_var, 0.7)
    for phase in ("griffin_lim", "audio"):
        problem.phase = phase
        exported = export_sound(problem, x)
        expected = problem.encoder.waveform(x, phase)[0]
        np.testing.assert_allclose(exported.waveform / exported.gain, expected - expected.mean(), atol=1e-5)


class Loudness(Objective):
    """Without bounds, as the README's own."""

    name = "loudness"

    def __call__(self, mix, encoder):
        return mix.square().mean(dim=(1, 2))


@pytest.mark.render
def test_an_objective_without_bounds_leaves_out_the_hypervolume_alone(picture, sound, tmp_path):
    problem = MOSSProblem(picture, sound, grid=(6, 8), objectives=["visual_l1", "audio_log_l1", Loudness()])
    algorithm = HybridAlgorithm(pop_size=10, n_refined=3, refinement_steps=3)
    result = run_search(problem, algorithm, ("n_gen", 2), seed=1)
    assert result.pick("best visual") == result.F[:, 0].argmin()
    assert np.isnan(result.hypervolume)
    result.export(tmp_path / "run", count=1)
    record = json.loads((tmp_path / "run" / "run.json").read_text())
    assert record["hypervolume"] is None
    assert "hypervolume" not in dict(content(show(tmp_path / "run"))["facts"])


class Limited(MOSSProblem):
    def __init__(self, *args, limit, **options):
        super().__init__(*args, n_ieq_constr=1, **options)
        self.limit = limit

    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        out["G"] = out["F"][:, 1:] - self.limit


@pytest.mark.render
def test_a_run_with_a_constraint_is_exported_and_loaded(picture, sound, tmp_path):
    problem = Limited(picture, sound, grid=(6, 8), limit=1.0)
    result = run_search(problem, ParetoTracer(6), ("n_gen", 2), seed=1)
    result.export(tmp_path / "run", count=1)
    again = RunResult.load(tmp_path / "run", problem)
    np.testing.assert_allclose(again.F, result.F, atol=0.01)
    assert (result.F[:, 1] <= 1.0).all()


def test_a_run_without_a_feasible_mask_says_so(picture, sound):
    problem = Limited(picture, sound, grid=(6, 8), limit=-1.0)
    with pytest.warns(UserWarning, match="no feasible mask was found"):
        run_search(problem, ParetoTracer(6), ("n_gen", 2), seed=1)
