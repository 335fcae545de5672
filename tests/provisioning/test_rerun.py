"""Run again after pupils, classes and teachers changed, and after teachers did what teachers do: new things come, filled cells stay."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lib.model.registry import Registry, registry_from_records
from lib.provisioning import CREATED, EXTENDED, FAILED, FINISHED, THERE, drawing, provision
from lib.provisioning.provision import Outcome
from lib.templates import plan_registry
from tests.provisioning.drive_school import YEAR, DriveSchool, drive_school, loaded, plans, registry
from tests.provisioning.test_interruption import Killed, Mortal

NEW = [
    {"pupil_id": "P2019990", "full_name": "Жаңы Айдай", "school_class": "7-А", "status": "окуйт"},
    {"pupil_id": "P2019991", "full_name": "Жаңы Темир", "school_class": "7-А", "status": "окуйт"},
]
CLASS = f"{YEAR}/class-7-А"


def run(school: DriveSchool, found: Registry | None = None, names: tuple[str, ...] | None = None) -> dict[str, Outcome]:
    planned = plans(found, names) if names else plans(found)
    report = provision(school.place, planned, loaded(), school.way)
    assert not report.failed, [(o.name, o.problem and (o.problem.code, o.problem.slots)) for o in report.failed]
    return {outcome.name: outcome for outcome in report.outcomes}


def tab_of(school: DriveSchool, identity: str, title: str) -> dict[str, Any]:
    sheets = school.sheet(identity, "sheets(properties,conditionalFormats,protectedRanges,data.rowData.values.dataValidation)")["sheets"]
    return next(sheet for sheet in sheets if sheet["properties"]["title"] == title)


def codes(rows: list[list[Any]]) -> list[str]:
    """What stands in the column of pupils' codes."""
    place = next(row.index("pupil_id") for row in rows if "pupil_id" in row)
    head = next(n for n, row in enumerate(rows) if "pupil_id" in row) + 4
    return [row[place] for row in rows[head:] if len(row) > place and row[place]]


def write(sheet: int, row: int, column: int, *values: Any) -> dict[str, Any]:
    cells = [
        {"userEnteredValue": {"numberValue" if isinstance(v, (int, float)) else "stringValue": v}} if v is not None else {} for v in values
    ]
    start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}


def test_the_first_run_makes_the_second_one_finds(school):
    first = run(school)
    assert {o.state for o in first.values()} == {CREATED}
    assert set(school.files()) == {CLASS, f"{YEAR}-restricted/class-7-А-restricted", f"{YEAR}-restricted/support"}
    before = school.everything()
    school.server.reset_calls()
    assert {o.state for o in run(school).values()} == {THERE}
    assert [c for c in school.server.calls if c.method != "GET"] == []
    assert school.everything() == before


def test_new_pupils_stand_below_with_everything_that_the_others_have(school):
    run(school)
    identity = school.files()[CLASS]
    before = school.cells(identity)
    done = run(school, registry(more=NEW))[CLASS]
    after = school.cells(identity)
    assert done.state == EXTENDED and done.tabs == []
    assert done.rows == {"Кыргыз тили": 2, "Алгебра": 2, "Физика": 2, "Катышуу": 18, "Негизги компетенттүүлүк - УУД": done.rows[
        "Негизги компетенттүүлүк - УУД"]}  # fmt: skip
    for title, rows in before.items():
        if title != "Тизмелер":
            assert after[title][: len(rows)] == rows, title
    assert codes(after["Алгебра"])[-2:] == ["P2019990", "P2019991"]
    assert after["Алгебра"][-1] == ["P2019991", "Жаңы Темир"]
    tab = tab_of(school, identity, "Алгебра")
    assert tab["properties"]["gridProperties"]["rowCount"] == 5 + 7
    assert all(area["endRowIndex"] == 12 for rule in tab["conditionalFormats"] for area in rule["ranges"])
    rules = [[cell.get("dataValidation") for cell in row.get("values", [])] for row in tab["data"][0]["rowData"]]
    assert rules[11] == rules[5] and rules[5][2]["condition"]["type"] == "ONE_OF_LIST"
    assert {o.state for o in run(school, registry(more=NEW)).values()} == {THERE}


