"""What is read back from the made spreadsheets is, cell by cell, what is read from the .xlsx files of the same plans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lib.demo import plan_school
from lib.model.cell import RawSheet
from lib.provisioning import CREATED, THERE, drawing, provision
from lib.provisioning.provision import folder_of
from lib.store.folder import FolderStore
from lib.store.google import GoogleStore
from lib.templates import WorkbookPlan, write_workbooks
from tests.provisioning.drive_school import READER, DriveSchool, key, loaded

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demo() -> list[WorkbookPlan]:
    """A filled school with all its damage."""
    return plan_school(60, 1, 5, loaded())[0]


def grid(sheet: RawSheet) -> list[list[Any]]:
    """Cells with their types, without empty ends: 1, 1.0 and True are not the same."""
    rows = [[(type(cell), cell) for cell in row] for row in sheet.rows]
    for row in rows:
        while row and row[-1][1] is None:
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


def differences(school: DriveSchool, plans: Sequence[WorkbookPlan], folder: Path) -> tuple[int, list[str]]:
    """(cells compared, where the spreadsheet differs from the file)."""
    write_workbooks(folder, plans, loaded())
    files, store = FolderStore(folder), GoogleStore(school.place)
    cells, found = 0, []
    for plan in plans:
        drawn = files.read(plan.name)
        made = store.read(f"{folder_of(plan)}/{Path(plan.name).stem}")
        if [(s.title, s.hidden) for s in drawn] != [(s.title, s.hidden) for s in made]:
            found.append(f"{plan.name}: {[s.title for s in drawn]} / {[s.title for s in made]}")
            continue
        for one, other in zip(drawn, made, strict=True):
            cells += sum(map(len, grid(one)))
            if grid(one) != grid(other):
                row = next((n for n, pair in enumerate(zip(grid(one), grid(other), strict=False), 1) if pair[0] != pair[1]), 0)
                found.append(f"{plan.name}, {one.title}, row {row}")
    return cells, found


def test_a_demo_school_with_its_damage(school, demo, tmp_path, monkeypatch):
    report = provision(school.place, demo, loaded(), school.way)
    assert {outcome.state for outcome in report.outcomes} == {CREATED}
    monkeypatch.setenv("SAPAT_GOOGLE_KEY", key(school.server, READER))
    school.drive("POST", f"/files/{school.place.id}/permissions", {"type": "user", "role": "reader", "emailAddress": READER})
    cells, found = differences(school, demo, tmp_path / "files")
    assert found == []
    assert cells > 20_000
    school.server.reset_calls()
    again = provision(school.place, demo, loaded(), school.way)
    assert {outcome.state for outcome in again.outcomes} == {THERE}, [o for o in again.outcomes if o.state != THERE]
    assert [call for call in school.server.calls if call.method != "GET"] == []


def test_rows_that_come_in_pieces(school, demo, tmp_path, monkeypatch):
    """A tab that is too big for one request: its rows follow in further ones."""
    monkeypatch.setenv("SAPAT_GOOGLE_KEY", key(school.server))
    monkeypatch.setattr(drawing, "MOST_BYTES", 20_000)
    monkeypatch.setattr(drawing, "_ROWS_BYTES", 4_000)
    some = [plan for plan in demo if "class-9" in plan.name or "registry" in plan.name or "assessments" in plan.name]
    provision(school.place, some, loaded(), school.way)
    assert len([call for call in school.server.calls if call.kind == "sheets_write"]) > 5 * len(some)
    _, found = differences(school, some, tmp_path / "files")
    assert found == []
