"""What is expected, what has come, who answers for it and by when."""

from __future__ import annotations

import datetime as dt

import pytest

from lib.intake.completeness import SUBMISSION_KEY, Completeness, completeness, rows_of
from lib.intake.identity import check
from lib.intake.read import read_sheets
from lib.intake.reading import TabReading
from lib.intake.vocabulary import Vocabulary
from lib.settings import Settings
from tests import small_school
from tests.small_school import Tab


@pytest.fixture
def tabs(loaded: Settings) -> list[Tab]:
    return small_school.school(dict(loaded.forms))


def checked(tabs: list[Tab], loaded: Settings) -> list[TabReading]:
    words = Vocabulary.of(loaded)
    readings = [read_sheets(name, sheets, words) for name, sheets in small_school.by_workbook(tabs).items()]
    return check(readings, loaded)[0]


def rows(tabs: list[Tab], loaded: Settings) -> dict[tuple[str, ...], Completeness]:
    """(form, class, subject, association, period) → row."""
    found = rows_of(checked(tabs, loaded), loaded)
    return {(r.form, r.school_class, r.subject, r.method_association, r.period): r for r in found}


def test_marks_of_a_class(tabs: list[Tab], loaded: Settings):
    sheet = next(t for t in tabs if t.form == "F01")
    for row in sheet.grid[5:9]:
        row[3] = None
    found = rows(tabs, loaded)
    first, second = found["F01", "7-А", "ALG", "", "Q1"], found["F01", "7-А", "ALG", "", "Q2"]
    assert (first.required, first.filled, first.teacher, first.tab) == (12, 12, "T001", "ALG")
    assert (second.required, second.filled) == (12, 8)
    assert first.due == dt.date(2025, 11, 7)
    assert {p for f, c, s, _, p in found if (f, c, s) == ("F01", "7-Б", "PHY")} == {"Q1", "Q2", "Q3", "Q4", "Y"}


def test_a_reported_cell_is_not_filled(tabs: list[Tab], loaded: Settings):
    next(t for t in tabs if t.form == "F01").grid[5][2] = "жакшы"
    assert rows(tabs, loaded)["F01", "7-А", "ALG", "", "Q1"].filled == 11


def test_who_has_left_is_not_waited_for(tabs: list[Tab], loaded: Settings):
    register = next(t for t in tabs if t.form == "R1")
    register.grid[5][6], register.grid[5][7] = dt.date(2025, 12, 1), "чыгып кеткен"
    register.grid[6][7] = "чыгып кеткен"
    register.grid[7][5] = dt.date(2026, 1, 12)
    found = rows(tabs, loaded)
    assert [found["F01", "7-А", "ALG", "", q].required for q in ("Q1", "Q2", "Q3")] == [10, 9, 10]
    assert [found["F01", "7-А", "ALG", "", q].filled for q in ("Q1", "Q2", "Q3")] == [10, 9, 10]


def test_a_tab_that_does_not_exist_is_expected(tabs: list[Tab], loaded: Settings):
    found = rows([t for t in tabs if not (t.form == "F01" and t.title == "KYR")], loaded)
    missing = found["F01", "7-А", "KYR", "", "Q1"]
    assert (missing.required, missing.filled, missing.workbook, missing.teacher) == (12, 0, "", "T002")
    assert found["F15", "", "", "", "Y"].required == 1  # an empty list is one cell that is missing


def test_months(tabs: list[Tab], loaded: Settings):
    found = rows(tabs, loaded)
    september, may = found["F05", "7-А", "", "", "M09"], found["F05", "7-А", "", "", "M05"]
    assert (september.required, september.filled, september.teacher, september.due) == (36, 36, "T001", dt.date(2025, 10, 5))
    assert (may.required, may.filled) == (36, 0)


def test_waves_and_competences(tabs: list[Tab], loaded: Settings):
    form = loaded.forms["F07"]
    pupil = small_school.pupils("7-А")[0]["pupil_id"]
    grid = small_school.grid_of(
        form, [{"pupil_id": pupil, "competence": "маалыматтык", "wave": "аягы", "level": 2}], school_class="7-А"
    )  # fmt: skip
    found = rows([*tabs, Tab("2025-2026/class-7-А.xlsx", "УУД", "F07", grid)], loaded)
    assert [(found["F07", "7-А", "", "", h].required, found["F07", "7-А", "", "", h].filled) for h in ("H1", "H2")] == [(36, 0), (36, 1)]


def test_lists_by_quarter(tabs: list[Tab], loaded: Settings):
    found = rows(tabs, loaded)
    visits = found["F08", "", "", "math", "Q1"]
    needed = sum(not c.optional for c in loaded.forms["F08"].columns)
    assert (visits.required, visits.filled, visits.teacher) == (8 * needed, 8 * needed, "T004")
    assert (found["F08", "", "", "math", "Q3"].required, found["F08", "", "", "math", "Q3"].filled) == (1, 0)


def test_grades_without_marks_are_not_asked_for_marks(loaded: Settings):
    contents = {
        "R2C": [{"school_class": "2-А", "grade": 2}, {"school_class": "1-А", "grade": 1}],
        "R2L": [{"teacher_id": "T001", "subject": "MAT", "school_class": "2-А"}],
        "R1": [{"pupil_id": "P1", "full_name": "Асан", "school_class": "1-А"}],
    }
    tabs = [Tab("r.xlsx", form, form, small_school.grid_of(loaded.forms[form], held)) for form, held in contents.items()]
    found = rows(tabs, loaded)
    assert not any(form == "F01" for form, *_ in found)
    assert ("F03", "1-А", "", "", "H1") in found
    assert ("F03", "2-А", "", "", "H1") not in found  # adaptation is asked for in grades 1, 5 and 10
    assert ("F21", "1-А", "", "", "M09") in found


def test_the_log_says_when_it_was_handed_in(tabs: list[Tab], loaded: Settings):
    day = dt.date(2025, 11, 5)
    log = {("2025-2026", "Q1", "F01", "7-А", "ALG", ""): day}
    table = completeness(checked(tabs, loaded), loaded, log).to_pylist()
    submitted = {
        row["period"]: row["submitted"] for row in table if (row["form"], row["school_class"], row["subject"]) == ("F01", "7-А", "ALG")
    }
    assert submitted == {"Q1": day, "Q2": None, "Q3": None, "Q4": None, "Y": None}


def test_the_table(tabs: list[Tab], loaded: Settings):
    table = completeness(checked(tabs, loaded), loaded, {})
    assert table.column_names == [*SUBMISSION_KEY, "teacher", "workbook", "tab", "required", "filled", "from_exports", "due", "submitted"]
    assert table.num_rows > 50
