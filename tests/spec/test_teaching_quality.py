"""D3: lesson visits, qualification, contests, satisfaction, spread between parallel classes. Oracles: domain.md §1.8, §1.10, §5.2, §7."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tests.spec.school import School

AUTUMN = dt.date(2025, 10, 7)


def visit(school: School, teacher: str, points: str, day: dt.date = AUTUMN, mo: str = "math", **columns: Any) -> None:
    """A visit card: the ten criteria in one row ("-": empty)."""
    criteria = {f"crit{n}": None if point == "-" else int(point) for n, point in enumerate(points.split(), 1)}
    school.add("F08", held_on=day, visitor_id="T900", teacher_id=teacher, school_class="7-А", subject="ALG", method_association=mo,
               **{"planned": True, "ict": False, **criteria, **columns})  # fmt: skip


# --- lesson visits ----------------------------------------------------------------------------------------------------------


def visited() -> School:
    school = School()
    school.school_class("7-А")
    for _ in range(3):
        visit(school, "T001", "2 2 2 2 2 2 2 2 2 2")  # 20 of 20
    visit(school, "T002", "1 1 1 1 1 1 1 1 1 1")  # 10 of 20
    visit(school, "T003", "1 1 1 1 1 1 1 1 1 -")  # not finished
    visit(school, "T004", "0 0 0 0 0 0 0 0 0 0", day=dt.date(2025, 12, 1), mo="science")
    return school


def test_quality_of_lessons():
    """D3.01: 20 + 20 + 20 + 10 of 80 points; the card with an empty criterion is a gap."""
    school = visited()
    figure = school.figure("D3.01", "Q1")
    assert (figure.value, figure.denominator, figure.expected) == (87.5, 4, 5)
    assert school.figure("D3.01", "Q2").value == 0
    assert school.figure("D3.01", "Q1", method_association="math").value == 87.5


def test_a_teacher_is_shown_from_three_visits_on():
    school = visited()
    assert school.figure("D3.01", "Q1", teacher="T001").value == 100
    once = school.figure("D3.01", "Q1", teacher="T002")
    assert (once.value, once.status, once.denominator) == (None, "suppressed", 1)


def planned(school: School, number: int, rule: str = "Q1.end-10", **columns: Any) -> None:
    for _ in range(number):
        place = len(school.records["F24"])
        school.add("F24", id=f"C{place}", due_rule=rule, **{"document": "Катышуу картасы, талдоо", "status": "пландалды", **columns})


def test_plan_of_visits():
    """D3.02: eight visits planned for quarter 1, of which six took place (three more were not planned)."""
    school = School()
    planned(school, 8)
    planned(school, 2, status="жокко чыгарылды")
    planned(school, 5, document="маалымкат")
    for _ in range(6):
        visit(school, "T001", "2 2 2 2 2 2 2 2 2 2")
    for _ in range(3):
        visit(school, "T001", "2 2 2 2 2 2 2 2 2 2", planned=False)
    figure = school.figure("D3.02", "Q1")
    assert (figure.value, figure.denominator) == (75, 8)


def test_visits_beyond_the_plan_do_not_count():
    school = School()
    planned(school, 1, rule="Qn.end-5")
    for _ in range(4):
        visit(school, "T001", "2 2 2 2 2 2 2 2 2 2")
    assert school.figure("D3.02", "Q1").value == 100
    assert school.figure("D3.02", "Q2").value == 0


def test_plan_by_association():
    """Rows whose responsible names the association are its own; its further visits go to the rows that name nobody."""
    school = School()
    planned(school, 2, responsible="Математика жана информатика")
    planned(school, 2, responsible="окуу бөлүмү")
    for _ in range(3):
        visit(school, "T001", "2 2 2 2 2 2 2 2 2 2", mo="math")
    assert school.figure("D3.02", "Q1", method_association="math").value == 100
    assert school.figure("D3.02", "Q1").value == 75


def test_technologies():
    """D3.03: of four visits one with ICT, one with a named technology, one with both."""
    school = School()
    tens = "2 2 2 2 2 2 2 2 2 2"
    visit(school, "T001", tens, ict=True)
    visit(school, "T001", tens, technology="долбоор усулу")
    visit(school, "T001", tens, ict=True, technology="долбоор усулу")
    visit(school, "T001", tens)
    assert school.figure("D3.03", "Q1").value == 75


# --- teachers ---------------------------------------------------------------------------------------------------------------


def staff() -> School:
    """Five teachers; a medic, a former teacher and a vacancy, who do not count; a deputy who teaches, who does."""
    school = School()
    school.school_class("7-А")
    school.teacher("T001", mo="math", category="жогорку", pd_last_date=dt.date(2025, 3, 1), pd_hours=72)
    school.teacher("T002", mo="math", category="экинчи", pd_last_date=dt.date(2024, 3, 1), pd_hours=36)
    school.teacher("T003", mo="science", category="жок", pd_last_date=dt.date(2020, 3, 1), pd_hours=144)
    school.teacher("T004", mo="science", category="жок", roles=["мугалим"])
    school.teacher("T005", mo="science", category="биринчи", roles=["dep_study"], pd_last_date=dt.date(2023, 9, 1), pd_hours=100)
    school.teaches("T005", "7-А", "PHY")
    school.teacher("T006", mo="science", category="жогорку", roles=["medic"])
    school.teacher("T007", mo="math", category="жогорку", active=False)
    school.teaches(None, "7-А", "ALG")
    return school


def test_teachers_with_a_category():
    """D3.04: three of five; the parts are shares of all teachers."""
    school = staff()
    figure = school.figure("D3.04", "Y")
    assert (figure.value, figure.denominator) == (60, 5)
    assert school.figure("D3.04", "Y", part="жогорку").value == 20
    assert school.figure("D3.04", "Y", method_association="math").value == 100
    assert school.figure("D3.04", "Y", part="жок").status == "no row"


def test_teacher_without_an_answer_about_the_category_is_a_gap():
    school = staff()
    school.teacher("T008", category=None)
    assert school.figure("D3.04", "Y")[:1] + school.figure("D3.04", "Y")[3:] == (60, 5, 6)


def test_training_within_three_years():
    """D3.05: 72 hours in 2025 and 100 in September 2023 count; 36 hours do not, nor 2020."""
    assert staff().figure("D3.05", "Y").value == 40


def contest(
    school: School,
    teacher: str,
    level: str | None = "район",
    place: str | None = "1",
    kind: str = "сынак",
    held_on: dt.date | None = dt.date(2026, 2, 10),
) -> None:
    school.add("F09", teacher_id=teacher, kind=kind, name="Жылдын мугалими", level=level, place=place, held_on=held_on)


def test_contests():
    """D3.06: two of five teachers, one of them twice; an open lesson is no contest."""
    school = staff()
    assert school.figure("D3.06", "Y").status == "not_collected", "nobody began the list this year"
    contest(school, "T001")
    contest(school, "T001", level="мектеп", place="катышуу")
    contest(school, "T003", level="облус", place="2")
    contest(school, "T004", kind="ачык сабак")
    figure = school.figure("D3.06", "Y")
    assert (figure.value, figure.numerator, figure.denominator) == (40, 2, 5)
    assert school.figure("D3.06", "Y", method_association="math").value == 50
    # 3 × 1.0 + 1 × 0.2 + 6 × 0.8
    assert school.figure("D3.06.points", "Y").value == pytest.approx(8.0)
    assert school.figure("D3.06.points", "Y", method_association="math").value == pytest.approx(3.2)


def test_a_contest_without_its_day_is_one_of_the_year_whose_list_names_it():
    """D3.06 asks who took part in the year, and the list is that year's; one that is still to come counts for nobody."""
    school = staff()
    school.as_of = dt.date(2026, 4, 15)
    contest(school, "T001", held_on=None)
    contest(school, "T003", held_on=dt.date(2026, 5, 20))
    figure = school.figure("D3.06", "Y")
    assert (figure.numerator, figure.denominator) == (1, 5)
    assert school.figure("D3.06.points", "Y").value == pytest.approx(3.0)


