"""From a figure to the cells it was made of, with the address that a person types into the spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lib.indicators.compute import behind
from lib.indicators.relations import Data
from lib.snapshot import Snapshot


def cells_behind(code: str, data: Data, scope: Mapping[str, object], snapshot: Snapshot) -> list[dict[str, Any]]:
    """The cells behind a value: form, workbook, tab, cell (A1), column (key) and value, in the order of the workbooks.

    `data` holds the records of `snapshot`. What stands in a restricted workbook is not copied out of it (value None): the address
    is enough for those who may open it.
    """
    letters = _letters(snapshot)
    subjects = snapshot.records("F01")["subject"].to_pylist() if any(subject for _workbook, _tab, subject in letters) else []
    contents: dict[tuple[str, str], list[Any]] = {}
    found = []
    for row in behind(code, data, scope).to_pylist():
        place = (row["form"], row["column"])
        if place not in contents and not data.settings.forms[row["form"]].restricted:
            contents[place] = snapshot.records(row["form"])[row["column"]].to_pylist()
        # in a table of an export the same row holds marks of many subjects, each in its own column
        subject = subjects[row["record"]] if subjects and row["form"] == "F01" else ""
        own = letters.get((row["workbook"], row["tab"], subject)) or letters.get((row["workbook"], row["tab"], ""), {})
        found.append(
            {
                **row,
                "value": contents[place][row["record"]] if place in contents else None,
                "cell": f"{own.get(row['column'], '?')}{row['row']}",
            }
        )
    return sorted(found, key=lambda c: (c["workbook"], c["tab"], c["row"], c["column"]))


def _letters(snapshot: Snapshot) -> dict[tuple[str, str, str], dict[str, str]]:
    """(workbook, tab, subject of an export's table or "") → column key → letter of the column in that tab."""
    table = snapshot.table("sheets")
    columns = [table[name].to_pylist() for name in ("workbook", "tab", "subject", "columns")]
    sources = table["source"].to_pylist() if "source" in table.column_names else [""] * len(table)
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for workbook, tab, subject, letters, source in zip(*columns, sources, strict=True):
        found.setdefault((workbook, tab, subject if source else ""), {}).update(json.loads(letters or "{}"))
    return found
