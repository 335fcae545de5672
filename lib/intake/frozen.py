"""Frozen school years: their figures stay what they were, whatever happens to their workbooks afterwards.

A small file in the desk names the workbooks of a frozen year with the fingerprints they had. A workbook whose fingerprint moved is read
and compared with what was read last: when they say the same (it was only saved, moved or protected) the new fingerprint is kept; when not,
the last good reading goes on standing in, and an issue says so. What is taken away stays as it was read; what is added is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lib.intake.reading import IGNORED, REFUSED, ExportReading, Reading, TabReading, asdict_of_tab
from lib.model.issue import Issue, Severity
from lib.settings import UserError
from lib.store.base import StoreProblem, WorkbookInfo

FOLDER = "frozen"  # inside the desk


@dataclass(frozen=True)
class FrozenYear:
    """One frozen school year. `at`: ISO moment, `by`: who did it; `workbooks`: name → fingerprint; `open_forms`: forms that go on.

    `open_workbooks`: those that hold other years as well and stay open; `modes`: what the rights of the files were, to give them back;
    `changed_at`: when each was last changed; `answers`: what people had answered about exports of the electronic journal by then.
    """

    school_year: str
    at: str
    by: str
    workbooks: Mapping[str, str]
    open_forms: tuple[str, ...] = ()
    modes: Mapping[str, int] = field(default_factory=dict)
    open_workbooks: tuple[str, ...] = ()
    changed_at: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class FrozenYears:
    """All frozen years of a store, as its desk says."""

    desk: Path
    years: dict[str, FrozenYear]

    @classmethod
    def of(cls, desk: Path) -> FrozenYears:
        """What the desk says now; UserError names a file that cannot be understood."""
        years = {}
        for path in sorted((desk / FOLDER).glob("*.json")):
            try:
                plain = json.loads(path.read_text(encoding="utf-8"))
                lists = {name: tuple(plain[name]) for name in ("open_forms", "open_workbooks")}
                year = FrozenYear(**{**plain, **lists})
            except (OSError, ValueError, TypeError, LookupError):
                raise UserError(f"{path}: this file says which workbooks of the year are frozen, and cannot be read; restore it") from None
            years[year.school_year] = year
        return cls(desk, years)

    def add(self, year: FrozenYear) -> None:
        """Freeze a year: one rename makes it so."""
        self.years[year.school_year] = year
        path = self._path(year.school_year)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(asdict(year), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)

    def remove(self, school_year: str) -> FrozenYear | None:
        """Open a year again; what was frozen, None when it was not."""
        self._path(school_year).unlink(missing_ok=True)
        return self.years.pop(school_year, None)

    def _path(self, school_year: str) -> Path:
        return self.desk / FOLDER / f"{school_year}.json"

    def holder(self, workbook: str) -> FrozenYear | None:
        """The frozen year that the workbook belongs to."""
        return next((year for year in self.years.values() if workbook in year.workbooks), None)

    # --- what a collect asks ---------------------------------------------------------------------------------------------

    def missed(self, info: WorkbookInfo) -> StoreProblem | None:
        """Why a workbook that is no longer there still counts: its year is frozen."""
        year = self.holder(info.name)
        return StoreProblem("year_frozen_gone", {"year": year.school_year}) if year else None

    def moved(self, info: WorkbookInfo) -> bool:
        """Whether it belongs to a frozen year and is not, by its fingerprint, what it was."""
        year = self.holder(info.name)
        return year is not None and year.workbooks[info.name] != info.fingerprint

    def judge(self, info: WorkbookInfo, fresh: Reading, last: Reading | None) -> StoreProblem | None:
        """Why the last reading of a moved workbook goes on standing in; None when the fresh one may take its place.

        The fresh one may when it says the same. When nothing is left of the last one it must, and gets a warning.
        """
        year = self.holder(info.name)
        if year is None:
            return None
        slots = {"year": year.school_year}
        if last is None:
            fresh.issues.insert(0, Issue("year_frozen_unproven", Severity.WARNING, info.name, slots=slots))
            return None
        if not _says_the_same(fresh, last):
            return StoreProblem("year_frozen_changed", slots)
        self.add(replace(year, workbooks={**year.workbooks, info.name: info.fingerprint}))
        return None

    def without_strangers(self, reading: Reading) -> Reading:
        """The reading without tabs of a frozen year that came after it was frozen: they are refused, and named."""
        if not self.years or self.holder(reading.workbook) is not None:
            return reading
        strangers = [tab for tab in reading.tabs if self._refuses(tab)]
        if not strangers:
            return reading
        issues = [tab.issue("year_frozen_new", Severity.ERROR, "", tab.accepted, {"year": tab.school_year}) for tab in strangers]
        tabs = [_refused(tab) if self._refuses(tab) else tab for tab in reading.tabs]
        return replace(reading, tabs=tabs, issues=[*reading.issues, *issues])

    def _refuses(self, tab: TabReading) -> bool:
        year = self.years.get(tab.school_year)
        if year is None or tab.state in (IGNORED, REFUSED) or not tab.rows:
            return False
        return tab.form not in year.open_forms and tab.workbook not in year.open_workbooks

    # --- exports of the electronic journal, whose school year is known only when their marks are matched ------------------

    def shut(self, school_year: str, workbook: str) -> bool:
        """Whether an export may bring nothing into that year: it came after the year was frozen."""
        year = self.years.get(school_year)
        return year is not None and workbook not in (*year.workbooks, *year.open_workbooks) and "F01" not in year.open_forms

    def answers(self, workbook: str) -> Mapping[str, Any] | None:
        """What had been answered when the year of that export was frozen; None for an export of an open year."""
        year = self.holder(workbook)
        return year.answers if year else None

    def changed_at(self, infos: Iterable[WorkbookInfo]) -> dict[str, float]:
        """workbook → when it was last changed; of a frozen year, when it had been changed before it was frozen."""
        kept = {name: moment for year in self.years.values() for name, moment in year.changed_at.items()}
        return {info.name: kept.get(info.name, info.changed_at) for info in infos}


def _refused(tab: TabReading) -> TabReading:
    return replace(tab, state=REFUSED, accepted=0, reported=tab.cells, rows=[], values={})


def _says_the_same(fresh: Reading, last: Reading) -> bool:
    """Whether the forms and exports of two readings say the same. `last` may hold, beside a refused tab, an older good one of that name."""
    known, names = _said(last), {tab.tab for tab in last.tabs if tab.form}
    if _tables(fresh) != _tables(last):
        return False
    return all(tab in known for tab in _said(fresh)) and names == {tab.tab for tab in fresh.tabs if tab.form}


def _said(reading: Reading) -> list[dict[str, object]]:
    """What the workbook's forms say, without the address that opens them."""
    return [{name: value for name, value in asdict_of_tab(tab).items() if name != "link"} for tab in reading.tabs if tab.form]


def _tables(reading: Reading) -> list[ExportReading]:
    """What the tables of an export say, without the address that opens them, and whether or not their cells count now."""
    return [replace(export, link="", counted=True) for export in reading.exports]
