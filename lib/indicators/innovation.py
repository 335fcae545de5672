"""D5, innovation: projects, the teachers in them, conferences, publications, and what the projects brought.

Words: config/indicators/innovation.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data
from lib.indicators.units import none_yet, one_if, per_teacher, running, together


def _running_projects(data: Data) -> nw.LazyFrame:
    """Projects of F12 that run on the day a period is counted; without an end day only those whose status says that they run."""
    projects = data.form("F12").filter(~nw.col("ended_on").is_null() | nw.col("status").is_in(data.choices("project_runs")))
    return running(projects, data, "started_on", "ended_on").with_columns(form=nw.lit("F12"))


def D5_01(data: Data) -> nw.LazyFrame:
    """Running innovation projects, by level."""
    projects = _running_projects(data).select(
        "school_year", "period", "form", "record",
        part=nw.col("level"), numerator=nw.lit(1.0), denominator=nw.lit(None, nw.Float64),
    )  # fmt: skip
    return together(projects, none_yet(data, "F12"))


def D5_02(data: Data) -> nw.LazyFrame:
    """Teachers in innovation: different teachers of running projects among all teachers."""
    named = _running_projects(data).select("school_year", "period", "form", "record", "teacher_ids").explode("teacher_ids")
    teachers = data.teachers.select("school_year", "teacher", "method_association")
    named = named.join(teachers, left_on=["school_year", "teacher_ids"], right_on=["school_year", "teacher"], how="inner")
    named = named.select(
        "school_year", "period", "method_association", "form", "record",
        teacher=nw.col("teacher_ids"), numerator=nw.lit(1.0), denominator=nw.lit(0.0),
    )  # fmt: skip
    return together(named, per_teacher(data, "F12"))


def _items(data: Data, kinds: str) -> nw.LazyFrame:
    """Talks or publications of F13, by level and the author's association."""
    frame = data.form("F13").filter(nw.col("kind").is_in(data.choices(kinds)))
    return frame.select(
        "school_year", "method_association", "record", period=nw.lit("Y"), form=nw.lit("F13"), part=nw.col("level"),
        numerator=nw.lit(1.0),
    )  # fmt: skip


def _number(data: Data, kinds: str) -> nw.LazyFrame:
    """How many items; an association whose teachers have none has 0."""
    nothing = nw.lit(None, nw.Float64)
    everyone = per_teacher(data, "F13").filter(nw.col("denominator") > 0)
    everyone = everyone.select("school_year", "period", "method_association", numerator=nw.lit(0.0), denominator=nothing)
    return together(_items(data, kinds).with_columns(denominator=nothing), everyone, none_yet(data, "F13"))


def _per_teachers(data: Data, kinds: str) -> nw.LazyFrame:
    """How many items to all teachers."""
    return together(_items(data, kinds).drop("part").with_columns(denominator=nw.lit(0.0)), per_teacher(data, "F13"))


def D5_03(data: Data) -> nw.LazyFrame:
    """Talks at scientific conferences, by level."""
    return _number(data, "talks")


def D5_03_teachers(data: Data) -> nw.LazyFrame:
    """Talks at scientific conferences per 100 teachers."""
    return _per_teachers(data, "talks")


def D5_04(data: Data) -> nw.LazyFrame:
    """Publications in articles, collections and media, by level."""
    return _number(data, "publications")


def D5_04_teachers(data: Data) -> nw.LazyFrame:
    """Publications per 100 teachers."""
    return _per_teachers(data, "publications")


def D5_05(data: Data) -> nw.LazyFrame:
    """Effect of innovation: effect 0–3 of the projects that have ended or have run for a year, in per cent of 3."""
    day = data.periods.filter(nw.col("kind") == "Y", nw.col("begun")).select("school_year", "period", "counted_on")
    ended = nw.col("status").is_in(data.choices("project_ended"))
    projects = data.form("F12").join(day, on="school_year", how="inner")
    projects = projects.filter(ended | (nw.col("started_on").dt.offset_by("1y") <= nw.col("counted_on")))
    return projects.select(
        "school_year", "period", "record", form=nw.lit("F12"),
        numerator=nw.col("effect").cast(nw.Float64).fill_null(0.0),
        denominator=one_if(~nw.col("effect").is_null()) * 3.0,
        expected=nw.lit(3.0),
    )  # fmt: skip
