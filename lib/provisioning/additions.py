"""What a spreadsheet still lacks of its plan. A filled cell is never written to: tabs are added whole, rows below the last filled one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.i18n import match_key
from lib.intake.parse import is_blank
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellValue
from lib.provisioning import spelling
from lib.provisioning.drawing import SheetsDrawing, Step
from lib.provisioning.found import Found, FoundTab, RowKey, keys_of, row_key, row_names, rows_of
from lib.provisioning.spelling import Json
from lib.templates.look import FIRST_ROW
from lib.templates.plan import TITLE_LIMIT, CellContent, Tab


@dataclass
class Additions:
    """What is added, and what a person should know.

    `rows`: tab title → how many rows; `gone`: pupils who stand on the tabs and not in the plan, code → name;
    `unknown`: titles of tabs that are perhaps the planned ones but have lost what names them: they are left alone.
    """

    fresh: bool = False
    tabs: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    lists: list[str] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


def additions(drawing: SheetsDrawing, found: Found, words: Vocabulary, locale: str, time_zone: str) -> Additions:
    """Compare the plan with the spreadsheet as it is now."""
    result = Additions()
    sheets = {tab.sheet for tab in found.tabs}
    result.fresh = len(found.tabs) == 1 and not found.tabs[0].filled
    if result.fresh:
        about = {"locale": locale, "timeZone": time_zone}
        first = Step(tabs=[{"updateSpreadsheetProperties": {"properties": about, "fields": "locale,timeZone"}}])
        first.rest += drawing.instruction(found.tabs[0].sheet)
        result.steps.append(first)
    _complete_lists(drawing, found, result, sheets)
    order = [tab.sheet for tab in found.tabs]
    standing: dict[int, int] = {}  # number of a planned tab → its sheet
    missing = []
    for number, tab in enumerate(drawing.plan.tabs):
        if there := found.of(tab.place)[_earlier_twins(drawing.plan.tabs, number) :]:
            standing[number] = there[0].sheet
            _complete_tab(drawing, tab, there, words, result)
        else:
            missing.append(number)
    homes = [form for form, _ in drawing.plan.ranges.values()]
    for number in sorted(missing, key=lambda n: drawing.plan.tabs[n].form.id not in homes):
        tab = drawing.plan.tabs[number]
        if (title := _free_title(tab, found, result)) is None:
            continue
        sheet = _unused(sheets)
        before = [order.index(standing[n]) for n in standing if n < number]
        index = max(before, default=0) + 1
        order.insert(index, sheet)
        standing[number] = sheet
        result.tabs.append(title)
        result.steps += drawing.tab(tab, title, sheet, index)
    return result


def _earlier_twins(tabs: Sequence[Tab], number: int) -> int:
    """How many tabs before that one have the same place: a plan of a demo school may hold a copied tab."""
    return sum(tab.place == tabs[number].place for tab in tabs[:number])


def _unused(sheets: set[int]) -> int:
    sheet = next(n for n in range(1, len(sheets) + 2) if n not in sheets)
    sheets.add(sheet)
    return sheet


def _free_title(tab: Tab, found: Found, result: Additions) -> str | None:
    """A title for the new tab. None when a tab that is not recognised bears it: it may be the very tab, so a person has to look."""
    taken = {other.title.casefold(): other for other in found.tabs}
    there = taken.get(tab.title.casefold())
    if there is None:
        return tab.title
    if there.place is None and there.filled:
        result.unknown.append(there.title)
        return None
    titles = (f"{tab.title[: TITLE_LIMIT - 3]} {number}" for number in range(2, 100))
    return next(title for title in titles if title.casefold() not in taken)


# --- rows ----------------------------------------------------------------------------------------------------------------


def _complete_tab(drawing: SheetsDrawing, tab: Tab, there: Sequence[FoundTab], words: Vocabulary, result: Additions) -> None:
    """Go on with a tab of which only some rows were written; else add the rows of whoever does not stand on it (or on its copies)."""
    first = there[0]
    if (written := first.written) is not None:
        taken = any(not is_blank(cell) for row in first.rows[FIRST_ROW + written :] for cell in row)
        result.steps += drawing.rows_left(tab, first.sheet, first.identity_row, written, below=taken)
        result.rows[first.title] = len(tab.rows) - written
        return
    if not row_names(tab.form):
        return
    if first.layout is None or any(key not in first.layout.columns for key in row_names(tab.form) if not tab.form.column(key).optional):
        result.unknown.append(first.title)
        return
    standing: dict[RowKey, str] = {}
    nameless: set[tuple[str, ...]] = set()
    for one in there:
        if one.layout is None:
            continue
        for cells in rows_of(one.rows, one.layout):
            name = str(cells.get("full_name") or "")
            key = row_key(cells.get, tab.form, words)
            if key is not None:
                standing.setdefault(key, name)
            if name and "pupil_id" in row_names(tab.form) and is_blank(cells.get("pupil_id")):
                nameless.add(_without_code(tab, key, name))
    wanted: dict[RowKey, list[CellContent]] = {}
    names: dict[RowKey, str] = {}
    for row in tab.rows:
        contents = dict(zip(keys_of(tab), row, strict=True))
        key = row_key(contents.get, tab.form, words)
        if key is not None and key not in wanted:
            wanted[key], names[key] = row, str(contents.get("full_name") or "")
    new = [row for key, row in wanted.items() if key not in standing and _without_code(tab, key, names[key]) not in nameless]
    if new:
        result.rows[first.title] = len(new)
        result.steps.append(Step(rest=_appended(drawing, tab, first, new)))
    if "pupil_id" in row_names(tab.form) and tab.form.rows != "open":
        place = row_names(tab.form).index("pupil_id")
        listed = {key[place] for key in wanted}
        result.gone |= {key[place]: name for key, name in standing.items() if key[place] and key[place] not in listed}


def _without_code(tab: Tab, key: RowKey | None, name: str) -> tuple[str, ...]:
    """A row named by the pupil's name instead of the code: somebody has emptied that cell."""
    rest = [part for column, part in zip(row_names(tab.form), key or (), strict=False) if column != "pupil_id"]
    return (*rest, match_key(name))


