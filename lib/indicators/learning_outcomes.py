"""D1, quality of learning outcomes: marks, state and external assessment, adaptation, parents' satisfaction.

Words: config/indicators/learning_outcomes.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data

# (level, threshold): with fewer cases the value is withheld and only the counts are given (domain.md §1.4, §1.8).
LEAST = {
    "D1.06": ("", "min_pairs"),
    "D1.06.up": ("", "min_pairs"),
    "D1.06.low": ("", "min_pairs"),
    "D1.06.gap": ("", "min_pairs"),
    "D1.10": ("school_class", "min_answers"),
}

_PLACE = ("school_year", "period", "grade", "school_class")
_TOPIC = ("subject", "method_association")
_TRACE = ("pupil_id", "form", "record")


def _number(condition: nw.Expr) -> nw.Expr:
    """1.0 where the condition holds, else 0.0."""
    return nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def _marks(data: Data, **measures: nw.Expr) -> nw.LazyFrame:
    """One row a mark, and a mark that is missing, of an active pupil in a marked grade; the released are nobody's unit."""
    released = nw.col("state") == data.choice("released")
    frame = data.marks.filter(nw.col("active"), nw.col("state").is_null() | ~released)
    return frame.select(*_PLACE, *_TOPIC, "teacher", *_TRACE, **measures)


def _counted() -> nw.Expr:
    """The base B = n5 + n4 + n3 + n2 + unattested: everything but the gaps."""
    return _number(~nw.col("state").is_null())


def _at_least(mark: int) -> nw.Expr:
    return _number(nw.col("mark") >= mark)


def D1_01(data: Data) -> nw.LazyFrame:
    """Success: marks 3, 4, 5 among all marks and unattested."""
    return _marks(data, numerator=_at_least(3), denominator=_counted(), expected=nw.lit(1.0))


def D1_02(data: Data) -> nw.LazyFrame:
    """Quality by subject: marks 4 and 5 among all marks and unattested."""
    return _marks(data, numerator=_at_least(4), denominator=_counted(), expected=nw.lit(1.0))


def D1_03(data: Data) -> nw.LazyFrame:
    """Degree of learning: each mark has its weight (thresholds.sou_weights), unattested too."""
    weights = data.settings.sou_weights
    points = nw.when(nw.col("state") == data.choice("unattested")).then(nw.lit(float(weights["na"]))).otherwise(nw.lit(0.0))
    for mark in (2, 3, 4, 5):
        points = nw.when(nw.col("mark") == mark).then(nw.lit(float(weights[str(mark)]))).otherwise(points)
    return _marks(data, numerator=points, denominator=_counted(), expected=nw.lit(1.0))


def D1_04(data: Data) -> nw.LazyFrame:
    """Mean mark: the unattested are not in the base."""
    marked = _number(~nw.col("mark").is_null())
    due = _number(~nw.col("mark").is_null() | nw.col("state").is_null())
    return _marks(data, numerator=nw.col("mark").fill_null(0).cast(nw.Float64), denominator=marked, expected=due)


def D1_05(data: Data) -> nw.LazyFrame:
    """Quality by pupil: pupils with only 4 and 5 in all subjects among the pupils whose marks are complete."""
    frame = data.categories.filter(~nw.col("category").is_null())
    return frame.select(
        *_PLACE,
        "pupil_id",
        numerator=_number(nw.col("category").is_in(["A5", "A4_1", "A45"])),
        denominator=_number(nw.col("category") != "INC"),
        expected=nw.lit(1.0),
    )


def _pairs(data: Data, numerator: nw.Expr) -> nw.LazyFrame:
    """One row a pupil × subject × external work with both marks; `difference` = external − internal."""
    frame = data.works.filter(
        nw.col("source").is_in(data.choices("external")), ~nw.col("mark_number").is_null(), ~nw.col("internal").is_null()
    ).with_columns(difference=(nw.col("mark_number") - nw.col("internal")).cast(nw.Float64))
    return frame.select(
        "school_year", "grade", "school_class", *_TOPIC, "pupil_id", "record",
        period=nw.lit("Y"), form=nw.lit("F02"), part=nw.col("source"), numerator=numerator, denominator=nw.lit(1.0),
    )  # fmt: skip


