"""A change in the making: the draft it works on, who makes it, and what it may touch."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from . import a1
from .a1 import Rect
from .document import Cell, Document, Part, Tab, number
from .entry import typed
from .errors import ApiError, invalid
from .formats import format_of
from .locales import locale

JSON = dict[str, Any]
MOST_CELLS = 10_000_000


@dataclass
class Draft:
    document: Document
    email: str
    owner: bool
    """Protection does not hold the owner of the file."""
    today: dt.date
    chance: random.Random

    def tab(self, sheet_id: Any) -> Tab:
        """This draft's own copy of a sheet."""
        found = self.document.find(int(sheet_id or 0))
        if found is None:
            raise invalid(f"No grid with id: {sheet_id or 0}")
        return self.document.edit(found)

    def area(self, given: JSON | None) -> tuple[Tab, Rect]:
        """A GridRange: its sheet and what of it lies on the grid; one that starts outside is refused."""
        given = given or {}
        tab = self.tab(given.get("sheetId"))
        rect = a1.from_grid_range(given)
        check_start(tab, rect)
        return tab, rect.within(tab.height, tab.width)

    def unprotected(self, tab: Tab, rect: Rect) -> None:
        """Raises the 400 that an edit of a protected range gets."""
        if self.owner or not rect.height or not rect.width:
            return
        for one in tab.protected:
            if one.get("warningOnly") or self.email in (one.get("editors") or {}).get("users", []):
                continue
            if one.get("requestingUser") == self.email:
                continue
            if a1.from_grid_range(one["range"]).meets(rect) and not self._left_open(one, rect):
                raise invalid(
                    "You are trying to edit a protected cell or object. "
                    "Please contact the spreadsheet owner to remove protection if you need to edit."
                )

    @staticmethod
    def _left_open(one: JSON, rect: Rect) -> bool:
        """Whether the rectangle lies wholly in one of the parts that the protection leaves open."""
        for part in map(a1.from_grid_range, one.get("unprotectedRanges", [])):
            below = part.bottom is None or (rect.bottom is not None and rect.bottom <= part.bottom)
            beside = part.right is None or (rect.right is not None and rect.right <= part.right)
            if part.top <= rect.top and part.left <= rect.left and below and beside:
                return True
        return False

    def entered(self, cell: Cell, given: Any, option: str) -> Cell:
        """The cell after a value was written into it by values.update; `given` is not None."""
        if isinstance(given, list | dict):
            raise invalid(f"Invalid values: list_value or struct_value where a plain value is expected: {given!r}")
        if isinstance(given, str) and option == "USER_ENTERED":
            if given == "":
                return cell._replace(value=None)
            value, number_format = typed(given, locale(self.document.locale), self.today, cell.number_format)
            if number_format and (cell.number_format or {}).get("type") is None:
                cell = cell._replace(format=format_of({**(cell.format.value if cell.format else {}), "numberFormat": number_format}))
            return cell._replace(value=value)
        if isinstance(given, str):
            return cell._replace(value=given or None)
        return cell._replace(value=given if isinstance(given, bool) else number(given))

    def fresh_id(self) -> int:
        taken = {tab.id for tab in self.document.tabs}
        while (new := self.chance.randrange(1, 2**31 - 1)) in taken:
            pass
        return new

    def fresh_name(self) -> str:
        """Id of a named range."""
        return "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=12))

    def check_size(self) -> None:
        if sum(tab.height * tab.width for tab in self.document.tabs) > MOST_CELLS:
            raise invalid(f"This action would increase the number of cells in the workbook above the limit of {MOST_CELLS} cells.")


def check_start(tab: Tab, rect: Rect) -> None:
    """A range may end outside the grid, not start there."""
    if rect.top >= tab.height or rect.left >= tab.width:
        raise beyond(tab, rect)


def beyond(tab: Tab, rect: Rect) -> ApiError:
    first = a1.cell_name(rect.top, rect.left)
    last = ("" if rect.right is None else a1.column_name(rect.right - 1)) + ("" if rect.bottom is None else str(rect.bottom))
    where = f"{tab.title}!{first}" + ("" if last in {"", first} else f":{last}")
    return invalid(f"Range ({where}) exceeds grid limits. Max rows: {tab.height}, max columns: {tab.width}")


def part(value: JSON | None) -> Part | None:
    return Part.of(value)
