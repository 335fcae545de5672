"""The board and the plan as hands use them: wide grids on a phone, a filter, a click on a cell, paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.looks import Visit, exceptions, settle

# Of a chart: its own width, and what its frame shows of it and holds.
WIDTHS = """chart => {
  for (let e = chart; e; e = e.parentElement) {
    if (['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1) {
      e.scrollLeft = 100000;
      return [chart.getBoundingClientRect().width, e.clientWidth, e.scrollLeft];
    }
  }
  return [chart.getBoundingClientRect().width, 0, 0];
}"""


def chart(page: Page, key: str):  # type: ignore[no-untyped-def]
    return page.locator(f'[class*="st-key-{key}"] [data-testid="stVegaLiteChart"]').first


@pytest.mark.parametrize(("path", "key"), [("/board", "board_grid"), ("/learning_outcomes", "matrix_")])
def test_a_wide_grid_scrolls_on_a_phone_and_is_not_squeezed(visit: Visit, path: str, key: str):
    width, shown, scrolled = chart(visit(path, width=390), key).evaluate(WIDTHS)
    assert shown <= 390 < width and scrolled == pytest.approx(width - shown, abs=24), "its last column can be reached"


def test_the_keyboard_scrolls_a_wide_grid(visit: Visit):
    page = visit("/board")
    tab = page.locator('[data-testid="stTab"], [role="tab"]').first
    tab.focus()
    for _step in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.scrollWidth > document.activeElement.clientWidth + 1"):
            break
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(400)
    assert page.evaluate("document.activeElement.scrollLeft") > 0


def test_a_state_leaves_its_own_rows(visit: Visit):
    page = visit("/board", language="ru")
    pill = page.locator(".st-key-board_state button").first
    expected = int(pill.inner_text().rsplit("·", 1)[-1])
    pill.click()
    settle(page)
    assert exceptions(page) == []
    states = page.locator('[data-testid="stTable"]').last.locator("tbody tr").all_inner_texts()
    assert 0 < len(states) <= min(expected, 25) and all("просрочено" in text for text in states)


def test_a_click_on_a_cell_shows_its_sheets(visit: Visit):
    page = visit("/board")
    chart(page, "board_grid").locator("g.mark-rect path").first.click(force=True)
    page.wait_for_timeout(600)
    settle(page)
    assert exceptions(page) == []
    assert chart(page, "board_grid").count() == 0, "one person is chosen: the list says it better than a grid of one row"
    assert page.locator('[data-testid="stCode"]').count() == 1, "and the reminder to them stands there to be copied"


@pytest.mark.parametrize("path", ["/board", "/cyclogram"])
def test_paper_has_the_page_without_its_buttons(visit: Visit, path: str):
    page = visit(path)
    page.emulate_media(media="print")
    assert not page.locator('[data-testid="stSidebar"]').is_visible()
    assert page.locator('[data-testid="stDownloadButton"]:visible').count() == 0
    assert page.pdf(format="A4").startswith(b"%PDF")
    charts = page.locator('[data-testid="stVegaLiteChart"] svg').all()
    page.set_viewport_size({"width": 720, "height": 1000})  # A4 within its margins
    assert all(svg.bounding_box()["width"] <= 720 for svg in charts if svg.is_visible()), "nothing is cut at the sheet's edge"  # type: ignore[index]
