"""What every store of workbooks promises (lib.store.base). A new kind of store is added to `stores` and must pass all of it."""

from __future__ import annotations

import datetime as dt
import pickle
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlsxwriter

from lib.model.cell import CellError, CellValue, NotCalculated
from lib.store.base import Store, StoreProblem
from lib.store.folder import FolderStore
from lib.store.google import GoogleStore
from tests.google_school import GoogleSchool
from tests.sheets_server import SheetsServer

Content = dict[str, list[list[CellValue]]]


@dataclass
class Place:
    """A store under test: put a workbook into it, spoil one (read as `spoilt` then), take one away."""

    store: Store
    put: Callable[[str, Content], object]
    spoil: Callable[[str], object]
    remove: Callable[[str], object]
    spoilt: str


def put_file(root: Path, name: str, tabs: Content) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for title, rows in tabs.items():
            sheet = book.add_worksheet(title)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, CellError):
                        sheet.write_formula(r, c, "=1/0", None, value.text)
                    elif isinstance(value, NotCalculated):
                        sheet.write_formula(r, c, f"={value.formula}", None, "")
                    elif isinstance(value, dt.date):
                        sheet.write_datetime(r, c, dt.datetime.combine(value, dt.time()), day)
                    elif value is not None:
                        sheet.write(r, c, value)


@pytest.fixture(scope="module")
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


def folder(tmp_path: Path) -> Place:
    return Place(
        FolderStore(tmp_path),
        lambda name, tabs: put_file(tmp_path, name, tabs),
        lambda name: (tmp_path / name).write_bytes(b"rubbish"),
        lambda name: (tmp_path / name).unlink(),
        "workbook_not_xlsx",
    )


def google(tmp_path: Path, url: str) -> Place:
    school = GoogleSchool(url, tmp_path)

    def spoil(name: str) -> None:
        """What people do: they put the Excel file itself where the spreadsheet was."""
        school.remove(name)
        school.upload(name, b"PK")

    return Place(GoogleStore(school.place(), tmp_path / "folders.json"), school.put, spoil, school.remove, "google_other_kind")


