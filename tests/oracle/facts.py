"""The calendar, the roster, the marks and the ledger in which numerators and denominators are added up. Plain dictionaries only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from tests.oracle.raw import Grammar, School, load_yaml, match_key

DIMENSIONS = ("stage", "grade", "school_class", "subject", "method_association", "teacher")
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
HALF_YEARS = ("H1", "H2")
MONTHS = ("M09", "M10", "M11", "M12", "M01", "M02", "M03", "M04", "M05")
ALL_PERIODS = (*QUARTERS, *HALF_YEARS, "Y", *MONTHS)

# (indicator, school year, period, level, stage, grade, school class, subject, methodical association, teacher)
ValueKey = tuple[str, str, str, str, str, str, str, str, str, str]
# numerator (None for medians), denominator (None for counts), value
Figure = tuple[float | None, float | None, float]
# (school class, pupil) → (category of domain.md §1.2, the states it rests on)
Categories = dict[tuple[str, str], tuple[str, list[str | None]]]


class Calendar:
    """Periods of every school year, from config/school.yaml."""

    def __init__(self) -> None:
        school = load_yaml("school.yaml")
        self._quarters = school["calendar"]
        self._stages = school["stage_grades"]
        self._unmarked = school["unmarked_grades"]

    @cache  # noqa: B019
    def quarters(self, year: str) -> list[tuple[dt.date, dt.date]]:
        first = int(year[:4])

        def day(text: str) -> dt.date:
            month, number = map(int, text.split("-"))
            return dt.date(first + (month < 8), month, number)

        return [(day(a), day(b)) for a, b in self._quarters.get(year, self._quarters["default"])]

    def span(self, year: str, period: str) -> tuple[dt.date, dt.date]:
        """First and last day of a period; the year lasts until 31 August."""
        quarters, first = self.quarters(year), int(year[:4])
        if period[0] == "Q":
            return quarters[int(period[1]) - 1]
        if period[0] == "H":
            return (quarters[0][0], quarters[1][1]) if period == "H1" else (quarters[2][0], quarters[3][1])
        if period == "Y":
            return quarters[0][0], dt.date(first + 1, 8, 31)
        month = int(period[1:])
        start = dt.date(first + (month < 8), month, 1)
        following = dt.date(start.year + month // 12, month % 12 + 1, 1)
        return start, following - dt.timedelta(days=1)

    def quarter_of(self, year: str, day: dt.date) -> str:
        """The quarter that has not ended before the day; summer counts with the fourth."""
        return next((f"Q{n}" for n, (_, end) in enumerate(self.quarters(year), 1) if day <= end), "Q4")

    def half_of(self, year: str, day: dt.date) -> str:
        return "H1" if self.quarter_of(year, day) in ("Q1", "Q2") else "H2"

    def quarter_of_month(self, year: str, month: str) -> str:
        """The quarter that holds the month's 15th day, or the next one to begin."""
        return self.quarter_of(year, self.span(year, month)[0].replace(day=15))

    def month_of(self, year: str, day: dt.date) -> str:
        """M09..M05; "" in summer."""
        month = f"M{day.month:02d}"
        return month if month in MONTHS and self.span(year, month)[0] <= day <= self.span(year, month)[1] else ""

    def rule(self, year: str, rule: str, period: str = "") -> dt.date:
        """The day of "Q1.end+3", "month.end+5" (of a period) or "06-20"."""
        if "." not in rule:
            month, number = map(int, rule.split("-"))
            return dt.date(int(year[:4]) + (month < 8), month, number)
        name, rest = rule.split(".")
        edge = "start" if rest.startswith("start") else "end"
        shift = int(rest[len(edge) :] or 0)
        start, end = self.span(year, period if name in ("month", "Qn") else name)
        return (start if edge == "start" else end) + dt.timedelta(days=shift)

    def stage(self, year: str, grade: int) -> str:
        by_stage = self._stages.get(year, self._stages["default"])
        return next((stage for stage, grades in by_stage.items() if grade in grades), "")

    def marked(self, year: str, grade: int) -> bool:
        return grade not in self._unmarked.get(year, self._unmarked["default"])


