"""D2, forming the mandatory results: failing pupils, pupils at risk and their support, attendance, key competences.

Words: config/indicators/mandatory_results.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data

_PLACE = ("school_year", "period", "grade", "school_class")
_PUPIL = ("school_year", "period", "pupil_id")


def _number(condition: nw.Expr) -> nw.Expr:
    """1.0 where the condition holds, else 0.0."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def _following() -> nw.Expr:
    """The quarter after `period` (Q1..Q3)."""
    period = nw.col("period")
    third = nw.when(period == "Q3").then(nw.lit("Q4"))
    return nw.when(period == "Q1").then(nw.lit("Q2")).otherwise(nw.when(period == "Q2").then(nw.lit("Q3")).otherwise(third))


# --- categories of pupils --------------------------------------------------------------------------------------------------


def _complete_pupils(data: Data, counted: nw.Expr) -> nw.LazyFrame:
    """One row a pupil × period; a pupil with an empty cell is a gap, one released from everything is nobody's unit."""
    complete = _number(nw.col("category") != "INC")
    frame = data.categories.filter(~nw.col("category").is_null())
    return frame.select(*_PLACE, "pupil_id", numerator=_number(counted) * complete, denominator=complete, expected=nw.lit(1.0))


def D2_01(data: Data) -> nw.LazyFrame:
    """Failing: pupils with at least one 2."""
    return _complete_pupils(data, nw.col("category") == "N2")


def D2_02(data: Data) -> nw.LazyFrame:
    """Unattested: pupils with at least one unattested subject, whatever their marks."""
    return _complete_pupils(data, nw.col("unattested") > 0)


def D2_03(data: Data) -> nw.LazyFrame:
    """Reserve: pupils with exactly one 3, the rest 4 and 5."""
    return _complete_pupils(data, nw.col("category") == "R3_1")


def D2_06(data: Data) -> nw.LazyFrame:
    """Left the failing: of the pupils who failed in the quarter before and still study, those who fail no more."""
    quarters = data.categories.filter(nw.col("period").is_in(["Q1", "Q2", "Q3", "Q4"]))
    failed = (
        quarters.filter(nw.col("category") == "N2", nw.col("period") != "Q4")
        .with_columns(following=_following())
        .select("school_year", "pupil_id", period=nw.col("following"))
    )
    known = nw.col("category") != "INC"
    frame = quarters.filter(~nw.col("category").is_null()).join(failed, on=list(_PUPIL), how="inner")
    counted = frame.select(
        *_PLACE, "pupil_id", numerator=_number(known & (nw.col("category") != "N2")), denominator=_number(known), expected=nw.lit(1.0)
    )
    # Every pupil with a complete quarter before adds a row of zeros: so "nobody had failed" is told from "nothing is known".
    return nw.concat([counted, _without_failing(quarters, counted)], how="vertical")


def _without_failing(quarters: nw.LazyFrame, like: nw.LazyFrame) -> nw.LazyFrame:
    """Rows that count nothing and expect nothing: for quarter 1, and for places where the quarter before is complete without failing."""
    zero = {"numerator": nw.lit(0.0), "denominator": nw.lit(0.0), "expected": nw.lit(0.0)}
    columns = like.collect_schema().names()
    first = quarters.filter(nw.col("period") == "Q1").with_columns(**zero).select(*columns)
    later = quarters.filter(~nw.col("category").is_in(["INC", "N2"]), nw.col("period") != "Q4")
    later = later.with_columns(following=_following(), **zero).drop("period").rename({"following": "period"}).select(*columns)
    return nw.concat([first, later], how="vertical")


# --- early warning ---------------------------------------------------------------------------------------------------------


