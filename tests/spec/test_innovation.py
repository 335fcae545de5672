"""D5 as a deputy director would check it by hand: projects, teachers in them, talks, publications, effect."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.spec.school import School


@pytest.fixture
def school() -> School:
    """Four working teachers: T001, T002 of mathematics, T003, T004 of languages."""
    school = School()
    school.school_class("7-А", pupils=1)
    for code, mo in (("T001", "math"), ("T002", "math"), ("T003", "languages"), ("T004", "languages")):
        school.teacher(code, mo=mo)
    return school


def project(school: School, title: str, started_on: dt.date, ended_on: dt.date | None = None, **columns: object) -> None:
    """One row of F12."""
    school.add("F12", **{"title": title, "level": "мектеп", "started_on": started_on, "ended_on": ended_on, "status": "жүрүүдө",
                         "teacher_ids": [], **columns})  # fmt: skip


def test_D5_01_a_project_counts_in_the_half_years_at_whose_end_it_runs(school: School):
    project(school, "STEM", dt.date(2025, 9, 15))
    project(school, "Дебат", dt.date(2025, 9, 15), dt.date(2026, 2, 1), status="бүттү", level="район")
    project(school, "Жаңы", dt.date(2026, 3, 1))
    project(school, "Токтогон", dt.date(2025, 9, 1), status="токтотулду")  # no end day and not running: it is not known until when
    assert school.figure("D5.01", "H1").value == 2.0
    assert school.figure("D5.01", "H1", part="район").value == 1.0
    assert school.figure("D5.01", "H2").value == 2.0
    assert school.figure("D5.01", "Y").value == 2.0


def test_D5_01_none_running_is_zero_and_no_list_is_no_answer(school: School):
    assert school.figure("D5.01", "H1").status == "not_collected"
    project(school, "Дебат", dt.date(2026, 2, 1))
    assert school.figure("D5.01", "H1")[:2] == (0.0, "ok")


def test_D5_02_a_teacher_of_two_projects_is_one_teacher(school: School):
    project(school, "STEM", dt.date(2025, 9, 15), teacher_ids=["T001", "T003"])
    project(school, "Робот", dt.date(2025, 9, 15), teacher_ids=["T001", "T999"])  # T999 is nobody of this school
    assert school.figure("D5.02", "H1").value == 50.0  # 2 of 4
    assert school.figure("D5.02", "H2", method_association="math").value == 50.0
    assert school.figure("D5.02", "H2", method_association="languages").value == 50.0


def test_D5_02_who_no_longer_works_is_not_counted(school: School):
    school.teacher("T005", mo="math", active=False)
    project(school, "STEM", dt.date(2025, 9, 15), teacher_ids=["T005", "T001"])
    assert school.figure("D5.02", "Y")[2:4] == (1.0, 4.0)


def test_D5_03_talks_by_level_and_per_100_teachers(school: School):
    for teacher, level in (("T001", "район"), ("T001", "республика"), ("T002", "район")):
        school.add("F13", teacher_id=teacher, kind="доклад", level=level, title="Доклад", held_on=dt.date(2026, 3, 3))
    school.add("F13", teacher_id="T003", kind="макала", level="район", title="Макала", held_on=dt.date(2026, 3, 3))
    assert school.figure("D5.03", "Y").value == 3.0
    assert school.figure("D5.03", "Y", part="район").value == 2.0
    assert school.figure("D5.03", "Y", method_association="languages")[:2] == (0.0, "ok")
    assert school.figure("D5.03.teachers", "Y").value == 75.0  # 3 talks, 4 teachers
    assert school.figure("D5.03.teachers", "Y", method_association="math").value == 150.0


def test_D5_04_articles_collections_and_media_are_publications(school: School):
    for kind in ("макала", "жыйнак", "ЖМК", "доклад"):
        school.add("F13", teacher_id="T003", kind=kind, level="эл аралык", title="Эмгек", held_on=dt.date(2026, 3, 3))
    assert school.figure("D5.04", "Y").value == 3.0
    assert school.figure("D5.04", "Y", part="эл аралык").value == 3.0
    assert school.figure("D5.04.teachers", "Y").value == 75.0
    assert school.figure("D5.04.teachers", "Y", method_association="math").value == 0.0


def test_D5_05_speaks_of_projects_that_ended_or_run_for_a_year(school: School):
    project(school, "Бүткөн", dt.date(2025, 10, 1), dt.date(2026, 3, 1), status="бүттү", effect=3)
    project(school, "Эски", dt.date(2025, 5, 29), effect=1)  # a year old on the last day of lessons, 29 May 2026
    project(school, "Жаш", dt.date(2025, 5, 30), effect=0)  # not yet
    assert school.figure("D5.05", "Y").value == pytest.approx(100 * 4 / 6)


def test_D5_05_a_project_without_a_rating_is_expected_and_not_zero(school: School):
    project(school, "Бүткөн", dt.date(2025, 10, 1), status="бүттү", effect=3)
    project(school, "Баасыз", dt.date(2025, 10, 1), status="токтотулду")
    figure = school.figure("D5.05", "Y")
    assert (figure.value, figure.status) == (100.0, "incomplete")
