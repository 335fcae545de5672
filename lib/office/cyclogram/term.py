"""The terms of the plan's rows and how each stands: done by itself when its forms have arrived, else as its cell says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import pyarrow as pa

from lib.indicators.arrival import NO_EVIDENCE, Arrivals, Evidence
from lib.model.calendar import YEAR, meant_day
from lib.office.cyclogram.plan import Plan, PlanRow, Said
from lib.settings import Settings


class TermState(StrEnum):
    """How a term of the plan stands on a day."""

    OVERDUE = "overdue"
    IN_PROGRESS = "in_progress"
    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Term:
    """One day on which a row of the plan is due. `period` is "" unless the row repeats; `by_itself`: it is done because its forms have
    come, and nobody marked it."""

    row: PlanRow
    period: str
    due: dt.date
    state: TermState
    done_on: dt.date | None = None
    by_itself: bool = False
    evidence: Evidence = NO_EVIDENCE

    @property
    def key(self) -> str:
        """What tells the term from every other of the school year, whatever day it falls on."""
        return f"{self.row.id}@{self.period}" if self.period else self.row.id

    @property
    def late(self) -> bool:
        """Whether it was done after its day."""
        return self.done_on is not None and self.done_on > self.due


@dataclass(frozen=True)
class Terms:
    """All terms of a plan on a day, by day and code; `undated`: rows whose rule nobody can read, which have none."""

    plan: Plan
    as_of: dt.date
    all: tuple[Term, ...]
    undated: tuple[PlanRow, ...]

    def part(self, part: str, settings: Settings) -> Terms:
        """Those of a half-year (H1, H2); all for the year."""
        if part == YEAR:
            return self
        half = settings.school_year(self.plan.school_year).half_year_of
        return replace(self, all=tuple(term for term in self.all if half(term.due) == part))

    def between(self, first: dt.date, last: dt.date) -> list[Term]:
        """The terms that fall on these days, both included."""
        return [term for term in self.all if first <= term.due <= last]

    def overdue(self) -> list[Term]:
        """The terms whose day has passed, the longest first."""
        return [term for term in self.all if term.state is TermState.OVERDUE]


def terms(plan: Plan, settings: Settings, completeness: pa.Table, as_of: dt.date) -> Terms:
    """Every row of the plan with its days and how it stands on `as_of`. `completeness`: the snapshot's table."""
    calendar = settings.school_year(plan.school_year)
    names = ["school_year", "form", "period", "due", "required", "filled", "submitted"]
    arrivals = Arrivals(completeness.select(names).to_pylist(), settings, plan.school_year)
    found: list[Term] = []
    undated = []
    for row in plan.rows:
        try:
            days = calendar.due_days(row.due_rule)
        except ValueError:
            undated.append(row)
            continue
        found += _of_row(row, days, arrivals, as_of)
    return Terms(plan, as_of, tuple(sorted(found, key=lambda term: (term.due, term.row.id, term.period))), tuple(undated))


def _of_row(row: PlanRow, days: list[tuple[str, dt.date]], arrivals: Arrivals, as_of: dt.date) -> Iterable[Term]:
    marked = _marked(row, [day for _period, day in days], as_of)
    for period, due in days:
        evidence = arrivals.evidence(row.indicators, row.document, due)
        by_itself = evidence.complete and due not in marked
        done_on = row.done_on if due == _meant(row, days) else None
        if row.said is Said.CANCELLED:
            state = TermState.CANCELLED
        elif due in marked or by_itself:
            state = TermState.DONE
        elif due < as_of:
            state = TermState.OVERDUE
        elif row.said is Said.UNDER_WAY or evidence.begun:
            state = TermState.IN_PROGRESS
        else:
            state = TermState.PLANNED
        done = state is TermState.DONE
        yield Term(row, period, due, state, (done_on or evidence.since) if done else None, done and by_itself, evidence)


def _meant(row: PlanRow, days: list[tuple[str, dt.date]]) -> dt.date | None:
    """The day for which the row was done; None while it has no day of completion."""
    return meant_day((day for _period, day in days), row.done_on) if row.done_on is not None else None


def _marked(row: PlanRow, days: list[dt.date], as_of: dt.date) -> set[dt.date]:
    """The days that the row's cells call done. One day of completion stands for its own term and those before it; the word alone, where a
    row repeats, for the terms whose day has come."""
    if row.done_on is not None:
        meant = meant_day(days, row.done_on)
        return {day for day in days if day <= meant}
    if row.said is Said.DONE:
        return set(days) if len(days) == 1 else {day for day in days if day <= as_of}
    return set()
