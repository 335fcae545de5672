"""Support plans, cases, registrations, safety checks and injuries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from lib.demo.learning import Rows
from lib.demo.material import pick
from lib.demo.scene import Scene
from lib.model.calendar import QUARTERS


class Care(Scene):
    """Support, safety and health."""

    def support_plans(self) -> Rows:
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

    def cases(self) -> Rows:
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

    def registers(self) -> Rows:
        rows: Rows = []
        at_school, juvenile = self.answer("F19R", "register", "school"), self.answer("F19R", "register", "juvenile inspection")
        for school_class, p in self.pupils:
            rng = self._rng("F19R", p.pupil_id)
            chance = 0.013 * np.exp(-1.0 * p.warmth) if self.year.grade(school_class) >= 5 else 0.0
            happens, serious, ends = rng.random() < chance, rng.random() < 0.2, rng.random() < 0.35
            day = self._day(rng, pick(rng, QUARTERS[:3]))
            end, kind = day + dt.timedelta(days=int(rng.integers(60, 150))), pick(rng, self.words["incident_kinds"])
            if happens and self._known(day) and p.active_on(day):
                rows.append(
                    {**self._named(p), "register": juvenile if serious else at_school, "from": day,
                     "to": end if ends and self._known(end) else None,
                     "incident_on": day - dt.timedelta(days=3), "kind": kind}
                )  # fmt: skip
        return sorted(rows, key=lambda r: (r["from"], r["pupil_id"]))

    def safety(self) -> Rows:
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

    def injuries(self) -> Rows:
        rows: Rows = []
        degrees = [self.answer("F23", "severity", word) for word in ("light", "medium", "grave")]
        for number, (_, p) in enumerate(self.pupils):
            rng = self._rng("F23", p.pupil_id)
            happens, quarter = rng.random() < 0.012, pick(rng, QUARTERS)
            day, degree = self._day(rng, quarter), degrees[int(rng.choice(3, p=(0.8, 0.17, 0.03)))]
            place, lesson = pick(rng, self.words["injury_places"]), rng.random() < 0.45
            if happens and self._known(day) and p.active_on(day):
                rows.append(
                    {"happened_on": day, **self._named(p), "place": place, "severity": degree, "in_lesson": bool(lesson),
                     "act_no": f"{self.words['act']}{number + 1}" if degree != degrees[0] else None}
                )  # fmt: skip
        return sorted(rows, key=lambda r: (r["happened_on"], r["pupil_id"]))
