"""Compiled loops against torch, the direct formula and brute force; fallback where they are unavailable."""

import numpy as np
import pytest
import torch
from pytorch_msssim import ssim

from pymoo_moss import MaskEncoder, MOSSProblem
from pymoo_moss._compiling import compiled
from pymoo_moss.errors import ObjectiveError, OptionError
from pymoo_moss.objectives import AudioLogL1, Objective, fused
from pymoo_moss.objectives.fused import lanes, packing, plane_layout

from .. import reference
from ..conftest import GRID
from ..marks import few

BOTH = ["F", "dF"]


def both_engines(encoder, **options):
    return (MOSSProblem(encoder=encoder, engine=engine, **options) for engine in ("numba", "torch"))


def assert_same(found, expected, gradient_rtol=1e-3):
    """Compare values to float32's rounding, and gradients relative to the largest of each objective."""
    np.testing.assert_allclose(found[0], expected[0], rtol=2e-5, atol=1e-12)
    largest = np.abs(expected[1]).max(axis=(0, 2), keepdims=True)
    assert (np.abs(found[1] - expected[1]) <= gradient_rtol * largest).all()


@pytest.mark.parametrize("smoothing", [0.0, 2.0, 5.0])
@pytest.mark.parametrize("grid", few([(1, 1), (3, 20), (40, 2), GRID], [(1, 1), (40, 2)], "matrix"))
@pytest.mark.parametrize("preset", ["notebook", "display", "listener"])
def test_both_engines_agree_on_any_grid_and_blur(picture, sound, preset, grid, smoothing, rng):
    options = {"grid": grid, "smoothing": smoothing}
    if preset != "notebook":
        options |= {"dynamic_range_db": 70, "gamma": 1.3}
    compiled, by_torch = both_engines(MaskEncoder(picture, sound, **options), preset=preset)
    x = rng.random((18, compiled.n_var))
    assert_same(compiled.evaluate(x, return_values_of=BOTH), by_torch.evaluate(x, return_values_of=BOTH))


@pytest.mark.parametrize(
    "options",
    [{"frequency_axis": "log", "fmin": 100}, {"frequency_axis": "mel", "n_fft": 256, "hop_length": 64}],
)
@pytest.mark.parametrize("preset", ["notebook", "display", "listener"])
def test_both_engines_agree_on_any_plane(picture, sound, preset, options, rng):
    x = rng.random((3, GRID[0] * GRID[1]))
    found, expected = (
        MOSSProblem(picture, sound, preset=preset, grid=GRID, engine=engine, **options).evaluate(
            x, return_values_of=BOTH
        )
        for engine in ("numba", "torch")
    )
    assert_same(found, expected)


@pytest.mark.parametrize("level", [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2])
def test_digits_stay_where_the_product_of_values_near_one_loses_them(encoder, level, rng):
    x = level * rng.random((1, encoder.n_var))
    problem = MOSSProblem(encoder=encoder, engine="numba")
    expected = reference.notebook_objectives(x, encoder)
    np.testing.assert_allclose(problem.evaluate(x), expected, rtol=1e-5)


@pytest.mark.parametrize("preset", ["notebook", "display", "listener"])
def test_any_number_of_threads_gives_the_same_bits(picture, sound, preset, rng):
    x = rng.random((20, GRID[0] * GRID[1]))
    results = [
        MOSSProblem(picture, sound, preset=preset, grid=GRID, engine="numba", threads=threads).evaluate(
            x, return_values_of=BOTH
        )
        for threads in (1, 2, 3, 7)
    ]
    for values, gradients in results[1:]:
        np.testing.assert_array_equal(values, results[0][0])
        np.testing.assert_array_equal(gradients, results[0][1])


