"""What would come of an export if it were handed in now: the same reading and the same matching, against the records of a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.intake.frozen import FrozenYears
from lib.intake.pool import read_all
from lib.intake.reading import READ, Reading, TabReading
from lib.intake.registry import REGISTERS
from lib.journal.answers import Answers
from lib.journal.claims import FORM
from lib.journal.merge import Merged, merge
from lib.journal.question import Asked
from lib.journal.read import reader
from lib.settings import Settings
from lib.settings.journal import JournalWords
from lib.store.exports import EXPORTS, OneFile

_SECONDS = 30.0
_CODES = 6  # letters of a word for the year that is understood in a file's name
Records = Mapping[str, Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class HandedIn:
    """An export that somebody hands in: its reading, and what would come of it. `speaks_of`: school year, class and subject of everything
    in it, "" where that is not known."""

    reading: Reading
    merged: Merged
    speaks_of: frozenset[tuple[str, str, str]]


def hand_in(name: str, content: bytes, records: Records, settings: Settings, answers: Answers, frozen: FrozenYears) -> HandedIn:
    """Read the file in a process of its own and match it. `records`: rows of the registers and of form F01, as a snapshot holds them."""
    named = f"{EXPORTS}/{name}"
    (reading,) = read_all(OneFile(named, content), [named], settings, workers=1, time_limit=_SECONDS, read=reader(settings))
    merged = merge(_tabs(records), reading.exports, settings, answers, {}, frozen)
    found = {(tab.school_year, tab.school_class, tab.subject) for tab in merged.given}
    for question in merged.questions:
        subjects = question.subjects if question.about is Asked.NAME and question.subjects else ("",)
        found |= {(question.school_year, question.school_class, subject) for subject in subjects}
    return HandedIn(reading, merged, frozenset(found))


def name_of(reading: Reading, words: JournalWords) -> str:
    """A name for the file that says what its own name said, and nothing else that may have stood there."""
    told: list[str] = []
    for field in ("school_year", "school_class", "subject", "period"):
        said = {tuple(export.said.get(field, ())) for export in reading.exports}
        only = next(iter(said)) if len(said) == 1 else ()
        if len(only) == 1:
            told.append(_period(only[0], words) if field == "period" else only[0])
    return " ".join(filter(None, told)) or EXPORTS


def _period(key: str, words: JournalWords) -> str:
    if key.startswith("q"):
        return key.upper()
    return next((word for word in sorted(words.of.get(key, ())) if len(word) >= _CODES), "")


def _tabs(records: Records) -> list[TabReading]:
    """The tabs of registers and marks as they were when the snapshot was written."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for form in (*REGISTERS, FORM):
        for row in records.get(form, ()):
            of_class = (str(row["school_class"] or ""), str(row["subject"] or "")) if form == FORM else ("", "")
            found.setdefault((form, row["workbook"], row["tab"], row["school_year"], *of_class), []).append(row)
    return [_tab(key, rows) for key, rows in found.items()]


def _tab(key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> TabReading:
    form, workbook, tab, school_year, school_class, subject = key
    names = [name for name in rows[0] if name not in ("record", "school_year", "workbook", "tab", "row")]
    values = {name: [row[name] for row in rows] for name in names}
    columns = dict.fromkeys(names, "")
    return TabReading(
        workbook, tab, form, 0, school_year, school_class, subject, state=READ, columns=columns, rows=[row["row"] for row in rows],
        values=values,
    )  # fmt: skip
