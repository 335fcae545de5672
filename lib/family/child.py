"""One child's own figures: this quarter against the child's own earlier ones. No other pupil's row is looked at.

Only forms that are not restricted are read: marks, attendance, competences, clubs, contests, roles.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.family.register import grade_of, own_row, rows_where, school_year
from lib.model.calendar import QUARTERS
from lib.settings import Settings
from lib.snapshot import Snapshot

YEAR_BEFORE = "year"


@dataclass(frozen=True, slots=True)
class SubjectMarks:
    """The child's marks in one subject. `marks`: quarter → what stands in the register, for the quarters up to the told one.

    `now` and `before` are marks as numbers, None where there is none; `before` is the last quarter's, in quarter 1 the last year's.
    `open`: unattested in the told quarter.
    """

    subject: str
    marks: Mapping[str, str]
    now: int | None
    before: int | None
    open: bool

    @property
    def step(self) -> int | None:
        """By how much the mark changed."""
        return None if self.now is None or self.before is None else self.now - self.before


@dataclass(frozen=True, slots=True)
class Days:
    """School days of one quarter: planned, missed, of these without a reason, and how often late (None: not noted)."""

    quarter: str
    planned: int
    missed: int
    unexcused: int
    late: int | None

    @property
    def attended(self) -> float:
        """Days at school, in per cent of the planned."""
        return 100 * (self.planned - self.missed) / self.planned


@dataclass(frozen=True, slots=True)
class Skill:
    """A key competence: level 0..3 now and before, None where it was not looked at."""

    competence: str
    now: int | None
    before: int | None


@dataclass(frozen=True, slots=True)
class Contest:
    """Something the child took part in: the words of the form F11."""

    title: str
    level: str
    place: str
    held_on: dt.date | None


@dataclass(frozen=True)
class Child:
    """What the family of one child may read. `quarter`: the newest one with marks, "" when there is none (yet)."""

    name: str
    school_class: str
    grade: int
    stage: str
    school_year: str
    as_of: dt.date
    marked: bool
    quarter: str
    marks: tuple[SubjectMarks, ...]
    days: tuple[Days, ...]
    skills: tuple[Skill, ...]
    clubs: tuple[str, ...]
    contests: tuple[Contest, ...]
    roles: tuple[tuple[str, str], ...]
    consent: Mapping[str, Any]  # the pupil's row of the register, for lib.family.consent

    @property
    def means(self) -> tuple[float, float] | None:
        """The mean mark now and before, over the subjects that have both; None when none has."""
        pairs = [(m.now, m.before) for m in self.marks if m.now is not None and m.before is not None]
        return (sum(now for now, _ in pairs) / len(pairs), sum(before for _, before in pairs) / len(pairs)) if pairs else None

    def changed(self, by: int) -> list[SubjectMarks]:
        """The subjects whose mark rose (1), stayed (0) or fell (-1)."""
        return [m for m in self.marks if m.step is not None and (m.step > 0) - (m.step < 0) == by]


def child_of(snapshot: Snapshot, loaded: Settings, pupil: str) -> Child | None:
    """The child with that code, None when no such pupil studies here now."""
    row = own_row(snapshot, loaded, pupil)
    if row is None:
        return None
    year, school_class = school_year(snapshot, loaded), row["school_class"] or ""
    grade = grade_of(snapshot, loaded, school_class)
    quarter, marks = _marks(snapshot, loaded, pupil, year)
    return Child(
        name=row["full_name"] or "",
        school_class=school_class,
        grade=grade,
        stage=loaded.stage_of(year, grade),
        school_year=year,
        as_of=snapshot.as_of,
        marked=loaded.marked(year, grade),
        quarter=quarter,
        marks=marks,
        days=_days(snapshot, loaded, pupil, year),
        skills=_skills(snapshot, loaded, pupil, year),
        clubs=_clubs(snapshot, pupil, year),
        contests=_contests(snapshot, pupil, year),
        roles=_roles(snapshot, loaded, pupil, year),
        consent=row,
    )


def _own(snapshot: Snapshot, form: str, pupil: str, year: str) -> list[dict[str, Any]]:
    return rows_where(snapshot.records(form), pupil_id=pupil, school_year=year)


def _marks(snapshot: Snapshot, loaded: Settings, pupil: str, year: str) -> tuple[str, tuple[SubjectMarks, ...]]:
    """The told quarter and the marks up to it."""
    by_subject: dict[str, dict[str, str]] = {}
    for row in _own(snapshot, "F01", pupil, year):
        own = by_subject.setdefault(row["subject"], {})
        own.update({quarter: row[quarter.lower()] for quarter in QUARTERS if row[quarter.lower()]})
    judged = {quarter for own in by_subject.values() for quarter, mark in own.items() if mark not in loaded.choices["released"]}
    if not judged:
        return "", ()
    told = max(judged)
    shown = QUARTERS[: QUARTERS.index(told) + 1]
    last_year = _year_marks(snapshot, pupil, year) if told == QUARTERS[0] else {}
    found = []
    for subject in loaded.subjects:
        if subject in by_subject:
            own = by_subject[subject]
            before = last_year.get(subject) if told == QUARTERS[0] else own.get(shown[-2])
            found.append(
                SubjectMarks(
                    subject, {quarter: own[quarter] for quarter in shown if quarter in own}, _number(own.get(told)), _number(before),
                    own.get(told) in loaded.choices["unattested"],
                )
            )  # fmt: skip
    return told, tuple(found)


def _year_marks(snapshot: Snapshot, pupil: str, year: str) -> dict[str, str]:
    first = int(year[:4]) - 1
    return {r["subject"]: r["year"] or r["q4"] for r in _own(snapshot, "F01", pupil, f"{first}-{first + 1}") if r["year"] or r["q4"]}


def _number(mark: str | None) -> int | None:
    return int(mark) if mark is not None and mark.isdigit() else None


def _days(snapshot: Snapshot, loaded: Settings, pupil: str, year: str) -> tuple[Days, ...]:
    """The quarters with attendance, in the order of time. A month that was filled in part is left out: absent is not 0."""
    months: dict[int, dict[str, Any]] = {}
    for row in _own(snapshot, "F05", pupil, year):
        if row["month"] and row["days_plan"] and row["missed_excused"] is not None and row["missed_unexcused"] is not None:
            months[row["month"]] = row
    by_quarter: dict[str, list[dict[str, Any]]] = {}
    for month, row in months.items():
        by_quarter.setdefault(loaded.school_year(year).quarter_of_month(month), []).append(row)
    return tuple(
        Days(
            quarter, sum(r["days_plan"] for r in rows), sum(r["missed_excused"] + r["missed_unexcused"] for r in rows),
            sum(r["missed_unexcused"] for r in rows),
            sum(r["late"] for r in rows if r["late"] is not None) if any(r["late"] is not None for r in rows) else None,
        )
        for quarter, rows in sorted(by_quarter.items())
    )  # fmt: skip


def _skills(snapshot: Snapshot, loaded: Settings, pupil: str, year: str) -> tuple[Skill, ...]:
    """Now: the end of the year, else its start. Before: the start, else the end of the year before."""
    first = int(year[:4]) - 1
    levels: dict[tuple[str, str, bool], int] = {}
    for school_year_id in (f"{first}-{first + 1}", year):
        for row in _own(snapshot, "F07", pupil, school_year_id):
            if row["level"] is not None:
                levels[row["competence"], school_year_id, row["wave"] in loaded.choices["second_wave"]] = row["level"]
    order = [c.key for c in loaded.forms["F07"].by_key["competence"].choices]
    found = []
    for competence in sorted({key[0] for key in levels}, key=order.index):
        in_time = [levels.get((competence, y, second)) for y in (f"{first}-{first + 1}", year) for second in (False, True)]
        this_year = [level for level in in_time[2:] if level is not None]
        earlier = [level for level in in_time if level is not None][:-1]
        if this_year:
            found.append(Skill(competence, this_year[-1], earlier[-1] if earlier else None))
    return tuple(found)


def _runs(row: dict[str, Any], as_of: dt.date) -> bool:
    return (row["from"] is None or row["from"] <= as_of) and (row["to"] is None or row["to"] >= as_of)


def _clubs(snapshot: Snapshot, pupil: str, year: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(r["club"] for r in _own(snapshot, "F16", pupil, year) if r["club"] and _runs(r, snapshot.as_of)))


def _contests(snapshot: Snapshot, pupil: str, year: str) -> tuple[Contest, ...]:
    rows = [r for r in _own(snapshot, "F11", pupil, year) if r["title"] and (r["held_on"] is None or r["held_on"] <= snapshot.as_of)]
    return tuple(Contest(r["title"], r["level"] or "", r["place"] or "", r["held_on"]) for r in rows)


def _roles(snapshot: Snapshot, loaded: Settings, pupil: str, year: str) -> tuple[tuple[str, str], ...]:
    rows: Sequence[dict[str, Any]] = _own(snapshot, "F18S", pupil, year)
    return tuple(dict.fromkeys((r["role"], r["body"]) for r in rows if r["role"] and r["body"] and _runs(r, snapshot.as_of)))
