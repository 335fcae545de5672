"""An invented school in which every free place holds a payload: cells, names of workbooks and tabs, headers, the school's own name."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from lib.model.form import Column, ColumnType, Form

KEY_ROW, KY_ROW, RU_ROW, FIRST_ROW = 2, 4, 5, 6
FREE = {ColumnType.NAME, ColumnType.TEXT, ColumnType.LIST}
# Cells that are read as something closed: one wrong cell of each column becomes an issue, which quotes it.
CLOSED = {ColumnType.MARK, ColumnType.NUMBER, ColumnType.COUNT, ColumnType.DATE, ColumnType.YESNO, ColumnType.CHOICE, ColumnType.CLASS,
          ColumnType.SUBJECT, ColumnType.ASSOCIATION, ColumnType.MONTH, ColumnType.EMAIL}  # fmt: skip


Places = set[tuple[str, str]]  # form, column


def poison(store: Path, forms: dict[str, Form], payloads: Sequence[str], titles: Sequence[str], files: Sequence[str]) -> Places:
    """Write payloads into all workbooks under `store`, and rename tabs and files. Gives every place that was written."""
    taken: Places = set()
    turn, title = itertools.cycle(payloads), iter(titles)
    names = [text for text in payloads if any(sign.isalpha() for sign in text) and not any(sign.isdigit() for sign in text)]
    for path in sorted(store.rglob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        for sheet in list(book.worksheets):
            form = _form(sheet, forms)
            if form is None:
                continue
            taken |= _poison_tab(sheet, form, turn, names)
            if (name := next(title, None)) is not None and name.casefold() not in {s.title.casefold() for s in book.worksheets}:
                sheet.title = name
        book.save(path)
    for number, (path, name) in enumerate(zip(sorted(store.rglob("*.xlsx")), files, strict=False)):
        path.rename(path.with_name(f"{number} {name}.xlsx"))
    first = payloads[0].replace('"', '\\"')
    (store / "store.yaml").write_text(f'as_of: 2026-04-15\ndemo: true\nschool_name:\n  ky: "{first}"\n  ru: "{first}"\n', encoding="utf-8")
    return taken


def _form(sheet: Worksheet, forms: dict[str, Form]) -> Form | None:
    said = next((str(c.value) for c in sheet[1] if str(c.value or "").startswith("form=")), "")
    return forms.get(said.removeprefix("form=").partition("@")[0])


def _poison_tab(sheet: Worksheet, form: Form, turn: Iterator[str], names: Sequence[str]) -> Places:
    taken = set()
    places = {str(cell.value): cell.column for cell in sheet[KEY_ROW] if cell.value}
    rows = range(FIRST_ROW, sheet.max_row + 1)
    filled = [row for row in rows if any(sheet.cell(row, place).value is not None for place in places.values())]
    for key, place in places.items():
        column = form.by_key.get(key)
        if column is None or not (_is_free(column) or column.type in CLOSED):
            continue
        for row in filled if _is_free(column) else filled[-1:]:
            sheet.cell(row, place).value = _name_of(sheet, places, row, names) if key == "full_name" else next(turn)
            sheet.cell(row, place).data_type = "s"
            taken.add((form.id, key))
    for place in places.values():  # the key row stays: a tab is found by it
        sheet.cell(KY_ROW, place).value = next(turn)
        sheet.cell(KY_ROW, place).data_type = "s"
    stray = sheet.cell(max(filled, default=FIRST_ROW) + 3, max(places.values(), default=1) + 2, next(turn))
    stray.data_type = "s"
    return taken


def _name_of(sheet: Worksheet, places: dict[str, int], row: int, names: Sequence[str]) -> str:
    """The payload that is this person's name in every tab, so that the rows are taken for theirs."""
    code = next((str(sheet.cell(row, places[key]).value) for key in ("pupil_id", "teacher_id") if key in places), "")
    return names[zlib.crc32(code.encode()) % len(names)]


def _is_free(column: Column) -> bool:
    return column.type in FREE and not column.refers_to and column.key not in ("roles", "classes")
