"""The yearly plan: days from rules, a calendar that is changed, what is done by itself, the order, calendar files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import ics
import pyarrow as pa
import pytest

from lib import settings
from lib.access.roles import Role, Viewer
from lib.model.calendar import meant_day
from lib.model.words import Words
from lib.office.calendar_file import DueDay, calendar_file
from lib.office.cyclogram import (
    Approvals,
    ChangeKind,
    Plan,
    PlanRow,
    Said,
    TermState,
    calendar_of,
    changes,
    fingerprint,
    order_rows,
    read_plan,
    terms,
)
from lib.office.cyclogram.plan import _standard
from lib.settings import ROOT, Settings, UserError
from lib.settings.cyclogram import plan_of, read_cyclogram, read_plan_words
from lib.snapshot import Snapshots
from tests.conftest import Cli

YEAR = "2025-2026"
DIRECTOR = Viewer(None, frozenset({Role.DIRECTOR}))
Arrived = tuple[str, str, dt.date, int, int, dt.date | None]  # form, period, due, required, filled, submitted


@pytest.fixture(scope="module")
def loaded() -> Settings:
    return settings.load(today=dt.date(2026, 4, 15))


def completeness(*rows: Arrived) -> pa.Table:
    names = ("form", "period", "due", "required", "filled", "submitted")
    kinds = (pa.string(), pa.string(), pa.date32(), pa.int32(), pa.int32(), pa.date32())
    columns = {n: pa.array([row[i] for row in rows], k) for i, (n, k) in enumerate(zip(names, kinds, strict=True))}
    return pa.table({"school_year": pa.array([YEAR] * len(rows), pa.string()), **columns})


def row(**changed: object) -> PlanRow:
    plain = PlanRow("C17", Words("Жыйынтык"), ("D1",), "continuous", "статистика", "мугалимдер", "отчет", ("D1.01",), "Q1.end+3")
    return replace(plain, **changed)  # type: ignore[arg-type]


def state(loaded: Settings, of: PlanRow, as_of: dt.date, *arrived: Arrived) -> list[TermState]:
    return [term.state for term in terms(Plan(YEAR, (of,), True), loaded, completeness(*arrived), as_of).all]


def standard(config: Path | None = None) -> dict[str, dt.date]:
    """The code of each row of the standard plan → its day."""
    found = settings.load(config=config or ROOT / "config", today=dt.date(2026, 4, 15))
    plan = Plan(YEAR, tuple(map(_standard, plan_of(read_cyclogram(), found.school_year(YEAR)))), False)
    return {term.row.id: term.due for term in terms(plan, found, completeness(), found.as_of).all}


def test_a_changed_calendar_moves_the_days_that_hang_on_it(tmp_path: Path):
    """Oracle 10 of the domain: the third quarter's end moves from 5 March to 28 February, and with it C30, C31 and C32."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    file = tmp_path / "config" / "school.yaml"
    text = file.read_text(encoding="utf-8")
    assert '["01-12", "02-28"]' in text
    lines = [line.replace('"02-28"', '"03-05"') if line.strip().startswith("2025-2026:") else line for line in text.splitlines()]
    file.write_text("\n".join(lines), encoding="utf-8")
    before, after = standard(tmp_path / "config"), standard()
    assert (before["C30"], after["C30"]) == (dt.date(2026, 3, 2), dt.date(2026, 2, 25))
    assert (before["C31"], after["C31"]) == (dt.date(2026, 3, 8), dt.date(2026, 3, 3))
    assert (before["C32"], after["C32"]) == (dt.date(2026, 3, 17), dt.date(2026, 3, 12))
    moved = {code for code in before if before[code] != after[code]}
    assert moved == {"C30", "C31", "C32", "C47-Q3", "C48-Q3"}


