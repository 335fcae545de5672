"""The pen of a draft: figures of the basis become sentences and cells that remember them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lib import analysis, i18n, wording
from lib.analysis import Figure, Finding, FindingKind, differ, is_share
from lib.documents.basis import Basis
from lib.documents.document import Cell, Paragraph, Place, Sentence, Told
from lib.documents.phrases import Phrases
from lib.documents.request import Request
from lib.model.indicator import Indicator, Status, Verdict

Scope = Mapping[str, str]
SMALL, INCOMPLETE, NOISE = "*", "°", "≈"
NOT_APPLICABLE = "–"


def place_of(scope: Scope) -> Place:
    """A scope as a figure carries it."""
    return tuple(sorted((name, value) for name, value in scope.items() if value))


@dataclass(frozen=True)
class Seen:
    """A figure as it was found: the indicator's own period, and the figure (None: not there)."""

    indicator: Indicator
    scope: Scope
    school_year: str
    period: str
    figure: Figure | None

    @property
    def value(self) -> float | None:
        return self.figure.value if self.figure is not None else None

    @property
    def n(self) -> float | None:
        """What it was made of, where that is a number of things."""
        return self.figure.denominator if self.figure is not None and self.figure.denominator else None

    @property
    def verdict(self) -> Verdict:
        return analysis.verdict(self.indicator, self.value)


def key_of(seen: Seen) -> tuple[str, str, str, Place]:
    """What a figure is told from another by."""
    return (seen.indicator.code, seen.school_year, seen.period, place_of(seen.scope))


