"""Freezing the old year: its workbooks become read-only, and the desk remembers what they were (lib.intake.frozen does the rest)."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lib.intake.frozen import FrozenYear, FrozenYears
from lib.journal.answers import AnswerBook
from lib.provisioning.drive import SHEETS, Way, is_spreadsheet
from lib.settings import GoogleFolder, Place, desk_of
from lib.snapshot import Snapshot
from lib.store.base import StoreProblem, WorkbookInfo
from lib.store.grid import parsed
from lib.turn.rules import Rules

_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_FIELDS = "spreadsheetId,sheets(properties(sheetId,title),protectedRanges(protectedRangeId,description))"


@dataclass
class Frozen:
    """What freezing came to. `mixed`: workbooks that hold tabs of other years too; `going_on`: those of forms that go on: both stay open.

    `unprotected`: why Google could not be told to protect the spreadsheets; the year is frozen all the same, by what the desk remembers.
    """

    year: FrozenYear
    mixed: Sequence[str] = ()
    going_on: Sequence[str] = ()
    unprotected: StoreProblem | None = None


def freeze(
    place: Place, listed: Iterable[WorkbookInfo], snapshot: Snapshot, school_year: str, by: str, now: dt.datetime, rules: Rules
) -> Frozen:  # fmt: skip
    """Freeze a year as `snapshot` read it. What is frozen already stays as it was frozen.

    `listed`: the workbooks as they were just before they were collected. Whatever is edited after that is then seen to have moved; and what
    was edited in between is compared once more, and found to say what was read.
    """
    years = FrozenYears.of(desk_of(place))
    holds: dict[str, set[tuple[str, str]]] = {}
    for row in snapshot.table("sheets").to_pylist():
        if row["form"] or row["source"]:  # an export of the electronic journal has no form of its own
            holds.setdefault(row["workbook"], set()).add((row["school_year"], row["form"]))
    own = {name: tabs for name, tabs in holds.items() if any(year == school_year for year, _ in tabs)}
    mixed = sorted(name for name, tabs in own.items() if any(year != school_year for year, _ in tabs))
    going_on = sorted(name for name, tabs in own.items() if all(form in rules.stay_open for _, form in tabs))
    year = years.years.get(school_year)
    if year is None:
        there = {info.name: info for info in listed}
        closing = [there[name] for name in sorted(own) if name in there and name not in mixed and name not in going_on]
        year = FrozenYear(
            school_year, now.isoformat(timespec="seconds"), by, {info.name: info.fingerprint for info in closing}, rules.stay_open,
            modes={} if isinstance(place, GoogleFolder) else _modes(place, closing), open_workbooks=(*mixed, *going_on),
            changed_at={info.name: info.changed_at for info in closing}, answers=asdict(AnswerBook(desk_of(place)).read()),
        )  # fmt: skip
        years.add(year)
    if not isinstance(place, GoogleFolder):
        for name in year.workbooks:
            _set_mode(place / name, lambda mode: mode & ~_WRITE)
    return Frozen(year, mixed, going_on)


def _modes(store: Path, infos: Iterable[WorkbookInfo]) -> dict[str, int]:
    """Name → the rights of the file; what was pasted lies in the desk and has none here."""
    paths = ((info.name, store / info.name) for info in infos)
    return {name: stat.S_IMODE(path.stat().st_mode) for name, path in paths if path.is_file()}


def reopen(place: Place, school_year: str) -> FrozenYear | None:
    """Open a frozen year again: edits count from the next collect on. None when it is not frozen."""
    year = FrozenYears.of(desk_of(place)).remove(school_year)
    if year is not None and not isinstance(place, GoogleFolder):
        for name, mode in year.modes.items():
            _set_mode(place / name, _always(mode))
    return year


def is_read_only(path: Path) -> bool:
    """Whether nobody has the right to write to the file."""
    return not path.stat().st_mode & _WRITE


def _always(mode: int) -> Callable[[int], int]:
    return lambda _before: mode


def _set_mode(path: Path, of: Callable[[int], int]) -> None:
    with suppress(FileNotFoundError, PermissionError):  # gone, or another's: what the desk remembers freezes it all the same
        before = stat.S_IMODE(path.stat().st_mode)
        if (wanted := of(before)) != before:
            os.chmod(path, wanted)


# --- Google --------------------------------------------------------------------------------------------------------------


def protect(way: Way, spreadsheet: str, words: str, account: str) -> bool:
    """Protect every tab of a spreadsheet but for `account`; whether anything was to do. `words` tell ours. Raises StoreProblem."""
    todo = []
    for sheet in _tabs(way, spreadsheet):
        if not any(one.get("description") == words for one in sheet.get("protectedRanges", [])):
            area = {"sheetId": sheet["properties"].get("sheetId", 0)}
            protected = {"range": area, "description": words, "warningOnly": False, "editors": {"users": [account]}}
            todo.append({"addProtectedRange": {"protectedRange": protected}})
    return _change(way, spreadsheet, todo)


def unprotect(way: Way, spreadsheet: str, words: str) -> bool:
    """Take our protection away; whether there was any. Raises StoreProblem."""
    found = [one for sheet in _tabs(way, spreadsheet) for one in sheet.get("protectedRanges", []) if one.get("description") == words]
    return _change(way, spreadsheet, [{"deleteProtectedRange": {"protectedRangeId": one["protectedRangeId"]}} for one in found])


def _tabs(way: Way, spreadsheet: str) -> list[Mapping[str, Any]]:
    def check(body: bytes) -> bool:
        return parsed(body, spreadsheet) is not None

    answer = way.request("get", f"{SHEETS}/{spreadsheet}", params={"fields": _FIELDS}, check=check)
    return list(json.loads(answer.content)["sheets"])


def _change(way: Way, spreadsheet: str, todo: Sequence[Mapping[str, Any]]) -> bool:
    if todo:
        way.request("post", f"{SHEETS}/{spreadsheet}:batchUpdate", json={"requests": todo}, check=is_spreadsheet)
    return bool(todo)
