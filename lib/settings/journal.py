"""config/journal.yaml: by which words an export of the electronic journal is known, and whose mark counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib.i18n import match_key
from lib.settings.document import read

SHEET, EXPORT, NEWEST = "sheet", "export", "newest"
_LISTS = (
    "name", "surname", "first_name", "patronymic", "number", "school_class", "subject", "period", "mark", "quarter", "year", "exam",
    "final", "counted", "passed", "mark_words", "school_year", "title_words", "lineage", "patronymics",
)  # fmt: skip


@dataclass(frozen=True)
class JournalWords:
    """The words of exports by what they mean; each is folded (lib.i18n.match_key). Small enough to hand to a reading process."""

    of: Mapping[str, frozenset[str]]

    def is_(self, meaning: str, folded: str) -> bool:
        """Whether the folded text is one of the words."""
        return folded in self.of[meaning]

    def begins(self, meaning: str, folded: str) -> bool:
        """Whether the folded text begins with one of the words of three letters and more, or is one of the short ones."""
        return any(folded == word or (len(word) > 3 and folded.startswith(word)) for word in self.of[meaning])


@dataclass(frozen=True)
class JournalRules:
    """`counts`: sheet, export or newest, where a teacher's tab and an export hold different marks."""

    counts: str
    words: JournalWords


def read_journal(path: Path) -> JournalRules:
    """The file's rules. Raises UserError."""
    entry = read(path)
    counts = entry.one_of("counts", (SHEET, EXPORT, NEWEST))
    # a sign without letters ("№", "#") stays as it is
    words = {name: frozenset(match_key(text) or text.strip() for text in entry.texts(name)) for name in _LISTS}
    entry.done()
    return JournalRules(counts, JournalWords(words))
