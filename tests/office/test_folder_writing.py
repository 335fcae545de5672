"""The folder's workbook: nothing that people or other programs put into it is lost, and it is never half written."""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from lib import settings
from lib.collection import collect
from lib.office.decisions import Decision, Outbox, Where, register
from lib.provisioning.decisions import send, write
from lib.settings import desk_of
from lib.store.adding import Addition
from lib.store.base import StoreProblem
from lib.store.folder_adding import FolderBook
from lib.store.xlsx import read_xlsx
from lib.store.xlsx_adding import added
from tests.office.conftest import DAY, NAME, NOW, YEAR, decision, decisions_tab, in_folder, typed_rows

CSV = "csv:Text - txt - csv (StarCalc):44,34,76"  # commas, quotes, UTF-8


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def furnished(tmp_path: Path) -> Path:
    """A workbook with all that people and programs put beside cells, some of it unknown to openpyxl."""
    path = tmp_path / "furnished.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, other = book.add_worksheet("A"), book.add_worksheet("B")
        day, bold = book.add_format({"num_format": "dd.mm.yyyy"}), book.add_format({"bold": True, "bg_color": "#FFEFC2"})
        sheet.set_column(0, 0, 12, day)
        sheet.write_row(0, 0, ["күн", "сан", "сөз"])
        for row in range(1, 6):
            sheet.write_datetime(row, 0, dt.datetime(2026, 4, row), day)
            sheet.write_number(row, 1, row, bold)
            sheet.write_rich_string(row, 2, "бир ", bold, "эки")
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.data_validation("B2:B90", {"validate": "list", "source": ["1", "2", "9"]})
        sheet.conditional_format("B2:B90", {"type": "data_bar", "data_bar_2010": True})  # lies in an extLst
        sheet.conditional_format("C2:C90", {"type": "text", "criteria": "containing", "value": "эки", "format": bold})
        sheet.add_sparkline("D2", {"range": "A!B2:B6"})  # so does this
        sheet.write_comment("B3", "эскертме")
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=A!$B$2:$B$6"})
        sheet.insert_chart("F2", chart)
        sheet.freeze_panes(1, 1)
        sheet.protect("", {"format_cells": True})
        book.define_name("kunu", "=A!$A$2:$A$6")
        other.write_formula("A1", "=SUM(A!B2:B6)", None, 15)
        other.hide()
    return path


ROWS = [{0: dt.date(2026, 5, 1), 1: 7.5, 2: "жаңы & <сөз>"}, {0: dt.date(2026, 5, 2), 2: "=1+1", 7: "алыс"}]


