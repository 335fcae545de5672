"""The teaching load proposed for the next year: a teacher goes on with a class where the subject is still taught; the rest is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lib import i18n
from lib.settings import Settings
from lib.templates import CellContent
from lib.turn.book import LOADS, STAFF, Book, Line
from lib.turn.classes import ClassTurn
from lib.turn.rules import Rules


@dataclass(frozen=True)
class Hands:
    """Who goes on with whom, out of one school year into `to_year`."""

    book: Book
    turn: ClassTurn
    to_year: str
    rules: Rules
    settings: Settings

    @cached_property
    def staff(self) -> Mapping[str, Line]:
        """code → row of those who work on."""
        return {line.text("teacher_id"): line for line in self.book.lines[STAFF] if works(line) and line.text("teacher_id")}

    def goes_on(self, teacher: str, school_class: str) -> bool:
        """Whether the teacher of a class goes on with it: they work on, and their association does not stay in the stage that it leaves."""
        line = self.staff.get(teacher)
        if line is None or school_class not in self.turn.goes:
            return False
        before = self.settings.stage_of(self.book.school_year, self.book.grade(school_class))
        after = self.settings.stage_of(self.to_year, grade_of(self.turn.goes[school_class]))
        return before == after or self.rules.stay_in_stage.get(line.text("mo")) != before

    # --- loads -----------------------------------------------------------------------------------------------------------

    def loads(self) -> Iterator[dict[str, CellContent]]:
        """The rows of the register of loads, class by class, subjects in the order of the configuration."""
        new = {new: old for old, new in self.turn.goes.items()} | dict(self.turn.entering)
        order = {code: place for place, code in enumerate(self.settings.subjects)}
        for name in sorted(new, key=i18n.class_key):
            rows = self._entering(new[name]) if name in self.turn.entering else self._of(new[name], grade_of(name))
            for teacher, subject, hours in sorted(rows, key=lambda row: (order.get(row[1], len(order)), row[0])):
                yield {
                    "teacher_id": teacher or None, "subject": subject, "school_class": name, "hours": hours, "vacant": not teacher,
                    "programme_approved": False,
                }  # fmt: skip

    def _of(self, school_class: str, grade: int) -> set[tuple[str, str, float | None]]:
        """(teacher or "", subject, hours) of a class that goes on into `grade`."""
        rows = set()
        taught = self._taught_in(grade, self._language(school_class))
        lines = [line for line in self.book.lines[LOADS] if line.text("school_class") == school_class]
        going_on = {line.text("subject") for line in lines if self._is_taught(line.text("subject"), grade)}
        for line in lines:
            subject, teacher = line.text("subject"), line.text("teacher_id")
            if subject in going_on:
                kept = teacher if self.goes_on(teacher, school_class) else ""
                rows.add((kept, subject, self._hours(subject, grade, line.values.get("hours"))))
        rows |= {("", subject, self._hours(subject, grade, None)) for subject in taught - going_on}
        return rows

    def _entering(self, school_class: str) -> set[tuple[str, str, float | None]]:
        lines = [line for line in self.book.lines[LOADS] if line.text("school_class") == school_class and line.text("subject")]
        return {("", line.text("subject"), line.values.get("hours")) for line in lines}

    def _is_taught(self, subject: str, grade: int) -> bool:
        """Whether the configuration has the subject in that grade, and the school teaches it there this year, where it has such classes."""
        known = self.settings.subjects.get(subject)
        if known is None or not known.grades[0] <= grade <= known.grades[1]:
            return False
        lines = self._by_grade.get(grade, [])
        return not lines or any(line.text("subject") == subject for line in lines)

    @cached_property
    def _by_grade(self) -> Mapping[int, list[Line]]:
        found: dict[int, list[Line]] = {}
        for line in self.book.lines[LOADS]:
            if line.text("subject") and line.text("school_class"):
                found.setdefault(self.book.grade(line.text("school_class")), []).append(line)
        return found

    def _language(self, school_class: str) -> str:
        line = self.book.classes.get(school_class)
        return line.text("instruction_language") if line is not None else ""

    def _taught_in(self, grade: int, language: str) -> set[str]:
        """The subjects of that grade this year, in classes of the same language where there are any; for a grade that has no class this
        year, those of the school that the configuration has for it."""
        lines = self._by_grade.get(grade, [])
        alike = [line for line in lines if self._language(line.text("school_class")) == language]
        everywhere = (line for of_grade in self._by_grade.values() for line in of_grade)
        found = {line.text("subject") for line in (alike or lines or everywhere)}
        return {subject for subject in found if self._is_taught(subject, grade)}

    def _hours(self, subject: str, grade: int, before: float | None) -> float | None:
        """The hours a week that the subject has in that grade this year; where it has none, those that the class had."""
        lines = [line for line in self._by_grade.get(grade, []) if line.text("subject") == subject and "hours" in line.values]
        counted = Counter(line.values["hours"] for line in lines)
        return counted.most_common(1)[0][0] if counted else before


def works(line: Line) -> bool:
    """Whether that member of staff works now."""
    return line.values.get("active") is not False


def class_rows(hands: Hands) -> Iterator[dict[str, CellContent]]:
    """The rows of the register of classes: each class under its new name with its teacher, and the new classes without one."""
    book, turn = hands.book, hands.turn
    pairs = [*turn.goes.items(), *((old, new) for new, old in turn.entering.items())]
    for old, new in sorted(pairs, key=lambda pair: i18n.class_key(pair[1])):
        line = book.classes[old]
        row = line.contents() if line is not None else {}
        row |= {"school_class": new, "grade": grade_of(new)}
        teacher = line.text("class_teacher_id") if line is not None else ""
        if new in turn.entering or not hands.goes_on(teacher, old):
            row.pop("class_teacher_id", None)
        if new in turn.entering:
            row.pop("room", None)
        yield row


def grade_of(name: str) -> int:
    """The grade in the name of a class that the turn has made."""
    return int(name.split("-")[0])


def staff_rows(book: Book) -> Iterator[dict[str, CellContent]]:
    """The rows of the register of staff: those who work on, as they stand."""
    return (line.contents() for line in book.lines[STAFF] if works(line))
