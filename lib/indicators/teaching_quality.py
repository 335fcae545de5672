"""D3, quality of teaching: lesson visits, technologies, qualification, contests, satisfaction, spread between classes.

Words: config/indicators/teaching_quality.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.i18n import match_key
from lib.indicators import learning_outcomes
from lib.indicators.relations import Data
from lib.model.calendar import MONTHS, QUARTERS

# (level, threshold): with fewer cases the value is withheld (domain.md §7: 3 visits a teacher; §1.8: 10 questionnaires a class).
LEAST = {
    "D3.01": ("teacher", "min_visits_teacher"),
    "D3.07": ("school_class", "min_answers"),
}

_CRITERIA = tuple(f"crit{number}" for number in range(1, 11))


def _number(condition: nw.Expr) -> nw.Expr:
    """1.0 where the condition holds, else 0.0."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


# --- lesson visits ---------------------------------------------------------------------------------------------------------


def _visits(data: Data) -> nw.LazyFrame:
    """F08 with the quarter of each visit."""
    days = data.days.filter(nw.col("kind") == "Q").select("school_year", "period", held_on=nw.col("day"))
    visits = data.form("F08").join(days, on=["school_year", "held_on"], how="inner")
    return visits.with_columns(teacher=nw.col("teacher_id"), form=nw.lit("F08"))


_VISIT = ("school_year", "period", "method_association", "form", "record")


def D3_01(data: Data) -> nw.LazyFrame:
    """Quality of the lesson: points of the ten criteria (0..2) over 20 a visit. A card with an empty criterion is a gap."""
    whole = ~nw.any_horizontal(*(nw.col(name).is_null() for name in _CRITERIA), ignore_nulls=False)
    points = nw.sum_horizontal(*(nw.col(name).fill_null(0) for name in _CRITERIA)).cast(nw.Float64)
    return _visits(data).select(
        *_VISIT, "teacher", numerator=nw.when(whole).then(points).otherwise(nw.lit(0.0)), denominator=_number(whole), expected=nw.lit(1.0)
    )


def _planned(data: Data) -> nw.LazyFrame:
    """The rows of F24 that plan a visit (their document names the visit card): school_year, period (quarter), method_association
    (that of `responsible`, where it is the name of one), record. The quarter is that of the due day."""
    plan = data.kept("planned_visits")
    if plan is not None:
        return plan
    wanted = [match_key(text) for text in data.choices("visit_card")]
    rows = data.form("F24").select("school_year", "record", "document", "responsible", "due_rule", "status").collect("pyarrow").rows(named=True)
    found = [
        (row["school_year"], quarter, data.settings.association_keys.get(match_key(row["responsible"] or "")), row["record"])
        for row in rows
        if row["document"] and any(text in match_key(row["document"]) for text in wanted)
        and row["status"] not in data.choices("cancelled")
        for quarter in _quarters(data, row["school_year"], row["due_rule"] or "")
    ]  # fmt: skip
    return data.rows("planned_visits", found, "school_year VARCHAR, period VARCHAR, method_association VARCHAR, record BIGINT")


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
    keys = ["school_year", "period", "method_association"]
    own = planned.filter(~nw.col("method_association").is_null()).group_by(*keys).agg(own=nw.len())
    shared = planned.filter(nw.col("method_association").is_null()).group_by("school_year", "period").agg(shared=nw.len())
    done = _visits(data).filter(nw.col("planned")).join(own, on=keys, how="left")
    done = done.with_columns(place=nw.col("record").rank("ordinal").over(*keys))
    done = done.with_columns(in_own=_number(nw.col("place") <= nw.col("own")))
    left = done.filter(nw.col("in_own") == 0).with_columns(turn=nw.col("record").rank("ordinal").over("school_year", "period"))
    left = left.join(shared, on=["school_year", "period"], how="inner").filter(nw.col("turn") <= nw.col("shared"))
    none = nw.lit(None).cast(nw.String)
    columns = (*_VISIT, "numerator", "denominator")
    counted = {"numerator": nw.lit(1.0), "denominator": nw.lit(0.0)}
    return nw.concat(
        [
            done.filter(nw.col("in_own") == 1).with_columns(**counted).select(*columns),
            left.drop("method_association").with_columns(method_association=none, **counted).select(*columns),
            planned.with_columns(form=nw.lit("F24"), numerator=nw.lit(0.0), denominator=nw.lit(1.0)).select(*columns),
        ],
        how="vertical",
    )