def test_a_new_pupil_is_in_the_long_list_of_pupils(school):
    run(school)
    done = run(school, registry(more=NEW))[f"{YEAR}-restricted/support"]
    assert done.lists == ["pupil"]
    lists = school.cells(school.files()[f"{YEAR}-restricted/support"])["Тизмелер"]
    assert {"P2019990", "P2019991", "P2019000"} <= {cell for row in lists for cell in row}


def test_a_list_that_became_shorter_leaves_nothing_over(school):
    run(school, registry(pupils=9))
    run(school, registry(pupils=2))
    lists = school.cells(school.files()[f"{YEAR}-restricted/support"])["Тизмелер"]
    assert sorted(cell for row in lists for cell in row if str(cell).startswith("P")) == ["P2019000", "P2019001", "P2019100", "P2019101"]


def test_pupils_who_left_are_named_and_stay(school):
    run(school)
    fewer = registry(more=NEW)
    gone = fewer.pupils_of("7-А")[0]
    without = Registry(YEAR, tuple(p for p in fewer.pupils if p.pupil_id != gone.pupil_id), fewer.classes, fewer.staff, fewer.loads)
    done = run(school, without)[CLASS]
    assert done.gone == {gone.pupil_id: gone.full_name}
    assert gone.pupil_id in codes(school.cells(school.files()[CLASS])["Алгебра"])


def test_a_new_subject_a_new_class(school):
    run(school)
    records = {
        "R1": [{"pupil_id": p.pupil_id, "full_name": p.full_name, "school_class": p.school_class, "status": p.status} for p in
               registry(("7-А", "9-Б", "8-В")).pupils],
        "R2C": [{"school_class": c, "grade": int(c[0])} for c in ("7-А", "9-Б", "8-В")],
        "R2S": [{"teacher_id": "T001", "full_name": "x"}],
        "R2L": [{"teacher_id": "T001", "subject": s, "school_class": c} for c in ("7-А", "8-В") for s in ("KYR", "ALG", "GEO", "PHY")],
    }  # fmt: skip
    found = registry_from_records(records, YEAR)
    done = run(school, found, ("class-7-А", "class-8-В"))
    assert done[f"{YEAR}/class-8-В"].state == CREATED
    assert (done[CLASS].state, len(done[CLASS].tabs)) == (EXTENDED, 1)
    order = list(school.cells(school.files()[CLASS]))
    new = done[CLASS].tabs[0]
    assert order.index("Алгебра") < order.index(new) < order.index("Физика"), "in the order of the curriculum"


def test_a_tab_that_was_renamed_reordered_and_written_into_is_the_same_tab(school):
    run(school)
    identity = school.files()[CLASS]
    sheet = tab_of(school, identity, "Алгебра")["properties"]["sheetId"]
    span = {"sheetId": sheet, "dimension": "COLUMNS"}
    school.batch(
        identity,
        {"updateSheetProperties": {"properties": {"sheetId": sheet, "title": "Алгебра 7"}, "fields": "title"}},
        {"moveDimension": {"source": span | {"startIndex": 0, "endIndex": 1}, "destinationIndex": 5}},
        {"insertDimension": {"range": span | {"startIndex": 1, "endIndex": 2}}},
        write(sheet, 3, 1, "эскертүү"), write(sheet, 6, 1, "жакшы"), write(sheet, 6, 3, 5),
    )  # fmt: skip
    before = school.cells(identity)["Алгебра 7"]
    done = run(school, registry(more=NEW))[CLASS]
    after = school.cells(identity)["Алгебра 7"]
    assert done.tabs == [] and done.rows["Алгебра 7"] == 2
    assert after[: len(before)] == before
    assert codes(after)[-2:] == ["P2019990", "P2019991"]
    name = after[1].index("full_name")
    assert after[-1][name] == "Жаңы Темир"


def test_a_code_typed_otherwise_and_one_that_was_emptied_make_no_second_row(school):
    run(school)
    identity = school.files()[CLASS]
    sheet = tab_of(school, identity, "Алгебра")["properties"]["sheetId"]
    was = codes(school.cells(identity)["Алгебра"])
    school.batch(identity, write(sheet, 5, 0, f" Р{was[0][1:].lower()}\u00a0"), write(sheet, 6, 0, None))
    assert run(school)[CLASS].state == THERE


