"""Encoders with a mask, a mixture or variables of their own, against the direct formulas on whole planes."""

import numpy as np
import pytest
import torch
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.optimize import minimize

from pymoo_moss import (
    GradientSeedSampling,
    HybridAlgorithm,
    LevelSampling,
    MaskEncoder,
    MOSSProblem,
    ParetoTracer,
    certify,
)
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.problem_inputs import on_device

from .marks import few

GRID = (6, 8)


class Geometric(MaskEncoder):
    """The geometric mean in place of the arithmetic one."""

    def blend(self, grids):
        picture, sound = self.shares(grids)
        return self.image_magnitude**picture * self.audio_magnitude**sound


class Louder(MaskEncoder):
    """Replaces the last step."""

    def mix(self, x):
        return 1.5 * super().mix(x)


class Squared(MaskEncoder):
    """Another mask of the same grid."""

    def mask(self, x):
        return super().mask(x) ** 2


class Sums(MaskEncoder):
    """Few variables on no grid: profiles over frequency and time."""

    n_var = 14

    def mask(self, x):
        profiles = self.variables(x).to(self.picture)
        return self.mask_map(profiles[:, :6, None] * profiles[:, None, 6:])


KINDS = [Geometric, Louder, Squared, Sums]


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def own(request, picture, sound):
    return request.param(picture, sound, grid=GRID, n_fft=256, hop_length=64)


@pytest.fixture(scope="module")
def exact(request, own):
    return type(own)(own.picture.flip(0).numpy(), (own.audio_waveform.double().numpy(), 16000), grid=GRID)


def direct(encoder, x):
    """Both losses of the encoder's own mixture, in float64."""
    with torch.no_grad():
        mix = encoder.mix(x).double()
    image, audio = encoder.image_magnitude.double(), encoder.audio_magnitude.double()
    visual = (mix - image).abs().mean(dim=(1, 2))
    heard = ((mix + 1e-8).log() - (audio + 1e-8).log()).abs().mean(dim=(1, 2))
    return torch.stack([visual, heard], dim=1).numpy()


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_f_is_that_of_the_encoders_own_mixture(own, engine, rng):
    x = rng.random((5, own.n_var))
    problem = MOSSProblem(encoder=own, engine=engine)
    np.testing.assert_allclose(problem.evaluate(x), direct(own, x), rtol=1e-5)
    default = MaskEncoder.blend(own, own.grids(x)) if own.variable_grid else None
    if default is not None and type(own) is not Squared:
        assert (own.mix(x) - default).abs().max() > 0.1 * own.image_magnitude.max()


def test_gradients_are_those_of_finite_differences(own, rng):
    encoder = type(own)(np.eye(30), (0.1 * rng.standard_normal(4000), 16000), grid=GRID, dtype=torch.float64)
    problem = MOSSProblem(encoder=encoder)
    x, direction = 0.1 + 0.8 * rng.random((3, problem.n_var)), rng.standard_normal(problem.n_var)
    _, gradients = problem.evaluate(x, return_values_of=["F", "dF"])
    step = 1e-6
    ahead, behind = (direct(encoder, x + sign * step * direction) for sign in (1, -1))
    np.testing.assert_allclose(gradients @ direction, (ahead - behind) / (2 * step), rtol=1e-4, atol=1e-7)


def test_what_holds_for_the_linear_mixture_alone_is_unavailable(own):
    problem = MOSSProblem(encoder=own)
    assert not own.linear_mixture
    with pytest.raises(OptionError, match=f"linear mixture, {type(own).__name__} has another"):
        MOSSProblem(encoder=own, engine="numba")
    with pytest.raises(ObjectiveError, match="ideal point is not known exactly"):
        problem.ideal_point()
    with pytest.raises(
        ObjectiveError, match=f"linear mixture of masks on the control grid, got {type(own).__name__}"
    ):
        certify(problem)
    # What pure sound and pure picture are worth.
    image, audio = own.image_magnitude.double(), own.audio_magnitude.double()
    worst = [(image - audio).abs().mean(), ((image + 1e-8).log() - (audio + 1e-8).log()).abs().mean()]
    np.testing.assert_allclose(problem.ref_point, worst, rtol=1e-4)
    assert problem.sides == ("picture", "sound")


ALGORITHMS = {
    "levels": lambda: NSGA2(8, sampling=LevelSampling()),
    "seeds": lambda: NSGA2(8, sampling=GradientSeedSampling(n_seeds=6, steps=5)),
    "spread": lambda: NSGA2(8, sampling=GradientSeedSampling(n_seeds=6, steps=9, schedule="spread")),
    "hybrid": lambda: HybridAlgorithm(pop_size=8, n_refined=3, refinement_steps=2),
    "tracer": lambda: ParetoTracer(8),
}


