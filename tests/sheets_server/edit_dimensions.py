"""batchUpdate: rows and columns added, taken out, moved, sized and hidden; all that points at cells follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import a1, formulas
from .a1 import Rect
from .document import Cell, Formula, Tab
from .drafts import Draft
from .edit_tabs import asked_fields, merged
from .errors import invalid
from .locales import locale

JSON = dict[str, Any]

Shift = Callable[[int], int | None]
"""Where an old row (or column) is now; None: it is gone."""


def _span(draft: Draft, given: JSON | None) -> tuple[Tab, bool, int, int]:
    """(sheet, whether rows are meant, first, end) of a DimensionRange; missing ends are the grid's."""
    given = given or {}
    tab = draft.tab(given.get("sheetId"))
    dimension = given.get("dimension")
    if dimension not in {"ROWS", "COLUMNS"}:
        raise invalid(f"Invalid dimension: {dimension or 'DIMENSION_UNSPECIFIED'}")
    rows = dimension == "ROWS"
    size = tab.height if rows else tab.width
    return tab, rows, given.get("startIndex", 0), given.get("endIndex", size)


def _size(tab: Tab, rows: bool) -> int:
    return tab.height if rows else tab.width


def _update(draft: Draft, asked: JSON) -> None:
    tree = asked_fields(asked, "DimensionProperties", "properties")
    tab, rows, first, end = _span(draft, asked.get("range"))
    size = _size(tab, rows)
    if not 0 <= first < end or first >= size:
        raise invalid(f"range.startIndex[{first}] must be within the grid ({size}) and before range.endIndex[{end}]")
    new = asked.get("properties") or {}
    held = tab.row_data if rows else tab.column_data
    for at in range(first, min(end, size)):
        fresh = {**held.get(at, {}), **new} if "*" in tree else merged(held.get(at), new, tree)
        fresh = {name: value for name, value in fresh.items() if value not in (False, None)}
        if fresh:
            held[at] = fresh
        else:
            held.pop(at, None)


def _append(draft: Draft, asked: JSON) -> None:
    tab, rows, _, _ = _span(draft, asked)
    length = asked.get("length", 0)
    if length < 1:
        raise invalid(f"Invalid length: {length}. Must be at least 1.")
    tab.resize(tab.height + (length if rows else 0), tab.width + (0 if rows else length))
    draft.check_size()


def insert_rows(draft: Draft, tab: Tab, at: int, count: int) -> None:
    insert(draft, tab, True, at, count, before=at > 0)


def insert(draft: Draft, tab: Tab, rows: bool, first: int, count: int, *, before: bool) -> None:
    """`count` new rows or columns from `first` on; formats come from the neighbour before or after."""
    neighbour = first - 1 if before else first
    if rows:
        tab.resize(tab.height + count, tab.width)
    else:
        tab.resize(tab.height, tab.width + count)
    draft.check_size()
    shift_all(draft, tab, rows, lambda at: at if at < first else at + count)
    source = neighbour if before else neighbour + count
    for offset in range(count):
        for other, cell in _line(tab, rows, source):
            if cell.format or cell.validation:
                at = first + offset
                tab.put(*((at, other) if rows else (other, at)), Cell(format=cell.format, validation=cell.validation))


def _line(tab: Tab, rows: bool, at: int) -> list[tuple[int, Cell]]:
    """The kept cells of one row or column, by the other index."""
    if rows:
        return list(tab.rows.get(at, {}).items())
    return [(row, cells[at]) for row, cells in tab.rows.items() if at in cells]


def _insert(draft: Draft, asked: JSON) -> None:
    tab, rows, first, end = _span(draft, asked.get("range"))
    before = bool(asked.get("inheritFromBefore"))
    if not 0 <= first < end:
        raise invalid(f"range.endIndex[{end}] must be greater than range.startIndex[{first}]")
    if first > _size(tab, rows):
        raise invalid(f"range.startIndex[{first}] cannot be greater than the size of the grid ({_size(tab, rows)})")
    if before and first == 0:
        raise invalid("inheritFromBefore cannot be true when inserting at the start of the grid.")
    insert(draft, tab, rows, first, end - first, before=before)


