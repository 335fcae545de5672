"""D9, health and safety: health groups, illness, check-ups, meals, sanitation, fire and anti-terror checks, injuries, climate.

Words: config/indicators/health_safety.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.i18n import match_key
from lib.indicators.learning_outcomes import response
from lib.indicators.relations import Data
from lib.indicators.units import PLACE, dated, none_yet, one_if, per_pupil, present, together
from lib.indicators.upbringing import scores
from lib.model.calendar import QUARTERS

LEAST = {"D9.08": ("school_class", "min_answers")}


def _health(data: Data) -> nw.LazyFrame:
    """Everyone who studies, by period, with their row of F20 (nulls where there is none). A pupil written twice: the last row."""
    sheet = data.form("F20").filter(nw.col("record") == nw.col("record").max().over("school_year", "pupil_id"))
    sheet = sheet.drop("workbook", "tab", "row", "school_class", "subject", "method_association")
    return present(data).join(sheet, on=["school_year", "pupil_id"], how="left").with_columns(form=nw.lit("F20"))


def D9_01(data: Data) -> nw.LazyFrame:
    """Health: pupils of health groups I and II among the pupils whose group is known."""
    return _health(data).filter(nw.col("period") == "Y").select(
        *PLACE, "pupil_id", "form", "record",
        numerator=one_if(nw.col("health_group").is_in(data.choices("healthy_groups"))),
        denominator=one_if(~nw.col("health_group").is_null()),
        expected=nw.lit(1.0),
    )  # fmt: skip


def D9_01_groups(data: Data) -> nw.LazyFrame:
    """Distribution: pupils of each health group among the pupils whose group is known."""
    grouped = _health(data).filter(nw.col("period") == "Y", ~nw.col("health_group").is_null())
    everyone = grouped.select(*PLACE, "pupil_id", numerator=nw.lit(0.0), denominator=nw.lit(1.0))
    each = grouped.select(*PLACE, "pupil_id", "form", "record", part=nw.col("health_group"), numerator=nw.lit(1.0), denominator=nw.lit(0.0))
    return together(each, everyone)


def D9_02(data: Data) -> nw.LazyFrame:
    """Days of illness a pupil: days that the medic wrote down, to the pupils who study in the classes where the medic wrote any."""
    columns = {quarter: f"ill_days_{quarter.lower()}" for quarter in QUARTERS}
    health = _health(data)
    kinds = [health.filter(nw.col("period") == quarter).with_columns(days=nw.col(column).cast(nw.Float64))
             for quarter, column in columns.items()]  # fmt: skip
    nothing = nw.all_horizontal(*(nw.col(column).is_null() for column in columns.values()), ignore_nulls=False)
    whole = nw.sum_horizontal(*(nw.col(column).cast(nw.Float64) for column in columns.values()))
    kinds.append(
        health.filter(nw.col("period") == "Y").with_columns(days=nw.when(~nothing).then(whole).otherwise(nw.lit(None, nw.Float64)))
    )
    frame = nw.concat(kinds, how="vertical").with_columns(begun=nw.col("days").count().over("school_year", "period", "school_class"))
    return frame.select(
        *PLACE, "pupil_id", "form", "record",
        numerator=nw.col("days").fill_null(0.0), denominator=one_if(nw.col("begun") > 0), expected=nw.lit(1.0),
    )  # fmt: skip


def D9_03(data: Data) -> nw.LazyFrame:
    """Medical check-up: pupils with a check-up in this school year among all who study in the classes where the medic has begun."""
    year = data.days.filter(nw.col("kind") == "Y", nw.col("day") <= data.as_of)
    year = year.select("school_year", checkup_on=nw.col("day"), checked=nw.lit(1.0))
    frame = _health(data).filter(nw.col("period") == "Y").join(year, on=["school_year", "checkup_on"], how="left")
    started = one_if(~nw.col("checkup_on").is_null() | ~nw.col("health_group").is_null())
    frame = frame.with_columns(started=started).with_columns(begun=nw.col("started").max().over("school_year", "school_class"))
    return frame.select(
        *PLACE, "pupil_id", "form", "record",
        numerator=nw.col("checked").fill_null(0.0), denominator=nw.col("begun"), expected=nw.lit(1.0),
    )  # fmt: skip


def D9_04(data: Data) -> nw.LazyFrame:
    """Hot meals: pupils fed free × days fed, to pupils enrolled × school days, of the months in grades 1–4."""
    fed = nw.col("fed_free").cast(nw.Float64) * nw.col("days_fed").cast(nw.Float64)
    due = nw.col("enrolled").cast(nw.Float64) * nw.col("days_plan").cast(nw.Float64)
    months = data.months.select("school_year", "month", "period")
    meals = data.form("F21").join(months, on=["school_year", "month"], how="inner").with_columns(fed=fed, due=due)
    return meals.filter(~nw.col("due").is_null()).select(
        "school_year", "period", "school_class", "record", form=nw.lit("F21"),
        numerator=nw.col("fed").fill_null(0.0),
        denominator=nw.when(nw.col("fed").is_null()).then(nw.lit(0.0)).otherwise(nw.col("due")),
        expected=nw.col("due"),
    )  # fmt: skip


def _checks(data: Data, areas: str) -> nw.LazyFrame:
    """The answers yes and no of F22's checks in some areas (a name of config/choices.yaml), by the day of the check."""
    answered = nw.col("result").is_in(data.choices("check_passed") + data.choices("check_failed"))
    frame = dated(data.form("F22").filter(nw.col("area").is_in(data.choices(areas)), answered), data, "checked_on")
    return frame.with_columns(form=nw.lit("F22"), passed=one_if(nw.col("result").is_in(data.choices("check_passed"))))