# Segments of few columns, whose sums stay in registers, and of more.
@pytest.mark.parametrize("grid", [(3, 5), (24, 14)])
@pytest.mark.parametrize("preset", ["notebook", "display", "listener"])
def test_a_mask_has_the_same_bits_among_any_number_of_others(picture, sound, preset, grid, rng):
    problem = MOSSProblem(picture, sound, preset=preset, grid=grid, engine="numba")
    x = rng.random((38, problem.n_var))
    x[4] = 0
    x[5] = 1
    values, gradients = problem.evaluate(x, return_values_of=BOTH)
    # One block of four, of eight and of sixteen masks, full and not, and several blocks of two widths.
    for count in (1, 3, 4, 5, 8, 9, 12, 16, 17, 22, 33):
        for start in (0, 38 - count):
            some = slice(start, start + count)
            found = problem.evaluate(x[some], return_values_of=BOTH)
            np.testing.assert_array_equal(found[0], values[some])
            np.testing.assert_array_equal(found[1], gradients[some])
            np.testing.assert_array_equal(problem.evaluate(x[some]), values[some])


def test_the_parts_of_a_gradient_have_the_same_bits_in_blocks_of_any_width(encoder, rng):
    loops = fused.FusedAudioLogL1(encoder)
    x = rng.random((21, encoder.n_var))
    whole = loops.parts(x)
    for count in (1, 6, 13, 20):
        for found, expected in zip(loops.parts(x[:count]), whole, strict=True):
            np.testing.assert_array_equal(found, expected[:count])


@pytest.mark.parametrize("masks", [1, 4, 7, 15, 16, 19, 40])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_packed_masks_are_those_of_the_batch_and_silence(masks, dtype, rng):
    x = rng.random((masks, 15)).astype(dtype)
    x[0, :3] = 0, 1, 1 - 2.0**-24
    seen = []
    for packed in packing.pack(x, (3, 5)):
        shape = 2, packed.blocks, 15, packed.width
        complements, levels = packed.values[: np.prod(shape)].reshape(shape).swapaxes(2, 3).reshape(2, -1, 15)
        assert packed.first == sum(map(len, seen))
        seen.append(levels[: masks - packed.first])
        np.testing.assert_array_equal(levels[len(seen[-1]) :], 0)
        np.testing.assert_array_equal(complements[len(seen[-1]) :], 1)
        of_batch = x[packed.masks]
        np.testing.assert_array_equal(seen[-1], of_batch.astype(np.float32))
        exact = (1 - of_batch.astype(float)).astype(np.float32)
        np.testing.assert_array_equal(complements[: len(exact)], exact)
    assert len(np.concatenate(seen)) == masks


def test_the_gradients_parts_are_those_of_softer_and_of_louder_bins(encoder, rng):
    x = rng.random((2, encoder.n_var))
    parts = fused.FusedAudioLogL1(encoder).parts(x)
    levels = torch.from_numpy(x).reshape(-1, *encoder.grid).requires_grad_()
    audio, image = encoder.audio_magnitude.double() + 1e-8, encoder.image_magnitude.double() + 1e-8
    share = reference.mask(levels, encoder.plane, 5.0)
    terms = torch.log(1 + share * (image / audio - 1)).abs() / audio.numel()
    for part, bins in ((parts.convex, image < audio), (parts.concave, image >= audio)):
        (expected,) = torch.autograd.grad(terms[:, bins].sum(), levels, retain_graph=True)
        np.testing.assert_allclose(part, expected.flatten(1), rtol=1e-4, atol=1e-6 * float(expected.max()))
    # Their names in version 0.1.
    assert parts.falls is parts.convex
    assert parts.rises is parts.concave


