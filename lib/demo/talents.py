"""Gifted pupils: the bank, olympiads, research, creative work, sport."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.demo.learning import Rows, best, subjects_liked
from lib.demo.material import pick
from lib.demo.scene import LEVELS, Scene
from lib.demo.school import Learner
from lib.i18n import ky_key
from lib.model.calendar import QUARTERS


class Talents(Scene):
    """The programme for gifted pupils."""

    def _mentor(self, school_class: str, subject: str | None = None) -> str:
        load = self.year.load_of(school_class, subject) if subject else None
        return (load.teacher_id if load else "") or self.year.class_teachers[school_class]

    def gifted(self) -> Rows:
        if not self._known(self.calendar.resolve("Q1.start+24")):
            return []
        rows: Rows = []
        done_share = 0.9 if self._known(self.calendar.end) else 0.55
        chosen = best([p for _, p in self.pupils if p.left_on is None], "ability", max(3, round(0.1 * len(self.pupils))))
        homes = {p.pupil_id: c for c, p in self.pupils}
        for p in sorted(chosen, key=lambda x: ky_key(x.full_name)):
            rng = self._rng("F10", p.pupil_id)
            has_plan, steps = rng.random() < 0.75, int(rng.integers(5, 11))
            row: dict[str, Any] = {
                **self._named(p), "area": pick(rng, self.words["gifted_areas"]), "mentor_id": self._mentor(homes[p.pupil_id]),
                "has_plan": bool(has_plan),
            }  # fmt: skip
            if has_plan:
                row |= {"plan_steps": steps, "steps_done": int(rng.binomial(steps, done_share))}
            rows.append(row)
        return rows

    def contests(self) -> Rows:
        """Olympiads (many at school, rarely further), research projects, creative works and sport."""
        rows = self._olympiads()
        kinds = (
            ("research project", "research_titles", 0.05, "ability"), ("creative work", "creative_titles", 0.12, "warmth"),
            ("sport", "sport_titles", 0.15, "health"),
        )  # fmt: skip
        for school_class, p in self.pupils:
            rng = self._rng("F11", p.pupil_id)
            for kind, titles, chance, trait in kinds:
                happens = rng.random() < chance * np.exp(0.5 * getattr(p, trait)) and (
                    kind != "research project" or self.year.grade(school_class) >= 5
                )
                day = self._day(rng, pick(rng, QUARTERS[1:]))
                level = int(rng.choice(4, p=(0.66, 0.24, 0.08, 0.02)))
                place = int(rng.choice(4, p=(0.1, 0.12, 0.15, 0.63)))
                title, number = pick(rng, self.words[titles]), int(rng.integers(1000, 9999))
                if happens and self._known(day) and p.active_on(day):
                    rows.append(
                        {
                            **self._named(p), "kind": self.answer("F11", "kind", kind), "title": title,
                            "level": self.answer("F11", "level", LEVELS[level]), "held_on": day,
                            "place": self.answer("F11", "place", ("1", "2", "3", "took part")[place]),
                            "mentor_id": self._mentor(school_class),
                            "doc_no": f"{self.words['certificate']}{number}" if place < 3 else None,
                        }
                    )  # fmt: skip
        return sorted(rows, key=lambda r: (r["held_on"], r["pupil_id"]))

    def _olympiads(self) -> Rows:
        rows: Rows = []
        stages = [
            ("school", self.calendar.resolve("Q3.start+10")), ("district", self.calendar.resolve("Q3.start+26")),
            ("region", self.calendar.resolve("Q3.start+40")), ("republic", self.calendar.resolve("Q4.start+10")),
        ]  # fmt: skip
        entrants: dict[tuple[str, int], list[tuple[float, str, Learner]]] = {}
        for school_class, p in self.seniors:
            rng = self._rng("olympiad", p.pupil_id)
            taught = [c for c in self.school.material.curriculum["olympiad"] if self.year.load_of(school_class, c)]
            takes = rng.random() < 0.16 * np.exp(0.75 * p.ability)
            subject = subjects_liked(rng, p, taught) if taught else ""
            score = p.ability + p.affinity.get(subject, 0) + float(rng.normal(0, 0.4))
            if takes and subject and p.active_on(stages[0][1]):
                entrants.setdefault((subject, self.year.grade(school_class)), []).append((score, school_class, p))
        going: list[tuple[str, float, str, Learner]] = [(s, x, c, p) for (s, _), people in entrants.items() for x, c, p in people]
        for number, (level, day) in enumerate(stages):
            if not self._known(day):
                break
            following: list[tuple[str, float, str, Learner]] = []
            groups: dict[tuple[str, int], list[tuple[float, str, Learner]]] = {}
            for subject, score, school_class, p in going:
                groups.setdefault((subject, self.year.grade(school_class) if number == 0 else 0), []).append((score, school_class, p))
            for (subject, _), people in sorted(groups.items()):
                rng = self._rng("olympiad", level, subject, people[0][1])
                for rank, (score, school_class, p) in enumerate(sorted(people, key=lambda x: (-x[0], x[2].pupil_id))):
                    luck = rng.random()
                    if number == 0:
                        place = rank if rank < 3 and score > 0.2 else 3
                    else:
                        place = 0 if luck < 0.08 else 1 if luck < 0.18 else 2 if luck < 0.32 else 3
                    rows.append(
                        {
                            **self._named(p), "kind": self.answer("F11", "kind", "olympiad"), "subject": subject,
                            "title": self.words["olympiad_title"], "level": self.answer("F11", "level", level), "held_on": day,
                            "place": self.answer("F11", "place", ("1", "2", "3", "took part")[place]),
                            "mentor_id": self._mentor(school_class, subject),
                        }
                    )  # fmt: skip
                    if place == 0 or (number == 1 and place == 1):
                        following.append((subject, score, school_class, p))
            going = following
        return rows
