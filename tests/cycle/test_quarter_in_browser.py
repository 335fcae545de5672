"""The same quarter as people see it: an open application in Chromium, while the sheets fill behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.browser import Server
from tests.browser.looks import SCREENSHOTS, settle
from tests.cycle.school import AFTER_THE_NEXT, AFTER_THE_QUARTER, PlayedSchool, played, quality
from tests.cycle.test_quarter import PLACE, TOO_LATE, comma, expected_outcome

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SOON = 60_000  # milliseconds: an open page looks for a new snapshot every few seconds
DECIDED = "Кошумча сабак уюштуруу"


@pytest.fixture
def school(tmp_path: Path) -> PlayedSchool:
    made = played(tmp_path)
    made.collect()
    return made


@pytest.fixture
def server(school: PlayedSchool, tmp_path: Path) -> Iterator[Server]:
    running = Server(school.store, log=tmp_path / "server.log", environment={"SAPAT_COLLECT_EVERY": "0"})
    running.start()
    try:
        running.wait()
        yield running
    finally:
        running.stop()
    assert "Traceback" not in (tmp_path / "server.log").read_text(encoding="utf-8")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ky", accept_downloads=True)
    yield context.new_page()
    context.close()


def seen(page: Page, name: str) -> None:
    """Keep a picture of the step, to be looked at."""
    settle(page)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"quarter-{name}.png", full_page=True)


def test_a_quarter_is_seen(school: PlayedSchool, server: Server, page: Page):
    def visit(path: str) -> None:
        page.goto(server.address + path)
        settle(page)

    # the plan is approved
    visit("/cyclogram")
    page.get_by_text("Бул планды бекиткен буйрукту киргизүү").click()
    page.get_by_label("Буйруктун номери").fill("01-12/45")
    page.get_by_label("Буйруктун күнү").fill("30.08.2025")
    page.get_by_role("button", name="Сактоо").click()
    expect(page.get_by_text("план бекитилген түрүндө")).to_be_visible(timeout=SOON)
    seen(page, "1-plan")

    # the quarter has ended, and nobody has filled anything: the open board turns red, then green, by itself
    visit("/board?period=Q3")
    page.evaluate("window.opened_once = true")
    school.today(TOO_LATE)
    school.collect()
    expect(page.get_by_text(f"Маалымат: {TOO_LATE:%d.%m.%Y}")).to_be_visible(timeout=SOON)
    page.wait_for_function(f"() => ({COUNT})('мөөнөтү өткөн') > 50", timeout=SOON)  # every tab of marks
    seen(page, "2-board-overdue")
    school.hand_in(school.workbooks(), AFTER_THE_QUARTER)
    school.collect()
    page.wait_for_function(f"() => (({COUNT})('мөөнөтү өткөн') ?? 50) < 20", timeout=SOON)
    assert page.evaluate("window.opened_once") is True, "it was not loaded again"
    seen(page, "3-board-filled")

    # from the figure to a decision in two clicks
    then = list(school.marks(PLACE["school_class"], PLACE["subject"], "Q3").values())
    visit(f"/learning_outcomes?school_class={PLACE['school_class']}&subject={PLACE['subject']}&period=Q3")
    assert f"{comma(quality(then))}%" in page.locator('[data-testid="stMetric"]').first.inner_text().replace("\u00a0", "")
    page.locator(".st-key-decide_tile_D1\\.02 button, [class*='st-key-decide_tile_D1']").first.locator("button").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert f"{comma(quality(then))}%" in dialog.inner_text().replace("\u00a0", "")
    seen(page, "4-dialog")
    dialog.get_by_label("Чечим", exact=True).fill(DECIDED)
    dialog.get_by_label("Жооптуу").click()
    page.get_by_role("option").first.click()
    dialog.get_by_role("button", name="Сактоо").click()
    expect(dialog).to_be_hidden(timeout=SOON)
    visit("/decisions")
    expect(page.get_by_text(DECIDED).first).to_be_visible(timeout=SOON)
    expect(page.get_by_text("жазылышын күтүп турат")).to_have_count(0, timeout=SOON)
    seen(page, "5-decided")

    # a quarter later the same page says what became of it
    school.today(AFTER_THE_NEXT)
    school.hand_in(school.workbooks(), AFTER_THE_NEXT)
    school.collect()
    now = list(school.marks(PLACE["school_class"], PLACE["subject"], "Q4").values())
    card = page.locator('[data-testid="stVerticalBlock"]').filter(has_text=DECIDED).filter(has_text="→").last
    expect(card).to_contain_text(comma(quality(now)), timeout=SOON)
    told = card.inner_text().replace("\u00a0", " ")
    assert comma(quality(then)) in told and expected_outcome(then, now) in told
    seen(page, "6-measured-again")


# How many sheets of the board are in a state, as its buttons say; null while there is no such button.
COUNT = r"""(state) => {
  const pattern = new RegExp(state.replace(' ', '\\s') + '\\D*(\\d+)');
  const found = [...document.querySelectorAll('[data-testid="stMain"] button')].map(e => e.innerText.match(pattern));
  const counts = found.filter(Boolean).map(m => Number(m[1]));
  return counts.length ? Math.max(...counts) : null;
}"""
