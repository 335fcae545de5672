"""What somebody who knows the published figures can still think possible: bounds of x, y and n = x + y, and how margins narrow them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lib.publication.disclosure.cell import Key

Interval = tuple[float, float]
Room = tuple[Interval, Interval, Interval]  # of x, of y, of n
FREE, SOME, NONE = (-math.inf, math.inf), (0.0, math.inf), (0.0, 0.0)
NOISE = 1e-6  # numerators may be sums of fractions


@dataclass(frozen=True, slots=True)
class Margin:
    """total = Σ parts + rest. `rest` is what the parts leave out or count twice."""

    total: Key
    parts: tuple[Key, ...]
    rest: Room


def settle(rooms: Mapping[Key, Room], margins: Sequence[Margin]) -> dict[Key, Room]:
    """The rooms without what the margins rule out. Exact to NOISE, because margins share nothing but their total.

    A pass that narrows nothing by more than NOISE is the last one: sums of fractions are rounded, and would narrow each other for ever.
    """
    found = {key: tight(*room) for key, room in rooms.items()}
    moved = True
    while moved:
        before = dict(found)
        for margin in margins:
            ahead = [margin.rest]  # the rest and all parts before each part
            for key in margin.parts:
                ahead.append(_each(_plus, ahead[-1], found[key]))
            total = found[margin.total] = tight(*_each(_meet, found[margin.total], ahead.pop()))
            behind: Room = (NONE, NONE, NONE)
            for key, others in zip(reversed(margin.parts), reversed(ahead), strict=True):
                part = found[key]
                found[key] = tight(*_each(_meet, part, _each(_less, total, _each(_plus, others, behind))))
                behind = _each(_plus, behind, part)
        moved = any(_narrowed(before[key], room) for key, room in found.items())
    return found


def tight(x: Interval, y: Interval, n: Interval) -> Room:
    """The same room without what n = x + y rules out."""
    return _meet(x, _less(n, y)), _meet(y, _less(n, x)), _meet(n, _plus(x, y))


def meet(a: Room, b: Room) -> Room:
    """What is possible in both."""
    return _each(_meet, a, b)


def together(margin: Margin, rooms: Mapping[Key, Room]) -> Room:
    """What the parts say of the total."""
    found = margin.rest
    for key in margin.parts:
        found = _each(_plus, found, rooms[key])
    return tight(*found)


def narrower(room: Sequence[Interval], promise: Sequence[Interval]) -> list[int]:
    """Which of x (0), y (1) and n (2) have less room than was promised."""
    pairs = enumerate(zip(room, promise, strict=True))
    return [i for i, (has, kept) in pairs if kept != FREE and (has[0] > kept[0] + NOISE or has[1] < kept[1] - NOISE)]


def _narrowed(before: Room, after: Room) -> bool:
    return any(new[0] > old[0] + NOISE or new[1] < old[1] - NOISE for old, new in zip(before, after, strict=True))


def _meet(a: Interval, b: Interval) -> Interval:
    return max(a[0], b[0]), min(a[1], b[1])


def _plus(a: Interval, b: Interval) -> Interval:
    return a[0] + b[0], a[1] + b[1]


def _less(a: Interval, b: Interval) -> Interval:
    return a[0] - b[1], a[1] - b[0]


def _each(how: Callable[[Interval, Interval], Interval], a: Room, b: Room) -> Room:
    return how(a[0], b[0]), how(a[1], b[1]), how(a[2], b[2])
