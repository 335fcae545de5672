"""What a placeholder is filled with: a figure of the basis as a number and as it is printed, or a word where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from lib import analysis, i18n, wording
from lib.access import Place
from lib.documents.basis import Basis
from lib.documents.own.placeholder import Placeholder, Vocabulary, Wrong, written
from lib.documents.own.words import PlaceholderWords
from lib.documents.phrases import Phrases
from lib.i18n import gettext as _
from lib.model.indicator import Indicator, Status

Scope = Mapping[str, str]
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Filled:
    """`text` as it is printed; `number` in full precision where it is one, with its decimals (a share of 73.5 is 73.5 `percent`).

    `note` says why there is no value, or what to mind of it. `absent`: there is none, and a word stands in its place.
    """

    text: str
    number: float | None = None
    decimals: int = 0
    percent: bool = False
    note: str = ""
    absent: bool = False


@dataclass(frozen=True)
class Purpose:
    """What a template is filled for: the school year, the period, and the group ({}: the whole school)."""

    school_year: str
    period: str
    scope: Scope = field(default_factory=dict)

    def file(self, template: str) -> str:
        """The name of a file filled from a template, without ending."""
        return "_".join(part for part in (PurePath(template).stem, *self.scope.values(), self.school_year, self.period) if part)


@dataclass
class Answers:
    """Answers placeholders for one viewer, in the current language. The same text is answered once."""

    basis: Basis
    phrases: Phrases
    words: PlaceholderWords
    purpose: Purpose
    _known: dict[str, Filled | Wrong] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.vocabulary = Vocabulary(self.basis, self.words)

    def of(self, text: str) -> Filled | Wrong:
        """What stands for the placeholder whose inside is `text`."""
        if text not in self._known:
            read = self.vocabulary.read(text)
            self._known[text] = read if isinstance(read, Wrong) else self._answer(read)
        return self._known[text]

    def is_one(self, text: str) -> bool:
        """Whether it would be a placeholder between two braces."""
        return not isinstance(self.vocabulary.read(text), Wrong)

    def _answer(self, asked: Placeholder) -> Filled | Wrong:
        scope = {} if asked.whole else dict(asked.scope) or dict(self.purpose.scope)
        year, period = asked.school_year or self.purpose.school_year, asked.period or self.purpose.period
        if asked.field:
            return self._field(asked, scope, year, period)
        indicator = self.basis.loaded.all_indicators[asked.indicator]
        if asked.figure == "name":
            return Filled(wording.titled(indicator))
        if wrong := self._not_kept(indicator, asked, scope):
            return wrong
        return self._figure(indicator, asked, scope, year, period)

    def _not_kept(self, indicator: Indicator, asked: Placeholder, scope: Scope) -> Wrong | None:
        """Groups and periods for which the indicator does not exist: said, rather than filled with the school's figure."""
        if missing := [name for name in scope if name not in indicator.by]:
            kept = ", ".join(wording.dimension(name) for name in indicator.by if name != "teacher") or _("Whole school")
            near = written(f"{indicator.code} school")
            what = wording.dimension(missing[0])
            return Wrong(_("{code} is not kept by this: {what}. It is kept by: {kept}", code=indicator.code, what=what, kept=kept), near)
        if asked.period and asked.period[0] not in indicator.periods:
            kept = ", ".join(indicator.periods)
            near = written(" ".join([indicator.code, *(value for _name, value in asked.scope)]))
            return Wrong(
                _("{code} is not kept for {period}; its kinds of period: {kept}", code=indicator.code, period=asked.period, kept=kept), near
            )
        return None

    # --- an indicator's figures ------------------------------------------------------------------------------------------

    def _figure(self, indicator: Indicator, asked: Placeholder, scope: Scope, year: str, period: str) -> Filled:
        basis = self.basis
        if asked.figure == "target":
            return self._target(indicator)
        if not basis.sees(indicator, scope, year):
            return Filled(NOTHING, note=_("Shown only to those who answer for it."), absent=True)
        own = asked.period or basis.near(indicator, scope, year, period)
        figure = basis.figure(indicator, scope, year, own) if own else None
        if figure is None or figure.value is None:
            reason = wording.reason(basis.loaded, indicator, figure, year, own or period or "Y", basis.snapshot.as_of)
            status = figure.status if figure is not None else Status.NOT_COLLECTED
            text = {Status.NOT_APPLICABLE: NOTHING, Status.SUPPRESSED: self.phrases.text("few")}.get(
                Status(status), self.phrases.text("no_data")
            )
            return Filled(text, note=reason, absent=True)
        percent = indicator.unit == "percent"
        note = self._caution(indicator, figure, year, own, period)
        match asked.figure:
            case "n":
                if not figure.denominator:
                    return Filled(NOTHING, note=_("nothing was counted for it"), absent=True)
                return Filled(i18n.number(figure.denominator, 0), figure.denominator, note=note)
            case "change":
                moved = basis.change(indicator, scope, year, own)
                if moved is None:
                    return Filled(NOTHING, note=_("nothing to compare with"), absent=True)
                told = _("within chance") if moved.is_noise else ""
                return Filled(wording.delta(indicator, moved.delta), moved.delta, indicator.decimals, note=told)
            case "state":
                return Filled(wording.verdict(analysis.verdict(indicator, figure.value)), note=note)
            case _:
                return Filled(wording.number(indicator, figure.value), figure.value, indicator.decimals, percent, note)

    def _caution(self, indicator: Indicator, figure: analysis.Figure, year: str, own: str, period: str) -> str:
        said = []
        if own != period:
            said.append(wording.at_time(year, own))
        if figure.status == Status.INCOMPLETE:
            said.append(wording.status(Status.INCOMPLETE))
        if analysis.is_share(indicator, figure) and (figure.denominator or 0) < self.basis.loaded.thresholds.min_answers:
            said.append(f"n = {i18n.number(figure.denominator, 0)}")
        return "; ".join(said)

    def _target(self, indicator: Indicator) -> Filled:
        if indicator.target is None:
            return Filled(NOTHING, note=_("no target"), absent=True)
        text = wording.target(indicator, word=False)
        return Filled(text, indicator.target, indicator.decimals, indicator.unit == "percent")

    # --- fields ----------------------------------------------------------------------------------------------------------

    def _field(self, asked: Placeholder, scope: Scope, year: str, period: str) -> Filled | Wrong:
        basis = self.basis
        if asked.scope and asked.field not in ("pupils", "class_teacher"):
            return Wrong(_("{field} takes no group", field=asked.field), written(asked.field))
        match asked.field:
            case "school_name":
                return Filled(basis.loaded.school_name.of(i18n.language()))
            case "period":
                return Filled(wording.at_time(year, period or "Y"))
            case "school_year":
                return Filled(wording.school_year(year))
            case "group":
                return Filled(wording.scope(basis.loaded, scope))
            case "date":
                return Filled(i18n.date(basis.snapshot.as_of))
            case "snapshot":
                return Filled(basis.snapshot.id)
            case "director":
                names = basis.staff("director", year)
                return Filled(names[0]) if len(names) == 1 and names[0] else _nobody()
            case "class_teacher":
                name = basis.class_teacher(scope["school_class"], year) if "school_class" in scope else ""
                return Filled(name) if name else _nobody()
            case _:
                return self._counted(asked.field, scope, year, period)

    def _counted(self, what: str, scope: Scope, year: str, period: str) -> Filled:
        """Pupils or classes of the school, of a stage, of a grade, of a class: what is no place has as many as the school."""
        rows = [
            name for name, grade, stage in self.basis.roll.classes.get(year, ())
            if scope.get("school_class", name) == name and scope.get("grade", grade) == grade and scope.get("stage", stage) == stage
        ]  # fmt: skip
        if not self._sees_count(scope, year):
            return Filled(NOTHING, note=_("Shown only to those who answer for it."), absent=True)
        count = len(rows) if what == "classes" else self.basis.pupils(year, period or "Y", tuple(rows))
        if not count:
            return Filled(self.phrases.text("no_data"), note=_("no data"), absent=True)
        return Filled(i18n.number(count, 0), float(count))

    def _sees_count(self, scope: Scope, year: str) -> bool:
        eyes = self.basis.eyes
        if eyes.all_seen or not scope:
            return True
        place = Place(year, stage=scope.get("stage", ""), grade=scope.get("grade", ""), school_class=scope.get("school_class", ""))
        return eyes.sees_class(place) if place.school_class else not eyes.tells_of_one(place)


def _nobody() -> Filled:
    return Filled("_" * 20, note=_("the register names nobody, or several"), absent=True)
