"""The Google store alone: what it asks, how often, and what it makes of the answers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.model.cell import CellError, link_to
from lib.settings.google import GoogleFolder
from lib.store.base import StoreProblem
from lib.store.google import GoogleStore
from lib.store.grid import parsed, read_grid
from tests.google_school import GoogleSchool
from tests.sheets_server import SheetsServer


@pytest.fixture(scope="module")
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def school(server: SheetsServer, tmp_path: Path) -> GoogleSchool:
    made = GoogleSchool(server.url, tmp_path)
    server.reset_calls()
    return made


def store_of(school: GoogleSchool, tmp_path: Path, **changed: float) -> GoogleStore:
    """As a new collect opens it."""
    return GoogleStore(school.place(**changed), tmp_path / "folders.json")


def kinds(server: SheetsServer) -> list[str]:
    found = [call.kind for call in server.calls]
    server.reset_calls()
    return found


# --- how often it asks ---------------------------------------------------------------------------------------------------


def test_one_call_lists_and_one_reads_a_workbook(school, server, tmp_path):
    for number in range(3):
        school.put(f"2025-2026/class-{number}", {f"tab {n}": [["x"]] for n in range(15)})
    server.reset_calls()
    store = store_of(school, tmp_path)
    infos = store.workbooks()
    first = kinds(server)
    assert first.count("drive") == 2, "the folder, then its sub-folder that nobody knew"
    for info in infos:
        assert len(store.read(info.name)) == 15
    assert kinds(server) == ["sheets_read"] * 3
    store_of(school, tmp_path).workbooks()
    assert kinds(server) == ["drive"], "the sub-folder is remembered, the token still good"


def test_a_new_sub_folder_is_found_and_a_deleted_one_forgotten(school, tmp_path):
    school.put("2024-2025/a", {"A": [["x"]]})
    assert [info.name for info in store_of(school, tmp_path).workbooks()] == ["2024-2025/a"]
    school.put("2025-2026/deep/b", {"A": [["x"]]})
    assert [info.name for info in store_of(school, tmp_path).workbooks()] == ["2024-2025/a", "2025-2026/deep/b"]
    school.delete_folder("2024-2025")
    assert [info.name for info in store_of(school, tmp_path).workbooks()] == ["2025-2026/deep/b"]


def test_more_files_than_one_page(school, server, tmp_path):
    for number in range(1005):
        school.make_empty(f"s{number:04}")
    server.reset_calls()
    assert len(store_of(school, tmp_path).workbooks()) == 1005
    assert kinds(server).count("drive") == 2


# --- what is young -------------------------------------------------------------------------------------------------------


def test_a_workbook_read_soon_after_a_change_is_read_once_more(school, server, tmp_path):
    school.put("a", {"A": [["x"]]})
    (young,) = store_of(school, tmp_path).workbooks()
    assert young.settles_at == pytest.approx(young.asked_at + 180)
    server.clock_offset += 200
    try:
        (old,) = store_of(school, tmp_path).workbooks()
    finally:
        server.clock_offset -= 200
    assert old.fingerprint == young.fingerprint
    assert (old.settles_at, old.asked_at > young.asked_at + 190) == (0.0, True)


# --- names ---------------------------------------------------------------------------------------------------------------


def test_two_of_one_name_are_told_apart_and_stay_apart(school, tmp_path):
    first = school.make_empty("класс")
    second = school.make_empty("класс")
    names = {info.name: info.fingerprint.split()[0] for info in store_of(school, tmp_path).workbooks()}
    assert names == {"класс": first, f"класс · {second[:6]}": second}


def test_hidden_folders_and_files_of_other_kinds(school, tmp_path):
    school.put(".hidden/a", {"A": [["x"]]})
    school.put("b", {"A": [["x"]]})
    school.upload("c.xlsx", b"PK")
    school.make_empty("notes", "application/vnd.google-apps.document")
    store = store_of(school, tmp_path)
    assert [info.name for info in store.workbooks()] == ["b", "c.xlsx"]
    with pytest.raises(StoreProblem) as refusal:
        store.read("c.xlsx")
    assert (refusal.value.code, refusal.value.slots, refusal.value.passing) == ("google_other_kind", {"kind": ".xlsx"}, False)


# --- what is missed ------------------------------------------------------------------------------------------------------


def test_what_is_no_longer_listed(school, tmp_path):
    for name in ("moved", "trashed", "deleted", "closed"):
        school.put(name, {"A": [["x"]]})
    infos = {info.name: info for info in store_of(school, tmp_path).workbooks()}
    school.remove("moved")
    school.trash("trashed")
    school.remove("deleted", for_good=True)
    school.close("closed")
    store = store_of(school, tmp_path)
    assert store.workbooks() == []
    why = {name: store.missed(info) for name, info in infos.items()}
    assert why["trashed"] is not None and why["trashed"].code == "google_trashed"
    for name in ("deleted", "closed"):
        problem = why[name]
        assert problem is not None and (problem.code, problem.passing) == ("google_not_found", True)
    assert why["moved"] is None, "somebody took it out"


def test_a_folder_that_is_not_shared(school, tmp_path):
    school.put("2025-2026/a", {"A": [["x"]]})
    store_of(school, tmp_path).workbooks()
    school.unshare()
    for memory in (tmp_path, tmp_path / "new"):
        with pytest.raises(StoreProblem) as refusal:
            store_of(school, memory).workbooks()
        assert (refusal.value.code, refusal.value.passing) == ("google_folder_away", True)


# --- cells ---------------------------------------------------------------------------------------------------------------


def test_links_open_the_very_cell(school, server, tmp_path):
    identity = school.put("a", {"Барак": [["x"]]})
    (sheet,) = store_of(school, tmp_path).read("a")
    number = school.get(identity, "sheets.properties.sheetId")["sheets"][0]["properties"]["sheetId"]
    assert link_to(sheet.link, "B7") == f"{server.url}/spreadsheets/d/{identity}/edit#gid={number}&range=B7"
    assert link_to("", "B7") == ""


def test_a_renamed_tab_is_read(school, tmp_path):
    identity = school.put("a", {"Барак": [["x"]]})
    store = store_of(school, tmp_path)
    store.workbooks()
    school.rename_tab(identity, "Барак", "Башка ат")
    assert [sheet.title for sheet in store.read("a")] == ["Башка ат"]


def test_typed_values(school, tmp_path):
    noon = dt.datetime(2026, 5, 4, 12, 30)
    school.put("a", {"A": [[dt.date(2026, 5, 4), noon, dt.time(8, 15), True, False, 0.85, "4,5", "=1+1", "", CellError("#N/A")]]})
    (sheet,) = store_of(school, tmp_path).read("a")
    assert list(sheet.rows[0]) == [
        dt.date(2026, 5, 4), noon, dt.time(8, 15), True, False, 0.85, "4,5", "=1+1", None, CellError("#N/A"),
    ]  # fmt: skip


def test_what_a_teacher_types_in_a_russian_sheet(school, tmp_path):
    """4,5 is a number, 4.5 becomes a date: it must come as one, so that a mark's cell says so."""
    identity = school.put("a", {"A": [["x"] * 4]})
    school.type_in(identity, "A!A1:D1", ["4,5", "4.5", "85%", "=1/0"], locale="ru_RU")
    (sheet,) = store_of(school, tmp_path).read("a")
    number, day, share, error = sheet.rows[0]
    assert (number, share, error) == (4.5, 0.85, CellError("#DIV/0!"))
    assert type(day) is dt.date and (day.day, day.month) == (4, 5)


