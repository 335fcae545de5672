"""A school full of payloads in a real Chromium: nothing runs, no dialog opens, nothing is asked of another origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request

from bench.browser import FLAGS, Server, chromium_path, served
from tests.browser.looks import settle
from tests.security.conftest import HostileSchool
from tests.security.payloads import EVIL, MARKS, SCRIPTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").rglob("*.py"))

WATCH = """
window.sapatSeen = {ran: [], refused: []};
window.sapatRan = mark => window.sapatSeen.ran.push(String(mark));
addEventListener('securitypolicyviolation', e => window.sapatSeen.refused.push([e.violatedDirective, e.blockedURI, e.sourceFile]));
"""
# What only a live payload could have put into the page.
ALIVE = """marks => {
  const own = a => new URL(a, location.href).origin === location.origin;
  const found = [];
  for (const e of document.querySelectorAll('a[href], img[src], iframe, object, embed, video, audio, form, base, meta[http-equiv], link')) {
    const at = e.getAttribute('href') || e.getAttribute('src') || e.getAttribute('data') || '';
    if (/^(javascript|data|vbscript|mailto):/i.test(at) && !['IMG', 'LINK'].includes(e.tagName)) found.push(e.outerHTML.slice(0, 200));
    if (at && !own(at) && !/^(data|blob):/.test(at)) found.push(e.outerHTML.slice(0, 200));
    if (['IFRAME', 'OBJECT', 'EMBED', 'BASE'].includes(e.tagName)) found.push(e.outerHTML.slice(0, 200));
  }
  for (const e of document.querySelectorAll('*')) {
    for (const a of e.attributes) if (/^on/i.test(a.name)) found.push(a.name + '=' + a.value.slice(0, 100));
    const drawn = ['STRONG', 'EM', 'DEL', 'CODE', 'H1', 'H2', 'H3', 'LI', 'BLOCKQUOTE'].includes(e.tagName);
    if (drawn || String(e.className).includes('katex'))
      if (marks.includes(e.textContent.trim())) found.push(e.outerHTML.slice(0, 200));
  }
  return found;
}"""


@dataclass
class Watched:
    """What a page did that it should not have done."""

    dialogs: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A browser of this module's own: the attacker's host resolves, to a port where nobody listens."""
    browser = playwright.chromium.launch(executable_path=chromium_path(), args=[*FLAGS, f"--host-resolver-rules=MAP {EVIL} 127.0.0.1:9"])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def server(scripted: HostileSchool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(scripted.store, log=tmp_path_factory.mktemp("hostile-server") / "server.log") as running:
        yield running


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="ky")
    made.add_init_script(WATCH)
    yield made
    made.close()


def watched(page: Page, server: Server) -> Watched:
    seen = Watched()

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != f"127.0.0.1:{server.port}":
            seen.strangers.append(request.url)

    page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", asked)
    page.on("popup", lambda popup: seen.strangers.append(popup.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    return seen


def unfold(page: Page) -> None:
    """Open what is folded: lists, tables behind tabs, popovers, files; and look at charts with the mouse."""
    page.set_default_timeout(5_000)
    for expander in page.locator('[data-testid="stExpander"] summary').all():
        expander.click()
        settle(page)
    for toggle in page.locator('[data-testid="stCheckbox"] label').all():
        toggle.click()
        settle(page)
    press = "place => document.querySelectorAll('[role=tablist]').forEach(list => list.querySelectorAll('[role=tab]')[place]?.click())"
    page.evaluate(press, 2)
    page.evaluate(press, 1)
    for opener in page.locator('[data-testid="stPopoverButton"]').all():
        opener.click(force=True)
        page.keyboard.press("Escape")
    for frame in page.locator('[data-testid="stDataFrame"]').all()[:3]:
        if box := frame.bounding_box():
            page.mouse.dblclick(box["x"] + 60, box["y"] + 60)  # the editor of a cell shows its whole text
            page.keyboard.press("Escape")
    for chart in page.locator('[data-testid="stVegaLiteChart"]').all()[:4]:
        if box := chart.bounding_box():
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)


def turned(page: Page) -> Iterator[int]:
    """Turn over the pages of a long list, the first dozen."""
    for number in range(12):
        further = page.locator('[data-testid="stPaginationNext"]:enabled:visible')  # one may lie in a tab that is closed
        if not further.count():
            return
        further.first.click()
        settle(page)
        yield number


@pytest.mark.parametrize("name", PAGES)
def test_nothing_of_a_cell_is_live(context: BrowserContext, server: Server, name: str):
    page = context.new_page()
    seen = watched(page, server)
    page.goto(f"{server.address}/{'' if name == 'overview' else name}")
    settle(page)
    unfold(page)
    settle(page)
    alive = page.evaluate(ALIVE, list(MARKS))
    for _ in turned(page):
        alive += page.evaluate(ALIVE, list(MARKS))
    told = page.evaluate("window.sapatSeen")
    page.close()
    assert told == {"ran": [], "refused": []}
    assert (seen.dialogs, seen.strangers, seen.errors, alive) == ([], [], [], [])


def test_the_payloads_are_on_the_pages(context: BrowserContext, server: Server):
    """Else the test above looks at nothing: they are sent to the browser, and stand there letter by letter."""
    frames: list[bytes] = []
    text = ""
    for name in ("collection", "overview", "learning_outcomes", "upbringing"):
        page = context.new_page()
        page.on("websocket", lambda ws: ws.on("framereceived", lambda data: frames.append(data if isinstance(data, bytes) else b"")))
        page.goto(f"{server.address}/{'' if name == 'overview' else name}")
        settle(page)
        unfold(page)
        settle(page)
        for _ in turned(page):
            text += page.locator("[data-testid=stMain]").first.inner_text().replace("\u2060", "")
        page.close()
    sent = b"".join(frames)
    assert sum(mark.encode() in sent for mark in MARKS) >= 100, "nearly all"
    assert sum(payload in text for payload in SCRIPTS) >= 40


def test_a_live_payload_would_have_been_seen(context: BrowserContext, server: Server):
    """The watch itself works: an inline script and a handler are refused by the policy, and a script of another origin, too."""
    page = context.new_page()
    page.goto(server.address)
    settle(page)
    page.evaluate("""() => {
      const at = document.body.appendChild(document.createElement('div'));
      at.innerHTML = "<img src=x onerror=sapatRan('handler')>";
      const script = document.createElement('script');
      script.textContent = "sapatRan('inline')";
      document.body.appendChild(script);
      const far = document.createElement('img');
      far.src = 'https://evil.invalid/x.png';
      document.body.appendChild(far);
    }""")
    page.wait_for_timeout(500)
    seen, alive = page.evaluate("window.sapatSeen"), page.evaluate(ALIVE, [])
    page.close()
    assert seen["ran"] == [], "what is live all the same does not run: the policy of the page forbids it"
    assert {directive for directive, _where, _file in seen["refused"]} >= {"script-src-elem", "script-src-attr", "img-src"}
    assert alive
