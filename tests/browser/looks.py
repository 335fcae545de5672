"""What can be seen of a page: its words, what sticks out of it, what went wrong on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
Visit = Callable[..., Page]

# The script has run to its end, and nothing stands as a placeholder any more.
SETTLED = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && document.querySelector('[data-testid="stMain"] h1')
    && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stSpinner"]')
    && !document.querySelector('[data-stale="true"]');
}"""

# Everything a reader reads: the text of the page (closed tabs too) without icons, which are ligatures of a font; the labels of
# charts (SVG) with their alternative texts; the cells of tables, which are drawn on a canvas but stand in the accessibility tree.
READ = """() => {
  const out = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) { if (node.textContent.trim()) out.push(node.textContent.trim()); return; }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const id = node.dataset ? node.dataset.testid : undefined;
    if (['SCRIPT', 'STYLE', 'NOSCRIPT', 'CODE'].includes(node.tagName)) return;
    if (['stSkipToContent', 'stToolbar', 'stStatusWidget'].includes(id)) return;
    if (getComputedStyle(node).fontFamily.includes('Material Symbols')) return;
    // Streamlit's own words in a field for files, which a page takes away and replaces by its own
    const hidden = getComputedStyle(node).display === 'none' || getComputedStyle(node).fontSize === '0px';
    if (hidden && node.closest('[data-testid="stFileUploaderDropzone"]')) return;
    const label = node.getAttribute('aria-label');
    if (id === 'stVegaLiteChart' && label && label !== 'Vega visualization') out.push(label);
    for (const child of node.childNodes) walk(child);
  };
  walk(document.body);
  document.querySelectorAll('input[placeholder]').forEach((e) => { if (!e.value && e.checkVisibility()) out.push(e.placeholder); });
  out.push(document.title);
  return out;
}"""

# Elements of the main block that reach over the right edge of the window, unless they stand in something that scrolls or is cut.
STICKING_OUT = """() => {
  const found = [];
  const cut = (e) => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (p.dataset && p.dataset.testid === 'stMain') return false;
      const style = getComputedStyle(p);
      if (['auto', 'scroll', 'hidden', 'clip'].includes(style.overflowX)) return true;
    }
    return false;
  };
  for (const e of document.querySelectorAll('[data-testid="stMain"] *')) {
    const box = e.getBoundingClientRect();
    if (box.width < 1 || box.height < 1 || getComputedStyle(e).visibility === 'hidden') continue;
    if ((box.right > innerWidth + 1 || box.left < -1) && !cut(e)) {
      found.push(`${e.tagName.toLowerCase()}[${e.dataset.testid || e.className}] ${Math.round(box.left)}..${Math.round(box.right)}`);
    }
  }
  return found.slice(0, 5);
}"""

# Text that its own box cuts off without a way to see the rest.
CUT_OFF = """() => {
  const found = [];
  const whole = '[data-testid="stMetricValue"] *, [data-testid="stMetricLabel"] *, [data-testid="stMain"] h1';
  for (const e of document.querySelectorAll(whole)) {
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === 'hidden' && e.textContent.trim()) {
      found.push(e.textContent.trim());
    }
  }
  return found.slice(0, 5);
}"""

_LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*[A-Za-z]|[A-Za-z]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff][\u0400-\u04ff'’-]*")
# Latin that stands in Kyrgyz and Russian texts by right: the product's name, file formats, codes of indicators, forms, people and
# subjects, cell addresses, the folder of own templates, Roman numerals (health groups, the regulation's own numbering).
_BY_RIGHT = re.compile(
    r"(ky|ru|en|Sapat|CSV|XLSX|xlsx|PNG|PDF|docx|Word|Excel|LibreOffice|Google|Sheets|Drive|Wi-Fi|e-mail|E-mail|mail|EN|English|n|p|M|SD|URL|vs|JSON|HTML|c|i|x|z|k|m|min|computers|internet|templates"
    r"|[DQFRTPHYMK]\d*|F\d+[A-Z]?|R\d[A-Z]|[IVX]+|[A-Z]{1,3}\d*|[A-Z]{3})$"
)


def settle(page: Page) -> Page:
    """Wait until the page stands still."""
    page.wait_for_function(SETTLED, timeout=30_000)
    page.wait_for_timeout(250)  # charts are drawn in the frame after the script
    page.wait_for_function(SETTLED, timeout=30_000)
    return page


def texts(page: Page) -> list[str]:
    return page.evaluate(READ)


def foreign_words(page: Page, language: str, data_words: set[str]) -> list[str]:
    """Words that do not belong to the language of the page and are not data of the school (names, titles of tabs)."""
    found: dict[str, None] = {}
    for text in texts(page):
        plain = re.sub(r"\S+@\S+|https?:\S+|\S+\.(?:xlsx|csv|ics|png|pdf|md)\b|[\w/.-]*\d[\w/.-]*", " ", text)
        if language == "en":
            words = [w for w in _CYRILLIC.findall(plain) if len(w) > 1]
        else:
            words = [w for w in _LATIN.findall(plain) if not _BY_RIGHT.match(w)]
            if language == "ru":
                words += [w for w in _CYRILLIC.findall(plain) if re.search("[ңөүҢӨҮ]", w)]
        found |= {
            f"{word} ({text[:60]})": None
            for word in words
            if word.casefold() not in data_words and not set(word.casefold().split("-")) <= data_words
        }
    return list(found)


def overflow(page: Page) -> list[str]:
    """What makes the page wider than its window."""
    width, window = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    main = page.locator('[data-testid="stMain"]').evaluate("e => [e.scrollWidth, e.clientWidth]")
    found = page.evaluate(STICKING_OUT) + [f"cut off: {text}" for text in page.evaluate(CUT_OFF)]
    if width > window + 1:
        found.append(f"the document is {width} wide in a window of {window}")
    if main[0] > main[1] + 1:
        found.append(f"the main block is {main[0]} wide in {main[1]}")
    return found


def exceptions(page: Page) -> list[str]:
    return page.locator('[data-testid="stException"], [data-testid="stDialog"] pre').all_inner_texts()


def picture(page: Page, path: Path) -> None:
    """The whole page, as long as it is, for people to look at."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    height = page.evaluate("document.querySelector('[data-testid=\"stMainBlockContainer\"]').scrollHeight + 80")
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": min(int(height), 6000)})
    page.wait_for_timeout(150)
    page.screenshot(path=path)
    page.set_viewport_size(size)
