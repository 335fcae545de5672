"""D3, quality of teaching: lesson visits, technologies, qualification, contests, satisfaction, spread between classes.

Words: config/indicators/teaching_quality.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.i18n import match_key
from lib.indicators import learning_outcomes
from lib.indicators.relations import Data
from lib.indicators.units import one_if, together, weight
from lib.model.calendar import MONTHS, QUARTERS

# (level, threshold): with fewer cases the value is withheld (domain.md §7: 3 visits a teacher; §1.8: 10 questionnaires a class).
LEAST = {
    "D3.01": ("teacher", "min_visits_teacher"),
    "D3.07": ("school_class", "min_answers"),
}

_CRITERIA = tuple(f"crit{number}" for number in range(1, 11))


# --- lesson visits ---------------------------------------------------------------------------------------------------------

_VISIT = ("school_year", "period", "method_association", "form", "record")


def D3_01(data: Data) -> nw.LazyFrame:
    """Quality of the lesson: points of the ten criteria (0..2) over 20 a visit. A card with an empty criterion is a gap."""
    whole = ~nw.any_horizontal(*(nw.col(name).is_null() for name in _CRITERIA), ignore_nulls=False)
    points = nw.sum_horizontal(*(nw.col(name).fill_null(0) for name in _CRITERIA)).cast(nw.Float64)
    return data.visits.select(
        *_VISIT, "teacher", numerator=nw.when(whole).then(points).otherwise(nw.lit(0.0)), denominator=one_if(whole), expected=nw.lit(1.0)
    )


def _planned(data: Data) -> nw.LazyFrame:
    """The rows of F24 that plan a visit (their document names the visit card): school_year, period (quarter), method_association
    (that of `responsible`, where it is the name of one), record. The quarter is that of the due day."""
    plan = data.kept("planned_visits")
    if plan is not None:
        return plan
    wanted = [match_key(text) for text in data.choices("visit_card")]
    wishes = ("school_year", "record", "document", "responsible", "due_rule", "status")
    rows = data.look("F24", data.form("F24").select(*wishes))
    found = [
        (row["school_year"], quarter, data.settings.association_keys.get(match_key(row["responsible"] or "")), row["record"])
        for row in rows
        if row["document"] and any(text in match_key(row["document"]) for text in wanted)
        and row["status"] not in data.choices("cancelled")
        for quarter in _quarters(data, row["school_year"], row["due_rule"] or "")
    ]  # fmt: skip
    data.rows("planned_visits", found, "school_year VARCHAR, period VARCHAR, method_association VARCHAR, record BIGINT")
    return data.frame("planned_visits")


def _quarters(data: Data, school_year: str, rule: str) -> list[str]:
    """The quarters that a due rule falls in, one a due day: a rule said of every quarter or month falls in several."""
    year = data.settings.school_year(school_year)
    repeated = {"Qn": QUARTERS, "month": MONTHS}.get(rule.split(".")[0], ("",))
    try:
        days = [year.resolve(rule, period) for period in repeated]
    except ValueError:
        return []
    return list(repeated) if repeated == QUARTERS else [year.quarter_of(day) for day in days]


def D3_02(data: Data) -> nw.LazyFrame:
    """Plan of visits: planned visits that took place, over the visits that the yearly plan (F24) has for the quarter.

    A visit fulfils one row of the plan: visits beyond the plan do not make up for other quarters. Visits of an association go to
    that association's rows first, then to the rows that name none.
    """
    planned = _planned(data)
    rows = planned.group_by("school_year", "period", "method_association").agg(rows=nw.len())
    own = data.visits.join(rows, on=["school_year", "period", "method_association"], how="left")
    in_own = nw.col("planned_turn") <= nw.col("rows").fill_null(0)
    fulfilled = own.filter(in_own).select(*_VISIT, numerator=nw.lit(1.0), denominator=nw.lit(0.0))
    shared = rows.filter(nw.col("method_association").is_null()).select("school_year", "period", shared=nw.col("rows"))
    turn = nw.col("record").rank("ordinal").over("school_year", "period")
    others = own.filter(nw.col("planned"), ~in_own).with_columns(turn=turn)
    others = others.join(shared, on=["school_year", "period"], how="inner").filter(nw.col("turn") <= nw.col("shared"))
    others = others.select("school_year", "period", "form", "record", numerator=nw.lit(1.0), denominator=nw.lit(0.0))
    return together(fulfilled, others, planned.with_columns(form=nw.lit("F24"), numerator=nw.lit(0.0), denominator=nw.lit(1.0)))


def D3_03(data: Data) -> nw.LazyFrame:
    """Technologies: visits with ICT or with a named technology among the visits of which either is known."""
    used = nw.col("ict").fill_null(False) | ~nw.col("technology").is_null()
    known = ~nw.col("ict").is_null() | ~nw.col("technology").is_null()
    return data.visits.select(*_VISIT, numerator=one_if(used), denominator=one_if(known), expected=nw.lit(1.0))


# --- teachers --------------------------------------------------------------------------------------------------------------


_TEACHER = ("school_year", "period", "method_association", "teacher", "form", "record")


def D3_04(data: Data) -> nw.LazyFrame:
    """Category: teachers with a qualification category; the parts are the categories, each over all teachers."""
    held = data.headcount.filter(nw.col("category").is_in(data.choices("category_held")))
    return together(
        held.select(*_TEACHER, part=nw.col("category"), numerator=nw.lit(1.0), denominator=nw.lit(0.0), expected=nw.lit(0.0)),
        data.headcount.select(
            *_TEACHER, numerator=nw.lit(0.0), denominator=one_if(~nw.col("category").is_null()), expected=nw.lit(1.0)
        ),
    )  # fmt: skip


def D3_05(data: Data) -> nw.LazyFrame:
    """Professional development: teachers with a course of 72 hours or more within the three years before the year's end."""
    return data.headcount.select(*_TEACHER, numerator=one_if(nw.col("trained")), denominator=nw.lit(1.0))


