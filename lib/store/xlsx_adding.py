"""Rows added to a tab of an .xlsx file by writing into the part of that one sheet.

Every other part of the file is copied byte for byte, and of the sheet's own part everything but the new cells: charts, comments,
drop-downs, hidden rows and whatever newer programs put there stay as they are. A program that reads a workbook and writes it anew keeps
only what it knows of.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from lib.model.cell import column_letters
from lib.store.adding import Addition, Content
from lib.store.base import StoreProblem
from lib.store.xlsx import column_number, parts_of, sheet_paths

_DAY_ZERO = dt.date(1899, 12, 30)
_DAY_FORMATS = {14, 15, 16, 17, 22}  # number formats of days that every program knows
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STYLE = re.compile(rb"""\bs\s*=\s*["'](\d+)["']""")
_SPANS = re.compile(rb"""\sspans\s*=\s*["'][^"']*["']""")
_ROW_NUMBER = re.compile(rb"""\br\s*=\s*["'](\d+)["']""")
_ADDRESS = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)\d+["']""")
_DIMENSION = re.compile(rb"""(<(?:[\w.-]+:)?dimension\b[^>]*\bref\s*=\s*["'])([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?(["'])""")


def added(content: bytes, addition: Addition, first_row: int) -> bytes:
    """The file with the rows of `addition` from row `first_row` (from 0) on. Raises StoreProblem when it cannot be read."""
    parts = parts_of(content)
    part = dict(sheet_paths(parts))[addition.tab]
    cells: dict[int, dict[int, Content]] = {}
    for (row, column), text in addition.heads.items():
        cells.setdefault(row, {})[column] = text
    for number, contents in enumerate(addition.rows, first_row):
        cells.setdefault(number, {}).update(contents)
    days = _Days(frozenset()) if _counts_from_1904(parts) else _Days(_styles_of_days(parts))
    sheet = _Sheet(parts[part], days, addition.first_data_row)
    return _replaced(content, part, sheet.with_cells(cells))


