"""A child's figures become sentences: the rules of config/family.yaml, applied to nothing but the child's own figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lib import i18n
from lib.family.child import Child, Contest, Days, SubjectMarks
from lib.family.rules import RECOMMENDATIONS, Family, Rule
from lib.settings import Settings

_WEAK, _HIGH, _BASE = 3, 3, 2  # a mark up to 3 wants work; a competence at 3 is high, below 2 under the base level
_LISTED = 4


class Sentences:
    """What is said about one child, in the language of the reader."""

    def __init__(self, child: Child, family: Family, loaded: Settings) -> None:
        self._child, self._family, self._loaded = child, family, loaded
        self._weak = [m for m in child.marks if m.now is not None and (m.now <= _WEAK or (m.step or 0) < 0)]
        self._figures = figures(child)
        self._weak_in = frozenset(loaded.subjects[m.subject].association for m in self._weak)

    def progress(self) -> str:
        """How the child's marks, or skills, stand against the child's own earlier ones."""
        return self._say(self._holding(self._family.progress)[0])

    def strengths(self) -> list[str]:
        """What the child is good at; at least one sentence."""
        holding = self._holding(self._family.strengths)
        found = [rule for rule in holding if not rule.always] or holding
        return [self._say(rule) for rule in found[: self._family.most_strengths]]

    def recommendations(self) -> list[str]:
        """Exactly two things to do at home."""
        return [self._say(rule) for rule in self._holding(self._family.recommendations)[:RECOMMENDATIONS]]

    def questions(self, who: str) -> list[str]:
        """Questions for self-assessment: of the "pupil" or of the "family"."""
        fitting = (q for q in self._family.questions if q.who == who and (not q.stages or self._child.stage in q.stages))
        return [question.text.of(i18n.language()) for question in fitting]

    def _holding(self, rules: Sequence[Rule]) -> list[Rule]:
        return [rule for rule in rules if rule.holds(self._figures, self._weak_in)]

    def _say(self, rule: Rule) -> str:
        weak = [m for m in self._weak if not rule.weak_in or self._loaded.subjects[m.subject].association in rule.weak_in]
        return rule.text.of(i18n.language()).format_map(self._slots(weak))

    def _slots(self, weak: Sequence[SubjectMarks]) -> dict[str, str]:
        child, days = self._child, newest(self._child.days)
        return {
            "subjects_up": self._subjects(child.changed(1)),
            "subjects_down": self._subjects(child.changed(-1)),
            "subjects_best": self._subjects([m for m in child.marks if m.now == 5]),
            "subjects_weak": self._subjects(sorted(weak, key=lambda m: m.now or 0)),
            "unattested": self._subjects([m for m in child.marks if m.open]),
            "attended": i18n.percent(days.attended, 0) if days else "",
            "missed": str(days.missed) if days else "",
            "missed_unexcused": str(days.unexcused) if days else "",
            "late": str(days.late) if days and days.late is not None else "",
            "clubs": ", ".join(child.clubs[:_LISTED]),
            "contests": "; ".join(self.contest(contest) for contest in child.contests[:_LISTED]),
            "roles": "; ".join(self.role(*role) for role in child.roles[:_LISTED]),
            "levels_high": self._skills([s.competence for s in child.skills if s.now == _HIGH]),
            "levels_low": self._skills([s.competence for s in child.skills if s.now is not None and s.now < _BASE]),
        }

    def contest(self, contest: Contest) -> str:
        """A contest in words: title, level, and the place when it is one."""
        told = [self._choice("F11", "level", contest.level), self._choice("F11", "place", contest.place)]
        place = i18n.gettext("place: {n}", n=told[1]) if contest.place.isdigit() else told[1]
        return f"{contest.title} ({', '.join(word for word in (told[0], place) if word)})"

    def role(self, role: str, body: str) -> str:
        """A role in self-government: the role, and in brackets the body."""
        return f"{role} ({self._choice('F18S', 'body', body)})"

    def skill(self, competence: str) -> str:
        """The competence's name."""
        return self._choice("F07", "competence", competence)

    def subject(self, code: str) -> str:
        """The subject's name."""
        return self._loaded.subjects[code].name.of(i18n.language())

    def _subjects(self, marks: Iterable[SubjectMarks]) -> str:
        return ", ".join(self.subject(m.subject) for m in list(marks)[:_LISTED])

    def _skills(self, competences: Iterable[str]) -> str:
        return ", ".join(self.skill(name) for name in competences)

    def _choice(self, form: str, column: str, key: str) -> str:
        choices = self._loaded.forms[form].by_key[column].choices
        return next((c.words.of(i18n.language()) for c in choices if c.key == key), key)


def newest(days: Sequence[Days]) -> Days | None:
    """The newest quarter with attendance."""
    return days[-1] if days else None


def figures(child: Child) -> dict[str, float | None]:
    """The figures that conditions may speak of (lib.family.rules.FIGURES); None: not there."""
    now = [m.now for m in child.marks if m.now is not None]
    days, means = newest(child.days), child.means
    compared = any(m.step is not None for m in child.marks)

    def count(numbers: Iterable[object], there: bool) -> float | None:
        return float(len(list(numbers))) if there else None

    steps = [s.now - s.before for s in child.skills if s.now is not None and s.before is not None]
    return {
        "mean": sum(now) / len(now) if now else None,
        "mean_change": round(means[0] - means[1], 9) if means else None,
        "marks_up": count(child.changed(1), compared),
        "marks_down": count(child.changed(-1), compared),
        "marks_same": count(child.changed(0), compared),
        "fives": count((m for m in now if m == 5), bool(now)),
        "threes": count((m for m in now if m == 3), bool(now)),
        "twos": count((m for m in now if m == 2), bool(now)),
        "unattested": count((m for m in child.marks if m.open), bool(child.marks)),
        "attended": days.attended if days else None,
        "attended_change": days.attended - child.days[-2].attended if days and len(child.days) > 1 else None,
        "missed": float(days.missed) if days else None,
        "missed_unexcused": float(days.unexcused) if days else None,
        "late": float(days.late) if days and days.late is not None else None,
        "clubs": float(len(child.clubs)),
        "contests": float(len(child.contests)),
        "roles": float(len(child.roles)),
        "levels_up": count((step for step in steps if step > 0), bool(steps)),
        "levels_high": count((s for s in child.skills if s.now == _HIGH), bool(child.skills)),
        "levels_low": count((s for s in child.skills if s.now is not None and s.now < _BASE), bool(child.skills)),
        "grade": float(child.grade),
    }
