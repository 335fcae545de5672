"""Cell addresses: `'Tab name'!A1:B2` and the half-open rectangles that they mean."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

_CORNER = r"\$?([A-Za-z]{1,3})?\$?([0-9]{1,8})?"
_AREA = re.compile(rf"{_CORNER}(?::{_CORNER})?")
_PLAIN_TITLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Rect(NamedTuple):
    """Rows top ≤ r < bottom and columns left ≤ c < right, counted from 0; None as an end: as far as the grid goes."""

    top: int
    left: int
    bottom: int | None
    right: int | None

    def within(self, rows: int, columns: int) -> Rect:
        """The part that lies on a grid of that size."""
        bottom = rows if self.bottom is None else min(self.bottom, rows)
        right = columns if self.right is None else min(self.right, columns)
        return Rect(self.top, self.left, bottom, right)

    @property
    def height(self) -> int:
        return 0 if self.bottom is None else max(0, self.bottom - self.top)

    @property
    def width(self) -> int:
        return 0 if self.right is None else max(0, self.right - self.left)

    def meets(self, other: Rect) -> bool:
        return _overlap(self.top, self.bottom, other.top, other.bottom) and _overlap(self.left, self.right, other.left, other.right)

    def holds(self, row: int, column: int) -> bool:
        return self.meets(Rect(row, column, row + 1, column + 1))


def _overlap(start: int, end: int | None, other_start: int, other_end: int | None) -> bool:
    return (other_end is None or start < other_end) and (end is None or other_start < end)


@lru_cache(maxsize=2000)
def column_name(column: int) -> str:
    """0 → A, 26 → AA."""
    name, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def column_index(name: str) -> int:
    index = 0
    for letter in name.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def cell_name(row: int, column: int) -> str:
    return f"{column_name(column)}{row + 1}"


def area(text: str) -> Rect | None:
    """The rectangle of `A1`, `A1:B2`, `A:C`, `2:5`, `B3:D`; None for what is no address."""
    found = _AREA.fullmatch(text)
    if not found or not text:
        return None
    column, row, column2, row2 = found.groups()
    if ":" not in text:
        if column is None or row is None:
            return None
        column2, row2 = column, row
    elif (column is None) != (column2 is None) or (column is None and (row is None or row2 is None)):
        return None
    if "0" in {row, row2}:
        return None
    left, right = (0, None) if column is None or column2 is None else sorted((column_index(column), column_index(column2)))
    if row is not None and row2 is not None:
        top, bottom = sorted((int(row) - 1, int(row2) - 1))
        return Rect(top, left, bottom + 1, None if right is None else right + 1)
    return Rect(int(row or row2 or 1) - 1, left, None, None if right is None else right + 1)


def split(text: str) -> tuple[str | None, str]:
    """Title (None when it names none) and the rest of `'O''Brien'!A1:B2`."""
    if text.startswith("'"):
        end = re.match(r"'((?:[^']|'')*)'(?:!(.*))?$", text, re.DOTALL)
        if end:
            return end[1].replace("''", "'"), end[2] or ""
        return None, text
    title, mark, rest = text.rpartition("!")
    return (title, rest) if mark else (None, text)


def quoted(title: str) -> str:
    """A title as Google echoes it: in quotes unless it is a plain word that no address looks like."""
    return title if _PLAIN_TITLE.fullmatch(title) and area(title) is None else "'" + title.replace("'", "''") + "'"


def named(title: str, rect: Rect) -> str:
    """`Sheet1!A1:B2` for a closed rectangle."""
    first = cell_name(rect.top, rect.left)
    assert rect.bottom is not None and rect.right is not None
    last = cell_name(max(rect.top, rect.bottom - 1), max(rect.left, rect.right - 1))
    return f"{quoted(title)}!{first}" + ("" if first == last else f":{last}")


def from_grid_range(given: dict[str, Any]) -> Rect:
    """The rectangle of Google's GridRange, in which a missing end means the grid's."""
    return Rect(given.get("startRowIndex", 0), given.get("startColumnIndex", 0), given.get("endRowIndex"), given.get("endColumnIndex"))


def to_grid_range(sheet_id: int, rect: Rect) -> dict[str, Any]:
    """GridRange as Google writes it: sheet 0 goes without saying."""
    given = {
        "sheetId": sheet_id or None,
        "startRowIndex": rect.top,
        "endRowIndex": rect.bottom,
        "startColumnIndex": rect.left,
        "endColumnIndex": rect.right,
    }
    return {name: value for name, value in given.items() if value is not None}
