"""The running application, asked without a browser's politeness: headers, closed doors, sizes, limits, and that errors say nothing."""

from __future__ import annotations

import json
import re
import socket
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from bench.browser import Server, served
from lib.ui.headers import STATIC
from tests.browser.looks import settle
from tests.security.conftest import ask
from tests.security.test_guard import CLOSED, HIDDEN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LEAKS = ("Traceback", 'File "', ".py", "site-packages", "/lib/", "Exception", "Error:")
ANSWERS = (
    "/", "/healthz", "/_stcore/health", "/nowhere", "/_stcore/metrics", "/media/x.csv", "/favicon.png", "/.env", "/static/nothing.js",
    "/%2e%2e/x", "/_stcore/host-config", "/component/x", "/oauth2callback?state=x&code=y", "/auth/login",
)  # fmt: skip


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_has_the_headers_and_no_traceback(surface: Server, path: str):
    answer = ask(surface, path)
    assert {name.lower() for name in STATIC} <= answer.headers.keys()
    assert "script-src" in answer.headers["content-security-policy"]
    assert answer.status < 500
    assert not any(leak in answer.body.decode("utf-8", "replace") for leak in LEAKS)


@pytest.mark.parametrize("path", [*CLOSED, *HIDDEN])
def test_doors_that_no_reader_needs_are_closed(surface: Server, path: str):
    assert ask(surface, path).status == 404


@pytest.mark.parametrize(
    "path", ["/../app.py", "/static/../../../lib/cli.py", "/..%2f..%2fapp.py", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/a%00"]
)
def test_no_path_leads_out(surface: Server, path: str):
    answer = ask(surface, path)
    assert answer.status == 400 and b"root:" not in answer.body and b"import" not in answer.body


def test_health_says_nothing_about_the_school(surface: Server):
    answer = ask(surface, "/healthz")
    assert json.loads(answer.body) == {"status": "ok"}


def test_sizes_and_methods(surface: Server):
    assert ask(surface, "/", "POST", body=b"x").status == 405
    assert ask(surface, "/_stcore/upload_file/s/f", "PUT", {"Content-Length": str(50 * 2**20)}).status == 413
    assert ask(surface, "/_stcore/upload_file/s/f", "PUT", body=b"x").status == 403, "without Streamlit's token nothing is taken"
    assert ask(surface, "/" + "a" * 3000).status == 414
    assert ask(surface, "/", headers={"X-Long": "a" * 200_000}).status in (400, 431)


def test_a_foreign_name_opens_nothing(surface: Server):
    assert ask(surface, "/", headers={"Host": "evil.example"}).status == 421


# --- connections ---------------------------------------------------------------------------------------------------------


def stream(server: Server, **more: object) -> object:
    return connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], proxy=None, open_timeout=10, **more
    )


def test_a_foreign_page_opens_no_connection(surface: Server):
    with pytest.raises(InvalidStatus) as refused:
        stream(surface, origin="https://evil.example")
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus):
        stream(surface, additional_headers={"Host": "evil.example"})
    stream(surface, origin=f"http://127.0.0.1:{surface.port}").close()


@pytest.mark.parametrize("frame", [b"\xff" * 100, "text", b"x" * (2 * 2**20)], ids=["nonsense", "text", "too large"])
def test_a_frame_that_is_none_ends_the_connection_and_says_nothing(surface: Server, frame: bytes | str):
    with stream(surface) as wire:
        wire.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                heard = wire.recv(timeout=15)
                assert not any(leak.encode() in (heard if isinstance(heard, bytes) else heard.encode()) for leak in LEAKS[:1])
    assert closed.value.rcvd is None or not any(leak in closed.value.rcvd.reason for leak in LEAKS)


def test_a_flood_of_wishes_waits_and_everybody_else_is_served(surface: Server):
    wish = BackMsg()
    wish.rerun_script.query_string = ""
    with stream(surface) as wire:
        for _ in range(1000):
            wire.send(wish.SerializeToString())
        time.sleep(2)
        begun = time.monotonic()
        assert [ask(surface, "/healthz").status for _ in range(5)] == [200] * 5
        assert time.monotonic() - begun < 20, "without the guard the first of them waits for a minute"


def many(server: Server, path: str, times: int) -> list[int]:
    """The same request many times over one connection: the statuses of the answers."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as wire:
        wire.sendall((f"{request}\r\n" * (times - 1) + f"{request}Connection: close\r\n\r\n").encode())
        found = b"".join(iter(lambda: wire.recv(65536), b""))
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", found)]


def test_many_from_one_address_are_slowed_and_the_process_lives(demo_store: Path, tmp_path: Path):
    with served(demo_store, log=tmp_path / "server.log") as server:
        told = many(server, "/oauth2callback?state=x", 400)
        assert told[:200].count(429) == 0 and told.count(429) >= 20 and len(told) == 400
        assert ask(server, "/healthz").status == 200
        with socket.create_connection(("127.0.0.1", server.port)) as half:  # a request that never ends takes nobody's place
            half.sendall(b"GET / HTTP/1.1\r\nHost: ")
            assert ask(server, "/").status == 200
    assert "Traceback" not in (tmp_path / "server.log").read_text("utf-8")


# --- media, with real browsers ---------------------------------------------------------------------------------------------


def test_a_download_belongs_to_its_browser(chromium: Browser, surface: Server):
    mine, other = chromium.new_context(locale="ky"), chromium.new_context(locale="ky")
    page, strange = mine.new_page(), other.new_page()
    for opened in (page, strange):
        opened.goto(f"{surface.address}/learning_outcomes")
        settle(opened)
    page.evaluate("document.querySelectorAll('[role=tablist]').forEach(list => list.querySelectorAll('[role=tab]')[2]?.click())")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    address = download.value.url
    assert "/media/" in address and Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    kept = mine.request.get(address)
    assert (kept.status, kept.headers["cache-control"]) == (200, "no-store")
    assert other.request.get(address).status == 404, "another browser, with a page of its own open"
    assert ask(surface, address.removeprefix(surface.address)).status == 404, "and one without a cookie"
    cookie = next(c for c in mine.cookies() if c["name"] == "sapat_browser")
    assert cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["expires"] == -1
    mine.close()
    other.close()


def test_a_defect_on_a_page_says_one_calm_sentence(chromium: Browser, demo_store: Path, tmp_path: Path):
    """A store.yaml that cannot be read, a snapshot that is gone: what the browser is told over its connection holds no traceback."""
    broken = tmp_path / "school"
    broken.mkdir()
    (broken / "store.yaml").write_text("school_name: [", encoding="utf-8")
    with served(broken, log=tmp_path / "server.log") as server:
        page = chromium.new_page()
        frames: list[bytes] = []
        page.on(
            "websocket", lambda ws: ws.on("framereceived", lambda data: frames.append(data if isinstance(data, bytes) else data.encode()))
        )
        page.goto(server.address)
        settle(page)
        text = page.locator("body").inner_text()
        page.close()
    sent = b"".join(frames)
    assert "store.yaml" in text, "where, what and how to mend it"
    assert not any(leak.encode() in sent for leak in ("Traceback", "site-packages", 'File "', str(tmp_path)))
