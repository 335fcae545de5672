"""batchUpdate: what is laid over cells – protection, conditional formats, names, filters, developer metadata."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import a1, formulas, grid
from .document import Tab
from .drafts import Draft, check_start
from .edit_tabs import asked_fields, merged
from .errors import invalid
from .formats import complete

JSON = dict[str, Any]


def _ranged(draft: Draft, given: JSON) -> tuple[Tab, JSON]:
    """The sheet of a GridRange, and the range as Google keeps it."""
    tab = draft.tab(given.get("sheetId"))
    rect = a1.from_grid_range(given)
    check_start(tab, rect)
    return tab, clean_range(given)


def clean_range(given: JSON) -> JSON:
    return {name: value for name, value in given.items() if value is not None and not (name == "sheetId" and value == 0)}


# protection


def protection(draft: Draft, given: JSON) -> tuple[Tab, JSON]:
    """A protected range to keep, and its sheet."""
    kept = dict(given)
    if "namedRangeId" in kept and "range" not in kept:
        named = next((one for one in draft.document.named if one["namedRangeId"] == kept["namedRangeId"]), None)
        if named is None:
            raise invalid(f"No named range with id: {kept['namedRangeId']}")
        kept["range"] = named["range"]
    tab, kept["range"] = _ranged(draft, kept.get("range") or {})
    if "unprotectedRanges" in kept:
        kept["unprotectedRanges"] = [clean_range(one) for one in kept["unprotectedRanges"]]
    if kept.get("warningOnly") and kept.get("editors"):
        raise invalid("Editors cannot be set on a range that only warns.")
    kept.pop("requestingUserCanEdit", None)
    kept.pop("protectedRangeId", None)
    return tab, {name: value for name, value in kept.items() if value not in (False, None, "")} | {"requestingUser": draft.email}


def _add_protected(draft: Draft, asked: JSON) -> JSON:
    given = asked.get("protectedRange") or {}
    tab, kept = protection(draft, given)
    taken = {one["protectedRangeId"] for other in draft.document.tabs for one in other.protected}
    new = given.get("protectedRangeId") or draft.chance.randrange(1, 2**31 - 1)
    if new in taken:
        raise invalid(f"Cannot add a protected range with id {new}: it is taken.")
    tab.protected.append(kept | {"protectedRangeId": new})
    return {"protectedRange": shown_protection(tab.protected[-1], draft.email, owner=draft.owner)}


def shown_protection(kept: JSON, email: str, *, owner: bool) -> JSON:
    """ProtectedRange as one person is answered; who else may edit is told to those only who may themselves."""
    users = (kept.get("editors") or {}).get("users", [])
    may = owner or bool(kept.get("warningOnly")) or email in users or kept.get("requestingUser") == email
    told = {name: value for name, value in kept.items() if name not in {"requestingUser", "editors"}}
    if may:
        told["requestingUserCanEdit"] = True
        if not kept.get("warningOnly"):
            editors = dict(kept.get("editors") or {})
            editors["users"] = list(dict.fromkeys([*users, kept["requestingUser"]]))
            told["editors"] = editors
    return told


def _protected(draft: Draft, protected_id: Any) -> tuple[Tab, int]:
    for tab in list(draft.document.tabs):
        for at, one in enumerate(tab.protected):
            if one["protectedRangeId"] == protected_id:
                may = draft.owner or one.get("requestingUser") == draft.email or draft.email in (one.get("editors") or {}).get("users", [])
                if not may and not one.get("warningOnly"):
                    raise invalid("You do not have permission to edit this protected range.")
                return draft.document.edit(tab), at
    raise invalid(f"No protected range with id: {protected_id or 0}")


def _update_protected(draft: Draft, asked: JSON) -> None:
    given = asked.get("protectedRange") or {}
    tree = asked_fields(asked, "ProtectedRange", "protectedRange")
    tab, at = _protected(draft, given.get("protectedRangeId"))
    old = tab.protected[at]
    fresh = {**old, **given} if "*" in tree else merged(old, given, tree)
    home, kept = protection(draft, fresh)
    kept |= {"protectedRangeId": old["protectedRangeId"], "requestingUser": old["requestingUser"]}
    del tab.protected[at]
    home.protected.insert(at if home is tab else len(home.protected), kept)


def _delete_protected(draft: Draft, asked: JSON) -> None:
    tab, at = _protected(draft, asked.get("protectedRangeId"))
    del tab.protected[at]


# conditional formats


def conditional(draft: Draft, given: JSON) -> tuple[Tab, JSON]:
    """A rule to keep, and the sheet of its first range."""
    ranges = given.get("ranges") or []
    if not ranges:
        raise invalid("A conditional format needs at least one range.")
    if len({one.get("sheetId", 0) for one in ranges}) > 1:
        raise invalid("All ranges of a conditional format must lie on one sheet.")
    if ("booleanRule" in given) == ("gradientRule" in given):
        raise invalid("Exactly one of booleanRule and gradientRule must be set.")
    if "booleanRule" in given and not (given["booleanRule"].get("condition") or {}).get("type"):
        raise invalid("ConditionalFormatRule.booleanRule.condition.type is required.")
    kept = [_ranged(draft, one) for one in ranges]
    return kept[0][0], complete({**given, "ranges": [one for _, one in kept]})


def _add_rule(draft: Draft, asked: JSON) -> None:
    tab, rule = conditional(draft, asked.get("rule") or {})
    index = asked.get("index", 0)
    if not 0 <= index <= len(tab.conditional):
        raise invalid(f"Invalid index: {index}. Must be between 0 and {len(tab.conditional)}.")
    tab.conditional.insert(index, rule)


def _rule(tab: Tab, asked: JSON) -> int:
    index = asked.get("index", 0)
    if not 0 <= index < len(tab.conditional):
        raise invalid(f"No conditional format on sheet: {tab.id} at index: {index}")
    return index


def _update_rule(draft: Draft, asked: JSON) -> JSON:
    if "rule" in asked:
        tab, rule = conditional(draft, asked["rule"])
        index = _rule(tab, asked)
        old, tab.conditional[index] = tab.conditional[index], rule
        return {"newRule": rule, "newIndex": index, "oldRule": old} if index else {"newRule": rule, "oldRule": old}
    tab = draft.tab(asked.get("sheetId"))
    index, to = _rule(tab, asked), asked.get("newIndex", 0)
    rule = tab.conditional.pop(index)
    tab.conditional.insert(to, rule)
    return {"newRule": rule, "newIndex": to, "oldIndex": index}


def _delete_rule(draft: Draft, asked: JSON) -> JSON:
    tab = draft.tab(asked.get("sheetId"))
    return {"rule": tab.conditional.pop(_rule(tab, asked))}


# names

_NAME = re.compile(r"[^\W\d]\w{0,249}")


def named(draft: Draft, given: JSON, own: str = "") -> JSON:
    """A named range to keep."""
    name = str(given.get("name", ""))
    if not _NAME.fullmatch(name) or a1.area(name) is not None or name.upper() in {"TRUE", "FALSE"}:
        raise invalid(f"The name '{name}' is not a valid name for a range.")
    if any(one["name"].casefold() == name.casefold() and one["namedRangeId"] != own for one in draft.document.named):
        raise invalid(f"Cannot add range name '{name}': a named range with that name already exists.")
    _, kept = _ranged(draft, given.get("range") or {})
    return {"namedRangeId": own or str(given.get("namedRangeId") or draft.fresh_name()), "name": name, "range": kept}


def _add_named(draft: Draft, asked: JSON) -> JSON:
    kept = named(draft, asked.get("namedRange") or {})
    if any(one["namedRangeId"] == kept["namedRangeId"] for one in draft.document.named):
        raise invalid(f"A named range with the id {kept['namedRangeId']} already exists.")
    draft.document.named.append(kept)
    return {"namedRange": kept}


def _at_named(draft: Draft, named_id: Any) -> int:
    at = next((at for at, one in enumerate(draft.document.named) if one["namedRangeId"] == named_id), None)
    if at is None:
        raise invalid(f"No named range with id: {named_id or ''}")
    return at


def _update_named(draft: Draft, asked: JSON) -> None:
    given = asked.get("namedRange") or {}
    tree = asked_fields(asked, "NamedRange", "namedRange")
    at = _at_named(draft, given.get("namedRangeId"))
    old = draft.document.named[at]
    fresh = {**old, **given} if "*" in tree else merged(old, given, tree)
    draft.document.named[at] = named(draft, fresh, old["namedRangeId"])


def _delete_named(draft: Draft, asked: JSON) -> None:
    del draft.document.named[_at_named(draft, asked.get("namedRangeId"))]


# filters


def _set_filter(draft: Draft, asked: JSON) -> None:
    given = asked.get("filter") or {}
    tab, kept = _ranged(draft, given.get("range") or {})
    tab.filter = {**given, "range": kept}
    _show_all(tab)
    _hide(draft, tab)


def _show_all(tab: Tab) -> None:
    for at in list(tab.row_data):
        left = {name: value for name, value in tab.row_data[at].items() if name != "hiddenByFilter"}
        if left:
            tab.row_data[at] = left
        else:
            del tab.row_data[at]


def _hide(draft: Draft, tab: Tab) -> None:
    """Rows below the header whose value is among a filter's hidden values."""
    assert tab.filter is not None
    rect = a1.from_grid_range(tab.filter["range"]).within(tab.height, tab.width)
    assert rect.bottom is not None
    hidden = {int(column): set(one.get("hiddenValues", [])) for column, one in (tab.filter.get("criteria") or {}).items()}
    for spec in tab.filter.get("filterSpecs") or []:
        hidden.setdefault(spec.get("columnIndex", 0), set()).update((spec.get("filterCriteria") or {}).get("hiddenValues", []))
    for row in range(rect.top + 1, rect.bottom):
        for column, values in hidden.items():
            shown = grid.text(formulas.result(draft.document, tab, row, column), tab.get(row, column), draft.document)
            if shown in values:
                tab.row_data[row] = {**tab.row_data.get(row, {}), "hiddenByFilter": True}