@pytest.fixture(params=["folder", "google"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return folder(tmp_path) if request.param == "folder" else google(tmp_path, request.getfixturevalue("server").url)


def test_an_empty_store(place: Place):
    assert place.store.workbooks() == []


def test_names_are_paths_and_sorted(place: Place):
    for name in ("2025-2026/class-7-А.xlsx", "2024-2025/registry.xlsx", "a.xlsx"):
        place.put(name, {"A": [["x"]]})
    infos = place.store.workbooks()
    assert [info.name for info in infos] == ["2024-2025/registry.xlsx", "2025-2026/class-7-А.xlsx", "a.xlsx"]
    assert all(info.location for info in infos)


def test_cells_come_as_they_are(place: Place):
    rows: list[list[CellValue]] = [
        [None, "sapat", 5.0],
        [],
        ["  н/а ", True, dt.date(2026, 4, 15), 4.5, "4/5", 0.0],
        [None, None, CellError("#DIV/0!"), CellError("#REF!")],
        [None, "ѳ", "5\u00a0"],
    ]
    place.put("a.xlsx", {"Барак": rows})
    (sheet,) = place.store.read("a.xlsx")
    assert (sheet.workbook, sheet.title, sheet.hidden) == ("a.xlsx", "Барак", False)
    for r, row in enumerate(rows):
        read = list(sheet.rows[r])
        assert read[: len(row)] == row
        assert all(v is None for v in read[len(row) :])


def test_leading_empties_keep_their_places(place: Place):
    place.put("a.xlsx", {"A": [[], [], [None, None, "C3"]]})
    (sheet,) = place.store.read("a.xlsx")
    assert sheet.rows[2][2] == "C3"


def test_tabs_keep_their_order(place: Place):
    place.put("a.xlsx", {"Я": [["1"]], "А": [["2"]], "Бош": []})
    assert [sheet.title for sheet in place.store.read("a.xlsx")] == ["Я", "А", "Бош"]


def test_a_fingerprint_changes_with_the_content_and_only_with_it(place: Place):
    place.put("a.xlsx", {"A": [["x"]]})
    place.put("b.xlsx", {"A": [["x"]]})
    before = {info.name: info.fingerprint for info in place.store.workbooks()}
    assert before == {info.name: info.fingerprint for info in place.store.workbooks()}
    place.put("a.xlsx", {"A": [["y"]]})
    after = {info.name: info.fingerprint for info in place.store.workbooks()}
    assert after["a.xlsx"] != before["a.xlsx"]
    assert after["b.xlsx"] == before["b.xlsx"]


def test_what_cannot_be_read_is_listed_and_named(place: Place):
    place.put("a.xlsx", {"A": [["x"]]})
    place.spoil("a.xlsx")
    assert [info.name for info in place.store.workbooks()] == ["a.xlsx"]
    with pytest.raises(StoreProblem) as refusal:
        place.store.read("a.xlsx")
    assert refusal.value.code == place.spoilt


def test_a_workbook_that_went_away(place: Place):
    place.put("a.xlsx", {"A": [["x"]]})
    place.remove("a.xlsx")
    assert place.store.workbooks() == []
    with pytest.raises(StoreProblem) as refusal:
        place.store.read("a.xlsx")
    assert refusal.value.code == "workbook_unreadable"


def test_a_store_travels_to_a_worker(place: Place):
    place.put("a.xlsx", {"A": [["x"]]})
    other: Store = pickle.loads(pickle.dumps(place.store))
    assert [list(sheet.rows) for sheet in other.read("a.xlsx")] == [list(sheet.rows) for sheet in place.store.read("a.xlsx")]


# --- the folder store alone ----------------------------------------------------------------------------------------------


def test_locks_and_leftovers_are_passed_by(tmp_path: Path):
    put_file(tmp_path, "deep/er/a.xlsx", {"A": [["x"]]})
    for name in ("~$a.xlsx", "deep/~$a.xlsx", ".~lock.a.xlsx#", ".b.xlsx", ".sapat/c.xlsx", "deep/.git/d.xlsx", "notes.docx", "a.xlsx.tmp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [info.name for info in FolderStore(tmp_path).workbooks()] == ["deep/er/a.xlsx"]


def test_a_name_never_leads_out_of_the_folder(tmp_path: Path):
    for name in ("../a.xlsx", "/etc/a.xlsx", "b/../../a.xlsx"):
        with pytest.raises(ValueError, match="inside the store"):
            FolderStore(tmp_path).read(name)


def test_hidden_and_chart_tabs(tmp_path: Path):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("A").write("A1", 1)
        book.add_worksheet("Жашыруун").hide()
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=A!$A$1:$A$1"})
        book.add_chartsheet("График").set_chart(chart)
    assert [(s.title, s.hidden) for s in FolderStore(tmp_path).read("a.xlsx")] == [("A", False), ("Жашыруун", True)]


def test_formulas_without_a_result(tmp_path: Path):
    """openpyxl writes formulas without a result; Excel and LibreOffice store one."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B2"], sheet["D9"] = "sapat", "=1+1", "=A1"
    book.save(tmp_path / "a.xlsx")
    (read,) = FolderStore(tmp_path).read("a.xlsx")
    assert read.rows[1][1] == NotCalculated("1+1")
    assert read.rows[8][3] == NotCalculated("A1")


def test_formulas_with_a_result(tmp_path: Path):
    """A text result that is empty is a result: the cell is empty, not uncalculated."""
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        drawn = book.add_worksheet("A")
        drawn.write_formula("A1", "=1+1", None, 2)
        drawn.write_formula("A2", '=IF(1,"","x")', None, "?")
        drawn.write_formula("A3", '="a"', None, "a")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>?</v>", b"<v></v>"))
    (calculated,) = FolderStore(tmp_path).read("b.xlsx")
    assert [row[0] if row else None for row in calculated.rows] == [2.0, None, "a"]


def test_merged_cells_hold_their_value_once(tmp_path: Path):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("A").merge_range("B2:C4", "сентябрь")
    (sheet,) = FolderStore(tmp_path).read("a.xlsx")
    assert [v for row in sheet.rows for v in row if v is not None] == ["сентябрь"]
    assert sheet.rows[1][1] == "сентябрь"