def test_no_contests_in_a_list_that_was_begun_is_a_zero():
    school = staff()
    contest(school, "T004", kind="ачык сабак")
    assert school.figure("D3.06", "Y").value == 0
    assert school.figure("D3.06.points", "Y").value == 0


# --- satisfaction -----------------------------------------------------------------------------------------------------------


def test_satisfaction_with_lessons():
    """D3.07: ten pupils answer 3, ten parents 2: 62.5 %, by respondent 75 % and 50 %. Teachers are not asked here."""
    school = School()
    school.school_class("7-А", pupils=10)
    for respondent, score, people in (("окуучу", 3, 10), ("ата-эне", 2, 10), ("мугалим", 0, 5)):
        for _ in range(people):
            school.add("F04", survey_id="L26", respondent=respondent, school_class="7-А", topic="сабак", item="S1", score=score)
        school.add("F04H", survey_id="L26", respondent=respondent, school_class="7-А", invited=20)
    assert school.figure("D3.07", "Y").value == 62.5
    assert school.figure("D3.07", "Y", part="окуучу").value == 75
    assert school.figure("D3.07", "Y", part="ата-эне").value == 50
    assert school.figure("D3.07.response", "Y").value == 50
    assert school.figure("D3.07", "Y", school_class="7-А").status == "ok"


