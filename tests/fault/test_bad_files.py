"""Files that are broken or meant to harm: each is one named issue, the others are read, the process lives."""

from __future__ import annotations

import io
import os
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import xlsxwriter

from lib import settings as configuration
from lib.intake.pool import read_all
from lib.intake.reading import Reading
from lib.model.cell import RawSheet
from lib.model.issue import Severity
from lib.store.base import Store, StoreProblem, WorkbookInfo
from lib.store.folder import FolderStore
from lib.store.xlsx import read_xlsx
from tests import small_school

LOADED = configuration.load()


def workbook(cells: dict[str, object] | None = None) -> bytes:
    """A good small workbook."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("A")
        for place, value in (cells or {"A1": "sapat", "B2": 5}).items():
            sheet.write(place, value)
    return file.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part rewritten (or added, when it has none of that name)."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = old.read(entry)
            new.writestr(entry.filename, change(body) if entry.filename == name else body)
        if name not in old.namelist():
            new.writestr(name, change(b""))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def cell_xml(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(b"</sheetData>", xml + b"</sheetData>")


def zip_bomb() -> bytes:
    return with_part(workbook(), "xl/media/zeros.bin", lambda _: bytes(64 * 2**20))


def sheet_bomb() -> bytes:
    return with_part(workbook(), SHEET, lambda body: body.replace(b"</worksheet>", b" " * (40 * 2**20) + b"</worksheet>"))


def encrypted() -> bytes:
    """The head of an OLE file that names an encrypted package, as Excel writes a workbook with a password."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(2048)


def lying_size() -> bytes:
    """A part that unpacks to more than its header says."""
    content = bytearray(workbook())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(content)


def many_parts() -> bytes:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a") as archive:
        for n in range(2_100):
            archive.writestr(f"xl/media/{n}.bin", b"")
    return file.getvalue()


def same_part_twice() -> bytes:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning):
        archive.writestr(SHEET, b"<worksheet/>")
    return file.getvalue()


def without_types() -> bytes:
    """A zip that is no workbook: a document of another program, or an archive of pictures."""
    return workbook().replace(b"[Content_Types].xml", b"[Content_Typos].xml")


def with_macros() -> bytes:
    return with_part(
        workbook(), "[Content_Types].xml", lambda b: b.replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")
    )