def _replaced(content: bytes, part: str, body: bytes) -> bytes:
    """The archive with another content of one part."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        new.comment = old.comment
        for entry in old.infolist():
            kept = zipfile.ZipInfo(entry.filename, entry.date_time)
            kept.compress_type, kept.external_attr, kept.comment = entry.compress_type, entry.external_attr, entry.comment
            kept.create_system = entry.create_system
            new.writestr(kept, body if entry.filename == part else old.read(entry))
    return made.getvalue()


@dataclass(frozen=True)
class _Days:
    """Which looks of cells show a number as a day."""

    styles: frozenset[int]


@dataclass(frozen=True)
class _Cell:
    """A cell as it stands: its own bytes and the number of its look (None: the usual one)."""

    body: bytes
    style: int | None


class _Sheet:
    """The part of one sheet, taken apart no further than its rows."""

    def __init__(self, xml: bytes, days: _Days, first_data_row: int) -> None:
        self.days, self.first_data_row = days, first_data_row
        found = re.search(rb"<((?:[\w.-]+:)?)sheetData\s*(?:/>|>)", xml)
        if found is None:
            raise StoreProblem("workbook_damaged", {"reason": "sheetData"})
        self.prefix = found[1]
        end = b"</" + self.prefix + b"sheetData>"
        if found[0].rstrip(b">").endswith(b"/"):
            self.head, data, self.tail = xml[: found.start()], b"", xml[found.end() :]
        else:
            stop = xml.index(end, found.end())
            self.head, data, self.tail = xml[: found.start()], xml[found.end() : stop], xml[stop + len(end) :]
        self.columns = self._column_styles()
        self.rows: dict[int, tuple[bytes, bytes]] = {}  # row from 0 → (attributes, cells)
        element = re.compile(
            rb"<" + self.prefix + rb"row(?=[\s/>])([^>]*?)(?:/>|>(.*?)</" + self.prefix + rb"row>)", re.DOTALL
        )  # fmt: skip
        number = -1
        for match in element.finditer(data):
            named = _ROW_NUMBER.search(match[1])
            number = int(named[1]) - 1 if named else number + 1
            self.rows[number] = (match[1], match[2] or b"")
        self._cell = re.compile(rb"<" + self.prefix + rb"c(?=[\s/>])([^>]*?)(?:/>|>.*?</" + self.prefix + rb"c>)", re.DOTALL)

    def with_cells(self, cells: Mapping[int, Mapping[int, Content]]) -> bytes:
        """The part with these cells (row → column → content) in the place of whatever they held."""
        for number in sorted(cells):
            self.rows[number] = self._row(number, cells[number])
        written = [self._written(number, *self.rows[number]) for number in sorted(self.rows)]
        name = self.prefix + b"sheetData>"
        widest = max(column for row in cells.values() for column in row)
        return self._stretched(max(cells), widest) + b"<" + name + b"".join(written) + b"</" + name + self.tail

    def _row(self, number: int, contents: Mapping[int, Content]) -> tuple[bytes, bytes]:
        attributes, body = self.rows.get(number, (b"", b""))
        own = self._cells(number, body)
        above = self._cells(number - 1, self.rows[number - 1][1]) if number > self.first_data_row and number - 1 in self.rows else {}
        for column, content in contents.items():
            style = own[column].style if column in own else self.columns.get(column)
            if style is None and column in above:
                style = above[column].style
            own[column] = _Cell(self._filled(number, column, content, style), style)
        return _SPANS.sub(b"", attributes), b"".join(own[column].body for column in sorted(own))

    def _cells(self, row: int, body: bytes) -> dict[int, _Cell]:
        """column → cell; one that leaves its address out gets it, for it stands where it does because of its neighbours."""
        found: dict[int, _Cell] = {}
        column = -1
        for match in self._cell.finditer(body):
            named, style = _ADDRESS.search(match[1]), _STYLE.search(match[1])
            column = column_number(named[1]) if named else column + 1
            start = len(b"<" + self.prefix + b"c")
            text = match[0] if named else match[0][:start] + f' r="{column_letters(column)}{row + 1}"'.encode() + match[0][start:]
            found[column] = _Cell(text, int(style[1]) if style else None)
        return found

    def _filled(self, row: int, column: int, content: Content, style: int | None) -> bytes:
        kind, name = b"", self.prefix
        if isinstance(content, dt.date) and (style is None or style not in self.days.styles):
            content = f"{content:%d.%m.%Y}"  # a number would not be seen as a day
        if isinstance(content, str):
            text = escape(_NO_XML.sub("", content.replace("\r\n", "\n").replace("\r", "\n"))).encode()
            kind = b' t="inlineStr"'
            inner = b'<%bis><%bt xml:space="preserve">%b</%bt></%bis>' % (name, name, text, name, name)
        else:
            number = (content - _DAY_ZERO).days if isinstance(content, dt.date) else content
            inner = b"<%bv>%b</%bv>" % (name, repr(number).encode(), name)
        look = b"" if style is None else f' s="{style}"'.encode()
        address = f' r="{column_letters(column)}{row + 1}"'.encode()
        return b"<" + name + b"c" + address + look + kind + b">" + inner + b"</" + name + b"c>"

    def _written(self, number: int, attributes: bytes, body: bytes) -> bytes:
        if not _ROW_NUMBER.search(attributes):
            attributes = f' r="{number + 1}"'.encode() + attributes
        name = self.prefix + b"row"
        return b"<" + name + attributes + (b">" + body + b"</" + name + b">" if body else b"/>")

    def _column_styles(self) -> dict[int, int]:
        """Column → the look of its cells that have none of their own."""
        found: dict[int, int] = {}
        for match in re.finditer(rb"<" + self.prefix + rb"col(?=\s)([^>]*)>", self.head):
            named = {name: int(value) for name, value in re.findall(rb"""\b(min|max|style)\s*=\s*["'](\d+)["']""", match[1])}
            if b"style" in named:
                found |= dict.fromkeys(range(named[b"min"] - 1, min(named[b"max"], 200)), named[b"style"])
        return found

    def _stretched(self, row: int, column: int) -> bytes:
        """The part before the rows, with the extent that it declares made as great as it is now."""

        def stretched(found: re.Match[bytes]) -> bytes:
            last, lowest = found[4] or found[2], found[5] or found[3]
            letters = last if column_number(last) >= column else column_letters(column).encode()
            return found[1] + found[2] + found[3] + b":" + letters + str(max(int(lowest), row + 1)).encode() + found[6]

        return _DIMENSION.sub(stretched, self.head, count=1)


def _counts_from_1904(parts: Mapping[str, bytes]) -> bool:
    return any(
        re.search(rb"""\bdate1904\s*=\s*["'](?:1|true)["']""", body) for name, body in parts.items() if name.endswith("workbook.xml")
    )


def _styles_of_days(parts: Mapping[str, bytes]) -> frozenset[int]:
    body = next((body for name, body in parts.items() if name.endswith("styles.xml")), b"")
    if not body:
        return frozenset()
    styles = ElementTree.fromstring(body)
    own = {
        e.get("numFmtId"): _QUOTED.sub("", e.get("formatCode", "")).lower() for e in styles.iter() if e.tag.rpartition("}")[2] == "numFmt"
    }
    cells = next((e for e in styles if e.tag.rpartition("}")[2] == "cellXfs"), None)
    found = set()
    for number, look in enumerate(cells if cells is not None else ()):
        kind = look.get("numFmtId", "0")
        if (kind.isdecimal() and int(kind) in _DAY_FORMATS) or ("d" in own.get(kind, "") and "y" in own.get(kind, "")):
            found.add(number)
    return frozenset(found)
