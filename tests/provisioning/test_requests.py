"""A planned workbook in the words of Google Sheets."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from lib.model.cell import CellError
from lib.provisioning import spelling
from lib.provisioning.drawing import MOST_BYTES, SheetsDrawing, batches, encoded
from lib.templates import plan_registry, plan_set
from lib.templates.look import DAY, Look
from lib.templates.rules import Limit
from lib.templates.words import read_words
from tests.provisioning.drive_school import YEAR, loaded, plans, registry

Request = dict[str, Any]


def drawn(name: str) -> tuple[SheetsDrawing, list[Request]]:
    """The first tab of that workbook as requests."""
    (plan,) = plans(names=(name,))
    drawing = SheetsDrawing(plan, loaded(), read_words(), "owner@school.example")
    (step,) = drawing.tab(plan.tabs[0], plan.tabs[0].title, 3, 1)
    return drawing, step.tabs + step.rest


def of(requests: list[Request], kind: str) -> list[Any]:
    return [request[kind] for request in requests if kind in request]


def formulas(thing: Any) -> list[str]:
    """Every text in the requests that begins as a formula."""
    if isinstance(thing, dict):
        return [text for value in thing.values() for text in formulas(value)]
    if isinstance(thing, list):
        return [text for value in thing for text in formulas(value)]
    return [thing] if isinstance(thing, str) and thing.startswith("=") else []


# --- cells ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "written"),
    [
        (None, {}), ("", {}), ([], {}), (5, {"numberValue": 5}), (4.5, {"numberValue": 4.5}), (0, {"numberValue": 0}),
        (True, {"stringValue": "ооба"}), (False, {"stringValue": "жок"}),
        ("=1+1", {"stringValue": "=1+1"}), ("4/5", {"stringValue": "4/5"}), ("4.5", {"stringValue": "4.5"}), ("5 ", {"stringValue": "5 "}),
        (dt.date(2026, 5, 4), {"numberValue": 46146}), (dt.date(1899, 12, 31), {"numberValue": 1}),
        (dt.datetime(2026, 5, 4, 12), {"numberValue": 46146.5}),
        (["D1", "D2"], {"stringValue": "D1, D2"}),
        (CellError("#REF!"), {"formulaValue": "=#REF!"}), (CellError("#N/A"), {"formulaValue": "=NA()"}),
    ],
)  # fmt: skip
def test_contents_of_cells(content, written):
    assert spelling.value(content, ("ооба", "жок")) == written


def test_looks():
    assert spelling.look(DAY)["numberFormat"] == {"type": "DATE", "pattern": "dd.mm.yyyy"}
    assert spelling.look(Look(pattern="00"))["numberFormat"] == {"type": "NUMBER", "pattern": "00"}
    assert "numberFormat" not in spelling.look(Look()), "an automatic format, as in a sheet that nobody has touched"
    assert spelling.colour("#FF0080") == {"rgbColor": {"red": 1.0, "green": 0.0, "blue": 0.502}}


def test_limits_need_no_decimal_sign():
    """A comma or a point would be read by the spreadsheet's locale: 0.5 typed in a Russian one is the fifth of something."""
    rule = spelling.validation(Limit("number", "t", "x", low=0.5, high=12.0), "C6", {})
    assert [v["userEnteredValue"] for v in rule["condition"]["values"]] == ["=(1/2)", "12"]


# --- a tab of marks ------------------------------------------------------------------------------------------------------


def test_the_grid_is_tight_and_the_head_stays_in_sight():
    _, requests = drawn("class-7-А")
    (tab,) = of(requests, "addSheet")
    grid = tab["properties"]["gridProperties"]
    assert grid == {"rowCount": 5 + 5, "columnCount": 9, "frozenRowCount": 5, "frozenColumnCount": 2}
    hidden = [d for d in of(requests, "updateDimensionProperties") if "hiddenByUser" in d["properties"]]
    assert [(h["range"]["dimension"], h["range"]["startIndex"], h["range"]["endIndex"]) for h in hidden] == [("ROWS", 0, 2)]


def test_identity_keys_and_headers_stand_where_the_reader_looks_for_them():
    drawing, requests = drawn("class-7-А")
    head = of(requests, "updateCells")[0]
    texts = [[cell.get("userEnteredValue", {}).get("stringValue", "") for cell in row["values"]] for row in head["rows"]]
    tab = drawing.plan.tabs[0]
    assert texts[0] == ["sapat", "form=F01@1", f"school_year={YEAR}", "school_class=7-А", f"subject={tab.place.subject}"]
    assert texts[1] == [column.key for column in tab.form.columns]
    assert texts[3] == [column.title.ky for column in tab.form.columns]
    assert texts[4] == [column.title.ru for column in tab.form.columns]


def test_marks_come_from_a_list_and_nothing_else_goes():
    _, requests = drawn("class-7-А")
    (rule,) = of(requests, "setDataValidation")
    assert rule["range"] == {"sheetId": 3, "startRowIndex": 5, "endRowIndex": 10, "startColumnIndex": 2, "endColumnIndex": 9}
    assert rule["rule"]["strict"] is True
    assert rule["rule"]["condition"]["type"] == "ONE_OF_LIST"
    assert [v["userEnteredValue"] for v in rule["rule"]["condition"]["values"]] == ["5", "4", "3", "2", "н/а", "осв"]
    message = read_words().messages["mark"]
    assert rule["rule"]["inputMessage"].startswith(f"{message.title}. {message.text}")