def _delete(draft: Draft, asked: JSON) -> None:
    tab, rows, first, end = _span(draft, asked.get("range"))
    size = _size(tab, rows)
    if not 0 <= first < end or first >= size:
        raise invalid(f"Cannot delete {'rows' if rows else 'columns'} {first} to {end} of a grid of {size}.")
    end = min(end, size)
    draft.unprotected(tab, Rect(first, 0, end, tab.width) if rows else Rect(0, first, tab.height, end))
    count = end - first
    if count >= size:
        raise invalid(f"You can't delete all the {'rows' if rows else 'columns'} on the sheet.")
    grid = tab.properties["gridProperties"]
    frozen = "frozenRowCount" if rows else "frozenColumnCount"
    gone = max(0, min(end, grid.get(frozen, 0)) - first)
    if size - count <= grid.get(frozen, 0) - gone:
        raise invalid(f"It is not possible to delete all non-frozen {'rows' if rows else 'columns'}.")
    shift_all(draft, tab, rows, lambda at: at if at < first else None if at < end else at - count)
    if gone:
        grid[frozen] -= gone
        if not grid[frozen]:
            del grid[frozen]
    tab.resize(tab.height - (count if rows else 0), tab.width - (0 if rows else count))


def _move(draft: Draft, asked: JSON) -> None:
    tab, rows, first, end = _span(draft, asked.get("source"))
    to, size = asked.get("destinationIndex", 0), _size(tab, rows)
    if not 0 <= first < end <= size or not 0 <= to <= size:
        raise invalid(f"Cannot move {first} to {end} before {to} in a grid of {size}.")
    if first < to < end:
        raise invalid("The destination lies within the source.")
    count = end - first

    def shift(at: int) -> int:
        if first <= at < end:
            return at - first + (to if to <= first else to - count)
        if to <= at < first:
            return at + count
        return at - count if end <= at < to else at

    shift_all(draft, tab, rows, shift)


def _fit(draft: Draft, asked: JSON) -> None:
    """No letters are measured here: the width follows from the longest text."""
    tab, rows, first, end = _span(draft, asked.get("dimensions"))
    if rows:
        return
    for column in range(first, min(end, tab.width)):
        longest = max(
            (len(str(cells[column].value)) for cells in tab.rows.values() if column in cells and cells[column].value is not None), default=0
        )
        if longest:
            tab.column_data[column] = {**tab.column_data.get(column, {}), "pixelSize": max(20, 7 * longest + 9)}


# what follows when rows or columns go elsewhere


def shift_all(draft: Draft, tab: Tab, rows: bool, shift: Shift) -> None:
    """Cells, sizes, merges, rules and every formula of the spreadsheet after a change of rows or columns of one sheet."""
    if rows:
        tab.rows = {new: cells for row, cells in tab.rows.items() if (new := shift(row)) is not None}
        tab.row_data = {new: data for row, data in tab.row_data.items() if (new := shift(row)) is not None}
    else:
        moved = {
            row: {new: cell for column, cell in cells.items() if (new := shift(column)) is not None} for row, cells in tab.rows.items()
        }
        tab.rows = {row: cells for row, cells in moved.items() if cells}
        tab.column_data = {new: data for column, data in tab.column_data.items() if (new := shift(column)) is not None}
    kept = [_rect(one, rows, shift) for one in tab.merges]
    tab.merges = [one for one in kept if one is not None and one.height * one.width > 1]
    tab.protected = [one for one in (_with_range(one, rows, shift) for one in tab.protected) if one is not None]
    tab.conditional = [one for one in (_with_ranges(one, rows, shift) for one in tab.conditional) if one is not None]
    if tab.filter is not None:
        tab.filter = _with_range(tab.filter, rows, shift)
    names = (one if one["range"].get("sheetId", 0) != tab.id else _with_range(one, rows, shift) for one in draft.document.named)
    draft.document.named = [one for one in names if one is not None]
    _follow(draft, tab, rows, shift)


