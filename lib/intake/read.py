"""One workbook from cells to a reading: each tab located, each cell parsed, and every cell accounted for."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence

from lib.intake.locate import Layout, context, first_questions, locate, row_names, signature
from lib.intake.parse import Finding, Value, is_blank, parse, shown
from lib.intake.reading import EMPTY, IGNORED, READ, REFUSED, Reading, TabReading
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellValue, RawSheet, column_letters
from lib.model.form import ColumnType
from lib.model.issue import Issue, Severity
from lib.store.base import StoreProblem

log = logging.getLogger("sapat.intake")

# What makes cells of a fetched workbook (lib.store.base.Store.sheets).
Sheets = Callable[[bytes, str], list[RawSheet]]
ReadSheets = Callable[[str, Sequence[RawSheet], Vocabulary], Reading]
# (type, content) of a cell → what it came to.
Parsed = dict[tuple[type, CellValue], Value | Finding]


def read_workbook(name: str, content: bytes, sheets: Sheets, words: Vocabulary, read: ReadSheets | None = None) -> Reading:
    """The reading of one workbook from what was fetched; one that cannot be read gives a reading without tabs and one issue.

    `read` makes the reading of its tabs (default: read_sheets, which knows forms alone).
    """
    try:
        return (read or read_sheets)(name, sheets(content, name), words)
    except StoreProblem as problem:
        return unreadable(name, problem)
    except Exception as error:  # a defect of ours must cost one workbook, never the school
        # The message of an error may quote cells, so that only its kind and place are logged.
        place = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)[-3:]))
        log.error("%s while reading %s\n%s", type(error).__name__, name, place)
        return unreadable(name, StoreProblem("workbook_crashed", {"reason": type(error).__name__}))


def unreadable(name: str, problem: StoreProblem) -> Reading:
    """The reading of a workbook that could not be read, with the one issue that says why."""
    issue = Issue(problem.code, Severity.ERROR, name, problem.tab, problem.cell, slots=problem.slots)
    return Reading(name, [], [issue], problem.passing)


def read_sheets(workbook: str, sheets: Sequence[RawSheet], words: Vocabulary) -> Reading:
    """The reading of a workbook's tabs."""
    reading = Reading(workbook)
    signatures = [signature(sheet.rows) for sheet in sheets]
    others = context(signatures, words)
    parsed: dict[tuple[str, str], Parsed] = {}
    for number, (sheet, own) in enumerate(zip(sheets, signatures, strict=True)):
        layout = locate(sheet, own, others, words)
        if layout is None:
            tab = TabReading(workbook, sheet.title, state=IGNORED, link=sheet.link)
            reading.tabs.append(tab)
            # The first tab of a workbook of ours is its instruction, a hidden one holds its lists; an empty one is nobody's question.
            own_part = sheet.hidden or (number == 0 and any(s.row >= 0 for s in signatures))
            if not own_part and any(not is_blank(cell) for row in sheet.rows for cell in row):
                reading.issues.append(tab.issue("tab_ignored", Severity.NOTE))
        else:
            _read_tab(sheet, layout, words, reading, parsed)
    return reading


