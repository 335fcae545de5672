"""Where things stand in a table of an export: which rows are its header, which columns say who, and what each other column says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.i18n import canon, match_key
from lib.intake.parse import is_blank, shown
from lib.intake.reading import ExportColumn
from lib.intake.vocabulary import Vocabulary
from lib.journal.said import FINAL, QUARTERS, number_of, period_of, subject_of
from lib.model.cell import CellValue
from lib.settings.journal import JournalWords

Rows = Sequence[Sequence[CellValue]]
_TOP = 40  # a header is looked for in so many rows
_BELOW = 2  # rows that a header may have under its first one
_DAY = re.compile(r"\d{1,2}[./]\d{1,2}(?:[./]\d{2,4})?$|\d{4}-\d{2}-\d{2}")
_DAYS = range(1, 32)

# Why a column holds no marks of a period: the code of the issue that says so.
DAILY, COUNTED, OTHER = "journal_column_daily", "journal_column_counted", "journal_column_other"


@dataclass
class Table:
    """The header of a table: its rows (from 0), the columns of names in the order of a name's words, those that say the number, class,
    subject and period of a row (-1: none), and what the texts of the other columns are, from the top down."""

    first: int
    last: int
    names: list[int]
    number: int = -1
    school_class: int = -1
    subject: int = -1
    period: int = -1
    texts: dict[int, list[str]] = field(default_factory=dict)

    @property
    def own(self) -> list[int]:
        """The columns that say of whom and of what a row speaks."""
        return [*self.names, *(c for c in (self.number, self.school_class, self.subject, self.period) if c >= 0)]


def find_table(rows: Rows, words: Vocabulary, journal: JournalWords) -> Table | None:
    """The first table with a column of names and something beside it; None when there is none."""
    for r in range(min(len(rows), _TOP)):
        names = _name_columns(rows[r], journal)
        if names:
            table = _around(rows, r, names, words, journal)
            if table is not None:
                return table
    return None


def _folded(cell: CellValue) -> str:
    return (match_key(cell) or cell.strip()) if isinstance(cell, str) else ""


def is_name_header(cell: CellValue, journal: JournalWords) -> bool:
    """Whether the text heads a column of names, or of a part of them."""
    folded = _folded(cell)
    return bool(folded) and (
        _is_whole_name(folded, journal) or any(journal.is_(m, folded) for m in ("surname", "first_name", "patronymic"))
    )


def _is_whole_name(folded: str, journal: JournalWords) -> bool:
    return journal.is_("name", folded) or any(len(word) > 2 and folded.startswith(word) for word in journal.of["name"])


def _name_columns(row: Sequence[CellValue], journal: JournalWords) -> list[int]:
    folded = {c: _folded(cell) for c, cell in enumerate(row) if isinstance(cell, str)}
    parts = [next((c for c, text in folded.items() if journal.is_(m, text)), -1) for m in ("surname", "first_name", "patronymic")]
    if parts[0] >= 0 and parts[1] >= 0:
        return [c for c in parts if c >= 0]
    whole = next((c for c, text in folded.items() if text and _is_whole_name(text, journal)), -1)
    if whole >= 0:
        return [whole]
    return [parts[0]] if parts[0] >= 0 else []


def _around(rows: Rows, r: int, names: list[int], words: Vocabulary, journal: JournalWords) -> Table | None:
    """The table whose column of names is headed in row `r`."""
    first = last = r
    if r > 0 and all(is_blank(_at(rows[r - 1], c)) for c in range(names[0] + 1)) and _has_headers(rows[r - 1], words, journal):
        first = r - 1
    while last + 1 < len(rows) and last < r + _BELOW and _is_below(rows[last + 1], names, words, journal):
        last += 1
    table = Table(first, last, names)
    width = max((len(row) for row in rows[first:]), default=0)
    for c in range(width):
        texts = [text for n in range(first, last + 1) if (text := _header(rows, n, c, first, last))]
        if c in names:
            continue
        own = [_folded(_at(rows[n], c)) for n in range(first, last + 1)]
        meaning = next((m for m in ("number", "school_class", "subject", "period") for text in own if text and journal.is_(m, text)), "")
        if meaning and getattr(table, meaning) < 0:
            setattr(table, meaning, c)
        if texts:
            table.texts[c] = texts
    if table.period >= 0 and not any(
        journal.is_("mark", _folded(t[-1])) or period_of(t[-1], journal) == FINAL for t in table.texts.values()
    ):
        table.period = -1  # "Четверть" over the marks themselves
    for c in table.own:
        table.texts.pop(c, None)
    return table if table.texts else None


def _at(row: Sequence[CellValue], column: int) -> CellValue:
    return row[column] if column < len(row) else None


def _header(rows: Rows, number: int, column: int, first: int, last: int) -> str:
    """The header text of a cell; a cell that was merged has that of its left neighbour, where a lower row parts it."""
    cell = _at(rows[number], column)
    if not is_blank(cell):
        return shown(cell)
    if number == last or all(is_blank(_at(rows[n], column)) for n in range(number + 1, last + 1)):
        return ""
    for c in range(column - 1, -1, -1):
        left = _at(rows[number], c)
        if not is_blank(left):
            return shown(left)
        if all(is_blank(_at(rows[n], c)) for n in range(number + 1, last + 1)):
            return ""
    return ""


def _has_headers(row: Sequence[CellValue], words: Vocabulary, journal: JournalWords) -> bool:
    return any(isinstance(cell, str) and (subject_of(cell, words, journal) or period_of(cell, journal)) for cell in row)


def _is_below(row: Sequence[CellValue], names: list[int], words: Vocabulary, journal: JournalWords) -> bool:
    """Whether a row goes on with the header: nothing under the names, and headers or days in most other cells; or just column numbers."""
    filled = [cell for cell in row if not is_blank(cell)]
    if not filled:
        return False
    numbers = [int(text) if (text := shown(cell).strip()).isdigit() else -1 for cell in filled]
    if len(filled) >= 3 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (1, 2):
        return True
    if any(not is_blank(_at(row, c)) for c in names):
        return False
    known = sum(_is_header(cell, words, journal) for cell in filled)
    return 2 * known >= len(filled)


def _is_header(cell: CellValue, words: Vocabulary, journal: JournalWords) -> bool:
    if is_day(cell):
        return True
    if not isinstance(cell, str):
        return isinstance(cell, float) and cell.is_integer() and int(cell) in _DAYS and int(cell) > 5
    folded = _folded(cell)
    named = period_of(cell, journal) or subject_of(cell, words, journal)
    return bool(named) or journal.is_("mark", folded) or journal.begins("counted", folded) or (number_of(cell) > 0 and not folded.isdigit())


def is_day(cell: CellValue) -> bool:
    """Whether a header cell is a date of a lesson."""
    return isinstance(cell, (dt.date, dt.datetime)) or (isinstance(cell, str) and bool(_DAY.match(cell.strip())))


# --- what a column says --------------------------------------------------------------------------------------------------


def columns_of(table: Table, words: Vocabulary, journal: JournalWords) -> tuple[list[ExportColumn], dict[int, str]]:
    """The columns that may hold marks of a period, and why the others do not (column → DAILY, COUNTED, OTHER)."""
    found: list[ExportColumn] = []
    passed: dict[int, str] = {}
    quarters = _bare_quarters(table)
    for c, texts in sorted(table.texts.items()):
        bottom, folded = texts[-1], _folded(canon(texts[-1]))
        period = quarters.get(c, "") or next((p for text in reversed(texts) if (p := period_of(text, journal))), "")
        if c not in quarters and (is_day(bottom) or _is_day_number(bottom)):
            passed[c] = DAILY
        elif journal.begins("counted", folded) and not period_of(bottom, journal):
            passed[c] = COUNTED
        else:
            subject = next((s for text in texts if (s := subject_of(text, words, journal))), "")
            is_mark = journal.is_("mark", folded) or journal.is_("period", folded)
            unknown = not (subject or period or is_mark)
            found.append(ExportColumn(c, (bottom if unknown else " · ".join(texts))[:60], subject, period, unknown))
    if not any(column.period in (*QUARTERS, "year") for column in found):
        for column in found:
            if column.period == FINAL:
                column.period = ""  # "Итог" of a table of one quarter: that quarter's mark
    return found, passed


def _is_day_number(text: str) -> bool:
    return text.strip().isdigit() and int(text) in _DAYS


def _bare_quarters(table: Table) -> dict[int, str]:
    """Columns headed by 1, 2, 3, 4 or I … IV alone: quarters, when there are no other numbers among the headers of that group."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for c, texts in sorted(table.texts.items()):
        if _is_day_number(texts[-1]) or number_of(texts[-1]):
            groups.setdefault(texts[-2] if len(texts) > 1 else "", []).append((c, texts[-1]))
    found: dict[int, str] = {}
    for same in groups.values():
        numbers = [number_of(text) for _, text in same]
        if numbers == list(range(1, len(numbers) + 1)):
            found |= {c: QUARTERS[n - 1] for (c, _), n in zip(same, numbers, strict=True)}
    return found
