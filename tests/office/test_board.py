"""The completion board against the workbooks themselves: states by the calendar, cells by their addresses, issues counted once."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter, defaultdict
from pathlib import Path

import duckdb
import openpyxl
import pytest

from lib import settings
from lib.office.board import BoardRow, BoardState, Tabs, board, cells_to_mend, piles
from lib.office.board.cells import ranges
from lib.office.board.rows import _state
from lib.settings import Settings
from lib.snapshot import Snapshot, Snapshots
from tests.conftest import Cli

YEAR = "2025-2026"
HEADER = "responsible,form,school_class,subject,period,state,filled,required,issues,due"


@pytest.fixture(scope="module")
def loaded(demo_store: Path) -> Settings:
    return settings.load(demo_store, today=dt.date(2026, 4, 15))


@pytest.fixture(scope="module")
def snapshot(demo_store: Path) -> Snapshot:
    found = Snapshots(demo_store).current()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rows(snapshot: Snapshot, loaded: Settings) -> list[BoardRow]:
    return board(snapshot, loaded, YEAR)


DAY = dt.date(2026, 4, 15)


@pytest.mark.parametrize(
    ("filled", "days", "expected"),
    [
        (0, 8, BoardState.NOT_DUE),
        (0, 7, BoardState.DUE),
        (0, 0, BoardState.DUE),
        (0, -1, BoardState.OVERDUE),
        (9, 30, BoardState.STARTED),
        (9, 0, BoardState.STARTED),
        (9, -1, BoardState.OVERDUE),
        (10, 30, BoardState.COMPLETE),
        (10, -90, BoardState.COMPLETE),
    ],
)
def test_states_of_ten_cells(filled: int, days: int, expected: BoardState):
    """`days` until the term; a week before it an empty sheet is called due."""
    assert _state(filled, 10, DAY + dt.timedelta(days), DAY, dt.timedelta(7)) is expected


def test_neighbours_become_ranges():
    assert ranges([("C", 7), ("C", 6), ("D", 6), ("C", 9), ("AA", 6), ("C", 6)]) == ("C6:C7", "C9", "D6", "AA6")


def test_the_board_has_every_expected_sheet_once(rows: list[BoardRow], snapshot: Snapshot):
    known = [r for r in snapshot.table("completeness").to_pylist() if r["school_year"] == YEAR and r["required"]]
    assert len(rows) == len(known) == len({(r.form, r.school_class, r.subject, r.method_association, r.period) for r in rows})
    assert sum(r.filled for r in rows) == sum(r["filled"] for r in known)


def test_every_issue_of_a_sheet_is_counted_once(rows: list[BoardRow], snapshot: Snapshot):
    tabs = {(r.workbook, r.tab) for r in rows if r.tab}
    issues = [i for i in snapshot.table("issues").to_pylist() if i["severity"] in ("error", "warning")]
    expected = Counter((i["workbook"], i["tab"]) for i in issues if (i["workbook"], i["tab"]) in tabs)
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found[row.workbook, row.tab] += row.issues
        assert len(row.cells_wrong) == row.issues
    assert sum(expected.values()) > 20 and +found == expected


def test_a_wrong_mark_belongs_to_its_own_quarter(rows: list[BoardRow], snapshot: Snapshot, demo_store: Path):
    """The column of the wrong cell says which quarter: read from the workbook's own second row."""
    seen = 0
    for row in rows:
        for cell in row.cells_wrong if row.form == "F01" else ():
            if not cell or ":" in cell:
                continue
            book = openpyxl.load_workbook(demo_store / row.workbook, read_only=True)
            keys = next(iter(book[row.tab].iter_rows(2, 2, values_only=True)))
            key = keys[openpyxl.utils.column_index_from_string(cell.rstrip("0123456789")) - 1]
            if str(key).startswith("q"):
                assert row.period == str(key).upper()
                seen += 1
    assert seen > 0


@pytest.mark.slow
def test_empty_cells_are_the_empty_cells_of_the_workbook(rows: list[BoardRow], snapshot: Snapshot, loaded: Settings, demo_store: Path):
    """Opened with openpyxl: each address that a person is told is empty or holds what was reported, and their number is what lacks."""
    tabs = Tabs(snapshot, loaded, YEAR)
    told = checked = 0
    for row in rows:
        if row.state is BoardState.NOT_DUE or not row.missing or not row.tab:
            continue
        cells = cells_to_mend(row, tabs)
        book = openpyxl.load_workbook(demo_store / row.workbook)
        reported = {cell for cell in row.cells_wrong if cell}
        for address in cells.empty:
            for line in book[row.tab][address] if ":" in address else ((book[row.tab][address],),):
                for cell in line:
                    told += 1
                    value = cell.value
                    assert value is None or str(value).strip() == "" or cell.coordinate in reported, (
                        f"{row.form} {row.tab} {cell.coordinate}"
                    )
        assert cells.nowhere <= row.missing
        checked += 1
    assert checked > 10 and told > 10


def test_nothing_that_lacks_is_left_without_an_address(rows: list[BoardRow], snapshot: Snapshot, loaded: Settings):
    tabs = Tabs(snapshot, loaded, YEAR)
    for row in rows:
        if row.missing and row.tab and row.state is not BoardState.NOT_DUE and loaded.forms[row.form].rows != "open":
            assert cells_to_mend(row, tabs).nowhere == 0, f"{row.form} {row.school_class} {row.subject} {row.period}"


def test_the_most_troubled_come_first(rows: list[BoardRow]):
    found = piles(rows, DAY)
    overdue = [pile.counts[BoardState.OVERDUE] for pile in found if pile.responsible]
    assert overdue == sorted(overdue, reverse=True) and overdue[0] > 0
    assert sum(len(pile.rows) for pile in found) == len(rows)
    assert all(not pile.responsible for pile in found[len(overdue) :])


@pytest.mark.slow
def test_the_command_writes_the_board(cli: Cli, demo_store: Path, rows: list[BoardRow], tmp_path: Path):
    written = cli("board", "--store", demo_store, "--format", "csv").stdout
    assert written.splitlines()[0] == HEADER
    found = list(csv.DictReader(io.StringIO(written)))
    assert len(found) == len(rows)
    assert {r["state"] for r in found} <= {"not_due", "due", "started", "complete", "overdue"}
    by_state: dict[str, int] = defaultdict(int)
    for line in found:
        filled, required, due = int(line["filled"]), int(line["required"]), dt.date.fromisoformat(line["due"])
        by_state[line["state"]] += 1
        assert (line["state"] == "complete") == (filled >= required)
        assert (line["state"] == "overdue") == (filled < required and due < DAY)
    assert by_state["complete"] and by_state["overdue"] and by_state["not_due"]
    assert written == cli("board", "--store", demo_store, "--format", "csv").stdout
    (tmp_path / "board.csv").write_text(written, encoding="utf-8")
    read = duckdb.sql(f"SELECT count(*), sum(filled), max(due) - min(due) FROM read_csv('{tmp_path / 'board.csv'}')").fetchall()[0]
    assert read is not None and read[:2] == (len(rows), sum(row.filled for row in rows)) and read[2] > 200, (
        "days are days to another reader"
    )
