"""One value of an indicator as the analyses need it: value, numerator, denominator."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lib.model.indicator import DIMENSIONS, Indicator, Status

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


Scope = Mapping[str, str]  # dimension (stage, grade, school_class, subject, method_association, teacher) → its value

_DIMENSIONS = tuple(name for name in DIMENSIONS if name != "school")
_KEY = ("level", "school_year", "period", "part")
_FIGURE = ("value", "numerator", "denominator", "status")


def level_of(scope: Scope) -> str:
    """The level of the values table that a scope names: {} → "school", {"school_class": …, "subject": …} → "school_class+subject"."""
    return "+".join(name for name in DIMENSIONS if scope.get(name)) or "school"


class Figures:
    """The rows of one indicator in the values table, found by scope without a search: the analyses ask for thousands of them."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str, str], dict[tuple[str, ...], Figure]] = {}
        self._school_years: set[str] = set()

    @classmethod
    def of(cls, rows: pd.DataFrame | Figures) -> Figures:
        """The figures of a frame with the columns of the values table, all of one indicator (`part` may be missing)."""
        if isinstance(rows, Figures):
            return rows
        return cls.by_indicator(rows.assign(indicator="")).get("", cls())

    @classmethod
    def by_indicator(cls, rows: pd.DataFrame) -> dict[str, Figures]:
        """indicator code → its figures, in one pass over the frame."""
        found: dict[str, Figures] = {}
        keys = [rows[name].tolist() if name in rows.columns else [""] * len(rows) for name in ("indicator", *_KEY)]
        scopes = [rows[name].tolist() if name in rows.columns else [""] * len(rows) for name in _DIMENSIONS]
        numbers = [rows[name].tolist() for name in _FIGURE] if len(rows) else [[]] * len(_FIGURE)
        for key, scope, number in zip(zip(*keys, strict=True), zip(*scopes, strict=True), zip(*numbers, strict=True), strict=True):
            own = found.setdefault(key[0], cls())
            value, numerator, denominator, status = number
            figure = Figure(_number(value), _number(numerator), _number(denominator), str(status or Status.OK))
            own._rows.setdefault(key[1:], {})[scope] = figure
            own._school_years.add(key[2])
        return found

    def at(self, scope: Scope, school_year: str, period: str, part: str = "") -> Figure | None:
        """The figure of one scope and period; None when there is no row."""
        place = tuple(scope.get(name) or "" for name in _DIMENSIONS)
        return self._rows.get((level_of(scope), school_year, period, part), {}).get(place)

    def by_class(self, topic: Scope, school_year: str, period: str) -> dict[str, Figure]:
        """School class → its figure (of the subject or association that `topic` names), where it has a value."""
        level = level_of({**topic, "school_class": "any"})
        return {
            scope["school_class"]: figure
            for scope, figure in self.of_level(level, school_year, period)
            if figure.value is not None and all(scope.get(key) == value for key, value in topic.items())
        }

    def has_year(self, school_year: str) -> bool:
        """Whether there is any row of that school year."""
        return school_year in self._school_years

    def of_level(self, level: str, school_year: str, period: str) -> Iterator[tuple[dict[str, str], Figure]]:
        """Every scope (filled dimensions only) of a level with its figure."""
        for place, figure in self._rows.get((level, school_year, period, ""), {}).items():
            yield {name: value for name, value in zip(_DIMENSIONS, place, strict=True) if value}, figure


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