def D1_06(data: Data) -> nw.LazyFrame:
    """Confirmed: pairs in which the external mark equals the internal one."""
    return _pairs(data, _number(nw.col("difference") == 0))


def D1_06_up(data: Data) -> nw.LazyFrame:
    """Raised: pairs in which the external mark is higher."""
    return _pairs(data, _number(nw.col("difference") > 0))


def D1_06_low(data: Data) -> nw.LazyFrame:
    """Lowered: pairs in which the external mark is lower."""
    return _pairs(data, _number(nw.col("difference") < 0))


def D1_06_gap(data: Data) -> nw.LazyFrame:
    """Gap: mean of external − internal."""
    return _pairs(data, nw.col("difference"))


def D1_07(data: Data) -> nw.LazyFrame:
    """State attestation: marks 4 and 5 among the marks of the examined."""
    frame = data.works.filter(nw.col("source").is_in(data.choices("state_attestation")), ~nw.col("mark_number").is_null())
    return frame.select(
        "school_year", "grade", "school_class", *_TOPIC, "pupil_id", "record",
        period=nw.lit("Y"), form=nw.lit("F02"), numerator=_number(nw.col("mark_number") >= 4), denominator=nw.lit(1.0),
    )  # fmt: skip


def _main_test(data: Data) -> nw.LazyFrame:
    """The national test's main part: its rows of F02 have no subject. A pupil's best row counts, once."""
    frame = data.works.filter(
        nw.col("source").is_in(data.choices("national_test")), nw.col("subject").is_null(), ~nw.col("score").is_null()
    )
    best = frame.group_by("school_year", "pupil_id").agg(score=nw.col("score").max())
    first = (
        frame.join(best, on=["school_year", "pupil_id", "score"], how="inner")
        .group_by("school_year", "pupil_id")
        .agg(record=nw.col("record").min())
    )
    years = data.school_years.select("school_year", "ort_main")
    return frame.join(first, on=["school_year", "pupil_id", "record"], how="inner").join(years, on="school_year", how="left")


def D1_08(data: Data) -> nw.LazyFrame:
    """National test: main scores at the year's threshold or above among those who took it."""
    return _main_test(data).select(
        "school_year", "grade", "school_class", "pupil_id", "record",
        period=nw.lit("Y"), form=nw.lit("F02"),
        numerator=_number(nw.col("score") >= nw.col("ort_main")), denominator=nw.lit(1.0),
    )  # fmt: skip


def D1_08_mean(data: Data) -> nw.LazyFrame:
    """National test: mean main score."""
    return _main_test(data).select(
        "school_year", "grade", "school_class", "pupil_id", "record",
        period=nw.lit("Y"), form=nw.lit("F02"), numerator=nw.col("score"), denominator=nw.lit(1.0),
    )  # fmt: skip


def D1_08_taken(data: Data) -> nw.LazyFrame:
    """National test: those who took it among the graduates (pupils active in the graduating grade at the last lesson)."""
    taken = _main_test(data).select("school_year", "pupil_id", "record")
    graduates = data.active.filter(nw.col("period") == "Y").drop("record").join(taken, on=["school_year", "pupil_id"], how="left")
    known = taken.group_by("school_year").agg(known=nw.len())
    graduates = graduates.join(known, on="school_year", how="left")
    return graduates.select(
        *_PLACE, "pupil_id", "record", form=nw.lit("F02"),
        numerator=_number(~nw.col("record").is_null()), denominator=_number(~nw.col("known").is_null()), expected=nw.lit(1.0),
    )  # fmt: skip


