"""D7, upbringing and additional education: clubs, the plan of events, level of upbringing, parents' meetings, achievements.

Words: config/indicators/upbringing.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.gifted_pupils import results
from lib.indicators.learning_outcomes import response
from lib.indicators.relations import Data
from lib.indicators.units import PLACE, dated, one_if, per_pupil, present, running, together

LEAST = {"D7.07": ("school_class", "min_answers")}

_CRITERIA = range(1, 7)  # the six groups of qualities of the questionnaire, each rated by the pupil and by the teacher


def D7_01(data: Data) -> nw.LazyFrame:
    """Additional education: different pupils in a running club among all who study."""
    clubs = running(data.form("F16"), data, "from", "to").select("school_year", "period", "pupil_id", "record")
    members = clubs.join(present(data), on=["school_year", "period", "pupil_id"], how="inner")
    members = members.select(*PLACE, "pupil_id", "record", form=nw.lit("F16"), numerator=nw.lit(1.0), denominator=nw.lit(0.0))
    return together(members, per_pupil(data, "F16"))


def D7_02(data: Data) -> nw.LazyFrame:
    """The plan of upbringing: events done among the planned events whose day has come."""
    planned = dated(data.form("F18").filter(nw.col("planned")), data, "held_on")
    return planned.select(
        "school_year", "period", "record", form=nw.lit("F18"),
        numerator=one_if(nw.col("done")), denominator=one_if(~nw.col("done").is_null()), expected=nw.lit(1.0),
    )  # fmt: skip


def D7_03(data: Data) -> nw.LazyFrame:
    """Events a pupil: participants of the events held, to all who study. Events of the whole school have no class."""
    events = dated(data.form("F18").filter(nw.col("done"), ~nw.col("participants").is_null()), data, "held_on").select(
        "school_year", "period", "school_class", "record", form=nw.lit("F18"),
        numerator=nw.col("participants").cast(nw.Float64), denominator=nw.lit(0.0),
    )  # fmt: skip
    return together(events, per_pupil(data, "F18"))


def _upbringing(data: Data) -> nw.LazyFrame:
    """F17 by pupil and half-year (wave 1 → H1, wave 2 → H2, the latest whole one → Y), of pupils who study then, rated or not.

    `total` is the sum of the twelve ratings, null unless all are filled.
    """
    ratings = [f"{who}{number}" for who in ("self", "teacher") for number in _CRITERIA]
    filled = ~nw.any_horizontal(*(nw.col(rating).is_null() for rating in ratings), ignore_nulls=False)
    total = nw.sum_horizontal(*(nw.col(rating).cast(nw.Float64) for rating in ratings))
    rated = data.form("F17").filter(filled).select("school_year", "pupil_id", "record", wave=nw.col("wave").cast(nw.String), total=total)
    return by_wave(rated, data)


def by_wave(rated: nw.LazyFrame, data: Data) -> nw.LazyFrame:
    """Everyone who studies at the end of H1, H2 and Y with what is said of them in `rated` (school_year, pupil_id, wave, record and more).

    The first wave speaks of H1, the second of H2, the later of the two of Y. A pupil written twice in a wave counts by the last row.
    """
    key = ("school_year", "period", "pupil_id")
    second = nw.col("wave").is_in(data.choices("second_wave"))
    known = rated.filter(second | nw.col("wave").is_in(data.choices("first_wave"))).with_columns(half=one_if(second))
    halves = known.with_columns(period=nw.when(nw.col("half") == 1).then(nw.lit("H2")).otherwise(nw.lit("H1")))
    year = known.filter(nw.col("half") == nw.col("half").max().over("school_year", "pupil_id")).with_columns(period=nw.lit("Y"))
    said = nw.concat([halves, year], how="vertical")
    said = said.filter(nw.col("record") == nw.col("record").max().over(*key))
    return present(data).filter(nw.col("period").is_in(["H1", "H2", "Y"])).join(said, on=list(key), how="left")


def D7_04(data: Data) -> nw.LazyFrame:
    """Level of upbringing: mean of the pupil's own and the teacher's ratings over six groups of qualities."""
    ratings = float(2 * len(_CRITERIA))
    return _upbringing(data).select(
        *PLACE, "pupil_id", "record", form=nw.lit("F17"),
        numerator=nw.col("total").fill_null(0.0) / ratings, denominator=one_if(~nw.col("total").is_null()), expected=nw.lit(1.0),
    )  # fmt: skip


def D7_04_high(data: Data) -> nw.LazyFrame:
    """High level of upbringing: pupils whose level reaches the threshold (4.0) among the rated."""
    least = float(data.settings.thresholds.upbringing_high) * 2 * len(_CRITERIA)
    return _upbringing(data).select(
        *PLACE, "pupil_id", "record", form=nw.lit("F17"),
        numerator=one_if(nw.col("total") >= least), denominator=one_if(~nw.col("total").is_null()), expected=nw.lit(1.0),
    )  # fmt: skip


def D7_05(data: Data) -> nw.LazyFrame:
    """Parents' meetings: parents present among the parents invited."""
    meetings = dated(data.form("F18").filter(nw.col("parent_meeting"), ~nw.col("parents_total").is_null()), data, "held_on")
    invited = nw.col("parents_total").cast(nw.Float64)
    return meetings.select(
        "school_year", "period", "school_class", "record", form=nw.lit("F18"),
        numerator=nw.col("parents_present").cast(nw.Float64).fill_null(0.0),
        denominator=nw.when(nw.col("parents_present").is_null()).then(nw.lit(0.0)).otherwise(invited),
        expected=invited,
    )  # fmt: skip


def D7_06(data: Data) -> nw.LazyFrame:
    """Sport and creative achievements: level weight × place weight of every result, per 100 pupils.

    A team's result counts once: its members share it equally, so that each class gets the part of its own pupils.
    """
    key = ("school_year", "kind", "subject", "title", "team", "level", "place")
    frame = results(data, "sport_and_creative")
    members = nw.when(nw.col("team").is_null()).then(nw.lit(1)).otherwise(nw.col("record").count().over(*key)).cast(nw.Float64)
    points = frame.with_columns(members=members).select(
        *PLACE, "pupil_id", "form", "record", numerator=nw.col("points") / nw.col("members"), denominator=nw.lit(0.0)
    )
    return together(points, per_pupil(data, "F11"))


def D7_07(data: Data) -> nw.LazyFrame:
    """Satisfaction with upbringing: mean score 0–4 of the answers on this topic, in per cent of 4; by respondent."""
    return scores(data, data.choice("topic_upbringing"))


def scores(data: Data, topic: str) -> nw.LazyFrame:
    """The scores 0–4 of all answers on a topic, one row an answer; `part` is the respondent. Also for the climate (D9.08)."""
    return data.answers.filter(nw.col("topic") == topic).select(
        *PLACE, "cases", "form", "record",
        part=nw.col("respondent"), numerator=nw.col("score").cast(nw.Float64), denominator=nw.lit(1.0),
    )  # fmt: skip


def D7_07_response(data: Data) -> nw.LazyFrame:
    """Response rate: questionnaires returned among the people invited to the same surveys."""
    return response(data, data.choice("topic_upbringing"), data.choices("respondents"))