def D3_03(data: Data) -> nw.LazyFrame:
    """Technologies: visits with ICT or with a named technology among all visits."""
    used = nw.col("ict").fill_null(False) | ~nw.col("technology").is_null()
    return _visits(data).select(*_VISIT, numerator=_number(used), denominator=nw.lit(1.0))


# --- teachers --------------------------------------------------------------------------------------------------------------


def _headcount(data: Data) -> nw.LazyFrame:
    """Working teachers, once a school year, with the year's days."""
    years = data.school_years.select("school_year", "trained_since", "end_on")
    return data.teachers.join(years, on="school_year", how="inner").with_columns(period=nw.lit("Y"), form=nw.lit("R2S"))


_TEACHER = ("school_year", "period", "method_association", "teacher", "form", "record")


def D3_04(data: Data) -> nw.LazyFrame:
    """Category: teachers with a qualification category; the parts are the categories, each over all teachers."""
    held = nw.col("category").is_in(data.choices("category_held"))
    frame = _headcount(data)
    known = _number(~nw.col("category").is_null())
    none = nw.lit(None).cast(nw.String)
    columns = (*_TEACHER, "part", "numerator", "denominator", "expected")
    return nw.concat(
        [
            frame.filter(held).with_columns(
                part=nw.col("category"), numerator=nw.lit(1.0), denominator=nw.lit(0.0), expected=nw.lit(0.0)
            ).select(*columns),
            frame.with_columns(part=none, numerator=nw.lit(0.0), denominator=known, expected=nw.lit(1.0)).select(*columns),
        ],
        how="vertical",
    )  # fmt: skip


def D3_05(data: Data) -> nw.LazyFrame:
    """Professional development: teachers with a course of 72 hours or more within the three years before the year's end."""
    trained = (
        (nw.col("pd_last_date") >= nw.col("trained_since"))
        & (nw.col("pd_last_date") <= nw.col("end_on"))
        & (nw.col("pd_hours") >= int(data.settings.thresholds.pd_hours))
    )
    return _headcount(data).select(*_TEACHER, numerator=_number(trained.fill_null(False)), denominator=nw.lit(1.0))


def _contests(data: Data) -> nw.LazyFrame:
    """F09's contests with their school year's period Y."""
    days = data.days.filter(nw.col("kind") == "Y").select("school_year", "period", held_on=nw.col("day"))
    frame = data.form("F09").filter(nw.col("kind").is_in(data.choices("contest")), ~nw.col("teacher_id").is_null())
    frame = frame.join(days, on=["school_year", "held_on"], how="inner")
    return frame.with_columns(teacher=nw.col("teacher_id"), form=nw.lit("F09"))


def D3_06(data: Data) -> nw.LazyFrame:
    """Contests: different teachers who took part in a contest this year among all teachers. Without any F09 of the year: no data."""
    begun = data.collected("F09").with_columns(begun=nw.lit(1))
    teachers = _headcount(data).join(begun, on="school_year", how="left")
    columns = (*_TEACHER, "numerator", "denominator", "expected")
    took = _contests(data).drop("method_association").join(
        data.teachers.select("school_year", "teacher", "method_association"), on=["school_year", "teacher"], how="inner"
    )  # fmt: skip
    return nw.concat(
        [
            took.with_columns(numerator=nw.lit(1.0), denominator=nw.lit(0.0), expected=nw.lit(0.0)).select(*columns),
            teachers.with_columns(
                numerator=nw.lit(0.0), denominator=_number(~nw.col("begun").is_null()), expected=nw.lit(1.0)
            ).select(*columns),
        ],
        how="vertical",
    )  # fmt: skip


def D3_06_points(data: Data) -> nw.LazyFrame:
    """Points of contests: weight of the level × weight of the place (thresholds.olympiad_levels, olympiad_places)."""
    levels = data.settings.thresholds.olympiad_levels
    places = data.settings.thresholds.olympiad_places
    weight = nw.lit(0.0)
    for level, points in levels.items():
        weight = nw.when(nw.col("level") == level).then(nw.lit(float(points))).otherwise(weight)
    share = nw.lit(0.0)
    for place, part in places.items():
        share = nw.when(nw.col("place") == place).then(nw.lit(float(part))).otherwise(share)
    begun = _headcount(data).join(data.collected("F09"), on="school_year", how="inner")
    columns = (*_TEACHER, "numerator", "denominator")
    won = _contests(data).with_columns(numerator=weight * share, denominator=nw.lit(0.0))
    nothing_yet = begun.with_columns(numerator=nw.lit(0.0), denominator=nw.lit(0.0))
    return nw.concat([won.select(*columns), nothing_yet.select(*columns)], how="vertical")


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
