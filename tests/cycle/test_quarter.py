"""A whole quarter of a school, from the approved plan to the decision that is measured again: every step that the regulation names."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from pathlib import Path

import docx
import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.live import collector
from tests.conftest import run_cli
from tests.cycle.school import AFTER_THE_NEXT, AFTER_THE_QUARTER, YEAR, PlayedSchool, played, quality
from tests.pages.conftest import Opener, page_path, texts

pytestmark = pytest.mark.slow

LAST_DAYS = dt.date(2026, 3, 2)  # the quarter is over, marks are due tomorrow
TOO_LATE = dt.date(2026, 3, 6)
TARGET = 50.0  # of D1.02, in config/indicators
LATE = ("6-А", "GGR")  # the teacher of these marks is late in this invented school
PLACE = {"school_class": "6-А", "subject": "KYR"}  # what is decided upon


def at(app: AppTest, name: str) -> AppTest:
    return app.switch_page(page_path(name)).run()


def states(board: dict[tuple[str, str], dict[str, str]]) -> Counter[str]:
    return Counter(row["state"] for row in board.values())


def comma(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def spoken(app: AppTest) -> str:
    """All that a page says, with plain spaces."""
    return "\n".join([*texts(app), *(str(m.value) for m in app.markdown)]).replace("\u00a0", " ")


def expected_outcome(then: list[object], now: list[object]) -> str:
    """What a deputy director would say of two quarters: a change counts only beyond 1.96·√(p₁q₁/n₁+p₂q₂/n₂) (domain.md §4.2)."""
    counted = [[mark for mark in marks if mark in (2, 3, 4, 5, "н/а")] for marks in (then, now)]
    shares = [quality(marks) / 100 for marks in counted]
    noise = 1.96 * math.sqrt(sum(p * (1 - p) / len(marks) for p, marks in zip(shares, counted, strict=True)))
    if shares[1] - shares[0] < -noise:
        return "начарлады"
    if shares[1] * 100 >= TARGET:
        return "максатка жетти"
    return "жакшы жакка жылды" if shares[1] - shares[0] > noise else "жылган жок"


def test_a_quarter(tmp_path: Path, opened: Opener):
    school = played(tmp_path)
    assert re.fullmatch(r"cells (\d+) = accepted \1 \+ reported 0", school.collect())

    the_plan_is_approved(school, opened)
    the_sheets_fill(school)
    a_late_teacher_is_reminded(school, opened)
    a_wrong_cell_is_named_and_mended(school)
    then = the_quarter_is_analysed(school, opened)
    a_decision_is_taken(school, opened, then)
    papers_are_made(school, tmp_path, then)
    the_next_quarter_tells_what_became_of_it(school, opened, tmp_path, then)


def the_plan_is_approved(school: PlayedSchool, opened: Opener) -> None:
    """The director's order is entered on the page of the plan; the plan is what was approved."""
    app = opened(school.store, "cyclogram")
    assert "али бекитиле элек" in spoken(app)
    app.text_input[0].set_value("01-12/45")
    app.text_input[1].set_value("30.08.2025")
    next(button for button in app.button if button.label == "Сактоо").click().run()
    assert not app.exception
    said = spoken(app)
    assert "01\\-12/45" in said and "30.08.2025" in said and "план бекитилген түрүндө" in said
    rows = school.rows("plan")
    assert len({row["id"][:3] for row in rows if row["id"].startswith("C")}) == 48, (
        "the whole cyclogram of domain.md §8; and visits to lessons"
    )
    assert results_of_the_quarter(school) == "planned", "the quarter's results are due three days after its end"


def results_of_the_quarter(school: PlayedSchool) -> str:
    """How the plan's row of the quarter's marks stands."""
    (row,) = [row for row in school.rows("plan") if row["due"] == "2026-03-03" and "D1.02" in row["indicators"]]
    return row["state"]


