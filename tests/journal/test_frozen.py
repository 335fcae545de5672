"""Exports and frozen school years: what an export gave stays, and nothing new comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest

from lib.collection import Collected
from lib.intake.frozen import FrozenYear, FrozenYears
from lib.journal.answers import AnswerBook
from lib.settings import desk_of
from lib.store import open_store
from lib.store.exports import save_export
from tests import small_school
from tests.journal.small import Small, conserved, issues, marks, text_of

Collect = Callable[..., Collected]
EXPORT = "exports/алгебра.csv"

pytestmark = pytest.mark.slow


def table(school: Small, marks_of: list[str], title: str = "7-А Алгебра 1-чейрек 2025-2026") -> list[list[object]]:
    return [[title], ["ФИО", "Баа"], *([name, mark] for name, mark in zip(school.names(), marks_of, strict=True))]


def freeze_year(school: Small) -> None:
    """As the year's turn does (tests/turn plays it): the desk remembers every workbook, and what was answered."""
    desk, there = desk_of(school.folder), {info.name: info.fingerprint for info in open_store(school.folder).workbooks()}
    FrozenYears.of(desk).add(FrozenYear(small_school.YEAR, "2026-07-01", "director", there, answers=asdict(AnswerBook(desk).read())))


@pytest.fixture
def frozen(school: Small, collected: Collect) -> Small:
    """The small school with quarter 1 of algebra from an export, frozen. One name was left open."""
    school.empty("C")
    rows = table(school, ["5"] * 12)
    rows[5][0] = str(rows[5][0])[:-1] + "ъ"
    school.put(EXPORT, rows)
    collected()
    freeze_year(school)
    return school


def given(result: Collected) -> set[tuple[str, str]]:
    return {found[:2] for (_, key), found in marks(result.snapshot, "ALG").items() if key == "q1"}


def test_what_it_gave_stays_and_nobody_is_asked(frozen: Small, collected: Collect):
    result = collected()
    assert given(result) == {("5", EXPORT)}
    assert EXPORT in FrozenYears.of(desk_of(frozen.folder)).years[small_school.YEAR].workbooks
    assert result.snapshot.table("questions").num_rows == 0, "an answer would move the figures of a frozen year"
    assert issues(result.snapshot, "journal_name_asked"), "what was left open is still told"
    conserved(result.snapshot)


def test_an_edited_export_is_not_used(frozen: Small, collected: Collect):
    path = frozen.folder / EXPORT
    path.chmod(0o600)
    frozen.put(EXPORT, table(frozen, ["3"] * 12))
    result = collected()
    assert given(result) == {("5", EXPORT)} and issues(result.snapshot, "year_frozen_changed")
    path.unlink()
    result = collected()
    assert given(result) == {("5", EXPORT)} and issues(result.snapshot, "year_frozen_gone")


def test_a_saved_export_that_says_the_same_is_used(frozen: Small, collected: Collect):
    path = frozen.folder / EXPORT
    path.chmod(0o600)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    result = collected()
    assert given(result) == {("5", EXPORT)} and not issues(result.snapshot, "year_frozen_changed")


def test_a_new_export_brings_nothing_in(frozen: Small, collected: Collect):
    before = collected().snapshot
    saved = save_export(frozen.folder, "7-А ALG Q1", ".csv", text_of(table(frozen, ["2"] * 12)))
    frozen.put("exports/экинчи.csv", table(frozen, ["4"] * 12, "7-А Алгебра 2-чейрек"))  # no year: the newest, which is frozen
    result = collected()
    assert marks(result.snapshot, "ALG") == marks(before, "ALG")
    told = issues(result.snapshot, "year_frozen_new")
    assert {(i["workbook"], i["cells"], i["severity"]) for i in told} == {(saved, 24, "error"), ("exports/экинчи.csv", 24, "error")}
    conserved(result.snapshot)


def test_an_answer_kept_before_goes_on_counting(school: Small, collected: Collect):
    school.empty("C")
    rows = table(school, ["5"] * 12)
    rows[5][0] = "Башка Ат"
    school.put(EXPORT, rows)
    collected()
    AnswerBook(desk_of(school.folder)).add(names={(small_school.YEAR, "7-А", "Башка Ат"): school.ids()[3]})
    collected()
    freeze_year(school)
    assert marks(collected().snapshot, "ALG")[school.ids()[3], "q1"] == ("5", EXPORT, 6)


def test_an_export_that_only_confirms_is_frozen_too(school: Small, collected: Collect):
    school.fill("C", [4.0] * 12)
    school.put(EXPORT, table(school, ["4"] * 12))
    collected()
    freeze_year(school)
    assert not issues(collected().snapshot)
