"""D2, forming the mandatory results: failing pupils, pupils at risk and their support, attendance, key competences.

Words: config/indicators/mandatory_results.yaml. Each function gives contributions (see lib/indicators/compute.py).
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data
from lib.indicators.risk import risk
from lib.indicators.units import PLACE, one_if

# --- categories of pupils --------------------------------------------------------------------------------------------------


def _complete_pupils(data: Data, counted: nw.Expr) -> nw.LazyFrame:
    """One row a pupil × period; a pupil with an empty cell is a gap, one released from everything is nobody's unit."""
    complete = one_if(nw.col("category") != "INC")
    frame = data.categories.filter(~nw.col("category").is_null())
    return frame.select(*PLACE, "pupil_id", numerator=one_if(counted) * complete, denominator=complete, expected=nw.lit(1.0))


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
    """No longer failing: of the pupils who failed in the quarter before and still study, those who fail no more.

    Pupils who had not failed expect nothing: so "nobody had failed", and quarter 1, are told from "nothing is known".
    """
    frame = data.categories.filter(nw.col("period") != "Y", ~nw.col("category").is_null())
    failed = nw.col("before") == "N2"
    known = failed & (nw.col("category") != "INC")
    first_or_known_before = (nw.col("period") == "Q1") | (~nw.col("before").is_null() & (nw.col("before") != "INC"))
    return frame.filter(first_or_known_before).select(
        *PLACE, "pupil_id", numerator=one_if(known & (nw.col("category") != "N2")), denominator=one_if(known), expected=one_if(failed)
    )


# --- early warning and support -----------------------------------------------------------------------------------------------


def D2_04(data: Data) -> nw.LazyFrame:
    """At risk: red by the letters A, B, C, or confirmed by a person, among active pupils who could be judged."""
    judged = nw.col("known")  # a confirmed pupil of whom nothing is known yet is a gap as well, or a class of one would be all at risk
    flagged = (nw.col("tier") == "red") | nw.col("confirmed")
    return risk(data).select(
        *PLACE, "pupil_id", numerator=one_if(flagged & judged), denominator=one_if(judged), expected=nw.lit(1.0)
    )  # fmt: skip


def D2_05(data: Data) -> nw.LazyFrame:
    """Support: red pupils with an open plan among red pupils. Pupils who are not red are no unit; those not judged are a gap."""
    red = (nw.col("tier") == "red") & nw.col("known")
    counted = red & nw.col("plans_kept")
    return risk(data).select(
        *PLACE, "pupil_id", form=nw.lit("F06"), record=nw.col("plan"),
        numerator=one_if(counted & ~nw.col("plan").is_null()), denominator=one_if(counted), expected=one_if(red | ~nw.col("known")),
    )  # fmt: skip


# --- attendance ------------------------------------------------------------------------------------------------------------


def D2_07(data: Data) -> nw.LazyFrame:
    """Attendance: days attended among days planned; a pupil without a row is a gap of the month's school days."""
    plan = nw.col("days_plan").fill_null(0).cast(nw.Float64)
    return data.attendance.select(
        *PLACE, "pupil_id", "form", "record", numerator=plan - nw.col("missed").fill_null(0).cast(nw.Float64), denominator=plan,
        expected=nw.col("days_expected").cast(nw.Float64),
    )  # fmt: skip


def D2_07_unexcused(data: Data) -> nw.LazyFrame:
    """Of the days missed, those without excuse."""
    frame = data.attendance.filter(~nw.col("days_plan").is_null())
    missed = nw.col("missed").cast(nw.Float64)
    return frame.select(*PLACE, "pupil_id", "form", "record", numerator=nw.col("unexcused").cast(nw.Float64), denominator=missed)


def D2_08(data: Data) -> nw.LazyFrame:
    """Chronic absence: pupils who missed 10 % of the planned days or more, whatever the reason."""
    frame = data.attendance.group_by(*PLACE, "pupil_id").agg(missed=nw.col("missed").sum(), days=nw.col("days_plan").sum())
    share = nw.col("missed") / nw.col("days")
    known = nw.col("days") > 0
    chronic = known & (share >= float(data.settings.thresholds.chronic_absence))
    return frame.select(
        *PLACE, "pupil_id", numerator=one_if(chronic.fill_null(False)), denominator=one_if(known.fill_null(False)), expected=nw.lit(1.0)
    )


# --- key competences -------------------------------------------------------------------------------------------------------


def D2_09(data: Data) -> nw.LazyFrame:
    """Key competences: assessments at the base level or above, by competence; every pupil is expected in every competence."""
    base = int(data.settings.thresholds.competence_base)
    return data.competences.select(
        *PLACE, "pupil_id", "form", "record", part=nw.col("competence"),
        numerator=one_if(nw.col("level") >= base), denominator=one_if(~nw.col("level").is_null()), expected=nw.lit(1.0),
    )  # fmt: skip


def D2_09_change(data: Data) -> nw.LazyFrame:
    """Change of that share from the start to the end of the year, for assessments that were made both times."""
    base = int(data.settings.thresholds.competence_base)
    both = data.competences.filter(~nw.col("level").is_null(), ~nw.col("level_before").is_null())
    return both.select(
        "school_year", "grade", "school_class", "pupil_id", "form", "record", period=nw.lit("Y"), part=nw.col("competence"),
        numerator=one_if(nw.col("level") >= base) - one_if(nw.col("level_before") >= base), denominator=nw.lit(1.0),
    )  # fmt: skip
