"""The year's turn as a deputy director would check it by hand: who goes where, who must be decided about, what stays."""

from __future__ import annotations

from typing import Any

import pytest

from lib import settings
from lib.turn.book import CLASSES, LOADS, PUPILS, STAFF
from lib.turn.proposal import propose
from lib.turn.review import Review, Weight, review
from lib.turn.rules import read_rules
from tests.turn.registers import book, proposed

SCHOOL = settings.load()
RULES = read_rules(SCHOOL)


class Registry:
    """A registry of one school year, said line by line; `turn` is what the program proposes for the next one."""

    def __init__(self, year: str, to_year: str) -> None:
        self.year, self.to_year = year, to_year
        self.rows: dict[str, list[dict[str, Any]]] = {form: [] for form in (PUPILS, CLASSES, STAFF, LOADS)}

    def school_class(self, name: str, *pupils: str, teacher: str = "") -> None:
        self.rows[CLASSES].append({"school_class": name, "grade": int(name.split("-")[0]), "class_teacher_id": teacher or None})
        for code in pupils:
            self.pupil(code, name)

    def pupil(self, code: str, school_class: str, **more: Any) -> None:
        self.rows[PUPILS].append({"pupil_id": code, "full_name": f"Окуучу {code}", "school_class": school_class or None, **more})

    def works(self, code: str, mo: str, active: bool = True) -> None:
        self.rows[STAFF].append({"teacher_id": code, "full_name": f"Мугалим {code}", "mo": mo, "active": active})

    def teaches(self, code: str, subject: str, school_class: str, hours: float = 2.0) -> None:
        self.rows[LOADS].append({"teacher_id": code, "subject": subject, "school_class": school_class, "hours": hours})

    def turn(self) -> tuple[dict[str, str], Review, dict[str, list[dict[str, Any]]]]:
        """(pupil → class of the next year, what became of everybody, the rows of the next registry)."""
        old = book(self.year, self.rows)
        new = proposed(propose(old, self.to_year, RULES, SCHOOL))
        rows = {form: [dict(line.values) for line in lines] for form, lines in new.lines.items()}
        return {row["pupil_id"]: row.get("school_class", "") for row in rows[PUPILS]}, review(old, new, RULES, SCHOOL), rows


@pytest.fixture
def school() -> Registry:
    return Registry("2025-2026", "2026-2027")


def count(found: Review) -> dict[str, int]:
    return {fate.value: number for fate, number in found.fates.items()}


def test_a_class_moves_up_and_keeps_its_letter(school: Registry):
    school.school_class("7-А", "P1", "P2")
    school.school_class("7-Б", "P3")
    classes, found, _ = school.turn()
    assert classes == {"P1": "8-А", "P2": "8-А", "P3": "8-Б"}
    assert count(found) == {"moved": 3, "graduated": 0, "left": 0, "named": 0}


def test_the_eleventh_grade_graduates_and_the_ninth_is_asked_about(school: Registry):
    school.school_class("11-А", "P1", "P2")
    school.school_class("9-А", "P3")
    classes, found, _ = school.turn()
    assert classes == {"P3": "10-А"} and count(found) == {"moved": 1, "graduated": 2, "left": 0, "named": 0}
    assert [(q.code, q.weight, q.slots["school_class"]) for q in found.questions if q.code == "may_leave"] == [
        ("may_leave", Weight.DECIDE, "9-А")
    ]


def test_who_left_stays_behind(school: Registry):
    school.school_class("5-А", "P1")
    school.pupil("P2", "5-А", left_on="2026-02-01")
    school.pupil("P3", "5-А", status="чыгып кеткен")
    classes, found, _ = school.turn()
    assert classes == {"P1": "6-А"} and count(found) == {"moved": 1, "graduated": 0, "left": 2, "named": 0}


