"""A second look at what disclosure control let through, by rules of its own: an edition that it objects to is not published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lib import analysis
from lib.model.indicator import Indicator
from lib.publication.disclosure import BAND, CONFIDENTIAL, Cell, Policy, Shown
from lib.publication.disclosure.cell import EMPTY, OPEN, Key
from lib.settings import Settings

_SAME = 1e-6
_PARTS = ("stage", "subject")


def audit(
    cells: Sequence[Cell], shown: Sequence[Shown], settings: Settings, policy: Policy, earlier: Sequence[Sequence[Shown]] = ()
) -> list[str]:
    """What is wrong, one text a place ("D1.02 stage primary: reason"); empty when clean.

    It holds that nothing was added or changed, that a protected cell carries no number that its symbol rules out, that no share or mean of
    people stands on fewer than the minimum, that one to four people are never told apart, and that no small figure is what a published
    total leaves over. What an earlier edition said already is no secret any more.
    """
    given = {cell.key: cell for cell in cells}
    said = {(cell.key, cell.numerator, cell.denominator) for edition in earlier for cell in edition if cell.symbol in OPEN}
    found = [] if sorted(given) == sorted(cell.key for cell in shown) else ["other cells than were given"]
    for cell in shown:
        if source := given.get(cell.key):
            is_old = (cell.key, source.numerator, source.denominator) in said
            indicator = settings.all_indicators[cell.indicator]
            found += [f"{_place(cell.key)}: {reason}" for reason in _wrong(source, cell, indicator, policy, is_old)]
    secret = {key: cell for key, cell in given.items() if (key, cell.numerator, cell.denominator) not in said}
    return found + list(_left_over(secret, shown, settings, policy))


def _wrong(source: Cell, cell: Shown, indicator: Indicator, policy: Policy, is_old: bool) -> Iterator[str]:
    for name in ("numerator", "denominator", "value"):
        number = getattr(cell, name)
        if number is not None and number != getattr(source, name):
            yield f"another {name}"
    if cell.symbol not in OPEN and (cell.value is not None or cell.numerator is not None):
        yield "a number beside a symbol"
    if bool(cell.band) != (cell.symbol == BAND):
        yield "a band without its symbol"
    people = cell.indicator not in policy.things and not is_old
    if people and 0 < (source.denominator or 0) < policy.minimum and cell.symbol not in (CONFIDENTIAL, *EMPTY):
        yield "below the minimum"
    if people and cell.symbol in OPEN and _few(source, indicator, policy):
        yield "a count of a few"


def _few(source: Cell, indicator: Indicator, policy: Policy) -> bool:
    """Whether so few people are counted, or left out of a share, that their number is told as "fewer than" only."""
    x, n = source.numerator or 0.0, source.denominator or 0.0
    if indicator.roll_up == "count":
        return 0 < x < policy.count
    shared = analysis.is_share(indicator, analysis.Figure(source.value, source.numerator, source.denominator))
    return shared and (0 < x < policy.count or 0 < n - x < policy.count)


def _left_over(secret: Mapping[Key, Cell], shown: Sequence[Shown], settings: Settings, policy: Policy) -> Iterator[str]:
    """Small figures that are the only hidden part of a published total."""
    for total in shown:
        if total.cut != "school" or settings.all_indicators[total.indicator].roll_up != "sum" or total.indicator in policy.things:
            continue
        for cut in _PARTS:
            parts = [cell for cell in shown if cell.key[:3] == total.key[:3] and cell.cut == cut and cell.symbol not in EMPTY]
            for name, least in (("numerator", policy.count), ("denominator", policy.minimum)):
                whole, hidden = getattr(total, name), [cell.key for cell in parts if getattr(cell, name) is None]
                if whole is None or len(hidden) != 1 or hidden[0] not in secret:
                    continue
                left = whole - sum(getattr(cell, name) or 0.0 for cell in parts)
                if abs(left - (getattr(secret[hidden[0]], name) or 0.0)) <= _SAME and 0 < left < least:
                    yield f"{_place(hidden[0])}: the total gives its {name} away"


def _place(key: Key) -> str:
    return " ".join(part for part in (key[0], *key[3:]) if part)