def _critical(data: Data, areas: str) -> nw.LazyFrame:
    """How many critical items were answered no."""
    failed = _checks(data, areas).filter(nw.col("critical"), nw.col("passed") == 0)
    failed = failed.select(
        "school_year", "period", "form", "record",
        part=nw.col("area"), numerator=nw.lit(1.0), denominator=nw.lit(None, nw.Float64),
    )  # fmt: skip
    return together(failed, none_yet(data, "F22"))


def D9_05(data: Data) -> nw.LazyFrame:
    """Sanitation: items answered yes among the items answered yes or no, over all checks of the period."""
    return _checks(data, "sanitation").select(
        "school_year", "period", "form", "record", numerator=nw.col("passed"), denominator=nw.lit(1.0)
    )


def D9_05_critical(data: Data) -> nw.LazyFrame:
    """Sanitation: critical items answered no."""
    return _critical(data, "sanitation")


def _overdue(data: Data) -> nw.LazyFrame:
    """Critical failures in fire and anti-terror safety whose term has passed unmended on the day a period is counted, one row each.

    Failures of earlier periods of the school year are among them: a danger does not end with its quarter.
    """
    failed = data.form("F22").filter(
        nw.col("area").is_in(data.choices("fire_and_terror")), nw.col("result").is_in(data.choices("check_failed")), nw.col("critical")
    )
    days = data.periods.filter(nw.col("begun")).select("school_year", "period", "counted_on")
    return failed.join(days, on="school_year", how="inner").filter(
        nw.col("checked_on") <= nw.col("counted_on"),
        nw.col("fix_by") < nw.col("counted_on"),
        nw.col("fixed_on").is_null() | (nw.col("fixed_on") > nw.col("counted_on")),
    )


def D9_06(data: Data) -> nw.LazyFrame:
    """Fire and anti-terror safety: items answered yes among yes and no; nothing counts while a critical failure is overdue."""
    floor = _overdue(data).group_by("school_year", "period").agg(overdue=nw.len())
    return _checks(data, "fire_and_terror").join(floor, on=["school_year", "period"], how="left").select(
        "school_year", "period", "form", "record",
        numerator=nw.when(nw.col("overdue").is_null()).then(nw.col("passed")).otherwise(nw.lit(0.0)),
        denominator=nw.lit(1.0),
    )  # fmt: skip


def D9_06_overdue(data: Data) -> nw.LazyFrame:
    """Fire and anti-terror safety: critical failures whose term has passed unmended, by area. Any of them makes D9.06 zero."""
    overdue = _overdue(data).select(
        "school_year", "period", "record", form=nw.lit("F22"),
        part=nw.col("area"), numerator=nw.lit(1.0), denominator=nw.lit(None, nw.Float64),
    )  # fmt: skip
    return together(overdue, none_yet(data, "F22"))


def D9_07(data: Data) -> nw.LazyFrame:
    """Injuries: incidents at school per 1000 pupils who study."""
    places = [row["place"] for row in data.look("F23", data.form("F23").select("place").unique())]
    outside = tuple(match_key(word) for word in data.choices("outside_school"))
    away = [place for place in places if place and match_key(place).startswith(outside)]
    incidents = data.form("F23").filter(nw.col("place").is_null() | ~nw.col("place").is_in(away))
    incidents = dated(incidents, data, "happened_on").select(
        "school_year", "period", "pupil_id", "record", form=nw.lit("F23"), numerator=nw.lit(1.0), denominator=nw.lit(0.0)
    )
    return together(incidents, per_pupil(data, "F23"))


def D9_08(data: Data) -> nw.LazyFrame:
    """Psychological climate: mean score 0–4 of the answers on this topic, in per cent of 4; by respondent."""
    return scores(data, data.choice("topic_climate"))


def D9_08_response(data: Data) -> nw.LazyFrame:
    """Response rate: questionnaires returned among the people invited to the same surveys."""
    return response(data, data.choice("topic_climate"), data.choices("respondents"))


def D9_09(data: Data) -> nw.LazyFrame:
    """Remarks mended in time: failures mended by their term among the failures whose term has come."""
    failed = data.form("F22").filter(nw.col("result").is_in(data.choices("check_failed")))
    return dated(failed, data, "fix_by").select(
        "school_year", "period", "record", form=nw.lit("F22"),
        numerator=one_if(nw.col("fixed_on") <= nw.col("fix_by")), denominator=nw.lit(1.0),
    )  # fmt: skip
