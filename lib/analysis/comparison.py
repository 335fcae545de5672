"""Comparison: a value against its target, and the parts of a school beside each other (regulation 2.11)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from lib import i18n
from lib.analysis.figure import Figure, is_share
from lib.analysis.uncertainty import differ, interval, shrunk
from lib.model.indicator import Indicator, Verdict

COLUMNS = ("group", "value", "low", "high", "n", "verdict", "distance", "shrunk", "differs", "status")


def as_printed(indicator: Indicator, value: float) -> float:
    """The value as people see it, half up to the indicator's decimals: what is printed and what is judged must agree."""
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-indicator.decimals), rounding=ROUND_HALF_UP))


def distance(indicator: Indicator, value: float | None) -> float | None:
    """How far the value is from the target, in tolerances: 0 at the target, positive on the good side, −1 at the end of tolerance.

    For an indicator that is better "neither" way the distance is never positive. One without tolerance takes a tenth of its target.
    None without value or target.
    """
    if value is None or value != value or indicator.target is None:
        return None
    gap = as_printed(indicator, value) - indicator.target
    signed = {"higher": gap, "lower": -gap}.get(indicator.better, -abs(gap))
    return signed / (indicator.tolerance or abs(indicator.target) / 10 or 1.0)


def verdict(indicator: Indicator, value: float | None) -> Verdict:
    """The value against its target: reached, near (within tolerance) or missed; none without value or target."""
    apart = distance(indicator, value)
    if apart is None:
        return Verdict.NONE
    if indicator.better == "neither":
        return Verdict.REACHED if apart >= -1 - 1e-9 else Verdict.MISSED
    if apart >= -1e-9:
        return Verdict.REACHED
    return Verdict.NEAR if indicator.tolerance and apart >= -1 - 1e-9 else Verdict.MISSED


def ranked(
    rows: pd.DataFrame,
    indicator: Indicator,
    by: str,
    m: float,
    whole: Figure | None = None,
    order: Callable[[Any], Any] = i18n.ky_key,
) -> pd.DataFrame:
    """The groups of one indicator, one period and one level beside each other, the best first.

    `rows` are rows of the values table, `by` the dimension that names the groups; `whole` is the school's (or stage's) figure, else the
    sum of the rows. Shares are sorted by their shrunk value, so that a lucky class of five does not lead; other values as they are;
    groups without a value come last, in `order`. Columns: group, value, low, high (95 % interval, in the indicator's unit), n, verdict,
    distance (tolerances from the target), shrunk (in the indicator's unit), differs (from all other groups together, for sure), status.
    """
    figures = [(row[by], Figure.of(row)) for row in rows.to_dict("records")]
    shares = [f for _, f in figures if f.value is not None and is_share(indicator, f)]
    k_all, n_all = _total(whole if whole is not None and is_share(indicator, whole) else None, shares)
    found = []
    for group, figure in figures:
        bounds = interval(indicator, figure)
        drawn, differs = figure.value, None
        if bounds is not None and n_all > 0:
            assert figure.numerator is not None and figure.denominator is not None
            k, n = figure.numerator, figure.denominator
            drawn = indicator.scale * shrunk(k, n, k_all / n_all, m)
            others_k, others_n = k_all - k, n_all - n
            differs = differ(k, n, others_k, others_n) if others_n > 0 and 0 <= others_k <= others_n else None
        low, high = bounds or (None, None)
        judged = verdict(indicator, figure.value).value
        apart = distance(indicator, figure.value)
        found.append((group, figure.value, low, high, figure.denominator, judged, apart, drawn, differs, figure.status))
    upwards = indicator.better == "lower"
    found.sort(key=lambda row: (row[7] is None, (row[7] if upwards else -row[7]) if row[7] is not None else 0.0, order(row[0])))
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(("value", "low", "high", "n", "distance", "shrunk"), "float64"))


def _total(whole: Figure | None, shares: list[Figure]) -> tuple[float, float]:
    if whole is not None and whole.numerator is not None and whole.denominator:
        return whole.numerator, whole.denominator
    return sum(f.numerator or 0.0 for f in shares), sum(f.denominator or 0.0 for f in shares)