def risk(data: Data) -> nw.LazyFrame:
    """Early warning (domain.md §5.4): one row an active pupil × month or quarter.

    school_year, period, kind, school_class, grade, stage, pupil_id; letters a, b, c (0..2), their sum `score`, tier (green, yellow, red),
    known (whether the letters could be judged), confirmed (a person confirmed the flag), and the reasons: absence (share), unexcused
    (share), incidents, registered (0/1), fails (twos and unattested), fall (of the mean mark since the quarter before).
    A month is judged by the marks of the last quarter that ended in it or before it.
    """
    if (made := data.kept("risk")) is not None:
        return made
    limits = data.settings.thresholds
    pupils = data.active.filter(nw.col("kind").is_in(["M", "Q"])).drop("record")
    frame = pupils.join(_absence(data), on=list(_PUPIL), how="left")
    frame = frame.join(_marks_of(data), on=list(_PUPIL), how="left")
    frame = frame.join(_register(data), on=list(_PUPIL), how="left")
    frame = frame.join(_confirmed(data), on=list(_PUPIL), how="left")
    frame = frame.with_columns(
        absence=nw.col("missed") / nw.col("days_plan"),
        unexcused=nw.col("unexcused") / nw.col("days_plan"),
        incidents=nw.col("incidents").fill_null(0),
        registered=nw.col("registered").fill_null(0),
        fails=nw.col("fails").fill_null(0),
        confirmed=nw.col("confirmed").fill_null(0),
    ).with_columns(
        a=_letter(
            (nw.col("absence") >= limits.absence_high) | (nw.col("unexcused") >= limits.unexcused_high),
            nw.col("absence") >= limits.absence_watch,
        ),
        b=_letter((nw.col("registered") > 0) | (nw.col("incidents") >= limits.incidents_high), nw.col("incidents") > 0),
        c=_letter(nw.col("fails") >= 2, (nw.col("fails") == 1) | (nw.col("fall") >= limits.mean_fall)),
    )
    no_marks = ~nw.col("marked") | nw.col("quarter").is_null()
    known = ~nw.col("days_plan").is_null() & (no_marks | (nw.col("marks") > 0))
    frame = frame.with_columns(score=nw.col("a") + nw.col("b") + nw.col("c"), known=_number(known))
    red = (nw.col("score") >= int(limits.risk_red)) | ((nw.col("c") == 2) & (nw.col("a") >= 1))
    tier = nw.when(red).then(nw.lit("red")).otherwise(nw.when(nw.col("score") >= 2).then(nw.lit("yellow")).otherwise(nw.lit("green")))
    frame = frame.with_columns(tier=tier)
    return data.keep(
        "risk",
        frame.select(
            *_PLACE, "kind", "stage", "pupil_id", "a", "b", "c", "score", "tier", "known", "confirmed",
            "absence", "unexcused", "incidents", "registered", "fails", "fall",
        ),
    )  # fmt: skip


def _letter(two: nw.Expr, one: nw.Expr) -> nw.Expr:
    """2, 1 or 0; what is not known counts as 0."""
    return nw.when(two.fill_null(False)).then(nw.lit(2)).otherwise(nw.when(one.fill_null(False)).then(nw.lit(1)).otherwise(nw.lit(0)))


def _absence(data: Data) -> nw.LazyFrame:
    """Days planned, missed and missed without excuse, by pupil and period, from the filled rows of F05."""
    frame = data.attendance.filter(nw.col("kind").is_in(["M", "Q"]), ~nw.col("days_plan").is_null())
    return frame.group_by(*_PUPIL).agg(
        days_plan=nw.col("days_plan").sum(), missed=nw.col("missed").sum(), unexcused=nw.col("unexcused").sum()
    )


def _quarter_judged(data: Data) -> nw.LazyFrame:
    """school_year, period, quarter: the quarter whose marks a month or quarter is judged by; null before the first one ended."""
    quarters = data.periods.filter(nw.col("kind") == "Q").select("school_year", quarter=nw.col("period"), quarter_end=nw.col("end_on"))
    months = data.periods.filter(nw.col("kind") == "M").select("school_year", "period", "end_on")
    ended = months.join(quarters, on="school_year", how="inner").filter(nw.col("quarter_end") <= nw.col("end_on"))
    last = ended.group_by("school_year", "period").agg(quarter=nw.col("quarter").max())
    itself = data.periods.filter(nw.col("kind") == "Q").select("school_year", "period", quarter=nw.col("period"))
    return nw.concat([last, itself], how="vertical")