def _appended(drawing: SheetsDrawing, tab: Tab, there: FoundTab, rows: Sequence[Sequence[CellContent]]) -> list[Json]:
    """New rows with the look, limits and colours of those above them."""
    assert there.layout is not None
    top, bottom = there.filled, there.filled + len(rows)
    found = drawing.append(tab, there.sheet, there.layout.columns, rows)
    found += drawing.limits_of_rows(tab, there.sheet, there.layout.columns, top, bottom)
    for number, rule in enumerate(there.colours):
        ranges = [_longer(area, top, bottom) for area in rule.get("ranges", [])]
        if ranges != rule.get("ranges", []):
            update = {"sheetId": there.sheet, "index": number, "rule": rule | {"ranges": ranges}}
            found.append({"updateConditionalFormatRule": update})
    for protected in there.protected:
        area = protected.get("range", {})
        if (longer := _longer(area, top, bottom)) != area:
            update = {"protectedRange": {"protectedRangeId": protected["protectedRangeId"], "range": longer}, "fields": "range"}
            found.append({"updateProtectedRange": update})
    return found


def _longer(area: Json, top: int, bottom: int) -> Json:
    """The area, down to the new rows when it reaches to the row above them (or to the one before it: a line of totals)."""
    end = area.get("endRowIndex")
    reaches = end is not None and FIRST_ROW < end < bottom and end >= top - 1
    return area | {"endRowIndex": bottom} if reaches else area


# --- lists ---------------------------------------------------------------------------------------------------------------


def _complete_lists(drawing: SheetsDrawing, found: Found, result: Additions, sheets: set[int]) -> None:
    """Make the long lists what the plan says; they are the program's own."""
    wanted = drawing.own_lists
    homes = {name: found.names.get(spelling.name_of(name)) for name in wanted}
    if wanted and not any(homes.values()):
        index = 1 if result.fresh else len(found.tabs)
        step = drawing.lists(_unused(sheets), index)
        if not any(tab.title.casefold() == drawing.words.lists_tab.ky.casefold() for tab in found.tabs):
            result.steps.append(step)
        return
    by_sheet = {tab.sheet: tab for tab in found.tabs}
    free = max((area.get("endColumnIndex", 0) for _, area in filter(None, homes.values())), default=0)
    tab = next((by_sheet.get(area.get("sheetId", 0)) for _, area in filter(None, homes.values())), None)
    if tab is None:
        return
    for name in wanted:
        home = homes[name]
        column = free if home is None else home[1].get("startColumnIndex", 0)
        before = [row[column] if column < len(row) else None for row in tab.rows]
        while before and before[-1] is None:
            before.pop()
        values = drawing.plan.lists[name]
        if before == _as_read(values):
            continue
        step = Step()
        if len(values) > tab.row_count:
            step.rest.append(_grow(tab.sheet, "ROWS", len(values) - tab.row_count))
            tab.row_count = len(values)
        if home is None:
            free += 1
            if free > tab.column_count:
                step.rest.append(_grow(tab.sheet, "COLUMNS", free - tab.column_count))
                tab.column_count = free
            area = spelling.area(tab.sheet, 0, None, column, column + 1)
            step.rest.append({"addNamedRange": {"namedRange": {"name": spelling.name_of(name), "range": area}}})
        elif home[1].get("endRowIndex", len(values)) < len(values):
            named = {"namedRangeId": home[0], "range": home[1] | {"endRowIndex": len(values)}}
            step.rest.append({"updateNamedRange": {"namedRange": named, "fields": "range"}})
        step.rest.append(drawing.list_column(tab.sheet, column, values, len(before)))
        result.lists.append(name)
        result.steps.append(step)


def _as_read(values: Sequence[str]) -> list[CellValue]:
    return [text or None for text in values]


def _grow(sheet: int, dimension: str, length: int) -> Json:
    return {"appendDimension": {"sheetId": sheet, "dimension": dimension, "length": length}}
