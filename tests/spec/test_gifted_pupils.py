"""D4 as a deputy director would check it by hand: the programme, plans, olympiads, research, creative work."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.spec.school import School


@pytest.fixture
def school() -> School:
    """Two classes of five: 7-А (P001–P005) and 4-А (P006–P010), a mathematician and a linguist."""
    school = School()
    school.school_class("7-А", pupils=5)
    school.school_class("4-А", pupils=5)
    school.teacher("T001", mo="math")
    school.teacher("T002", mo="languages")
    return school


def result(
    school: School, pupil: str, kind: str = "олимпиада", level: str | None = "мектеп", place: str = "катышуу", **columns: object
) -> None:
    """One row of F11."""
    school.add("F11", **{"pupil_id": pupil, "kind": kind, "level": level, "place": place, "title": "Сынак", "held_on": dt.date(2026, 2, 10),
                         **columns})  # fmt: skip


def test_D4_01_a_pupil_in_two_areas_is_one_pupil_of_the_programme(school: School):
    school.add("F10", pupil_id="P001", area="математика", mentor_id="T001", has_plan=True)
    school.add("F10", pupil_id="P001", area="музыка", mentor_id="T002", has_plan=False)
    school.add("F10", pupil_id="P006", area="сүрөт", mentor_id="T002", has_plan=False)
    assert school.figure("D4.01", "Y").value == 20.0  # 2 of 10
    assert school.figure("D4.01", "Y", school_class="7-А").value == 20.0  # 1 of 5
    assert school.figure("D4.01", "Y", stage="primary")[2:4] == (1.0, 5.0)


def test_D4_01_a_bank_that_nobody_began_does_not_say_nobody_is_gifted(school: School):
    assert school.figure("D4.01", "Y")[:2] == (None, "not_collected")


def test_D4_01_a_pupil_who_left_is_on_neither_side(school: School):
    school.pupil("7-А", "P099", left_on=dt.date(2025, 12, 1), status="чыгып кеткен")
    school.add("F10", pupil_id="P099", area="математика", has_plan=False)
    school.add("F10", pupil_id="P001", area="математика", has_plan=False)
    assert school.figure("D4.01", "Y")[2:4] == (1.0, 10.0)


def test_D4_02_steps_are_summed_before_they_are_divided(school: School):
    school.add("F10", pupil_id="P001", area="математика", has_plan=True, plan_steps=10, steps_done=9)
    school.add("F10", pupil_id="P002", area="физика", has_plan=True, plan_steps=30, steps_done=1)
    school.add("F10", pupil_id="P003", area="музыка", has_plan=False, plan_steps=5, steps_done=5)
    assert school.figure("D4.02", "H1").value == 25.0  # 10 of 40, not the mean of 90 and 3
    assert school.figure("D4.02", "Y", school_class="7-А").value == 25.0


def test_D4_02_a_plan_without_an_entry_is_not_a_plan_of_which_nothing_was_done(school: School):
    school.add("F10", pupil_id="P001", area="математика", has_plan=True, plan_steps=4, steps_done=3)
    school.add("F10", pupil_id="P002", area="физика", has_plan=True, plan_steps=4)
    figure = school.figure("D4.02", "Y")
    assert (figure.value, figure.status, figure.denominator, figure.expected) == (75.0, "incomplete", 4.0, 8.0)


def test_D4_03_counts_different_pupils_of_grade_5_and_above(school: School):
    result(school, "P001", subject="ALG")
    result(school, "P001", subject="PHY", level="район", place="1")
    result(school, "P002", subject="ALG")
    result(school, "P003", kind="спорт")  # not an olympiad
    result(school, "P006", subject="MAT")  # grade 4
    assert school.figure("D4.03", "Y")[2:4] == (2.0, 5.0)
    assert school.figure("D4.03", "Y").value == 40.0
    assert school.figure("D4.03", "Y", school_class="4-А").status == "not_applicable"


def test_D4_03_by_subject_the_denominator_stays_all_pupils(school: School):
    result(school, "P001", subject="ALG")
    result(school, "P002", subject="ALG")
    result(school, "P002", subject="PHY")
    assert school.figure("D4.03", "Y", subject="ALG").value == 40.0  # 2 of 5
    assert school.figure("D4.03", "Y", subject="PHY").value == 20.0  # 1 of 5
    assert school.figure("D4.03", "Y", school_class="7-А", subject="PHY").value == 20.0


def test_D4_04_only_the_best_result_of_a_pupil_in_a_subject_counts(school: School):
    result(school, "P001", subject="ALG", level="мектеп", place="1")  # 1 × 1.0
    result(school, "P001", subject="ALG", level="район", place="2")  # 3 × 0.8 = 2.4: the best
    result(school, "P001", subject="PHY", level="мектеп", place="катышуу")  # 1 × 0.2
    assert school.figure("D4.04", "Y").numerator == pytest.approx(2.6)
    assert school.figure("D4.04", "Y").value == pytest.approx(26.0)  # per 100 of 10 pupils
    assert school.figure("D4.04", "Y", subject="ALG").value == pytest.approx(24.0)


def test_D4_04_a_team_counts_once_and_under_its_mentor(school: School):
    for pupil in ("P001", "P002", "P003"):
        result(school, pupil, subject="ALG", level="облус", place="1", title="Команда турнири", team="Алгоритм", mentor_id="T001")
    result(school, "P004", subject="ENG", level="район", place="3")  # no mentor: the subject's association
    assert school.figure("D4.04", "Y").numerator == pytest.approx(6.0 + 1.8)
    assert school.figure("D4.04", "Y", method_association="math").value == pytest.approx(60.0)
    assert school.figure("D4.04", "Y", method_association="languages").value == pytest.approx(18.0)


def test_D4_04_two_equally_good_results_are_one(school: School):
    result(school, "P001", subject="ALG", level="район", place="1", title="Биринчи")
    result(school, "P001", subject="ALG", level="район", place="1", title="Экинчи")
    assert school.figure("D4.04", "Y").numerator == pytest.approx(3.0)


def test_D4_05_counts_prizes_from_the_district_upwards_by_level(school: School):
    result(school, "P001", subject="ALG", level="район", place="1")
    result(school, "P001", subject="ALG", level="облус", place="3")
    result(school, "P002", subject="ALG", level="район", place="катышуу")
    result(school, "P003", subject="ALG", level="мектеп", place="1")
    for pupil in ("P004", "P005"):
        result(school, pupil, subject="ENG", level="район", place="2", team="Тилчилер")
    assert school.figure("D4.05", "Y").value == 3.0  # two of P001 and the team's one
    assert school.figure("D4.05", "Y", part="район").value == 2.0
    assert school.figure("D4.05", "Y", part="облус").value == 1.0
    assert school.figure("D4.05", "Y", subject="ALG").value == 2.0


def test_D4_05_share_is_prizes_among_those_who_took_part_at_these_levels(school: School):
    result(school, "P001", subject="ALG", level="район", place="1")
    result(school, "P002", subject="ALG", level="район", place="катышуу")
    result(school, "P003", subject="ALG", level="мектеп", place="1")
    assert school.figure("D4.05.share", "Y").value == 50.0
    assert school.figure("D4.05.share", "Y", part="район").value == 50.0


def test_D4_05_no_prizes_is_a_fact_once_results_are_written(school: School):
    assert school.figure("D4.05", "Y")[:2] == (None, "not_collected")
    result(school, "P001", subject="ALG", level="район", place="катышуу")
    assert school.figure("D4.05", "Y")[:2] == (0.0, "ok")


def test_D4_06_counts_prizes_of_research_by_level(school: School):
    result(school, "P001", kind="илимий-долбоор", level="мектеп", place="1")
    result(school, "P002", kind="илимий-долбоор", level="район", place="катышуу")
    result(school, "P003", kind="чыгармачыл", level="район", place="1")
    assert school.figure("D4.06", "Y").value == 1.0
    assert school.figure("D4.06", "Y", part="мектеп").value == 1.0


def test_D4_06_a_prize_counts_when_its_level_was_not_written(school: School):
    """The formula asks for kind and place; the level only says in which row of the breakdown it stands."""
    result(school, "P001", kind="илимий-долбоор", level=None, place="2")
    result(school, "P002", kind="илимий-долбоор", level="район", place="1")
    assert school.figure("D4.06", "Y").value == 2.0
    assert school.figure("D4.06", "Y", part="район").value == 1.0


def test_D4_07_pupils_prizes_and_the_experts_word(school: School):
    result(school, "P001", kind="чыгармачыл", place="1")
    result(school, "P001", kind="чыгармачыл", place="катышуу")
    result(school, "P002", kind="чыгармачыл", place="катышуу")
    school.add("F26", indicator="D4.07", period="Y", level=3)
    school.add("F26", indicator="D4.07", period="H1", level=2)
    school.add("F26", indicator="D4.06", period="Y", level=0)
    assert school.figure("D4.07", "Y").value == 2.0
    assert school.figure("D4.07", "Y", school_class="7-А").value == 2.0
    assert school.figure("D4.07", "Y", school_class="4-А")[:2] == (0.0, "ok")
    assert school.figure("D4.07.prizes", "Y").value == 1.0
    assert school.figure("D4.07.expert", "Y").value == 2.5
