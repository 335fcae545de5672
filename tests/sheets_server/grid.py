"""Cells as answers: the JSON of one cell and of a whole grid, and the plain values of a range."""

from __future__ import annotations

import json
from typing import Any

from . import formats, masks
from .a1 import Rect
from .document import Cell, Document, Entered, Formula, Tab
from .exchange import encode
from .formulas import Error, Value, result
from .locales import locale
from .masks import Tree
from .numbers import default_pattern, shown

JSON = dict[str, Any]

ROW_PIXELS, COLUMN_PIXELS = 21, 100

_written: dict[tuple[Any, ...], str] = {}
"""Encoded cells without formulas: the same marks stand in thousands of cells."""
_MOST_WRITTEN = 200_000


def extended(value: Entered) -> JSON | None:
    """Google's ExtendedValue of what was entered."""
    if value is None:
        return None
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, Formula):
        return {"formulaValue": str(value)}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def effective(value: Value) -> JSON | None:
    """ExtendedValue of what a cell comes to."""
    if isinstance(value, Error):
        return {"errorValue": {"type": value.type, "message": value.message} if value.message else {"type": value.type}}
    return extended(value)


def text(value: Value, cell: Cell, document: Document) -> str:
    """What the cell shows."""
    if value is None:
        return ""
    if isinstance(value, Error):
        return value.text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return value if isinstance(value, str) else shown(value, cell.number_format, locale(document.locale))


def cell_data(document: Document, tab: Tab, row: int, column: int, cell: Cell, tree: Tree) -> JSON:
    """CellData, cut to the mask."""
    value = result(document, tab, row, column) if type(cell.value) is Formula else cell.value
    default = document.properties.get("defaultFormat", formats.DEFAULT)
    return masks.filled(
        tree,
        {
            "userEnteredValue": lambda t: _cut(extended(cell.value), t),
            "effectiveValue": lambda t: _cut(effective(value), t),
            "formattedValue": lambda t: text(value, cell, document) or None,
            "userEnteredFormat": lambda t: _cut(_given(cell, document), t),
            "effectiveFormat": lambda t: _cut(_patterned(formats.effective(cell, default), document), t),
            "hyperlink": lambda t: _link(cell),
            "note": lambda t: cell.note,
            "textFormatRuns": lambda t: _cut(cell.runs.value["runs"], t) if cell.runs else None,
            "dataValidation": lambda t: _cut(cell.validation.value, t) if cell.validation else None,
        },
    )


def _cut(value: Any, tree: Tree) -> Any:
    """Cut, and None when nothing is left (what holds nothing is not sent)."""
    return masks.cut(value, tree) or None if value is not None else None


def _given(cell: Cell, document: Document) -> JSON | None:
    return _patterned(cell.format.value, document) if cell.format else None


def _patterned(format_: JSON | None, document: Document) -> JSON | None:
    """A number format that was set by its type alone is told with the locale's pattern."""
    number_format = (format_ or {}).get("numberFormat")
    if not format_ or not number_format or number_format.get("pattern"):
        return format_
    pattern = default_pattern(number_format.get("type", ""), locale(document.locale))
    return format_ | {"numberFormat": number_format | {"pattern": pattern}} if pattern else format_


def _link(cell: Cell) -> str | None:
    link = (cell.format.value.get("textFormat") or {}).get("link") if cell.format else None
    return link.get("uri") if link else None