def test_only_the_part_of_the_one_sheet_changes_and_only_by_the_new_cells(furnished: Path):
    before = furnished.read_bytes()
    after = added(before, Addition("A", ROWS, {}, 1), 6)
    old, new = parts(before), parts(after)
    assert list(old) == list(new) and [name for name in old if old[name] != new[name]] == ["xl/worksheets/sheet1.xml"]
    sheet = new["xl/worksheets/sheet1.xml"]
    first = sheet.index(b'<row r="7"')
    last = sheet.index(b"</sheetData>")
    without = (sheet[:first] + sheet[last:]).replace(b'<dimension ref="A1:H8"/>', b'<dimension ref="A1:C6"/>')
    assert without == old["xl/worksheets/sheet1.xml"]
    (told, _hidden) = read_xlsx(after, "x")
    assert told.rows[6][:3] == [dt.date(2026, 5, 1), 7.5, "жаңы & <сөз>"] and told.rows[7][2] == "=1+1" and told.rows[7][7] == "алыс"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_other_programs_open_it(furnished: Path, tmp_path: Path):
    made = tmp_path / "made.xlsx"
    made.write_bytes(added(furnished.read_bytes(), Addition("A", ROWS, {}, 1), 6))
    sheet = openpyxl.load_workbook(made)["A"]
    assert sheet["A7"].value == dt.datetime(2026, 5, 1) and sheet["A7"].number_format == "dd.mm.yyyy" and sheet["C8"].data_type == "s"
    assert sheet["B3"].comment.text == "эскертме" and sheet.row_dimensions[1].hidden and sheet.freeze_panes == "B2"
    office = shutil.which("soffice")
    assert office, "LibreOffice is among what the tests need"
    command = [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", CSV,
               "--outdir", str(tmp_path), str(made)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    lines = (tmp_path / "made.csv").read_text(encoding="utf-8").splitlines()
    assert lines[6].startswith("01.05.2026,7.5,жаңы & <сөз>") and lines[7].startswith("02.05.2026,,=1+1")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_openpyxl_would_lose(furnished: Path):
    """Why the file is not read and written anew: this is what such a way costs a school."""
    book = openpyxl.load_workbook(furnished)
    made = io.BytesIO()
    book.save(made)
    ours = parts(added(furnished.read_bytes(), Addition("A", ROWS, {}, 1), 6))
    theirs = parts(made.getvalue())
    lost = {mark for mark in (b"sparkline", b"extLst", b"x14:dataBar") if mark in ours["xl/worksheets/sheet1.xml"]}
    assert lost and all(mark not in theirs["xl/worksheets/sheet1.xml"] for mark in lost)
    assert book["A"]["C2"].value == "бир эки"
    assert b"<rPr>" in b"".join(ours.values()) and b"<rPr>" not in b"".join(theirs.values()), "words in two looks"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<sheetData/>', [[None, None], [1.0, "сөз"]]),
        ('<sheetData><row><c><v>4</v></c><c t="str"><v>x</v></c></row></sheetData>', [[4.0, "x"], [1.0, "сөз"]]),
        ('<sheetData><row r="1"><c r="A1"><v>4</v></c></row><row r="2" s="1"><c r="B2" s="0"/></row></sheetData>',
            [[4.0, None], [1.0, "сөз"]]),
        ('<x:sheetData><x:row r="1"><x:c r="B1"><x:v>4</x:v></x:c></x:row></x:sheetData>', [[None, 4.0], [1.0, "сөз"]]),
    ],
    ids=["empty", "no addresses", "an empty row with looks", "a prefix"],
)  # fmt: skip
def test_sheets_as_other_programs_spell_them(furnished: Path, body: str, expected: list[list[object]]):
    given = parts(furnished.read_bytes())
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    prefix = "x:" if body.startswith("<x:") else ""
    named = f'xmlns:x="{main}"' if prefix else f'xmlns="{main}"'
    given["xl/worksheets/sheet2.xml"] = f"<{prefix}worksheet {named}>{body}</{prefix}worksheet>".encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in given.items():
            archive.writestr(name, content)
    after = read_xlsx(added(made.getvalue(), Addition("B", [{0: 1.0, 1: "сөз"}], {}, 1), 1), "x")[1]
    assert [[*row, None, None][:2] for row in after.rows] == expected


def test_a_workbook_that_somebody_has_open_is_left_and_waited_for(tmp_path: Path):
    desk = in_folder(tmp_path / "school", [])
    path = desk.loaded.store / f"{NAME}.xlsx"
    before = path.read_bytes()
    for mark in ("~$decisions.xlsx", ".~lock.decisions.xlsx#"):
        box = Outbox(desk_of(desk.loaded.store))
        box.put(decision())
        (path.parent / mark).write_bytes(b"x")
        assert send(desk.loaded, NOW) == 0 and path.read_bytes() == before
        assert (box.why().problem, box.why().slots["value"]) == ("workbook_open", mark)
        (path.parent / mark).unlink()
    assert send(desk.loaded, NOW) == 2 and box.waiting() == [] and box.why().problem == ""


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x03\x04 cut off"])
def test_a_workbook_that_cannot_be_read_is_never_overwritten(tmp_path: Path, content: bytes):
    desk = in_folder(tmp_path / "school", [])
    path = desk.loaded.store / f"{NAME}.xlsx"
    path.write_bytes(content)
    with pytest.raises(StoreProblem):
        write(desk.loaded, YEAR, [decision()])
    assert path.read_bytes() == content


def test_a_save_by_somebody_else_meanwhile_is_not_lost(tmp_path: Path):
    desk = in_folder(tmp_path / "school", [])
    path = desk.loaded.store / f"{NAME}.xlsx"
    book = FolderBook(desk.loaded.store, f"{NAME}.xlsx", tmp_path / "lock")
    asked = []

    def arrange(sheets):
        """Somebody saves while we work: once."""
        asked.append([row for row in sheets[0].rows if row and row[0]])
        if len(asked) == 1:
            more = [*typed_rows(), {"id": "B-9", "decision": "Жаңы"}]
            desk.put(decisions_tab(more))
        return None if any("K" in row for row in asked[-1]) else Addition("Чечимдер", [{0: "K"}], {}, 5)

    book.add(arrange)
    assert len(asked) == 2
    assert [row[0] for row in desk.sheets()[0].rows[5:]] == ["B-0", "B-1", "B-2", "B-9", "K"]
    assert not list(path.parent.glob(".*")), "nothing is left lying"


