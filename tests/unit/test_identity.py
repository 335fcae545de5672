"""Checks across tabs: a value that may belong to another child is never used, and nothing is merged."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable

import pytest

from lib.intake.identity import check
from lib.intake.read import read_sheets
from lib.intake.reading import TabReading
from lib.intake.vocabulary import Vocabulary
from lib.model.issue import Issue, Severity
from lib.settings import Settings
from tests import small_school
from tests.small_school import Tab

Judge = Callable[[list[Tab]], tuple[dict[tuple[str, str], TabReading], list[Issue]]]
BOOK = "2025-2026/class-7-А.xlsx"


@pytest.fixture
def tabs(loaded: Settings) -> list[Tab]:
    return small_school.school(dict(loaded.forms))


@pytest.fixture(scope="module")
def judge(loaded: Settings) -> Judge:
    words = Vocabulary.of(loaded)

    def judged(tabs: list[Tab]) -> tuple[dict[tuple[str, str], TabReading], list[Issue]]:
        readings = [read_sheets(name, sheets, words) for name, sheets in small_school.by_workbook(tabs).items()]
        kept = [(tab.cells, tab.accepted, tab.reported, dict(tab.values)) for r in readings for tab in r.tabs]
        found, issues = check(readings, loaded)
        # the readings may be kept for the next collect, so the checks must not have touched them
        assert kept == [(tab.cells, tab.accepted, tab.reported, dict(tab.values)) for r in readings for tab in r.tabs]
        assert all(tab.cells == tab.accepted + tab.reported for tab in found)
        assert sum(tab.reported for tab in found) == sum(issue.cells for issue in issues)
        return {(tab.workbook, tab.tab): tab for tab in found}, issues

    return judged


def tab(tabs: list[Tab], form: str, title: str = "") -> Tab:
    return next(t for t in tabs if t.form == form and (not title or t.title == title))


def codes(issues: list[Issue]) -> Counter[str]:
    return Counter(issue.code for issue in issues)


def test_a_good_school_has_no_issue(tabs: list[Tab], judge: Judge):
    assert judge(tabs)[1] == []


def test_a_pupil_whom_nobody_knows(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    sheet.grid[5][0], sheet.grid[5][1] = "P2999999", "Белгисиз Бала"
    found, issues = judge(tabs)
    assert codes(issues) == {"pupil_unknown": 7}
    assert {issue.cell for issue in issues} == {f"{letter}6" for letter in "ABCDEFG"}
    assert len(found[BOOK, "ALG"].rows) == 11


def test_an_unknown_code_beside_a_known_name_says_which_code_is_meant(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    right, sheet.grid[5][0] = sheet.grid[5][0], "P2999999"
    _, issues = judge(tabs)
    assert {(i.code, i.slots["known"]) for i in issues} == {("pupil_unknown_named", right)}


def test_a_partly_sorted_sheet_gives_no_child_anothers_marks(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    names = [row[1:] for row in sheet.grid[5:]]
    for row, other in zip(sheet.grid[5:], names[1:] + names[:1], strict=True):
        row[1:] = other
    found, issues = judge(tabs)
    assert codes(issues) == {"name_id_mismatch": 12 * 7}
    assert found[BOOK, "ALG"].rows == []
    assert found[BOOK, "KYR"].accepted == 12 * 7


def test_where_most_names_are_wrong_a_right_one_may_be_chance(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    names = [row[1] for row in sheet.grid[6:]]
    for row, other in zip(sheet.grid[6:], names[1:] + names[:1], strict=True):
        row[1] = other
    _, issues = judge(tabs)
    assert codes(issues) == {"name_id_mismatch": 11 * 7, "name_unproven": 7}


def test_where_codes_and_rows_came_apart_a_row_without_a_name_is_not_trusted(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    sheet.grid[9][1] = None
    assert judge(tabs)[1] == []
    sheet.grid[5][1], sheet.grid[6][1] = sheet.grid[6][1], sheet.grid[5][1]
    _, issues = judge(tabs)
    assert codes(issues) == {"name_id_mismatch": 14, "name_unproven": 6}


def test_spellings_of_a_name(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    name = str(sheet.grid[5][1])
    for spelling in (name.upper(), " ".join(reversed(name.split())), name.replace("о", "ө"), name + "  "):
        sheet.grid[5][1] = spelling
        assert judge(tabs)[1] == []
    for spelling in (name[:-1], name + "ва", name + " Эркинович", f"{name[:3]}э{name[4:]}"):
        sheet.grid[5][1] = spelling
        found, issues = judge(tabs)
        assert [(i.code, i.severity, i.cell, i.cells) for i in issues] == [("name_differs", Severity.WARNING, "B6", 0)]
        assert found[BOOK, "ALG"].accepted == 12 * 7


def test_a_near_name_that_is_another_pupils_is_no_slip(tabs: list[Tab], judge: Judge):
    """Асанов and Асанова: one letter, two children."""
    register, sheet = tab(tabs, "R1"), tab(tabs, "F01", "ALG")
    register.grid[5][1], register.grid[6][1] = "Асанов Айбек", "Асанова Айбек"
    for other in (t for t in tabs if t.form != "R1"):
        for row in other.grid[5:]:
            if row[0] in ("P2019001", "P2019002"):
                row[1] = {"P2019001": "Асанов Айбек", "P2019002": "Асанова Айбек"}[row[0]]
            elif len(row) > 2 and row[1] in ("P2019001", "P2019002"):
                row[2] = None
            elif len(row) > 6 and row[5] in ("P2019001", "P2019002"):
                row[6] = None
    assert judge(tabs)[1] == []
    sheet.grid[5][1], sheet.grid[6][1] = sheet.grid[6][1], sheet.grid[5][1]
    found, issues = judge(tabs)
    assert codes(issues) == {"name_id_mismatch": 14}
    assert found[BOOK, "ALG"].rows == list(range(8, 18))


def test_a_pupil_of_another_class(tabs: list[Tab], judge: Judge):
    one, other = tab(tabs, "F01", "ALG"), [t for t in tabs if t.form == "F01"][3]
    one.grid.append(list(other.grid[5]))
    _, issues = judge(tabs)
    assert codes(issues) == {"pupil_other_class": 7}
    assert issues[0].slots == {"column": "Окуучунун коду", "value": "P2019101", "known": "7-Б", "tab": "7-А"}


def test_a_row_twice(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    sheet.grid.append(list(sheet.grid[5]))
    found, issues = judge(tabs)
    assert {(i.code, i.severity) for i in issues} == {("duplicate_row_same", Severity.WARNING)}
    assert len(found[BOOK, "ALG"].rows) == 12
    sheet.grid[-1][2] = 5.0 if sheet.grid[5][2] in (2.0, "н/а") else 2.0
    found, issues = judge(tabs)
    assert codes(issues) == {"duplicate_row": 14}
    assert {i.cell[1:] for i in issues} == {"6", "18"}
    assert 6 not in found[BOOK, "ALG"].rows


def test_the_fuller_of_two_rows_is_used_when_it_says_all_that_the_other_says(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    full = list(sheet.grid[5])
    sheet.grid[5][3:] = [None] * 6
    sheet.grid.append(full)
    found, issues = judge(tabs)
    assert codes(issues) == {"duplicate_row_same": 3}
    assert found[BOOK, "ALG"].rows[-1] == 18


def test_a_row_twice_in_two_tabs(tabs: list[Tab], judge: Judge, loaded: Settings):
    """The same month of the same pupil in two workbooks, with other figures."""
    form = loaded.forms["F14"]
    row = {"cabinet": "Каб. 1", "category": "МКТ", "item": "Ноутбук", "norm": 3, "have": 3, "have_ok": 3}
    tabs.append(Tab("2025-2026/second.xlsx", "Жабдылыш", "F14", small_school.grid_of(form, [row])))
    found, issues = judge(tabs)
    assert codes(issues) == {"duplicate_row": 12}
    assert {i.workbook for i in issues} == {"2025-2026/second.xlsx", "2025-2026/equipment.xlsx"}


def test_two_pupils_with_one_name_are_asked_about_and_both_kept(tabs: list[Tab], judge: Judge):
    register = tab(tabs, "R1")
    register.grid[6][1] = str(register.grid[5][1]).replace("ө", "о").upper()
    found, issues = judge(tabs)
    asked = [i for i in issues if i.code == "same_name_pupils"]
    assert [(i.cell, i.cells, i.slots["ids"]) for i in asked] == [("B6", 0, "P2019001, P2019002"), ("B7", 0, "P2019001, P2019002")]
    assert len(found["2025-2026/registry.xlsx", "Окуучулар реестри"].rows) == 24


def test_a_copied_tab(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    copy = Tab(sheet.workbook, "ALG (2)", "F01", [list(row) for row in sheet.grid])
    found, issues = judge([*tabs, copy])
    assert [(i.code, i.tab, i.cells) for i in issues] == [("duplicate_tab_same", "ALG (2)", 84)]
    copy.grid[6][3] = 2.0 if copy.grid[6][3] not in (2.0, "2") else 5.0
    found, issues = judge([*tabs, copy])
    assert [(i.code, i.severity, i.tab, i.cells) for i in issues] == [("duplicate_tab", Severity.ERROR, "ALG (2)", 84)]
    assert found[BOOK, "ALG (2)"].state == "refused"


def test_the_filled_copy_is_read_when_the_other_is_blank(tabs: list[Tab], judge: Judge):
    sheet = tab(tabs, "F01", "ALG")
    copy = Tab(sheet.workbook, "ALG (2)", "F01", [list(row) for row in sheet.grid])
    for row in sheet.grid[5:]:
        row[2:] = [None] * 7
    found, issues = judge([*tabs, copy])
    assert [(i.code, i.tab, i.cells) for i in issues] == [("duplicate_tab_same", "ALG", 24)]
    assert found[BOOK, "ALG (2)"].accepted == 84


def test_a_test_of_all_subjects_has_none(tabs: list[Tab], judge: Judge):
    """The national test's main part: no subject, and still one row a pupil."""
    works = tab(tabs, "F02")
    for row in works.grid[5:]:
        row[1], row[3] = "ЖРТ", None
    found, issues = judge(tabs)
    assert issues == []
    works.grid.append([*works.grid[5][:8], 3.0, 20.0])
    assert codes(judge(tabs)[1]) == {"duplicate_row": 18}


