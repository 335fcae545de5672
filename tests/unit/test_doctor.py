"""`doctor` names the first thing that keeps the school from working, and how to mend it; and says so when nothing does."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib import collection, i18n, settings
from lib.doctor import Finding, examine
from lib.settings import Place
from lib.store import google, transport
from tests import small_school
from tests.google_school import PERSON, GoogleSchool, service_key
from tests.sheets_server import SheetsServer

LOADED = settings.load(as_of=dt.date(2026, 4, 15))
NOW = dt.datetime(2026, 4, 15, 7, 40)


@pytest.fixture(scope="module")
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    monkeypatch.setattr(collection, "PLANS", tmp_path / "plans")
    monkeypatch.setattr(transport, "_PAUSES", (0.01,) * 4)
    monkeypatch.setattr(google, "_SIGNED_IN", {})
    i18n.use("en")
    yield
    i18n.use("ky")


@pytest.fixture
def school(server: SheetsServer, tmp_path: Path) -> Iterator[GoogleSchool]:
    made = GoogleSchool(server.url, tmp_path)
    for name, sheets in small_school.by_workbook(small_school.school(LOADED.forms)).items():
        made.put(name, {sheet.title: sheet.rows for sheet in sheets})
    yield made
    server.faults, server.clock_offset = None, 0


def found(place: Place) -> list[Finding]:
    return list(examine(place, LOADED, NOW))


def wrong(place: Place) -> Finding:
    """The one finding that is not good."""
    (one,) = [finding for finding in found(place) if not finding.good]
    assert one.mend, "it says how to mend it"
    return one


@pytest.mark.slow
def test_a_school_that_can_work(school: GoogleSchool):
    findings = found(school.place())
    assert all(finding.good for finding in findings), findings
    assert [finding.what for finding in findings] == [
        "configuration", "key of the service account", "clock", "folder in Google Drive", "workbooks", "tabs of forms",
        "versions of forms", "registers", "cells", "quota", "snapshot", "disk",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_folder_of_files(tmp_path: Path):
    small_school.write(tmp_path / "school", small_school.school(LOADED.forms))
    assert [finding.what for finding in found(tmp_path / "school")][:3] == ["configuration", "folder of workbooks", "workbooks"]
    assert wrong(tmp_path / "nowhere").what == "folder of workbooks"
    (tmp_path / "school" / small_school.YEAR / "broken.xlsx").write_text("no workbook", encoding="utf-8")
    assert "broken.xlsx" in wrong(tmp_path / "school").mend


def test_no_key(school: GoogleSchool, monkeypatch):
    monkeypatch.setattr("lib.settings.google._SECRETS", (Path("nowhere"), Path("nowhere")))
    assert wrong(dataclasses.replace(school.place(), key_file="")).what == "key of the service account"


def test_a_key_that_is_none(school: GoogleSchool):
    school.key_file.write_text('{"client_email": "a"}', encoding="utf-8")
    assert wrong(school.place()).what == "key of the service account"


@pytest.mark.slow
def test_a_clock_that_is_wrong(school: GoogleSchool, server: SheetsServer):
    server.clock_offset = 7200
    findings = found(school.place())
    clock = next(finding for finding in findings if finding.what == "clock")
    assert not clock.good and clock.seen[-4:] in ("7199", "7200", "7201") and "clock" in clock.mend
    assert "Google did not accept" in findings[-1].seen, "that is why the sign-in is refused"


def test_nobody_answers(school: GoogleSchool):
    place = dataclasses.replace(school.place(), drive_url="http://127.0.0.1:9", sheets_url="http://127.0.0.1:9")
    assert "cannot be reached" in wrong(place).seen


def test_a_folder_that_is_not_shared(school: GoogleSchool):
    school.unshare()
    assert wrong(school.place()).what == "folder in Google Drive"


@pytest.mark.slow
def test_an_empty_folder(server: SheetsServer, tmp_path: Path):
    findings = found(GoogleSchool(server.url, tmp_path).place())
    folder = next(finding for finding in findings if finding.what == "folder in Google Drive")
    assert not folder.good and "sapat-reader@project.example" in folder.mend


@pytest.mark.slow
def test_a_workbook_that_is_closed(school: GoogleSchool):
    found(school.place())
    school.close(f"{small_school.YEAR}/class-7-А.xlsx")
    finding = wrong(school.place())
    assert finding.what == "workbooks" and "class-7-А" in finding.mend


@pytest.mark.slow
def test_a_form_that_is_newer_than_the_program(school: GoogleSchool):
    school.edit(f"{small_school.YEAR}/class-7-А.xlsx", "ALG", "B1", "form=F01@99")
    assert {finding.what for finding in found(school.place()) if not finding.good} == {"tabs of forms", "versions of forms"}


@pytest.mark.slow
def test_a_registry_that_is_missing(school: GoogleSchool):
    school.remove(f"{small_school.YEAR}/registry.xlsx")
    assert "registers" in {finding.what for finding in found(school.place()) if not finding.good}


@pytest.mark.slow
def test_the_key_that_may_write(school: GoogleSchool, server: SheetsServer, tmp_path: Path):
    place = dataclasses.replace(school.place(), write_key_file=str(tmp_path / "writer.json"))
    assert wrong(place).what == "key that may write"
    key = service_key(server.url, PERSON)
    (tmp_path / "writer.json").write_text(json.dumps(key), encoding="utf-8")
    assert [finding.good for finding in found(place) if finding.what == "key that may write"] == [True]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ky", "ru"])
def test_it_speaks_the_readers_language(school: GoogleSchool, language: str):
    i18n.use(language)
    told = " ".join(f"{finding.what} {finding.seen}" for finding in found(school.place()))
    assert not {"configuration", "clock", "workbooks", "quota", "disk"} & set(told.split())