def _marks_of(data: Data) -> nw.LazyFrame:
    """Twos and unattested, number of marks, and the fall of the mean since the quarter before, by pupil and period."""
    quarters = data.categories.filter(nw.col("period").is_in(["Q1", "Q2", "Q3", "Q4"]))
    own = quarters.select(
        "school_year", "pupil_id", quarter=nw.col("period"), fails=nw.col("k2") + nw.col("unattested"),
        marks=nw.col("marks") + nw.col("unattested"), mean=nw.col("mean"),
    )  # fmt: skip
    before = quarters.filter(nw.col("period") != "Q4").select("school_year", "pupil_id", quarter=_following(), before=nw.col("mean"))
    own = own.join(before, on=["school_year", "pupil_id", "quarter"], how="left")
    own = own.with_columns(fall=nw.col("before") - nw.col("mean")).drop("mean", "before")
    pupils = data.active.filter(nw.col("kind").is_in(["M", "Q"])).select(*_PUPIL)
    asked = pupils.join(_quarter_judged(data), on=["school_year", "period"], how="inner")
    return asked.join(own, on=["school_year", "pupil_id", "quarter"], how="left")


def _register(data: Data) -> nw.LazyFrame:
    """Incidents of the school year up to the period's end, and whether a registration is open then."""
    spans = data.periods.filter(nw.col("begun"), nw.col("kind").is_in(["M", "Q"]))
    spans = spans.join(data.school_years.select("school_year", year_start=nw.col("start")), on="school_year", how="inner")
    spans = spans.select("school_year", "period", "counted_on", "year_start")
    frame = data.form("F19R").join(spans, on="school_year", how="inner").filter(~nw.col("pupil_id").is_null())
    happened = (nw.col("incident_on") <= nw.col("counted_on")) & (nw.col("incident_on") >= nw.col("year_start"))
    stands = (nw.col("from") <= nw.col("counted_on")) & (nw.col("to").is_null() | (nw.col("to") > nw.col("counted_on")))
    frame = frame.with_columns(
        happened=nw.when(happened).then(nw.lit(1)).otherwise(nw.lit(0)), stands=nw.when(stands).then(nw.lit(1)).otherwise(nw.lit(0))
    )
    return frame.group_by(*_PUPIL).agg(incidents=nw.col("happened").sum(), registered=nw.col("stands").max())


def _open_plans(data: Data) -> nw.LazyFrame:
    """F06 × month or quarter: the plans that are open at the period's end. A plan closed since then was open until its review day."""
    spans = data.periods.filter(nw.col("begun"), nw.col("kind").is_in(["M", "Q"])).select("school_year", "period", "counted_on")
    frame = data.form("F06").join(spans, on="school_year", how="inner")
    still = (nw.col("status") == data.choice("plan_open")) | (nw.col("review_on") > nw.col("counted_on"))
    return frame.filter(~nw.col("pupil_id").is_null(), nw.col("opened_on") <= nw.col("counted_on"), still)


def _confirmed(data: Data) -> nw.LazyFrame:
    """By pupil and period: 1 where a person confirmed the risk in an open plan."""
    frame = _open_plans(data).filter(nw.col("flag_decision") == data.choice("risk_confirmed"))
    return frame.group_by(*_PUPIL).agg(n=nw.len()).select(*_PUPIL, confirmed=nw.lit(1))


def D2_04(data: Data) -> nw.LazyFrame:
    """At risk: red by the letters A, B, C, or confirmed by a person, among active pupils who could be judged."""
    flagged = (nw.col("tier") == "red") | (nw.col("confirmed") > 0)
    judged = (nw.col("known") > 0) | (nw.col("confirmed") > 0)
    return risk(data).select(
        *_PLACE, "pupil_id", numerator=_number(flagged & judged), denominator=_number(judged), expected=nw.lit(1.0)
    )  # fmt: skip


def D2_05(data: Data) -> nw.LazyFrame:
    """Support: red pupils with an open plan among red pupils. Pupils who are not red are no unit; those not judged are a gap."""
    plans = _open_plans(data).group_by(*_PUPIL).agg(record=nw.col("record").max())
    begun = data.collected("F06").with_columns(begun=nw.lit(1))
    red = (nw.col("tier") == "red") & (nw.col("known") > 0)
    frame = risk(data).join(plans, on=list(_PUPIL), how="left").join(begun, on="school_year", how="left")
    counted = red & ~nw.col("begun").is_null()
    return frame.select(
        *_PLACE, "pupil_id", "record", form=nw.lit("F06"),
        numerator=_number(counted & ~nw.col("record").is_null()), denominator=_number(counted),
        expected=_number(red | (nw.col("known") == 0)),
    )  # fmt: skip


