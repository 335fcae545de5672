"""What needs attention: at most ten findings of a period, the weightiest first.

Regulation 2.20.2 asks to order and reduce the flow of information. A finding is structured (what, where, how much); the interface
says it in words and links to the page with the filters set. Never a pupil, never a teacher.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from lib import i18n
from lib.analysis.cohorts import Cohorts
from lib.analysis.comparison import distance, verdict
from lib.analysis.dynamics import falls_in_a_row, has_ended, history, matched_change, periods_for
from lib.analysis.figure import Figure, Figures, is_share
from lib.analysis.uncertainty import differ, interval, shrunk
from lib.model.indicator import Indicator, Status, Verdict
from lib.settings import Settings

# Where a place may be found weak: never a teacher, never a pupil.
PLACE_LEVELS = ("stage", "grade", "school_class", "grade+subject", "school_class+subject")
# Rows of the whole values table that the findings read.
LEVELS = ("school", *PLACE_LEVELS)
PER_DIRECTION = 3
PER_INDICATOR = 2
OVERDUE_LINES = 3


class FindingKind(StrEnum):
    """Why something stands in the list."""

    TARGET = "target"  # the school's figure is beyond tolerance
    PLACE = "place"  # a class, grade or subject is beyond tolerance for sure: its whole interval is
    FALL = "fall"  # the figure went the bad way by more than noise
    OVERDUE = "overdue"  # data that was due has not come


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    TARGET, PLACE, FALL: `indicator`, `scope` (filled dimensions only), `value`, `target`, `n` (denominator), `change` in the indicator's
    unit (None when nothing comparable is there or it is noise), `falls` (periods running that it went the bad way). OVERDUE: `form`,
    `due` (the oldest missed day), `count` of `total` tabs not complete, `cells` still empty, `responsible` (how many people).
    `weight` is in tolerances of the target and orders the list.
    """

    kind: FindingKind
    school_year: str
    period: str
    weight: float
    indicator: str = ""
    direction: str = ""
    scope: Mapping[str, str] = field(default_factory=dict)
    value: float | None = None
    target: float | None = None
    n: float | None = None
    change: float | None = None
    falls: int = 0
    form: str = ""
    due: dt.date | None = None
    count: int = 0
    total: int = 0
    cells: int = 0
    responsible: int = 0


def findings(
    settings: Settings,
    values: pd.DataFrame,
    completeness: pd.DataFrame,
    school_year: str,
    period: str,
    cohorts: Cohorts,
    limit: int = 10,
) -> list[Finding]:
    """The at most `limit` weightiest findings for a reader of `period`, from the tables `values` and `completeness` of a snapshot.

    At most three of a direction, two of an indicator, one of a place and three about late data: one trouble must not hide the others.
    """
    values = values[values["level"].isin(LEVELS)]
    figures = Figures.by_indicator(values)
    candidates = _overdue(settings, completeness, school_year)
    for code, indicator in settings.indicators.items():
        if code in figures and (indicator.core or indicator.variative is not None) and indicator.better != "neither":
            candidates += _of_indicator(settings, indicator, figures[code], school_year, period, cohorts)
    order = {code: place for place, code in enumerate(settings.indicators)}
    candidates.sort(key=lambda f: (-f.weight, order.get(f.indicator, -1), f.form, [i18n.class_key(v) for v in f.scope.values()]))
    return _varied(candidates, limit)


def _varied(candidates: list[Finding], limit: int) -> list[Finding]:
    chosen: list[Finding] = []
    for finding in candidates:
        if finding.kind is FindingKind.OVERDUE:
            crowded = sum(f.kind is FindingKind.OVERDUE for f in chosen) >= OVERDUE_LINES
        else:
            crowded = (
                sum(f.direction == finding.direction for f in chosen) >= PER_DIRECTION
                or sum(f.indicator == finding.indicator for f in chosen) >= PER_INDICATOR
                or any(f.indicator == finding.indicator and not f.scope and not finding.scope for f in chosen)
                or any(f.scope and dict(f.scope) == dict(finding.scope) for f in chosen)
            )
        if not crowded:
            chosen.append(finding)
        if len(chosen) == limit:
            break
    return chosen


def _overdue(settings: Settings, completeness: pd.DataFrame, school_year: str) -> list[Finding]:
    """One finding a form: tabs whose day has passed and of whose required cells less has come than makes them complete."""
    if completeness.empty:
        return []
    due = pd.to_datetime(completeness["due"]).dt.date
    ours = completeness.assign(due=due)[(completeness["school_year"] == school_year) & (completeness["required"] > 0)]
    ours = ours[ours["due"].map(lambda day: isinstance(day, dt.date) and not pd.isna(day) and day < settings.as_of)]
    found = []
    for form, rows in ours.groupby("form", observed=True):
        late = rows[rows["filled"] < settings.thresholds.complete_from * rows["required"]]
        if late.empty:
            continue
        oldest = min(late["due"])
        missing = int((late["required"] - late["filled"]).sum())
        days = (settings.as_of - oldest).days
        # As heavy as a figure that is as many tolerances away: nothing came at all weighs 4, and 2 more when that is so for two months.
        empty = missing / float(rows["required"].sum())
        weight = empty * (4.0 + min(days, 60) / 30)
        people = late["teacher"].astype(str)
        found.append(
            Finding(
                FindingKind.OVERDUE, school_year, str(late.sort_values("due")["period"].iloc[0]), weight, form=str(form), due=oldest,
                count=len(late[["workbook", "tab"]].drop_duplicates()), total=len(rows[["workbook", "tab"]].drop_duplicates()),
                cells=missing, responsible=int(people[people != ""].nunique()),
            )
        )  # fmt: skip
    return found


