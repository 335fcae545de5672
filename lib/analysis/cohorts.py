"""Classes through the years: which class became which, told by its pupils' codes (domain.md §2, consequence 3).

Not by its name: grades may skip numbers (in 2025-2026 who had ended grade 3 went to grade 5), letters change, classes are closed, merged
and split.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

GROUPS = ("school_class", "grade")


@dataclass(frozen=True, slots=True)
class Cohort:
    """A class or grade in the next school year: its `name`, and how many of its `size` pupils were in the old one."""

    name: str
    stayed: int
    size: int


class Cohorts:
    """The classes and grades of a school through its years, as the registers tell.

    Looking back, a class *was* that class of the year before from which more than half of its pupils come: both halves of a class that was
    split were the same class. Looking forward, a class *became* another only where each is the other's majority: more than half of those
    who go on are in it, and more than half of it are they. Where that is not so, and where a year has no register, nothing is told.
    """

    def __init__(self, pupils: Iterable[tuple[str, str, str]] = (), grades: Mapping[tuple[str, str], str] | None = None) -> None:
        """`pupils`: (school year, code, class) of every row of R1. A code that stands in two classes of a year says nothing.
        `grades`: (school year, class) → its grade; without them only classes are followed."""
        listed: dict[str, dict[str, set[str]]] = {}
        for school_year, code, school_class in pupils:
            if school_year and code and school_class:
                listed.setdefault(school_year, {}).setdefault(code, set()).add(school_class)
        one_class = {year: {code: next(iter(names)) for code, names in found.items() if len(names) == 1} for year, found in listed.items()}
        self._was: dict[str, dict[str, str]] = {}  # school year → class → what it was a year before
        self._became: dict[tuple[str, str], dict[str, Cohort]] = {}  # (school year, one of GROUPS) → name → what it became a year after
        known = grades or {}
        for year, now in one_class.items():
            earlier = year_before(year)
            if before := one_class.get(earlier):
                self._was[year] = _was(before, now)
                self._became[earlier, "school_class"] = _became(before, now)
                self._became[earlier, "grade"] = _became(
                    {code: known.get((earlier, name), "") for code, name in before.items()},
                    {code: known.get((year, name), "") for code, name in now.items()},
                )

    @classmethod
    def of(cls, pupils: pa.Table, classes: pa.Table) -> Cohorts:
        """Of the records of R1 and R2C, all school years (Snapshot.records)."""
        grades = zip(*(classes[name].to_pylist() for name in ("school_year", "school_class", "grade")), strict=True)
        return cls(
            zip(*(pupils[name].to_pylist() for name in ("school_year", "pupil_id", "school_class")), strict=True),
            {(year, name): str(grade) for year, name, grade in grades if grade is not None},
        )

    def was(self, school_class: str, school_year: str, years: int = 1) -> str:
        """What the class of `school_year` was called `years` before; "" where there is no such class."""
        for _ in range(years):
            school_class = self._was.get(school_year, {}).get(school_class, "")
            school_year = year_before(school_year)
        return school_class

    def became(self, kind: str, name: str, school_year: str) -> Cohort | None:
        """What a class or grade (`kind`, one of GROUPS) of `school_year` is a year after; None when that cannot be told."""
        return self._became.get((school_year, kind), {}).get(name)

    def grown(self, school_year: str, place: Mapping[str, str]) -> dict[str, str] | None:
        """The place in the next school year: the same pupils' class or grade; other places stay. None when it cannot be told."""
        grown = dict(place)
        for kind in GROUPS:
            if name := place.get(kind):
                cohort = self.became(kind, name, school_year)
                if cohort is None:
                    return None
                grown[kind] = cohort.name
        return grown


def _was(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """class now → class before; `before` and `now`: code → class."""
    size = Counter(now.values())
    moved = Counter((before[code], name) for code, name in now.items() if code in before)
    return {name: old for (old, name), number in moved.items() if 2 * number > size[name]}


def _became(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Cohort]:
    """group before → group now; `before` and `now`: code → group ("" for none)."""
    size = Counter(now.values())
    moved = Counter((before[code], name) for code, name in now.items() if code in before)
    going_on = Counter(before[code] for code in now if code in before)
    return {
        old: Cohort(name, number, size[name]) for (old, name), number in moved.items()
        if old and name and 2 * number > going_on[old] and 2 * number > size[name]
    }  # fmt: skip


def year_before(school_year: str, years: int = 1) -> str:
    """ "2025-2026" → "2024-2025"."""
    first = int(school_year[:4]) - years
    return f"{first}-{first + 1}"


def year_after(school_year: str) -> str:
    """ "2025-2026" → "2026-2027"."""
    return year_before(school_year, -1)
