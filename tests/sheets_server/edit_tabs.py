"""batchUpdate: the spreadsheet itself and its sheets."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from . import formulas, masks
from .document import Cell, Document, Formula, Tab
from .drafts import Draft
from .errors import invalid
from .formats import complete
from .locales import known, locale
from .masks import Tree
from .shapes import SHEETS

JSON = dict[str, Any]

ROWS, COLUMNS = 1000, 26
_MOST_TITLE = 100


def asked_fields(asked: Mapping[str, Any], message: str, root: str = "") -> Tree:
    """The tree of a request's `fields`, which must name something that the message has."""
    text = str(asked.get("fields") or "")
    if not text.strip():
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    try:
        tree = masks.parse(text)
        if root and root in tree:  # `properties.title` where `title` would do
            tree = tree[root] or {"*": {}}
        masks.check(tree, SHEETS, message)
    except masks.UnknownField as wrong:
        raise invalid(f"Invalid field: {wrong}") from None
    return tree


def merged(old: Any, new: Any, tree: Tree) -> Any:
    """`old` with the fields of the tree taken from `new`; a field that `new` lacks is taken away."""
    if not tree or "*" in tree:
        return copy.deepcopy(new)
    result = dict(old or {})
    for name, inner in tree.items():
        held = (new or {}).get(name)
        value = merged(result.get(name), held, inner) if inner else held
        if value is None or (inner and value == {}):
            result.pop(name, None)
        else:
            result[name] = value
    return result


def new_tab(draft_ids: Callable[[], int], document: Document, given: JSON) -> Tab:
    """A sheet of these SheetProperties, defaults filled in, not yet in the spreadsheet."""
    given = complete(given)
    grid = {"rowCount": ROWS, "columnCount": COLUMNS} | {
        name: value for name, value in (given.get("gridProperties") or {}).items() if value
    }
    for name in ("rowCount", "columnCount"):
        if grid[name] < 1:
            raise invalid(f"Invalid {name}: {grid[name]}. Must be at least 1")
    if grid.get("frozenRowCount", 0) >= grid["rowCount"]:
        raise invalid("You can't freeze all visible rows on the sheet.")
    if grid.get("frozenColumnCount", 0) >= grid["columnCount"]:
        raise invalid("You can't freeze all visible columns on the sheet.")
    if given.get("sheetType", "GRID") != "GRID":
        raise invalid(f"Sheets of type {given['sheetType']} cannot be made.")
    sheet_id = draft_ids() if given.get("sheetId") is None else int(given["sheetId"])
    if sheet_id < 0:
        raise invalid(f"Invalid sheet id: {sheet_id}")
    if document.find(sheet_id):
        raise invalid(f"A sheet with the id {sheet_id} already exists. Please use another id.")
    title = given.get("title") or _free_title(document, "Sheet")
    check_title(document, title, None)
    kept = {name: value for name, value in given.items() if name in {"hidden", "tabColor", "tabColorStyle", "rightToLeft"} and value}
    return Tab({"sheetId": sheet_id, "title": title, "sheetType": "GRID", "gridProperties": grid} | kept)


def check_title(document: Document, title: Any, own: Tab | None) -> None:
    if not isinstance(title, str) or not title.strip():
        raise invalid("The sheet name cannot be empty.")
    if len(title) > _MOST_TITLE:
        raise invalid(f"The sheet name cannot be greater than {_MOST_TITLE} characters.")
    other = document.titled(title)
    if other is not None and (own is None or other.id != own.id):
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def _free_title(document: Document, start: str) -> str:
    at = len(document.tabs) + 1
    while document.titled(f"{start}{at}"):
        at += 1
    return f"{start}{at}"


def properties(tab: Tab, index: int) -> JSON:
    """SheetProperties as answered."""
    told = {"sheetId": tab.id, "title": tab.title, "index": index}
    return told | {name: value for name, value in tab.properties.items() if value not in (False, None) and name not in {"sheetId", "title"}}


def _update_spreadsheet(draft: Draft, asked: JSON) -> None:
    tree = asked_fields(asked, "SpreadsheetProperties", "properties")
    new = complete(asked.get("properties") or {})
    old = draft.document.properties
    fresh = {**old, **new} if "*" in tree else merged(old, new, tree)
    if not fresh.get("title"):
        raise invalid("The spreadsheet title cannot be empty.")
    if not known(str(fresh.get("locale") or "")):
        raise invalid(f"Unsupported locale: {fresh.get('locale')}")
    draft.document.properties = fresh


def _add(draft: Draft, asked: JSON) -> JSON:
    given = asked.get("properties") or {}
    index = given.get("index")
    count = len(draft.document.tabs)
    if index is not None and not 0 <= index <= count:
        raise invalid(f"Invalid index: {index}. Must be between 0 and {count}.")
    tab = draft.document.add(new_tab(draft.fresh_id, draft.document, given), index)
    draft.check_size()
    return {"properties": properties(tab, draft.document.tabs.index(tab))}


def _delete(draft: Draft, asked: JSON) -> None:
    tab = draft.tab(asked.get("sheetId"))
    visible = [one for one in draft.document.tabs if one is not tab and not one.properties.get("hidden")]
    if not visible:
        raise invalid("You can't remove all the visible sheets in a document.")
    draft.unprotected(tab, tab.rect)
    draft.document.tabs.remove(tab)
    draft.document.named = [one for one in draft.document.named if one["range"].get("sheetId", 0) != tab.id]


