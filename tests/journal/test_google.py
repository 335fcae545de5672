"""In Google an export is a spreadsheet in a sub-folder; what was pasted on a page lies in the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.collection import collect
from lib.settings import Settings, desk_of
from lib.store.exports import save_export
from tests import small_school
from tests.google_school import GoogleSchool
from tests.journal.small import conserved, marks, text_of
from tests.sheets_server import SheetsServer


@pytest.fixture(scope="module")
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.mark.slow
def test_exports_of_a_google_school(server: SheetsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loaded: Settings):
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "desks"))
    drive = GoogleSchool(server.url, tmp_path)
    tabs = small_school.school(dict(loaded.forms))
    for tab in tabs:
        if tab.title in ("ALG", "PHY") and "7-А" in tab.workbook:
            for row in tab.grid[5:]:
                row[2] = None
    for name, sheets in small_school.by_workbook(tabs).items():
        drive.put(name, {sheet.title: sheet.rows for sheet in sheets})
    names = [p["full_name"] for p in small_school.pupils("7-А")]
    ids = [p["pupil_id"] for p in small_school.pupils("7-А")]
    drive.put("exports/algebra", {"7-А": [["Алгебра, 1-чейрек"], ["ФИО", "Баа"], *([n, 5.0] for n in names)]})
    place = drive.place()
    rows = [["7-А Физика 1-чейрек"], ["ФИО", "Баа"], *([n, "4"] for n in names)]
    pasted = save_export(place, "2025-2026 7-А PHY Q1", ".tsv", text_of(rows, "\t"))
    result = collect(place, loaded, dt.datetime(2026, 4, 15))
    snapshot = result.snapshot
    assert marks(snapshot, "ALG")[ids[0], "q1"] == ("5", "exports/algebra", 3)
    assert marks(snapshot, "PHY")[ids[0], "q1"] == ("4", pasted, 3)
    (link,) = {s["link"] for s in snapshot.table("sheets").to_pylist() if s["workbook"] == "exports/algebra"}
    assert link.startswith("http")
    conserved(snapshot)
    again = collect(place, loaded, dt.datetime(2026, 4, 15), only_if_changed=True)
    assert again.read == 0 and again.snapshot.id == snapshot.id
    for path in (desk_of(place) / "exports").iterdir():
        path.unlink()
    assert not [k for k in marks(collect(place, loaded, dt.datetime(2026, 4, 15)).snapshot, "PHY") if k[1] == "q1"]
