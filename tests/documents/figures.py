"""What a document should say, reckoned anew from the snapshot's tables with pandas and the catalogue's words: no analysis of ours."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

import pandas as pd

from lib.documents.document import Told
from lib.model.indicator import Indicator
from lib.settings import Settings
from lib.snapshot import Snapshot

DIMENSIONS = ("stage", "grade", "school_class", "subject", "method_association")
SEQUENCES = {"Q": ("Q1", "Q2", "Q3", "Q4"), "H": ("H1", "H2"), "Y": ("Y",), "M": tuple(f"M{n:02d}" for n in (9, 10, 11, 12, 1, 2, 3, 4, 5))}
Key = tuple[str, str, str, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class Row:
    value: float | None
    numerator: float | None
    denominator: float | None
    status: str


@dataclass
class Reckoner:
    snapshot: Snapshot
    loaded: Settings

    @cached_property
    def rows(self) -> dict[Key, Row]:
        found: dict[Key, Row] = {}
        for name in ("companions", "values"):
            table = self.snapshot.table(name).to_pandas()
            table = table[(table["teacher"].astype(str) == "") & (table["part"].astype(str) == "")]
            numbers = table[["value", "numerator", "denominator"]].astype(float)
            for row, value, numerator, denominator in zip(
                table[["indicator", "school_year", "period", *DIMENSIONS, "status"]].astype(str).itertuples(index=False, name=None),
                *(numbers[name] for name in numbers), strict=True,
            ):  # fmt: skip
                place = frozenset((dim, said) for dim, said in zip(DIMENSIONS, row[3:8], strict=True) if said and said != "nan")
                plain = (None if math.isnan(number) else number for number in (value, numerator, denominator))
                found[row[0], row[1], row[2], place] = Row(*plain, row[8])
        return found

    @cached_property
    def completeness(self) -> pd.DataFrame:
        table = self.snapshot.table("completeness").to_pandas()
        table["due"] = pd.to_datetime(table["due"])
        for name in ("school_year", "period", "form", "school_class", "workbook", "tab"):
            table[name] = table[name].astype(object).where(table[name].notna(), "").astype(str)
        return table

    def row(self, told: Told, place: tuple[tuple[str, str], ...] | None = None) -> Row:
        return self.rows[told.indicator, told.school_year, told.period, frozenset(told.scope if place is None else place)]

    # --- one figure -----------------------------------------------------------------------------------------------------

    def expected(self, told: Told) -> float:
        """The number that stands behind what was told."""
        match told.what:
            case "value":
                return _there(self.row(told).value)
            case "n":
                return _there(self.row(told).denominator)
            case "target":
                return _there(self.loaded.all_indicators[told.indicator].target)
            case "change":
                before, now = self.compared(told)
                return _there(now.value) - _there(before.value)
            case "gap":
                return _there(self.row(told).value) - _there(self.row(told, told.other).value)
            case "pupils":
                return self.pupils(told)
            case "classes":
                table = self.snapshot.records("R2C").to_pandas()
                return table[table["school_year"] == told.school_year]["school_class"].nunique()
            case "tabs_late" | "tabs_due" | "cells_empty" | "form_late" | "form_tabs" | "form_cells":
                return self.late(told)
            case _:
                raise KeyError(told.what)

    def compared(self, told: Told) -> tuple[Row, Row]:
        """The two figures of a change: of the same classes where the indicator is a sum over classes."""
        indicator = self.loaded.all_indicators[told.indicator]
        place = dict(told.scope)
        year, period = self.before(indicator, told.school_year, told.period)
        assert (year, period) == told.against, "compared with another time than the one before of the same kind"
        summer = year != told.school_year and not _meets_anew(indicator)
        if "school_class" in place:
            earlier = place | {"school_class": _younger(place["school_class"]) if summer else place["school_class"]}
            return self.rows[told.indicator, year, period, frozenset(earlier.items())], self.row(told)
        adds = indicator.roll_up == "sum" and "school_class" in indicator.by and "school_class" in indicator.denominator_by
        if not adds:
            return self.rows[told.indicator, year, period, frozenset(told.scope)], self.row(told)
        pairs = []
        topic = {(dim, said) for dim, said in told.scope if dim in ("subject", "method_association")}
        for (code, in_year, in_period, where), row in self.rows.items():
            here = dict(where)
            name = here.pop("school_class", "")
            if (code, in_year, in_period) != (told.indicator, told.school_year, told.period) or not name or set(here.items()) != topic:
                continue
            grade = int(name.split("-")[0])
            if place.get("grade", str(grade)) != str(grade):
                continue
            if "stage" in place and self.loaded.stage_of(told.school_year, grade) != place["stage"]:
                continue
            earlier_name = _younger(name) if summer else name
            old = self.rows.get((code, year, period, frozenset(topic | {("school_class", earlier_name)})))
            if old and old.value is not None and old.denominator and row.value is not None and row.denominator:
                pairs.append((old, row))
        if not pairs:
            return self.rows[told.indicator, year, period, frozenset(told.scope)], self.row(told)
        sums = [
            (sum(_there(pair[side].numerator) for pair in pairs), sum(_there(pair[side].denominator) for pair in pairs)) for side in (0, 1)
        ]
        made = [Row(indicator.scale * top / bottom, top, bottom, "ok") for top, bottom in sums]
        return made[0], made[1]

    def before(self, indicator: Indicator, year: str, period: str) -> tuple[str, str]:
        sequence = SEQUENCES[period[0]]
        place = sequence.index(period)
        if place:
            return year, sequence[place - 1]
        first = int(year[:4]) - 1
        return f"{first}-{first + 1}", period if _meets_anew(indicator) else sequence[-1]

    def is_chance(self, indicator: Indicator, before: Row, now: Row) -> bool:
        """Whether two figures may differ by chance alone: Newcombe's interval and the normal band for shares, else half the tolerance."""
        delta = abs(_there(now.value) - _there(before.value))
        if not (self.is_share(indicator, before) and self.is_share(indicator, now)):
            return delta <= indicator.tolerance / 2 + 1e-9
        k1, n1, k2, n2 = (_there(x) for x in (before.numerator, before.denominator, now.numerator, now.denominator))
        p, q = k1 / n1, k2 / n2
        band = 1.959963984540054 * math.sqrt(p * (1 - p) / n1 + q * (1 - q) / n2) * indicator.scale
        return delta <= band + 1e-9 or not self.differ(k1, n1, k2, n2)

    def is_share(self, indicator: Indicator, row: Row) -> bool:
        """A count of things out of a count of things; means, medians and scores are none."""
        k, n = row.numerator, row.denominator
        if k is None or not n or k % 1 or n % 1 or not 0 <= k <= n or "no_interval" in indicator.tags:
            return False
        return indicator.unit in ("percent", "per_mille") and indicator.scale in (100, 1000) and indicator.roll_up in ("sum", "distinct")

    @staticmethod
    def differ(k1: float, n1: float, k2: float, n2: float) -> bool:
        def wilson(k: float, n: float) -> tuple[float, float]:
            z, p = 1.959963984540054, k / n
            centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
            return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)

        (low1, high1), (low2, high2), p, q = wilson(k1, n1), wilson(k2, n2), k1 / n1, k2 / n2
        return p - q - math.hypot(p - low1, high2 - q) > 0 or p - q + math.hypot(high1 - p, q - low2) < 0

    # --- counts ---------------------------------------------------------------------------------------------------------

    def pupils(self, told: Told) -> int:
        calendar = self.loaded.school_year(told.school_year)
        day = pd.Timestamp(min(calendar.end if told.period == "Y" else calendar.period(told.period).end, self.snapshot.as_of))
        table = self.snapshot.records("R1").to_pandas()
        table = table[table["school_year"] == told.school_year]
        for name, wanted in told.scope:
            table = table[table[name] == wanted]
        entered, left = pd.to_datetime(table["entered_on"]), pd.to_datetime(table["left_on"])
        gone = table["status"].isin(self.loaded.choices["left"]) & left.isna()
        return table[(entered.isna() | (entered <= day)) & (left.isna() | (left > day)) & ~gone]["pupil_id"].nunique()

    def late(self, told: Told) -> int:
        table = self.completeness
        table = table[(table["school_year"] == told.school_year) & (table["required"] > 0)]
        table = table[table["due"] < pd.Timestamp(self.loaded.as_of)]
        if told.what.startswith("form_"):
            table = table[table["form"] == told.indicator]
        else:
            calendar = self.loaded.school_year(told.school_year)
            span = calendar.period(told.period)
            inside = [p for p in table["period"].unique() if calendar.period(p).start <= span.end and calendar.period(p).end >= span.start]
            table = table[table["period"].isin(inside)]
            table = table[table["school_class"].isin([dict(told.scope)["school_class"]])] if told.scope else table
        lacking = table[table["filled"] < self.loaded.thresholds.complete_from * table["required"]]
        if told.what in ("cells_empty", "form_cells"):
            return int((lacking["required"] - lacking["filled"]).sum())
        counted = lacking if told.what in ("tabs_late", "form_late") else table
        return len(counted.groupby(["workbook", "tab"]))


def _there(value: float | None) -> float:
    assert value is not None
    return value


def _younger(name: str) -> str:
    grade, _, letter = name.partition("-")
    return f"{int(grade) - 1}-{letter}"


def _meets_anew(indicator: Indicator) -> bool:
    followed = [grade for grade in indicator.grades if grade + 1 in indicator.grades]
    return bool(indicator.grades) and len(followed) * 2 <= len(indicator.grades)


def number_in(text: str) -> float:
    """The number that a text says: "≥ 98%", "1 537", "−3,2 п.п."."""
    found = re.search(r"[−-]?\d[\d\u00a0\u202f ]*(?:[,.]\d+)?", text)
    assert found, text
    return float(re.sub(r"[\s\u00a0\u202f]", "", found[0]).replace(",", ".").replace("−", "-"))


def rounded(value: float, decimals: int) -> float:
    """Half up, as people round."""
    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))