def test_rows_go_below_whatever_a_teacher_wrote_there(school):
    run(school)
    identity = school.files()[CLASS]
    sheet = tab_of(school, identity, "Алгебра")["properties"]["sheetId"]
    school.batch(
        identity, {"appendDimension": {"sheetId": sheet, "dimension": "ROWS", "length": 3}}, write(sheet, 11, 1, "Орточо", 4.2, 4.1)
    )
    before = school.cells(identity)["Алгебра"]
    run(school, registry(more=NEW))
    after = school.cells(identity)["Алгебра"]
    assert after[: len(before)] == before and len(after) == len(before) + 2


def test_a_tab_that_cannot_be_recognised_is_left_alone_and_named(school):
    run(school)
    identity = school.files()[CLASS]
    sheet = tab_of(school, identity, "Катышуу")["properties"]["sheetId"]
    rows = {"sheetId": sheet, "dimension": "ROWS", "startIndex": 0, "endIndex": 5}
    school.batch(identity, {"deleteDimension": {"range": rows}})
    before = school.cells(identity)
    done = run(school, registry(more=NEW))[CLASS]
    assert done.unknown == ["Катышуу"]
    assert school.cells(identity)["Катышуу"] == before["Катышуу"]


def test_a_workbook_that_was_dragged_into_drive_is_adopted(school):
    """As if made of an uploaded .xlsx: no property of ours, but a title."""
    run(school)
    identity = school.files()[CLASS]
    school.drive("PATCH", f"/files/{identity}", {"properties": {"sapat": None, "sapat_whole": None}})
    done = run(school, registry(more=NEW))[CLASS]
    assert done.state == EXTENDED and len(school.files()) == 3
    assert {o.state for o in run(school, registry(more=NEW)).values()} == {THERE}


def test_a_workbook_that_stands_twice_is_told(school):
    run(school)
    files = school.files()
    folder = next(f["id"] for f in school.children(school.place.id) if f["name"] == YEAR)
    about = {"name": "class-7-А copy", "parents": [folder], "properties": {"sapat": f"{YEAR}/class-7-А.xlsx"}}
    school.drive("POST", f"/files/{files[CLASS]}/copy", about)
    done = run(school, registry(more=NEW))
    assert done[CLASS].twice == 2
    assert "P2019990" in codes(school.cells(files[CLASS])["Алгебра"]), "the oldest one is used"


def test_a_half_made_workbook_is_finished_around_what_somebody_typed(server, monkeypatch):
    """Killed between the pieces of a tab; before the next run somebody writes where the rest was to come."""
    monkeypatch.setattr(drawing, "MOST_BYTES", 20_000)
    monkeypatch.setattr(drawing, "_ROWS_BYTES", 2_000)
    (plan,) = plans(names=("class-7-А",))
    for number in range(5, 40):
        school = drive_school(server, side_by_side=1)
        with pytest.raises(Killed):
            provision(school.place, [plan], loaded(), Mortal(school, number, True))
        identity = school.files().get(CLASS)
        cells = school.cells(identity) if identity else {}
        unfinished = {title: rows for title, rows in cells.items() if rows and any("rows=" in str(cell) for cell in rows[0])}
        if unfinished:
            break
    ((title, rows),) = unfinished.items()
    sheet = tab_of(school, identity, title)["properties"]["sheetId"]
    school.batch(identity, write(sheet, len(rows) + 1, 3, "мен жазган"))
    before = school.cells(identity)[title]
    report = provision(school.place, [plan], loaded(), school.way)
    assert [o.state for o in report.outcomes] == [FINISHED]
    after = school.cells(identity)[title]
    mark = next(place for place, cell in enumerate(before[0]) if str(cell).startswith("rows="))
    assert after[0] == before[0][:mark] and after[1 : len(before)] == before[1:]
    planned = next(tab for tab in plan.tabs if tab.title == title)
    assert len(planned.rows) > len(rows), "the tab came in pieces"
    assert sorted(row[:2] for row in after[5:] if row and row[0] is not None) == sorted(row[:2] for row in planned.rows)


# --- what teachers do ----------------------------------------------------------------------------------------------------


