"""The way to Google: how often it is asked, what is tried again, what is said when it fails, and that no secret is said."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gspread
import pytest

from lib import settings
from lib.store import transport
from lib.store.base import StoreProblem
from lib.store.google import GoogleStore, transport_of
from lib.store.transport import Transport, Window
from tests.google_school import GoogleSchool
from tests.sheets_server import SheetsServer

LOADED = settings.load()
LANGUAGES = ("ky", "ru", "en")


@pytest.fixture(scope="module")
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def school(server: SheetsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleSchool]:
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    monkeypatch.setattr(transport, "_PAUSES", (0.01, 0.02, 0.03, 0.04))
    made = GoogleSchool(server.url, tmp_path)
    made.put("a", {"A": [["x"]]})
    server.reset_calls()
    yield made
    server.faults = None


def faulty(server: SheetsServer, kind: str, times: int | None, on: tuple[str, ...] = ("sheets_read",), **more: Any) -> None:
    server.faults = {"seed": 1, "rules": [{"kind": kind, "probability": 1.0, "on": list(on), "times": times, "seconds": 0.5, **more}]}


# --- how often -----------------------------------------------------------------------------------------------------------


def test_never_more_calls_in_a_minute_than_agreed(tmp_path: Path):
    """Many threads, and a second object on the same file as another process would have one."""
    windows = [Window(tmp_path / "calls", 5, seconds=0.5) for _ in range(2)]
    most: list[int] = []

    def work(window: Window) -> None:
        for _ in range(4):
            while seconds := window.wait():
                time.sleep(seconds)
            most.append(5 - window.left())

    threads = [threading.Thread(target=work, args=(windows[n % 2],)) for n in range(6)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 24 and max(most) == 5
    assert time.monotonic() - started >= 2.0, "twenty-four calls, five at a time: four times the window had to pass"


def test_a_window_spoilt_by_a_killed_process_is_begun_anew(tmp_path: Path):
    (tmp_path / "calls").write_text("17x", encoding="ascii")
    window = Window(tmp_path / "calls", 2)
    assert (window.left(), window.wait(), window.left()) == (2, 0.0, 1)


def test_reads_wait_for_their_turn_and_retries_count(school, server, tmp_path, monkeypatch):
    monkeypatch.setattr(transport, "MINUTE", 2.0)
    monkeypatch.setattr(Window.__init__, "__defaults__", (2.0,))
    faulty(server, "503", 3)
    store = GoogleStore(school.place(reads_per_minute=3), tmp_path / "folders.json")
    store.workbooks()
    for _ in range(3):
        store.read("a")
    assert server.most_reads_in(1.8) <= 3
    assert [call.status for call in server.calls if call.kind == "sheets_read"] == [503, 503, 503, 200, 200, 200]


# --- what is tried again -------------------------------------------------------------------------------------------------

PASSING = ("429", "408", "500", "502_html", "503", "timeout", "reset", "truncated", "truncated_json", "garbage", "expired_token")


@pytest.mark.parametrize("kind", PASSING)
def test_a_passing_fault_is_tried_again(school, server, tmp_path, kind):
    store = GoogleStore(school.place(answer_seconds=0.3), tmp_path / "folders.json")
    store.workbooks()
    faulty(server, kind, 2 if kind != "expired_token" else 1)
    assert [list(row) for row in store.read("a")[0].rows] == [["x"]]
    assert sum(bool(call.fault) for call in server.calls) >= 1


@pytest.mark.parametrize(("kind", "on"), [("403_user_rate", "drive"), ("403_rate", "drive"), ("503", "token")])
def test_passing_faults_of_drive_and_of_the_sign_in(school, server, tmp_path, monkeypatch, kind, on):
    monkeypatch.setattr("lib.store.google._SIGNED_IN", {})
    faulty(server, kind, 2, (on,))
    assert [info.name for info in GoogleStore(school.place(), tmp_path / "folders.json").workbooks()] == ["a"]


LASTING = (
    ("403_permission", "google_permission", 1), ("404", "google_not_found", 1), ("429", "google_quota", 5), ("503", "google_server", 5),
    ("502_html", "google_server", 5), ("truncated_json", "google_server", 5), ("garbage", "google_server", 5),
    ("reset", "google_network", 5),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "tries"), LASTING)
def test_a_lasting_fault_is_named(school, server, tmp_path, kind, code, tries):
    store = GoogleStore(school.place(), tmp_path / "folders.json")
    store.workbooks()
    faulty(server, kind, None)
    with pytest.raises(StoreProblem) as told:
        store.read("a")
    assert (told.value.code, told.value.passing) == (code, True)
    assert sum(call.kind == "sheets_read" for call in server.calls) == tries
    for language in LANGUAGES:
        seen, expected, mend = LOADED.issue_words(code, told.value.slots, "", language)
        assert seen and expected and mend and "{" not in seen + expected + mend and "…" not in seen


def test_what_asks_to_wait_longer_than_patience_is_given_up(school, server, tmp_path):
    store = GoogleStore(school.place(), tmp_path / "folders.json")
    store.workbooks()
    faulty(server, "429", None, retry_after=120)
    started = time.monotonic()
    with pytest.raises(StoreProblem):
        store.read("a")
    assert time.monotonic() - started < 2
    assert sum(call.kind == "sheets_read" for call in server.calls) == 1


def test_what_asks_to_wait_a_moment_is_obeyed(school, server, tmp_path):
    store = GoogleStore(school.place(), tmp_path / "folders.json")
    store.workbooks()
    faulty(server, "429", 1, retry_after=1)
    started = time.monotonic()
    store.read("a")
    assert time.monotonic() - started >= 1


def test_after_patience_every_call_fails_at_once(school, server, tmp_path):
    store = GoogleStore(school.place(patience_seconds=1.5), tmp_path / "folders.json")
    store.workbooks()
    faulty(server, "slow", None, ("sheets_read", "drive"), seconds=3)
    started = time.monotonic()
    for _ in range(20):
        with pytest.raises(StoreProblem) as told:
            store.read("a")
        assert told.value.code == "google_network"
    assert time.monotonic() - started < 5


def test_a_refused_key_is_not_tried_over_and_over(school, server, tmp_path, monkeypatch):
    """A clock that is wrong by an hour: the sign-in is refused, once."""
    monkeypatch.setattr("lib.store.google._SIGNED_IN", {})
    server.clock_offset = 7200
    try:
        store = GoogleStore(school.place(), tmp_path / "folders.json")
        for _ in range(3):
            with pytest.raises(StoreProblem) as told:
                store.workbooks()
            assert told.value.code == "google_sign_in"
    finally:
        server.clock_offset = 0
    assert sum(call.kind == "token" for call in server.calls) == 1


def test_the_token_is_renewed_when_its_hour_is_over(school, server, tmp_path):
    store = GoogleStore(school.place(), tmp_path / "folders.json")
    store.workbooks()
    store.way.credentials.expiry -= store.way.credentials.expiry - store.way.credentials.expiry.replace(year=2020)
    server.reset_calls()
    store.read("a")
    assert [call.kind for call in server.calls] == ["token", "sheets_read"]


# --- what makes something ------------------------------------------------------------------------------------------------


def writer(school: GoogleSchool, server: SheetsServer, **changed: Any) -> Transport:
    """A person's own access, as provisioning signs in."""
    from google.oauth2.credentials import Credentials

    from lib.store.google import transport_with
    from tests.google_school import PERSON

    return transport_with(school.place(**changed), Credentials(server.user_token(PERSON)), PERSON)


