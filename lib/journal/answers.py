"""What people have answered about exports, kept in the desk and used again: whose a name is, which subject a header means, what a table
speaks of. Pupils' codes stand in this file alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.i18n import match_key
from lib.journal.names import answer_key
from lib.settings.ledger import Ledger

FOLDER, FILE = "journal", "journal.yaml"  # a folder for this account alone; JSON, which is YAML as well
EVERYWHERE = "*"
NOBODY = ""  # the name is nobody of the class; the column holds no marks
_NAMES, _COLUMNS, _TABLES = "names", "columns", "tables"


@dataclass(frozen=True)
class Answers:
    """All answers as they are kept. `names`: school year → class → spelling → pupil's code; `columns`: class or "*" → header → subject;
    `tables`: workbook → tab → what it speaks of (school_year, school_class, subject, period)."""

    names: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    def name(self, school_year: str, school_class: str, seen: str) -> str | None:
        """The code of the pupil whose name it is, "" for nobody, None while nobody has said."""
        return self.names.get(school_year, {}).get(school_class, {}).get(answer_key(seen))

    def column(self, school_class: str, header: str) -> str | None:
        """The subject that a header means in that class, "" for none, None while nobody has said."""
        key = match_key(header)
        return next((self.columns[place][key] for place in (school_class, EVERYWHERE) if key in self.columns.get(place, {})), None)

    def table(self, workbook: str, tab: str) -> Mapping[str, str]:
        """What was said of a table."""
        return self.tables.get(workbook, {}).get(tab, {})

    @property
    def digest(self) -> str:
        """Changes whenever an answer does."""
        said = {w: {t: {k: v for k, v in about.items() if k != "school_year"} for t, about in of.items()} for w, of in self.tables.items()}
        said = {w: kept for w, of in said.items() if (kept := {t: about for t, about in of.items() if about})}  # pins are not answers
        plain = json.dumps([self.names, self.columns, said], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(plain.encode()).hexdigest()[:16]


class AnswerBook:
    """The file of answers in a desk. Two people may answer at once: each answer is added to what is there, whole or not at all."""

    def __init__(self, desk: Path) -> None:
        self._ledger = Ledger(desk / FOLDER / FILE)

    def read(self) -> Answers:
        """The answers as they are now."""
        plain = self._ledger.read()
        return Answers(plain.get(_NAMES, {}), plain.get(_COLUMNS, {}), plain.get(_TABLES, {}))

    def pin(self, years: Mapping[tuple[str, str], str]) -> None:
        """Keep of which school year tables are that name none: else they would wander into the next one when it begins."""
        kept = self.read()
        new = {place: {"school_year": year} for place, year in years.items() if kept.table(*place).get("school_year") != year}
        if new:
            self.add(tables=new)

    def add(
        self,
        names: Mapping[tuple[str, str, str], str] | None = None,
        columns: Mapping[tuple[str, str], str] | None = None,
        tables: Mapping[tuple[str, str], Mapping[str, str]] | None = None,
    ) -> None:
        """Keep answers: (school year, class, seen name) → code, (class or "*", header) → subject, (workbook, tab) → what it speaks of."""
        with self._ledger.changing() as plain:
            for (year, school_class, seen), pupil_id in (names or {}).items():
                _room(plain, _NAMES, year, school_class)[answer_key(seen)] = pupil_id
            for (school_class, header), subject in (columns or {}).items():
                _room(plain, _COLUMNS, school_class)[match_key(header)] = subject
            for (workbook, tab), said in (tables or {}).items():
                _room(plain, _TABLES, workbook, tab).update(said)


def _room(plain: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        plain = plain.setdefault(name, {})
    return plain
