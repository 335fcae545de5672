"""Workbooks as Google spreadsheets in a Drive folder and its sub-folders."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import google.auth.exceptions
from google.oauth2 import service_account
from gspread.urls import DRIVE_FILES_API_V3_URL, SPREADSHEET_URL

from lib.settings.google import GoogleFolder, KeyProblem
from lib.settings.google import service_account as key_of
from lib.settings.place import ROOT
from lib.store.base import Store, StoreProblem, WorkbookInfo
from lib.store.grid import FIELDS, parsed, read_grid
from lib.store.transport import Transport

READ_SCOPES = ("https://www.googleapis.com/auth/spreadsheets.readonly", "https://www.googleapis.com/auth/drive.metadata.readonly")
WRITE_SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
# For rows that are added to the one spreadsheet which the account may edit; nothing of Drive.
ADD_SCOPES = ("https://www.googleapis.com/auth/spreadsheets",)
SHEET, FOLDER = "application/vnd.google-apps.spreadsheet", "application/vnd.google-apps.folder"
# Tables of kinds that are not read; each is named in an issue, so that nobody waits for its marks.
OTHER_KINDS = {
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-excel.sheet.macroenabled.12": ".xlsm",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": ".xlsb",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
}
_FILE_FIELDS = "id,name,mimeType,parents,createdTime,modifiedTime,version,trashed"
_CLOSED = ("google_not_found", "google_permission")
_FOLDERS_A_CALL = 40  # names in one question; a longer one would not fit into an address

# A signed-in account serves the whole process: its token lives for an hour.
_SIGNED_IN: dict[tuple[str, ...], Any] = {}


def credentials_of(folder: GoogleFolder, writing: bool = False, scopes: tuple[str, ...] = ()) -> tuple[Any, str]:
    """The service account ready to sign in with, and its e-mail: the reading one, or the one for `writing`; with the usual scopes of each
    unless others are named. Raises StoreProblem."""
    scopes = scopes or (WRITE_SCOPES if writing else READ_SCOPES)
    try:
        key = key_of(folder, ROOT, writing)
        identity = (key["client_email"], str(key.get("private_key_id", "")), key["token_uri"], *scopes)
        if identity not in _SIGNED_IN:
            _SIGNED_IN[identity] = service_account.Credentials.from_service_account_info(key, scopes=scopes)
    except KeyProblem as problem:
        code = "google_no_key" if problem.missing else "google_key_bad"
        raise StoreProblem(code, {"place": problem.place}, passing=True) from None
    except (ValueError, google.auth.exceptions.GoogleAuthError):  # what they say could quote the key
        raise StoreProblem("google_key_bad", {"place": str(folder)}, passing=True) from None
    return _SIGNED_IN[identity], str(key["client_email"])


def transport_of(folder: GoogleFolder, writing: bool = False) -> Transport:
    """The way to Google as the folder's configuration has it, signed in with its service account. Raises StoreProblem."""
    credentials, account = credentials_of(folder, writing)
    return transport_with(folder, credentials, account)


def transport_with(folder: GoogleFolder, credentials: Any, account: str) -> Transport:
    """The same for whoever signed in otherwise."""
    return Transport(
        credentials,
        sheets_url=folder.sheets_url,
        drive_url=folder.drive_url,
        reads_per_minute=folder.reads_per_minute,
        writes_per_minute=folder.writes_per_minute,
        side_by_side=folder.side_by_side,
        connect_seconds=folder.connect_seconds,
        answer_seconds=folder.answer_seconds,
        patience_seconds=folder.patience_seconds,
        account=account,
    )


def service_clock(folder: GoogleFolder) -> float:
    """The service's own clock, seconds since 1970, asked without signing in. Raises StoreProblem when nothing answers."""
    return Transport(None, sheets_url=folder.sheets_url, drive_url=folder.drive_url, connect_seconds=folder.connect_seconds).ask_clock()


