"""Early warning (domain.md §5.4): the letters A, B, C of each pupil, who is red, and who has a support plan.

The rule only points; a person confirms or dismisses it in F06. Used by D2.04 and D2.05 and by the pages that show the reasons.
"""

from __future__ import annotations

import narwhals as nw

from lib.indicators.relations import Data, quoted


def risk(data: Data) -> nw.LazyFrame:
    """One row an active pupil × month or quarter.

    school_year, period, kind, school_class, grade, stage, pupil_id; letters a, b, c (0..2), their sum `score`, tier (green, yellow, red),
    known (whether the letters could be judged), confirmed (a person confirmed the flag in an open plan), plan (record of an open plan
    of F06, or null), plans_kept (whether F06 has any row in the school year); and the reasons: absence and unexcused (shares of the
    school days), incidents, registered, fails (twos and unattested), fall (of the mean mark since the quarter before).
    A month is judged by the marks of the last quarter that ended in it or before it; before the first one, without marks.
    """
    if (made := data.kept("risk")) is not None:
        return made
    limits = data.settings.thresholds
    data.need("categories", "attendance", "school_years", "F19R", "F06")
    data.make(
        "risk",
        f"""
        WITH judged AS (
            SELECT p.school_year, p.period, p.kind, p.counted_on, max(q.period) AS quarter
            FROM periods p LEFT JOIN periods q ON q.school_year = p.school_year AND q.kind = 'Q'
              AND (p.kind = 'Q' AND q.period = p.period OR p.kind = 'M' AND q.end_on <= p.end_on)
            WHERE p.kind IN ('M', 'Q') AND p.begun GROUP BY ALL),
        missed AS (
            SELECT school_year, period, pupil_id, sum(missed) / sum(days_plan) AS absence, sum(unexcused) / sum(days_plan) AS unexcused
            FROM attendance WHERE kind IN ('M', 'Q') AND days_plan IS NOT NULL GROUP BY ALL),
        learned AS (
            SELECT school_year, period AS quarter, pupil_id, k2 + unattested AS fails, marks + unattested AS n, mean_before - mean AS fall
            FROM categories WHERE period LIKE 'Q%'),
        noted AS (
            SELECT j.school_year, j.period, f.pupil_id,
                   count(*) FILTER (f.incident_on BETWEEN y.start AND j.counted_on) AS incidents,
                   bool_or(f."from" <= j.counted_on AND (f."to" IS NULL OR f."to" > j.counted_on)) AS registered
            FROM "F19R" f JOIN judged j USING (school_year) JOIN school_years y USING (school_year) GROUP BY ALL),
        planned AS (
            SELECT j.school_year, j.period, f.pupil_id, max(f.record) AS plan,
                   bool_or(f.flag_decision = {quoted(data.choice("risk_confirmed"))}) AS confirmed
            FROM "F06" f JOIN judged j USING (school_year)
            WHERE f.opened_on <= j.counted_on
              AND (f.status = {quoted(data.choice("plan_open"))} OR f.review_on > j.counted_on) GROUP BY ALL),
        lettered AS (
            SELECT a.school_year, a.period, a.kind, a.school_class, a.grade, a.stage, a.pupil_id,
                   CASE WHEN absence >= {limits.absence_high} OR unexcused >= {limits.unexcused_high} THEN 2
                        WHEN absence >= {limits.absence_watch} THEN 1 ELSE 0 END AS a,
                   CASE WHEN registered OR incidents >= {limits.incidents_high} THEN 2 WHEN incidents > 0 THEN 1 ELSE 0 END AS b,
                   CASE WHEN fails >= 2 THEN 2 WHEN fails = 1 OR fall >= {limits.mean_fall} - 1e-9 THEN 1 ELSE 0 END AS c,
                   absence IS NOT NULL AND (NOT a.marked OR j.quarter IS NULL OR n > 0) AS known,
                   coalesce(confirmed, false) AS confirmed, plan, absence, unexcused, coalesce(incidents, 0) AS incidents,
                   coalesce(registered, false) AS registered, coalesce(fails, 0) AS fails,
                   fall
            FROM active a JOIN judged j ON j.school_year = a.school_year AND j.period = a.period
            LEFT JOIN missed m ON m.school_year = a.school_year AND m.period = a.period AND m.pupil_id = a.pupil_id
            LEFT JOIN learned l ON l.school_year = a.school_year AND l.quarter = j.quarter AND l.pupil_id = a.pupil_id
            LEFT JOIN noted r ON r.school_year = a.school_year AND r.period = a.period AND r.pupil_id = a.pupil_id
            LEFT JOIN planned p ON p.school_year = a.school_year AND p.period = a.period AND p.pupil_id = a.pupil_id)
        SELECT *, a + b + c AS score,
               CASE WHEN a + b + c >= {limits.risk_red} OR c = 2 AND a >= 1 THEN 'red' WHEN a + b + c >= 2 THEN 'yellow' ELSE 'green' END
                   AS tier,
               school_year IN (SELECT school_year FROM "F06") AS plans_kept
        FROM lettered
        """,
    )
    return data.frame("risk")
