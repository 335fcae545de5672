"""The school year's calendar: quarters, half-years, months, and the rules that speak in them ("Q1.end+3")."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

PERIOD_KINDS = ("Q", "H", "Y", "M")
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
HALF_YEARS = ("H1", "H2")
MONTHS = ("M09", "M10", "M11", "M12", "M01", "M02", "M03", "M04", "M05")
YEAR = "Y"

_RULE = re.compile(r"(Q[1-4])\.(start|end)([+-]\d+)?$")
_REPEATED = re.compile(r"(?:month|Qn)\.(start|end)([+-]\d+)?$")
_DAY = re.compile(r"(\d{2})-(\d{2})$")


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of the school year, both days included. id: Q1..Q4, H1, H2, Y, M09..M05."""

    id: str
    start: dt.date
    end: dt.date

    @property
    def kind(self) -> str:
        return self.id[0]


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """One school year: id "2025-2026" and its four quarters (start, end)."""

    id: str
    quarters: tuple[tuple[dt.date, dt.date], ...]

    @property
    def first_calendar_year(self) -> int:
        return int(self.id[:4])

    @property
    def start(self) -> dt.date:
        return self.quarters[0][0]

    @property
    def end(self) -> dt.date:
        return self.quarters[3][1]

    def month(self, month: int) -> Period:
        """Calendar month 1..12 of this school year."""
        year = self.first_calendar_year + (0 if month >= 8 else 1)
        start = dt.date(year, month, 1)
        following = dt.date(year + month // 12, month % 12 + 1, 1)
        return Period(f"M{month:02d}", start, following - dt.timedelta(days=1))

    def period(self, period_id: str) -> Period:
        """The period with that id. The year lasts until 31 August, so that June's state attestation belongs to it."""
        match period_id[0]:
            case "Q":
                return Period(period_id, *self.quarters[int(period_id[1]) - 1])
            case "H":
                first = (int(period_id[1]) - 1) * 2
                return Period(period_id, self.quarters[first][0], self.quarters[first + 1][1])
            case "M":
                return self.month(int(period_id[1:]))
            case _:
                return Period(YEAR, self.start, dt.date(self.first_calendar_year + 1, 8, 31))

    def periods(self, kinds: tuple[str, ...] = PERIOD_KINDS) -> list[Period]:
        """All periods of the given kinds, in the order of time within a kind."""
        by_kind = {"Q": QUARTERS, "H": HALF_YEARS, "Y": (YEAR,), "M": MONTHS}
        return [self.period(period_id) for kind in kinds for period_id in by_kind[kind]]

    def quarter_of_month(self, month: int) -> str:
        """A month belongs to the quarter that holds its 15th day, or else to the next one to begin (a holiday), or Q4."""
        middle = self.month(month).start.replace(day=15)
        for number, (_, end) in enumerate(self.quarters, 1):
            if middle <= end:
                return f"Q{number}"
        return "Q4"

    def quarter_of(self, day: dt.date) -> str:
        """The quarter of an event: the first one that has not ended before `day`; after Q4 (summer) "Q4"."""
        for number, (_, end) in enumerate(self.quarters, 1):
            if day <= end:
                return f"Q{number}"
        return "Q4"

    def half_year_of(self, day: dt.date) -> str:
        return "H1" if self.quarter_of(day) in ("Q1", "Q2") else "H2"

    def contains(self, day: dt.date) -> bool:
        """Whether `day` falls between 1 August before and 31 August after the school year's work."""
        return dt.date(self.first_calendar_year, 8, 1) <= day <= dt.date(self.first_calendar_year + 1, 8, 31)

    def touching(self, period_id: str) -> set[str]:
        """The ids of all periods that share a day with that one, itself among them."""
        span = self.period(period_id)
        return {p.id for p in self.periods() if p.start <= span.end and p.end >= span.start}

    def due_days(self, rule: str) -> list[tuple[str, dt.date]]:
        """(period, day) of everything that a rule makes due: one a month or quarter for "month.end+5" and "Qn.end+5", else one without a
        period. Spaces in the rule are passed over. ValueError for what is no rule."""
        plain = rule.replace(" ", "")
        if plain.startswith("month."):
            return [(month, self.resolve(plain, month)) for month in MONTHS]
        if plain.startswith("Qn."):
            return [(quarter, self.resolve(plain, quarter)) for quarter in QUARTERS]
        return [("", self.resolve(plain))]

    def resolve(self, rule: str, period: str = "") -> dt.date:
        """The date of a rule such as "Q1.end+3", "Q3.start-2" or "06-20".

        "month.end+5" and "Qn.end+5" speak of the given `period` (M09.., Q1..). ValueError for any other text.
        """
        if found := _REPEATED.match(rule):
            if not period:
                raise ValueError(f"the rule {rule!r} needs a period")
            span = self.period(period)
            return (span.start if found[1] == "start" else span.end) + dt.timedelta(days=int(found[2] or 0))
        if found := _RULE.match(rule):
            start, end = self.quarters[int(found[1][1]) - 1]
            return (start if found[2] == "start" else end) + dt.timedelta(days=int(found[3] or 0))
        if found := _DAY.match(rule):
            month = int(found[1])
            return dt.date(self.first_calendar_year + (0 if month >= 8 else 1), month, int(found[2]))
        raise ValueError(f"not a date rule: {rule!r}; expected Qn.start±days, Qn.end±days or MM-DD")


def meant_day(due: Iterable[dt.date], done_on: dt.date) -> dt.date:
    """Which of several due days something done on a day was done for: the nearest, of two as near the earlier. `due` is not empty."""
    return min(due, key=lambda day: (abs((day - done_on).days), day))
