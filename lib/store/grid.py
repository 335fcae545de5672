"""The cells of a Google spreadsheet, from the answer of spreadsheets.get. Typed as they are: no text is taken for a number or a date."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from lib.model.cell import CellError, CellValue, RawSheet, column_letters
from lib.store.base import StoreProblem
from lib.store.xlsx import MAX_COLUMNS, MAX_GRID_CELLS, MAX_ROWS

# One read tells all: every tab by its number (a renamed tab is no other), typed values, errors, and what a number means.
FIELDS = (
    "spreadsheetId,sheets(properties(sheetId,title,index,hidden,sheetType),"
    "data(startRow,startColumn,rowData(values(effectiveValue,effectiveFormat(numberFormat(type))))))"
)
_ERRORS = {
    "NULL_VALUE": "#NULL!", "DIVIDE_BY_ZERO": "#DIV/0!", "VALUE": "#VALUE!", "REF": "#REF!", "NAME": "#NAME?", "NUM": "#NUM!",
    "N_A": "#N/A", "LOADING": "Loading…",
}  # fmt: skip
_DAY_ZERO = dt.datetime(1899, 12, 30)
_MILLISECOND = 1 / 86_400_000


def parsed(content: bytes, spreadsheet: str) -> Mapping[str, Any] | None:
    """The answer as it must be for that spreadsheet; None when it is anything else (cut off, a web page, an answer to another question)."""
    try:
        answer = json.loads(content)
        sheets = answer["sheets"]
        whole = answer["spreadsheetId"] == spreadsheet and bool(sheets)
        for sheet in sheets:
            about = sheet["properties"]
            whole = whole and isinstance(about["title"], str) and isinstance(about.get("sheetId", 0), int)
            whole = whole and isinstance(sheet.get("data", []), list)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return answer if whole else None


def read_grid(content: bytes, name: str) -> list[RawSheet]:
    """All tabs with cells, hidden ones too; `content` is an answer to FIELDS, `name` the workbook. Raises StoreProblem."""
    spreadsheet, _, body = content.partition(b"\n")
    link, _, identity = spreadsheet.decode().rpartition(" ")
    answer = parsed(body, identity)
    if answer is None:
        raise StoreProblem("google_server", {"reason": "JSON"}, passing=True)
    found = []
    cells = 0
    for sheet in sorted(answer["sheets"], key=lambda sheet: sheet["properties"].get("index", 0)):
        about = sheet["properties"]
        if about.get("sheetType", "GRID") != "GRID":
            continue
        rows = _rows(sheet.get("data") or [], about["title"])
        cells += sum(len(row) for row in rows)
        if cells > MAX_GRID_CELLS:
            raise StoreProblem("workbook_too_big", {"seen": f"> {MAX_GRID_CELLS}", "limit": f"{MAX_GRID_CELLS}"})
        address = f"{link}/spreadsheets/d/{identity}/edit#gid={about.get('sheetId', 0)}"
        found.append(RawSheet(name, about["title"], rows, bool(about.get("hidden")), address))
    return found


def _rows(grids: Sequence[Mapping[str, Any]], title: str) -> list[list[CellValue]]:
    """Rows from A1 on, without the empty cells at their ends and the empty rows below."""
    rows: list[list[CellValue]] = []
    for grid in grids:
        top, left = grid.get("startRow", 0), grid.get("startColumn", 0)
        for r, data in enumerate(grid.get("rowData") or [], top):
            values: list[CellValue] = [_value(cell) for cell in data.get("values") or []]
            while values and values[-1] is None:
                values.pop()
            if not values:
                continue
            if r >= MAX_ROWS or left + len(values) > MAX_COLUMNS:
                limit = f"{column_letters(MAX_COLUMNS - 1)}{MAX_ROWS}"
                raise StoreProblem("cell_too_far", {"limit": limit}, title, f"{column_letters(left + len(values) - 1)}{r + 1}")
            while len(rows) <= r:
                rows.append([])
            row = rows[r]
            row.extend([None] * (left + len(values) - len(row)))
            row[left : left + len(values)] = values
    return rows


def _value(cell: Mapping[str, Any]) -> CellValue:
    value = cell.get("effectiveValue")
    if not value:
        return None
    kind, plain = next(iter(value.items()))
    if kind == "stringValue":
        return str(plain) or None
    if kind == "boolValue":
        return bool(plain)
    if kind == "errorValue":
        return CellError(_ERRORS.get(plain.get("type", ""), "#ERROR!"))
    if kind != "numberValue":
        return CellError("#ERROR!")
    number = float(plain)
    shown = cell.get("effectiveFormat", {}).get("numberFormat", {}).get("type", "")
    return _moment(number, shown) if shown in ("DATE", "TIME", "DATE_TIME") else number


def _moment(serial: float, shown: str) -> CellValue:
    """A day number as a date, a date with a time, or a time of day; a number that no calendar has stays a number."""
    try:
        if shown == "TIME":
            span = dt.timedelta(milliseconds=round(serial / _MILLISECOND))
            return (_DAY_ZERO + span).time() if 0 <= serial < 1 else span
        day = _DAY_ZERO + dt.timedelta(milliseconds=round(serial / _MILLISECOND))
    except OverflowError:
        return serial
    return day if day.time() != dt.time() else day.date()
