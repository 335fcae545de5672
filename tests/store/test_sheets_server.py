"""The local Google server under test: the real gspread and the real sign-in flows against it, and Google's own rules and errors."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import google.auth.exceptions
import gspread
import openpyxl
import pytest
import requests
from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials as PersonCredentials
from google.oauth2.service_account import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow

from tests.sheets_server import SheetsServer

ROOT = Path(__file__).resolve().parents[2]
JSON = dict[str, Any]

READER = "reader@sapat-test.iam.gserviceaccount.com"
HEAD = "zavuch@school.example"
TEACHER = "teacher@school.example"
STRANGER = "stranger@elsewhere.example"
SCOPE = "https://www.googleapis.com/auth/"
FOLDER = "application/vnd.google-apps.folder"
SPREADSHEET = "application/vnd.google-apps.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def no_look_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    """google-auth asks Google, from a thread, where a service account may be used; nobody is there to answer."""
    monkeypatch.setattr(Credentials, "_maybe_start_regional_access_boundary_refresh", lambda *_: None)


@pytest.fixture
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


class LocalClient(gspread.HTTPClient):
    """gspread keeps Google's hosts by value in three modules; here they are swapped as a request leaves."""

    url = ""

    def request(self, method: str, endpoint: str, **rest: Any) -> requests.Response:
        for host in ("https://sheets.googleapis.com", "https://www.googleapis.com"):
            endpoint = endpoint.replace(host, self.url)
        return super().request(method, endpoint, **rest)


def gspread_of(server: SheetsServer, credentials: Any) -> gspread.Client:
    return gspread.Client(credentials, http_client=type("Client", (LocalClient,), {"url": server.url}))


def service(server: SheetsServer, *scopes: str, email: str = READER) -> Credentials:
    names = [SCOPE + name for name in scopes or ("spreadsheets", "drive")]
    return Credentials.from_service_account_info(server.key(email), scopes=names)


def person(server: SheetsServer, email: str = HEAD, scopes: list[str] | None = None) -> gspread.Client:
    return gspread_of(server, PersonCredentials(server.user_token(email, scopes)))


class Caller:
    """Plain HTTP in the name of one person."""

    def __init__(self, server: SheetsServer, email: str = HEAD, scopes: list[str] | None = None) -> None:
        self.url, self.session = server.url, requests.Session()
        self.session.headers["Authorization"] = f"Bearer {server.user_token(email, scopes)}"

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.session.request(method, self.url + path, params=query, json=body, timeout=10)

    def ok(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self(method, path, body, **query)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def refused(self, code: int, method: str, path: str, body: Any = None, **query: Any) -> JSON:
        answer = self(method, path, body, **query)
        assert answer.status_code == code, answer.text
        assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"
        error = answer.json()["error"]
        assert error["code"] == code
        return error

    def spreadsheet(self, title: str = "Journal", **rest: Any) -> str:
        return self.ok("POST", "/v4/spreadsheets", {"properties": {"title": title, **rest}})["spreadsheetId"]

    def file(self, name: str, mime: str = SPREADSHEET, parent: str = "", **query: Any) -> str:
        body = {"name": name, "mimeType": mime} | ({"parents": [parent]} if parent else {})
        return self.ok("POST", "/drive/v3/files", body, **query)["id"]

    def share(self, file: str, email: str, role: str = "reader", **query: Any) -> JSON:
        return self.ok("POST", f"/drive/v3/files/{file}/permissions", {"type": "user", "role": role, "emailAddress": email}, **query)

    def put(self, book: str, area: str, values: list[list[Any]], option: str = "USER_ENTERED") -> JSON:
        return self.ok("PUT", f"/v4/spreadsheets/{book}/values/{quote(area, safe='')}", {"values": values}, valueInputOption=option)

    def values(self, book: str, area: str, **query: Any) -> Any:
        return self.ok("GET", f"/v4/spreadsheets/{book}/values/{quote(area, safe='')}", **query).get("values")

    def batch(self, book: str, *asked: JSON) -> list[JSON]:
        return self.ok("POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": list(asked)})["replies"]

    def rejected(self, book: str, *asked: JSON) -> str:
        return self.refused(400, "POST", f"/v4/spreadsheets/{book}:batchUpdate", {"requests": list(asked)})["message"]

    def cells(self, book: str, area: str, fields: str = "*") -> list[list[JSON]]:
        told = self.ok("GET", f"/v4/spreadsheets/{book}", ranges=area, fields=f"sheets.data.rowData.values({fields})")
        return [row.get("values", []) for row in told["sheets"][0]["data"][0].get("rowData", [])]

    def tab(self, book: str, at: int = 0, fields: str = "sheets(properties,merges,conditionalFormats,protectedRanges,basicFilter)") -> JSON:
        return self.ok("GET", f"/v4/spreadsheets/{book}", fields=fields)["sheets"][at]

    def list(self, query: str = "", **rest: Any) -> list[str]:
        return sorted(file["name"] for file in self.ok("GET", "/drive/v3/files", q=query, **rest)["files"])


@pytest.fixture
def head(server: SheetsServer) -> Caller:
    return Caller(server)


def rect(top: int, left: int, bottom: int, right: int, sheet: int = 0) -> JSON:
    return {"sheetId": sheet, "startRowIndex": top, "endRowIndex": bottom, "startColumnIndex": left, "endColumnIndex": right}


# gspread as it is


def test_gspread_creates_fills_shares_and_reads(server: SheetsServer) -> None:
    owner = person(server)
    book = owner.create("7-А журнал")
    sheet = book.sheet1
    sheet.update([["Окуучу", "Баа"], ["Айша", 5], ["Бекзат", 4.5], ["", "=SUM(B2:B3)"]], "A1", value_input_option="USER_ENTERED")
    sheet.append_row(["Чынара", 3])
    book.share(READER, perm_type="user", role="reader", notify=False)

    seen = gspread_of(server, service(server, "spreadsheets.readonly", "drive.metadata.readonly")).open_by_key(book.id)
    assert seen.title == "7-А журнал"
    assert seen.sheet1.get_all_values() == [["Окуучу", "Баа"], ["Айша", "5"], ["Бекзат", "4.5"], ["", "9.5"], ["Чынара", "3"]]
    assert seen.sheet1.get("B2:B4", value_render_option="UNFORMATTED_VALUE") == [[5], [4.5], [9.5]]
    assert seen.sheet1.acell("B4", value_render_option="FORMULA").value == "=SUM(B2:B3)"
    assert [values.first() for values in seen.sheet1.batch_get(["A2", "B3"])] == ["Айша", "4.5"]
    assert [cell.address for cell in seen.sheet1.findall("3", in_column=2)] == ["B5"]


def test_gspread_arranges_sheets_and_formats(server: SheetsServer) -> None:
    book = person(server).create("Formats")
    extra = book.add_worksheet("Алгебра", rows=40, cols=8, index=0)
    assert [sheet.title for sheet in book.worksheets()] == ["Алгебра", "Sheet1"]
    extra.format("A1:B1", {"textFormat": {"bold": True}, "backgroundColor": {"red": 1}})
    extra.freeze(rows=1, cols=1)
    extra.merge_cells("A3:B4")
    extra.update_title("Геометрия")
    extra.resize(50, 9)
    copy = extra.duplicate(new_sheet_name="Copy")
    extra.hide()
    book.del_worksheet(book.worksheet("Sheet1"))
    told = {sheet["properties"]["title"]: sheet for sheet in book.fetch_sheet_metadata()["sheets"]}
    grid = {"rowCount": 50, "columnCount": 9, "frozenRowCount": 1, "frozenColumnCount": 1}
    assert told["Геометрия"]["properties"]["gridProperties"] == grid
    assert told["Геометрия"]["properties"]["hidden"] is True
    merged = {"startRowIndex": 2, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 2}
    assert told["Геометрия"]["merges"] == [merged | {"sheetId": extra.id}]
    assert told["Copy"]["merges"] == [merged | {"sheetId": copy.id}]


def test_gspread_writes_in_batches_clears_and_protects(server: SheetsServer) -> None:
    book = person(server).create("Batches")
    sheet = book.sheet1
    sheet.batch_update([{"range": "A1:B1", "values": [[1, 2]]}, {"range": "D4", "values": [["x"]]}])
    assert sheet.get_all_values() == [["1", "2", "", ""], ["", "", "", ""], ["", "", "", ""], ["", "", "", "x"]]
    sheet.batch_clear(["B1", "D4"])
    assert sheet.get_all_values() == [["1"]]
    sheet.insert_row(["above"], 1)
    sheet.delete_rows(2)
    sheet.update_note("A1", "look here")
    assert (sheet.get_all_values(), sheet.get_note("A1")) == ([["above"]], "look here")
    sheet.add_protected_range("A1:B2", editor_users_emails=[TEACHER], description="head only")
    assert book.list_protected_ranges(sheet.id)[0]["editors"]["users"] == [TEACHER, HEAD]
    sheet.clear()
    assert sheet.get_all_values() == [[]]


def test_gspread_copies_exports_and_deletes(server: SheetsServer) -> None:
    owner = person(server)
    book = owner.create("Original")
    book.sheet1.update([["Айша", 5, "=B1/2"]], "A1", value_input_option="USER_ENTERED")
    book.share(TEACHER, perm_type="user", role="writer", notify=False)
    twin = owner.copy(book.id, title="Twin")
    assert {one["emailAddress"]: one["role"] for one in twin.list_permissions()} == {HEAD: "owner"}  # sharing is not copied
    assert twin.sheet1.get_all_values() == [["Айша", "5", "2.5"]]
    made = openpyxl.load_workbook(io.BytesIO(book.export(gspread.utils.ExportFormat.EXCEL)))
    assert [cell.value for cell in made["Sheet1"][1]] == ["Айша", 5, "=B1/2"]
    assert book.export(gspread.utils.ExportFormat.CSV).decode() == "Айша,5,2.5\r\n"
    book.remove_permissions(TEACHER)
    assert len(book.list_permissions()) == 1
    owner.del_spreadsheet(book.id)
    with pytest.raises(gspread.SpreadsheetNotFound):
        owner.open_by_key(book.id)
    assert [one["name"] for one in owner.list_spreadsheet_files()] == ["Twin"]