def test_head_and_ready_columns_are_protected_for_good():
    _, requests = drawn("class-7-А")
    protected = [p["protectedRange"] for p in of(requests, "addProtectedRange")]
    assert [p["range"] for p in protected] == [
        {"sheetId": 3, "startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 9},
        {"sheetId": 3, "startRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 2},
    ], "code and name to the end of the tab, however many pupils come"
    assert all(p["warningOnly"] is False and p["editors"] == {"users": ["owner@school.example"]} for p in protected)


def test_red_goes_before_amber():
    _, requests = drawn("class-7-А")
    colours = [r["addConditionalFormatRule"] for r in requests if "addConditionalFormatRule" in r]
    assert [c["index"] for c in colours] == list(range(len(colours)))
    red, amber = spelling.colour("#F8D2CC"), spelling.colour("#FFEFC2")
    shown = [c["rule"]["booleanRule"]["format"]["backgroundColorStyle"] for c in colours]
    assert shown == [red] * shown.count(red) + [amber] * shown.count(amber) and red in shown and amber in shown


# --- open lists ----------------------------------------------------------------------------------------------------------


def test_pupils_of_an_open_list_come_from_the_tab_of_lists():
    drawing, requests = drawn("support")
    sources = [
        r["rule"]["condition"]["values"][0]["userEnteredValue"]
        for r in of(requests, "setDataValidation") if r["rule"]["condition"]["type"] == "ONE_OF_RANGE"
    ]  # fmt: skip
    column = "ABCDEF"[drawing.own_lists.index("pupil")]
    assert f"='Тизмелер'!${column}$1:${column}" in sources, "open at its end: new pupils are in it"
    step = drawing.lists(9, 1)
    names = {n["namedRange"]["name"]: n["namedRange"]["range"] for n in of(step.rest, "addNamedRange")}
    place = drawing.own_lists.index("pupil")
    assert names["sapat_pupil"] == {"sheetId": 9, "startRowIndex": 0, "startColumnIndex": place, "endColumnIndex": place + 1}
    assert step.tabs[0]["addSheet"]["properties"]["hidden"] is True


def test_a_registry_lists_its_own_classes_and_staff():
    plan = plan_registry(loaded(), YEAR)
    drawing = SheetsDrawing(plan, loaded(), read_words(), "")
    classes = drawing.home_of("R2C")
    assert drawing.sources["class"] == f"='{classes.title}'!$A$6:$A"


def test_formulas_are_understood_in_every_locale():
    """Semicolons between arguments, no decimal sign, and no other tab but through INDIRECT (colours may not name one)."""
    seen = 0
    for plan in [plan_registry(loaded(), YEAR), *plan_set(registry(), loaded(), YEAR)]:
        drawing = SheetsDrawing(plan, loaded(), read_words(), "")
        for number, tab in enumerate(plan.tabs, 1):
            for step in drawing.tab(tab, tab.title, number, number):
                for formula in formulas([r for r in step.rest if "updateCells" not in r]):
                    bare = re.sub(r'"[^"]*"', '""', formula)
                    assert not re.search(r"[,.]", re.sub(r"^='[^']*'", "", bare)), formula
                    seen += 1
                coloured = of(step.rest, "addConditionalFormatRule")
                assert not any("!" in formula for formula in formulas(coloured))
    assert seen > 300


def test_whole_numbers_days_and_addresses():
    every = {plan.name.split("/")[1]: plan for plan in [plan_registry(loaded(), YEAR), *plan_set(registry(), loaded(), YEAR)]}
    found: dict[str, set[str]] = {}
    for plan in every.values():
        drawing = SheetsDrawing(plan, loaded(), read_words(), "")
        for tab in plan.tabs:
            for r in of(drawing.tab(tab, tab.title, 1, 1)[0].rest, "setDataValidation"):
                condition = r["rule"]["condition"]
                found.setdefault(condition["type"], set()).add(json.dumps([v["userEnteredValue"] for v in condition["values"]]))
    assert '["1990-01-01", "2027-12-31"]' in found["DATE_BETWEEN"]
    assert any("=INT(" in text for text in found["CUSTOM_FORMULA"])
    assert any("FIND(" in text and "@" in text for text in found["CUSTOM_FORMULA"])
    assert set(found) == {"DATE_BETWEEN", "CUSTOM_FORMULA", "ONE_OF_LIST", "ONE_OF_RANGE", "NUMBER_BETWEEN"}


# --- size ----------------------------------------------------------------------------------------------------------------


def test_a_request_stays_far_below_two_megabytes():
    many = [{"pupil_id": f"P3{n:06d}", "full_name": f"Узун аты-жөнү {n}", "school_class": "7-А", "status": "окуйт"} for n in range(9000)]
    plan = plan_registry(loaded(), YEAR, {plan_registry(loaded(), YEAR).tabs[0].place: many})
    drawing = SheetsDrawing(plan, loaded(), read_words(), "")
    steps = [step for number, tab in enumerate(plan.tabs, 1) for step in drawing.tab(tab, tab.title, number, number)]
    sizes = [len(encoded({"requests": batch})) for batch in batches(steps)]
    assert len(sizes) > 1 and max(sizes) < MOST_BYTES < 2_000_000, sizes
    written = [row for step in steps for update in of(step.rest, "updateCells") for row in update["rows"] if "start" in update]
    codes = [row["values"][0].get("userEnteredValue", {}).get("stringValue", "") for row in written if row["values"]]
    assert [code for code in codes if code.startswith("P3")] == [row["pupil_id"] for row in many], "every row once, in order"