def test_a_repeating_rule_gives_a_day_a_month(loaded: Settings):
    days = loaded.school_year(YEAR).due_days("month.end + 5")
    assert len(days) == 9 and days[0] == ("M09", dt.date(2025, 10, 5)) and days[-1] == ("M05", dt.date(2026, 6, 5))
    assert [period for period, _day in loaded.school_year(YEAR).due_days("Qn.end+5")] == ["Q1", "Q2", "Q3", "Q4"]
    with pytest.raises(ValueError, match="not a date rule"):
        loaded.school_year(YEAR).due_days("every Monday")


def test_a_day_of_completion_stands_for_the_nearest_term():
    days = [dt.date(2025, 10, 5), dt.date(2025, 11, 5)]
    assert meant_day(days, dt.date(2025, 10, 8)) == days[0]
    assert meant_day(days, dt.date(2025, 11, 1)) == days[1]


def test_states_without_forms(loaded: Settings):
    """A meeting has no form: only its cell says how it stands."""
    day, meeting = dt.date(2025, 11, 7), row(indicators=("Q.04",))
    assert state(loaded, meeting, day) == [TermState.PLANNED]
    assert state(loaded, meeting, day + dt.timedelta(1)) == [TermState.OVERDUE]
    assert state(loaded, replace(meeting, said=Said.UNDER_WAY), day) == [TermState.IN_PROGRESS]
    assert state(loaded, replace(meeting, said=Said.UNDER_WAY), day + dt.timedelta(1)) == [TermState.OVERDUE]
    assert state(loaded, replace(meeting, said=Said.CANCELLED), day + dt.timedelta(9)) == [TermState.CANCELLED]
    assert state(loaded, replace(meeting, done_on=day + dt.timedelta(9)), day + dt.timedelta(30)) == [TermState.DONE]


def test_a_row_is_done_by_itself_when_its_form_has_come_whole(loaded: Settings):
    due = dt.date(2025, 11, 7)
    whole = [("F01", "Q1", due, 20, 20, dt.date(2025, 11, 5)), ("F01", "Q1", due, 10, 10, dt.date(2025, 11, 9))]
    found = terms(Plan(YEAR, (row(),), True), loaded, completeness(*whole), dt.date(2025, 12, 1)).all[0]  # type: ignore[arg-type]
    assert (found.state, found.by_itself, found.done_on, found.late) == (TermState.DONE, True, dt.date(2025, 11, 9), True)
    (arrival,) = found.evidence.arrivals
    assert (arrival.tabs, arrival.complete_tabs, arrival.filled, arrival.required) == (2, 2, 30, 30)


def test_one_missing_cell_keeps_it_from_being_done(loaded: Settings):
    due = dt.date(2025, 11, 7)
    lacking: list[Arrived] = [("F01", "Q1", due, 2000, 1999, None)]
    assert state(loaded, row(), due, *lacking) == [TermState.IN_PROGRESS]
    assert state(loaded, row(), due + dt.timedelta(1), *lacking) == [TermState.OVERDUE]
    assert state(loaded, replace(row(), said=Said.DONE), due + dt.timedelta(1), *lacking) == [TermState.DONE]


def test_another_quarter_s_sheets_say_nothing(loaded: Settings):
    arrived: list[Arrived] = [("F01", "Q2", dt.date(2026, 1, 1), 20, 20, dt.date(2025, 12, 30))]
    assert state(loaded, row(), dt.date(2026, 4, 1), *arrived) == [TermState.OVERDUE]


def test_a_list_of_the_year_that_was_whole_long_ago_says_nothing(loaded: Settings):
    """The survey of April is not done because a survey was entered in December."""
    survey = row(id="C34", indicators=("D1.10",), due_rule="Q4.start+37")
    due = dt.date(2026, 4, 15)
    old, new = (("F04", "Y", due, 9, 9, day) for day in (dt.date(2025, 12, 12), dt.date(2026, 4, 10)))
    assert state(loaded, survey, dt.date(2026, 4, 20), old) == [TermState.OVERDUE]
    assert state(loaded, survey, dt.date(2026, 4, 20), new) == [TermState.DONE]


