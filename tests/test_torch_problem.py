"""Losses as a torch module, against `MOSSProblem.evaluate`, direct formulas and torch's own checks."""

import copy
import pickle

import numpy as np
import pytest
import torch
from pymoo.core.problem import Problem
from pymoo.problems.multi import ZDT1
from torch.autograd import forward_ad, gradcheck

from pymoo_moss import MaskEncoder, MOSSProblem, TorchProblem
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.objectives import Objective

GRID = (6, 8)
SETTINGS = {
    "notebook": {},
    "normalised": {"normalize": True},
    "display": {"preset": "display"},
    "three": {"objectives": ["visual_l1", "audio_log_l1", "mask_roughness"]},
    "torch": {"engine": "torch"},
}


@pytest.fixture(scope="module", params=SETTINGS)
def problem(request, picture, sound):
    return MOSSProblem(picture, sound, grid=GRID, **SETTINGS[request.param])


@pytest.fixture(scope="module")
def plain(picture, sound):
    return MOSSProblem(picture, sound, grid=GRID)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_losses_and_jacobian_are_those_of_evaluate(problem, dtype, rng):
    x = torch.from_numpy(rng.random((5, problem.n_var))).to(dtype).requires_grad_()
    values, gradients = problem.evaluate(x.detach().numpy().astype(float), return_values_of=["F", "dF"])
    losses = problem.as_torch()(x)
    assert losses.dtype == dtype
    np.testing.assert_allclose(losses.detach(), values, rtol=1e-6)
    for column in range(problem.n_obj):
        (found,) = torch.autograd.grad(losses[:, column].sum(), x, retain_graph=True)
        assert found.dtype == dtype
        np.testing.assert_allclose(
            found, gradients[:, column], rtol=1e-5, atol=1e-7 * np.abs(gradients).max()
        )


def test_gradients_pass_torchs_own_check(picture, sound, rng):
    encoder = MaskEncoder(picture, sound, grid=(2, 3), dtype=torch.float64)
    losses = MOSSProblem(encoder=encoder, normalize=True).as_torch()
    x = torch.from_numpy(0.1 + 0.8 * rng.random((2, losses.dim))).requires_grad_()
    assert gradcheck(losses, x, eps=1e-6, rtol=1e-4)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_at_both_ends_derivatives_are_one_sided_into_the_box(plain, level):
    """Of formulas in float64: linear in the mask, and logarithmic in it."""
    encoder = plain.encoder
    x = torch.full((plain.n_var,), level, dtype=torch.float64, requires_grad=True)
    jacobian = torch.stack(
        [torch.autograd.grad(loss, x, retain_graph=True)[0] for loss in plain.as_torch()(x)]
    )
    image, audio = encoder.image_magnitude.double(), encoder.audio_magnitude.double()
    spread = encoder.mask_map.double()
    visual = -spread.adjoint((image - audio).abs()[None])[0].flatten() / image.numel()
    encoder.mask_map.float()
    np.testing.assert_allclose(jacobian[0], visual, rtol=1e-5, atol=1e-7 * float(visual.abs().max()))
    at_end = (audio if level == 0 else image) + 1e-8
    left, right = (encoder.mask_map.left.double(), encoder.mask_map.right.double())
    heard = (left.T @ ((image - audio).abs() / at_end) @ right).flatten() / image.numel()
    np.testing.assert_allclose(jacobian[1], heard, rtol=1e-3, atol=1e-5 * float(heard.max()))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,)])
def test_any_leading_shape_is_kept(plain, shape, rng):
    x = torch.from_numpy(rng.random((*shape, plain.n_var)))
    losses = plain.as_torch()(x)
    assert losses.shape == (*shape, 2)
    np.testing.assert_array_equal(
        losses.reshape(-1, 2), plain.evaluate(x.reshape(-1, plain.n_var).numpy()).reshape(-1, 2)
    )


