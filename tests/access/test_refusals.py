"""Must show 3: what must not let anybody in. Each case is tried at the running application, with a provider that does as it is told.

A case that ends without a cookie ends there; one that ends with a cookie is carried into Chromium, where the page must stay closed.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import openpyxl
import pytest
import requests
from playwright.sync_api import Browser, Page
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from tests.access.conftest import birds
from tests.access.door import COOKIE, SECRET, Door, lend
from tests.access.provider import Claims, Provider
from tests.access.school import FORMER, YEAR, email
from tests.browser.looks import settle, texts

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOW = int(time.time())
HOUR, DAY = 3600, 86400
GATE = ("Бул баракты ачуу үчүн кириңиз.", "ырасталган эмес", "кызматкерлер тизмесинде жок", "Акыркы киргениңизден")


@pytest.fixture(autouse=True)
def honest(provider: Provider) -> Iterator[None]:
    provider.reset(email=email("director"), email_verified=True)
    yield
    provider.reset()


def look(chromium: Browser, door: Door, session: requests.Session | None = None, path: str = "/learning_outcomes") -> tuple[Page, set]:
    """The page in a new browser with the session's cookies, and the canaries in what the server sent."""
    context = chromium.new_context(locale="ky")
    frames: list[bytes | str] = []
    if session is not None:
        lend(context, session, door.address)
    page = context.new_page()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    page.goto(door.address + path)
    settle(page)
    return page, birds(*frames)


def closed(chromium: Browser, door: Door, session: requests.Session | None = None, path: str = "/learning_outcomes") -> None:
    """The page stays closed: a sentence, no figure, no name."""
    page, met = look(chromium, door, session, path)
    read = " ".join(texts(page))
    try:
        assert any(sentence in read for sentence in GATE), read
        assert page.locator('[data-testid="stMetric"], [data-testid="stTable"], [data-testid="stVegaLiteChart"]').count() == 0
        assert met == set()
    finally:
        page.context.close()


def opened(chromium: Browser, door: Door, session: requests.Session) -> bool:
    page, _met = look(chromium, door, session)
    try:
        return page.locator('[data-testid="stMetric"]').count() > 0
    finally:
        page.context.close()


def test_an_honest_sign_in_opens(chromium: Browser, door: Door):
    """Without this none of the refusals below would mean anything."""
    session = door.through()
    assert COOKIE in session.cookies
    assert opened(chromium, door, session)


# --- the token -----------------------------------------------------------------------------------------------------------

TOKENS: dict[str, Claims] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "no issuer": {"iss": None},
    "for another application": {"aud": "another"},
    "for several, and not asked for by us": {"aud": ["another", "sapat-test"], "azp": "another"},
    "no audience": {"aud": None},
    "another nonce": {"nonce": "chosen-by-the-attacker"},
    "no nonce": {"nonce": None},
    "expired": {"iat": NOW - 2 * HOUR, "exp": NOW - HOUR},
    "never expires": {"exp": None},
    "not yet valid": {"nbf": NOW + HOUR},
    "issued in the future": {"iat": NOW + HOUR},
    "no time of issue": {"iat": None},
    "nobody": {"sub": None},
}
SIGNATURES = ("unsigned", "by_another", "by_public_key", "by_client_secret", "changed_afterwards")


@pytest.mark.parametrize("case", TOKENS)
def test_a_token_that_says_something_wrong(door: Door, provider: Provider, case: str):
    provider.reset(email=email("director"), email_verified=True, **TOKENS[case])
    assert COOKIE not in door.through().cookies


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_token_that_is_not_the_provider_s(door: Door, provider: Provider, signature: str):
    provider.answer = getattr(provider, signature)
    assert COOKIE not in door.through().cookies


# --- the way -------------------------------------------------------------------------------------------------------------


def test_a_forged_state(door: Door):
    session = requests.Session()
    back = door.ask(session)
    code = parse_qs(urlsplit(back).query)["code"][0]
    session.get(f"{door.address}/oauth2callback?{urlencode({'code': code, 'state': 'forged'})}", allow_redirects=False, timeout=10)
    assert COOKIE not in session.cookies


def test_a_state_of_another_browser(door: Door):
    """Somebody is led through the attacker's sign-in: their browser never began it."""
    back = door.ask(requests.Session())
    victim = requests.Session()
    victim.get(back, allow_redirects=False, timeout=10)
    assert COOKIE not in victim.cookies


