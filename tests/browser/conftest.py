"""A real browser, Debian's chromium for one; tests skip where there is none."""

import shutil

import pytest

from pymoo_moss.app import App

sync_api = pytest.importorskip("playwright.sync_api")

PATIENCE = 300_000
"""Milliseconds, against waiting for ever; machines may be busy."""


@pytest.fixture(scope="session")
def chromium():
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no chromium: make browser installs one")
    # Headless browsers may not play sound without a gesture unless they are told so.
    arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def app():
    pytest.importorskip("gradio")
    app = App(most_seconds=60, most_megabytes=20)
    try:
        app.address = app.launch()
        yield app
    finally:
        app.close()
    assert not app.folder.exists()


@pytest.fixture
def first_page(chromium, app):
    """The app's page at its first tab; nothing from elsewhere may be loaded."""
    context = chromium.new_context(viewport={"width": 1400, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    foreign = []
    page.on(
        "request",
        lambda request: (
            request.url.startswith((app.address, "data:", "blob:")) or foreign.append(request.url)
        ),
    )
    page.goto(app.address)
    yield page
    context.close()
    assert foreign == []