def test_what_other_libraries_ask_for_is_there(plain):
    module = plain.as_torch()
    assert isinstance(module, torch.nn.Module)
    assert (module.dim, module.num_objectives) == (plain.n_var, 2)
    np.testing.assert_array_equal(module.bounds, [np.zeros(plain.n_var), np.ones(plain.n_var)])
    np.testing.assert_array_equal(module.ref_point, plain.ref_point)
    assert set(dict(module.named_buffers())) == {"bounds", "ref_point"}
    x = torch.full((2, plain.n_var), 0.3)
    assert torch.equal(module.evaluate(x), module(x))


def test_negated_losses_have_a_negated_reference_point_and_gradient(plain):
    x = torch.full((plain.n_var,), 0.3, requires_grad=True)
    losses, negated = plain.as_torch(), plain.as_torch(negate=True)
    assert torch.equal(negated(x), -losses(x))
    np.testing.assert_array_equal(negated.ref_point, -plain.ref_point)
    grads = [torch.autograd.grad(module(x).sum(), x)[0] for module in (losses, negated)]
    assert torch.equal(grads[1], -grads[0])


def test_no_gradient_is_computed_where_none_is_needed(plain, monkeypatch):
    module, x = plain.as_torch(), torch.full((plain.n_var,), 0.3, requires_grad=True)
    wanted = []
    losses = plain.tensor_losses
    monkeypatch.setattr(
        plain, "tensor_losses", lambda x, gradients: wanted.append(gradients) or losses(x, gradients)
    )
    module(x.detach())
    with torch.no_grad():
        assert not module(x).requires_grad
    with torch.inference_mode():
        module(torch.full((2, plain.n_var), 0.3))
    assert wanted == [None] * 3
    assert module(x).requires_grad
    assert wanted[3:] == [torch.float32]


@pytest.mark.parametrize("names", [["visual_l1", "audio_log_l1"], ["visual_l1", "audio_mel"]])
def test_neither_autocast_nor_inference_mode_changes_anything(picture, sound, names, rng):
    x = rng.random((2, GRID[0] * GRID[1]))
    expected = MOSSProblem(picture, sound, grid=GRID, objectives=names, engine="torch").evaluate(
        x, return_values_of=["F", "dF"]
    )
    with torch.inference_mode():
        problem = MOSSProblem(picture, sound, grid=GRID, objectives=names, engine="torch")
        found = problem.evaluate(torch.from_numpy(x), return_values_of=["F", "dF"])
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    masks = torch.from_numpy(x).requires_grad_()
    with torch.autocast("cpu"):
        losses = problem.as_torch()(masks)
        losses.sum().backward()
        np.testing.assert_array_equal(problem.evaluate(x), expected[0])
    np.testing.assert_array_equal(losses.detach(), expected[0])
    np.testing.assert_allclose(masks.grad, expected[1].sum(axis=1), rtol=1e-12)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.full((2, 48), 0.5, dtype=torch.float16), r"got a tensor of torch.float16.*x.float\(\)"),
        (torch.full((2, 48), 0.5, dtype=torch.bfloat16), "torch.bfloat16"),
        (torch.ones(2, 48, dtype=torch.long), "torch.int64"),
        (torch.full((2, 48), 0.5).to_sparse(), "expected masks as a dense float32 or float64 tensor"),
        (torch.full((2, 48), 0.5, device="meta"), "on meta"),
        (np.full((2, 48), 0.5), "got ndarray"),
        (torch.full((2, 47), 0.5), r"shape \(\.\.\., 48\), got \(2, 47\)"),
        (torch.tensor(0.5), r"got \(\)"),
        (torch.full((2, 48), 1.01), "got values from 1.0099.* clamp them, or optimise their logits"),
        (torch.full((2, 48), torch.nan), "got values from nan"),
    ],
)
def test_other_tensors_are_refused_in_one_line(plain, x, message):
    with pytest.raises(OptionError, match=message) as caught:
        plain.as_torch()(x)
    assert "\n" not in str(caught.value)


def test_rounding_beyond_the_bounds_is_forgiven(plain):
    beyond = torch.full((plain.n_var,), 1 + 1e-7, dtype=torch.float64)
    assert torch.equal(plain.as_torch()(beyond), plain.as_torch()(torch.ones_like(beyond)))


