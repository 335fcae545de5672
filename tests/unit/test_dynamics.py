"""What is compared with what over time."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from lib.analysis import Cohorts, Figure, change, history, matched_change, periods_for, previous_comparable
from lib.analysis.dynamics import falls_in_a_row
from lib.analysis.figure import Figures


@pytest.mark.parametrize(
    ("year", "period", "expected"),
    [
        ("2025-2026", "Q2", ("2025-2026", "Q1")),
        ("2025-2026", "Q1", ("2024-2025", "Q4")),
        ("2025-2026", "Y", ("2024-2025", "Y")),
        ("2025-2026", "H1", ("2024-2025", "H2")),
        ("2025-2026", "H2", ("2025-2026", "H1")),
        ("2025-2026", "M01", ("2025-2026", "M12")),
        ("2025-2026", "M09", ("2024-2025", "M05")),
    ],
)
def test_previous_comparable_period(loaded, make_indicator, year, period, expected):
    assert previous_comparable(loaded, make_indicator(periods=("Q", "H", "Y", "M")), year, period) == expected


def test_an_indicator_without_such_periods_is_not_compared(loaded, make_indicator):
    assert previous_comparable(loaded, make_indicator(periods=("Y",)), "2025-2026", "Q2") is None


def test_grades_that_meet_new_pupils_are_compared_with_the_same_season(loaded, make_indicator):
    adaptation = make_indicator(periods=("H",), grades=(1, 5, 10))
    assert previous_comparable(loaded, adaptation, "2025-2026", "H1") == ("2024-2025", "H1")
    assert previous_comparable(loaded, adaptation, "2025-2026", "H2") == ("2025-2026", "H1")
    meals = make_indicator(periods=("Q",), grades=(1, 2, 3, 4))
    assert previous_comparable(loaded, meals, "2025-2026", "Q1") == ("2024-2025", "Q4")


def test_a_change_within_noise_says_so(make_indicator):
    small = change(Figure(48.0, 12, 25), Figure(64.0, 16, 25), make_indicator())
    assert small is not None and small.delta == 16.0 and small.is_noise and small.better is None
    large = change(Figure(32.0, 8, 25), Figure(72.0, 18, 25), make_indicator())
    assert large is not None and not large.is_noise and large.better is True
    worse = change({"value": 32.0, "numerator": 8, "denominator": 25}, {"value": 72.0, "numerator": 18, "denominator": 25},
                   make_indicator(better="lower"))  # fmt: skip
    assert worse is not None and worse.better is False


def test_one_of_one_against_none_of_one_is_noise(make_indicator):
    assert change(Figure(100.0, 1, 1), Figure(0.0, 0, 1), make_indicator()).is_noise
    assert not change(Figure(100.0, 40, 40), Figure(0.0, 0, 40), make_indicator()).is_noise


def test_a_change_without_an_indicator_takes_its_scale_from_the_figure():
    assert change(Figure(48.0, 12, 25), Figure(64.0, 16, 25)).is_noise
    assert not change(Figure(0.0, 0, 500), Figure(20.0, 100, 500)).is_noise


def test_a_change_of_a_mean_is_noise_below_half_the_tolerance(make_indicator):
    mean = make_indicator(unit="points", scale=1.0, tolerance=0.2)
    assert change(Figure(3.70, 89, 24), Figure(3.75, 90, 24), mean).is_noise
    assert change(Figure(3.70, 89, 24), Figure(3.85, 93, 24), mean).better is True


def test_without_one_of_the_values_there_is_no_change(make_indicator):
    assert change(None, Figure(1.0, 1, 1), make_indicator()) is None
    assert change(Figure(None), Figure(1.0, 1, 1), make_indicator()) is None
    assert change({"value": float("nan")}, {"value": 3.0}, make_indicator()) is None


def moved(*ways: tuple[str, str, int]) -> Cohorts:
    """Registers of 2024-2025 and 2025-2026 in which so many pupils went from one class to another ("" for none)."""
    rows = []
    for before, now, number in ways:
        codes = [f"P{len(rows) + n}" for n in range(number)]
        rows += [(year, code, name) for year, name in (("2024-2025", before), ("2025-2026", now)) for code in codes]
    return Cohorts(rows)


UP = moved(("6-А", "7-А", 20), ("4-А", "5-А", 20))
NOBODY = Cohorts()


def test_a_class_is_what_its_pupils_were():
    ways = moved(("3-А", "5-А", 20), ("4-А", "5-Б", 18), ("4-Б", "5-В", 9), ("4-В", "5-В", 9), ("8-А", "9-А", 10), ("8-А", "9-Б", 10),
                 ("6-А", "8-А", 12), ("6-Б", "8-А", 5), ("", "1-А", 20), ("11-А", "", 20), ("7-А", "7-Г", 11), ("", "7-Г", 12))  # fmt: skip
    was = {name: ways.was(name, "2025-2026") for name in ("5-А", "5-Б", "5-В", "9-А", "9-Б", "8-А", "1-А", "7-Г", "10-А")}
    assert was == {"5-А": "3-А", "5-Б": "4-А", "5-В": "", "9-А": "8-А", "9-Б": "8-А", "8-А": "6-А", "1-А": "", "7-Г": "", "10-А": ""}
    became = {
        name: told.name if (told := ways.became("school_class", name, "2024-2025")) else ""
        for name in ("3-А", "4-А", "4-Б", "8-А", "6-А", "6-Б", "11-А", "7-А")
    }
    assert became == {"3-А": "5-А", "4-А": "5-Б", "4-Б": "", "8-А": "", "6-А": "8-А", "6-Б": "", "11-А": "", "7-А": ""}
    assert ways.was("5-А", "2025-2026", 2) == "" and ways.was("5-А", "2025-2026", 0) == "5-А" and ways.was("5-А", "2024-2025") == ""


def test_a_code_that_stands_in_two_classes_says_nothing():
    rows = [("2024-2025", "P1", "3-А"), ("2024-2025", "P1", "4-А"), ("2024-2025", "P2", "4-А"), ("2024-2025", "P3", "4-А")]
    ways = Cohorts([*rows, *(("2025-2026", code, "5-А") for code in ("P1", "P2", "P3"))])
    assert ways.was("5-А", "2025-2026") == "4-А" and ways.grown("2024-2025", {"school_class": "4-А"}) == {"school_class": "5-А"}
    assert ways.became("school_class", "3-А", "2024-2025") is None


def test_where_grades_skip_numbers_a_class_is_compared_with_itself(loaded, make_indicator, make_values):
    """The turn into 2025-2026: after grade 3 comes 5, after 6 comes 8 (domain.md §2)."""
    rows = make_values(
        ("2024-2025", "Q4", {"school_class": "3-А"}, 100, 200), ("2024-2025", "Q4", {"school_class": "4-А"}, 20, 200),
        ("2024-2025", "Q4", {"school_class": "6-А"}, 60, 200), ("2024-2025", "Q4", {}, 180, 600),
        ("2025-2026", "Q1", {"school_class": "5-А"}, 120, 200), ("2025-2026", "Q1", {"school_class": "5-Б"}, 30, 200),
        ("2025-2026", "Q1", {"school_class": "8-А"}, 80, 200), ("2025-2026", "Q1", {}, 230, 600),
        ("2025-2026", "Q1", {"grade": "5"}, 150, 400), ("2024-2025", "Q4", {"grade": "5"}, 1, 400),
    )  # fmt: skip
    ways = moved(("3-А", "5-А", 20), ("4-А", "5-Б", 20), ("6-А", "8-А", 20))
    found = {
        name: matched_change(loaded, make_indicator(), rows, {"school_class": name} if name else {}, "2025-2026", "Q1", ways)
        for name in ("5-А", "5-Б", "8-А", "")
    }
    assert {name: one and (one.previous, one.current) for name, one in found.items()} == {
        "5-А": (50.0, 60.0), "5-Б": (10.0, 15.0), "8-А": (30.0, 40.0), "": (30.0, pytest.approx(38.3, abs=0.04)),
    }  # fmt: skip
    fifth = matched_change(loaded, make_indicator(), rows, {"grade": "5"}, "2025-2026", "Q1", ways)
    assert (fifth.previous, fifth.current, fifth.classes) == (30.0, 37.5, 2)
    series = history(loaded, make_indicator(), rows, {"school_class": "8-А"}, "2025-2026", "Q1", ways)
    assert series["value"].tolist() == [30.0, 40.0]


def test_a_class_that_was_split_is_one_class_before(loaded, make_indicator, make_values):
    rows = make_values(
        ("2024-2025", "Q4", {"school_class": "6-А"}, 100, 400), ("2024-2025", "Q4", {}, 100, 400),
        ("2025-2026", "Q1", {"school_class": "7-А"}, 60, 200), ("2025-2026", "Q1", {"school_class": "7-Б"}, 80, 200),
        ("2025-2026", "Q1", {}, 140, 400),
    )  # fmt: skip
    found = matched_change(loaded, make_indicator(), rows, {}, "2025-2026", "Q1", moved(("6-А", "7-А", 20), ("6-А", "7-Б", 20)))
    assert (found.previous, found.current, found.classes) == (25.0, 35.0, 2)


def test_a_class_of_which_no_register_tells_is_not_compared(loaded, make_indicator, make_values):
    rows = make_values(
        ("2024-2025", "Q4", {"school_class": "6-А"}, 100, 200), ("2025-2026", "Q1", {"school_class": "7-А"}, 160, 200),
    )  # fmt: skip
    assert matched_change(loaded, make_indicator(), rows, {"school_class": "7-А"}, "2025-2026", "Q1", NOBODY) is None
    assert len(history(loaded, make_indicator(), rows, {"school_class": "7-А"}, "2025-2026", "Q1", NOBODY)) == 1


def test_only_classes_present_both_times_are_compared(loaded, make_indicator, make_values):
    year = "2025-2026"
    rows = make_values(
        (year, "Q1", {"school_class": "7-А"}, 100, 200), (year, "Q1", {"school_class": "7-Б"}, 20, 200), (year, "Q1", {}, 120, 400),
        (year, "Q2", {"school_class": "7-А"}, 150, 200), (year, "Q2", {"school_class": "8-А"}, 0, 200), (year, "Q2", {}, 150, 400),
    )  # fmt: skip
    found = matched_change(loaded, make_indicator(), rows, {}, year, "Q2", NOBODY)
    assert found is not None
    assert (found.previous, found.current, found.delta, found.classes) == (50.0, 75.0, 25.0, 1)


def test_across_the_summer_a_class_is_compared_with_itself(loaded, make_indicator, make_values):
    rows = make_values(
        ("2024-2025", "Q4", {"school_class": "6-А"}, 100, 200), ("2024-2025", "Q4", {"school_class": "7-А"}, 0, 200),
        ("2024-2025", "Q4", {}, 100, 400), ("2024-2025", "Q4", {"grade": "7"}, 0, 200),
        ("2025-2026", "Q1", {"school_class": "7-А"}, 160, 200), ("2025-2026", "Q1", {"school_class": "5-А"}, 10, 200),
        ("2025-2026", "Q1", {}, 170, 400), ("2025-2026", "Q1", {"grade": "7"}, 160, 200), ("2025-2026", "Q1", {"stage": "basic"}, 170, 400),
    )  # fmt: skip
    for scope in ({}, {"school_class": "7-А"}, {"grade": "7"}, {"stage": "basic"}):
        found = matched_change(loaded, make_indicator(), rows, scope, "2025-2026", "Q1", UP)
        assert found is not None and found.delta == 30.0, scope


def test_distinct_counts_are_compared_as_they_are(loaded, make_indicator, make_values):
    year = "2025-2026"
    rows = make_values(
        (year, "Q1", {"school_class": "7-А"}, 1, 2), (year, "Q1", {}, 100, 400),
        (year, "Q2", {"school_class": "7-А"}, 2, 2), (year, "Q2", {}, 120, 400),
    )  # fmt: skip
    found = matched_change(loaded, make_indicator(roll_up="distinct"), rows, {}, year, "Q2", NOBODY)
    assert found is not None and (found.delta, found.classes) == (5.0, 0)


def test_history_leaves_holes_and_follows_the_class(loaded, make_indicator, make_values):
    rows = make_values(
        ("2024-2025", "Q3", {"school_class": "6-А"}, 10, 20), ("2024-2025", "Q4", {"school_class": "6-А"}, 12, 20),
        ("2025-2026", "Q1", {"school_class": "7-А"}, 13, 20), ("2025-2026", "Q3", {"school_class": "7-А"}, 11, 20),
        ("2024-2025", "Q4", {"school_class": "7-А"}, 1, 20),
    )  # fmt: skip
    found = history(loaded, make_indicator(), rows, {"school_class": "7-А"}, "2025-2026", "Q3", UP)
    assert list(zip(found["school_year"], found["period"], strict=True)) == [
        ("2024-2025", "Q3"), ("2024-2025", "Q4"), ("2025-2026", "Q1"), ("2025-2026", "Q2"), ("2025-2026", "Q3")
    ]  # fmt: skip
    assert found["value"].fillna(-1).tolist() == [50.0, 60.0, 65.0, -1.0, 55.0]
    assert found["order"].tolist() == [0, 1, 2, 3, 4]
    assert (found["low"].dropna() < found["value"].dropna()).all()
    alone = history(loaded, make_indicator(), rows, {"school_class": "7-А"}, "2025-2026", "Q3", UP, follow_class=False)
    assert alone["value"].tolist()[0] == 5.0


def test_history_is_no_longer_than_asked(loaded, make_indicator, make_values):
    rows = make_values(*((f"{y}-{y + 1}", f"Q{q}", {}, q, 10) for y in (2023, 2024, 2025) for q in (1, 2, 3, 4)))
    found = history(loaded, make_indicator(), rows, {}, "2025-2026", "Q4", NOBODY, length=5)
    assert found["value"].tolist() == [40.0, 10.0, 20.0, 30.0, 40.0]
    assert history(loaded, make_indicator(), rows.iloc[:0], {}, "2025-2026", "Q4", NOBODY).empty


def test_a_value_is_found_by_its_scope(make_values):
    rows = make_values(("2025-2026", "Q1", {}, 1, 4), ("2025-2026", "Q1", {"school_class": "7-А", "subject": "ALG"}, 3, 4))
    figures = Figures.of(rows)
    assert figures.at({}, "2025-2026", "Q1") == Figure(25.0, 1.0, 4.0)
    assert figures.at({"school_class": "7-А", "subject": "ALG"}, "2025-2026", "Q1") == Figure(75.0, 3.0, 4.0)
    assert figures.at({"school_class": "7-А"}, "2025-2026", "Q1") is None


def test_falls_in_a_row(loaded, make_indicator, make_values):
    rows = make_values(*(("2025-2026", f"Q{q}", {}, k, 10) for q, k in enumerate((3, 9, 6, 4), 1)))
    series = history(loaded, make_indicator(), rows, {}, "2025-2026", "Q4", NOBODY)
    assert falls_in_a_row(make_indicator(), series) == 2
    assert falls_in_a_row(make_indicator(better="lower"), series) == 0


@pytest.mark.parametrize(
    ("periods", "asked", "expected"),
    [
        (("Q", "Y"), "Q2", ["Q2", "Y"]), (("Y",), "Q2", ["Y"]), (("H",), "Q3", ["H2"]), (("M",), "Q2", ["M12", "M11"]),
        (("Q",), "Y", ["Q3", "Q2", "Q1"]), (("Q",), "M12", ["Q2"]), (("Q",), "Q4", []),
    ],
)  # fmt: skip
def test_each_indicator_is_shown_by_its_own_nearest_period(loaded, make_indicator, periods, asked, expected):
    seen_in_february = dataclasses.replace(loaded, as_of=dt.date(2026, 2, 20))
    assert periods_for(seen_in_february, make_indicator(periods=periods), "2025-2026", asked) == expected


def test_what_still_grows_is_not_compared_before_its_period_ends(loaded, make_indicator, make_values):
    rows = make_values(("2024-2025", "Y", {}, 14, 10), ("2025-2026", "Y", {}, 6, 10))
    winners = make_indicator(unit="count", roll_up="count", periods=("Y",))
    april, june = (dataclasses.replace(loaded, as_of=dt.date(2026, month, 15)) for month in (4, 6))
    assert matched_change(april, winners, rows, {}, "2025-2026", "Y", NOBODY) is None
    assert matched_change(june, winners, rows, {}, "2025-2026", "Y", NOBODY).delta == -80.0
    assert matched_change(april, make_indicator(), rows, {}, "2025-2026", "Y", NOBODY) is not None
