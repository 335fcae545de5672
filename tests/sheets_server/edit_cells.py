"""batchUpdate: what stands in cells, how it looks, and which values it allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import a1, formulas, masks
from .a1 import Rect
from .document import Cell, Entered, Formula, Part, Tab, number
from .drafts import Draft
from .edit_tabs import asked_fields, merged
from .errors import invalid
from .formats import complete, format_of
from .locales import locale
from .masks import Tree

JSON = dict[str, Any]


def value_of(given: JSON | None) -> Entered:
    """ExtendedValue → what the cell keeps."""
    if not given:
        return None
    if len(given) > 1:
        raise invalid("Only one kind of value may be set in a cell.")
    if "numberValue" in given:
        if isinstance(given["numberValue"], bool) or not isinstance(given["numberValue"], int | float):
            raise invalid(f"Invalid value at 'number_value' (TYPE_DOUBLE), {given['numberValue']!r}")
        return number(given["numberValue"])
    if "boolValue" in given:
        return bool(given["boolValue"])
    if "formulaValue" in given:
        if not str(given["formulaValue"]).startswith("="):
            raise invalid(f"Invalid formula: {given['formulaValue']}. Formulas start with =")
        return Formula(given["formulaValue"])
    if "errorValue" in given:
        raise invalid("errorValue is read only.")
    return str(given.get("stringValue", "")) or None


_WRITABLE = frozenset({"userEnteredValue", "userEnteredFormat", "dataValidation", "note", "textFormatRuns"})


def applied(cell: Cell, given: JSON, tree: Tree) -> Cell:
    """The cell with the fields of the tree taken from CellData."""
    everything = not tree or "*" in tree
    wants = _WRITABLE if everything else tree
    value, format_, validation, note, runs = cell
    if "userEnteredValue" in wants:
        value, runs = value_of(given.get("userEnteredValue")), None
    if "userEnteredFormat" in wants:
        inner = masks.ALL if everything else tree["userEnteredFormat"]
        new = given.get("userEnteredFormat") or {}
        if inner:
            new = merged(format_.value if format_ else None, complete(new), _both_spellings(inner))
        format_ = format_of(new)
    if "dataValidation" in wants:
        validation = rule_of(given.get("dataValidation"))
    if "note" in wants:
        note = given.get("note") or None
    if "textFormatRuns" in wants:
        told = given.get("textFormatRuns")
        runs = Part.of({"runs": complete(told)}) if told else None
    return Cell(value, format_, validation, note, runs)


def _both_spellings(tree: Tree) -> Tree:
    """A colour is set in both spellings whichever was named."""
    whole: dict[str, Tree] = {}
    for name, inner in tree.items():
        whole[name] = _both_spellings(inner) if name in {"textFormat", "borders", "top", "bottom", "left", "right"} else inner
        if name.endswith("Color"):
            whole.setdefault(f"{name}Style", {})
        elif name.endswith("ColorStyle"):
            whole.setdefault(name.removesuffix("Style"), {})
    return whole


def rule_of(given: JSON | None) -> Part | None:
    """A data validation rule to keep."""
    if not given:
        return None
    kind = (given.get("condition") or {}).get("type")
    if not kind:
        raise invalid("A data validation rule needs a condition.")
    values = given["condition"].get("values", [])
    least, most = _CONDITION_VALUES.get(kind, (None, None))
    if least is None or most is None:
        raise invalid(f"Invalid value at 'condition.type' (ConditionType), \"{kind}\"")
    if not least <= len(values) <= most:
        raise invalid(f"ConditionType '{kind}' needs {least if least == most else f'{least} or more'} values, {len(values)} were given.")
    return Part.of({name: held for name, held in complete(given).items() if held not in (False, None, "")})


_ANY = 100_000
_CONDITION_VALUES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        ("NUMBER_GREATER", "NUMBER_GREATER_THAN_EQ", "NUMBER_LESS", "NUMBER_LESS_THAN_EQ", "NUMBER_EQ", "NUMBER_NOT_EQ"), (1, 1)
    ),
    **dict.fromkeys(("NUMBER_BETWEEN", "NUMBER_NOT_BETWEEN", "DATE_BETWEEN", "DATE_NOT_BETWEEN"), (2, 2)),
    **dict.fromkeys(("TEXT_CONTAINS", "TEXT_NOT_CONTAINS", "TEXT_STARTS_WITH", "TEXT_ENDS_WITH", "CUSTOM_FORMULA", "ONE_OF_RANGE"), (1, 1)),
    **dict.fromkeys(("DATE_BEFORE", "DATE_AFTER", "DATE_ON_OR_BEFORE", "DATE_ON_OR_AFTER"), (1, 1)),
    **dict.fromkeys(("TEXT_IS_EMAIL", "TEXT_IS_URL", "DATE_IS_VALID", "BLANK", "NOT_BLANK"), (0, 0)),
    **dict.fromkeys(("TEXT_EQ", "DATE_EQ", "DATE_NOT_EQ", "TEXT_NOT_EQ", "ONE_OF_LIST"), (1, _ANY)),
    "BOOLEAN": (0, 2),
    "FILTER_EXPRESSION": (1, 1),
}


def _rows(asked: JSON) -> list[list[JSON]]:
    return [(row or {}).get("values") or [] for row in asked.get("rows") or []]


def _update(draft: Draft, asked: JSON) -> None:
    tree, rows = asked_fields(asked, "CellData"), _rows(asked)
    height, width = len(rows), max(map(len, rows), default=0)
    if "range" in asked:
        tab, rect = draft.area(asked["range"])
        if height > rect.height or width > rect.width:
            raise invalid(
                f"Attempting to write column or row outside of range: {height} × {width} cells into {rect.height} × {rect.width}."
            )
    else:
        start = asked.get("start") or {}
        tab = draft.tab(start.get("sheetId"))
        rect = Rect(
            start.get("rowIndex", 0), start.get("columnIndex", 0), start.get("rowIndex", 0) + height, start.get("columnIndex", 0) + width
        )
        _check_fit(tab, rect)
    draft.unprotected(tab, rect)
    assert rect.bottom is not None and rect.right is not None
    for down in range(rect.height if "range" in asked else height):
        line = rows[down] if down < height else []
        for across in range(rect.width if "range" in asked else len(line)):
            given = line[across] if across < len(line) else {}
            row, column = rect.top + down, rect.left + across
            tab.put(row, column, applied(tab.get(row, column), given or {}, tree))


def _check_fit(tab: Tab, rect: Rect) -> None:
    assert rect.bottom is not None and rect.right is not None
    if rect.bottom > tab.height or rect.right > tab.width:
        wrong = rect.bottom if rect.bottom > tab.height else rect.right
        side, last = ("row", tab.height - 1) if rect.bottom > tab.height else ("column", tab.width - 1)
        raise invalid(f"Attempting to write {side}: {wrong - 1}, beyond the last requested {side} of: {last}")


def _append(draft: Draft, asked: JSON) -> None:
    tree, rows = asked_fields(asked, "CellData"), _rows(asked)
    tab = draft.tab(asked.get("sheetId"))
    top = 1 + max((row for row, cells in tab.rows.items() if any(cell.value is not None for cell in cells.values())), default=-1)
    width = max(map(len, rows), default=0)
    if top + len(rows) > tab.height or width > tab.width:
        tab.resize(max(tab.height, top + len(rows)), max(tab.width, width))
        draft.check_size()
    for down, line in enumerate(rows):
        for column, given in enumerate(line):
            tab.put(top + down, column, applied(tab.get(top + down, column), given or {}, tree))


def _repeat(draft: Draft, asked: JSON) -> None:
    tree = asked_fields(asked, "CellData", "cell")
    tab, rect = draft.area(asked.get("range"))
    draft.unprotected(tab, rect)
    given = asked.get("cell") or {}
    decimal = locale(draft.document.locale).decimal
    assert rect.bottom is not None and rect.right is not None
    known: dict[Cell, Cell] = {}
    for row in range(rect.top, rect.bottom):
        for column in range(rect.left, rect.right):
            old = tab.get(row, column)
            new = known.get(old)
            if new is None:
                new = applied(old, given, tree)
                if type(old.value) not in {bool, float, int}:  # True and 1 are equal as keys, and not the same cell
                    known[old] = new
            if type(new.value) is Formula and "userEnteredValue" in given:
                new = new._replace(value=shifted(new.value, row - rect.top, column - rect.left, decimal))
            tab.put(row, column, new)


def shifted(formula: Formula, down: int, across: int, decimal: str) -> Formula:
    """The formula as it reads when copied so far: what has no $ moves along."""
    if not down and not across:
        return formula

    def move(title: str | None, rect: Rect, area: str) -> str | None:
        try:
            return re.sub(r"(\$?)([A-Za-z]{1,3})(?=[$\d:]|$)|(\$?)(\d+)", step, area)
        except IndexError:
            return None

    def step(found: re.Match[str]) -> str:
        if found[2]:
            at = a1.column_index(found[2]) + (0 if found[1] else across)
            if at < 0:
                raise IndexError
            return found[1] + a1.column_name(at)
        row = int(found[4]) + (0 if found[3] else down)
        if row < 1:
            raise IndexError
        return found[3] + str(row)

    return formulas.moved(formula, move, decimal)


def _validate(draft: Draft, asked: JSON) -> None:
    tab, rect = draft.area(asked.get("range"))
    draft.unprotected(tab, rect)
    rule = rule_of(asked.get("rule"))
    assert rect.bottom is not None and rect.right is not None
    for row in range(rect.top, rect.bottom):
        for column in range(rect.left, rect.right):
            tab.put(row, column, tab.get(row, column)._replace(validation=rule))


KINDS: dict[str, Callable[[Draft, JSON], JSON | None]] = {
    "updateCells": _update,
    "appendCells": _append,
    "repeatCell": _repeat,
    "setDataValidation": _validate,
}
