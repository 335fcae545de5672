"""The 74 indicators recomputed from the raw rows, straight from domain.md §1, §5, §7 and the `method` words of config/indicators/*.yaml."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict

import yaml

from tests.oracle.facts import HALF_YEARS, MONTHS, QUARTERS, Facts, Figure, Ledger, ValueKey, levels, mask, quality_spread
from tests.oracle.raw import CONFIG, School


def catalogue() -> dict[str, dict]:
    """The words of every indicator of the catalogue, by code."""
    words: dict[str, dict] = {}
    for path in sorted((CONFIG / "indicators").glob("*.yaml")):
        for indicator in yaml.safe_load(path.read_text(encoding="utf-8"))["indicators"]:
            words[indicator["code"]] = indicator
    return words


def compute(school: School, as_of: dt.date, words: dict[str, dict] | None = None) -> dict[ValueKey, Figure]:
    """Every figure that exists (what the product calls ok or incomplete)."""
    words = catalogue() if words is None else words
    facts = Facts(school, as_of)
    ledger = Ledger(facts)
    for direction in (learning_outcomes,):
        direction(facts, ledger)
    found: dict[ValueKey, Figure] = {}
    for code, indicator in words.items():
        found |= ledger.figures(
            code, indicator["by"], indicator["scale"], denominator_by=indicator.get("denominator_by"),
            distinct=indicator["roll_up"] == "distinct", count=indicator["roll_up"] == "count",
        )  # fmt: skip
    return found


# D1


def learning_outcomes(facts: Facts, ledger: Ledger) -> None:
    """domain.md §1.1, §1.2, §1.4, §1.7, §1.8, §5.3."""
    weights = facts.thresholds["sou_weights"]
    for year in facts.years:
        for period in (*QUARTERS, "Y"):
            for school_class, subject, _, state in facts.marks(year, period):
                if state is None or state == "осв":
                    continue
                teacher, association = facts.taught(year, school_class, subject)
                place = {"school_class": school_class, "subject": subject, "association": association, "teacher": teacher}
                ledger.add("D1.01", year, period, state in "345", 1, **place)
                ledger.add("D1.02", year, period, state in "45", 1, **place)
                ledger.add("D1.03", year, period, weights["na" if state == "н/а" else state], 1, **place)
                if state != "н/а":
                    ledger.add("D1.04", year, period, int(state), 1, **place)
            for (school_class, _), (category, _) in facts.categories(year, period).items():
                if category != "INC":
                    ledger.add("D1.05", year, period, category in ("A5", "A4_1", "A45"), 1, school_class=school_class)
        external_assessments(facts, ledger, year)
        adaptation(facts, ledger, year)
        satisfaction(facts, ledger, year, "D1.10", "topic_results", "parent")
        gain(facts, ledger, year)


def external_assessments(facts: Facts, ledger: Ledger, year: str) -> None:
    """D1.06, D1.07, D1.08."""
    internal: dict[tuple, str] = {}
    for row in facts.school.form("F01", year):
        known = [str(row[column]) for column in ("year", "q4", "q3", "q2", "q1") if str(row.get(column, "")) in ("2", "3", "4", "5")]
        if known and "pupil_id" in row:
            internal[row["pupil_id"], facts.subject_code(row["@subject"])] = known[0]
    best: dict[str, float] = {}
    for row in facts.school.form("F02", year):
        pupil, subject, mark, source = row.get("pupil_id"), str(row.get("subject", "")), row.get("mark"), row.get("source")
        school_class = facts.class_of(year, pupil)
        teacher, association = facts.taught(year, school_class, subject)
        place = {"school_class": school_class, "subject": subject, "association": association, "teacher": teacher}
        if mark in ("2", "3", "4", "5"):
            if source in facts.choices["external"] and (pupil, subject) in internal:
                ledger.add("D1.06", year, "Y", mark == internal[pupil, subject], 1, **place)
            if source in facts.choices["state_attestation"]:
                ledger.add("D1.07", year, "Y", mark in "45", 1, **place)
        if source in facts.choices["national_test"] and not subject and "score" in row and pupil:
            best[pupil] = max(best.get(pupil, 0), row["score"])
    threshold = facts.thresholds["ort_main"].get(year, facts.thresholds["ort_main"]["default"])
    for pupil, score in best.items():
        ledger.add("D1.08", year, "Y", score >= threshold, 1, school_class=facts.class_of(year, pupil))


def adaptation(facts: Facts, ledger: Ledger, year: str) -> None:
    """D1.09 and D8.07."""
    for row in facts.school.form("F03", year):
        period = wave_half(facts, row.get("wave"))
        if not period or "pupil_id" not in row:
            continue
        place = {"school_class": str(row["@school_class"]) or facts.class_of(year, row["pupil_id"])}
        if "adapt" in row:
            ledger.add("D1.09", year, period, row["adapt"] == 3, 1, **place)
        if "anxiety" in row:
            ledger.add("D8.07", year, period, row["anxiety"] == "жогору", 1, **place)


def wave_half(facts: Facts, wave: object) -> str:
    """First and second wave of the year → half-year."""
    if wave is None:
        return ""
    return "H1" if str(wave) in facts.choices["first_wave"] else "H2" if str(wave) in facts.choices["second_wave"] else ""


def satisfaction(facts: Facts, ledger: Ledger, year: str, code: str, topic: str, *respondents: str) -> None:
    """Σ score over answers; a class with too few questionnaires is not shown (domain.md §1.8)."""
    allowed = {word for name in respondents for word in facts.choices[name]}
    for row in facts.school.form("F04", year):
        if row.get("topic") in facts.choices[topic] and "score" in row and (not respondents or row.get("respondent") in allowed):
            ledger.add(code, year, "Y", row["score"], 1, school_class=str(row.get("school_class", "")))


def gain(facts: Facts, ledger: Ledger, year: str) -> None:
    """D1.11: earliest entry work and latest final work of a pupil in a subject."""
    works: dict[tuple, dict[str, list[tuple[dt.date, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in facts.school.form("F02", year):
        if row.get("source") in facts.choices["administrative"] and {"pupil_id", "subject", "score", "max_score", "held_on"} <= row.keys():
            stage = next((name for name in ("initial", "final") if row.get("control_stage") in facts.choices[name]), "")
            if stage and row["max_score"]:
                share = row["score"] / row["max_score"]
                works[row["pupil_id"], row["subject"]][stage].append((row["held_on"], share))
    for (pupil, subject), by_stage in works.items():
        school_class = facts.class_of(year, pupil)
        if "initial" in by_stage and "final" in by_stage and school_class and facts.grade(year, school_class) in (1, 2, 3, 4):
            before, after = min(by_stage["initial"])[1], max(by_stage["final"])[1]
            if before < 1:
                teacher, association = facts.taught(year, school_class, subject)
                ledger.add(
                    "D1.11", year, "Y", (after - before) / (1 - before), 1,
                    school_class=school_class, subject=subject, association=association, teacher=teacher,
                )  # fmt: skip


_ = (statistics, HALF_YEARS, MONTHS, levels, mask, quality_spread)
