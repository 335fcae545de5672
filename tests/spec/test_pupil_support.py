"""D8 as a deputy director would check it by hand: self-government, initiatives, support cases, registers, anxiety."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.spec.school import School

DAY = dt.date


@pytest.fixture
def school() -> School:
    """4-А with two pupils (P001, P002), 7-А with four (P003–P006), 10-А with four (P007–P010)."""
    school = School()
    school.school_class("4-А", pupils=2)
    school.school_class("7-А", pupils=4)
    school.school_class("10-А", pupils=4)
    return school


def role(school: School, pupil: str, body: str, since: dt.date | None = None, until: dt.date | None = None) -> None:
    """One row of F18S, from the middle of September unless said otherwise."""
    school.add("F18S", pupil_id=pupil, body=body, role="мүчө", **{"from": since or DAY(2025, 9, 15), "to": until})


def test_D8_01_different_pupils_of_grade_5_and_above_with_a_role(school: School):
    role(school, "P003", "парламент")
    role(school, "P003", "класс активи")
    role(school, "P004", "класс активи", until=DAY(2025, 12, 1))
    role(school, "P007", "парламент", since=DAY(2026, 2, 1))
    role(school, "P001", "класс активи")  # grade 4
    assert school.figure("D8.01", "H1").value == 12.5  # P003 of 8
    assert school.figure("D8.01", "H2").value == 25.0  # P003 and P007
    assert school.figure("D8.01", "H2", school_class="10-А").value == 25.0
    assert school.figure("D8.01", "H2", school_class="4-А").status == "not_applicable"


def test_D8_02_pupils_initiatives_that_were_done(school: School):
    for day, initiator, done in (
        (DAY(2025, 10, 1), "окуучулар", True), (DAY(2025, 11, 20), "окуучулар", False), (DAY(2025, 11, 21), "мугалим", True),
        (DAY(2026, 3, 21), "окуучулар", True),
    ):  # fmt: skip
        school.add("F18", held_on=day, title="Акция", initiator=initiator, done=done, planned=True)
    assert school.figure("D8.02", "H1").value == 50.0
    assert school.figure("D8.02", "H2").value == 100.0
    assert school.figure("D8.02", "Y")[2:4] == (2.0, 3.0)


def test_D8_03_members_of_childrens_organisations_in_all_grades(school: School):
    role(school, "P001", "балдар уюму")
    role(school, "P003", "балдар уюму")
    role(school, "P004", "парламент")
    assert school.figure("D8.03", "Y").value == 20.0  # 2 of 10
    assert school.figure("D8.03", "Y", school_class="4-А").value == 50.0


def case(school: School, pupil: str, opened_on: dt.date, help_on: dt.date | None = None, **columns: object) -> None:
    """One row of F19, requested on the day it was opened."""
    school.add("F19", **{"pupil_id": pupil, "category": "үй-бүлө", "opened_on": opened_on, "requested_on": opened_on,
                         "first_help_on": help_on, **columns})  # fmt: skip


def test_D8_04_a_pupil_is_supported_when_no_open_case_waits(school: School):
    case(school, "P001", DAY(2025, 9, 10), DAY(2025, 9, 12), specialist_id="T001")
    case(school, "P003", DAY(2025, 9, 10), DAY(2025, 9, 12), specialist_id="T001")
    case(school, "P003", DAY(2025, 10, 1))  # the second case of P003 still waits
    case(school, "P004", DAY(2025, 9, 10), DAY(2025, 11, 20), specialist_id="T001")  # helped after the first quarter
    case(school, "P005", DAY(2025, 9, 10), closed_on=DAY(2025, 10, 1))  # closed before its end
    assert school.figure("D8.04", "Q1")[2:4] == (1.0, 3.0)
    assert school.figure("D8.04", "Q2")[2:4] == (2.0, 3.0)


def test_D8_04_help_without_a_specialist_is_not_support(school: School):
    case(school, "P001", DAY(2025, 9, 10), DAY(2025, 9, 12))
    assert school.figure("D8.04", "Q1").value == 0.0


def test_D8_05_is_the_median_wait_and_the_share_within_a_week(school: School):
    for pupil, days in (("P001", 1), ("P002", 7), ("P003", 8), ("P004", 30)):
        case(school, pupil, DAY(2025, 9, 10), DAY(2025, 9, 10) + dt.timedelta(days=days))
    case(school, "P005", DAY(2025, 9, 10))  # still waits
    case(school, "P006", DAY(2025, 9, 10), DAY(2025, 9, 1))  # helped before the request: an error of writing
    assert school.figure("D8.05", "Q1")[:4] == (7.5, "ok", None, 4.0)
    assert school.figure("D8.05", "Y").value == 7.5
    assert school.figure("D8.05.week", "Q1").value == 50.0
    assert school.figure("D8.05", "Q2").status == "not_collected"


def test_D8_06_a_pupil_on_two_registers_is_one_pupil(school: School):
    for pupil, register, since, until in (
        ("P003", "мектеп", DAY(2025, 9, 10), None), ("P003", "ЖБИ", DAY(2025, 9, 20), None),
        ("P004", "мектеп", DAY(2025, 9, 10), DAY(2025, 12, 1)),
    ):  # fmt: skip
        school.add("F19R", pupil_id=pupil, register=register, **{"from": since, "to": until})
    assert school.figure("D8.06", "Q1").value == 20.0
    assert school.figure("D8.06", "Q2").value == 10.0
    assert school.figure("D8.06", "Q1", part="мектеп").value == 20.0
    assert school.figure("D8.06", "Q1", part="ЖБИ").value == 10.0


def test_D8_06_an_empty_list_does_not_say_nobody(school: School):
    assert school.figure("D8.06", "Q1").status == "not_collected"


def test_D8_07_high_anxiety_among_the_assessed_of_1_5_10(school: School):
    for pupil, wave, anxiety in (
        ("P007", "күз", "жогору"), ("P008", "күз", "төмөн"), ("P009", "күз", "орто"), ("P010", "күз", "жогору"),
        ("P007", "жаз", "төмөн"), ("P008", "жаз", None),
    ):  # fmt: skip
        school.add("F03", pupil_id=pupil, wave=wave, adapt=2, anxiety=anxiety)
    assert school.figure("D8.07", "H1")[:2] == (50.0, "ok")
    assert school.figure("D8.07", "H2")[:2] == (0.0, "incomplete")
    assert school.figure("D8.07", "Y", grade=10).value == 25.0  # P007's spring, the others' autumn
    assert school.figure("D8.07", "H1", grade=7).status == "not_applicable"
