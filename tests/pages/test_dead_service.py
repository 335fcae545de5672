"""A service that is dead: the collect gives up within a minute, in real time, and a reader's pages answer all the while."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lib import collection, settings
from lib.collection import collect
from tests import small_school
from tests.google_school import GoogleSchool
from tests.pages.conftest import Opener, page_path
from tests.sheets_server import SheetsServer

pytestmark = [pytest.mark.slow, pytest.mark.alone]
LOADED = settings.load(as_of=dt.date(2026, 4, 15))
NOW = dt.datetime(2026, 4, 15, 7, 40)


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes every connection and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def trickling() -> Iterator[str]:
    """A server that answers a byte a second, for ever."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        over = threading.Event()

        def answer(connection: socket.socket) -> None:
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
                while not over.wait(1.0):
                    connection.sendall(b" ")

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()


@pytest.mark.parametrize("dead", [silent, nobody, trickling])
def test_a_dead_service_is_given_up_within_a_minute_and_pages_answer(opened: Opener, tmp_path: Path, monkeypatch, dead):
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    monkeypatch.setattr(collection, "PLANS", tmp_path / "plans")
    with SheetsServer() as server, dead() as url:
        school = GoogleSchool(server.url, tmp_path)
        for name, sheets in small_school.by_workbook(small_school.school(LOADED.forms)).items():
            school.put(name, {sheet.title: sheet.rows for sheet in sheets})
        for name, value in school.environment().items():
            monkeypatch.setenv(name, value)
        school.open_to_everybody()
        place = school.place()
        collect(place, LOADED, NOW)
        app = opened(f"google:{school.id}", "learning_outcomes")
        assert not app.exception and app.metric, "the pages show the school"
        done: list[Any] = []

        def work() -> None:
            started = time.monotonic()
            found = collect(dataclasses.replace(place, drive_url=url), LOADED, NOW, only_if_changed=True)
            done.append((time.monotonic() - started, found))

        thread = threading.Thread(target=work)
        thread.start()
        took = []
        pages = itertools.cycle(("resources", "collection", "learning_outcomes", "overview"))
        while thread.is_alive():
            started = time.monotonic()
            app.switch_page(page_path(next(pages))).run()
            took.append(time.monotonic() - started)
            assert not app.exception
            thread.join(1.0)
    ((seconds, found),) = done
    assert seconds < 60
    assert found.problem.code == "google_network"
    assert max(took[1:]) < 1.0, "the first page of its kind may read what it shows"
