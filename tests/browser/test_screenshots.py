"""The pictures of page and app in the documents: ``make screenshots``."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from pymoo_moss.app import App
from pymoo_moss.cli import app as command

from .conftest import PATIENCE

FOLDER = os.environ.get("SCREENSHOTS")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not FOLDER, reason="only where SCREENSHOTS says where they go"),
]


def take(page, name):
    with Image.open(io.BytesIO(page.screenshot(full_page=True))) as image:
        image.convert("RGB").save(Path(FOLDER) / f"{name}.webp", quality=85, method=6)


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("page", 1600, "light"), ("page-dark", 1600, "dark"), ("page-phone", 360, "dark")],
)
def test_the_page(chromium, tmp_path_factory, name, width, scheme):
    run = tmp_path_factory.getbasetemp() / "demo"
    if not run.exists():
        assert CliRunner().invoke(command, ["demo", "--out", str(run)]).exit_code == 0
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto((run / "index.html").as_uri())
    page.wait_for_function("document.getElementById('spectrogram').naturalWidth > 0")
    page.evaluate("document.getElementById('audio').currentTime = 4")
    page.wait_for_function("parseFloat(document.getElementById('playhead').style.left) > 0")
    take(page, name)
    page.close()


def test_the_app(chromium):
    app = App()
    try:
        page = chromium.new_page(viewport={"width": 1500, "height": 1000})
        page.set_default_timeout(PATIENCE)
        page.goto(app.launch())
        page.get_by_role("tab", name="Blend").click()
        page.locator("#start").click()
        page.wait_for_function("/SSIM[^…]*$/.test(document.querySelector('#values')?.textContent ?? '')")
        page.wait_for_function(
            """() => document.querySelector('#front .scatterlayer .point') &&
                ['#target img', '#exported img'].every(
                    (one) => document.querySelector(one)?.naturalWidth > 0
                )"""
        )
        take(page, "app")
        page.close()
    finally:
        app.close()
