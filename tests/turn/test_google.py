"""The turn of a school whose workbooks are spreadsheets, on the local server: made, protected, opened again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib import collection, settings
from lib.collection import collect
from lib.provisioning import provision
from lib.templates import plan_registry, plan_set
from lib.turn.command import Order, run
from tests.provisioning.drive_school import DriveSchool, drive_school, key, registry
from tests.sheets_server import SheetsServer

pytestmark = pytest.mark.slow
OLD, NEW = "2025-2026", "2026-2027"
NOW = dt.datetime(2026, 8, 20, 9)


@pytest.fixture
def school(tmp_path: Path, plans_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DriveSchool]:
    """Registry and a class with its marks of 2025-2026 in Drive."""
    monkeypatch.setattr(collection, "PLANS", plans_folder)
    with SheetsServer() as server:
        monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "desks"))
        monkeypatch.setenv("SAPAT_GOOGLE_WRITE_KEY", key(server))
        monkeypatch.setenv("SAPAT_GOOGLE_KEY", key(server))
        monkeypatch.delenv("SAPAT_STORE", raising=False)
        made = drive_school(server)
        loaded = settings.load(as_of=NOW.date())
        own = registry(("7-А",), 4)
        rows = {
            "R1": [{"pupil_id": p.pupil_id, "full_name": f"Осмонов {p.full_name.split()[0]}", "school_class": "7-А", "status": "окуйт"}
                for p in own.pupils],
            "R2C": [{"school_class": "7-А", "grade": 7, "class_teacher_id": "T001"}],
            "R2S": [{"teacher_id": "T001", "full_name": "Осмонова Гүлнара", "mo": "math", "roles": ["teacher"], "active": True}],
            "R2L": [{"teacher_id": "T001", "subject": code, "school_class": "7-А", "hours": 2.0} for code in ("ALG", "KYR")],
        }  # fmt: skip
        place_of = {tab.form.id: tab.place for tab in plan_registry(loaded, OLD).tabs}
        books = [plan_registry(loaded, OLD, {place_of[form]: lines for form, lines in rows.items()})]
        books += [plan for plan in plan_set(own, loaded, OLD) if plan.name.endswith("/class-7-А.xlsx")]
        assert not provision(made.place, books, loaded, made.way).failed
        yield made


@pytest.fixture(scope="session")
def plans_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")


def turned(school: DriveSchool, **order: Any) -> str:
    import dataclasses

    loaded = dataclasses.replace(settings.load(as_of=NOW.date()), store=school.place)
    heard: list[str] = []
    assert run(Order(**order), loaded, NOW, heard.append) == 0, "\n".join(heard)
    return "\n".join(heard)


def seen(school: DriveSchool) -> tuple[list[Any], list[tuple[str, str]]]:
    """The old year's figures, and issues about frozen years."""
    snapshot = collect(school.place, settings.load(as_of=NOW.date()), NOW, only_if_changed=True).snapshot
    figures = sorted((row for row in snapshot.table("values").to_pylist() if row["school_year"] == OLD), key=str)
    found = [(row["code"], row["workbook"]) for row in snapshot.table("issues").to_pylist() if row["code"].startswith("year_frozen")]
    return figures, found


def protected(school: DriveSchool, name: str) -> list[str]:
    fields = "sheets(protectedRanges(description,range))"
    about = school.sheet(school.files()[name], fields)["sheets"]
    return [p["description"] for sheet in about for p in sheet.get("protectedRanges", []) if OLD in p.get("description", "")]


def test_the_turn_of_a_google_school(school: DriveSchool):
    name = f"{OLD}/class-7-А"
    figures, _ = seen(school)
    before = {file: identity for file, identity in school.files().items() if file.startswith(OLD)}
    turned(school, to_year=NEW, yes=True)
    files = school.files()
    assert {file: files[file] for file in before} == before and f"{NEW}/class-8-А" in files and f"{NEW}-restricted/registry" in files
    assert protected(school, name) and seen(school) == (figures, [])
    turned(school, to_year=NEW, yes=True)
    assert school.files() == files and seen(school) == (figures, [])
    tabs = school.sheet(files[name], "sheets.properties(sheetId,title)")["sheets"]
    sheet = next(tab["properties"] for tab in tabs if "ALG" in tab["properties"]["title"] or "Алгебра" in tab["properties"]["title"])
    value = {"userEnteredValue": {"stringValue": "2"}}
    start = {"sheetId": sheet.get("sheetId", 0), "rowIndex": 5, "columnIndex": 2}
    school.batch(files[name], {"updateCells": {"start": start, "rows": [{"values": [value]}], "fields": "userEnteredValue"}})
    assert seen(school) == (figures, [("year_frozen_changed", name)])
    turned(school, reopen=OLD)
    assert protected(school, name) == [] and seen(school)[0] != figures and seen(school)[1] == []


def test_a_spreadsheet_renamed_in_a_frozen_year_changes_no_figure(school: DriveSchool):
    turned(school, to_year=NEW, yes=True)
    figures, _ = seen(school)
    school.drive("PATCH", f"/files/{school.files()[f'{OLD}/class-7-А']}", {"name": "algebra"})
    found, said = seen(school)
    assert found == figures and ("year_frozen_gone", f"{OLD}/class-7-А") in said
    assert {code for code, _ in said} == {"year_frozen_gone", "year_frozen_new"}
