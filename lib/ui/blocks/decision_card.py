"""One management decision as a card: who and by when, and what became of the figure that it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.model.cell import link_to
from lib.model.indicator import Indicator
from lib.office.decisions import Entry, Outcome, Remeasured, State, Where
from lib.ui import data, decide
from lib.ui.page import View

STATES = {State.OVERDUE: ("red", "▼"), State.OPEN: ("orange", "●"), State.DONE: ("green", "▲"), State.CANCELLED: ("gray", "○")}
_OUTCOMES = {
    Outcome.REACHED: ("green", "▲"), Outcome.MOVED: ("green", "▲"), Outcome.NOT_MOVED: ("orange", "●"), Outcome.WORSE: ("red", "▼"),
    Outcome.NOT_MEASURED: ("gray", "○"),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A decision as the page speaks of it. `again`: None where its figure may not be seen."""

    entry: Entry
    state: State
    again: Remeasured | None


def card(view: View, one: Told) -> None:
    """Left: status, term and person, what was decided and why. Right: what became of the figure. Below: what opens the row."""
    decision = one.entry.decision
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(_head(view, one), width="content")
        st.markdown(f":small[{_where(view, one.entry)}]", width="content")
    said, measured = st.columns([3, 2], gap="medium")
    with said:
        st.markdown(f"**{wording.plain(decision.decision)}**" + (f"  \n{wording.plain(decision.measure)}" if decision.measure else ""))
        if one.again is not None:
            st.caption(wording.plain(decision.finding))
    with measured:
        if one.again is not None:
            _figures(view, one, one.again)
            return
        known = decision.indicator in view.loaded.indicators
        told = _("The figure is shown only to those who answer for it.") if known else _("No figure is named that this school has.")
        st.caption(told)


def _head(view: View, one: Told) -> str:
    decision = one.entry.decision
    colour, symbol = STATES[one.state]
    head = [f":{colour}-badge[{symbol} {state_word(one.state)}]"]
    if decision.due_on:
        head.append(f"{_('Due')}: **{i18n.date(decision.due_on)}**")
    head.append(wording.plain(decide.person_name(view, decision.responsible)) if decision.responsible else _("not named"))
    return " · ".join(head)


def _figures(view: View, one: Told, again: Remeasured) -> None:
    """The verdict as symbol and word; the figure then and now with its way between; target, band of chance, and what must be said."""
    decision = one.entry.decision
    indicator = view.indicator(decision.indicator)
    colour, symbol = _OUTCOMES[again.outcome]
    where = decide.place_words(view, indicator, dict(decision.scope)) if decision.understood else wording.plain(decision.group)
    st.markdown(f":{colour}-badge[{symbol} {outcome_word(again.outcome)}]  \n:small[{wording.titled(indicator)} · {where}]")
    then = wording.number(indicator, again.then.value) if again.then.value is not None else "–"
    before = f"{then} · {wording.at_time(decision.school_year, decision.period)}"
    if again.now is None:
        st.metric(before, then, label_visibility="collapsed")
        st.caption(" · ".join(part for part in (wording.at_time(decision.school_year, decision.period), *_about(view, one, again)) if part))
        return
    told, arrow, tint = _moved(indicator, again)
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        st.metric(wording.at_time(decision.school_year, decision.period), then, width="content")
        st.metric(
            f"→ {wording.at_time(again.school_year, again.period)}",
            wording.number(indicator, again.now.value),
            told,
            delta_color=tint,  # type: ignore[arg-type]
            delta_arrow=arrow,
            width="content",
        )
    if len(again.steps) > 1:
        way = [wording.short_period(step.period) + f" {wording.number(indicator, step.figure.value)}" for step in again.steps]
        st.caption(f"{_('On the way')}: {' → '.join(way)}")
    st.caption(" · ".join(part for part in _about(view, one, again) if part))


def _moved(indicator: Indicator, again: Remeasured) -> tuple[str | None, Literal["up", "down", "off"], str]:
    """Text, arrow and colour of the change: colour says good or bad, never up or down; noise has no arrow."""
    if again.change is None:
        return None, "off", "off"
    told = wording.delta(indicator, again.change.delta)
    if again.change.is_noise:
        return told, "off", "gray"
    good = {Outcome.REACHED: "green", Outcome.MOVED: "green", Outcome.WORSE: "red"}.get(again.outcome, "gray")
    return told, "up" if again.change.delta > 0 else "down", good


def _about(view: View, one: Told, again: Remeasured) -> list[str]:
    """Target, band of chance, and what must be said beside a verdict."""
    indicator = view.indicator(one.entry.decision.indicator)
    about = [wording.target(indicator)]
    if again.change is not None and again.change.noise:
        about.append(f"{_('band of chance')} ±{wording.delta(indicator, again.change.noise).lstrip('+')}")
    if again.outcome is Outcome.REACHED and again.change is not None and again.change.is_noise:
        about.append(_("change within chance"))
    if again.cohort is not None:
        cohort = again.cohort
        name = wording.grade(cohort.name) if cohort.name.isdecimal() else cohort.name
        about.append(_("now {name}; of its pupils the same: {n} of {total}", name=name, n=cohort.stayed, total=cohort.size))
    if again.now is not None and not again.ended:
        about.append(_("period not over"))
    if again.now is not None and not again.complete:
        about.append(wording.status("incomplete"))
    if again.untold:
        about.append(_("{year}: the next class cannot be told, its pupils are no longer one class", year=wording.school_year(again.untold)))
    elif again.outcome is Outcome.NOT_MEASURED:
        about.append(_next(one, again))
    return about


def _next(one: Told, again: Remeasured) -> str:
    """Why there is no later figure yet."""
    decision = one.entry.decision
    if not decision.understood:
        return _("The group is not understood, so that the figure cannot be measured again: {group}", group=wording.plain(decision.group))
    if again.then.value is None:
        return _("The figure itself is not known")
    return _("The next comparable period has no figure yet")


def _where(view: View, entry: Entry) -> str:
    """What opens the row in its workbook; where the store has no addresses, its name."""
    words = {
        Where.WAITING: f":orange[●] {_('waits to be written')}", Where.WRITTEN: f":gray[○] {_('written, not collected yet')}",
        Where.GONE: f":red[▼] {_('no longer in the workbook')}",
    }  # fmt: skip
    if entry.where in words:
        return words[entry.where]
    decision = entry.decision
    cell = f"A{decision.row}"
    link = data.links(view.snapshot).get((decision.workbook, decision.tab), "")
    file = decision.workbook.rpartition("/")[2]
    return wording.link(f"{decision.tab} · {cell}", link_to(link, cell)) if link else wording.plain(f"{file} · {cell}")


def state_word(state: State) -> str:
    """How far a decision is, in a word."""
    words = {
        State.OVERDUE: _("overdue"), State.OPEN: _("open, in time"), State.DONE: _("carried out"), State.CANCELLED: _("called off"),
    }  # fmt: skip
    return words[state]


def outcome_word(outcome: Outcome) -> str:
    """What became of its figure, in a word."""
    words = {
        Outcome.REACHED: _("target reached"), Outcome.MOVED: _("moved the good way"), Outcome.NOT_MOVED: _("not moved: within chance"),
        Outcome.WORSE: _("got worse"), Outcome.NOT_MEASURED: _("not measured again yet"),
    }  # fmt: skip
    return words[outcome]
