"""What a column's cells take, and which colours tell that a cell is wrong or missing; whatever writes the workbook.

Formulas are written for the first cell of a stretch of columns and move along with the others, as spreadsheets do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from lib.model.calendar import SchoolYear
from lib.model.cell import column_letters
from lib.model.form import Column, ColumnType, Form
from lib.settings import Settings
from lib.templates.look import AMBER, FIRST_ROW, RED
from lib.templates.plan import PREFILLED, Tab, WorkbookPlan, list_of
from lib.templates.words import WorkbookWords

T = TypeVar("T")

LITERAL_LIMIT = 255  # letters in a list or text inside a formula, a limit of the .xlsx format
EARLIEST = dt.date(1990, 1, 1)
CELL = "<cell>"  # stands in a formula for the cell that it judges


@dataclass(frozen=True, slots=True)
class Limit:
    """What the cells of a column take, and the words for whoever types something else.

    `kind`: list (`listed` names a long list), answers, date, whole, number (between `low` and `high`), formula (`formula` is true of CELL).
    """

    kind: str
    title: str
    text: str
    help_title: str = ""
    help_text: str = ""
    listed: str = ""
    answers: tuple[str, ...] = ()
    low: float | dt.date = 0
    high: float | dt.date = 0
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Paint:
    """A colour for the cells of columns `first` to `last` for which `formula` (of the first data cell) is true."""

    first: int
    last: int
    formula: str
    colour: str


@dataclass(frozen=True)
class Rules:
    """The rules of one workbook, in the way of speaking of one kind of spreadsheet.

    `separator` stands between the arguments of a formula; `listed` is what names a long list in a formula.
    """

    plan: WorkbookPlan
    settings: Settings
    words: WorkbookWords
    separator: str
    listed: Callable[[str], str]

    @cached_property
    def lists(self) -> list[str]:
        """The long lists that columns of this workbook refer to."""
        wanted = dict.fromkeys(
            list_of(c.column)
            for tab in self.plan.tabs
            for c in tab.columns
            if c.column is not None and c.key not in PREFILLED[tab.form.rows]
        )
        return [name for name in wanted if name and (self.plan.lists.get(name) or name in self.plan.ranges)]

    def limits(self, tab: Tab) -> list[Limit | None]:
        """One for each column; None where anything may be written or where the cells are already filled in."""
        ready = PREFILLED[tab.form.rows]
        return [None if c.column is None or c.column.key in ready else self.limit(c.column) for c in tab.columns]

    def paints(self, tab: Tab) -> list[Paint]:
        """Red for what is no answer, amber for a required cell still empty in a row that was begun (once its day has come)."""
        ready = PREFILLED[tab.form.rows]
        own = [place for place, c in enumerate(tab.columns) if c.column is not None and c.column.key not in ready]
        wrong: list[str | None] = [None] * len(tab.columns)
        missing: list[str | None] = [None] * len(tab.columns)
        row = FIRST_ROW + 1
        begun = f"COUNTA(${column_letters(own[0])}{row}:${column_letters(own[-1])}{row})>0" if own else ""
        for place in own:
            column = tab.columns[place].column
            assert column is not None
            if mistake := self._wrong(column):
                wrong[place] = self._call("AND", self._call("NOT", f"ISBLANK({CELL})"), mistake)
            if not column.optional:
                due = _due(tab.form, column.key, self.plan.school_year)
                missing[place] = self._call("AND", f"ISBLANK({CELL})", begun, *([f"TODAY()>={self._day(due)}"] if due else []))
        return [
            Paint(first, last, formula.replace(CELL, f"{column_letters(first)}{row}"), colour)
            for formulas, colour in ((wrong, RED), (missing, AMBER))
            for first, last, formula in runs(formulas)
        ]

    # --- limits ----------------------------------------------------------------------------------------------------------

    def limit(self, column: Column) -> Limit | None:
        """What that column takes; None where anything may be written."""
        found = self._kind(column)
        if found is None:
            return None
        name, limit = found
        message = self.words.messages[name]
        low, high = _bounds(column)
        titles = (column.title.ky, column.help.ky) if column.help is not None else ("", "")
        return Limit(
            limit.kind, message.title, message.text.format(minimum=f"{low:g}", maximum=f"{high:g}"), *titles,
            limit.listed, limit.answers, limit.low, limit.high, limit.formula,
        )  # fmt: skip

    def _kind(self, column: Column) -> tuple[str, Limit] | None:
        """Which message and which limit a column has."""
        listed = list_of(column)
        if listed in self.lists:
            return listed, Limit("list", "", "", listed=listed)
        if answers := self._answers(column):
            kind = {ColumnType.MARK: "mark", ColumnType.YESNO: "yesno", ColumnType.MONTH: "month"}.get(column.type, "choice")
            return kind, Limit("answers", "", "", answers=tuple(answers))
        low, high = _bounds(column)
        match column.type:
            case ColumnType.DATE:
                return "date", Limit("date", "", "", low=EARLIEST, high=self._latest)
            case ColumnType.COUNT | ColumnType.GRADE:
                return "grade" if column.type == ColumnType.GRADE else "count", Limit("whole", "", "", low=int(low), high=int(high))
            case ColumnType.NUMBER:
                return "number", Limit("number", "", "", low=low, high=high)
            case ColumnType.EMAIL:
                return "email", Limit("formula", "", "", formula=self._call("ISNUMBER", self._call("FIND", '"@"', CELL)))
        return None

    def _answers(self, column: Column) -> list[str]:
        """The closed list of a column's answers, when it has one that fits into a cell's rule."""
        words = self.settings.cell_words
        match column.type:
            case ColumnType.MARK:
                answers = ["5", "4", "3", "2", words["not_attested"][0], words["released"][0]]
            case ColumnType.YESNO:
                answers = [words["yes"][0], words["no"][0]]
            case ColumnType.MONTH:
                answers = ["9", "10", "11", "12", "1", "2", "3", "4", "5"]
            case ColumnType.CHOICE:
                answers = [choice.key for choice in column.choices]
            case _:
                return []
        return answers if len(",".join(answers)) < LITERAL_LIMIT and not any("," in a for a in answers) else []

    @cached_property
    def _latest(self) -> dt.date:
        return dt.date(self.plan.school_year.first_calendar_year + 2, 12, 31)

    # --- formulas --------------------------------------------------------------------------------------------------------

    def _call(self, function: str, *arguments: str) -> str:
        return f"{function}({self.separator.join(arguments)})"

    def _day(self, day: dt.date) -> str:
        return self._call("DATE", str(day.year), str(day.month), str(day.day))

    def _wrong(self, column: Column) -> str:
        """A formula that is true when the cell holds what the column does not take; "" where anything goes."""
        listed = list_of(column)
        if listed in self.lists:
            return f"{self._call('COUNTIF', self.listed(listed), CELL)}=0"
        if answers := self._answers(column):
            allowed = "|" + "|".join(answers).lower() + "|"
            return self._call("ISERROR", self._call("FIND", f'"|"&LOWER(TRIM({CELL}))&"|"', f'"{allowed}"'))
        low, high = _bounds(column)
        between = [f"{CELL}<{spelt(low)}", f"{CELL}>{spelt(high)}"]
        match column.type:
            case ColumnType.DATE:
                between = [f"{CELL}<{self._day(EARLIEST)}", f"{CELL}>{self._day(self._latest)}"]
            case ColumnType.COUNT | ColumnType.GRADE:
                between.append(f"{CELL}<>INT({CELL})")
            case ColumnType.NUMBER:
                pass
            case ColumnType.EMAIL:
                return self._call("ISERROR", self._call("FIND", '"@"', CELL))
            case _:
                return ""
        return self._call("IF", f"ISNUMBER({CELL})", self._call("OR", *between), "TRUE")


def spelt(number: float) -> str:
    """A number for a formula, without a decimal sign: whether that is a point or a comma depends on the spreadsheet's locale."""
    whole, parts = Fraction(str(number)).as_integer_ratio()
    return str(whole) if parts == 1 else f"({whole}/{parts})"


def runs(rules: Sequence[T | None]) -> Iterator[tuple[int, int, T]]:
    """First and last place of each stretch of equal rules; places without a rule are passed by."""
    start = 0
    for place in range(1, len(rules) + 1):
        if place == len(rules) or rules[place] != rules[start]:
            rule = rules[start]
            if rule is not None:
                yield start, place - 1, rule
            start = place


def _bounds(column: Column) -> tuple[float, float]:
    """The lowest and highest number a column takes."""
    if column.type == ColumnType.GRADE:
        return 1, 12
    low = 0.0 if column.minimum is None else column.minimum
    return low, 100_000.0 if column.maximum is None else column.maximum


def _due(form: Form, key: str, year: SchoolYear) -> dt.date | None:
    """When that very column is expected; None when the form's deadlines speak of whole rows."""
    return next((year.resolve(due.rule) for due in form.due if key in due.columns and due.period != "M"), None)
