"""A demo school served by `streamlit run app.py`, and a real Chromium that looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.browser import FLAGS, Server, chromium_path, served
from tests.browser.looks import Visit, settle

HEIGHT = {1280: 900, 390: 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(demo_store, log=tmp_path_factory.mktemp("server") / "server.log") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    """Open an address in a browser session of its own: visit("/resources?grade=7", theme="dark", width=390)."""
    contexts = []

    def open_page(path: str = "/", *, language: str = "ky", theme: str = "light", width: int = 1280) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": HEIGHT[width]}, color_scheme=theme, locale="ky")
        contexts.append(context)
        page = context.new_page()
        joint = "&" if "?" in path else "?"
        page.goto(server.address + path + (f"{joint}lang={language}" if language != "ky" else ""))
        return settle(page)

    yield open_page
    for context in contexts:
        context.close()
