"""Units that formulas of several directions count: pupils and teachers in the denominator, and the few ways to weigh and join them."""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw

from lib.indicators.relations import Data

PLACE = ("school_year", "period", "grade", "school_class")


def one_if(condition: nw.Expr) -> nw.Expr:
    """1.0 where the condition holds, else 0.0 (also where it is unknown)."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def weight(column: str, weights: Mapping[str, float]) -> nw.Expr:
    """The weight of the column's word; 0.0 for a word without one."""
    found = nw.lit(0.0)
    for word, points in weights.items():
        found = nw.when(nw.col(column) == word).then(nw.lit(float(points))).otherwise(found)
    return found


def together(*frames: nw.LazyFrame) -> nw.LazyFrame:
    """All units of several kinds, one below the other; what a kind does not have is null."""
    return nw.concat(list(frames), how="diagonal")


def per_pupil(data: Data, form: str) -> nw.LazyFrame:
    """Every pupil who studies at the end of a period as one expected unit of the denominator, with nothing in the numerator.

    The units are counted in the school years in which somebody began `form`: a list that nobody began does not say "no pupil".
    """
    begun = data.collected(form).select("school_year", begun=nw.lit(1.0))
    return data.active.join(begun, on="school_year", how="left").select(
        *PLACE, "pupil_id", "record", form=nw.lit("R1"),
        numerator=nw.lit(0.0), denominator=nw.col("begun").fill_null(0.0), expected=nw.lit(1.0),
    )  # fmt: skip


def per_teacher(data: Data, form: str) -> nw.LazyFrame:
    """Every teacher of the headcount in every period as one unit of the denominator, where somebody began `form` (as `per_pupil`)."""
    begun = data.collected(form).select("school_year", begun=nw.lit(1.0))
    return (
        data.teachers.join(data.periods.select("school_year", "period"), on="school_year", how="inner")
        .join(begun, on="school_year", how="left")
        .select(
            "school_year", "period", "method_association", "teacher", "record", form=nw.lit("R2S"),
            numerator=nw.lit(0.0), denominator=nw.col("begun").fill_null(0.0), expected=nw.lit(1.0),
        )
    )  # fmt: skip


def none_yet(data: Data, form: str) -> nw.LazyFrame:
    """For counts: a 0 in every period of the school years in which somebody began `form`, so that "none" can be told from "not asked"."""
    return (
        data.collected(form)
        .join(data.periods.select("school_year", "period"), on="school_year", how="inner")
        .select("school_year", "period", numerator=nw.lit(0.0), denominator=nw.lit(None, nw.Float64))
    )


def present(data: Data, *columns: str) -> nw.LazyFrame:
    """Pupils who study at the end of a period: school_year, period, grade, school_class, pupil_id and those `columns` of `active`."""
    return data.active.select(*PLACE, "pupil_id", *columns)


def running(frame: nw.LazyFrame, data: Data, since: str, until: str) -> nw.LazyFrame:
    """The records that are in force on the day on which a period is counted (its last day, or as_of while it runs), once a period.

    In force: `since` has come, `until` is empty or has not passed. Adds period, kind and counted_on.
    """
    days = data.periods.filter(nw.col("begun")).select("school_year", "period", "kind", "counted_on")
    return frame.join(days, on="school_year", how="inner").filter(
        nw.col(since) <= nw.col("counted_on"), nw.col(until).is_null() | (nw.col(until) >= nw.col("counted_on"))
    )


def dated(frame: nw.LazyFrame, data: Data, column: str) -> nw.LazyFrame:
    """The records whose day has come by as_of, once for each period that the day belongs to. Adds period and kind."""
    days = data.days.select("school_year", "period", "kind", nw.col("day").alias(column))
    return frame.filter(nw.col(column) <= data.as_of).join(days, on=["school_year", column], how="inner")


def undated(frame: nw.LazyFrame, data: Data) -> nw.LazyFrame:
    """The records of a form without days, in every period that has begun: the form says how things stand, not since when."""
    periods = data.periods.filter(nw.col("begun")).select("school_year", "period", "kind")
    return frame.join(periods, on="school_year", how="inner")
