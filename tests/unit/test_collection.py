"""Collect: what changed is read, what cannot be read keeps its last good values, what was computed before equals computing it anew."""

import datetime as dt
import shutil

import openpyxl
import pytest

from lib import collection, settings
from lib.settings import UserError
from lib.snapshot import Snapshots
from tests import small_school
from tests.google_school import GoogleSchool
from tests.sheets_server import SheetsServer

AS_OF = dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 15, 7, 40)


@pytest.fixture
def loaded():
    return settings.load(as_of=AS_OF)


class OnDisk:
    """The small school in a folder."""

    def __init__(self, folder, tabs):
        self.folder = self.place = folder
        small_school.write(folder, tabs)
        self._good = {}

    def path(self, name):
        return self.folder / small_school.YEAR / f"{name}.xlsx"

    def edit(self, name, tab, cell, value):
        book = openpyxl.load_workbook(self.path(name))
        book[tab][cell] = value
        book.save(self.path(name))

    def spoil(self, name):
        """It cannot be read any more."""
        self._good[name] = self.path(name).read_bytes()
        self.path(name).write_bytes(self._good[name][: len(self._good[name]) // 2])

    def mend(self, name):
        self.path(name).write_bytes(self._good[name])

    def add_broken(self):
        self.path("broken").write_text("no workbook", encoding="utf-8")

    def take_out(self, name):
        self.path(name).unlink()

    def elsewhere(self, tmp_path):
        """The same workbooks at a place of which nothing was ever read."""
        return shutil.copytree(self.folder, tmp_path / "anew", ignore=shutil.ignore_patterns(".sapat"))


class OnGoogle:
    """The same school in Google Drive."""

    def __init__(self, url, folder, tabs, desks):
        self.drive = GoogleSchool(url, folder)
        self.place = self.drive.place()
        self._desks = desks
        for name, sheets in small_school.by_workbook(tabs).items():
            self.drive.put(name, {sheet.title: sheet.rows for sheet in sheets})

    def edit(self, name, tab, cell, value):
        self.drive.edit(f"{small_school.YEAR}/{name}.xlsx", tab, cell, value)

    def spoil(self, name):
        self.drive.close(f"{small_school.YEAR}/{name}.xlsx")

    def mend(self, name):
        self.drive.open_again(f"{small_school.YEAR}/{name}.xlsx")

    def add_broken(self):
        self.drive.upload(f"{small_school.YEAR}/broken.xlsx", b"PK")

    def take_out(self, name):
        self.drive.remove(f"{small_school.YEAR}/{name}.xlsx")

    def elsewhere(self, tmp_path):
        self._desks(tmp_path / "other" / "desks")
        return self.place


@pytest.fixture(scope="module")
def server():
    with SheetsServer() as running:
        yield running


@pytest.fixture(params=["folder", pytest.param("google", marks=pytest.mark.slow)])
def school(request, tmp_path, loaded, monkeypatch):
    monkeypatch.setattr(collection, "PLANS", tmp_path / "plans")
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    tabs = small_school.school(loaded.forms)
    if request.param == "folder":
        return OnDisk(tmp_path / "store", tabs)
    return OnGoogle(
        request.getfixturevalue("server").url, tmp_path, tabs, lambda desks: monkeypatch.setenv("SAPAT_DESKS", str(desks))
    )  # fmt: skip


def values(result, table="values"):
    """key → (numerator, denominator, value, status)"""
    rows = result.snapshot.table(table).to_pylist()
    answers = ("numerator", "denominator", "value", "status", "expected")

    def seen(value):  # sums of doubles may come in another order
        return round(value, 9) if isinstance(value, float) else value

    return {tuple(v for k, v in row.items() if k not in answers): tuple(seen(row[name]) for name in answers) for row in rows}


@pytest.mark.slow
def test_only_the_changed_workbook_is_read_again(school, loaded):
    first = collection.collect(school.place, loaded, NOW)
    assert (first.unchanged, first.unreadable) == (0, 0)
    assert first.cells == first.accepted + first.reported > 0
    again = collection.collect(school.place, loaded, NOW)
    assert (again.read, again.unchanged) == (0, first.read)
    school.edit("class-7-А", "ALG", "C6", 2)
    assert collection.collect(school.place, loaded, NOW).read == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("book", "tab", "cell", "value"),
    [("class-7-А", "ALG", "C6", 2), ("class-7-Б", "Катышуу", "E7", 9), ("equipment", "Жабдылыш", "F6", 1),
     ("registry", "Жүктөм", "E6", "ооба"), ("gifted", "Олимпиада", "H6", "1"), ("upbringing", "Иш-чаралар", "E6", "жок")],
)  # fmt: skip
def test_values_kept_from_the_last_collect_equal_values_computed_anew(school, loaded, tmp_path, book, tab, cell, value):
    collection.collect(school.place, loaded, NOW)
    before = values(collection.collect(school.place, loaded, NOW))
    school.edit(book, tab, cell, value)
    kept = collection.collect(school.place, loaded, NOW)
    anew = collection.collect(school.elsewhere(tmp_path), loaded, NOW)
    assert values(kept) != before
    for table in ("values", "companions"):
        assert list(values(kept, table)) == list(values(anew, table))
        assert values(kept, table) == values(anew, table)


LATER = NOW + dt.timedelta(hours=1)


def stale_of(result):
    return [row for row in result.snapshot.table("sheets").to_pylist() if row["state"] == collection.STALE]


@pytest.mark.slow
def test_a_workbook_that_cannot_be_read_keeps_its_last_good_values(school, loaded):
    whole = collection.collect(school.place, loaded, NOW)
    school.spoil("class-7-А")
    broken = collection.collect(school.place, loaded, LATER, only_if_changed=True)
    assert broken.unreadable == 1
    marks = {key: answer for key, answer in values(broken).items() if key[0].startswith("D1.0")}
    assert marks == {key: answer for key, answer in values(whole).items() if key[0].startswith("D1.0")}
    stale = stale_of(broken)
    assert {row["workbook"] for row in stale} == {"2025-2026/class-7-А.xlsx"}
    assert {row["fresh_at"] for row in stale} == {NOW.isoformat()}, "as old as the last good look"
    (issue,) = [row for row in broken.snapshot.table("issues").to_pylist() if row["workbook"].endswith("class-7-А.xlsx") and not row["tab"]]
    assert {row["reason"] for row in stale} == {issue["code"]}
    others = [row for row in broken.snapshot.table("sheets").to_pylist() if row["state"] != collection.STALE]
    assert {(row["fresh_at"], row["reason"]) for row in others} == {(LATER.isoformat(), "")}
    much_later = LATER + dt.timedelta(hours=1)
    again = collection.collect(school.place, loaded, much_later)
    assert {row["fresh_at"] for row in stale_of(again)} == {NOW.isoformat()}
    school.mend("class-7-А")
    mended = collection.collect(school.place, loaded, much_later, only_if_changed=True)
    assert (mended.unreadable, stale_of(mended)) == (0, [])
    assert values(mended) == values(whole)


@pytest.mark.slow
def test_a_workbook_that_was_never_good_hides_nothing(school, loaded):
    whole = collection.collect(school.place, loaded, NOW)
    school.add_broken()
    broken = collection.collect(school.place, loaded, NOW)
    assert (broken.unreadable, broken.anything_readable) == (1, True)
    assert values(broken) == values(whole)


@pytest.mark.slow
def test_a_workbook_that_was_taken_out_no_longer_counts(school, loaded):
    collection.collect(school.place, loaded, NOW)
    school.take_out("gifted")
    without = collection.collect(school.place, loaded, NOW, only_if_changed=True)
    assert (without.unreadable, stale_of(without)) == (0, [])
    assert without.snapshot.records("F11").num_rows == 0


def test_nothing_readable_is_said(tmp_path, loaded):
    (tmp_path / "a.xlsx").write_text("no workbook", encoding="utf-8")
    assert not collection.collect(tmp_path, loaded, NOW).anything_readable


def test_a_store_that_is_no_folder_is_said(tmp_path, loaded):
    with pytest.raises(UserError, match="is not a folder"):
        collection.collect(tmp_path / "nowhere", loaded, NOW)


@pytest.mark.slow
def test_only_if_changed_makes_no_new_snapshot(school, loaded):
    first = collection.collect(school.place, loaded, NOW)
    assert collection.collect(school.place, loaded, LATER, only_if_changed=True).snapshot.id == first.snapshot.id
    look = Snapshots(school.place).looked()
    assert (look.at, look.good_at, look.problem) == (LATER, LATER, ""), "somebody looked, though nothing changed"
    later = settings.load(as_of=dt.date(2026, 5, 30))
    assert collection.collect(school.place, later, NOW, only_if_changed=True).snapshot.id != first.snapshot.id


@pytest.mark.slow
def test_a_workbook_can_be_read_again_though_it_did_not_change(school, loaded):
    first = collection.collect(school.place, loaded, NOW)
    name = "2025-2026/class-7-А.xlsx"
    read = []
    again = collection.collect(
        school.place, loaded, NOW, lambda done, total, workbook: read.append((done, total, workbook)), only_if_changed=True, again=[name]
    )  # fmt: skip
    assert read == [(1, 1, name)]
    assert again.snapshot.id == first.snapshot.id, "it says the same"


@pytest.mark.slow
def test_a_plan_that_cannot_be_read_is_made_anew(school, loaded, tmp_path):
    first = collection.collect(school.place, loaded, NOW)
    for plan in collection.PLANS.glob("*.json"):
        plan.write_text("{", encoding="utf-8")
    shutil.rmtree(settings.desk_of(school.place))
    assert values(collection.collect(school.place, loaded, NOW)) == values(first)


@pytest.mark.slow
def test_the_first_complete_day_is_logged_once(school, loaded):
    collection.collect(school.place, loaded, NOW)
    log = settings.desk_of(school.place) / "submissions.csv"
    lines = log.read_text(encoding="utf-8").splitlines()
    assert len(lines) > 1
    collection.collect(school.place, settings.load(as_of=dt.date(2026, 5, 30)), NOW)
    again = log.read_text(encoding="utf-8").splitlines()
    assert again[: len(lines)] == lines
    assert len({line.rsplit(",", 1)[0] for line in again}) == len(again)
