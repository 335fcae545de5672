"""What an export leaves open, and what came of it: for the page where people answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Asked(StrEnum):
    """What a question is about."""

    NAME = "name"
    COLUMN = "column"
    SCHOOL_CLASS = "school_class"
    SUBJECT = "subject"
    PERIOD = "period"


@dataclass(frozen=True)
class Question:
    """Something that only a person can tell. `seen`: the name, header or title as it stands in `cell`; `candidates`: codes of pupils or
    subjects, classes, or periods to choose from; `subjects`: what the name's marks are of; `near`: they are near, not merely of the class;
    `cells`: how many cells wait for the answer."""

    about: Asked
    workbook: str
    tab: str
    cell: str
    seen: str
    school_year: str = ""
    school_class: str = ""
    subjects: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    near: bool = False
    cells: int = 0


@dataclass
class Outcome:
    """What came of one table of an export: pupils by how their names were matched, marks of each of its
    `periods` by what became of them."""

    workbook: str
    tab: str
    school_year: str = ""
    classes: Sequence[str] = ()
    subjects: Sequence[str] = ()
    periods: Sequence[str] = ()
    matched: int = 0
    asked: int = 0
    unknown: int = 0
    marks: Sequence[int] = ()  # of each period: that were understood and belong to a pupil
    new: Sequence[int] = ()  # of them: the teacher's tab has none
    differ: Sequence[int] = ()
    cells: int = 0
    reported: int = 0


@dataclass
class Places:
    """Cells by the reason for which they wait, so that one issue tells of many: (what, …) → first address, last address, cells."""

    found: dict[tuple[str, ...], tuple[str, str, int]] = field(default_factory=dict)

    def add(self, key: tuple[str, ...], address: str, cells: int) -> None:
        """Count `cells` more under that reason; `address` is where they are."""
        if cells:
            first, _last, before = self.found.get(key, (address, address, 0))
            self.found[key] = (first, address, before + cells)
