"""A real browser, Debian's chromium for one; tests skip where there is none."""

import shutil

import pytest

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
