"""Files for the reader: CSV and XLSX that other programs open rightly, and in which no cell can run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import shutil
import subprocess

import numpy as np
import openpyxl
import pandas as pd
import pytest
from PIL import Image

from lib import charts, i18n
from lib.documents.tables import is_dangerous, to_csv, to_png, to_xlsx

HOSTILE = [
    "=1+1", "=HYPERLINK(\"http://example.org\",\"ок\")", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1",
    "=cmd|'/c calc'!A1",
]  # fmt: skip
HARMLESS = ["7-А", "–", "−3,2", "+3,2", "-1.5", "Ңая; Ө", "n = 25", "12 345", "http://example.org", "mailto:a@example.org", "01.02.2026"]


@pytest.fixture
def frame() -> pd.DataFrame:
    texts = HOSTILE + HARMLESS
    count = len(texts)
    return pd.DataFrame(
        {"name": texts, "value": [48.0, None, 1 / 3] + [0.0] * (count - 3), "n": pd.array([25, None] + [1] * (count - 2), dtype="Int64"),
         "day": [dt.date(2026, 4, 15), None] + [dt.date(2026, 1, 2)] * (count - 2), "sure": [True, False] * (count // 2)}
    )  # fmt: skip


HEADERS = {"name": "Класс", "value": "Маани, %", "n": "Саны", "day": "Күнү", "sure": "=Аныкпы"}


def test_csv_opens_in_a_spreadsheet_of_this_region(frame):
    data = to_csv(frame, HEADERS)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == ["Класс", "Маани, %", "Саны", "Күнү", "'=Аныкпы"]
    assert rows[1][1:] == ["48", "25", "15.04.2026", "1"]
    assert rows[2][1:4] == ["", "", ""]
    assert rows[3][1] == "0,3333333333333333"
    assert len(rows) == len(frame) + 1


def test_no_cell_of_a_csv_begins_like_a_formula(frame):
    rows = list(csv.reader(io.StringIO(to_csv(frame).decode("utf-8-sig"), newline=""), delimiter=";"))
    names = [row[0] for row in rows[1:]]
    assert [name for name in names if is_dangerous(name)] == []
    assert all(name.startswith("'") for name in names[: len(HOSTILE)])
    assert [name.replace("'", "") for name in names[: len(HOSTILE)]] == [text.replace("'", "") for text in HOSTILE]
    assert names[len(HOSTILE) :] == HARMLESS


def test_english_csv_has_a_decimal_point(frame):
    i18n.use("en")
    try:
        assert b"0.3333333333333333" in to_csv(frame)
    finally:
        i18n.use("ky")


def test_csv_without_headers_has_all_columns(frame):
    assert to_csv(frame).decode("utf-8-sig").splitlines()[0] == "name;value;n;day;sure"


def xlsx(frame: pd.DataFrame) -> bytes:
    return to_xlsx(
        frame, HEADERS, title="=Билим [сапаты]: 7-А / Ө*", filters="7-класстар · Алгебра", snapshot="000012-20260415", decimals={"value": 1}
    )


def test_xlsx_reopened_by_openpyxl(frame):
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(frame))).active
    assert sheet is not None
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == ["=Билим [сапаты]: 7-А / Ө*", "7-класстар · Алгебра", "000012-20260415"]
    assert [cell.value for cell in sheet[5]] == list(HEADERS.values())
    assert [sheet.cell(6 + i, 1).value for i in range(len(frame))] == frame["name"].str.replace("\r", "_x000D_").tolist()
    assert (sheet["B6"].value, sheet["B7"].value, sheet["B8"].value) == (48, None, 1 / 3)  # full precision
    assert sheet["B6"].number_format == "0.0"
    assert sheet["D6"].value == dt.datetime(2026, 4, 15)
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink] == []
    assert sheet["A6"].quotePrefix and not sheet.cell(6 + len(HOSTILE), 1).quotePrefix
    assert sheet.freeze_panes == "B6"


def test_an_empty_table_still_says_what_it_is():
    data = to_xlsx(pd.DataFrame(columns=["name"]), {"name": "Класс"}, title="Т")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in sheet["A"]] == ["Т", None, "Класс"]
    assert to_csv(pd.DataFrame(columns=["name"])) == b"\xef\xbb\xbfname\r\n"


def test_numpy_and_control_characters(frame):
    odd = pd.DataFrame({"a": [np.float64("nan"), np.int64(3), np.inf, pd.NaT, pd.NA, "a\x00b\x0bc"]}, dtype=object)
    rows = to_csv(odd).decode("utf-8-sig").split("\r\n")
    assert rows[1:-1] == ['""', "3", '""', '""', '""', "abc"]
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(odd))).active
    assert [cell.value for cell in sheet["A"]][1:] == [None, 3, None, None, None, "abc"]


@pytest.mark.oracle
def test_libreoffice_opens_both_without_a_formula(frame, tmp_path):
    office = os.environ.get("SAPAT_SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice is missing (see `python run.py test`)"
    (tmp_path / "table.xlsx").write_bytes(xlsx(frame))
    # The import filter of CSV: semicolons, quotes, UTF-8; formulas are judged as a person's double click would.
    (tmp_path / "plain.csv").write_bytes(to_csv(frame, HEADERS))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for name, filters in (("table.xlsx", ()), ("plain.csv", ("--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1033,false,true",))):
        command = [office, profile, "--headless", *filters, "--convert-to", "fods", "--outdir", str(tmp_path), str(tmp_path / name)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        seen = (tmp_path / name).with_suffix(".fods").read_text(encoding="utf-8")
        assert "table:formula" not in seen, name
        assert "Маани, %" in seen and "Ңая; Ө" in seen, name
        assert "calc" in seen, name  # the text itself is kept


def test_a_chart_becomes_a_picture_with_its_title():
    bars = charts.bars(pd.DataFrame({"group": ["7-А"], "value": [3.0], "label": ["3"]}))
    with Image.open(io.BytesIO(to_png(bars, title="Билим сапаты", filters="7-класстар", snapshot="000012-20260415"))) as image:
        assert image.width >= 1500
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