def _of_indicator(
    settings: Settings, indicator: Indicator, figures: Figures, school_year: str, period: str, cohorts: Cohorts
) -> list[Finding]:  # fmt: skip
    """The school's figure far from its target or fallen, and the one place that is surely weakest."""
    seen = [
        (p, f)
        for p in periods_for(settings, indicator, school_year, period)
        if (f := figures.at({}, school_year, p)) and f.value is not None
    ]
    if not seen:
        return []
    # A period that has only begun must not hide the last whole one.
    own_period, whole = next(((p, f) for p, f in seen if f.status == Status.OK), seen[0])
    found = []
    trust = _trust(settings, indicator, whole)
    # Part of the data, or of the period, is not compared with the whole of it.
    whole_period = whole.status == Status.OK and has_ended(settings, school_year, own_period)
    moved = matched_change(settings, indicator, figures, {}, school_year, own_period, cohorts) if whole_period else None
    delta = moved.delta if moved is not None and not moved.is_noise else None
    fell = moved is not None and moved.better is False
    falls = falls_in_a_row(indicator, history(settings, indicator, figures, {}, school_year, own_period, cohorts, 4)) if fell else 0
    apart = distance(indicator, whole.value)
    if verdict(indicator, whole.value) is Verdict.MISSED:
        assert apart is not None
        found.append(
            Finding(FindingKind.TARGET, school_year, own_period, trust * (-apart + 0.5 * falls), indicator.code, indicator.direction, {},
                    whole.value, indicator.target, whole.denominator, delta, falls)
        )  # fmt: skip
    elif fell and moved is not None:
        weight = trust * (abs(moved.delta) / (indicator.tolerance or abs(moved.previous or 1.0) / 10) + 0.5 * max(falls - 1, 0))
        found.append(
            Finding(FindingKind.FALL, school_year, own_period, weight, indicator.code, indicator.direction, {}, whole.value,
                    indicator.target, whole.denominator, delta, falls)
        )  # fmt: skip
    weakest = _weakest(settings, indicator, figures, whole, school_year, own_period, cohorts)
    return found + ([weakest] if weakest else [])


def _trust(settings: Settings, indicator: Indicator, figure: Figure) -> float:
    """How much a figure weighs by its number: n / (n + m), as in shrinkage, so that one pupil of one does not head the list."""
    if not is_share(indicator, figure) or not figure.denominator:
        return 1.0
    return figure.denominator / (figure.denominator + settings.thresholds.shrinkage_m)


def _weakest(
    settings: Settings, indicator: Indicator, figures: Figures, whole: Figure, school_year: str, period: str, cohorts: Cohorts
) -> Finding | None:  # fmt: skip
    """The place whose whole interval lies beyond tolerance and which differs from the rest of the school for sure.

    Of several the farthest by its shrunk share, because a class of five proves little.
    """
    if indicator.target is None or not whole.denominator or whole.numerator is None:
        return None
    margin = indicator.target - indicator.tolerance if indicator.better == "higher" else indicator.target + indicator.tolerance
    least = settings.thresholds.min_answers
    best: tuple[float, dict[str, str], Figure] | None = None
    places = (place for level in PLACE_LEVELS for place in figures.of_level(level, school_year, period))
    for scope, figure in places:
        if (figure.denominator or 0) < least:
            continue
        bounds = interval(indicator, figure)
        if bounds is None or figure.numerator is None or not figure.denominator:
            continue
        surely = bounds[1] < margin if indicator.better == "higher" else bounds[0] > margin
        others = (whole.numerator - figure.numerator, whole.denominator - figure.denominator)
        apart_from_others = 0 <= others[0] <= others[1] and others[1] > 0 and differ(figure.numerator, figure.denominator, *others)
        if not surely or not apart_from_others:
            continue
        drawn = indicator.scale * shrunk(
            figure.numerator, figure.denominator, whole.numerator / whole.denominator, settings.thresholds.shrinkage_m
        )
        apart = distance(indicator, drawn)
        if apart is not None and (best is None or apart < best[0]):
            best = (apart, scope, figure)
    if best is None:
        return None
    apart, scope, figure = best
    moved = matched_change(settings, indicator, figures, scope, school_year, period, cohorts)
    delta = moved.delta if moved is not None and not moved.is_noise else None
    # Half of its distance: a single class weighs less than the school.
    return Finding(FindingKind.PLACE, school_year, period, -apart / 2, indicator.code, indicator.direction, scope, figure.value,
                   indicator.target, figure.denominator, delta)  # fmt: skip
