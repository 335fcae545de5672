"""A file under /media is given to the browser that was told of it, while a page of it is open."""

from __future__ import annotations

import re

import pytest

from lib.ui.media import COOKIE, FILES, LINGER, MediaOwners
from tests.security.asgi import Echo, call, headers, opening, scope_of, status
from tests.security.test_guard import Clock

MINE, OTHER = "m" * 32, "o" * 32
FILE = "a6aaaf503289317965d8855e08d8c171"


def cookie(token: str) -> list[tuple[str, str]]:
    return [("Cookie", f"_streamlit_xsrf=x; {COOKIE}={token}")]


def fetched(owners: MediaOwners, token: str = MINE, path: str = f"/media/{FILE}.csv") -> int:
    return status(call(owners, scope_of("http", path, cookie(token) if token else [])))


def told(clock: Clock, token: str = MINE, frame: bytes = b"\x0a\x05url:/media/" + FILE.encode() + b".csv\x00") -> MediaOwners:
    """The owners after one page of a browser was open and a file was told over it."""
    owners = MediaOwners(Echo(frames=[frame]), clock)
    call(owners, scope_of("websocket", "/_stcore/stream", cookie(token)), opening())
    return owners


def test_the_browser_that_was_told_fetches_its_file():
    owners = told(Clock())
    assert fetched(owners) == 200
    answer = headers(call(owners, scope_of("http", f"/media/{FILE}.csv", cookie(MINE))))
    assert answer["cache-control"] == "no-store" and "sandbox" in answer["content-security-policy"]


@pytest.mark.parametrize("token", ["", OTHER, "short", "m" * 32 + "\x00", "'" * 32])
def test_nobody_else_does(token: str):
    assert fetched(told(Clock()), token) == 404


NOT_MINE = ["", "/", f"/{FILE[:-1]}0.csv", f"/{FILE}/x", f"/x/{FILE}.csv", "/a.csv"]


@pytest.mark.parametrize("path", [*(f"/media{path}" for path in NOT_MINE), f"/MEDIA/{FILE}.csv"])
def test_another_file_is_not_there(path: str):
    assert fetched(told(Clock()), MINE, path) == 404


def test_fonts_are_no_media():
    assert fetched(MediaOwners(Echo()), "", "/static/media/SourceSansVF.woff2") == 200


def test_a_page_without_a_cookie_is_told_nothing():
    owners = told(Clock(), token="")
    assert fetched(owners, "") == 404 and not owners._told


def test_a_while_after_the_last_page_was_closed_nothing_is_left():
    clock = Clock()
    owners = told(clock)
    clock.now += LINGER - 1
    assert fetched(owners) == 200
    clock.now += 2
    assert fetched(owners) == 404
    assert not owners._told and not owners._closed_at


def test_an_open_page_keeps_its_files():
    clock = Clock()
    owners = told(clock)
    owners._open[MINE] = 1  # another page of the same browser
    clock.now += 10 * LINGER
    assert fetched(owners) == 200


def test_what_is_remembered_has_an_end():
    frame = b"".join(b"/media/%032x " % number for number in range(FILES + 10))
    owners = told(Clock(), frame=frame)
    assert len(owners._told[MINE]) == FILES
    assert fetched(owners, MINE, f"/media/{0:032x}.csv") == 404 and fetched(owners, MINE, f"/media/{FILES + 9:032x}.csv") == 200


def test_a_new_browser_gets_a_cookie_that_no_script_reads():
    answer = headers(call(MediaOwners(Echo("text/html; charset=utf-8")), scope_of("http", "/")))["set-cookie"]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{32}}; Path=/; HttpOnly; SameSite=Lax", answer)
    again = headers(call(MediaOwners(Echo("text/html; charset=utf-8")), scope_of("http", "/")))["set-cookie"]
    assert again != answer
    assert "set-cookie" not in headers(call(MediaOwners(Echo("text/html")), scope_of("http", "/", cookie(MINE))))
    assert "set-cookie" not in headers(call(MediaOwners(Echo("text/css")), scope_of("http", "/")))
