"""The words of access: roles, people, grains and scopes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the school. A person may have several; their rights add up."""

    DIRECTOR = "director"
    DEPUTY = "deputy"
    ORGANIZER = "organizer"
    MO_HEAD = "mo_head"
    CLASS_HEAD = "class_head"
    TEACHER = "teacher"
    PSYCH = "psych"
    SOC = "soc"
    MEDIC = "medic"
    LIBRARIAN = "librarian"
    ECONOMY = "economy"
    FAMILY = "family"
    PUBLIC = "public"


STAFF = frozenset(Role) - {Role.FAMILY, Role.PUBLIC}


class Grain(StrEnum):
    """How fine a thing is that is shown; the table of rights gives each a scope of its own."""

    AGGREGATE = "aggregate"  # school, stage, grade, subject, association
    CLASS = "class"  # one class, and cells of forms without pupils
    TEACHER = "teacher"  # one teacher
    PUPIL = "pupil"  # cells about single pupils, with their names
    RESTRICTED = "restricted"  # restricted forms, and the indicators that only the administration sees


class Scope(StrEnum):
    """Of how much of the school a role sees a grain."""

    NONE = "none"
    OWN = "own"  # what is theirs by Reach
    SCHOOL = "school"


class Reach(StrEnum):
    """What "own" means for a role."""

    FORMS = "forms"  # the forms they fill, of the whole school
    ASSOCIATION = "association"  # their methodical association
    CLASSES = "classes"  # the classes they lead
    LESSONS = "lessons"  # the classes and subjects they teach
    CHILD = "child"  # their child


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the staff (or, with the role family alone, somebody whose e-mail stands beside a pupil).

    `classes` are those led, `subjects_taught` pairs (class, subject), both of `school_year`; `taught` are (school year, class, subject) of
    all years.
    """

    email: str
    teacher_id: str
    roles: frozenset[Role]
    classes: frozenset[str] = frozenset()
    subjects_taught: frozenset[tuple[str, str]] = frozenset()
    association: str = ""
    name: str = ""
    school_year: str = ""
    taught: frozenset[tuple[str, str, str]] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks now: the person (None: nobody is known by name), the roles that count, and whether the school is the invented one."""

    person: Person | None
    roles: frozenset[Role]
    demo: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether any role is one of the staff."""
        return bool(self.roles & STAFF)


PUBLIC = Viewer(None, frozenset({Role.PUBLIC}))


@dataclass(frozen=True, slots=True)
class Place:
    """What a figure speaks of; empty texts mean "all". `form` is the form it is read from, where that decides."""

    school_year: str = ""
    stage: str = ""
    grade: str = ""
    school_class: str = ""
    subject: str = ""
    method_association: str = ""
    teacher: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """Whose a tab of a workbook is: what its cells, issues and completeness are judged by."""

    form: str
    school_year: str = ""
    school_class: str = ""
    subject: str = ""
    method_association: str = ""
    responsible: str = ""
