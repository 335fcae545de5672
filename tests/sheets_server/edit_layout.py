"""batchUpdate: borders and merges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .a1 import Rect
from .drafts import Draft
from .errors import invalid
from .formats import format_of

JSON = dict[str, Any]

_SIDES = ("top", "bottom", "left", "right")


def _border(draft: Draft, asked: JSON) -> None:
    tab, rect = draft.area(asked.get("range"))
    draft.unprotected(tab, rect)
    assert rect.bottom is not None and rect.right is not None
    for row in range(rect.top, rect.bottom):
        for column in range(rect.left, rect.right):
            given = {
                "top": asked.get("top" if row == rect.top else "innerHorizontal"),
                "bottom": asked.get("bottom" if row == rect.bottom - 1 else "innerHorizontal"),
                "left": asked.get("left" if column == rect.left else "innerVertical"),
                "right": asked.get("right" if column == rect.right - 1 else "innerVertical"),
            }
            cell = tab.get(row, column)
            format_ = dict(cell.format.value) if cell.format else {}
            borders = dict(format_.get("borders") or {})
            for side in _SIDES:
                line = given[side]
                if line is None:
                    continue
                if line.get("style") in {None, "NONE"}:
                    borders.pop(side, None)
                else:
                    borders[side] = line
            format_["borders"] = borders
            tab.put(row, column, cell._replace(format=format_of({name: held for name, held in format_.items() if held != {}})))


def _merge(draft: Draft, asked: JSON) -> None:
    tab, rect = draft.area(asked.get("range"))
    draft.unprotected(tab, rect)
    kind = asked.get("mergeType", "MERGE_ALL")
    assert rect.bottom is not None and rect.right is not None
    if kind == "MERGE_ALL":
        parts = [rect]
    elif kind == "MERGE_ROWS":
        parts = [Rect(row, rect.left, row + 1, rect.right) for row in range(rect.top, rect.bottom)]
    elif kind == "MERGE_COLUMNS":
        parts = [Rect(rect.top, column, rect.bottom, column + 1) for column in range(rect.left, rect.right)]
    else:
        raise invalid(f"Invalid value at 'merge_type' (MergeType), \"{kind}\"")
    for one in tab.merges:
        if one.meets(rect) and not _holds(rect, one):
            raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    tab.merges = [one for one in tab.merges if not one.meets(rect)]
    for part in parts:
        if part.height * part.width < 2:
            continue
        tab.merges.append(part)
        for row, column, cell in list(tab.cells(part)):
            if (row, column) != (part.top, part.left):  # only the first cell keeps its value
                tab.put(row, column, cell._replace(value=None, note=None, runs=None))


def _holds(outer: Rect, inner: Rect) -> bool:
    assert None not in (outer.bottom, outer.right, inner.bottom, inner.right)
    return outer.top <= inner.top and outer.left <= inner.left and inner.bottom <= outer.bottom and inner.right <= outer.right  # type: ignore[operator]


def _unmerge(draft: Draft, asked: JSON) -> None:
    tab, rect = draft.area(asked.get("range"))
    draft.unprotected(tab, rect)
    if any(one.meets(rect) and not _holds(rect, one) for one in tab.merges):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    tab.merges = [one for one in tab.merges if not one.meets(rect)]


KINDS: dict[str, Callable[[Draft, JSON], JSON | None]] = {
    "updateBorders": _border,
    "mergeCells": _merge,
    "unmergeCells": _unmerge,
}
