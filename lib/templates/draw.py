"""Writes a planned workbook as .xlsx: identity rows, headers, drop-downs, limits, colours, print layout."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from lib.i18n import date as printed_date
from lib.model.calendar import SchoolYear
from lib.model.cell import CellError
from lib.model.form import Column, ColumnType, Form
from lib.settings import Settings
from lib.templates.plan import PREFILLED, REGISTRY_FORMS, CellContent, Tab, WorkbookPlan, list_of
from lib.templates.words import WorkbookWords

T = TypeVar("T")

FIRST_ROW = 5  # the first data row, counted from 0
SPARE_ROWS = 60  # empty rows of an open list that have drop-downs and colours
REGISTRY_ROWS = 1500  # a registry is typed or pasted whole
LITERAL_LIMIT = 255  # letters in a list or text inside a formula, a limit of the .xlsx format

TEAL, TEAL_DARK, TEAL_PALE, GREY, AMBER, RED = "#0B6E6E", "#0B4F4F", "#D3E6E4", "#F1F4F3", "#FFEFC2", "#F8D2CC"
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
_CELL = "<cell>"  # stands in a formula for the cell that it judges
_EARLIEST = dt.date(1990, 1, 1)


@dataclass
class _Sheet:
    """A tab that is being drawn."""

    sheet: Any
    tab: Tab
    last_row: int  # the last row with drop-downs and colours, counted from 0


class Drawing:
    """One workbook on its way to `path`."""

    def __init__(self, path: Path, plan: WorkbookPlan, settings: Settings, words: WorkbookWords) -> None:
        self.plan, self.settings, self.words = plan, settings, words
        # strings stay as they were typed: "4/5" is no date and "=…" no formula
        options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_properties(
            {
                "title": f"{settings.school_name.ky} · {plan.school_year.id}",
                "created": dt.datetime.combine(plan.school_year.start, dt.time()),
            }
        )
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._names: dict[str, str] = {}
        self._used_lists: list[str] = []

    def format(self, **properties: Any) -> Any:
        """The cell format with these properties, made once a workbook."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": "Calibri", "font_size": 11, "valign": "vcenter", **properties})
        return self._formats[key]

    def draw(self) -> None:
        """Write the whole workbook to its file."""
        instruction = self.book.add_worksheet(self.words.instruction_tab.ky)
        sheets = [self._open(tab) for tab in self.plan.tabs]
        # lists are named before any tab refers to them
        self._used_lists = self._lists_in_use()
        for name in self._used_lists:
            self._names[name] = f"sapat_{name}"
        for sheet in sheets:
            self._draw_tab(sheet)
        self._draw_lists(sheets)
        self._draw_instruction(instruction)
        (sheets[0].sheet if sheets else instruction).activate()
        self.book.close()

    # --- a tab -----------------------------------------------------------------------------------------------------------

    def _open(self, tab: Tab) -> _Sheet:
        sheet = self.book.add_worksheet(tab.title)
        spare = 0
        if tab.form.rows == "open":
            spare = max(SPARE_ROWS, REGISTRY_ROWS - len(tab.rows)) if tab.form.id in REGISTRY_FORMS else SPARE_ROWS
        return _Sheet(sheet, tab, FIRST_ROW + max(len(tab.rows), 1) + spare - 1)

    def _draw_tab(self, drawn: _Sheet) -> None:
        sheet, tab = drawn.sheet, drawn.tab
        for place, text in enumerate(tab.identity):
            sheet.write_string(0, place, text)
        for place, column in enumerate(tab.columns):
            if column.key:
                sheet.write_string(1, place, column.key)
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.set_row(1, None, None, {"hidden": True})
        self._draw_headers(drawn)
        self._draw_rows(drawn)
        self._limit(drawn)
        self._colour(drawn)
        colour = RESTRICTED_COLOUR if tab.form.restricted else TAB_COLOURS.get(tab.form.filled_by, TEAL)
        sheet.set_tab_color(colour)
        frozen = tab.place_of("full_name") + 1 if any(c.key == "full_name" for c in tab.columns) and tab.form.rows != "open" else 1
        sheet.freeze_panes(FIRST_ROW, min(frozen, 4))
        _print_layout(sheet, tab.heading)
        sheet.repeat_rows(2, 4)

    def _draw_headers(self, drawn: _Sheet) -> None:
        sheet, tab = drawn.sheet, drawn.tab
        heading = tab.heading + (f" · {self.words.restricted.ky}" if tab.form.restricted else "")
        sheet.set_row(2, 24)
        sheet.write_string(2, 0, heading, self.format(bold=True, font_size=13, font_color=TEAL_DARK))
        tall_ky, tall_ru = 1, 1
        for place, column in enumerate(tab.columns):
            required = column.column is not None and not column.column.optional
            look = {"bg_color": TEAL, "font_color": "#FFFFFF"} if required else {"bg_color": TEAL_PALE, "font_color": TEAL_DARK}
            edge = {"text_wrap": True, "align": "center", "border": 1, "border_color": "#FFFFFF"}
            sheet.write_string(3, place, column.ky, self.format(bold=True, **edge, **look))
            sheet.write_string(4, place, column.ru, self.format(font_size=9, **edge, **look))
            width = self._width_of(drawn, place)
            sheet.set_column(place, place, width, self._cell_format(column.column))
            tall_ky = max(tall_ky, _lines(column.ky, width * 0.9))
            tall_ru = max(tall_ru, _lines(column.ru, width * 1.1))
        sheet.set_row(3, 15.5 * tall_ky + 3)
        sheet.set_row(4, 12.5 * tall_ru + 3)

    @staticmethod
    def _width_of(drawn: _Sheet, place: int) -> float:
        """The width of a column; codes that are longer than usual get room."""
        column = drawn.tab.columns[place].column
        width = _width(column)
        if column is not None and column.type == ColumnType.ID:
            width = max([width, *(min(22, len(str(row[place])) * 1.15 + 1) for row in drawn.tab.rows[:200] if row[place] is not None)])
        return width

    def _draw_rows(self, drawn: _Sheet) -> None:
        sheet, tab = drawn.sheet, drawn.tab
        ready = PREFILLED[tab.form.rows]
        day = self.format(num_format="dd.mm.yyyy", align="center")
        looks = [
            self._cell_format(c.column, bg_color=GREY) if c.key in ready else self._cell_format(c.column) for c in tab.columns
        ]  # fmt: skip
        wraps = [(p, _width(c.column)) for p, c in enumerate(tab.columns) if c.column is not None and c.column.type in _WRAPPED]
        for number, row in enumerate(tab.rows, FIRST_ROW):
            lines = max((_lines(_shown(row[p]), width * 1.05) for p, width in wraps if p < len(row)), default=1)
            if lines > 1:
                sheet.set_row(number, 15 * lines)
            for place, value in enumerate(row):
                if value is not None:
                    self._write(sheet, number, place, value, looks[place] if place < len(looks) else None, day)

    def _write(self, sheet: Any, row: int, place: int, value: CellContent, look: Any, day: Any) -> None:
        match value:
            case bool():
                sheet.write_string(row, place, self.settings.cell_words["yes" if value else "no"][0], look)
            case int() | float():
                sheet.write_number(row, place, value, look)
            case dt.date():
                sheet.write_datetime(row, place, dt.datetime.combine(value, dt.time()), day)
            case CellError(text=text):
                # a formula whose stored result is the error: the cell then holds an error, not its text
                sheet.write_formula(row, place, f"={text}", look, text)
            case list():
                sheet.write_string(row, place, ", ".join(value), look)
            case _:
                sheet.write_string(row, place, str(value), look)

    def _cell_format(self, column: Column | None, **more: Any) -> Any:
        if column is None:
            return self.format(**more)
        align = "left" if column.type in _TEXTUAL else "center"
        if column.type == ColumnType.DATE:
            more["num_format"] = "dd.mm.yyyy"
        if column.type == ColumnType.MONTH:
            more["num_format"] = "00"
        if column.type in _WRAPPED:
            more["text_wrap"] = True
        return self.format(align=align, **more)

    # --- limits ----------------------------------------------------------------------------------------------------------

    def _limit(self, drawn: _Sheet) -> None:
        """Drop-downs and limits; none where anything may be written or where the cells are already filled in."""
        ready = PREFILLED[drawn.tab.form.rows]
        rules = [
            None if c.column is None or c.column.key in ready else self._rule(c.column, place) for place, c in enumerate(drawn.tab.columns)
        ]
        for first, last, rule in _runs(rules):
            drawn.sheet.data_validation(FIRST_ROW, first, drawn.last_row, last, rule)

    def _rule(self, column: Column, place: int) -> dict[str, Any] | None:
        """The data validation of a column, with the words that a wrong entry gets."""
        found = self._validation(column, place)
        if found is None:
            return None
        name, options = found
        message = self.words.messages[name]
        low, high = _limits(column)
        options |= {
            "error_title": message.title,
            "error_message": message.text.format(minimum=f"{low:g}", maximum=f"{high:g}"),
            "error_type": "stop",
            "ignore_blank": True,
        }
        if column.help is not None:
            options |= {"input_title": column.title.ky[:32], "input_message": column.help.ky[:255]}
        return options

    def _validation(self, column: Column, place: int) -> tuple[str, dict[str, Any]] | None:
        """Which message and which rule a column has."""
        listed = list_of(column)
        if listed and self._names.get(listed):
            kind = listed
            return kind, {"validate": "list", "source": f"={self._names[listed]}"}
        if answers := self._answers(column):
            kind = {ColumnType.MARK: "mark", ColumnType.YESNO: "yesno", ColumnType.MONTH: "month"}.get(column.type, "choice")
            return kind, {"validate": "list", "source": answers}
        low, high = _limits(column)
        match column.type:
            case ColumnType.DATE:
                return "date", {"validate": "date", "criteria": "between", "minimum": _EARLIEST, "maximum": self._latest}
            case ColumnType.COUNT | ColumnType.GRADE:
                kind = "grade" if column.type == ColumnType.GRADE else "count"
                return kind, {"validate": "integer", "criteria": "between", "minimum": int(low), "maximum": int(high)}
            case ColumnType.NUMBER:
                return "number", {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high}
            case ColumnType.EMAIL:
                return "email", {"validate": "custom", "value": f'=ISNUMBER(FIND("@",{xl_rowcol_to_cell(FIRST_ROW, place)}))'}
        return None

    def _answers(self, column: Column) -> list[str]:
        """The closed list of a column's answers, when it has one that fits into a cell's rule."""
        words = self.settings.cell_words
        match column.type:
            case ColumnType.MARK:
                answers = ["5", "4", "3", "2", words["not_attested"][0], words["released"][0]]
            case ColumnType.YESNO:
                answers = [words["yes"][0], words["no"][0]]
            case ColumnType.MONTH:
                answers = ["9", "10", "11", "12", "1", "2", "3", "4", "5"]
            case ColumnType.CHOICE:
                answers = [choice.key for choice in column.choices]
            case _:
                return []
        return answers if len(",".join(answers)) < LITERAL_LIMIT and not any("," in a for a in answers) else []

    @cached_property
    def _latest(self) -> dt.date:
        return dt.date(self.plan.school_year.first_calendar_year + 2, 12, 31)

    # --- colours ---------------------------------------------------------------------------------------------------------

    def _colour(self, drawn: _Sheet) -> None:
        """Red for what is no answer, amber for a required cell still empty in a row that was begun (once its day has come).

        Neighbouring columns of one rule share it: the formula is written for the first cell and moves along with the others.
        """
        tab = drawn.tab
        ready = PREFILLED[tab.form.rows]
        own = [place for place, c in enumerate(tab.columns) if c.column is not None and c.column.key not in ready]
        wrong: list[str | None] = [None] * len(tab.columns)
        missing: list[str | None] = [None] * len(tab.columns)
        row = FIRST_ROW + 1
        begun = f"COUNTA(${xl_col_to_name(own[0])}{row}:${xl_col_to_name(own[-1])}{row})>0" if own else ""
        for place in own:
            column = tab.columns[place].column
            assert column is not None
            wrong[place] = self._wrong(column, _CELL) or None
            if not column.optional:
                due = _due(tab.form, column.key, self.plan.school_year)
                missing[place] = f"ISBLANK({_CELL}),{begun}" + (f",TODAY()>={_day(due)}" if due else "")
        for rules, colour in ((wrong, RED), (missing, AMBER)):
            for first, last, formula in _runs(rules):
                if colour == RED:
                    formula = f"NOT(ISBLANK({_CELL})),{formula}"
                criteria = f"=AND({formula})".replace(_CELL, xl_rowcol_to_cell(FIRST_ROW, first))
                rule = {"type": "formula", "criteria": criteria, "format": self._paint(colour), "stop_if_true": True}
                drawn.sheet.conditional_format(FIRST_ROW, first, drawn.last_row, last, rule)

    def _paint(self, colour: str) -> Any:
        key = (("paint", colour),)
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"bg_color": colour})
        return self._formats[key]

    def _wrong(self, column: Column, cell: str) -> str:
        """A formula that is true when the cell holds what the column does not take; "" where anything goes."""
        listed = list_of(column)
        if listed and self._names.get(listed):
            return f"COUNTIF({self._names[listed]},{cell})=0"
        if answers := self._answers(column):
            allowed = "|" + "|".join(answers).lower() + "|"
            return f'ISERROR(FIND("|"&LOWER(TRIM({cell}))&"|","{allowed}"))'
        low, high = _limits(column)
        match column.type:
            case ColumnType.DATE:
                return f"IF(ISNUMBER({cell}),OR({cell}<{_day(_EARLIEST)},{cell}>{_day(self._latest)}),TRUE)"
            case ColumnType.COUNT | ColumnType.GRADE:
                return f"IF(ISNUMBER({cell}),OR({cell}<{low:g},{cell}>{high:g},{cell}<>INT({cell})),TRUE)"
            case ColumnType.NUMBER:
                return f"IF(ISNUMBER({cell}),OR({cell}<{low:g},{cell}>{high:g}),TRUE)"
            case ColumnType.EMAIL:
                return f'ISERROR(FIND("@",{cell}))'
        return ""

    # --- lists and instruction -------------------------------------------------------------------------------------------

    def _lists_in_use(self) -> list[str]:
        wanted = dict.fromkeys(
            list_of(c.column)
            for tab in self.plan.tabs
            for c in tab.columns
            if c.column is not None and c.key not in PREFILLED[tab.form.rows]
        )
        return [name for name in wanted if name and (self.plan.lists.get(name) or name in self.plan.ranges)]

    def _draw_lists(self, sheets: list[_Sheet]) -> None:
        """The hidden tab of long lists, and a name in the workbook for each."""
        own = [name for name in self._used_lists if name not in self.plan.ranges]
        for name, (form, key) in self.plan.ranges.items():
            if name in self._used_lists:
                home = next(s for s in sheets if s.tab.form.id == form)
                letter = xl_col_to_name(home.tab.place_of(key))
                self.book.define_name(self._names[name], f"='{home.tab.title}'!${letter}${FIRST_ROW + 1}:${letter}${home.last_row + 1}")
        if not own:
            return
        title = self.words.lists_tab.ky
        sheet = self.book.add_worksheet(title)
        for place, name in enumerate(own):
            values = self.plan.lists[name]
            sheet.write_column(0, place, values)
            letter = xl_col_to_name(place)
            self.book.define_name(self._names[name], f"='{title}'!${letter}$1:${letter}${len(values)}")
        sheet.hide()

    def _draw_instruction(self, sheet: Any) -> None:
        """How to fill, what colours mean, right and wrong spellings, and what each tab is for. Kyrgyz, with Russian beneath."""
        words, table = self.words, self.words.sheets_table
        heading = self.format(bold=True, font_size=12, font_color=TEAL_DARK)
        ky, ru = self.format(text_wrap=True, valign="top"), self.format(text_wrap=True, font_size=9, font_color="#5A6B6B", valign="top")
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 62)
        sheet.set_column(2, 2, 34)
        sheet.set_column(3, 3, 30)
        sheet.set_tab_color(TEAL)
        name = self.settings.school_name
        sheet.write_string(0, 0, f"{words.instruction_tab.ky} · {name.ky}", self.format(bold=True, font_size=16, font_color=TEAL))
        under = self.format(font_size=9, font_color="#5A6B6B")
        sheet.write_string(1, 0, f"{words.instruction_tab.of('ru')} · {name.of('ru')} · {self.plan.school_year.id}", under)
        row = 3
        for title, lines in words.sections:
            sheet.write_string(row, 0, f"{title.ky} / {title.of('ru')}", heading)
            row += 1
            for line in lines:
                sheet.merge_range(row, 0, row, 3, line.ky, ky)
                sheet.merge_range(row + 1, 0, row + 1, 3, line.of("ru"), ru)
                row += 2
            row += 1
        sheet.write_string(row, 0, f"{words.legend_title.ky} / {words.legend_title.of('ru')}", heading)
        looks = {
            "required": {"bg_color": TEAL, "font_color": "#FFFFFF"}, "optional": {"bg_color": TEAL_PALE, "font_color": TEAL_DARK},
            "prefilled": {"bg_color": GREY}, "missing": {"bg_color": AMBER}, "wrong": {"bg_color": RED},
        }  # fmt: skip
        for key, look in looks.items():
            row += 1
            sheet.write_string(row, 0, words.legend[key].ky, self.format(border=1, border_color="#DDE4E2", **look))
            sheet.write_string(row, 1, words.legend[key].of("ru"), ru)
        row += 2
        sheet.write_string(row, 0, f"{words.examples['title'].ky} / {words.examples['title'].of('ru')}", heading)
        row += 1
        edge = {"border": 1, "border_color": "#DDE4E2", "align": "left"}
        for place, key in enumerate(("right", "wrong")):
            sheet.write_string(row, place, f"{words.examples[key].ky} / {words.examples[key].of('ru')}", self.format(bold=True, **edge))
        for right, wrong in words.pairs:
            row += 1
            sheet.write_string(row, 0, right, self.format(**edge))
            sheet.write_string(row, 1, wrong, self.format(bg_color=RED, **edge))
        row += 2
        sheet.write_string(row, 0, f"{table['title'].ky} / {table['title'].of('ru')}", heading)
        row += 1
        top = {"bg_color": TEAL, "font_color": "#FFFFFF", "bold": True, "text_wrap": True}
        for place, key in enumerate(("tab", "purpose", "filled_by", "due")):
            sheet.write_string(row, place, f"{table[key].ky}\n{table[key].of('ru')}", self.format(**top))
        sheet.set_row(row, 32)
        wrap = self.format(text_wrap=True, valign="top", border=1, border_color="#DDE4E2")
        titles: dict[str, list[str]] = {}
        for tab in self.plan.tabs:
            titles.setdefault(tab.form.id, []).append(tab.title)
        for form_id, named in titles.items():
            row += 1
            form = self.settings.forms[form_id]
            role = self.settings.roles[form.filled_by]
            cells = (
                ", ".join(named),
                f"{form.purpose.ky}\n{form.purpose.of('ru')}",
                f"{role.ky}\n{role.of('ru')}",
                self._deadlines(form),
            )
            for place, text in enumerate(cells):
                sheet.write_string(row, place, text, wrap)
            sheet.set_row(row, 15 * max(2, cells[3].count("\n") + 1, _lines(cells[0], 30)))
        _print_layout(sheet, words.instruction_tab.ky)
        sheet.hide_gridlines(2)

    def _deadlines(self, form: Form) -> str:
        lines = []
        for due in form.due:
            if due.period == "M":
                monthly = self.words.sheets_table["monthly"]
                lines.append(f"{monthly.ky} / {monthly.of('ru')}")
            else:
                day = printed_date(self.plan.school_year.resolve(due.rule))
                span = {"Q": "quarter", "H": "half_year"}.get(due.period[0])
                name = self.words.sheets_table[span].ky.format(number=due.period[1:]) + ": " if span else ""
                lines.append(name + day)
        return "\n".join(dict.fromkeys(lines))