class Facts:
    """What the rows say about who was where, who taught what, and which marks stand."""

    def __init__(self, school: School, as_of: dt.date) -> None:
        self.school, self.as_of = school, as_of
        self.calendar = Calendar()
        self.thresholds = load_yaml("thresholds.yaml")
        self.choices = {key: [str(word) for word in words] for key, words in load_yaml("choices.yaml").items()}
        subjects = load_yaml("subjects.yaml")
        self.subjects, self.associations = subjects["subjects"], subjects["associations"]
        self.roles = {key: {match_key(word) for word in (key, *words.values())} for key, words in subjects["roles"].items()}
        grammar = Grammar()
        self.forms = {form: {**words, "by_key": grammar.columns[form]} for form, words in grammar.forms.items()}
        self.subject_codes = {
            match_key(text): code
            for code, words in reversed(self.subjects.items())
            for text in (*words.get("aliases", []), *words["name"].values(), code)
        }
        self.years = sorted({str(tab["@school_year"]) for tab in school.tabs if tab["@school_year"]})
        named = [row for row in school.form("R2C") if {"grade", "school_class"} <= row.keys()]
        self.grades = {(row["@school_year"], row["school_class"]): row["grade"] for row in named}
        self.class_teachers = {(row["@school_year"], row["school_class"]): str(row.get("class_teacher_id", "")) for row in named}
        self.pupils: dict[str, dict[str, dict]] = {
            year: {row["pupil_id"]: row for row in school.form("R1", year) if "pupil_id" in row} for year in self.years
        }
        self.teachers: dict[str, dict[str, dict]] = {
            year: {row["teacher_id"]: row for row in school.form("R2S", year) if "teacher_id" in row} for year in self.years
        }
        self.few_answers: set[tuple[str, str, str]] = set()  # (indicator, school year, class) with fewer questionnaires than min_answers
        self._categories: dict[tuple[str, str], Categories] = {}
        self._tabs: dict[tuple, list[dict]] = defaultdict(list)
        self.load: dict[tuple, str] = {}
        for row in school.form("R2L"):
            if row.get("teacher_id") and "subject" in row and "school_class" in row:
                self.load.setdefault((row["@school_year"], row["school_class"], row["subject"]), row["teacher_id"])

        self.taught_in: dict[tuple[str, str], set[str]] = defaultdict(set)
        for year, school_class, subject in self.load:
            self.taught_in[year, school_class].add(subject)
        self.marked_in: dict[tuple[str, str], set[str]] = defaultdict(set)
        for tab in school.tabs:
            if tab["form"] == "F01":
                self.marked_in[str(tab["@school_year"]), str(tab["@school_class"])].add(self.subject_code(tab["@subject"]))

    def grade(self, year: str, school_class: str) -> int | None:
        """The register's grade of a class; without one the number that its name begins with."""
        if not school_class:
            return None
        return self.grades.get((year, school_class), int(school_class.split("-")[0]))

    def class_of(self, year: str, pupil: object) -> str:
        return str(self.pupils[year].get(pupil, {}).get("school_class", ""))

    def begun(self, year: str, period: str) -> bool:
        return self.calendar.span(year, period)[0] <= self.as_of

    def active_on(self, year: str, pupil: object, day: dt.date) -> bool:
        """domain.md §7: active at the day; who left on or before it is out."""
        row = self.pupils[year].get(pupil)
        if row is None or ("entered_on" in row and row["entered_on"] > day):
            return False
        if "left_on" in row:
            return row["left_on"] > day
        return row.get("status") not in self.choices["left"]

    def last_day(self, year: str, period: str) -> dt.date:
        """The day at which a period's pupils are counted (domain.md §1.1: leavers as of the moment of calculation): its last day, for
        the year the last day of lessons, or the day of reckoning while it runs."""
        return min(self.as_of, self.calendar.span(year, "Q4" if period == "Y" else period)[1])

    def active(self, year: str, period: str) -> list[str]:
        day = self.last_day(year, period)
        return [pupil for pupil in self.pupils[year] if self.active_on(year, pupil, day)]

    def months_of(self, year: str, period: str) -> list[str]:
        """The months whose sheets make up a quarter, as far as they have begun; a month is itself."""
        months = [period] if period[0] == "M" else [month for month in MONTHS if self.calendar.quarter_of_month(year, month) == period]
        return [month for month in months if self.begun(year, month)]

    def staff(self, year: str) -> dict[str, str]:
        """Working people who teach (by role or by load) → their methodical association."""
        with_lessons = {row.get("teacher_id") for row in self.school.form("R2L", year)}
        return {
            teacher: str(row.get("mo", ""))
            for teacher, row in self.teachers[year].items()
            if row.get("active", True) and (teacher in with_lessons or self.has_role(row, "teacher"))
        }

    def has_role(self, row: dict, role: str) -> bool:
        """Whether the roles of a person name that one, by key or by word."""
        return bool({match_key(word) for word in row.get("roles", [])} & self.roles[role])

    def association_of(self, year: str, teacher: object) -> str:
        return str(self.teachers[year].get(teacher, {}).get("mo", ""))

    def taught(self, year: str, school_class: str, subject: str) -> tuple[str, str]:
        """Teacher of a subject in a class and the association that the marks count in."""
        teacher = self.load.get((year, school_class, subject), "")
        association = self.association_of(year, teacher) or str(self.subjects.get(subject, {}).get("association", ""))
        return teacher, association

    def marks(self, year: str, period: str) -> Iterable[tuple[str, str, str, str | None]]:
        """(school class, subject, pupil, state) of pupils active at the period's end, in grades with marks. None: empty."""
        column = "year" if period == "Y" else period.lower()
        day = self.last_day(year, period)
        for row in self.school.form("F01", year):
            pupil, school_class = row.get("pupil_id"), str(row["@school_class"])
            if not pupil or not self.active_on(year, pupil, day) or not self.calendar.marked(year, self.grade(year, school_class)):
                continue
            yield school_class, self.subject_code(row["@subject"]), str(pupil), row.get(column)

    @cache  # noqa: B019
    def subject_code(self, text: object) -> str:
        """The code of a subject named on a tab."""
        return self.subject_codes.get(match_key(text), str(text))

    def rows_of_tab(self, year: str, *tab: str) -> list[dict]:
        """The rows of the tabs with that form, class, subject and association."""
        if not self._tabs:
            for form, rows in self.school.rows.items():
                for row in rows:
                    subject = self.subject_code(row["@subject"]) if row["@subject"] else ""
                    self._tabs[row["@school_year"], form, row["@school_class"], subject, row["@method_association"]].append(row)
        return self._tabs.get((year, *tab), [])

    def categories(self, year: str, period: str) -> Categories:
        """(school class, pupil) → (category of domain.md §1.2, the marks it rests on). Pupils released from all are absent."""
        if (year, period) not in self._categories:
            self._categories[year, period] = self._categories_anew(year, period)
        return self._categories[year, period]

    def _categories_anew(self, year: str, period: str) -> Categories:
        by_pupil: dict[tuple[str, str], list[str | None]] = defaultdict(list)
        subjects: dict[tuple[str, str], set[str]] = defaultdict(set)
        for school_class, subject, pupil, state in self.marks(year, period):
            by_pupil[school_class, pupil].append(state)
            subjects[school_class, pupil].add(subject)
        for school_class, pupil in by_pupil:
            # a subject of the class that has no tab, or no row of the pupil in its tab, has no mark either
            expected = self.taught_in[year, school_class] | self.marked_in[year, school_class]
            by_pupil[school_class, pupil] += [None] * len(expected - subjects[school_class, pupil])
        return {key: (category, states) for key, states in by_pupil.items() if (category := category_of(states))}


