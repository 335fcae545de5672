"""What the writers of all school-wide forms share: the year, its people, chance, and what is known by now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from lib.demo.learning import Learning
from lib.demo.school import Learner, School, YearOfSchool
from lib.model.calendar import QUARTERS

LEVELS = ("school", "district", "region", "republic", "international")


class Scene:
    """One school year up to `as_of`."""

    def __init__(self, school: School, year: YearOfSchool, learning: Learning) -> None:
        self.school, self.year, self.learning = school, year, learning
        self.as_of, self.answer, self.words = school.as_of, school.answers, school.material.words
        self.calendar = year.calendar
        self.first = year.calendar.first_calendar_year
        self.pupils = year.everybody()
        self.seniors = [(c, p) for c, p in self.pupils if year.grade(c) >= 5]
        self.teachers = [t for t in year.teachers.values() if t.teaches]
        self.officers = list(year.teachers.values())[:9]  # director, deputies, organizer, psychologist, social pedagogue, medic, …

    def _rng(self, *what: object) -> np.random.Generator:
        return self.school.dice.of(*what, self.year.id)

    def _known(self, day: dt.date) -> bool:
        return day <= self.as_of

    def _day(self, rng: np.random.Generator, quarter: str) -> dt.date:
        """A day with lessons in a quarter."""
        start, end = self.calendar.quarters[QUARTERS.index(quarter)]
        day = start + dt.timedelta(days=int(rng.integers(3, max(4, (end - start).days - 2))))
        return day - dt.timedelta(days=max(0, day.weekday() - 4))

    @staticmethod
    def _named(learner: Learner) -> dict[str, Any]:
        return {"pupil_id": learner.pupil_id, "full_name": learner.full_name}
