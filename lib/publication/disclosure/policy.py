"""config/disclosure.yaml: the rules for one audience."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.settings import ROOT, Settings
from lib.settings.document import Entry, read

AUDIENCES = ("public", "family")
_LISTS = ("sensitive", "open_all", "things", "school_only", "pupils", "growing")
_ADDED = ("numerator", "both")
_MARKS = ("success", "quality", "mean")
_REST = "more"


@dataclass(frozen=True)
class Policy:
    """What is protected, and from how few on; config/disclosure.yaml tells the meaning of each list.

    `shown_with`: indicator → those that it stands beside or not at all; `marks`: which three are made of the same marks.
    """

    minimum: int
    count: int
    bands: tuple[tuple[float, int], ...]
    sensitive: frozenset[str]
    open_all: frozenset[str]
    things: frozenset[str]
    school_only: frozenset[str]
    pupils: frozenset[str]
    growing: frozenset[str]
    cumulative: Mapping[str, str]
    shown_with: Mapping[str, tuple[str, ...]]
    marks: Mapping[str, str]
    range: Mapping[str, tuple[float, float]]


def policy(audience: str, settings: Settings, config: Path = ROOT / "config") -> Policy:
    """The rules for "public" or "family". Raises UserError about a wrong key, code or number."""
    document = read(config / "disclosure.yaml")
    known = settings.all_indicators

    def codes(entry: Entry, key: str, names: Iterable[str]) -> tuple[str, ...]:
        names = tuple(names)
        for code in names:
            if code not in known:
                entry.fail(key, f"no indicator has the code {code!r}")
        return names

    def by_code(key: str, kind: type) -> dict[str, Any]:
        entry = document.entry(key)
        return {code: entry.take(code, kind) for code in codes(document, key, entry.names())}

    minimum, bands, marks = document.entry("minimum"), document.entry("bands"), document.entry("marks")
    lists = {key: frozenset(codes(document, key, document.texts(key))) for key in _LISTS}
    by_marks = {name: marks.take(name) for name in _MARKS}
    codes(document, "marks", by_marks.values())
    shown_with = {code: (other,) for code, other in by_code("shown_with", str).items()}
    codes(document, "shown_with", (other for others in shown_with.values() for other in others))
    cumulative = by_code("cumulative", str)
    for what in cumulative.values():
        if what not in _ADDED:
            document.fail("cumulative", f"{what!r} was seen; expected one of {', '.join(_ADDED)}")
    ranges = by_code("range", list)
    for low_high in ranges.values():
        if len(low_high) != 2 or not all(isinstance(number, (int, float)) for number in low_high):
            document.fail("range", f"{low_high!r} was seen; expected the least and the most, such as [2, 5]")
    least = {name: minimum.take(name, int) for name in AUDIENCES}
    found = Policy(
        minimum=least[audience],
        count=document.take("count", int),
        bands=tuple((math.inf if upto == _REST else float(upto), bands.take(upto, int)) for upto in bands.names()),
        cumulative=cumulative,
        shown_with=shown_with | {by_marks["mean"]: (by_marks["success"], by_marks["quality"])},
        marks=by_marks,
        range={code: (float(low), float(high)) for code, (low, high) in ranges.items()},
        **lists,
    )
    for entry in (minimum, marks, document):
        entry.done()
    return found
