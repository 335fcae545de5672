"""Life outside lessons: surveys, clubs, events, self-government."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from lib.demo.learning import Contents, Rows, best
from lib.demo.material import pick, some
from lib.demo.scene import Scene
from lib.demo.school import Learner
from lib.i18n import ky_key
from lib.model.calendar import QUARTERS
from lib.templates import Place


class Upbringing(Scene):
    """Life outside lessons."""

    def surveys(self) -> Contents:
        """Answers and invitations. In the current year some classes have not been asked yet."""
        answers: Rows = []
        invitations: Rows = []
        day = self.calendar.resolve("Q4.start+30")
        if not self._known(day):
            return {Place("F04"): [], Place("F04H"): []}
        survey = f"S{self.first + 1}"
        plan = {
            "parent": ("results", "lesson", "upbringing", "climate"),
            "pupil": ("lesson", "upbringing", "climate"),
            "teacher": ("climate",),
        }
        running = not self._known(self.calendar.resolve("Q4.start+47"))
        for school_class, learners in self.year.learners.items():
            for respondent, topics in plan.items():
                rng = self._rng("F04", school_class, respondent)
                invited = len(learners) if respondent != "teacher" else int(rng.integers(3, 7))
                waits = running and rng.random() < 0.25
                if waits or (respondent == "pupil" and self.year.grade(school_class) < 5):
                    continue
                word = self.answer("F04", "respondent", respondent)
                rate = {"parent": 0.62, "pupil": 0.9, "teacher": 0.95}[respondent]
                mood = rng.normal(0.05 * self.year.number, 0.25)
                for _ in range(int(rng.binomial(invited, rate))):
                    person = mood + rng.normal(0, 0.6)
                    for topic in topics:
                        base = {"results": 2.85, "lesson": 2.95, "upbringing": 3.05, "climate": 3.1}[topic]
                        for text in self.words["survey_items"][topic]:
                            score = int(np.clip(round(base + person + rng.normal(0, 0.6)), 0, 4))
                            answers.append(
                                {
                                    "survey_id": survey, "respondent": word, "school_class": school_class,
                                    "topic": self.answer("F04", "topic", topic), "item": text, "score": score,
                                }
                            )  # fmt: skip
                invitations.append({"survey_id": survey, "respondent": word, "school_class": school_class, "invited": invited})
        return {Place("F04"): answers, Place("F04H"): invitations}

    def clubs(self) -> Rows:
        since = dt.date(self.first, 9, 15)
        if not self._known(since):
            return []
        rows: Rows = []
        leaders = self.school.dice.of("club leaders")
        led = {club["name"]: pick(leaders, self.teachers).teacher_id for club in self.words["clubs"]}
        for _, p in self.pupils:
            rng = self._rng("F16", p.pupil_id)
            number = int(rng.choice(3, p=(0.38, 0.48, 0.14))) if p.warmth > -1.2 else int(rng.random() < 0.25)
            for club in some(rng, self.words["clubs"], number):
                start = since + dt.timedelta(days=int(rng.integers(0, 25)))
                stops, end = rng.random() < 0.1, dt.date(self.first + 1, 1, 15) + dt.timedelta(days=int(rng.integers(0, 60)))
                if p.active_on(start):
                    rows.append(
                        {
                            "club": club["name"], "leader_id": led[club["name"]], "area": club["area"], **self._named(p), "from": start,
                            "to": end if stops and self._known(end) else p.left_on,
                        }
                    )  # fmt: skip
        order = {club["name"]: n for n, club in enumerate(self.words["clubs"])}
        return sorted(rows, key=lambda r: (order[r["club"]], ky_key(r["full_name"])))

    def events(self) -> Rows:
        rows: Rows = []
        pupils, teacher = self.answer("F18", "initiator", "pupils"), self.answer("F18", "initiator", "teacher")

        def add(day: dt.date, title: str, area: str, initiator: str, done: bool, participants: int, **more: Any) -> None:
            if self._known(day):
                rows.append(
                    {"held_on": day, "title": title, "area": area, "planned": True, "done": done,
                     "participants": participants if done else 0, "initiator": initiator, "parent_meeting": False, **more}
                )  # fmt: skip

        active = sum(p.left_on is None for _, p in self.pupils)
        rng = self._rng("F18")
        for event in self.words["events"]:
            day = self.calendar.month(event["month"]).start + dt.timedelta(days=int(rng.integers(3, 26)))
            part, done = rng.uniform(0.25, 0.75), rng.random() < 0.93
            add(day, event["title"], event["area"], teacher, bool(done), int(part * active), planned=bool(rng.random() < 0.92))
        area = self.words["events"][0]["area"]
        for title in self.words["pupils_events"]:
            day = self._day(rng, pick(rng, QUARTERS))
            add(day, title, area, pupils, bool(rng.random() < 0.8), int(rng.uniform(0.1, 0.4) * active), planned=bool(rng.random() < 0.6))
        for school_class, learners in self.year.learners.items():
            of_class = self._rng("F18", school_class)
            head = float(of_class.normal(0, 0.1))
            for quarter in QUARTERS:
                invited = len(learners)
                day = self.calendar.period(quarter).end - dt.timedelta(days=int(of_class.integers(2, 12)))
                present = int(np.clip(round(invited * (0.68 + head + of_class.normal(0, 0.07))), 0, invited))
                done = bool(of_class.random() < 0.97)
                more: dict[str, Any] = {"parent_meeting": True, "school_class": school_class}
                if done:
                    more |= {"parents_present": present, "parents_total": invited}
                add(day, self.words["parent_meeting"], area, teacher, done, int(of_class.integers(0, 4)), **more)
                title, done = pick(of_class, self.words["class_hours"]), bool(of_class.random() < 0.9)
                by_pupils = of_class.random() < 0.3
                number = int(np.clip(round(invited * of_class.uniform(0.6, 1.0)), 0, invited))
                add(self._day(of_class, quarter), title, area, pupils if by_pupils else teacher, done, number, school_class=school_class,
                    planned=bool(of_class.random() < 0.85))  # fmt: skip
        return sorted(rows, key=lambda r: (r["held_on"], r["title"], r.get("school_class") or ""))

    def self_government(self) -> Rows:
        since = dt.date(self.first, 9, 25)
        if not self._known(since):
            return []
        rows: Rows = []

        def add(p: Learner, body: str, role: str) -> None:
            if p.active_on(since):
                rows.append({**self._named(p), "body": self.answer("F18S", "body", body), "role": role, "from": since, "to": p.left_on})

        chosen = best([p for c, p in self.seniors if self.year.grade(c) >= 7], "warmth", max(5, len(self.seniors) // 16))
        for number, p in enumerate(chosen):
            add(p, "parliament", self.words["parliament_roles"][min(number // 2, 2) if number else 0])
        for school_class, learners in self.year.learners.items():
            if self.year.grade(school_class) >= 5:
                for p, role in zip(best(learners, "effort", 3), self.words["council_roles"], strict=False):
                    add(p, "class council", role)
        roles = self.words["organisation_roles"]
        for school_class, p in self.pupils:
            rng = self._rng("F18S", p.pupil_id)
            if 2 <= self.year.grade(school_class) <= 9 and rng.random() < 0.33 + 0.08 * p.warmth:
                add(p, "children's organisation", roles[0] if rng.random() < 0.06 else roles[1])
        return rows
