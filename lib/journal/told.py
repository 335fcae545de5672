"""What came of exports as tables of the snapshot: `journal` (one row a table of an export) and `questions`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pyarrow as pa

from lib.journal.question import Outcome, Question

JOURNAL, QUESTIONS = "journal", "questions"
_TEXT, _LIST, _NUMBER = pa.string(), pa.list_(pa.string()), pa.int32()
_OUTCOMES = pa.schema(
    [
        *((name, _TEXT) for name in ("workbook", "tab", "school_year")),
        *((name, _LIST) for name in ("classes", "subjects", "periods")),
        *((name, pa.list_(_NUMBER)) for name in ("marks", "new", "differ")),
        *((name, _NUMBER) for name in ("matched", "asked", "unknown", "cells", "reported")),
    ]
)
_QUESTIONS = pa.schema(
    [
        *((name, _TEXT) for name in ("about", "workbook", "tab", "cell", "seen", "school_year", "school_class")),
        *((name, _LIST) for name in ("subjects", "candidates")),
        ("near", pa.bool_()),
        ("cells", _NUMBER),
    ]
)


def journal_tables(outcomes: Iterable[Outcome], questions: Iterable[Question]) -> dict[str, pa.Table]:
    """The two tables, by name."""
    return {
        JOURNAL: pa.Table.from_pylist([{**asdict(o)} for o in outcomes], schema=_OUTCOMES),
        QUESTIONS: pa.Table.from_pylist([{**asdict(q), "about": q.about.value} for q in questions], schema=_QUESTIONS),
    }
