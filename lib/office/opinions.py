"""The qualitative side (regulation 2.10, 2.12, 3.1): what experts say beside a figure, and what visits and audits found.

It stands beside the number and is never mixed into it. Levels are 0–3.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.intake.parse import code_of
from lib.model.calendar import YEAR
from lib.office.places import from_words, period_of
from lib.settings import Settings

EXPERT, VISITS, AUDIT = "F26", "F08", "F27"
OBSERVED = "D3"  # the direction whose figures visits to lessons stand beside
HIGHEST = 3
CRITERIA = tuple(f"crit{number}" for number in range(1, 11))


@dataclass(frozen=True, slots=True)
class Opinion:
    """One row of F26: an expert's level of an indicator in a place and period, with a comment and a signature."""

    indicator: str
    school_year: str
    period: str
    scope: tuple[tuple[str, str], ...]
    group: str
    level: int
    comment: str
    expert: str
    signed_on: dt.date | None
    workbook: str = ""
    tab: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What visits to lessons, or audits of a direction, came to: `n` of them, `mean` of the `levels` that were given (None: too few),
    `points`: the mean of a visit's criteria (0–2). For audits: how many were strengths, and of those that were to be mended by the day
    (`due`) how many were (`mended`)."""

    source: str
    direction: str
    n: int
    levels: int = 0
    mean: float | None = None
    points: float | None = None
    strengths: int = 0
    due: int = 0
    mended: int = 0


def read_opinions(settings: Settings, records: Iterable[Mapping[str, Any]]) -> list[Opinion]:
    """The rows of F26 that name an indicator and a level, the newest signature first. A group that is not understood is passed by."""
    found = []
    for row in records:
        scope = from_words(settings, str(row.get("group") or ""))
        code = code_of(str(row.get("indicator") or "")) or ""
        if code not in settings.all_indicators or row.get("level") is None or scope is None:
            continue
        period = period_of(str(row.get("period") or "")) or YEAR
        found.append(
            Opinion(
                code, str(row["school_year"]), period, tuple(scope.items()), str(row.get("group") or ""),
                int(row["level"]), str(row.get("comment") or ""), str(row.get("expert_id") or ""), row.get("signed_on"),
                str(row.get("workbook") or ""), str(row.get("tab") or ""), int(row.get("row") or 0),
            )
        )  # fmt: skip
    return sorted(found, key=lambda o: o.signed_on or dt.date.min, reverse=True)


def beside(
    settings: Settings, opinions: Sequence[Opinion], indicator: str, school_year: str, period: str, scope: Mapping[str, str]
) -> Opinion | None:
    """The newest opinion that speaks of that figure: of the same place, about the period, a part of it, or what it is a part of; else the
    newest of an earlier period of the same school year."""
    calendar = settings.school_year(school_year)
    span = calendar.period(period)

    def touches(other: str) -> bool:
        about = calendar.period(other)
        return about.start <= span.end and span.start <= about.end

    ours = [o for o in opinions if o.indicator == indicator and o.school_year == school_year and dict(o.scope) == dict(scope)]
    earlier = (o for o in ours if calendar.period(o.period).end < span.start)
    return next((o for o in ours if touches(o.period)), next(earlier, None))


def visits(
    settings: Settings, records: Iterable[Mapping[str, Any]], direction: str, span: tuple[dt.date, dt.date], association: str = ""
) -> Found | None:  # fmt: skip
    """The lesson visits between two days, of the school or an association. None when there were fewer than are told of (min_answers)."""
    rows = [r for r in records if _within(r.get("held_on"), span) and (not association or r.get("method_association") == association)]
    least = int(settings.thresholds.min_answers)
    if len(rows) < least:
        return None
    points = [float(r[name]) for r in rows for name in CRITERIA if r.get(name) is not None]
    levels = [int(r["level"]) for r in rows if r.get("level") is not None]
    return Found(
        VISITS, direction, len(rows), len(levels), sum(levels) / len(levels) if len(levels) >= least else None,
        sum(points) / len(points) if points else None,
    )  # fmt: skip


def audits(records: Iterable[Mapping[str, Any]], direction: str, span: tuple[dt.date, dt.date], day: dt.date) -> Found | None:
    """The audits of a direction between two days; None when there was none."""
    rows = [r for r in records if _within(r.get("held_on"), span) and code_of(str(r.get("direction") or "")) == direction]
    if not rows:
        return None
    levels = [int(r["level"]) for r in rows if r.get("level") is not None]
    due = [r for r in rows if r.get("due_on") is not None and r["due_on"] <= day]
    return Found(
        AUDIT, direction, len(rows), len(levels), sum(levels) / len(levels) if levels else None, None,
        sum(bool(r.get("strength")) for r in rows), len(due), sum(r.get("fixed_on") is not None for r in due),
    )  # fmt: skip


def _within(day: dt.date | None, span: tuple[dt.date, dt.date]) -> bool:
    return day is not None and span[0] <= day <= span[1]
