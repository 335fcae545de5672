"""Rows added to one Google spreadsheet, each once: what arrived is read back before anything is sent again.

Two ways lead to a row that stands twice. An answer gets lost: then the next try looks first. Or a call is still on its way while the next
try looks: so a mark is set before each call, and as long as a call may still arrive nobody sends another one.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL

from lib.settings.google import GoogleFolder, KeyProblem, service_account
from lib.settings.place import ROOT
from lib.store.adding import Addition, Arrange, Book, Content
from lib.store.base import StoreProblem
from lib.store.google import ADD_SCOPES, credentials_of, transport_with
from lib.store.grid import FIELDS, parsed, read_grid
from lib.store.transport import Transport

_SETTLES = 3.0  # times the longest wait for an answer: then a call whose answer was lost has arrived, or never will
_FIELDS = FIELDS.replace("sheetType)", "sheetType,gridProperties(columnCount))")
_REFUSED = ("google_permission", "google_not_found", "google_request")  # nothing was done, for certain
_DAY_ZERO = dt.date(1899, 12, 30)
_DAY = {"numberFormat": {"type": "DATE", "pattern": "dd.mm.yyyy"}}


@dataclass
class GoogleBook(Book):
    """The spreadsheet `identity`, which the account may edit. `mark`: a file that all writers of this computer share."""

    folder: GoogleFolder
    identity: str
    mark: Path
    transport: Transport | None = None

    def add(self, arrange: Arrange) -> None:
        """See Book. One writer at a time: whoever calls holds a lock of its own."""
        if (left := self._unsure()) > 0:
            raise StoreProblem("google_unsure", {"seconds": f"{left:.0f}"}, passing=True)
        answer = self._read()
        addition = arrange(self._sheets(answer))
        if addition is None:
            self._forget()
            return
        tab = next(s for s in json.loads(answer)["sheets"] if s["properties"]["title"] == addition.tab)["properties"]
        self._note()
        try:
            body = {"requests": _requests(addition, tab.get("sheetId", 0), tab.get("gridProperties", {}).get("columnCount", 0))}
            self.way.request("post", SPREADSHEET_BATCH_UPDATE_URL % self.identity, json=body, check=self._is_reply)
        except StoreProblem as problem:
            if problem.code in _REFUSED:
                self._forget()
            raise
        if arrange(self._sheets(self._read())) is not None:
            raise StoreProblem("google_server", {"reason": "batchUpdate"}, passing=True)
        self._forget()

    @property
    def way(self) -> Transport:
        """The connection of this piece of work. Raises StoreProblem when there is no key."""
        if self.transport is None:
            self.transport = transport_with(self.folder, *credentials_of(self.folder, _has_own_key(self.folder), ADD_SCOPES))
        return self.transport

    def _read(self) -> bytes:
        return self.way.get(SPREADSHEET_URL % self.identity, {"fields": _FIELDS}, lambda body: parsed(body, self.identity) is not None)

    def _sheets(self, answer: bytes) -> Sequence[Any]:
        return read_grid(f"{self.folder.link_url} {self.identity}\n".encode() + answer, self.identity)

    def _is_reply(self, body: bytes) -> bool:
        try:
            return bool(json.loads(body)["spreadsheetId"] == self.identity)
        except (ValueError, LookupError, TypeError):
            return False

    # --- the call that may still arrive ------------------------------------------------------------------------------------

    def _unsure(self) -> float:
        """Seconds for which a call that was begun may still arrive."""
        try:
            settles = _SETTLES * self.folder.answer_seconds
            return min(settles, self.mark.stat().st_mtime + settles - time.time())
        except FileNotFoundError:
            return 0.0

    def _note(self) -> None:
        self.mark.parent.mkdir(parents=True, exist_ok=True)
        with self.mark.open("w", encoding="ascii") as file:
            file.write(self.identity)
            file.flush()
            os.fsync(file.fileno())

    def _forget(self) -> None:
        with suppress(FileNotFoundError):
            self.mark.unlink()


def _has_own_key(folder: GoogleFolder) -> bool:
    """Whether the school has an account of its own for writing; else the reading account edits the one spreadsheet it was given."""
    try:
        service_account(folder, ROOT, writing=True)
    except KeyProblem as problem:
        return not problem.missing
    return True


def _requests(addition: Addition, sheet: int, width: int) -> list[dict[str, Any]]:
    """One batch, done as a whole or not at all."""
    widest = max((column for row in addition.rows for column in row), default=0)
    widest = max([widest, *(column for _row, column in addition.heads)]) + 1
    found: list[dict[str, Any]] = []
    if widest > width:
        found.append({"appendDimension": {"sheetId": sheet, "dimension": "COLUMNS", "length": widest - width}})
    for (row, column), text in addition.heads.items():
        start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
        found.append({"updateCells": {"start": start, "rows": [{"values": [_cell(text)]}], "fields": "userEnteredValue"}})
    rows = [{"values": [_cell(row.get(column)) for column in range(max(row) + 1)]} for row in addition.rows]
    if rows:
        fields = "userEnteredValue,userEnteredFormat.numberFormat"
        found.append({"appendCells": {"sheetId": sheet, "rows": rows, "fields": fields}})
    return found


def _cell(content: Content | None) -> dict[str, Any]:
    """Said as it is meant: no text becomes a number, a day or a formula."""
    match content:
        case None | "":
            return {}
        case str():
            return {"userEnteredValue": {"stringValue": content}}
        case dt.date():
            return {"userEnteredValue": {"numberValue": (content - _DAY_ZERO).days}, "userEnteredFormat": _DAY}
        case _:
            return {"userEnteredValue": {"numberValue": content}}