# --- attendance ------------------------------------------------------------------------------------------------------------


def D2_07(data: Data) -> nw.LazyFrame:
    """Attendance: days attended among days planned; a pupil without a row is a gap of the month's school days."""
    plan = nw.col("days_plan").fill_null(0).cast(nw.Float64)
    return data.attendance.select(
        *_PLACE, "pupil_id", "form", "record", numerator=plan - nw.col("missed").fill_null(0).cast(nw.Float64), denominator=plan,
        expected=nw.col("days_expected").cast(nw.Float64),
    )  # fmt: skip


def D2_07_unexcused(data: Data) -> nw.LazyFrame:
    """Of the days missed, those without excuse."""
    frame = data.attendance.filter(~nw.col("days_plan").is_null())
    missed = nw.col("missed").cast(nw.Float64)
    return frame.select(*_PLACE, "pupil_id", "form", "record", numerator=nw.col("unexcused").cast(nw.Float64), denominator=missed)


def D2_08(data: Data) -> nw.LazyFrame:
    """Chronic absence: pupils who missed 10 % of the planned days or more, whatever the reason."""
    frame = data.attendance.group_by(*_PLACE, "pupil_id").agg(missed=nw.col("missed").sum(), days=nw.col("days_plan").sum())
    share = nw.col("missed") / nw.col("days")
    known = nw.col("days") > 0
    chronic = known & (share >= float(data.settings.thresholds.chronic_absence))
    return frame.select(
        *_PLACE, "pupil_id", numerator=_number(chronic.fill_null(False)), denominator=_number(known.fill_null(False)), expected=nw.lit(1.0)
    )


# --- key competences -------------------------------------------------------------------------------------------------------


def _competences(data: Data) -> nw.LazyFrame:
    """F07 of pupils active at the half-year's end: level by pupil, competence and half-year (wave)."""
    period = nw.when(nw.col("wave").is_in(data.choices("first_wave"))).then(nw.lit("H1")).otherwise(nw.lit("H2"))
    frame = data.form("F07").filter(~nw.col("wave").is_null(), ~nw.col("level").is_null(), ~nw.col("competence").is_null())
    return frame.select("school_year", "pupil_id", "competence", "level", "record", period=period)


def D2_09(data: Data) -> nw.LazyFrame:
    """Key competences: assessments at the base level or above, by competence."""
    names = [choice.key for choice in data.settings.forms["F07"].column("competence").choices]
    pupils = data.active.filter(nw.col("kind") == "H").select(*_PLACE, "pupil_id")
    asked = nw.concat([pupils.with_columns(competence=nw.lit(name)) for name in names], how="vertical")
    frame = asked.join(_competences(data), on=[*_PUPIL, "competence"], how="left")
    return frame.select(
        *_PLACE, "pupil_id", "record", form=nw.lit("F07"), part=nw.col("competence"),
        numerator=_number(nw.col("level") >= int(data.settings.thresholds.competence_base)),
        denominator=_number(~nw.col("level").is_null()), expected=nw.lit(1.0),
    )  # fmt: skip


def D2_09_change(data: Data) -> nw.LazyFrame:
    """Change of that share from the start to the end of the year, for assessments that were made both times."""
    base = int(data.settings.thresholds.competence_base)
    frame = _competences(data)
    start = frame.filter(nw.col("period") == "H1").select("school_year", "pupil_id", "competence", start=nw.col("level"))
    pupils = data.active.filter(nw.col("period") == "H2").select(*_PLACE, "pupil_id")
    ending = frame.filter(nw.col("period") == "H2").join(pupils, on=list(_PUPIL), how="inner")
    both = ending.join(start, on=["school_year", "pupil_id", "competence"], how="inner")
    return both.select(
        "school_year", "grade", "school_class", "pupil_id", "record", period=nw.lit("Y"), form=nw.lit("F07"), part=nw.col("competence"),
        numerator=_number(nw.col("level") >= base) - _number(nw.col("start") >= base), denominator=nw.lit(1.0),
    )  # fmt: skip
