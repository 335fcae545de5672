"""What the registers of one school year know: pupils, staff, classes and the teaching load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lib.i18n import match_key
from lib.intake.reading import TabReading
from lib.model.calendar import Period


def records(tab: TabReading) -> Iterator[dict[str, Any]]:
    """The tab's records as dicts; columns that the tab does not have are missing."""
    keys = list(tab.values)
    for row in zip(*tab.values.values(), strict=True):
        yield dict(zip(keys, row, strict=True))


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil as the register knows them. `left` is True for one who left on an unknown day."""

    id: str
    name: str
    school_class: str
    entered_on: dt.date | None = None
    left_on: dt.date | None = None
    left: bool = False

    def active_at(self, period: Period) -> bool:
        """Whether the pupil is in the school at the period's end."""
        if self.entered_on and self.entered_on > period.end:
            return False
        return self.left_on > period.end if self.left_on else not self.left


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff."""

    id: str
    name: str
    roles: tuple[str, ...]
    method_association: str
    active: bool


@dataclass(frozen=True, slots=True)
class Lesson:
    """One line of the teaching load: who teaches what in which class ("" when vacant)."""

    teacher: str
    subject: str
    school_class: str


@dataclass
class Registry:
    """The registers of one school year. `known_pupils` and `known_staff` hold every code that a register tab has,
    also those whose rows are in doubt, so that one mistake there does not make mistakes everywhere."""

    school_year: str
    pupils: dict[str, Pupil] = field(default_factory=dict)
    staff: dict[str, Person] = field(default_factory=dict)
    classes: dict[str, dict[str, Any]] = field(default_factory=dict)
    load: list[Lesson] = field(default_factory=list)
    known_pupils: set[str] = field(default_factory=set)
    known_staff: set[str] = field(default_factory=set)
    known_classes: set[str] = field(default_factory=set)
    has: set[str] = field(default_factory=set)

    @cached_property
    def by_class(self) -> Mapping[str, list[Pupil]]:
        """class → its pupils."""
        found: dict[str, list[Pupil]] = {}
        for pupil in self.pupils.values():
            found.setdefault(pupil.school_class, []).append(pupil)
        return found

    @cached_property
    def by_name(self) -> Mapping[str, list[Pupil]]:
        """The words of a name, each as match_key and sorted → the pupils who bear it."""
        found: dict[str, list[Pupil]] = {}
        for pupil in self.pupils.values():
            found.setdefault(name_key(pupil.name), []).append(pupil)
        return found

    def grade_of(self, school_class: str) -> int:
        """The grade of a class: as the register says, else by its name; 0 when neither tells."""
        grade = self.classes.get(school_class, {}).get("grade")
        number = school_class.split("-")[0]
        return int(grade) if grade is not None else int(number) if number.isdigit() else 0

    def teacher_of(self, school_class: str, subject: str) -> str:
        """The first teacher of that subject in that class, "" when nobody teaches it."""
        return next((x.teacher for x in self.load if x.school_class == school_class and x.subject == subject and x.teacher), "")

    def first_of_role(self, role: str, method_association: str = "") -> str:
        """The first active member of staff with that role (of that association, where one has it), by code; "" when there is none."""
        holders = sorted(p.id for p in self.staff.values() if p.active and role in p.roles)
        own = [h for h in holders if method_association and self.staff[h].method_association == method_association]
        return (own or holders or [""])[0]


def name_key(name: str) -> str:
    """A key under which the spellings of one person's name meet, in whatever order of its words."""
    return " ".join(sorted(filter(None, map(match_key, name.split()))))


def day(value: object) -> dt.date | None:
    """The day of an ISO text."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else None


def registries(tabs: Iterable[TabReading], left_status: Iterable[str] = ()) -> dict[str, Registry]:
    """school year → its registers, from tabs of R1, R2C, R2S and R2L. `left_status`: answers of R1.status that mean "left"."""
    found: dict[str, Registry] = {}
    gone = set(left_status)
    for tab in tabs:
        if tab.form not in ("R1", "R2C", "R2S", "R2L"):
            continue
        registry = found.setdefault(tab.school_year, Registry(tab.school_year))
        if tab.rows:
            registry.has.add(tab.form)
        for row in records(tab):
            _enter(registry, tab.form, row, gone)
    return found


def _enter(registry: Registry, form: str, row: Mapping[str, Any], gone: set[str]) -> None:
    match form:
        case "R1":
            pupil = Pupil(
                row["pupil_id"],
                row.get("full_name") or "",
                row.get("school_class") or "",
                day(row.get("entered_on")),
                day(row.get("left_on")),
                row.get("status") in gone,
            )
            registry.pupils.setdefault(pupil.id, pupil)
            registry.known_pupils.add(pupil.id)
            if pupil.school_class:
                registry.known_classes.add(pupil.school_class)
        case "R2S":
            person = Person(
                row["teacher_id"],
                row.get("full_name") or "",
                tuple(row.get("roles") or ()),
                row.get("mo") or "",
                row.get("active") is not False,
            )
            registry.staff.setdefault(person.id, person)
            registry.known_staff.add(person.id)
        case "R2C":
            registry.classes.setdefault(row["school_class"], dict(row))
            registry.known_classes.add(row["school_class"])
        case "R2L":
            lesson = Lesson(row.get("teacher_id") or "", row.get("subject") or "", row.get("school_class") or "")
            if lesson not in registry.load:
                registry.load.append(lesson)
            registry.known_classes.add(lesson.school_class)
