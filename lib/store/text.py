"""Tables as text (.csv, .tsv) in the encodings and with the separators that programs write them with."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import PurePosixPath

from lib.model.cell import CellValue, RawSheet, column_letters
from lib.store.base import StoreProblem
from lib.store.xlsx import MAX_COLUMNS, MAX_ROWS, read_xlsx

TEXTS = (".csv", ".tsv")
MAX_TEXT_BYTES = 8 * 2**20  # a long list of all marks of a big school has some 3 MB
_LONGEST_CELL = 5_000
_SEPARATORS = (";", ",", "\t")
_LOOKED_AT = 40  # lines by which the separator is known
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_file(content: bytes, name: str) -> list[RawSheet]:
    """All tabs of a file of the store, by the ending of its name. Raises StoreProblem."""
    if PurePosixPath(name).suffix.lower() in TEXTS and not content.startswith(b"PK"):  # a workbook that was only named so
        return read_text(content, name)
    return read_xlsx(content, name)


def read_text(content: bytes, name: str) -> list[RawSheet]:
    """The one tab of a table in text; it has the name of its file. Every cell is text: nothing is taken for a number or a date."""
    if len(content) > MAX_TEXT_BYTES:
        raise StoreProblem("workbook_too_big", {"seen": f"{len(content) // 2**20} MB", "limit": f"{MAX_TEXT_BYTES // 2**20} MB"})
    text = _decoded(content)
    if not text.strip():
        raise StoreProblem("workbook_empty")
    if "\0" in text:
        raise StoreProblem("text_unreadable")
    title = PurePosixPath(name).stem
    rows = _rows(text, title)
    return [RawSheet(name, title, rows)]


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with it, else the Windows Cyrillic that Excel writes."""
    encoding = next((encoding for mark, encoding in _BOMS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1251")
    except UnicodeDecodeError:
        raise StoreProblem("text_unreadable") from None


def _rows(text: str, title: str) -> list[list[CellValue]]:
    separator = _separator(text)
    try:
        return _parsed(text, title, separator, csv.QUOTE_MINIMAL)
    except csv.Error:
        pass  # a quotation mark that is none: it belongs to the text
    try:
        return _parsed(text, title, separator, csv.QUOTE_NONE)
    except csv.Error:
        raise StoreProblem("text_unreadable") from None


def _parsed(text: str, title: str, separator: str, quoting: int) -> list[list[CellValue]]:
    rows: list[list[CellValue]] = []
    quotation = {"quoting": csv.QUOTE_NONE, "quotechar": None} if quoting == csv.QUOTE_NONE else {"quoting": quoting}
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, **quotation)):
        if number == 0 and row and row[0].lower().startswith("sep=") and not any(row[1:]):
            rows.append([])  # Excel's own line, which is no content
            continue
        while row and not row[-1].strip():
            row.pop()
        if not row:
            rows.append([])
            continue
        if number >= MAX_ROWS or len(row) > MAX_COLUMNS:
            limit = f"{column_letters(MAX_COLUMNS - 1)}{MAX_ROWS}"
            raise StoreProblem("cell_too_far", {"limit": limit}, title, f"{column_letters(len(row) - 1)}{number + 1}")
        if any(len(cell) > _LONGEST_CELL for cell in row):
            raise csv.Error("a quotation mark that is never closed")
        rows.append([cell or None for cell in row])
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _separator(text: str) -> str:
    """The sign that parts most of the first lines into the same number of cells, and into the most."""
    lines = [line for line in text[:200_000].splitlines()[:_LOOKED_AT] if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and lines[0][4:5] in _SEPARATORS:
        return lines[0][4:5]

    def weight(sign: str) -> tuple[int, int]:
        counts = [n for line in lines if (n := line.count(sign))]
        usual = max(counts, key=lambda n: (counts.count(n), n), default=0)
        return usual * counts.count(usual), usual

    return max(_SEPARATORS, key=weight)