def _ends(start: int, end: int | None, shift: Shift) -> tuple[int, int | None] | None:
    """The stretch that is left of start ≤ x < end. An open stretch stays open."""
    first = next((new for at in range(start, start + 100_000 if end is None else end) if (new := shift(at)) is not None), None)
    if first is None:
        return None
    if end is None:
        return (0 if start == 0 else first), None
    last = next(new for at in range(end - 1, start - 1, -1) if (new := shift(at)) is not None)
    return min(first, last), max(first, last) + 1


def _rect(rect: Rect, rows: bool, shift: Shift) -> Rect | None:
    ends = _ends(rect.top, rect.bottom, shift) if rows else _ends(rect.left, rect.right, shift)
    if ends is None:
        return None
    return rect._replace(top=ends[0], bottom=ends[1]) if rows else rect._replace(left=ends[0], right=ends[1])


def _range(given: JSON, rows: bool, shift: Shift) -> JSON | None:
    """A GridRange after the change; a side on which it is unbounded stays so."""
    start, end = ("startRowIndex", "endRowIndex") if rows else ("startColumnIndex", "endColumnIndex")
    if start not in given and end not in given:
        return given
    ends = _ends(given.get(start, 0), given.get(end), shift)
    if ends is None:
        return None
    fresh = {**given, start: ends[0]}
    return fresh if ends[1] is None else {**fresh, end: ends[1]}


def _with_range(one: JSON, rows: bool, shift: Shift) -> JSON | None:
    moved = _range(one.get("range", {}), rows, shift)
    if moved is None:
        return None
    fresh = {**one, "range": moved}
    if "unprotectedRanges" in one:
        fresh["unprotectedRanges"] = [new for part in one["unprotectedRanges"] if (new := _range(part, rows, shift)) is not None]
    return fresh


def _with_ranges(rule: JSON, rows: bool, shift: Shift) -> JSON | None:
    ranges = [new for part in rule.get("ranges", []) if (new := _range(part, rows, shift)) is not None]
    return {**rule, "ranges": ranges} if ranges else None


def _follow(draft: Draft, tab: Tab, rows: bool, shift: Shift) -> None:
    """References to the changed sheet, in the formulas of every sheet."""
    decimal = locale(draft.document.locale).decimal
    for other in list(draft.document.tabs):
        if not any(type(cell.value) is Formula for cells in other.rows.values() for cell in cells.values()):
            continue
        edited = draft.document.edit(other)

        def change(title: str | None, rect: Rect, area: str, own: bool = edited is tab) -> str | None:
            if not (own if title is None else title.casefold() == tab.title.casefold()):
                return area
            moved = _rect(rect, rows, shift)
            return None if moved is None else _rewritten(area, moved)

        for row, column, cell in list(edited.cells(edited.rect)):
            if type(cell.value) is Formula:
                edited.put(row, column, cell._replace(value=formulas.moved(cell.value, change, decimal)))


def _rewritten(area: str, rect: Rect) -> str:
    """The address of a rectangle with the $ signs of the old one."""
    corners = area.split(":")
    ends = [(rect.top, rect.left), ((rect.bottom or 0) - 1, (rect.right or 0) - 1)]
    told = []
    for corner, (row, column) in zip(corners, ends, strict=False):
        letters = "".join(sign for sign in corner if sign.isalpha())
        digits = "".join(sign for sign in corner if sign.isdigit())
        fixed_column = "$" if corner.startswith("$") and letters else ""
        fixed_row = "$" if digits and corner[: -len(digits)].endswith("$") else ""
        told.append((fixed_column + a1.column_name(column) if letters else "") + (fixed_row + str(row + 1) if digits else ""))
    return ":".join(told)


KINDS: dict[str, Callable[[Draft, JSON], JSON | None]] = {
    "updateDimensionProperties": _update,
    "appendDimension": _append,
    "insertDimension": _insert,
    "deleteDimension": _delete,
    "moveDimension": _move,
    "autoResizeDimensions": _fit,
}
