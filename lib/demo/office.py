"""What the office writes down: registers, equipment, books, the yearly plan, decisions, expert opinions, audits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from lib.demo.learning import Rows
from lib.demo.material import pick, some
from lib.demo.scene import Scene
from lib.model.calendar import QUARTERS
from lib.model.indicator import Indicator
from lib.templates import plan_rows


class Office(Scene):
    """Registers, premises and the monitoring itself."""

    def pupil_rows(self) -> Rows:
        rows: Rows = []
        languages = {c.school_class: c.instruction_language for c in self.year.registry.classes}
        studies, left, home = (self.answer("R1", "status", word) for word in ("studies", "left", "taught at home"))
        for school_class, p in self.pupils:
            rng = self.school.dice.of("R1", p.pupil_id)
            status = left if p.left_on is not None else home if rng.random() < 0.004 else studies
            publish = bool(rng.random() < 0.7)
            rows.append(
                {
                    **self._named(p), "sex": p.sex, "school_class": school_class, "instruction_language": languages[school_class],
                    "entered_on": p.entered_on, "left_on": p.left_on, "status": status, "consent_publish": publish,
                    "consent_publish_on": p.entered_on if publish else None, "consent_data": bool(rng.random() < 0.98),
                    "family_email": f"{p.pupil_id.lower()}@family.example" if rng.random() < 0.4 else None,
                }
            )  # fmt: skip
        return rows

    def classes(self) -> Rows:
        return [
            {
                "school_class": c.school_class, "grade": c.grade, "class_teacher_id": c.class_teacher_id,
                "instruction_language": c.instruction_language, "shift": c.shift, "room": c.room,
            }
            for c in self.year.registry.classes
        ]  # fmt: skip

    def loads(self) -> Rows:
        return [
            {
                "teacher_id": x.teacher_id or None, "subject": x.subject, "school_class": x.school_class, "hours": x.hours,
                "vacant": x.vacant,
                "programme_approved": x.programme_approved,
            }
            for x in self.year.registry.loads
        ]  # fmt: skip

    def equipment(self) -> Rows:
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

    def textbooks(self) -> Rows:
        if not self._known(self.calendar.resolve("Q1.start+9")):
            return []
        rows: Rows = []
        for grade in range(1, 12):
            classes = [c for c in self.year.learners if self.year.grade(c) == grade]
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

    def plan(self, visits: Rows) -> Rows:
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

    def decisions(self) -> Rows:
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
                indicator = self.school.settings.indicators[finding["indicator"]]
                classes = [c for c in self.year.learners if self.school.settings.marked(self.year.id, self.year.grade(c))]
                by_class = "school_class" in indicator.by and "Q" in indicator.periods and rng.random() < 0.5
                school_class = pick(rng, classes) if by_class else ""
                on = due - dt.timedelta(days=int(rng.integers(0, 9))) if luck < 0.8 else due + dt.timedelta(days=int(rng.integers(2, 20)))
                person = pick(rng, self.officers[1:4]).teacher_id
                row: dict[str, Any] = {
                    "id": f"B{self.first}-{number + 1}{place:02d}", "decided_on": day, "indicator": indicator.code,
                    "group": school_class or None, "period": self._own_period(indicator, quarter), "finding": finding["finding"],
                    "decision": finding["decision"], "responsible_id": person, "due_on": due,
                    "status": under_way if luck < 0.9 else planned,
                }  # fmt: skip
                if self._known(on) and luck < 0.93:
                    row |= {"status": done, "done_on": on, "effect": effect}
                rows.append(row)
        return rows

    def _own_period(self, indicator: Indicator, quarter: str) -> str:
        """The quarter, or the half-year or year that it belongs to where the indicator has no quarters."""
        return next((p for p in (quarter, "H1" if quarter in ("Q1", "Q2") else "H2") if p[0] in indicator.periods), "Y")

    def expert(self) -> Rows:
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

    def audits(self) -> Rows:
        rows: Rows = []
        for number, audit in enumerate(self.words["audits"]):
            rng = self._rng("F27", number)
            day = self._day(rng, QUARTERS[number % 4])
            due = day + dt.timedelta(days=30)
            fixed = due - dt.timedelta(days=int(rng.integers(-6, 12)))
            if not self._known(day):
                continue
            row: dict[str, Any] = {
                "held_on": day, "object": audit["object"], "direction": audit["direction"],
                "auditor_id": pick(rng, self.officers[:3]).teacher_id,
                "finding": audit["finding"], "strength": audit.get("strength", False),
                "level": 3 if audit.get("strength") else 1 + number % 2,
            }  # fmt: skip
            if "recommendation" in audit:
                row |= {"recommendation": audit["recommendation"], "due_on": due, "fixed_on": fixed if self._known(fixed) else None}
            rows.append(row)
        return sorted(rows, key=lambda r: r["held_on"])