def test_gspread_meets_google_s_errors(server: SheetsServer, head: Caller) -> None:
    book = head.spreadsheet()
    reader = gspread_of(server, service(server))
    with pytest.raises(PermissionError):
        reader.open_by_key(book)
    with pytest.raises(gspread.SpreadsheetNotFound):
        reader.open_by_key("1" + "x" * 43)
    with pytest.raises(gspread.WorksheetNotFound):
        person(server).open_by_key(book).worksheet("none")
    with pytest.raises(gspread.exceptions.APIError) as refused:
        person(server).open_by_key(book).sheet1.update([[1]], "AB1")
    assert refused.value.code == 400
    assert refused.value.error["message"] == "Range (Sheet1!AB1) exceeds grid limits. Max rows: 1000, max columns: 26"


# who calls


def test_service_account_signs_in_with_its_key(server: SheetsServer) -> None:
    session = AuthorizedSession(service(server))
    about = session.get(f"{server.url}/drive/v3/about", params={"fields": "user(emailAddress,me)"})
    assert about.json() == {"user": {"emailAddress": READER, "me": True}}
    assert [call.kind for call in server.calls] == ["token", "drive"]


def test_token_endpoint_refuses_as_google_does(server: SheetsServer) -> None:
    info = server.key()
    other = another_key()
    with pytest.raises(google.auth.exceptions.RefreshError, match="Invalid JWT Signature"):
        Credentials.from_service_account_info(info | {"private_key": other}, scopes=[SCOPE + "drive"]).refresh(transport())
    with pytest.raises(google.auth.exceptions.RefreshError, match="audience"):
        Credentials.from_service_account_info(info, scopes=[SCOPE + "drive"]).with_token_uri(f"{server.url}/oauth2/token").with_claims(
            {"aud": "https://elsewhere.example"}
        ).refresh(transport())
    with pytest.raises(google.auth.exceptions.RefreshError, match="invalid_scope"):
        Credentials.from_service_account_info(info, scopes=[]).refresh(transport())
    server.clock_offset = 3 * 3600
    with pytest.raises(google.auth.exceptions.RefreshError, match="reasonable timeframe"):
        service(server).refresh(transport())
    answer = requests.post(f"{server.url}/token", data={"grant_type": "password"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def another_key() -> str:
    """Another private key, small since it need not last."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form).decode()


def transport() -> Any:
    from google.auth.transport.requests import Request

    return Request()


def test_tokens_end_and_unknown_ones_are_refused(server: SheetsServer, head: Caller) -> None:
    book = head.spreadsheet()
    for path in ("/v4/spreadsheets/" + book, "/drive/v3/files"):
        for headers in ({}, {"Authorization": "Bearer none"}):
            answer = requests.get(server.url + path, headers=headers, timeout=5)
            assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    session = AuthorizedSession(service(server, email=HEAD))
    assert session.get(f"{server.url}/v4/spreadsheets/{book}").status_code == 200
    server.clock_offset = 3601
    assert head("GET", f"/v4/spreadsheets/{book}").status_code == 401
    server.reset_calls()
    assert session.get(f"{server.url}/v4/spreadsheets/{book}").status_code == 200  # it signs in anew by itself
    assert [(call.kind, call.status) for call in server.calls] == [("sheets_read", 401), ("token", 200), ("sheets_read", 200)]


def test_person_signs_in_with_the_installed_app_flow(server: SheetsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client = {"client_id": "sapat", "client_secret": "none", "redirect_uris": ["http://localhost"]}
    client |= {"auth_uri": f"{server.url}/o/oauth2/auth", "token_uri": f"{server.url}/token"}
    flow = InstalledAppFlow.from_client_config({"installed": client}, [SCOPE + "drive.file"], redirect_uri="http://localhost:1/")
    address, state = flow.authorization_url(login_hint=HEAD, access_type="offline")
    back = requests.get(address, allow_redirects=False, timeout=5)
    assert back.status_code == 302
    sent = parse_qs(urlsplit(back.headers["Location"]).query)
    assert sent["state"] == [state]
    flow.fetch_token(code=sent["code"][0])
    credentials = flow.credentials
    first = credentials.token
    about = AuthorizedSession(credentials).get(f"{server.url}/drive/v3/about", params={"fields": "user"}).json()
    assert about["user"]["emailAddress"] == HEAD
    credentials.refresh(transport())
    assert credentials.token != first
    again = {"grant_type": "authorization_code", "code": sent["code"][0]}
    assert requests.post(f"{server.url}/token", data=again, timeout=5).json()["error"] == "invalid_grant"
    requests.post(f"{server.url}/revoke", params={"token": credentials.refresh_token}, timeout=5)
    with pytest.raises(google.auth.exceptions.RefreshError):
        credentials.refresh(transport())


@pytest.mark.parametrize(
    ("scopes", "sheets_read", "sheets_write", "drive_read", "download", "drive_write"),
    [
        (["spreadsheets", "drive"], 200, 200, 200, 200, 200),
        (["spreadsheets.readonly"], 200, 403, 403, 403, 403),
        (["spreadsheets.readonly", "drive.metadata.readonly"], 200, 403, 200, 403, 403),
        (["drive.readonly"], 200, 403, 200, 200, 403),
        (["drive.metadata.readonly"], 403, 403, 200, 403, 403),
        (["spreadsheets"], 200, 200, 403, 403, 403),
    ],
)
def test_scopes_are_enforced(
    server: SheetsServer,
    head: Caller,
    scopes: list[str],
    sheets_read: int,
    sheets_write: int,
    drive_read: int,
    download: int,
    drive_write: int,
) -> None:
    book = head.spreadsheet()
    caller = Caller(server, HEAD, scopes)
    assert caller("GET", f"/v4/spreadsheets/{book}").status_code == sheets_read
    written = caller("PUT", f"/v4/spreadsheets/{book}/values/A1", {"values": [[1]]}, valueInputOption="RAW")
    assert written.status_code == sheets_write
    if sheets_write == 403:
        assert written.json()["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert caller("GET", f"/drive/v3/files/{book}").status_code == drive_read
    assert caller("GET", f"/drive/v3/files/{book}/export", mimeType="text/csv").status_code == download
    assert caller("PATCH", f"/drive/v3/files/{book}", {"name": "new"}).status_code == drive_write


def test_drive_file_reaches_only_what_the_app_made(server: SheetsServer, head: Caller) -> None:
    app = Caller(server, TEACHER, ["drive.file"])
    own = app.spreadsheet("made by the app")
    other = Caller(server, TEACHER).spreadsheet("made elsewhere")
    given = head.spreadsheet("given")
    head.share(given, TEACHER, "writer")
    assert app.list() == ["made by the app", "made elsewhere"]  # both went through this server's one app
    assert app("GET", f"/v4/spreadsheets/{own}").status_code == 200
    assert app("GET", f"/v4/spreadsheets/{other}").status_code == 200
    app.refused(403, "GET", f"/v4/spreadsheets/{given}")
    app.refused(404, "GET", f"/drive/v3/files/{given}")


# who sees what


def test_roles_decide_what_is_seen_and_written(server: SheetsServer, head: Caller) -> None:
    book = head.spreadsheet()
    head.share(book, TEACHER, "writer")
    head.share(book, READER, "reader")
    teacher, reader, stranger = Caller(server, TEACHER), Caller(server, READER), Caller(server, STRANGER)
    for caller in (head, teacher, reader):
        caller.ok("GET", f"/v4/spreadsheets/{book}")
        assert caller.list() == ["Journal"]
    assert stranger.list() == []
    for caller, can in ((head, True), (teacher, True), (reader, False)):
        assert caller.ok("GET", f"/drive/v3/files/{book}", fields="capabilities/canEdit") == {"capabilities": {"canEdit": can}}
    head.put(book, "A1", [[1]])
    teacher.put(book, "A1", [[2]])
    error = reader.refused(403, "PUT", f"/v4/spreadsheets/{book}/values/A1", {"values": [[3]]}, valueInputOption="RAW")
    assert (error["message"], error["status"]) == ("The caller does not have permission", "PERMISSION_DENIED")
    # who may not is told so before being told what is wrong with the request
    reader.refused(403, "PUT", f"/v4/spreadsheets/{book}/values/Nowhere!A1", {"values": [[3]]}, valueInputOption="WRONG")
    stranger.refused(403, "GET", f"/v4/spreadsheets/{book}")
    assert stranger.refused(404, "GET", "/v4/spreadsheets/1unknown")["message"] == "Requested entity was not found."
    unseen = stranger.refused(404, "GET", f"/drive/v3/files/{book}")
    reason = {
        "message": f"File not found: {book}.",
        "domain": "global",
        "reason": "notFound",
        "location": "fileId",
        "locationType": "parameter",
    }
    assert unseen["errors"] == [reason]
    teacher.refused(403, "DELETE", f"/drive/v3/files/{book}")
    denied = reader.refused(403, "PATCH", f"/drive/v3/files/{book}", {"name": "mine"})
    assert denied["errors"][0]["reason"] == "insufficientFilePermissions"


def test_shared_folder_opens_what_lies_in_it(server: SheetsServer, head: Caller) -> None:
    folder = head.file("Школа", FOLDER)
    inner = head.file("7-А", FOLDER, folder)
    book = head.file("Алгебра", SPREADSHEET, inner)
    head.spreadsheet("private")
    permission = head.share(folder, READER, "reader")
    reader = Caller(server, READER)
    assert reader.list(f"'{inner}' in parents and trashed = false") == ["Алгебра"]
    assert reader.list() == ["7-А", "Алгебра", "Школа"]
    reader.ok("GET", f"/v4/spreadsheets/{book}")
    head.ok("DELETE", f"/drive/v3/files/{folder}/permissions/{permission['id']}")
    reader.refused(403, "GET", f"/v4/spreadsheets/{book}")
    lost = reader.refused(404, "GET", "/drive/v3/files", q=f"'{folder}' in parents")
    assert lost["message"] == "File not found: ."


def test_groups_anyone_and_handing_over(server: SheetsServer, head: Caller) -> None:
    folder = head.file("Папка", FOLDER)
    book = head.file("Книга", SPREADSHEET, folder)
    teacher = Caller(server, TEACHER)
    head.ok("POST", f"/drive/v3/files/{folder}/permissions", {"type": "group", "role": "writer", "emailAddress": "teachers@school.example"})
    teacher.refused(403, "GET", f"/v4/spreadsheets/{book}")
    server.groups["teachers@school.example"] = {TEACHER}
    teacher.put(book, "A1", [["ok"]])
    stranger = Caller(server, STRANGER)
    link = head.ok("POST", f"/drive/v3/files/{book}/permissions", {"type": "anyone", "role": "reader"})
    assert link["id"] == "anyoneWithLink"
    stranger.ok("GET", f"/v4/spreadsheets/{book}")
    assert stranger.list() == []  # open by its id, not listed
    stranger.refused(403, "PUT", f"/v4/spreadsheets/{book}/values/A1", {"values": [[1]]}, valueInputOption="RAW")
    head.ok("PATCH", f"/drive/v3/files/{book}/permissions/anyoneWithLink", {"role": "writer"})
    stranger.put(book, "A1", [["anyone"]])
    to = {"type": "user", "role": "owner", "emailAddress": TEACHER}
    head.refused(403, "POST", f"/drive/v3/files/{book}/permissions", to)
    head.ok("POST", f"/drive/v3/files/{book}/permissions", to, transferOwnership=True)
    assert teacher.ok("GET", f"/drive/v3/files/{book}", fields="ownedByMe,owners(emailAddress)") == {
        "ownedByMe": True,
        "owners": [{"emailAddress": TEACHER}],
    }
    listed = head.ok("GET", f"/drive/v3/files/{book}/permissions", fields="permissions(emailAddress,role,type)")["permissions"]
    assert {one.get("emailAddress", one["type"]): one["role"] for one in listed} == {
        HEAD: "writer",
        TEACHER: "owner",
        "anyone": "writer",
        "teachers@school.example": "writer",
    }


def test_service_accounts_own_no_storage_when_google_says_so() -> None:
    with SheetsServer(service_storage=False) as server:
        account = gspread_of(server, service(server))
        with pytest.raises(gspread.exceptions.APIError) as refused:
            account.create("mine")
        assert refused.value.error["errors"][0]["reason"] == "storageQuotaExceeded"
        assert refused.value.error["message"] == "The user's Drive storage quota has been exceeded."
        head = Caller(server)
        drive = head.ok("POST", "/drive/v3/drives", {"name": "Школа"}, requestId="one")["id"]
        head.share(drive, READER, "fileOrganizer", supportsAllDrives=True)
        assert account.create("in the shared drive", folder_id=drive).sheet1.get_all_values() == [[]]


def test_shared_drives_ask_for_their_parameters(server: SheetsServer, head: Caller) -> None:
    drive = head.ok("POST", "/drive/v3/drives", {"name": "Школа"}, requestId="one")["id"]
    head.refused(409, "POST", "/drive/v3/drives", {"name": "Школа"}, requestId="one")
    head.refused(400, "POST", "/drive/v3/drives", {"name": "Школа"})
    assert head.ok("GET", "/drive/v3/drives")["drives"] == [{"kind": "drive#drive", "id": drive, "name": "Школа"}]
    head.refused(404, "POST", "/drive/v3/files", {"name": "x", "mimeType": SPREADSHEET, "parents": [drive]})
    book = head.file("Журнал", SPREADSHEET, drive, supportsAllDrives=True)
    head.refused(404, "GET", f"/drive/v3/files/{book}")
    told = head.ok("GET", f"/drive/v3/files/{book}", fields="driveId,owners,parents,name", supportsAllDrives=True)
    assert told == {"driveId": drive, "parents": [drive], "name": "Журнал"}  # nobody owns it
    both = {"supportsAllDrives": True, "includeItemsFromAllDrives": True}
    assert head.list() == []
    head.refused(403, "GET", "/drive/v3/files", includeItemsFromAllDrives=True)
    head.refused(403, "GET", "/drive/v3/files", corpora="drive", driveId=drive)
    head.refused(400, "GET", "/drive/v3/files", corpora="drive", **both)
    for corpora in ({"corpora": "drive", "driveId": drive}, {"corpora": "allDrives"}, {"corpora": "user"}):
        assert head.list("", **both, **corpora) == ["Журнал"]
    reader = Caller(server, READER)
    reader.refused(404, "GET", f"/drive/v3/drives/{drive}")
    head.share(drive, READER, "reader", supportsAllDrives=True)
    assert reader.list(f"'{drive}' in parents", **both) == ["Журнал"]
    assert reader.ok("GET", f"/v4/spreadsheets/{book}", fields="properties.title") == {"properties": {"title": "Журнал"}}
    reader.refused(403, "DELETE", f"/drive/v3/files/{book}", supportsAllDrives=True)
    head.refused(403, "DELETE", f"/drive/v3/drives/{drive}")
    moved = head.spreadsheet("moved in")
    head.ok("PATCH", f"/drive/v3/files/{moved}", {}, addParents=drive, supportsAllDrives=True)
    assert reader.list("", **both) == ["moved in", "Журнал"]


# Drive


@pytest.fixture
def shelf(head: Caller) -> dict[str, str]:
    """A folder with three spreadsheets, one of them trashed, and a folder in it."""
    folder = head.file("Папка", FOLDER)
    ids = {"folder": folder}
    for name in ("7-А Алгебра", "7-Б Геометрия", "O'Brien's"):
        ids[name] = head.file(name, SPREADSHEET, folder)
    ids["inner"] = head.file("Архив", FOLDER, folder)
    head.ok("PATCH", f"/drive/v3/files/{ids['7-Б Геометрия']}", {"trashed": True})
    head.ok("PATCH", f"/drive/v3/files/{ids['7-А Алгебра']}", {"properties": {"class": "7-А"}, "appProperties": {"form": "marks"}})
    return ids


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("'FOLDER' in parents", ["7-А Алгебра", "7-Б Геометрия", "O'Brien's", "Архив"]),
        (f"'FOLDER' in parents and mimeType = '{SPREADSHEET}' and trashed = false", ["7-А Алгебра", "O'Brien's"]),
        (f"'FOLDER' in parents and mimeType != '{SPREADSHEET}'", ["Архив"]),
        ("trashed = true", ["7-Б Геометрия"]),
        ("trashed=true or name='Архив'", ["7-Б Геометрия", "Архив"]),
        ("not trashed = true and not (mimeType contains 'folder')", ["7-А Алгебра", "O'Brien's"]),
        (r"name = 'O\'Brien\'s'", ["O'Brien's"]),
        ("name contains 'алгеб' and trashed = false", ["7-А Алгебра"]),
        ("name contains 'рхив'", []),  # only beginnings of words are found
        ("properties has { key='class' and value='7-А' }", ["7-А Алгебра"]),
        ("appProperties has {key='form' and value='marks'} and trashed=false", ["7-А Алгебра"]),
        ("appProperties has { key='form' and value='other' }", []),
        ("modifiedTime > '2999-01-01T00:00:00'", []),
        ("modifiedTime > '2020-01-01T00:00:00Z' and 'me' in owners and trashed = true", ["7-Б Геометрия"]),
        ("'root' in parents", ["Папка"]),
    ],
)
def test_search_language(head: Caller, shelf: dict[str, str], query: str, names: list[str]) -> None:
    assert head.list(query.replace("FOLDER", shelf["folder"])) == sorted(names)


@pytest.mark.parametrize(
    "query",
    [
        "name",
        "name = ",
        "name == 'x'",
        "colour = 'red'",
        "name = 'x' and",
        "(name = 'x'",
        "trashed = 'x'",
        "'x' in name",
        "modifiedTime > 'May'",
    ],
)
def test_search_that_cannot_be_read(head: Caller, query: str) -> None:
    error = head.refused(400, "GET", "/drive/v3/files", q=query)
    assert (error["errors"][0]["reason"], error["errors"][0]["location"]) == ("invalid", "q")


def test_list_pages_orders_and_masks(head: Caller, shelf: dict[str, str]) -> None:
    found: list[str] = []
    query = {"q": f"'{shelf['folder']}' in parents", "pageSize": 3, "orderBy": "name desc", "fields": "nextPageToken,files(name)"}
    page = head.ok("GET", "/drive/v3/files", **query)
    while True:
        found += [file["name"] for file in page["files"]]
        if "nextPageToken" not in page:
            break
        page = head.ok("GET", "/drive/v3/files", pageToken=page["nextPageToken"], **query)
    assert found == ["Архив", "O'Brien's", "7-Б Геометрия", "7-А Алгебра"]
    first = head.ok("GET", "/drive/v3/files", q="trashed = true")
    assert set(first) == {"kind", "incompleteSearch", "files"}
    assert set(first["files"][0]) == {"kind", "id", "name", "mimeType"}  # no more unless asked for
    told = head.ok("GET", f"/drive/v3/files/{shelf['7-А Алгебра']}", fields="trashed,properties,parents,lastModifyingUser/emailAddress")
    assert told == {
        "trashed": False,
        "properties": {"class": "7-А"},
        "parents": [shelf["folder"]],
        "lastModifyingUser": {"emailAddress": HEAD},
    }
    wrong = head.refused(400, "GET", "/drive/v3/files", fields="files(colour)")
    assert (wrong["message"], wrong["errors"][0]["location"]) == ("Invalid field selection colour", "fields")
    for query in ({"pageSize": 0}, {"pageSize": 1001}, {"pageToken": "x"}, {"orderBy": "colour"}, {"corpora": "x"}):
        head.refused(400, "GET", "/drive/v3/files", **query)


def test_files_move_copy_and_go(head: Caller, shelf: dict[str, str]) -> None:
    book, inner = shelf["7-А Алгебра"], shelf["inner"]
    head.ok("PATCH", f"/drive/v3/files/{book}", {}, addParents=inner, removeParents=shelf["folder"])
    assert head.list(f"'{inner}' in parents") == ["7-А Алгебра"]
    head.refused(403, "PATCH", f"/drive/v3/files/{shelf['folder']}", {}, addParents=inner)  # a folder into itself
    head.refused(403, "PATCH", f"/drive/v3/files/{book}", {"parents": [shelf["folder"]]})
    copied = head.ok("POST", f"/drive/v3/files/{book}/copy", {"name": "copy"}, fields="name,parents,appProperties")
    assert copied == {"name": "copy", "parents": [inner], "appProperties": {"form": "marks"}}
    head.ok("PATCH", f"/drive/v3/files/{inner}", {"trashed": True})
    assert head.list("trashed = true") == ["7-А Алгебра", "7-Б Геометрия", "copy", "Архив"]
    head.ok("DELETE", f"/drive/v3/files/{inner}")
    head.refused(404, "GET", f"/drive/v3/files/{book}")
    head.refused(404, "GET", f"/v4/spreadsheets/{book}")


def test_versions_and_times_grow_and_may_lag(server: SheetsServer, head: Caller) -> None:
    server.clock_offset = -1000.0
    book = head.spreadsheet()
    seen: list[tuple[str, int]] = []

    def look() -> tuple[str, int]:
        told = head.ok("GET", f"/drive/v3/files/{book}", fields="modifiedTime,version")
        return told["modifiedTime"], int(told["version"])

    seen.append(look())
    for value in range(3):
        head.put(book, "A1", [[value]])
        seen.append(look())
    assert seen == sorted(set(seen))
    head("GET", f"/v4/spreadsheets/{book}")
    assert look() == seen[-1]  # reading changes nothing
    server.lag = 30.0
    head.put(book, "A1", [["late"]])
    assert head.values(book, "A1") == [["late"]]  # Sheets knows at once
    assert look() <= seen[-1]
    server.clock_offset += 31.0
    assert look() > seen[-1]
    head.ok("PATCH", f"/drive/v3/files/{book}", {"name": "renamed"})
    assert head.ok("GET", f"/v4/spreadsheets/{book}", fields="properties/title") == {"properties": {"title": "renamed"}}


def workbook_bytes() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Алгебра"
    for row in (["key", "name", "mark"], ["", "Айша", 4.5], ["", "Бекзат", "=C2+1"], ["", "Чынара", 0.85]):
        sheet.append(row)
    sheet["C4"].number_format = "0%"
    sheet.row_dimensions[1].hidden = True
    sheet.freeze_panes = "A2"
    sheet.merge_cells("A3:A4")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def multipart(metadata: JSON, content: bytes, mime: str) -> tuple[bytes, str]:
    head = b"--b\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" + json.dumps(metadata).encode()
    body = b"\r\n--b\r\nContent-Type: " + mime.encode() + b"\r\n\r\n" + content + b"\r\n--b--"
    return head + body, 'multipart/related; boundary="b"'


def test_upload_becomes_a_spreadsheet_or_stays_a_file(head: Caller) -> None:
    content = workbook_bytes()
    for mime in (SPREADSHEET, XLSX):
        body, kind = multipart({"name": "Журнал", "mimeType": mime}, content, XLSX)
        made = head.session.post(
            f"{head.url}/upload/drive/v3/files",
            params={"uploadType": "multipart", "fields": "id,mimeType,size"},
            data=body,
            headers={"Content-Type": kind},
        ).json()
        assert made["mimeType"] == mime
        if mime == XLSX:
            assert made["size"] == str(len(content))
            assert head("GET", f"/drive/v3/files/{made['id']}", alt="media").content == content
            assert (
                head.refused(400, "GET", f"/v4/spreadsheets/{made['id']}")["message"] == "This operation is not supported for this document"
            )
        else:
            assert head.values(made["id"], "Алгебра") == [
                ["key", "name", "mark"],
                ["", "Айша", "4.5"],
                ["", "Бекзат", "5.5"],
                ["", "Чынара", "85%"],
            ]
            told = head.tab(made["id"], fields="sheets(properties(gridProperties),merges,data.rowMetadata.hiddenByUser)")
            assert told["properties"]["gridProperties"]["frozenRowCount"] == 1
            assert [one.get("hiddenByUser") for one in told["data"][0]["rowMetadata"]] == [True, None, None, None]
            assert [(one["startRowIndex"], one["endRowIndex"]) for one in told["merges"]] == [(2, 4)]
            head.refused(403, "GET", f"/drive/v3/files/{made['id']}", alt="media")
            again = openpyxl.load_workbook(io.BytesIO(head("GET", f"/drive/v3/files/{made['id']}/export", mimeType=XLSX).content))
            assert (again["Алгебра"]["C3"].value, again["Алгебра"]["C4"].number_format) == ("=C2+1", "0%")


def test_export_has_a_limit(head: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    book = head.spreadsheet()
    head.refused(400, "GET", f"/drive/v3/files/{book}/export")
    head.refused(400, "GET", f"/drive/v3/files/{book}/export", mimeType="image/png")
    monkeypatch.setattr("tests.sheets_server.drive_files.EXPORT_LIMIT", 1000)
    error = head.refused(403, "GET", f"/drive/v3/files/{book}/export", mimeType=XLSX)
    assert error["errors"][0]["reason"] == "exportSizeLimitExceeded"


def test_about(head: Caller) -> None:
    head.refused(400, "GET", "/drive/v3/about")
    told = head.ok("GET", "/drive/v3/about", fields="user(emailAddress),storageQuota(limit,usage)")
    assert told == {"user": {"emailAddress": HEAD}, "storageQuota": {"limit": "16106127360", "usage": "0"}}


# values


def test_trailing_empties_are_trimmed(head: Caller) -> None:
    book = head.spreadsheet()
    assert head.ok("GET", f"/v4/spreadsheets/{book}/values/A1:C3") == {"range": "Sheet1!A1:C3", "majorDimension": "ROWS"}
    head.put(book, "A1", [["a", "", "c", ""], [], ["", "b"], [""]])
    assert head.values(book, "Sheet1") == [["a", "", "c"], [], ["", "b"]]
    assert head.values(book, "A1:C3", majorDimension="COLUMNS") == [["a"], ["", "", "b"], ["c"]]
    assert head.ok("GET", f"/v4/spreadsheets/{book}/values/A2:ZZ2000")["range"] == "Sheet1!A2:Z1000"
    assert head.values(book, "B:B") == [[], [], ["b"]]
    assert head.values(book, "3:3") == [["", "b"]]
    assert head.values(book, "Sheet1!B2:B") == [[], ["b"]]


def test_null_leaves_and_empty_clears(head: Caller) -> None:
    book = head.spreadsheet()
    told = head.put(book, "A1:C2", [["a", "b", "c"], ["d", "e", "f"]])
    assert told["updatedCells"] == 6
    told = head.put(book, "A1:C2", [[None, "", "C"], [None, None, None]])
    assert {name: told[name] for name in ("updatedRange", "updatedRows", "updatedColumns", "updatedCells")} == {
        "updatedRange": "Sheet1!A1:C2",
        "updatedRows": 1,
        "updatedColumns": 2,
        "updatedCells": 2,
    }
    assert head.values(book, "A1:C2") == [["a", "", "C"], ["d", "e", "f"]]


def test_ranges_are_read_as_google_reads_them(head: Caller) -> None:
    book = head.spreadsheet()
    head.batch(book, {"addSheet": {"properties": {"sheetId": 5, "title": "O'Brien 7-А"}}})
    told = head.put(book, "'O''Brien 7-А'!B2", [["x"]])
    assert told["updatedRange"] == "'O''Brien 7-А'!B2"
    assert head.values(book, "O'Brien 7-А!B2") == [["x"]]
    assert head.values(book, "o'brien 7-а") == [[], ["", "x"]]  # titles in any case
    for wrong in ("Нет!A1", "Sheet1!A0", "A1:", "Sheet1!hello"):
        assert (
            head.refused(400, "GET", f"/v4/spreadsheets/{book}/values/{quote(wrong, safe='')}")["message"]
            == f"Unable to parse range: {wrong}"
        )
    past = "Range (Sheet1!A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    assert head.refused(400, "GET", f"/v4/spreadsheets/{book}/values/A1001")["message"] == past
    body = {"values": [[1], [2]]}
    error = head.refused(400, "PUT", f"/v4/spreadsheets/{book}/values/A1000", body, valueInputOption="RAW")
    assert error["message"] == "Range (Sheet1!A1000:A1001) exceeds grid limits. Max rows: 1000, max columns: 26"
    error = head.refused(400, "PUT", f"/v4/spreadsheets/{book}/values/A1:B1", body, valueInputOption="RAW")
    assert error["message"] == "Requested writing within range ['Sheet1'!A1:B1], but tried writing to row [2]"
    error = head.refused(400, "PUT", f"/v4/spreadsheets/{book}/values/A1", body)
    assert error["message"] == "'valueInputOption' is required but not specified"
    fails_whole = {"ranges": ["Sheet1!A1", "Gone!A1"]}
    assert (
        head.refused(400, "GET", f"/v4/spreadsheets/{book}/values:batchGet", **fails_whole)["message"] == "Unable to parse range: Gone!A1"
    )


@pytest.mark.parametrize(
    ("locale", "typed", "value", "shown", "kind"),
    [
        ("ru_RU", "4,5", 4.5, "4,5", None),
        ("ru_RU", "4.5", 46146, "4.5", "DATE"),  # 4 May of the server's year
        ("ru_RU", "04.05.2026", 46146, "04.05.2026", "DATE"),
        ("ru_RU", "85%", 0.85, "85%", "PERCENT"),
        ("ru_RU", "1 234,5", 1234.5, "1234,5", None),
        ("ru_RU", "ЛОЖЬ", "ЛОЖЬ", "ЛОЖЬ", None),
        ("en_US", "4.5", 4.5, "4.5", None),
        ("en_US", "4,5", "4,5", "4,5", None),
        ("en_US", "1,234.5", 1234.5, "1234.5", None),
        ("en_US", "5/4/2026", 46146, "5/4/2026", "DATE"),
        ("en_US", "2026-05-04", 46146, "2026-05-04", "DATE"),
        ("en_US", "8:30", 0.3541666666666667, "8:30", "TIME"),
        ("en_US", "true", True, "TRUE", None),
        ("en_US", "'5", "5", "5", None),
        ("en_US", "'", None, None, None),
        ("en_US", " 5 ", 5, "5", None),
        ("en_US", "н/а", "н/а", "н/а", None),
        ("en_US", "32/13/2026", "32/13/2026", "32/13/2026", None),
        ("ky_KG", "4,5", 4.5, "4,5", None),
    ],
)
def test_typed_values_by_locale(
    server: SheetsServer, head: Caller, locale: str, typed: str, value: Any, shown: str, kind: str | None
) -> None:
    server.clock_offset = 1_779_000_000 - time.time()  # 17 May 2026
    caller = Caller(server)
    book = caller.spreadsheet("Locale", locale=locale)
    caller.put(book, "A1", [[typed]])
    rows = caller.cells(book, "A1")
    if value is None:
        assert rows == []
        return
    cell = rows[0][0]
    assert next(iter(cell["effectiveValue"].values())) == value
    assert cell["formattedValue"] == shown
    assert cell["effectiveFormat"].get("numberFormat", {}).get("type") == kind
    caller.put(book, "A2", [[typed]], "RAW")
    assert caller.values(book, "A2", valueRenderOption="UNFORMATTED_VALUE") == [[typed]]


def test_dates_are_rendered_as_asked(head: Caller) -> None:
    book = head.spreadsheet()
    head.put(book, "A1", [["2026-05-04", "2026-05-04 12:00"]])
    assert head.values(book, "A1:B1", valueRenderOption="UNFORMATTED_VALUE") == [[46146, 46146.5]]
    asked = {"valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "FORMATTED_STRING"}
    assert head.values(book, "A1:B1", **asked) == [["2026-05-04", "2026-05-04 12:00"]]


@pytest.mark.parametrize(
    ("formula", "shown", "kind"),
    [
        ("=1/0", "#DIV/0!", "DIVIDE_BY_ZERO"),
        ("=#REF!", "#REF!", "REF"),
        ("=Gone!A1", "#REF!", "REF"),
        ("=NA()", "#N/A", "N_A"),
        ("=NOSUCH(1)", "#NAME?", "NAME"),
        ('="x"+1', "#VALUE!", "VALUE"),
        ("=1+", "#ERROR!", "ERROR"),
        ('=VLOOKUP("x",A1:B2,2)', "#ERROR!", "ERROR"),
        ("=LOADING()", "Loading...", "LOADING"),
        ("=D1", "#REF!", "REF"),  # itself
        ("=A1+A2*A3", "7", None),
        ("=(A1+A2)*A3", "9", None),
        ("=SUM(A1:A4)", "6", None),
        ("=SUM(A:A)/COUNT(A:A)", "2", None),
        ("=AVERAGE(A1:A3)", "2", None),
        ("=COUNTA(A1:B4)", "5", None),
        ('=IF(A1>=1,"yes","no")&"!"', "yes!", None),
        ("=IF(A1>1;2;3)", "3", None),
        ("='Second tab'!B2", "far", None),
        ("=A1=1", "TRUE", None),
        ("=-A2^2", "4", None),
        ("=B1", "x", None),
        ("=IFERROR(1/0,0)", "0", None),
        ("=ROUND(2.5)", "3", None),
        ("=50%", "0.5", None),
    ],
)
def test_formulas(head: Caller, formula: str, shown: str, kind: str | None) -> None:
    book = head.spreadsheet()
    head.batch(book, {"addSheet": {"properties": {"title": "Second tab"}}})
    head.put(book, "'Second tab'!B2", [["far"]])
    head.put(book, "A1", [[1, "x"], [2], [3], ["'text"]])
    head.put(book, "D1", [[formula]])
    cell = head.cells(book, "D1")[0][0]
    assert cell["userEnteredValue"] == {"formulaValue": formula}
    assert cell["formattedValue"] == shown
    assert cell["effectiveValue"].get("errorValue", {}).get("type") == kind
    assert head.values(book, "D1") == [[shown]]
    assert head.values(book, "D1", valueRenderOption="FORMULA") == [[formula]]


def test_formulas_follow_what_they_point_at(head: Caller) -> None:
    book = head.spreadsheet()
    head.put(book, "A1", [[1], [2], [3], ["=SUM(A1:A3)"], ["=A2*$A$3"]])
    head.batch(book, {"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}}})
    assert head.values(book, "A6:A7", valueRenderOption="FORMULA") == [["=SUM(A1:A5)"], ["=A4*$A$5"]]
    head.batch(book, {"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}}})
    assert head.values(book, "A5:A6", valueRenderOption="FORMULA") == [["=SUM(A1:A4)"], ["=#REF!*$A$4"]]
    assert head.values(book, "A5:A6") == [["4"], ["#REF!"]]
    head.batch(book, {"addSheet": {"properties": {"sheetId": 9, "title": "Other"}}})
    head.put(book, "Other!A1", [["=Sheet1!A5+1"]])
    head.batch(book, {"updateSheetProperties": {"properties": {"sheetId": 0, "title": "7-А класс"}, "fields": "title"}})
    assert head.values(book, "Other!A1", valueRenderOption="FORMULA") == [["='7-А класс'!A5+1"]]
    assert head.values(book, "Other!A1") == [["5"]]


def test_append_finds_the_table_and_grows_the_grid(head: Caller) -> None:
    book = head.ok("POST", "/v4/spreadsheets", {"sheets": [{"properties": {"gridProperties": {"rowCount": 4, "columnCount": 3}}}]})[
        "spreadsheetId"
    ]
    path, query = f"/v4/spreadsheets/{book}/values/Sheet1:append", {"valueInputOption": "RAW"}
    assert "tableRange" not in head.ok("POST", path, {"values": [["a", "b"]]}, **query)
    head.put(book, "A2", [["c"], [""], ["z"]])
    told = head.ok("POST", path.replace("Sheet1:", "A1:"), {"values": [["d", "e"]]}, **query)
    assert (told["tableRange"], told["updates"]["updatedRange"]) == ("Sheet1!A1:B2", "Sheet1!A3:B3")
    told = head.ok("POST", path, {"values": [["e", "f", "g", "h"], [1]]}, **query)
    assert (told["tableRange"], told["updates"]["updatedRange"]) == ("Sheet1!A1:B4", "Sheet1!A5:D6")
    assert head.tab(book)["properties"]["gridProperties"] == {"rowCount": 6, "columnCount": 4}
    told = head.ok("POST", path.replace("Sheet1:", "A1:"), {"values": [["in"]]}, insertDataOption="INSERT_ROWS", **query)
    assert head.values(book, "A6:A7") == [["1"], ["in"]]


def test_batches_of_values_are_all_or_nothing(head: Caller) -> None:
    book = head.spreadsheet()
    body = {"valueInputOption": "RAW", "data": [{"range": "A1", "values": [[1]]}, {"range": "Gone!A1", "values": [[1]]}]}
    head.refused(400, "POST", f"/v4/spreadsheets/{book}/values:batchUpdate", body)
    assert head.values(book, "A1") is None
    body["data"][1]["range"] = "C3:D3"
    told = head.ok("POST", f"/v4/spreadsheets/{book}/values:batchUpdate", body | {"includeValuesInResponse": True})
    totals = {name: told[name] for name in told if name.startswith("total")}
    assert totals == {"totalUpdatedRows": 2, "totalUpdatedColumns": 2, "totalUpdatedCells": 2, "totalUpdatedSheets": 1}
    assert told["responses"][0]["updatedData"]["values"] == [["1"]]
    both = head.ok("GET", f"/v4/spreadsheets/{book}/values:batchGet", ranges=["A1", "C3:D4"], majorDimension="COLUMNS")
    assert [one.get("values") for one in both["valueRanges"]] == [[["1"]], [["1"]]]
    cleared = head.ok("POST", f"/v4/spreadsheets/{book}/values:batchClear", {"ranges": ["A1", "C:C"]})
    assert cleared["clearedRanges"] == ["Sheet1!A1", "Sheet1!C1:C1000"]


# spreadsheets


def test_whole_spreadsheet_in_one_create(head: Caller) -> None:
    rows = [
        {"values": [{"userEnteredValue": {"stringValue": "key"}}]},
        {
            "values": [
                {"userEnteredValue": {"stringValue": "Айша"}, "note": "n", "userEnteredFormat": {"textFormat": {"bold": True}}},
                {"userEnteredValue": {"numberValue": 0.5}, "userEnteredFormat": {"numberFormat": {"type": "PERCENT", "pattern": "0%"}}},
                {
                    "dataValidation": {
                        "condition": {"type": "NUMBER_BETWEEN", "values": [{"userEnteredValue": "2"}, {"userEnteredValue": "5"}]}
                    }
                },
            ]
        },
    ]
    tab = {
        "properties": {
            "sheetId": 7,
            "title": "Алгебра",
            "gridProperties": {"rowCount": 30, "columnCount": 5, "frozenRowCount": 1},
            "hidden": False,
        },
        "data": [{"rowData": rows, "rowMetadata": [{"hiddenByUser": True}], "columnMetadata": [{"pixelSize": 200}]}],
        "merges": [rect(4, 0, 6, 1, 7)],
        "conditionalFormats": [
            {"ranges": [rect(1, 1, 9, 2, 7)], "booleanRule": {"condition": {"type": "BLANK"}, "format": {"backgroundColor": {"red": 1}}}}
        ],
        "protectedRanges": [{"range": rect(0, 0, 1, 5, 7), "description": "head"}],
    }
    body = {
        "properties": {"title": "Журнал", "locale": "ru_RU"},
        "sheets": [tab],
        "namedRanges": [{"name": "marks", "range": rect(1, 1, 9, 2, 7)}],
    }
    made = head.ok("POST", "/v4/spreadsheets", body)
    assert made["properties"]["locale"] == "ru_RU"
    assert "data" not in made["sheets"][0]
    book = made["spreadsheetId"]
    told = head.ok("GET", f"/v4/spreadsheets/{book}", includeGridData=True)
    sheet = told["sheets"][0]
    assert sheet["properties"]["gridProperties"] == {"rowCount": 30, "columnCount": 5, "frozenRowCount": 1}
    assert "hidden" not in sheet["properties"]  # what is false goes without saying
    data = sheet["data"][0]
    assert [len(data["rowData"]), len(data["rowMetadata"]), len(data["columnMetadata"])] == [2, 30, 5]
    assert data["rowMetadata"][:2] == [{"pixelSize": 21, "hiddenByUser": True}, {"pixelSize": 21}]
    assert data["columnMetadata"][:2] == [{"pixelSize": 200}, {"pixelSize": 100}]
    name, mark, empty = data["rowData"][1]["values"]
    assert (name["note"], name["effectiveFormat"]["textFormat"]["bold"], name["userEnteredFormat"]) == (
        "n",
        True,
        {"textFormat": {"bold": True}},
    )
    assert (mark["formattedValue"], mark["effectiveFormat"]["numberFormat"]["type"]) == ("50%", "PERCENT")
    assert set(empty) == {"dataValidation"}
    assert sheet["merges"] == [rect(4, 0, 6, 1, 7)]
    assert sheet["protectedRanges"][0]["requestingUserCanEdit"] is True
    assert sheet["conditionalFormats"][0]["booleanRule"]["format"]["backgroundColorStyle"] == {"rgbColor": {"red": 1}}
    assert told["namedRanges"][0]["name"] == "marks"
    assert head.values(book, "marks") == [["50%"]]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("properties.title", {"properties": {"title": "Journal"}}),
        ("sheets.properties.sheetId", {"sheets": [{"properties": {"sheetId": 0}}]}),
        ("sheets/properties(title,index)", {"sheets": [{"properties": {"title": "Sheet1", "index": 0}}]}),
        (
            "sheets(data(rowData(values(effectiveValue))))",
            {"sheets": [{"data": [{"rowData": [{}, {"values": [{}, {"effectiveValue": {"numberValue": 5}}]}]}]}]},
        ),
        (
            "sheets.data.rowData.values.formattedValue",
            {"sheets": [{"data": [{"rowData": [{}, {"values": [{}, {"formattedValue": "5"}]}]}]}]},
        ),
        ("sheets.data.rowData.values.effectiveFormat.numberFormat", {"sheets": [{"data": [{"rowData": [{}, {"values": [{}, {}]}]}]}]}),
        ("sheets.merges", {"sheets": [{}]}),
    ],
)
def test_masks(head: Caller, fields: str, told: JSON) -> None:
    book = head.spreadsheet()
    head.put(book, "B2", [[5]])
    assert head.ok("GET", f"/v4/spreadsheets/{book}", fields=fields) == told


@pytest.mark.parametrize(
    "fields", ["nothing", "sheets.nothing", "sheets(properties(nothing))", "sheets(", "sheets.data.rowData.values.effectiveValue.x", "a,,b"]
)
def test_masks_that_name_nothing(head: Caller, fields: str) -> None:
    error = head.refused(400, "GET", f"/v4/spreadsheets/{head.spreadsheet()}", fields=fields)
    assert error["status"] == "INVALID_ARGUMENT"
    assert "Cannot find matching fields for path" in error["details"][0]["fieldViolations"][0]["description"]


def test_ranges_choose_sheets_and_areas(head: Caller) -> None:
    book = head.spreadsheet()
    head.batch(book, {"addSheet": {"properties": {"title": "Second"}}})
    head.put(book, "Second!C3", [["x", "y"]])
    told = head.ok("GET", f"/v4/spreadsheets/{book}", ranges=["Second!B2:C4", "Second!D3"], includeGridData=True)
    assert [sheet["properties"]["title"] for sheet in told["sheets"]] == ["Second"]
    first, second = told["sheets"][0]["data"]
    assert (first["startRow"], first["startColumn"], len(first["rowMetadata"]), len(first["columnMetadata"])) == (1, 1, 3, 2)
    assert [row.get("values", [{}])[-1].get("formattedValue") for row in first["rowData"]] == [None, "x"]
    assert second["rowData"][0]["values"][0]["formattedValue"] == "y"


# batchUpdate


def test_batch_is_all_or_nothing_and_names_the_culprit(head: Caller) -> None:
    book = head.spreadsheet()
    add = {"addSheet": {"properties": {"title": "Алгебра"}}}
    message = head.rejected(book, add, {"updateCells": {"fields": "*", "start": {}, "rows": []}}, add)
    assert message == 'Invalid requests[2].addSheet: A sheet with the name "Алгебра" already exists. Please enter another name.'
    assert len(head.ok("GET", f"/v4/spreadsheets/{book}")["sheets"]) == 1
    assert "Unknown name \"paintCells\" at 'requests[0]': Cannot find field." in head.rejected(book, {"paintCells": {}})
    assert "Unknown name \"colour\" at 'requests[0].add_sheet.properties'" in head.rejected(
        book, {"addSheet": {"properties": {"colour": 1}}}
    )
    assert head.rejected(book, {"deleteSheet": {"sheetId": 99}}) == "Invalid requests[0].deleteSheet: No grid with id: 99"
    assert head.rejected(book, {"deleteSheet": {"sheetId": 0}}).endswith("You can't remove all the visible sheets in a document.")
    assert "Must specify at least one request." in head.rejected(book)
    assert "At least one field must be listed in 'fields'" in head.rejected(book, {"repeatCell": {"range": rect(0, 0, 1, 1), "cell": {}}})
    past = {
        "repeatCell": {
            "range": {"sheetId": 0, "startRowIndex": 1000, "startColumnIndex": 0, "endColumnIndex": 2},
            "cell": {},
            "fields": "note",
        }
    }
    assert head.rejected(book, past) == (
        "Invalid requests[0].repeatCell: Range (Sheet1!A1001:B) exceeds grid limits. Max rows: 1000, max columns: 26"
    )


def test_sheets_are_added_arranged_and_duplicated(head: Caller) -> None:
    book = head.spreadsheet()
    replies = head.batch(
        book,
        {"addSheet": {"properties": {"title": "B", "index": 0, "tabColorStyle": {"rgbColor": {"red": 1}}}}},
        {"addSheet": {}},
        {"updateSpreadsheetProperties": {"properties": {"title": "New", "locale": "ru_RU"}, "fields": "title,locale"}},
        {"updateSheetProperties": {"properties": {"sheetId": 0, "index": 3, "hidden": True}, "fields": "index,hidden"}},
        {"duplicateSheet": {"sourceSheetId": 0, "insertSheetIndex": 1, "newSheetId": 50, "newSheetName": "D"}},
    )
    assert replies[0]["addSheet"]["properties"]["index"] == 0
    assert replies[0]["addSheet"]["properties"]["tabColor"] == {"red": 1}
    assert replies[1]["addSheet"]["properties"]["title"] == "Sheet3"
    assert replies[2] == {} and replies[3] == {}
    assert replies[4]["duplicateSheet"]["properties"]["sheetId"] == 50
    told = head.ok("GET", f"/v4/spreadsheets/{book}", fields="properties(title,locale),sheets.properties(title,hidden,index)")
    assert told["properties"] == {"title": "New", "locale": "ru_RU"}
    assert [(one["properties"]["title"], one["properties"].get("hidden")) for one in told["sheets"]] == [
        ("B", None),
        ("D", True),
        ("Sheet3", None),
        ("Sheet1", True),
    ]
    assert head.ok("GET", f"/drive/v3/files/{book}")["name"] == "New"
    copied = head.ok("POST", f"/v4/spreadsheets/{book}/sheets/0:copyTo", {"destinationSpreadsheetId": head.spreadsheet("Other")})
    assert (copied["title"], copied["index"]) == ("Copy of Sheet1", 1)


def test_cells_are_updated_repeated_appended_and_validated(head: Caller) -> None:
    book = head.spreadsheet()
    list_rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "осв"}]}, "strict": True, "showCustomUi": True}
    head.batch(
        book,
        {
            "updateCells": {
                "start": {"sheetId": 0, "rowIndex": 0, "columnIndex": 1},
                "fields": "userEnteredValue,note",
                "rows": [
                    {"values": [{"userEnteredValue": {"numberValue": 1}, "note": "a"}, {"userEnteredValue": {"formulaValue": "=B1+1"}}]}
                ],
            }
        },
        {
            "repeatCell": {
                "range": rect(0, 1, 1, 3),
                "cell": {"userEnteredFormat": {"textFormat": {"bold": True, "italic": True}}},
                "fields": "userEnteredFormat",
            }
        },
        {"repeatCell": {"range": rect(0, 1, 1, 2), "cell": {}, "fields": "userEnteredFormat.textFormat.italic"}},
        {"setDataValidation": {"range": rect(1, 1, 4, 2), "rule": list_rule}},
        {"setDataValidation": {"range": rect(3, 1, 4, 2)}},
        {"appendCells": {"sheetId": 0, "fields": "*", "rows": [{"values": [{"userEnteredValue": {"boolValue": True}}]}]}},
        {"repeatCell": {"range": rect(4, 0, 6, 1), "cell": {"userEnteredValue": {"formulaValue": "=B1*2"}}, "fields": "userEnteredValue"}},
    )
    cells = head.cells(book, "A1:C6", "userEnteredValue,userEnteredFormat.textFormat,note,dataValidation,formattedValue")
    assert cells[0][1] == {
        "userEnteredValue": {"numberValue": 1},
        "formattedValue": "1",
        "note": "a",
        "userEnteredFormat": {"textFormat": {"bold": True}},
    }
    assert cells[0][2]["userEnteredFormat"] == {"textFormat": {"bold": True, "italic": True}}
    assert cells[1][0]["userEnteredValue"] == {"boolValue": True}
    assert cells[2][1] == {"dataValidation": list_rule}
    assert cells[3] == []
    assert [row[0]["userEnteredValue"]["formulaValue"] for row in cells[4:]] == ["=B1*2", "=B2*2"]
    bad = {
        "setDataValidation": {
            "range": rect(0, 0, 1, 1),
            "rule": {"condition": {"type": "NUMBER_BETWEEN", "values": [{"userEnteredValue": "2"}]}},
        }
    }
    assert "NUMBER_BETWEEN" in head.rejected(book, bad)
    wide = {"updateCells": {"start": {"columnIndex": 25}, "fields": "*", "rows": [{"values": [{}, {}]}]}}
    assert "beyond the last requested column of: 25" in head.rejected(book, wide)


def test_rows_and_columns_come_go_move_and_hide(head: Caller) -> None:
    book = head.ok("POST", "/v4/spreadsheets", {"sheets": [{"properties": {"gridProperties": {"rowCount": 6, "columnCount": 4}}}]})[
        "spreadsheetId"
    ]
    head.put(book, "A1", [["r1", "b"], ["r2"], ["r3"], ["r4"], ["r5"]])
    span = {"sheetId": 0, "dimension": "ROWS"}
    head.batch(
        book,
        {"mergeCells": {"range": rect(2, 0, 4, 2), "mergeType": "MERGE_ROWS"}},
        {"addNamedRange": {"namedRange": {"namedRangeId": "n1", "name": "block", "range": rect(1, 0, 4, 1)}}},
        {"addProtectedRange": {"protectedRange": {"protectedRangeId": 3, "range": rect(0, 0, 1, 4), "warningOnly": True}}},
        {
            "updateDimensionProperties": {
                "range": span | {"startIndex": 0, "endIndex": 1},
                "properties": {"hiddenByUser": True},
                "fields": "hiddenByUser",
            }
        },
        {"insertDimension": {"range": span | {"startIndex": 1, "endIndex": 2}, "inheritFromBefore": True}},
    )
    told = head.ok("GET", f"/v4/spreadsheets/{book}")
    assert [(one["startRowIndex"], one["endRowIndex"]) for one in told["sheets"][0]["merges"]] == [(3, 4), (4, 5)]
    assert (told["namedRanges"][0]["range"]["startRowIndex"], told["namedRanges"][0]["range"]["endRowIndex"]) == (2, 5)
    assert told["sheets"][0]["properties"]["gridProperties"]["rowCount"] == 7
    head.batch(
        book,
        {"deleteDimension": {"range": span | {"startIndex": 1, "endIndex": 4}}},
        {"moveDimension": {"source": span | {"startIndex": 2, "endIndex": 3}, "destinationIndex": 0}},
        {"appendDimension": {"sheetId": 0, "dimension": "COLUMNS", "length": 2}},
        {"insertDimension": {"range": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}}},
        {"autoResizeDimensions": {"dimensions": {"sheetId": 0, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 7}}},
    )
    assert head.values(book, "Sheet1") == [["", "r5"], ["", "r1", "b"], ["", "r4"]]
    told = head.ok(
        "GET", f"/v4/spreadsheets/{book}", fields="namedRanges,sheets(properties,merges,protectedRanges,data.rowMetadata.hiddenByUser)"
    )
    assert told["sheets"][0]["properties"]["gridProperties"] == {"rowCount": 4, "columnCount": 7}
    assert [one.get("hiddenByUser", False) for one in told["sheets"][0]["data"][0]["rowMetadata"]] == [False, True, False, False]
    assert [(one["startRowIndex"], one["endRowIndex"]) for one in told["sheets"][0]["merges"]] == [(2, 3)]
    everything = {"deleteDimension": {"range": span | {"startIndex": 0, "endIndex": 4}}}
    assert "You can't delete all the rows on the sheet." in head.rejected(book, everything)


def test_merging_keeps_only_the_first_cell(head: Caller) -> None:
    book = head.spreadsheet()
    head.put(book, "A1", [[1, 2], [3, 4]])
    head.batch(book, {"mergeCells": {"range": rect(0, 0, 2, 2), "mergeType": "MERGE_ALL"}})
    assert head.values(book, "A1:B2") == [["1"]]
    assert "You must select all cells in a merged range" in head.rejected(book, {"unmergeCells": {"range": rect(0, 0, 1, 1)}})
    head.batch(book, {"unmergeCells": {"range": rect(0, 0, 5, 5)}})
    assert "merges" not in head.tab(book)


def test_copying_cutting_replacing_and_sorting(head: Caller) -> None:
    book = head.spreadsheet()
    head.put(book, "A1", [["Чынара", 3, "=B1+1"], ["Айша", 5], ["Бекзат", ""]])
    replies = head.batch(
        book,
        {"copyPaste": {"source": rect(0, 2, 1, 3), "destination": rect(1, 2, 3, 3), "pasteType": "PASTE_NORMAL"}},
        {"sortRange": {"range": rect(0, 0, 3, 2), "sortSpecs": [{"dimensionIndex": 0, "sortOrder": "ASCENDING"}]}},
        {"findReplace": {"find": "а", "replacement": "о", "allSheets": True, "matchCase": True}},
        {
            "copyPaste": {
                "source": rect(0, 2, 3, 3),
                "destination": rect(0, 4, 1, 5),
                "pasteType": "PASTE_VALUES",
                "pasteOrientation": "TRANSPOSE",
            }
        },
        {
            "cutPaste": {
                "source": rect(0, 0, 1, 1),
                "destination": {"sheetId": 0, "rowIndex": 9, "columnIndex": 0},
                "pasteType": "PASTE_NORMAL",
            }
        },
    )
    assert replies[2]["findReplace"] == {"valuesChanged": 3, "rowsChanged": 3, "sheetsChanged": 1, "occurrencesChanged": 4}
    shown = head.values(book, "A1:G10", valueRenderOption="FORMULA")
    assert shown[:3] == [["", 5, "=B1+1", "", 6, 1, 4], ["Бекзот", "", "=B2+1"], ["Чыноро", 3, "=B3+1"]]
    assert shown[9] == ["Айшо"]


def test_borders_filters_conditions_names_and_metadata(head: Caller) -> None:
    book = head.spreadsheet()
    head.put(book, "A1", [["class"], ["7-А"], ["7-Б"]])
    rule = {
        "ranges": [rect(1, 0, 9, 1)],
        "booleanRule": {"condition": {"type": "TEXT_EQ", "values": [{"userEnteredValue": "x"}]}, "format": {}},
    }
    replies = head.batch(
        book,
        {"updateBorders": {"range": rect(0, 0, 2, 2), "bottom": {"style": "SOLID"}, "innerVertical": {"style": "DASHED"}}},
        {"setBasicFilter": {"filter": {"range": rect(0, 0, 3, 1), "criteria": {"0": {"hiddenValues": ["7-Б"]}}}}},
        {"addConditionalFormatRule": {"rule": rule, "index": 0}},
        {"addConditionalFormatRule": {"rule": rule | {"ranges": [rect(1, 1, 9, 2)]}, "index": 0}},
        {"updateConditionalFormatRule": {"sheetId": 0, "index": 0, "newIndex": 1}},
        {"deleteConditionalFormatRule": {"sheetId": 0, "index": 0}},
        {"addNamedRange": {"namedRange": {"name": "classes", "range": rect(1, 0, 3, 1)}}},
        {
            "createDeveloperMetadata": {
                "developerMetadata": {"metadataKey": "form", "visibility": "DOCUMENT", "location": {"spreadsheet": True}}
            }
        },
    )
    named = replies[6]["addNamedRange"]["namedRange"]["namedRangeId"]
    assert replies[7]["createDeveloperMetadata"]["developerMetadata"]["location"]["locationType"] == "SPREADSHEET"
    told = head.tab(book, fields="sheets(basicFilter,conditionalFormats.ranges,data.rowMetadata.hiddenByFilter)")
    assert [one["startColumnIndex"] for one in told["conditionalFormats"][0]["ranges"]] == [1]
    assert [one.get("hiddenByFilter") for one in told["data"][0]["rowMetadata"][:4]] == [None, None, True, None]
    assert head.values(book, "classes") == [["7-А"], ["7-Б"]]
    borders = [
        [cell.get("userEnteredFormat", {}).get("borders", {}) for cell in row]
        for row in head.cells(book, "A1:B2", "userEnteredFormat.borders")
    ]
    assert [sorted(cell) for row in borders for cell in row] == [["right"], ["left"], ["bottom", "right"], ["bottom", "left"]]
    head.batch(
        book,
        {"updateNamedRange": {"namedRange": {"namedRangeId": named, "name": "klass"}, "fields": "name"}},
        {"clearBasicFilter": {"sheetId": 0}},
    )
    assert head.values(book, "klass") == [["7-А"], ["7-Б"]]
    assert "basicFilter" not in head.tab(book)
    head.batch(book, {"deleteNamedRange": {"namedRangeId": named}})
    head.refused(400, "GET", f"/v4/spreadsheets/{book}/values/klass")


def test_protection_holds_editors_not_the_owner(server: SheetsServer, head: Caller) -> None:
    book = head.spreadsheet()
    head.share(book, TEACHER, "writer")
    teacher = Caller(server, TEACHER)
    protected = {
        "range": rect(0, 0, 3, 26),
        "description": "headings",
        "editors": {"users": [HEAD]},
        "unprotectedRanges": [rect(2, 0, 3, 26)],
    }
    added = head.batch(book, {"addProtectedRange": {"protectedRange": protected}})[0]["addProtectedRange"]["protectedRange"]
    error = teacher.refused(400, "PUT", f"/v4/spreadsheets/{book}/values/A1", {"values": [[1]]}, valueInputOption="RAW")
    assert "You are trying to edit a protected cell or object." in error["message"]
    teacher.put(book, "A3", [["free"]])
    teacher.put(book, "A9", [["free"]])
    assert "protected" in teacher.rejected(book, {"repeatCell": {"range": rect(0, 0, 9, 1), "cell": {"note": "x"}, "fields": "note"}})
    assert "requestingUserCanEdit" not in teacher.tab(book)["protectedRanges"][0]
    head.put(book, "A1", [["owner"]])
    change = {"protectedRangeId": added["protectedRangeId"], "editors": {"users": [TEACHER]}}
    head.batch(book, {"updateProtectedRange": {"protectedRange": change, "fields": "editors"}})
    teacher.put(book, "A1", [["now"]])
    head.batch(book, {"deleteProtectedRange": {"protectedRangeId": added["protectedRangeId"]}})
    assert "protectedRanges" not in head.tab(book)


def test_answer_may_hold_the_new_spreadsheet(head: Caller) -> None:
    book = head.spreadsheet()
    body = {"requests": [{"addSheet": {"properties": {"title": "B"}}}], "includeSpreadsheetInResponse": True, "responseRanges": ["B!A1:B2"]}
    told = head.ok("POST", f"/v4/spreadsheets/{book}:batchUpdate", body | {"responseIncludeGridData": True})
    assert [one["properties"]["title"] for one in told["updatedSpreadsheet"]["sheets"]] == ["B"]
    assert len(told["updatedSpreadsheet"]["sheets"][0]["data"][0]["rowMetadata"]) == 2


# quota, latency, log


def test_quota_is_counted_by_user_and_kind(server: SheetsServer, head: Caller) -> None:
    book = head.spreadsheet()
    head.share(book, READER)
    server.quota = 3
    reader = gspread_of(server, service(server, "spreadsheets.readonly"))
    for _ in range(3):
        reader.http_client.fetch_sheet_metadata(book)
    with pytest.raises(gspread.exceptions.APIError) as refused:
        reader.http_client.fetch_sheet_metadata(book)
    error = refused.value.error
    assert (refused.value.code, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert error["message"] == (
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' of service 'sheets.googleapis.com' "
        "for consumer 'project_number:603366585132'."
    )
    assert error["details"][0]["reason"] == "RATE_LIMIT_EXCEEDED"
    for _ in range(3):
        head.ok("GET", f"/v4/spreadsheets/{book}")  # another user has a quota of its own
    head.put(book, "A1", [[1]])  # and writes are counted apart
    for number in range(4):  # the project has five times as much
        caller = Caller(server, f"user{number}@school.example")
        answers = [caller("GET", f"/v4/spreadsheets/{book}").status_code for _ in range(3)]
    assert answers == [429, 429, 429]
    assert server.most_reads_in() == 4 + 3 + 12
    assert head("GET", "/drive/v3/files").status_code == 200  # Drive counts otherwise


def test_log_tells_who_called_what(server: SheetsServer, head: Caller) -> None:
    book = head.spreadsheet()
    head("GET", f"/v4/spreadsheets/{book}")
    head("GET", "/v4/spreadsheets/none")
    head("GET", "/drive/v3/files")
    head("GET", "/elsewhere")
    told = [(call.method, call.kind, call.user, call.status) for call in server.calls]
    assert told == [
        ("POST", "sheets_write", HEAD, 200),
        ("GET", "sheets_read", HEAD, 200),
        ("GET", "sheets_read", HEAD, 404),
        ("GET", "drive", HEAD, 200),
        ("GET", "other", "", 404),
    ]
    assert server.most_reads_in(60) == 2
    server.reset_calls()
    assert server.calls == []


def test_latency_and_clock(server: SheetsServer, head: Caller) -> None:
    server.latency = 0.2
    start = time.monotonic()
    head("GET", "/drive/v3/files")
    assert 0.2 <= time.monotonic() - start < 1
    server.latency, server.clock_offset = 0.0, -86400.0
    assert head("GET", "/drive/v3/files").headers["Date"] != ""
    from email.utils import parsedate_to_datetime

    told = parsedate_to_datetime(head("GET", "/drive/v3/files").headers["Date"]).timestamp()
    assert abs(told - (time.time() - 86400)) < 3


def test_an_answer_of_a_whole_workbook_takes_milliseconds(head: Caller) -> None:
    def cells(row: int) -> list[JSON]:
        return [
            {"userEnteredValue": {"numberValue": row * column % 7} if column else {"stringValue": f"Айша {row}"}} for column in range(20)
        ]

    tabs = [{"properties": {"title": f"T{at}"}, "data": [{"rowData": [{"values": cells(row)} for row in range(40)]}]} for at in range(15)]
    book = head.ok("POST", "/v4/spreadsheets", {"sheets": tabs})["spreadsheetId"]
    fields = "sheets(properties,merges,data(rowData.values(effectiveValue,effectiveFormat.numberFormat)))"
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        assert head("GET", f"/v4/spreadsheets/{book}", fields=fields).status_code == 200
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.05, taken  # 15 tabs × 40 × 20; 3 ms on a quiet machine


# faults


def plan(kind: str, **rest: Any) -> JSON:
    return {"rules": [{"kind": kind, **rest}]}


@pytest.mark.parametrize(
    ("kind", "code", "drive_reason", "sheets_status"),
    [
        ("429", 429, "rateLimitExceeded", "RESOURCE_EXHAUSTED"),
        ("403_user_rate", 403, "userRateLimitExceeded", "PERMISSION_DENIED"),
        ("403_rate", 403, "rateLimitExceeded", "PERMISSION_DENIED"),
        ("403_sharing_rate", 403, "sharingRateLimitExceeded", "PERMISSION_DENIED"),
        ("403_storage", 403, "storageQuotaExceeded", "PERMISSION_DENIED"),
        ("403_permission", 403, "insufficientFilePermissions", "PERMISSION_DENIED"),
        ("404", 404, "notFound", "NOT_FOUND"),
        ("408", 408, "requestTimeout", "DEADLINE_EXCEEDED"),
        ("500", 500, "internalError", "INTERNAL"),
        ("503", 503, "backendError", "UNAVAILABLE"),
        ("expired_token", 401, "authError", "UNAUTHENTICATED"),
    ],
)
def test_faults_that_are_answers(server: SheetsServer, head: Caller, kind: str, code: int, drive_reason: str, sheets_status: str) -> None:
    book = head.spreadsheet()
    server.faults = plan(kind, retry_after=7, times=2)
    drive, sheets = head("GET", f"/drive/v3/files/{book}"), head("GET", f"/v4/spreadsheets/{book}")
    assert (drive.status_code, drive.json()["error"]["errors"][0]["reason"]) == (code, drive_reason)
    assert (sheets.status_code, sheets.json()["error"]["status"]) == (code, sheets_status)
    assert drive.headers["Retry-After"] == "7"
    assert head("GET", f"/v4/spreadsheets/{book}").status_code == 200  # twice and no more
    assert [call.fault for call in server.calls[-3:]] == [kind, kind, ""]


def test_faults_of_the_connection(server: SheetsServer, head: Caller) -> None:
    book = head.spreadsheet()
    path = f"/v4/spreadsheets/{book}"
    server.faults = plan("502_html", times=1)
    answer = head("GET", path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=UTF-8")
    server.faults = plan("reset", times=1)
    with pytest.raises(requests.ConnectionError, match="reset"):
        head("GET", path)
    server.faults = plan("truncated", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        head("GET", path)
    server.faults = plan("truncated_json", times=1)
    answer = head("GET", path)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()
    server.faults = plan("garbage", times=3)
    for _ in range(3):
        assert head("GET", path).json() in (None, {"unexpected": [1, 2, {"shape": True}]})
    server.faults = plan("timeout", seconds=0.3, times=1)
    start = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        head("GET", path)
    assert time.monotonic() - start >= 0.3
    server.faults = plan("timeout", seconds=5, times=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        head.session.get(server.url + path, timeout=0.2)
    server.faults = plan("slow", seconds=0.3, times=1)
    start = time.monotonic()
    assert head("GET", path).status_code == 200
    assert time.monotonic() - start >= 0.3
    assert [call.status for call in server.calls[1:]] == [502, 0, 0, 200, 200, 200, 200, 0, 0, 200]


def test_revoked_trashed_and_expired(server: SheetsServer, head: Caller) -> None:
    one, two = head.spreadsheet("one"), head.spreadsheet("two")
    server.faults = plan("revoked", file=one)
    assert head.list() == ["two"]
    head.refused(403, "GET", f"/v4/spreadsheets/{one}")
    head.refused(404, "GET", f"/drive/v3/files/{one}")
    head.ok("GET", f"/v4/spreadsheets/{two}")
    server.faults = plan("trashed", file=one)
    assert (head.list("trashed = false"), head.list("trashed = true")) == (["two"], ["one"])
    assert head.ok("GET", f"/drive/v3/files/{one}", fields="trashed") == {"trashed": True}
    server.faults = plan("expired_token", times=1)
    session = AuthorizedSession(service(server, email=HEAD))
    assert session.get(f"{server.url}/v4/spreadsheets/{two}").status_code == 200  # 401, a new token, once more
    assert [call.status for call in server.calls[-4:]] == [200, 401, 200, 200]
    server.faults = plan("503", on=["token"], times=1)
    credentials = service(server)
    credentials.refresh(transport())  # google-auth tries again by itself
    assert credentials.valid


def test_rules_choose_their_calls(server: SheetsServer, head: Caller) -> None:
    one, two = head.spreadsheet(), head.spreadsheet()

    def codes(*paths: str) -> list[int]:
        return [head("GET", path).status_code for path in paths]

    sheets, drive = f"/v4/spreadsheets/{one}", f"/drive/v3/files/{one}"
    server.faults = plan("503", on=["drive"])
    assert codes(sheets, drive) == [200, 503]
    server.faults = plan("503", file=two)
    assert codes(sheets, f"/v4/spreadsheets/{two}", "/drive/v3/files") == [200, 503, 200]
    server.faults = plan("503", path="values/B", after=1)
    assert codes(sheets + "/values/A1", sheets + "/values/B1", sheets + "/values/B2") == [200, 200, 503]
    with pytest.raises(ValueError, match="no color"):
        server.faults = plan("503", color="red")
    with pytest.raises(ValueError, match="needs a kind"):
        server.faults = plan("flood")


def test_same_seed_same_faults() -> None:
    def run(seed: int) -> list[int]:
        with SheetsServer(seed=seed, faults={"rules": [{"kind": "503", "probability": 0.3}]}) as server:
            caller = Caller(server)
            return [caller("GET", "/drive/v3/files").status_code for _ in range(60)]

    first = run(5)
    assert first == run(5)
    assert first != run(6)
    assert 6 <= first.count(503) <= 30


@pytest.mark.parametrize("kind", ["500", "502_html", "503", "timeout", "reset", "truncated"])
@pytest.mark.parametrize("applied", [True, False])
def test_a_failed_write_may_have_happened(server: SheetsServer, head: Caller, kind: str, applied: bool) -> None:
    book = head.spreadsheet()
    server.faults = plan(kind, on=["sheets_write"], applied=applied, seconds=0.05)
    try:
        answer = head("PUT", f"/v4/spreadsheets/{book}/values/A1", {"values": [["x"]]}, valueInputOption="RAW")
        assert answer.status_code >= 500
    except requests.RequestException:
        pass
    server.faults = None
    assert head.values(book, "A1") == ([["x"]] if applied else None)


# the process


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    faults, key = tmp_path / "faults.json", tmp_path / "key.json"
    faults.write_text(json.dumps({"rules": [{"kind": "503", "on": ["drive"], "times": 1}]}), encoding="utf-8")
    words = [
        "--port",
        "0",
        "--quota",
        "3",
        "--latency",
        "20",
        "--faults",
        str(faults),
        "--seed",
        "3",
        "--key",
        str(key),
        "--no-service-storage",
    ]
    process = subprocess.Popen([sys.executable, "-m", "tests.sheets_server", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("ready http://127.0.0.1:")
        yield process, line.split()[1], key
    finally:
        process.kill()
        process.wait()


def test_command_line(started: tuple[subprocess.Popen[str], str, Path]) -> None:
    process, url, key = started
    session = AuthorizedSession(Credentials.from_service_account_file(str(key), scopes=[SCOPE + "spreadsheets", SCOPE + "drive"]))
    assert session.get(f"{url}/drive/v3/files").status_code == 503
    assert session.get(f"{url}/drive/v3/files").json()["files"] == []  # it starts empty
    refused = session.post(f"{url}/v4/spreadsheets", json={})
    assert refused.status_code == 403
    token = requests.post(f"{url}/_control/token", json={"email": HEAD}, timeout=5).json()["access_token"]
    person_ = requests.Session()
    person_.headers["Authorization"] = f"Bearer {token}"
    book = person_.post(f"{url}/v4/spreadsheets", json={}, timeout=5).json()["spreadsheetId"]
    start = time.monotonic()
    codes = [person_.get(f"{url}/v4/spreadsheets/{book}", timeout=5).status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    assert time.monotonic() - start >= 4 * 0.02
    requests.put(f"{url}/_control/settings", json={"quota": None, "latency": 0}, timeout=5).raise_for_status()
    assert person_.get(f"{url}/v4/spreadsheets/{book}", timeout=5).status_code == 200
    requests.put(f"{url}/_control/faults", json=plan("404"), timeout=5).raise_for_status()
    assert person_.get(f"{url}/v4/spreadsheets/{book}", timeout=5).status_code == 404
    assert requests.put(f"{url}/_control/faults", json=plan("flood"), timeout=5).status_code == 400
    told = requests.get(f"{url}/_control/calls", timeout=5).json()
    assert [call["status"] for call in told["calls"] if call["kind"] == "sheets_read"] == [200, 200, 200, 429, 200, 404]
    assert not [call for call in told["calls"] if "_control" in call["path"]]
    requests.post(f"{url}/_control/calls/reset", timeout=5)
    assert requests.get(f"{url}/_control/calls", timeout=5).json()["calls"] == []
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    with pytest.raises(requests.ConnectionError):
        person_.get(f"{url}/v4/spreadsheets/{book}", timeout=5)


def test_command_line_says_what_is_wrong(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text('{"rules": [{"kind": "flood"}]}', encoding="utf-8")
    words = [sys.executable, "-m", "tests.sheets_server", "--faults", str(faults)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "needs a kind" in done.stderr


def test_server_is_gone_after_use() -> None:
    with SheetsServer() as server:
        caller = Caller(server)
        caller("GET", "/drive/v3/files")
    with pytest.raises(requests.ConnectionError):  # also over the connection that was open
        caller("GET", "/drive/v3/files")
