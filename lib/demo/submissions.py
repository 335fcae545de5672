"""When each tab of the invented school was first complete, as a log of the snapshots that were made through the year."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from lib.demo.material import Dice
from lib.model.calendar import MONTHS, SchoolYear
from lib.model.form import DueRule, Form
from lib.templates import Tab, WorkbookPlan

HEADER = ("school_year", "form", "school_class", "subject", "method_association", "period", "submitted")
_WAVES = {"H1": 0, "H2": 1}


def submissions(plans: list[WorkbookPlan], as_of: dt.date, dice: Dice) -> list[tuple[str, ...]]:
    """Rows of the log for one school year: mostly before the day it was due, some late, none for what is not filled."""
    rows: list[tuple[str, ...]] = []
    for plan in plans:
        for tab in plan.tabs:
            for rule in tab.form.due:
                for period in MONTHS if rule.period == "M" else (rule.period,):
                    day = _submitted(tab, rule, period, plan.school_year, as_of, dice)
                    if day is not None:
                        place = tab.place
                        rows.append((plan.school_year.id, tab.form.id, place.school_class, place.subject, place.method_association, period,
                                     day.isoformat()))  # fmt: skip
    return rows


def write_submissions(desk: Path, rows: list[tuple[str, ...]]) -> None:
    """Write the log where `collect` keeps and continues it."""
    path = desk / "submissions.csv"
    desk.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)


def _submitted(tab: Tab, rule: DueRule, period: str, year: SchoolYear, as_of: dt.date, dice: Dice) -> dt.date | None:
    if not _complete(tab, tab.form, rule, period):
        return None
    due = year.resolve(rule.rule, period)
    rng = dice.of("submitted", year.id, *tab.place, period)
    late, days = rng.random() < 0.08, int(rng.integers(1, 8))
    day = due + dt.timedelta(days=days) if late else due - dt.timedelta(days=days % 4)
    return min(day, as_of) if day <= as_of or not late else None


def _complete(tab: Tab, form: Form, rule: DueRule, period: str) -> bool:
    """Whether the cells that the rule speaks of are there. Pupils who came late or left have none: nine of ten are enough."""
    keys = rule.columns or tuple(c.key for c in form.columns if not c.optional)
    rows = tab.rows
    if rule.period == "M":
        place = tab.place_of("month")
        rows = [row for row in rows if row[place] == int(period[1:])]
    elif rule.period in _WAVES and "wave" in form.by_key:
        place = tab.place_of("wave")
        waves = list(dict.fromkeys(row[place] for row in rows))
        rows = [row for row in rows if len(waves) == 2 and row[place] == waves[_WAVES[rule.period]]]
    places = [tab.place_of(key) for key in keys]
    cells = [row[place] is not None for row in rows for place in places]
    return bool(cells) and sum(cells) >= 0.9 * len(cells)
