"""The standard forms: what a tab asks of the person who fills it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from lib.model.words import Words


class ColumnType(StrEnum):
    """How a cell is read. One parsing function each, in lib/intake/parse.py."""

    ID = "id"  # a school code, never a personal number
    NAME = "name"  # a person's full name
    TEXT = "text"
    DATE = "date"
    YESNO = "yesno"
    CHOICE = "choice"  # one of `choices`
    MARK = "mark"  # 2..5, н/а, осв
    NUMBER = "number"  # any number within min..max
    COUNT = "count"  # a whole number ≥ 0
    CLASS = "class"  # 7-А
    GRADE = "grade"  # 1..12
    SUBJECT = "subject"  # a code of config/subjects.yaml
    MONTH = "month"  # 09..05
    LIST = "list"  # several words with commas
    EMAIL = "email"
    ASSOCIATION = "association"  # a key or name of config/subjects.yaml associations; the key is stored


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed answer of a closed list: `key` is stored, `words` are shown, `aliases` are understood as well."""

    key: str
    words: Words
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a form. `refers_to` names the register that must know the value: pupil, teacher, class, subject."""

    key: str
    type: ColumnType
    title: Words
    optional: bool = False
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    refers_to: str = ""
    aliases: tuple[str, ...] = ()
    help: Words | None = None
    width: int = 12


@dataclass(frozen=True, slots=True)
class DueRule:
    """When the cells of some columns are expected.

    `period` is Q1..Q4, H1, H2, Y or M (each month column row by row); `rule` is "Q1.end+3" or "09-10";
    `columns` are the column keys that belong to the period (empty: all required ones).
    """

    period: str
    rule: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One standard form (a kind of tab).

    `placement`: registry | class | class_restricted | association | school | school_restricted, i.e. the kind of
    workbook that the tab is put in by `templates`; `workbook`: a short name for the workbook of that kind.
    `tab`: subject (a tab per subject of the class) | class (a tab per class) | association | single.
    `rows`: pupil (a row per pupil, already filled in) | pupil_month | pupil_wave | pupil_competence | month | open (a list that grows).
    `row_key`: columns that together may stand only once in the form and school year.
    """

    id: str
    version: int
    title: Words
    purpose: Words
    placement: str
    workbook: str
    tab: str
    rows: str
    filled_by: str
    restricted: bool
    columns: tuple[Column, ...]
    row_key: tuple[str, ...] = ()
    due: tuple[DueRule, ...] = ()
    grades: tuple[int, ...] = ()
    by_key: dict[str, Column] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", {column.key: column for column in self.columns})

    def column(self, key: str) -> Column:
        """The column with that key; KeyError when the form has none."""
        return self.by_key[key]
