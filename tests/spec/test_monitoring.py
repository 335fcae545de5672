"""Q as a deputy director would check it by hand: whole data, timely data, the plan of the year, the decisions."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.spec.school import School

DAY = dt.date


@pytest.fixture
def school() -> School:
    school = School()
    school.school_class("7-А", pupils=1)
    school.school_class("8-А", pupils=1)
    return school


def tab(school: School, form: str, period: str, required: int, filled: int, due: dt.date, submitted: dt.date | None = None,
        **columns: object) -> None:  # fmt: skip
    """One row of the completeness table: a tab in a period."""
    school.completeness(form=form, period=period, required=required, filled=filled, due=due, submitted=submitted, tab=form,
                        workbook=f"{form}.xlsx", **columns)  # fmt: skip


def test_Q_01_cells_are_summed_by_form_and_class(school: School):
    tab(school, "F01", "Q1", 100, 90, DAY(2025, 11, 7), school_class="7-А")
    tab(school, "F01", "Q1", 300, 30, DAY(2025, 11, 7), school_class="8-А")
    tab(school, "F05", "M09", 100, 30, DAY(2025, 10, 5), school_class="7-А")
    assert school.figure("Q.01", "Q1").value == 30.0  # 150 of 500
    assert school.figure("Q.01", "Q1", school_class="7-А").value == 60.0
    assert school.figure("Q.01", "Q1", part="F01").value == 30.0
    assert school.figure("Q.01", "M09").value == 30.0
    assert school.figure("Q.01", "M09", part="F05").value == 30.0


def test_Q_01_longer_periods_hold_the_shorter_ones(school: School):
    tab(school, "F05", "M09", 10, 10, DAY(2025, 10, 5))
    tab(school, "F01", "Q1", 10, 5, DAY(2025, 11, 7))
    tab(school, "F03", "H1", 10, 0, DAY(2025, 10, 20))
    tab(school, "F20", "Y", 10, 10, DAY(2025, 10, 15))
    assert school.figure("Q.01", "Q1")[2:4] == (15.0, 20.0)
    assert school.figure("Q.01", "H1")[2:4] == (15.0, 30.0)
    assert school.figure("Q.01", "Y")[2:4] == (25.0, 40.0)


def test_Q_01_what_is_not_due_yet_is_not_missing():
    school = School(as_of=DAY(2025, 11, 6))
    school.school_class("7-А", pupils=1)
    tab(school, "F05", "M09", 10, 10, DAY(2025, 10, 5))
    tab(school, "F01", "Q1", 10, 0, DAY(2025, 11, 7))
    assert school.figure("Q.01", "Q1").value == 100.0


def test_Q_02_a_tab_counts_where_it_belongs_even_when_its_term_lies_after_the_quarter(school: School):
    tab(school, "F01", "Q1", 10, 10, DAY(2025, 11, 7), DAY(2025, 11, 7), teacher="T001", method_association="math")
    tab(school, "F01", "Q1", 10, 10, DAY(2025, 11, 7), DAY(2025, 11, 8), teacher="T002", method_association="math")
    tab(school, "F01", "Q1", 10, 4, DAY(2025, 11, 7), None, teacher="T003", method_association="languages")
    tab(school, "F20", "Y", 10, 10, DAY(2025, 10, 15), DAY(2025, 10, 1), teacher="T004")
    assert school.figure("Q.02", "Q1").value == 50.0  # 2 of 4
    assert school.figure("Q.02", "Q1", method_association="math").value == 50.0
    assert school.figure("Q.02", "Q1", teacher="T003").value == 0.0
    assert school.figure("Q.02", "M11")[2:4] == (1.0, 3.0)  # the marks' term is in November
    assert school.figure("Q.02", "M10")[2:4] == (1.0, 1.0)
    assert school.figure("Q.02", "Y")[2:4] == (2.0, 4.0)


def test_Q_02_a_month_counts_as_its_own_month(school: School):
    tab(school, "F05", "M09", 10, 10, DAY(2025, 10, 5), DAY(2025, 10, 5))
    assert school.figure("Q.02", "M09").value == 100.0
    assert school.figure("Q.02", "M10").status == "not_collected"
    assert school.figure("Q.02", "Q1").denominator == 1.0


def row(school: School, code: str, rule: str, done_on: dt.date | None = None, status: str = "аткарылды", **columns: object) -> None:
    """One row of F24."""
    school.add("F24", id=code, object="Иш", due_rule=rule, done_on=done_on, status=status, **columns)


def test_Q_03_rows_done_by_the_day_that_their_rule_gives(school: School):
    row(school, "C17", "Q1.end+3", DAY(2025, 11, 7))  # the quarter ends on 4 November: in time
    row(school, "C18", "Q1.end+10", DAY(2025, 11, 15))  # a day late
    row(school, "C19", "Q2.start+10", status="пландалды")  # due on 20 November, not done
    row(school, "C20", "Q2.start+20", status="жокко чыгарылды")  # called off
    row(school, "C45", "07-10", status="пландалды")  # not due on 20 June
    row(school, "C99", "жазында", DAY(2026, 3, 1))  # a rule that nobody can read
    assert school.figure("Q.03", "M11").value == pytest.approx(100 / 3)
    assert school.figure("Q.03", "Y")[2:4] == (1.0, 3.0)


def test_Q_03_an_edited_calendar_would_move_the_terms_so_august_belongs_to_the_first_quarter(school: School):
    row(school, "C02", "08-30", DAY(2025, 8, 30))
    assert school.figure("Q.03", "Q1").value == 100.0


@pytest.mark.parametrize(
    ("done_on", "in_time"),
    [
        (DAY(2025, 12, 5), 1.0),  # the latest term itself
        (DAY(2025, 12, 6), 0.0),  # a day after it
        (DAY(2025, 11, 30), 1.0),  # nearest to 5 December
        (DAY(2025, 11, 7), 0.0),  # that was for 5 November
        (DAY(2026, 1, 4), 1.0),  # nearest to 5 January: December's was before that
        (None, 0.0),
    ],
)
def test_Q_03_a_row_that_repeats_counts_with_its_latest_term(done_on: dt.date | None, in_time: float):
    school = School(as_of=DAY(2026, 1, 4))
    school.school_class("7-А", pupils=1)
    row(school, "C14", "month.end+5", done_on, status="аткарылууда")
    assert school.figure("Q.03", "M12")[2:4] == (in_time, 1.0)
    assert school.figure("Q.03", "M11").status == "not_collected"  # one status says nothing of the months before
    assert school.figure("Q.03", "Y")[2:4] == (in_time, 1.0)


def test_Q_03_by_direction_a_row_counts_in_each_that_it_names(school: School):
    row(school, "C17", "Q1.end+3", DAY(2025, 11, 7), directions=["D1", "D2"])
    row(school, "C18", "Q1.end+10", directions=["бардыгы"])
    assert school.figure("Q.03.directions", "Y", part="D1").value == 50.0
    assert school.figure("Q.03.directions", "Y", part="D2").value == 50.0
    assert school.figure("Q.03", "Y").value == 50.0


@pytest.mark.parametrize(
    ("first", "second", "in_time"),
    [
        (DAY(2025, 11, 5), DAY(2025, 11, 7), 1.0),  # the last tab was whole on the very day
        (DAY(2025, 11, 5), DAY(2025, 11, 8), 0.0),  # a day late
        (DAY(2025, 11, 5), None, 0.0),  # one tab still lacks a cell
    ],
)
def test_Q_03_a_row_is_done_by_itself_on_the_day_when_its_last_sheet_was_whole(
    school: School, first: dt.date, second: dt.date | None, in_time: float
):  # fmt: skip
    row(school, "C17", "Q1.end+3", status="пландалды", indicators=["D1.01"])  # marks: due on 7 November
    tab(school, "F01", "Q1", 10, 10, DAY(2025, 11, 7), first, school_class="7-А")
    tab(school, "F01", "Q1", 10, 10 if second else 9, DAY(2025, 11, 7), second, school_class="8-А")
    assert school.figure("Q.03", "M11")[2:4] == (in_time, 1.0)
    assert school.figure("Q.03.directions", "M11")[2:4] == (in_time, 1.0)


def test_Q_03_what_a_person_says_goes_before_what_the_sheets_say(school: School):
    row(school, "C17", "Q1.end+3", DAY(2025, 11, 20), indicators=["D1.01"])  # marked by hand as done late
    row(school, "C18", "Q1.end+3", status="пландалды", indicators=["D1.01"], document="катышуу картасы")  # a visit has no sheet
    row(school, "C19", "Q2.start+1", status="пландалды", indicators=["Q.04"])  # decisions are not sheets that arrive
    row(school, "C20", "10-05", status="пландалды", indicators=["D1.01"])  # 33 days before the marks' own term
    tab(school, "F01", "Q1", 10, 10, DAY(2025, 11, 7), DAY(2025, 10, 1), school_class="7-А")
    assert school.figure("Q.03", "Y")[2:4] == (0.0, 4.0)


def decision(school: School, due_on: dt.date, done_on: dt.date | None = None, status: str = "пландалды") -> None:
    """One row of F25."""
    school.add("F25", id=f"Ч{len(school.records['F25'])}", decided_on=DAY(2025, 9, 1), decision="Чечим", due_on=due_on, done_on=done_on,
               status=status)  # fmt: skip


def test_Q_04_decisions_done_by_their_term_and_those_overdue():
    school = School(as_of=DAY(2025, 12, 20))
    school.school_class("7-А", pupils=1)
    decision(school, DAY(2025, 10, 10), DAY(2025, 10, 10), "аткарылды")
    decision(school, DAY(2025, 10, 12), DAY(2025, 10, 20), "аткарылды")  # late
    decision(school, DAY(2025, 10, 15))  # not done
    decision(school, DAY(2025, 10, 16), status="жокко чыгарылды")  # called off
    decision(school, DAY(2025, 12, 20))  # due today: counted, not yet overdue
    decision(school, DAY(2026, 1, 20))  # still to come
    assert school.figure("Q.04", "M10").value == pytest.approx(100 / 3)
    assert school.figure("Q.04", "Y").value == 25.0
    assert school.figure("Q.04.overdue", "M10").value == 1.0
    assert school.figure("Q.04.overdue", "Y").value == 1.0
    assert school.figure("Q.04.overdue", "M12").value == 0.0