def test_a_callback_without_code_or_state(door: Door):
    session = requests.Session()
    for query in ("", "?state=x", "?code=x", "?error=access_denied", "?code=x&state=x&email=director@school.example"):
        session.get(f"{door.address}/oauth2callback{query}", allow_redirects=False, timeout=10)
    assert COOKIE not in session.cookies


def test_a_callback_played_again(door: Door):
    session = requests.Session()
    back = door.ask(session)
    session.get(back, allow_redirects=False, timeout=10)
    assert COOKIE in session.cookies
    session.cookies.pop(COOKIE)
    session.get(back, allow_redirects=False, timeout=10)
    assert COOKIE not in session.cookies


def test_a_code_played_again_with_a_fresh_state(door: Door):
    session = requests.Session()
    used = parse_qs(urlsplit(door.ask(session)).query)
    session.get(f"{door.address}/oauth2callback?{urlencode({name: v[0] for name, v in used.items()})}", allow_redirects=False, timeout=10)
    thief = requests.Session()
    fresh = parse_qs(urlsplit(door.ask(thief)).query)["state"][0]
    thief.get(f"{door.address}/oauth2callback?{urlencode({'code': used['code'][0], 'state': fresh})}", allow_redirects=False, timeout=10)
    assert COOKIE not in thief.cookies


def test_a_login_link_of_a_stranger(door: Door):
    for link in (
        door.login_address("another-secret-of-somebody-else"),
        f"{door.address}/auth/login",
        f"{door.address}/auth/login?provider=x",
    ):
        answer = requests.get(link, allow_redirects=False, timeout=10)
        assert urlsplit(answer.headers["Location"]).netloc in ("", urlsplit(door.address).netloc), "nobody is sent to a provider"


ELSEWHERE = (
    "next=https://elsewhere.example", "redirect=//elsewhere.example", "redirect_uri=https://elsewhere.example/oauth2callback",
    "return_to=/%5C%5Celsewhere.example", "url=javascript:alert(1)",
)  # fmt: skip


