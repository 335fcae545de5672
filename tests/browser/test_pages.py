"""Every page in three languages, light and dark, on a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from lib import settings
from lib.model.form import ColumnType
from lib.snapshot import Snapshots
from tests.browser.looks import ROOT, SCREENSHOTS, Visit, exceptions, foreign_words, overflow, picture

FILES = sorted((ROOT / "pages").rglob("*.py"))
OVERVIEW = "overview"
PAGES = {path.stem: "/" if path.stem == OVERVIEW else f"/{path.stem}" for path in FILES}
LANGUAGES = ("ky", "ru", "en")


@pytest.fixture(scope="session")
def data_words(demo_store: Path) -> set[str]:
    """Words of the school itself (people, clubs, topics, tabs): they stand in every language as they were typed."""
    loaded, snapshot = settings.load(demo_store), Snapshots(demo_store).current()
    assert snapshot is not None
    typed = {loaded.school_name.ky}
    for form in loaded.forms.values():
        records = snapshot.records(form.id)
        free = [c.key for c in form.columns if c.type in (ColumnType.NAME, ColumnType.TEXT) and c.key in records.column_names]
        for name in ("workbook", "tab", *free):
            typed.update(str(text) for text in records[name].unique().to_pylist() if text)
    return words(typed)


@pytest.fixture(scope="session")
def workbook_words(demo_store: Path) -> set[str]:
    """What stands in the workbooks themselves, in Kyrgyz: titles of columns, answers to choose. Pages that speak of cells quote it."""
    forms = settings.load(demo_store).forms.values()
    printed = {column.title.ky for form in forms for column in form.columns}
    printed |= {choice.key for form in forms for column in form.columns for choice in column.choices}
    return words(printed) | words({(ROOT / "config" / "workbook_words.yaml").read_text(encoding="utf-8")})


def words(texts: set[str]) -> set[str]:
    apart = (r"[\s/_-]+", r"[\s/_]+")  # "ата-энелер" is one word, and so are its halves
    return {word.strip("«»\"'.,:;()–{}").casefold() for text in texts for at in apart for word in re.split(at, text.removesuffix(".xlsx"))}


# Pages that speak of cells and tabs.
OF_WORKBOOKS = ("collection", "board", "help")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_page(visit: Visit, data_words: set[str], workbook_words: set[str], name: str, language: str, theme: str, width: int):
    page = visit(PAGES[name], language=language, theme=theme, width=width)
    picture(page, SCREENSHOTS / f"{name}-{language}-{theme}-{width}.png")
    assert exceptions(page) == []
    assert overflow(page) == []
    allowed = data_words | (workbook_words if name in OF_WORKBOOKS else set())
    assert foreign_words(page, language, allowed) == []


# What axe finds in Streamlit's own markup and no page can change: sections inside the list of the menu, unnamed marks of sparklines; the
# frame that a wide grid scrolls in, which browsers let the keyboard into by themselves (tests/browser/test_office.py tries it).
STREAMLITS_OWN = {
    "list": '[data-testid="stSidebarNavItems"]',
    "listitem": '[data-testid="stSidebarNavItems"]',
    "scrollable-region-focusable": '[data-testid="stHorizontalBlock"]',
    "svg-img-alt": '[data-testid="stMetricChart"]',
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_serious_for_axe(visit: Visit, name: str, theme: str):
    page = visit(PAGES[name], theme=theme)
    found = []
    for violation in Axe().run(page).response["violations"]:
        own = STREAMLITS_OWN.get(violation["id"], "#nothing")
        for node in violation["nodes"] if violation["impact"] in ("serious", "critical") else []:
            place = [node["target"][0], own]
            if not page.evaluate("([target, own]) => Boolean(document.querySelector(target)?.closest(own))", place):
                found.append(f"{violation['id']} ({violation['impact']}): {node['html'][:200]} — {node['failureSummary'][:200]}")
    assert found == []


def test_the_theme_is_really_dark(visit: Visit):
    def brightness(theme: str) -> int:
        colour = visit("/", theme=theme).evaluate("getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")[:3])

    assert brightness("dark") < 200 < 600 < brightness("light")


def test_every_page_file_is_in_the_navigation(visit: Visit):
    page = visit("/")
    links = page.locator('[data-testid="stSidebarNavLink"], [data-testid="stTopNavLink"]')
    addresses = links.evaluate_all("l => l.map(e => e.getAttribute('href'))")
    reached = {link.split("?")[0].rstrip("/").rsplit("/", 1)[-1] for link in addresses}
    assert {address.strip("/") for address in PAGES.values()} <= reached | {""}
