"""Exports of the demo school's own marks: what its electronic journal would give."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lib.settings import Settings
from lib.snapshot import Snapshot
from tests.journal.printed import Child, Printed, wide, write

YEAR = "2025-2026"
QUARTERS = {"q1": "1 четверть", "q2": "2 четверть", "q3": "3 четверть", "q4": "4 четверть"}


def children(snapshot: Snapshot, year: str = YEAR) -> list[Child]:
    rows = snapshot.records("R1").to_pylist()
    return [Child(r["pupil_id"], r["full_name"], r["school_class"]) for r in rows if r["school_year"] == year and r["full_name"]]


def taught(snapshot: Snapshot, year: str = YEAR) -> dict[str, list[str]]:
    """class → subjects, as the load says."""
    found: dict[str, list[str]] = {}
    for row in snapshot.records("R2L").to_pylist():
        if row["school_year"] == year and row["subject"] not in found.setdefault(row["school_class"], []):
            found[row["school_class"]].append(row["subject"])
    return found


def marks(snapshot: Snapshot, year: str = YEAR) -> dict[tuple[str, str, str], str]:
    """(pupil, subject, quarter) → mark in the teachers' tabs."""
    return {
        (r["pupil_id"], r["subject"], q): r[q] for r in snapshot.records("F01").to_pylist() if r["school_year"] == year for q in
        (*QUARTERS, "year") if r[q]
    }  # fmt: skip


def export_school(
    store: Path, snapshot: Snapshot, loaded: Settings, given: Mapping[tuple[str, str, str], str], quarters: Mapping[str, str] = QUARTERS,
    default: str = "4", grades: range = range(4, 12),
) -> list[Printed]:  # fmt: skip
    """A ledger of every class and quarter, in `exports/`: the mark of `given`, else `default` ("" leaves the cell empty)."""
    subjects, people = taught(snapshot), children(snapshot)
    written = []
    for school_class, codes in sorted(subjects.items()):
        if int(school_class.split("-")[0]) not in grades:
            continue
        own = [child for child in people if child.school_class == school_class]
        heads = {code: loaded.subjects[code].name.ru for code in codes}
        for key, said in quarters.items():
            rows = [(c, c.full_name, {code: given.get((c.pupil_id, code, key), default) or None for code in codes}) for c in own]
            title = [f"Сводная ведомость успеваемости. {school_class} класс", f"{said}, {YEAR} учебный год"]
            printed = wide(f"exports/{school_class} {key}.xlsx", title, heads, rows)
            write(store, printed)
            written.append(printed)
    return written