def grid_data(document: Document, tab: Tab, rect: Rect, tree: Tree) -> str:
    """GridData of a closed rectangle as JSON text, cut to the mask."""
    assert rect.bottom is not None and rect.right is not None
    parts = []
    if rect.top and masks.inside(tree, "startRow") is not None:
        parts.append(f'"startRow":{rect.top}')
    if rect.left and masks.inside(tree, "startColumn") is not None:
        parts.append(f'"startColumn":{rect.left}')
    rows = masks.inside(tree, "rowData")
    if rows is not None:
        written = _rows(document, tab, rect, masks.inside(rows, "values"))
        if written:
            parts.append(f'"rowData":[{",".join(written)}]')
    for name, held, pixels, first, last in (
        ("rowMetadata", tab.row_data, ROW_PIXELS, rect.top, rect.bottom),
        ("columnMetadata", tab.column_data, COLUMN_PIXELS, rect.left, rect.right),
    ):
        wanted = masks.inside(tree, name)
        if wanted is not None:
            default = encode(masks.cut({"pixelSize": pixels}, wanted))
            told = [encode(masks.cut({"pixelSize": pixels} | held[at], wanted)) if at in held else default for at in range(first, last)]
            parts.append(f'"{name}":[{",".join(told)}]')
    return "{" + ",".join(parts) + "}"


def _rows(document: Document, tab: Tab, rect: Rect, tree: Tree | None) -> list[str]:
    """The rows down to the last that holds anything."""
    assert rect.bottom is not None and rect.right is not None
    last = max((row for row in tab.rows if rect.top <= row < rect.bottom), default=-1)
    if tree is None:
        return ["{}"] * (last + 1 - rect.top)
    # what does not depend on other cells is written once for all cells alike
    key = (json.dumps(tree, sort_keys=True), document.locale, default_key(document))
    if len(_written) > _MOST_WRITTEN:
        _written.clear()
    written, rows = [], tab.rows
    for row in range(rect.top, last + 1):
        cells = rows.get(row)
        if not cells:
            written.append("{}")
            continue
        end = max((column for column in cells if rect.left <= column < rect.right), default=-1)
        told = []
        for column in range(rect.left, end + 1):
            cell = cells.get(column)
            if cell is None:
                told.append("{}")
            elif type(cell.value) is Formula:
                told.append(encode(cell_data(document, tab, row, column, cell, tree)))
            else:
                own = (key, type(cell.value), cell)
                known = _written.get(own)
                if known is None:
                    known = _written[own] = encode(cell_data(document, tab, row, column, cell, tree))
                told.append(known)
        written.append('{"values":[' + ",".join(told) + "]}" if told else "{}")
    return written


def default_key(document: Document) -> str:
    """Tells formats apart that are laid over other defaults."""
    default = document.properties.get("defaultFormat", formats.DEFAULT)
    return "" if default is formats.DEFAULT else encode(default)


def values(document: Document, tab: Tab, rect: Rect, render: str, dates: str, major: str) -> list[list[Any]]:
    """The values of a closed rectangle, trailing empties trimmed."""
    assert rect.bottom is not None and rect.right is not None
    block: list[list[Any]] = []
    last = max((row for row in tab.rows if rect.top <= row < rect.bottom), default=-1)
    for row in range(rect.top, last + 1):
        cells = tab.rows.get(row, {})
        end = max((column for column in cells if rect.left <= column < rect.right), default=-1)
        block.append(
            [
                _value(document, tab, row, column, cell, render, dates) if (cell := cells.get(column)) is not None else ""
                for column in range(rect.left, end + 1)
            ]
        )
    if major == "COLUMNS":
        width = max(map(len, block), default=0)
        block = [[row[column] if column < len(row) else "" for row in block] for column in range(width)]
    for line in block:
        while line and line[-1] == "":
            line.pop()
    while block and not block[-1]:
        block.pop()
    return block


def _value(document: Document, tab: Tab, row: int, column: int, cell: Cell, render: str, dates: str) -> Any:
    value = result(document, tab, row, column) if type(cell.value) is Formula else cell.value
    if value is None:
        return ""
    if render == "FORMULA" and type(cell.value) is Formula:
        return str(cell.value)
    if render == "FORMATTED_VALUE" or isinstance(value, Error):
        return text(value, cell, document)
    if dates == "FORMATTED_STRING" and formats.is_date(cell.number_format):
        return text(value, cell, document)
    return value
