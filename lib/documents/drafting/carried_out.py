"""Management decisions in documents: how far each is, and what became of the figure that it was made from (regulation 2.19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib import i18n, wording
from lib.analysis import Figure
from lib.documents.document import Block, Cell, Paragraph, Sentence, Table, Told
from lib.documents.drafting.pen import NOISE, Pen, place_of
from lib.model.indicator import Indicator
from lib.office.decisions import Decision, Outcome, Remeasured, State, remeasure, state_of

SYMBOLS = {Outcome.REACHED: "▲", Outcome.MOVED: "▲", Outcome.NOT_MOVED: "●", Outcome.WORSE: "▼", Outcome.NOT_MEASURED: "○"}
GOOD = (Outcome.REACHED, Outcome.MOVED)


@dataclass(frozen=True, slots=True)
class Measured:
    """A decision, how far it is, and its figure measured again; `again` is None where the figure is not known or may not be seen."""

    decision: Decision
    state: State
    indicator: Indicator | None
    again: Remeasured | None


def decisions(pen: Pen, association: str = "") -> list[Block]:
    """How many decisions stand where, how many helped, and each with its figure then and now. That there is none is said."""
    found = [_measured(pen, decision) for decision in pen.basis.decisions(pen.year, pen.period or "Y", association)]
    if not found:
        return [Paragraph((pen.say("no_decisions"),))]
    return [Paragraph(tuple(_counts(pen, found))), _table(pen, found), *pen.legend()]


def _measured(pen: Pen, decision: Decision) -> Measured:
    indicator = pen.loaded.indicators.get(decision.indicator)
    again = None
    if indicator is not None and pen.basis.sees(indicator, decision.place, decision.school_year):
        again = remeasure(pen.loaded, indicator, pen.basis.lookup(indicator), decision, pen.basis.holdings.cohorts)
    return Measured(decision, state_of(pen.loaded, decision, pen.basis.snapshot.as_of), indicator, again)


def _counts(pen: Pen, found: Sequence[Measured]) -> list[Sentence]:
    told = {state.value: pen.counted(f"decisions_{state.value}", sum(one.state is state for one in found)) for state in State}
    said = [pen.say("decisions", total=pen.counted("decisions", len(found)), **told)]
    outcomes = [one.again.outcome for one in found if one.again is not None and one.again.outcome is not Outcome.NOT_MEASURED]
    if outcomes:
        good = pen.counted("decisions_helped", sum(outcome in GOOD for outcome in outcomes))
        said.append(pen.say("decisions_measured", n=pen.counted("decisions_measured", len(outcomes)), good=good))
    return said


def _table(pen: Pen, found: Sequence[Measured]) -> Table:
    rows = tuple(
        (
            Cell(one.decision.decision or one.decision.measure, one.decision.measure if one.decision.decision else ""),
            Cell(pen.basis.person(one.decision.responsible), i18n.date(one.decision.due_on)),
            Cell(pen.text(f"state_{one.state.value}")),
            Cell(*_figure(pen, one)),
            _then(pen, one),
            _now(pen, one),
            _outcome(pen, one),
        )
        for one in found
    )
    keys = ("t_decision", "t_responsible_due", "t_state", "t_indicator", "t_then", "t_now_short", "t_outcome")
    return Table(pen.text("h_decisions"), tuple(map(pen.text, keys)), rows, (21, 17, 14, 17, 9, 9, 13), frozenset({4, 5}))


def _figure(pen: Pen, one: Measured) -> tuple[str, str]:
    """Whose figure, and what it is called; nothing of one that may not be seen."""
    if one.indicator is None or one.again is None:
        return "", ""
    place = wording.scope(pen.loaded, one.decision.place) if one.decision.understood else one.decision.group
    return wording.titled(one.indicator), place


def _then(pen: Pen, one: Measured) -> Cell:
    if one.again is None or one.indicator is None:
        return Cell("")
    decision = one.decision
    return _value(pen, one.indicator, one.again.then, "decided", decision.school_year, decision.period, place_of(decision.place))


def _now(pen: Pen, one: Measured) -> Cell:
    again = one.again
    if again is None or one.indicator is None or again.now is None:
        return Cell("")
    return _value(pen, one.indicator, again.now, "value", again.school_year, again.period, place_of(dict(again.scope)))


def _value(
    pen: Pen, indicator: Indicator, figure: Figure, what: str, school_year: str, period: str, place: tuple[tuple[str, str], ...]
) -> Cell:  # fmt: skip
    if figure.value is None:
        pen.marks.add("no_data")
        return Cell(pen.text("no_data"))
    text = wording.number(indicator, figure.value)
    told = Told(indicator.code, school_year, period, place, what, figure.value, text)
    return Cell(text, wording.at_time(school_year, period), told)


def _outcome(pen: Pen, one: Measured) -> Cell:
    """The verdict as sign and word; the change, with the sign for chance where it is within the band."""
    again = one.again
    if again is None or one.indicator is None:
        return Cell("")
    said = f"{SYMBOLS[again.outcome]} {pen.text('outcome_' + again.outcome.value.replace(' ', '_'))}"
    if again.change is None:
        return Cell(said)
    delta = wording.delta(one.indicator, again.change.delta)
    if again.change.is_noise:
        pen.marks.add(NOISE)
        delta = f"{NOISE} {delta}"
    told = Told(
        one.indicator.code, again.school_year, again.period, place_of(dict(again.scope)), "since_decided", again.change.delta,
        wording.delta(one.indicator, again.change.delta), (one.decision.school_year, one.decision.period), place_of(one.decision.place),
    )  # fmt: skip
    return Cell(said, delta, told)
