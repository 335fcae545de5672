"""From a snapshot's values to the cells of the fixed cuts: the whole school, its stages, its subjects. No other cut is ever published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib import analysis
from lib.model.indicator import Indicator, Status
from lib.publication.disclosure import Cell
from lib.settings import Settings
from lib.snapshot import Snapshot

CUTS = ("school", "stage", "subject")
PUBLIC = "PUB"
_REGISTER = "R"  # registers only say how many there are
_KEY = ("indicator", "school_year", "period", "level", "part")


def public_indicators(settings: Settings) -> list[Indicator]:
    """The indicators that the catalogue calls public, in its order."""
    return [indicator for indicator in settings.indicators.values() if indicator.visibility == PUBLIC]


def cuts_of(indicator: Indicator, settings: Settings) -> tuple[str, ...]:
    """The cuts that an indicator is published in.

    What comes from a restricted form (health, psychology, registration, lesson observation) is published for the whole school only.
    """
    restricted = any(settings.forms[s.form].restricted and not s.form.startswith(_REGISTER) for s in indicator.sources)
    return CUTS[:1] if restricted else tuple(cut for cut in CUTS if cut == "school" or cut in indicator.by)


def cells_of(snapshot: Snapshot, settings: Settings, school_year: str, period: str) -> list[Cell]:
    """What an edition of the period would publish if it hid nothing: for each public indicator its own period nearest to the asked one.

    An indicator without any figure stands there as not collected.
    """
    dated = replace(settings, as_of=snapshot.as_of)
    rows = _rows(snapshot, school_year, [indicator.code for indicator in public_indicators(settings)])
    groups = {"school": [""], "stage": list(settings.stages), "subject": list(settings.subjects)}
    cells = []
    for indicator in public_indicators(settings):
        near = analysis.periods_for(dated, indicator, school_year, period)
        found = [own for own in near if rows.get((indicator.code, own, "school", ""), {}).get("value") is not None]
        for own in (found or near)[:1]:
            for cut in cuts_of(indicator, settings):
                for group in groups[cut]:
                    row = rows.get((indicator.code, own, cut, group))
                    if row is not None or cut == "school":
                        cells.append(_cell(indicator, school_year, own, cut, group, row or {}))
    return cells


def _cell(indicator: Indicator, school_year: str, period: str, cut: str, group: str, row: Mapping[str, Any]) -> Cell:
    return Cell(
        indicator.code, school_year, period, cut, group, row.get("numerator"), row.get("denominator"), row.get("value"),
        row.get("status", Status.NOT_COLLECTED),
    )  # fmt: skip


def _rows(snapshot: Snapshot, school_year: str, codes: list[str]) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """(indicator, period, cut, group) → the row of the values table."""
    table = snapshot.table("values")
    texts = {name: table[name].cast(pa.string()) for name in (*_KEY, "stage", "subject", "status")}
    wanted = pc.and_(pc.equal(texts["school_year"], school_year), pc.equal(texts["part"], ""))
    for name, allowed in (("level", list(CUTS)), ("indicator", codes)):
        wanted = pc.and_(wanted, pc.is_in(texts[name], value_set=pa.array(allowed, pa.string())))
    plain = pa.table(texts | {name: table[name] for name in ("numerator", "denominator", "value")}).filter(wanted).to_pylist()
    return {(row["indicator"], row["period"], row["level"], row.get(row["level"]) or ""): row for row in plain}
