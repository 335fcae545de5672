"""What is put before a director: the weightiest, at most ten, of several kinds, never a teacher."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from lib.analysis import Cohorts, FindingKind, findings

YEAR = "2025-2026"
NOBODY = Cohorts()  # no class is followed across the summer
NO_TABS = pd.DataFrame(
    columns=[
        "school_year",
        "period",
        "form",
        "school_class",
        "subject",
        "teacher",
        "workbook",
        "tab",
        "required",
        "filled",
        "due",
        "submitted",
    ]
)


@pytest.fixture
def school(loaded, make_indicator):
    """The school's settings with the given indicators only, seen on 1 February."""

    def make(*indicators):
        return dataclasses.replace(loaded, indicators={i.code: i for i in indicators}, as_of=dt.date(2026, 2, 1))

    return make


def tabs(*rows):
    names = ("form", "period", "school_class", "teacher", "required", "filled", "due")
    frame = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows])
    frame["due"] = [dt.date.fromisoformat(day) for day in frame["due"]]
    return frame.assign(
        school_year=YEAR, subject="", workbook="class-" + frame["school_class"] + ".xlsx", tab=frame["form"], submitted=None
    )


def test_a_school_on_target_has_no_findings(school, make_indicator, make_values):
    assert findings(school(make_indicator()), make_values((YEAR, "Q2", {}, 600, 1000)), NO_TABS, YEAR, "Q2", NOBODY) == []


def test_the_farthest_from_its_target_comes_first(school, make_indicator, make_values):
    near = make_indicator(code="D1.02")
    far = make_indicator(code="D9.04", direction="D9", target=100.0, tolerance=5.0)
    small = make_indicator(code="D7.01", direction="D7", target=60.0, tolerance=10.0)
    values = pd.concat(
        [
            make_values((YEAR, "Q2", {}, 430, 1000)),  # 7 below: 1.4 tolerances
            make_values((YEAR, "Q2", {}, 80, 100), indicator="D9.04"),  # 20 below: 4 tolerances
            make_values((YEAR, "Q2", {}, 52, 100), indicator="D7.01"),  # within tolerance
        ]
    )
    found = findings(school(near, far, small), values, NO_TABS, YEAR, "Q2", NOBODY)
    assert [(f.kind, f.indicator, f.value, f.target, f.n) for f in found] == [
        (FindingKind.TARGET, "D9.04", 80.0, 100.0, 100.0),
        (FindingKind.TARGET, "D1.02", 43.0, 50.0, 1000.0),
    ]
    assert [f.weight for f in found] == pytest.approx([4.0 * 100 / 112, 1.4 * 1000 / 1012])  # in tolerances, times n / (n + 12)


def test_a_weak_place_is_named_only_when_its_whole_interval_is(school, make_indicator, make_values):
    values = make_values(
        (YEAR, "Q2", {}, 600, 1000),
        (YEAR, "Q2", {"school_class": "7-А", "subject": "ALG"}, 2, 28),
        (YEAR, "Q2", {"school_class": "7-Б", "subject": "ALG"}, 0, 5),  # too few to say
        (YEAR, "Q2", {"school_class": "8-А", "subject": "ALG"}, 10, 28),  # 36 %, but it may be chance
        (YEAR, "Q2", {"teacher": "T001"}, 0, 100),
    )
    found = findings(school(make_indicator()), values, NO_TABS, YEAR, "Q2", NOBODY)
    assert [(f.kind, dict(f.scope), f.n) for f in found] == [(FindingKind.PLACE, {"school_class": "7-А", "subject": "ALG"}, 28.0)]


def test_a_place_like_the_rest_of_the_school_is_not_named(school, make_indicator, make_values):
    values = make_values((YEAR, "Q2", {}, 200, 1000), (YEAR, "Q2", {"grade": "7"}, 38, 200))
    assert [f.kind for f in findings(school(make_indicator()), values, NO_TABS, YEAR, "Q2", NOBODY)] == [FindingKind.TARGET]


def test_one_pupil_of_one_does_not_head_the_list(school, make_indicator, make_values):
    plans = make_indicator(code="D2.05", direction="D2", target=100.0, tolerance=10.0)
    values = pd.concat([make_values((YEAR, "Q2", {}, 300, 1000)), make_values((YEAR, "Q2", {}, 0, 1), indicator="D2.05")])
    assert [f.indicator for f in findings(school(make_indicator(), plans), values, NO_TABS, YEAR, "Q2", NOBODY)] == ["D1.02", "D2.05"]


def test_a_period_that_has_only_begun_does_not_hide_the_last_whole_one(school, make_indicator, make_values):
    values = make_values((YEAR, "Q1", {}, 300, 1000), (YEAR, "Q2", {}, 1, 60))
    values.loc[values["period"] == "Q2", "status"] = "incomplete"
    (found,) = findings(school(make_indicator(periods=("Q",))), values, NO_TABS, YEAR, "Y", NOBODY)
    assert (found.period, found.value, found.change) == ("Q1", 30.0, None)
    (begun,) = findings(school(make_indicator(periods=("Q",))), values, NO_TABS, YEAR, "Q2", NOBODY)
    assert (begun.period, begun.change) == ("Q2", None)


