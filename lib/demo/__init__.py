"""An invented school: workbooks of several school years, filled up to a day, a little spoilt, the same for the same seed.

Nobody in it is real. The change from eleven to twelve grades is not simulated.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import yaml

from lib.demo.damage import Damage, spoil
from lib.demo.learning import Learning
from lib.demo.life import contents
from lib.demo.material import Dice, read_material
from lib.demo.school import School, YearOfSchool
from lib.demo.submissions import submissions, write_submissions
from lib.settings import Settings, UserError, desk_of
from lib.templates import WorkbookPlan, plan_registry, plan_set, write_workbooks

__all__ = ["AS_OF", "Damage", "make_school", "plan_school"]

AS_OF = dt.date(2026, 4, 15)  # the day that the invented school stands still at
SMALLEST, LARGEST = 60, 5000


def make_school(
    out: Path | str, pupils: int = 330, years: int = 3, seed: int = 1, *, settings: Settings, as_of: dt.date = AS_OF, processes: int = 2
) -> list[Damage]:
    """Write the workbooks of `years` school years, the last one filled up to `as_of`, and what belongs to the store.

    `pupils`: how many stand in the last year's register. Returns what was spoilt, and where. UserError when the folder already
    holds a school.
    """
    out = Path(out)
    if not SMALLEST <= pupils <= LARGEST or not 1 <= years <= 6:
        raise UserError(f"a demo school has {SMALLEST} to {LARGEST} pupils and 1 to 6 school years; {pupils} and {years} were asked for")
    if (out / "store.yaml").exists():
        raise UserError(f"{out} already holds a school: give an empty folder, or remove it first")
    plans, damage, log = plan_school(pupils, years, seed, settings, as_of)
    write_workbooks(out, plans, settings, processes)
    write_submissions(desk_of(out), log)
    about = {"as_of": as_of, "school_name": dict(read_material().words["school_name"]), "demo": True}
    (out / "store.yaml").write_text(yaml.safe_dump(about, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return damage


def plan_school(
    pupils: int, years: int, seed: int, settings: Settings, as_of: dt.date = AS_OF, damaged: bool = True
) -> tuple[list[WorkbookPlan], list[Damage], list[tuple[str, ...]]]:
    """The same without writing: the workbooks, what was spoilt in them, and the log of submissions."""
    dice, material = Dice(seed), read_material()
    first = as_of.year if as_of.month >= 8 else as_of.year - 1
    calendar = [settings.school_year(f"{year}-{year + 1}") for year in range(first - years + 1, first + 1)]
    school = School(pupils, calendar, settings, material, dice, as_of)
    plans: list[WorkbookPlan] = []
    damage: list[Damage] = []
    log: list[tuple[str, ...]] = []
    for year in school.years:
        of_year = _plan_year(school, year, settings)
        log += submissions(of_year, as_of, dice)
        if damaged:
            damage += spoil(of_year, year.id, year is school.years[-1], settings, material, dice)
        plans += of_year
    return plans, damage, log


def _plan_year(school: School, year: YearOfSchool, settings: Settings) -> list[WorkbookPlan]:
    learning = Learning(school, year)
    rows_of = contents(school, year, learning)
    plans = [plan_registry(settings, year.id, rows_of), *plan_set(year.registry, settings, year.id, rows_of)]
    for plan in plans:
        for tab in plan.tabs:
            if tab.form.rows != "open":
                keys = [column.key for column in tab.columns]
                rows = [{key: value for key, value in zip(keys, row, strict=True) if value is not None} for row in tab.rows]
                learning.fill_class(tab.place, rows)
                tab.rows = [[row.get(key) for key in keys] for row in rows]
    return plans
