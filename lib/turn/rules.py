"""What config/turn.yaml says: which grade follows which, who stays behind, and from when on the old year is frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib.model.words import Words
from lib.settings import ROOT, Settings
from lib.settings.document import Entry, read

LEAVES = 0  # in place of a grade: who ends it leaves the school
_LEAVES = "leaves"
_DEFAULT = "default"
_GRADES = range(1, 13)


@dataclass(frozen=True)
class Rules:
    """The parsed file; see there for the meaning of each. `next_grade`: school year turned into, or default → grade → grade or LEAVES."""

    next_grade: Mapping[str, Mapping[int, int]]
    entry_grade: int
    may_leave: tuple[int, ...]
    stay_in_stage: Mapping[str, str]
    freeze_from: str
    stay_open: tuple[str, ...]
    protected: Words

    def after(self, grade: int, to_year: str) -> int | None:
        """The grade that follows in `to_year`, LEAVES, or None where nothing is said of that grade."""
        return self.next_grade.get(to_year, {}).get(grade, self.next_grade[_DEFAULT].get(grade))

    def freezes_on(self, settings: Settings, school_year: str) -> dt.date:
        """The first day on which that year may be frozen."""
        return settings.school_year(school_year).resolve(self.freeze_from)


def read_rules(settings: Settings, config: Path = ROOT / "config") -> Rules:
    """Read config/turn.yaml; UserError names file, line and key of what is wrong."""
    document = read(config / "turn.yaml")
    table = document.entry("next_grade")
    next_grade = {year: _row(table, year) for year in [_DEFAULT, *table.names()]}
    stays = document.entry("stay_in_stage")
    stay_in_stage = {association: stays.one_of(association, tuple(settings.stages)) for association in stays.names()}
    for association in stay_in_stage:
        if association not in settings.associations:
            stays.fail(association, f"no such methodical association; there are {', '.join(settings.associations)}")
    rules = Rules(
        next_grade=next_grade,
        entry_grade=_grade(document, "entry_grade", document.take("entry_grade", int)),
        may_leave=tuple(_grade(document, "may_leave", grade) for grade in document.take("may_leave", list)),
        stay_in_stage=stay_in_stage,
        freeze_from=_rule(document, settings),
        stay_open=document.texts("stay_open"),
        protected=document.words("protected"),
    )
    for form in rules.stay_open:
        if form not in settings.forms:
            document.fail("stay_open", f"no form is called {form!r}")
    document.done()
    return rules


def _row(table: Entry, year: str) -> dict[int, int]:
    found = {}
    for grade, after in table.take(year, dict).items():
        known = _grade(table, year, grade)
        found[known] = LEAVES if after == _LEAVES else _grade(table, year, after)
        if found[known] == known:
            table.fail(year, f"grade {known} would never end; expected another grade, or {_LEAVES}")
    return found


def _grade(entry: Entry, key: str, grade: object) -> int:
    if not isinstance(grade, int) or grade not in _GRADES:
        entry.fail(key, f"{grade!r} was seen; expected a grade from 1 to 12")
    return grade


def _rule(document: Entry, settings: Settings) -> str:
    text = document.take("freeze_from")
    try:
        settings.school_year("2025-2026").resolve(text)
    except ValueError as error:
        document.fail("freeze_from", str(error))
    return str(text)
