"""Q, the quality of the monitoring itself: whole and timely data, the plan of the year, the decisions.

Words: config/indicators/monitoring.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial

import narwhals as nw
import pyarrow as pa

from lib.indicators.arrival import Arrivals
from lib.indicators.relations import Data
from lib.indicators.units import dated, none_yet, one_if, together
from lib.model.calendar import MONTHS, QUARTERS, SchoolYear, meant_day


def Q_01(data: Data) -> nw.LazyFrame:
    """Completeness: filled cells among the required cells whose term has come; by form."""
    due = data.completeness.filter(nw.col("due") <= data.as_of)
    own = due.rename({"period": "of_period"}).join(_spans(data), on=["school_year", "of_period"], how="inner")
    return own.select(
        "school_year", "period", "school_class", part=nw.col("form"),
        numerator=nw.col("filled").cast(nw.Float64), denominator=nw.col("required").cast(nw.Float64),
    )  # fmt: skip


def _spans(data: Data) -> nw.LazyFrame:
    """school_year, of_period, period: each period with itself and the longer periods that it belongs to."""
    each = data.periods.select("school_year", "period", of_period=nw.col("period"))
    months = data.months.filter(nw.col("kind") != "M").select("school_year", "period", "month")
    names = data.months.filter(nw.col("kind") == "M").select("school_year", "month", of_period=nw.col("period"))
    months = months.join(names, on=["school_year", "month"], how="inner").select("school_year", "period", "of_period")
    halves = [
        each.filter(nw.col("of_period").is_in(quarters)).with_columns(period=nw.lit(half))
        for half, quarters in (("H1", QUARTERS[:2]), ("H2", QUARTERS[2:]))
    ]
    year = each.filter(nw.col("of_period").is_in([*QUARTERS, "H1", "H2"])).with_columns(period=nw.lit("Y"))
    return nw.concat([frame.select("school_year", "of_period", "period") for frame in (each, months, *halves, year)], how="vertical")


def Q_02(data: Data) -> nw.LazyFrame:
    """Timeliness: tabs that were complete by their term among the tabs whose term has come, one row a tab × period."""
    asked = data.completeness.filter(nw.col("required") > 0)
    by_term = dated(asked.rename({"period": "of_period"}), data, "due")
    # What belongs to a quarter or a month counts there, although its term lies in the next one.
    own = nw.col("of_period").is_in([*QUARTERS, *MONTHS])
    spans = _spans(data)
    here = asked.rename({"period": "of_period"}).filter(nw.col("due") <= data.as_of, own)
    here = here.join(spans, on=["school_year", "of_period"], how="inner")
    month_by_term = by_term.filter(nw.col("of_period").is_in(list(QUARTERS)), nw.col("kind") == "M")
    columns = ("school_year", "period", "teacher", "method_association", "due", "submitted")
    frames = [here.select(*columns), month_by_term.select(*columns), by_term.filter(~own).select(*columns)]
    return nw.concat(frames, how="vertical").select(
        "school_year", "period", "teacher", "method_association",
        numerator=one_if(nw.col("submitted") <= nw.col("due")), denominator=nw.lit(1.0),
    )  # fmt: skip


def _due_dates(rule: str, year: SchoolYear) -> list[dt.date]:
    """All days on which a row of the plan is due: one, or one a month or quarter. Empty for a rule that nobody can read."""
    try:
        return [day for _period, day in year.due_days(rule)]
    except ValueError:
        return []


def _judged(
    due: list[dt.date], done_on: dt.date | None, came: Callable[[dt.date], dt.date | None], as_of: dt.date
) -> tuple[dt.date, bool] | None:
    """The latest due day that has come, and whether the row was done by then; None when nothing is due yet.

    A row that repeats has one `done_on`, which belongs to the nearest of its due days (the earlier of two as near). What it says nothing
    of is done by itself on the day on which the forms behind the row `came` for that term, as on the page of the plan.
    """
    come = [day for day in due if day <= as_of]
    if not come:
        return None
    latest = max(come)
    if done_on is not None and (meant := meant_day(due, done_on)) >= latest:
        return latest, meant > latest or done_on <= latest
    day = came(latest)
    return latest, day is not None and day <= latest


def _plan(data: Data) -> nw.LazyFrame:
    """The rows of the plan (F24) that are due by as_of and not cancelled: school_year, record, due, in_time (1.0 or 0.0)."""
    if (made := data.kept("plan_due")) is not None:
        return made
    rows = data.form("F24").filter(~nw.col("due_rule").is_null())
    rows = rows.filter(nw.col("status").is_null() | ~nw.col("status").is_in(data.choices("cancelled")))
    states = data.look("completeness", data.completeness)
    arrivals = {year: Arrivals(states, data.settings, year) for year in data.school_year_ids}
    found: dict[str, list[object]] = {"school_year": [], "record": [], "due": [], "in_time": []}
    for row in data.look("F24", rows.select("school_year", "record", "due_rule", "done_on", "indicators", "document")):
        year = row["school_year"]
        dates = _due_dates(row["due_rule"], data.settings.school_year(year))
        came = partial(_came, arrivals[year], row["indicators"] or (), row["document"] or "")
        if (judged := _judged(dates, row["done_on"], came, data.as_of)) is not None:
            for column, value in zip(found, (year, row["record"], judged[0], float(judged[1])), strict=True):
                found[column].append(value)
    kinds = {"school_year": pa.string(), "record": pa.int64(), "due": pa.date32(), "in_time": pa.float64()}
    data.con.register("given_plan_due", pa.table({name: pa.array(values, kinds[name]) for name, values in found.items()}))
    return data.keep("plan_due", nw.from_native(data.con.table("given_plan_due")))


def _came(arrivals: Arrivals, indicators: Iterable[str], document: str, due: dt.date) -> dt.date | None:
    """The day on which all that stands behind a row had come for the term on `due`."""
    return arrivals.evidence(indicators, document, due).since


def Q_03(data: Data) -> nw.LazyFrame:
    """The plan of the year: rows done by their term among the rows whose term has come."""
    return dated(_plan(data), data, "due").select(
        "school_year", "period", "record", form=nw.lit("F24"), numerator=nw.col("in_time"), denominator=nw.lit(1.0)
    )


def Q_03_directions(data: Data) -> nw.LazyFrame:
    """The plan of the year by direction: a row counts in every direction that it names, a row without any named one in all."""
    known = list(data.settings.directions)
    named = data.form("F24").select("record", part=nw.col("directions")).explode("part").filter(nw.col("part").is_in(known))
    rows = dated(_plan(data), data, "due").join(named, on="record", how="left")
    return rows.select("school_year", "period", "record", "part", form=nw.lit("F24"), numerator=nw.col("in_time"), denominator=nw.lit(1.0))


def _decisions(data: Data) -> nw.LazyFrame:
    """Decisions (F25) whose term has come and which were not called off, by their term."""
    standing = nw.col("status").is_null() | ~nw.col("status").is_in(data.choices("cancelled"))
    decisions = data.form("F25").filter(standing).drop("period")  # the form's own period is that of the figure decided upon
    return dated(decisions, data, "due_on").with_columns(form=nw.lit("F25"))


def Q_04(data: Data) -> nw.LazyFrame:
    """Decisions carried out: decisions done by their term among the decisions whose term has come."""
    return _decisions(data).select(
        "school_year", "period", "form", "record",
        numerator=one_if(nw.col("done_on") <= nw.col("due_on")), denominator=nw.lit(1.0),
    )  # fmt: skip


def Q_04_overdue(data: Data) -> nw.LazyFrame:
    """Overdue decisions: the term has passed and they are still not done."""
    undone = nw.col("done_on").is_null() & (nw.col("status").is_null() | ~nw.col("status").is_in(data.choices("done")))
    overdue = _decisions(data).filter(undone, nw.col("due_on") < data.as_of).select(
        "school_year", "period", "form", "record", numerator=nw.lit(1.0), denominator=nw.lit(None, nw.Float64)
    )  # fmt: skip
    return together(overdue, none_yet(data, "F25"))
