"""Check that each missing extra of the wheel is reported in one line, and that each works when installed."""

import subprocess
import sys
from pathlib import Path

WHEEL = Path(sys.argv[1])
SCRIPT = Path(sys.executable).with_name("pymoo-moss")
VIDEO = """
from pathlib import Path
from pymoo_moss import get_problem
from pymoo_moss.explore.morph import write_video
from pymoo_moss.spectrogram import save_wav

encoder = get_problem("owl-drums-16x32").encoder
save_wav("sound.wav", encoder.audio_waveform, encoder.sample_rate)
write_video(Path("video.mp4"), encoder, encoder.audio_magnitude, "drums", Path("sound.wav"))
"""
TAGS = """
import torch
from pymoo_moss.spectrogram import save_wav
from pymoo_moss.spectrogram.tags import Tags

save_wav("tagged.wav", torch.zeros(1000), 16000, Tags(title="Prelude"))
"""
APP = "from pymoo_moss.app import App; App().close()"
WAYS = {
    "study": [SCRIPT, "study", "smoke.toml", "--out", "study"],
    # Its absence is a warning.
    "tags": [sys.executable, "-I", "-W", "error::UserWarning", "-c", TAGS],
    "app": [sys.executable, "-I", "-c", APP],
    "video": [sys.executable, "-I", "-c", VIDEO],
}


def run(*command: object) -> subprocess.CompletedProcess[str]:
    """Run a command and capture its output."""
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)


def main() -> None:
    """Check all extras; a failure shows the output of the command."""
    for extra, command in WAYS.items():
        without = run(*command)
        assert without.returncode != 0, f"{extra} works without its extra"
        hint = f"pip install 'pymoo-moss[{extra}]'"
        assert hint in without.stderr, without.stderr
    for command in ([SCRIPT, "study", "smoke.toml", "--out", "study"], [SCRIPT, "app"]):
        said = run(*command).stderr
        assert said.count("\n") == 1, said
    for extra, command in WAYS.items():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", "constraints.txt"]
        installed = run(*pip, f"{WHEEL}[{extra}]")
        assert installed.returncode == 0, installed.stderr
        found = run(*command)
        assert found.returncode == 0, found.stdout + found.stderr
    print("missing extras are reported, and installed extras work")


main()
