"""What both stores promise to those who write decisions: one protocol, one contract."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time

import pytest

from lib.office.decisions import Decision, Outbox
from lib.provisioning.decisions import send, write
from lib.settings import desk_of
from lib.store.base import StoreProblem
from tests.office.conftest import DAY, NOW, YEAR, Desk, decision, decisions_tab, typed_rows


def outbox(desk: Desk) -> Outbox:
    return Outbox(desk_of(desk.loaded.store))


def test_a_decision_goes_below_what_people_typed_and_comes_back_the_same(desk: Desk):
    before = desk.cells()
    made = decision(finding="= 1 + 1", decision="+99,6 <b>&amp; «ө»\nэкинчи сап", group="7-А · Алгебра")
    outbox(desk).put(made)
    assert send(desk.loaded, NOW) == 1
    after = desk.cells()
    assert {key: cells[:3] for key, cells in after.items()} == before, "what stood there is as it was"
    assert [after["id"][3], after["decided_on"][3], after["value"][3]] == [made.id, DAY, 43.1]
    assert after["finding"][3] == "= 1 + 1" and str(after["decision"][3]).startswith("+99,6 <b>&amp; «ө»\n")
    records, _issues = desk.records()
    rows = [row for row in records if row["id"] == made.id]
    read = Decision.from_record(desk.loaded, rows[0])
    unlike = {"workbook", "tab", "row", "status", "decision"}
    same = {f.name: (getattr(read, f.name), getattr(made, f.name)) for f in dataclasses.fields(made) if f.name not in unlike}
    assert {name: pair for name, pair in same.items() if pair[0] != pair[1]} == {}
    assert (read.status, read.tab) == ("пландалды", "Чечимдер")


def test_sent_again_it_is_written_once(desk: Desk):
    made = [decision(n) for n in range(3)]
    for one in made:
        outbox(desk).put(one)
        outbox(desk).put(one)
    assert send(desk.loaded, NOW) == 3 and send(desk.loaded, NOW) == 0
    write(desk.loaded, YEAR, made)  # as a process would that was killed before it could note that it had written
    assert desk.cells()["id"][3:] == sorted(one.id for one in made)


def test_older_sheets_get_the_columns_that_they_lack(desk: Desk):
    keys = ("measure", "figure_year", "scope", "numerator", "denominator", "decided_by", "snapshot")
    desk.put(decisions_tab(typed_rows(), without=keys))
    made = decision()
    write(desk.loaded, YEAR, [made])
    after = desk.cells()
    assert after["scope"] == [None, None, None, "school_class=7-А;subject=ALG"]
    assert [after[k][3] for k in ("numerator", "denominator", "measure", "figure_year")] == [31.0, 72.0, "Кошумча сабак", YEAR]
    records, issues = desk.records()
    assert [row["scope"] for row in records] == [None, None, None, "school_class=7-А;subject=ALG"]
    assert {issue.code for issue in issues} == {"registry_missing"}, "the new columns are known by their keys and titles"


def test_moved_columns_and_sorted_rows_do_not_matter(desk: Desk):
    tab = decisions_tab(typed_rows())
    grid = [[*row[3:], *row[:3]] if number else row for number, row in enumerate(tab.grid)]
    grid[5:] = reversed(grid[5:])
    grid.insert(7, [])
    desk.put(dataclasses.replace(tab, grid=grid))
    made = decision()
    write(desk.loaded, YEAR, [made])
    write(desk.loaded, YEAR, [made])
    (sheet,) = (s for s in desk.sheets() if s.title == "Чечимдер")
    place = list(sheet.rows[1]).index("id")
    assert [row[place] for row in sheet.rows if place < len(row) and row[place] == made.id] == [made.id]
    assert [row[place] if place < len(row) else None for row in sheet.rows[5:]] == ["B-2", "B-1", None, "B-0", made.id]


@pytest.mark.parametrize("desk", ["google"], indirect=True)
def test_a_workbook_that_is_away_is_waited_for(desk: Desk):
    desk.remove()
    box = outbox(desk)
    box.put(decision())
    assert send(desk.loaded, NOW) == 0
    assert box.why().problem == "workbook_missing" and len(box.waiting()) == 1
    desk.put(decisions_tab(typed_rows()))
    assert send(desk.loaded, NOW) == 1 and box.waiting() == [] and box.why().problem == ""
    assert len([code for code in desk.cells()["id"] if code]) == 4


def test_a_tab_that_cannot_be_told_is_left_alone(desk: Desk):
    tab = decisions_tab(typed_rows())
    desk.put(dataclasses.replace(tab, grid=[["бир нерсе"], ["башка"]]))
    before = [sheet.rows for sheet in desk.sheets()]
    with pytest.raises(StoreProblem) as caught:
        write(desk.loaded, YEAR, [decision()])
    assert caught.value.code == "decisions_tab_lost" and caught.value.passing
    assert [sheet.rows for sheet in desk.sheets()] == before


def test_each_school_year_has_its_own_workbook(desk: Desk):
    box = outbox(desk)
    box.put(decision(sheet_year="2024-2025", decided_on=dt.date(2025, 4, 1)))
    box.put(decision())
    assert send(desk.loaded, NOW) == 1, "the year without a workbook waits, the other one does not"
    assert len(box.waiting()) == 1 and box.why().problem == "workbook_missing"


@pytest.mark.slow
@pytest.mark.parametrize("desk", ["google"], indirect=True)
@pytest.mark.parametrize("kind", ["reset", "timeout"])
def test_a_lost_answer_is_looked_into_before_anything_is_sent_again(desk: Desk, kind: str):
    """The call was done and its answer was lost: the next look finds the rows, and until it may look, nobody sends."""
    assert desk.server is not None
    desk.server.faults = {"rules": [{"kind": kind, "on": ["sheets_write"], "applied": True}]}
    box = outbox(desk)
    box.put(decision())
    assert send(desk.loaded, NOW) == 0 and box.why().problem == "google_network" and len(desk.cells()["id"]) == 4
    desk.server.faults = None
    writes = sum(call.kind == "sheets_write" for call in desk.server.calls)
    assert send(desk.loaded, NOW) == 0 and box.why().problem == "google_unsure"
    time.sleep(2.2)
    assert send(desk.loaded, NOW) == 1 and len(desk.cells()["id"]) == 4
    assert sum(call.kind == "sheets_write" for call in desk.server.calls) == writes