def _clear_filter(draft: Draft, asked: JSON) -> None:
    tab = draft.tab(asked.get("sheetId"))
    tab.filter = None
    _show_all(tab)


# developer metadata


def _create_metadata(draft: Draft, asked: JSON) -> JSON:
    given = dict(asked.get("developerMetadata") or {})
    location = given.get("location") or {}
    if not given.get("metadataKey"):
        raise invalid("Developer metadata needs a key.")
    if given.get("visibility") not in {"DOCUMENT", "PROJECT"}:
        raise invalid("Developer metadata needs a visibility.")
    given.setdefault("metadataId", draft.chance.randrange(1, 2**31 - 1))
    if location.get("spreadsheet"):
        given["location"] = {"locationType": "SPREADSHEET", "spreadsheet": True}
        draft.document.metadata.append(given)
    elif "sheetId" in location:
        given["location"] = {"locationType": "SHEET", "sheetId": location["sheetId"]}
        draft.tab(location["sheetId"]).metadata.append(given)
    elif "dimensionRange" in location:
        span = location["dimensionRange"]
        tab = draft.tab(span.get("sheetId"))
        rows = span.get("dimension") == "ROWS"
        if span.get("endIndex", 0) - span.get("startIndex", 0) != 1:
            raise invalid("Developer metadata can be put on one row or column only.")
        given["location"] = {"locationType": "ROW" if rows else "COLUMN", "dimensionRange": span}
        held = tab.row_data if rows else tab.column_data
        at = span.get("startIndex", 0)
        held[at] = {**held.get(at, {}), "developerMetadata": [*held.get(at, {}).get("developerMetadata", []), given]}
    else:
        raise invalid("Developer metadata needs a location.")
    return {"developerMetadata": given}


KINDS: dict[str, Callable[[Draft, JSON], JSON | None]] = {
    "addProtectedRange": _add_protected,
    "updateProtectedRange": _update_protected,
    "deleteProtectedRange": _delete_protected,
    "addConditionalFormatRule": _add_rule,
    "updateConditionalFormatRule": _update_rule,
    "deleteConditionalFormatRule": _delete_rule,
    "addNamedRange": _add_named,
    "updateNamedRange": _update_named,
    "deleteNamedRange": _delete_named,
    "setBasicFilter": _set_filter,
    "clearBasicFilter": _clear_filter,
    "createDeveloperMetadata": _create_metadata,
}
