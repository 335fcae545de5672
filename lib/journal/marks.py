"""One cell of an export: the mark in it, or why there is none."""

from __future__ import annotations

import re

from lib.i18n import canon, match_key
from lib.intake.parse import Finding, parse, shown
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellValue
from lib.model.form import Column
from lib.model.issue import Severity
from lib.settings.journal import JournalWords

# "4 (жакшы)", "5 беш", "3 – удовл.": a figure and its word.
_WITH_WORD = re.compile(r"([1-5])\s*[-–—(\[/ ]\s*([^\d]+?)[)\].]*$")


def mark_of(value: CellValue, column: Column, words: Vocabulary, journal: JournalWords) -> str | Finding:
    """The mark as form F01 stores it ("5" … "2", not attested, released), or a finding: refused, or used with a doubt."""
    if isinstance(value, str):
        text = canon(value)
        if journal.is_("passed", match_key(text)):
            return Finding("journal_pass", {"value": shown(value)}, Severity.NOTE)
        if (found := _WITH_WORD.match(text)) and match_key(found[2]) in journal.of["mark_words"]:
            value = found[1]
    result = parse(value, column, words)
    return result if isinstance(result, Finding) else str(result)
