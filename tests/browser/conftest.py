"""A demo school served by `streamlit run app.py`, and a real Chromium that looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bench.browser import Server, served
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
def desks(chromium: Browser) -> Iterator[dict[tuple[str, int], BrowserContext]]:
    """One browser profile for each theme and width: they keep Streamlit's scripts in their cache, as a reader's browser does."""
    made = {
        (theme, width): chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme, locale="ky")
        for theme in ("light", "dark")
        for width, height in HEIGHT.items()
    }
    yield made
    for context in made.values():
        context.close()


@pytest.fixture
def visit(desks: dict[tuple[str, int], BrowserContext], server: Server) -> Iterator[Visit]:
    """Open an address in a new tab, which is a new session: visit("/resources?grade=7", theme="dark", width=390)."""
    pages = []

    def open_page(path: str = "/", *, language: str = "ky", theme: str = "light", width: int = 1280) -> Page:
        page = desks[theme, width].new_page()
        pages.append(page)
        joint = "&" if "?" in path else "?"
        page.goto(server.address + path + (f"{joint}lang={language}" if language != "ky" else ""))
        return settle(page)

    yield open_page
    for page in pages:
        page.close()
