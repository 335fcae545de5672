"""Who learns where, read from the snapshot's register of pupils (R1), the classes (R2C) and the staff."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.i18n import class_key, ky_key
from lib.settings import Settings
from lib.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Member:
    """A pupil of a class, as a slip names them."""

    pupil: str
    name: str


def rows_where(table: pa.Table, **equal: str) -> list[dict[str, Any]]:
    """The rows in which each named text column has exactly that value; no other row leaves the table."""
    for name, value in equal.items():
        table = table.filter(pc.equal(table[name].cast(pa.string()), value))
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def school_year(snapshot: Snapshot, loaded: Settings) -> str:
    """The school year of the register that runs on the snapshot's day: the newest that has begun; "" without a register."""
    years = sorted(str(year) for year in pc.unique(snapshot.records("R1")["school_year"]).to_pylist() if year)
    begun = [year for year in years if loaded.school_year(year).period("Y").start <= snapshot.as_of]
    return (begun or years or [""])[-1]


def own_row(snapshot: Snapshot, loaded: Settings, pupil: str) -> dict[str, Any] | None:
    """The pupil's row of the register of this school year; None when the pupil is not, or no longer, at the school."""
    rows = rows_where(snapshot.records("R1"), pupil_id=pupil, school_year=school_year(snapshot, loaded))
    return rows[-1] if rows and _studies(rows[-1], loaded, snapshot.as_of) else None


def members(snapshot: Snapshot, loaded: Settings, school_class: str) -> list[Member]:
    """The pupils who study in a class now, in the order of the Kyrgyz alphabet."""
    rows = rows_where(snapshot.records("R1"), school_class=school_class, school_year=school_year(snapshot, loaded))
    found = {row["pupil_id"]: row["full_name"] or "" for row in rows if row["pupil_id"] and _studies(row, loaded, snapshot.as_of)}
    return sorted((Member(pupil, name) for pupil, name in found.items()), key=lambda m: (ky_key(m.name), m.pupil))


def pupils_of_email(snapshot: Snapshot, loaded: Settings, email: str) -> list[Member]:
    """The pupils whose family wrote this address into the register; none for an empty one."""
    wanted = email.strip().casefold()
    if not wanted:
        return []
    rows = rows_where(snapshot.records("R1"), school_year=school_year(snapshot, loaded))
    found = {
        row["pupil_id"]: row["full_name"] or ""
        for row in rows
        if (row["family_email"] or "").strip().casefold() == wanted and _studies(row, loaded, snapshot.as_of)
    }
    return sorted((Member(pupil, name) for pupil, name in found.items()), key=lambda m: (ky_key(m.name), m.pupil))


def classes(snapshot: Snapshot, loaded: Settings) -> list[str]:
    """The classes of this school year, from the lowest grade on."""
    rows = rows_where(snapshot.records("R2C"), school_year=school_year(snapshot, loaded))
    return sorted({row["school_class"] for row in rows if row["school_class"]}, key=class_key)


def grade_of(snapshot: Snapshot, loaded: Settings, school_class: str) -> int:
    """The grade of a class: its row in the register of classes, else the number in its name."""
    rows = rows_where(snapshot.records("R2C"), school_year=school_year(snapshot, loaded), school_class=school_class)
    return int(rows[-1]["grade"]) if rows and rows[-1]["grade"] else class_key(school_class)[0]


def _studies(row: dict[str, Any], loaded: Settings, day: dt.date) -> bool:
    left = row["left_on"]
    if isinstance(left, dt.datetime):
        left = left.date()
    return left > day if isinstance(left, dt.date) else row["status"] not in loaded.choices["left"]
