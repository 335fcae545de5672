"""D4, programme for gifted pupils: who is in it, individual plans, olympiads, research and creative work.

Words: config/indicators/gifted_pupils.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data
from lib.indicators.units import PLACE, none_yet, one_if, per_pupil, present, together, undated, weight

# What makes rows of F11 one result: the members of a team have the same of all these.
_TEAM = ("school_year", "kind", "subject", "title", "team", "level", "place")


def results(data: Data, kinds: str, judged: bool = True) -> nw.LazyFrame:
    """F11's results of some kinds (a name of config/choices.yaml), period Y, with what a pupil or a team makes of them.

    `judged`: only rows whose level and place are known; without it everyone who took part.

    Adds who (the pupil, or the team at that event), first (this row stands for the result: a team has several rows), points (weight of
    the level × weight of the place), grade, and method_association of the mentor, else of the subject.
    """
    thresholds = data.settings.thresholds
    mentors = data.staff.select("school_year", "teacher_id", mentor_association=nw.col("method_association"))
    subjects = data.subjects.select("subject", subject_association=nw.col("method_association"))
    classes = data.classes.select("school_year", "school_class", "grade")
    frame = data.form("F11").filter(nw.col("kind").is_in(data.choices(kinds)))
    if judged:
        frame = frame.filter(~nw.col("level").is_null(), ~nw.col("place").is_null())
    alone = nw.col("team").is_null()
    return (
        frame.drop("method_association")
        .join(mentors, left_on=["school_year", "mentor_id"], right_on=["school_year", "teacher_id"], how="left")
        .join(subjects, on="subject", how="left")
        .join(classes, on=["school_year", "school_class"], how="left")
        .with_columns(
            period=nw.lit("Y"),
            form=nw.lit("F11"),
            who=nw.when(alone).then(nw.col("pupil_id")).otherwise(nw.concat_str("team", "title", separator="\n", ignore_nulls=True)),
            first=alone | (nw.col("record") == nw.col("record").min().over(*_TEAM)),
            points=weight("level", thresholds.olympiad_levels) * weight("place", thresholds.olympiad_places),
            method_association=nw.coalesce("mentor_association", "subject_association"),
        )
    )


def _won(data: Data) -> nw.Expr:
    """Whether a result is a first, second or third place."""
    return nw.col("place").is_in(data.choices("prize_places"))


def D4_01(data: Data) -> nw.LazyFrame:
    """In the programme: pupils named in the bank of gifted pupils (F10) among all who study."""
    named = data.form("F10").select("school_year", "pupil_id", "record").join(present(data), on=["school_year", "pupil_id"], how="inner")
    named = named.select(*PLACE, "pupil_id", "record", form=nw.lit("F10"), numerator=nw.lit(1.0), denominator=nw.lit(0.0))
    return together(named, per_pupil(data, "F10"))


def D4_02(data: Data) -> nw.LazyFrame:
    """Individual plans: steps done among the steps of the plans."""
    plans = data.form("F10").filter(nw.col("has_plan"), nw.col("plan_steps") > 0)
    steps = nw.col("plan_steps").cast(nw.Float64)
    return undated(plans, data).select(
        "school_year", "period", "school_class", "pupil_id", "record", form=nw.lit("F10"),
        numerator=nw.col("steps_done").cast(nw.Float64).fill_null(0.0),
        denominator=nw.when(nw.col("steps_done").is_null()).then(nw.lit(0.0)).otherwise(steps),
        expected=steps,
    )  # fmt: skip


def D4_03(data: Data) -> nw.LazyFrame:
    """Taking part in olympiads: different pupils with a result of an olympiad at any level among all who study in grades 5 and above."""
    here = present(data).filter(nw.col("period") == "Y").select("school_year", "pupil_id")
    took = results(data, "olympiads", judged=False).join(here, on=["school_year", "pupil_id"], how="inner")
    took = took.select(*PLACE, "subject", "pupil_id", "form", "record", numerator=nw.lit(1.0), denominator=nw.lit(0.0))
    return together(took, per_pupil(data, "F11"))


def D4_04(data: Data) -> nw.LazyFrame:
    """Olympiad points: the best result of a pupil (or team) in a subject, level weight × place weight; per 100 pupils of the school."""
    unit = ("school_year", "subject", "who")
    frame = results(data, "olympiads").with_columns(best=nw.col("points").max().over(*unit)).filter(nw.col("points") == nw.col("best"))
    # The rows of one team, and equal best results, share the points, so that they count once.
    best = frame.with_columns(rows=nw.col("record").count().over(*unit)).select(
        "school_year", "period", "subject", "method_association", "form", "record",
        numerator=nw.col("points") / nw.col("rows"), denominator=nw.lit(0.0),
    )  # fmt: skip
    return together(best, per_pupil(data, "F11"))


def D4_05(data: Data) -> nw.LazyFrame:
    """Winners and prize holders: olympiad results of the first three places from the district level upwards."""
    entered = _above_school(data).select(
        "school_year", "period", "subject", "form", "record",
        part=nw.col("level"), numerator=one_if(_won(data)), denominator=nw.lit(None, nw.Float64),
    )  # fmt: skip
    return together(entered, none_yet(data, "F11"))


def D4_05_share(data: Data) -> nw.LazyFrame:
    """Share of prizes: the same results among all olympiad results of these levels."""
    return _above_school(data).select(
        "school_year", "period", "subject", "form", "record",
        part=nw.col("level"), numerator=one_if(_won(data)), denominator=nw.lit(1.0),
    )  # fmt: skip


def _above_school(data: Data) -> nw.LazyFrame:
    """Olympiad results of levels above the school, a team's once."""
    return results(data, "olympiads").filter(nw.col("first"), nw.col("level").is_in(data.choices("levels_above_school")))