def duplicate(tab: Tab, sheet_id: int, title: str, fresh: Callable[[], int]) -> Tab:
    """The same sheet under another id and title."""
    twin = tab.copy()
    twin.properties |= {"sheetId": sheet_id, "title": title}

    def own(given: JSON) -> JSON:
        return {**{name: value for name, value in given.items() if name != "sheetId"}, **({"sheetId": sheet_id} if sheet_id else {})}

    twin.conditional = [{**rule, "ranges": [own(one) for one in rule.get("ranges", [])]} for rule in tab.conditional]
    twin.protected = [
        {
            **one,
            "protectedRangeId": fresh(),
            "range": own(one["range"]),
            **({"unprotectedRanges": [own(part) for part in one["unprotectedRanges"]]} if "unprotectedRanges" in one else {}),
        }
        for one in tab.protected
    ]
    if tab.filter:
        twin.filter = {**tab.filter, "range": own(tab.filter.get("range", {}))}
    return twin


def _duplicate(draft: Draft, asked: JSON) -> JSON:
    document = draft.document
    tab = draft.tab(asked.get("sourceSheetId"))
    sheet_id = draft.fresh_id() if asked.get("newSheetId") is None else int(asked["newSheetId"])
    if document.find(sheet_id):
        raise invalid(f"A sheet with the id {sheet_id} already exists. Please use another id.")
    title = str(asked.get("newSheetName") or "")
    if not title:
        title, at = f"Copy of {tab.title}", 1
        while document.titled(title):
            at += 1
            title = f"Copy of {tab.title} {at}"
    check_title(document, title, None)
    index = asked.get("insertSheetIndex", 0)
    if not 0 <= index <= len(document.tabs):
        raise invalid(f"Invalid insertSheetIndex: {index}")
    twin = document.add(duplicate(tab, sheet_id, title, draft.fresh_id), index)
    draft.check_size()
    return {"properties": properties(twin, document.tabs.index(twin))}


def _update(draft: Draft, asked: JSON) -> None:
    document = draft.document
    tree = asked_fields(asked, "SheetProperties", "properties")
    new = complete(asked.get("properties") or {})
    tab = draft.tab(new.get("sheetId"))
    index = new.get("index") if masks.inside(tree, "index") is not None else None
    if masks.inside(tree, "title") is not None:
        check_title(document, new.get("title"), tab)
        _rename(draft, tab, new["title"])
    # with `*` only what was said is changed: nobody means to take a sheet's title or grid away
    wanted = {name: {} for name in new} if "*" in tree else tree
    changed = {name: inner for name, inner in wanted.items() if name not in {"sheetId", "index", "title", "sheetType", "gridProperties"}}
    if changed:
        tab.properties = merged(tab.properties, new, changed)
        for name in ("tabColor", "tabColorStyle"):
            other = "tabColorStyle" if name == "tabColor" else "tabColor"
            if name in changed and name not in new:
                tab.properties.pop(other, None)
            elif name in changed:
                tab.properties[other] = new.get(other)
    grid = masks.inside(wanted, "gridProperties")
    if grid is not None:
        _regrid(draft, tab, new.get("gridProperties") or {}, grid)
    if tab.properties.get("hidden") and all(one.properties.get("hidden") for one in document.tabs):
        raise invalid("You can't hide all the sheets in a document.")
    if index is not None:
        if not 0 <= index <= len(document.tabs):
            raise invalid(f"Invalid index: {index}. Must be between 0 and {len(document.tabs)}.")
        at = document.tabs.index(tab)
        document.tabs.remove(tab)
        document.tabs.insert(index - 1 if index > at else index, tab)


def _regrid(draft: Draft, tab: Tab, new: JSON, tree: Tree) -> None:
    grid = tab.properties["gridProperties"]
    fresh = {**grid, **new} if not tree or "*" in tree else merged(grid, new, tree)
    height, width = fresh.get("rowCount", 0), fresh.get("columnCount", 0)
    if height < 1 or width < 1:
        raise invalid(f"Invalid grid size: {height} × {width}")
    if fresh.get("frozenRowCount", 0) >= height:
        raise invalid("You can't freeze all visible rows on the sheet.")
    if fresh.get("frozenColumnCount", 0) >= width:
        raise invalid("You can't freeze all visible columns on the sheet.")
    tab.resize(height, width)
    tab.properties["gridProperties"] = {name: value for name, value in fresh.items() if value}
    draft.check_size()


def _rename(draft: Draft, tab: Tab, title: str) -> None:
    """Formulas follow a sheet's new name."""
    from .a1 import quoted

    old, decimal = tab.title, locale(draft.document.locale).decimal
    tab.properties["title"] = title
    if old == title:
        return
    for other in list(draft.document.tabs):
        if not other.has_formulas:
            continue
        edited = draft.document.edit(other)
        for row, column, cell in list(edited.cells(edited.rect)):
            if type(cell.value) is Formula and old.casefold() in cell.value.casefold():
                value = formulas.retitled(cell.value, old, quoted(title), decimal)
                edited.put(row, column, _with(cell, value))


def _with(cell: Cell, value: Formula) -> Cell:
    return cell._replace(value=value)


KINDS: dict[str, Callable[[Draft, JSON], JSON | None]] = {
    "updateSpreadsheetProperties": _update_spreadsheet,
    "addSheet": _add,
    "deleteSheet": _delete,
    "duplicateSheet": _duplicate,
    "updateSheetProperties": _update,
}
