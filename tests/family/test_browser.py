"""A family with a phone: scans the slip, reads its own page, and is shown out when the code is closed."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, WebSocket

from bench.browser import Server
from lib.family.codes import Codes, normal
from lib.family.slips import link
from lib.ui.family.route import COOKIE
from tests.browser.looks import overflow, settle
from tests.browser.test_pages import STREAMLITS_OWN
from tests.family.conftest import Given

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def server(given: Given, tmp_path: Path) -> Iterator[Server]:
    running = Server(given.store, log=tmp_path / "server.log", environment={"SAPAT_COLLECT_EVERY": "0"})
    running.start()
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@dataclass
class Phone:
    """A browser profile of its own, and everything that came to it or was asked by it."""

    context: BrowserContext
    page: Page
    addresses: list[str] = field(default_factory=list)
    received: list[bytes] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.on("response", self._keep)
        self.page.on("websocket", self._stream)

    def _keep(self, response: Response) -> None:
        if response.request.resource_type in ("document", "fetch", "xhr"):
            try:
                self.received.append(response.body())
            except Exception:  # a redirect has no body
                return

    def _stream(self, stream: WebSocket) -> None:
        self.addresses.append(stream.url)
        stream.on("framereceived", lambda frame: self.received.append(frame.encode() if isinstance(frame, str) else frame))


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Phone]:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="ky")
    made = Phone(context, context.new_page())
    made.listen()
    yield made
    context.close()


def test_a_slip_opens_one_child_and_leaves_no_trace_of_the_code(given: Given, server: Server, phone: Phone):
    me = given.pupils[0]
    code = given.codes[me.pupil]
    phone.page.goto(link(server.address, code, "ru"))
    phone.page.wait_for_url("**/my_child**")
    settle(phone.page)
    assert me.name in phone.page.inner_text("body")
    cookie = next(c for c in phone.context.cookies() if c["name"] == COOKIE)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    phone.page.locator('[data-testid="stSidebarNavLink"][href*="class_summary"]').evaluate("e => e.click()")
    phone.page.wait_for_url("**/class_summary**")
    settle(phone.page)
    assert "7-А" in phone.page.inner_text("h2")

    came = b"".join(phone.received)
    assert me.name.encode() in came, "the canary's own bird sings"
    assert [m.name for m in given.foreign if m.name.encode() in came] == []
    assert [m.pupil for m in [me, *given.foreign] if m.pupil.encode() in came] == []
    server.stop()
    log = server.log.read_text(encoding="utf-8") if server.log else ""
    seen = "\n".join([*(address.partition("#")[0] for address in phone.addresses), phone.page.url, log, str(phone.context.cookies())])
    for secret in (code, normal(code), me.pupil, me.name):
        assert secret not in seen


def test_a_closed_code_shows_an_open_page_out_within_a_minute(given: Given, server: Server, phone: Phone):
    me = given.pupils[0]
    phone.page.goto(link(server.address, given.codes[me.pupil], "ky"))
    phone.page.wait_for_url("**/my_child**")
    settle(phone.page)
    assert me.name in phone.page.inner_text("body")
    Codes(given.folder).revoke(dt.datetime.now(), pupils=(me.pupil,))
    started = time.monotonic()
    phone.page.wait_for_selector('input[aria-label]:not([type="hidden"])[autocomplete="off"]', timeout=60_000)
    assert time.monotonic() - started < 60
    settle(phone.page)
    assert me.name not in phone.page.inner_text("body")


def test_typing_the_code_at_the_entrance(given: Given, server: Server, phone: Phone):
    page = phone.page
    page.goto(f"{server.address}/family/enter")
    page.fill("#code", "K7QF-0000")
    page.click("button")
    page.wait_for_selector('[role="alert"]')
    page.fill("#code", given.codes[""].lower().replace("-", " "))
    page.click("button")
    page.wait_for_url("**/class_summary**")
    settle(page)
    assert "7-А" in page.inner_text("h2")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_they_are_readable_on_a_phone_and_for_everybody(given: Given, server: Server, chromium: Browser, theme: str):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=theme, locale="ky")  # type: ignore[arg-type]
    page = context.new_page()
    found: list[str] = []

    def look(name: str) -> None:
        for fault in Axe().run(page).response["violations"]:
            own = STREAMLITS_OWN.get(fault["id"], "#nothing")
            for node in fault["nodes"] if fault["impact"] in ("serious", "critical") else []:
                place = [node["target"][0], own]
                if not page.evaluate("([target, own]) => Boolean(document.querySelector(target)?.closest(own))", place):
                    found.append(f"{name}: {fault['id']}: {node['html'][:160]} - {node['failureSummary'][:160]}")

    page.goto(f"{server.address}/family/enter?lang=ky")
    look("entrance")
    page.goto(f"{server.address}/my_child")
    settle(page)
    look("code field")
    page.goto(link(server.address, given.codes[given.pupils[0].pupil], "ky"))
    page.wait_for_url("**/my_child**")
    for name in ("my_child", "class_summary"):
        page.goto(f"{server.address}/{name}")
        settle(page)
        look(name)
        found.extend(f"{name}: {fault}" for fault in overflow(page))
    context.close()
    assert found == [], "\n".join(found)
