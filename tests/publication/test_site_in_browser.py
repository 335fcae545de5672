"""The static page in a real Chromium, opened from a file with the network away."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.publication.conftest import Published

pytestmark = pytest.mark.browser


@dataclass
class Reader:
    """A reader without a network, and what their browser asked for or complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def opened(chromium: Browser, published: Published, language: str = "", theme: str = "light", width: int = 1280) -> Reader:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, offline=True)
    reader = Reader(context.new_page())
    reader.page.on("request", lambda request: reader.asked.append(request.url))
    reader.page.on("console", lambda message: reader.complaints.append(message.text))
    reader.page.on("pageerror", lambda error: reader.complaints.append(str(error)))
    address = (published.second / "index.html").as_uri()
    reader.page.goto(address + (f"#{language}" if language else ""))
    reader.asked = [url for url in reader.asked if not url.startswith("data:") and url.split("#")[0] != address]
    return reader


CASES = [(language, theme, width) for language in ("", "ru") for theme in ("light", "dark") for width in (1280, 390)]


@pytest.mark.parametrize(("language", "theme", "width"), CASES)
def test_a_reader_with_a_file(chromium: Browser, published: Published, language: str, theme: str, width: int):
    reader = opened(chromium, published, language, theme, width)
    assert reader.asked == [] and reader.complaints == []
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown = reader.page.locator("main:visible").evaluate_all("l => l.map(e => e.lang)")
    assert shown == [language or "ky"]
    serious = [v for v in Axe().run(reader.page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []


def test_the_theme_is_really_dark(chromium: Browser, published: Published):
    colours = [
        opened(chromium, published, theme=theme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for theme in ("light", "dark")
    ]
    assert colours == ["rgb(255, 255, 255)", "rgb(20, 25, 26)"]


def test_languages_are_switched_by_a_link(chromium: Browser, published: Published):
    page = opened(chromium, published).page
    page.get_by_role("link", name="Русский").click()
    assert page.locator("main:visible").get_attribute("lang") == "ru"
    page.locator(".brief:visible a").first.click()  # a link within the article keeps its language
    assert page.locator("main:visible").get_attribute("lang") == "ru"
    page.get_by_role("link", name="Кыргызча").click()
    assert page.locator("main:visible").get_attribute("lang") == "ky"


@pytest.mark.parametrize("language", ["", "ru"])
def test_it_prints_on_a4(chromium: Browser, published: Published, tmp_path: Path, language: str):
    reader = opened(chromium, published, language, theme="dark")
    printed = tmp_path / "printed.pdf"
    reader.page.pdf(path=printed, prefer_css_page_size=True)
    told = subprocess.run(["pdfinfo", str(printed)], capture_output=True, check=True).stdout.decode()
    width, height = (float(number) for number in re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", told).groups())
    assert (width, height) == (pytest.approx(595.3, abs=1), pytest.approx(841.9, abs=1))
    assert 5 < int(re.search(r"Pages:\s+(\d+)", told)[1]) < 40
