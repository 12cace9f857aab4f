import subprocess
import sys

import pytest
import torch

from pymoo_moss.search.adam import Adam

SEARCH = """if True:
    import sys
    from pymoo_moss import GradientSeedSampling, HybridAlgorithm, get_problem, minimize_weighted
    from pymoo.optimize import minimize
    problem = get_problem("owl-drums-16x32")
    seeding = GradientSeedSampling(n_seeds=4, steps=2)
    minimize(problem, HybridAlgorithm(seeding=seeding, pop_size=8), ("n_gen", 2), seed=1)
    minimize_weighted(problem, [0.5, 0.5], steps=2)
    print({"torch._dynamo", "torch._inductor"} & set(sys.modules))"""


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_steps_are_those_of_torch(dtype):
    generator = torch.Generator().manual_seed(0)
    found = torch.randn(5, 300, dtype=dtype, generator=generator)
    expected = found.clone()
    adam, reference = Adam(found, 0.05), torch.optim.Adam([expected], lr=0.05)
    for _ in range(50):
        # Gradients of all sizes, and one variable in five has none.
        gradient = torch.randn(found.shape, dtype=dtype, generator=generator)
        gradient *= 10.0 ** torch.randint(-6, 3, found.shape, generator=generator)
        gradient[0] = 0
        adam.step(gradient)
        expected.grad = gradient.clone()
        reference.step()
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.process
def test_a_search_does_not_import_torchs_compiler():
    done = subprocess.run([sys.executable, "-c", SEARCH], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "set()"
