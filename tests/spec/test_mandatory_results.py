"""D2: failing pupils, pupils at risk and their support, attendance, key competences. Oracles: domain.md §1.2, §1.6, §5.4, §9."""

from __future__ import annotations

import datetime as dt

import pytest

from lib.indicators.compute import behind
from lib.indicators.formulas import contributions
from lib.indicators.risk import risk
from tests.spec.school import YEAR, School, settings

SUBJECTS = ("ALG", "KYR", "RUS")


def class_of(*pupils: str, **quarters: tuple[str, ...]) -> School:
    """7-А with a row of marks (algebra, Kyrgyz, Russian) a pupil; positional ones are quarter 1."""
    school = School()
    quarters = {"q1": pupils, **quarters}
    school.school_class("7-А", pupils=len(pupils))
    school.teaches("T001", "7-А", *SUBJECTS)
    for place, subject in enumerate(SUBJECTS):
        tab = {quarter: " ".join(marks.split()[place] for marks in rows) for quarter, rows in quarters.items()}
        school.marks("7-А", subject, **tab)
    return school


# --- failing, unattested, reserve -------------------------------------------------------------------------------------------

PUPILS = ("5 5 5", "4 4 3", "5 4 3", "2 3 4", "2 2 н/а", "5 5 н/а", "5 5 -", "2 2 -", "5 осв 4", "3 3 4")


def test_failing():
    """D2.01: ten pupils, two with an empty cell; of the other eight two have a 2."""
    figure = class_of(*PUPILS).figure("D2.01", "Q1")
    assert (figure.value, figure.denominator, figure.expected) == (25, 8, 10)


def test_unattested_whatever_the_other_marks():
    """D2.02: a pupil with twos and an unattested subject counts here as well."""
    assert class_of(*PUPILS).figure("D2.02", "Q1").value == 25


def test_reserve_with_one_three():
    """D2.03: «4 4 3» and «5 4 3»; not «3 3 4», nor the pupil with a 2."""
    assert class_of(*PUPILS).figure("D2.03", "Q1").numerator == 2


def test_one_empty_cell_in_every_pupil_leaves_nothing_to_say():
    figure = class_of("5 5 -", "2 2 -").figure("D2.01", "Q1")
    assert (figure.value, figure.status) == (None, "not_collected")


def test_no_longer_failing():
    """D2.06: three failed in quarter 1; one still fails, one recovered, one has an empty cell in quarter 2."""
    school = class_of("2 3 3", "2 2 3", "2 4 4", "5 5 5", q2=("3 3 3", "2 3 3", "- 4 4", "2 2 2"))
    figure = school.figure("D2.06", "Q2")
    assert (figure.value, figure.numerator, figure.denominator, figure.expected) == (50, 1, 2, 3)
    assert school.figure("D2.06", "Q1").status == "not_applicable", "the year has no quarter before the first"


def test_no_longer_failing_where_nobody_failed():
    school = class_of("5 5 5", "4 4 4", q2=("5 5 5", "2 4 4"))
    assert school.figure("D2.06", "Q2").status == "not_applicable"


def test_failing_pupil_who_left_is_not_counted():
    school = School()
    school.school_class("7-А", pupils=1)
    school.pupil("7-А", left_on=dt.date(2025, 12, 1))
    school.teaches("T001", "7-А", "ALG")
    school.marks("7-А", "ALG", q1="2 2", q2="3 -")
    assert school.figure("D2.06", "Q2")[:4] == (100, "ok", 1, 1)


# --- attendance -------------------------------------------------------------------------------------------------------------


def month(school: School, pupil: str, number: int, plan: int, excused: int, unexcused: int) -> None:
    school.add("F05", school_class="7-А", pupil_id=pupil, month=number, days_plan=plan, missed_excused=excused, missed_unexcused=unexcused)


def attending(*missed: tuple[int, int]) -> School:
    """7-А in September, 20 school days: (excused, unexcused) days missed by each pupil."""
    school = School()
    for pupil, (excused, unexcused) in zip(school.school_class("7-А", pupils=len(missed)), missed, strict=True):
        month(school, pupil, 9, 20, excused, unexcused)
    return school


def test_attendance():
    """D2.07: 3 + 1 + 0 of 60 days missed."""
    school = attending((2, 1), (1, 0), (0, 0))
    assert school.figure("D2.07", "M09").value == pytest.approx(100 * 56 / 60)
    assert school.figure("D2.07", "M09", school_class="7-А").denominator == 60
    assert school.figure("D2.07.unexcused", "M09").value == 25