def category_of(states: list[str | None]) -> str:
    """domain.md §1.2, in that priority. "" when the pupil is released from everything."""
    states = [state for state in states if state != "осв"]
    if not states:
        return ""
    if None in states:
        return "INC"
    if "2" in states:
        return "N2"
    if "н/а" in states:
        return "NA"
    threes, fours = states.count("3"), states.count("4")
    if threes:
        return "R3_1" if threes == 1 else "T3"
    return {0: "A5", 1: "A4_1"}.get(fours, "A45")


class Ledger:
    """Numerators and denominators at the finest grain, and their sums at every level."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        # code → (school year, period) → place → [numerator, denominator, whether a numerator was ever said]
        self._sums: dict[str, dict[tuple, dict[tuple, list[float]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(lambda: [0.0, 0.0, 0]))
        )
        self._sets: dict[tuple, set] = defaultdict(set)

    def add(
        self, code: str, year: str, period: str, numerator: float = 0.0, denominator: float = 0.0, *, school_class: str = "",
        grade: int | None = None, subject: str = "", association: str = "", teacher: str = "", who: object = None,
        counts: bool = True,
    ) -> None:  # fmt: skip
        """One contribution. `who`: the pupil or teacher counted once (distinct numerators). `counts` False: denominator only."""
        facts = self.facts
        if not facts.begun(year, period):
            return
        if grade is None and school_class:
            grade = facts.grade(year, school_class)
        stage = facts.calendar.stage(year, grade) if grade is not None else ""
        place = (stage, "" if grade is None else str(grade), school_class, subject, association, teacher)
        if who is not None:
            self._sets[code, year, period, place].add(who)
        sums = self._sums[code][year, period][place]
        sums[0] += numerator
        sums[1] += denominator
        sums[2] += counts

    def figures(
        self, code: str, by: list[str], scale: float, *, denominator_by: list[str] | None = None, distinct: bool = False,
        count: bool = False,
    ) -> dict[ValueKey, Figure]:  # fmt: skip
        """value = scale · Σ numerator / Σ denominator at every level; a zero denominator gives no value."""
        found: dict[ValueKey, Figure] = {}
        for names in levels(by):
            for (year, period), places in self._sums[code].items():
                numerators: dict[tuple, float] = defaultdict(float)
                members: dict[tuple, set] = defaultdict(set)
                denominators: dict[tuple, float] = defaultdict(float)
                keys: set[tuple] = set()
                below = [name for name in names if denominator_by is None or name in denominator_by]
                for place, (numerator, denominator, counts) in places.items():
                    of = dict(zip(DIMENSIONS, place, strict=True))
                    if all(of[name] for name in below):
                        denominators[mask(of, below)] += denominator
                    if all(of[name] for name in names):
                        key = mask(of, names)
                        if counts or tuple(below) == names:
                            keys.add(key)
                        numerators[key] += numerator
                        if distinct:
                            members[key] |= self._sets[code, year, period, place]
                for key in keys:
                    top = float(len(members[key])) if distinct else numerators[key]
                    full = (code, year, period, "+".join(names) or "school", *key)
                    if count:
                        found[full] = (top, None, scale * top)
                        continue
                    bottom = denominators[mask(dict(zip(DIMENSIONS, key, strict=True)), below)]
                    if bottom:
                        found[full] = (top, bottom, scale * top / bottom)
        return found


def levels(by: Iterable[str]) -> list[tuple[str, ...]]:
    """Names of the filled dimensions: place × topic, and the teacher alone."""
    by = set(by)
    places = [(), *((p,) for p in ("stage", "grade", "school_class") if p in by)]
    topics = [(), *((t,) for t in ("subject", "method_association") if t in by)]
    return [(*place, *topic) for place in places for topic in topics] + ([("teacher",)] if "teacher" in by else [])


def mask(of: dict[str, str], names: Iterable[str]) -> tuple[str, ...]:
    """The place with every dimension emptied that the level does not name."""
    return tuple(of[name] if name in names else "" for name in DIMENSIONS)


def quality_spread(groups: Iterable[tuple[float, float]], weight: float, least: float) -> tuple[float, int] | None:
    """(max − min of the shrunk shares (k + m·p0)/(n + m), groups compared) over groups (k, n) with n ≥ `least` (domain.md §5.2).

    p0 is the share of all groups together. None where fewer than two groups can be compared.
    """
    groups = [(k, n) for k, n in groups if n]
    compared = [(k, n) for k, n in groups if n >= least]
    if len(compared) < 2:
        return None
    middle = sum(k for k, _ in groups) / sum(n for _, n in groups)
    shrunk = [(k + weight * middle) / (n + weight) for k, n in compared]
    return max(shrunk) - min(shrunk), len(compared)
