"""A school whose cells were shaken: dates fall on the edges of periods, answers and numbers are drawn anew, cells go missing.

The demo school is plausible, so it seldom stands on an edge (a club that ends on the last day of a quarter, a plan reviewed on
that day, training exactly three years old). A shaken one stands there all the time.
"""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import openpyxl

from tests.oracle.facts import HALF_YEARS, MONTHS, QUARTERS, Calendar
from tests.oracle.raw import FIRST_DATA_ROW, Grammar

# what keeps rows apart and pupils, classes and people together is left alone
KEPT = ("id", "name", "class", "email", "month", "subject", "text", "list", "association", "grade")
FORMS_KEPT = ("R2C",)


def shake(store: Path, as_of: dt.date, seed: int, share: float = 0.3) -> int:
    """Draw about `share` of the free cells of every workbook below `store` anew; the number of cells changed."""
    dice, grammar, calendar, changed = random.Random(seed), Grammar(), Calendar(), 0
    for path in sorted(store.rglob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets:
            first = [cell.value for cell in sheet[1]]
            if first[0] != "sapat":
                continue
            identity = dict(str(text).split("=", 1) for text in first[1:] if text)
            form, year = identity["form"].split("@")[0], identity["school_year"]
            if form in FORMS_KEPT:
                continue
            days = edges(calendar, year, as_of)
            words = grammar.forms[form]
            kept = {*words.get("row_key", []), "wave", "competence"}
            for column, cell in enumerate(sheet[2], 1):
                words_of_column = grammar.columns[form].get(cell.value)
                if words_of_column is None or cell.value in kept or words_of_column["type"] in KEPT:
                    continue
                for row in range(FIRST_DATA_ROW, sheet.max_row + 1):
                    if dice.random() < share and any(other.value is not None for other in sheet[row][:2]):
                        sheet.cell(row, column).value = draw(dice, words_of_column, days)
                        changed += 1
        book.save(path)
    return changed


def edges(calendar: Calendar, year: str, as_of: dt.date) -> list[dt.date]:
    """First and last days of all periods and the day of reckoning, with their neighbours, and the same days one and three years before."""
    days = {as_of, *(day for period in (*QUARTERS, *HALF_YEARS, "Y", *MONTHS) for day in calendar.span(year, period))}
    near = [day + dt.timedelta(days=shift) for day in sorted(days) for shift in (-1, 0, 1)]
    return near * 3 + [day - dt.timedelta(days=365 * years) for day in near for years in (1, 3)]


def draw(dice: random.Random, column: dict, days: list[dt.date]) -> object:
    """A value that the column allows, or nothing."""
    if dice.random() < 0.1:
        return None
    match column["type"]:
        case "date":
            return dt.datetime.combine(dice.choice(days), dt.time())
        case "yesno":
            return dice.choice(["ооба", "жок"])
        case "choice":
            return dice.choice(column["choices"])["key"]
        case "mark":
            return dice.choice([5, 5, 4, 4, 4, 3, 3, 2, "н/а", "осв"])
        case _:
            low, high = int(column.get("minimum", 0)), int(column.get("maximum", 24))
            return dice.randint(low, min(high, low + 24))
