"""batchUpdate: what stands in cells copied, cut, replaced and sorted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import formulas, grid
from .a1 import Rect
from .document import BLANK, Cell, Entered, Formula, Tab
from .drafts import Draft, beyond, check_start
from .edit_cells import shifted
from .errors import invalid
from .formats import format_of
from .locales import locale

JSON = dict[str, Any]

_PASTES: dict[str, tuple[str, ...]] = {
    "PASTE_NORMAL": ("value", "format", "validation", "note", "runs"),
    "PASTE_VALUES": ("value",),
    "PASTE_FORMAT": ("format",),
    "PASTE_NO_BORDERS": ("value", "format", "validation", "note", "runs"),
    "PASTE_FORMULA": ("value",),
    "PASTE_DATA_VALIDATION": ("validation",),
    "PASTE_CONDITIONAL_FORMATTING": (),
}


def _pasted(draft: Draft, source: Cell, old: Cell, kind: str, calculated: Entered) -> Cell:
    if kind not in _PASTES:
        raise invalid(f"Invalid value at 'paste_type' (PasteType), \"{kind}\"")
    new = old._replace(**{name: getattr(source, name) for name in _PASTES[kind]})
    if kind == "PASTE_VALUES":
        new = new._replace(value=calculated)
    if kind == "PASTE_NO_BORDERS" and new.format:
        new = new._replace(format=format_of({name: held for name, held in new.format.value.items() if name != "borders"}))
    return new


def _calculated(draft: Draft, tab: Tab, row: int, column: int) -> Entered:
    """A formula's result as a value of its own."""
    value = formulas.result(draft.document, tab, row, column)
    return Formula(formulas.FORMULA_OF[value.type]) if isinstance(value, formulas.Error) else value


