"""To which term of a tab an issue belongs: by the column of its cell, else by what its row speaks of, else to the term that is worked on.
Each issue is counted once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.intake.completeness import term_rows
from lib.model.issue import Severity
from lib.office.board.tabs import Tab, Tabs
from lib.snapshot import Snapshot

COUNTED = (Severity.ERROR, Severity.WARNING)  # a note asks for nothing
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")
Row = Mapping[str, Any]


def attributed(tabs: Tabs, rows: Sequence[Row]) -> list[list[Row]]:
    """The errors and warnings of each row of the completeness table. `rows` are those of one school year."""
    by_tab: dict[Tab, list[int]] = {}
    for place, row in enumerate(rows):
        if row["tab"]:
            by_tab.setdefault((row["workbook"], row["tab"]), []).append(place)
    found: list[list[Row]] = [[] for _ in rows]
    spoken: dict[Tab, dict[int, int]] = {}
    for issue in _counted(tabs.snapshot):
        tab = (issue["workbook"], issue["tab"])
        if tab in by_tab:
            found[_place(tabs, issue, tab, by_tab[tab], rows, spoken)].append(issue)
    return found


def _counted(snapshot: Snapshot) -> list[Row]:
    table: pa.Table = snapshot.table("issues")
    wanted = pc.is_in(table["severity"].cast(pa.string()), value_set=pa.array(COUNTED, pa.string()))
    found: list[Row] = table.filter(wanted).select(["workbook", "tab", "cell", "severity"]).to_pylist()
    return found


def _place(tabs: Tabs, issue: Row, tab: Tab, places: Sequence[int], rows: Sequence[Row], spoken: dict[Tab, dict[int, int]]) -> int:
    """Which of `places` (rows of the tab) the issue belongs to."""
    address = _ADDRESS.match(issue["cell"] or "")
    if len(places) > 1 and address is not None:
        form = tabs.settings.forms[rows[places[0]]["form"]]
        key = next((key for key, letters in tabs.letters.get(tab, {}).items() if letters == address[1]), "")
        named = {rule.period for rule in form.due if key in rule.columns}
        if here := [place for place in places if rows[place]["period"] in named]:
            return min(here, key=lambda place: rows[place]["due"])
        if tab not in spoken:
            spoken[tab] = _spoken_of(tabs, tab, places, rows)
        if (number := int(address[2])) in spoken[tab]:
            return spoken[tab][number]
    come = [place for place in places if rows[place]["due"] <= tabs.snapshot.as_of]
    return max(come, key=lambda place: rows[place]["due"]) if come else min(places, key=lambda place: rows[place]["due"])


def _spoken_of(tabs: Tabs, tab: Tab, places: Sequence[int], rows: Sequence[Row]) -> dict[int, int]:
    """Row of the sheet → the one of `places` that it speaks of; rows that speak of several terms are left out."""
    form = rows[places[0]]["form"]
    reading = tabs.reading(form, tab)
    found: dict[int, list[int]] = {}
    for place in places if reading is not None else ():
        assert reading is not None
        for at in term_rows(tabs.settings.forms[form], tabs.year, tabs.term(form, rows[place]["period"]), reading):
            found.setdefault(reading.rows[at], []).append(place)
    return {number: own[0] for number, own in found.items() if len(own) == 1}
