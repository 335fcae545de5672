"""The small school with exports beside its workbooks."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.settings import Settings
from lib.snapshot import Snapshot
from tests import small_school
from tests.journal.printed import Printed, text_of, write

ALG = f"{small_school.YEAR}/class-7-А.xlsx"


@dataclass
class Small:
    """The school's folder, its configuration, and what its workbooks held when they were written."""

    folder: Path
    loaded: Settings
    tabs: Sequence[small_school.Tab]

    def names(self, school_class: str = "7-А") -> list[str]:
        return [p["full_name"] for p in small_school.pupils(school_class)]

    def ids(self, school_class: str = "7-А") -> list[str]:
        return [p["pupil_id"] for p in small_school.pupils(school_class)]

    def put(self, name: str, rows: Iterable[Sequence[Any]], separator: str = ";", encoding: str = "utf-8") -> Path:
        return write(self.folder, Printed(name, list(rows)), separator, encoding)

    def text(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def edit(self, cell: str, value: Any, tab: str = "ALG", workbook: str = ALG) -> None:
        self.fill(cell[0], [value], tab, workbook, first=int(cell[1:]))

    def empty(self, column: str, tab: str = "ALG", workbook: str = ALG) -> None:
        self.fill(column, [None] * 12, tab, workbook)

    def fill(
        self, column: str, values: Sequence[Any], tab: str = "ALG", workbook: str = ALG, first: int = small_school.FIRST_ROW + 1
    ) -> None:  # fmt: skip
        """Write values downwards into a tab of a workbook."""
        own = [t for t in self.tabs if t.workbook == workbook]
        grid = next(t.grid for t in own if t.title == tab)
        for row, value in enumerate(values, first - 1):
            grid[row][ord(column) - ord("A")] = value
        small_school.write(self.folder, own)

    def counting(self, rule: str) -> Small:
        """The same school by another rule of whose mark counts."""
        rules = dataclasses.replace(self.loaded.journal, counts=rule)
        return dataclasses.replace(self, loaded=dataclasses.replace(self.loaded, journal=rules, digest=self.loaded.digest + rule))


def issues(snapshot: Snapshot, *codes: str) -> list[dict[str, Any]]:
    """The issues of exports (or of some codes), their slots opened."""
    rows = [{**row, "slots": json.loads(row["slots"])} for row in snapshot.table("issues").to_pylist()]
    return [row for row in rows if (row["code"] in codes if codes else row["code"].startswith("journal"))]


def marks(snapshot: Snapshot, subject: str, school_class: str = "7-А") -> dict[tuple[str, str], tuple[str, str, int]]:
    """(pupil, period) → (mark, workbook, row) as records of F01 hold them; a mark that stands twice is an error."""
    found: dict[tuple[str, str], tuple[str, str, int]] = {}
    for row in snapshot.records("F01").to_pylist():
        if row["subject"] == subject and row["school_class"] == school_class:
            for key in ("q1", "q2", "q3", "q4", "year"):
                if row[key]:
                    assert (row["pupil_id"], key) not in found
                    found[row["pupil_id"], key] = (row[key], row["workbook"], row["row"])
    return found


def conserved(snapshot: Snapshot) -> None:
    """cells = accepted + reported in all of the store and in each file of exports, and issues account for what was reported."""
    sheets = snapshot.table("sheets").to_pylist()
    assert all(row["cells"] == row["accepted"] + row["reported"] and row["accepted"] >= 0 for row in sheets)
    said = sum(row["cells"] for row in snapshot.table("issues").to_pylist())
    assert said == sum(row["reported"] for row in sheets) == snapshot.meta["reported"]


def filled_cells(rows: Iterable[Sequence[Any]]) -> int:
    return sum(cell not in (None, "") for row in rows for cell in row)


__all__ = ["Small", "conserved", "filled_cells", "issues", "marks", "text_of"]
