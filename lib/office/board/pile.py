"""What lies before one person: their rows of the board in one sum, and who has the most trouble."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lib.office.board.rows import BoardRow, BoardState


@dataclass(frozen=True)
class Pile:
    """The rows of one person ("": of nobody who can be named). `oldest`: days since the oldest overdue term, 0 without one."""

    responsible: str
    rows: tuple[BoardRow, ...]
    counts: Mapping[BoardState, int]
    filled: int
    required: int
    issues: int
    oldest: int

    @property
    def share(self) -> float:
        """Filled of the required cells of what has been due or begun, %; 100 when nothing has."""
        return 100.0 * self.filled / self.required if self.required else 100.0


def piles(rows: Iterable[BoardRow], day: dt.date) -> list[Pile]:
    """A pile a person, the most troubled first: overdue tabs, then their age, due tabs, issues; then by code. Nobody's comes last."""
    by_person: dict[str, list[BoardRow]] = {}
    for row in rows:
        by_person.setdefault(row.responsible, []).append(row)
    found = [_pile(person, own, day) for person, own in by_person.items()]
    return sorted(
        found,
        key=lambda p: (not p.responsible, -p.counts[BoardState.OVERDUE], -p.oldest, -p.counts[BoardState.DUE], -p.issues, p.responsible),
    )


def _pile(person: str, rows: list[BoardRow], day: dt.date) -> Pile:
    asked = [row for row in rows if row.state is not BoardState.NOT_DUE]
    overdue = [row.age(day) for row in rows if row.state is BoardState.OVERDUE]
    return Pile(
        person, tuple(rows), Counter(row.state for row in rows), sum(row.filled for row in asked), sum(row.required for row in asked),
        sum(row.issues for row in rows), max(overdue, default=0),
    )  # fmt: skip
