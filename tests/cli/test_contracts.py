"""What other tools rely on: commands, last lines, headers, formats, exit codes.

The school here is made by `templates` and typed in by openpyxl, the way any program may do it. Nothing comes from the demo.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.google_school import GoogleSchool, ServerProcess

YEAR, DAY = "2025-2026", "2026-04-15"
pytestmark = pytest.mark.slow

VALUES = (
    "indicator,school_year,period,level,school,stage,grade,school_class,subject,method_association,teacher,"
    "numerator,denominator,value,status"
)
ISSUES = "workbook,tab,cell,code,severity,form,message"

PUPILS = {
    "7-А": ["P2019001", "P2019002", "P2019003", "P2019004", "P2019005", "P2019006"],
    "7-Б": ["P2019007", "P2019008", "P2019009"],
}
NAMES = ["Абдыкадырова Айгүл", "Бекова Нурайым", "Өмүров Эмир", "Үсөнов Тилек", "Жумабаева Аделя", "Касымова Бермет", "Мамытов Адис",
         "Сыдыков Ислам", "Токтогулова Сезим"]  # fmt: skip
# What the teachers type. "7" is no mark: it must be reported, not counted.
Q1 = {
    "P2019001": 5, "P2019002": 4, "P2019003": "3", "P2019004": 2, "P2019005": "н/а", "P2019006": 7,
    "P2019007": 4, "P2019008": 4, "P2019009": "осв",
}  # fmt: skip


def tabs(path: Path) -> Iterator[tuple[openpyxl.Workbook, object, dict[str, str], dict[str, int]]]:
    """Every tab with an identity: workbook, sheet, identity, key → column number."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets:
        first = [cell.value for cell in sheet[1]]
        if first and first[0] == "sapat":
            identity = dict(str(v).split("=", 1) for v in first[1:] if v)
            identity["form"] = identity["form"].split("@")[0]
            yield book, sheet, identity, {c.value: c.column for c in sheet[2] if c.value}


def write(path: Path, form: str, rows: list[dict[str, object]]) -> None:
    """Type rows into the form's tab from the first data row on."""
    for book, sheet, identity, keys in tabs(path):
        if identity["form"] == form:
            for number, row in enumerate(rows, 6):
                for key, value in row.items():
                    sheet.cell(number, keys[key]).value = value
            book.save(path)
            return
    raise AssertionError(f"{path} has no tab {form}")


def typed_cells(store: Path) -> int:
    """Every non-empty cell under a key, from row 6 on, counted without the product."""
    return sum(
        1
        for path in sorted(store.rglob("*.xlsx"))
        for _, sheet, _, keys in tabs(path)
        for row in sheet.iter_rows(min_row=6)
        for cell in row
        if cell.column in keys.values() and cell.value is not None and str(cell.value).strip()
    )


@pytest.fixture(scope="module")
def store(cli, tmp_path_factory) -> Path:
    """A school of nine pupils in two classes: registry filled, the set made from it, one quarter of algebra typed in."""
    base = tmp_path_factory.mktemp("templates")
    cli("templates", base / "blank", "--school-year", YEAR)
    [registry] = (base / "blank").rglob("*.xlsx")
    pupils = [(pupil, school_class) for school_class, ids in PUPILS.items() for pupil in ids]
    write(registry, "R1", [
        {
            "pupil_id": pupil, "full_name": name, "sex": "э" if name.endswith("в") else "к", "school_class": school_class,
            "instruction_language": "кыргыз", "entered_on": dt.date(2019, 9, 1), "status": "окуйт",
        }
        for (pupil, school_class), name in zip(pupils, NAMES, strict=True)
    ])  # fmt: skip
    write(registry, "R2C", [
        {"school_class": c, "grade": 7, "class_teacher_id": "T001", "instruction_language": "кыргыз", "shift": 1} for c in PUPILS
    ])  # fmt: skip
    write(registry, "R2S", [
        {"teacher_id": "T001", "full_name": "Осмонова Гүлнара", "roles": "мугалим", "mo": "math", "category": "жогорку", "active": "ооба"},
        {"teacher_id": "T002", "full_name": "Асанов Бакыт", "roles": "мугалим", "mo": "kyrgyz", "category": "биринчи", "active": "ооба"},
    ])  # fmt: skip
    write(registry, "R2L", [
        {"teacher_id": teacher, "subject": subject, "school_class": c, "hours": 3, "vacant": "жок", "programme_approved": "ооба"}
        for c in PUPILS
        for teacher, subject in (("T001", "ALG"), ("T002", "KYR"))
    ])  # fmt: skip
    cli("templates", base / "school", "--registry", registry, "--school-year", YEAR)
    if not any(identity["form"] == "R1" for path in (base / "school").rglob("*.xlsx") for _, _, identity, _ in tabs(path)):
        shutil.copy(registry, base / "school" / YEAR / "registry.xlsx")
    for path in sorted((base / "school").rglob("*.xlsx")):
        for book, sheet, identity, keys in tabs(path):
            if (identity["form"], identity.get("subject")) != ("F01", "ALG"):
                continue
            for row in range(6, sheet.max_row + 1):
                pupil = sheet.cell(row, keys["pupil_id"]).value
                if pupil:
                    assert pupil in PUPILS[identity["school_class"]], "the set has each class's own pupils filled in"
                    sheet.cell(row, keys["q1"]).value = Q1[pupil]
            book.save(path)
    return base / "school"


