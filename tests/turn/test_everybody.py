"""Nobody is lost and nobody is doubled: each pupil of the old registry has moved, graduated, left, or is named. Random schools."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from lib import settings
from lib.turn.book import CLASSES, LOADS, PUPILS, STAFF
from lib.turn.proposal import propose
from lib.turn.review import Fate, Weight, review
from lib.turn.rules import read_rules
from tests.turn.registers import AFTER, SUMMERS, book, draw, proposed

LOADED = settings.load()
RULES = read_rules(LOADED)


@pytest.mark.parametrize("seed", range(60))
def test_each_pupil_has_exactly_one_fate(seed):
    school = draw(seed)
    proposal = propose(school.book, school.to_year, RULES, LOADED)
    new = proposed(proposal)
    found = review(school.book, new, RULES, LOADED)
    assert {fate.value: number for fate, number in found.fates.items()} == school.fates
    assert found.pupils == school.rows == sum(way.fates.total() for way in found.ways) and found.entered == 0
    there = {line.text("pupil_id"): line.text("school_class") for line in new.lines[PUPILS]}
    for code, grade in school.next_grade.items():
        assert int(there[code].split("-")[0]) == grade, code
    carried = Counter((line.text("pupil_id"), line.text("full_name")) for line in new.lines[PUPILS])
    before = Counter((line.text("pupil_id"), line.text("full_name")) for line in school.book.lines[PUPILS])
    assert carried <= before, "nobody is new, nobody stands there more often than before"
    gone = (before - carried).total()
    assert gone <= school.fates["left"] + school.fates["graduated"] + school.fates["named"]


@pytest.mark.parametrize("seed", range(60))
def test_two_classes_never_become_one_by_themselves(seed):
    school = draw(seed)
    proposal = propose(school.book, school.to_year, RULES, LOADED)
    names = list(proposal.turn.goes.values()) + list(proposal.turn.entering)
    assert len(names) == len(set(names))
    new = proposed(proposal)
    listed = [line.text("school_class") for line in new.lines[CLASSES]]
    assert len(listed) == len(set(listed)) and {line.text("school_class") for line in new.lines[PUPILS]} - {""} <= set(listed)
    for before, after in proposal.turn.goes.items():
        if before not in proposal.turn.given:
            assert before.lstrip("0123456789") == after.lstrip("0123456789"), "the letter stays"
        together = {line.text("pupil_id") for line in school.book.lines[PUPILS] if line.text("school_class") == before}
        assert {line.text("school_class") for line in new.lines[PUPILS] if line.text("pupil_id") in together - {""}} <= {after, ""} | {
            line.text("school_class") for line in new.lines[PUPILS] if line.text("pupil_id") in school.book.doubled
        }


@pytest.mark.parametrize("seed", range(25))
def test_who_left_the_staff_teaches_nobody_and_subjects_stay_in_their_grades(seed):
    school = draw(seed)
    new = proposed(propose(school.book, school.to_year, RULES, LOADED))
    assert {line.text("teacher_id") for line in new.lines[STAFF]} == {"T1", "T2"}
    assert {line.text("teacher_id") for line in new.lines[LOADS]} <= {"T1", "T2", ""}
    assert {line.text("class_teacher_id") for line in new.lines[CLASSES]} <= {"T1", "T2", ""}
    seen = Counter((line.text("school_class"), line.text("subject"), line.text("teacher_id")) for line in new.lines[LOADS])
    assert all(number == 1 for number in seen.values())
    for line in new.lines[LOADS]:
        first, last = LOADED.subjects[line.text("subject")].grades
        grade = int(line.text("school_class").split("-")[0])
        assert grade == 1 or first <= grade <= last, "a first class is like the first class of this year"
    led = {line.text("school_class"): line.text("class_teacher_id") for line in new.lines[CLASSES]}
    assert all(teacher != "T2" for name, teacher in led.items() if name.split("-")[0] == "5"), "the primary stage keeps its own"


def test_the_configuration_says_what_the_ministry_says():
    for year, (to_year, after) in SUMMERS.items():
        assert {grade: RULES.after(grade, to_year) for grade in after} == after, year
    assert RULES.after(12, "2026-2027") is None and RULES.after(5, "2031-2032") == AFTER[5]


def pupil(code, school_class, **more):
    return {"pupil_id": code, "full_name": "Асанова Айдай", "school_class": school_class, **more}


def classes(*names):
    return [{"school_class": name, "grade": int(name.split("-")[0])} for name in names]


def reviewed(old_rows, new_rows, year="2025-2026"):
    return review(book(year, old_rows), book(SUMMERS[year][0], new_rows), RULES, LOADED)


def asked(found):
    return {(question.code, question.weight) for question in found.questions}


OLD = {PUPILS: [pupil("P1", "7-А"), pupil("P2", "7-А"), pupil("P3", "7-Б"), pupil("P4", "7-Б")], CLASSES: classes("7-А", "7-Б")}


def test_a_deputy_merges_two_classes():
    new = {PUPILS: [pupil(f"P{n}", "8-А") for n in (1, 2, 3, 4)], CLASSES: classes("8-А")}
    found = reviewed(OLD, new)
    assert found.fates[Fate.MOVED] == 4 and ("merged", Weight.DECIDE) in asked(found) and not found.of(Weight.FORBIDS)
    (question,) = [q for q in found.questions if q.code == "merged"]
    assert question.slots == {"school_class": "8-А", "classes": "7-А: 2, 7-Б: 2"}


def test_a_deputy_splits_a_class():
    new = {PUPILS: [pupil("P1", "8-А"), pupil("P2", "8-В"), pupil("P3", "8-Б"), pupil("P4", "8-Б")], CLASSES: classes("8-А", "8-Б", "8-В")}
    found = reviewed(OLD, new)
    way = next(way for way in found.ways if way.school_class == "7-А")
    assert dict(way.goes) == {"8-А": 1, "8-В": 1} and found.fates[Fate.MOVED] == 4
    assert ("other_letter", Weight.DECIDE) in asked(found)


def test_a_deputy_keeps_a_pupil_back_and_lets_others_go():
    new = {PUPILS: [pupil("P1", "7-А"), pupil("P3", "8-Б"), pupil("P4", "8-Б", left_on="2026-08-20"), pupil("P9", "8-Б")],
           CLASSES: classes("7-А", "8-Б")}  # fmt: skip
    found = reviewed(OLD, new)
    assert {fate.value: n for fate, n in found.fates.items()} == {"moved": 2, "graduated": 0, "left": 1, "named": 1} and found.entered == 1
    assert {("other_grade", Weight.DECIDE), ("not_carried", Weight.DECIDE)} <= asked(found)
    (lost,) = [q for q in found.questions if q.code == "not_carried"]
    assert lost.place == "registry.xlsx, R1, A7", "the cell of the pupil who stands nowhere"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (pupil("P1", None), "without_class"), (pupil("P1", "8-Ж"), "class_not_in_list"),
    ],
)  # fmt: skip
def test_nothing_is_made_before_every_pupil_has_a_class_that_stands_in_the_list(row, code):
    found = reviewed(OLD, {PUPILS: [row], CLASSES: classes("8-А")})
    assert (code, Weight.FORBIDS) in asked(found)


def test_a_class_that_nobody_goes_on_from_is_not_opened():
    old = dict(OLD, **{CLASSES: classes("7-А", "7-Б", "7-В", "1-А", "11-А"), PUPILS: [*OLD[PUPILS], pupil("P7", "11-А")]})
    proposal = propose(book("2025-2026", old), "2026-2027", RULES, LOADED)
    assert dict(proposal.turn.goes) == {"7-А": "8-А", "7-Б": "8-Б"} and proposal.turn.empty == {"7-В", "1-А"}
    assert dict(proposal.turn.entering) == {"1-А": "1-А"} and proposal.turn.leaving == {"11-А"}


def test_where_two_would_have_one_name_the_nearer_grade_has_it():
    old = {PUPILS: [pupil("P1", "3-А"), pupil("P2", "4-А"), pupil("P3", "4-Б"), pupil("P4", "6-А")],
           CLASSES: classes("3-А", "4-А", "4-Б", "6-А")}  # fmt: skip
    proposal = propose(book("2024-2025", old), "2025-2026", RULES, LOADED)
    assert dict(proposal.turn.goes) == {"3-А": "5-В", "4-А": "5-А", "4-Б": "5-Б", "6-А": "8-А"}
    found = review(book("2024-2025", old), proposed(proposal), RULES, LOADED)
    assert [q.slots for q in found.questions if q.code == "other_letter"] == [{"school_class": "3-А", "target": "5-В"}]


def test_a_class_of_whose_grade_nothing_is_said_is_asked_about():
    rules = dataclasses.replace(RULES, next_grade={"default": {7: 8}})
    old = {PUPILS: [pupil("P1", "7-А"), pupil("P2", "12-А")], CLASSES: classes("7-А", "12-А")}
    found = review(book("2025-2026", old), proposed(propose(book("2025-2026", old), "2026-2027", rules, LOADED)), rules, LOADED)
    assert found.fates[Fate.NAMED] == 1 and ("unknown_grade", Weight.DECIDE) in asked(found)
    assert ("without_class", Weight.FORBIDS) in asked(found), "the row stands there, to be given a class or to be deleted"
