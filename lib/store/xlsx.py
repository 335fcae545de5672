"""The content of an .xlsx file as cells, safely: what could hurt is refused by name before any reader allocates for it.

Two things are done here that the reader (calamine) does not do: error cells (#REF!) and formulas without a stored result come out
as CellError and NotCalculated instead of nothing.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from lib.model.cell import CellError, CellValue, NotCalculated, RawSheet, column_letters
from lib.store.base import StoreProblem

# Limits of one workbook. A tab of a school has some 60 × 30 cells; the register of a big school 3,000 × 11.
MAX_FILE_BYTES = 50 * 2**20
MAX_UNPACKED_BYTES = 256 * 2**20
MAX_RATIO = 400  # unpacked : packed of one part; real sheets reach about 60
RATIO_FREE_BYTES = 4 * 2**20  # parts smaller than this may be packed as tightly as they like
MAX_PARTS = 2_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_GRID_CELLS = 8_000_000  # rows × columns, all tabs together

_LIMIT = f"{column_letters(MAX_COLUMNS - 1)}{MAX_ROWS}"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DEFLATED, _STORED = 8, 0
_CHUNK = 2**18

# The usual spelling of a cell (its address is the first attribute), found quickly; one without content ends in "/".
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*?(/?)>')
# Any row or cell: prefixes, attributes in any order, no address at all.
_ROW_OR_CELL = re.compile(
    rb"<(?:[\w.-]+:)?row(?=[\s/>])([^>]*)>|<(?:[\w.-]+:)?c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</(?:[\w.-]+:)?c>)", re.DOTALL
)
_PREFIXED_CELL = re.compile(rb"<[\w.-]+:c[\s>]")
_ADDRESS = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]*)(\d*)""")
_IS_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_IS_TEXT = re.compile(rb"""\bt\s*=\s*["'](?:str|s|inlineStr)["']""")
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f(?:\s[^>]*)?(?:/>|>(.*?)</(?:[\w.-]+:)?f>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:[\w.-]+:)?v(?:\s[^>]*)?>([^<]+)</")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


@dataclass
class _Tab:
    """What the pre-check learnt of one sheet part: its extent, and the cells that a reader would show as nothing."""

    rows: int = 0
    columns: int = 0
    special: dict[tuple[int, int], CellValue] = field(default_factory=dict)


def read_xlsx(content: bytes, name: str) -> list[RawSheet]:
    """All worksheets of an .xlsx file, hidden ones too. Raises StoreProblem with the reason when it is not safe or not readable."""
    parts = parts_of(content)
    paths = sheet_paths(parts)
    tabs: dict[str, _Tab] = {}
    grid = 0
    for title, path in paths:
        tab = tabs[title] = _scan(parts[path], title)
        grid += tab.rows * tab.columns
    if grid > MAX_GRID_CELLS:
        raise StoreProblem("workbook_too_big", {"seen": f"{grid}", "limit": f"{MAX_GRID_CELLS}"})
    return _cells(content, name, tabs)


