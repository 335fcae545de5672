"""Ways through the pages: deep links, filters that stay, the keyboard, the log of the server."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from bench.browser import Server, served
from tests.browser.looks import Visit, settle

NAVIGATION = '[data-testid="stSidebarNav"], [data-testid="stTopNavSection"], [data-testid="stTopNavLink"]'
NAV_LINK = '[data-testid="stSidebarNavLink"], [data-testid="stTopNavLink"]'


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_a_deep_link_as_the_first_request_after_a_restart_goes_through_the_frame(chromium: Browser, demo_store: Path, tmp_path: Path):
    server = Server(demo_store, log=tmp_path / "server.log")
    server.start()
    try:
        server.wait()
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{server.address}/resources?lang=ru")
        settle(page)
        assert page.locator(NAVIGATION).first.is_visible(), "the frame's navigation"
        assert page.locator('[data-testid="stDialog"]').count() == 0, "no 'page not found'"
        assert urlsplit(page.url).path == "/resources"
        headline = page.locator('[data-testid="stMain"] h1').first.inner_text()
        page.close()
        again = chromium.new_page(viewport={"width": 1280, "height": 900})
        again.goto(f"{server.address}/resources?lang=ru")
        assert settle(again).locator('[data-testid="stMain"] h1').first.inner_text() == headline
        again.close()
    finally:
        server.stop()
    assert "Traceback" not in (tmp_path / "server.log").read_text(encoding="utf-8")


def test_a_deep_link_meets_a_wrong_configuration_calmly(chromium: Browser, tmp_path: Path):
    """The menu of directions comes from the configuration: without it the link must still not be "page not found" and lose its address."""
    (tmp_path / "store.yaml").write_text("nmae: a typing error\n", encoding="utf-8")
    with served(tmp_path) as server:
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{server.address}/resources?lang=ru&grade=7")
        settle(page)
        assert page.locator('[data-testid="stDialog"]').count() == 0, "no 'page not found'"
        assert urlsplit(page.url).path == "/resources" and query(page)["grade"] == ["7"], "a reload opens what was asked for"
        assert "store.yaml" in page.locator('[data-testid="stCode"]').inner_text()
        page.close()


def test_a_page_without_the_frame_shows_nothing(chromium: Browser, demo_store: Path, tmp_path: Path):
    """A page file that is run by itself, past app.py, must stop before it draws a figure."""
    from streamlit.testing.v1 import AppTest

    page = Path(__file__).resolve().parents[2] / "pages" / "directions" / "resources.py"
    alone = AppTest.from_file(str(page), default_timeout=30).run()
    assert not alone.metric and not alone.dataframe and not alone.get("vega_lite_chart") and not alone.exception


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_filters_survive_page_change_and_reload(visit: Visit, language: str):
    page = visit("/learning_outcomes?grade=7&period=Q2", language=language)
    asked, shown = query(page), filter_values(page)
    assert {"grade", "period"} <= asked.keys(), "the choice stands in the address"
    assert any("7" in value for value in shown) and any("2" in value for value in shown)
    page.locator(NAV_LINK.replace("]", "][href*=mandatory_results]")).first.click()
    page.wait_for_url("**/mandatory_results*")
    settle(page)
    assert (query(page), filter_values(page)) == (asked, shown), "after a page change"
    page.reload()
    settle(page)
    assert (query(page), filter_values(page)) == (asked, shown), "after a reload"


def filter_values(page: Page) -> list[str]:
    """What the filters show as chosen, pills and selects."""
    pills = page.locator('[data-testid="stMain"] [data-testid="stButtonGroup"] [aria-checked="true"]').all_inner_texts()
    selects = page.locator('[data-testid="stMain"] [data-testid="stSelectbox"] input').evaluate_all("l => l.map(e => e.value)")
    return [*pills, *selects]


def test_an_unknown_filter_falls_back(visit: Visit):
    page = visit("/learning_outcomes?grade=99&period=nonsense&school_class=%3Cscript%3E")
    assert page.locator('[data-testid="stException"]').count() == 0


FILTER = '[data-testid="stMain"] [data-testid="stButtonGroup"], [data-testid="stMain"] [data-testid="stSelectbox"]'


def test_the_keyboard_reaches_the_filters(visit: Visit):
    page = visit("/learning_outcomes")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(filter) => Boolean(document.activeElement.closest(filter))", FILTER):
            break
    else:
        raise AssertionError("60 steps of Tab do not reach a filter")
    reached = page.evaluate_handle("(filter) => document.activeElement.closest(filter)", FILTER).as_element()
    assert reached is not None
    focused = reached.screenshot(animations="disabled")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)
    assert reached.screenshot(animations="disabled") != focused, "the focus can be seen"


def test_a_filter_changes_the_page_by_keyboard_alone(visit: Visit):
    page = visit("/learning_outcomes")
    before = page.url
    pill = page.locator('[data-testid="stMain"] [data-testid="stButtonGroup"] button:not([aria-checked="true"])').first
    pill.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("(before) => location.href !== before", arg=before, timeout=10_000)
    settle(page)


def test_the_server_met_no_error(server: Server):
    """Runs last in this file: whatever the pages above asked for, the log holds no traceback and no name of a pupil."""
    assert server.log is not None
    assert "Traceback" not in server.log.read_text(encoding="utf-8")
