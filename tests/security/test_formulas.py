"""Formulas in cells, through every file that leaves the house: text for the programs that open it, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from lib import i18n
from lib.documents.tables import to_csv, to_xlsx
from lib.neutral import is_dangerous, neutral
from tests.conftest import Cli
from tests.security.conftest import HostileSchool, hostile
from tests.security.payloads import FORMULAS, HARMLESS

pytestmark = pytest.mark.slow

NUMBERS = [-1.0, -0.5, 0.0, 3.25, -1234567.5, 1e-7, -3.0]
# How a program begins a formula, told apart from lib.neutral: what is left when everything that may be passed over is gone.
STARTS = re.compile(
    r"[\s\"'\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b]"
)
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?\Z")


def active(cell: str) -> bool:
    """Whether a spreadsheet might run this cell of a text file."""
    if cell.startswith("'") or NUMBER.match(cell) or len(cell.strip()) <= 1:
        return False
    return bool(STARTS.match(cell)) or cell.startswith(("\t", "\r", "\n"))


def frame() -> pd.DataFrame:
    count = len(FORMULAS)
    return pd.DataFrame({"name": list(FORMULAS), "value": [NUMBERS[n % len(NUMBERS)] for n in range(count)], "=head": ["x"] * count})


def test_there_are_enough_of_them():
    assert len(set(FORMULAS)) >= 60
    assert all(active(text) or is_dangerous(text) or neutral(text) != text for text in FORMULAS)


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text_and_keeps_its_letters(text: str):
    assert not active(neutral(text)) and neutral(text) != text
    assert neutral(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_runs_nowhere_stays_as_it_is(text: str):
    assert neutral(text) == text


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_are_not_touched(number: float):
    assert neutral(number) is number


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_csv_has_no_active_cell_however_its_columns_are_parted(delimiter: str):
    """A program of another region parts the columns at another sign than we wrote."""
    text = to_csv(frame()).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for cell in row]
    assert [cell for cell in cells if active(cell)] == []


def test_numbers_of_a_csv_stay_numbers():
    for language, point in (("ky", ","), ("en", ".")):
        i18n.use(language)
        rows = list(csv.reader(io.StringIO(to_csv(frame()).decode("utf-8-sig"), newline=""), delimiter=";"))
        i18n.use("ky")
        assert [float(row[1].replace(point, ".")) for row in rows[1:]] == frame()["value"].tolist()
    assert rows[0] == ["name", "value", "'=head"]


@pytest.mark.parametrize("text", FORMULAS)
def test_xlsx_has_no_formula_in_title_filters_headers_or_cells(text: str):
    data = to_xlsx(pd.DataFrame({text: [text], "n": [-2.5]}), title=text, filters=text, snapshot=text)
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    texts = [cell for cell in cells if cell.data_type == "s"]
    assert len(texts) == 6 and all(cell.quotePrefix for cell in texts if is_dangerous(str(cell.value)) or cell.row < 6)
    assert [cell.value for cell in cells if cell.data_type == "n"] == [-2.5]
    assert not book.defined_names and not book._external_links


# --- the command line ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def school(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> HostileSchool:
    files = tuple(text for text in FORMULAS if not set(text) & set("/\x00\r\n"))
    titles = tuple(text for text in FORMULAS if len(text) <= 31 and not set(text) & set("[]:*?/\\'\r\n\t\u200b"))
    return hostile(cli, tmp_path_factory.mktemp("formulas") / "school", FORMULAS, titles, files)


COMMANDS = (
    ["issues"], ["values"], ["values", "--companions"], ["cells", "--indicator", "D1.02", "--period", "Q1"],
    ["cells", "--indicator", "D6.02", "--period", "Y"],
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_tables_of_the_command_line(cli: Cli, school: HostileSchool, words: list[str]):
    text = cli(*words, "--store", school.store, "--format", "csv").stdout
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) > 1 and {len(row) for row in rows} == {len(rows[0])}, "still a table for machines"
    assert [cell for row in rows for cell in row if active(cell)] == []
    for delimiter in (";", "\t"):
        assert [c for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) for c in row if active(c)] == []


def test_the_formulas_reach_the_command_line_and_json_says_them_word_for_word(cli: Cli, school: HostileSchool):
    shown = list(csv.DictReader(io.StringIO(cli("issues", "--store", school.store).stdout)))
    told = json.loads(cli("issues", "--store", school.store, "--format", "json").stdout)
    assert len(shown) == len(told)
    assert [neutral(str(v)) for row in told for v in row.values()] == [v for row in shown for v in row.values()]
    tabs = {row["tab"] for row in told}
    assert sum(is_dangerous(tab) for tab in tabs) > 10
    assert sum(any(text.strip() in row["message"] for row in told) for text in FORMULAS if text.strip()) > 40


def test_templates_made_of_a_hostile_registry(cli: Cli, school: HostileSchool, tmp_path: Path):
    """Names of the registry are filled into the workbooks that teachers get."""
    registry = next(path for path in school.store.rglob("*.xlsx") if "R1" in forms(path))
    cli("templates", tmp_path / "set", "--registry", registry, "--school-year", "2025-2026")
    made = sorted((tmp_path / "set").rglob("*.xlsx"))
    assert made
    found = [
        (path.name, sheet.title, cell.coordinate, cell.value) for path in made for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink
    ]  # fmt: skip
    ours = [place for place in found if not any(text.strip() and text.strip() in str(place[3]) for text in FORMULAS)]
    assert [place for place in found if place not in ours] == []


def forms(path: Path) -> set[str]:
    book = openpyxl.load_workbook(path, read_only=True)
    found = {str(c.value).removeprefix("form=").partition("@")[0] for s in book for row in s.iter_rows(max_row=1) for c in row if c.value}
    book.close()
    return found


# --- LibreOffice ---------------------------------------------------------------------------------------------------------


def opened(source: Path, folder: Path, separator: int = 59) -> str:
    """The file as LibreOffice reads it, as flat XML. Text files: that separator, UTF-8, special numbers and formulas recognized."""
    office = os.environ.get("SAPAT_SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice is missing (see `python run.py test`)"
    options = [f"--infilter=Text - txt - csv (StarCalc):{separator},34,76,1,,1033,false,true,false,false,false,-1,true"]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        office,
        profile,
        "--headless",
        *(options if source.suffix == ".csv" else []),
        "--convert-to",
        "fods",
        "--outdir",
        str(folder),
    ]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=180)
    return (
        source.with_suffix(".fods").read_text(encoding="utf-8")
        if source.parent == folder
        else (folder / f"{source.stem}.fods").read_text("utf-8")
    )


@pytest.mark.oracle
def test_libreoffice_finds_no_formula_and_all_numbers(tmp_path: Path):
    (tmp_path / "table.xlsx").write_bytes(to_xlsx(frame(), title="=1+1", filters="+1+1"))
    (tmp_path / "table-csv.csv").write_bytes(to_csv(frame()))
    (tmp_path / "control.csv").write_text("\ufeffname;value\n=1+1;2\n", encoding="utf-8")
    assert "table:formula" in opened(tmp_path / "control.csv", tmp_path), "LibreOffice does run formulas of a text file, asked so"
    for separator in (59, 44, 9):
        seen = opened(tmp_path / "table-csv.csv", tmp_path, separator)
        assert "table:formula" not in seen, separator
    seen = opened(tmp_path / "table.xlsx", tmp_path)
    assert "table:formula" not in seen
    assert seen.count('office:value="-1234567.5"') == frame()["value"].eq(-1234567.5).sum()
