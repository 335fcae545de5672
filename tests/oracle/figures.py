"""The 74 indicators recomputed from the raw rows, straight from domain.md §1, §5, §7 and the `method` words of config/indicators/*.yaml."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from fractions import Fraction

import yaml

from tests.oracle.facts import DIMENSIONS, HALF_YEARS, MONTHS, QUARTERS, Facts, Figure, Ledger, ValueKey, levels, quality_spread
from tests.oracle.raw import CONFIG, School, match_key

Task = tuple[str, str, str, str, str]  # form, class, subject, association, period: what somebody has to hand in


def catalogue() -> dict[str, dict]:
    """The words of every indicator of the catalogue, by code."""
    words: dict[str, dict] = {}
    for path in sorted((CONFIG / "indicators").glob("*.yaml")):
        for indicator in yaml.safe_load(path.read_text(encoding="utf-8"))["indicators"]:
            words[indicator["code"]] = indicator
    return words


def compute(school: School, as_of: dt.date, log: dict[tuple[str, Task], dt.date] | None = None) -> dict[ValueKey, Figure]:
    """Every figure that exists (what the product calls ok or incomplete). `log`: the days of submission known before."""
    words = catalogue()
    facts = Facts(school, as_of)
    ledger = Ledger(facts)
    for direction in (
        learning_outcomes, mandatory_results, teaching_quality, gifted_pupils, innovation, resources, upbringing,
        pupil_support, health_safety,
    ):  # fmt: skip
        direction(facts, ledger)
    monitoring(facts, ledger, log or {}, words)
    collection(facts, ledger, log or {})
    found: dict[ValueKey, Figure] = {}
    for code, indicator in words.items():
        found |= ledger.figures(
            code, indicator["by"], indicator["scale"], denominator_by=indicator.get("denominator_by"),
            distinct=indicator["roll_up"] == "distinct", count=indicator["roll_up"] == "count",
        )  # fmt: skip
    found |= spread(facts, words["D3.08"]["by"]) | waiting(facts)
    return {key: figure for key, figure in found.items() if not withheld(facts, key, figure)}


def withheld(facts: Facts, key: ValueKey, figure: Figure) -> bool:
    """Figures of too few: pairs of marks (§1.4), questionnaires of a class (§1.8), visits to a teacher (D3.01)."""
    code, year, level = key[0], key[1], key[3]
    if code == "D3.01" and level == "teacher":
        return figure[1] < facts.thresholds["min_visits_teacher"]
    if code == "D1.06":
        return figure[1] < facts.thresholds["min_pairs"]
    return level == "school_class" and (code, year, key[6]) in facts.few_answers


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
            if source in facts.choices["state_attestation"] and school_class and facts.grade(year, school_class) in (9, 11, 12):
                ledger.add("D1.07", year, "Y", mark in "45", 1, **place)
        if source in facts.choices["national_test"] and not subject and "score" in row and pupil:
            best[pupil] = max(best.get(pupil, 0), row["score"])
    threshold = facts.thresholds["ort_main"].get(year, facts.thresholds["ort_main"]["default"])
    for pupil, score in best.items():
        ledger.add("D1.08", year, "Y", score >= threshold, 1, school_class=facts.class_of(year, pupil))


def adaptation(facts: Facts, ledger: Ledger, year: str) -> None:
    """D1.09 and D8.07: pupils who study at the period's end; the year has the latest entry on anxiety."""
    latest: dict[object, dict] = {}
    for row in sorted(facts.school.form("F03", year), key=lambda row: wave_half(facts, row.get("wave"))):
        period = wave_half(facts, row.get("wave"))
        if not period or "pupil_id" not in row:
            continue
        if "anxiety" in row:
            latest[row["pupil_id"]] = row
        if facts.active_on(year, row["pupil_id"], facts.last_day(year, period)):
            place = {"school_class": class_of_row(facts, year, row)}
            if "adapt" in row:
                ledger.add("D1.09", year, period, row["adapt"] == 3, 1, **place)
            if "anxiety" in row:
                ledger.add("D8.07", year, period, row["anxiety"] in facts.choices["anxiety_high"], 1, **place)
    for pupil, row in latest.items():
        if facts.active_on(year, pupil, facts.last_day(year, "Y")):
            high = row["anxiety"] in facts.choices["anxiety_high"]
            ledger.add("D8.07", year, "Y", high, 1, school_class=class_of_row(facts, year, row))


def wave_half(facts: Facts, wave: object) -> str:
    """First and second wave of the year → half-year."""
    if wave is None:
        return ""
    return "H1" if str(wave) in facts.choices["first_wave"] else "H2" if str(wave) in facts.choices["second_wave"] else ""