def test_references(tabs: list[Tab], judge: Judge):
    visits, results = tab(tabs, "F08"), tab(tabs, "F11")
    visits.grid[5][2] = "T099"  # whom the visit was to: the row cannot be placed
    visits.grid[6][3] = "9-В"
    results.grid[5][9] = "T098"  # the mentor: the row lives
    _, issues = judge(tabs)
    assert codes(issues) == {"teacher_unknown": 18 + 1, "class_unknown": 18}
    mentor = next(i for i in issues if i.form == "F11")
    assert (mentor.cell, mentor.slots["value"]) == ("J6", "T098")


def test_a_class_that_only_the_register_of_pupils_has(tabs: list[Tab], judge: Judge):
    tab(tabs, "R2C").grid.pop()
    _, issues = judge(tabs)
    assert codes(issues) == {"class_not_listed": 12 + 3}
    assert all(i.cells == 0 for i in issues)


def test_a_tab_of_a_class_that_nobody_has(tabs: list[Tab], judge: Judge):
    tab(tabs, "F01", "ALG").grid[0][3] = "school_class=9-В"
    _, issues = judge(tabs)
    assert [(i.code, i.cell, i.cells) for i in issues] == [("tab_class_unknown", "", 84)]


def test_without_a_register_values_are_kept_and_said_to_be_unchecked(tabs: list[Tab], judge: Judge):
    found, issues = judge([t for t in tabs if t.form != "R1"])
    assert codes(issues) == {"registry_missing": 1}
    assert found[BOOK, "ALG"].accepted == 84


