"""What config/family.yaml says: limits, and the rules by which a child's own figures become sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib.family.guessing import Limits
from lib.model.words import Words
from lib.settings import ROOT, Settings
from lib.settings.document import Entry, read

# The figures that a condition may speak of, all of them the child's own; `grade` is the year of schooling.
FIGURES = (
    "mean", "mean_change", "marks_up", "marks_down", "marks_same", "fives", "threes", "twos", "unattested", "attended", "attended_change",
    "missed", "missed_unexcused", "late", "clubs", "contests", "roles", "levels_up", "levels_high", "levels_low", "grade",
)  # fmt: skip
BOUNDS = ("at_least", "at_most", "above", "below")
RECOMMENDATIONS = 2


@dataclass(frozen=True, slots=True)
class Condition:
    """One bound of one figure; a figure that is not there fulfils none."""

    figure: str
    bound: str
    limit: float

    def holds(self, figures: Mapping[str, float | None]) -> bool:
        """Whether the figure is there and within the bound."""
        value = figures.get(self.figure)
        if value is None:
            return False
        match self.bound:
            case "at_least":
                return value >= self.limit
            case "at_most":
                return value <= self.limit
            case "above":
                return value > self.limit
            case _:
                return value < self.limit


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence and when it is said. `weak_in`: said only of a child with a weak subject in one of these methodical associations."""

    text: Words
    when: tuple[Condition, ...] = ()
    weak_in: tuple[str, ...] = ()

    @property
    def always(self) -> bool:
        return not self.when and not self.weak_in

    def holds(self, figures: Mapping[str, float | None], weak: frozenset[str]) -> bool:
        """Whether it is said of a child with these figures and weak subjects in these associations."""
        return all(condition.holds(figures) for condition in self.when) and (not self.weak_in or bool(weak & set(self.weak_in)))


@dataclass(frozen=True, slots=True)
class Question:
    """A question for self-assessment. who: pupil | family; no `stages`: for all."""

    who: str
    stages: tuple[str, ...]
    text: Words


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """An indicator of the class summary, with what it means and what the school does."""

    indicator: str
    means: Words
    does: Words


@dataclass(frozen=True, slots=True)
class SlipWords:
    """What is printed on a slip."""

    title: Words
    class_title: Words
    what: Words
    class_what: Words
    how: Words
    keep: Words
    until: Words


@dataclass(frozen=True)
class Family:
    """Everything that config/family.yaml says, checked."""

    base_url: str
    code_days: int
    idle: dt.timedelta
    longest: dt.timedelta
    limits: Limits
    minimum_group: int
    progress: tuple[Rule, ...]
    most_strengths: int
    strengths: tuple[Rule, ...]
    recommendations: tuple[Rule, ...]
    questions: tuple[Question, ...]
    summary: tuple[SummaryLine, ...]
    slips: SlipWords


def read_family(loaded: Settings, config: Path = ROOT / "config") -> Family:
    """config/family.yaml; UserError names file, line and key of what is wrong."""
    document = read(config / "family.yaml")
    guessing = document.entry("guessing")
    limits = Limits(*(guessing.take(name, int) for name in Limits.__slots__))
    guessing.done()
    family = Family(
        base_url=document.take("base_url").rstrip("/"),
        code_days=document.take("code_days", int),
        idle=dt.timedelta(minutes=document.take("idle_minutes", int)),
        longest=dt.timedelta(hours=document.take("longest_hours", int)),
        limits=limits,
        minimum_group=document.take("minimum_group", int),
        progress=_rules(document, "progress", loaded, 1),
        most_strengths=document.take("most_strengths", int),
        strengths=_rules(document, "strengths", loaded, 1),
        recommendations=_rules(document, "recommendations", loaded, RECOMMENDATIONS),
        questions=tuple(_question(entry, loaded) for entry in document.entries("questions")),
        summary=tuple(_line(entry, loaded) for entry in document.entries("summary")),
        slips=_slips(document.entry("slips")),
    )
    document.done()
    return family


def _rules(document: Entry, key: str, loaded: Settings, least: int) -> tuple[Rule, ...]:
    rules = []
    for entry in document.entries(key):
        conditions: list[Condition] = []
        if "when" in entry:
            conditions = _conditions(entry.entry("when"))
        weak_in = entry.texts("weak_in", ())
        for association in weak_in:
            if association not in loaded.associations:
                entry.fail("weak_in", f"{association!r} was seen; expected some of {', '.join(loaded.associations)}")
        rules.append(Rule(entry.words("text"), tuple(conditions), weak_in))
        entry.done()
    if sum(rule.always for rule in rules) < least:
        document.fail(key, f"at least {least} without a condition must stand here, so that something is said of every child")
    return tuple(rules)


def _conditions(when: Entry) -> list[Condition]:
    found = []
    for name in when.names():
        if name not in FIGURES:
            when.fail(name, f"no figure of a child is called so; there are {', '.join(FIGURES)}")
        bounds = when.entry(name)
        found += [Condition(name, bound, bounds.take(bound, float)) for bound in BOUNDS if bound in bounds]
        bounds.done()
    return found


def _question(entry: Entry, loaded: Settings) -> Question:
    question = Question(entry.one_of("who", ("pupil", "family")), entry.texts("stages", ()), entry.words("text"))
    for stage in question.stages:
        if stage not in loaded.stages:
            entry.fail("stages", f"{stage!r} was seen; expected some of {', '.join(loaded.stages)}")
    entry.done()
    return question


def _line(entry: Entry, loaded: Settings) -> SummaryLine:
    code = entry.one_of("indicator", tuple(loaded.indicators))
    indicator = loaded.indicators[code]
    if indicator.visibility != "PUB" or "school_class" not in indicator.by:
        entry.fail("indicator", f"{code} is not public, or has no figure by class; families may not read it")
    line = SummaryLine(code, entry.words("means"), entry.words("does"))
    entry.done()
    return line


def _slips(entry: Entry) -> SlipWords:
    words = SlipWords(*(entry.words(name) for name in SlipWords.__slots__))
    entry.done()
    return words