def test_a_repeating_row_with_one_day_of_completion(loaded: Settings):
    monthly = row(indicators=("Q.04",), due_rule="month.end+5", done_on=dt.date(2025, 11, 4))
    assert state(loaded, monthly, dt.date(2025, 12, 20))[:4] == [TermState.DONE, TermState.DONE, TermState.OVERDUE, TermState.PLANNED]


def test_a_rule_that_nobody_can_read_is_told_of(loaded: Settings):
    found = terms(Plan(YEAR, (row(due_rule="кийинки жума"),), True), loaded, completeness(), loaded.as_of)
    assert found.all == () and [r.id for r in found.undated] == ["C17"]


def test_the_indicator_counts_as_the_page_shows(demo_store: Path):
    """Q.03 of the demo school's years: the rows whose latest term the page calls done, with a day that is not after it."""
    loaded, snapshot = settings.load(demo_store, today=dt.date(2026, 4, 15)), Snapshots(demo_store).current()
    assert snapshot is not None
    values = [v for v in snapshot.table("values").to_pylist() if v["indicator"] == "Q.03" and v["period"] == "Y" and v["level"] == "school"]
    assert len(values) == 2
    for value in values:
        found = terms(read_plan(snapshot, loaded, value["school_year"]), loaded, snapshot.table("completeness"), snapshot.as_of).all
        come = {}
        for term in found:
            if term.due <= snapshot.as_of and term.state is not TermState.CANCELLED:
                come[term.row.id] = term
        in_time = [t for t in come.values() if t.state is TermState.DONE and t.done_on is not None and not t.late]
        assert (value["numerator"], value["denominator"]) == (len(in_time), len(come)) and come


# --- the words -----------------------------------------------------------------------------------------------------------


def test_every_word_of_the_standard_plan_is_known_in_russian(loaded: Settings):
    from lib.i18n import match_key

    words = read_plan_words(loaded.roles, loaded.associations)
    for item in read_cyclogram():
        assert all(match_key(piece) in words.responsible for piece in item.responsible.split(",")), item.responsible
        for text in (item.method, item.document):
            assert all(match_key(piece) in words.phrases for piece in text.split(",")), text


def test_rows_of_the_order_are_numbered_by_their_days(loaded: Settings):
    plan = Plan(YEAR, tuple(map(_standard, plan_of(read_cyclogram(), loaded.school_year(YEAR)))), False)
    found = order_rows(plan, loaded, read_plan_words(loaded.roles, loaded.associations), "ru")
    assert [line.number for line in found] == list(range(1, len(plan.rows) + 1))
    assert [line.due for line in found] == sorted(line.due for line in found)
    assert found[0].id == "C01" and found[0].form == "периодический" and "заместитель" in found[0].responsible


# --- the order -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "school").mkdir()
    return tmp_path / "school"


def test_an_approved_plan_says_what_has_changed_since(loaded: Settings, store: Path):
    plan = Plan(YEAR, (row(), row(id="C18", indicators=("Q.04",), due_rule="Q1.end+10"), row(id="C19")), True)
    now = dt.datetime(2025, 9, 1, 9, 0)
    kept = Approvals(store)
    kept.enter(plan, loaded, DIRECTOR, " 01-12/45 ", dt.date(2025, 8, 30), "T001", now)
    order = Approvals(store).current(YEAR)
    assert order is not None and (order.number, order.ordered_on) == ("01-12/45", dt.date(2025, 8, 30))
    assert changes(order, plan, loaded) == []
    done = Plan(YEAR, tuple(replace(r, said=Said.DONE, done_on=dt.date(2025, 11, 1), note="!") for r in plan.rows), True)
    assert changes(order, done, loaded) == [] and fingerprint(done, loaded) == order.fingerprint
    later = Plan(YEAR, (row(responsible="директор"), row(id="C18", indicators=("Q.04",), due_rule="Q1.end+12"), row(id="C20")), True)
    found = {(change.kind, change.id, change.field) for change in changes(order, later, loaded)}
    assert found == {
        (ChangeKind.CHANGED, "C17", "responsible"), (ChangeKind.CHANGED, "C18", "due_rule"),
        (ChangeKind.REMOVED, "C19", "due"), (ChangeKind.ADDED, "C20", "due"),
    }  # fmt: skip
    assert fingerprint(later, loaded) != order.fingerprint
    kept.enter(later, loaded, DIRECTOR, "46", dt.date(2025, 9, 1), "T001", now)
    assert changes(kept.current(YEAR), later, loaded) == [] and len(kept.of(YEAR)) == 2  # type: ignore[arg-type]


