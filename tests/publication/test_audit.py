"""The second look at disclosure control, on tables that a deputy director can check by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib import settings
from lib.model.indicator import Status
from lib.publication.audit import audit
from lib.publication.disclosure import Cell, Policy, Shown, policy

LOADED = settings.load()
RULES: Policy = policy("public", LOADED)


def cell(cut: str, group: str, k: float, n: float, code: str = "D1.02") -> Cell:
    return Cell(code, "2025-2026", "Q1", cut, group, k, n, 100 * k / n, Status.OK)


def as_it_is(source: Cell) -> Shown:
    return Shown(*source.key, source.numerator, source.denominator, source.value, "", "")


def hidden(source: Cell, symbol: str = "c") -> Shown:
    return Shown(*source.key, None, None, None, "", symbol)


# Quality of knowledge: 60 of 100 marks, of which the primary stage has 3 of 8.
SCHOOL, PRIMARY, BASIC, SECONDARY = cell("school", "", 60, 100), cell("stage", "primary", 3, 8), cell("stage", "basic", 37, 62), cell(
    "stage", "secondary", 20, 30
)  # fmt: skip
ALL = (SCHOOL, PRIMARY, BASIC, SECONDARY)


def objections(shown: list[Shown], cells: tuple[Cell, ...] = ALL, earlier: list[list[Shown]] | None = None) -> list[str]:
    return audit(cells, shown, LOADED, RULES, earlier or [])


def test_eight_marks_are_too_few_for_a_share():
    assert objections([as_it_is(c) for c in ALL]) == [
        "D1.02 stage primary: below the minimum", "D1.02 stage primary: a count of a few",
    ]  # fmt: skip


def test_three_winners_are_told_as_fewer_than_five():
    winners = Cell("D4.05", "2025-2026", "Y", "school", "", 3.0, None, 3.0, Status.OK)
    assert objections([as_it_is(winners)], (winners,)) == ["D4.05 school: a count of a few"]
    assert objections([hidden(winners, "<5")], (winners,)) == []


def test_three_who_are_missing_of_a_hundred():
    nearly_all = cell("school", "", 97, 100)
    assert objections([as_it_is(nearly_all)], (nearly_all,)) == ["D1.02 school: a count of a few"]
    everybody = cell("school", "", 100, 100)
    assert objections([as_it_is(everybody)], (everybody,)) == []


def test_a_lone_hidden_stage_is_what_the_others_leave_over():
    found = objections([as_it_is(SCHOOL), hidden(PRIMARY), as_it_is(BASIC), as_it_is(SECONDARY)])
    assert found == ["D1.02 stage primary: the total gives its numerator away", "D1.02 stage primary: the total gives its denominator away"]


def test_two_hidden_stages_are_clean():
    assert objections([as_it_is(SCHOOL), hidden(PRIMARY), as_it_is(BASIC), hidden(SECONDARY)]) == []


def test_a_hidden_school_is_clean():
    assert objections([hidden(SCHOOL), hidden(PRIMARY), as_it_is(BASIC), as_it_is(SECONDARY)]) == []


def test_what_was_published_before_is_no_secret():
    shown = [as_it_is(c) for c in ALL]
    assert objections(shown, earlier=[shown]) == []


def test_stock_speaks_of_no_people():
    books = (cell("school", "", 7, 8, "D6.01"), cell("subject", "ALG", 7, 8, "D6.01"))
    assert objections([as_it_is(c) for c in books], books) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"numerator": 59.0}, "another numerator"),
        ({"symbol": "c"}, "a number beside a symbol"),
        ({"band": "≥95"}, "a band without its symbol"),
    ],
)
def test_a_figure_that_was_tampered_with(change: dict[str, object], reason: str):
    found = objections([replace(as_it_is(SCHOOL), **change), hidden(PRIMARY), as_it_is(BASIC), hidden(SECONDARY)])
    assert [text for text in found if text.endswith(reason)] != []


def test_a_cell_that_nobody_asked_for():
    found = objections([as_it_is(c) for c in (SCHOOL, BASIC)])
    assert found[0] == "other cells than were given"