def D4_06(data: Data) -> nw.LazyFrame:
    """Research and projects: results of the first three places."""
    return _prizes(data, "research")


def _prizes(data: Data, kinds: str) -> nw.LazyFrame:
    """The first three places of some kinds by level (where it was written), a team's once."""
    won = results(data, kinds, judged=False).filter(nw.col("first"), _won(data))
    won = won.select(
        "school_year", "period", "form", "record",
        part=nw.col("level"), numerator=nw.lit(1.0), denominator=nw.lit(None, nw.Float64),
    )  # fmt: skip
    return together(won, none_yet(data, "F11"))


def D4_07(data: Data) -> nw.LazyFrame:
    """Creative work: different pupils who study and took part in creative contests."""
    here = present(data).filter(nw.col("period") == "Y").select("school_year", "pupil_id")
    took = results(data, "creative", judged=False).join(here, on=["school_year", "pupil_id"], how="inner")
    took = took.filter(nw.col("record") == nw.col("record").min().over("school_year", "pupil_id"))
    took = took.select(*PLACE, "pupil_id", "form", "record", numerator=nw.lit(1.0), denominator=nw.lit(None, nw.Float64))
    begun = data.collected("F11")
    everyone = present(data).join(begun, on="school_year", how="inner")
    return together(took, everyone.select(*PLACE, "pupil_id", numerator=nw.lit(0.0), denominator=nw.lit(None, nw.Float64)))


def D4_07_prizes(data: Data) -> nw.LazyFrame:
    """Creative work: results of the first three places."""
    return _prizes(data, "creative")


def D4_07_expert(data: Data) -> nw.LazyFrame:
    """Creative work: mean of the experts' levels 0–3 that F26 gives to this indicator."""
    judged = data.form("F26").filter(nw.col("indicator") == "D4.07", ~nw.col("level").is_null())
    return judged.select(
        "school_year", "record", period=nw.lit("Y"), form=nw.lit("F26"), numerator=nw.col("level").cast(nw.Float64), denominator=nw.lit(1.0)
    )
