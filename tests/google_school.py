"""People's side of a Google school on the local server: put workbooks into Drive, edit a cell, take a workbook away.

Nothing here comes from the product: cells go up through the API as a person's program would send them.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lib.model.cell import CellError, CellValue
from lib.settings import desk_of
from lib.settings.google import GoogleFolder

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

ROOT = Path(__file__).resolve().parent.parent
SCOPES = ("https://www.googleapis.com/auth/spreadsheets", "https://www.googleapis.com/auth/drive")
PERSON, READER = "director@school.example", "sapat-reader@project.example"
SHEET, FOLDER = "application/vnd.google-apps.spreadsheet", "application/vnd.google-apps.folder"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Content = Mapping[str, Sequence[Sequence[CellValue]]]


@cache
def _private_key() -> str:
    """One throw-away key for the whole process."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


def service_key(url: str, email: str, **more: str) -> dict[str, str]:
    """The key file of a service account, as Google's console hands it out; its tokens come from the server at `url`."""
    return {
        "type": "service_account", "project_id": "sapat", "private_key_id": "k1", "client_id": "1", "client_email": email,
        "private_key": _private_key(), "token_uri": f"{url}/token", **more,
    }  # fmt: skip


def signed_in(url: str, email: str) -> requests.Session:
    """A person's session: signed in as in a browser, with full access to their own files."""
    http = requests.Session()
    http.trust_env = False
    asked = {"login_hint": email, "redirect_uri": url, "scope": " ".join(SCOPES), "response_type": "code", "client_id": "tests"}
    back = http.get(f"{url}/o/oauth2/auth", params=asked, allow_redirects=False).headers["Location"]
    code = parse_qs(urlsplit(back).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": url, "client_id": "tests", "client_secret": "none"}
    http.headers["Authorization"] = f"Bearer {http.post(f'{url}/token', data=form).json()['access_token']}"
    return http


class ServerProcess:
    """`python -m tests.sheets_server` in a process of its own, for as long as the block lasts."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def __enter__(self) -> ServerProcess:
        command = [sys.executable, "-m", "tests.sheets_server", "--port", "0", *self._words]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError(f"the server did not start: {line!r}")
        self.url = line.split()[1]
        self._http = requests.Session()
        self._http.trust_env = False
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End it now."""
        self._process.terminate()
        self._process.wait(10)

    def set(self, **settings: Any) -> None:
        """quota (None: none), latency in seconds."""
        self._http.put(f"{self.url}/_control/settings", json=settings).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        """What arrived: time, method, path, kind, user, status."""
        return list(self._http.get(f"{self.url}/_control/calls").json()["calls"])

    def forget_calls(self) -> None:
        self._http.post(f"{self.url}/_control/calls/reset").raise_for_status()


class GoogleSchool:
    """A folder in the Drive of PERSON, shared with READER as Viewer. `folder`: where READER's key file goes."""

    def __init__(self, url: str, folder: Path, **key: str) -> None:
        self.url = url
        self._http = signed_in(url, PERSON)
        self.id = self._make("Мектеп", FOLDER, [])
        self._folders = {"": self.id}
        self._private = self._make("Жеке", FOLDER, [])
        self._attic = self._make("Архив", FOLDER, [])  # seen by READER, too, but no part of the school
        self._drive("POST", f"/files/{self._attic}/permissions", {"role": "reader", "type": "user", "emailAddress": READER})
        self._files: dict[str, str] = {}
        self._drive("POST", f"/files/{self.id}/permissions", {"role": "reader", "type": "user", "emailAddress": READER})
        self.key_file = folder / "reader-key.json"
        self.key_file.write_text(json.dumps(service_key(url, READER, **key)), encoding="utf-8")

    def place(self, **changed: Any) -> GoogleFolder:
        """The folder as the product is told of it. Tests do not wait for a quota unless they ask for one."""
        told = {"reads_per_minute": 100_000, "writes_per_minute": 100_000, **changed}
        addresses = dict.fromkeys(("sheets_url", "drive_url", "link_url"), self.url)
        return GoogleFolder(self.id, str(self.key_file), **addresses, **told)

    def environment(self) -> dict[str, str]:
        """What tells a process of the product the same."""
        return {"SAPAT_STORE": f"google:{self.id}", "SAPAT_GOOGLE_URL": self.url, "SAPAT_GOOGLE_KEY": str(self.key_file),
                "SAPAT_GOOGLE_READS": "100000"}  # fmt: skip

    def open_to_everybody(self, about: str = "") -> None:
        """Mark the school as an invented one, whose pages need no sign-in. `about`: more lines of its store.yaml."""
        desk = desk_of(self.place())
        desk.mkdir(parents=True, exist_ok=True)
        (desk / "store.yaml").write_text(f"demo: true\n{about}", encoding="utf-8")

    @property
    def file_ids(self) -> dict[str, str]:
        """Name → id of every workbook."""
        return dict(self._files)

    def listing(self) -> list[dict[str, Any]]:
        """Everything in the folder itself, with id, name and kind."""
        query = f"/files?q='{self.id}' in parents&fields=files(id,name,mimeType)&pageSize=1000"
        return list(self._drive("GET", query)["files"])

    # --- whole workbooks -------------------------------------------------------------------------------------------------

    def put(self, name: str, tabs: Content, hidden: Iterable[str] = ()) -> str:
        """Make the workbook, or give it these tabs instead of its own; its id."""
        if name not in self._files:
            self._files[name] = self._make(name.rpartition("/")[2], SHEET, [self._folder(name.rpartition("/")[0])])
        identity = self._files[name]
        old = [sheet["properties"]["sheetId"] for sheet in self.get(identity, "sheets.properties")["sheets"]]
        first = max(old) + 1
        requests_: list[dict[str, Any]] = [
            {"updateSheetProperties": {"properties": {"sheetId": number, "title": f"old {number}"}, "fields": "title"}} for number in old
        ]
        for number, (title, rows) in enumerate(tabs.items(), first):
            columns = max((len(row) for row in rows), default=0)
            grid = {"rowCount": max(1, len(rows)), "columnCount": max(1, columns)}
            about = {"sheetId": number, "title": title, "gridProperties": grid, "hidden": title in hidden}
            requests_.append({"addSheet": {"properties": about}})
            if any(rows):
                data = [{"values": [_cell(value) for value in row]} for row in rows]
                start = {"sheetId": number, "rowIndex": 0, "columnIndex": 0}
                requests_.append({"updateCells": {"start": start, "rows": data, "fields": "userEnteredValue,userEnteredFormat"}})
        requests_ += [{"deleteSheet": {"sheetId": number}} for number in old]
        self._batch(identity, requests_)
        return identity

    def mirror(self, folder: Path) -> None:
        """Make Drive hold what a folder of .xlsx workbooks holds: new and changed ones, and none that is gone."""
        import openpyxl  # the demo of `run.py --google-demo` does without the tests' packages

        here = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.xlsx")) if ".sapat" not in path.parts}
        for name in set(self._files) - set(here):
            self.remove(name)
        for name, path in here.items():
            book = openpyxl.load_workbook(path)
            hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
            self.put(
                name, {sheet.title: [[_typed(cell) for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}, hidden
            )

    def upload(self, name: str, content: bytes) -> str:
        """An Excel file as it is, not made a spreadsheet; its id."""
        about = {"name": name.rpartition("/")[2], "mimeType": XLSX, "parents": [self._folder(name.rpartition("/")[0])]}
        parts = {"metadata": ("", json.dumps(about), "application/json"), "file": ("", content, XLSX)}
        answer = self._http.post(f"{self.url}/upload/drive/v3/files", params={"uploadType": "multipart"}, files=parts)
        answer.raise_for_status()
        self._files[name] = answer.json()["id"]
        return str(answer.json()["id"])

    def remove(self, name: str, for_good: bool = False) -> None:
        """Move the workbook out of the school's folder; `for_good`: delete it at once."""
        if for_good:
            self._drive("DELETE", f"/files/{self._files[name]}")
        else:
            self._move(name, self._folder(name.rpartition("/")[0]), self._attic)
        del self._files[name]

    def close(self, name: str) -> None:
        """Out of the school's folder, into one that nobody else sees."""
        self._move(name, self._folder(name.rpartition("/")[0]), self._private)

    def open_again(self, name: str) -> None:
        """Back from where `close` put it."""
        self._move(name, self._private, self._folder(name.rpartition("/")[0]))

    def let_edit(self, name: str, email: str) -> None:
        """Make somebody an editor of the one workbook."""
        self._drive("POST", f"/files/{self._files[name]}/permissions", {"role": "writer", "type": "user", "emailAddress": email})

    def unshare(self) -> None:
        """Take the reader's right to the folder away."""
        for permission in self._drive("GET", f"/files/{self.id}/permissions")["permissions"]:
            if permission["role"] == "reader":
                self._drive("DELETE", f"/files/{self.id}/permissions/{permission['id']}")

    def delete_folder(self, way: str) -> None:
        """For good, with all that is in it."""
        self._drive("DELETE", f"/files/{self._folders.pop(way)}")

    def make_empty(self, name: str, kind: str = SHEET) -> str:
        """A new file without content, whether or not there is one of that name; its id."""
        return self._make(name, kind, [self.id])

    def trash(self, name: str, trashed: bool = True) -> None:
        """Into the trash, or out of it."""
        self._drive("PATCH", f"/files/{self._files[name]}", {"trashed": trashed})

    # --- cells -----------------------------------------------------------------------------------------------------------

    def edit(self, name: str, tab: str, cell: str, value: CellValue) -> None:
        """Type into one cell."""
        identity = self._files[name]
        number = self._tab(identity, tab)
        letters = cell.rstrip("0123456789")
        row, column = int(cell[len(letters) :]), 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        start = {"sheetId": number, "rowIndex": row - 1, "columnIndex": column - 1}
        rows = [{"values": [_cell(value)]}]
        self._batch(identity, [{"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue,userEnteredFormat"}}])

    def rename_tab(self, identity: str, old: str, new: str) -> None:
        self._batch(
            identity, [{"updateSheetProperties": {"properties": {"sheetId": self._tab(identity, old), "title": new}, "fields": "title"}}]
        )

    def merge_and_hide(self, identity: str, tab: str) -> None:
        """Merge A1:B1, hide row 2, and filter."""
        number = self._tab(identity, tab)
        cells = {"sheetId": number, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 2}
        rows = {"sheetId": number, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}
        self._batch(identity, [
            {"mergeCells": {"range": cells, "mergeType": "MERGE_ALL"}},
            {"updateDimensionProperties": {"range": rows, "properties": {"hiddenByUser": True}, "fields": "hiddenByUser"}},
        ])  # fmt: skip

    def type_in(self, identity: str, where: str, values: list[str], locale: str = "") -> None:
        """As on the keyboard, in a sheet of that locale."""
        if locale:
            self._batch(identity, [{"updateSpreadsheetProperties": {"properties": {"locale": locale}, "fields": "locale"}}])
        address = f"{self.url}/v4/spreadsheets/{identity}/values/{where}?valueInputOption=USER_ENTERED"
        self._http.put(address, json={"values": [values]}).raise_for_status()

    def get(self, identity: str, fields: str) -> dict[str, Any]:
        """spreadsheets.get with a mask."""
        answer = self._http.get(f"{self.url}/v4/spreadsheets/{identity}", params={"fields": fields})
        answer.raise_for_status()
        return dict(answer.json())

    # --- calls -----------------------------------------------------------------------------------------------------------

    def _move(self, name: str, out_of: str, into: str) -> None:
        self._drive("PATCH", f"/files/{self._files[name]}?removeParents={out_of}&addParents={into}", {})

    def _tab(self, identity: str, title: str) -> int:
        sheets = self.get(identity, "sheets.properties(sheetId,title)")["sheets"]
        return next(int(s["properties"].get("sheetId", 0)) for s in sheets if s["properties"]["title"] == title)

    def _folder(self, way: str) -> str:
        if way not in self._folders:
            above, _, own = way.rpartition("/")
            self._folders[way] = self._make(own, FOLDER, [self._folder(above)])
        return self._folders[way]

    def _make(self, name: str, kind: str, parents: list[str]) -> str:
        return str(self._drive("POST", "/files", {"name": name, "mimeType": kind, "parents": parents})["id"])

    def _drive(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self._http.request(method, f"{self.url}/drive/v3{path}", json=body)
        answer.raise_for_status()
        return dict(answer.json()) if answer.content else {}

    def _batch(self, identity: str, requests_: list[dict[str, Any]]) -> None:
        answer = self._http.post(f"{self.url}/v4/spreadsheets/{identity}:batchUpdate", json={"requests": requests_})
        if not answer.ok:
            raise AssertionError(answer.text)


def _cell(value: CellValue) -> dict[str, Any]:
    """The cell as the API is told of it."""
    match value:
        case None:
            return {}
        case bool():
            return {"userEnteredValue": {"boolValue": value}}
        case int() | float():
            return {"userEnteredValue": {"numberValue": value}}
        case CellError(text=text):
            return {"userEnteredValue": {"formulaValue": "=1/0" if text == "#DIV/0!" else "=NA()" if text == "#N/A" else f"={text}"}}
        case dt.datetime():
            return _serial((value - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1), "DATE_TIME")
        case dt.date():
            return _serial((value - dt.date(1899, 12, 30)).days, "DATE")
        case dt.time():
            return _serial((value.hour * 3600 + value.minute * 60 + value.second) / 86400, "TIME")
        case _:
            return {"userEnteredValue": {"stringValue": str(value)}}


def _serial(number: float, kind: str) -> dict[str, Any]:
    return {"userEnteredValue": {"numberValue": number}, "userEnteredFormat": {"numberFormat": {"type": kind}}}


def _typed(cell: Cell) -> CellValue:
    """A cell of an .xlsx file as openpyxl sees it; formulas that are errors as the error."""
    value = cell.value
    if cell.data_type == "e":
        return CellError(str(value))
    if cell.data_type == "f":
        return CellError(str(value)[1:])
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return value