def the_sheets_fill(school: PlayedSchool) -> None:
    """Nothing is due while the quarter runs; then the board fills class by class; then what is missing is overdue."""
    assert set(states(school.board())) == {"not_due"}

    school.today(LAST_DAYS)
    some = [name for name in school.workbooks() if re.match(r"class-([1-5])-А\.xlsx", name)]
    school.hand_in(some, AFTER_THE_QUARTER)
    school.collect()
    board = school.board()
    assert {row["state"] for (name, _), row in board.items() if name == "5-А"} == {"complete"}
    assert {row["state"] for (name, _), row in board.items() if name == "9-А"} == {"due"}
    assert all(row["filled"] == "0" and int(row["required"]) > 0 for (name, _), row in board.items() if name == "9-А")

    school.today(TOO_LATE)
    school.collect()
    assert {row["state"] for (name, _), row in school.board().items() if name == "9-А"} == {"overdue"}

    school.hand_in(school.workbooks(), AFTER_THE_QUARTER)
    school.collect()
    board = school.board()
    late = {place for place, row in board.items() if row["state"] != "complete"}
    assert LATE in late and all(name == "6-А" for name, _ in late) and len(late) < 4, "all but the late ones"


def a_late_teacher_is_reminded(school: PlayedSchool, opened: Opener) -> None:
    """The board has a text for the teacher: what, where, by when – and no pupil's name."""
    row = school.board()[LATE]
    app = opened(school.store, "board")
    app.selectbox(key="board_person").set_value(row["responsible"]).run()
    letter = app.code[0].value.replace("\u00a0", " ")
    assert "6-А" in letter and "География" in letter and "03.03.2026" in letter
    names = {str(cell) for cell in names_of(school, *LATE)}
    assert names and not any(name in letter for name in names)


def names_of(school: PlayedSchool, school_class: str, subject: str) -> set[str]:
    sheet = school._tab(school._file(school_class), school_class, subject)
    return {str(row[1].value) for row in sheet.iter_rows(min_row=6) if row[1].value}


def a_wrong_cell_is_named_and_mended(school: PlayedSchool) -> None:
    """The teacher types the marks, one of them wrong: the very cell is named, the rest counts; mended, the board is green."""
    marks = school.marks(*LATE, "Q3", AFTER_THE_NEXT)
    wrong = next(pupil for pupil, mark in marks.items() if mark in (2, 3, 4, 5))
    cells = school.type_marks(*LATE, "Q3", {**{p: m for p, m in marks.items() if m is not None}, wrong: 45})
    assert school.collect().endswith("reported 1")
    (issue,) = [row for row in school.rows("issues") if row["cell"] == cells[wrong]]
    assert issue["workbook"] == f"{YEAR}/class-6-А.xlsx" and issue["tab"] == "География" and "45" in issue["message"]
    assert school.board()[LATE]["issues"] == "1"
    assert school.board()[LATE]["state"] != "complete", "a cell that is not understood is not filled"

    school.type_marks(*LATE, "Q3", {wrong: marks[wrong]})
    for place in [place for place, row in school.board().items() if row["state"] == "overdue" and place != LATE]:
        school.type_marks(*place, "Q3", {p: m for p, m in school.marks(*place, "Q3", AFTER_THE_NEXT).items() if m is not None})
    assert school.collect().endswith("reported 0")
    board = school.board()
    assert set(states(board)) == {"complete"} and {row["issues"] for row in board.values()} == {"0"}
    assert results_of_the_quarter(school) == "done", "the plan's row is done by the data themselves"


def the_quarter_is_analysed(school: PlayedSchool, opened: Opener) -> list[object]:
    """The figure that the page shows is the one that a calculator gives from the marks in the workbook."""
    marks = list(school.marks(PLACE["school_class"], PLACE["subject"], "Q3").values())
    rows = school.rows("values")
    (row,) = [
        row for row in rows if (row["indicator"], row["period"], row["level"]) == ("D1.02", "Q3", "school_class+subject")
        and (row["school_class"], row["subject"]) == (PLACE["school_class"], PLACE["subject"])
    ]  # fmt: skip
    assert float(row["value"]) == pytest.approx(quality(marks), abs=1e-9) and row["status"] == "ok"
    app = opened(school.store, "learning_outcomes", period="Q3", **PLACE)
    shown = {metric.label.split(",")[0]: str(metric.value).replace("\u00a0", "") for metric in app.metric}
    assert shown["Билим сапаты (предмет боюнча)"] == f"{comma(quality(marks))}%"
    return marks