@pytest.mark.parametrize("name", few(ALGORITHMS, ["spread", "hybrid", "tracer"], "matrix"))
def test_algorithms_search_with_it(own, name):
    problem = MOSSProblem(encoder=own)
    result = minimize(problem, ALGORITHMS[name](), ("n_gen", 3), seed=1)
    np.testing.assert_allclose(result.F, direct(own, result.X), rtol=1e-4, atol=1e-6)
    assert problem.hypervolume(result.F) > 0


def test_an_encoder_whose_method_was_replaced_is_no_linear_mixture_any_more(picture, sound, rng):
    encoder = MaskEncoder(picture, sound, grid=GRID)
    assert encoder.linear_mixture
    encoder.mask = lambda x: MaskEncoder.mask(encoder, x) / 2
    assert not encoder.linear_mixture
    x = rng.random((2, encoder.n_var))
    np.testing.assert_allclose(MOSSProblem(encoder=encoder).evaluate(x), direct(encoder, x), rtol=1e-5)


def test_ends_of_its_own_are_where_samplings_start(picture, sound):
    class Inverted(MaskEncoder):
        def mask(self, x):
            return 1 - super().mask(x)

        @property
        def ends(self):
            return super().ends[::-1]

    problem = MOSSProblem(encoder=Inverted(picture, sound, grid=GRID))
    seeds = GradientSeedSampling(n_seeds=4, steps=1)(problem, 4, random_state=np.random.default_rng(1))
    assert (seeds[0].X == 0).all()
    assert (seeds[-1].X == 1).all()
    np.testing.assert_allclose(seeds.get("F")[[0, -1], [0, 1]], 0, atol=1e-6)
    levels = LevelSampling()(problem, 3, random_state=np.random.default_rng(1)).get("X")
    np.testing.assert_array_equal(levels[:, 0], [1.0, 0.5, 0.0])


def test_number_and_ends_of_variables_may_be_set_by_the_constructor(picture, sound, rng):
    class Levels(MaskEncoder):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            self.n_var = 3
            self.ends = np.array([[0.5, 0.5, 0.5], [1.0, 1.0, 1.0]])

        def mask(self, x):
            level = 2 * self.variables(x).to(self.picture).amin(dim=1)[:, None, None] - 1
            return level.clamp(min=0).expand(-1, *self.plane)

    encoder = Levels(picture, sound, grid=GRID)
    problem = MOSSProblem(encoder=encoder)
    assert (problem.n_var, problem.grid, encoder.linear_mixture) == (3, None, False)
    x = rng.random((4, 3))
    np.testing.assert_allclose(problem.evaluate(x), direct(encoder, x), rtol=1e-5, atol=1e-6)
    levels = LevelSampling()(problem, 3, random_state=rng).get("X")
    np.testing.assert_array_equal(levels, np.repeat([[0.5], [0.75], [1.0]], 3, axis=1))


def encoder_with(picture, sound, **members):
    kind = type("Faulty", (MaskEncoder,), members)
    return kind(picture, sound, grid=GRID)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"n_var": 5}, r"expected Faulty to override mask\(x\)"),
        ({"mask": lambda self, x: self.picture}, r"\(n, F, T\) = .* from Faulty.mask\(x\)"),
        ({"mask": lambda self, x: None}, "got NoneType"),
        ({"mask": lambda self, x: 2 * MaskEncoder.mask(self, x)}, r"mask\(x\) within \[0, 1\]"),
        (
            {"mask": lambda self, x: MaskEncoder.mask(self, x) * torch.nan},
            r"mask\(x\) within \[0, 1\], got values from nan",
        ),
        ({"blend": lambda self, grids: -self.shares(grids)[0]}, r"mix\(x\) within \[0, inf\]"),
        (
            {"ends": np.zeros((2, 3)), "mix": lambda self, x: MaskEncoder.mix(self, x)},
            r"ends of shape \(2, n_var\)",
        ),
    ],
)
def test_what_an_encoder_lacks_is_said_in_one_line(picture, sound, members, message):
    with pytest.raises(OptionError, match=message) as caught:
        MOSSProblem(encoder=encoder_with(picture, sound, **members))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_planes_in_half_precision_are_refused(picture, sound, dtype):
    with pytest.raises(OptionError, match=f"float32 or torch.float64, got {dtype}"):
        MaskEncoder(picture, sound, grid=GRID, dtype=dtype)
    converted = MaskEncoder(picture, sound, grid=GRID).to(dtype)
    with pytest.raises(OptionError, match=f"float32 or torch.float64, got {dtype}"):
        MOSSProblem(encoder=converted)


