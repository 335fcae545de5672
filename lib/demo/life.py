"""What else a school writes down in a year: surveys, visits, contests, clubs, events, support, safety, equipment, the plan."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from lib.demo.learning import Contents, Learning, Rows, best, grade_of, subjects_liked
from lib.demo.material import pick, some
from lib.demo.school import Learner, School, YearOfSchool
from lib.i18n import ky_key
from lib.model.calendar import QUARTERS
from lib.templates import Place, plan_rows

LEVELS = ("school", "district", "region", "republic", "international")


class Life:
    """The school-wide forms of one school year up to `as_of`."""

    def __init__(self, school: School, year: YearOfSchool, learning: Learning) -> None:
        self.school, self.year, self.learning = school, year, learning
        self.as_of, self.answer, self.words = school.as_of, school.answers, school.material.words
        self.calendar = year.calendar
        self.first = year.calendar.first_calendar_year
        self.pupils = year.everybody()
        self.seniors = [(c, p) for c, p in self.pupils if grade_of(c) >= 5]
        self.teachers = [t for t in year.teachers.values() if t.teaches]
        self.officers = list(year.teachers.values())[:9]  # director, deputies, organizer, psychologist, social pedagogue, medic, …

    def contents(self) -> Contents:
        """Every school-wide form and association form with its rows."""
        visits, plan = self._visits()
        found: Contents = {
            Place("R1"): self._pupils(), Place("R2C"): self._classes(), Place("R2S"): self.year.staff_rows, Place("R2L"): self._loads(),
            **self.learning.works(), **self._surveys(), **visits, **self._achievements(),
            Place("F06"): self._support_plans(), Place("F10"): self._gifted(), Place("F11"): self._contests(),
            Place("F12"): self._innovations(), Place("F13"): self._publications(), Place("F14"): self._equipment(),
            Place("F15"): self._textbooks(), Place("F16"): self._clubs(), Place("F18"): self._events(), Place("F18S"): self._self_government(),
            Place("F19"): self._cases(), Place("F19R"): self._registers(), Place("F22"): self._safety(), Place("F23"): self._injuries(),
            Place("F24"): self._plan(plan), Place("F25"): self._decisions(), Place("F26"): self._expert(), Place("F27"): self._audits(),
        }  # fmt: skip
        return found

    # --- small things ----------------------------------------------------------------------------------------------------

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

    # --- registers -------------------------------------------------------------------------------------------------------

    def _pupils(self) -> Rows:
        rows: Rows = []
        languages = {c.school_class: c.instruction_language for c in self.year.registry.classes}
        studies, left, home = (self.answer("R1", "status", word) for word in ("studies", "left", "taught at home"))
        for school_class, p in self.pupils:
            rng = self.school.dice.of("R1", p.pupil_id)
            status = left if p.left_on is not None else home if rng.random() < 0.004 else studies
            rows.append(
                {
                    **self._named(p), "sex": p.sex, "school_class": school_class, "instruction_language": languages[school_class],
                    "entered_on": p.entered_on, "left_on": p.left_on, "status": status, "consent_publish": bool(rng.random() < 0.7),
                    "consent_data": bool(rng.random() < 0.98),
                    "family_email": f"{p.pupil_id.lower()}@family.example" if rng.random() < 0.4 else None,
                }
            )  # fmt: skip
        return rows

    def _classes(self) -> Rows:
        return [
            {
                "school_class": c.school_class, "grade": c.grade, "class_teacher_id": c.class_teacher_id,
                "instruction_language": c.instruction_language, "shift": c.shift, "room": c.room,
            }
            for c in self.year.registry.classes
        ]  # fmt: skip

    def _loads(self) -> Rows:
        return [
            {
                "teacher_id": x.teacher_id or None, "subject": x.subject, "school_class": x.school_class, "hours": x.hours, "vacant": x.vacant,
                "programme_approved": x.programme_approved,
            }
            for x in self.year.registry.loads
        ]  # fmt: skip

    # --- surveys ---------------------------------------------------------------------------------------------------------

    def _surveys(self) -> Contents:
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
                if waits or (respondent == "pupil" and grade_of(school_class) < 5):
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

    # --- teachers --------------------------------------------------------------------------------------------------------

    def _visits(self) -> tuple[Contents, Rows]:
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
                    tool, remark = pick(rng, self.words["technologies"]), pick(rng, self.words["visit_comments"])
                    if kind:
                        plan.append(
                            {
                                "id": f"V{number}-{teacher.teacher_id}", "object": f"{texts['object']}: {teacher.teacher_id}, {quarter}",
                                "directions": ["D3"], "form": periodic, "method": texts["method"], "responsible": association,
                                "document": texts["document"], "indicators": ["D3.01", "D3.02"], "due_rule": f"{quarter}.end-3",
                                "status": done_word if happened else planned_word, "done_on": day if happened else None,
                            }
                        )  # fmt: skip
                    if happened:
                        cards[teacher.association].append(
                            {
                                "held_on": day, "visitor_id": visitor, "teacher_id": teacher.teacher_id, "school_class": lesson.school_class,
                                "subject": lesson.subject, "planned": kind, **{f"crit{n + 1}": int(m) for n, m in enumerate(marks)},
                                "ict": bool(ict), "technology": tool if technology else None, "comment": remark if comment else None,
                            }
                        )  # fmt: skip
        ordered = {
            Place("F08", method_association=key): sorted(rows, key=lambda r: (r["held_on"], r["teacher_id"])) for key, rows in cards.items()
        }
        return ordered, plan

    def _achievements(self) -> Contents:
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

    def _innovations(self) -> Rows:
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

    def _publications(self) -> Rows:
        rows: Rows = []
        for teacher in self.teachers:
            rng = self._rng("F13", teacher.teacher_id)
            for kind, chance in (("talk", 0.3), ("article", 0.28), ("collection", 0.1), ("media", 0.15)):
                happens, day = rng.random() < chance + 0.05 * teacher.skill, self._day(rng, pick(rng, QUARTERS))
                level = LEVELS[int(rng.choice(4, p=(0.25, 0.4, 0.2, 0.15)))]
                title = pick(rng, self.words["talks" if kind == "talk" else "articles"])
                if happens and self._known(day):
                    rows.append(
                        {"teacher_id": teacher.teacher_id, "kind": self.answer("F13", "kind", kind), "level": self.answer("F13", "level", level),
                         "held_on": day, "title": title}
                    )  # fmt: skip
        return sorted(rows, key=lambda r: r["held_on"])

    # --- gifted pupils ---------------------------------------------------------------------------------------------------

    def _mentor(self, school_class: str, subject: str | None = None) -> str:
        load = self.year.load_of(school_class, subject) if subject else None
        return (load.teacher_id if load else "") or self.year.class_teachers[school_class]

    def _gifted(self) -> Rows:
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
                **self._named(p), "area": pick(rng, self.words["gifted_areas"]), "mentor_id": self._mentor(homes[p.pupil_id]), "has_plan": bool(has_plan),
            }  # fmt: skip
            if has_plan:
                row |= {"plan_steps": steps, "steps_done": int(rng.binomial(steps, done_share))}
            rows.append(row)
        return rows

    def _contests(self) -> Rows:
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
                    kind != "research project" or grade_of(school_class) >= 5
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
                            "place": self.answer("F11", "place", ("1", "2", "3", "took part")[place]), "mentor_id": self._mentor(school_class),
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
                entrants.setdefault((subject, grade_of(school_class)), []).append((score, school_class, p))
        going: list[tuple[str, float, str, Learner]] = [(s, x, c, p) for (s, _), people in entrants.items() for x, c, p in people]
        for number, (level, day) in enumerate(stages):
            if not self._known(day):
                break
            following: list[tuple[str, float, str, Learner]] = []
            groups: dict[tuple[str, int], list[tuple[float, str, Learner]]] = {}
            for subject, score, school_class, p in going:
                groups.setdefault((subject, grade_of(school_class) if number == 0 else 0), []).append((score, school_class, p))
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

    # --- premises and books ----------------------------------------------------------------------------------------------

    def _equipment(self) -> Rows:
        rows: Rows = []
        size = len(self.pupils)
        pairs = max(1, round(size / 450))
        for cabinet in self.words["cabinets"]:
            for copy in range(1, pairs + 1):
                name = cabinet["name"] if pairs == 1 else f"{cabinet['name']} {copy}"
                for item in self.words["equipment"]:
                    if "only" in item and cabinet["subject"] not in item["only"]:
                        continue
                    rng = self.school.dice.of("F14", name, item["item"])
                    norm = item["norm"]
                    start, growth, ok = rng.beta(4, 2), rng.uniform(0, 0.08), rng.beta(9, 1.6)
                    have = int(min(norm * 1.2, round(norm * min(1.15, start + growth * self.year.number + (0.15 if norm > 10 else 0)))))
                    row = {
                        "cabinet": name, "category": self.answer("F14", "category", item["category"]), "item": item["item"], "norm": norm,
                        "have": have, "have_ok": int(rng.binomial(have, ok)),
                    }  # fmt: skip
                    if item.get("for_pupils"):
                        row["for_pupils"] = True
                    rows.append(row)
        return rows

    def _textbooks(self) -> Rows:
        if not self._known(self.calendar.resolve("Q1.start+9")):
            return []
        rows: Rows = []
        for grade in range(1, 12):
            classes = [c for c in self.year.learners if grade_of(c) == grade]
            taught = dict.fromkeys(x.subject for x in self.year.registry.loads if x.school_class in classes)
            pupils = sum(len(self.year.learners[c]) for c in classes)
            for subject in taught:
                if subject in ("PHE", "MUZ", "DPM"):
                    continue
                rng = self._rng("F15", grade, subject)
                total = int(round(pupils * min(1.25, rng.normal(0.95 + 0.02 * self.year.number, 0.14))))
                total = max(0, total)
                rows.append(
                    {"grade": grade, "subject": subject, "pupils": pupils, "books_total": total, "books_ok": int(rng.binomial(total, 0.95))}
                )
        return rows

    # --- upbringing ------------------------------------------------------------------------------------------------------

    def _clubs(self) -> Rows:
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

    def _events(self) -> Rows:
        rows: Rows = []
        pupils, teacher = self.answer("F18", "initiator", "pupils"), self.answer("F18", "initiator", "teacher")

        def add(day: dt.date, title: str, area: str, initiator: str, done: bool, participants: int, **more: Any) -> None:
            if self._known(day):
                rows.append(
                    {"held_on": day, "title": title, "area": area, "planned": True, "done": done, "participants": participants if done else 0,
                     "initiator": initiator, "parent_meeting": False, **more}
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

    def _self_government(self) -> Rows:
        since = dt.date(self.first, 9, 25)
        if not self._known(since):
            return []
        rows: Rows = []

        def add(p: Learner, body: str, role: str) -> None:
            if p.active_on(since):
                rows.append({**self._named(p), "body": self.answer("F18S", "body", body), "role": role, "from": since, "to": p.left_on})

        chosen = best([p for c, p in self.seniors if grade_of(c) >= 7], "warmth", max(5, len(self.seniors) // 16))
        for number, p in enumerate(chosen):
            add(p, "parliament", self.words["parliament_roles"][min(number // 2, 2) if number else 0])
        for school_class, learners in self.year.learners.items():
            if grade_of(school_class) >= 5:
                for p, role in zip(best(learners, "effort", 3), self.words["council_roles"], strict=False):
                    add(p, "class council", role)
        roles = self.words["organisation_roles"]
        for school_class, p in self.pupils:
            rng = self._rng("F18S", p.pupil_id)
            if 2 <= grade_of(school_class) <= 9 and rng.random() < 0.33 + 0.08 * p.warmth:
                add(p, "children's organisation", roles[0] if rng.random() < 0.06 else roles[1])
        return rows

    # --- support, safety, health -----------------------------------------------------------------------------------------

    def _support_plans(self) -> Rows:
        rows: Rows = []
        status = {word: self.answer("F06", "status", word) for word in ("open", "closed")}
        results = [self.answer("F06", "result", word) for word in ("improved", "the same", "worsened")]
        confirmed, dismissed = self.answer("F06", "flag_decision", "confirmed"), self.answer("F06", "flag_decision", "dismissed")
        for school_class, p, quarter in self.learning.at_risk():
            rng = self._rng("F06", p.pupil_id)
            opened = self.calendar.period(quarter).end + dt.timedelta(days=int(rng.integers(2, 14)))
            review = opened + dt.timedelta(days=int(rng.integers(30, 60)))
            wanted, ends, fate = rng.random() < 0.78, rng.random() < 0.55, rng.random()
            result = results[int(rng.choice(3, p=(0.55, 0.35, 0.1)))]
            reason, measure = pick(rng, self.words["reasons"]), pick(rng, self.words["measures"])
            why = pick(rng, self.words["dismissed"])
            if not wanted or not self._known(opened):
                continue
            row = {
                **self._named(p), "opened_on": opened, "reason": reason, "measures": measure,
                "responsible_id": self.year.class_teachers[school_class], "review_on": review, "status": status["open"],
            }  # fmt: skip
            if self._known(review) and ends:
                row |= {"status": status["closed"], "result": result}
            if fate < 0.6:
                row["flag_decision"] = confirmed
            elif fate < 0.7:
                row |= {"flag_decision": dismissed, "decision_reason": why}
            rows.append(row)
        return sorted(rows, key=lambda r: (r["opened_on"], r["pupil_id"]))

    def _cases(self) -> Rows:
        rows: Rows = []
        for _, p in self.pupils:
            rng = self._rng("F19", p.pupil_id)
            asked = self.calendar.start + dt.timedelta(days=int(rng.integers(5, 230)))
            opened = asked + dt.timedelta(days=int(rng.integers(0, 3)))
            helped = asked + dt.timedelta(days=int(rng.gamma(2.2, 2.6)))
            closed = helped + dt.timedelta(days=int(rng.integers(20, 140)))
            gets_help, closes, psychologist = rng.random() < 0.9, rng.random() < 0.5, rng.random() < 0.5
            category = pick(rng, self.words["support_categories"])
            if not (p.care and self._known(opened) and p.active_on(opened)):
                continue
            row: dict[str, Any] = {**self._named(p), "category": category, "opened_on": opened, "requested_on": asked}
            if gets_help and self._known(helped):
                row |= {"first_help_on": helped, "specialist_id": self.officers[4 if psychologist else 5].teacher_id}
                if closes and self._known(closed):
                    row["closed_on"] = closed
            rows.append(row)
        return sorted(rows, key=lambda r: (r["opened_on"], r["pupil_id"]))

    def _registers(self) -> Rows:
        rows: Rows = []
        at_school, juvenile = self.answer("F19R", "register", "school"), self.answer("F19R", "register", "juvenile inspection")
        for school_class, p in self.pupils:
            rng = self._rng("F19R", p.pupil_id)
            chance = 0.013 * np.exp(-1.0 * p.warmth) if grade_of(school_class) >= 5 else 0.0
            happens, serious, ends = rng.random() < chance, rng.random() < 0.2, rng.random() < 0.35
            day = self._day(rng, pick(rng, QUARTERS[:3]))
            end, kind = day + dt.timedelta(days=int(rng.integers(60, 150))), pick(rng, self.words["incident_kinds"])
            if happens and self._known(day) and p.active_on(day):
                rows.append(
                    {**self._named(p), "register": juvenile if serious else at_school, "from": day, "to": end if ends and self._known(end) else None,
                     "incident_on": day - dt.timedelta(days=3), "kind": kind}
                )  # fmt: skip
        return sorted(rows, key=lambda r: (r["from"], r["pupil_id"]))

    def _safety(self) -> Rows:
        rows: Rows = []
        yes, no, none = (self.answer("F22", "result", *words) for words in (("yes",), ("no", "none"), ("not applicable",)))
        for number, quarter in enumerate(QUARTERS):
            day = self.calendar.quarters[number][0] + dt.timedelta(days=14)
            if not self._known(day):
                break
            for area, items in self.words["safety"].items():
                for item in items:
                    rng = self._rng("F22", quarter, item["item"])
                    critical = item.get("critical", False)
                    luck, fixes, slow = rng.random(), rng.random() < 0.88, rng.random() < 0.2
                    fix_by = day + dt.timedelta(days=14)
                    fixed = fix_by + dt.timedelta(days=int(rng.integers(1, 15)) if slow else -int(rng.integers(1, 9)))
                    bad = luck < (0.05 if critical else 0.14) - 0.01 * self.year.number
                    row: dict[str, Any] = {
                        "checked_on": day, "area": self.answer("F22", "area", area), "item": item["item"], "critical": critical,
                        "result": no if bad else none if luck > 0.985 and not critical else yes,
                    }  # fmt: skip
                    if bad:
                        row["fix_by"] = fix_by
                        if (fixes or critical) and self._known(fixed):
                            row["fixed_on"] = fixed
                    rows.append(row)
        return rows

    def _injuries(self) -> Rows:
        rows: Rows = []
        degrees = [self.answer("F23", "severity", word) for word in ("light", "medium", "grave")]
        for number, (_, p) in enumerate(self.pupils):
            rng = self._rng("F23", p.pupil_id)
            happens, quarter = rng.random() < 0.02, pick(rng, QUARTERS)
            day, degree = self._day(rng, quarter), degrees[int(rng.choice(3, p=(0.8, 0.17, 0.03)))]
            place, lesson = pick(rng, self.words["injury_places"]), rng.random() < 0.45
            if happens and self._known(day) and p.active_on(day):
                rows.append(
                    {"happened_on": day, **self._named(p), "place": place, "severity": degree, "in_lesson": bool(lesson),
                     "act_no": f"{self.words['act']}{number + 1}" if degree != degrees[0] else None}
                )  # fmt: skip
        return sorted(rows, key=lambda r: (r["happened_on"], r["pupil_id"]))

    # --- monitoring itself -----------------------------------------------------------------------------------------------

    def _plan(self, visits: Rows) -> Rows:
        """The yearly plan with what has been done, on time or late; the plan of visits stands below it."""
        rng = self._rng("F24")
        under_way, done = self.answer("F24", "status", "in progress"), self.answer("F24", "status", "done")
        form = self.school.settings.forms["F24"]
        rows: Rows = plan_rows(form, self.school.settings, self.calendar)
        for row in rows:
            due = self.calendar.resolve(row["due_rule"])
            luck, early, late = rng.random(), int(rng.integers(0, 5)), int(rng.integers(1, 12))
            if luck < 0.88:
                on = due - dt.timedelta(days=early)
            else:
                on = due + dt.timedelta(days=late)
            if self._known(on) and luck < 0.97:
                row |= {"status": done, "done_on": on}
                if on > due:
                    row["note"] = self.words["late_note"]
            elif due - dt.timedelta(days=10) <= self.as_of:
                row["status"] = under_way
        return rows + visits

    def _decisions(self) -> Rows:
        rows: Rows = []
        planned, under_way, done = (self.answer("F25", "status", word) for word in ("planned", "in progress", "done"))
        for number, quarter in enumerate(QUARTERS):
            day = self.calendar.resolve(f"{quarter}.end+10")
            if not self._known(day):
                break
            rng = self._rng("F25", quarter)
            for place, finding in enumerate(some(rng, self.words["findings"], 4), 1):
                due = day + dt.timedelta(days=int(rng.integers(20, 75)))
                luck, effect = rng.random(), pick(rng, self.words["effects"])
                on = due - dt.timedelta(days=int(rng.integers(0, 9))) if luck < 0.8 else due + dt.timedelta(days=int(rng.integers(2, 20)))
                value, person = round(float(rng.uniform(40, 95)), 1), pick(rng, self.officers[1:4]).teacher_id
                row: dict[str, Any] = {
                    "id": f"B{self.first}-{number + 1}{place:02d}", "decided_on": day, "indicator": finding["indicator"], "period": quarter,
                    "value": value, "finding": finding["finding"], "decision": finding["decision"], "responsible_id": person, "due_on": due,
                    "status": under_way if luck < 0.9 else planned,
                }  # fmt: skip
                if self._known(on) and luck < 0.93:
                    row |= {"status": done, "done_on": on, "effect": effect}
                rows.append(row)
        return rows

    def _expert(self) -> Rows:
        rows: Rows = []
        for half, quarter in (("H1", "Q2"), ("H2", "Q4")):
            day = self.calendar.period(quarter).end + dt.timedelta(days=6)
            if not self._known(day):
                continue
            for indicator in ("D1.02", "D2.09", "D3.01", "D4.07", "D5.05", "D7.04", "D8.02"):
                rng = self._rng("F26", half, indicator)
                level = int(rng.choice(4, p=(0.03, 0.2, 0.5, 0.27)))
                texts = self.words["expert_comments"]
                rows.append(
                    {
                        "indicator": indicator, "period": half, "level": level, "comment": texts[{3: 0, 2: 1}.get(level, 2)],
                        "expert_id": pick(rng, self.officers[:3]).teacher_id, "signed_on": day,
                    }
                )  # fmt: skip
        return rows

    def _audits(self) -> Rows:
        rows: Rows = []
        for number, audit in enumerate(self.words["audits"]):
            rng = self._rng("F27", number)
            day = self._day(rng, QUARTERS[number % 4])
            due = day + dt.timedelta(days=30)
            fixed = due - dt.timedelta(days=int(rng.integers(-6, 12)))
            if not self._known(day):
                continue
            row: dict[str, Any] = {
                "held_on": day, "object": audit["object"], "direction": audit["direction"], "auditor_id": pick(rng, self.officers[:3]).teacher_id,
                "finding": audit["finding"], "strength": audit.get("strength", False),
            }  # fmt: skip
            if "recommendation" in audit:
                row |= {"recommendation": audit["recommendation"], "due_on": due, "fixed_on": fixed if self._known(fixed) else None}
            rows.append(row)
        return sorted(rows, key=lambda r: r["held_on"])
