"""spreadsheets.values: ranges read and written as plain values."""

from __future__ import annotations

from typing import Any

from . import a1, grid
from .a1 import Rect
from .document import Document, Tab
from .drafts import Draft, beyond, check_start
from .errors import ApiError, invalid

JSON = dict[str, Any]

RENDER = ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")
DATES = ("SERIAL_NUMBER", "FORMATTED_STRING")
MAJOR = ("ROWS", "COLUMNS")
INPUT = ("RAW", "USER_ENTERED")


def unreadable(text: str) -> ApiError:
    return invalid(f"Unable to parse range: {text}")


def find(document: Document, text: str) -> tuple[Tab, Rect]:
    """The sheet and the rectangle (its ends may be open) that a range names."""
    title, area = a1.split(text)
    if title is not None:
        tab = document.titled(title)
        rect = Rect(0, 0, None, None) if not area else a1.area(area)
        if tab is None or rect is None:
            raise unreadable(text)
        return tab, rect
    named = next((one for one in document.named if one["name"].casefold() == text.casefold()), None)
    if named is not None:
        tab = document.find(named["range"].get("sheetId", 0))
        if tab is not None:
            return tab, a1.from_grid_range(named["range"])
    rect = a1.area(text)
    if rect is not None:
        return document.tabs[0], rect
    tab = document.titled(text)
    if tab is None:
        raise unreadable(text)
    return tab, Rect(0, 0, None, None)


def option(value: Any, known: tuple[str, ...], name: str) -> str:
    """One of the known words; the first where nothing is said."""
    word = str(value or known[0])
    if word not in known:
        raise invalid(f"Invalid value at '{name}' ({name}), \"{word}\"")
    return word


def read(document: Document, text: str, render: str = "", dates: str = "", major: str = "") -> JSON:
    """ValueRange of one range."""
    render, dates = option(render, RENDER, "value_render_option"), option(dates, DATES, "date_time_render_option")
    major = option(major, MAJOR, "major_dimension")
    tab, rect = find(document, text)
    check_start(tab, rect)
    rect = rect.within(tab.height, tab.width)
    told: JSON = {"range": a1.named(tab.title, rect), "majorDimension": major}
    held = grid.values(document, tab, rect, render, dates, major)
    return told | {"values": held} if held else told


class Writing:
    """What one write asks for: how values are taken and what is echoed."""

    def __init__(self, asked: JSON) -> None:
        self.input = str(asked.get("valueInputOption") or "")
        if self.input in {"", "INPUT_VALUE_OPTION_UNSPECIFIED"}:
            raise invalid("'valueInputOption' is required but not specified")
        option(self.input, INPUT, "value_input_option")
        self.echo = str(asked.get("includeValuesInResponse", "")).lower() == "true"
        self.render = str(asked.get("responseValueRenderOption") or "")
        self.dates = str(asked.get("responseDateTimeRenderOption") or "")


def _rows(body: JSON, major: str) -> list[list[Any]]:
    """The values of a ValueRange by rows; None where nothing is said of a cell."""
    given = body.get("values", [])
    if not isinstance(given, list) or not all(isinstance(line, list) for line in given):
        raise invalid("Invalid value at 'data.values' (type.googleapis.com/google.protobuf.ListValue)")
    if major == "ROWS":
        return given
    height = max(map(len, given), default=0)
    return [[line[row] if row < len(line) else None for line in given] for row in range(height)]


def write(draft: Draft, text: str, body: JSON, how: Writing) -> JSON:
    """Writes one ValueRange and gives UpdateValuesResponse without the spreadsheet's id."""
    major = option(body.get("majorDimension"), MAJOR, "data.major_dimension")
    if body.get("range") and body["range"] != text and find(draft.document, body["range"]) != find(draft.document, text):
        raise invalid(f"Requested writing within range [{text}], but tried writing to range [{body['range']}]")
    tab, rect = find(draft.document, text)
    rows = _rows(body, major)
    check_start(tab, rect)
    single = rect.height == 1 and rect.width == 1
    height, width = len(rows), max(map(len, rows), default=0)
    whole = rect.within(tab.height, tab.width)
    if not single:
        _check_fit(tab, rect, text, height, width)
    target = Rect(rect.top, rect.left, rect.top + max(height, 1), rect.left + max(width, 1))
    assert target.bottom is not None and target.right is not None
    if target.bottom > tab.height or target.right > tab.width:
        raise beyond(tab, target if single else rect)
    return _put(draft, tab, target if height else whole, rows, how)