FILES = "https://www.googleapis.com/drive/v3/files"


def count(school: GoogleSchool, name: str) -> int:
    return sum(file["name"] == name for file in school.listing())


@pytest.mark.parametrize("kind", ["429", "403_user_rate"])
def test_making_is_tried_again_when_nothing_was_made(school, server, kind):
    way = writer(school, server)
    faulty(server, kind, 2, ("drive",))
    way.request("post", FILES, json={"name": "new", "mimeType": "application/vnd.google-apps.folder", "parents": [school.id]})
    server.faults = None
    assert count(school, "new") == 1


@pytest.mark.parametrize("kind", ["500", "503", "reset", "truncated", "timeout"])
@pytest.mark.parametrize("applied", [True, False])
def test_making_is_not_tried_again_when_it_may_have_been_made(school, server, kind, applied):
    way = writer(school, server, answer_seconds=0.3)
    name = f"{kind} {applied}"
    faulty(server, kind, 1, ("drive",), applied=applied)
    with pytest.raises(StoreProblem) as told:
        way.request("post", FILES, json={"name": name, "mimeType": "application/vnd.google-apps.folder", "parents": [school.id]})
    assert told.value.passing
    assert sum(call.method == "POST" for call in server.calls) == 1
    server.faults = None
    assert count(school, name) == int(applied)


def test_gspread_works_over_it(school, server):
    """Real gspread objects, this transport beneath them."""
    client = gspread.Client(auth=None, session=object())
    client.http_client = writer(school, server)
    book = client.open_by_key(school.file_ids["a"])
    assert book.sheet1.get_all_values() == [["x"]]
    book.sheet1.update([["y"]], "A1")
    assert book.sheet1.acell("A1").value == "y"


# --- nothing secret is said ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_no_secret_in_what_is_said(server, tmp_path, monkeypatch, caplog):
    """Whatever goes wrong: neither the key nor a token stands in the problem, its causes, or the log."""
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    monkeypatch.setattr(transport, "_PAUSES", (0.01,) * 4)
    monkeypatch.setattr("lib.store.google._SIGNED_IN", {})
    caplog.set_level(logging.DEBUG)
    school = GoogleSchool(server.url, tmp_path, private_key_id="CANARY-ID", client_id="CANARY-CLIENT")
    school.put("a", {"A": [["x"]]})
    pem = next(line for line in school.key_file.read_text(encoding="utf-8").split("\\n") if len(line) == 64)
    said = []
    kinds = ("403_permission", "404", "429", "500", "reset", "truncated_json", "garbage", "expired_token")
    cases = [(kind, on) for kind in kinds for on in ("sheets_read", "drive")] + [("500", "token"), ("garbage", "token"), ("404", "token")]
    for kind, on in cases:
        monkeypatch.setattr("lib.store.google._SIGNED_IN", {})
        store = GoogleStore(school.place(), tmp_path / "folders.json")
        faulty(server, kind, None, (on,))
        try:
            store.workbooks()
            store.read("a")
        except StoreProblem as problem:
            chain: BaseException | None = problem
            while chain is not None:
                said.append(f"{chain!r} {getattr(chain, '__dict__', '')}")
                chain = None if chain.__suppress_context__ else chain.__context__
        said.append(repr(store) + repr(store.folder))
        server.faults = None
    assert len(said) > len(cases)
    tokens = list(server._accounts._tokens)
    assert tokens
    logged = "\n".join(f"{record.getMessage()} {record.exc_info}" for record in caplog.records if not record.name.startswith("tests"))
    for secret in ("CANARY", pem, *tokens):
        assert secret not in logged
        assert not any(secret in text for text in said)


def test_no_defaults_of_gspread_are_left():
    """Its own waits without end are nowhere in the way."""
    way = Transport(None)
    assert way.connect_seconds == 5.0 and way.answer_seconds == 30.0
    assert isinstance(way, gspread.HTTPClient) and not isinstance(way, gspread.BackOffHTTPClient)
    assert transport_of is not None