@dataclass
class GoogleStore(Store):
    """All spreadsheets under the folder; one call lists them, one reads a whole workbook.

    `memory`: a file with the sub-folders that were met, so that the next listing asks for them in the same call.
    A workbook's name is its way through the folders; where two have the same name, the later made one carries a part of its id.
    """

    folder: GoogleFolder
    memory: Path | None = None
    transport: Transport | None = None
    _ids: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)  # name → (file id, kind)
    _reached: set[str] = field(default_factory=set, repr=False)  # the folder and its sub-folders, as last listed

    @property
    def side_by_side(self) -> int:
        return self.folder.side_by_side

    def __getstate__(self) -> dict[str, Any]:
        """A copy signs in by itself: neither token nor connection travels."""
        return {**self.__dict__, "transport": None}

    @property
    def way(self) -> Transport:
        """The connection of this piece of work. Raises StoreProblem when there is no key."""
        if self.transport is None:
            self.transport = transport_of(self.folder)
        return self.transport

    # --- what is there ---------------------------------------------------------------------------------------------------

    def workbooks(self) -> list[WorkbookInfo]:
        """Every spreadsheet, sorted by name, and tables of other kinds. Raises StoreProblem when the folder is out of reach."""
        files = self._listed()
        asked_at = self.way.said_at
        found = []
        self._ids = {}
        for name, file in _named(files, self.folder.id):
            self._ids[name] = (file["id"], file["mimeType"])
            changed_at = _moment(file.get("modifiedTime", ""))
            young = asked_at - changed_at < self.folder.young_seconds
            found.append(
                WorkbookInfo(
                    name,
                    f"{file['id']} {file.get('modifiedTime', '')} {file.get('version', '')}",
                    f"{self.folder.link_url}/spreadsheets/d/{file['id']}/edit",
                    asked_at,
                    asked_at + self.folder.young_seconds if young else 0.0,
                    changed_at,
                )
            )
        return sorted(found, key=lambda info: info.name)

    def _listed(self) -> list[Mapping[str, Any]]:
        """Everything in the folder and its sub-folders; the sub-folders that are known are asked for in the same call."""
        known = self._remembered()
        try:
            files = self._children([self.folder.id, *known])
        except StoreProblem as problem:
            if problem.code not in _CLOSED:
                raise
            known, files = [], self._anew()  # one of the sub-folders may have been deleted
        asked = {self.folder.id, *known}
        while new := [f["id"] for f in files if f["mimeType"] == FOLDER and f["id"] not in asked and not f["name"].startswith(".")]:
            files += self._children(new)
            asked |= set(new)
        self._reached = _below(files, self.folder.id)
        self._remember([identity for identity in self._reached if identity != self.folder.id])
        return [f for f in files if self._reached.intersection(f.get("parents", ()))]

    def _anew(self) -> list[Mapping[str, Any]]:
        """What lies in the folder itself."""
        try:
            return self._children([self.folder.id])
        except StoreProblem as problem:
            if problem.code not in _CLOSED:
                raise
            raise StoreProblem("google_folder_away", {"folder": self.folder.id}, passing=True) from None

    def _children(self, folders: list[str]) -> list[Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for first in range(0, len(folders), _FOLDERS_A_CALL):
            asked = [f"'{identity}' in parents" for identity in folders[first : first + _FOLDERS_A_CALL]]
            within = asked[0] if len(asked) == 1 else f"({' or '.join(asked)})"
            params: dict[str, Any] = {
                "q": f"{within} and trashed = false",
                "fields": f"nextPageToken,incompleteSearch,files({_FILE_FIELDS})",
                "pageSize": 1000,
                "supportsAllDrives": "true",
                "includeItemsFromAllDrives": "true",
            }
            while True:
                page = json.loads(self.way.get(DRIVE_FILES_API_V3_URL, params, _is_listing))
                found |= {file["id"]: file for file in page["files"] if not file.get("trashed")}
                if not page.get("nextPageToken"):
                    break
                params = params | {"pageToken": page["nextPageToken"]}
        return list(found.values())

    def _remembered(self) -> list[str]:
        try:
            known = json.loads(self.memory.read_text(encoding="utf-8")) if self.memory else []
            return [identity for identity in known if isinstance(identity, str)]
        except (OSError, ValueError, TypeError):
            return []

    def _remember(self, folders: list[str]) -> None:
        if self.memory and sorted(folders) != self._remembered():
            self.memory.parent.mkdir(parents=True, exist_ok=True)
            new = self.memory.with_name(self.memory.name + ".new")
            new.write_text(json.dumps(sorted(folders)), encoding="utf-8")
            os.replace(new, self.memory)

    def missed(self, info: WorkbookInfo) -> StoreProblem | None:
        """A spreadsheet that was moved out of the folder no longer counts. One in the trash, deleted, or shared no longer may be a slip:
        its values stay, marked, until somebody says that it is meant (`collect --forget`)."""
        params = {"fields": _FILE_FIELDS, "supportsAllDrives": "true"}
        try:
            body = self.way.get(f"{DRIVE_FILES_API_V3_URL}/{info.fingerprint.split(' ')[0]}", params, _is_file)
        except StoreProblem as problem:
            return problem
        file = json.loads(body)
        if file.get("trashed"):
            return StoreProblem("google_trashed", passing=True)
        if self._reached.intersection(file.get("parents", ())):  # it is there all the same
            return StoreProblem("google_server", {"reason": "files.list"}, passing=True)
        return None

    def identity(self, name: str) -> str:
        """The spreadsheet's id; "" when there is none of that name. Raises StoreProblem when the folder is out of reach."""
        if name not in self._ids:
            self.workbooks()
        identity, kind = self._ids.get(name, ("", ""))
        return identity if kind == SHEET else ""

    # --- what stands in a workbook ---------------------------------------------------------------------------------------

    def fetch(self, name: str) -> bytes:
        """The answer of one spreadsheets.get, under a line with the spreadsheet's address. Raises StoreProblem."""
        if name not in self._ids:
            self.workbooks()
        if name not in self._ids:
            raise StoreProblem("workbook_unreadable", {"reason": "404"})
        identity, kind = self._ids[name]
        if kind in OTHER_KINDS:
            raise StoreProblem("google_other_kind", {"kind": OTHER_KINDS[kind]})
        body = self.way.get(SPREADSHEET_URL % identity, {"fields": FIELDS}, lambda answer: parsed(answer, identity) is not None)
        return f"{self.folder.link_url} {identity}\n".encode() + body

    # the function itself: a reading process need not know Google's packages
    sheets = staticmethod(read_grid)


def _named(files: Iterable[Mapping[str, Any]], root: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(name, file) of everything that is a table; names are ways through the folders, none twice."""
    files = list(files)
    folders = {f["id"]: f for f in files if f["mimeType"] == FOLDER}
    taken: set[str] = set()
    for file in sorted(files, key=lambda f: (f.get("createdTime", ""), f["id"])):
        if file["mimeType"] != SHEET and file["mimeType"] not in OTHER_KINDS:
            continue
        way = [file["name"]]
        parent = next((p for p in file.get("parents", ()) if p == root or p in folders), root)
        while parent != root and len(way) < 20:
            way.append(folders[parent]["name"])
            parent = next((p for p in folders[parent].get("parents", ()) if p == root or p in folders), root)
        name = "/".join(reversed(way))
        if name in taken:
            name = f"{name} · {file['id'][:6]}"
        taken.add(name)
        yield name, file


def _below(files: Iterable[Mapping[str, Any]], root: str) -> set[str]:
    """The folder and all folders below it; hidden ones (a dot before the name) are passed by, as in a folder of files."""
    below: dict[str, list[str]] = {}
    for file in files:
        if file["mimeType"] == FOLDER and not file["name"].startswith("."):
            for parent in file.get("parents", ()):
                below.setdefault(parent, []).append(file["id"])
    reached, waiting = {root}, [root]
    while waiting:
        new = [identity for identity in below.get(waiting.pop(), ()) if identity not in reached]
        reached |= set(new)
        waiting += new
    return reached


def _is_listing(body: bytes) -> bool:
    """A whole answer of files.list: anything else must not be taken for "nothing is there any more"."""
    try:
        answer = json.loads(body)
        return not answer.get("incompleteSearch") and all(
            isinstance(file[name], str) for file in answer["files"] for name in ("id", "name", "mimeType")
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return False


def _is_file(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body)["id"], str)
    except (ValueError, LookupError, TypeError):
        return False


def _moment(text: str) -> float:
    """Seconds since 1970 of a moment as Drive writes it; 0.0 for none."""
    try:
        return dt.datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