def _read_tab(sheet: RawSheet, layout: Layout, words: Vocabulary, reading: Reading, parsed: dict[tuple[str, str], Parsed]) -> None:
    """`parsed`: what the contents of a form's column came to in tabs before: the same pupils and marks stand in many."""
    form = layout.form
    tab = TabReading(
        reading.workbook,
        sheet.title,
        form.id if form else "",
        layout.version,
        layout.school_year,
        layout.school_class,
        layout.subject,
        layout.method_association,
        link=sheet.link,
    )
    reading.tabs.append(tab)
    rows = sheet.rows
    if layout.refused is not None or form is None:
        tab.state = REFUSED
        tab.cells = tab.reported = sum(not is_blank(cell) for r in layout.data_rows for cell in rows[r])
        if layout.refused is not None:
            reading.issues.append(tab.issue(layout.refused.code, layout.refused.severity, "", tab.cells, layout.refused.slots))
        return
    for problem in layout.problems:
        cell = f"{column_letters(problem.column)}1" if problem.column >= 0 else ""
        reading.issues.append(tab.issue(problem.code, problem.severity, cell, 0, problem.slots))
    numbers = [r for r in layout.data_rows if any(cell is not None and not is_blank(cell) for cell in rows[r])]
    for c, problem in sorted(layout.unused.items()):
        filled = [r for r in numbers if c < len(rows[r]) and not is_blank(rows[r][c])]
        tab.cells += len(filled)
        tab.reported += len(filled)
        letters = column_letters(c)
        address = f"{letters}{filled[0] + 1}:{letters}{filled[-1] + 1}" if filled else f"{letters}1"
        reading.issues.append(tab.issue(problem.code, problem.severity, address, len(filled), problem.slots))
    tab.columns = {column.key: column_letters(layout.columns[column.key]) for column in form.columns if column.key in layout.columns}
    values: dict[str, list[Value | None]] = {}
    for column in form.columns:
        if column.key not in layout.columns:
            continue
        c = layout.columns[column.key]
        known = parsed.setdefault((form.id, column.key), {})
        taken: list[Value | None] = []
        for r in numbers:
            row = rows[r]
            raw = row[c] if c < len(row) else None
            if raw is None:
                taken.append(None)
                continue
            mark = (type(raw), raw)
            result = known.get(mark)
            if result is None and is_blank(raw):
                taken.append(None)
                continue
            tab.cells += 1
            if result is None:
                result = known[mark] = parse(raw, column, words)
            if type(result) is Finding:
                used = result.value is not None
                slots = {"column": column.title.ky, **result.slots}
                reading.issues.append(tab.issue(result.code, result.severity, f"{column_letters(c)}{r + 1}", 0 if used else 1, slots))
                tab.reported += not used
                taken.append(result.value)
            else:
                taken.append(result)  # type: ignore[arg-type]
        values[column.key] = taken
    _keep_rows(tab, values, numbers, layout, reading, rows)
    tab.accepted = tab.cells - tab.reported
    tab.state = READ if tab.rows else EMPTY


def _keep_rows(
    tab: TabReading,
    values: dict[str, list[Value | None]],
    numbers: list[int],
    layout: Layout,
    reading: Reading,
    rows: Sequence[Sequence[CellValue]],
) -> None:
    """Keep the rows that can be placed; the cells of the others (totals, remarks, a lost code) are reported one by one."""
    assert layout.form is not None
    form = layout.form
    names = [key for key in row_names(form) if key in values]
    either = [key for key in first_questions(form) if key in values]
    kept: list[int] = []
    for i, r in enumerate(numbers):
        missing = next((key for key in names if values[key][i] is None), None)
        if either and all(values[key][i] is None for key in either):
            missing = either[0]
        if missing is None:
            if names or any(column[i] is not None for column in values.values()):
                kept.append(i)
            continue
        filled = [key for key in values if values[key][i] is not None]
        column = layout.columns[missing]
        left_empty = column >= len(rows[r]) or is_blank(rows[r][column])
        person = any(form.by_key[key].type is ColumnType.NAME for key in filled)
        severity = Severity.WARNING if left_empty and not person else Severity.ERROR
        for key in filled:
            slots = {"column": form.by_key[missing].title.ky, "value": _shown_value(rows[r], layout.columns[key])}
            reading.issues.append(tab.issue("row_without_key", severity, f"{tab.columns[key]}{r + 1}", 1, slots))
        tab.reported += len(filled)
    tab.rows = [numbers[i] + 1 for i in kept]
    whole = len(kept) == len(numbers)
    tab.values = {key: column if whole else [column[i] for i in kept] for key, column in values.items()}


def _shown_value(row: Sequence[CellValue], column: int) -> str:
    return shown(row[column]) if column < len(row) else ""
