"""Templates that LibreOffice has saved are filled, and what is filled is opened, computed and printed by it."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path

import docx
import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from lib import i18n
from lib.documents.own.answers import Filled
from lib.documents.own.placeholder import Wrong
from lib.documents.own.template import Template

pytestmark = [pytest.mark.oracle, pytest.mark.slow]
VALUES = {"D1.02": Filled("63,4 %", 63.4375, 1, percent=True), "n D1.02": Filled("1 537", 1537.0), "аты": Filled("Өң-Үгүт мектеби")}


class Told:
    def of(self, inside: str) -> Filled | Wrong:
        return VALUES.get(inside, Wrong("unknown"))

    def is_one(self, inside: str) -> bool:
        return inside in VALUES


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory):
    program = os.environ.get("SAPAT_SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is needed for this test"
    base = tmp_path_factory.mktemp("office")

    def convert(path: Path, kind: str) -> Path:
        out = base / f"{path.stem}-{kind.partition(':')[0]}"
        out.mkdir(exist_ok=True)
        profile = f"-env:UserInstallation=file://{base}/profile"
        command = [program, profile, "--headless", "--norestore", "--convert-to", kind, "--outdir", str(out), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        [made] = [file for file in out.iterdir() if file.stem == path.stem]
        return made

    return convert


def filled(path: Path, out: Path) -> Path:
    found = Template.of(path.name, path.read_bytes()).looked_through(Told())  # type: ignore[arg-type]
    assert found.faults == () and found.met
    out.write_bytes(found.content)
    return out


def test_a_word_template_of_libreoffice(office, tmp_path: Path):
    i18n.use("ky")
    made = docx.Document()
    line = made.add_paragraph()
    for run in ("Сапат: {{D1", ".02", "}} (n = {{n D1.02}})"):
        line.add_run(run).italic = run == ".02"
    made.add_table(1, 2).cell(0, 1).text = "{{D1.02}}"
    made.sections[0].header.paragraphs[0].text = "{{аты}}"
    made.save(str(tmp_path / "own.docx"))
    saved = office(office(tmp_path / "own.docx", "odt"), "docx")  # as LibreOffice writes it, not as python-docx did
    result = filled(saved, tmp_path / "filled.docx")
    assert "Сапат: 63,4 % (n = 1 537)" in [line.text for line in docx.Document(str(result)).paragraphs]
    pdf = office(result, "pdf")
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout
    assert "Өң-Үгүт мектеби" in text and text.count("63,4 %") == 2 and "{{" not in text


def test_a_spreadsheet_template_of_libreoffice(office, tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    for address, value in {
        "A1": "{{аты}}",
        "B1": "{{n D1.02}}",
        "B2": "{{D1.02}}",
        "B3": "=B1*2",
        "B4": "n: {{n D1.02}}",
        "B5": "{{D1.02}}",
    }.items():
        sheet[address] = value
    sheet["B5"].number_format = "0.00"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
    sheet.add_chart(chart, "D2")
    book.save(tmp_path / "own.xlsx")
    saved = office(office(tmp_path / "own.xlsx", "ods"), "xlsx")
    result = filled(saved, tmp_path / "filled.xlsx")
    opened = openpyxl.load_workbook(result)
    assert opened.active["B2"].value == pytest.approx(0.634375) and len(opened.active._charts) == 1
    rows = list(csv.reader(io.StringIO(office(result, "csv:Text - txt - csv (StarCalc):44,34,76").read_text(encoding="utf-8"))))
    assert [row[1] for row in rows][:5] == ["1537", "63.4%", "3074", "n: 1 537", "63.44"], "the formula is computed over what was filled in"
    assert rows[0][0] == "Өң-Үгүт мектеби"