def _contests(data: Data) -> nw.LazyFrame:
    """The contests in F09 that this school year's teachers took part in by as_of. The list is the year's own: one whose day was not
    written is one of the year, too (the missing day is an Issue of its own)."""
    come = nw.col("held_on").is_null() | (nw.col("held_on") <= data.as_of)
    contests = data.form("F09").filter(nw.col("kind").is_in(data.choices("contest")), come)
    contests = contests.select("school_year", "record", "level", "place", teacher=nw.col("teacher_id"), form=nw.lit("F09"))
    return contests.join(data.headcount.drop("form", "record"), on=["school_year", "teacher"], how="inner")


def D3_06(data: Data) -> nw.LazyFrame:
    """Contests: different teachers who took part in a contest this year among all teachers. Without any F09 of the year: no data."""
    begun = data.collected("F09").select("school_year", begun=nw.lit(1.0))
    took = _contests(data).select(*_TEACHER, numerator=nw.lit(1.0), denominator=nw.lit(0.0), expected=nw.lit(0.0))
    teachers = data.headcount.join(begun, on="school_year", how="left")
    return together(
        took, teachers.select(*_TEACHER, numerator=nw.lit(0.0), denominator=nw.col("begun").fill_null(0.0), expected=nw.lit(1.0))
    )  # fmt: skip


def D3_06_points(data: Data) -> nw.LazyFrame:
    """Points of contests: weight of the level × weight of the place (thresholds.olympiad_levels, olympiad_places)."""
    thresholds = data.settings.thresholds
    points = weight("level", thresholds.olympiad_levels) * weight("place", thresholds.olympiad_places)
    nothing_yet = data.headcount.join(data.collected("F09"), on="school_year", how="inner")
    return together(
        _contests(data).select(*_TEACHER, numerator=points, denominator=nw.lit(0.0)),
        nothing_yet.select(*_TEACHER, numerator=nw.lit(0.0), denominator=nw.lit(0.0)),
    )  # fmt: skip


# --- satisfaction and spread -----------------------------------------------------------------------------------------------


def _respondents(data: Data) -> list[str]:
    return [data.choice("pupil"), data.choice("parent")]


def D3_07(data: Data) -> nw.LazyFrame:
    """Satisfaction with lessons: mean answer 0..4 of pupils and parents in percent of 4, by respondent."""
    frame = data.answers.filter(nw.col("topic") == data.choice("topic_lesson"), nw.col("respondent").is_in(_respondents(data)))
    return frame.select(
        "school_year", "period", "grade", "school_class", "cases", "form", "record",
        part=nw.col("respondent"), numerator=nw.col("score").cast(nw.Float64), denominator=nw.lit(1.0),
    )  # fmt: skip


def D3_07_response(data: Data) -> nw.LazyFrame:
    """Response rate: questionnaires returned among those invited to the same surveys, by respondent."""
    return learning_outcomes.response(data, data.choice("topic_lesson"), _respondents(data))


def D3_08(data: Data) -> nw.LazyFrame:
    """Spread between parallel classes: the marks of D1.02; compute draws each class towards its grade and takes max − min."""
    return learning_outcomes.D1_02(data)