def satisfaction(facts: Facts, ledger: Ledger, year: str, code: str, topic: str, *respondents: str) -> None:
    """Σ score over answers; a class with too few questionnaires is not shown (domain.md §1.8)."""
    allowed = {word for name in respondents for word in facts.choices[name]}
    answers: dict[str, dict[object, dict[object, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for row in facts.school.form("F04", year):
        if row.get("topic") in facts.choices[topic] and "score" in row and (not respondents or row.get("respondent") in allowed):
            school_class = str(row.get("school_class", ""))
            ledger.add(code, year, "Y", row["score"], 1, school_class=school_class)
            answers[school_class][row.get("respondent")][match_key(row.get("item", ""))] += 1
    for school_class, by_respondent in answers.items():
        if sum(max(items.values()) for items in by_respondent.values()) < facts.thresholds["min_answers"]:
            facts.few_answers.add((code, year, school_class))


def gain(facts: Facts, ledger: Ledger, year: str) -> None:
    """D1.11: earliest entry work and latest final work of a pupil in a subject."""
    works: dict[tuple, dict[str, list[tuple[dt.date | None, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in facts.school.form("F02", year):
        if row.get("source") in facts.choices["administrative"] and {"pupil_id", "subject", "score", "max_score"} <= row.keys():
            stage = next((name for name in ("initial", "final") if row.get("control_stage") in facts.choices[name]), "")
            if stage and row["max_score"]:
                share = row["score"] / row["max_score"]
                works[row["pupil_id"], row["subject"]][stage].append((row.get("held_on"), share))
    for (pupil, subject), by_stage in works.items():
        school_class = facts.class_of(year, pupil)
        if "initial" in by_stage and "final" in by_stage and school_class and facts.grade(year, school_class) in (1, 2, 3, 4):
            # a work without a day stands only where it is alone
            before = min(by_stage["initial"], key=lambda work: work[0] or dt.date.max)[1]
            after = max(by_stage["final"], key=lambda work: work[0] or dt.date.min)[1]
            if before < 1:
                teacher, association = facts.taught(year, school_class, subject)
                ledger.add(
                    "D1.11", year, "Y", (after - before) / (1 - before), 1,
                    school_class=school_class, subject=subject, association=association, teacher=teacher,
                )  # fmt: skip


# D2


def mandatory_results(facts: Facts, ledger: Ledger) -> None:
    """domain.md §1.2, §1.6, §5.4."""
    for year in facts.years:
        before: dict[str, str] = {}
        for period in (*QUARTERS, "Y"):
            categories = facts.categories(year, period)
            for (school_class, pupil), (category, states) in categories.items():
                if category == "INC":
                    continue
                place = {"school_class": school_class}
                ledger.add("D2.01", year, period, category == "N2", 1, **place)
                ledger.add("D2.02", year, period, "н/а" in states, 1, **place)
                if period != "Y":
                    ledger.add("D2.03", year, period, category == "R3_1", 1, **place)
                    if before.get(pupil) == "N2":
                        ledger.add("D2.06", year, period, category != "N2", 1, **place)
            before = {pupil: category for (_, pupil), (category, _) in categories.items()}
        for period in (*QUARTERS, *MONTHS):
            attendance(facts, ledger, year, period)
            risk(facts, ledger, year, period)
        for row in facts.school.form("F07", year):
            if (period := wave_half(facts, row.get("wave"))) and {"pupil_id", "competence", "level"} <= row.keys():
                if not facts.active_on(year, row["pupil_id"], facts.last_day(year, period)):
                    continue
                reached = row["level"] >= facts.thresholds["competence_base"]
                ledger.add("D2.09", year, period, reached, 1, school_class=class_of_row(facts, year, row))


def class_of_row(facts: Facts, year: str, row: dict) -> str:
    """The class of a row: that of its tab, else of its own column, else of its pupil."""
    return str(row["@school_class"] or row.get("school_class") or facts.class_of(year, row.get("pupil_id")))


def days(facts: Facts, year: str, period: str) -> dict[tuple[str, str], list[int]]:
    """(school class, pupil) active at the period's end → [days of school, excused, unexcused] over the months filled in."""
    months = {int(month[1:]) for month in facts.months_of(year, period)}
    columns = ("days_plan", "missed_excused", "missed_unexcused")
    found: dict[tuple[str, str], list[int]] = {}
    for row in facts.school.form("F05", year):
        if row.get("month") not in months or not {"pupil_id", *columns} <= row.keys() or not row["days_plan"]:
            continue
        if facts.active_on(year, row["pupil_id"], facts.last_day(year, period)):
            sums = found.setdefault((class_of_row(facts, year, row), row["pupil_id"]), [0, 0, 0])
            for i, column in enumerate(columns):
                sums[i] += row[column]
    return found


def attendance(facts: Facts, ledger: Ledger, year: str, period: str) -> None:
    """D2.07 and D2.08."""
    for (school_class, _), (plan, excused, unexcused) in days(facts, year, period).items():
        missed = excused + unexcused
        ledger.add("D2.07", year, period, plan - missed, plan, school_class=school_class)
        if plan:
            ledger.add("D2.08", year, period, at_least(missed, plan, facts.thresholds["chronic_absence"]), 1, school_class=school_class)


def at_least(part: float, whole: float, share: float) -> bool:
    """part / whole ≥ share, without the rounding of the division."""
    return Fraction(part) >= Fraction(whole) * Fraction(str(share))


def risk(facts: Facts, ledger: Ledger, year: str, period: str) -> None:
    """D2.04 and D2.05: points of domain.md §5.4."""
    limits, day = facts.thresholds, facts.last_day(year, period)
    absence = {pupil: counted for (_, pupil), counted in days(facts, year, period).items()}
    ended = [quarter for quarter in QUARTERS if facts.calendar.span(year, quarter)[1] <= facts.calendar.span(year, period)[1]]
    quarter = period if period[0] == "Q" else (ended[-1] if ended else "")
    previous = QUARTERS[QUARTERS.index(quarter) - 1] if quarter and quarter != "Q1" else ""
    marks = {pupil: found for (_, pupil), found in facts.categories(year, quarter).items()} if quarter else {}
    earlier = {pupil: found for (_, pupil), found in facts.categories(year, previous).items()} if previous else {}
    incidents: dict[object, int] = defaultdict(int)
    registered = set()
    for row in facts.school.form("F19R", year):
        if "incident_on" in row and row["incident_on"] <= day:
            incidents[row.get("pupil_id")] += 1
        if in_force(row, day):
            registered.add(row.get("pupil_id"))
    plans = facts.school.form("F06", year)
    opened = {row.get("pupil_id"): row for row in plans if plan_open(facts, row, day)}
    confirmed = {pupil for pupil, row in opened.items() if row.get("flag_decision") in facts.choices["risk_confirmed"]}
    for pupil in facts.active(year, period):
        school_class = facts.class_of(year, pupil)
        if pupil not in absence or not absence[pupil][0] or not school_class:
            continue
        plan, excused, unexcused = absence[pupil]
        a = 0
        if at_least(excused + unexcused, plan, limits["absence_watch"]):
            a = 1
        if at_least(excused + unexcused, plan, limits["absence_high"]) or at_least(unexcused, plan, limits["unexcused_high"]):
            a = 2
        b = 2 if pupil in registered or incidents[pupil] >= limits["incidents_high"] else 1 if incidents[pupil] else 0
        c = 0
        if facts.calendar.marked(year, facts.grade(year, school_class)):
            states = marks.get(pupil, ("", []))[1]  # only known marks speak; while no quarter has ended there are none to know
            if quarter and not {"5", "4", "3", "2", "н/а"} & set(states):
                continue
            bad = sum(state in ("2", "н/а") for state in states)
            fell = pupil in earlier and mean_fell(earlier[pupil][1], states, limits["mean_fall"])
            c = 2 if bad >= 2 else 1 if bad or fell else 0
        red = a + b + c >= limits["risk_red"] or (c == 2 and a >= 1)
        ledger.add("D2.04", year, period, red or pupil in confirmed, 1, school_class=school_class)
        if red and plans and period[0] == "M":
            ledger.add("D2.05", year, period, pupil in opened, 1, school_class=school_class)


def plan_open(facts: Facts, row: dict, day: dt.date) -> bool:
    """Open on that day: a plan that was closed counts until its review day."""
    if "opened_on" not in row or row["opened_on"] > day:
        return False
    return row.get("status") in facts.choices["plan_open"] or ("review_on" in row and row["review_on"] > day)


def mean_fell(before: list[str | None], now: list[str | None], by: float) -> bool:
    """Whether the mean mark fell by `by` or more."""
    old, new = ([int(state) for state in states if state in ("2", "3", "4", "5")] for states in (before, now))
    return bool(old and new) and Fraction(sum(old), len(old)) - Fraction(sum(new), len(new)) >= Fraction(str(by))


# D3


def teaching_quality(facts: Facts, ledger: Ledger) -> None:
    """D3.01–D3.07."""
    criteria = [f"crit{n}" for n in range(1, 11)]
    for year in facts.years:
        visits: dict[tuple[str, str], int] = defaultdict(int)
        for row in facts.school.form("F08", year):
            if "held_on" not in row or row["held_on"] > facts.as_of:
                continue
            quarter, association = facts.calendar.quarter_of(year, row["held_on"]), str(row["@method_association"])
            place = {"association": association, "teacher": str(row.get("teacher_id", ""))}
            if all(name in row for name in criteria):
                ledger.add("D3.01", year, quarter, sum(row[name] for name in criteria), 1, **place)
            if "ict" in row or "technology" in row:
                ledger.add("D3.03", year, quarter, bool(row.get("ict") or row.get("technology")), 1, **place)
            visits[quarter, association] += bool(row.get("planned"))
        planned_visits(facts, ledger, year, visits)
        staff = facts.staff(year)
        contests = [
            row for row in facts.school.form("F09", year)
            if row.get("kind") in facts.choices["contest"] and not ("held_on" in row and row["held_on"] > facts.as_of)
        ]  # fmt: skip
        end = facts.calendar.span(year, "Y")[1]
        for teacher, association in staff.items():
            row = facts.teachers[year][teacher]
            if "category" in row:
                ledger.add("D3.04", year, "Y", row["category"] in facts.choices["category_held"], 1, association=association)
            fresh = "pd_last_date" in row and end.replace(year=end.year - facts.thresholds["pd_years"]) < row["pd_last_date"] <= end
            trained = fresh and row.get("pd_hours", 0) >= facts.thresholds["pd_hours"]
            ledger.add("D3.05", year, "Y", trained, 1, association=association)
            if facts.school.form("F09", year):
                ledger.add("D3.06", year, "Y", 0, 1, association=association)
        for row in contests:
            if row.get("teacher_id") in staff:
                ledger.add("D3.06", year, "Y", association=facts.association_of(year, row["teacher_id"]), who=row["teacher_id"])
        satisfaction(facts, ledger, year, "D3.07", "topic_lesson", "pupil", "parent")


def planned_visits(facts: Facts, ledger: Ledger, year: str, visits: dict[tuple[str, str], int]) -> None:
    """D3.02: rows of the plan whose document is the visit card, each fulfilled by one visit."""
    rows: dict[tuple[str, str], int] = defaultdict(int)
    words = [match_key(word) for word in facts.choices["visit_card"]]
    names = {match_key(text): key for key, texts in facts.associations.items() for text in texts.values()}
    for row in facts.school.form("F24", year):
        if row.get("status") in facts.choices["cancelled"] or not any(word in match_key(row.get("document", "")) for word in words):
            continue
        named = [key for name, key in names.items() if name in match_key(row.get("responsible", ""))]
        rule = str(row.get("due_rule", ""))
        quarters = QUARTERS if rule.startswith("Qn") else [facts.calendar.quarter_of(year, facts.calendar.rule(year, rule))] if rule else []
        for quarter in quarters:
            rows[quarter, named[0] if named else ""] += 1
    for quarter in QUARTERS:
        spare = 0
        for association in ("", *facts.associations):
            made, wanted = visits[quarter, association], rows[quarter, association]
            if association and wanted:
                ledger.add("D3.02", year, quarter, min(made, wanted), wanted, association=association)
            spare += max(0, made - wanted) if association else made
        if wanted := rows[quarter, ""]:
            ledger.add("D3.02", year, quarter, min(spare, wanted), wanted)


def spread(facts: Facts, by: list[str]) -> dict[ValueKey, Figure]:
    """D3.08: classes of a grade compared; above the grade the largest spread stands."""
    weight, least = facts.thresholds["shrinkage_m"], facts.thresholds["parallel_min_n"]
    found: dict[ValueKey, Figure] = {}
    for year in facts.years:
        for period in (*QUARTERS, "Y"):
            if not facts.begun(year, period):
                continue
            counts: dict[tuple, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
            for school_class, subject, _, state in facts.marks(year, period):
                if state is None or state == "осв":
                    continue
                for topic in ("", subject):
                    cell = counts[facts.grade(year, school_class), topic][school_class]
                    cell[0] += state in "45"
                    cell[1] += 1
            largest: dict[tuple, tuple[float, int]] = {}
            for (grade, subject), classes in counts.items():
                compared = quality_spread([tuple(cell) for cell in classes.values()], weight, least)
                if compared:
                    of = {"stage": facts.calendar.stage(year, grade), "grade": str(grade), "subject": subject}
                    for names in levels(by):
                        if ("subject" in names) == bool(subject):
                            key = ("D3.08", year, period, "+".join(names) or "school", *(of[n] if n in names else "" for n in DIMENSIONS))
                            largest[key] = max(largest.get(key, (-1.0, 0)), compared)
            found |= {key: (None, float(number), 100 * width) for key, (width, number) in largest.items()}
    return found


# D4


def gifted_pupils(facts: Facts, ledger: Ledger) -> None:
    """domain.md §1.10 and §7."""
    for year in facts.years:
        active = facts.active(year, "Y")
        bank, results = facts.school.form("F10", year), facts.school.form("F11", year)
        if bank:
            in_programme = {row.get("pupil_id") for row in bank}
            for pupil in active:
                who = pupil if pupil in in_programme else None
                ledger.add("D4.01", year, "Y", 0, 1, school_class=facts.class_of(year, pupil), who=who)
        for row in bank:
            if row.get("has_plan") and row.get("plan_steps", 0) > 0 and "steps_done" in row and "pupil_id" in row:
                for period in (*HALF_YEARS, "Y"):
                    place = {"school_class": facts.class_of(year, row["pupil_id"])}
                    ledger.add("D4.02", year, period, row["steps_done"], row["plan_steps"], **place)
        if not results:
            continue
        olympiads = [row for row in results if row.get("kind") in facts.choices["olympiads"]]
        creative = {row.get("pupil_id") for row in results if row.get("kind") in facts.choices["creative"]}
        for pupil in active:
            school_class = facts.class_of(year, pupil)
            if school_class and facts.grade(year, school_class) >= 5:
                ledger.add("D4.03", year, "Y", 0, 1, school_class=school_class, counts=False)
            ledger.add("D4.04", year, "Y", 0, 1, counts=False)
            ledger.add("D4.07", year, "Y", pupil in creative, 0, school_class=school_class)
        for row in olympiads:
            pupil, subject = row.get("pupil_id"), str(row.get("subject", ""))
            school_class = facts.class_of(year, pupil)
            if pupil in active and school_class and facts.grade(year, school_class) >= 5:
                ledger.add("D4.03", year, "Y", school_class=school_class, subject=subject, who=pupil)
        for row in best_results(facts, [row for row in olympiads if {"level", "place"} <= row.keys()]):
            mentor = facts.association_of(year, row.get("mentor_id")) if row.get("mentor_id") else ""
            subject = str(row.get("subject", ""))
            association = mentor or str(facts.subjects.get(subject, {}).get("association", ""))
            ledger.add("D4.04", year, "Y", points(facts, row), 0, subject=subject, association=association)
        ledger.add("D4.05", year, "Y")
        ledger.add("D4.06", year, "Y")
        for row in once_a_team(results):
            prize = row.get("place") in facts.choices["prize_places"]
            if row.get("kind") in facts.choices["olympiads"] and row.get("level") in facts.choices["levels_above_school"]:
                ledger.add("D4.05", year, "Y", prize, subject=str(row.get("subject", "")))
            if row.get("kind") in facts.choices["research"]:
                ledger.add("D4.06", year, "Y", prize)


def points(facts: Facts, row: dict) -> float:
    """Weight of the level × weight of the place of a row that has both."""
    return facts.thresholds["olympiad_levels"][row["level"]] * facts.thresholds["olympiad_places"][row["place"]]


def once_a_team(rows: list[dict]) -> list[dict]:
    """A team, known by its name and the title of the event, stands once."""
    found: dict[object, dict] = {}
    for number, row in enumerate(rows):
        found.setdefault((row["team"], row.get("title")) if "team" in row else number, row)
    return list(found.values())


def best_results(facts: Facts, rows: list[dict]) -> list[dict]:
    """The best result of each pupil (or team) in each subject."""
    best: dict[tuple, dict] = {}
    for row in once_a_team(rows):
        who = ("team", row["team"]) if "team" in row else ("pupil", row.get("pupil_id"))
        key = (*who, row.get("subject"))
        if key not in best or points(facts, row) > points(facts, best[key]):
            best[key] = row
    return list(best.values())


# D5


def innovation(facts: Facts, ledger: Ledger) -> None:
    """domain.md §7: projects, talks, publications."""
    for year in facts.years:
        staff = facts.staff(year)
        projects, items = facts.school.form("F12", year), facts.school.form("F13", year)
        if projects:
            for period in (*HALF_YEARS, "Y"):
                day = facts.last_day(year, period)
                running = [row for row in projects if project_runs(facts, row, day)]
                ledger.add("D5.01", year, period, len(running))
                engaged = {teacher for row in running for teacher in row.get("teacher_ids", [])}
                for teacher, association in staff.items():
                    ledger.add("D5.02", year, period, 0, 1, association=association, who=teacher if teacher in engaged else None)
            day = facts.last_day(year, "Y")
            for row in projects:
                old = "started_on" in row and row["started_on"] <= day.replace(year=day.year - 1)
                if "effect" in row and (row.get("status") in facts.choices["project_ended"] or old):
                    ledger.add("D5.05", year, "Y", row["effect"], 3)
        if items:
            for code, kinds in (("D5.03", "talks"), ("D5.04", "publications")):
                for association in set(staff.values()):
                    ledger.add(code, year, "Y", association=association)
                for row in items:
                    if row.get("kind") in facts.choices[kinds]:
                        ledger.add(code, year, "Y", 1, association=facts.association_of(year, row.get("teacher_id")))


def project_runs(facts: Facts, row: dict, day: dt.date) -> bool:
    """In force on that day; without an end day the status must say so."""
    if "started_on" not in row or row["started_on"] > day:
        return False
    return row["ended_on"] >= day if "ended_on" in row else row.get("status") in facts.choices["project_runs"]


def begins(text: object, words: list[str]) -> bool:
    """Whether the text begins with one of the words; case and spaces do not matter."""
    return any(match_key(text).startswith(match_key(word)) for word in words)


def in_force(row: dict, day: dt.date, start: str = "from", end: str = "to") -> bool:
    """Begun, and without an end or with one that is not past."""
    return start in row and row[start] <= day and not (end in row and row[end] < day)


def dated(facts: Facts, year: str, day: dt.date, *kinds: str) -> list[str]:
    """The periods of the given kinds that an event of that day belongs to; none outside the school year (August to August)."""
    calendar = facts.calendar
    if not dt.date(int(year[:4]), 8, 1) <= day <= dt.date(int(year[:4]) + 1, 8, 31):
        return []
    found = {"M": calendar.month_of(year, day), "Q": calendar.quarter_of(year, day), "H": calendar.half_of(year, day), "Y": "Y"}
    return [found[kind] for kind in kinds if found[kind]]


# D6


def resources(facts: Facts, ledger: Ledger) -> None:
    """domain.md §1.10: books, equipment, staff."""
    for year in facts.years:
        for row in facts.school.form("F15", year):
            if {"grade", "subject", "pupils", "books_ok"} <= row.keys():
                held = min(row["books_ok"], row["pupils"])
                ledger.add("D6.01", year, "Y", held, row["pupils"], grade=row["grade"], subject=row["subject"])
        equipment = facts.school.form("F14", year)
        computers, cabinets, connected = 0, set(), set()
        for row in equipment:
            for period in (*HALF_YEARS, "Y"):
                if {"norm", "have_ok"} <= row.keys():
                    ledger.add("D6.02", year, period, min(row["have_ok"], row["norm"]), row["norm"])
                if {"have", "have_ok"} <= row.keys():
                    ledger.add("D6.03", year, period, row["have_ok"], row["have"])
            item, ready = row.get("item", ""), row.get("have_ok", 0)
            if row.get("category") in facts.choices["technology"] and row.get("for_pupils") and begins(item, facts.choices["computers"]):
                computers += ready
            if "cabinet" in row:
                cabinets.add(row["cabinet"])
                if ready >= 1 and begins(item, facts.choices["internet"]):
                    connected.add(row["cabinet"])
        if computers:
            ledger.add("D6.04", year, "Y", len(facts.active(year, "Y")), computers)
        if cabinets:
            ledger.add("D6.05", year, "Y", len(connected), len(cabinets))
        for row in facts.school.form("R2L", year):
            subject = str(row.get("subject", ""))
            if "programme_approved" in row:
                own = facts.association_of(year, row.get("teacher_id"))
                association = own or str(facts.subjects.get(subject, {}).get("association", ""))
                ledger.add("D6.06", year, "Y", row["programme_approved"], 1, association=association)
            if {"hours", "vacant"} <= row.keys():
                for period in (*HALF_YEARS, "Y"):
                    ledger.add("D6.07", year, period, 0 if row["vacant"] else row["hours"], row["hours"], subject=subject)


# D7


def upbringing(facts: Facts, ledger: Ledger) -> None:
    """domain.md §1.9, §7: clubs, events, level of upbringing, parents."""
    ratings = [f"{who}{n}" for who in ("self", "teacher") for n in range(1, 7)]
    for year in facts.years:
        clubs, events, results = (facts.school.form(form, year) for form in ("F16", "F18", "F11"))
        for period in (*HALF_YEARS, "Y"):
            day = facts.last_day(year, period)
            members = {row.get("pupil_id") for row in clubs if in_force(row, day)}
            of_pupil = {}
            for row in facts.school.form("F17", year):
                if {"pupil_id", "wave", *ratings} <= row.keys() and period in (wave_half(facts, row["wave"]), "Y"):
                    latest = of_pupil.get(row["pupil_id"])
                    if latest is None or row["wave"] >= latest["wave"]:
                        of_pupil[row["pupil_id"]] = row
            for pupil in facts.active(year, period):
                place = {"school_class": facts.class_of(year, pupil)}
                if clubs:
                    ledger.add("D7.01", year, period, 0, 1, who=pupil if pupil in members else None, **place)
                if pupil in of_pupil:
                    ledger.add("D7.04", year, period, sum(of_pupil[pupil][name] for name in ratings) / 12, 1, **place)
        for row in events:
            if "held_on" not in row or row["held_on"] > facts.as_of:
                continue
            day, place = row["held_on"], {"school_class": str(row.get("school_class", ""))}
            for period in dated(facts, year, day, "M", "Q", "Y"):
                if row.get("planned") and "done" in row:
                    ledger.add("D7.02", year, period, row["done"], 1)
            for period in dated(facts, year, day, "H", "Y"):
                if row.get("initiator") in facts.choices["pupils_initiative"] and "done" in row:
                    ledger.add("D8.02", year, period, row["done"], 1)
            for period in dated(facts, year, day, "Q", "Y"):
                if row.get("parent_meeting") and {"parents_present", "parents_total"} <= row.keys():
                    ledger.add("D7.05", year, period, row["parents_present"], row["parents_total"], **place)
            for period in dated(facts, year, day, "Q", "Y"):
                if row.get("done") and "participants" in row:
                    ledger.add("D7.03", year, period, row["participants"], **place)
        if events:
            for period in (*QUARTERS, "Y"):
                for pupil in facts.active(year, period):
                    ledger.add("D7.03", year, period, 0, 1, school_class=facts.class_of(year, pupil))
        if results:
            for pupil in facts.active(year, "Y"):
                ledger.add("D7.06", year, "Y", 0, 1, school_class=facts.class_of(year, pupil))
            teams: dict[tuple, int] = defaultdict(int)
            for row in results:
                teams[row.get("team"), row.get("title")] += 1
            for row in results:
                if row.get("kind") in facts.choices["sport_and_creative"] and {"level", "place"} <= row.keys():
                    shared = teams[row["team"], row.get("title")] if "team" in row else 1
                    ledger.add("D7.06", year, "Y", points(facts, row) / shared, school_class=facts.class_of(year, row.get("pupil_id")))
        satisfaction(facts, ledger, year, "D7.07", "topic_upbringing")


# D8


def pupil_support(facts: Facts, ledger: Ledger) -> None:
    """domain.md §7: self-government, support, registration."""
    for year in facts.years:
        roles, cases, records = (facts.school.form(form, year) for form in ("F18S", "F19", "F19R"))
        for period in (*HALF_YEARS, "Y"):
            day = facts.last_day(year, period)
            with_role = {row.get("pupil_id") for row in roles if in_force(row, day)}
            bodies = facts.choices["childrens_organisation"]
            organised = {row.get("pupil_id") for row in roles if in_force(row, day) and row.get("body") in bodies}
            for pupil in facts.active(year, period) if roles else ():
                school_class = facts.class_of(year, pupil)
                if school_class and facts.grade(year, school_class) >= 5:
                    ledger.add("D8.01", year, period, 0, 1, school_class=school_class, who=pupil if pupil in with_role else None)
                if period == "Y":
                    ledger.add("D8.03", year, period, 0, 1, school_class=school_class, who=pupil if pupil in organised else None)
        for period in (*QUARTERS, "Y"):
            day = facts.last_day(year, period)
            covered: dict[object, bool] = {}
            for row in cases:
                if in_force(row, day, "opened_on", "closed_on") and "pupil_id" in row:
                    helped = "specialist_id" in row and "first_help_on" in row and row["first_help_on"] <= day
                    covered[row["pupil_id"]] = covered.get(row["pupil_id"], True) and helped
            for helped in covered.values():
                ledger.add("D8.04", year, period, helped, 1)
            if records:
                registered = {row.get("pupil_id") for row in records if in_force(row, day)}
                for pupil in facts.active(year, period):
                    ledger.add("D8.06", year, period, 0, 1, who=pupil if pupil in registered else None)


def waiting(facts: Facts) -> dict[ValueKey, Figure]:
    """D8.05: the median of the days from request to help."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for year in facts.years:
        for row in facts.school.form("F19", year):
            if {"requested_on", "first_help_on"} <= row.keys() and row["requested_on"] <= row["first_help_on"] <= facts.as_of:
                for period in dated(facts, year, row["first_help_on"], "Q", "Y"):
                    if facts.begun(year, period):
                        found[year, period].append((row["first_help_on"] - row["requested_on"]).days)
    nowhere = [""] * len(DIMENSIONS)
    return {
        ("D8.05", *key, "school", *nowhere): (None, float(len(waited)), float(statistics.median(waited))) for key, waited in found.items()
    }


# D9


def health_safety(facts: Facts, ledger: Ledger) -> None:
    """domain.md §1.10, §7: health, meals, checks, injuries, climate."""
    for year in facts.years:
        health(facts, ledger, year)
        for row in facts.school.form("F21", year):
            school_class = class_of_row(facts, year, row)
            needed = {"month", "enrolled", "fed_free", "days_plan", "days_fed"}
            if needed <= row.keys() and school_class and facts.grade(year, school_class) <= 4:
                month = f"M{row['month']:02d}"
                if not facts.begun(year, month):
                    continue
                for period in (month, facts.calendar.quarter_of_month(year, month), "Y"):
                    fed, wanted = row["fed_free"] * row["days_fed"], row["enrolled"] * row["days_plan"]
                    ledger.add("D9.04", year, period, fed, wanted, school_class=school_class)
        checks(facts, ledger, year)
        injuries = facts.school.form("F23", year)
        for period in (*QUARTERS, "Y") if injuries else ():
            at_school = [
                row for row in injuries
                if "happened_on" in row and row["happened_on"] <= facts.as_of and period in dated(facts, year, row["happened_on"], "Q", "Y")
                and not begins(row.get("place", ""), facts.choices["outside_school"])
            ]  # fmt: skip
            ledger.add("D9.07", year, period, len(at_school), len(facts.active(year, period)))
        satisfaction(facts, ledger, year, "D9.08", "topic_climate")


def health(facts: Facts, ledger: Ledger, year: str) -> None:
    """D9.01, D9.02, D9.03."""
    of_pupil = {row["pupil_id"]: row for row in facts.school.form("F20", year) if "pupil_id" in row}
    first, last = dt.date(int(year[:4]), 8, 1), min(dt.date(int(year[:4]) + 1, 8, 31), facts.as_of)
    for period in (*QUARTERS, "Y"):
        columns = [f"ill_days_{quarter.lower()}" for quarter in QUARTERS if period in (quarter, "Y")]
        active = facts.active(year, period)
        begun: dict[str, set[str]] = defaultdict(set)  # what was filled in for anyone in a class
        for pupil in active:
            begun[facts.class_of(year, pupil)] |= of_pupil.get(pupil, {}).keys()
        for pupil in active:
            school_class, row = facts.class_of(year, pupil), of_pupil.get(pupil, {})
            place = {"school_class": school_class}
            if begun[school_class] & set(columns):
                ledger.add("D9.02", year, period, sum(row.get(column, 0) for column in columns), 1, **place)
            if period == "Y":
                if "health_group" in row:
                    ledger.add("D9.01", year, period, row["health_group"] in facts.choices["healthy_groups"], 1, **place)
                if begun[school_class] & {"health_group", "checkup_on"}:
                    checked = "checkup_on" in row and first <= row["checkup_on"] <= last
                    ledger.add("D9.03", year, period, checked, 1, **place)


def checks(facts: Facts, ledger: Ledger, year: str) -> None:
    """D9.05, D9.06, D9.09."""
    rows = facts.school.form("F22", year)
    passed, failed = facts.choices["check_passed"], facts.choices["check_failed"]
    for period in (*QUARTERS, "Y"):
        day = facts.last_day(year, period)
        overdue = any(
            row.get("area") in facts.choices["fire_and_terror"] and row.get("critical") and row.get("result") in failed
            and "checked_on" in row and row["checked_on"] <= day and "fix_by" in row and row["fix_by"] < day
            and not ("fixed_on" in row and row["fixed_on"] <= day)
            for row in rows
        )  # fmt: skip
        for row in rows:
            if "checked_on" not in row or row["checked_on"] > facts.as_of or row.get("result") not in passed + failed:
                continue
            if period in dated(facts, year, row["checked_on"], "Q", "Y"):
                good = row["result"] in passed
                if row.get("area") in facts.choices["sanitation"]:
                    ledger.add("D9.05", year, period, good, 1)
                if row.get("area") in facts.choices["fire_and_terror"]:
                    ledger.add("D9.06", year, period, good and not overdue, 1)
    for row in rows:
        if row.get("result") in failed and "fix_by" in row and row["fix_by"] <= facts.as_of:
            for period in dated(facts, year, row["fix_by"], "Q", "Y"):
                ledger.add("D9.09", year, period, "fixed_on" in row and row["fixed_on"] <= row["fix_by"], 1)


# Q


def monitoring(facts: Facts, ledger: Ledger, log: dict[tuple[str, Task], dt.date], words: dict[str, dict]) -> None:
    """Q.03 and Q.04."""
    for year in facts.years:
        handed_in = days_of_forms(facts, year, log)
        for row in facts.school.form("F24", year):
            if row.get("status") in facts.choices["cancelled"] or "due_rule" not in row:
                continue
            terms = sorted(terms_of(facts, year, str(row["due_rule"])))
            come = [term for term in terms if term <= facts.as_of]
            if not come:
                continue
            nearest = min(terms, key=lambda term: (abs((term - row["done_on"]).days), term)) if "done_on" in row else None
            if nearest is not None and nearest >= come[-1]:
                in_time = nearest > come[-1] or row["done_on"] <= come[-1]
            else:
                in_time = came_by_itself(facts, row, come[-1], handed_in, words)
            for period in dated(facts, year, come[-1], "M", "Q", "Y"):
                ledger.add("Q.03", year, period, in_time, 1)
        for row in facts.school.form("F25", year):
            if row.get("status") not in facts.choices["cancelled"] and "due_on" in row and row["due_on"] <= facts.as_of:
                for period in dated(facts, year, row["due_on"], "M", "Q", "Y"):
                    ledger.add("Q.04", year, period, "done_on" in row and row["done_on"] <= row["due_on"], 1)


def days_of_forms(facts: Facts, year: str, log: dict[tuple[str, Task], dt.date]) -> dict[str, dict[tuple[dt.date, str], list]]:
    """form → (its term, its period) → of each tab the day on which it was whole, None where a cell lacks."""
    found: dict[str, dict[tuple[dt.date, str], list]] = defaultdict(lambda: defaultdict(list))
    for form, school_class, subject, association in expected_tabs(facts, year):
        for rule in facts.forms[form]["due"]:
            for period in MONTHS if rule["period"] == "M" else (rule["period"],):
                task = (form, school_class, subject, association, period)
                required, filled = cells_of(facts, year, task, rule)
                if required:
                    day = log.get((year, task), facts.as_of)
                    term = facts.calendar.rule(year, rule["rule"], period)
                    found[form][term, period].append(day if filled == required else None)
    return found


def came_by_itself(
    facts: Facts, row: dict, term: dt.date, handed_in: dict[str, dict[tuple[dt.date, str], list]], words: dict[str, dict]
) -> bool:  # fmt: skip
    """Whether all that a row of the plan is read from was whole by its term: of every form the term of its own that is nearest, at most
    three weeks away. A list that grows all the year must have become whole in those weeks. A planned visit is not done by itself."""
    if any(match_key(word) in match_key(str(row.get("document", ""))) for word in facts.choices["visit_card"]):
        return False
    near = facts.thresholds["plan_evidence_days"]
    known = {**words, **{each["code"]: {**parent, **each} for parent in words.values() for each in parent.get("companions", [])}}
    named = {source["form"] for code in row.get("indicators", []) for source in known.get(code, {}).get("sources", [])}
    named -= {"F24", "F25", "F26", "F27"}
    forms = {form for form in named if facts.forms[form]["placement"] != "registry"} or named
    for form in forms:
        apart = min((abs((due - term).days) for due, _ in handed_in[form]), default=near + 1)
        if apart > near:
            return False
        for (due, period), days in handed_in[form].items():
            if abs((due - term).days) != apart:
                continue
            if any(day is None or day > term for day in days):
                return False
            if facts.forms[form]["rows"] == "open" and period == "Y" and (due - max(days)).days > near:
                return False
    return bool(forms)


def terms_of(facts: Facts, year: str, rule: str) -> list[dt.date]:
    """The days of a rule; a rule of every month or quarter has one for each."""
    periods = MONTHS if rule.startswith("month") else QUARTERS if rule.startswith("Qn") else ("",)
    try:
        return [facts.calendar.rule(year, rule, period) for period in periods]
    except (ValueError, KeyError, IndexError):
        return []


def collection(facts: Facts, ledger: Ledger, log: dict[tuple[str, Task], dt.date]) -> None:
    """Q.01 and Q.02. `log`: (school year, task) → the day of submission known before this collection."""
    for year in facts.years:
        for form, school_class, subject, association in expected_tabs(facts, year):
            place = {"school_class": school_class}
            for rule in facts.forms[form]["due"]:
                for period in MONTHS if rule["period"] == "M" else (rule["period"],):
                    due = facts.calendar.rule(year, rule["rule"], period)
                    if due > facts.as_of:
                        continue
                    task = (form, school_class, subject, association, period)
                    required, filled = cells_of(facts, year, task, rule)
                    if not required:
                        continue
                    for wider in periods_above(facts, year, period):
                        ledger.add("Q.01", year, wider, filled, required, **place)
                    day = log.get((year, task), facts.as_of if filled == required else None)
                    person = responsible(facts, year, form, school_class, subject, association)
                    for wider in periods_of_term(facts, year, period, due):
                        ledger.add("Q.02", year, wider, day is not None and day <= due, 1, association=association, teacher=person)


def expected_tabs(facts: Facts, year: str) -> set[tuple[str, str, str, str]]:
    """The tabs that are there; and, there or not, the class forms of each class with one of marks for each subject it is taught."""
    found = set()
    for tab in facts.school.tabs:
        if tab["@school_year"] == year:
            subject = facts.subject_code(tab["@subject"]) if tab["@subject"] else ""
            found.add((str(tab["form"]), str(tab["@school_class"]), subject, str(tab["@method_association"])))
    for (of_year, school_class), grade in facts.grades.items():
        for form, words in facts.forms.items():
            if of_year == year and words["tab"] == "class" and grade in (words.get("grades") or range(1, 13)):
                found.add((form, school_class, "", ""))
    for (of_year, school_class), subjects in facts.taught_in.items():
        if of_year == year and facts.calendar.marked(year, facts.grade(year, school_class)):
            found |= {("F01", school_class, subject, "") for subject in subjects}
    return found


def cells_of(facts: Facts, year: str, task: Task, rule: dict) -> tuple[int, int]:
    """(required cells, filled ones) of a tab in a period; a list that grows and has no row yet is one cell not filled."""
    form, school_class, subject, association, period = task
    words = facts.forms[form]
    keys = [str(column["key"]) for column in words["columns"] if not column.get("optional")]
    if rule.get("columns"):
        keys = [key for key in keys if key in map(str, rule["columns"])]
    rows = facts.rows_of_tab(year, form, school_class, subject, association)
    if words["rows"] == "open":
        if period != "Y":
            day = next(key for key in keys if words["by_key"][key]["type"] == "date")
            calendar = facts.calendar
            rows = [row for row in rows if day in row and period in (calendar.quarter_of(year, row[day]), calendar.half_of(year, row[day]))]
        return (len(rows) * len(keys), sum(key in row for row in rows for key in keys)) if rows else (1, 0)
    keys = [key for key in keys if key not in ("pupil_id", "month", "wave", "competence", "school_class")]
    if words["rows"] == "month":
        rows = [row for row in rows if row.get("month") == int(period[1:])]
        return len(keys), sum(any(key in row for row in rows) for key in keys)
    if words["rows"] == "pupil_month":
        rows = [row for row in rows if row.get("month") == int(period[1:])]
    if words["rows"] in ("pupil_wave", "pupil_competence"):
        rows = [row for row in rows if wave_half(facts, row.get("wave")) == period]
    day, times = facts.last_day(year, period), len(words["by_key"]["competence"]["choices"]) if words["rows"] == "pupil_competence" else 1
    here = {pupil for pupil in facts.pupils[year] if facts.class_of(year, pupil) == school_class and facts.active_on(year, pupil, day)}
    filled = sum(key in row for row in rows if row.get("pupil_id") in here for key in keys)
    return len(here) * len(keys) * times, filled


def periods_above(facts: Facts, year: str, period: str) -> list[str]:
    """The period, and the longer ones that hold it."""
    if period == "Y":
        return ["Y"]
    if period[0] == "H":
        return [period, "Y"]
    quarter = facts.calendar.quarter_of_month(year, period) if period[0] == "M" else period
    return [*dict.fromkeys((period, quarter)), "H1" if quarter in ("Q1", "Q2") else "H2", "Y"]


def periods_of_term(facts: Facts, year: str, period: str, due: dt.date) -> list[str]:
    """A month's tab belongs to its month and quarter, a quarter's to its quarter and the month of its term, others to those of the term."""
    month = period if period[0] == "M" else facts.calendar.month_of(year, due)
    if period[0] == "M":
        quarter = facts.calendar.quarter_of_month(year, period)
    else:
        quarter = period if period[0] == "Q" else facts.calendar.quarter_of(year, due)
    return [each for each in (month, quarter, "Y") if each]


def responsible(facts: Facts, year: str, form: str, school_class: str, subject: str, association: str) -> str:
    """Who hands the tab in: the teacher of the subject, the class teacher, the head of the association, or the first in that role; nobody
    where all teachers write in one tab."""
    role = facts.forms[form]["filled_by"]
    if subject:
        return facts.load.get((year, school_class, subject), "")
    if school_class and role == "class_head":
        return facts.class_teachers.get((year, school_class), "")
    if role == "teacher":
        return ""
    people = [
        teacher for teacher, row in facts.teachers[year].items()
        if row.get("active", True) and facts.has_role(row, role) and association in ("", row.get("mo"))
    ]  # fmt: skip
    return min(people, default="")
