"""D1, quality of learning outcomes: marks, state and external assessment, adaptation, parents' satisfaction.

Words: config/indicators/learning_outcomes.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data
from lib.indicators.units import PLACE, one_if

# (level, threshold): with fewer cases the value is withheld and only the counts are given (domain.md §1.4, §1.8).
LEAST = {
    "D1.06": ("", "min_pairs"),
    "D1.06.up": ("", "min_pairs"),
    "D1.06.low": ("", "min_pairs"),
    "D1.06.gap": ("", "min_pairs"),
    "D1.10": ("school_class", "min_answers"),
}

_TOPIC = ("subject", "method_association")
_TRACE = ("pupil_id", "form", "record")


def _marks(data: Data, **measures: nw.Expr) -> nw.LazyFrame:
    """One row a mark, and a mark that is missing, of an active pupil in a marked grade; the released are nobody's unit.

    Where only sums are wanted, marks that count alike are one row together.
    """
    counted = nw.col("active"), nw.col("state").is_null() | (nw.col("state") != data.choice("released"))
    if data.one_by_one:
        return data.marks.filter(*counted).select(*PLACE, *_TOPIC, "teacher", *_TRACE, **measures)
    weighed = {name: measure * nw.col("marks") for name, measure in measures.items()}
    return data.like_marks.filter(*counted).select(*PLACE, *_TOPIC, "teacher", **weighed)


def _counted() -> nw.Expr:
    """The base B = n5 + n4 + n3 + n2 + unattested: everything but the gaps."""
    return one_if(~nw.col("state").is_null())


def _at_least(mark: int) -> nw.Expr:
    return one_if(nw.col("mark") >= mark)


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
    marked = one_if(~nw.col("mark").is_null())
    due = one_if(~nw.col("mark").is_null() | nw.col("state").is_null())
    return _marks(data, numerator=nw.col("mark").fill_null(0).cast(nw.Float64), denominator=marked, expected=due)


def D1_05(data: Data) -> nw.LazyFrame:
    """Quality by pupil: pupils with only 4 and 5 in all subjects among the pupils whose marks are complete."""
    frame = data.categories.filter(~nw.col("category").is_null())
    return frame.select(
        *PLACE,
        "pupil_id",
        numerator=one_if(nw.col("category").is_in(["A5", "A4_1", "A45"])),
        denominator=one_if(nw.col("category") != "INC"),
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
    return _pairs(data, one_if(nw.col("difference") == 0))


def D1_06_up(data: Data) -> nw.LazyFrame:
    """Raised: pairs in which the external mark is higher."""
    return _pairs(data, one_if(nw.col("difference") > 0))


def D1_06_low(data: Data) -> nw.LazyFrame:
    """Lowered: pairs in which the external mark is lower."""
    return _pairs(data, one_if(nw.col("difference") < 0))


def D1_06_gap(data: Data) -> nw.LazyFrame:
    """Gap: mean of external − internal."""
    return _pairs(data, nw.col("difference"))


def D1_07(data: Data) -> nw.LazyFrame:
    """State attestation: marks 4 and 5 among the marks of the examined."""
    frame = data.works.filter(nw.col("source").is_in(data.choices("state_attestation")), ~nw.col("mark_number").is_null())
    return frame.select(
        "school_year", "grade", "school_class", *_TOPIC, "pupil_id", "record",
        period=nw.lit("Y"), form=nw.lit("F02"), numerator=one_if(nw.col("mark_number") >= 4), denominator=nw.lit(1.0),
    )  # fmt: skip


def _took_test(data: Data, numerator: nw.Expr) -> nw.LazyFrame:
    """One row a pupil who took the main part of the national test."""
    return data.national_test.filter(~nw.col("score").is_null()).select(
        *PLACE, "pupil_id", "form", "record", numerator=numerator, denominator=nw.lit(1.0)
    )


def D1_08(data: Data) -> nw.LazyFrame:
    """National test: main scores at the year's threshold or above among those who took it."""
    return _took_test(data, one_if(nw.col("reached")))


def D1_08_mean(data: Data) -> nw.LazyFrame:
    """National test: mean main score."""
    return _took_test(data, nw.col("score"))


def D1_08_taken(data: Data) -> nw.LazyFrame:
    """National test: those who took it among the graduates; in a year without any result nobody is counted."""
    return data.national_test.filter(nw.col("active")).select(
        *PLACE, "pupil_id", "form", "record",
        numerator=one_if(~nw.col("score").is_null()), denominator=one_if(nw.col("collected")), expected=nw.lit(1.0),
    )  # fmt: skip


def _adaptation(data: Data, level: int) -> nw.LazyFrame:
    """One row an active pupil × half-year: whether the psychologist found that level; not yet assessed = a gap."""
    return data.adaptation.select(
        *PLACE, "pupil_id", "form", "record",
        numerator=one_if(nw.col("adapt") == level), denominator=one_if(~nw.col("adapt").is_null()), expected=nw.lit(1.0),
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
        *PLACE, "cases", "form", "record", numerator=nw.col("score").cast(nw.Float64), denominator=nw.lit(1.0)
    )  # fmt: skip


def D1_10_response(data: Data) -> nw.LazyFrame:
    """Response rate: questionnaires returned among the families invited to the same surveys."""
    return response(data, data.choice("topic_results"), [data.choice("parent")])


def response(data: Data, topic: str, respondents: list[str]) -> nw.LazyFrame:
    """Questionnaires on a topic over the invitations to the surveys that ask about it, by class; `part` is the respondent.

    Shared by all satisfaction figures.
    """
    asked = data.surveyed.filter(nw.col("topic") == topic, nw.col("respondent").is_in(respondents))
    return asked.select(
        *PLACE, "form", "record", part=nw.col("respondent"), numerator=nw.col("returned"), denominator=nw.col("invited")
    )  # fmt: skip


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
