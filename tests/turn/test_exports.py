"""Exports of the electronic journal and a frozen year: what came in time counts as it did, what comes later changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib import settings
from lib.journal.answers import AnswerBook
from lib.settings import desk_of
from tests import small_school
from tests.journal.printed import Printed, write
from tests.turn.conftest import ALG, OLD, School

pytestmark = pytest.mark.slow
HEADER = ("Аты-жөнү", "Алгебра")


def export(school: School, name: str, marks: list[Any], names: list[str] | None = None) -> Path:
    """A table of the third quarter's marks in algebra of 7-А, as the electronic journal prints it."""
    pupils = names or [p["full_name"] for p in small_school.pupils("7-А")]
    rows = [("7-А", "", ""), (f"{OLD}, 3-чейрек", "", ""), HEADER, *zip(pupils, marks, strict=True)]
    return write(school.folder, Printed(f"exports/{name}", [list(row) for row in rows]))


def empty(school: School, column: str) -> None:
    """The teacher of algebra of 7-А has typed nothing in that column."""
    tabs = [tab for tab in small_school.school(school.loaded.forms) if tab.workbook == ALG]
    (own,) = (tab for tab in tabs if tab.title == "ALG")
    for row in own.grid[small_school.FIRST_ROW :]:
        row[ord(column) - ord("A")] = None
    small_school.write(school.folder, tabs)


@pytest.fixture
def untyped(school: School) -> School:
    empty(school, "E")
    return school


def test_the_export_counts_while_the_year_is_open(untyped: School):
    before = untyped.figures()
    export(untyped, "7-А алгебра.csv", [5] * 12)
    assert untyped.figures() != before


def test_an_export_that_comes_later_changes_no_figure_and_is_named(untyped: School):
    untyped.turned()
    figures = untyped.figures()
    export(untyped, "7-А алгебра.csv", [5] * 12)
    assert untyped.figures() == figures
    assert untyped.issues() == [("year_frozen_new", "exports/7-А алгебра.csv")]
    assert untyped.collected().table("questions").num_rows == 0, "nobody is asked about it"
    sheets = untyped.collected().table("sheets").to_pylist()
    assert all(row["cells"] == row["accepted"] + row["reported"] and row["accepted"] >= 0 for row in sheets)
    untyped.turn(reopen=OLD)
    assert untyped.figures() != figures and untyped.issues() == []


def test_an_export_that_was_there_is_frozen_with_its_year(untyped: School):
    path = export(untyped, "7-А алгебра.csv", [5] * 12)
    figures = untyped.figures()
    untyped.turned()
    assert untyped.figures() == figures and untyped.issues() == []
    path.chmod(0o644)
    export(untyped, "7-А алгебра.csv", [2] * 12)
    assert untyped.figures() == figures and untyped.issues() == [("year_frozen_changed", "exports/7-А алгебра.csv")]
    path.unlink()
    assert untyped.figures() == figures and untyped.issues() == [("year_frozen_gone", "exports/7-А алгебра.csv")]


def test_an_answer_that_is_given_later_changes_no_figure(untyped: School):
    """A name that nobody knew when the year was frozen is told afterwards, for another export perhaps."""
    pupils = small_school.pupils("7-А")
    names = [p["full_name"] for p in pupils]
    names[0] = "Белгисиз Бирөө"
    export(untyped, "7-А алгебра.csv", [5] * 12, names)
    open_figures = untyped.figures()
    untyped.turned()
    figures = untyped.figures()
    assert figures == open_figures
    AnswerBook(desk_of(untyped.folder)).add(names={(OLD, "7-А", "Белгисиз Бирөө"): pupils[0]["pupil_id"]})
    assert untyped.figures() == figures
    untyped.turn(reopen=OLD)
    assert untyped.figures() != figures, "open again, the answer counts"


def test_whose_mark_counts_does_not_turn_when_a_frozen_workbook_is_saved_once_more(school: School, monkeypatch: pytest.MonkeyPatch):
    """By the rule "newest" the export's marks counted, because its file was changed after the teacher's."""
    import dataclasses
    import os

    rules = dataclasses.replace(school.loaded.journal, counts="newest")
    school.loaded = dataclasses.replace(school.loaded, journal=rules, digest=school.loaded.digest + "newest")
    path = export(school, "7-А алгебра.csv", [2] * 12)
    os.utime(school.folder / ALG, (1_780_000_000, 1_780_000_000))
    os.utime(path, (1_780_000_100, 1_780_000_100))
    school.turned()
    figures = school.figures()
    school.edit(ALG, "ALG", "Z1", None)  # saved by somebody, as it is: now newer than the export
    assert school.issues() == [] and school.figures() == figures


def test_the_page_of_exports_says_beforehand_that_the_year_is_frozen(untyped: School):
    from lib.intake.frozen import FrozenYears
    from lib.journal.preview import hand_in

    untyped.turned()
    snapshot = untyped.collected()
    path = export(untyped, "7-А алгебра.csv", [5] * 12)
    records = {form: snapshot.records(form).to_pylist() for form in ("R1", "R2C", "R2S", "R2L", "F01")}
    closed, answers = FrozenYears.of(desk_of(untyped.folder)), AnswerBook(desk_of(untyped.folder)).read()
    loaded = settings.load(untyped.folder, as_of=untyped.loaded.as_of)
    found = hand_in(path.name, path.read_bytes(), records, loaded, answers, closed)
    assert [issue.code for issue in found.merged.issues] == ["year_frozen_new"] and not found.merged.given
