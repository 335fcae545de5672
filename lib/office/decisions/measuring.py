"""What became of a decision: the same figure in the next comparable periods, judged with its noise band (regulation 2.11, 2.19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lib.analysis import Change, Figure, Lookup, change, verdict
from lib.analysis.cohorts import GROUPS, Cohort, Cohorts, year_after
from lib.analysis.comparison import as_printed, distance
from lib.analysis.dynamics import SEQUENCE, accumulates, has_ended, meets_anew
from lib.model.indicator import Indicator, Status, Verdict
from lib.office.decisions.decision import Decision
from lib.settings import Settings


class Outcome(StrEnum):
    """What the figure says of a decision."""

    REACHED = "reached"  # the target is reached
    MOVED = "moved"  # the good way, by more than chance
    NOT_MOVED = "not moved"  # within the noise band
    WORSE = "worse"  # the bad way, by more than chance
    NOT_MEASURED = "not measured"  # no later figure yet


@dataclass(frozen=True, slots=True)
class Step:
    """The figure of one later period, and the place that it is of."""

    school_year: str
    period: str
    place: dict[str, str]
    figure: Figure


@dataclass(frozen=True, slots=True)
class Remeasured:
    """Figure then and figure now. `school_year` and `period` are those of `now`; `change` holds the noise band; `complete`: the data of
    `now` has all come; `ended`: its period is over. `steps`: all later figures in the order of time. `cohort`: what the class or grade
    became, where `now` lies behind a summer; `untold`: the school year in which that cannot be told any more ("": it always can)."""

    outcome: Outcome
    then: Figure
    now: Figure | None = None
    school_year: str = ""
    period: str = ""
    scope: tuple[tuple[str, str], ...] = ()
    change: Change | None = None
    complete: bool = True
    ended: bool = True
    steps: tuple[Step, ...] = ()
    cohort: Cohort | None = None
    untold: str = ""


def remeasure(settings: Settings, indicator: Indicator, figures: Lookup, decision: Decision, cohorts: Cohorts) -> Remeasured:
    """Judge a decision by the newest later figure of the same indicator and group; one of a whole period with all its data goes before a
    newer one of which only a part is there.

    `figures` are those of the indicator. What the decision itself keeps of its figure counts, also when sheets were corrected since.
    """
    before = _then(indicator, figures, decision)
    found: list[Step] = []
    untold = ""
    if before.value is not None and decision.understood:
        for year, period, place in following(settings, indicator, cohorts, decision.school_year, decision.period, decision.place):
            if place is None:
                untold = year
            elif not accumulates(indicator) or has_ended(settings, year, period):
                figure = figures.at(place, year, period, decision.part)
                if figure is not None and figure.value is not None:
                    found.append(Step(year, period, place, figure))
    if not found:
        return Remeasured(Outcome.NOT_MEASURED, before, untold=untold)
    settled = [step for step in found if step.figure.status == Status.OK and has_ended(settings, step.school_year, step.period)]
    last = (settled or found)[-1]
    year, period, place, now = last.school_year, last.period, last.place, last.figure
    moved, complete, ended = change(before, now, indicator), now.status == Status.OK, has_ended(settings, year, period)
    return Remeasured(
        _outcome(indicator, before, now, moved), before, now, year, period, tuple(place.items()), moved, complete, ended, tuple(found),
        _became(cohorts, decision, year, place), untold,
    )  # fmt: skip


def _became(cohorts: Cohorts, decision: Decision, year: str, place: dict[str, str]) -> Cohort | None:
    """What the decision's class or grade became by that school year, and how many of it were in it the year before."""
    kind = next((name for name in GROUPS if decision.place.get(name)), "")
    if not kind or place == decision.place:
        return None
    cohort, name, of_year = None, decision.place[kind], decision.school_year
    while of_year < year:
        cohort = cohorts.became(kind, name, of_year)
        if cohort is None:
            return None
        name, of_year = cohort.name, year_after(of_year)
    return cohort


def following(
    settings: Settings, indicator: Indicator, cohorts: Cohorts, school_year: str, period: str, place: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, str] | None]]:
    """School year, period and scope of each later comparable figure that has begun by settings.as_of, in the order of time.

    Across the summer a class or grade is followed by its pupils (7-А becomes 8-А, or 9-А where a number is skipped); where they are no
    longer one class the scope is None, once, and nothing follows. Other places stay. Indicators that meet other pupils every year (grades
    1, 5, 10) are compared with the same period of the next year, of the same class.
    """
    kind = period[0]
    if kind not in indicator.periods or period not in SEQUENCE[kind]:
        return
    sequence = SEQUENCE[kind]
    anew = meets_anew(indicator)
    year, number = school_year, sequence.index(period)
    while True:
        number += 1
        if number == len(sequence):
            grown = dict(place) if anew else cohorts.grown(year, place)
            year, number = year_after(year), sequence.index(period) if anew else 0
        else:
            grown = place
        if settings.school_year(year).period(sequence[number]).start > settings.as_of:
            return
        yield year, sequence[number], grown
        if grown is None:
            return
        place = grown


def _then(indicator: Indicator, figures: Lookup, decision: Decision) -> Figure:
    """The figure as it was decided upon; what the decision does not keep is taken from the figure of that period, if it is the same."""
    known = figures.at(decision.place, decision.school_year, decision.period, decision.part) if decision.understood else None
    if decision.value is None:
        return known or Figure(None)
    if decision.numerator is not None and decision.denominator:
        return Figure(decision.value, decision.numerator, decision.denominator)
    if known is not None and known.value is not None and as_printed(indicator, known.value) == as_printed(indicator, decision.value):
        return known
    return Figure(decision.value)


def _outcome(indicator: Indicator, before: Figure, now: Figure, moved: Change | None) -> Outcome:
    reached = verdict(indicator, now.value) is Verdict.REACHED
    better = moved.better if moved is not None else None
    if moved is not None and better is None and not moved.is_noise:
        # better "neither" way: nearer to the target is the good way
        apart, apart_now = distance(indicator, before.value), distance(indicator, now.value)
        better = None if apart is None or apart_now is None else apart_now > apart
    if better is False:
        return Outcome.WORSE
    if reached:
        return Outcome.REACHED
    return Outcome.MOVED if better else Outcome.NOT_MOVED
