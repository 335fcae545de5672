"""From the grid of an export's table to plain rows and marks, with every cell of it accounted for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lib.i18n import canon, match_key
from lib.intake.parse import Finding, class_of, is_blank, shown
from lib.intake.reading import ExportMark, ExportReading, ExportRow, TabReading
from lib.intake.vocabulary import Vocabulary
from lib.journal.marks import mark_of
from lib.journal.said import number_of, period_of, said_by
from lib.journal.table import OTHER, Table, columns_of, find_table, is_name_header
from lib.model.cell import CellValue, RawSheet, column_letters
from lib.model.form import ColumnType
from lib.model.issue import Issue, Severity
from lib.settings.journal import JournalWords

FORM = "F01"
_NUMBERED = re.compile(r"\s*\d{1,3}\s*[.)]\s*")
_MOSTLY = 0.6  # share of a column's cells that are marks, from which an unknown header is asked about


@dataclass
class _Lines:
    """The rows below a header by what they are (numbers from 0): of pupils, with the class that a line above them named; without a name;
    totals and signatures at the end."""

    named: list[tuple[int, str]] = field(default_factory=list)
    nameless: list[int] = field(default_factory=list)
    footer: list[int] = field(default_factory=list)


def recognise(sheet: RawSheet, words: Vocabulary, journal: JournalWords) -> tuple[ExportReading, list[Issue]] | None:
    """The table on that tab and what is wrong in it; None when there is no column of names with something beside it."""
    rows = sheet.rows
    table = find_table(rows, words, journal)
    if table is None:
        return None
    lines = _lines(rows, table, words, journal)
    columns, passed = columns_of(table, words, journal)
    export = ExportReading(sheet.workbook, sheet.title, sheet.link, _said(sheet, table, words, journal), name_column=table.names[0])
    issues: list[Issue] = []
    tab = TabReading(sheet.workbook, sheet.title, FORM, link=sheet.link)
    width = max((len(row) for row in rows), default=0)
    numbers = [r for r, _section in lines.named]
    column_of_mark = next(c for c in words.forms[FORM].columns if c.type is ColumnType.MARK)
    filled = {c: [r for r in numbers if not is_blank(_at(rows[r], c))] for c in range(width) if c not in table.own}
    results: dict[tuple[int, int], str | Finding] = {}
    known: dict[tuple[type, CellValue], str | Finding] = {}
    for column in columns:
        for r in filled.get(column.column, ()):
            value = rows[r][column.column]
            key = (type(value), value)
            if key not in known:
                known[key] = mark_of(value, column_of_mark, words, journal)
            results[r, column.column] = known[key]
        good = sum(isinstance(results[r, column.column], str) for r in filled.get(column.column, ()))
        if column.unknown and good < _MOSTLY * len(filled.get(column.column, ())):
            passed[column.column] = OTHER
    export.columns = [column for column in columns if column.column not in passed and filled.get(column.column)]
    held = {column.column for column in export.columns}
    for c, here in filled.items():
        if here and c not in held:
            passed.setdefault(c, OTHER)
    per_row = [name for name in ("school_class", "subject", "period") if getattr(table, name) >= 0]
    if any(section for _r, section in lines.named) and "school_class" not in per_row:
        per_row.insert(0, "school_class")
    export.per_row = per_row
    for place, (r, section) in enumerate(lines.named):
        export.rows.append(_row(rows[r], r, section, table, words, journal))
        for number, column in enumerate(export.columns):
            if (r, column.column) in results:
                export.marks.append(_mark(place, number, results[r, column.column]))
    export.cells = sum(row.cells for row in export.rows) + sum(len(here) for here in filled.values())
    for run in _runs(passed, filled):
        cells = sum(len(filled[c]) for c in run)
        if cells:
            texts = [table.texts[c][-1] for c in run if c in table.texts]
            seen = f"{texts[0]} … {texts[-1]}" if len(texts) > 1 else texts[0] if texts else ""
            address = _address(run[0], min(r for c in run for r in filled[c]), run[-1], max(r for c in run for r in filled[c]))
            issues.append(tab.issue(passed[run[0]], Severity.NOTE, address, cells, {"seen": seen[:60]}))
            export.reported += cells
    for code, severity, found in (
        ("journal_no_name", Severity.WARNING, [[r] for r in lines.nameless]),
        ("journal_footer", Severity.NOTE, [lines.footer] if lines.footer else []),
    ):
        for block in found:
            cells = sum(not is_blank(cell) for r in block for cell in rows[r])
            issues.append(tab.issue(code, severity, _address(0, block[0], width - 1, block[-1]), cells))
            export.cells += cells
            export.reported += cells
    return export, issues


def _at(row: Sequence[CellValue], column: int) -> CellValue:
    return row[column] if column < len(row) else None


def _address(left: int, top: int, right: int, bottom: int) -> str:
    one, other = f"{column_letters(left)}{top + 1}", f"{column_letters(right)}{bottom + 1}"
    return one if one == other else f"{one}:{other}"


def _mark(row: int, column: int, result: str | Finding) -> ExportMark:
    if isinstance(result, str):
        return ExportMark(row, column, result)
    used = None if result.value is None else str(result.value)
    return ExportMark(row, column, used, result.code, result.severity.value, dict(result.slots))


def _runs(passed: dict[int, str], filled: dict[int, list[int]]) -> list[list[int]]:
    """Neighbouring columns that are passed by for the same reason; empty ones between them do not part them."""
    runs: list[list[int]] = []
    for c in sorted(c for c in passed if filled.get(c)):
        between = range(runs[-1][-1] + 1, c) if runs else ()
        if runs and passed[runs[-1][0]] == passed[c] and all(not filled.get(b) for b in between):
            runs[-1].append(c)
        else:
            runs.append([c])
    return runs


# --- titles and rows -----------------------------------------------------------------------------------------------------


def _said(sheet: RawSheet, table: Table, words: Vocabulary, journal: JournalWords) -> dict[str, list[str]]:
    """What the lines above the table say; what they do not say is asked of the tab's title, then of the file's name and folders."""
    above = [shown(cell) for row in sheet.rows[: table.first] for cell in row if isinstance(cell, str) and not is_blank(cell)]
    path = PurePosixPath(sheet.workbook)
    found: dict[str, list[str]] = {}
    for texts in (above, [sheet.title], [path.stem], list(path.parts[:-1])):
        said = said_by(texts, words, journal)
        for name in ("school_year", "school_class", "subject", "period"):
            found[name] = found.get(name) or getattr(said, name)
    return found


def _lines(rows: Sequence[Sequence[CellValue]], table: Table, words: Vocabulary, journal: JournalWords) -> _Lines:
    found = _Lines()
    section = ""
    for r in range(table.last + 1, len(rows)):
        filled = [cell for cell in rows[r] if not is_blank(cell)]
        if not filled:
            continue
        if any(is_name_header(_at(rows[r], c), journal) for c in table.names):
            continue  # the header once more, on a new page
        if len(filled) == 1 and isinstance(filled[0], str):
            said = said_by([filled[0]], words, journal)
            if len(said.school_class) == 1 and not said.subject:
                section = said.school_class[0]
                continue
        name = _name(rows[r], table)
        if any(c.isalpha() for c in name) and not any(c.isdigit() for c in name):
            found.named.append((r, section))
        else:
            found.nameless.append(r)
    while found.named and _is_counted(_name(rows[found.named[-1][0]], table), journal):
        found.footer.append(found.named.pop()[0])
    last = found.named[-1][0] if found.named else table.last
    found.footer = sorted([*found.footer, *(r for r in found.nameless if r > last)])
    found.nameless = [r for r in found.nameless if r < last]
    return found


def _is_counted(name: str, journal: JournalWords) -> bool:
    """Whether a line is a total or a signature: its first word, or all of it, is one of their words (never a part of a surname)."""
    pieces = canon(name).replace(":", " ").split()
    wholes = [match_key(" ".join(pieces[:n])) for n in range(1, min(len(pieces), 3) + 1)]
    return any(journal.is_("counted", whole) for whole in wholes)


def _name(row: Sequence[CellValue], table: Table) -> str:
    parts = [canon(cell) for c in table.names if isinstance(cell := _at(row, c), str) and not is_blank(cell)]
    return _NUMBERED.sub("", " ".join(parts), count=1) if parts and _NUMBERED.match(parts[0]) else " ".join(parts)


def _row(
    row: Sequence[CellValue], number: int, section: str, table: Table, words: Vocabulary, journal: JournalWords
) -> ExportRow:  # fmt: skip
    def text(column: int) -> str:
        return shown(_at(row, column)).strip() if column >= 0 else ""

    period = text(table.period)
    quarter = number_of(period)
    return ExportRow(
        number + 1,
        _name(row, table)[:120],
        (class_of(_at(row, table.school_class), words) or "") if table.school_class >= 0 else section,
        text(table.subject),
        period_of(period, journal) or (f"q{quarter}" if quarter else ""),
        sum(not is_blank(_at(row, c)) for c in table.own),
    )
