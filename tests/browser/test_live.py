"""An open dashboard over Google Sheets: a teacher's edit appears by itself, and what cannot be read is seen to be stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bench.browser import Server
from lib import settings
from lib.collection import collect
from tests import small_school
from tests.browser.looks import settle
from tests.google_school import GoogleSchool
from tests.sheets_server import SheetsServer

DAY = dt.date(2026, 4, 15)
CLASS_7A = f"{small_school.YEAR}/class-7-А"
SOON = 30_000  # milliseconds: a look every second, and the page asks every few


@pytest.fixture(scope="module")
def google() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def school(google: SheetsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoogleSchool:
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    made = GoogleSchool(google.url, tmp_path)
    for name, sheets in small_school.by_workbook(small_school.school(settings.load(as_of=DAY).forms)).items():
        made.put(name.removesuffix(".xlsx"), {sheet.title: sheet.rows for sheet in sheets})
    made.open_to_everybody(f"as_of: {DAY.isoformat()}\n")
    collect(made.place(), settings.load(made.place()), dt.datetime(2026, 4, 15, 7, 40))
    return made


@pytest.fixture
def page(chromium: Browser, school: GoogleSchool, tmp_path: Path) -> Iterator[Page]:
    """The marks of 7-А in algebra, open while the application looks at the store every second."""
    environment = {**school.environment(), "SAPAT_COLLECT_EVERY": "1"}
    server = Server(f"google:{school.id}", log=tmp_path / "server.log", environment=environment)
    server.start()
    opened = chromium.new_page(viewport={"width": 1280, "height": 900}, locale="ky")
    try:
        server.wait()
        opened.goto(f"{server.address}/learning_outcomes?school_class=7-А&subject=ALG&period=Q1")
        opened.locator('[data-testid="stMetric"]').first.wait_for(timeout=60_000)
        yield settle(opened)
    finally:
        opened.close()
        server.stop()
    log = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert "PRIVATE KEY" not in log and not any(p["full_name"] in log for name in small_school.CLASSES for p in small_school.pupils(name))


def tiles(page: Page) -> list[str]:
    return page.locator('[data-testid="stMetricValue"]').all_inner_texts()


def test_an_edit_appears_without_a_reload(page: Page, school: GoogleSchool):
    before = tiles(page)
    page.evaluate("window.opened_once = true")
    for row in range(6, 18):
        school.edit(CLASS_7A, "ALG", f"C{row}", 2.0)
    page.wait_for_function(
        "(before) => JSON.stringify([...document.querySelectorAll('[data-testid=stMetricValue]')].map(e => e.innerText)) !== before",
        arg=page.evaluate("JSON.stringify([...document.querySelectorAll('[data-testid=stMetricValue]')].map(e => e.innerText))"),
        timeout=SOON,
    )
    settle(page)
    assert any(value.startswith("0") for value in tiles(page)), f"nobody knows algebra any more: {before} → {tiles(page)}"
    assert page.evaluate("window.opened_once") is True, "it was not loaded again"
    assert "school_class=7-" in page.url, "the filters stayed"


def test_a_workbook_that_cannot_be_read_is_visibly_stale_until_it_can(page: Page, school: GoogleSchool):
    mark = page.get_by_text("Эскирген булактар: 1")
    assert mark.count() == 0
    before = tiles(page)
    school.close(CLASS_7A)
    mark.first.wait_for(timeout=SOON)
    assert tiles(settle(page)) == before, "the last good values stay"
    mark.first.click()
    told = page.get_by_text("class-7-А").first
    told.wait_for(timeout=10_000)
    assert page.get_by_text("Google Drive'да табылган жок").first.is_visible(), "and it says why"
    page.keyboard.press("Escape")
    school.open_again(CLASS_7A)
    mark.first.wait_for(state="detached", timeout=SOON)


def test_links_open_the_very_cell(page: Page, school: GoogleSchool, google: SheetsServer):
    school.edit(CLASS_7A, "ALG", "D9", 45.0)
    link = page.locator(f'a[href*="{google.url}/spreadsheets/d/{school.file_ids[CLASS_7A]}/edit#gid="][href*="range=D9"]')
    page.goto(page.url.split("/learning_outcomes")[0] + "/collection")
    link.first.wait_for(timeout=SOON)
