"""Spreadsheets made of nothing, of an .xlsx or a .csv, and written out as such."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from . import formats, grid
from .a1 import Rect, area
from .document import Cell, Document, Formula, Part, Tab, number
from .formulas import FORMULA_OF, result
from .numbers import moment, serial

JSON = dict[str, Any]


def new_properties(title: str) -> JSON:
    """SpreadsheetProperties of a spreadsheet of which nothing was said."""
    return {
        "title": title,
        "locale": "en_US",
        "autoRecalc": "ON_CHANGE",
        "timeZone": "Etc/GMT",
        "defaultFormat": formats.DEFAULT,
        "spreadsheetTheme": THEME,
    }


THEME: JSON = {"primaryFontFamily": "Arial", "themeColors": [{"colorType": "TEXT", "color": {"rgbColor": {}}}]}


def new_tab(sheet_id: int, title: str, height: int = 1000, width: int = 26) -> Tab:
    grid_properties = {"rowCount": height, "columnCount": width}
    return Tab({"sheetId": sheet_id, "title": title, "sheetType": "GRID", "gridProperties": grid_properties})


def blank(title: str) -> Document:
    document = Document(new_properties(title))
    document.add(new_tab(0, "Sheet1"))
    return document


def from_csv(content: bytes, title: str) -> Document:
    """One sheet; figures are taken as numbers, all else as text."""
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    document = Document(new_properties(title))
    tab = document.add(new_tab(0, title, max(len(lines), 1000), max(26, *map(len, lines)) if lines else 26))
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            if text:
                try:
                    tab.put(row, column, Cell(number(float(text))))
                except ValueError:
                    tab.put(row, column, Cell(text))
    return document


_ERRORS = {
    "#DIV/0!": "DIVIDE_BY_ZERO",
    "#REF!": "REF",
    "#N/A": "N_A",
    "#NAME?": "NAME",
    "#VALUE!": "VALUE",
    "#NUM!": "NUM",
    "#NULL!": "NULL_VALUE",
}


def from_xlsx(content: bytes, title: str) -> Document:
    """What Drive makes of an uploaded workbook: values, formulas, number formats, merges, hidden rows and columns, frozen panes."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    document = Document(new_properties(title))
    for index, sheet in enumerate(book.worksheets):
        tab = new_tab(_sheet_id(index, sheet.title), sheet.title, max(sheet.max_row, 1), max(sheet.max_column, 1))
        for line in sheet.iter_rows():
            for held in line:
                cell = _cell(held)
                if not cell.blank:
                    tab.put(held.row - 1, held.column - 1, cell)
        tab.merges = [Rect(one.min_row - 1, one.min_col - 1, one.max_row, one.max_col) for one in sheet.merged_cells.ranges]
        tab.row_data = {at - 1: {"hiddenByUser": True} for at, one in sheet.row_dimensions.items() if one.hidden and at <= tab.height}
        for one in sheet.column_dimensions.values():
            for at in range((one.min or 1) - 1, min(one.max or 0, tab.width)):
                told = ({"hiddenByUser": True} if one.hidden else {}) | ({"pixelSize": round(one.width * 7 + 5)} if one.customWidth else {})
                if told:
                    tab.column_data[at] = told
        frozen = area(sheet.freeze_panes) if sheet.freeze_panes else None
        for name, count in (("frozenRowCount", frozen.top), ("frozenColumnCount", frozen.left)) if frozen else ():
            if count:
                tab.properties["gridProperties"][name] = count
        if sheet.sheet_state != "visible":
            tab.properties["hidden"] = True
        _validations(sheet, tab)
        document.add(tab)
    return document


def _sheet_id(index: int, title: str) -> int:
    """Drive gives imported sheets ids of its own; here they follow from place and title, so that runs agree."""
    import zlib

    return zlib.crc32(f"{index} {title}".encode()) & 0x7FFFFFFF