def billion_laughs(body: bytes) -> bytes:
    laughs = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return body.replace(b"<worksheet", laughs + b"<worksheet", 1)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "far cell": (lambda: with_part(workbook(), SHEET, cell_xml(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')), "cell_too_far"),
    "far cell without row": (lambda: with_part(workbook(), SHEET, cell_xml(b"<row><c s='1' r='XFD9'><v>1</v></c></row>")), "cell_too_far"),
    "far row without addresses": (lambda: with_part(workbook(), SHEET, cell_xml(b'<row r="900000"><c><v>1</v></c></row>')), "cell_too_far"),
    "address beyond every sheet": (
        lambda: with_part(workbook(), SHEET, cell_xml(b'<row r="9"><c r="ZZZZZZ99999999999"><v>1</v></c></row>')),
        "cell_too_far",
    ),
    "zip bomb": (zip_bomb, "workbook_too_big"),
    "bomb in a sheet": (sheet_bomb, "workbook_too_big"),
    "too many parts": (many_parts, "workbook_too_big"),
    "size that lies": (lying_size, "workbook_damaged"),
    "encrypted": (encrypted, "workbook_encrypted"),
    "old .xls inside": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "workbook_old_kind"),
    "truncated": (lambda: workbook()[:-400], "workbook_damaged"),
    "half": (lambda: workbook()[: len(workbook()) // 2], "workbook_damaged"),
    "one bit": (lambda: bytes(b ^ (n == 2200) for n, b in enumerate(workbook())), "workbook_damaged"),
    "text": (lambda: "Фамилия;баа\nАсанов;5\n".encode(), "workbook_not_xlsx"),
    "web page": (lambda: b"<html><body>Sign in</body></html>", "workbook_not_xlsx"),
    "empty": (lambda: b"", "workbook_empty"),
    "zeros": (lambda: bytes(5_000), "workbook_empty"),
    "another zip": (without_types, "workbook_not_xlsx"),
    "xml broken off": (lambda: with_part(workbook(), SHEET, lambda b: b[:-40]), "workbook_damaged"),
    "xml of nothing": (lambda: with_part(workbook(), SHEET, lambda b: b"rubbish"), "workbook_damaged"),
    "no sheets": (lambda: with_part(workbook(), "xl/workbook.xml", lambda b: b"<workbook/>"), "workbook_damaged"),
    "entities": (lambda: with_part(workbook(), SHEET, billion_laughs), "workbook_unsafe"),
    "utf-16 that hides": (lambda: with_part(workbook(), SHEET, lambda b: b.decode().encode("utf-16")), "workbook_damaged"),
    "path upwards": (lambda: with_part(workbook(), "xl/../../../evil.xml", lambda _: b"<a/>"), "workbook_unsafe"),
    "path from the root": (lambda: with_part(workbook(), "/etc/evil.xml", lambda _: b"<a/>"), "workbook_unsafe"),
    "windows path": (lambda: with_part(workbook(), "C:\\evil.xml", lambda _: b"<a/>"), "workbook_unsafe"),
    "same part twice": (same_part_twice, "workbook_unsafe"),
    "macros": (with_macros, "workbook_old_kind"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_each_is_refused_by_name(name: str):
    make, code = BAD[name]
    with pytest.raises(StoreProblem) as refusal:
        read_xlsx(make(), "a.xlsx")
    assert refusal.value.code == code
    for text in (LOADED.issues[code].seen, LOADED.issues[code].mend):
        text.ky.format(**refusal.value.slots)


def test_what_only_looks_dangerous_is_read():
    """A declared extent, a format on whole columns and hidden empty rows allocate nothing and are common."""
    harmless = with_part(
        workbook({"A1": "sapat", "C3": 4.5}),
        SHEET,
        lambda b: b.replace(b'<dimension ref="A1:C3"/>', b'<dimension ref="A1:XFD1048576"/>').replace(
            b"</sheetData>", b'<row r="1048576" hidden="1"><c r="XFD1048576" s="0"/></row></sheetData>'
        ),
    )
    (sheet,) = read_xlsx(harmless, "a.xlsx")
    assert sheet.rows[0][0] == "sapat"
    assert sheet.rows[2][2] == 4.5


def school_with_bad_files(folder: Path) -> tuple[int, dict[str, str]]:
    """The small school and every bad file beside it; the number of good workbooks and the expected code of each bad one."""
    tabs = small_school.school(dict(LOADED.forms))
    small_school.write(folder, tabs)
    expected = {}
    for number, (name, (make, code)) in enumerate(BAD.items()):
        path = folder / "2025-2026" / f"bad {number} {name.replace('/', '')}.xlsx"
        path.write_bytes(make())
        expected[path.relative_to(folder).as_posix()] = code
    for suffix in (".xls", ".xlsm", ".ods", ".xlsb"):
        (folder / f"other{suffix}").write_bytes(workbook())
        expected[f"other{suffix}"] = "workbook_old_kind"
    for passed_by in ("~$registry.xlsx", ".~lock.registry.xlsx#", ".hidden/a.xlsx", ".sapat/readings/b.xlsx", "notes.txt"):
        (folder / passed_by).parent.mkdir(parents=True, exist_ok=True)
        (folder / passed_by).write_bytes(b"x")
    return len(small_school.by_workbook(tabs)), expected


@pytest.mark.slow
def test_the_rest_of_the_school_is_read(tmp_path: Path):
    good, expected = school_with_bad_files(tmp_path)
    store = FolderStore(tmp_path)
    names = [info.name for info in store.workbooks()]
    assert len(names) == good + len(expected)
    readings = {r.workbook: r for r in read_all(store, names, LOADED, workers=2)}
    assert set(readings) == set(names)
    for name, reading in readings.items():
        if name in expected:
            assert reading.tabs == []
            assert [(i.code, i.severity, i.workbook) for i in reading.issues] == [(expected[name], Severity.ERROR, name)]
        else:
            assert reading.issues == []
            assert all(tab.cells == tab.accepted > 0 for tab in reading.tabs)


# --- workers that die ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TreacherousStore(Store):
    """A store whose workbooks do to the reading process what no check foresaw."""

    side_by_side: int = 2

    def workbooks(self) -> list[WorkbookInfo]:
        return []

    def fetch(self, name: str) -> bytes:
        if name.startswith("out of reach"):
            raise StoreProblem("google_network", {"reason": "timeout"}, passing=True)
        if name.startswith("unforeseen"):
            raise RuntimeError("a defect of the store")
        return b""

    @staticmethod
    def sheets(content: bytes, name: str) -> list[RawSheet]:
        if name.startswith("abort"):
            os.abort()
        if name.startswith("sleep"):
            time.sleep(60)
        if name.startswith("memory"):
            bytearray(8 * 2**30)
        if name.startswith("defect"):
            raise KeyError("Асанов Бакыт")
        if name.startswith("noise"):
            print("not an answer", flush=True)
        return [RawSheet(name, "A", [["sapat", "form=F99@1"], ["x"]])]


def read_treacherous(names: list[str], **limits: float) -> dict[str, Reading]:
    found: Iterator[Reading] = read_all(TreacherousStore(), names, LOADED, workers=2, **limits)  # type: ignore[arg-type]
    return {reading.workbook: reading for reading in found}


@pytest.mark.slow
def test_a_dying_worker_costs_its_own_workbook_only():
    names = ["a", "abort 1", "b", "noise", "c", "abort 2", "d", "defect", "e"]
    found = read_treacherous(names)
    assert set(found) == set(names)
    for name, reading in found.items():
        code = "workbook_crashed" if name.startswith(("abort", "defect")) else "form_unknown"
        assert [i.code for i in reading.issues] == [code], name
    assert "Асанов" not in str(found["defect"])


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of memory there")
def test_a_worker_that_eats_memory_is_held():
    found = read_treacherous(["memory", "a"], memory_limit=2**30)
    assert [i.code for i in found["memory"].issues] == ["workbook_crashed"]
    assert [i.code for i in found["a"].issues] == ["form_unknown"]


@pytest.mark.slow
def test_a_workbook_that_takes_too_long_is_given_up():
    started = time.monotonic()
    found = read_treacherous(["sleep", "a", "b"], time_limit=2.0)
    assert time.monotonic() - started < 20
    assert [i.code for i in found["sleep"].issues] == ["workbook_too_slow"]
    assert [i.code for i in found["b"].issues] == ["form_unknown"]


def test_what_cannot_be_fetched_costs_its_own_workbook_only():
    names = ["a", "out of reach 1", "b", "out of reach 2", "c"]
    found = read_treacherous(names)
    assert set(found) == set(names)
    assert {name: reading.passing for name, reading in found.items()} == {name: name.startswith("out") for name in names}
    assert [i.code for i in found["out of reach 1"].issues] == ["google_network"]


def test_a_defect_of_a_store_is_not_taken_for_a_workbook():
    with pytest.raises(RuntimeError, match="a defect of the store"):
        read_treacherous(["a", "unforeseen", "b"])


def test_a_worker_imports_little():
    """What is slow to import is not needed to read cells."""
    import subprocess

    code = "import sys; import lib.intake.pool, lib.intake.read, lib.store.folder; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pandas", "duckdb", "streamlit", "pyarrow", "narwhals", "altair", "numpy"} & set(loaded)