def a_decision_is_taken(school: PlayedSchool, opened: Opener, then: list[object]) -> None:
    """Two clicks from the figure; the workbook of decisions has the row once, with the figure that caused it."""
    app = opened(school.store, "learning_outcomes", period="Q3", **PLACE)
    app.button(key="decide_tile_D1.02").click().run()
    app.text_area(key="decide_decision").set_value("Кошумча сабак уюштуруу")
    responsible = next(code for code in app.selectbox(key="decide_responsible").options if code)
    app.selectbox(key="decide_responsible").select(responsible)
    app.button(key="decide_save").click().run()
    assert not app.exception
    collector.wait(app.session_state["waits_for_look"], 120)
    app.run()
    at(app, "decisions")
    said = spoken(app)
    assert "Кошумча сабак уюштуруу" in said and comma(quality(then)) in said and "жазылышын күтүп турат" not in said
    (kept,) = [row for row in decided(school) if row["decision"] == "Кошумча сабак уюштуруу"]
    assert (kept["indicator"], kept["period"]) == ("D1.02", "Q3") and float(kept["value"]) == pytest.approx(quality(then), abs=0.05)


def decided(school: PlayedSchool) -> list[dict[str, object]]:
    """The rows of the workbook of decisions, as openpyxl reads them."""
    import openpyxl

    for sheet in openpyxl.load_workbook(school.store / YEAR / "decisions.xlsx").worksheets:
        if str(sheet["B1"].value) == "form=F25@1":
            keys = [cell.value for cell in sheet[2]]
            return [dict(zip(keys, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=6) if row[0].value]
    raise LookupError("no tab of decisions")


def papers_are_made(school: PlayedSchool, folder: Path, then: list[object]) -> None:
    """The quarter's analysis and a briefing note say the figure, and the analysis tells the decision."""
    note = folder / "note.docx"
    run_cli(
        "document", "briefing", "--store", school.store, "--direction", "D1", "--school-class", PLACE["school_class"], "--period", "Q3",
        "--out", note,
    )  # fmt: skip
    analysis = folder / "quarter.docx"
    run_cli("document", "quarter", "--store", school.store, "--period", "Q3", "--out", analysis)
    order = folder / "order.docx"
    run_cli("document", "order", "--store", school.store, "--out", order)
    assert "6-А" in words(note) and "Кошумча сабак уюштуруу" in words(analysis) and "01-12/45" in words(order)


def words(path: Path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells]).replace("\u00a0", " ").replace("\u2011", "-")


def the_next_quarter_tells_what_became_of_it(school: PlayedSchool, opened: Opener, folder: Path, then: list[object]) -> None:
    """A quarter later the same figure is measured again, by itself, and judged with its band of chance."""
    school.today(AFTER_THE_NEXT)
    school.hand_in(school.workbooks(), AFTER_THE_NEXT)
    school.collect()
    assert set(states(school.board(period="Q4"))) == {"complete"}
    now = list(school.marks(PLACE["school_class"], PLACE["subject"], "Q4").values())
    app = opened(school.store, "decisions")
    shown = [str(metric.value).replace("\u00a0", "") for metric in app.metric]
    assert (f"{comma(quality(then))}%", f"{comma(quality(now))}%") in zip(shown, shown[1:], strict=False), "then and now, beside each other"
    (verdict,) = [m.value for m in app.markdown if "6-А · Кыргыз тили" in str(m.value) and "-badge[" in str(m.value)]
    assert expected_outcome(then, now) in str(verdict).replace("\u00a0", " ")
