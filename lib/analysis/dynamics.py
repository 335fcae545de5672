"""Dynamics: a figure against the comparable figure before it, and its series over time (regulation 2.11; domain.md §1.5, §5.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from lib.analysis.cohorts import Cohorts, year_before
from lib.analysis.figure import Figure, Figures, Scope, is_share, scale_of
from lib.analysis.uncertainty import differ, interval, noise_band
from lib.model.calendar import HALF_YEARS, MONTHS, QUARTERS, YEAR
from lib.model.indicator import Indicator
from lib.settings import Settings

SEQUENCE = {"Q": QUARTERS, "H": HALF_YEARS, "Y": (YEAR,), "M": MONTHS}
PLACES = ("stage", "grade", "school_class")
_GROWING_UNITS = ("count", "per_mille", "points_per_100", "per_100", "times", "days")
HISTORY_COLUMNS = ("school_year", "period", "order", "value", "low", "high", "n", "numerator", "denominator", "status")


class Lookup(Protocol):
    """The figures of one indicator found by key: where an analysis takes `values`, it takes this as well as rows of the values table.

    Pages ask for dozens of figures a run and keep an index for them. `Figures` is one; `by_class` gives classes with a value only or with
    all, the analyses leave out those without.
    """

    def at(self, scope: Scope, school_year: str, period: str, part: str = "") -> Figure | None: ...

    def by_class(self, topic: Scope, school_year: str, period: str) -> dict[str, Figure]:
        """The figures of single school classes (of a subject or association, when `topic` names one)."""
        ...

    def has_year(self, school_year: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Change:
    """A change between two comparable figures, in the indicator's unit (percentage points for shares).

    is_noise: not larger than chance alone would give. Shares: within 1.96·√(p1q1/n1 + p2q2/n2), or Newcombe's interval holds 0 (the
    band is no band at 0 and 100 %: 1 of 1 → 0 of 1). Other values, whose spread the snapshot does not hold: half the tolerance.
    better: whether it went the good way; None for noise and for indicators better "neither" way. classes: how many school classes were
    compared when only those present both times were taken, else 0.
    """

    delta: float
    is_noise: bool
    better: bool | None = None
    previous: float | None = None
    current: float | None = None
    noise: float = 0.0
    classes: int = 0


def change(
    previous: Figure | Mapping[str, Any] | None,
    current: Figure | Mapping[str, Any] | None,
    indicator: Indicator | None = None,
    classes: int = 0,
) -> Change | None:
    """The change from `previous` to `current` (rows of the values table, or Figures); None when either has no value."""
    if previous is None or current is None:
        return None
    before, now = Figure.of(previous), Figure.of(current)
    if before.value is None or now.value is None:
        return None
    delta = now.value - before.value
    unsure = False
    if is_share(indicator, before) and is_share(indicator, now):
        assert before.numerator is not None and before.denominator and now.numerator is not None and now.denominator
        scale = scale_of(indicator, now if now.value else before)
        counts = (before.numerator, before.denominator, now.numerator, now.denominator)
        noise, unsure = scale * noise_band(*counts), not differ(*counts)
    else:
        noise = indicator.tolerance / 2 if indicator else 0.0
    is_noise = unsure or abs(delta) <= noise + 1e-9
    better = None
    if not is_noise and indicator is not None and indicator.better != "neither":
        better = (delta > 0) == (indicator.better == "higher")
    return Change(delta, is_noise, better, before.value, now.value, noise, classes)


def previous_comparable(settings: Settings, indicator: Indicator, school_year: str, period: str) -> tuple[str, str] | None:
    """School year and period to compare with: the one before of the same kind; None when the indicator has no such periods.

    The first quarter, half-year or month follows the last one of the year before, and a year the year before. Indicators of certain grades
    only (adaptation in 1, 5, 10) meet other pupils every year: across the summer they are compared with the same period a year ago.
    """
    kind = period[0]
    if kind not in indicator.periods or period not in SEQUENCE[kind]:
        return None
    sequence = SEQUENCE[kind]
    place = sequence.index(period)
    if place > 0:
        return school_year, sequence[place - 1]
    return year_before(school_year), period if meets_anew(indicator) else sequence[-1]


def meets_anew(indicator: Indicator) -> bool:
    """Whether it speaks of other pupils every year: at most half of its grades are followed by the next one (1, 5, 10; 9, 11; 11, 12)."""
    followed = sum(grade + 1 in indicator.grades for grade in indicator.grades)
    return bool(indicator.grades) and 2 * followed <= len(indicator.grades)


def accumulates(indicator: Indicator) -> bool:
    """Whether the figure grows by events while its period lasts: counts, and events or days per pupil."""
    return indicator.roll_up == "count" or (indicator.roll_up == "sum" and indicator.unit in _GROWING_UNITS)


def has_ended(settings: Settings, school_year: str, period: str) -> bool:
    """Whether the period is over at settings.as_of. A year is over with its lessons, though June's attestation still belongs to it."""
    calendar = settings.school_year(school_year)
    return (calendar.end if period == YEAR else calendar.period(period).end) < settings.as_of


