"""`publish` as other programs rely on it: files, header, exit codes, the names of what stands against it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import shutil
import stat
from pathlib import Path

import pytest

from lib import settings
from lib.publication import checklist
from lib.publication import draft as drafting
from lib.publication.disclosure import Cell, Shown
from lib.publication.draft import draft
from lib.publication.edition import Editions
from lib.publication.files import files_of
from lib.settings import UserError
from lib.snapshot import Snapshots
from tests.conftest import run_cli
from tests.publication.conftest import YEAR, Published, publish

pytestmark = pytest.mark.slow

FILES = ["data.csv", "data.json", "index.html", "report.pdf", "report.ru.pdf"]
HEADER = "edition,indicator,school_year,period,cut,group,numerator,denominator,value,symbol"
DAY = dt.date(2026, 4, 20)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "data.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_edition_is_five_files(published: Published):
    assert sorted(p.name for p in published.second.iterdir()) == FILES
    assert (published.second / "data.csv").read_text(encoding="utf-8").splitlines()[0] == HEADER
    assert (published.second / "report.pdf").read_bytes()[:5] == (published.second / "report.ru.pdf").read_bytes()[:5] == b"%PDF-"
    assert sum(p.stat().st_size for p in published.second.iterdir()) < 1_500_000


def test_rows_are_of_public_indicators_and_fixed_cuts(published: Published):
    loaded, found = published.settings, rows(published.second)
    assert {row["edition"] for row in found} == {f"{YEAR}-Q3-1"}
    assert {row["indicator"] for row in found} == {i.code for i in loaded.indicators.values() if i.visibility == "PUB"}
    assert {row["cut"] for row in found} == {"school", "stage", "subject"}
    groups = {"school": {""}, "stage": set(loaded.stages), "subject": set(loaded.subjects)}
    assert all(row["group"] in groups[row["cut"]] for row in found)
    keys = [tuple(row[name] for name in ("indicator", "period", "cut", "group")) for row in found]
    assert len(keys) == len(set(keys))


def test_health_is_published_for_the_whole_school_only(published: Published):
    assert {row["cut"] for row in rows(published.second) if row["indicator"] in ("D9.01", "D9.03", "D9.07")} == {"school"}


def test_csv_and_json_say_the_same(published: Published):
    said = json.loads((published.second / "data.json").read_text(encoding="utf-8"))
    assert said["edition"] == f"{YEAR}-Q3-1" and said["snapshot"] == published.snapshot.id and said["as_of"] == "2026-04-15"
    assert len(said["method"]) == 12 and said["published_on"]
    for row, cell in zip(rows(published.second), said["cells"], strict=True):
        assert row["symbol"] == (cell["band"] or cell["symbol"])
        for name in ("numerator", "denominator", "value"):
            assert (float(row[name]) if row[name] else None) == cell[name]


def test_values_are_the_snapshots_own(published: Published):
    table = published.snapshot.values(school_year=YEAR)
    table = table[table["part"].astype(str) == ""]
    index = {
        (str(r.indicator), str(r.period), str(r.level), str(getattr(r, str(r.level), "") if r.level != "school" else "")): r
        for r in table.itertuples()
        if r.level in ("school", "stage", "subject")
    }
    shown = [row for row in rows(published.second) if row["value"]]
    assert len(shown) > 150
    for row in shown:
        truth = index[row["indicator"], row["period"], row["cut"], row["group"]]
        assert float(row["value"]) == pytest.approx(truth.value)
        assert float(row["numerator"]) == pytest.approx(truth.numerator)


# --- frozen --------------------------------------------------------------------------------------------------------------


def test_publishing_again_makes_another_edition_and_leaves_the_old_one(school: Path, tmp_path: Path):
    said = publish(school, "Q2", tmp_path / "one", 0, YEAR, "--yes")
    assert f"Published: {YEAR}-Q2-1" in said
    folder = school / ".sapat" / "editions" / f"{YEAR}-Q2-1"
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert f"Published: {YEAR}-Q2-2" in publish(school, "Q2", tmp_path / "two", 0, YEAR, "--yes")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert all(not p.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) for p in folder.iterdir())
    first, second = ({tuple(r.items())[1:] for r in rows(tmp_path / name)} for name in ("one", "two"))
    assert first == second  # the same snapshot says the same, under another number
    assert Editions(school).ids() == [f"{YEAR}-Q2-1", f"{YEAR}-Q2-2"]


def test_without_yes_nothing_is_written(school: Path, tmp_path: Path):
    assert "Nothing was published" in publish(school, "Q2", tmp_path / "out")
    assert not (tmp_path / "out").exists() and Editions(school).ids() == []


def test_a_changed_edition_is_found(published: Published, tmp_path: Path):
    store = Path(shutil.copytree(published.store, tmp_path / "school"))
    editions = Editions(store)
    name = editions.ids()[-1]
    assert editions.open(name).id == name
    path = editions.path(name) / "data.json"
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8").replace("2026-04-15", "2026-04-16"), encoding="utf-8")
    with pytest.raises(UserError, match=name):
        editions.open(name)


def test_the_same_edition_gives_the_same_bytes(published: Published):
    editions = Editions(published.store)
    edition = editions.open(f"{YEAR}-Q3-1")
    assert files_of(edition, editions.before(edition)) == {name: (published.second / name).read_bytes() for name in FILES}


def test_an_edition_is_compared_with_the_period_before(published: Published):
    editions = Editions(published.store)
    second = editions.open(f"{YEAR}-Q3-1")
    before = editions.before(second)
    assert before is not None and before.id == f"{YEAR}-Q2-1"
    assert editions.before(before) is None


def test_two_cannot_take_the_same_number(school: Path):
    seen = draft(settings.load(school), YEAR, "Q2", DAY)
    now = dt.datetime(2026, 4, 20, 9)
    drafting.publish(settings.load(school), seen, "director", now)
    with pytest.raises(UserError, match="Q2-1"):
        drafting.publish(settings.load(school), seen, "director", now)
    assert Editions(school).made(f"{YEAR}-Q2-1") == ("director", now)


# --- what stands against it ----------------------------------------------------------------------------------------------


def codes(store: Path, period: str = "Q3", year: str = YEAR) -> set[str]:
    made = draft(settings.load(store), year, period, DAY)
    found = {check.code for check in made.checks if check.blocking}
    assert made.blocked is bool(found)
    return found


def test_the_demo_school_may_publish(demo_store: Path):
    assert codes(demo_store) == set()


def test_nothing_collected(tmp_path: Path):
    store = tmp_path / "school"
    store.mkdir()
    assert "nothing_collected" in publish(store, "Q1", tmp_path / "out", 1, YEAR, "--yes")
    assert not (tmp_path / "out").exists()


def test_a_period_that_is_not_over(demo_store: Path, tmp_path: Path):
    assert "period_not_over" in publish(demo_store, "Q4", tmp_path / "out", 1, YEAR, "--yes")
    assert "period_not_over" in codes(demo_store, "Y") and "period_not_over" in codes(demo_store, "H2")
    assert not (tmp_path / "out").exists() and Editions(demo_store).ids() == []


def test_a_year_without_data(demo_store: Path):
    assert codes(demo_store, "Q1", "2019-2020") == {"no_such_year"}


def test_a_period_that_there_is_not(demo_store: Path, tmp_path: Path):
    assert "Q5" in publish(demo_store, "Q5", tmp_path / "out", 1, YEAR, "--yes")


def test_a_calendar_that_nobody_approved(demo_store: Path):
    loaded = settings.load(demo_store)
    calendar = {year: quarters for year, quarters in loaded.calendar.items() if year != YEAR}
    made = draft(dataclasses.replace(loaded, calendar=calendar), YEAR, "Q2", DAY)
    assert {check.code for check in made.checks if check.blocking} == {"calendar_not_approved"}


def test_stale_sources(school: Path, tmp_path: Path):
    broken = next((school / YEAR).glob("class-5*.xlsx"))
    broken.write_bytes(b"no workbook")
    run_cli("collect", "--store", school, code=None)
    said = publish(school, "Q2", tmp_path / "out", 1, YEAR, "--yes")
    assert "stale_sources" in said and broken.name in said


def test_completeness_below_the_floor(demo_store: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(checklist, "completeness_floor", lambda: 0.9999)
    assert codes(demo_store) == {"completeness"}


def test_a_leak_is_stopped(demo_store: Path, monkeypatch: pytest.MonkeyPatch):
    """If disclosure control ever let everything through, the audit would not."""

    def leaky(cells: list[Cell], *_: object) -> list[Shown]:
        return [Shown(*cell.key, cell.numerator, cell.denominator, cell.value, "", "" if cell.value is not None else "x") for cell in cells]

    monkeypatch.setattr(drafting.disclosure, "protect", leaky)
    assert codes(demo_store) == {"disclosure"}


def test_advice_does_not_block(demo_store: Path):
    advice = {check.code for check in draft(settings.load(demo_store), YEAR, "Q3", DAY).checks}
    assert {"errors", "hidden"} <= advice
    assert Snapshots(demo_store).current() is not None