def test_merged_hidden_and_filtered_cells(school, tmp_path):
    identity = school.put("a", {"A": [["сентябрь", None], ["x", "y"], ["z"]], "Б": [["1"]]}, hidden=["Б"])
    school.merge_and_hide(identity, "A")
    first, second = store_of(school, tmp_path).read("a")
    assert [list(row) for row in first.rows] == [["сентябрь"], ["x", "y"], ["z"]]
    assert (first.hidden, second.hidden) == (False, True)


def grid(sheets: list[dict[str, object]]) -> bytes:
    return b"https://docs.example S1\n" + json.dumps({"spreadsheetId": "S1", "sheets": sheets}).encode()


def test_serial_numbers_at_their_edges():
    def cell(number: float, kind: str) -> dict[str, object]:
        return {"effectiveValue": {"numberValue": number}, "effectiveFormat": {"numberFormat": {"type": kind}}}

    values = [cell(46146, "DATE"), cell(46146.5, "DATE"), cell(0.25, "TIME"), cell(1.5, "TIME"), cell(1e12, "DATE"), cell(-1, "DATE"),
              cell(0.5, "PERCENT"), cell(4.5, "CURRENCY"), cell(46146.999999999, "DATE")]  # fmt: skip
    (sheet,) = read_grid(grid([{"properties": {"sheetId": 0, "title": "A"}, "data": [{"rowData": [{"values": values}]}]}]), "a")
    assert list(sheet.rows[0]) == [
        dt.date(2026, 5, 4), dt.datetime(2026, 5, 4, 12), dt.time(6), dt.timedelta(days=1.5), 1e12, dt.date(1899, 12, 29), 0.5, 4.5,
        dt.date(2026, 5, 5),
    ]  # fmt: skip