def _cell(held: Any) -> Cell:
    value, pattern = held.value, held.number_format
    number_format: JSON | None = None
    if isinstance(value, dt.datetime | dt.date | dt.time):
        kind = (
            "TIME"
            if isinstance(value, dt.time)
            else "DATE"
            if not isinstance(value, dt.datetime) or value.time() == dt.time()
            else "DATE_TIME"
        )
        number_format = {"type": kind, "pattern": pattern}
        if isinstance(value, dt.time):
            value = (value.hour * 3600 + value.minute * 60 + value.second) / 86400
        else:
            value = number(serial(value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())))
    elif pattern and pattern != "General":
        number_format = {"type": "TEXT" if pattern == "@" else "PERCENT" if "%" in pattern else "NUMBER", "pattern": pattern}
    if held.data_type == "f":
        value = Formula(value if isinstance(value, str) else f"={value.text.lstrip('=')}")
    elif held.data_type == "e":
        value = Formula(FORMULA_OF[_ERRORS.get(value, "ERROR")])
    elif isinstance(value, float):
        value = number(value)
    note = held.comment.text if held.comment else None
    return Cell(value, formats.format_of({"numberFormat": number_format} if number_format else None), None, note)


_OPERATORS = {
    "between": "NUMBER_BETWEEN", "notBetween": "NUMBER_NOT_BETWEEN", "equal": "NUMBER_EQ", "notEqual": "NUMBER_NOT_EQ",
    "greaterThan": "NUMBER_GREATER", "greaterThanOrEqual": "NUMBER_GREATER_THAN_EQ",
    "lessThan": "NUMBER_LESS", "lessThanOrEqual": "NUMBER_LESS_THAN_EQ",
}  # fmt: skip


def _validations(sheet: Any, tab: Tab) -> None:
    """Lists of allowed words and ranges of numbers come over."""
    for one in sheet.data_validations.dataValidation:
        if one.type == "list" and one.formula1 and one.formula1.startswith('"'):
            condition = {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": word} for word in one.formula1.strip('"').split(",")]}
        elif one.type in {"whole", "decimal"}:
            values = [{"userEnteredValue": str(text)} for text in (one.formula1, one.formula2) if text]
            condition = {"type": _OPERATORS[one.operator or "between"], "values": values}
        else:
            continue
        rule = Part.of({"condition": condition, "strict": True, "showCustomUi": one.type == "list"})
        for part in one.sqref.ranges:
            for row in range(part.min_row - 1, min(part.max_row, tab.height)):
                for column in range(part.min_col - 1, min(part.max_col, tab.width)):
                    tab.put(row, column, tab.get(row, column)._replace(validation=rule))


def to_xlsx(document: Document) -> bytes:
    """The export: values (formulas as such), number formats, merges, hidden rows, frozen panes."""
    import openpyxl
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    book.remove(book.active)
    for tab in document.tabs:
        sheet = book.create_sheet(tab.title[:31])
        for row, column, cell in tab.cells(tab.rect):
            held = sheet.cell(row + 1, column + 1)
            value: Any = cell.value
            if formats.is_date(cell.number_format) and isinstance(value, int | float) and not isinstance(value, bool):
                value = moment(value)
            if type(value) is Formula:
                held.value = str(value)
            elif isinstance(value, str):
                held.value, held.data_type = value, "s"  # a text that begins with = stays a text
            else:
                held.value = value
            pattern = (cell.number_format or {}).get("pattern")
            if pattern:
                held.number_format = pattern
        for rect in tab.merges:
            sheet.merge_cells(start_row=rect.top + 1, start_column=rect.left + 1, end_row=rect.bottom, end_column=rect.right)
        for at, data in tab.row_data.items():
            if data.get("hiddenByUser"):
                sheet.row_dimensions[at + 1].hidden = True
        for at, data in tab.column_data.items():
            if data.get("hiddenByUser"):
                sheet.column_dimensions[get_column_letter(at + 1)].hidden = True
        frozen = tab.properties["gridProperties"]
        if frozen.get("frozenRowCount") or frozen.get("frozenColumnCount"):
            sheet.freeze_panes = sheet.cell(frozen.get("frozenRowCount", 0) + 1, frozen.get("frozenColumnCount", 0) + 1)
        if tab.properties.get("hidden"):
            sheet.sheet_state = "hidden"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def to_csv(document: Document, separator: str) -> bytes:
    """The first sheet as it is shown."""
    tab = document.tabs[0]
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=separator)
    last = max((row for row, cells in tab.rows.items() if any(cell.value is not None for cell in cells.values())), default=-1)
    for row in range(last + 1):
        cells = tab.rows.get(row, {})
        shown = [
            grid.text(value, cells[column], document)
            if column in cells and (value := result(document, tab, row, column)) is not None
            else ""
            for column in range(max(cells, default=-1) + 1)
        ]
        writer.writerow(shown)
    return kept.getvalue().encode()
