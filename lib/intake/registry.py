"""What the registers of one school year know, arranged for looking up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lib.intake.reading import TabReading
from lib.intake.vocabulary import spelling
from lib.model.calendar import Period
from lib.model.registry import Pupil, Registry, SchoolClass, StaffMember, registry_from_records

REGISTERS = ("R2S", "R2C", "R1", "R2L")


@dataclass
class Known:
    """The registers of one school year. `pupil_ids`, `staff_ids` and `class_names` hold every code and class that some register
    has, also where the row itself is in doubt, so that one mistake there does not make mistakes everywhere. `filled`: the
    registers that have rows."""

    registry: Registry
    pupil_ids: set[str] = field(default_factory=set)
    staff_ids: set[str] = field(default_factory=set)
    class_names: set[str] = field(default_factory=set)
    listed_classes: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)

    @cached_property
    def pupils(self) -> Mapping[str, Pupil]:
        """code → pupil."""
        return {pupil.pupil_id: pupil for pupil in self.registry.pupils}

    @cached_property
    def classes(self) -> Mapping[str, SchoolClass]:
        """name → class."""
        return {c.school_class: c for c in self.registry.classes}

    @cached_property
    def by_class(self) -> Mapping[str, list[Pupil]]:
        """class → its pupils."""
        found: dict[str, list[Pupil]] = {}
        for pupil in self.registry.pupils:
            found.setdefault(pupil.school_class, []).append(pupil)
        return found

    @cached_property
    def by_name(self) -> Mapping[str, list[Pupil]]:
        """name_key → the pupils who bear the name."""
        found: dict[str, list[Pupil]] = {}
        for pupil in self.registry.pupils:
            found.setdefault(name_key(pupil.full_name), []).append(pupil)
        return found

    @cached_property
    def _teachers(self) -> Mapping[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for load in self.registry.loads:
            if load.teacher_id:
                found.setdefault((load.school_class, load.subject), load.teacher_id)
        return found

    def teacher_of(self, school_class: str, subject: str) -> str:
        """The first teacher of that subject in that class, "" when nobody teaches it."""
        return self._teachers.get((school_class, subject), "")

    def grade_of(self, school_class: str) -> int:
        """The grade of a class: as the register says, else by its name; 0 when neither tells."""
        if school_class in self.classes:
            return self.classes[school_class].grade
        number = school_class.split("-")[0]
        return int(number) if number.isdigit() else 0

    def first_of_role(self, role: str, method_association: str = "") -> str:
        """The first active member of staff with that role, by code; of that association, when one is named; "" when there is none."""
        holders: list[StaffMember] = [p for p in self.registry.staff if p.active and role in p.roles]
        return next((p.teacher_id for p in holders if method_association in ("", p.association)), "")


def is_active(pupil: Pupil, period: Period, left_words: Iterable[str]) -> bool:
    """Whether the pupil is in the school at the period's end; one who left on an unknown day has not been in it at all."""
    if pupil.entered_on and pupil.entered_on > period.end:
        return False
    return pupil.left_on > period.end if pupil.left_on else pupil.status not in left_words


def name_key(name: str) -> str:
    """A key under which the spellings of one person's name meet, in whatever order of its words."""
    return " ".join(sorted(filter(None, map(spelling, name.split()))))


def day(value: object) -> dt.date | None:
    """The day of an ISO text."""
    return dt.date.fromisoformat(value) if isinstance(value, str) else None


def records(tab: TabReading) -> Iterator[dict[str, Any]]:
    """The tab's records as dicts; columns that the tab does not have are missing."""
    keys = list(tab.values)
    for row in zip(*tab.values.values(), strict=True):
        yield dict(zip(keys, row, strict=True))


def known_by_year(tabs: Iterable[TabReading]) -> dict[str, Known]:
    """school year → what its registers know, from the tabs of R1, R2C, R2S and R2L."""
    by_year: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for tab in tabs:
        if tab.form in REGISTERS and tab.rows:
            by_year.setdefault(tab.school_year, {}).setdefault(tab.form, []).extend(records(tab))
    found = {}
    for year, rows in by_year.items():
        listed = {row["school_class"] for row in rows.get("R2C", ())}
        lived_in = {str(row["school_class"]) for form in ("R1", "R2L") for row in rows.get(form, ()) if row.get("school_class")}
        found[year] = Known(
            registry_from_records(rows, year),
            pupil_ids={row["pupil_id"] for row in rows.get("R1", ())},
            staff_ids={row["teacher_id"] for row in rows.get("R2S", ())},
            class_names=listed | lived_in,
            listed_classes=listed,
            filled=set(rows),
        )
    return found
