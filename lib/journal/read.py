"""One workbook of the store to a reading: its forms, and, where a tab is no form, the table of an export."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lib.intake.locate import signature
from lib.intake.parse import is_blank
from lib.intake.pool import ReadWorkbook
from lib.intake.read import read_sheets
from lib.intake.reading import EMPTY, READ, ExportColumn, Reading
from lib.intake.vocabulary import Vocabulary
from lib.journal.recognise import recognise
from lib.model.cell import RawSheet
from lib.model.issue import Severity
from lib.settings import Settings
from lib.settings.journal import JournalWords
from lib.store.exports import is_export

NOT_RECOGNISED = "journal_not_recognised"
_TOP = 15


def reader(settings: Settings) -> ReadWorkbook:
    """What reads forms and exports alike; it travels to a reading process."""
    return partial(read_with_exports, settings.journal.words)


def read_with_exports(journal: JournalWords, workbook: str, sheets: Sequence[RawSheet], words: Vocabulary) -> Reading:
    """The reading of a workbook's tabs. A workbook in which a tab is one of our forms, or was one, holds no export."""
    reading = read_sheets(workbook, sheets, words)
    if any(tab.state in (READ, EMPTY) for tab in reading.tabs) or any(_is_ours(sheet) for sheet in sheets):
        return reading
    among_exports = is_export(workbook)
    for sheet in sheets:
        if sheet.hidden or all(is_blank(cell) for row in sheet.rows for cell in row):
            continue
        found = recognise(sheet, words, journal)
        if found is not None and (among_exports or _is_surely_one(found[0].columns)):
            export, issues = found
            reading.issues = [issue for issue in reading.issues if issue.tab != sheet.title]
            reading.tabs = [tab for tab in reading.tabs if tab.tab != sheet.title]
            reading.exports.append(export)
            reading.issues += issues
        elif among_exports:
            reading.issues = [issue for issue in reading.issues if issue.tab != sheet.title]
            tab = next(tab for tab in reading.tabs if tab.tab == sheet.title)
            reading.issues.append(tab.issue(NOT_RECOGNISED, Severity.WARNING))
    return reading


def _is_ours(sheet: RawSheet) -> bool:
    """Whether a hidden row of our templates stands there: an export has the headers of marks, but neither identity nor codes."""
    own = {column.casefold() for row in sheet.rows[:_TOP] for column in row if isinstance(column, str)}
    return signature(sheet.rows).row >= 0 or "pupil_id" in own


def _is_surely_one(columns: Sequence[ExportColumn]) -> bool:
    """Outside of the folder of exports a table of names is one only if some column names a subject or a period."""
    return any(column.subject or column.period for column in columns)
