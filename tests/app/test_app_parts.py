"""What the app is made of, without a browser."""

import numpy as np
import pytest
import soundfile
from PIL import Image

from pymoo_moss.app import App
from pymoo_moss.app.texts import public_message
from pymoo_moss.app.uploads import Inputs
from pymoo_moss.errors import AudioError


def test_figures_have_no_ground_of_their_own(display_problem):
    pytest.importorskip("plotly")
    from pymoo_moss.app.pictures import front_plot, spectrogram_picture

    encoder = display_problem.encoder
    assert spectrogram_picture(encoder, encoder.audio_magnitude).getpixel((0, 0))[3] == 0
    figure = front_plot(display_problem, np.array([[0.1, 0.5], [0.4, 0.2]]), chosen=1)
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert (figure.data[-1].x, figure.data[-1].y) == ((0.4,), (0.2,))


def test_one_job_runs_at_a_time():
    pytest.importorskip("gradio")
    app = App()
    try:
        queued = [function for function in app.blocks.fns.values() if function.queue]
    finally:
        app.close()
    assert len(queued) == 9
    assert {(function.concurrency_id, function.concurrency_limit) for function in queued} == {("work", 1)}
    assert not app.folder.exists()


def test_messages_have_no_folders_and_no_words_of_libraries():
    error = AudioError("cannot read audio from '/tmp/app/uploads/a b.mp3' (System error.): expected a WAV")
    error.__cause__ = RuntimeError("System error.")
    assert public_message(error) == "cannot read audio from 'a b.mp3': expected a WAV"


def test_copies_of_uploads_go_when_nobody_needs_them(picture, sound, tmp_path):
    image, audio, kept = tmp_path / "disc.png", tmp_path / "notes.wav", tmp_path / "kept"
    Image.fromarray((255 * picture).astype(np.uint8)).save(image)
    soundfile.write(audio, *sound)
    kept.mkdir()
    inputs = Inputs(kept, image=image, audio=audio)
    assert inputs.files["audio"].read_bytes() == audio.read_bytes()
    del inputs
    assert not kept.exists()
