"""What is written down about teachers: lesson visits, contests, innovation, publications."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from lib.demo.learning import Contents, Rows
from lib.demo.material import pick, some
from lib.demo.scene import LEVELS, Scene
from lib.model.calendar import QUARTERS
from lib.templates import Place


class Teaching(Scene):
    """The work of teachers."""

    def visits(self) -> tuple[Contents, Rows]:
        """Lesson observation cards by association, and the rows of the yearly plan that foresee them."""
        cards: dict[str, Rows] = {key: [] for key in self.school.settings.associations}
        plan: Rows = []
        texts = self.words["visit_plan"]
        periodic, planned_word, done_word = (
            self.answer("F24", "form", "periodic"), self.answer("F24", "status", "planned"), self.answer("F24", "status", "done"),
        )  # fmt: skip
        heads = {t.association: t.teacher_id for t in reversed(self.teachers)}
        for teacher in self.teachers:
            lessons = [x for x in self.year.registry.loads if x.teacher_id == teacher.teacher_id]
            if not lessons:
                continue
            rng = self._rng("F08", teacher.teacher_id)
            association = self.school.settings.associations[teacher.association].ky
            for number, quarter in enumerate(QUARTERS, 1):
                planned = rng.random() < 0.85
                extra = rng.random() < 0.25
                for kind in ([True] if planned else []) + ([False] if extra else []):
                    lesson = pick(rng, lessons)
                    day = self._day(rng, quarter)
                    level = 1.42 + 0.55 * teacher.skill + 0.05 * self.year.number
                    marks = np.clip(np.rint(rng.normal(level, 0.5, 10)), 0, 2).astype(int)
                    ict, technology, comment = rng.random() < 0.62, rng.random() < 0.4, rng.random() < 0.5
                    happened = rng.random() < (0.88 if kind else 1.0) and self._known(day)
                    visitor = (
                        heads[teacher.association] if heads[teacher.association] != teacher.teacher_id and rng.random() < 0.6 else "T002"
                    )
                    where = f"{lesson.school_class}, {self.school.settings.subjects[lesson.subject].name.ky}"
                    tool, remark = pick(rng, self.words["technologies"]), pick(rng, self.words["visit_comments"])
                    if kind:
                        plan.append(
                            {
                                "id": f"V{number}-{teacher.teacher_id}", "object": f"{texts['object']}: {where}",
                                "directions": ["D3"], "form": periodic, "method": texts["method"], "responsible": association,
                                "document": texts["document"], "indicators": ["D3.01", "D3.02"], "due_rule": f"{quarter}.end-3",
                                "status": done_word if happened else planned_word, "done_on": day if happened else None,
                            }
                        )  # fmt: skip
                    if happened:
                        cards[teacher.association].append(
                            {
                                "held_on": day, "visitor_id": visitor, "teacher_id": teacher.teacher_id,
                                "school_class": lesson.school_class, "subject": lesson.subject, "planned": kind,
                                **{f"crit{n + 1}": int(m) for n, m in enumerate(marks)},
                                "level": round(1.5 * float(marks.mean())), "ict": bool(ict), "technology": tool if technology else None,
                                "comment": remark if comment else None,
                            }
                        )  # fmt: skip
        ordered = {
            Place("F08", method_association=key): sorted(rows, key=lambda r: (r["held_on"], r["teacher_id"])) for key, rows in cards.items()
        }
        return ordered, plan

    def achievements(self) -> Contents:
        """Professional cards by association."""
        cards: dict[str, Rows] = {key: [] for key in self.school.settings.associations}
        kinds = {
            "contest": ("contests", 0.16), "open lesson": ("open_lessons", 0.5), "self-education": ("self_study", 0.6),
        }  # fmt: skip
        for teacher in self.teachers:
            rng = self._rng("F09", teacher.teacher_id)
            for kind, (texts, chance) in kinds.items():
                happens = rng.random() < chance + 0.1 * teacher.skill
                day = self._day(rng, pick(rng, QUARTERS))
                level = int(rng.choice(4, p=(0.5, 0.32, 0.13, 0.05)))
                place = int(rng.choice(4, p=(0.1, 0.13, 0.17, 0.6)))
                name = pick(rng, self.words[texts])
                if happens and self._known(day):
                    row: dict[str, Any] = {
                        "teacher_id": teacher.teacher_id,
                        "kind": self.answer("F09", "kind", kind),
                        "name": name,
                        "held_on": day,
                    }
                    if kind != "self-education":
                        row["level"] = self.answer("F09", "level", LEVELS[level])
                    if kind == "contest":
                        row["place"] = self.answer("F09", "place", ("1", "2", "3", "took part")[place])
                    cards[teacher.association].append(row)
        return {Place("F09", method_association=key): sorted(rows, key=lambda r: r["held_on"]) for key, rows in cards.items()}

    def innovations(self) -> Rows:
        """Projects run for one to three years: each year's list holds those that were alive in it."""
        rows: Rows = []
        running, finished, stopped = (self.answer("F12", "status", word) for word in ("running", "finished", "stopped"))
        for number, title in enumerate(self.words["innovation_titles"]):
            rng = self.school.dice.of("F12", title)
            started = dt.date(self.school.last_first_year - number % 3, 9, 15) + dt.timedelta(days=int(rng.integers(0, 60)))
            ended = started + dt.timedelta(days=int(rng.integers(240, 800)))
            level = self.answer("F12", "level", LEVELS[int(rng.choice(4, p=(0.5, 0.25, 0.15, 0.1)))])
            teachers = self.school.some_teachers(rng, int(rng.integers(2, 6)))
            effect, breaks = int(rng.choice(4, p=(0.05, 0.2, 0.45, 0.3))), rng.random() < 0.12
            classes = some(rng, list(self.year.learners), 3)
            if not self.calendar.start <= ended or started > min(self.as_of, self.calendar.end):
                continue
            over = ended <= min(self.as_of, self.calendar.end)
            old = (min(self.as_of, self.calendar.end) - started).days >= 365
            rows.append(
                {
                    "title": title, "level": level, "started_on": started, "ended_on": ended if over else None,
                    "status": (stopped if breaks else finished) if over else running, "teacher_ids": teachers, "classes": classes,
                    "expected": self.words["innovation_expected"], "effect": effect if over or old else None,
                }
            )  # fmt: skip
        return rows

    def publications(self) -> Rows:
        rows: Rows = []
        for teacher in self.teachers:
            rng = self._rng("F13", teacher.teacher_id)
            for kind, chance in (("talk", 0.3), ("article", 0.28), ("collection", 0.1), ("media", 0.15)):
                happens, day = rng.random() < chance + 0.05 * teacher.skill, self._day(rng, pick(rng, QUARTERS))
                level = LEVELS[int(rng.choice(4, p=(0.25, 0.4, 0.2, 0.15)))]
                title = pick(rng, self.words["talks" if kind == "talk" else "articles"])
                if happens and self._known(day):
                    rows.append(
                        {"teacher_id": teacher.teacher_id, "kind": self.answer("F13", "kind", kind),
                         "level": self.answer("F13", "level", level), "held_on": day, "title": title}
                    )  # fmt: skip
        return sorted(rows, key=lambda r: r["held_on"])
