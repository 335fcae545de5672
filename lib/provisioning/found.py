"""A spreadsheet as it is now: which planned tab each of its tabs is, and whom its rows speak of.

Tabs are told by their hidden rows, rows by the pupil and what else names them: people rename, reorder and insert.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.i18n import match_key
from lib.intake.locate import Layout, context, locate, signature
from lib.intake.parse import Finding, is_blank, parse, shown
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellValue, RawSheet
from lib.model.form import Form
from lib.store.grid import parsed, read_grid
from lib.templates.plan import PREFILLED, REGISTRY_FORMS, Place, Tab

FIELDS = (
    "spreadsheetId,properties(title,locale,timeZone),namedRanges(name,namedRangeId,range),"
    "sheets(properties(sheetId,title,index,hidden,sheetType,gridProperties(rowCount,columnCount)),"
    "protectedRanges(protectedRangeId,range),conditionalFormats,"
    "data(startRow,startColumn,rowData(values(effectiveValue,effectiveFormat(numberFormat(type))))))"
)
# Stands behind the identity of a tab of which only so many rows are written yet.
UNFINISHED = "rows="

RowKey = tuple[str, ...]


@dataclass
class FoundTab:
    """One tab of the spreadsheet. `place` None: none of ours, or not to be recognised; `layout` None: its rows cannot be told."""

    sheet: int
    title: str
    rows: Sequence[Sequence[CellValue]]
    row_count: int
    column_count: int
    place: Place | None = None
    layout: Layout | None = None
    identity_row: int = -1
    colours: list[dict[str, Any]] = field(default_factory=list)
    protected: list[dict[str, Any]] = field(default_factory=list)

    @property
    def filled(self) -> int:
        """How many rows there are up to the last one with anything in it."""
        return next((n for n in range(len(self.rows), 0, -1) if any(not is_blank(cell) for cell in self.rows[n - 1])), 0)

    @property
    def written(self) -> int | None:
        """How many rows of the plan are written, when the rest is still to come; None for a whole tab."""
        row = self.rows[self.identity_row] if self.identity_row >= 0 else ()
        marks = [cell for cell in row if isinstance(cell, str) and cell.startswith(UNFINISHED)]
        return int(marks[0].removeprefix(UNFINISHED)) if marks else None


@dataclass
class Found:
    """A whole spreadsheet. `names`: named range → (its id, its GridRange)."""

    identity: str
    title: str
    locale: str
    time_zone: str
    tabs: list[FoundTab]
    names: dict[str, tuple[str, dict[str, Any]]]

    def of(self, place: Place) -> list[FoundTab]:
        """The tabs that are that one; more than one when it was copied."""
        return [tab for tab in self.tabs if tab.place == place]


def read_found(body: bytes, identity: str, school_year: str, words: Vocabulary) -> Found:
    """The answer to FIELDS, understood. Tabs of another school year count as none of ours."""
    answer = parsed(body, identity)
    assert answer is not None, "whoever asked has checked the answer"
    about = sorted(
        (sheet for sheet in answer["sheets"] if sheet["properties"].get("sheetType", "GRID") == "GRID"),
        key=lambda sheet: sheet["properties"].get("index", 0),
    )
    sheets = read_grid(f"- {identity}\n".encode() + body, "")
    tabs = []
    for raw, sheet, (own, place, layout) in zip(about, sheets, recognised(sheets, school_year, words), strict=True):
        grid = raw["properties"].get("gridProperties", {})
        tabs.append(
            FoundTab(
                raw["properties"].get("sheetId", 0),
                sheet.title,
                sheet.rows,
                grid.get("rowCount", 0),
                grid.get("columnCount", 0),
                place,
                layout,
                own,
                raw.get("conditionalFormats", []),
                raw.get("protectedRanges", []),
            )  # fmt: skip
        )
    properties = answer.get("properties", {})
    return Found(
        identity, properties.get("title", ""), properties.get("locale", ""), properties.get("timeZone", ""), tabs,
        {named["name"]: (named["namedRangeId"], named.get("range", {})) for named in answer.get("namedRanges", [])},
    )  # fmt: skip


def recognised(
    sheets: Sequence[RawSheet], school_year: str, words: Vocabulary
) -> Iterator[tuple[int, Place | None, Layout | None]]:  # fmt: skip
    """For each tab of a workbook: the row of its identity (-1: lost), which tab of that school year it is, and where its columns stand."""
    signatures = [signature(sheet.rows) for sheet in sheets]
    others = context(signatures, words)
    for sheet, own in zip(sheets, signatures, strict=True):
        layout = locate(sheet, own, others, words)
        if layout is None or layout.form is None or layout.school_year != school_year:
            yield own.row, None, None
        else:
            place = Place(layout.form.id, layout.school_class, layout.subject, layout.method_association)
            yield own.row, place, layout if layout.refused is None else None


def keys_of(tab: Tab) -> list[str]:
    """The key of each planned column, also where the plan leaves out the row of keys; "" for a column that the form does not know."""
    return [column.column.key if column.column is not None else "" for column in tab.columns]


def row_names(form: Form) -> tuple[str, ...]:
    """The columns that tell whose row it is, in forms whose rows are known beforehand; () where people write their own rows."""
    if form.id in REGISTRY_FORMS:
        return form.row_key
    return tuple(key for key in PREFILLED[form.rows] if key != "full_name")


def row_key(cell: Callable[[str], Any], form: Form, words: Vocabulary) -> RowKey | None:
    """Whom a row speaks of, however it is spelt; None when it names nobody. `cell` gives the content under a column's key."""
    found = []
    for name in row_names(form):
        content = cell(name)
        if is_blank(content):
            found.append("")
            continue
        read = parse(content, form.column(name), words)
        value = read.value if isinstance(read, Finding) else read
        found.append(str(value) if value is not None else match_key(shown(content)))
    return tuple(found) if any(found) else None


def rows_of(rows: Sequence[Sequence[CellValue]], layout: Layout) -> list[Mapping[str, CellValue]]:
    """The filled rows of the data area, column key → content."""
    found: list[Mapping[str, CellValue]] = []
    for number in layout.data_rows:
        row = rows[number]
        cells = {key: row[place] if place < len(row) else None for key, place in layout.columns.items()}
        if any(not is_blank(content) for content in cells.values()):
            found.append(cells)
    return found
