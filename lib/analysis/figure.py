"""One value of an indicator as the analyses need it: value, numerator, denominator."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.model.indicator import Indicator, Status

# An indicator with this tag gets no interval: its denominator counts points, books or days, not pupils or marks that stand alone.
NO_INTERVAL = "no_interval"


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with what it was made of; each part is None when absent, never NaN."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    status: str = Status.OK

    @classmethod
    def of(cls, row: Figure | Mapping[str, Any] | Any) -> Figure:
        """The figure of a row of the values table: a mapping, a pandas Series, or a Figure already."""
        if isinstance(row, Figure):
            return row
        return cls(
            _number(row.get("value")),
            _number(row.get("numerator")),
            _number(row.get("denominator")),
            str(row.get("status") or Status.OK),
        )


def _number(value: Any) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):  # pandas.NA
        return None
    return None if math.isnan(number) else number


def is_share(indicator: Indicator | None, figure: Figure) -> bool:
    """Whether the value is the share of counted things that have a property, so that a binomial interval can be given.

    Whole numbers 0 ≤ numerator ≤ denominator, and a sum or a distinct count. Means of marks, the degree of learning, medians, scores of
    questionnaires and whatever carries the tag "no_interval" are not.
    """
    k, n = figure.numerator, figure.denominator
    if k is None or n is None or n <= 0 or not 0 <= k <= n or k != int(k) or n != int(n):
        return False
    if indicator is None:
        return True
    return (
        indicator.roll_up in ("sum", "distinct")
        and indicator.unit in ("percent", "per_mille")
        and indicator.scale in (100, 1000)
        and NO_INTERVAL not in indicator.tags
    )


def scale_of(indicator: Indicator | None, figure: Figure) -> float:
    """value = scale × numerator / denominator; taken from the figure itself when no indicator is at hand."""
    if indicator is not None:
        return indicator.scale
    if figure.value and figure.numerator and figure.denominator:
        return figure.value * figure.denominator / figure.numerator
    return 100.0
