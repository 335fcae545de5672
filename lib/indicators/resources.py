"""D6, teaching resources and equipment: textbooks, cabinets, computers, internet, working programmes, staff.

Words: config/indicators/resources.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.i18n import match_key
from lib.indicators.relations import Data
from lib.indicators.units import one_if, per_pupil, together, undated


def D6_01(data: Data) -> nw.LazyFrame:
    """Textbooks: usable books, in each grade and subject at most one a pupil, to the pupils who need one."""
    books, pupils = nw.col("books_ok").cast(nw.Float64), nw.col("pupils").cast(nw.Float64)
    frame = data.form("F15").filter(~nw.col("pupils").is_null())
    return frame.select(
        "school_year", "grade", "subject", "record", period=nw.lit("Y"), form=nw.lit("F15"),
        numerator=nw.min_horizontal(books, pupils).fill_null(0.0) * one_if(~nw.col("books_ok").is_null()),
        denominator=nw.when(nw.col("books_ok").is_null()).then(nw.lit(0.0)).otherwise(pupils),
        expected=pupils,
    )  # fmt: skip


def _against_norm(data: Data, part: str) -> nw.LazyFrame:
    """Items in working order, each at most as many as its norm, to the norms; by a column of F14."""
    norm = nw.col("norm").cast(nw.Float64)
    missing = nw.col("have_ok").is_null()
    frame = undated(data.form("F14").filter(~nw.col("norm").is_null()), data)
    return frame.select(
        "school_year", "period", "record", form=nw.lit("F14"), part=nw.col(part),
        numerator=nw.when(missing).then(nw.lit(0.0)).otherwise(nw.min_horizontal(nw.col("have_ok").cast(nw.Float64), norm)),
        denominator=nw.when(missing).then(nw.lit(0.0)).otherwise(norm),
        expected=norm,
    )  # fmt: skip


def D6_02(data: Data) -> nw.LazyFrame:
    """Completeness of cabinets: what works of each item, at most its norm, to the norms; by category."""
    return _against_norm(data, "category")


def D6_02_cabinet(data: Data) -> nw.LazyFrame:
    """Completeness of cabinets, by cabinet."""
    return _against_norm(data, "cabinet")


def D6_03(data: Data) -> nw.LazyFrame:
    """Equipment in order: items in working order among the items there are; by cabinet."""
    have = nw.col("have").cast(nw.Float64)
    missing = nw.col("have_ok").is_null()
    return undated(data.form("F14").filter(~nw.col("have").is_null()), data).select(
        "school_year", "period", "record", form=nw.lit("F14"), part=nw.col("cabinet"),
        numerator=nw.col("have_ok").cast(nw.Float64).fill_null(0.0),
        denominator=nw.when(missing).then(nw.lit(0.0)).otherwise(have),
        expected=have,
    )  # fmt: skip


def _named(data: Data, words: str) -> nw.LazyFrame:
    """The rows of F14 whose item begins with one of the words (a name of config/choices.yaml), however it is spelled."""
    wanted = tuple(match_key(word) for word in data.choices(words))
    seen = [row["item"] for row in data.look("F14", data.form("F14").select("item").unique())]
    return data.form("F14").filter(nw.col("item").is_in([item for item in seen if item and match_key(item).startswith(wanted)]))


def D6_04(data: Data) -> nw.LazyFrame:
    """Pupils to a computer: pupils who study to the computers in working order that are meant for pupils."""
    computers = _named(data, "computers").filter(nw.col("for_pupils"), nw.col("category").is_in(data.choices("technology")))
    computers = computers.filter(~nw.col("have_ok").is_null()).select(
        "school_year", "record", period=nw.lit("Y"), form=nw.lit("F14"),
        numerator=nw.lit(0.0), denominator=nw.col("have_ok").cast(nw.Float64), expected=nw.col("have_ok").cast(nw.Float64),
    )  # fmt: skip
    pupils = per_pupil(data, "F14").filter(nw.col("period") == "Y").drop("expected")
    return together(
        computers,
        pupils.with_columns(numerator=nw.col("denominator"), denominator=nw.lit(0.0), expected=nw.lit(0.0)),
    )


def D6_05(data: Data) -> nw.LazyFrame:
    """Cabinets on the internet: cabinets with a working internet item among all cabinets of the list."""
    online = _named(data, "internet").filter(nw.col("have_ok") >= 1)
    online = online.group_by("school_year", "cabinet").agg(online_record=nw.col("record").min())
    cabinets = data.form("F14").filter(~nw.col("cabinet").is_null())
    cabinets = cabinets.group_by("school_year", "cabinet").agg(record=nw.col("record").min())
    return cabinets.join(online, on=["school_year", "cabinet"], how="left").select(
        "school_year", period=nw.lit("Y"), form=nw.lit("F14"), record=nw.coalesce("online_record", "record"),
        numerator=one_if(~nw.col("online_record").is_null()), denominator=nw.lit(1.0),
    )  # fmt: skip


def D6_06(data: Data) -> nw.LazyFrame:
    """Working programmes: lessons of the load (teacher × subject × class) whose programme is approved among all that say so or not."""
    answered = ~nw.col("programme_approved").is_null()
    return data.load.select(
        "school_year", "method_association", "record", period=nw.lit("Y"), form=nw.lit("R2L"),
        numerator=one_if(nw.col("programme_approved")), denominator=one_if(answered), expected=nw.lit(1.0),
    )  # fmt: skip


def D6_07(data: Data) -> nw.LazyFrame:
    """Staff: weekly hours that a teacher gives among all weekly hours, vacant ones included."""
    hours = nw.col("hours").cast(nw.Float64)
    return undated(data.load.filter(~nw.col("hours").is_null()), data).select(
        "school_year", "period", "subject", "record", form=nw.lit("R2L"),
        numerator=nw.when(~nw.col("vacant")).then(hours).otherwise(nw.lit(0.0)),
        denominator=nw.when(nw.col("vacant").is_null()).then(nw.lit(0.0)).otherwise(hours),
        expected=hours,
    )  # fmt: skip