def parts_of(content: bytes) -> dict[str, bytes]:
    """Unpack every part while counting; part name → bytes for the parts that describe sheets. Raises StoreProblem."""
    if not content.strip(b"\0 \r\n\t"):
        raise StoreProblem("workbook_empty")
    if content.startswith(_OLE):
        raise StoreProblem("workbook_encrypted" if _ENCRYPTED in content else "workbook_old_kind", {"kind": ".xls"})
    if not content.startswith(b"PK"):
        raise StoreProblem("workbook_not_xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OverflowError, UnicodeDecodeError) as error:
        raise StoreProblem("workbook_damaged", {"reason": "zip"}) from error
    if len(entries) > MAX_PARTS:
        raise StoreProblem("workbook_too_big", {"seen": f"{len(entries)}", "limit": f"{MAX_PARTS}"})
    names = [entry.filename for entry in entries]
    for name in names:
        steps = re.split(r"[/\\]", name)
        if name.startswith(("/", "\\")) or ".." in steps or ":" in steps[0] or "\0" in name:
            raise StoreProblem("workbook_unsafe", {"part": name[:80]})
    if len({name.lower() for name in names}) < len(names):
        raise StoreProblem("workbook_unsafe", {"part": max(names, key=names.count)[:80]})
    parts: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        if entry.is_dir():
            continue
        wanted = entry.filename.endswith((".xml", ".rels"))
        body = bytearray()
        size = 0
        for chunk in _unpacked(content, entry):
            size += len(chunk)
            total += len(chunk)
            if total > MAX_UNPACKED_BYTES or size > max(RATIO_FREE_BYTES, MAX_RATIO * entry.compress_size):
                raise StoreProblem("workbook_too_big", {"seen": f"> {total // 2**20} MB", "limit": f"{MAX_UNPACKED_BYTES // 2**20} MB"})
            if wanted:
                body += chunk
        if size != entry.file_size:
            raise StoreProblem("workbook_damaged", {"reason": entry.filename[:80]})
        if wanted:
            _refuse_bad_xml(entry.filename, body)
            parts[entry.filename] = bytes(body)
    if "[Content_Types].xml" not in parts:
        raise StoreProblem("workbook_not_xlsx")
    if b"macroEnabled" in parts["[Content_Types].xml"]:
        raise StoreProblem("workbook_old_kind", {"kind": ".xlsm"})
    return parts


def _unpacked(content: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's true bytes in chunks. Sizes written in the archive are not believed."""
    start = entry.header_offset
    header = content[start : start + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise StoreProblem("workbook_damaged", {"reason": entry.filename[:80]})
    if entry.flag_bits & 1:
        raise StoreProblem("workbook_encrypted")
    start += 30 + sum(struct.unpack("<HH", header[26:30]))
    packed = memoryview(content)[start : start + entry.compress_size]
    if entry.compress_type == _STORED:
        yield bytes(packed)
        return
    if entry.compress_type != _DEFLATED:
        raise StoreProblem("workbook_damaged", {"reason": entry.filename[:80]})
    unpacker = zlib.decompressobj(-15)
    check = 0
    rest: bytes | memoryview = packed
    try:
        while not unpacker.eof:
            chunk = unpacker.decompress(rest, _CHUNK)
            rest = unpacker.unconsumed_tail
            if not chunk and not rest:
                break
            check = zlib.crc32(chunk, check)
            yield chunk
    except zlib.error as error:
        raise StoreProblem("workbook_damaged", {"reason": entry.filename[:80]}) from error
    if not unpacker.eof or check != entry.CRC:
        raise StoreProblem("workbook_damaged", {"reason": entry.filename[:80]})


def _refuse_bad_xml(name: str, body: bytearray) -> None:
    """A workbook has no business declaring a document type; text in UTF-16 would hide one, and no program writes it.

    XML that breaks off is refused too: the reader would give the cells before the break and be silent about the rest.
    """
    if bytes(body[:2]) in (b"\xff\xfe", b"\xfe\xff") or b"\0" in body[:64]:
        raise StoreProblem("workbook_damaged", {"reason": name[:80]})
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise StoreProblem("workbook_unsafe", {"part": name[:80]})
    try:
        expat.ParserCreate().Parse(bytes(body), True)
    except expat.ExpatError as error:
        raise StoreProblem("workbook_damaged", {"reason": name[:80]}) from error


def sheet_paths(parts: dict[str, bytes]) -> list[tuple[str, str]]:
    """(title, part name) of every sheet, in the workbook's order."""
    try:
        package = ElementTree.fromstring(parts["_rels/.rels"])
        book_path = next(r.get("Target", "") for r in package if r.get("Type", "").endswith("/officeDocument")).lstrip("/")
        folder, _, file_name = book_path.rpartition("/")
        relations = {r.get("Id"): r.get("Target", "") for r in ElementTree.fromstring(parts[f"{folder}/_rels/{file_name}.rels"])}
        book = ElementTree.fromstring(parts[book_path])
    except (KeyError, StopIteration, ElementTree.ParseError) as error:
        raise StoreProblem("workbook_damaged", {"reason": "workbook.xml"}) from error
    found = []
    for sheet in (e for e in book.iter() if e.tag.rpartition("}")[2] == "sheet"):
        relation = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        target = relations.get(relation, "")
        path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
        if path in parts:
            found.append((sheet.get("name", ""), path))
    if not found:
        raise StoreProblem("workbook_damaged", {"reason": "sheets"})
    return found


def _scan(xml: bytes, title: str) -> _Tab:
    """The extent of a sheet's cells by their own addresses, and its error and uncalculated cells.

    The declared <dimension> is not asked: calamine allocates by addresses alone, and programs declare whole columns for a format.
    """
    plain = _plain_cells(xml)
    rows, columns = _extent(xml, plain)
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        raise StoreProblem("cell_too_far", {"limit": _LIMIT}, title, f"{column_letters(columns - 1)}{rows}")
    tab = _Tab(rows, columns)
    if _IS_ERROR.search(xml) or _FORMULA.search(xml):
        tab.special = _special(xml, plain is not None)
    return tab


def _plain_cells(xml: bytes) -> list[tuple[bytes, bytes, bytes]] | None:
    """(letters, digits, "/" when empty) of all cells; None when one is not written as programs do, with its address first."""
    plain = _PLAIN_CELL.findall(xml)
    whole = len(plain) == xml.count(b"<c ") + xml.count(b"<c>") and not _PREFIXED_CELL.search(xml) and b"<!--" not in xml
    return plain if whole else None


def _extent(xml: bytes, plain: list[tuple[bytes, bytes, bytes]] | None) -> tuple[int, int]:
    """(rows, columns) that a reader has to hold: up to the lowest and the rightmost cell with content, counted from A1."""
    if plain is not None:
        filled = [cell for cell in plain if not cell[2]]
        rows = max((_number(digits) for digits in {cell[1] for cell in filled}), default=0)
        return rows, max((column_number(letters) + 1 for letters in {cell[0] for cell in filled}), default=0)
    rows = columns = 0
    for row, column, _, body in _walk(xml):
        if body is not None:
            rows, columns = max(rows, row + 1), max(columns, column + 1)
    return rows, columns


def _walk(xml: bytes) -> Iterator[tuple[int, int, bytes, bytes | None]]:
    """(row, column, attributes, body or None) of every cell; a cell without an address stands after the one before it."""
    row = column = -1
    for match in _ROW_OR_CELL.finditer(_COMMENT.sub(b"", xml)):
        attributes = match[1] if match[1] is not None else match[2]
        address = _ADDRESS.search(attributes)
        if match[1] is not None:
            row = _number(address[2]) - 1 if address and address[2] else row + 1
            column = -1
            continue
        if address and address[1] and address[2]:
            row, column = _number(address[2]) - 1, column_number(address[1])
        else:
            column += 1
        yield row, column, attributes, match[3]


def _number(digits: bytes) -> int:
    return int(digits) if len(digits) < 9 else MAX_ROWS + 1


def column_number(letters: bytes) -> int:
    """ "A" → 0. Longer than any real address: a number beyond every limit."""
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - 64
    return number - 1


def _special(xml: bytes, plain: bool) -> dict[tuple[int, int], CellValue]:
    """Cells in error, and formulas whose result was never stored, by (row, column) from 0."""
    found: dict[tuple[int, int], CellValue] = {}
    cells = _walk(xml)
    if plain:
        # few cells of a sheet have an error or a formula, and each says by itself where it stands
        cells = chain.from_iterable(_walk(b"<c " + cell) for cell in xml.split(b"<c ")[1:] if b"<f" in cell or _IS_ERROR.search(cell))
    for row, column, attributes, body in cells:
        if body is None:
            continue
        if _IS_ERROR.search(attributes):
            shown = _VALUE.search(body)
            found[row, column] = CellError(shown[1].decode("utf-8", "replace") if shown else "#N/A")
        elif (formula := _FORMULA.search(body)) and not _IS_TEXT.search(attributes) and not _VALUE.search(body):
            found[row, column] = NotCalculated((formula[1] or b"").decode("utf-8", "replace")[:200])
    return found


def _cells(content: bytes, workbook: str, tabs: dict[str, _Tab]) -> list[RawSheet]:
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    sheets = []
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            for number, about in enumerate(book.sheets_metadata):
                if about.typ != SheetTypeEnum.WorkSheet:
                    continue
                grid: list[list[Any]] = book.get_sheet_by_index(number).to_python(skip_empty_area=False)
                rows: list[list[CellValue]] = [[None if v == "" else v for v in row] for row in grid]
                for (row, column), value in tabs.get(about.name, _Tab()).special.items():
                    while len(rows) <= row:
                        rows.append([])
                    rows[row].extend([None] * (column + 1 - len(rows[row])))
                    rows[row][column] = value
                sheets.append(RawSheet(workbook, about.name, rows, about.visible != SheetVisibleEnum.Visible))
    except CalamineError as error:
        raise StoreProblem("workbook_damaged", {"reason": type(error).__name__}) from error
    return sheets
