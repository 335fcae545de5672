"""The school's own lists, read from its registers: school years, classes, subjects, pupils and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from lib import i18n
from lib.indicators.relations import Data
from lib.model.calendar import QUARTERS
from lib.model.indicator import Status
from lib.snapshot import Snapshot


@dataclass(frozen=True)
class Roll:
    """The school years of a snapshot, and what each has: classes, subjects, pupils."""

    school_years: tuple[str, ...]
    classes: Mapping[str, tuple[tuple[str, str, str], ...]]  # school year → (class, grade, stage), in the school's order
    subjects: Mapping[str, tuple[str, ...]]
    taught: Mapping[tuple[str, str], frozenset[str]]  # (school year, class) → subjects
    pupils: Mapping[tuple[str, str, str], int]  # (school year, period, class) → active pupils
    people: Mapping[tuple[str, str], str]  # (school year, teacher id) → name
    newest: str  # the newest school year that has begun: the next one is opened in summer, before there is anything to see of it
    quarter: str  # the newest quarter of that year that has figures

    def grades(self, school_year: str) -> tuple[str, ...]:
        """The grades of a school year, the lowest first."""
        return tuple(dict.fromkeys(grade for _, grade, _ in self.classes.get(school_year, ())))


def read_roll(data: Data, snapshot: Snapshot) -> Roll:
    """The lists of a snapshot; `data` are its relations. Who shares `data` between threads holds its lock meanwhile."""
    data.need("classes", "lessons", "active")
    classes = data.con.execute("SELECT school_year, school_class, grade, stage FROM classes").fetchall()
    lessons = data.con.execute("SELECT DISTINCT school_year, school_class, subject FROM lessons").fetchall()
    pupils = data.con.execute(
        "SELECT school_year, period, school_class, count(DISTINCT pupil_id) AS n FROM active GROUP BY ALL"
    ).fetchall()  # fmt: skip
    years = tuple(sorted({row[0] for row in classes} | {row[0] for row in lessons}))
    by_year: dict[str, list[tuple[str, str, str]]] = {year: [] for year in years}
    for year, name, grade, stage in classes:
        by_year[year].append((name, "" if grade is None else str(int(grade)), stage or ""))
    taught: dict[tuple[str, str], set[str]] = {}
    for year, name, subject in lessons:
        taught.setdefault((year, name), set()).add(subject)
    known = {code: place for place, code in enumerate(data.settings.subjects)}
    of_year: dict[str, set[str]] = {year: set() for year in years}
    for (year, _class), found in taught.items():
        of_year[year] |= found
    begun = [year for year in years if data.settings.school_year(year).start <= snapshot.as_of]
    newest = (begun or list(years) or [""])[-1]
    subjects = {year: tuple(sorted(found, key=lambda code: known.get(code, len(known)))) for year, found in of_year.items()}
    staff = snapshot.records("R2S")
    people = {
        (year, teacher): name or teacher
        for year, teacher, name in zip(*(staff[c].to_pylist() for c in ("school_year", "teacher_id", "full_name")), strict=True)
        if teacher
    }
    return Roll(
        school_years=years,
        classes={year: tuple(sorted(rows, key=lambda row: i18n.class_key(row[0]))) for year, rows in by_year.items()},
        subjects=subjects,
        taught={place: frozenset(found) for place, found in taught.items()},
        pupils={(year, period, name): int(n) for year, period, name, n in pupils},
        people=people,
        newest=newest,
        quarter=_newest_quarter(snapshot, newest) if newest else QUARTERS[0],
    )


def _newest_quarter(snapshot: Snapshot, school_year: str) -> str:
    """The newest quarter for which the school has marks; without marks, for which it has any figure at all."""
    table = snapshot.table("values")
    level, status = table["level"].cast(pa.string()), table["status"].cast(pa.string())
    there = pc.and_(pc.equal(level, "school"), pc.is_in(status, value_set=pa.array([Status.OK, Status.INCOMPLETE], pa.string())))
    found = table.filter(pc.and_(there, pc.equal(table["school_year"].cast(pa.string()), school_year)))
    seen = list(zip(found["indicator"].cast(pa.string()).to_pylist(), found["period"].cast(pa.string()).to_pylist(), strict=True))
    for wanted in ({period for code, period in seen if code == "D1.01"}, {period for _, period in seen}):
        if quarters := [q for q in QUARTERS if q in wanted]:
            return quarters[-1]
    return QUARTERS[0]
