"""D9 as a deputy director would check it by hand: health, illness, meals, sanitation, fire, injuries, climate, remarks."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.spec.school import School

DAY = dt.date


@pytest.fixture
def school() -> School:
    """3-А with four pupils (P001–P004), 7-А with six (P005–P010)."""
    school = School()
    school.school_class("3-А", pupils=4)
    school.school_class("7-А", pupils=6)
    return school


def test_D9_01_groups_one_and_two_among_those_with_a_group(school: School):
    groups = ["I", "II", "III", "IV", "I", "I", "I", "I", "II", "V"]
    for pupil, group in zip(school.pupils("3-А") + school.pupils("7-А"), groups, strict=True):
        school.add("F20", pupil_id=pupil, health_group=group)
    assert school.figure("D9.01", "Y")[:2] == (70.0, "ok")
    assert school.figure("D9.01", "Y", grade=3).value == 50.0
    assert school.figure("D9.01", "Y", stage="basic")[2:4] == (5.0, 6.0)
    assert school.figure("D9.01.groups", "Y", part="I").value == 50.0
    assert sum(school.figure("D9.01.groups", "Y", part=group).value or 0 for group in ("I", "II", "III", "IV", "V")) == 100.0


def test_D9_01_who_has_no_group_is_expected(school: School):
    school.add("F20", pupil_id="P001", health_group="I")
    assert school.figure("D9.01", "Y")[:2] == (100.0, "incomplete")


def test_D9_02_days_of_illness_a_pupil(school: School):
    school.add("F20", pupil_id="P001", ill_days_q1=6, ill_days_q2=2)
    school.add("F20", pupil_id="P002", ill_days_q1=0)
    school.add("F20", pupil_id="P005", ill_days_q1=3)
    assert school.figure("D9.02", "Q1", school_class="3-А").value == 1.5  # 6 days, 4 pupils: an empty cell is no illness
    assert school.figure("D9.02", "Q1").value == pytest.approx(0.9)
    assert school.figure("D9.02", "Y", school_class="3-А").value == 2.0


def test_D9_02_a_class_in_which_the_medic_wrote_nothing_is_not_healthy_but_missing(school: School):
    school.add("F20", pupil_id="P001", ill_days_q1=6, ill_days_q2=2)
    school.add("F20", pupil_id="P005", ill_days_q1=3)
    assert school.figure("D9.02", "Q2", school_class="7-А").status == "not_collected"
    assert school.figure("D9.02", "Q2")[:2] == (0.5, "incomplete")  # 2 days, the 4 pupils of 3-А


def test_D9_03_a_check_up_of_this_school_year(school: School):
    for pupil, day in (("P001", DAY(2025, 10, 3)), ("P002", DAY(2025, 8, 28)), ("P003", DAY(2025, 5, 3)), ("P004", None)):
        school.add("F20", pupil_id=pupil, health_group="I", checkup_on=day)
    assert school.figure("D9.03", "Y", school_class="3-А").value == 50.0  # P003's is of the last school year
    assert school.figure("D9.03", "Y")[:2] == (50.0, "incomplete")  # 7-А has not begun


def meals(school: School, school_class: str, month: int, **columns: object) -> None:
    """One row of F21: 20 pupils, 20 days, all fed unless said otherwise."""
    school.add("F21", **{"school_class": school_class, "month": month, "enrolled": 20, "fed_free": 20, "fed_paid": 0, "days_plan": 20,
                         "days_fed": 20, **columns})  # fmt: skip


def test_D9_04_weighs_pupils_by_days(school: School):
    meals(school, "3-А", 9)
    meals(school, "3-А", 10, fed_free=10, days_fed=10)
    meals(school, "7-А", 9, fed_free=0)  # not grades 1–4
    assert school.figure("D9.04", "M09").value == 100.0
    assert school.figure("D9.04", "M10").value == 25.0
    assert school.figure("D9.04", "Q1").value == 62.5
    assert school.figure("D9.04", "Q1", school_class="7-А").status == "not_applicable"


def test_D9_04_a_month_without_the_days_fed_is_expected(school: School):
    meals(school, "3-А", 9)
    meals(school, "3-А", 10, days_fed=None)
    assert school.figure("D9.04", "Q1")[:2] == (100.0, "incomplete")


def check(school: School, day: dt.date, result: str, area: str = "санитария", critical: bool = False, **columns: object) -> None:
    """One row of F22."""
    school.add("F22", checked_on=day, area=area, item="Пункт", critical=critical, result=result, **columns)


def test_D9_05_yes_among_yes_and_no_over_all_checks_of_the_period(school: School):
    check(school, DAY(2025, 9, 10), "жок", critical=True)
    check(school, DAY(2025, 10, 10), "ооба")  # the same item checked again: both checks count
    check(school, DAY(2025, 10, 10), "ооба")
    check(school, DAY(2025, 10, 10), "ооба")
    check(school, DAY(2025, 10, 10), "колдонулбайт")
    check(school, DAY(2025, 10, 10), "жок", area="эстетика")
    check(school, DAY(2025, 11, 20), "ооба")
    assert school.figure("D9.05", "Q1").value == 75.0
    assert school.figure("D9.05", "Q2").value == 100.0
    assert school.figure("D9.05.critical", "Q1").value == 1.0
    assert school.figure("D9.05.critical", "Q2")[:2] == (0.0, "ok")


def test_D9_06_an_overdue_critical_failure_makes_it_zero(school: School):
    for _ in range(3):
        check(school, DAY(2025, 9, 10), "ооба", area="өрт")
        check(school, DAY(2025, 11, 20), "ооба", area="антитеррор")
        check(school, DAY(2026, 2, 2), "ооба", area="өрт")
    check(school, DAY(2025, 9, 10), "жок", area="өрт", critical=True, fix_by=DAY(2025, 10, 1), fixed_on=DAY(2026, 1, 20))
    assert school.figure("D9.06", "Q1").value == 0.0
    assert school.figure("D9.06", "Q2").value == 0.0  # found in the first quarter, and still not mended
    assert school.figure("D9.06", "Q3").value == 100.0
    assert school.figure("D9.06.overdue", "Q2").value == 1.0
    assert school.figure("D9.06.overdue", "Q2", part="өрт").value == 1.0
    assert school.figure("D9.06.overdue", "Q3").value == 0.0


@pytest.mark.parametrize(
    "columns",
    [
        {"critical": False, "fix_by": DAY(2025, 10, 1)},  # not critical
        {"critical": True, "fix_by": DAY(2025, 10, 1), "fixed_on": DAY(2025, 10, 20)},  # mended late, but mended
        {"critical": True, "fix_by": DAY(2025, 11, 4)},  # the term is the quarter's last day: not past yet
        {"critical": True},  # no term was set
    ],
)
def test_D9_06_otherwise_it_is_the_share_of_yes(school: School, columns: dict):
    check(school, DAY(2025, 9, 10), "ооба", area="өрт")
    check(school, DAY(2025, 9, 10), "жок", area="антитеррор", **columns)
    assert school.figure("D9.06", "Q1").value == 50.0


def test_D9_07_injuries_at_school_per_1000_pupils(school: School):
    for day, place in ((DAY(2025, 9, 10), "Спорт залы"), (DAY(2025, 10, 10), "Короо"), (DAY(2025, 10, 11), "Үйдө")):
        school.add("F23", happened_on=day, pupil_id="P001", place=place, severity="жеңил", in_lesson=False)
    assert school.figure("D9.07", "Q1").value == 200.0  # 2 of 10 pupils; at home does not count
    assert school.figure("D9.07", "Q2").value == 0.0
    assert school.figure("D9.07", "Y").value == 200.0


def test_D9_07_an_empty_form_does_not_say_no_injuries(school: School):
    assert school.figure("D9.07", "Q1").status == "not_collected"


def test_D9_08_the_climate_by_respondent(school: School):
    for respondent, scores in (("окуучу", [4] * 10), ("мугалим", [2] * 10), ("ата-эне", [3] * 10)):
        for score in scores:
            school.add("F04", survey_id="S2", respondent=respondent, school_class="7-А", topic="климат", item="1", score=score)
        school.add("F04H", survey_id="S2", respondent=respondent, school_class="7-А", invited=20)
    assert school.figure("D9.08", "Y").value == 75.0
    assert school.figure("D9.08", "Y", school_class="7-А", part="мугалим").value == 50.0
    assert school.figure("D9.08", "Y", part="окуучу").value == 100.0
    assert school.figure("D9.08.response", "Y").value == 50.0


def test_D9_09_mended_by_the_term_that_was_set(school: School):
    check(school, DAY(2025, 9, 10), "жок", fix_by=DAY(2025, 10, 1), fixed_on=DAY(2025, 10, 1))
    check(school, DAY(2025, 9, 10), "жок", fix_by=DAY(2025, 10, 1), fixed_on=DAY(2025, 10, 2))
    check(school, DAY(2025, 9, 10), "жок", area="өрт", fix_by=DAY(2025, 11, 20))
    check(school, DAY(2025, 9, 10), "жок")  # no term
    assert school.figure("D9.09", "Q1").value == 50.0
    assert school.figure("D9.09", "Q2").value == 0.0
    assert school.figure("D9.09", "Y")[2:4] == (1.0, 3.0)
