"""A value against its target, and groups beside each other."""

from __future__ import annotations

import pytest

from lib import i18n
from lib.analysis import Figure, distance, ranked, verdict


@pytest.mark.parametrize(
    ("better", "value", "expected"),
    [
        ("higher", 50.0, "reached"), ("higher", 49.9, "near"), ("higher", 45.0, "near"), ("higher", 44.9, "missed"),
        ("higher", 49.96, "reached"),  # printed as 50,0
        ("lower", 50.0, "reached"), ("lower", 55.0, "near"), ("lower", 55.1, "missed"), ("lower", 10.0, "reached"),
        ("neither", 54.0, "reached"), ("neither", 46.0, "reached"), ("neither", 56.0, "missed"),
        ("higher", None, "none"), ("higher", float("nan"), "none"),
    ],
)  # fmt: skip
def test_verdict(make_indicator, better, value, expected):
    assert verdict(make_indicator(better=better), value) == expected


def test_without_target_or_tolerance(make_indicator):
    assert verdict(make_indicator(target=None), 10.0) == "none"
    assert distance(make_indicator(target=None), 10.0) is None
    exact = make_indicator(tolerance=0.0, target=100.0)
    assert [verdict(exact, v) for v in (100.0, 99.0)] == ["reached", "missed"]
    assert distance(exact, 90.0) == -1.0
    assert distance(make_indicator(tolerance=0.0, target=0.0, better="lower"), 3.0) == -3.0


def test_distance_is_counted_in_tolerances_and_positive_on_the_good_side(make_indicator):
    assert distance(make_indicator(), 60.0) == 2.0
    assert distance(make_indicator(), 45.0) == -1.0
    assert distance(make_indicator(better="lower"), 60.0) == -2.0
    assert distance(make_indicator(better="neither"), 60.0) == -2.0


def by_class(make_values, **shares):
    return make_values(*(("2025-2026", "Q1", {"school_class": name}, k, n) for name, (k, n) in shares.items()))


def test_a_lucky_small_class_does_not_lead(make_values, make_indicator):
    rows = by_class(make_values, **{"7-А": (20, 25), "7-Б": (3, 3), "7-В": (5, 25)})
    found = ranked(rows, make_indicator(), "school_class", 12)
    assert found["group"].tolist() == ["7-А", "7-Б", "7-В"]
    assert found["value"].tolist() == [80.0, 100.0, 20.0]  # shown as it is
    assert found["shrunk"].tolist() == pytest.approx(
        [100 * (20 + 12 * 28 / 53) / 37, 100 * (3 + 12 * 28 / 53) / 15, 100 * (5 + 12 * 28 / 53) / 37]
    )
    assert found["verdict"].tolist() == ["reached", "reached", "missed"]
    assert found["distance"].tolist() == [6.0, 10.0, -6.0]


def test_lower_is_better_puts_the_low_first_and_the_absent_last(make_values, make_indicator):
    rows = by_class(make_values, **{"10-А": (None, None), "9-Ө": (2, 30), "9-О": (9, 30), "2-А": (None, None)})
    found = ranked(rows, make_indicator(better="lower", target=5.0), "school_class", 12, order=i18n.class_key)
    assert found["group"].tolist() == ["9-Ө", "9-О", "2-А", "10-А"]
    assert found["status"].tolist() == ["ok", "ok", "not_collected", "not_collected"]
    assert found["verdict"].tolist() == ["near", "missed", "none", "none"]
    assert found["low"].isna().tolist() == [False, False, True, True]


def test_equal_values_stand_in_the_order_of_the_alphabet(make_values, make_indicator):
    rows = by_class(make_values, **{"9-Ү": (5, 10), "9-Ф": (5, 10), "9-У": (5, 10)})
    assert ranked(rows, make_indicator(), "school_class", 12)["group"].tolist() == ["9-У", "9-Ү", "9-Ф"]


def test_whether_a_group_differs_from_the_others_for_sure(make_values, make_indicator):
    rows = by_class(make_values, **{"7-А": (24, 25), "7-Б": (13, 25), "7-В": (15, 25), "7-Г": (14, 25)})
    found = ranked(rows, make_indicator(), "school_class", 12).set_index("group")["differs"].to_dict()
    assert found == {"7-А": True, "7-Б": False, "7-В": False, "7-Г": False}


def test_a_given_whole_is_what_shrinkage_draws_to(make_values, make_indicator):
    rows = by_class(make_values, **{"7-А": (0, 10)})
    found = ranked(rows, make_indicator(), "school_class", 10, whole=Figure(50.0, 500, 1000))
    assert found["shrunk"].tolist() == [25.0]


def test_means_are_sorted_as_they_are(make_values, make_indicator):
    rows = make_values(
        ("2025-2026", "Q1", {"subject": "ALG"}, 89, 24), ("2025-2026", "Q1", {"subject": "PHY"}, 110, 25), indicator="D1.04", scale=1
    )
    found = ranked(rows, make_indicator(code="D1.04", unit="points", scale=1.0, decimals=2, target=4.0, tolerance=0.3), "subject", 12)
    assert found["group"].tolist() == ["PHY", "ALG"]
    assert found["low"].isna().all()
    assert found["differs"].tolist() == [None, None]
    assert found["verdict"].tolist() == ["reached", "near"]
