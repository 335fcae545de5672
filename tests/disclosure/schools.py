"""Random invented schools with tiny stages, as cells of an edition: what a second edition of them changes, and how quarters add up."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from lib.publication.disclosure import Cell

YEAR = "2025-2026"
STAGES = ("primary", "basic", "secondary")
SUBJECTS = ("MAT", "KYR", "RUS", "ENG", "PHY", "BIO")
MARKS = ("5", "4", "3", "2", "na")
POINTS = {"5": 5, "4": 4, "3": 3, "2": 2, "na": 0}
# yes/no about each pupil: indicator → how likely it is, drawn anew for each school
TRAITS = {"D1.05": (0.1, 0.8), "D2.01": (0.0, 0.15), "D2.06": (0.0, 0.6), "D7.01": (0.0, 1.0), "D8.03": (0.5, 1.0), "D2.02": (0.0, 0.05)}


@dataclass
class Pupil:
    """What a figure counts of one pupil."""

    stage: str
    marks: dict[str, str]
    traits: dict[str, bool]
    upbringing: int  # 1–5
    prizes: list[str] = field(default_factory=list)  # a subject each
    events: dict[str, int] = field(default_factory=dict)  # quarter → how many
    meetings: dict[str, tuple[int, int]] = field(default_factory=dict)  # quarter → came to, of
    injuries: dict[str, int] = field(default_factory=dict)


class School:
    """One random school; `cells` are its figures for a period."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        draw = self.random
        sizes = {
            stage: draw.choice((0, draw.randint(1, 9), draw.randint(10, 25), draw.randint(10, 60), draw.randint(40, 150)))
            for stage in STAGES
        }
        if not any(sizes.values()):
            sizes["basic"] = draw.randint(3, 40)
        self.taught = {subject: draw.sample(STAGES, draw.randint(1, 3)) for subject in SUBJECTS}
        self.chance = {code: draw.uniform(*between) for code, between in TRAITS.items()}
        self.weights = {
            subject: (draw.random() + 0.1, 1, draw.random(), draw.random() ** 4 * 0.3, draw.random() ** 6 * 0.2) for subject in SUBJECTS
        }
        self.prizes = draw.random() ** 3
        self.pupils = [self._pupil(stage) for stage, size in sizes.items() for _ in range(size)]

    def _pupil(self, stage: str) -> Pupil:
        draw = self.random
        return Pupil(
            stage,
            {s: draw.choices(MARKS, self.weights[s])[0] for s in SUBJECTS if stage in self.taught[s] and draw.random() < 0.97},
            {code: draw.random() < chance for code, chance in self.chance.items()},
            draw.randint(2, 5),
            [draw.choice(SUBJECTS) for _ in range(3) if draw.random() < self.prizes],
            {quarter: draw.choice((0, 0, 1, 3)) for quarter in ("Q1", "Q2")},
            {quarter: (draw.randint(0, 2), 2) for quarter in ("Q1", "Q2")},
            {quarter: int(draw.random() < 0.02) for quarter in ("Q1", "Q2")},
        )

    def correct(self) -> None:
        """What happens between two editions of the same period: late pupils, corrected marks and lists; sometimes a whole class comes."""
        draw = self.random
        present = sorted({pupil.stage for pupil in self.pupils})
        for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
            self.pupils.append(self._pupil(draw.choice(present)))
        if draw.random() < 0.2:
            stage = draw.choice(present)
            self.pupils += [self._pupil(stage) for _ in range(draw.randint(8, 25))]
        for _ in range(draw.choice((0, 1, 2, 5, 20))):
            pupil = draw.choice(self.pupils)
            if pupil.marks:
                subject = draw.choice(sorted(pupil.marks))
                pupil.marks[subject] = draw.choices(MARKS, self.weights[subject])[0]
        for _ in range(draw.choice((0, 1, 2, 15))):
            code = draw.choice(list(TRAITS))
            pupil = draw.choice(self.pupils)
            pupil.traits[code] = not pupil.traits[code]

    def counts(self, cut: str, group: str) -> Counter[str]:
        """How many of each mark there are in a group."""
        chosen = [pupil for pupil in self.pupils if cut != "stage" or pupil.stage == group]
        return Counter(mark for pupil in chosen for subject, mark in pupil.marks.items() if cut != "subject" or subject == group)

    def cells(self, period: str) -> list[Cell]:
        """The figures of all kinds of indicators for a period: school, stages, and subjects where an indicator has them."""
        quarters = {"H1": ("Q1", "Q2")}.get(period, (period,))
        stages = [("school", ""), *(("stage", stage) for stage in STAGES)]
        subjects = [("subject", subject) for subject in SUBJECTS]
        found = []

        def add(code: str, cut: str, group: str, numerator: float | None, denominator: float | None, scale: float) -> None:
            empty = numerator is None or denominator == 0
            value = None if empty else scale * numerator / (denominator or 1)
            status = "not_applicable" if empty else "ok"
            found.append(Cell(code, YEAR, period, cut, group, None if empty else numerator, denominator, value, status))

        for cut, group in (*stages, *subjects):
            n = self.counts(cut, group)
            every = sum(n.values())
            add("D1.01", cut, group, n["5"] + n["4"] + n["3"], every, 100)
            add("D1.02", cut, group, n["5"] + n["4"], every, 100)
            add("D1.04", cut, group, sum(POINTS[mark] * count for mark, count in n.items()), every - n["na"], 1)
        for cut, group in stages:
            chosen = [pupil for pupil in self.pupils if cut == "school" or pupil.stage == group]
            for code in TRAITS:
                add(code, cut, group, sum(pupil.traits[code] for pupil in chosen), len(chosen), 100)
            add("D7.04", cut, group, sum(pupil.upbringing for pupil in chosen), len(chosen), 1)
            add("D4.07", cut, group, sum(len(pupil.prizes) for pupil in chosen) if chosen else None, None, 1)
            add("D7.03", cut, group, sum(pupil.events[q] for pupil in chosen for q in quarters), len(chosen), 1)
            came = [pupil.meetings[q] for pupil in chosen for q in quarters]
            add("D7.05", cut, group, sum(a for a, _ in came), sum(b for _, b in came), 100)
        add("D9.07", "school", "", sum(pupil.injuries[q] for pupil in self.pupils for q in quarters), len(self.pupils), 1000)
        pupils = len(self.pupils)
        for cut, group in (("school", ""), *subjects):
            won = [subject for pupil in self.pupils for subject in pupil.prizes if cut == "school" or subject == group]
            winners = sum(any(cut == "school" or subject == group for subject in pupil.prizes) for pupil in self.pupils)
            add("D4.03", cut, group, winners, pupils, 100)
            add("D4.04", cut, group, 1.5 * len(won), pupils, 100)
            add("D4.05", cut, group, len(won), None, 1)
        return found
