"""Collect: what changed is read, what cannot be read keeps its last good values, what was computed before equals computing it anew."""

import datetime as dt
import shutil

import openpyxl
import pytest

from lib import collection, settings
from lib.settings import UserError
from tests import small_school

AS_OF = dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 15, 7, 40)


@pytest.fixture
def loaded():
    return settings.load(as_of=AS_OF)


@pytest.fixture
def store(tmp_path, loaded, monkeypatch):
    monkeypatch.setattr(collection, "PLANS", tmp_path / "plans")
    folder = tmp_path / "store"
    small_school.write(folder, small_school.school(loaded.forms))
    return folder


def workbook(store, name):
    return next(store.rglob(f"{name}.xlsx"))


def edit(path, tab, cell, value):
    book = openpyxl.load_workbook(path)
    book[tab][cell] = value
    book.save(path)


def values(result, table="values"):
    """key → (numerator, denominator, value, status)"""
    rows = result.snapshot.table(table).to_pylist()
    answers = ("numerator", "denominator", "value", "status", "expected")

    def seen(value):  # sums of doubles may come in another order
        return round(value, 9) if isinstance(value, float) else value

    return {tuple(v for k, v in row.items() if k not in answers): tuple(seen(row[name]) for name in answers) for row in rows}


def test_only_the_changed_workbook_is_read_again(store, loaded):
    first = collection.collect(store, loaded, NOW)
    assert (first.unchanged, first.unreadable) == (0, 0)
    assert first.cells == first.accepted + first.reported > 0
    again = collection.collect(store, loaded, NOW)
    assert (again.read, again.unchanged) == (0, first.read)
    edit(workbook(store, "class-7-А"), "ALG", "C6", 2)
    assert collection.collect(store, loaded, NOW).read == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("book", "tab", "cell", "value"),
    [("class-7-А", "ALG", "C6", 2), ("class-7-Б", "Катышуу", "E7", 9), ("equipment", "Жабдылыш", "F6", 1),
     ("registry", "Жүктөм", "E6", "ооба"), ("gifted", "Олимпиада", "H6", "1"), ("upbringing", "Иш-чаралар", "E6", "жок")],
)  # fmt: skip
def test_values_kept_from_the_last_collect_equal_values_computed_anew(store, loaded, tmp_path, book, tab, cell, value):
    collection.collect(store, loaded, NOW)
    before = values(collection.collect(store, loaded, NOW))
    edit(workbook(store, book), tab, cell, value)
    kept = collection.collect(store, loaded, NOW)
    anew = collection.collect(shutil.copytree(store, tmp_path / "anew", ignore=shutil.ignore_patterns(".sapat")), loaded, NOW)
    assert values(kept) != before
    for table in ("values", "companions"):
        assert list(values(kept, table)) == list(values(anew, table))
        assert values(kept, table) == values(anew, table)


def test_a_broken_workbook_keeps_its_last_good_values(store, loaded):
    whole = collection.collect(store, loaded, NOW)
    path = workbook(store, "class-7-А")
    good = path.read_bytes()
    path.write_bytes(good[: len(good) // 2])
    broken = collection.collect(store, loaded, NOW)
    assert broken.unreadable == 1
    marks = {key: answer for key, answer in values(broken).items() if key[0].startswith("D1.0")}
    assert marks == {key: answer for key, answer in values(whole).items() if key[0].startswith("D1.0")}
    stale = [row for row in broken.snapshot.table("sheets").to_pylist() if row["state"] == collection.STALE]
    assert {row["workbook"] for row in stale} == {"2025-2026/class-7-А.xlsx"}
    assert any(row["workbook"] == "2025-2026/class-7-А.xlsx" for row in broken.snapshot.table("issues").to_pylist())
    path.write_bytes(good)
    mended = collection.collect(store, loaded, NOW)
    assert mended.unreadable == 0
    assert values(mended) == values(whole)


@pytest.mark.slow
def test_a_workbook_that_was_never_good_hides_nothing(store, loaded):
    whole = collection.collect(store, loaded, NOW)
    (store / "2025-2026" / "broken.xlsx").write_text("no workbook", encoding="utf-8")
    broken = collection.collect(store, loaded, NOW)
    assert (broken.unreadable, broken.anything_readable) == (1, True)
    assert values(broken) == values(whole)


def test_nothing_readable_is_said(tmp_path, loaded):
    (tmp_path / "a.xlsx").write_text("no workbook", encoding="utf-8")
    assert not collection.collect(tmp_path, loaded, NOW).anything_readable


def test_a_store_that_is_no_folder_is_said(tmp_path, loaded):
    with pytest.raises(UserError, match="is not a folder"):
        collection.collect(tmp_path / "nowhere", loaded, NOW)


@pytest.mark.slow
def test_only_if_changed_makes_no_new_snapshot(store, loaded):
    first = collection.collect(store, loaded, NOW)
    assert collection.collect(store, loaded, NOW, only_if_changed=True).snapshot.id == first.snapshot.id
    later = settings.load(as_of=dt.date(2026, 5, 30))
    assert collection.collect(store, later, NOW, only_if_changed=True).snapshot.id != first.snapshot.id


@pytest.mark.slow
def test_a_plan_that_cannot_be_read_is_made_anew(store, loaded):
    first = collection.collect(store, loaded, NOW)
    for plan in collection.PLANS.glob("*.json"):
        plan.write_text("{", encoding="utf-8")
    shutil.rmtree(store / ".sapat")
    assert values(collection.collect(store, loaded, NOW)) == values(first)


@pytest.mark.slow
def test_the_first_complete_day_is_logged_once(store, loaded):
    collection.collect(store, loaded, NOW)
    log = store / ".sapat" / "submissions.csv"
    lines = log.read_text(encoding="utf-8").splitlines()
    assert len(lines) > 1
    collection.collect(store, settings.load(as_of=dt.date(2026, 5, 30)), NOW)
    again = log.read_text(encoding="utf-8").splitlines()
    assert again[: len(lines)] == lines
    assert len({line.rsplit(",", 1)[0] for line in again}) == len(again)
