"""A hostile school, a server over it, and small doors to ask that server without a browser's politeness."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.browser import Server, served
from lib import settings
from tests.conftest import Cli
from tests.security import payloads
from tests.security.hostile_school import poison


@dataclass(frozen=True)
class HostileSchool:
    """`written`: the (form, column) of every place that holds a payload."""

    store: Path
    written: frozenset[tuple[str, str]]


def hostile(cli: Cli, folder: Path, cells: tuple[str, ...], titles: tuple[str, ...], files: tuple[str, ...]) -> HostileSchool:
    cli("demo", folder, "--pupils", 60, "--years", 1, "--seed", 7)
    shutil.rmtree(folder / ".sapat", ignore_errors=True)
    written = poison(folder, dict(settings.load().forms), cells, titles, files)
    cli("collect", "--store", folder)
    return HostileSchool(folder, frozenset(written))


@pytest.fixture(scope="session")
def scripted(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> HostileSchool:
    """A collected school full of scripts and Markdown."""
    return hostile(cli, tmp_path_factory.mktemp("hostile") / "school", payloads.SCRIPTS, payloads.TAB_TITLES, payloads.FILE_NAMES)


@pytest.fixture(scope="session")
def surface(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application as it is served, over a demo school."""
    with served(demo_store, log=tmp_path_factory.mktemp("surface") / "server.log") as server:
        yield server


@dataclass(frozen=True)
class Answer:
    """An answer of HTTP as it came."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(server: Server, path: str, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
    """One request with its path exactly as given: nothing tidies it up on the way."""
    told = (
        {"Host": f"127.0.0.1:{server.port}", "Connection": "close"} | ({"Content-Length": str(len(body))} if body else {}) | (headers or {})
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as wire:
        wire.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        wire.settimeout(20)
        found = b""
        try:
            while piece := wire.recv(65536):
                found += piece
        except ConnectionResetError:  # the server had heard enough
            pass
    top, _, rest = found.partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    return Answer(int(first.split()[1]), {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}, rest)
