"""Success, quality and mean are made of the same marks, so that each says something of the others.

Marks fall into the failed ones (outside success: the twos, and the unattested, which do not count in the mean), the threes, and the good
ones (quality). So (failed, good, failed and good) is a room like any other, and so is (unattested, twos, failed): margins narrow both.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from lib.publication.disclosure.cell import Key
from lib.publication.disclosure.possible import FREE, NONE, SOME, Interval, Margin, Room, meet, narrower, settle

if TYPE_CHECKING:
    from lib.publication.disclosure.table import Table

_N = 2
_HIDDEN = "hidden"  # in place of a cut: the groups of a margin whose number of marks is hidden, taken together


def bind(success: Table, quality: Table) -> None:
    """Let each of the two know what the other's cells say."""

    def told_success() -> dict[Key, Room]:
        return {success.at(key): ((good[0], inf), failed, FREE) for key, (failed, good, _) in _failed_and_good(success, quality).items()}

    def told_quality() -> dict[Key, Room]:
        return {quality.at(key): (good, (failed[0], inf), FREE) for key, (failed, good, _) in _failed_and_good(success, quality).items()}

    success.told, quality.told = told_success, told_quality


def _failed_and_good(success: Table, quality: Table) -> dict[Key, Room]:
    """Of each cell of `success`: how many failed, how many are good, both."""
    published, also = success.as_published(), quality.as_published()
    counted = _marks(success, quality)
    rooms = {
        key: (failed, also[quality.at(key)][0] if quality.at(key) in also else SOME, (0.0, counted[key][1]))
        for key, (_, failed, _) in published.items()
    }
    good_left = {margin.parts[0][3]: margin.rest[0] for margin in quality.margins}
    margins = []
    for margin in success.margins:
        failed, good = margin.rest[1], good_left.get(margin.parts[0][3], FREE)
        rest: Room = (failed, good, NONE if failed == good == NONE else FREE)
        unknown = tuple(key for key in margin.parts if counted[key][0] < counted[key][1])
        if unknown and margin.rest[_N] == NONE:
            together = (*margin.total[:3], _HIDDEN, margin.parts[0][3])
            left = counted[margin.total][1] - sum(counted[key][1] for key in margin.parts if key not in unknown)
            rooms[together] = (SOME, SOME, (0.0, left))
            margins.append(Margin(together, unknown, (NONE, NONE, NONE)))
            margins.append(Margin(margin.total, (*(key for key in margin.parts if key not in unknown), together), rest))
        else:
            margins.append(Margin(margin.total, margin.parts, rest))
    return {key: room for key, room in settle(rooms, margins).items() if key[3] != _HIDDEN}


def _marks(success: Table, quality: Table) -> dict[Key, Interval]:
    """How many marks each cell of `success` can have, told by both."""
    first = settle(success.as_published(), success.margins)
    second = settle(quality.as_published(), quality.margins)
    return {key: meet((FREE, FREE, room[_N]), (FREE, FREE, second[quality.at(key)][_N] if quality.at(key) in second else FREE))[_N]
            for key, room in first.items()}  # fmt: skip


def mean_leaves(failing: Interval, good: float, total: float, marks: float) -> bool:
    """Whether a mean (the sum `total` of so many `marks`, nobody unattested) leaves all of `failing` possible, when `good` is published.

    total = 4·good + 3·(marks − good) + fives − twos, so that the fives and twos can only grow together.
    """
    fives_less_twos = total - 4 * good - 3 * (marks - good)
    return failing[0] + fives_less_twos >= 0 and failing[1] <= min(marks - good, good - fives_less_twos)


def hide_mean(mean: Table, success: Table) -> None:
    """Hide what the means must hide, so that the unattested, who are in success and not in the mean, do not tell who failed."""
    before = success.settled()
    mean.told = lambda: {mean.at(key): (FREE, FREE, _scaled(mean, (n[0] - failed[1], n[1]))) for key, (_, failed, n) in before.items()}
    for key, room in mean.told().items():
        if key in mean.promised:
            mean.promised[key] = meet(mean.promised[key], room)
    mean.hide()
    while broken := _told_too_much(mean, success, before):
        mean.conceal(broken)
        mean.hide()


def _scaled(mean: Table, n: Interval) -> Interval:
    return mean.measure.unit * n[0], mean.measure.unit * n[1]


def _told_too_much(mean: Table, success: Table, before: dict[Key, Room]) -> Key | None:
    """The cell of `mean` to hide, because the unattested narrow a promise of `success`, or are told themselves."""
    counted, unit = mean.as_published(), mean.measure.unit
    rooms: dict[Key, Room] = {}
    for key, (_, failed, n) in before.items():
        having = counted[mean.at(key)][_N] if mean.at(key) in counted else SOME
        rooms[key] = ((max(0.0, n[0] - having[1] / unit), n[1] - having[0] / unit), SOME, failed)
    left_out = {margin.parts[0][3]: margin.rest[_N] for margin in mean.margins}
    margins = []
    for margin in success.margins:
        unattested = NONE if left_out.get(margin.parts[0][3]) == margin.rest[_N] == NONE else FREE
        failing = margin.rest[1]
        margins.append(Margin(margin.total, margin.parts, (unattested, NONE if unattested == failing == NONE else FREE, failing)))
    rooms = settle(rooms, margins)
    for key, (unattested, _, failed) in rooms.items():
        n = before[key][_N]
        has: list[Interval] = []
        promised: list[Interval] = []
        if key in success.promised:
            has += [(n[0] - failed[1], n[1] - failed[0]), failed]
            promised += success.promised[key][:_N]
        if n[0] == n[1] and mean.promised.get(mean.at(key), (FREE, FREE, FREE))[_N] != FREE:
            has.append(unattested)
            having = mean.promised[mean.at(key)][_N]
            promised.append((n[0] - having[1] / unit, n[0] - having[0] / unit))
        if narrower(has, promised):
            cut = next((margin.parts for margin in mean.margins if mean.at(key) in margin.parts), ())
            told = [other for other in (*cut, *mean.shown) if mean.shown[other].denominator is not None and other not in mean.known]
            return next(iter(told), None)
    return None