def test_what_cannot_be_is_asked_about(tabs: list[Tab], judge: Judge):
    tab(tabs, "F14").grid[5][5] = 11.0  # 11 in order of 10 there are
    tab(tabs, "F18").grid[5][0] = dt.date(2024, 11, 12)
    tab(tabs, "R1").grid[5][6] = dt.date(2023, 1, 1)  # left before entering
    tab(tabs, "R2C").grid[5][1] = 8.0
    found, issues = judge(tabs)
    assert codes(issues) == {"more_than_whole": 1, "date_outside_year": 1, "dates_reversed": 1, "grade_differs": 1}
    assert all(i.severity is Severity.WARNING and i.cells == 0 for i in issues)


def test_last_good_records_are_not_counted_twice(tabs: list[Tab], loaded: Settings):
    """Records that stand in for a tab that broke carry no cells; a check of them must not make any."""
    words = Vocabulary.of(loaded)
    sheet = tab(tabs, "F01", "ALG")
    sheet.grid[5][0] = "P2999999"
    readings = [read_sheets(name, sheets, words) for name, sheets in small_school.by_workbook(tabs).items()]
    stale = next(t for r in readings for t in r.tabs if t.tab == "ALG" and t.workbook == BOOK)
    stale.cells = stale.accepted = stale.reported = 0
    found, issues = check(readings, loaded)
    checked = next(t for t in found if t.tab == "ALG" and t.workbook == BOOK)
    assert (checked.cells, checked.accepted, checked.reported, len(checked.rows)) == (0, 0, 0, 11)
    assert sum(i.cells for i in issues if i.tab == "ALG" and i.workbook == BOOK) == 0
