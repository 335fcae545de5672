"""What a class was a year before, and how its figure changed across the summer, recomputed from the rows of the registers alone.

By the rule of domain.md §2, consequence 3: pupils are followed by their codes, never by a grade higher or lower.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from tests.oracle.facts import Figure, ValueKey
from tests.oracle.raw import School


def lists(school: School, year: str) -> dict[str, set[str]]:
    """Class → the codes in its list."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in school.form("R1", year):
        found[row["school_class"]].add(row["pupil_id"])
    return found


def origin(school: School, year: str, school_class: str) -> str | None:
    """The class of the year before from which more than half of the class comes."""
    own, last_year = lists(school, year)[school_class], f"{int(year[:4]) - 1}-{year[:4]}"
    return next((name for name, codes in lists(school, last_year).items() if len(own & codes) > len(own) - len(own & codes)), None)


def over_summer(school: School, figures: Mapping[ValueKey, Figure], code: str, year: str, school_class: str) -> tuple[float, float] | None:
    """The class's figure in the last quarter of the year before, and in the first of `year`."""
    was = origin(school, year, school_class)
    last_year = f"{int(year[:4]) - 1}-{year[:4]}"
    if was is None:
        return None
    pair = [
        figures.get((code, of_year, quarter, "school_class", "", "", name, "", "", ""))
        for of_year, quarter, name in ((last_year, "Q4", was), (year, "Q1", school_class))
    ]
    return None if None in pair else (pair[0][2], pair[1][2])