def test_grids_that_do_not_begin_at_a1_and_charts():
    data = [{"startRow": 2, "startColumn": 1, "rowData": [{}, {"values": [{}, {"effectiveValue": {"stringValue": "C4"}}]}]}]
    sheets = [
        {"properties": {"sheetId": 5, "title": "second", "index": 1}, "data": data},
        {"properties": {"sheetId": 7, "title": "first", "index": 0}},
        {"properties": {"sheetId": 9, "title": "chart", "index": 2, "sheetType": "OBJECT"}},
    ]
    first, second = read_grid(grid(sheets), "a")
    assert (first.title, list(first.rows)) == ("first", [])
    assert second.rows[3][2] == "C4" and second.link.endswith("#gid=5")


def test_a_cell_too_far_is_named():
    data = [{"startRow": 20_000, "rowData": [{"values": [{"effectiveValue": {"boolValue": True}}]}]}]
    with pytest.raises(StoreProblem) as refusal:
        read_grid(grid([{"properties": {"title": "A"}, "data": data}]), "a")
    assert (refusal.value.code, refusal.value.tab, refusal.value.cell) == ("cell_too_far", "A", "A20001")


NO_ANSWERS = (
    b"", b"null", b"[]", b"{}", b"<html>", b'{"sheets": []}', b'{"spreadsheetId": "S1", "sheets": []}',
    b'{"spreadsheetId": "S2", "sheets": [{"properties": {"title": "A"}}]}', b'{"spreadsheetId": "S1", "sheets": [{"properties": {}}]}',
    b'{"spreadsheetId": "S1", "sh',
)  # fmt: skip


@pytest.mark.parametrize("body", NO_ANSWERS)
def test_what_is_no_answer_is_not_taken_for_one(body: bytes):
    assert parsed(body, "S1") is None
    with pytest.raises(StoreProblem) as refusal:
        read_grid(b"https://docs.example S1\n" + body, "a")
    assert refusal.value.passing, "it is tried again"


# --- keys ----------------------------------------------------------------------------------------------------------------


def test_each_place_of_a_key(school, tmp_path, monkeypatch):
    place = school.place()
    text = school.key_file.read_text(encoding="utf-8")
    bare = GoogleFolder(place.id, "", sheets_url=place.sheets_url, drive_url=place.drive_url)
    monkeypatch.setattr("lib.store.google.ROOT", tmp_path)
    monkeypatch.setattr("lib.settings.google._SECRETS", (Path(".streamlit", "secrets.toml"), tmp_path / "nowhere"))
    with pytest.raises(StoreProblem) as missing:
        GoogleStore(bare).workbooks()
    assert missing.value.code == "google_no_key"
    (tmp_path / ".streamlit").mkdir()
    lines = [f"{name} = {json.dumps(value)}" for name, value in json.loads(text).items()]
    (tmp_path / ".streamlit" / "secrets.toml").write_text("[google_service_account]\n" + "\n".join(lines), encoding="utf-8")
    assert GoogleStore(bare).workbooks() == []
    (tmp_path / ".streamlit" / "secrets.toml").unlink()
    for told in (text, str(school.key_file)):
        monkeypatch.setenv("SAPAT_GOOGLE_KEY", told)
        assert GoogleStore(bare).workbooks() == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"client_email": "a@b", "private_key": "CANARY", "token_uri": "http://127.0.0.1:1"}']
)
def test_what_is_no_key_is_named_and_not_quoted(school, tmp_path, text):
    school.key_file.write_text(text, encoding="utf-8")
    with pytest.raises(StoreProblem) as refusal:
        store_of(school, tmp_path).workbooks()
    assert refusal.value.code == "google_key_bad"
    assert "CANARY" not in f"{refusal.value!r} {refusal.value.slots} {refusal.value.__cause__!r} {refusal.value.__context__!r}"
