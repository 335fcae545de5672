"""The invented school itself: who learns, who teaches, in which classes, over the years.

Pupils have abilities, diligence and habits that stay theirs; each year they move up by their code, some leave, some come. The
change from eleven to twelve grades is not simulated: the demo school has eleven grades throughout.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lib.demo.material import Answers, Dice, Material, pick, some
from lib.i18n import class_key, ky_key
from lib.model.calendar import SchoolYear
from lib.model.registry import Load, Pupil, Registry, SchoolClass, StaffMember
from lib.settings import Settings

GRADES = range(1, 12)
# Grades that get a parallel class first when there are more classes than grades.
_PARALLEL_FIRST = (5, 7, 9, 4, 1, 8, 6, 2, 3, 10, 11)
_STAY_AFTER_9 = 0.82
_FULL_LOAD = 23  # hours a week


@dataclass
class Learner:
    """A pupil with what decides the figures. Traits are standard normal unless said otherwise."""

    pupil_id: str
    full_name: str
    sex: str
    cohort: int  # calendar year in which the cohort was in grade 1
    letter: str
    entered_on: dt.date
    ability: float
    effort: float
    illness: float  # share of days missed for a reason
    truancy: float  # share of days missed without one
    warmth: float  # upbringing, activity
    health: float
    affinity: dict[str, float]
    special_pe: bool
    left_on: dt.date | None = None
    care: bool = False  # needs socio-psychological support

    def active_on(self, day: dt.date) -> bool:
        """Whether the pupil learns here on that day."""
        return self.entered_on <= day and (self.left_on is None or self.left_on > day)


@dataclass
class Teacher:
    """One member of staff. `skill` decides lessons and results, `severity` the marks."""

    teacher_id: str
    full_name: str
    association: str
    roles: list[str]
    skill: float
    severity: float
    category: int  # 0 none .. 3 highest
    pd_last: dt.date
    pd_hours: int
    teaches: bool = True


@dataclass
class YearOfSchool:
    """One school year: its calendar, its registry, the learners of each class."""

    calendar: SchoolYear
    number: int  # 0 for the first simulated year
    learners: dict[str, list[Learner]]
    teachers: dict[str, Teacher]
    registry: Registry
    staff_rows: list[dict[str, Any]] = field(default_factory=list)
    class_teachers: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.calendar.id

    def everybody(self) -> list[tuple[str, Learner]]:
        """All pupils with their class, classes from the lowest grade on."""
        return [(name, learner) for name, learners in self.learners.items() for learner in learners]

    def grade(self, school_class: str) -> int:
        return class_key(school_class)[0]

    def load_of(self, school_class: str, subject: str) -> Load | None:
        return next((x for x in self.registry.loads if x.school_class == school_class and x.subject == subject), None)


class School:
    """All years of the invented school."""

    def __init__(self, pupils: int, years: list[SchoolYear], settings: Settings, material: Material, dice: Dice, as_of: dt.date) -> None:
        self.settings, self.material, self.dice, self.as_of = settings, material, dice, as_of
        self.answers = Answers(settings)
        self._name_rng = dice.of("names")
        self._used_names: set[str] = set()
        self._numbers: dict[int, int] = defaultdict(int)
        self.last_first_year = years[-1].first_calendar_year
        self.sizes, self.parallels = _structure(pupils)
        self.teachers: dict[str, Teacher] = {}
        self._posts: dict[tuple[str, int, str], str] = {}
        self._specialists: dict[str, list[str]] = defaultdict(list)
        self.years = self._live(years)

    # --- pupils ----------------------------------------------------------------------------------------------------------

    def _person(self, rng: np.random.Generator, girl: bool) -> str:
        names = self.material.names
        while True:
            surname = pick(rng, names["surnames"])
            first = pick(rng, names["girls" if girl else "boys"])
            father = pick(rng, names["fathers"])
            kind = rng.random()
            if kind < 0.12:
                text = f"{father} {names['lineage']['daughter' if girl else 'son']} {first}"
            else:
                # women's surnames end in the letter that the women's patronymic ends in
                family = surname + (names["patronymic"]["daughter"][-1] if girl else "")
                text = f"{family} {first}"
                if kind < 0.75:
                    text += f" {father}{names['patronymic']['daughter' if girl else 'son']}"
            if text not in self._used_names:
                self._used_names.add(text)
                return text

    def _newcomer(self, cohort: int, letter: str, entered_on: dt.date) -> Learner:
        self._numbers[entered_on.year] += 1
        code = f"P{entered_on.year}{self._numbers[entered_on.year]:03d}"
        rng = self.dice.of("pupil", code)
        girl = bool(rng.random() < 0.5)
        ability, effort, warmth, health = (float(x) for x in rng.normal(0, 1, 4))
        # girls learn a little more diligently; the diligent miss fewer lessons
        effort += 0.25 if girl else -0.15
        illness = float(rng.gamma(2.4, 0.009))
        truancy = float(rng.gamma(0.45, 0.012) * np.exp(-0.55 * effort))
        affinity = {
            code: float(x) for code, x in zip(self.settings.subjects, rng.normal(0, 0.22, len(self.settings.subjects)), strict=True)
        }
        return Learner(
            code, self._person(self._name_rng, girl), self.answers("R1", "sex", "girl" if girl else "boy"), cohort, letter, entered_on,
            ability, effort, min(illness, 0.2), min(truancy, 0.25), warmth, health, affinity, bool(rng.random() < 0.025),
            care=bool(rng.random() < 0.05),
        )  # fmt: skip

    def _live(self, years: list[SchoolYear]) -> list[YearOfSchool]:
        lived: list[YearOfSchool] = []
        here: dict[int, list[Learner]] = {}
        for number, year in enumerate(years):
            first = year.first_calendar_year
            rng = self.dice.of("moves", year.id)
            before, here = here, {}
            for grade in GRADES:
                cohort = first - grade + 1
                stayed = [p for p in before.get(cohort, []) if p.left_on is None]
                if grade == 10 and stayed:
                    # the weaker go to vocational schools after grade 9
                    pull = np.array([p.ability + 0.5 * p.effort for p in stayed]) + rng.normal(0, 0.8, len(stayed))
                    keep = max(1, round(len(stayed) * _STAY_AFTER_9))
                    stays = set(np.argsort(-pull)[:keep].tolist())
                    stayed = [p for place, p in enumerate(stayed) if place in stays]
                elif stayed:
                    stayed = [p for p in stayed if rng.random() > 0.012]
                learners = stayed[: self._target(cohort, grade)]
                learners += self._newcomers(cohort, grade, year, learners, number, rng)
                self._leavers(learners, year, rng)
                here[cohort] = learners
            self._grow(here, year)
            lived.append(self._year(year, number, here))
        return lived

    def _target(self, cohort: int, grade: int) -> int:
        """How many pupils the cohort has on its list in the year in which it is in that grade."""
        last_grade = min(11, max(1, self.last_first_year - cohort + 1))
        size = self.sizes[last_grade]
        return round(size / _STAY_AFTER_9) if grade <= 9 < last_grade else size

    def _newcomers(
        self, cohort: int, grade: int, year: SchoolYear, learners: list[Learner], number: int, rng: np.random.Generator
    ) -> list[Learner]:
        letters = self.letters_of(cohort)
        missing = self._target(cohort, grade) - len(learners)
        new: list[Learner] = []
        for _ in range(missing):
            count = {letter: sum(p.letter == letter for p in [*learners, *new]) for letter in letters}
            letter = min(letters, key=lambda x: (count[x], x))
            since = year.start
            if number == 0 and grade > 1:
                since = self.settings.school_year(f"{cohort}-{cohort + 1}").start
            late = rng.random() < 0.008 or (number > 0 and grade not in (1, 10) and rng.random() < 0.3)
            if late:
                day = year.start + dt.timedelta(days=int(rng.integers(25, 190)))
                since = day if day <= self.as_of else since
            new.append(self._newcomer(cohort, letter, since))
        return new

    def _leavers(self, learners: list[Learner], year: SchoolYear, rng: np.random.Generator) -> None:
        for learner in learners:
            day = year.start + dt.timedelta(days=int(rng.integers(30, 200)))
            if rng.random() < 0.009 and learner.entered_on < year.start + dt.timedelta(days=1) and day < self.as_of:
                learner.left_on = day

    def _grow(self, here: dict[int, list[Learner]], year: SchoolYear) -> None:
        """People change a little from year to year."""
        rng = self.dice.of("growth", year.id)
        for cohort in sorted(here):
            for learner in here[cohort]:
                ability, effort, warmth = (float(x) for x in rng.normal(0, (0.08, 0.2, 0.15)))
                learner.ability += ability
                learner.effort += effort
                learner.warmth += warmth

    def letters_of(self, cohort: int) -> list[str]:
        grade = min(11, max(1, self.last_first_year - cohort + 1))
        return self.material.names["class_letters"][: self.parallels[grade]]

    # --- staff and loads -------------------------------------------------------------------------------------------------

    def _year(self, year: SchoolYear, number: int, here: dict[int, list[Learner]]) -> YearOfSchool:
        classes: dict[str, list[Learner]] = {}
        for cohort, learners in sorted(here.items(), reverse=True):
            for letter in self.letters_of(cohort):
                # copies: what a pupil becomes later must not change this year
                own = [replace(p) for p in learners if p.letter == letter]
                classes[f"{year.first_calendar_year - cohort + 1}-{letter}"] = sorted(own, key=lambda p: (ky_key(p.full_name), p.pupil_id))
        classes = dict(sorted(classes.items(), key=lambda item: class_key(item[0])))
        if not self.teachers:
            self._hire(classes, year)
        loads, heads = self._share(classes, year, number)
        staff = [
            StaffMember(t.teacher_id, t.full_name, tuple(t.roles), t.association) for t in self.teachers.values()
        ]  # fmt: skip
        languages = self.answers.all("R2C", "instruction_language")
        rooms = self.dice.of("rooms")
        registered = []
        for name in classes:
            cohort = year.first_calendar_year - class_key(name)[0] + 1
            russian = name.endswith("-" + self.material.names["class_letters"][1]) and cohort % 2 == 0
            shift = 1 if class_key(name)[0] in (1, 4, 5, 9, 10, 11) else 2
            registered.append(
                SchoolClass(name, class_key(name)[0], heads[name], languages[int(russian)], shift, str(rooms.integers(101, 320)))
            )
        pupils = tuple(
            Pupil(p.pupil_id, p.full_name, name, p.sex, "", p.entered_on, p.left_on) for name, learners in classes.items() for p in learners
        )
        in_order = tuple(sorted(pupils, key=lambda p: (ky_key(p.full_name), p.pupil_id)))
        lived = YearOfSchool(
            year, number, classes, dict(self.teachers),
            Registry(year.id, in_order, tuple(registered), tuple(staff), tuple(loads)),
            class_teachers=heads,
        )  # fmt: skip
        lived.staff_rows = self._staff_rows(lived)
        return lived

    def _hire(self, classes: dict[str, list[Learner]], year: SchoolYear) -> None:
        """The staff: administration, a teacher for each primary class and one for each full load of every specialty."""
        rng = self.dice.of("staff")
        roles = self.settings.roles

        def add(association: str, *role_keys: str, teaches: bool = True) -> Teacher:
            code = f"T{len(self.teachers) + 1:03d}"
            hours = int(pick(rng, (36, 72, 72, 72, 144)))
            teacher = Teacher(
                code, self._person(self._name_rng, bool(rng.random() < 0.8)), association, [roles[k].ky for k in role_keys],
                float(rng.normal(0, 0.22)), float(rng.normal(0, 0.12)), int(rng.choice(4, p=(0.28, 0.22, 0.3, 0.2))),
                year.start - dt.timedelta(days=int(rng.integers(60, 1900))), hours, teaches,
            )  # fmt: skip
            self.teachers[code] = teacher
            return teacher

        for role in ("director", "dep_study", "dep_upbr", "organizer", "psych", "soc", "medic", "librarian", "economy"):
            add("class_teachers", role, teaches=False)
        hours, curriculum = self.material.curriculum["hours"], self.material.curriculum
        for name in classes:
            if class_key(name)[0] <= 4:
                add("primary", "teacher")
        for specialty in curriculum["specialties"]:
            total = sum(
                hours[code].get(class_key(name)[0], 0)
                for code in specialty["subjects"]
                for name in classes
                if not (code in curriculum["class_teacher"] and class_key(name)[0] <= 4)
            )
            for _ in range(max(1, round(total / _FULL_LOAD))):
                teacher = add(specialty["association"], "teacher")
                for code in specialty["subjects"]:
                    self._specialists[code].append(teacher.teacher_id)
        seen: set[str] = set()
        for teacher in self.teachers.values():
            if teacher.teaches and teacher.association not in seen:
                seen.add(teacher.association)
                teacher.roles.append(roles["mo_head"].ky)
        self.teachers["T003"].roles.append(roles["mo_head"].ky)

    def _share(self, classes: dict[str, list[Learner]], year: SchoolYear, number: int) -> tuple[list[Load], dict[str, str]]:
        """Who teaches what to whom, and the class teachers. A class keeps its teachers from year to year."""
        hours, curriculum = self.material.curriculum["hours"], self.material.curriculum
        rng = self.dice.of("loads", year.id)
        primary = [t.teacher_id for t in self.teachers.values() if t.association == "primary"]
        busy: dict[str, float] = defaultdict(float)
        lists: list[Load] = []
        of_class: dict[str, list[str]] = defaultdict(list)
        own: dict[str, str] = {}
        free = list(primary)
        for name in classes:
            if class_key(name)[0] <= 4:
                cohort = year.first_calendar_year - class_key(name)[0] + 1
                key = ("primary", cohort, name.split("-")[1])
                if self._posts.get(key) in free:
                    free.remove(self._posts[key])
                    own[name] = self._posts[key]
        for name in classes:
            if class_key(name)[0] <= 4 and name not in own:
                cohort = year.first_calendar_year - class_key(name)[0] + 1
                own[name] = free.pop(0) if free else primary[len(own) % len(primary)]
                self._posts["primary", cohort, name.split("-")[1]] = own[name]
        vacancies = {("PHE", 2), ("ENG", 3)} if number % 2 == 0 else {("MUZ", 3)}
        for name in classes:
            grade, letter = class_key(name)[0], name.split("-")[1]
            cohort = year.first_calendar_year - grade + 1
            for code in self.settings.subjects:
                weekly = hours.get(code, {}).get(grade)
                if not weekly:
                    continue
                approved = bool(rng.random() < 0.93)
                if grade <= 4 and code in curriculum["class_teacher"]:
                    teacher = own[name]
                else:
                    candidates = self._specialists[code]
                    leader = next(s["subjects"][0] for s in curriculum["specialties"] if code in s["subjects"])
                    teacher = self._posts.get((leader, cohort, letter), "")
                    if teacher not in candidates or busy[teacher] + weekly > _FULL_LOAD + 10:
                        teacher = min(candidates, key=lambda x: (busy[x], x))
                        self._posts[leader, cohort, letter] = teacher
                vacant = (code, grade) in vacancies and letter == self.material.names["class_letters"][0]
                if not vacant:
                    busy[teacher] += weekly
                    of_class[name].append(teacher)
                lists.append(Load("" if vacant else teacher, code, name, float(weekly), vacant, approved and not vacant))
        heads: dict[str, str] = dict(own)
        for name in classes:
            if name not in heads:
                key = ("head", year.first_calendar_year - class_key(name)[0] + 1, name.split("-")[1])
                kept = self._posts.get(key)
                choices = [t for t in dict.fromkeys(of_class[name]) if t not in heads.values()] or of_class[name]
                heads[name] = kept if kept and kept not in heads.values() else pick(rng, choices)
                self._posts[key] = heads[name]
        return lists, heads

    def _staff_rows(self, lived: YearOfSchool) -> list[dict[str, Any]]:
        """R2S as it stood that year: categories and professional development move on."""
        rng = self.dice.of("qualification", lived.id)
        head = self.settings.roles["class_head"].ky
        categories = [self.answers("R2S", "category", word) for word in ("none", "second", "first", "highest")]
        rows = []
        for teacher in self.teachers.values():
            if lived.number and teacher.teaches:
                if rng.random() < 0.07:
                    teacher.category = min(3, teacher.category + 1)
                if rng.random() < 0.26:
                    teacher.pd_last = lived.calendar.start - dt.timedelta(days=int(rng.integers(20, 340)))
                    teacher.pd_hours = int(pick(rng, (36, 72, 72, 144)))
            roles = teacher.roles + ([head] if teacher.teacher_id in lived.class_teachers.values() else [])
            rows.append(
                {
                    "teacher_id": teacher.teacher_id,
                    "full_name": teacher.full_name,
                    "email": f"{teacher.teacher_id.lower()}@school.example",
                    "roles": roles,
                    "mo": self.settings.associations[teacher.association].ky,
                    "category": categories[teacher.category],
                    "pd_last_date": teacher.pd_last,
                    "pd_hours": teacher.pd_hours,
                    "active": True,
                }
            )
        return rows

    def some_teachers(self, rng: np.random.Generator, number: int) -> list[str]:
        """Codes of a few teachers."""
        return some(rng, [t.teacher_id for t in self.teachers.values() if t.teaches], number)


def _structure(pupils: int) -> tuple[dict[int, int], dict[int, int]]:
    """Pupils and parallel classes of each grade in the last year: about 20 in a class in a small school, 25 in a big one."""
    classes = max(11, round(pupils / (20 if pupils < 600 else 25)))
    parallels = dict.fromkeys(GRADES, classes // 11)
    for grade in _PARALLEL_FIRST[: classes % 11]:
        parallels[grade] += 1
    total = sum(parallels.values())
    sizes = {grade: pupils * parallels[grade] // total for grade in GRADES}
    for grade in _PARALLEL_FIRST[: pupils - sum(sizes.values())]:
        sizes[grade] += 1
    return sizes, parallels