def one_edit(some: random.Random, rows: list[list[Any]], sheet: int, number: int) -> dict[str, Any]:
    """A thing that a teacher may do to a tab of ours, without losing what names it."""
    height, width = len(rows), max(map(len, rows))
    columns = {"sheetId": sheet, "dimension": "COLUMNS"}
    lines = {"sheetId": sheet, "dimension": "ROWS"}
    match some.randrange(8):
        case 0:
            named = {place for place, key in enumerate(rows[1]) if key in ("pupil_id", "full_name", "month", "competence", "wave")}
            free = [place for place in range(width) if place not in named]
            return write(sheet, some.randrange(5, height), some.choice(free), some.choice([5, 4, "н/а", "4/5", "=1", 4.5]))
        case 1:
            return {"updateSheetProperties": {"properties": {"sheetId": sheet, "title": f"Менин баракчам {number}"}, "fields": "title"}}
        case 2:
            start = some.randrange(width)
            source = columns | {"startIndex": start, "endIndex": start + 1}
            return {"moveDimension": {"source": source, "destinationIndex": some.randrange(width + 1)}}
        case 3:
            start = some.randrange(1, width)
            return {"insertDimension": {"range": columns | {"startIndex": start, "endIndex": start + 1}}}
        case 4:
            start = some.randrange(6, height + 1)
            return {"insertDimension": {"range": lines | {"startIndex": start, "endIndex": start + 1}, "inheritFromBefore": True}}
        case 5:
            start = some.randrange(5, height)
            source = lines | {"startIndex": start, "endIndex": start + 1}
            return {"moveDimension": {"source": source, "destinationIndex": some.randrange(5, height + 1)}}
        case 6:
            return write(sheet, 3, some.randrange(width), "Башка аталыш")
        case _:
            area = {"sheetId": sheet, "startRowIndex": 5, "endRowIndex": height, "startColumnIndex": 0, "endColumnIndex": width}
            return {
                "sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 1, "sortOrder": some.choice(["ASCENDING", "DESCENDING"])}]}
            }


@pytest.mark.parametrize("seed", range(12))
def test_whatever_teachers_did_filled_cells_stay_and_new_pupils_come_once(school, seed):
    some = random.Random(seed)
    run(school, names=("class-7-А",))
    identity = school.files()[CLASS]
    for number in range(some.randrange(4, 14)):
        sheets = school.sheet(identity, "sheets.properties(sheetId,title,hidden)")["sheets"]
        ours = [s["properties"] for s in sheets if s["properties"]["title"] != "Нускама" and not s["properties"].get("hidden")]
        about = some.choice(ours)
        school.batch(identity, one_edit(some, school.cells(identity)[about["title"]], about["sheetId"], number))
    if some.random() < 0.4:  # and one tab is thrown away, which then comes again
        school.batch(identity, {"deleteSheet": {"sheetId": about["sheetId"]}})
    before = school.cells(identity)
    pupils = registry(more=NEW[: some.randrange(3)])
    done = run(school, pupils, ("class-7-А",))[CLASS]
    after = school.cells(identity)
    for title, rows in before.items():
        if title != "Тизмелер":
            assert after[title][: len(rows)] == rows, f"{title} was changed"
    wanted = sorted(p.pupil_id for p in pupils.pupils_of("7-А"))
    marks = [rows for rows in after.values() if rows and any(str(cell).startswith("form=F01") for cell in rows[0])]
    assert len(marks) == 3, done
    for rows in marks:
        assert sorted(codes(rows)) == wanted
    assert run(school, pupils, ("class-7-А",))[CLASS].state == THERE
    assert school.cells(identity) == after


# --- the registry --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_registry_gets_those_who_are_new_in_it(school):
    first = plan_registry(loaded(), YEAR)
    rows = [{"pupil_id": "P2019001", "full_name": "Асан", "school_class": "7-А"}, {"pupil_id": "P2019002", "full_name": "Бек"}]
    place = first.tabs[0].place

    def go(found: list[dict[str, Any]]) -> Outcome:
        (outcome,) = provision(school.place, [plan_registry(loaded(), YEAR, {place: found})], loaded(), school.way).outcomes
        assert outcome.state != FAILED, outcome.problem
        return outcome

    assert go(rows).state == CREATED
    identity = school.files()[f"{YEAR}-restricted/registry"]
    title = first.tabs[0].title
    school.batch(identity, write(tab_of(school, identity, title)["properties"]["sheetId"], 6, 1, "Бек уулу"))
    done = go([*rows, {"pupil_id": "P2019003", "full_name": "Гүлнур", "school_class": "7-А"}])
    assert (done.state, done.rows) == (EXTENDED, {title: 1})
    listed = school.cells(identity)[title][5:]
    assert [row[:2] for row in listed] == [["P2019001", "Асан"], ["P2019002", "Бек уулу"], ["P2019003", "Гүлнур"]]
    assert go(rows).state == THERE
