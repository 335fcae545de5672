"""Which cells a person has to fill or to mend, as addresses that can be typed into a spreadsheet. What stands in a cell is not told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lib.intake.completeness import empty_cells
from lib.office.board.rows import BoardRow
from lib.office.board.tabs import Tabs

_ADDRESS = re.compile(r"([A-Z]+)(\d+)$")


@dataclass(frozen=True, slots=True)
class Mending:
    """The cells of one row of the board: `empty` ones to fill and `wrong` ones to mend, as ranges ("C6", "C9:C11"). `nowhere`: cells that
    are missing and have no address, because their row or column is not there."""

    empty: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    nowhere: int = 0


def cells_to_mend(row: BoardRow, tabs: Tabs) -> Mending:
    """The cells of a row of the board. `tabs` are those of its snapshot and school year."""
    tab = (row.workbook, row.tab)
    reading = tabs.reading(row.form, tab) if row.tab else None
    empty: list[tuple[str, int]] = []
    if reading is not None and row.missing:
        form = tabs.settings.forms[row.form]
        active = tabs.active.get((row.school_class, row.period), set())
        empty = empty_cells(form, tabs.year, tabs.term(row.form, row.period), reading, active)
    letters = tabs.letters.get(tab, {})
    found = [(letters[key], number) for key, number in empty]
    wrong = set(row.cells_wrong)  # a wrong cell is not used, and so lacks as well: it is told once
    blank = [cell for cell in found if f"{cell[0]}{cell[1]}" not in wrong]
    return Mending(ranges(blank), _in_order(row.cells_wrong), max(0, row.missing - len(found)))


def ranges(cells: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Addresses of (letters, row) with neighbours of a column joined: [("C", 6), ("C", 7), ("D", 6)] → ("C6:C7", "D6")."""
    found: list[str] = []
    run: list[int] = []
    letters = ""
    for column, number in sorted(set(cells), key=lambda cell: (_place(cell[0]), cell[1])):
        if column == letters and run and number == run[-1] + 1:
            run.append(number)
            continue
        found += _closed(letters, run)
        letters, run = column, [number]
    return tuple(found + _closed(letters, run))


def _closed(letters: str, run: Sequence[int]) -> list[str]:
    if not run:
        return []
    first, last = f"{letters}{run[0]}", f"{letters}{run[-1]}"
    return [first if first == last else f"{first}:{last}"]


def _in_order(cells: Iterable[str]) -> tuple[str, ...]:
    single = [(found[1], int(found[2])) for cell in cells if (found := _ADDRESS.match(cell))]
    return ranges(single) + tuple(dict.fromkeys(cell for cell in cells if cell and not _ADDRESS.match(cell)))


def _place(letters: str) -> int:
    """The number of a column by its letters: "A" → 1, "AA" → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
