"""Must show 1 and 2, end to end: every role signs in at a local OpenID provider in Chromium, sees its menu and its pages, and no canary but
its own in anything that the server sent: frames of the WebSocket, downloads, media, logs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import oidc_provider_mock
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.access.conftest import birds
from tests.access.door import Door, opened_door
from tests.access.school import FAMILY_EMAIL, PEOPLE, email
from tests.access.test_matrix import OPENS, PAGES, allowed_birds
from tests.browser.looks import settle, texts

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAV = '[data-testid="stSidebarNavLink"]'


@pytest.fixture(scope="module")
def door(real_school: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The application, and a provider that knows an account for each role."""
    users = [
        oidc_provider_mock.User(sub=address, claims={"email": address, "email_verified": True})
        for address in (*map(email, PEOPLE), FAMILY_EMAIL)
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as provider:
        metadata = f"http://localhost:{provider.server_port}/.well-known/openid-configuration"
        with opened_door(real_school, metadata, tmp_path_factory.mktemp("door")) as running:
            yield running


@dataclass
class Reader:
    """A browser with one person in front of it, and all that reached it."""

    context: BrowserContext
    page: Page
    door: Door
    received: list[bytes | str] = field(default_factory=list)

    @classmethod
    def at(cls, chromium: Browser, door: Door, path: str = "/") -> Reader:
        context = chromium.new_context(locale="ky", accept_downloads=True, viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        reader = cls(context, page, door)
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: reader.received.append(frame)))
        page.on("response", lambda response: reader._keep_media(response))
        page.goto(door.address + path)
        settle(page)
        return reader

    def _keep_media(self, response: object) -> None:
        if "/media/" in response.url and response.ok:  # type: ignore[attr-defined]
            self.received.append(response.body())  # type: ignore[attr-defined]

    def sign_in(self, address: str) -> None:
        self.page.locator('[data-testid="stMain"] button', has_text="Кирүү").click()
        self.page.locator(f'button[value="{address}"], button:has-text("{address}")').first.click()
        self.page.wait_for_url(f"{self.door.address}/**", timeout=30_000)
        self.page.wait_for_selector(NAV, timeout=30_000)
        settle(self.page)

    def go(self, name: str) -> None:
        self.page.goto(f"{self.door.address}/{'' if name == 'overview' else name}")
        settle(self.page)

    def menu(self) -> set[str]:
        links = self.page.locator(NAV).evaluate_all("l => l.map(e => e.getAttribute('href'))")
        return {urlsplit(link).path.strip("/") or "overview" for link in links}

    def open_everything(self) -> None:
        """Whatever answers only when it is opened: cells, issues, files."""
        for summary in self.page.locator('[data-testid="stMain"] [data-testid="stExpander"] summary').all():
            summary.click()
            settle(self.page)
        for toggle in self.page.locator('[data-testid="stMain"] [data-testid="stCheckbox"] label').all():
            toggle.click()
            settle(self.page)

    def download(self) -> int:
        """Every file that a visible button gives; how many."""
        count = 0
        for button in self.page.locator('[data-testid="stMain"] [data-testid="stDownloadButton"] button').all():
            if not button.is_visible():
                continue
            with self.page.expect_download(timeout=30_000) as got:
                button.click()
            content = Path(got.value.path()).read_bytes()
            if content[:2] == b"PK":
                with zipfile.ZipFile(io.BytesIO(content)) as book:
                    self.received += [book.read(name) for name in book.namelist()]
            else:
                self.received.append(content)
            count += 1
        return count

    def close(self) -> None:
        self.context.close()


def test_after_signing_in_the_wanted_page_and_filters_come_back(chromium: Browser, door: Door):
    reader = Reader.at(chromium, door, "/learning_outcomes?subject=ALG&period=Q1")
    assert "Бул баракты ачуу үчүн кириңиз." in texts(reader.page)
    assert reader.menu() == {name for name in OPENS["public"] if next(Path("pages").glob(f"*/{name}.py"), None)}
    reader.sign_in(email("director"))
    reader.page.wait_for_url("**/learning_outcomes*", timeout=20_000)
    settle(reader.page)
    shown = " ".join(texts(reader.page))
    assert "Алгебра" in shown and "1-чейрек" in shown
    reader.close()


def test_signing_out_closes(chromium: Browser, door: Door):
    reader = Reader.at(chromium, door)
    reader.sign_in(email("teacher"))
    assert reader.page.locator('[data-testid="stMetric"]').count() > 0
    reader.page.locator('[data-testid="stSidebar"] button', has_text="Чыгуу").click()
    reader.page.wait_for_timeout(1500)
    reader.go("learning_outcomes")
    assert "Бул баракты ачуу үчүн кириңиз." in texts(reader.page)
    assert reader.page.locator('[data-testid="stMetric"]').count() == 0
    reader.close()


@pytest.mark.parametrize("role", [*PEOPLE, "family"])
def test_a_role_from_the_sign_in_to_the_files(chromium: Browser, door: Door, role: str):
    reader = Reader.at(chromium, door, "/collection")
    reader.sign_in(FAMILY_EMAIL if role == "family" else email(role))
    expected = {name for name in OPENS[role] if next(Path("pages").glob(f"*/{name}.py"), None)}
    assert reader.menu() == expected
    for name in ("overview", "learning_outcomes", "health_safety", "collection", "publication", "class_summary", "my_child"):
        reader.go(name)
        if name in expected:
            reader.open_everything()
        else:
            assert urlsplit(reader.page.url).path.strip("/") != name or not reader.page.locator('[data-testid="stMetric"]').count()
    if "collection" in expected:
        reader.go("collection")
        reader.open_everything()
        assert reader.download() > 0
    mine = allowed_birds(role)
    met = birds(*reader.received)
    foreign = {bird for bird in met if not mine(bird) and not (role == "family" and bird[0] == "9-А" and not bird[1])}
    assert foreign == set()
    assert met or role == "family", "their own canaries are there: the search finds what there is"
    assert reader.page.locator('[data-testid="stException"]').count() == 0
    reader.close()


def test_a_visitor_receives_no_canary(chromium: Browser, door: Door):
    reader = Reader.at(chromium, door)
    for name in PAGES:
        reader.go(name)
    assert birds(*reader.received) == set()
    reader.close()


def test_the_logs_hold_no_canary_and_no_address(door: Door, real_school: Path):
    """Runs last: after all of the above."""
    for text in (door.log.read_text(encoding="utf-8"), (real_school / ".sapat" / "access.log").read_text(encoding="utf-8")):
        assert birds(text) == set()
        assert "@school.example" not in text and "Traceback" not in text