def _check_fit(tab: Tab, rect: Rect, text: str, height: int, width: int) -> None:
    where = f"'{tab.title}'!{text.rpartition('!')[2] if '!' in text else text}"
    if rect.bottom is not None and height > rect.height:
        raise invalid(f"Requested writing within range [{where}], but tried writing to row [{rect.bottom + 1}]")
    if rect.right is not None and width > rect.width:
        raise invalid(f"Requested writing within range [{where}], but tried writing to column [{a1.column_name(rect.right)}]")


def _put(draft: Draft, tab: Tab, target: Rect, rows: list[list[Any]], how: Writing) -> JSON:
    draft.unprotected(tab, target)
    tab = draft.document.edit(tab)
    written, columns = 0, set()
    touched = set()
    for down, line in enumerate(rows):
        for across, given in enumerate(line):
            if given is None:
                continue
            row, column = target.top + down, target.left + across
            tab.put(row, column, draft.entered(tab.get(row, column), given, how.input))
            written += 1
            touched.add(row)
            columns.add(column)
    told: JSON = {"updatedRange": a1.named(tab.title, target)}
    counts = {"updatedRows": len(touched), "updatedColumns": len(columns), "updatedCells": written}
    told |= {name: count for name, count in counts.items() if count}
    if how.echo:
        told["updatedData"] = read(draft.document, told["updatedRange"], how.render, how.dates)
    return told


def write_all(draft: Draft, body: JSON) -> JSON:
    """values.batchUpdate."""
    how = Writing(body)
    responses = [write(draft, str(one.get("range", "")), one, how) for one in body.get("data", [])]
    sheets = {a1.split(one["updatedRange"])[0] for one in responses if one.get("updatedCells")}
    totals = {
        "totalUpdatedRows": sum(one.get("updatedRows", 0) for one in responses),
        "totalUpdatedColumns": sum(one.get("updatedColumns", 0) for one in responses),
        "totalUpdatedCells": sum(one.get("updatedCells", 0) for one in responses),
        "totalUpdatedSheets": len(sheets),
    }
    return {name: count for name, count in totals.items() if count} | {"responses": responses}


def table(tab: Tab, rect: Rect) -> Rect | None:
    """The block of filled cells that a range lies in or holds, the last one where it holds several."""
    full = {
        row: [column for column, cell in cells.items() if cell.value is not None]
        for row, cells in tab.rows.items()
        if any(cell.value is not None for cell in cells.values())
    }
    closed = rect.within(tab.height, tab.width)
    assert closed.bottom is not None and closed.right is not None
    inside = [
        row for row, columns in full.items() if closed.top <= row < closed.bottom and any(closed.left <= c < closed.right for c in columns)
    ]
    if not inside:
        return None
    last = first = max(inside)
    while last + 1 in full:
        last += 1
    while first - 1 in full:
        first -= 1
    columns = sorted({column for row in range(first, last + 1) for column in full[row]})
    # columns that stand apart, with an empty one between, are another table
    start = next(column for column in columns if closed.left <= column < closed.right)
    left = right = start
    while left - 1 in columns:
        left -= 1
    while right + 1 in columns:
        right += 1
    rows = [row for row in range(first, last + 1) if any(left <= column <= right for column in full[row])]
    return Rect(min(rows), left, max(rows) + 1, right + 1)


def append(draft: Draft, text: str, body: JSON, how: Writing, *, insert: bool) -> JSON:
    """After the table that the range holds; the grid grows where it must."""
    major = option(body.get("majorDimension"), MAJOR, "data.major_dimension")
    tab, rect = find(draft.document, text)
    check_start(tab, rect)
    rows = _rows(body, major)
    found = table(tab, rect)
    top, left = (rect.top, rect.left) if found is None or found.bottom is None else (found.bottom, found.left)
    height, width = len(rows), max(map(len, rows), default=0)
    tab = draft.document.edit(tab)
    if insert and height and top < tab.height:
        from .edit_dimensions import insert_rows

        insert_rows(draft, tab, top, height)
    if top + height > tab.height or left + width > tab.width:
        tab.resize(max(tab.height, top + height), max(tab.width, left + width))
        draft.check_size()
    told: JSON = {}
    if found is not None:
        told["tableRange"] = a1.named(tab.title, found)
    target = Rect(top, left, top + max(height, 1), left + max(width, 1))
    return told | {"updates": _put(draft, tab, target.within(max(tab.height, top + 1), tab.width), rows, how)}


def clear(draft: Draft, text: str) -> str:
    """Empties the values of a range, leaves formats; gives the range as Google names it."""
    tab, rect = find(draft.document, text)
    check_start(tab, rect)
    rect = rect.within(tab.height, tab.width)
    draft.unprotected(tab, rect)
    tab = draft.document.edit(tab)
    for row, column, cell in list(tab.cells(rect)):
        tab.put(row, column, cell._replace(value=None))
    return a1.named(tab.title, rect)