@dataclass
class Pen:
    """Writes one draft. `marks` gathers the signs that stand in the table under work, for its legend."""

    basis: Basis
    phrases: Phrases
    request: Request
    marks: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.loaded = self.basis.loaded
        self.year, self.period = self.request.school_year, self.request.period
        self.least = int(self.loaded.thresholds.min_answers)
        self.text, self.say = self.phrases.text, self.phrases.say

    # --- figures ---------------------------------------------------------------------------------------------------------

    def indicators(self, *codes: str) -> list[Indicator]:
        """Indicators of this school's catalogue by their codes."""
        return [self.loaded.indicators[code] for code in codes if code in self.loaded.indicators]

    def of_direction(self, direction: str) -> list[Indicator]:
        """A direction's own indicators, and those that it shows by tag."""
        return self.loaded.of_direction(direction)

    def seen(self, indicator: Indicator, scope: Scope, period: str = "", school_year: str = "") -> Seen:
        """The figure of a place near the document's period (or of exactly `period`)."""
        year = school_year or self.year
        own = period or self.basis.near(indicator, scope, year, self.period)
        return Seen(indicator, scope, year, own, self.basis.figure(indicator, scope, year, own) if own else None)

    def is_small(self, seen: Seen) -> bool:
        """Whether a share was made of so few that it is not stable."""
        return seen.figure is not None and is_share(seen.indicator, seen.figure) and (seen.n or 0) < self.least

    def told(self, seen: Seen) -> Told:
        """The value as it is printed. Only of figures that are there."""
        assert seen.value is not None
        text = wording.number(seen.indicator, seen.value)
        return Told(seen.indicator.code, seen.school_year, seen.period, place_of(seen.scope), "value", seen.value, text)

    def told_n(self, seen: Seen) -> Told:
        """Its n. Only of figures that have one."""
        assert seen.n is not None
        text = i18n.number(seen.n, 0)
        return Told(seen.indicator.code, seen.school_year, seen.period, place_of(seen.scope), "n", seen.n, text)

    def told_target(self, seen: Seen) -> Told:
        """The target with its bound. Only of indicators that have one."""
        target = seen.indicator.target
        assert target is not None
        text = wording.target(seen.indicator, word=False)
        return Told(seen.indicator.code, seen.school_year, seen.period, place_of(seen.scope), "target", target, text)

    def counted(self, what: str, value: float, scope: Scope | None = None, of: str = "", period: str = "") -> Told:
        """A plain count."""
        return Told(of, self.year, period or self.period, place_of(scope or {}), what, value, i18n.number(value, 0))

    def change(self, seen: Seen) -> tuple[Told, analysis.Change] | None:
        """The change since the previous comparable period; None where there is nothing to compare with."""
        if seen.value is None:
            return None
        moved = self.basis.change(seen.indicator, seen.scope, seen.school_year, seen.period)
        before = analysis.previous_comparable(self.loaded, seen.indicator, seen.school_year, seen.period)
        if moved is None or before is None:
            return None
        text = wording.delta(seen.indicator, moved.delta)
        place = place_of(seen.scope)
        return Told(seen.indicator.code, seen.school_year, seen.period, place, "change", moved.delta, text, before), moved

    # --- sentences -------------------------------------------------------------------------------------------------------

    def state(self, seen: Seen, name: str = "") -> list[Sentence]:
        """Value and n; target and verdict; change. Nothing where there is no value."""
        if seen.value is None:
            return []
        return [self.value(seen, name), *self._target(seen), *self._change(seen)]

    def value(self, seen: Seen, name: str = "") -> Sentence:
        """ "Label: value (n = …).", with its own time where that is another than the document's."""
        slots: dict[str, object] = {"name": name or wording.titled(seen.indicator), "value": self.told(seen)}
        key = "value"
        if seen.period != self.period or seen.school_year != self.year:
            key, slots["time"] = "value_at", wording.at_time(seen.school_year, seen.period)
        if self._has_n(seen):
            return self.say(key, **slots, n=self.told_n(seen))
        return self.say(f"{key}_alone", **slots)

    def _has_n(self, seen: Seen) -> bool:
        return seen.n is not None and seen.indicator.roll_up != "count"

    def _target(self, seen: Seen) -> list[Sentence]:
        if seen.indicator.target is None:
            return []
        return [self.say("target", target=self.told_target(seen), verdict=wording.verdict(seen.verdict))]

    def _change(self, seen: Seen) -> list[Sentence]:
        found = self.change(seen)
        if found is None:
            return []
        delta, moved = found
        key = ("change_same" if moved.classes else "change") + ("_noise" if moved.is_noise else "")
        return [self.say(key, before=wording.at_time(*delta.against), delta=delta)]

    def extremes(self, indicator: Indicator, places: Sequence[tuple[str, Scope]]) -> list[Sentence]:
        """The highest and the lowest of some places (name, scope), of those that are large enough; whether they differ for sure."""
        period = self.basis.near(indicator, {}, self.year, self.period)
        found = [(name, self.seen(indicator, scope, period)) for name, scope in places]
        found = [(name, seen) for name, seen in found if seen.value is not None and (seen.n or 0) >= self.least]
        if len(found) < 2:
            return []
        high, low = max(found, key=lambda one: one[1].value or 0.0), min(found, key=lambda one: one[1].value or 0.0)
        gap = (high[1].value or 0.0) - (low[1].value or 0.0)
        if not gap:
            return []
        text = wording.delta(indicator, gap).lstrip("+")
        told = Told(indicator.code, self.year, period, place_of(high[1].scope), "gap", gap, text, other=place_of(low[1].scope))
        unsure = not _differ(indicator, high[1].figure, low[1].figure)
        return [
            self.say(
                "extremes_noise" if unsure else "extremes", gap=told,
                high=high[0], high_value=self.told(high[1]), high_n=self.told_n(high[1]),
                low=low[0], low_value=self.told(low[1]), low_n=self.told_n(low[1]),
            )
        ]  # fmt: skip

    def cautions(self, found: Iterable[Seen]) -> list[Sentence]:
        """Which of the figures are of few, and which of incomplete data."""
        found = [seen for seen in found if seen.value is not None]
        few = [seen.indicator.name.of(i18n.language()) for seen in found if self.is_small(seen)]
        lacking = [
            seen.indicator.name.of(i18n.language()) for seen in found if seen.figure is not None and seen.figure.status == Status.INCOMPLETE
        ]
        said = [self.say("small", names="; ".join(dict.fromkeys(few)))] if few else []
        return said + ([self.say("incomplete", names="; ".join(dict.fromkeys(lacking)))] if lacking else [])

    def absent(self, found: Iterable[Seen]) -> list[Paragraph]:
        """The figures that are not there, each with its reason. What the viewer may not see is not spoken of."""
        return [
            Paragraph((self.say("absent", name=seen.indicator.name.of(i18n.language()), reason=self._reason(seen)),), "item")
            for seen in found
            if seen.value is None and self.basis.sees(seen.indicator, seen.scope, seen.school_year)
        ]

    def _reason(self, seen: Seen) -> str:
        period = seen.period or self.period or "Y"
        return wording.reason(self.loaded, seen.indicator, seen.figure, seen.school_year, period, self.basis.snapshot.as_of)

    def findings(self, found: Iterable[Finding], missed: Iterable[Seen] = ()) -> list[Paragraph]:
        """What needs attention, a point each: what was found, and those of the document's own figures that missed their target (`missed`)
        and are not among it."""
        found = list(found)
        said = {(f.indicator, f.school_year, f.period, place_of(f.scope)) for f in found}
        own = [seen for seen in missed if seen.verdict is Verdict.MISSED and key_of(seen) not in said]
        sentences = [*map(self._finding, found), *([*self._far(seen), *self._moved(seen)] for seen in own)]
        return [Paragraph(tuple(told), "item") for told in sentences]

    def _finding(self, finding: Finding) -> list[Sentence]:
        if finding.kind is FindingKind.OVERDUE:
            scope = {"due": finding.due.isoformat() if finding.due else ""}
            of = finding.form
            return [
                self.say(
                    "found_late", form=wording.form(self.loaded, of), due=i18n.date(finding.due),
                    count=self.counted("form_late", finding.count, scope, of), total=self.counted("form_tabs", finding.total, scope, of),
                    cells=self.counted("form_cells", finding.cells, scope, of),
                )
            ]  # fmt: skip
        indicator = self.loaded.indicators[finding.indicator]
        seen = self.seen(indicator, finding.scope, finding.period, finding.school_year)
        return [*self._far(seen), *(self._moved(seen) if finding.change is not None else [])]

    def _far(self, seen: Seen) -> list[Sentence]:
        """Where, what, value, n and target in one sentence."""
        indicator = seen.indicator
        where = [wording.scope(self.loaded, seen.scope)] if seen.scope else []
        name = ". ".join([*where, wording.titled(indicator)])
        if seen.period != self.period or seen.school_year != self.year:
            name += f" ({wording.at_time(seen.school_year, seen.period)})"
        slots: dict[str, object] = {"name": name, "value": self.told(seen)}
        if indicator.target is not None:
            slots["target"] = self.told_target(seen)
        if self._has_n(seen):
            return [self.say("found" if "target" in slots else "found_free", **slots, n=self.told_n(seen))]
        return [self.say("found_alone" if "target" in slots else "value_alone", **slots)]

    def _moved(self, seen: Seen) -> list[Sentence]:
        """The change in short; one within chance says so."""
        found = self.change(seen)
        return [self.say("found_change_noise" if found[1].is_noise else "found_change", delta=found[0])] if found else []

    # --- cells -----------------------------------------------------------------------------------------------------------

    def cell(self, seen: Seen, with_n: bool = False) -> Cell:
        """The value with its signs: * few, ° incomplete; a word where there is none, never 0. `with_n`: n in brackets behind it."""
        if seen.value is None:
            return Cell(self._nothing(seen))
        told = self.told(seen)
        text = told.text
        if self.is_small(seen):
            text += self._mark(SMALL)
        if seen.figure is not None and seen.figure.status == Status.INCOMPLETE:
            text += self._mark(INCOMPLETE)
        if with_n and self._has_n(seen):
            text += f" ({i18n.number(seen.n, 0)})"
            self.marks.add("n")
        return Cell(text, told=told)

    def _nothing(self, seen: Seen) -> str:
        status = seen.figure.status if seen.figure is not None else Status.NOT_COLLECTED
        if status == Status.NOT_APPLICABLE:
            return self._mark(NOT_APPLICABLE)
        key = "few" if status == Status.SUPPRESSED else "no_data"
        self.marks.add(key)
        return self.text(key)

    def _mark(self, mark: str) -> str:
        self.marks.add(mark)
        return mark

    def n_cell(self, seen: Seen) -> Cell:
        """The n of a figure; empty where there is none."""
        if not self._has_n(seen) or seen.value is None:
            return Cell("")
        told = self.told_n(seen)
        return Cell(told.text, told=told)

    def change_cell(self, seen: Seen) -> Cell:
        """The change with the sign for chance; empty where there is nothing to compare with."""
        found = self.change(seen)
        if found is None:
            return Cell("")
        told, moved = found
        return Cell(f"{self._mark(NOISE)} {told.text}" if moved.is_noise else told.text, told=told)

    def legend(self) -> list[Paragraph]:
        """What the signs of the tables since the last legend mean."""
        keys = {SMALL: "legend_small", INCOMPLETE: "legend_incomplete", "no_data": "legend_absent", "few": "legend_few",
                NOT_APPLICABLE: "legend_none", NOISE: "legend_noise", "n": "legend_in_brackets", "opinion": "legend_opinion"}  # fmt: skip
        slots = {SMALL: {"least": self.least}}
        said = tuple(self.say(key, **slots.get(mark, {})) for mark, key in keys.items() if mark in self.marks)
        self.marks.clear()
        return [Paragraph(said, "note")] if said else []


def _differ(indicator: Indicator, one: Figure | None, other: Figure | None) -> bool:
    """Whether two figures differ for sure; values whose spread is not known by more than half a tolerance."""
    if one is None or other is None or one.value is None or other.value is None:
        return False
    if is_share(indicator, one) and is_share(indicator, other):
        assert one.numerator is not None and one.denominator and other.numerator is not None and other.denominator
        return differ(one.numerator, one.denominator, other.numerator, other.denominator)
    return abs(one.value - other.value) > indicator.tolerance / 2
