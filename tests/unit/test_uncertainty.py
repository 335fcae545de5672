"""Intervals and shrinkage against statsmodels, and against the worked numbers of the methodology (domain.md §5.2)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from lib.analysis import Figure, differ, interval, is_share, newcombe, noise_band, shrunk, wilson

shares = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(12, 25, 30.0, 66.5), (25, 25, 86.7, 100.0), (5, 8, 30.6, 86.3), (180, 400, 40.2, 49.9)]
)
def test_wilson_gives_the_numbers_of_the_methodology(k, n, low, high):
    assert [round(100 * bound, 1) for bound in wilson(k, n)] == [low, high]


@given(shares)
def test_wilson_agrees_with_statsmodels(share):
    k, n = share
    assert wilson(k, n) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)


@given(shares)
def test_wilson_holds_the_share_and_stays_between_0_and_1(share):
    k, n = share
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1


@pytest.mark.parametrize(("k", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_refused(k, n):
    with pytest.raises(ValueError, match="not a share"):
        wilson(k, n)


@given(shares, shares)
def test_newcombe_agrees_with_statsmodels(one, other):
    expected = confint_proportions_2indep(*one, *other, compare="diff", method="newcomb")
    assert newcombe(*one, *other) == pytest.approx(expected, abs=1e-12)


@given(shares, shares)
def test_two_shares_differ_the_same_way_round(one, other):
    assert differ(*one, *other) == differ(*other, *one)


def test_a_class_of_25_does_not_differ_by_16_points_but_by_40():
    assert not differ(12, 25, 16, 25)
    assert differ(8, 25, 18, 25)


def test_shrinkage_gives_the_numbers_of_the_methodology():
    assert [round(100 * shrunk(k, n, 0.48, 12), 1) for k, n in ((5, 8), (0, 4), (12, 25))] == [53.8, 36.0, 48.0]
    assert shrunk(0, 0, 0.48, 0) == 0.48


@given(shares, st.floats(0, 1), st.floats(0, 100))
def test_a_shrunk_share_lies_between_its_own_and_the_whole(share, whole, m):
    k, n = share
    low, high = sorted((k / n, whole))
    assert low - 1e-12 <= shrunk(k, n, whole, m) <= high + 1e-12


def test_the_noise_band_is_the_formula_of_the_methodology():
    assert noise_band(12, 25, 16, 25) == pytest.approx(1.959964 * math.sqrt(0.48 * 0.52 / 25 + 0.64 * 0.36 / 25), abs=1e-6)


def test_an_interval_is_given_in_the_unit_of_the_indicator(make_indicator):
    row = {"value": 48.0, "numerator": 12.0, "denominator": 25.0, "status": "ok"}
    assert interval(make_indicator(), row) == pytest.approx((30.03, 66.50), abs=0.01)
    assert interval(make_indicator(unit="per_mille", scale=1000.0), {**row, "value": 480.0}) == pytest.approx((300.3, 665.0), abs=0.1)


@pytest.mark.parametrize(
    ("changes", "numerator"),
    [
        ({"unit": "points", "scale": 1.0}, 89.0),  # a mean mark
        ({"scale": 1.0}, 1403.0),  # the degree of learning
        ({"roll_up": "median"}, 12.0),
        ({"tags": ("no_interval",)}, 12.0),  # scores of a questionnaire
        ({}, 12.5),  # parts of things
        ({}, 26.0),  # more than all
    ],
)
def test_what_is_no_share_of_counted_things_has_no_interval(make_indicator, changes, numerator):
    indicator = make_indicator(**changes)
    figure = Figure(indicator.scale * numerator / 25, numerator, 25.0)
    assert not is_share(indicator, figure)
    assert interval(indicator, figure) is None


def test_absent_values_of_a_frame_are_none(make_indicator):
    nan = float("nan")
    assert Figure.of({"value": nan, "numerator": nan, "denominator": None, "status": "not_collected"}) == Figure(
        None, None, None, "not_collected"
    )
    assert interval(make_indicator(), {"value": nan, "numerator": nan, "denominator": nan}) is None
