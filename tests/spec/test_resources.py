"""D6 as a deputy director would check it by hand: textbooks, cabinets, computers, internet, programmes, staff."""

from __future__ import annotations

import pytest

from tests.spec.school import School


@pytest.fixture
def school() -> School:
    school = School()
    school.school_class("7-А", pupils=12)
    school.teacher("T001", mo="math")
    school.teacher("T002", mo="languages")
    return school


def item(school: School, cabinet: str, name: str, norm: int, have_ok: int | None, have: int | None = None, **columns: object) -> None:
    """One row of F14."""
    school.add("F14", cabinet=cabinet, item=name, norm=norm, have=have_ok if have is None else have, have_ok=have_ok,
               **{"category": "эмерек", **columns})  # fmt: skip


def test_D6_01_a_surplus_in_one_subject_does_not_cover_a_lack_in_another(school: School):
    school.add("F15", grade=7, subject="ALG", pupils=20, books_total=50, books_ok=50)
    school.add("F15", grade=7, subject="PHY", pupils=20, books_total=12, books_ok=10)
    assert school.figure("D6.01", "Y").value == 75.0  # (20 + 10) of 40
    assert school.figure("D6.01", "Y", grade=7, subject="ALG").value == 100.0
    assert school.figure("D6.01", "Y", subject="PHY").value == 50.0


def test_D6_01_books_nobody_counted_are_not_zero_books(school: School):
    school.add("F15", grade=7, subject="ALG", pupils=20, books_ok=20)
    school.add("F15", grade=7, subject="PHY", pupils=20)
    figure = school.figure("D6.01", "Y")
    assert (figure.value, figure.status, figure.denominator, figure.expected) == (100.0, "incomplete", 20.0, 40.0)


def test_D6_02_what_works_counts_up_to_the_norm_by_category_and_cabinet(school: School):
    item(school, "Физика", "Парта", norm=10, have_ok=15)
    item(school, "Физика", "Амперметр", norm=10, have_ok=5, category="лабораториялык")
    item(school, "Химия", "Колба", norm=20, have_ok=0, category="лабораториялык")
    assert school.figure("D6.02", "Y").value == 37.5  # (10 + 5 + 0) of 40
    assert school.figure("D6.02", "H1").value == 37.5
    assert school.figure("D6.02", "Y", part="эмерек").value == 100.0
    assert school.figure("D6.02", "Y", part="лабораториялык").value == pytest.approx(100 * 5 / 30)
    assert school.figure("D6.02.cabinet", "Y", part="Физика").value == 75.0
    assert school.figure("D6.02.cabinet", "Y", part="Химия").value == 0.0


def test_D6_03_is_what_works_of_what_there_is(school: School):
    item(school, "Физика", "Амперметр", norm=10, have=8, have_ok=6)
    item(school, "Химия", "Колба", norm=10, have=2, have_ok=2)
    assert school.figure("D6.03", "H1").value == 80.0
    assert school.figure("D6.03", "H1", part="Физика").value == 75.0


def test_D6_04_counts_working_computers_meant_for_pupils(school: School):
    item(school, "Информатика", "Компьютер", norm=15, have_ok=3, category="МКТ", for_pupils=True)
    item(school, "Информатика", "компьютер HP", norm=15, have_ok=1, category="МКТ", for_pupils=True)
    item(school, "Информатика", "Компьютер столу", norm=15, have_ok=9, for_pupils=True)  # furniture
    item(school, "Мугалимдер бөлмөсү", "Ноутбук", norm=5, have_ok=5, category="МКТ", for_pupils=False)
    assert school.figure("D6.04", "Y")[:4] == (3.0, "ok", 12.0, 4.0)


def test_D6_04_without_a_computer_there_is_nothing_to_divide_by(school: School):
    item(school, "Физика", "Парта", norm=10, have_ok=10)
    assert school.figure("D6.04", "Y").value is None


def test_D6_05_a_cabinet_is_online_when_one_internet_item_works(school: School):
    item(school, "Физика", "Интернет", norm=1, have_ok=1, category="МКТ")
    item(school, "Физика", "Парта", norm=10, have_ok=10)
    item(school, "Химия", "Интернет", norm=1, have_ok=0, category="МКТ")
    item(school, "Тарых", "Wi-Fi роутер", norm=1, have_ok=2, category="МКТ")
    item(school, "Музыка", "Пианино", norm=1, have_ok=1)
    assert school.figure("D6.05", "Y")[:4] == (50.0, "ok", 2.0, 4.0)


def test_D6_06_counts_rows_of_the_load_with_an_approved_programme(school: School):
    school.teaches("T001", "7-А", "ALG", "GEO")
    school.teaches("T002", "7-А", "ENG", programme_approved=False)
    school.teaches(None, "7-А", "PHY", programme_approved=False)  # vacant: the subject's association
    assert school.figure("D6.06", "Y").value == 50.0
    assert school.figure("D6.06", "Y", method_association="math").value == 100.0
    assert school.figure("D6.06", "Y", method_association="science").value == 0.0


def test_D6_06_a_row_without_an_answer_is_not_a_no(school: School):
    school.teaches("T001", "7-А", "ALG")
    school.teaches("T002", "7-А", "ENG", programme_approved=None)
    assert school.figure("D6.06", "Y")[:2] == (100.0, "incomplete")


def test_D6_07_is_the_share_of_hours_that_a_teacher_gives(school: School):
    school.teaches("T001", "7-А", "ALG", hours=3.0)
    school.teaches("T002", "7-А", "ENG", hours=3.0)
    school.teaches(None, "7-А", "PHY", hours=2.0)
    assert school.figure("D6.07", "H1").value == 75.0
    assert school.figure("D6.07", "H2", subject="PHY").value == 0.0
    assert school.figure("D6.07", "Y", subject="ALG").value == 100.0
