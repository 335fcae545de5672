"""Small groups are not told. The words and symbols are those of disclosure control (lib.publication), which families' layer may not import;
here stands the part that one class and one reader need."""

from __future__ import annotations

from dataclasses import dataclass

SHOWN, HIDDEN, FEW, BAND, ABSENT, INCOMPLETE = "", "c", "<5", "b", "x", "i"
COUNT_MINIMUM = 5
# Up to so many pupils → the outermost edge of a band.
_OUTERMOST = ((20, 80), (40, 90), (100, 95))
_EDGES = (99, 95, 90, 80, 50)


@dataclass(frozen=True, slots=True)
class Protected:
    """What may be told of a share: `percent`, or a `band` ("≥80") instead, or neither; `symbol` says why."""

    percent: float | None
    band: str
    symbol: str


def protected(n: float | None, count: float | None, minimum: int, pupils: int | None = None) -> Protected:
    """A share `count` of `n`, told of a group of `pupils` (default: n).

    Hidden when the group is below `minimum`. A band when fewer than five are in the share, or fewer than five outside it: then whoever
    knows one of them would know who the others are.
    """
    if n is None or count is None or n <= 0:
        return Protected(None, "", ABSENT)
    group = n if pupils is None else min(n, pupils)
    if group < minimum:
        return Protected(None, "", HIDDEN)
    inside, outside = count < COUNT_MINIMUM, n - count < COUNT_MINIMUM
    if not inside and not outside:
        return Protected(100 * count / n, "", SHOWN)
    edge = _edge(n, group)
    if (inside and outside) or not edge:
        return Protected(None, "", HIDDEN)
    return Protected(None, f"≥{edge}" if outside else f"≤{100 - edge}", BAND)


def _edge(n: float, group: float) -> int:
    """The edge of the band that holds every share with fewer than five outside it, so that the band says no more than "<5"."""
    outermost = next((edge for most, edge in _OUTERMOST if group <= most), _EDGES[0])
    return next((edge for edge in _EDGES if edge <= outermost and edge <= 100 * (n - COUNT_MINIMUM + 1) / n), 0)


def protected_count(count: int, sensitive: bool = False) -> tuple[int | None, str]:
    """A count of pupils: itself, or None and the symbol "<5" for one to four (of sensitive things for none as well)."""
    if 0 < count < COUNT_MINIMUM or (sensitive and count == 0):
        return None, FEW
    return count, SHOWN
