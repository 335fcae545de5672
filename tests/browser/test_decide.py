"""Two clicks from a figure to the dialog of a decision, as a person at a desk and on a phone sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from lib.settings import desk_of
from tests.browser.looks import SCREENSHOTS, Visit, exceptions, picture, settle

DIALOG = '[role="dialog"]'
# Labels that stand in the page and are not painted: hidden, cut off, or of no size.
NOT_PAINTED = """() => [...document.querySelectorAll('[role=dialog] label [data-testid=stMarkdownContainer]')].filter((e) => {
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  return style.clipPath !== 'none' || style.visibility === 'hidden' || box.height < 8 || box.width < 8;
}).map((e) => e.textContent)"""
# But for the hidden twin of the day's field, which Streamlit keeps for programs.
STICKING_OUT = """() => {
  const box = document.querySelector('[role=dialog]').getBoundingClientRect();
  return [...document.querySelectorAll('[role=dialog] *:not(input[type=date])')].filter((e) => {
    const own = e.getBoundingClientRect();
    return own.width > 1 && (own.right > box.right + 1 || own.left < box.left - 1);
  }).map((e) => e.outerHTML.slice(0, 120)).slice(0, 5);
}"""


def opened(page: Page, key: str) -> Page:
    """Press the button that stands beside a figure; on a phone it shows its picture only."""
    page.locator(f'[class*="st-key-{key}"] button:visible').first.click()
    page.wait_for_selector(f"{DIALOG} textarea")
    page.wait_for_timeout(400)
    return settle(page)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize(
    ("language", "path", "key"),
    [("ky", "/learning_outcomes", "decide_tile_"), ("ru", "/learning_outcomes", "decide_table"), ("en", "/", "decide_finding_")],
)
def test_the_dialog_is_whole_and_legible(visit: Visit, language: str, path: str, key: str, theme: str, width: int):
    page = opened(visit(path, language=language, theme=theme, width=width), key)
    picture(page, SCREENSHOTS / f"decide-{key.strip('_')}-{language}-{theme}-{width}.png")
    assert exceptions(page) == []
    assert page.evaluate(NOT_PAINTED) == [] and page.evaluate(STICKING_OUT) == []
    words = page.locator(f"{DIALOG} label").all_inner_texts()
    assert len(words) >= 5 and all(words)
    found = [
        violation["id"] for violation in Axe().run(page, context=DIALOG).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]  # fmt: skip
    assert found == []


def test_nothing_is_kept_until_it_is_saved(visit: Visit, demo_store: Path):
    """Escape closes it, and the page stands as before."""
    page = opened(visit("/learning_outcomes"), "decide_tile_")
    page.locator(f"{DIALOG} textarea").nth(1).fill("Жазылып бүтпөгөн чечим")
    page.keyboard.press("Escape")
    page.wait_for_selector(DIALOG, state="detached")
    assert not list((desk_of(demo_store) / "decisions").glob("waiting/*.json"))