def test_quarter_adds_its_months():
    """September and October belong to quarter 1, November (its 15th day) to quarter 2."""
    school = School()
    pupil = school.school_class("7-А", pupils=1)[0]
    for number, missed in ((9, 1), (10, 3), (11, 10)):
        month(school, pupil, number, 20, missed, 0)
    assert school.figure("D2.07", "Q1").value == 90
    assert school.figure("D2.07", "M11").value == 50


def test_pupil_without_a_row_is_a_gap_of_the_months_days():
    school = attending((0, 0), (0, 0), (0, 0))
    school.pupil("7-А")
    figure = school.figure("D2.07", "M09")
    assert (figure.value, figure.denominator, figure.expected, figure.status) == (100, 60, 80, "incomplete")


def test_chronic_absence_begins_at_ten_percent():
    """D2.08: 2 of 20 days is chronic, 1 of 20 is not; the reason does not matter."""
    school = attending((2, 0), (0, 2), (1, 0), (0, 0))
    assert school.figure("D2.08", "M09").value == 50
    assert school.figure("D2.08", "M09").denominator == 4


# --- early warning ----------------------------------------------------------------------------------------------------------


def letters(school: School, period: str = "Q1") -> dict[str, tuple[int, int, int, str]]:
    rows = risk(school.data()).collect("pyarrow").rows(named=True)
    rows = sorted((row for row in rows if row["period"] == period), key=lambda row: row["pupil_id"])
    return {row["pupil_id"]: (row["a"], row["b"], row["c"], row["tier"]) for row in rows}


# (excused, unexcused) of 20 days, marks in three subjects, incidents, registered → A, B, C, tier
CASES = [
    ((0, 0), "5 4 3", 0, False, (0, 0, 0, "green")),
    ((0, 0), "5 4 2", 0, False, (0, 0, 1, "green")),
    ((1, 0), "5 4 2", 0, False, (1, 0, 1, "yellow")),
    ((1, 0), "5 2 2", 0, False, (1, 0, 2, "red")),  # C at 2 with A at 1
    ((0, 0), "5 2 н/а", 0, False, (0, 0, 2, "yellow")),
    ((2, 0), "5 4 3", 0, False, (2, 0, 0, "yellow")),
    ((0, 1), "5 4 3", 0, False, (2, 0, 0, "yellow")),  # 5 % without excuse
    ((2, 0), "5 4 3", 3, False, (2, 2, 0, "red")),  # 4 points
    ((0, 0), "5 4 3", 2, False, (0, 1, 0, "green")),
    ((0, 0), "5 4 3", 0, True, (0, 2, 0, "yellow")),
]


def at_risk() -> School:
    school = School()
    pupils = school.school_class("7-А", pupils=len(CASES))
    school.teaches("T001", "7-А", *SUBJECTS)
    for place, subject in enumerate(SUBJECTS):
        school.marks("7-А", subject, q1=" ".join(case[1].split()[place] for case in CASES))
    for pupil, (missed, _, incidents, registered, _) in zip(pupils, CASES, strict=True):
        month(school, pupil, 9, 20, *missed)
        month(school, pupil, 10, 20, *missed)
        for number in range(incidents):
            school.add("F19R", pupil_id=pupil, register="мектеп", **{"from": dt.date(2025, 9, 2), "to": dt.date(2025, 9, 3)},
                       incident_on=dt.date(2025, 10, 1 + number))  # fmt: skip
        if registered:
            school.add("F19R", pupil_id=pupil, register="ЖБИ", **{"from": dt.date(2025, 9, 20)})
    return school


def test_letters_and_tiers():
    found = letters(at_risk())
    assert list(found.values()) == [case[-1] for case in CASES]


def test_share_at_risk():
    """D2.04: two red of ten."""
    school = at_risk()
    figure = school.figure("D2.04", "Q1")
    assert (figure.value, figure.numerator, figure.denominator) == (20, 2, 10)


def test_september_is_judged_without_marks():
    """Before the first quarter has ended a month knows only absence and incidents: nobody is red by marks."""
    found = letters(at_risk(), "M09")
    assert found[list(found)[3]] == (1, 0, 0, "green")


def test_confirmed_by_a_person_counts():
    school = at_risk()
    green = school.pupils("7-А")[0]
    school.add("F06", pupil_id=green, opened_on=dt.date(2025, 10, 20), review_on=dt.date(2026, 1, 20), status="ачык",
               flag_decision="тастыкталды")  # fmt: skip
    assert school.figure("D2.04", "Q1").numerator == 3
    assert school.figure("D2.04", "M09").numerator < school.figure("D2.04", "Q1").numerator, "the plan was opened in October"


