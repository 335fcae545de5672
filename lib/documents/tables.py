"""A table or a chart as a file: CSV, XLSX, PNG.

A cell that a spreadsheet would take for a formula stays text (see lib.neutral), so that a name typed into a form cannot run
anything on the reader's machine: in CSV an apostrophe goes before it, in XLSX the cell is marked as quoted. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xlsxwriter

from lib import charts, i18n
from lib.neutral import is_dangerous, neutral

# Excel wants titles of tabs of at most 31 characters without these.
_NOT_IN_TAB = re.compile(r"[\[\]:*?/\\]")
# XML 1.0 has no place for these, so neither have .xlsx and .docx; halves of a letter cannot be written at all.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def plain(value: Any) -> Any:
    """The value as it may stand in a file: yes and no as 1 and 0, the absent as None, text without control characters."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return None if math.isnan(value) or math.isinf(value) else value
    if isinstance(value, bool):
        return int(value)  # TRUE becomes a formula on its way through LibreOffice
    if isinstance(value, int | dt.date):
        return value
    if hasattr(value, "item"):  # a numpy scalar
        return plain(value.item())
    return without_controls(str(value))


def without_controls(text: str) -> str:
    """The text without the signs that no file of XML can hold."""
    return _CONTROL.sub("", text)


def to_csv(frame: pd.DataFrame, headers: Mapping[str, str] | None = None) -> bytes:
    """The frame as CSV for a spreadsheet of this region: UTF-8 with a byte order mark, semicolons, decimal commas (in English points).

    `headers` names the columns to write, in their order, by their printed titles; default: all, by their own names. Dates are dd.MM.yyyy.
    """
    columns = dict(headers) if headers is not None else {name: str(name) for name in frame.columns}
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([_csv_cell(plain(title)) for title in columns.values()])
    for row in frame[list(columns)].itertuples(index=False, name=None):
        writer.writerow([_csv_cell(plain(value)) for value in row])
    return ("\ufeff" + stream.getvalue()).encode()


def _csv_cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return i18n.date(value)
    if isinstance(value, float):
        text = repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
        return text if i18n.language() == "en" else text.replace(".", ",")
    return neutral(value)


def to_xlsx(
    frame: pd.DataFrame,
    headers: Mapping[str, str] | None = None,
    *,
    title: str = "",
    filters: str = "",
    snapshot: str = "",
    decimals: Mapping[str, int] | None = None,
) -> bytes:
    """The frame as one tab of a workbook: title, the line that says what is shown, the snapshot's name, then the table.

    `headers` as in `to_csv`; `decimals` gives the decimals shown by column (the cells keep full precision). No cell is a formula or a link.
    """
    columns = dict(headers) if headers is not None else {name: str(name) for name in frame.columns}
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = workbook.add_worksheet(_NOT_IN_TAB.sub(" ", title)[:31].strip("' ") or "1")
    bold = workbook.add_format({"bold": True, "font_size": 14, "quote_prefix": True})
    quiet = workbook.add_format({"font_color": "#55625F", "quote_prefix": True})
    head = workbook.add_format({"bold": True, "bg_color": "#E7EFED", "bottom": 1, "text_wrap": True, "valign": "top", "quote_prefix": True})
    quoted = workbook.add_format({"quote_prefix": True})
    day = workbook.add_format({"num_format": "dd.mm.yyyy"})
    shown = {name: workbook.add_format({"num_format": "0" + ("." + "0" * d if d else "")}) for name, d in (decimals or {}).items()}
    row = 0
    for text, style in ((title, bold), (filters, quiet), (snapshot, quiet)):
        if text:
            sheet.write_string(row, 0, str(plain(text)), style)
            row += 1
    row += 1 if row else 0
    widths = []
    for place, (name, text) in enumerate(columns.items()):
        sheet.write_string(row, place, str(plain(text)), head)
        cells = [plain(value) for value in frame[name].tolist()]
        for number, value in enumerate(cells, row + 1):
            if value is None:
                continue
            if isinstance(value, int | float):
                sheet.write_number(number, place, value, shown.get(name))
            elif isinstance(value, dt.date):
                sheet.write_datetime(number, place, dt.datetime(value.year, value.month, value.day), day)
            else:
                sheet.write_string(number, place, value, quoted if is_dangerous(value) else None)
        widths.append(max([len(str(text)) * 0.8, *(len(_csv_cell(v)) if isinstance(v, str) else 10 for v in cells[:500])], default=8))
    for place, width in enumerate(widths):
        sheet.set_column(place, place, min(60, max(9, width + 2)))
    if columns:
        sheet.freeze_panes(row + 1, 1)
        sheet.autofilter(row, 0, row + max(len(frame), 1), len(columns) - 1)
    sheet.repeat_rows(row)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    workbook.close()
    return stream.getvalue()


def to_png(chart: charts.Chart, *, title: str = "", filters: str = "", snapshot: str = "") -> bytes:
    """The chart as a picture for a document: light ground, twice the pixels, with title, filters and the snapshot's name above it."""
    lines: Sequence[str] = [line for line in (filters, snapshot) if line]
    return charts.picture(chart, title, lines, theme="light", scale=2.0)
