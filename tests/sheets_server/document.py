"""What a spreadsheet holds.

A Document is never changed once it is filed: a write edits a draft, which takes its place whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from . import a1
from .a1 import Rect

JSON = dict[str, Any]


class Formula(str):
    """What was entered when it begins with `=`."""

    __slots__ = ()


Entered = None | bool | int | float | str | Formula


def number(value: float) -> int | float:
    """Whole numbers are ints, so that they are written without a point, as Google does."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


class Part:
    """A piece of JSON that many cells share (a format, a validation rule): equal pieces are one object."""

    __slots__ = ("__weakref__", "effective", "value")
    _known: WeakValueDictionary[str, Part] = WeakValueDictionary()

    def __init__(self, value: JSON) -> None:
        self.value = value
        self.effective: JSON | None = None

    @classmethod
    def of(cls, value: JSON | None) -> Part | None:
        if not value:
            return None
        key = json.dumps(value, sort_keys=True, ensure_ascii=False)
        part = cls._known.get(key)
        if part is None:
            part = cls._known[key] = cls(value)
        return part


class Cell(NamedTuple):
    """One cell. Immutable, so that drafts share it."""

    value: Entered = None
    format: Part | None = None
    validation: Part | None = None
    note: str | None = None
    runs: Part | None = None
    """textFormatRuns, wrapped as {"runs": […]}."""

    @property
    def blank(self) -> bool:
        return self == BLANK

    @property
    def number_format(self) -> JSON | None:
        return self.format.value.get("numberFormat") if self.format else None


BLANK = Cell()


class Tab:
    """One sheet of a spreadsheet."""

    def __init__(self, properties: JSON) -> None:
        self.properties = properties
        """Google's SheetProperties, without index."""
        self.rows: dict[int, dict[int, Cell]] = {}
        """Row → column → cell; blank cells and empty rows are not kept."""
        self.row_data: dict[int, JSON] = {}
        self.column_data: dict[int, JSON] = {}
        """Google's DimensionProperties of the rows and columns that differ from the default."""
        self.merges: list[Rect] = []
        self.conditional: list[JSON] = []
        self.protected: list[JSON] = []
        self.filter: JSON | None = None
        self.metadata: list[JSON] = []
        self.written: dict[Any, bytes] = {}
        """What was answered about this tab, for as long as nothing in it changes; only without formulas, which look elsewhere."""
        self._formulas: bool | None = None

    def copy(self) -> Tab:
        twin = Tab({**self.properties, "gridProperties": {**self.properties["gridProperties"]}})
        twin.rows = {row: dict(cells) for row, cells in self.rows.items()}
        twin.row_data = {at: dict(data) for at, data in self.row_data.items()}
        twin.column_data = {at: dict(data) for at, data in self.column_data.items()}
        twin.merges = list(self.merges)
        twin.conditional = list(self.conditional)
        twin.protected = list(self.protected)
        twin.filter = self.filter
        twin.metadata = list(self.metadata)
        return twin

    @property
    def id(self) -> int:
        return self.properties["sheetId"]

    @property
    def title(self) -> str:
        return self.properties["title"]

    @property
    def height(self) -> int:
        return self.properties["gridProperties"]["rowCount"]

    @property
    def width(self) -> int:
        return self.properties["gridProperties"]["columnCount"]

    @property
    def rect(self) -> Rect:
        return Rect(0, 0, self.height, self.width)

    @property
    def has_formulas(self) -> bool:
        if self._formulas is None:
            self._formulas = any(type(cell.value) is Formula for cells in self.rows.values() for cell in cells.values())
        return self._formulas

    def get(self, row: int, column: int) -> Cell:
        return self.rows.get(row, {}).get(column, BLANK)

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Only on a draft's own copy."""
        if cell.blank:
            cells = self.rows.get(row)
            if cells is not None and cells.pop(column, None) is not None and not cells:
                del self.rows[row]
        else:
            self.rows.setdefault(row, {})[column] = cell
            if type(cell.value) is Formula:
                self._formulas = True
            if row >= self.height or column >= self.width:
                raise AssertionError(f"{self.title}!{a1.cell_name(row, column)} lies outside the grid")

    def cells(self, rect: Rect) -> Iterator[tuple[int, int, Cell]]:
        """The kept cells of a closed rectangle, row by row."""
        assert rect.bottom is not None and rect.right is not None
        for row in sorted(row for row in self.rows if rect.top <= row < rect.bottom):
            cells = self.rows[row]
            for column in sorted(column for column in cells if rect.left <= column < rect.right):
                yield row, column, cells[column]

    def resize(self, height: int, width: int) -> None:
        """A grid of that size; what falls off is lost."""
        if height < self.height or width < self.width:
            self.rows = {
                row: kept
                for row, cells in self.rows.items()
                if row < height and (kept := {column: cell for column, cell in cells.items() if column < width})
            }
            self.row_data = {at: data for at, data in self.row_data.items() if at < height}
            self.column_data = {at: data for at, data in self.column_data.items() if at < width}
            self.merges = [rect.within(height, width) for rect in self.merges if rect.top < height and rect.left < width]
        self.properties["gridProperties"]["rowCount"] = height
        self.properties["gridProperties"]["columnCount"] = width


class Document:
    """A spreadsheet at one moment."""

    def __init__(self, properties: JSON) -> None:
        self.properties = properties
        self.tabs: list[Tab] = []
        self.named: list[JSON] = []
        self.metadata: list[JSON] = []
        self.results: dict[tuple[int, int, int], Any] = {}
        """What its formulas gave, by sheet, row and column."""
        self.written: dict[Any, bytes] = {}
        """What was answered about tabs with formulas."""
        self._own: set[int] = set()

    def draft(self) -> Document:
        """A copy to edit; tabs are shared until `edit` asks for one."""
        twin = Document({**self.properties})
        twin.tabs = list(self.tabs)
        twin.named = list(self.named)
        twin.metadata = list(self.metadata)
        return twin

    @property
    def locale(self) -> str:
        return self.properties.get("locale", "en_US")

    def find(self, sheet_id: int) -> Tab | None:
        return next((tab for tab in self.tabs if tab.id == sheet_id), None)

    def titled(self, title: str) -> Tab | None:
        """Titles differ in more than case."""
        folded = title.casefold()
        return next((tab for tab in self.tabs if tab.title.casefold() == folded), None)

    def edit(self, tab: Tab) -> Tab:
        """This draft's own copy of a tab."""
        if id(tab) in self._own:
            return tab
        twin = tab.copy()
        self.tabs[self.tabs.index(tab)] = twin
        self._own.add(id(twin))
        return twin

    def add(self, tab: Tab, index: int | None = None) -> Tab:
        self.tabs.insert(len(self.tabs) if index is None else index, tab)
        self._own.add(id(tab))
        return tab