def test_every_bin_of_the_plane_is_one_point_of_one_chunk(rng):
    right = np.zeros((50, 9))
    for frame in range(50):
        right[frame, frame // 6 : frame // 6 + 2] = rng.random(2)[: 9 - frame // 6]
    convex = rng.random((7, 50)) < 0.7
    values = rng.random((7, 50))
    width = plane_layout.columns_per_segment(right, 9)
    chunk = plane_layout.make_chunk(right, width, convex, values, values + 1, neutral=5.0)
    segments = len(chunk.segment_columns)
    seen = np.zeros((7, 50), int)
    coefficients = chunk.coefficients.reshape(-1, 1 + width, plane_layout.GROUP)
    for run, (start, end) in enumerate(zip(chunk.starts[:-1], chunk.starts[1:], strict=True)):
        f, kind, segment = run // (2 * segments), run // segments % 2, run % segments
        for group, slot in np.ndindex(end - start, plane_layout.GROUP):
            base, *slopes = coefficients[start + group, :, slot]
            if base == 5.0:
                assert not any(slopes)
                continue
            frame = chunk.frame[plane_layout.GROUP * (start + group) + slot]
            assert convex[f, frame] == (kind == plane_layout.CONVEX)
            assert base == np.float32(values[f, frame])
            expected = np.zeros(9)
            first = chunk.first_column + chunk.segment_columns[segment]
            expected[first : first + width] = slopes
            np.testing.assert_allclose(expected, (values[f, frame] + 1) * right[frame], rtol=1e-6)
            seen[f, frame] += 1
    assert (seen == 1).all()


def test_the_logarithm_of_lanes_is_numpys():
    @compiled
    def logarithms(values, out):
        for start in range(0, values.size, lanes.WIDTH):
            lanes.store(out, start, lanes.log(lanes.load(values, start)))

    rng = np.random.default_rng(0)
    values = np.concatenate([np.exp(rng.uniform(-80, 80, 4096)), rng.uniform(0.5, 2, 4095), [1.0]])
    values = values.astype(np.float32)
    out = np.empty_like(values)
    logarithms(values, out)
    expected = np.log(values.astype(float))
    np.testing.assert_allclose(out, expected, rtol=2e-7, atol=1e-7)
    assert out[-1] == 0


@pytest.mark.parametrize("shape", [(11, 11), (12, 30), (40, 57)])
def test_the_similarity_of_views_is_that_of_pytorch_msssim(shape, rng):
    target, views = rng.random(shape), rng.random((3, *shape))
    views[2] = target
    gradients = views.astype(np.float32)
    losses = fused.FusedSimilarity(target).differentiate(gradients)
    leaf = torch.from_numpy(views)[:, None].requires_grad_()
    similarity = ssim(leaf, torch.from_numpy(target).expand(3, 1, *shape), 1.0, size_average=False)
    (expected,) = torch.autograd.grad((1 - similarity).sum(), leaf)
    np.testing.assert_allclose(losses, 1 - similarity.detach(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(gradients, expected[:, 0], atol=1e-5 * float(expected.abs().max()))
    np.testing.assert_array_equal(fused.FusedSimilarity(target).values(views.astype(np.float32)), losses)


def test_bands_too_wide_for_the_loops_go_to_torch(picture, sound, rng):
    encoder = MaskEncoder(picture, sound, grid=(8, 60), smoothing=40.0)
    with pytest.raises(OptionError, match="grid columns"):
        MOSSProblem(encoder=encoder, engine="numba")
    x = rng.random((2, encoder.n_var))
    np.testing.assert_allclose(
        MOSSProblem(encoder=encoder).evaluate(x), reference.notebook_objectives(x, encoder, 40.0), rtol=1e-5
    )


def test_float64_and_other_objectives_go_to_torch(encoder, exact_encoder):
    with pytest.raises(OptionError, match="float32 planes on the CPU"):
        MOSSProblem(encoder=exact_encoder, engine="numba")
    with pytest.raises(OptionError, match="visual_ssim, audio_mel has compiled loops"):
        MOSSProblem(encoder=encoder, objectives=["visual_ssim", "audio_mel"], engine="numba")
    with pytest.raises(OptionError, match="torch"):
        MOSSProblem(encoder=encoder, engine="fortran")


def test_objectives_with_and_without_loops_share_a_problem(encoder, rng):
    names = ["mask_roughness", "audio_log_l1", "visual_ssim", "visual_l1"]
    compiled, by_torch = both_engines(encoder, objectives=names)
    x = rng.random((3, encoder.n_var))
    assert_same(compiled.evaluate(x, return_values_of=BOTH), by_torch.evaluate(x, return_values_of=BOTH))


@pytest.mark.parametrize("level", [1e-7, 1e-4, 1e-3])
def test_digits_stay_near_the_sound_in_the_display_too(picture, sound, level, rng):
    compiled, by_torch = both_engines(
        MaskEncoder(picture, sound, grid=GRID, dynamic_range_db=70), preset="display"
    )
    x = np.vstack([level * rng.random((2, compiled.n_var)), np.zeros((1, compiled.n_var))])
    x[1, ::2] = 0
    found, expected = compiled.evaluate(x)[:, 1], by_torch.evaluate(x)[:, 1]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found[2] == 0


@pytest.mark.parametrize("engine", ["numba", "torch"])
@pytest.mark.parametrize("dynamic_range_db", [10, 20])
def test_gradients_are_finite_where_nothing_can_be_heard(picture, engine, dynamic_range_db, rng):
    fading = rng.standard_normal(20000) * np.clip(1 - np.arange(20000) / 15000, 0, 1)
    options = {"preset": "display", "dynamic_range_db": dynamic_range_db, "fmax": 4000, "grid": (6, 8)}
    problem = MOSSProblem(picture, (fading, 16000), engine=engine, **options)
    assert np.isfinite(problem.evaluate(np.full(48, 0.5), return_values_of=["dF"])).all()


def test_order_in_memory_makes_no_difference(problem, rng):
    x = rng.random((20, problem.n_var))
    np.testing.assert_array_equal(problem.evaluate(np.asfortranarray(x)), problem.evaluate(x))


def test_masks_of_another_grid_are_refused_where_loops_would_read_beyond(encoder):
    loops = fused.FusedAudioLogL1(encoder)
    with pytest.raises(OptionError, match="expected masks of shape"):
        loops.parts(np.zeros((2, encoder.n_var // 2)))
    assert loops.parts(np.zeros((0, encoder.n_var))).convex.shape == (0, encoder.n_var)


def test_batches_are_whole_blocks_of_lanes(encoder, rng, monkeypatch):
    loops = fused.FusedAudioLogL1(encoder)
    problem = MOSSProblem(encoder=encoder, max_memory_mb=27 * loops.bytes_per_mask / 2**20)
    sizes = []
    values = fused.FusedAudioLogL1.values
    monkeypatch.setattr(
        fused.FusedAudioLogL1, "values", lambda self, x: sizes.append(len(x)) or values(self, x)
    )
    problem.evaluate(rng.random((40, encoder.n_var)))
    assert sizes == [16, 16, 8]


def test_errors_of_the_problem_are_not_blamed_on_numba(picture, recwarn):
    short = (np.random.default_rng(0).standard_normal(1100), 16000)
    for engine in ("auto", "numba"):
        with pytest.raises(ObjectiveError, match="at least 11 bins and frames"):
            MOSSProblem(picture, short, preset="display", grid=(2, 2), engine=engine)
    assert not recwarn


def test_memory_for_a_few_masks_only_goes_to_torch(encoder, rng):
    with pytest.raises(OptionError, match="max_memory_mb"):
        MOSSProblem(encoder=encoder, engine="numba", max_memory_mb=0.05)
    with pytest.raises(OptionError, match="max_memory_mb of at least"):
        MOSSProblem(encoder=encoder, max_memory_mb=0.05)


def test_too_little_memory_is_not_a_reason_to_go_to_torch(encoder, monkeypatch):
    def fail(*arguments):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")

    monkeypatch.setattr(fused.FusedAudioLogL1, "values_and_gradients", fail)
    with pytest.raises(RuntimeError, match="can't allocate memory"):
        MOSSProblem(encoder=encoder)


def test_a_machine_where_numba_cannot_compile_warns_and_goes_to_torch(encoder, rng, monkeypatch):
    def fail(*args):
        raise SystemError("no compiler for this processor")

    x = rng.random((2, encoder.n_var))
    expected = MOSSProblem(encoder=encoder, engine="torch").evaluate(x)
    monkeypatch.setattr(fused.FusedAudioLogL1, "values_and_gradients", fail)
    with pytest.warns(UserWarning, match="evaluating with torch.*no compiler for this processor"):
        problem = MOSSProblem(encoder=encoder)
    np.testing.assert_array_equal(problem.evaluate(x), expected)
    with pytest.raises(OptionError, match="no compiler for this processor"):
        MOSSProblem(encoder=encoder, engine="numba")


def test_a_subclass_with_a_loss_of_its_own_is_not_mistaken_for_its_parent(encoder, rng):
    class Doubled(AudioLogL1):
        def kernel(self, encoder):
            kernel = super().kernel(encoder)
            value = kernel.value
            kernel.value = lambda grids: 2 * value(grids)
            return kernel

    x = rng.random((2, encoder.n_var))
    plain, doubled = (
        MOSSProblem(encoder=encoder, objectives=["visual_l1", audio]).evaluate(x)
        for audio in (AudioLogL1(), Doubled())
    )
    np.testing.assert_allclose(doubled[:, 1], 2 * plain[:, 1], rtol=1e-5)


class LoopedPower(Objective):
    """Mean power of the mixture, by torch and by an evaluator of its own."""

    name = "power"
    gradient_columns = 1

    def __call__(self, mix, encoder):
        return mix.square().mean(dim=(1, 2))

    def compiled_evaluator(self, encoder):
        return PowerEvaluator(encoder, self.gradient_columns)


class PowerEvaluator:
    """Ten times the power, so that a test sees which of the two was used."""

    block, masks_at_once, bytes_per_mask = 1, 7, 1000

    def __init__(self, encoder, gradient_columns):
        self.encoder, self.gradient_columns = encoder, gradient_columns

    def values(self, x):
        assert len(x) <= self.masks_at_once
        return 10 * self.encoder.mix(x).double().square().mean(dim=(1, 2)).numpy()[:, None]

    def values_and_gradients(self, x):
        gradients = np.full((len(x), self.gradient_columns, x.shape[1]), 5.0, np.float32)
        return self.values(x), gradients


class OtherPower(LoopedPower):
    """A subclass that means another loss."""

    def __call__(self, mix, encoder):
        return mix.mean(dim=(1, 2))


def test_an_objective_brings_an_evaluator_of_its_own(encoder, rng):
    x = rng.random((20, encoder.n_var))
    power = encoder.mix(x).double().square().mean(dim=(1, 2)).numpy()
    for objectives in (["visual_l1", LoopedPower(), "audio_log_l1"], ["visual_ssim", LoopedPower()]):
        problem = MOSSProblem(encoder=encoder, objectives=objectives, engine="numba")
        values, gradients = problem.evaluate(x[:9], return_values_of=BOTH)
        np.testing.assert_allclose(values[:, 1], 10 * power[:9], rtol=1e-5)
        assert (gradients[:, 1] == 5).all()
    found = MOSSProblem(encoder=encoder, objectives=["visual_l1", LoopedPower()]).evaluate(x)
    np.testing.assert_allclose(found[:, 1], 10 * power, rtol=1e-5)


def test_an_evaluator_is_used_only_where_it_holds(encoder, picture, sound, rng):
    class Halved(MaskEncoder):
        def mask(self, x):
            return super().mask(x) / 2

    x = rng.random((2, encoder.n_var))
    by_torch = MOSSProblem(encoder=encoder, objectives=["visual_l1", LoopedPower()], engine="torch")
    np.testing.assert_allclose(
        by_torch.evaluate(x)[:, 1], encoder.mix(x).square().mean(dim=(1, 2)), rtol=1e-5
    )
    other = MOSSProblem(encoder=encoder, objectives=["visual_l1", OtherPower()])
    np.testing.assert_allclose(other.evaluate(x)[:, 1], encoder.mix(x).mean(dim=(1, 2)), rtol=1e-5)
    halved = Halved(picture, sound, grid=GRID)
    own = MOSSProblem(encoder=halved, objectives=["visual_l1", LoopedPower()])
    np.testing.assert_allclose(own.evaluate(x)[:, 1], halved.mix(x).square().mean(dim=(1, 2)), rtol=1e-5)


def test_an_evaluator_with_gradients_of_another_shape_is_refused(encoder):
    wrong = LoopedPower()
    wrong.gradient_columns = 2
    with pytest.raises(
        OptionError, match=r"gradients of shape \(n, objectives, n_var\) = .* from PowerEvaluator"
    ):
        MOSSProblem(encoder=encoder, objectives=["visual_l1", wrong])