def test_a_fall_beyond_noise_is_told_and_counted(school, make_indicator, make_values):
    values = make_values((YEAR, "Q1", {}, 800, 1000), (YEAR, "Q2", {}, 700, 1000), ("2024-2025", "Q4", {}, 850, 1000))
    (found,) = findings(school(make_indicator()), values, NO_TABS, YEAR, "Q2", NOBODY)
    assert (found.kind, found.change, found.falls) == (FindingKind.FALL, pytest.approx(-10.0), 2)
    steady = make_values((YEAR, "Q1", {}, 24, 30), (YEAR, "Q2", {}, 21, 30))
    assert findings(school(make_indicator()), steady, NO_TABS, YEAR, "Q2", NOBODY) == []


def test_a_fall_is_not_told_before_the_period_ends(school, make_indicator, make_values):
    values = make_values((YEAR, "Q2", {}, 900, 1000), (YEAR, "Q3", {}, 700, 1000))  # seen on 1 February, within Q3
    assert findings(school(make_indicator()), values, NO_TABS, YEAR, "Q3", NOBODY) == []


def test_a_rise_of_what_should_be_low_is_a_fall(school, make_indicator, make_values):
    failing = make_indicator(code="D2.01", direction="D2", better="lower", target=30.0)
    values = make_values((YEAR, "Q1", {}, 50, 1000), (YEAR, "Q2", {}, 150, 1000), indicator="D2.01")
    (found,) = findings(school(failing), values, NO_TABS, YEAR, "Q2", NOBODY)
    assert (found.kind, found.change) == (FindingKind.FALL, pytest.approx(10.0))


def test_late_data_is_one_line_a_form(school):
    completeness = tabs(
        ("F01", "Q2", "7-А", "T001", 25, 0, "2026-01-01"),
        ("F01", "Q2", "7-Б", "T002", 25, 20, "2026-01-01"),
        ("F01", "Q2", "8-А", "T003", 25, 25, "2026-01-01"),
        ("F01", "Q3", "8-А", "T003", 25, 0, "2026-03-03"),  # not due yet
        ("F05", "M12", "8-А", "T003", 20, 20, "2026-01-05"),  # there
    )
    (found,) = findings(school(), pd.DataFrame(columns=["level", "indicator", "part"]), completeness, YEAR, "Q2", NOBODY)
    assert (found.kind, found.form, found.period, found.due) == (FindingKind.OVERDUE, "F01", "Q2", dt.date(2026, 1, 1))
    assert (found.count, found.total, found.cells, found.responsible) == (2, 3, 30, 2)


def test_a_few_empty_cells_are_not_late_data_and_less_weighs_less(school):
    nothing = tabs(*(("F07", "H1", f"{n}-А", f"T{n}", 20, 0, "2026-01-20") for n in range(1, 6)))
    half = tabs(*(("F05", "M09", f"{n}-А", f"T{n}", 20, 10, "2025-10-05") for n in range(1, 6)))
    little = tabs(*(("F01", "Q1", f"{n}-А", f"T{n}", 20, 19, "2025-11-07") for n in range(1, 6)))
    found = findings(school(), pd.DataFrame(columns=["level", "indicator", "part"]), pd.concat([little, half, nothing]), YEAR, "Q2", NOBODY)
    assert [f.form for f in found] == ["F07", "F05"]


def test_the_list_is_short_and_varied(school, make_indicator, make_values):
    codes = [(f"D1.{i:02d}", "D1") for i in range(1, 9)] + [(f"D{d}.01", f"D{d}") for d in range(2, 10)]
    indicators = [make_indicator(code=code, direction=direction) for code, direction in codes]
    values = pd.concat([make_values((YEAR, "Q2", {}, 100 + 10 * i, 1000), indicator=code) for i, (code, _) in enumerate(codes)])
    late = tabs(*((f"F{i:02d}", "Q2", "7-А", "T001", 10, 0, "2025-10-01") for i in range(1, 8)))
    found = findings(school(*indicators), values, late, YEAR, "Q2", NOBODY)
    assert len(found) == 10
    assert max(sum(f.direction == d for f in found) for d in {f.direction for f in found if f.direction}) <= 3
    assert sum(f.kind is FindingKind.OVERDUE for f in found) <= 3
    assert [f.weight for f in found] == sorted((f.weight for f in found), reverse=True)
    assert len(findings(school(*indicators), values, late, YEAR, "Q2", NOBODY, limit=4)) == 4


def test_an_indicator_by_half_years_is_seen_in_its_quarter(school, make_indicator, make_values):
    clubs = make_indicator(code="D7.01", direction="D7", periods=("H",))
    (found,) = findings(school(clubs), make_values((YEAR, "H1", {}, 20, 100), indicator="D7.01"), NO_TABS, YEAR, "Q2", NOBODY)
    assert found.period == "H1"


def test_what_is_better_neither_way_and_absent_values_are_no_findings(school, make_indicator, make_values):
    reserve = make_indicator(better="neither")
    assert findings(school(reserve), make_values((YEAR, "Q2", {}, 0, 1000)), NO_TABS, YEAR, "Q2", NOBODY) == []
    assert findings(school(make_indicator()), make_values((YEAR, "Q2", {}, None, None)), NO_TABS, YEAR, "Q2", NOBODY) == []


def test_categories_of_parquet_are_understood(school, make_indicator, make_values):
    values = make_values((YEAR, "Q2", {}, 430, 1000), (YEAR, "Q2", {"school_class": "7-А"}, 1, 28))
    texts = [n for n in values.columns if n not in ("numerator", "denominator", "value")]
    as_read = values.astype(dict.fromkeys(texts, "category"))
    expected = findings(school(make_indicator()), values, NO_TABS, YEAR, "Q2", NOBODY)
    assert findings(school(make_indicator()), as_read, NO_TABS, YEAR, "Q2", NOBODY) == expected
    assert len(expected) == 2
