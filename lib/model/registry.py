"""The school's registers: who learns, who teaches, which classes there are, who teaches what to whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lib.i18n import class_key, ky_key


@dataclass(frozen=True, slots=True)
class Pupil:
    """One row of R1. `left_on` None: still here, or the day is not known (then `status` says so)."""

    pupil_id: str
    full_name: str
    school_class: str
    sex: str = ""
    instruction_language: str = ""
    entered_on: dt.date | None = None
    left_on: dt.date | None = None
    status: str = ""


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """One row of R2C."""

    school_class: str
    grade: int
    class_teacher_id: str = ""
    instruction_language: str = ""
    shift: int | None = None
    room: str = ""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One row of R2S. `association` is a key of config/subjects.yaml."""

    teacher_id: str
    full_name: str
    roles: tuple[str, ...] = ()
    association: str = ""
    category: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Load:
    """One row of R2L: who teaches a subject to a class. `teacher_id` "" when the post is vacant."""

    teacher_id: str
    subject: str
    school_class: str
    hours: float = 0.0
    vacant: bool = False
    programme_approved: bool = False


@dataclass(frozen=True)
class Registry:
    """The four registers of one school year. Pupils stand in the order of the Kyrgyz alphabet, classes from the lowest grade on."""

    school_year: str
    pupils: tuple[Pupil, ...] = ()
    classes: tuple[SchoolClass, ...] = ()
    staff: tuple[StaffMember, ...] = ()
    loads: tuple[Load, ...] = ()

    def pupils_of(self, school_class: str) -> list[Pupil]:
        """The pupils of a class, sorted by name."""
        return [pupil for pupil in self.pupils if pupil.school_class == school_class]

    def subjects_of(self, school_class: str) -> list[str]:
        """Codes of the subjects taught to a class, each once."""
        return list(dict.fromkeys(load.subject for load in self.loads if load.school_class == school_class))


def registry_from_records(records: Mapping[str, Iterable[Mapping[str, Any]]], school_year: str) -> Registry:
    """The registry of `school_year` from rows of R1, R2C, R2S and R2L (column key → value, as stored in a snapshot).

    Rows of another school year (key "school_year", when present) and rows without their code are left out. A class that has
    pupils but no row in R2C is added, so that nobody is left without a workbook.
    """

    def rows(form: str, key: str) -> list[Mapping[str, Any]]:
        return [r for r in records.get(form, ()) if r.get("school_year") in (None, "", school_year) and r.get(key)]

    pupils = [
        Pupil(
            r["pupil_id"], r.get("full_name") or "", r.get("school_class") or "", r.get("sex") or "", r.get("instruction_language") or "",
            _day(r.get("entered_on")), _day(r.get("left_on")), r.get("status") or "",
        )
        for r in rows("R1", "pupil_id")
    ]  # fmt: skip
    classes = {
        r["school_class"]: SchoolClass(
            r["school_class"], int(r.get("grade") or _grade(r["school_class"])), r.get("class_teacher_id") or "",
            r.get("instruction_language") or "", r.get("shift"), r.get("room") or "",
        )
        for r in rows("R2C", "school_class")
    }  # fmt: skip
    for pupil in pupils:
        if pupil.school_class and pupil.school_class not in classes:
            classes[pupil.school_class] = SchoolClass(pupil.school_class, _grade(pupil.school_class))
    staff = [
        StaffMember(
            r["teacher_id"], r.get("full_name") or "", tuple(r.get("roles") or ()), r.get("mo") or "", r.get("category") or "",
            r.get("active") is not False,
        )
        for r in rows("R2S", "teacher_id")
    ]  # fmt: skip
    loads = [
        Load(
            r.get("teacher_id") or "", r["subject"], r["school_class"], float(r.get("hours") or 0), bool(r.get("vacant")),
            bool(r.get("programme_approved")),
        )
        for r in rows("R2L", "subject")
        if r.get("school_class")
    ]  # fmt: skip
    return Registry(
        school_year,
        tuple(sorted(pupils, key=lambda p: (ky_key(p.full_name), p.pupil_id))),
        tuple(sorted(classes.values(), key=lambda c: class_key(c.school_class))),
        tuple(sorted(staff, key=lambda s: s.teacher_id)),
        tuple(loads),
    )


def _day(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, str) and value:
        return dt.date.fromisoformat(value[:10])
    return value if isinstance(value, dt.date) else None


def _grade(school_class: str) -> int:
    return class_key(school_class)[0]
