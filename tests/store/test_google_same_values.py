"""A whole school in a folder and the same school in Google Drive: the same cells, records, issues and values, to the last digit."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib import collection, settings
from lib.store.folder import FolderStore
from lib.store.google import GoogleStore
from tests.google_school import GoogleSchool, ServerProcess

pytestmark = pytest.mark.slow
AS_OF = dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 15, 7, 40)


@pytest.fixture(scope="module")
def google(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleSchool]:
    """The demo school, put up cell by cell by another program than the product."""
    base = tmp_path_factory.mktemp("google")
    with ServerProcess() as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAPAT_DESKS", str(base / "var" / "desks"))
        school = GoogleSchool(server.url, base)
        school.mirror(demo_store)
        yield school


def test_the_same_cells(demo_store: Path, google: GoogleSchool):
    folder, drive = FolderStore(demo_store), GoogleStore(google.place())
    names = [info.name for info in folder.workbooks()]
    assert [info.name for info in drive.workbooks()] == names
    cells = 0
    for name in names:
        for mine, other in zip(folder.read(name), drive.read(name), strict=True):
            assert (mine.title, mine.hidden) == (other.title, other.hidden)
            assert trimmed(mine.rows) == trimmed(other.rows), f"{name} / {mine.title}"
            cells += sum(value is not None for row in mine.rows for value in row)
    assert cells > 50_000


def trimmed(rows: Any) -> list[list[Any]]:
    """Without the empty cells at the ends of rows and the empty rows at the end: a store may give them or not."""
    found = [list(row) for row in rows]
    for row in found:
        while row and row[-1] is None:
            row.pop()
    while found and not found[-1]:
        found.pop()
    return found


def test_the_same_values_to_the_last_digit(demo_store: Path, google: GoogleSchool, tmp_path: Path):
    loaded = settings.load(demo_store)
    assert loaded.as_of == AS_OF
    desk = settings.desk_of(google.place())
    desk.mkdir(parents=True)
    shutil.copy(settings.desk_of(demo_store) / "submissions.csv", desk)  # on which days tabs were complete is no cell
    there = collection.collect(google.place(), loaded, NOW)
    here = collection.collect(demo_store, loaded, NOW)
    assert (there.cells, there.accepted, there.reported) == (here.cells, here.accepted, here.reported)
    for form, records in here.snapshot.all_records().items():
        assert there.snapshot.records(form).equals(records), form
    for table in ("issues", "completeness"):
        assert rows(there, table) == rows(here, table)
    for table in ("values", "companions"):
        mine, other = rows(here, table), rows(there, table)
        assert len(mine) == len(other) > 3_000
        # sums of fractions are added in another order from run to run: the same to fifteen digits
        for a, b in zip(mine, other, strict=True):
            assert {k: v for k, v in a.items() if not isinstance(v, float)} == {k: v for k, v in b.items() if not isinstance(v, float)}
            for name, value in a.items():
                if isinstance(value, float):
                    assert value == pytest.approx(b[name], rel=1e-14, abs=1e-14)


def rows(collected: collection.Collected, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = collected.snapshot.table(table).to_pylist()
    return found
