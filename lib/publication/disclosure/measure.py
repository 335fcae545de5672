"""How the figures of one indicator count, what is written instead of a count that says too much, and what is promised of it."""

from __future__ import annotations

import math

from lib.model.indicator import Indicator
from lib.publication.disclosure.cell import BAND, CONFIDENTIAL, EMPTY, FEW, OPEN, SHOWN, Cell, Shown
from lib.publication.disclosure.policy import Policy
from lib.publication.disclosure.possible import FREE, NOISE, SOME, Interval, Room, tight

Figures = tuple[float, float, float]  # x, y and n

_NO_INTERVAL = "no_interval"  # this tag: the numerator counts days, meals or points, not people
_WIDEST = 50  # a wider band says too little to be written


class Measure:
    """`kind`: share (of people), sum (the numerator of a mean), count (no denominator), other (a median: no numerator)."""

    def __init__(self, indicator: Indicator, policy: Policy) -> None:
        self.code, self.scale, self.policy = indicator.code, indicator.scale, policy
        self.sensitive, self.open_all = self.code in policy.sensitive, self.code in policy.open_all
        self.few = policy.count - 1.0
        low, high = 0.0, math.inf
        if indicator.roll_up in ("median", "spread"):
            self.kind = "other"
        elif indicator.roll_up == "count":
            self.kind = "count"
        elif (indicator.unit, indicator.scale) in (("percent", 100), ("per_mille", 1000)) and _NO_INTERVAL not in indicator.tags:
            self.kind, high = "share", 1.0
        else:
            self.kind = "sum"
            low, high = policy.range.get(self.code, (0.0, 100 / self.scale if indicator.unit == "percent" else math.inf))
        self.low, self.high = low, high
        self.bounded = high < math.inf
        self.unit = high - low if self.bounded else 1.0  # the most that one pupil, mark or answer adds

    def _of_kind(self, x: Interval, y: Interval, n: Interval) -> Room:
        return x if self.kind != "other" else FREE, y if self.bounded else FREE, n if self.kind != "count" else FREE

    # what is known of a cell

    def figures(self, cell: Cell | Shown) -> Figures:
        """x and y: how far the numerator is from the least and from the most that it could be; n."""
        numerator, n = cell.numerator or 0.0, cell.denominator or 0.0
        if not self.bounded:
            return numerator, 0.0, n
        return numerator - self.low * n, self.high * n - numerator, self.unit * n

    def point(self, figures: Figures) -> Room:
        """The room of a cell whose figures are known."""
        x, y, n = figures
        return self._of_kind((x, x), (y, y), (n, n))

    def room(self, cell: Shown) -> Room:
        """What the published cell by itself leaves possible."""
        x, y, n = self.figures(cell)
        if cell.symbol in (*OPEN, *EMPTY):
            return self.point((x, y, n))
        counted = (n, n) if cell.denominator is not None else SOME
        if cell.symbol == CONFIDENTIAL:
            return self._of_kind(SOME, SOME, counted)
        if self.kind == "count":
            return (0.0 if self.sensitive else 1.0, self.few), FREE, FREE
        alike = [float(k) for k in range(int(n) + 1) if self.face(k, n) == (cell.symbol, cell.band)]
        return tight((min(alike), max(alike)), SOME, counted)

    # what is written

    def face(self, x: float, n: float) -> tuple[str, str]:
        """(symbol, band) that the figures of one cell ask for, not yet looking at other cells."""
        if self.kind == "count":
            return (FEW if (x > 0 or self.sensitive) and x <= self.few else SHOWN), ""
        y = n - x
        if self.kind != "share" or (y <= 0 and self.open_all):
            return SHOWN, ""
        if not self.sensitive:
            if x <= self.few:
                return (FEW if x > 0 else SHOWN), ""
            return self._band(self._reach(n, self.few), n, top=True) if y <= self.few else (SHOWN, "")
        edge, near, top = self._edge(n), min(x, y), y < x
        outermost, least = edge * n // 100, 1 if top and self.open_all else 0
        if near <= outermost and outermost > least:
            return self._band(edge, n, top)
        next_one = self._reach(n, max(self.few, outermost + 2))  # else a single count would be written openly, or in a band of its own
        return self._band(next_one, n, top) if outermost < self.few and near <= next_one * n // 100 else (SHOWN, "")

    def _edge(self, n: float) -> int:
        return next(edge for upto, edge in self.policy.bands if n <= upto)

    def _reach(self, n: float, count: float) -> int:
        """The least whole number of outermost bands that holds `count` of n."""
        edge = self._edge(n)
        return next(percent for percent in range(edge, 100 + edge, edge) if percent * n // 100 >= min(count, n))

    def _band(self, percent: int, n: float, top: bool) -> tuple[str, str]:
        if percent > _WIDEST:
            return CONFIDENTIAL, ""
        return BAND, f"{'≥' if top else '≤'}{(100 - percent if top else percent) * self.scale / 100:.0f}"

    # what is promised

    def small_group(self, figures: Figures) -> Room:
        """Of a group below the minimum. Of sums more than is promised, because marks are bound by other indicators as well."""
        x, y, n = figures
        most = max(n, self.unit * (self.policy.minimum - 1))
        if self.kind in ("share", "count"):
            inside = outside = self.few
        else:
            inside, outside = (min(max(2 * part, self.unit), most if self.bounded else math.inf) for part in (x, y))
        nobody, everybody = (
            self.kind in ("share", "count") and x <= 0 and not self.sensitive,
            self.kind == "share" and y <= 0 and self.open_all,
        )
        return self._of_kind(FREE if nobody else (0.0, inside), FREE if everybody else (0.0, outside), (0.0, most))

    def near(self, figures: Figures, counted: bool = False) -> Room:
        """Of a figure that must not be told from those around it; `counted`: its denominator is published."""
        few, (x, y, n) = self.few * self.unit, figures
        inside, outside = ((max(0.0, at - few), min(at + few, n) if counted and self.bounded else at + few) for at in (x, y))
        around = (max(0.0, n - (self.policy.minimum - 1) * self.unit), n + (self.policy.minimum - 1) * self.unit)
        return self._of_kind(inside, outside, FREE if counted else around)

    def is_little(self, change: float) -> bool:
        """Whether a difference is that of a few people only."""
        return NOISE < abs(change) < self.policy.minimum * self.unit - NOISE