def test_pupil_without_attendance_or_marks_is_not_judged():
    school = at_risk()
    school.pupil("7-А")
    figure = school.figure("D2.04", "Q1")
    assert (figure.denominator, figure.expected) == (10, 11)


def test_fall_of_the_mean_gives_a_point():
    """From 4.67 to 4.0 in quarter 2, without a single 2."""
    school = class_of("5 5 4", "4 4 4", q2=("4 4 4", "4 4 4"))
    for pupil in school.pupils("7-А"):
        month(school, pupil, 11, 20, 0, 0)
    assert [found[2] for found in letters(school, "Q2").values()] == [1, 0]


def test_covered_by_support_plans():
    """D2.05: two red pupils in November (marks of quarter 1); one has an open plan, another's plan was closed after its review day."""
    school = at_risk()
    pupils = school.pupils("7-А")
    for pupil, (missed, *_) in zip(pupils, CASES, strict=True):
        month(school, pupil, 11, 20, *missed)
    assert school.figure("D2.05", "M11").status == "not_collected", "nobody wrote a plan all year"
    school.add("F06", pupil_id=pupils[3], opened_on=dt.date(2025, 11, 10), review_on=dt.date(2026, 2, 1), status="ачык")
    school.add("F06", pupil_id=pupils[7], opened_on=dt.date(2025, 9, 10), review_on=dt.date(2025, 10, 10), status="жабык")
    figure = school.figure("D2.05", "M11")
    assert (figure.value, figure.denominator) == (50, 2)


def test_plans_do_not_apply_without_red_pupils():
    school = attending((0, 0), (1, 0))
    school.add("F06", pupil_id=school.pupils("7-А")[0], opened_on=dt.date(2025, 9, 10), review_on=dt.date(2025, 12, 1), status="ачык")
    assert school.figure("D2.05", "M09").status == "not_applicable"


def test_cells_behind_the_risk():
    """The reasons stand in three forms: marks, attendance and the register."""
    table = behind("D2.04", at_risk().data(), {"school_year": YEAR, "period": "Q1"})
    assert set(table["form"].to_pylist()) == {"F01", "F05", "F19R"}


# --- key competences --------------------------------------------------------------------------------------------------------

COMPETENCES = ("маалыматтык", "социалдык-коммуникативдик", "өзүн өзү уюштуруу")


def competent(start: tuple[str, ...], end: tuple[str, ...] = ()) -> School:
    """7-А: levels of the three competences a pupil, at the start and at the end of the year."""
    school = School()
    pupils = school.school_class("7-А", pupils=len(start))
    for wave, rows in (("башталышы", start), ("аягы", end)):
        for pupil, row in zip(pupils, rows, strict=False):
            for competence, level in zip(COMPETENCES, row.split(), strict=True):
                school.add("F07", school_class="7-А", pupil_id=pupil, competence=competence, wave=wave, level=int(level))
    return school


def test_key_competences():
    """D2.09: at the start 3 of 6 assessments reach level 2; by competence 2, 1 and 0 of two."""
    school = competent(("2 3 1", "2 0 1"))
    assert school.figure("D2.09", "H1").value == 50
    assert [school.figure("D2.09", "H1", part=name).value for name in COMPETENCES] == [100, 50, 0]
    assert school.figure("D2.09", "H2").status == "not_collected"


def test_change_of_competences_within_the_year():
    """3 of 6 at the start, 4 of 6 at the end; a newcomer who has no start is left out."""
    school = competent(("2 3 1", "2 0 1"), ("2 3 2", "1 2 1"))
    newcomer = school.pupil("7-А")
    school.add("F07", school_class="7-А", pupil_id=newcomer, competence=COMPETENCES[0], wave="аягы", level=3)
    figure = school.figure("D2.09.change", "Y")
    assert (figure.value, figure.denominator) == (pytest.approx(100 / 6), 6)
    assert school.figure("D2.09.change", "Y", part=COMPETENCES[0]).value == -50


# --- sources ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [code for code, i in settings().all_indicators.items() if i.direction != "Q" and not i.variative])
def test_an_indicator_names_every_form_that_it_reads(code: str):
    """The registers stand behind everything; F01 behind every work of F02, for the internal mark beside it."""
    data = School().data()
    contributions(code, data)
    read = {form for form in data.tables if form in settings().forms and not form.startswith("R")}
    named = {source.form for source in settings().all_indicators[code].sources}
    assert read - named - ({"F01"} if "F02" in named else set()) == set()