def _adaptation(data: Data, level: int) -> nw.LazyFrame:
    """One row an active pupil × half-year: whether the psychologist found that level; not yet assessed = a gap."""
    period = nw.when(nw.col("wave").is_in(data.choices("first_wave"))).then(nw.lit("H1")).otherwise(nw.lit("H2"))
    found = data.form("F03").filter(~nw.col("wave").is_null(), ~nw.col("adapt").is_null())
    found = found.select("school_year", "pupil_id", "record", "adapt", period=period)
    frame = data.active.drop("record").join(found, on=["school_year", "period", "pupil_id"], how="left")
    assessed = _number(~nw.col("adapt").is_null())
    return frame.select(
        *_PLACE, "pupil_id", "record", form=nw.lit("F03"),
        numerator=_number(nw.col("adapt") == level), denominator=assessed, expected=nw.lit(1.0),
    )  # fmt: skip


def D1_09(data: Data) -> nw.LazyFrame:
    """Adaptation: pupils of level 3 (full) among the assessed."""
    return _adaptation(data, 3)


def D1_09_dez(data: Data) -> nw.LazyFrame:
    """Disadaptation: pupils of level 1 among the assessed."""
    return _adaptation(data, 1)


def D1_10(data: Data) -> nw.LazyFrame:
    """Parents' satisfaction with results: mean answer 0..4 in percent of 4."""
    frame = data.answers.filter(nw.col("respondent") == data.choice("parent"), nw.col("topic") == data.choice("topic_results"))
    return frame.select(
        *_PLACE, "cases", "form", "record", numerator=nw.col("score").cast(nw.Float64), denominator=nw.lit(1.0)
    )  # fmt: skip


def D1_10_response(data: Data) -> nw.LazyFrame:
    """Response rate: questionnaires returned among the families invited to the same surveys."""
    return response(data, data.choice("topic_results"), [data.choice("parent")])


def response(data: Data, topic: str, respondents: list[str]) -> nw.LazyFrame:
    """Questionnaires on a topic over the invitations to the surveys that ask about it, by class. Shared by all satisfaction figures.

    `part` is the respondent.
    """
    asked = data.answers.filter(nw.col("topic") == topic, nw.col("respondent").is_in(respondents))
    surveys = asked.group_by("school_year", "survey_id", "respondent").agg(n=nw.len())
    invited = data.form("F04H").join(surveys, on=["school_year", "survey_id", "respondent"], how="inner")
    places = data.classes.select("school_year", "school_class", "grade")
    invited = invited.join(places, on=["school_year", "school_class"], how="left")
    columns = (*_PLACE, "part", "form", "record", "numerator", "denominator")
    returned = asked.filter(nw.col("cases") > 0).with_columns(part=nw.col("respondent"), numerator=nw.col("cases"), denominator=nw.lit(0.0))
    invited = invited.filter(~nw.col("invited").is_null()).with_columns(
        period=nw.lit("Y"), part=nw.col("respondent"), form=nw.lit("F04H"),
        numerator=nw.lit(0.0), denominator=nw.col("invited").cast(nw.Float64),
    )  # fmt: skip
    return nw.concat([returned.select(*columns), invited.select(*columns)], how="vertical")


def D1_11(data: Data) -> nw.LazyFrame:
    """Growth from the entry work to the final one: mean of (post − pre) / (100 − pre) over pupils who wrote both."""
    works = data.works.filter(nw.col("source").is_in(data.choices("administrative")), ~nw.col("percent").is_null())
    entry = works.filter(nw.col("control_stage").is_in(data.choices("initial")), nw.col("first_of_stage"))
    entry = entry.select("school_year", "pupil_id", "subject", pre=nw.col("percent"))
    final = works.filter(nw.col("control_stage").is_in(data.choices("final")), nw.col("last_of_stage"))
    frame = final.join(entry, on=["school_year", "pupil_id", "subject"], how="inner").filter(nw.col("pre") < 100)
    return frame.select(
        "school_year", "grade", "school_class", *_TOPIC, "pupil_id", "record", period=nw.lit("Y"), form=nw.lit("F02"),
        numerator=(nw.col("percent") - nw.col("pre")) / (100.0 - nw.col("pre")), denominator=nw.lit(1.0),
    )  # fmt: skip