def periods_for(settings: Settings, indicator: Indicator, school_year: str, period: str) -> list[str]:
    """The indicator's own periods that a reader of `period` should see, the nearest first; only those begun at settings.as_of.

    An indicator that exists by half-years is shown for a quarter by the half-year that the quarter belongs to, one that exists by months
    by the quarter's newest month, and so on up to the year.
    """
    calendar = settings.school_year(school_year)
    months = {month: calendar.quarter_of_month(int(month[1:])) for month in MONTHS}
    match period[0]:
        case "Q":
            half = "H1" if period in ("Q1", "Q2") else "H2"
            nearest = [period, *(m for m in reversed(MONTHS) if months[m] == period), half, YEAR]
        case "H":
            quarters = QUARTERS[:2] if period == "H1" else QUARTERS[2:]
            nearest = [period, *reversed(quarters), *(m for m in reversed(MONTHS) if months[m] in quarters), YEAR]
        case "M":
            nearest = [period, months[period], "H1" if months[period] in ("Q1", "Q2") else "H2", YEAR]
        case _:
            nearest = [YEAR, *reversed(HALF_YEARS), *reversed(QUARTERS), *reversed(MONTHS)]
    return [p for p in nearest if p[0] in indicator.periods and calendar.period(p).start <= settings.as_of]


def matched_change(
    settings: Settings,
    indicator: Indicator,
    values: pd.DataFrame | Lookup,
    scope: Scope,
    school_year: str,
    period: str,
    cohorts: Cohorts,
) -> Change | None:
    """The change against the previous comparable period over the same school classes only.

    `values` are the rows of one indicator. Across the summer a class is compared with what it was (`cohorts`: 7-А with last year's 6-А,
    or 5-А with 3-А where grades skip). Where the figure is not a sum over classes (distinct counts, medians, teachers), the scope's own
    two figures are compared. None for what still grows: olympiad points of a year that has not ended.
    """
    earlier = previous_comparable(settings, indicator, school_year, period)
    if earlier is None or (accumulates(indicator) and not has_ended(settings, school_year, period)):
        return None
    rows = Figures.of(values) if isinstance(values, pd.DataFrame) else values
    years = int(school_year[:4]) - int(earlier[0][:4])
    by_cohort = bool(years) and not meets_anew(indicator)
    if scope.get("school_class"):
        name = cohorts.was(scope["school_class"], school_year, years) if by_cohort else scope["school_class"]
        before = rows.at({**scope, "school_class": name}, *earlier) if name else None
        return change(before, rows.at(scope, school_year, period), indicator)
    now = rows.at(scope, school_year, period)
    adds_up = indicator.roll_up == "sum" and "school_class" in indicator.by and set(indicator.denominator_by) >= {"school_class"}
    if now is None or now.value is None or scope.get("teacher") or not adds_up:
        return change(rows.at(scope, *earlier), now, indicator)
    topic = {key: value for key, value in scope.items() if key not in PLACES and value}
    earlier_classes: dict[str, Figure] = {}  # each once: a class that was split is one class before
    compared: list[Figure] = []
    ours, theirs = rows.by_class(topic, school_year, period), rows.by_class(topic, *earlier)
    for name, figure in ours.items():
        grade = int(name.split("-")[0]) if name.split("-")[0].isdecimal() else 0
        if scope.get("grade") and str(scope["grade"]) != str(grade):
            continue
        if scope.get("stage") and settings.stage_of(school_year, grade) != scope["stage"]:
            continue
        was = cohorts.was(name, school_year, years) if by_cohort else name
        before = theirs.get(was)
        if before is not None and before.denominator and before.value is not None and figure.denominator and figure.value is not None:
            earlier_classes[was] = before
            compared.append(figure)
    if not compared:
        return change(rows.at(scope, *earlier), now, indicator)
    return change(_sum(indicator, earlier_classes.values()), _sum(indicator, compared), indicator, len(compared))


