"""What lib.templates plans, in the words of Google Sheets: values, looks, limits and colours of cells. Nothing is sent here.

Formulas have semicolons and no decimal sign: the service parses them as if they were typed, by the spreadsheet's locale, and that
spelling is understood in every locale.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from lib.model.cell import CellError, column_letters
from lib.templates.look import DAY_PATTERN, Look
from lib.templates.plan import CellContent
from lib.templates.rules import CELL, Limit, Paint, spelt

Json = dict[str, Any]

SEPARATOR = ";"
_DAY_ZERO = dt.datetime(1899, 12, 30)
_FONT = "Calibri"
# Formulas whose result is that error; the others can be written as they are shown.
_ERRORS = {"#DIV/0!": "=1/0", "#N/A": "=NA()"}


def listed(name: str) -> str:
    """A long list inside a formula. Colours may not speak of another tab but by name, through INDIRECT."""
    return f'INDIRECT("{name_of(name)}")'


def name_of(name: str) -> str:
    """What a long list is called inside the workbook."""
    return f"sapat_{name}"


def value(content: CellContent, yes_no: tuple[str, str]) -> Json:
    """The cell's userEnteredValue; {} for an empty one. Text stays text, whatever it looks like."""
    match content:
        case None | "" | []:
            return {}
        case bool():
            return {"stringValue": yes_no[0 if content else 1]}
        case int() | float():
            return {"numberValue": content}
        case dt.datetime():
            return {"numberValue": (content - _DAY_ZERO) / dt.timedelta(days=1)}
        case dt.date():
            return {"numberValue": (content - _DAY_ZERO.date()).days}
        case CellError(text=text):
            return {"formulaValue": _ERRORS.get(text, f"={text}")}
        case list():
            return {"stringValue": ", ".join(content)}
    return {"stringValue": str(content)}


def look(wanted: Look) -> Json:
    """The look as a CellFormat."""
    text: Json = {"fontFamily": _FONT, "fontSize": wanted.size}
    if wanted.bold:
        text["bold"] = True
    if wanted.colour:
        text["foregroundColorStyle"] = colour(wanted.colour)
    found: Json = {"textFormat": text, "verticalAlignment": "TOP" if wanted.top else "MIDDLE"}
    if wanted.fill:
        found["backgroundColorStyle"] = colour(wanted.fill)
    if wanted.align:
        found["horizontalAlignment"] = wanted.align.upper()
    if wanted.wrap:
        found["wrapStrategy"] = "WRAP"
    if wanted.edge:
        line = {"style": "SOLID", "colorStyle": colour(wanted.edge)}
        found["borders"] = dict.fromkeys(("top", "bottom", "left", "right"), line)
    if wanted.pattern:
        found["numberFormat"] = {"type": "DATE" if wanted.pattern == DAY_PATTERN else "NUMBER", "pattern": wanted.pattern}
    return found


def colour(code: str) -> Json:
    """ "#0B6E6E" as a ColorStyle."""
    red, green, blue = (round(int(code[at : at + 2], 16) / 255, 4) for at in (1, 3, 5))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def validation(limit: Limit, cell: str, sources: Mapping[str, str]) -> Json:
    """The limit as a DataValidationRule; `cell` is the first that it is for, `sources` says where each long list stands."""
    told = f"{limit.title}. {limit.text}" + (f"\n{limit.help_text}" if limit.help_text else "")
    match limit.kind:
        case "list":
            condition = _condition("ONE_OF_RANGE", sources[limit.listed])
        case "answers":
            condition = _condition("ONE_OF_LIST", *limit.answers)
        case "date":
            condition = _condition("DATE_BETWEEN", str(limit.low), str(limit.high))
        case "number":
            assert not isinstance(limit.low, dt.date) and not isinstance(limit.high, dt.date)
            condition = _condition("NUMBER_BETWEEN", _typed(limit.low), _typed(limit.high))
        case "whole":
            parts = SEPARATOR.join((f"ISNUMBER({cell})", f"{cell}>={limit.low}", f"{cell}<={limit.high}", f"{cell}=INT({cell})"))
            condition = _condition("CUSTOM_FORMULA", f"=AND({parts})")
        case _:
            condition = _condition("CUSTOM_FORMULA", f"={limit.formula.replace(CELL, cell)}")
    drop_down = limit.kind in ("list", "answers")
    return {"condition": condition, "inputMessage": told, "strict": True} | ({"showCustomUi": True} if drop_down else {})


def paint(wanted: Paint, area: Json) -> Json:
    """The colour as a ConditionalFormatRule."""
    condition = _condition("CUSTOM_FORMULA", f"={wanted.formula}")
    return {"ranges": [area], "booleanRule": {"condition": condition, "format": {"backgroundColorStyle": colour(wanted.colour)}}}


def area(sheet: int, top: int, bottom: int | None, left: int, right: int) -> Json:
    """A GridRange from row `top` to before row `bottom` (None: to the end of the tab, however long it grows)."""
    found = {"sheetId": sheet, "startRowIndex": top, "startColumnIndex": left, "endColumnIndex": right}
    return found if bottom is None else found | {"endRowIndex": bottom}


def column_of(title: str, column: int, top: int) -> str:
    """A whole column from row `top` (from 0) down as a reference to another tab, however long it grows."""
    letter = column_letters(column)
    return "='{}'!${}${}:${}".format(title.replace("'", "''"), letter, top + 1, letter)


def _condition(kind: str, *values: str) -> Json:
    return {"type": kind, "values": [{"userEnteredValue": text} for text in values]}


def _typed(number: float) -> str:
    """A number as it is typed into a rule: a fraction as a formula, for the same reason as above."""
    text = spelt(number)
    return f"={text}" if "/" in text else text