def test_a_half_year_is_approved_by_an_order_of_its_own(loaded: Settings, store: Path):
    first, second = row(id="C18", due_rule="Q2.end-5"), row(id="C31", due_rule="Q3.end+3")
    monthly = row(id="C14", indicators=("Q.04",), due_rule="month.end+5")
    plan, now = Plan(YEAR, (first, second, monthly), True), dt.datetime(2026, 1, 20)
    kept = Approvals(store)
    for number, part in (("12", "H1"), ("3", "H2")):
        kept.enter(plan, loaded, DIRECTOR, number, dt.date(2026, 1, 12), "T001", now, part)
    orders = kept.standing(YEAR)
    assert [(o.number, o.part, sorted(o.rows)) for o in orders] == [("12", "H1", ["C14", "C18"]), ("3", "H2", ["C14", "C31"])]
    assert [order.rows["C14"]["due"].count(",") + 1 for order in orders] == [3, 6], "October to December, and January to June"
    later = Plan(YEAR, (first, replace(second, responsible="директор"), monthly), True)
    assert [[change.id for change in changes(order, later, loaded)] for order in orders] == [[], ["C31"]]
    rows = order_rows(plan, loaded, read_plan_words(loaded.roles, loaded.associations), "ky", "H2")
    assert {line.id for line in rows} == {"C14", "C31"} and all(day > dt.date(2026, 1, 4) for line in rows for day in line.due)
    kept.enter(later, loaded, DIRECTOR, "7", dt.date(2026, 1, 15), "T001", now)
    assert [(o.number, o.part) for o in kept.standing(YEAR)] == [("7", "Y")], "an order for the year takes their place"


def test_a_moved_calendar_is_told_apart_from_a_changed_plan(loaded: Settings, store: Path):
    plan = Plan(YEAR, (row(),), True)
    order = Approvals(store).enter(plan, loaded, DIRECTOR, "1", dt.date(2025, 8, 30), "T001", dt.datetime(2025, 9, 1))
    rows = loaded.calendar[YEAR]
    moved = replace(loaded, calendar={**loaded.calendar, YEAR: (("09-01", "11-06"), *rows[1:])}, _years={})
    (change,) = changes(order, plan, moved)
    assert (change.kind, change.before, change.after) == (ChangeKind.MOVED, "2025-11-07", "2025-11-09")


@pytest.mark.parametrize(
    ("viewer", "number", "day"),
    [
        (Viewer(None, frozenset({Role.TEACHER})), "1", dt.date(2025, 8, 30)),
        (DIRECTOR, "  ", dt.date(2025, 8, 30)),
        (DIRECTOR, "9" * 41, dt.date(2025, 8, 30)),
        (DIRECTOR, "1", dt.date(2025, 9, 2)),
    ],
)
def test_an_order_that_cannot_be_is_refused(loaded: Settings, store: Path, viewer: Viewer, number: str, day: dt.date):
    with pytest.raises(UserError):
        Approvals(store).enter(Plan(YEAR, (row(),), True), loaded, viewer, number, day, "T", dt.datetime(2025, 9, 1))
    assert Approvals(store).of(YEAR) == []


_ENTER = """
import datetime as dt, sys
from pathlib import Path
from lib import settings
from lib.access.roles import Role, Viewer
from lib.office.cyclogram import Approvals, Plan
loaded = settings.load(today=dt.date(2025, 9, 1))
for n in range(10):
    Approvals(Path(sys.argv[1])).enter(Plan("2025-2026", (), True), loaded, Viewer(None, frozenset({Role.DIRECTOR})), f"{sys.argv[2]}-{n}",
                                       dt.date(2025, 9, 1), "T", dt.datetime(2025, 9, 1))
"""