def _sum(indicator: Indicator, figures: Collection[Figure]) -> Figure:
    numerator = sum(f.numerator or 0.0 for f in figures)
    denominator = sum(f.denominator or 0.0 for f in figures)
    return Figure(indicator.scale * numerator / denominator, numerator, denominator)


def history(
    settings: Settings,
    indicator: Indicator,
    values: pd.DataFrame | Lookup,
    scope: Scope,
    school_year: str,
    period: str,
    cohorts: Cohorts,
    length: int = 9,
    follow_class: bool = True,
) -> pd.DataFrame:
    """The scope's series up to the given period, the oldest first: at most `length` periods of the same kind, holes left as nulls.

    `values` are the rows of one indicator. A school class is followed through the years by its pupils (`cohorts`: 7-А, 6-А, …) unless
    `follow_class` is False; other scopes are the same place in every year. Columns: school_year, period, order, value, low, high (95 %
    interval in the indicator's unit, null where the value is no share), n, numerator, denominator, status. Periods before the first value
    are left out.
    """
    rows = Figures.of(values) if isinstance(values, pd.DataFrame) else values
    sequence = SEQUENCE[period[0]]
    found: list[tuple[str, str, Figure | None]] = []
    year, place = school_year, sequence.index(period)
    while len(found) < length:
        back = int(school_year[:4]) - int(year[:4])
        name = scope.get("school_class", "")
        if name and follow_class and back:
            name = cohorts.was(name, school_year, back)
            if not name:
                break
        figure = rows.at({**scope, "school_class": name}, year, sequence[place])
        found.append((year, sequence[place], figure))
        place -= 1
        if place < 0:
            year, place = year_before(year), len(sequence) - 1
            if not rows.has_year(year):
                break
    found.reverse()
    while found and (found[0][2] is None or found[0][2].value is None):
        found.pop(0)
    table = []
    for order, (year, period_id, figure) in enumerate(found):
        figure = figure or Figure(None, status="")
        low, high = interval(indicator, figure) or (None, None)
        n = figure.denominator
        table.append((year, period_id, order, figure.value, low, high, n, figure.numerator, figure.denominator, figure.status))
    columns = dict(zip(HISTORY_COLUMNS, zip(*table, strict=True) if table else [()] * len(HISTORY_COLUMNS), strict=True))
    numbers = ("value", "low", "high", "n", "numerator", "denominator")
    return pd.DataFrame({name: np.array(cells, float) if name in numbers else list(cells) for name, cells in columns.items()})


def falls_in_a_row(indicator: Indicator, series: pd.DataFrame) -> int:
    """How many times running the newest values of a `history` went the bad way; 0 for indicators better "neither" way."""
    if indicator.better == "neither":
        return 0
    values = series["value"].tolist()[::-1]
    count = 0
    for now, before in zip(values, values[1:], strict=False):
        if now != now or before != before or now == before or (now > before) == (indicator.better == "higher"):
            break
        count += 1
    return count
