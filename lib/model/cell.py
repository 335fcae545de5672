"""Cells as a store gives them, before anyone has judged them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that shows a spreadsheet error, such as #REF! or #DIV/0!. Never a number, never blank."""

    text: str


@dataclass(frozen=True, slots=True)
class NotCalculated:
    """A formula whose result was never stored in the file. Never blank."""

    formula: str = ""


CellValue = None | str | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | CellError | NotCalculated


@dataclass(frozen=True, slots=True)
class CellRef:
    """The address of one cell: workbook (path inside the store), tab title, row and column counted from 0."""

    workbook: str
    tab: str
    row: int
    column: int

    @property
    def a1(self) -> str:
        """The address as people write it: "B7"."""
        return f"{column_letters(self.column)}{self.row + 1}"


def column_letters(column: int) -> str:
    """0 → "A", 25 → "Z", 26 → "AA"."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def link_to(link: str, cell: str) -> str:
    """The address that opens that very cell or range ("B7", "B7:D7"); `link` opens its tab, "" where nothing does."""
    return f"{link}&range={cell}" if link and cell else link


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One tab exactly as the store holds it.

    rows[r][c] is the cell at row r, column c, counted from the sheet's A1 (leading empties are kept);
    None means empty. Rows may be ragged. `hidden` is True for a tab that people do not see. `link` opens the tab in a browser.
    """

    workbook: str
    title: str
    rows: Sequence[Sequence[CellValue]]
    hidden: bool = False
    link: str = ""