def test_a_folder_that_may_not_be_written_keeps_the_decision_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    desk = in_folder(tmp_path / "school", [])

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StoreProblem) as caught:
        write(desk.loaded, YEAR, [decision()])
    assert caught.value.code == "workbook_busy" and caught.value.passing


def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes nothing more."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)


def test_a_full_disk_leaves_the_workbook_whole_and_the_decision_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    desk = in_folder(tmp_path / "school", [])
    path, box = desk.loaded.store / f"{NAME}.xlsx", Outbox(desk_of(desk.loaded.store))
    box.put(decision())
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        full(patch)
        with pytest.raises(StoreProblem) as caught:
            write(desk.loaded, YEAR, box.waiting())
    assert caught.value.code == "workbook_busy" and caught.value.slots["reason"] == "No space left on device"
    assert path.read_bytes() == before and not list(path.parent.glob(".*.new")), "whole, and nothing half written beside it"
    assert len(box.waiting()) == 1 and send(desk.loaded, NOW) == 1


def test_a_full_disk_is_said_before_anybody_is_told_that_it_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    box = Outbox(tmp_path / "desk")
    with monkeypatch.context() as patch:
        full(patch)
        with pytest.raises(OSError, match="No space"):
            box.put(decision())
    assert box.waiting() == [] and not [path for path in (tmp_path / "desk").rglob("*") if path.is_file()]


def test_a_file_of_the_outbox_that_a_disk_spoiled_stops_none_of_the_others(tmp_path: Path):
    desk = in_folder(tmp_path / "school", [])
    box = Outbox(desk_of(desk.loaded.store))
    box.put(decision())
    (box.folder / "waiting" / "B260415-AAAAAAAA.json").write_bytes(b"")
    assert send(desk.loaded, NOW) == 1 and box.waiting() == []


def test_an_older_copy_saved_over_it_is_noticed_and_what_it_swept_away_is_written_once_more(tmp_path: Path):
    desk = in_folder(tmp_path / "school", [])
    path, box = desk.loaded.store / f"{NAME}.xlsx", Outbox(desk_of(desk.loaded.store))
    older = path.read_bytes()
    first, second = decision(1), decision(2)
    box.put(first)
    assert send(desk.loaded, NOW) == 1
    path.write_bytes(older)  # somebody had it open since before
    box.put(second)
    assert send(desk.loaded, NOW) == 1
    assert desk.cells()["id"][3:] == [second.id], "what comes later is added to what stands there now"

    def known() -> dict[str, Where]:
        collected = [Decision.from_record(desk.loaded, row) for row in desk.records()[0]]
        looked = {YEAR: NOW + dt.timedelta(minutes=5)}
        return {e.decision.id: e.where for e in register(collected, box.waiting(), box.written(), looked)}

    assert (known()[first.id], known()[second.id]) == (Where.GONE, Where.SHEET)
    box.again([first.id])
    assert known()[first.id] is Where.WAITING
    assert send(desk.loaded, NOW) == 1 and send(desk.loaded, NOW) == 0
    assert sorted(desk.cells()["id"][3:]) == sorted([first.id, second.id]) and known()[first.id] is Where.SHEET


@pytest.mark.slow
def test_a_missing_workbook_is_made_from_the_template(demo_store: Path, tmp_path: Path):
    store = tmp_path / "school"
    shutil.copytree(demo_store, store)
    path = store / YEAR / "decisions.xlsx"
    like = openpyxl.load_workbook(path)
    path.unlink()
    loaded = settings.load(store)
    Outbox(desk_of(store)).put(decision(responsible="T002", decided_on=DAY))
    assert send(loaded, NOW) == 1
    made = openpyxl.load_workbook(path)
    assert made.sheetnames == like.sheetnames
    tab, old = made.worksheets[1], like.worksheets[1]
    assert [c.value for c in tab[2]] == [c.value for c in old[2]] and tab["A6"].value.startswith("B260415-")
    assert len(tab.data_validations.dataValidation) == len(old.data_validations.dataValidation) > 0
    snapshot = collect(store, loaded, NOW).snapshot
    assert snapshot.records("F25").filter(snapshot.records("F25")["school_year"].to_numpy(False) == YEAR).num_rows == 1
