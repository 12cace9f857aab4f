import subprocess
import sys

import pytest

pytestmark = pytest.mark.process

CODE = """
import sys
try:
    import torchaudio.functional
    loads = True
except OSError:
    loads = False
for name in [name for name in sys.modules if name.startswith("torchaudio")]:
    del sys.modules[name]
from pymoo_moss.spectrogram._torchaudio import torchaudio_functional
functional = torchaudio_functional()
import torch
wave = torch.sin(torch.arange(480) * 0.05)
assert functional.resample(wave, 3, 1).shape == (160,)
assert functional.melscale_fbanks(65, 0.0, 4000.0, 8, 8000).shape == (65, 8)
extension = sys.modules["torchaudio._extension"]
print("compiled half", "present" if loads else "masked", extension._IS_TORCHAUDIO_EXT_AVAILABLE)
"""


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_works_whether_or_not_the_compiled_half_loads():
    assert run(CODE) in ("compiled half present True", "compiled half masked False")


def test_a_compiled_half_that_fails_is_masked_and_refuses_its_own_functions():
    code = f"""
import torch
def fail(path):
    raise OSError("libcudart.so: cannot open shared object file")
torch.ops.load_library = fail
{CODE}
try:
    extension.fail_if_no_align(lambda: 0)()
except RuntimeError as error:
    assert "compiled half" in str(error)
else:
    raise AssertionError("the absent half did not refuse")
"""
    assert run(code) == "compiled half masked False"


def test_nothing_else_imports_torchaudio():
    code = "import sys, pymoo_moss.cli, pymoo_moss.explore; print('torchaudio' in sys.modules)"
    assert run(code) == "False"


def test_other_errors_are_not_swallowed():
    code = """
import sys
sys.modules["torchaudio"] = None
from pymoo_moss.spectrogram._torchaudio import torchaudio_functional
torchaudio_functional()
"""
    with pytest.raises(subprocess.CalledProcessError) as caught:
        run(code)
    assert "ModuleNotFoundError" in caught.value.stderr
