"""D8, pupils' self-government and social-psychological support.

Words: config/indicators/pupil_support.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data
from lib.indicators.units import PLACE, dated, one_if, per_pupil, present, running, together
from lib.indicators.upbringing import by_wave


def _members(data: Data, records: nw.LazyFrame, form: str) -> nw.LazyFrame:
    """Pupils who study and stand in a record that is in force, one row a record; and everyone who studies as the denominator."""
    held = running(records, data, "from", "to")
    held = held.drop("school_class").join(present(data), on=["school_year", "period", "pupil_id"], how="inner")
    return held.with_columns(form=nw.lit(form), numerator=nw.lit(1.0), denominator=nw.lit(0.0))


def D8_01(data: Data) -> nw.LazyFrame:
    """Self-government: different pupils with a role in any body among all who study in grades 5 and above."""
    members = _members(data, data.form("F18S"), "F18S")
    return together(members.select(*PLACE, "pupil_id", "form", "record", "numerator", "denominator"), per_pupil(data, "F18S"))


def D8_02(data: Data) -> nw.LazyFrame:
    """Pupils' initiatives: events done among the events that pupils initiated and whose day has come."""
    asked = data.form("F18").filter(nw.col("initiator").is_in(data.choices("pupils_initiative")))
    return dated(asked, data, "held_on").select(
        "school_year", "period", "record", form=nw.lit("F18"),
        numerator=one_if(nw.col("done")), denominator=one_if(~nw.col("done").is_null()), expected=nw.lit(1.0),
    )  # fmt: skip


def D8_03(data: Data) -> nw.LazyFrame:
    """Children's organisations: different members among all who study."""
    members = _members(data, data.form("F18S").filter(nw.col("body").is_in(data.choices("childrens_organisation"))), "F18S")
    return together(members.select(*PLACE, "pupil_id", "form", "record", "numerator", "denominator"), per_pupil(data, "F18S"))


def D8_04(data: Data) -> nw.LazyFrame:
    """Support: pupils all of whose open cases have a specialist and a first help among the pupils with an open case."""
    cases = running(data.form("F19"), data, "opened_on", "closed_on")
    helped = one_if(~nw.col("specialist_id").is_null() & (nw.col("first_help_on") <= nw.col("counted_on")))
    pupils = cases.with_columns(helped=helped).group_by("school_year", "period", "pupil_id")
    return pupils.agg(numerator=nw.col("helped").min(), record=nw.col("record").min()).with_columns(
        form=nw.lit("F19"), denominator=nw.lit(1.0)
    )


def _waits(data: Data) -> nw.LazyFrame:
    """The cases in which first help came, by the day of the help; `days` from the request to it."""
    cases = data.form("F19").with_columns(days=(nw.col("first_help_on") - nw.col("requested_on")).cast(nw.Float64))
    return dated(cases.filter(nw.col("days") >= 0), data, "first_help_on")


def D8_05(data: Data) -> nw.LazyFrame:
    """Days from request to first help, one row a case; the value is their median."""
    return _waits(data).select(
        "school_year", "period", "pupil_id", "record", form=nw.lit("F19"), numerator=nw.col("days"), denominator=nw.lit(1.0)
    )


def D8_05_week(data: Data) -> nw.LazyFrame:
    """Help in time: cases in which help came within the threshold (7 days) among the cases in which it came."""
    return _waits(data).select(
        "school_year", "period", "pupil_id", "record", form=nw.lit("F19"),
        numerator=one_if(nw.col("days") <= float(data.settings.thresholds.help_days)), denominator=nw.lit(1.0),
    )  # fmt: skip


def D8_06(data: Data) -> nw.LazyFrame:
    """On a register: different pupils with an open record among all who study; by register."""
    listed = _members(data, data.form("F19R"), "F19R")
    listed = listed.select(*PLACE, "pupil_id", "form", "record", "numerator", "denominator", part=nw.col("register"))
    return together(listed, per_pupil(data, "F19R"))


def D8_07(data: Data) -> nw.LazyFrame:
    """High anxiety: pupils with high anxiety among the pupils whose anxiety was assessed."""
    assessed = data.form("F03").filter(~nw.col("anxiety").is_null()).select("school_year", "pupil_id", "record", "wave", "anxiety")
    return by_wave(assessed, data).select(
        *PLACE, "pupil_id", "record", form=nw.lit("F03"),
        numerator=one_if(nw.col("anxiety").is_in(data.choices("anxiety_high"))),
        denominator=one_if(~nw.col("anxiety").is_null()),
        expected=nw.lit(1.0),
    )  # fmt: skip