def test_in_the_summer_of_2025_grades_skip_numbers():
    """Who had ended grade 3 went to grade 5, who had ended grade 6 to grade 8; all others went one grade up."""
    school = Registry("2024-2025", "2025-2026")
    for name, code in (("2-А", "P2"), ("3-А", "P3"), ("4-Б", "P4"), ("5-А", "P5"), ("6-А", "P6"), ("7-Б", "P7")):
        school.school_class(name, code)
    classes, found, _ = school.turn()
    assert classes == {"P2": "3-А", "P3": "5-А", "P4": "5-Б", "P5": "6-А", "P6": "8-А", "P7": "8-Б"}
    assert count(found)["moved"] == 6


def test_two_classes_with_one_name_never_become_one_class_by_themselves():
    school = Registry("2024-2025", "2025-2026")
    school.school_class("3-А", "P1")
    school.school_class("4-А", "P2")
    classes, found, _ = school.turn()
    assert classes == {"P1": "5-Б", "P2": "5-А"}, "4-А is the nearer grade and keeps the letter"
    assert [q.slots for q in found.questions if q.code == "other_letter"] == [{"school_class": "3-А", "target": "5-Б"}]


def test_a_pupil_without_a_class_or_with_a_doubled_code_is_named_with_the_cell(school: Registry):
    school.school_class("7-А", "P1", "P2")
    school.pupil("P3", "")
    school.pupil("P2", "7-А")
    _, found, _ = school.turn()
    assert count(found) == {"moved": 1, "graduated": 0, "left": 0, "named": 3}
    doubled = [q.place for q in found.questions if q.code == "doubled_code"]
    assert doubled == ["registry.xlsx, R1, A7", "registry.xlsx, R1, A9"]
    assert any(q.code == "without_class" and q.weight is Weight.FORBIDS for q in found.questions)


def test_namesakes_are_two_pupils(school: Registry):
    school.school_class("7-А")
    for code in ("P1", "P2"):
        school.rows[PUPILS].append({"pupil_id": code, "full_name": "Асанова Айдай", "school_class": "7-А"})
    classes, found, _ = school.turn()
    assert classes == {"P1": "8-А", "P2": "8-А"} and count(found)["moved"] == 2


def test_the_class_teacher_goes_on_but_a_primary_teacher_stays_in_the_primary_school(school: Registry):
    school.works("T1", "primary")
    school.works("T2", "math")
    school.works("T3", "math", active=False)
    school.school_class("3-А", "P1", teacher="T1")
    school.school_class("4-А", "P2", teacher="T1")
    school.school_class("7-А", "P3", teacher="T2")
    school.school_class("8-А", "P4", teacher="T3")
    _, _, rows = school.turn()
    assert {row["school_class"]: row.get("class_teacher_id", "") for row in rows[CLASSES]} == {
        "4-А": "T1", "5-А": "", "8-А": "T2", "9-А": "",
    }  # fmt: skip
    assert [row["teacher_id"] for row in rows[STAFF]] == ["T1", "T2"], "who left the staff is not carried"


def test_a_teacher_keeps_the_subject_where_the_next_grade_has_it(school: Registry):
    school.works("T1", "math")
    school.school_class("6-А", "P1")
    school.school_class("7-А", "P2")
    school.teaches("T1", "MAT", "6-А", 5.0)
    school.teaches("T1", "PHE", "6-А")
    school.teaches("T1", "PHE", "7-А")
    school.teaches("T1", "ALG", "7-А", 3.0)
    _, found, rows = school.turn()
    seventh = {row["subject"]: row.get("teacher_id", "") for row in rows[LOADS] if row["school_class"] == "7-А"}
    assert seventh == {"PHE": "T1", "ALG": ""}, "mathematics ends with grade 6; algebra begins, and who teaches it is open"
    assert any(q.code == "open_loads" and q.slots["school_class"] == "7-А" for q in found.questions)


def test_the_first_class_waits_for_enrolment(school: Registry):
    school.school_class("1-А", "P1")
    classes, _, rows = school.turn()
    assert classes == {"P1": "2-А"} and {row["school_class"] for row in rows[CLASSES]} == {"1-А", "2-А"}
