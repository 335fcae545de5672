"""The writing side of a store: rows are added to one tab of one workbook, and nothing else of it is touched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lib.model.cell import CellValue, RawSheet

# What a cell that is written may hold.
Content = str | float | int | dt.date


@dataclass(frozen=True)
class Addition:
    """What is added to the tab `tab`: `rows` below whatever stands there (column from 0 → content), and texts of header cells that it
    lacks (`heads`: (row, column) from 0 → text). `first_data_row`: where rows of data begin; their looks are carried on."""

    tab: str
    rows: Sequence[Mapping[int, Content]]
    heads: Mapping[tuple[int, int], str] = field(default_factory=dict)
    first_data_row: int = 0


# Judges the tabs as they are at that very moment: what they lack, or None when nothing. May raise StoreProblem.
Arrange = Callable[[Sequence[RawSheet]], Addition | None]


class Book(Protocol):
    """One workbook that the program may add rows to."""

    def add(self, arrange: Arrange) -> None:
        """Add what `arrange` finds lacking; when this returns, all of it stands in the workbook, and `arrange` finds nothing.

        Asked again after a failure it adds nothing twice, since `arrange` sees what has arrived. Raises StoreProblem: the workbook is as it
        was, or (a lost answer) holds all that was added.
        """
        ...


def first_free(rows: Sequence[Sequence[CellValue]]) -> int:
    """The row below the last one that holds anything, from 0."""
    return max((number for number, row in enumerate(rows) if any(cell is not None for cell in row)), default=-1) + 1