def test_something_else_than_an_encoder_is_refused():
    with pytest.raises(OptionError, match="expected a MaskEncoder or a subclass of it, got Linear"):
        MOSSProblem(encoder=torch.nn.Linear(2, 2))


def test_roughness_needs_a_grid(picture, sound):
    with pytest.raises(ObjectiveError, match="variables of Sums are on no grid"):
        MOSSProblem(encoder=Sums(picture, sound, grid=GRID), objectives=["visual_l1", "mask_roughness"])
    squared = MOSSProblem(
        encoder=Squared(picture, sound, grid=GRID), objectives=["visual_l1", "mask_roughness"]
    )
    steps = np.zeros((6, 8))
    steps[::2] = 1.0
    pairs = 5 * 8 + 6 * 7
    assert squared.evaluate(steps.reshape(1, -1))[0, 1] == pytest.approx(5 * 8 / pairs)


def test_the_callers_encoder_stays_as_it_is(encoder):
    before = {name: value.data_ptr() for name, value in encoder.state_dict().items()}
    for device in (None, "cpu"):
        assert MOSSProblem(encoder=encoder, device=device).encoder is encoder
    assert {name: value.data_ptr() for name, value in encoder.state_dict().items()} == before


def test_an_encoder_on_another_device_is_copied_and_not_moved(picture, sound, monkeypatch):
    """A device that this machine lacks: the encoder says that it is there, and may not be moved."""
    encoder = MaskEncoder(picture, sound, grid=GRID)
    moved = []
    monkeypatch.setattr(MaskEncoder, "to", lambda self, device: moved.append((self, device)) or self)
    on_device(encoder, torch.device("cuda", 1))
    ((copied, device),) = moved
    assert copied is not encoder
    assert device == torch.device("cuda", 1)
    moved.clear()
    MOSSProblem(encoder=encoder)
    MOSSProblem(encoder=encoder, device="cpu")
    assert moved == []


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16])
def test_masks_and_mixtures_of_another_precision_are_converted(picture, sound, dtype, rng):
    class Other(MaskEncoder):
        def mask(self, x):
            return super().mask(x).to(dtype)

    class OtherMixture(MaskEncoder):
        def blend(self, grids):
            return super().blend(grids).to(dtype)

    for kind in (Other, OtherMixture):
        encoder = kind(picture, sound, grid=GRID)
        problem = MOSSProblem(encoder=encoder, objectives=["visual_display", "audio_log_l1"])
        x = rng.random((2, problem.n_var))
        plain = MOSSProblem(picture, sound, grid=GRID, objectives=["visual_display", "audio_log_l1"])
        np.testing.assert_allclose(problem.evaluate(x), plain.evaluate(x), rtol=2e-2)
        assert encoder.waveform(x).dtype == torch.float32


def test_a_mask_that_cannot_be_differentiated_is_named(picture, sound, rng):
    class ByNumpy(MaskEncoder):
        def mask(self, x):
            return super().mask(x).detach()

    problem = MOSSProblem(encoder=ByNumpy(picture, sound, grid=GRID))
    with pytest.warns(UserWarning, match="no gradient with the mixture of ByNumpy"):
        assert np.isnan(problem.evaluate(rng.random((1, problem.n_var)), return_values_of=["dF"])).all()


def test_an_encoder_with_the_default_formula_has_the_default_gradients_at_both_ends(picture, sound):
    class Same(MaskEncoder):
        def mask(self, x):
            return super().mask(x)

    for dtype, columns in ((torch.float32, [0]), (torch.float64, [0, 1])):
        # In float32 a mask next to 1 has lost the digits that audio_log_l1 needs.
        options = {"grid": GRID, "dtype": dtype}
        own = MOSSProblem(encoder=Same(picture, sound, **options))
        default = MOSSProblem(encoder=MaskEncoder(picture, sound, **options))
        for end in default.ends:
            for x in (end, np.clip(end, 1e-7, 1 - 1e-7)):
                found, expected = (p.evaluate(x[None], return_values_of=["dF"])[0] for p in (own, default))
                scale = np.abs(expected).max(axis=1, keepdims=True)
                np.testing.assert_allclose((found / scale)[columns], (expected / scale)[columns], atol=2e-3)
