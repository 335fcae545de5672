"""Registers as plain rows, laid out by hand, and everybody's fate as a school tells it: nothing here asks lib.turn what comes out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.model.registry import registry_from_records
from lib.turn.book import CLASSES, LOADS, PUPILS, STAFF, Book, Line
from lib.turn.proposal import Proposal

# Which grade follows which, as domain.md §2 and the ministry tell it: 0 ends school. Of grade 12 nothing is said yet.
AFTER = {1: 2, 2: 3, 3: 4, 4: 5, 5: 6, 6: 7, 7: 8, 8: 9, 9: 10, 10: 11, 11: 0}
AFTER_2025 = AFTER | {3: 5, 6: 8}  # the summer of 2025: after 3 comes 5, after 6 comes 8
SUMMERS = {"2024-2025": ("2025-2026", AFTER_2025), "2025-2026": ("2026-2027", AFTER)}
FORMS = (PUPILS, CLASSES, STAFF, LOADS)
NAMES = ("Асанова Айдай", "Асанова Айдай", "Үмүтова Өзгөн", "Бекова Ңурай", "Токтогулов Эрлан")  # the first two are namesakes


def book(school_year: str, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Book:
    """The registers as if they had been read: form → rows."""
    lines = {}
    for form in FORMS:
        found = []
        for number, row in enumerate(rows.get(form, ()), 6):
            values = {key: value for key, value in row.items() if value is not None}
            letters = {key: chr(ord("A") + n) for n, key in enumerate(row)}
            found.append(Line(form, "registry.xlsx", form, number, letters, values, values))
        lines[form] = tuple(found)
    records = {form: [dict(line.values) for line in found] for form, found in lines.items()}
    return Book(school_year, lines, registry_from_records(records, school_year))


def proposed(proposal: Proposal) -> Book:
    """The proposal as it would be read again."""
    return book(proposal.to_year, {place.form: rows for place, rows in proposal.rows.items()})


@dataclass
class Drawn:
    """A school drawn at random. `fates`: how many pupils have which; `next_grade`: code → the grade in which a pupil goes on."""

    school_year: str
    to_year: str
    book: Book
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("moved", "graduated", "left", "named"), 0))
    next_grade: dict[str, int] = field(default_factory=dict)
    rows: int = 0


def draw(seed: int) -> Drawn:
    """Classes of some grades and letters, full, empty and not in the list; pupils who go on, who left, without a class, without a code."""
    some = random.Random(seed)
    school_year = some.choice(sorted(SUMMERS))
    to_year, after = SUMMERS[school_year]
    classes = [
        f"{grade}{f'-{letter}' if letter else ''}"
        for grade in range(1, 13) for letter in ("", "А", "Б", "В", "Ө") if some.random() < (0.02 if grade == 12 or not letter else 0.45)
    ]  # fmt: skip
    pupils: list[dict[str, Any]] = []
    tally: list[tuple[str, str, int]] = []  # code, fate, grade after
    for name in classes:
        grade = int(name.split("-")[0])
        for _ in range(some.choice((0, 1, 2, 3, 5))):
            row: dict[str, Any] = {
                "pupil_id": f"P{len(pupils):04d}",
                "full_name": some.choice(NAMES),
                "school_class": name,
                "status": "окуйт",
            }
            following = after.get(grade)
            fate = "named" if following is None else "moved" if following else "graduated"
            kind = some.random()
            if kind < 0.06:
                row["left_on"], fate = "2025-02-01", "left"
            elif kind < 0.12:
                row["status"], fate = "чыгып кеткен", "left"
            elif kind < 0.16:
                row["school_class"], fate = None, "named"
            elif kind < 0.19:
                row["pupil_id"], fate = None, "named"
            elif kind < 0.22 and pupils and pupils[-1]["pupil_id"] and tally[-1][1] != "doubled":
                row["pupil_id"], fate = pupils[-1]["pupil_id"], "doubled"
                tally[-1] = (tally[-1][0], "doubled", 0)
            pupils.append(row)
            tally.append((str(row["pupil_id"]), fate, following or 0))
    listed = [name for name in classes if some.random() < 0.9]
    rows = {
        PUPILS: pupils,
        CLASSES: [
            {"school_class": name, "grade": int(name.split("-")[0]), "class_teacher_id": some.choice(("T1", "T2", None))} for name in listed
        ],
        STAFF: [
            {"teacher_id": "T1", "full_name": "Осмонова", "mo": "math", "active": True},
            {"teacher_id": "T2", "full_name": "Маматов", "mo": "primary", "active": True},
            {"teacher_id": "T3", "full_name": "Исаков", "mo": "math", "active": False},
        ],
        LOADS: [
            {"teacher_id": some.choice(("T1", "T2", "T3")), "subject": code, "school_class": name, "hours": 2.0}
            for name in classes for code in ("KYR", "MAT", "ALG", "PHE") if some.random() < 0.7
        ],
    }  # fmt: skip
    drawn = Drawn(school_year, to_year, book(school_year, rows), rows=len(pupils))
    for code, fate, grade in tally:
        drawn.fates["named" if fate == "doubled" else fate] += 1
        if fate == "moved":
            drawn.next_grade[code] = grade
    return drawn
