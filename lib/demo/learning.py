"""What pupils learn: marks, attendance, works, competences, adaptation, upbringing, health."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from lib.demo.material import pick, some
from lib.demo.school import Learner, School, YearOfSchool
from lib.model.calendar import MONTHS, QUARTERS, SchoolYear
from lib.templates import CellContent, Place

Rows = list[dict[str, Any]]
Contents = dict[Place, Rows]

# Marks come from a latent score: above the first bound 5, above the second 4, above the third 3, else 2.
_BOUNDS = (1.1, -0.12, -2.4)
_ABILITY, _EFFORT, _NOISE = 0.76, 0.42, 0.2
_QUARTER = {"Q1": -0.04, "Q2": -0.02, "Q3": 0.03, "Q4": 0.12}
_GENEROUS = 0.55  # how much a generous teacher adds
_STAGES = {"initial": "a", "quarterly": "b", "final": "c"}
_MONTH_ILLNESS = {9: 0.6, 10: 0.9, 11: 1.2, 12: 1.5, 1: 1.5, 2: 1.4, 3: 1.0, 4: 0.8, 5: 0.6}


def mark_of(score: float) -> int:
    """The mark for a latent score."""
    return next((5 - place for place, bound in enumerate(_BOUNDS) if score > bound), 2)


def school_days(year: SchoolYear, month: int) -> list[dt.date]:
    """The days with lessons in a calendar month: Monday to Friday inside the quarters."""
    span = year.month(month)
    days = [span.start + dt.timedelta(days=n) for n in range((span.end - span.start).days + 1)]
    return [d for d in days if d.weekday() < 5 and any(start <= d <= end for start, end in year.quarters)]


def half_up(value: float) -> int:
    """A mean of marks rounded as schools do."""
    return int(value + 0.5)


class Learning:
    """The learning of one school year, as it has been written down up to `as_of`."""

    def __init__(self, school: School, year: YearOfSchool) -> None:
        self.school, self.year, self.as_of = school, year, school.as_of
        self.answer, self.curriculum = school.answers, school.material.curriculum
        words = school.settings.cell_words
        self.unattested, self.released = words["not_attested"][0], words["released"][0]
        self.current = school.years[-1].id == year.id and school.as_of < year.calendar.end
        self._days = {int(m[1:]): school_days(year.calendar, int(m[1:])) for m in MONTHS}
        self._quarters = {month: year.calendar.quarter_of_month(month) for month in self._days}
        self.marks: dict[tuple[str, str], dict[str, dict[str, str | int | None]]] = {}  # class, subject → pupil → column → mark
        self.absence: dict[str, dict[int, tuple[int, int, int, int]]] = {}  # pupil → month → planned, excused, unexcused, late
        self._scores: dict[tuple[str, str], np.ndarray] = {}
        self._live()

    def due(self, rule: str, period: str = "") -> bool:
        """Whether the day of that rule has come."""
        return self.year.calendar.resolve(rule, period) <= self.as_of

    # --- what happens ----------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        for school_class, learners in self.year.learners.items():
            self._attend(school_class, learners)
        marked = [
            (x.school_class, x.subject)
            for x in self.year.registry.loads
            if self.school.settings.marked(self.year.id, self.year.grade(x.school_class))
        ]
        # in the current year a few teachers are late with the last quarter
        fate = sorted(marked, key=lambda pair: self.school.dice.of("late", self.year.id, *pair).random())
        self._late = set(fate[: max(2, round(0.015 * len(fate)))]) if self.current else set()
        for pair in marked:
            self._mark(*pair)

    def _attend(self, school_class: str, learners: list[Learner]) -> None:
        rng = self.school.dice.of("F05", self.year.id, school_class)
        habit = float(rng.lognormal(0, 0.2))
        for learner in learners:
            months = {}
            for month_id in MONTHS:
                month = int(month_id[1:])
                planned = [d for d in self._days[month] if learner.active_on(d)]
                if not planned:
                    continue
                ill = rng.binomial(len(planned), min(0.6, learner.illness * _MONTH_ILLNESS[month] * habit))
                away = rng.binomial(len(planned) - ill, min(0.5, learner.truancy * habit))
                months[month] = (len(planned), int(ill), int(away), int(rng.poisson(0.25 + 8 * learner.truancy)))
            self.absence[learner.pupil_id] = months

    def missed_share(self, pupil_id: str, quarter: str) -> float:
        """The share of a quarter's days that the pupil missed."""
        rows = [v for m, v in self.absence[pupil_id].items() if self._quarters[m] == quarter]
        planned = sum(r[0] for r in rows)
        return sum(r[1] + r[2] for r in rows) / planned if planned else 0.0

    def scores(self, school_class: str, subject: str) -> np.ndarray:
        """What each pupil of a class really knows in a subject, before any teacher's leniency."""
        key = (school_class, subject)
        if key not in self._scores:
            learners = self.year.learners[school_class]
            cohort, letter = learners[0].cohort if learners else 0, school_class.split("-")[1]
            of_class = self.school.dice.of("class", cohort, letter).normal(0, 0.2)
            of_pair = self.school.dice.of("class subject", cohort, letter, subject).normal(0, 0.15)
            load = self.year.load_of(school_class, subject)
            teacher = self.year.teachers.get(load.teacher_id) if load else None
            common = of_class + of_pair + (teacher.skill if teacher else -0.15) + 0.05 * self.year.number
            self._scores[key] = np.array([_ABILITY * p.ability + _EFFORT * p.effort + p.affinity[subject] + common for p in learners])
        return self._scores[key]

    def _mark(self, school_class: str, subject: str) -> None:
        year, calendar = self.year, self.year.calendar
        learners = year.learners[school_class]
        rng = self.school.dice.of("F01", year.id, school_class, subject)
        load = year.load_of(school_class, subject)
        teacher = year.teachers.get(load.teacher_id) if load else None
        generous = (
            _GENEROUS
            if self.school.dice.of("generous", school_class.split("-")[1], subject, load and load.teacher_id).random() < 0.09
            else 0.0
        )
        grade_step = {5: -0.15, 7: -0.1, 9: 0.05, 11: 0.15}.get(year.grade(school_class), 0.0)
        known = (
            self.scores(school_class, subject)
            + self.curriculum["ease"][subject]
            + generous
            - (teacher.severity if teacher else 0)
            + grade_step
        )
        table: dict[str, dict[str, str | int | None]] = {}
        noise = rng.normal(0, _NOISE, (len(learners), 4))
        chance = rng.random((len(learners), 6))
        for place, learner in enumerate(learners):
            row: dict[str, str | int | None] = {}
            for number, quarter in enumerate(QUARTERS):
                start, end = calendar.quarters[number]
                if not (learner.entered_on <= end and (learner.left_on is None or learner.left_on > end)):
                    continue
                row[f"q{number + 1}"] = self._quarter_mark(
                    learner,
                    subject,
                    float(known[place]) + _QUARTER[quarter] + float(noise[place, number]),
                    quarter,
                    float(chance[place, number]),
                )
            if learner.left_on is None and row:
                self._year_marks(row, year.grade(school_class), subject, float(known[place]), chance[place, 4:])
            table[learner.pupil_id] = row
        self._only_what_is_known(table, (school_class, subject) in self._late)
        self.marks[school_class, subject] = table

    def _quarter_mark(self, learner: Learner, subject: str, score: float, quarter: str, chance: float) -> str | int:
        if subject == "PHE" and learner.special_pe:
            return self.released
        missed = self.missed_share(learner.pupil_id, quarter)
        if (missed > 0.35 and chance < 0.7) or (missed > 0.2 and chance < 0.1) or chance < 0.0008:
            return self.unattested
        return mark_of(score - 1.2 * missed)

    def _year_marks(self, row: dict[str, str | int | None], grade: int, subject: str, known: float, chance: np.ndarray) -> None:
        marks = [m for m in row.values() if isinstance(m, int)]
        if not marks:
            row["year"] = self.released if self.released in row.values() else self.unattested
            return
        mean = sum(marks) / len(marks)
        mark = half_up(mean)
        # now and then a teacher looks at the last quarter more than at the mean
        if chance[0] < 0.03 and abs(mean - mark) > 0.2 and mark < 5:
            mark += 1
        row["year"] = mark
        if subject in self.curriculum.get(f"attestation_{grade}", ()):
            exam = mark_of(known - 0.12 + (float(chance[1]) - 0.5) * 0.9)
            row["exam"], row["final"] = exam, half_up((mark + exam) / 2)

    def _only_what_is_known(self, table: dict[str, dict[str, str | int | None]], late: bool) -> None:
        """Take away what is not yet written down at `as_of`, and the last quarter of a teacher who is late."""
        for number, quarter in enumerate(QUARTERS, 1):
            known = self.due(f"{quarter}.end")
            last = known and not self.due(f"Q{number + 1}.end" if number < 4 else "08-31")
            if not known or (late and last):
                for row in table.values():
                    row.pop(f"q{number}", None)
        if not self.due("Q4.end"):
            for row in table.values():
                row.pop("year", None)
        if not self.year.calendar.resolve("Q4.end+21") <= self.as_of:
            for row in table.values():
                row.pop("exam", None)
                row.pop("final", None)

    # --- what is written down --------------------------------------------------------------------------------------------

    def fill_class(self, place: Place, rows: Rows) -> None:
        """Fill the pre-filled rows of a class's tab (F01, F03, F05, F07, F17, F20, F21) in place."""
        fill = {
            "F01": self._fill_marks, "F03": self._fill_adaptation, "F05": self._fill_attendance, "F07": self._fill_competences,
            "F17": self._fill_upbringing, "F20": self._fill_health, "F21": self._fill_meals,
        }.get(place.form)  # fmt: skip
        if fill is not None:
            fill(place, rows)

    def _by_id(self, school_class: str) -> dict[str, Learner]:
        return {p.pupil_id: p for p in self.year.learners[school_class]}

    def _fill_marks(self, place: Place, rows: Rows) -> None:
        table = self.marks[place.school_class, place.subject]
        for row in rows:
            row.update(table.get(row["pupil_id"], {}))

    def _fill_attendance(self, place: Place, rows: Rows) -> None:
        late = self.school.dice.of("late F05", self.year.id, place.school_class)
        slow = bool(late.random() < 0.08)
        months = [m for m in MONTHS if self.due("month.end+4" if not (slow and self.current) else "month.end+20", m)]
        written = {int(m[1:]) for m in months}
        for row in rows:
            days = self.absence[row["pupil_id"]].get(row["month"])
            if row["month"] in written and days:
                row.update(days_plan=days[0], missed_excused=days[1], missed_unexcused=days[2], late=days[3])

    def _fill_meals(self, place: Place, rows: Rows) -> None:
        rng = self.school.dice.of("F21", self.year.id, place.school_class)
        learners = self.year.learners[place.school_class]
        for row in rows:
            month_id = f"M{row['month']:02d}"
            days = self._days[row["month"]]
            end = self.year.calendar.month(row["month"]).end
            enrolled = sum(p.active_on(min(end, self.year.calendar.end)) for p in learners)
            fed, paid, missing = int(rng.binomial(enrolled, 0.985)), int(rng.integers(0, 3)), int(rng.choice(3, p=(0.7, 0.2, 0.1)))
            if self.due("month.end+3", month_id):
                row.update(enrolled=enrolled, fed_free=fed, fed_paid=paid, days_plan=len(days), days_fed=max(0, len(days) - missing))

    def _fill_competences(self, place: Place, rows: Rows) -> None:
        rng = self.school.dice.of("F07", self.year.id, place.school_class)
        learners = self._by_id(place.school_class)
        start, end = self.answer("F07", "wave", "start"), self.answer("F07", "wave", "end")
        known = {start: self.due("Q2.end-9"), end: self.due("Q4.end-15")}
        tilt = {c: float(x) for c, x in zip(self.answer.all("F07", "competence"), rng.normal(0, 0.15, 9), strict=False)}
        for row in rows:
            p = learners[row["pupil_id"]]
            score = 0.5 * p.ability + 0.45 * p.effort + tilt[row["competence"]] + (0.4 if row["wave"] == end else 0) + rng.normal(0, 0.5)
            level = int(np.searchsorted((-1.6, -0.55, 0.75), score))
            if known[row["wave"]] and p.left_on is None and p.entered_on <= self._wave_day(row["wave"] == end):
                row["level"] = level

    def _wave_day(self, second: bool) -> dt.date:
        return self.year.calendar.quarters[3 if second else 1][0]

    def _fill_adaptation(self, place: Place, rows: Rows) -> None:
        rng = self.school.dice.of("F03", self.year.id, place.school_class)
        learners = self._by_id(place.school_class)
        autumn, spring = self.answer("F03", "wave", "autumn"), self.answer("F03", "wave", "spring")
        low, medium, high = (self.answer("F03", "anxiety", word) for word in ("low", "medium", "high"))
        known = {autumn: self.due("Q1.start+50"), spring: self.due("Q4.start+42")}
        for row in rows:
            p = learners[row["pupil_id"]]
            later = row["wave"] == spring
            score = 0.5 * p.warmth + 0.4 * p.effort + 0.3 * p.health + (0.35 if later else 0) + rng.normal(0, 0.6)
            fear = rng.normal(-0.4 * score, 0.7)
            if known[row["wave"]] and p.active_on(self.year.calendar.quarters[3 if later else 1][0]):
                row["adapt"] = int(1 + np.searchsorted((-1.45, -0.55), score))
                row["motivation"] = int(np.clip(round(19 + 4.5 * score + rng.normal(0, 2)), 0, 30))
                row["anxiety"] = high if fear > 1.05 else medium if fear > 0.1 else low

    def _fill_upbringing(self, place: Place, rows: Rows) -> None:
        rng = self.school.dice.of("F17", self.year.id, place.school_class)
        learners = self._by_id(place.school_class)
        of_class = rng.normal(0, 0.15)
        known = {1: self.due("Q3.end-4"), 2: self.due("Q4.end-15")}
        for row in rows:
            p = learners[row["pupil_id"]]
            base = 3.85 + 0.38 * p.warmth + 0.15 * p.effort + of_class + (0.1 if row["wave"] == 2 else 0)
            points = np.clip(np.rint(base + rng.normal(0, 0.55, 12) + np.repeat((0.12, -0.05), 6)), 1, 5).astype(int)
            if known[row["wave"]] and p.active_on(self.year.calendar.quarters[2][0]):
                row.update({f"self{n}": int(points[n - 1]) for n in range(1, 7)})
                row.update({f"teacher{n}": int(points[n + 5]) for n in range(1, 7)})

    def _fill_health(self, place: Place, rows: Rows) -> None:
        rng = self.school.dice.of("F20", self.year.id, place.school_class)
        learners = self._by_id(place.school_class)
        groups = self.answer.all("F20", "health_group")
        main, preparatory, special = (self.answer("F20", "pe_group", word) for word in ("main", "preparatory", "special"))
        checked = self.due("Q1.start+44")
        for row in rows:
            p = learners[row["pupil_id"]]
            group = int(np.searchsorted((-0.25, 0.85, 1.85, 2.5), -p.health - 0.1 + rng.normal(0, 0.12)))
            day = self.year.calendar.start + dt.timedelta(days=int(rng.integers(30, 45)))
            seen = rng.random() < 0.96
            if checked and p.entered_on <= day:
                row["health_group"] = groups[group]
                row["pe_group"] = special if p.special_pe else preparatory if group >= 2 else main
                if seen:
                    row["checkup_on"] = day
            for quarter in QUARTERS:
                share = rng.uniform(0.55, 0.95)
                ill = sum(v[1] for m, v in self.absence[p.pupil_id].items() if self._quarters[m] == quarter)
                if self.due(f"{quarter}.end+4") and p.active_on(self.year.calendar.period(quarter).end):
                    row[f"ill_days_{quarter.lower()}"] = int(round(ill * share))

    # --- works: F02, F02I ------------------------------------------------------------------------------------------------

    def works(self) -> Contents:
        """External and control works of the year, with the items of the primary school's administrative ones."""
        rows: Rows = []
        items: Rows = []
        first = self.year.calendar.first_calendar_year
        june = dt.date(first + 1, 6, 1)
        plan = self.curriculum
        for school_class in self.year.learners:
            grade = self.year.grade(school_class)
            if grade in (9, 11):
                for number, subject in enumerate(plan[f"attestation_{grade}"]):
                    source = self.answer("F02", "source", f"State attestation {grade}")
                    rows += self._work(school_class, subject, source, "final", june + dt.timedelta(days=3 + 4 * number), 0.55, -0.05)
            if subjects := plan["national_assessment"].get(grade):
                for subject in subjects:
                    source = self.answer("F02", "source", "National assessment (NSBA)")
                    rows += self._work(school_class, subject, source, "final", dt.date(first + 1, 4, 28), 0.6, -0.15, score=True)
            for subject in plan["district"].get(grade, ()):
                source = self.answer("F02", "source", "District work")
                rows += self._work(school_class, subject, source, "quarterly", dt.date(first + 1, 2, 18), 0.6, -0.1)
            office = self.answer("F02", "source", "Administrative work")
            for subject in plan["quarterly"].get(grade, ()):
                rows += self._work(school_class, subject, office, "quarterly", dt.date(first, 12, 16), 0.5, 0.0)
            for subject in plan["administrative"].get(grade, ()):
                for stage, day, shift in (("initial", dt.date(first, 9, 18), -0.35), ("final", dt.date(first + 1, 5, 19), 0.35)):
                    rows += self._work(
                        school_class, subject, office, stage, day, 0.5, shift, score=True, items=items if subject == "MAT" else None
                    )
            if grade == 11:
                rows += self._national_test(school_class)
        return {Place("F02"): rows, Place("F02I"): items}

    def _work(
        self, school_class: str, subject: str, source: str, stage: str, day: dt.date, noise: float, shift: float,
        score: bool = False, items: Rows | None = None,
    ) -> Rows:  # fmt: skip
        """One work of one class: marks that go with the real knowledge, not with a teacher's leniency."""
        if day + dt.timedelta(days=5) > self.as_of:
            return []
        rng = self.school.dice.of("F02", self.year.id, school_class, subject, source, stage)
        grade = self.year.grade(school_class)
        work_id = f"{self._code_of(source)}-{self.year.calendar.first_calendar_year}-{subject}-{grade}-{_STAGES[stage]}"
        known = self.scores(school_class, subject) + self.curriculum["ease"][subject] + shift
        marked = self.school.settings.marked(self.year.id, grade)
        rows: Rows = []
        for place, learner in enumerate(self.year.learners[school_class]):
            reached = float(known[place] + rng.normal(0, noise))
            present = rng.random() < 0.96
            parts = self._items(rng, reached) if items is not None else []
            if not present or not learner.active_on(day):
                continue
            row: dict[str, CellContent] = {
                "work_id": work_id, "source": source, "control_stage": self.answer("F02", "control_stage", stage), "subject": subject,
                "held_on": day, "pupil_id": learner.pupil_id, "full_name": learner.full_name,
            }  # fmt: skip
            if marked:
                row["mark"] = mark_of(reached)
            if items is not None:
                row["score"], row["max_score"] = sum(p[1] for p in parts), sum(p[2] for p in parts)
                for item, got, most, skill in parts:
                    items.append(
                        {"work_id": work_id, "pupil_id": learner.pupil_id, "full_name": learner.full_name, "item": item, "score": got,
                         "max_score": most, "skill": skill}
                    )  # fmt: skip
            elif score:
                row["score"], row["max_score"] = int(np.clip(round(62 + 17 * reached), 5, 100)), 100
            rows.append(row)
        return rows

    def _items(self, rng: np.random.Generator, reached: float) -> list[tuple[str, int, int, str]]:
        skills = self.school.material.words["skills"]
        parts = []
        for number, skill in enumerate(skills):
            most = 2 if number < 4 else 4
            chance = 1 / (1 + np.exp(-(1.25 * reached + 0.75 - 0.25 * number)))
            parts.append((str(number + 1), int(rng.binomial(most, chance)), most, skill))
        return parts

    def _code_of(self, source: str) -> str:
        """Latin letters for a work's code."""
        return f"W{self.answer.all('F02', 'source').index(source) + 1}"

    def _national_test(self, school_class: str) -> Rows:
        """The national test of a graduating class: the main part (no subject) and one or two subject tests."""
        first = self.year.calendar.first_calendar_year
        day, announced = dt.date(first + 1, 5, 17), dt.date(first + 1, 7, 5)
        if announced > self.as_of:
            return []
        rng = self.school.dice.of("national test", self.year.id, school_class)
        source = self.answer("F02", "source", "National test (ORT)")
        known = np.mean([self.scores(school_class, s) for s in ("KYR", "ALG", "RUS")], axis=0)
        rows: Rows = []
        for place, learner in enumerate(self.year.learners[school_class]):
            total = int(np.clip(round(124 + 27 * known[place] + rng.normal(0, 13)), 55, 236))
            tests = some(rng, self.curriculum["national_tests"], int(rng.integers(1, 3)))
            marks = {s: int(np.clip(round(72 + 15 * known[place] + rng.normal(0, 11)), 30, 150)) for s in tests}
            if rng.random() > 0.72 + 0.12 * learner.ability or learner.left_on is not None:
                continue
            common = {
                "source": source, "control_stage": self.answer("F02", "control_stage", "final"), "held_on": day,
                "pupil_id": learner.pupil_id, "full_name": learner.full_name,
            }  # fmt: skip
            rows.append({"work_id": f"W3-{first}", **common, "score": total, "max_score": 245})
            rows += [{"work_id": f"W3-{first}-{s}", "subject": s, **common, "score": v, "max_score": 150} for s, v in marks.items()]
        return rows

    # --- who needs help --------------------------------------------------------------------------------------------------

    def at_risk(self) -> list[tuple[str, Learner, str]]:
        """Class, pupil and quarter of those with twos or unattested marks, or who miss a tenth of the days, once a year each."""
        found: list[tuple[str, Learner, str]] = []
        seen: set[str] = set()
        for number, quarter in enumerate(QUARTERS, 1):
            if not self.due(f"{quarter}.end"):
                break
            for school_class, learner in self.year.everybody():
                fails = sum(
                    table.get(learner.pupil_id, {}).get(f"q{number}") in (2, self.unattested)
                    for (own, _), table in self.marks.items()
                    if own == school_class
                )
                missed = self.missed_share(learner.pupil_id, quarter)
                if (fails >= 2 or missed >= 0.1 or (fails and missed >= 0.05)) and learner.pupil_id not in seen and learner.left_on is None:
                    seen.add(learner.pupil_id)
                    found.append((school_class, learner, quarter))
        return found


def best(learners: Sequence[Learner], key: str, number: int) -> list[Learner]:
    """The pupils with the highest trait."""
    return sorted(learners, key=lambda p: (-getattr(p, key), p.pupil_id))[:number]


def subjects_liked(rng: np.random.Generator, learner: Learner, codes: list[str]) -> str:
    """A subject that a pupil is good at, more often than not the best one."""
    liked = sorted(codes, key=lambda c: (-learner.affinity[c], c))
    return liked[0] if rng.random() < 0.7 or len(liked) < 2 else pick(rng, liked[:3])
