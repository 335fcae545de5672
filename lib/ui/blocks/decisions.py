"""Management decisions: what is open and overdue, and what became of the figure that each was made from (regulation 2.19)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import pandas as pd
import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.office.decisions import Entry, Outcome, State, Where, remeasure, state_of
from lib.office.decisions.permission import ADMINISTRATION
from lib.ui import data, decide, freshness
from lib.ui.blocks.decision_card import STATES, Told, card, outcome_word, state_word
from lib.ui.blocks.panel import downloads
from lib.ui.page import View

ALL = ""
PAGE = 8  # decisions on one page
_ORDER = {State.OVERDUE: 0, State.OPEN: 1, State.DONE: 2, State.CANCELLED: 3}


# --- the page ------------------------------------------------------------------------------------------------------------


def decisions(view: View) -> None:
    """The decisions of the chosen school year, and open ones of earlier years: overdue first."""
    entries = _of_year(view)
    codes = {entry.decision.indicator for entry in entries} & view.loaded.indicators.keys()
    values = data.values(view.snapshot, codes, loaded=view.loaded)
    told = [_told(view, entry, values) for entry in entries]
    told.sort(key=lambda one: (_ORDER[one.state], _due_order(one), one.entry.decision.id))
    _summary(told)
    _on_the_way(view, [one.entry for one in told])
    kept = _filtered(view, told)
    if not told:
        st.markdown(_("No decision yet. Make one from any figure: press “Decide” beside it."))
        return
    if not kept:
        st.caption(_("No decision fits what is chosen"))
        return
    pages = max(1, -(-len(kept) // PAGE))
    page = st.pagination(pages, key=f"decisions_page_{pages}") if pages > 1 else 1
    for place, one in enumerate(kept[(page - 1) * PAGE : page * PAGE]):
        with st.container(border=True, gap="xsmall", key=f"decision_{place}"):
            card(view, one)
    downloads(_table(view, kept), _("Management decisions"), f"decisions_{view.chosen.school_year}")


def _of_year(view: View) -> list[Entry]:
    day, year = view.loaded.as_of, view.chosen.school_year
    found = data.decisions(view.snapshot, view.loaded, view.viewer)
    still = (State.OVERDUE, State.OPEN)
    return [
        entry for entry in found
        if entry.decision.sheet_year == year or (entry.decision.sheet_year < year and state_of(view.loaded, entry.decision, day) in still)
    ]  # fmt: skip


def _told(view: View, entry: Entry, values: data.Values) -> Told:
    decision = entry.decision
    indicator = view.loaded.indicators.get(decision.indicator)
    again = None
    if indicator is not None and data.sight(view.snapshot).sees(indicator, data.spot(decision.school_year, decision.place)):
        alone = "teacher" in decision.place
        figures = data.figures_of_teachers(view.snapshot, indicator) if alone else values.of_indicator(indicator.code)
        again = remeasure(view.loaded, indicator, figures, decision, data.cohorts(view.snapshot))
    return Told(entry, state_of(view.loaded, decision, view.loaded.as_of), again)


def _due_order(one: Told) -> dt.date:
    decision = one.entry.decision
    if one.state in (State.OVERDUE, State.OPEN):
        return decision.due_on or dt.date.max
    newest = decision.done_on or decision.due_on or dt.date.min
    return dt.date.fromordinal(dt.date.max.toordinal() - newest.toordinal() + 1)


def _summary(told: list[Told]) -> None:
    """Four figures: overdue, open, done; and of how many done ones the figure went the good way."""
    count = {state: sum(one.state is state for one in told) for state in State}
    measured = [one.again.outcome for one in told if one.again is not None and one.again.outcome is not Outcome.NOT_MEASURED]
    helped = sum(outcome in (Outcome.REACHED, Outcome.MOVED) for outcome in measured)
    with st.container(border=True), st.grid(4, min_column_width=150):
        st.metric(_("Overdue"), i18n.number(count[State.OVERDUE], 0))
        st.metric(_("Still open"), i18n.number(count[State.OPEN], 0))
        st.metric(_("Carried out"), i18n.number(count[State.DONE], 0))
        st.metric(
            _("Improved"), _("{n} of {total}", n=helped, total=len(measured)) if measured else "–",
            help=_("Of the decisions whose figure was measured again: the target is reached, or the change is beyond chance."),
        )  # fmt: skip


def _on_the_way(view: View, entries: list[Entry]) -> None:
    """What is not in the workbook yet, why, and the buttons."""
    waiting = [entry for entry in entries if entry.where is Where.WAITING]
    gone = [entry for entry in entries if entry.where is Where.GONE]
    box = data.outbox(view.loaded)
    if waiting and box is not None:
        why = box.why()
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="decisions_waiting"):
            text = f":orange[●] **{_('Waiting to be written into the workbook: {n}', n=len(waiting))}**"
            if why.problem:
                seen, _expected, mend = view.loaded.issue_words(why.problem, why.slots, "", i18n.language())
                text += f"  \n{wording.plain(seen)} {wording.plain(mend)}"
            st.markdown(text, width="stretch")
            st.button(_("Write now"), icon=":material/send:", key="decisions_write", on_click=freshness.ask)
    if gone and box is not None and view.viewer.roles & ADMINISTRATION:
        ids = [entry.decision.id for entry in gone]
        with st.container(border=True, horizontal=True, vertical_alignment="center", key="decisions_gone"):
            st.markdown(
                f":red[▼] **{_('Written, and no longer in the workbook: {n}', n=len(gone))}**  \n"
                + _("Perhaps somebody saved an older copy over it. If the rows were deleted on purpose, let them go."),
                width="stretch",
            )  # fmt: skip
            st.button(_("Write again"), key="decisions_again", icon=":material/undo:", on_click=_write_again, args=(box.again, ids))
            st.button(_("It was on purpose"), key="decisions_let_go", type="tertiary", on_click=box.let_go, args=(ids,))


def _write_again(again: Callable[[list[str]], None], ids: list[str]) -> None:
    again(ids)
    freshness.ask()


# --- filters -------------------------------------------------------------------------------------------------------------


def _filtered(view: View, told: list[Told]) -> list[Told]:
    """By status, direction and responsible person, in one row."""
    if not told:
        return []
    states = [s for s in _ORDER if any(one.state is s for one in told)]
    known = [view.loaded.indicators[c].direction for one in told if (c := one.entry.decision.indicator) in view.loaded.indicators]
    directions = [d for d in view.loaded.directions if d in known]
    people = sorted({one.entry.decision.responsible for one in told} - {""}, key=lambda code: i18n.ky_key(decide.person_name(view, code)))
    picked = st.pills(
        _("Status"), states, selection_mode="multi", key="decisions_state", label_visibility="collapsed",
        format_func=lambda s: f"{STATES[s][1]} {state_word(s)} · {sum(one.state is s for one in told)}",
    )  # fmt: skip
    with st.container(horizontal=True, key="decision_filters"):
        direction = st.selectbox(
            _("Direction"), [ALL, *directions], key="decisions_direction", width=230,
            format_func=lambda d: view.loaded.directions[d].short.of(i18n.language()) if d else _("All"),
        )  # fmt: skip
        person = st.selectbox(
            _("Responsible"), [ALL, *people], key="decisions_person", width=260, filter_mode="contains",
            format_func=lambda code: decide.person_name(view, code) if code else _("All"),
        )  # fmt: skip
    return [
        one for one in told
        if (not picked or one.state in picked)
        and (not direction or _direction(view, one) == direction)
        and (not person or one.entry.decision.responsible == person)
    ]  # fmt: skip


def _direction(view: View, one: Told) -> str:
    indicator = view.loaded.indicators.get(one.entry.decision.indicator)
    return indicator.direction if indicator else ""


# --- files ---------------------------------------------------------------------------------------------------------------


def _table(view: View, told: Iterable[Told]) -> pd.DataFrame:
    rows = []
    for one in told:
        decision, again = one.entry.decision, one.again
        indicator = view.loaded.indicators.get(decision.indicator)
        rows.append(
            {
                _("Code"): decision.id, _("Status"): state_word(one.state), _("Due"): i18n.date(decision.due_on),
                _("Responsible"): decide.person_name(view, decision.responsible),
                _("Decision"): decision.decision, _("Measure"): decision.measure,
                _("Finding"): decision.finding if again is not None else "", _("Indicator"): decision.indicator,
                _("Speaks of"): decide.place_words(view, indicator, dict(decision.scope)) if indicator else decision.group,
                _("Period"): wording.at_time(decision.school_year, decision.period),
                _("Figure then"): again.then.value if again else None, _("Figure now"): again.now.value if again and again.now else None,
                _("Measured in"): wording.at_time(again.school_year, again.period) if again and again.now else "",
                _("Change"): again.change.delta if again and again.change else None,
                _("Band of chance"): again.change.noise if again and again.change else None,
                _("Outcome"): outcome_word(again.outcome) if again and indicator else "",
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


# --- on the overview -----------------------------------------------------------------------------------------------------


def overdue(view: View) -> str:
    """One sentence about the overdue decisions that the viewer may read, with the oldest; "" when there is none."""
    day = view.loaded.as_of
    found = [e.decision for e in data.decisions(view.snapshot, view.loaded, view.viewer)]
    late = [decision for decision in found if state_of(view.loaded, decision, day) is State.OVERDUE]
    if not late:
        return ""
    oldest = min(late, key=lambda decision: decision.due_on or dt.date.max)
    told = _(
        "the oldest: {decision} · {person} · due {due}",
        decision=wording.plain(oldest.decision), person=wording.plain(decide.person_name(view, oldest.responsible)),
        due=i18n.date(oldest.due_on),
    )  # fmt: skip
    return f":red[▼] **{_('Overdue decisions: {n}', n=len(late))}** — {told}."
