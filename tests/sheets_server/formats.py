"""Cell formats: Google's defaults, and the two spellings of a colour kept in step."""

from __future__ import annotations

import json
from typing import Any

from .document import Cell, Part
from .numbers import DATES

JSON = dict[str, Any]

BLACK: JSON = {"rgbColor": {}}
WHITE: JSON = {"rgbColor": {"red": 1, "green": 1, "blue": 1}}
DEFAULT: JSON = {
    "backgroundColor": WHITE["rgbColor"],
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": BLACK,
    },
    "backgroundColorStyle": WHITE,
}

_COLOURS = ("backgroundColor", "foregroundColor", "color", "tabColor")


def complete(value: Any) -> Any:
    """The same piece with each colour in both spellings (`color` and `colorStyle`), as Google answers; the style wins."""
    if isinstance(value, list):
        return [complete(item) for item in value]
    if not isinstance(value, dict):
        return value
    whole = {name: complete(held) for name, held in value.items()}
    for name in _COLOURS:
        style = f"{name}Style"
        if isinstance(whole.get(style), dict) and "rgbColor" in whole[style]:
            whole[name] = whole[style]["rgbColor"]
        elif name in whole and isinstance(whole[name], dict) and style not in whole:
            whole[style] = {"rgbColor": whole[name]}
    return whole


_known: dict[str, Part] = {}
"""Formats by how they were given: the same one is set on thousands of cells."""
_MOST_KNOWN = 10_000


def format_of(value: JSON | None) -> Part | None:
    """A userEnteredFormat to keep."""
    if not value:
        return None
    key = json.dumps(value)
    part = _known.get(key)
    if part is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        part = Part.of(complete(value))
        assert part is not None
        _known[key] = part
    return part


def effective(cell: Cell, default: JSON) -> JSON | None:
    """effectiveFormat: what was set over the defaults; None where a cell shows nothing."""
    if cell.format is None:
        return default if cell.value is not None else None
    if default is not DEFAULT:
        return _over(default, cell.format.value)
    if cell.format.effective is None:
        cell.format.effective = _over(default, cell.format.value)
    return cell.format.effective


def _over(below: JSON, above: JSON) -> JSON:
    merged = {**below, **above}
    for name, held in above.items():
        if isinstance(held, dict) and isinstance(below.get(name), dict) and name in {"textFormat", "padding"}:
            merged[name] = {**below[name], **held}
    if "numberFormat" in merged and merged["numberFormat"].get("type") in {None, "NUMBER_FORMAT_TYPE_UNSPECIFIED"}:
        del merged["numberFormat"]
    return merged


def is_date(number_format: JSON | None) -> bool:
    return (number_format or {}).get("type") in DATES
