"""What earlier editions said of the figures that are to be published now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from lib.publication.disclosure.cell import EMPTY, OPEN, Cell, Key, Shown
from lib.publication.disclosure.measure import Figures, Measure
from lib.publication.disclosure.possible import NOISE, Interval

# Which quarters a period is made of, as bits.
_QUARTERS = {"Q1": 1, "Q2": 2, "Q3": 4, "Q4": 8, "H1": 3, "H2": 12, "Y": 15}
_BOTH = "both"


@dataclass(frozen=True, slots=True)
class Said:
    """`known`: published with the same figures, or to be worked out. `differs`: by so little that it must not be shown. `hidden`: it was
    hidden, and so it stays; `denominator_too`: that as well. `within`: what an earlier edition says of a part of it, or of its whole."""

    known: bool = False
    differs: bool = False
    hidden: bool = False
    denominator_too: bool = False
    within: Interval | None = None


class Memory:
    """Earlier editions of one indicator."""

    def __init__(self, measure: Measure, editions: Sequence[Mapping[Key, Shown]]) -> None:
        self.measure = measure
        self.editions = editions
        self.added = measure.policy.cumulative.get(measure.code, "")

    def of(self, cell: Cell, written: Shown) -> Said:
        """What was said of the figure; `written` is what the cell asks for by itself."""
        before = [edition[cell.key] for edition in self.editions if cell.key in edition]
        before = [old for old in before if old.symbol not in EMPTY]
        now = self.measure.figures(cell)
        shown = [self.measure.figures(old) for old in before if old.symbol in OPEN]
        asks = (written.symbol, written.band, written.denominator)
        changed = [old for old in before if old.symbol not in OPEN and (old.symbol, old.band, old.denominator) != asks]
        of_year = self._of_year(cell, now) if self.added and cell.period in _QUARTERS else Said()
        known = any(_same(old, now) for old in shown)
        little = [old for old in shown if not _same(old, now) and self._little(old, now)]
        return Said(
            known=known or of_year.known,
            differs=of_year.differs or bool(little),
            hidden=of_year.hidden or bool(changed),
            denominator_too=of_year.hidden
            or of_year.differs
            or any(abs(old[2] - now[2]) > NOISE for old in little)
            or any(old.denominator != cell.denominator for old in changed),
            within=of_year.within,
        )

    def _little(self, old: Figures, now: Figures) -> bool:
        """Whether the difference would be a figure about a few people, which is not open."""
        return self.measure.code not in self.measure.policy.growing and any(
            self.measure.is_little(b - a) for a, b in zip(old, now, strict=True)
        )

    def _of_year(self, cell: Cell, now: Figures) -> Said:
        """What follows from other periods of the year: Q1 + Q2 = H1, so that two of them give the third."""
        mine = _QUARTERS[cell.period]
        shown: dict[int, Figures] = {}
        hidden: dict[int, Interval] = {}
        for edition in self.editions:
            for period, quarters in _QUARTERS.items():
                old = edition.get((*cell.key[:2], period, *cell.key[3:]))
                if old is None or period == cell.period or old.symbol in EMPTY:
                    continue
                if old.symbol in OPEN:
                    shown.setdefault(quarters, self._adding(self.measure.figures(old)))
                else:
                    hidden[quarters] = self.measure.room(old)[0]
        now = self._adding(now)
        derived = _sums_and_differences(shown)
        new = {q: figures for q, figures in _sums_and_differences(shown | {mine: now}).items() if q not in derived and q != mine}
        around = [quarters for quarters in hidden if quarters & mine]
        inside = {quarters: low for quarters, (low, _) in hidden.items() if quarters & mine == quarters}
        low = max([sum(low for quarters, low in inside.items() if quarters.bit_count() == 1), *inside.values()])
        high = min([inf, *(hidden[quarters][1] for quarters in around if quarters & mine == mine)])
        return Said(
            known=mine in derived and _same(derived[mine], now),
            differs=mine not in derived and any(q in hidden or any(map(self.measure.is_little, figures)) for q, figures in new.items()),
            hidden=bool(around),
            within=(low, high) if around else None,
        )

    def _adding(self, figures: Figures) -> Figures:
        return figures if self.added == _BOTH else (figures[0], 0.0, 0.0)


def _same(a: Figures, b: Figures) -> bool:
    return all(abs(p - q) <= NOISE for p, q in zip(a, b, strict=True))


def _sums_and_differences(parts: Mapping[int, Figures]) -> dict[int, Figures]:
    """Everything that follows from the figures of some periods by adding and taking away."""
    found = dict(parts)
    size = -1
    while size != len(found):
        size = len(found)
        for a, p in list(found.items()):
            for b, q in list(found.items()):
                if a & b == 0:
                    found.setdefault(a | b, (p[0] + q[0], p[1] + q[1], p[2] + q[2]))
                elif a & b == b and a != b:
                    found.setdefault(a - b, (p[0] - q[0], p[1] - q[1], p[2] - q[2]))
    return found
