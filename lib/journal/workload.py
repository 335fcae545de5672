"""How much a subject teacher must type: required cells of a quarter, and how many of them exports of the electronic journal give.

Counted are the forms that belong to one subject teacher by the load (filled by `teacher`, a tab for each class and subject): with the
configuration as it comes, form F01. A required cell is one of config/forms that is not optional and is due in the quarter: for marks, one
for each active pupil of a marked class. The year's marks are due after quarter 4 and count there. Lists that any teacher may fill when
there is something to tell (F02I and the like) name nobody and are not counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from lib.model.calendar import QUARTERS
from lib.settings import Settings, UserError

HEADER = ("teacher", "period", "cells_to_type", "cells_from_exports")
OWNER = "teacher"


def workload(completeness: Iterable[Mapping[str, Any]], settings: Settings, school_year: str = "") -> list[tuple[str, str, int, int]]:
    """Rows of HEADER for each subject teacher and quarter of the school year (default: the newest that has begun), by code and quarter.

    `completeness`: rows of the snapshot's table. Cells to type are those that no export gives, typed already or not.
    """
    rows = list(completeness)
    years = sorted({str(row["school_year"]) for row in rows})
    begun = [year for year in years if settings.school_year(year).start <= settings.as_of]
    year = school_year or max(begun or years, default="")
    if school_year and school_year not in years:
        raise UserError(f"--school-year: nothing is expected in {school_year!r}; there are: {', '.join(years) or 'none yet'}")
    forms = {form.id for form in settings.forms.values() if form.filled_by == OWNER and form.tab == "subject"}
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if row["school_year"] == year and row["form"] in forms and row["teacher"]:
            for quarter in QUARTERS:
                found.setdefault((row["teacher"], quarter), [0, 0])
            cells = found[row["teacher"], _quarter(settings, year, str(row["period"]), row["due"])]
            given = int(row.get("from_exports") or 0)
            cells[0] += int(row["required"]) - given
            cells[1] += given
    return [(teacher, quarter, *cells) for (teacher, quarter), cells in sorted(found.items())]  # type: ignore[misc]


def _quarter(settings: Settings, year: str, period: str, due: dt.date) -> str:
    """The quarter in which the cells are typed: their own, else the one that holds or has just passed the day on which they are due."""
    return period if period in QUARTERS else settings.school_year(year).quarter_of(due)