def test_losses_can_be_differentiated_once(plain):
    x = torch.full((plain.n_var,), 0.3, requires_grad=True)
    (slope,) = torch.autograd.grad(plain.as_torch()(x).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiated once"):
        slope.sum().backward()


def test_the_jacobian_comes_from_torchs_transform(plain, rng):
    x = torch.from_numpy(rng.random(plain.n_var))
    expected = plain.evaluate(x.numpy(), return_values_of=["F", "dF"])[1]
    np.testing.assert_allclose(torch.func.jacrev(plain.as_torch())(x), expected, rtol=1e-12)


def test_copies_and_pickles_are_the_same(plain):
    module, x = plain.as_torch(negate=True), torch.full((2, plain.n_var), 0.3)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(other(x), module(x))
        assert torch.equal(other.ref_point, module.ref_point)


class Detached(Objective):
    name = "detached"

    def __call__(self, mix, encoder):
        return mix.detach().mean(dim=(1, 2))


def test_an_objective_without_gradient_matters_only_where_it_is_used(picture, sound):
    losses = MOSSProblem(picture, sound, grid=GRID, objectives=["visual_l1", Detached()]).as_torch()
    x = torch.full((2, losses.dim), 0.3, requires_grad=True)
    with pytest.warns(UserWarning, match="has no gradient"):
        values = losses(x)
    (alone,) = torch.autograd.grad(values[:, 0].sum(), x, retain_graph=True)
    assert alone.isfinite().all()
    (both,) = torch.autograd.grad(values.sum(), x)
    assert both.isnan().all()


class Doubled(MOSSProblem):
    """F of its own."""

    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        out.update({name: 2 * out[name] for name in ("F", "dF") if name in out})


class Wrapped(Problem):
    """Other variables around another problem."""

    def __init__(self, inner):
        super().__init__(n_var=inner.n_var, n_obj=inner.n_obj, xl=-1.0, xu=np.linspace(1, 3, inner.n_var))
        self.inner = inner

    def _evaluate(self, x, out, *args, **kwargs):
        span = self.xu - self.xl
        values, slopes = self.inner.evaluate((x - self.xl) / span, return_values_of=["F", "dF"])
        out["F"] = values
        if "dF" in out:
            out["dF"] = slopes / span


def test_a_subclass_or_a_wrapping_problem_has_its_own_losses(plain, rng):
    x = torch.from_numpy(rng.random((3, plain.n_var))).requires_grad_()
    losses = plain.as_torch()(x)
    (slope,) = torch.autograd.grad(losses.sum(), x)
    doubled = Doubled(encoder=plain.encoder).as_torch()(x)
    np.testing.assert_allclose(doubled.detach(), 2 * losses.detach(), rtol=1e-12)
    np.testing.assert_allclose(torch.autograd.grad(doubled.sum(), x)[0], 2 * slope, rtol=1e-12)
    wrapped = TorchProblem(Wrapped(plain))
    low, high = wrapped.bounds
    others = (low + (high - low) * x.detach()).requires_grad_()
    found = wrapped(others)
    np.testing.assert_allclose(found.detach(), losses.detach(), rtol=1e-9)
    expected = slope / (high - low)
    np.testing.assert_allclose(
        torch.autograd.grad(found.sum(), others)[0],
        expected,
        rtol=1e-4,
        atol=1e-6 * float(expected.abs().max()),
    )
    assert wrapped.ref_point.isnan().all()


def test_a_problem_without_gradients_gives_losses_alone():
    losses = TorchProblem(ZDT1(n_var=5))
    x = torch.full((2, 5), 0.5, dtype=torch.float64)
    np.testing.assert_allclose(losses(x), ZDT1(n_var=5).evaluate(x.numpy()))


def test_evaluate_takes_tensors_of_any_precision(plain):
    expected = plain.evaluate(np.full((3, plain.n_var), 0.5))
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        np.testing.assert_array_equal(
            plain.evaluate(torch.full((3, plain.n_var), 0.5, dtype=dtype)), expected
        )
    assert plain.evaluate(torch.full((plain.n_var,), 0.5)).shape == (2,)
    np.testing.assert_array_equal(plain.evaluate([[0.5] * plain.n_var] * 3), expected)
    with pytest.raises(OptionError, match=r"problem.as_torch\(\)"):
        plain.evaluate(torch.full((3, plain.n_var), 0.5, requires_grad=True))
    no_values = torch.full((2, 48), 0.5, device="meta")
    for wrong in (
        no_values,
        "x",
        None,
        0.5,
        np.full((2, 3), 0.5),
        np.full((2, 48), 1j),
        np.zeros((2, 2, 24)),
    ):
        with pytest.raises(OptionError, match=r"expected masks (of|with)"):
            plain.evaluate(wrong)


@pytest.mark.parametrize("names", [["visual_l1", "audio_log_l1"], ["visual_l1", "audio_mel"]])
def test_gradients_are_there_within_no_grad(picture, sound, names, rng):
    problem = MOSSProblem(picture, sound, grid=GRID, objectives=names)
    x = rng.random((2, problem.n_var))
    expected = problem.evaluate(x, return_values_of=["dF"])
    with torch.no_grad():
        np.testing.assert_array_equal(problem.evaluate(x, return_values_of=["dF"]), expected)


def test_second_derivatives_raise_an_error_and_are_not_zero(plain, rng):
    losses, x = plain.as_torch(), torch.from_numpy(rng.random(plain.n_var)).requires_grad_()
    (slope,) = torch.autograd.grad(losses(x).sum(), x, create_graph=True)
    for second in (
        lambda: (losses(x).sum() + slope.square().sum()).backward(),
        lambda: torch.autograd.functional.hessian(lambda masks: losses(masks).sum(), x.detach()),
        lambda: torch.func.jacrev(torch.func.jacrev(lambda masks: losses(masks).sum()))(x.detach()),
    ):
        with pytest.raises(RuntimeError, match="differentiated once"):
            second()


def test_forward_mode_is_refused_and_no_tangent_lost(plain):
    x = torch.full((plain.n_var,), 0.3)
    with forward_ad.dual_level(), pytest.raises(RuntimeError, match="forward mode AD"):
        plain.as_torch()(forward_ad.make_dual(x, torch.ones_like(x)))


def test_losses_may_be_changed_in_place(plain):
    for shape in ((plain.n_var,), (2, plain.n_var)):
        x = torch.full(shape, 0.3, requires_grad=True)
        losses = plain.as_torch()(x)
        expected = torch.autograd.grad(2 * plain.as_torch()(x).sum(), x)[0]
        losses *= 2
        assert torch.equal(torch.autograd.grad(losses.sum(), x)[0], expected)


def test_a_converted_or_loaded_module_checks_the_problems_own_bounds(plain):
    other = TorchProblem(Wrapped(plain))
    module = plain.as_torch().half()
    module.load_state_dict(other.state_dict())
    x = torch.full((2, plain.n_var), 0.3)
    assert torch.equal(module(x), plain.as_torch()(x))
    with pytest.raises(OptionError, match="bounds, 0 to 1, got values from 2"):
        module(torch.full((2, plain.n_var), 2.0))


class WithoutGradients(MOSSProblem):
    """Fills F alone."""

    def _evaluate(self, x, out, *args, **kwargs):
        found = {}
        super()._evaluate(x, found)
        out["F"] = found["F"]


class HalfOfThem(MOSSProblem):
    def _evaluate(self, x, out, *args, **kwargs):
        super()._evaluate(x, out, *args, **kwargs)
        if "dF" in out:
            out["dF"][:, 1] = np.inf


def test_gradients_that_a_problem_does_not_give_are_not_made_up(plain):
    x = torch.full((2, plain.n_var), 0.3, requires_grad=True)
    with pytest.raises(ObjectiveError, match="expected gradients dF from WithoutGradients, got none"):
        WithoutGradients(encoder=plain.encoder).as_torch()(x)
    losses = HalfOfThem(encoder=plain.encoder).as_torch()(x)
    assert torch.autograd.grad(losses[:, 0].sum(), x, retain_graph=True)[0].isfinite().all()
    assert torch.autograd.grad(losses.sum(), x)[0].isnan().all()


def test_a_problem_without_bounds_is_refused():
    with pytest.raises(OptionError, match="expected a problem with bounds xl and xu, got Problem without"):
        TorchProblem(Problem(n_var=3, n_obj=2))
