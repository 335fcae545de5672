"""The local server, and a fresh folder in its Drive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provisioning.drive_school import DriveSchool, drive_school, key
from tests.sheets_server import SheetsServer


@pytest.fixture(scope="package")
def running() -> Iterator[SheetsServer]:
    with SheetsServer() as server:
        yield server


@pytest.fixture
def server(running: SheetsServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SheetsServer:
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "desks"))
    monkeypatch.setenv("SAPAT_GOOGLE_WRITE_KEY", key(running))
    monkeypatch.delenv("SAPAT_GOOGLE_KEY", raising=False)
    monkeypatch.delenv("SAPAT_STORE", raising=False)
    running.faults = None
    running.reset_calls()
    return running


@pytest.fixture
def school(server: SheetsServer) -> DriveSchool:
    made = drive_school(server)
    server.reset_calls()
    return made
