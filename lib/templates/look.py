"""How a workbook looks, whatever writes it: colours, widths, heights, and the look of each cell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lib.model.form import Column, ColumnType
from lib.templates.plan import PREFILLED, REGISTRY_FORMS, CellContent, Tab
from lib.templates.words import WorkbookWords

IDENTITY_ROW, KEY_ROW, HEADING_ROW, KY_ROW, RU_ROW, FIRST_ROW = range(6)  # counted from 0; data begin in FIRST_ROW
SPARE_ROWS = 60  # empty rows of an open list that have drop-downs and colours
REGISTRY_ROWS = 1500  # a registry is typed or pasted whole

TEAL, TEAL_DARK, TEAL_PALE, GREY, AMBER, RED = "#0B6E6E", "#0B4F4F", "#D3E6E4", "#F1F4F3", "#FFEFC2", "#F8D2CC"
WHITE, LINE = "#FFFFFF", "#DDE4E2"
# One colour an owner, so that a person finds the tabs that are theirs.
TAB_COLOURS = {
    "teacher": "#0B6E6E", "class_head": "#E0A100", "dep_study": "#5B6B8C", "mo_head": "#7A5195", "organizer": "#2F9E5B",
    "economy": "#8C6D46", "librarian": "#3E7CB1", "director": "#B4472E",
}  # fmt: skip
RESTRICTED_COLOUR = "#9E2A2B"
WIDTHS = {
    ColumnType.ID: 11, ColumnType.NAME: 30, ColumnType.TEXT: 26, ColumnType.DATE: 12, ColumnType.YESNO: 9, ColumnType.CHOICE: 15,
    ColumnType.MARK: 11, ColumnType.NUMBER: 10, ColumnType.COUNT: 12, ColumnType.CLASS: 8, ColumnType.GRADE: 9, ColumnType.SUBJECT: 11,
    ColumnType.MONTH: 7, ColumnType.LIST: 22, ColumnType.EMAIL: 24, ColumnType.ASSOCIATION: 28,
}  # fmt: skip
_TEXTUAL = (ColumnType.TEXT, ColumnType.NAME, ColumnType.LIST, ColumnType.EMAIL, ColumnType.ASSOCIATION)
_WRAPPED = (ColumnType.TEXT, ColumnType.LIST)
DAY_PATTERN, MONTH_PATTERN = "dd.mm.yyyy", "00"


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a cell. Colours are "#RRGGBB" and "" for none, the size is in points, `pattern` is a number format."""

    bold: bool = False
    size: float = 11
    colour: str = ""
    fill: str = ""
    align: str = ""
    top: bool = False
    wrap: bool = False
    edge: str = ""
    pattern: str = ""


DAY = Look(align="center", pattern=DAY_PATTERN)
HEADING = Look(bold=True, size=13, colour=TEAL_DARK)


@dataclass(frozen=True)
class Layout:
    """How one tab looks. Per column: its width in letters, its two header looks, the look of a cell in it (`ready`: filled in beforehand).

    `last_row`: the last row with drop-downs and colours, from 0; `heights`: row → points, where it is not the usual one;
    `frozen`: so many columns stay in sight.
    """

    tab: Tab
    heading: str
    last_row: int
    widths: list[float]
    headers: list[tuple[Look, Look]]
    looks: list[Look]
    ready: list[bool]
    frozen: int
    colour: str
    heights: dict[int, float] = field(default_factory=dict)

    def cell_look(self, place: int) -> Look:
        """The look of a cell that is written in that column."""
        return replace(self.looks[place], fill=GREY) if self.ready[place] else self.looks[place]


def lay_out(tab: Tab, words: WorkbookWords) -> Layout:
    """The layout of a planned tab."""
    spare = 0
    if tab.form.rows == "open":
        spare = max(SPARE_ROWS, REGISTRY_ROWS - len(tab.rows)) if tab.form.id in REGISTRY_FORMS else SPARE_ROWS
    widths = [_width_of(tab, place) for place in range(len(tab.columns))]
    names = any(c.key == "full_name" for c in tab.columns) and tab.form.rows != "open"
    found = Layout(
        tab,
        heading=tab.heading + (f" · {words.restricted.ky}" if tab.form.restricted else ""),
        last_row=FIRST_ROW + max(len(tab.rows), 1) + spare - 1,
        widths=widths,
        headers=[_header(c.column) for c in tab.columns],
        looks=[_look(c.column) for c in tab.columns],
        ready=[c.key in PREFILLED[tab.form.rows] for c in tab.columns],
        frozen=min(tab.place_of("full_name") + 1 if names else 1, 4),
        colour=RESTRICTED_COLOUR if tab.form.restricted else TAB_COLOURS.get(tab.form.filled_by, TEAL),
    )
    tall_ky = max((lines(c.ky, width * 0.9) for c, width in zip(tab.columns, widths, strict=True)), default=1)
    tall_ru = max((lines(c.ru, width * 1.1) for c, width in zip(tab.columns, widths, strict=True)), default=1)
    found.heights.update({HEADING_ROW: 24, KY_ROW: 15.5 * tall_ky + 3, RU_ROW: 12.5 * tall_ru + 3})
    wraps = [(p, width_of(c.column)) for p, c in enumerate(tab.columns) if c.column is not None and c.column.type in _WRAPPED]
    for number, row in enumerate(tab.rows, FIRST_ROW):
        tall = max((lines(shown(row[p]), width * 1.05) for p, width in wraps if p < len(row)), default=1)
        if tall > 1:
            found.heights[number] = 15 * tall
    return found


def width_of(column: Column | None) -> float:
    """The usual width of a column, in letters."""
    if column is None:
        return 14
    return float(column.width) if column.width != 12 else float(WIDTHS[column.type])


def shown(value: CellContent) -> str:
    """The words of a cell, to see how much room they take."""
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def lines(text: str, width: float) -> int:
    """How many lines the words take in a column of that many letters."""
    count, used = 1, 0.0
    for word in text.split():
        if used and used + 1 + len(word) > width:
            count, used = count + 1, 0.0
        used += len(word) + (1 if used else 0)
        while used > width:
            count, used = count + 1, used - width
    return count


def _width_of(tab: Tab, place: int) -> float:
    """The width of that column; codes that are longer than usual get room."""
    column = tab.columns[place].column
    width = width_of(column)
    if column is not None and column.type == ColumnType.ID:
        width = max([width, *(min(22, len(str(row[place])) * 1.15 + 1) for row in tab.rows[:200] if row[place] is not None)])
    return width


def _header(column: Column | None) -> tuple[Look, Look]:
    """The looks of the Kyrgyz and the Russian header: dark above a column that must be filled."""
    required = column is not None and not column.optional
    fill, colour = (TEAL, WHITE) if required else (TEAL_PALE, TEAL_DARK)
    ru = Look(size=9, fill=fill, colour=colour, wrap=True, align="center", edge=WHITE)
    return replace(ru, bold=True, size=11), ru


def _look(column: Column | None) -> Look:
    if column is None:
        return Look()
    return Look(
        align="left" if column.type in _TEXTUAL else "center",
        pattern={ColumnType.DATE: DAY_PATTERN, ColumnType.MONTH: MONTH_PATTERN}.get(column.type, ""),
        wrap=column.type in _WRAPPED,
    )