def _copy(draft: Draft, asked: JSON) -> None:
    source_tab, source = draft.area(asked.get("source"))
    target_tab, target = draft.area(asked.get("destination"))
    kind = asked.get("pasteType", "PASTE_NORMAL")
    turned = asked.get("pasteOrientation", "NORMAL") == "TRANSPOSE"
    height, width = (source.width, source.height) if turned else (source.height, source.width)
    if not height or not width:
        return
    # the source is repeated as often as it fits into the destination, at least once
    down = max(1, target.height // height) * height
    across = max(1, target.width // width) * width
    target = Rect(target.top, target.left, target.top + down, target.left + across)
    if target.top + down > target_tab.height or target.left + across > target_tab.width:
        raise beyond(target_tab, target)
    draft.unprotected(target_tab, target)
    held = {
        (row, column): (
            source_tab.get(source.top + row, source.left + column),
            _calculated(draft, source_tab, source.top + row, source.left + column),
        )
        for row in range(source.height)
        for column in range(source.width)
    }
    decimal = locale(draft.document.locale).decimal
    for row in range(down):
        for column in range(across):
            place = (column % width, row % height) if turned else (row % height, column % width)
            if turned:
                place = (column % width, row % height)
            cell, calculated = held[place]
            at = target.top + row, target.left + column
            if type(cell.value) is Formula:
                from_row, from_column = source.top + place[0], source.left + place[1]
                cell = cell._replace(value=shifted(cell.value, at[0] - from_row, at[1] - from_column, decimal))
            target_tab.put(*at, _pasted(draft, cell, target_tab.get(*at), kind, calculated))


def _cut(draft: Draft, asked: JSON) -> None:
    source_tab, source = draft.area(asked.get("source"))
    to = asked.get("destination") or {}
    target_tab = draft.tab(to.get("sheetId"))
    top, left = to.get("rowIndex", 0), to.get("columnIndex", 0)
    target = Rect(top, left, top + source.height, left + source.width)
    check_start(target_tab, target)
    if top + source.height > target_tab.height or left + source.width > target_tab.width:
        raise beyond(target_tab, target)
    draft.unprotected(source_tab, source)
    draft.unprotected(target_tab, target)
    kind = asked.get("pasteType", "PASTE_NORMAL")
    held = [
        [
            (source_tab.get(source.top + row, source.left + column), _calculated(draft, source_tab, source.top + row, source.left + column))
            for column in range(source.width)
        ]
        for row in range(source.height)
    ]
    for row in range(source.height):
        for column in range(source.width):
            old = source_tab.get(source.top + row, source.left + column)
            kept = old._replace(**{name: getattr(BLANK, name) for name in _PASTES.get(kind, ())})
            source_tab.put(source.top + row, source.left + column, kept)
    for row, line in enumerate(held):
        for column, (cell, calculated) in enumerate(line):
            at = top + row, left + column
            target_tab.put(*at, _pasted(draft, cell, target_tab.get(*at), kind, calculated))


def _find(draft: Draft, asked: JSON) -> JSON:
    scopes = [name for name in ("range", "sheetId", "allSheets") if name in asked and asked[name] is not False]
    if len(scopes) != 1:
        raise invalid("Must specify exactly one of: range, sheetId, allSheets.")
    if not asked.get("find"):
        raise invalid("Find text cannot be empty.")
    if "range" in asked:
        areas = [draft.area(asked["range"])]
    elif "sheetId" in asked:
        tab = draft.tab(asked["sheetId"])
        areas = [(tab, tab.rect)]
    else:
        areas = [(tab, tab.rect) for tab in map(draft.document.edit, list(draft.document.tabs))]
    pattern = asked["find"] if asked.get("searchByRegex") else re.escape(asked["find"])
    if asked.get("matchEntireCell"):
        pattern = rf"\A(?:{pattern})\Z"
    try:
        search = re.compile(pattern, 0 if asked.get("matchCase") else re.IGNORECASE)
    except re.error:
        raise invalid(f"Invalid regular expression: {asked['find']}") from None
    replacement = str(asked.get("replacement", ""))
    if asked.get("searchByRegex"):
        replacement = re.sub(r"\$(\d)", r"\\\1", replacement)
    else:
        replacement = replacement.replace("\\", "\\\\")
    counts = dict.fromkeys(("valuesChanged", "formulasChanged", "rowsChanged", "sheetsChanged", "occurrencesChanged"), 0)
    for tab, rect in areas:
        rows = set()
        for row, column, cell in list(tab.cells(rect)):
            if cell.value is None or (type(cell.value) is Formula and not asked.get("includeFormulas")):
                continue
            old = str(cell.value) if isinstance(cell.value, str) else grid.text(cell.value, cell, draft.document)
            new, times = search.subn(replacement, old)
            if not times:
                continue
            draft.unprotected(tab, Rect(row, column, row + 1, column + 1))
            if type(cell.value) is Formula:
                tab.put(row, column, cell._replace(value=Formula(new)))
                counts["formulasChanged"] += 1
            else:
                tab.put(row, column, draft.entered(cell, new, "USER_ENTERED"))
                counts["valuesChanged"] += 1
            counts["occurrencesChanged"] += times
            rows.add(row)
        counts["rowsChanged"] += len(rows)
        counts["sheetsChanged"] += bool(rows)
    return {name: count for name, count in counts.items() if count}


def _sort(draft: Draft, asked: JSON) -> None:
    tab, rect = draft.area(asked.get("range"))
    draft.unprotected(tab, rect)
    assert rect.bottom is not None and rect.right is not None
    if any(one.meets(rect) for one in tab.merges):
        raise invalid("You can't sort a range that holds merged cells.")
    lines = [[tab.get(row, column) for column in range(rect.left, rect.right)] for row in range(rect.top, rect.bottom)]
    order = list(range(len(lines)))
    for spec in reversed(asked.get("sortSpecs") or []):
        column, down = spec.get("dimensionIndex", 0), spec.get("sortOrder", "ASCENDING") == "DESCENDING"
        keys = [_sort_key(formulas.result(draft.document, tab, rect.top + at, column)) for at in range(len(lines))]
        filled = sorted((at for at in order if keys[at] is not None), key=lambda at: keys[at], reverse=down)  # type: ignore[arg-type,return-value]
        order = filled + [at for at in order if keys[at] is None]  # empties come last either way
    decimal = locale(draft.document.locale).decimal
    for to, at in enumerate(order):
        for across, cell in enumerate(lines[at]):
            if type(cell.value) is Formula:
                cell = cell._replace(value=shifted(cell.value, to - at, 0, decimal))
            tab.put(rect.top + to, rect.left + across, cell)


def _sort_key(value: formulas.Value) -> tuple[int, Any] | None:
    if value is None or value == "":
        return None
    if isinstance(value, formulas.Error):
        return 3, value.text
    return (2, value) if isinstance(value, bool) else (1, value.casefold()) if isinstance(value, str) else (0, value)


KINDS: dict[str, Callable[[Draft, JSON], JSON | None]] = {
    "copyPaste": _copy,
    "cutPaste": _cut,
    "findReplace": _find,
    "sortRange": _sort,
}
