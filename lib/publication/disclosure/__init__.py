"""Disclosure control: what may be published of small groups, so that the figures give nobody away, also when all of them are put together.

Numerator, denominator and value are one unit: two of them give the third. What stands in a cell is told by its symbol: "" shown; "i" shown,
though data is incomplete; "<5" a count of 1–4, and "b" a band instead of a share, both with their denominator; "c" confidential (its
denominator may stand there); "z" not applicable; "x" not available.

What is promised against somebody who knows all published figures, all earlier editions and these rules, and solves for the rest:

- "<5" and a band say no more than they say: every count that would have been written so stays possible.
- A group below the minimum may be of any size from 0 to the minimum less one; from none to four of it may be in the share, and from none
  to four outside; the sum of a mean may be a tenth less or more. Not promised is what is no secret: that there is nobody, where zero is
  open, and that it is all of them, where that is open.
- A figure that an earlier edition published a little differently, or that would give another indicator away, is not recovered.

How it is kept: x is what is in the share, y what is outside, n = x + y. What somebody can work out about a cell is a room: bounds of x, of
y and of n. The sum of two such rooms is one again, and the margins (school = Σ stages, school = Σ subjects) hang together as a tree; so
passing bounds along them finds exactly what a linear program would find (tests/disclosure/test_attacker.py lets one try). While a promise
is broken, one cell more is hidden: cells of the same cut before the school's, those that say little already first, then the smallest group.

Earlier editions: a figure that was published is known, and hiding it again protects nobody. What was hidden stays hidden. A figure that
differs by a few people from the published one is hidden, as the difference would be a figure about those few (but for indicators that grow
over the year and are no secret).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lib.publication.disclosure.cell import BAND, CONFIDENTIAL, FEW, INCOMPLETE, NOT_APPLICABLE, NOT_AVAILABLE, SHOWN, Cell, Key, Shown
from lib.publication.disclosure.marks import bind, hide_mean
from lib.publication.disclosure.policy import Policy, policy
from lib.publication.disclosure.table import Table
from lib.settings import Settings

__all__ = [
    "BAND", "CONFIDENTIAL", "FEW", "INCOMPLETE", "NOT_APPLICABLE", "NOT_AVAILABLE", "SHOWN", "Cell", "Policy", "Shown", "policy", "protect",
]  # fmt: skip


def protect(cells: Sequence[Cell], settings: Settings, policy: Policy, earlier: Sequence[Sequence[Shown]] = ()) -> list[Shown]:
    """The cells as they may be published, in the same order. `earlier`: every edition that was published before."""
    editions = [{cell.key: cell for cell in edition} for edition in earlier]
    grouped: dict[tuple[str, str, str], dict[Key, Cell]] = defaultdict(dict)
    pupils: dict[tuple[str, str, str], float] = {}
    for cell in cells:
        grouped[cell.key[:3]][cell.key] = cell
        if cell.indicator in policy.pupils and cell.denominator is not None:
            place = (cell.school_year, cell.cut, cell.group)
            pupils[place] = max(pupils.get(place, 0.0), cell.denominator)
    tables: dict[tuple[str, str, str], Table] = {}
    for place in sorted(grouped, key=lambda place: (place[0] in policy.shown_with, place)):
        beside = [tables[(code, *place[1:])] for code in policy.shown_with.get(place[0], ()) if (code, *place[1:]) in tables]
        table = tables[place] = Table(settings.all_indicators[place[0]], policy, grouped[place], editions)
        table.begin(pupils, beside)
        success = tables.get((policy.marks["success"], *place[1:]))
        if success and place[0] == policy.marks["mean"]:
            hide_mean(table, success)
        table.hide()
        if success and place[0] == policy.marks["quality"]:
            bind(success, table)
            while success.hide() or table.hide():
                pass
    return [tables[cell.key[:3]].shown[cell.key] for cell in cells]
