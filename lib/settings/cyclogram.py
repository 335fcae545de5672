"""The yearly plan of monitoring, config/cyclogram.yaml."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

from lib.model.calendar import MONTHS, QUARTERS, SchoolYear
from lib.model.words import Words
from lib.settings.document import read

_ROOT = Path(__file__).resolve().parent.parent.parent
_DAY = dt.date(2025, 9, 1)  # any day: only the spelling of the rules is tried


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One row of the cyclogram. `form`: continuous | periodic; `due`: a rule of lib.model.calendar.SchoolYear.resolve."""

    id: str
    object: Words
    directions: tuple[str, ...]
    form: str
    method: str
    responsible: str
    document: str
    indicators: tuple[str, ...]
    due: str


def read_cyclogram(config: Path = _ROOT / "config") -> list[PlanItem]:
    """All rows of config/cyclogram.yaml; UserError names file, line and key of what is wrong."""
    document = read(config / "cyclogram.yaml")
    items = []
    for row in document.entries("rows"):
        item = PlanItem(
            id=row.take("id"),
            object=row.words("object"),
            directions=row.texts("directions"),
            form=row.one_of("form", ("continuous", "periodic")),
            method=row.take("method"),
            responsible=row.take("responsible"),
            document=row.take("document"),
            indicators=row.texts("indicators"),
            due=row.take("due"),
        )
        try:
            SchoolYear("2025-2026", ((_DAY, _DAY),) * 4).resolve(item.due, "M09" if item.due.startswith("month") else "Q1")
        except ValueError as error:
            row.fail("due", str(error))
        row.done()
        items.append(item)
    document.done()
    return items


def plan_of(items: list[PlanItem], year: SchoolYear) -> list[PlanItem]:
    """The plan of one school year: rows due each month or quarter stand once for each ("C14-09", "C47-Q1"), each with a rule of its own."""
    plan = []
    for item in items:
        if item.due.startswith("month"):
            for month in MONTHS:
                due = year.resolve(item.due, month)
                plan.append(replace(item, id=f"{item.id}-{month[1:]}", due=f"{due:%m-%d}"))
        elif item.due.startswith("Qn"):
            plan += [replace(item, id=f"{item.id}-{quarter}", due=quarter + item.due[2:]) for quarter in QUARTERS]
        else:
            plan.append(item)
    return sorted(plan, key=lambda item: (year.resolve(item.due), item.id))