@pytest.fixture(scope="module", params=["folder", "google"])
def target(request: pytest.FixtureRequest, store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What `--store` is told: the folder itself, or a Drive folder that holds the same workbooks."""
    if request.param == "folder":
        yield str(store)
        return
    base = tmp_path_factory.mktemp("google")
    with ServerProcess() as server, pytest.MonkeyPatch.context() as patch:
        school = GoogleSchool(server.url, base)
        school.mirror(store)
        patch.setenv("SAPAT_DESKS", str(base / "var" / "desks"))
        for name, value in school.environment().items():
            patch.setenv(name, value)
        yield f"google:{school.id}"


@pytest.fixture(scope="module")
def collected(cli, target: str):
    return cli("collect", "--store", target, "--as-of", DAY)


def table(cli, *words: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(cli(*words, "--as-of", DAY).stdout)))


def test_the_set_has_a_tab_for_each_subject_of_each_class(store: Path):
    marks = {
        (i["school_class"], i["subject"]) for path in store.rglob("*.xlsx") for _, _, i, _ in tabs(path) if i["form"] == "F01"
    }  # fmt: skip
    assert marks == {(c, s) for c in PUPILS for s in ("ALG", "KYR")}


def test_collect_ends_with_the_count_and_conserves_cells(collected, store: Path):
    found = re.fullmatch(r"cells (\d+) = accepted (\d+) \+ reported (\d+)", collected.stdout.splitlines()[-1])
    assert found, collected.stdout
    cells, accepted, reported = map(int, found.groups())
    assert cells == accepted + reported
    assert reported == 1, "the mark 7, and nothing else"
    assert cells == typed_cells(store)


def test_values_csv(cli, collected, target: str):
    done = cli("values", "--store", target, "--format", "csv", "--as-of", DAY)
    assert done.stdout.splitlines()[0] == VALUES
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    one = [r for r in rows if (r["indicator"], r["school_year"], r["period"]) == ("D1.02", YEAR, "Q1")]
    by_place = {(r["level"], r["school_class"], r["subject"]): r for r in one}
    # 7-А: 5 4 3 2 н/а count, 7 is refused; 7-Б: 4 4 count, осв does not
    a, b = by_place["school_class+subject", "7-А", "ALG"], by_place["school_class+subject", "7-Б", "ALG"]
    assert (float(a["numerator"]), float(a["denominator"]), float(a["value"])) == (2, 5, 40)
    assert (float(b["numerator"]), float(b["denominator"]), float(b["value"]), b["status"]) == (2, 2, 100, "ok")
    whole = next(r for r in one if r["level"] == "school")
    assert float(whole["value"]) == pytest.approx(100 * 4 / 7, abs=1e-12), "a roll-up is Σ/Σ, never a mean of percentages"
    assert whole["school"] and not whole["grade"] and not whole["school_class"]
    assert repr(float(whole["value"]))[:12] == repr(400 / 7)[:12], "full precision, no rounding"
    empty = by_place["school_class+subject", "7-А", "KYR"]
    assert (empty["value"], empty["status"]) == ("", "not_collected"), "absent is never 0"


def test_every_level_names_the_filled_dimensions(cli, collected, target: str):
    dimensions = ("school", "stage", "grade", "school_class", "subject", "method_association", "teacher")
    for row in table(cli, "values", "--store", target):
        assert row["level"] == "+".join(d for d in dimensions if row[d]), row


def test_every_indicator_has_a_value_or_a_reason(cli, collected, target: str):
    rows = table(cli, "values", "--store", target)
    schoolwide = {r["indicator"] for r in rows if r["level"] == "school"}
    with (Path(__file__).parents[1] / "house" / "indicators.txt").open(encoding="utf-8") as file:
        catalogue = set(file.read().split())
    assert catalogue <= schoolwide, f"no school row: {sorted(catalogue - schoolwide)}"
    assert all(r["status"] in ("ok", "not_applicable", "not_collected", "incomplete", "suppressed") for r in rows)
    assert all((r["value"] != "") == (r["status"] in ("ok", "incomplete")) for r in rows)


def test_values_json_and_parquet_hold_the_same(cli, collected, target: str, tmp_path: Path):
    plain = table(cli, "values", "--store", target)
    as_json = json.loads(cli("values", "--store", target, "--format", "json", "--as-of", DAY).stdout)
    cli("values", "--store", target, "--format", "parquet", "--out", tmp_path / "values.parquet", "--as-of", DAY)
    as_parquet = pq.read_table(tmp_path / "values.parquet").to_pylist()
    assert len(plain) == len(as_json) == len(as_parquet) > 0
    assert list(as_json[0]) == VALUES.split(",") == pq.read_schema(tmp_path / "values.parquet").names
    for a, b, c in zip(plain, as_json, as_parquet, strict=True):
        for name in VALUES.split(","):
            text = "" if b[name] is None else str(b[name])
            assert a[name] == text == ("" if c[name] is None else str(c[name]))


def test_issues_name_the_cell_and_say_how_to_mend_it(cli, collected, target: str, store: Path):
    done = cli("issues", "--store", target, "--format", "csv", "--as-of", DAY)
    assert done.stdout.splitlines()[0] == ISSUES
    wrong = [r for r in csv.DictReader(io.StringIO(done.stdout)) if r["severity"] == "error"]
    assert len(wrong) == 1
    [issue] = wrong
    book = openpyxl.load_workbook(store / issue["workbook"])
    assert book[issue["tab"]][issue["cell"]].value == 7
    assert issue["form"] == "F01"
    assert "7" in issue["message"]
    in_russian = table(cli, "issues", "--store", target, "--lang", "ru")
    assert len(in_russian) == len(list(csv.DictReader(io.StringIO(done.stdout))))
    assert next(r["message"] for r in in_russian if r["severity"] == "error") != issue["message"]


def test_cells_lists_what_stands_behind_a_value(cli, collected, target: str, store: Path):
    rows = table(cli, "cells", "--store", target, "--indicator", "D1.02", "--period", "Q1", "--school-class", "7-А", "--subject", "ALG")
    assert {"workbook", "tab", "cell", "value"} <= rows[0].keys()
    found = []
    for row in rows:
        value = openpyxl.load_workbook(store / row["workbook"])[row["tab"]][row["cell"]].value
        assert str(value) == row["value"]
        found.append(str(value))
    assert sorted(found) == sorted(["5", "4", "3", "2", "н/а"])


def test_a_broken_workbook_is_named_and_the_rest_is_shown(cli, store: Path, collected, tmp_path: Path):
    copy = tmp_path / "school"
    shutil.copytree(store, copy, ignore=shutil.ignore_patterns(".sapat"))
    (copy / YEAR / "broken.xlsx").write_text("not a workbook", encoding="utf-8")
    done = cli("collect", "--store", copy, "--as-of", DAY)
    assert done.stdout.splitlines()[-1] == collected.stdout.splitlines()[-1]
    assert any(r["workbook"].endswith("broken.xlsx") for r in table(cli, "issues", "--store", copy))


def test_exit_codes(cli, tmp_path: Path, target: str, collected):
    (tmp_path / "empty").mkdir()
    assert cli("collect", "--store", tmp_path / "empty", code=None).returncode != 0, "nothing could be read"
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.xlsx").write_bytes(b"PK\x03\x04 cut off")
    assert cli("collect", "--store", tmp_path / "broken", code=None).returncode != 0, "nothing could be read"
    missing = cli("collect", "--store", tmp_path / "nowhere", code=None)
    assert missing.returncode != 0
    assert "Traceback" not in missing.stderr
    assert "nowhere" in missing.stderr
    unknown = cli("cells", "--store", target, "--indicator", "D1.99", "--period", "Q1", "--as-of", DAY, code=1)
    assert "D1.99" in unknown.stderr and "Traceback" not in unknown.stderr
    cli("no-such-word", code=2)


def test_a_second_collect_reads_nothing_again(cli, collected, target: str):
    done = cli("collect", "--store", target, "--as-of", DAY)
    assert done.stdout.splitlines()[-1] == collected.stdout.splitlines()[-1]
    assert "workbooks read 0" in done.stderr


def test_doctor_finds_nothing_wrong(cli, collected, target: str):
    cli("doctor", "--store", target, "--as-of", DAY)
