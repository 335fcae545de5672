"""Tables in text: what programs write, and what would harm."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from lib.settings import GoogleFolder
from lib.store.base import StoreProblem
from lib.store.exports import EXPORTS, PASTED, is_export, save_export, with_pasted
from lib.store.folder import FolderStore
from lib.store.text import MAX_TEXT_BYTES, read_file, read_text
from lib.store.xlsx import MAX_COLUMNS, MAX_ROWS

TEXT = "ФИО;Алгебра\r\nӨмүрова Ң.;5\r\n"
ROWS = [["ФИО", "Алгебра"], ["Өмүрова Ң.", "5"]]


def rows(content: bytes, name: str = "exports/a.csv") -> list[list[object]]:
    (sheet,) = read_file(content, name)
    return [list(row) for row in sheet.rows]


@pytest.mark.parametrize("content", [
    TEXT.encode(), codecs.BOM_UTF8 + TEXT.encode(), codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), TEXT.encode("utf-16"),
    TEXT.replace(";", ",").encode(), TEXT.replace(";", "\t").encode(), TEXT.replace("\r\n", "\n").encode(), b"sep=;\r\n" + TEXT.encode(),
    '"ФИО";"Алгебра"\r\n"Өмүрова Ң.";"5"\r\n'.encode(), TEXT.replace("\r\n", ";\r\n").encode() + b"\r\n\r\n",
])  # fmt: skip
def test_the_same_table(content: bytes):
    found = rows(content)
    assert [row for row in found if row] == ROWS


def test_windows_cyrillic_loses_three_letters():
    assert rows("ФИО;Алгебра\nӨмүрова;5\n".encode("cp1251", "replace")) == [["ФИО", "Алгебра"], ["?м?рова", "5"]]


def test_cells_with_separators_quotes_and_lines():
    assert rows('ФИО;"Класс ""7-А"""\n"Асанов; Азамат";"эки\nсап"\n'.encode()) == [["ФИО", 'Класс "7-А"'], ["Асанов; Азамат", "эки\nсап"]]


def test_a_quotation_mark_that_is_none():
    assert rows('ФИО;Алгебра\n"Асанов" Азамат;5\n'.encode()) == [["ФИО", "Алгебра"], ['"Асанов" Азамат', "5"]]


def test_places_are_kept():
    assert rows(b"\n\n;x;\n") == [[], [], [None, "x"]]


@pytest.mark.parametrize(("content", "code"), [
    (b"", "workbook_empty"), (b" \r\n\n", "workbook_empty"), (b"a;b\0c\n", "text_unreadable"), (b"\x98\x98;\xff\n", "text_unreadable"),
    (b";" * (MAX_COLUMNS + 1) + b"x", "cell_too_far"), (b"\n" * MAX_ROWS + b"x", "cell_too_far"), (b"x" * 6_000, "text_unreadable"),
    (b"x;" * (MAX_TEXT_BYTES // 2 + 1), "workbook_too_big"), (codecs.BOM_UTF16_LE + b"\x00\xd8", "text_unreadable"),
])  # fmt: skip
def test_what_would_harm_is_named(content: bytes, code: str):
    with pytest.raises(StoreProblem) as problem:
        read_text(content, "exports/a.csv")
    assert problem.value.code == code


def test_formulas_and_scripts_stay_text():
    assert rows(b"a;=HYPERLINK(1)\n<script>;@x\n") == [["a", "=HYPERLINK(1)"], ["<script>", "@x"]]


# --- where they lie ------------------------------------------------------------------------------------------------------


def test_what_is_kept_is_listed_under_its_name(tmp_path: Path):
    name = save_export(tmp_path, "../../7-А / Q1 <b>", ".csv", TEXT.encode())
    assert name == save_export(tmp_path, "../../7-А / Q1 <b>", ".csv", TEXT.encode()), "the same content is kept once"
    assert name.startswith(f"{EXPORTS}/") and is_export(name)
    (info,) = FolderStore(tmp_path).workbooks()
    assert info.name == name and info.changed_at > 0
    assert [list(r) for r in FolderStore(tmp_path).read(name)[0].rows] == ROWS
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / name], "nothing else, and nothing outside"


def test_for_google_it_lies_in_the_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path))
    name = save_export(GoogleFolder("folder-1"), "7-А Q1", ".csv", TEXT.encode())
    assert name.startswith(f"{PASTED}/") and is_export(name)
    (desk,) = tmp_path.iterdir()
    other = tmp_path / "other"
    other.mkdir()
    both = with_pasted(FolderStore(other), desk)
    (other / "b.csv").write_bytes("ФИО;Физика\nАсанов А.;4\n".encode())
    assert [info.name for info in both.workbooks()] == ["b.csv", name]
    assert [list(r) for r in both.read(name)[0].rows] == ROWS
    assert both.read("b.csv")[0].rows[1][1] == "4"
    assert with_pasted(FolderStore(other), other).__class__ is FolderStore, "without pasted exports the store is as it was"
