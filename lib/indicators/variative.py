"""A school's own indicators: a YAML entry with one of a few closed kinds over the column of one form; no code is needed."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from lib.indicators.relations import Data
from lib.model.form import ColumnType
from lib.model.indicator import Indicator

_NUMBERS = (ColumnType.NUMBER, ColumnType.COUNT, ColumnType.GRADE)
_CARRIED = ("school_class", "subject", "method_association")


def contributions(indicator: Indicator, data: Data) -> nw.LazyFrame:
    """One row a record and period.

    share: the records whose column is one of `equals`, or reaches `at_least`, of all records that filled the column;
    mean: Σ column over the records that filled it; ratio: Σ column over Σ denominator_column; sum: Σ column; count: the records.
    `where` narrows the records first. `date_column` puts a record into its periods; a form with a month into the month's;
    without either it belongs to every period of the school year that the indicator has.
    """
    rule: dict[str, Any] = dict(indicator.variative or {})
    form = data.settings.forms[rule["form"]]
    frame = data.form(form.id)
    for column, allowed in (rule.get("where") or {}).items():
        frame = frame.filter(_is_one_of(column, form.column(column).type, allowed))
    column = rule.get("column", "")
    one = nw.lit(1.0)
    numerator, denominator = one, one
    if rule["kind"] != "count":
        frame = frame.filter(~nw.col(column).is_null())
        filled = nw.col(column).cast(nw.Float64) if form.column(column).type in _NUMBERS else one
        match rule["kind"]:
            case "share" if "at_least" in rule:
                numerator = (nw.col(column).cast(nw.Float64) >= float(rule["at_least"])).cast(nw.Int64).cast(nw.Float64)
            case "share":
                numerator = _is_one_of(column, form.column(column).type, rule.get("equals", ())).cast(nw.Int64).cast(nw.Float64)
            case "ratio":
                frame = frame.filter(~nw.col(rule["denominator_column"]).is_null())
                numerator, denominator = filled, nw.col(rule["denominator_column"]).cast(nw.Float64)
            case _:
                numerator = filled
    teacher = [nw.col("teacher_id").alias("teacher")] if "teacher_id" in form.by_key else []
    pupil = ["pupil_id"] if "pupil_id" in form.by_key else []
    frame = _in_periods(frame, rule.get("date_column", ""), "month" in form.by_key, data)
    return frame.select(
        "school_year", "period", *_CARRIED, *teacher, *pupil, "record",
        form=nw.lit(form.id), numerator=numerator, denominator=denominator,
    )  # fmt: skip


def _is_one_of(column: str, kind: ColumnType, allowed: Any) -> nw.Expr:
    if kind == ColumnType.YESNO:
        return nw.col(column).is_in([str(value).lower() in ("true", "yes", "1") for value in allowed])
    if kind in (*_NUMBERS, ColumnType.MONTH):
        return nw.col(column).is_in([float(value) for value in allowed])
    return nw.col(column).is_in([str(value) for value in allowed])


def _in_periods(frame: nw.LazyFrame, date_column: str, monthly: bool, data: Data) -> nw.LazyFrame:
    if date_column:
        days = data.days.select("school_year", "period", nw.col("day").alias(date_column))
        return frame.join(days, on=["school_year", date_column], how="inner")
    if monthly:
        return frame.join(data.months.select("school_year", "month", "period"), on=["school_year", "month"], how="inner")
    return frame.join(data.periods.select("school_year", "period"), on="school_year", how="inner")
