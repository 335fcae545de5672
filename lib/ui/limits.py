"""How much one address may ask: a bucket that fills by itself, so that a school that arrives at eight is let in and a guesser is not."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

REMEMBERED = 20_000  # addresses; the one that asked longest ago is forgotten first


class Allowance:
    """`per_minute` wishes a minute for each key; after a rest `at_once` of them together (default: all of a minute)."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic, at_once: int | None = None) -> None:
        self._pace = per_minute / 60
        self._most = float(per_minute if at_once is None else at_once)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → wishes left, and when that was

    def grants(self, key: str) -> bool:
        """Take one wish of the key's; False when none is left."""
        now = self._clock()
        left, then = self._left.pop(key, (self._most, now))
        left = min(self._most, left + (now - then) * self._pace)
        granted = left >= 1
        self._left[key] = (left - granted, now)
        while len(self._left) > REMEMBERED:
            self._left.popitem(last=False)
        return granted

    def wait(self, key: str) -> int:
        """Seconds until the key has a wish again, rounded up, as Retry-After says them."""
        left, then = self._left.get(key, (self._most, self._clock()))
        missing = 1 - min(self._most, left + (self._clock() - then) * self._pace)
        return max(1, math.ceil(round(missing / self._pace, 6)))