def _runs(rules: Sequence[T | None]) -> Iterator[tuple[int, int, T]]:
    """First and last place of each stretch of equal rules; places without a rule are passed by."""
    start = 0
    for place in range(1, len(rules) + 1):
        if place == len(rules) or rules[place] != rules[start]:
            rule = rules[start]
            if rule is not None:
                yield start, place - 1, rule
            start = place


def _print_layout(sheet: Any, heading: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.hide_gridlines(0)
    sheet.set_footer(f"&L&8{heading.replace('&', '&&')[:200]}&R&8&P / &N")


def _width(column: Column | None) -> float:
    if column is None:
        return 14
    return float(column.width) if column.width != 12 else float(WIDTHS[column.type])


def _shown(value: CellContent) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value or "")


def _lines(text: str, width: float) -> int:
    """How many lines the words of a header take in a column of that many letters."""
    lines, used = 1, 0.0
    for word in text.split():
        if used and used + 1 + len(word) > width:
            lines, used = lines + 1, 0.0
        used += len(word) + (1 if used else 0)
        while used > width:
            lines, used = lines + 1, used - width
    return lines


def _limits(column: Column) -> tuple[float, float]:
    """The lowest and highest number a column takes."""
    if column.type == ColumnType.GRADE:
        return 1, 12
    low = 0.0 if column.minimum is None else column.minimum
    return low, 100_000.0 if column.maximum is None else column.maximum


def _due(form: Form, key: str, year: SchoolYear) -> dt.date | None:
    """When that very column is expected; None when the form's deadlines speak of whole rows."""
    return next((year.resolve(due.rule) for due in form.due if key in due.columns and due.period != "M"), None)


def _day(day: dt.date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"