@pytest.mark.parametrize("query", ELSEWHERE)
def test_no_way_leads_elsewhere(door: Door, provider: Provider, query: str):
    """Neither before the sign-in nor after it: addresses of other sites in the query lead nowhere, and reach no provider."""
    ours = {"", urlsplit(door.address).netloc}
    session = requests.Session()
    first = session.get(f"{door.login_address()}&{query}", allow_redirects=False, timeout=10)
    asked = urlsplit(first.headers["Location"])
    assert asked.netloc == urlsplit(provider.address).netloc
    assert parse_qs(asked.query)["redirect_uri"] == [f"{door.address}/oauth2callback"]
    back = session.get(first.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
    last = session.get(f"{back}&{query}", allow_redirects=False, timeout=10)
    assert urlsplit(last.headers["Location"]).netloc in ours
    away = session.get(f"{door.address}/auth/logout?{query}", allow_redirects=False, timeout=10)
    assert urlsplit(away.headers["Location"]).netloc in ours


# --- the account ---------------------------------------------------------------------------------------------------------

ACCOUNTS: dict[str, Claims] = {
    "an e-mail that the provider does not confirm": {"email_verified": False},
    "an e-mail of which the provider says nothing": {"email_verified": None},
    "a confirmation that is a word": {"email_verified": "true"},
    "a confirmation that is a number": {"email_verified": 1},
    "no e-mail": {"email": None},
    "an empty e-mail": {"email": ""},
    "an e-mail that is a list": {"email": [email("director")]},
    "somebody unknown": {"email": "stranger@school.example"},
    "somebody who works no more": {"email": "gone@school.example"},
    "somebody of last year": {"email": FORMER},
    "an address that stands twice": {"email": "twice@school.example"},
    "another case": {"email": email("director").upper()},
    "a look-alike letter": {"email": email("director").replace("e", "\u0435")},
    "a letter that becomes a small one": {"email": "organizer@school.example".replace("s", "\u017f")},
    "a space": {"email": f" {email('director')}"},
    "a line after it": {"email": f"{email('director')}\n"},
    "something after a plus": {"email": email("director").replace("@", "+x@")},
    "another domain": {"email": f"{email('director')}.elsewhere.example"},
    "a sign-in of last month": {"iat": NOW - 30 * DAY, "exp": NOW + HOUR},
}


@pytest.mark.parametrize("case", ACCOUNTS)
def test_an_account_that_is_nobody_here(chromium: Browser, door: Door, provider: Provider, case: str):
    provider.reset(**{"email": email("director"), "email_verified": True, **ACCOUNTS[case]})
    session = door.through()
    closed(chromium, door, session)


# --- the cookie ----------------------------------------------------------------------------------------------------------


def plain(door: Door, **more: object) -> str:
    said = {
        "email": email("director"),
        "email_verified": True,
        "iat": NOW,
        "is_logged_in": True,
        "provider": "default",
        "origin": door.address,
    }
    return json.dumps({**said, **more})


COOKIES: dict[str, Callable[[Door, str], str | None]] = {
    "none": lambda door, honest: None,
    "changed in the middle": lambda door, honest: honest[:40] + ("A" if honest[40] != "A" else "B") + honest[41:],
    "cut off": lambda door, honest: honest[:-6],
    "without its signature": lambda door, honest: plain(door),
    "signed with another secret": lambda door, honest: create_signed_value("another-secret-of-somebody", COOKIE, plain(door)).decode(),
    "signed for another name": lambda door, honest: create_signed_value(SECRET, "_streamlit_user_tokens", plain(door)).decode(),
    "of another site": lambda door, honest: create_signed_value(SECRET, COOKIE, plain(door, origin="https://elsewhere.example")).decode(),
    "not signed in": lambda door, honest: create_signed_value(SECRET, COOKIE, plain(door, is_logged_in=False)).decode(),
    "a word instead of yes": lambda door, honest: create_signed_value(SECRET, COOKIE, plain(door, is_logged_in="yes")).decode(),
    "from a year ago": lambda door, honest: create_signed_value(SECRET, COOKIE, plain(door, iat=NOW - 365 * DAY)).decode(),
}


@pytest.mark.parametrize("case", COOKIES)
def test_a_cookie_that_is_not_ours(chromium: Browser, door: Door, case: str):
    honest = door.through().cookies[COOKIE]
    session = requests.Session()
    value = COOKIES[case](door, honest)
    if value is not None:
        session.cookies.set(COOKIE, value, domain=urlsplit(door.address).hostname)
    closed(chromium, door, session)


def test_a_header_names_nobody(chromium: Browser, door: Door):
    """Headers that proxies use to name a person are not believed."""
    context = chromium.new_context(
        locale="ky", extra_http_headers={"X-Forwarded-Email": email("director"), "X-Streamlit-User": email("director")}
    )
    page = context.new_page()
    page.goto(f"{door.address}/learning_outcomes")
    settle(page)
    assert GATE[0] in " ".join(texts(page))
    context.close()


# --- somebody who is taken off -------------------------------------------------------------------------------------------


def test_a_person_taken_off_is_out_within_a_minute(chromium: Browser, door: Door, provider: Provider, real_school: Path):
    from lib import settings
    from lib.collection import collect
    from lib.demo import AS_OF

    provider.reset(email=email("psych"), email_verified=True)
    page, _met = look(chromium, door, door.through())
    assert page.locator('[data-testid="stMetric"]').count() > 0
    registry = real_school / YEAR / "registry.xlsx"
    kept = registry.with_suffix(".kept")
    shutil.copy(registry, kept)
    try:
        book = openpyxl.load_workbook(registry)
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                if any(cell.value == email("psych") for cell in row):
                    for cell in row:
                        cell.value = None
        book.save(registry)
        collect(real_school, settings.load(real_school, today=AS_OF), now=dt.datetime.now())
        began = time.monotonic()
        page.wait_for_function("() => !document.querySelector('[data-testid=\"stMetric\"]')", timeout=60_000)
        assert time.monotonic() - began < 60
        settle(page)
        assert "кызматкерлер тизмесинде жок" in " ".join(texts(page))
    finally:
        page.context.close()
        shutil.move(kept, registry)
        collect(real_school, settings.load(real_school, today=AS_OF), now=dt.datetime.now())


# --- what stays behind ---------------------------------------------------------------------------------------------------


def test_the_logs_name_nobody(door: Door, real_school: Path):
    """Runs last: whatever was tried above, neither log holds an e-mail, a name or a token."""
    log = (real_school / ".sapat" / "access.log").read_text(encoding="utf-8")
    server = door.log.read_text(encoding="utf-8")
    assert '"event": "sign-in"' in log and '"event": "refused"' in log and '"why": "unknown"' in log
    for text in (log, server):
        assert "@school.example" not in text and "@home.example" not in text
        assert birds(text) == set()
    bodies = re.findall(r"eyJ[\w-]+\.([\w-]+)", server)
    said = [json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) for body in bodies]
    assert all(set(claims) <= {"provider", "exp"} for claims in said), "links to sign in with, and no identity token"
