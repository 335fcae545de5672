"""Planned tabs and rows as requests of spreadsheets.batchUpdate. Nothing is sent here."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.model.cell import column_letters
from lib.provisioning import spelling
from lib.provisioning.found import UNFINISHED, keys_of
from lib.provisioning.spelling import Json
from lib.settings import Settings
from lib.templates.instruction import instruction
from lib.templates.look import (
    DAY,
    FIRST_ROW,
    HEADING,
    HEADING_ROW,
    IDENTITY_ROW,
    TEAL,
    Layout,
    Look,
    lay_out,
)  # fmt: skip
from lib.templates.plan import CellContent, Tab, WorkbookPlan
from lib.templates.rules import Rules, runs
from lib.templates.words import WorkbookWords

MOST_BYTES = 1_500_000  # of one request; Google advises 2 MB
_ROWS_BYTES = 900_000  # of the rows that are written with their tab


@dataclass
class Step:
    """Requests that belong into one batch. `tabs` come before all others of the batch: later ones may speak of them."""

    tabs: list[Json] = field(default_factory=list)
    rest: list[Json] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes as they are sent."""
        return sum(len(encoded(request)) + 1 for request in (*self.tabs, *self.rest))


def encoded(value: Any) -> bytes:
    """JSON as it is sent: Cyrillic letters take two bytes, not six."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def batches(steps: Iterable[Step]) -> Iterator[list[Json]]:
    """The steps, in order, in as few batches as their size allows."""
    tabs: list[Json] = []
    rest: list[Json] = []
    size = 0
    for step in steps:
        if size and size + step.size > MOST_BYTES:
            yield tabs + rest
            tabs, rest, size = [], [], 0
        tabs, rest, size = tabs + step.tabs, rest + step.rest, size + step.size
    if tabs or rest:
        yield tabs + rest


class SheetsDrawing:
    """One planned workbook in the words of Sheets. `editor`: the account that may change what is protected."""

    def __init__(self, plan: WorkbookPlan, settings: Settings, words: WorkbookWords, editor: str) -> None:
        self.plan, self.settings, self.words, self.editor = plan, settings, words, editor
        self.rules = Rules(plan, settings, words, spelling.SEPARATOR, spelling.listed)
        self.sources = self._sources()
        yes_no = settings.cell_words
        self._yes_no = (yes_no["yes"][0], yes_no["no"][0])

    def _sources(self) -> dict[str, str]:
        """Where each long list stands: a column of the tab of lists, or of one of the workbook's own tabs."""
        found = {name: spelling.column_of(self.words.lists_tab.ky, place, 0) for place, name in enumerate(self.own_lists)}
        for name, (form, key) in self.plan.ranges.items():
            home = self.home_of(form)
            found[name] = spelling.column_of(home.title, home.place_of(key), FIRST_ROW)
        return found

    @property
    def own_lists(self) -> list[str]:
        """The long lists that stand on the tab of lists, in the order of its columns."""
        return [name for name in self.rules.lists if name not in self.plan.ranges]

    def home_of(self, form: str) -> Tab:
        """The tab of that form."""
        return next(tab for tab in self.plan.tabs if tab.form.id == form)

    # --- a new tab -------------------------------------------------------------------------------------------------------

    def tab(self, tab: Tab, title: str, sheet: int, index: int) -> list[Step]:
        """Everything of a new tab: one step, and more for rows that would make it too big (see `rows_left`)."""
        layout = lay_out(tab, self.words)
        width = max(len(tab.columns), len(tab.identity) + 1)
        grid = {"rowCount": layout.last_row + 1, "columnCount": width, "frozenRowCount": FIRST_ROW, "frozenColumnCount": layout.frozen}
        step = Step()
        step.tabs.append(_add_tab(sheet, title, index, grid, layout.colour))
        first = self._rows_that_fit(tab, 0)
        step.rest += [self._head(layout, sheet, first), *self._sizes(layout, sheet), *self._column_looks(layout, sheet)]
        step.rest += self._rows(tab, sheet, 0, first)
        for left, last, limit in runs(self.rules.limits(tab)):
            cell = f"{column_letters(left)}{FIRST_ROW + 1}"
            where = spelling.area(sheet, FIRST_ROW, layout.last_row + 1, left, last + 1)
            step.rest.append({"setDataValidation": {"range": where, "rule": spelling.validation(limit, cell, self.sources)}})
        for number, paint in enumerate(self.rules.paints(tab)):
            where = spelling.area(sheet, FIRST_ROW, layout.last_row + 1, paint.first, paint.last + 1)
            step.rest.append({"addConditionalFormatRule": {"rule": spelling.paint(paint, where), "index": number}})
        step.rest.append(self._protect(spelling.area(sheet, 0, FIRST_ROW, 0, width)))
        for left, last, _ in runs([ready or None for ready in layout.ready]):
            step.rest.append(self._protect(spelling.area(sheet, FIRST_ROW, None, left, last + 1)))
        for name, (form, key) in self.plan.ranges.items():
            if form == tab.form.id:
                place = tab.place_of(key)
                step.rest.append(_name(name, spelling.area(sheet, FIRST_ROW, None, place, place + 1)))
        return [step, *self.rows_left(tab, sheet, IDENTITY_ROW, first)]

    def rows_left(self, tab: Tab, sheet: int, identity_row: int, written: int, below: bool = False) -> list[Step]:
        """The planned rows from `written` on, and that the tab is whole with the last of them.

        `below`: put them below whatever stands there, since somebody wrote where they should come.
        """
        steps = []
        while written < len(tab.rows):
            upto = self._rows_that_fit(tab, written)
            mark = self._mark(tab, upto)
            cells = self._append(tab, sheet, range(written, upto)) if below else self._rows(tab, sheet, written, upto)
            area = spelling.area(sheet, identity_row, identity_row + 1, len(tab.identity), len(tab.identity) + 1)
            update = {"range": area, "rows": [{"values": [mark]}], "fields": "userEnteredValue"}
            steps.append(Step(rest=[*cells, {"updateCells": update}]))
            written = upto
        return steps

    def _rows_that_fit(self, tab: Tab, start: int) -> int:
        """The row before which to stop."""
        size = 0
        for number in range(start, len(tab.rows)):
            size += len(encoded(self._cells(tab.rows[number]))) + 1
            if size > _ROWS_BYTES and number > start:
                return number
        return len(tab.rows)

    def _mark(self, tab: Tab, written: int) -> Json:
        """The cell behind the identity that tells how many rows are written while more are to come."""
        return {} if written == len(tab.rows) else {"userEnteredValue": {"stringValue": f"{UNFINISHED}{written}"}}

    def _head(self, layout: Layout, sheet: int, written: int) -> Json:
        """Identity, keys, heading and the two rows of headers."""
        tab = layout.tab
        identity = [_text(text) for text in tab.identity] + ([mark] if (mark := self._mark(tab, written)) else [])
        rows = [
            identity,
            [_text(column.key) for column in tab.columns],
            [_text(layout.heading, HEADING)],
            [_text(c.ky, ky) for c, (ky, _) in zip(tab.columns, layout.headers, strict=True)],
            [_text(c.ru, ru) for c, (_, ru) in zip(tab.columns, layout.headers, strict=True)],
        ]
        start = {"sheetId": sheet, "rowIndex": IDENTITY_ROW, "columnIndex": 0}
        return _update(start, [{"values": row} for row in rows], "userEnteredValue,userEnteredFormat")

    @staticmethod
    def _sizes(layout: Layout, sheet: int) -> list[Json]:
        """Hidden rows, widths and heights."""
        hide = {"range": _span(sheet, "ROWS", IDENTITY_ROW, HEADING_ROW), "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}
        found: list[Json] = [{"updateDimensionProperties": hide}]
        found += [_size(sheet, "COLUMNS", first, last, round(width * 7 + 5)) for first, last, width in runs(layout.widths)]
        tall = [layout.heights.get(number) for number in range(layout.last_row + 1)]
        return found + [_size(sheet, "ROWS", first, last, round(height * 4 / 3)) for first, last, height in runs(tall)]

    def _column_looks(self, layout: Layout, sheet: int) -> list[Json]:
        """The looks of all cells that a person may fill; grey where they are filled already."""
        found = [_paint_cells(sheet, FIRST_ROW, layout.last_row + 1, first, last + 1, one) for first, last, one in runs(layout.looks)]
        if layout.tab.rows:
            bottom = FIRST_ROW + len(layout.tab.rows)
            grey = [layout.cell_look(place) if ready else None for place, ready in enumerate(layout.ready)]
            found += [_paint_cells(sheet, FIRST_ROW, bottom, first, last + 1, one) for first, last, one in runs(grey)]
        return found

    def _rows(self, tab: Tab, sheet: int, start: int, stop: int) -> list[Json]:
        """The planned rows `start` to before `stop` at their places, and the look of days in columns that are not for days."""
        if start == stop:
            return []
        rows = [self._cells(row) for row in tab.rows[start:stop]]
        corner = {"sheetId": sheet, "rowIndex": FIRST_ROW + start, "columnIndex": 0}
        found = [_update(corner, rows, "userEnteredValue")]
        for number in range(start, stop):
            for place, content in enumerate(tab.rows[number]):
                if _stray_day(tab, place, content):
                    found.append(_paint_cells(sheet, FIRST_ROW + number, FIRST_ROW + number + 1, place, place + 1, DAY))
        return found

    def _cells(self, row: Sequence[CellContent]) -> Json:
        contents = [spelling.value(content, self._yes_no) for content in row]
        while contents and not contents[-1]:
            contents.pop()
        return {"values": [{"userEnteredValue": content} if content else {} for content in contents]}

    def _protect(self, area: Json) -> Json:
        told = f"{self.words.protected.ky} / {self.words.protected.of('ru')}"
        editors = {"editors": {"users": [self.editor]}} if self.editor else {}
        protected = {"range": area, "description": told, "warningOnly": False, **editors}
        return {"addProtectedRange": {"protectedRange": protected}}

    # --- rows of a tab that is there -------------------------------------------------------------------------------------

    def _append(self, tab: Tab, sheet: int, numbers: Iterable[int]) -> list[Json]:
        return self.append(tab, sheet, {key: place for place, key in enumerate(keys_of(tab)) if key}, [tab.rows[n] for n in numbers])

    def append(self, tab: Tab, sheet: int, columns: Mapping[str, int], rows: Sequence[Sequence[CellContent]]) -> list[Json]:
        """Put rows below whatever stands on the tab, each content into the column of its key as it is there now (`columns`)."""
        layout = lay_out(tab, self.words)
        width = max(columns.values()) + 1
        drawn = []
        for row in rows:
            cells: list[Json] = [{} for _ in range(width)]
            for place, (key, content) in enumerate(zip(keys_of(tab), row, strict=True)):
                if key in columns:
                    one = DAY if _stray_day(tab, place, content) else layout.cell_look(place)
                    entered = spelling.value(content, self._yes_no)
                    cells[columns[key]] = {"userEnteredFormat": spelling.look(one)} | ({"userEnteredValue": entered} if entered else {})
            drawn.append({"values": cells})
        return [{"appendCells": {"sheetId": sheet, "rows": drawn, "fields": "userEnteredValue,userEnteredFormat"}}]

    def limits_of_rows(self, tab: Tab, sheet: int, columns: Mapping[str, int], top: int, bottom: int) -> list[Json]:
        """The drop-downs and limits of rows `top` to before `bottom`."""
        found = []
        for key, limit in zip(keys_of(tab), self.rules.limits(tab), strict=True):
            if limit is not None and key in columns:
                place = columns[key]
                rule = spelling.validation(limit, f"{column_letters(place)}{top + 1}", self.sources)
                found.append({"setDataValidation": {"range": spelling.area(sheet, top, bottom, place, place + 1), "rule": rule}})
        return found

    # --- instruction and lists -------------------------------------------------------------------------------------------

    def instruction(self, sheet: int) -> list[Json]:
        """Make the first, empty tab of a new spreadsheet the instruction."""
        page = instruction(self.plan, self.settings, self.words)
        height, width = max(told.row for told in page.texts) + 1, len(page.widths)
        grid = {"rowCount": height, "columnCount": width, "hideGridlines": True}
        about = {"sheetId": sheet, "title": self.words.instruction_tab.ky, "gridProperties": grid, "tabColorStyle": spelling.colour(TEAL)}
        fields = "title,tabColorStyle,gridProperties(rowCount,columnCount,hideGridlines)"
        found: list[Json] = [{"updateSheetProperties": {"properties": about, "fields": fields}}]
        found += [_size(sheet, "COLUMNS", place, place, round(letters * 7 + 5)) for place, letters in enumerate(page.widths)]
        found += [_size(sheet, "ROWS", row, row, round(points * 4 / 3)) for row, points in page.heights.items()]
        cells: list[list[Json]] = [[{} for _ in range(width)] for _ in range(height)]
        for told in page.texts:
            cells[told.row][told.column] = _text(told.text, told.look)
            if told.last > told.column:
                across = spelling.area(sheet, told.row, told.row + 1, told.column, told.last + 1)
                found.append({"mergeCells": {"range": across, "mergeType": "MERGE_ALL"}})
        corner = {"sheetId": sheet, "rowIndex": 0, "columnIndex": 0}
        found.append(_update(corner, [{"values": row} for row in cells], "userEnteredValue,userEnteredFormat"))
        return [*found, self._protect({"sheetId": sheet})]

    def lists(self, sheet: int, index: int) -> Step:
        """The hidden tab of long lists, a column and a name for each."""
        columns = [self.plan.lists[name] for name in self.own_lists]
        step = Step()
        grid = {"rowCount": max(map(len, columns)), "columnCount": len(columns)}
        step.tabs.append(_add_tab(sheet, self.words.lists_tab.ky, index, grid, hidden=True))
        for place, (name, values) in enumerate(zip(self.own_lists, columns, strict=True)):
            step.rest.append(self.list_column(sheet, place, values))
            step.rest.append(_name(name, spelling.area(sheet, 0, None, place, place + 1)))
        step.rest.append(self._protect({"sheetId": sheet}))
        return step

    @staticmethod
    def list_column(sheet: int, column: int, values: Sequence[str], before: int = 0) -> Json:
        """Write a long list; `before`: how many values stood there, so that none is left over."""
        rows = [{"values": [_text(text)]} for text in values] + [{"values": [{}]}] * (before - len(values))
        return _update({"sheetId": sheet, "rowIndex": 0, "columnIndex": column}, rows, "userEnteredValue")


def _stray_day(tab: Tab, place: int, content: CellContent) -> bool:
    """Whether a day stands in a column whose cells are not shown as days."""
    column = tab.columns[place].column if place < len(tab.columns) else None
    return isinstance(content, dt.date) and (column is None or column.type != "date")


def _text(text: str, look: Look | None = None) -> Json:
    found: Json = {"userEnteredValue": {"stringValue": text}} if text else {}
    return found if look is None else found | {"userEnteredFormat": spelling.look(look)}


def _update(start: Json, rows: list[Json], fields: str) -> Json:
    return {"updateCells": {"start": start, "rows": rows, "fields": fields}}


def _paint_cells(sheet: int, top: int, bottom: int, left: int, right: int, look: Look) -> Json:
    cell = {"userEnteredFormat": spelling.look(look)}
    return {"repeatCell": {"range": spelling.area(sheet, top, bottom, left, right), "cell": cell, "fields": "userEnteredFormat"}}


def _span(sheet: int, dimension: str, first: int, stop: int) -> Json:
    return {"sheetId": sheet, "dimension": dimension, "startIndex": first, "endIndex": stop}


def _size(sheet: int, dimension: str, first: int, last: int, pixels: int) -> Json:
    span = _span(sheet, dimension, first, last + 1)
    return {"updateDimensionProperties": {"range": span, "properties": {"pixelSize": pixels}, "fields": "pixelSize"}}


def _add_tab(sheet: int, title: str, index: int, grid: Mapping[str, int], colour: str = "", hidden: bool = False) -> Json:
    properties: Json = {"sheetId": sheet, "title": title, "index": index, "gridProperties": grid}
    if colour:
        properties["tabColorStyle"] = spelling.colour(colour)
    if hidden:
        properties["hidden"] = True
    return {"addSheet": {"properties": properties}}


def _name(listed: str, area: Json) -> Json:
    return {"addNamedRange": {"namedRange": {"name": spelling.name_of(listed), "range": area}}}