@pytest.mark.slow
def test_two_processes_enter_orders_and_none_is_lost(store: Path):
    running = [subprocess.Popen([sys.executable, "-c", _ENTER, str(store), str(n)], cwd=ROOT) for n in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    numbers = [order.number for order in Approvals(store).of(YEAR)]
    assert len(numbers) == 30 == len(set(numbers))


# --- calendar files: read by a parser that is not the one that wrote them --------------------------------------------------


def test_an_independent_parser_reads_the_calendar(loaded: Settings):
    plan = Plan(YEAR, tuple(map(_standard, plan_of(read_cyclogram(), loaded.school_year(YEAR)))), False)
    found = terms(plan, loaded, completeness(), loaded.as_of).all
    words = read_plan_words(loaded.roles, loaded.associations)
    content = calendar_of(found, loaded, YEAR, words, dt.datetime(2026, 4, 15, 8, 0))
    read = ics.Calendar(content.decode())
    assert sorted(event.begin.date() for event in read.events) == sorted(term.due for term in found)
    assert all(event.all_day for event in read.events) and len({event.uid for event in read.events}) == len(found)
    assert any("Сабакка катышуу, калтыруулар" in event.name for event in read.events)
    assert all(len(line) <= 75 for line in content.split(b"\r\n")), "lines are folded by bytes"
    assert content == calendar_of(found, loaded, YEAR, words, dt.datetime(2026, 4, 15, 8, 0))


def test_a_moved_day_keeps_its_identity():
    files = [calendar_file("x", [DueDay("plan C31", dt.date(2026, 3, day), "C31")], dt.datetime(2026, 1, 1)) for day in (3, 8)]
    (before,), (after,) = (ics.Calendar(content.decode()).events for content in files)
    assert before.uid == after.uid and before.begin != after.begin


def test_typed_text_cannot_add_lines_to_the_calendar():
    evil = "C1\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:more\x00; a, b \\"
    content = calendar_file(evil, [DueDay(evil, dt.date(2026, 3, 3), evil, evil, "javascript:x")], dt.datetime(2026, 1, 1))
    (event,) = ics.Calendar(content.decode()).events
    starts = [line for line in content.split(b"\r\n") if line.startswith((b"BEGIN:", b"END:", b"SUMMARY"))]
    assert "a, b" in event.name and event.url is None
    assert [line.split(b":")[0] for line in starts] == [b"BEGIN", b"BEGIN", b"SUMMARY", b"END", b"END"]


# --- the command ---------------------------------------------------------------------------------------------------------

HEADER = "id,object,directions,form,method,responsible,document,indicators,due,state,done_on"


@pytest.mark.slow
def test_the_command_writes_the_plan(cli: Cli, demo_store: Path):
    written = cli("plan", "--store", demo_store, "--format", "csv").stdout
    assert written.splitlines()[0] == HEADER
    rows = list(csv.DictReader(io.StringIO(written)))
    assert [(r["due"], r["id"]) for r in rows] == sorted((r["due"], r["id"]) for r in rows)
    assert {r["state"] for r in rows} <= {"planned", "in_progress", "done", "overdue", "cancelled"}
    assert all(r["done_on"] == "" for r in rows if r["state"] != "done")
    assert written == cli("plan", "--store", demo_store, "--format", "csv").stdout
    one = ics.Calendar(cli("plan", "--store", demo_store, "--format", "ics", "--person", "T005").stdout)
    psychologist = [r for r in rows if "психолог" in r["responsible"].split(", ") or r["responsible"] == "психолог"]
    assert 0 < len(psychologist) <= len(one.events) < len(rows)
    halves = [cli("plan", "--store", demo_store, "--part", part).stdout.splitlines()[1:] for part in ("H1", "H2")]
    assert sorted(line for half in halves for line in half) == sorted(written.splitlines()[1:]) and all(halves)
    assert "T999" in cli("plan", "--store", demo_store, "--person", "T999", code=1).stderr