# --- spread between parallel classes ----------------------------------------------------------------------------------------


def parallel(subject: str = "ALG", **classes: tuple[int, int]) -> School:
    """Classes by letter: how many pupils have a 5, of how many; the others have a 3."""
    school = School()
    add_parallel(school, subject, 7, **classes)
    return school


def add_parallel(school: School, subject: str, grade: int, **classes: tuple[int, int]) -> None:
    for letter, (good, n) in classes.items():
        name = f"{grade}-{letter}"
        if not school.pupils(name):
            school.school_class(name, pupils=n)
        school.teaches("T001", name, subject)
        school.marks(name, subject, q1=" ".join(["5"] * good + ["3"] * (n - good)))


def drawn(good: int, n: int, mean: float, m: float = 12) -> float:
    """p̃ = (k + m·p0) / (n + m), in percent."""
    return 100 * (good + m * mean) / (n + m)


def test_spread_between_parallel_classes():
    """D3.08: 15 of 20 and 5 of 20, mean 0.5: drawn to 65.6 and 34.4."""
    figure = parallel(А=(15, 20), Б=(5, 20)).figure("D3.08", "Q1", grade=7)
    assert figure.value == pytest.approx(drawn(15, 20, 0.5) - drawn(5, 20, 0.5))
    assert (figure.numerator, figure.denominator) == (None, 2)


def test_published_example_of_shrinkage():
    """domain.md §5.2: with m = 12 and p0 = 0.48, 5 of 8 becomes 53.8, 0 of 4 becomes 36.0 and 12 of 25 stays 48.0."""
    assert [round(drawn(*counts, 0.48), 1) for counts in ((5, 8), (0, 4), (12, 25))] == [53.8, 36.0, 48.0]


def test_small_class_is_not_compared_but_belongs_to_the_mean():
    figure = parallel(А=(15, 20), Б=(5, 20), В=(9, 9)).figure("D3.08", "Q1", grade=7)
    mean = 29 / 49
    assert figure.value == pytest.approx(drawn(15, 20, mean) - drawn(5, 20, mean))
    assert figure.denominator == 2


def test_one_class_has_nothing_to_compare():
    assert parallel(А=(15, 20)).figure("D3.08", "Q1", grade=7).status == "not_applicable"


def test_school_and_subject_show_the_largest_spread_of_a_grade():
    school = parallel(А=(15, 20), Б=(5, 20))
    add_parallel(school, "ALG", 8, А=(10, 20), Б=(11, 20), В=(12, 20))
    seventh = school.figure("D3.08", "Q1", grade=7).value
    for dims in ({}, {"subject": "ALG"}, {"stage": "basic"}):
        assert school.figure("D3.08", "Q1", **dims).value == pytest.approx(seventh)
        assert school.figure("D3.08", "Q1", **dims).denominator == 2
    assert school.figure("D3.08", "Q1", grade=8, subject="ALG").denominator == 3
