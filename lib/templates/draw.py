"""Writes a planned workbook as .xlsx: identity rows, headers, drop-downs, limits, colours, print layout."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from lib.model.cell import CellError
from lib.settings import Settings
from lib.templates.instruction import Page, instruction
from lib.templates.look import DAY, FIRST_ROW, HEADING, HEADING_ROW, IDENTITY_ROW, KEY_ROW, KY_ROW, RU_ROW, Layout, Look, lay_out
from lib.templates.plan import CellContent, WorkbookPlan
from lib.templates.rules import CELL, Limit, Rules, runs
from lib.templates.words import WorkbookWords


class Drawing:
    """One workbook on its way to `path`."""

    def __init__(self, path: Path, plan: WorkbookPlan, settings: Settings, words: WorkbookWords) -> None:
        self.plan, self.settings, self.words = plan, settings, words
        self.rules = Rules(plan, settings, words, ",", _name_of)
        # strings stay as they were typed: "4/5" is no date and "=…" no formula
        options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_properties(
            {
                "title": f"{settings.school_name.ky} · {plan.school_year.id}",
                "created": dt.datetime.combine(plan.school_year.start, dt.time()),
            }
        )
        self._formats: dict[Look | str, Any] = {}

    def format(self, look: Look) -> Any:
        """The cell format of that look, made once a workbook."""
        if look not in self._formats:
            self._formats[look] = self.book.add_format(_properties(look))
        return self._formats[look]

    def draw(self) -> None:
        """Write the whole workbook to its file."""
        first = self.book.add_worksheet(self.words.instruction_tab.ky)
        drawn = [(self.book.add_worksheet(tab.title), lay_out(tab, self.words)) for tab in self.plan.tabs]
        for sheet, layout in drawn:
            self._draw_tab(sheet, layout)
        self._draw_lists([layout for _, layout in drawn])
        self._draw_instruction(first, instruction(self.plan, self.settings, self.words))
        (drawn[0][0] if drawn else first).activate()
        self.book.close()

    # --- a tab -----------------------------------------------------------------------------------------------------------

    def _draw_tab(self, sheet: Any, layout: Layout) -> None:
        tab = layout.tab
        for place, text in enumerate(tab.identity):
            sheet.write_string(IDENTITY_ROW, place, text)
        for place, column in enumerate(tab.columns):
            if column.key:
                sheet.write_string(KEY_ROW, place, column.key)
        for number in (IDENTITY_ROW, KEY_ROW):
            sheet.set_row(number, None, None, {"hidden": True})
        for number, height in layout.heights.items():
            sheet.set_row(number, height)
        sheet.write_string(HEADING_ROW, 0, layout.heading, self.format(HEADING))
        for place, (column, (ky, ru)) in enumerate(zip(tab.columns, layout.headers, strict=True)):
            sheet.write_string(KY_ROW, place, column.ky, self.format(ky))
            sheet.write_string(RU_ROW, place, column.ru, self.format(ru))
            sheet.set_column(place, place, layout.widths[place], self.format(layout.looks[place]))
        self._draw_rows(sheet, layout)
        for first, last, limit in runs(self.rules.limits(tab)):
            sheet.data_validation(FIRST_ROW, first, layout.last_row, last, _validation(limit, xl_rowcol_to_cell(FIRST_ROW, first)))
        for paint in self.rules.paints(tab):
            rule = {"type": "formula", "criteria": f"={paint.formula}", "format": self._paint(paint.colour), "stop_if_true": True}
            sheet.conditional_format(FIRST_ROW, paint.first, layout.last_row, paint.last, rule)
        sheet.set_tab_color(layout.colour)
        sheet.freeze_panes(FIRST_ROW, layout.frozen)
        _print_layout(sheet, tab.heading)
        sheet.repeat_rows(HEADING_ROW, RU_ROW)

    def _draw_rows(self, sheet: Any, layout: Layout) -> None:
        day = self.format(DAY)
        looks = [self.format(layout.cell_look(place)) for place in range(len(layout.looks))]
        for number, row in enumerate(layout.tab.rows, FIRST_ROW):
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

    def _paint(self, colour: str) -> Any:
        if colour not in self._formats:
            self._formats[colour] = self.book.add_format({"bg_color": colour})
        return self._formats[colour]

    # --- lists and instruction -------------------------------------------------------------------------------------------

    def _draw_lists(self, layouts: list[Layout]) -> None:
        """The hidden tab of long lists, and a name in the workbook for each."""
        own = [name for name in self.rules.lists if name not in self.plan.ranges]
        for name, (form, key) in self.plan.ranges.items():
            if name in self.rules.lists:
                home = next(layout for layout in layouts if layout.tab.form.id == form)
                letter = xl_col_to_name(home.tab.place_of(key))
                self.book.define_name(_name_of(name), f"='{home.tab.title}'!${letter}${FIRST_ROW + 1}:${letter}${home.last_row + 1}")
        if not own:
            return
        title = self.words.lists_tab.ky
        sheet = self.book.add_worksheet(title)
        for place, name in enumerate(own):
            values = self.plan.lists[name]
            sheet.write_column(0, place, values)
            letter = xl_col_to_name(place)
            self.book.define_name(_name_of(name), f"='{title}'!${letter}$1:${letter}${len(values)}")
        sheet.hide()

    def _draw_instruction(self, sheet: Any, page: Page) -> None:
        for place, width in enumerate(page.widths):
            sheet.set_column(place, place, width)
        for row, height in page.heights.items():
            sheet.set_row(row, height)
        for told in page.texts:
            look = self.format(told.look)
            if told.last > told.column:
                sheet.merge_range(told.row, told.column, told.row, told.last, told.text, look)
            else:
                sheet.write_string(told.row, told.column, told.text, look)
        sheet.set_tab_color(page.colour)
        _print_layout(sheet, self.words.instruction_tab.ky)
        sheet.hide_gridlines(2)


def _name_of(listed: str) -> str:
    """What a long list is called inside the workbook."""
    return f"sapat_{listed}"


def _properties(look: Look) -> dict[str, Any]:
    """The look in the words of xlsxwriter."""
    found: dict[str, Any] = {"font_name": "Calibri", "font_size": look.size, "valign": "top" if look.top else "vcenter"}
    if look.bold:
        found["bold"] = True
    if look.colour:
        found["font_color"] = look.colour
    if look.fill:
        found["bg_color"] = look.fill
    if look.align:
        found["align"] = look.align
    if look.wrap:
        found["text_wrap"] = True
    if look.edge:
        found |= {"border": 1, "border_color": look.edge}
    if look.pattern:
        found["num_format"] = look.pattern
    return found


def _validation(limit: Limit, cell: str) -> dict[str, Any]:
    """The limit in the words of xlsxwriter; `cell` is the first that it is for."""
    options: dict[str, Any] = {"error_title": limit.title, "error_message": limit.text, "error_type": "stop", "ignore_blank": True}
    if limit.help_text:
        options |= {"input_title": limit.help_title[:32], "input_message": limit.help_text[:255]}
    match limit.kind:
        case "list":
            return options | {"validate": "list", "source": f"={_name_of(limit.listed)}"}
        case "answers":
            return options | {"validate": "list", "source": list(limit.answers)}
        case "formula":
            return options | {"validate": "custom", "value": f"={limit.formula.replace(CELL, cell)}"}
    kind = {"date": "date", "whole": "integer", "number": "decimal"}[limit.kind]
    return options | {"validate": kind, "criteria": "between", "minimum": limit.low, "maximum": limit.high}


def _print_layout(sheet: Any, heading: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.hide_gridlines(0)
    sheet.set_footer(f"&L&8{heading.replace('&', '&&')[:200]}&R&8&P / &N")
