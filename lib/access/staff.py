"""The people of a snapshot: e-mail → person, from the registry's sheets of staff (R2S), classes (R2C) and load (R2L)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from lib.access.rights import Rights
from lib.access.roles import Person, Role
from lib.i18n import match_key
from lib.settings import Settings
from lib.snapshot import Snapshot


@dataclass(frozen=True)
class Staff:
    """Everybody who may sign in, as the newest school year that has begun knows them. An e-mail that stands twice opens nothing."""

    school_year: str
    by_email: Mapping[str, Person]
    people: tuple[Person, ...] = ()

    def of(self, email: str) -> Person | None:
        """The person of exactly that address: small ASCII letters, as the sheet's are kept. Look-alikes are nobody."""
        return self.by_email.get(email) if email.isascii() else None

    def colleagues(self, association: str) -> frozenset[str]:
        """The codes of an association's teachers."""
        return frozenset(p.teacher_id for p in self.people if association and p.association == association)

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """The people who have the role, in the order of the sheet."""
        return tuple(person for person in self.people if role in person.roles)


NOBODY = Staff("", {})


def read_staff(snapshot: Snapshot, settings: Settings, rights: Rights) -> Staff:
    """The staff of a snapshot, active people only. Families whose e-mail stands beside a pupil come with the role family alone."""
    rows = _rows(snapshot.records("R2S"), "school_year", "teacher_id", "full_name", "email", "roles", "mo", "active")
    begun = {row["school_year"] for row in rows if settings.school_year(row["school_year"]).start <= snapshot.as_of}
    if not begun:
        return NOBODY
    year = max(begun)
    led: dict[str, set[str]] = {}
    for row in _rows(snapshot.records("R2C"), "school_year", "school_class", "class_teacher_id"):
        if row["school_year"] == year and row["class_teacher_id"]:
            led.setdefault(row["class_teacher_id"], set()).add(row["school_class"])
    taught: dict[str, set[tuple[str, str, str]]] = {}
    for row in _rows(snapshot.records("R2L"), "school_year", "school_class", "subject", "teacher_id", "vacant"):
        if row["teacher_id"] and not row["vacant"]:
            taught.setdefault(row["teacher_id"], set()).add((row["school_year"], row["school_class"], row["subject"]))
    words = _role_words(settings, rights)
    people = tuple(
        _person(row, words, frozenset(led.get(row["teacher_id"], ())), frozenset(taught.get(row["teacher_id"], ())))
        for row in rows
        if row["school_year"] == year and row["teacher_id"] and row["active"] is True
    )
    times = Counter(row["email"] for row in rows if row["school_year"] == year and row["email"])
    by_email = {person.email: person for person in people if times[person.email] == 1}
    for email in _families(snapshot, year) - {email for email, n in times.items() if n > 1}:
        known = by_email.get(email, Person(email, "", frozenset(), school_year=year))
        by_email[email] = replace(known, roles=known.roles | {Role.FAMILY})
    return Staff(year, by_email, people)


def _person(row: Mapping[str, Any], words: Mapping[str, Role], led: frozenset[str], taught: frozenset[tuple[str, str, str]]) -> Person:
    said = row["roles"] if isinstance(row["roles"], list) else []
    year = str(row["school_year"])
    return Person(
        email=str(row["email"] or ""),
        teacher_id=str(row["teacher_id"]),
        roles=frozenset(words[key] for word in said if (key := match_key(str(word))) in words),
        classes=led,
        subjects_taught=frozenset((school_class, subject) for of_year, school_class, subject in taught if of_year == year),
        association=str(row["mo"] or ""),
        name=str(row["full_name"] or row["teacher_id"]),
        school_year=year,
        taught=taught,
    )


def _role_words(settings: Settings, rights: Rights) -> dict[str, Role]:
    """Every spelling of a role in the staff sheet → the role. A word that is none of them gives no right."""
    found: dict[str, Role] = {}
    for role, about in rights.roles.items():
        for name in about.staff:
            words = settings.roles.get(name)
            for text in (name, *((words.ky, words.ru, words.en) if words else ())):
                if text:
                    found.setdefault(match_key(text), role)
    return found


def _families(snapshot: Snapshot, year: str) -> set[str]:
    rows = _rows(snapshot.records("R1"), "school_year", "family_email", "left_on")
    return {row["family_email"] for row in rows if row["school_year"] == year and row["family_email"] and not row["left_on"]}


def _rows(table: pa.Table, *columns: str) -> list[dict[str, Any]]:
    return table.select([name for name in columns if name in table.column_names]).to_pylist()
