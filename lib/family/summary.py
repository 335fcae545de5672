"""The summary of a class for its families: a few public figures in plain sentences, no names, no ranks, small groups protected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.family.protection import ABSENT, INCOMPLETE, SHOWN, Protected, protected
from lib.family.register import members, school_year
from lib.family.rules import Family, SummaryLine
from lib.model.calendar import HALF_YEARS, MONTHS, QUARTERS, YEAR
from lib.model.indicator import Status
from lib.settings import Settings
from lib.snapshot import Snapshot

# The periods of each kind in the order of time; a summary speaks of the first kind that the indicator has.
_KINDS = {"Q": QUARTERS, "H": HALF_YEARS, "Y": (YEAR,), "M": MONTHS}
_IN_ORDER = ("Q", "H", "Y", "M")


@dataclass(frozen=True, slots=True)
class Told:
    """A share in one period, as far as it may be told."""

    period: str
    share: Protected


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One indicator: now, and in the period before where both may be told."""

    line: SummaryLine
    now: Told
    before: Told | None


@dataclass(frozen=True)
class ClassSummary:
    """What every family of a class may read. `small`: fewer pupils than the minimum, then nothing is told. `missing`: codes of
    indicators that have not come yet."""

    school_class: str
    school_year: str
    pupils: int
    small: bool
    paragraphs: tuple[Paragraph, ...] = ()
    missing: tuple[str, ...] = ()


def summary_of(snapshot: Snapshot, loaded: Settings, family: Family, school_class: str) -> ClassSummary:
    """The summary of one class on the snapshot's day."""
    year = school_year(snapshot, loaded)
    pupils = len(members(snapshot, loaded, school_class))
    if pupils < family.minimum_group:
        return ClassSummary(school_class, year, pupils, small=True)
    paragraphs, missing = [], []
    rows = _rows(snapshot, year, school_class)
    for line in family.summary:
        kinds = loaded.indicators[line.indicator].periods
        periods = _KINDS[next(kind for kind in _IN_ORDER if kind in kinds)]
        own = [rows.get((line.indicator, period)) for period in periods]
        if all(row is None or row["status"] == Status.NOT_APPLICABLE for row in own):
            continue
        told = [Told(period, _share(row, family, pupils)) for period, row in zip(periods, own, strict=True)]
        there = [one for one in told if one.share.symbol != ABSENT]
        if not there:
            missing.append(line.indicator)
            continue
        earlier = [one for one in there[:-1] if one.share.symbol == SHOWN]
        before = earlier[-1] if earlier and there[-1].share.symbol == SHOWN else None
        paragraphs.append(Paragraph(line, there[-1], before))
    return ClassSummary(school_class, year, pupils, False, tuple(paragraphs), tuple(missing))


def _share(row: Mapping[str, Any] | None, family: Family, pupils: int) -> Protected:
    if row is None or row["value"] is None:
        return Protected(None, "", ABSENT)
    share = protected(row["denominator"], row["numerator"], family.minimum_group, pupils)
    incomplete = share.symbol == SHOWN and row["status"] == Status.INCOMPLETE
    return Protected(share.percent, share.band, INCOMPLETE) if incomplete else share


def _rows(snapshot: Snapshot, year: str, school_class: str) -> dict[tuple[str, str], dict[str, Any]]:
    """(indicator, period) → the value of the class."""
    table = snapshot.table("values")
    for name, value in {"school_class": school_class, "school_year": year, "level": "school_class", "part": "", "teacher": ""}.items():
        table = table.filter(pc.equal(table[name].cast(pa.string()), value))
    return {(row["indicator"], row["period"]): row for row in table.to_pylist()}
