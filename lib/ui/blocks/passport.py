"""The quality passport: the nine directions as cards of equal height. There is no single overall grade."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib import analysis, i18n, wording
from lib.i18n import gettext as _
from lib.model.indicator import Direction, Indicator
from lib.ui import data, decide, state
from lib.ui.blocks.tiles import metric, remarks
from lib.ui.page import View, indicators_of

FIGURES = 2


def passport(view: View) -> None:
    """Nine cards: two headline figures with change and history, status, and how much of the data has come."""
    with st.grid(3, min_column_width=244):
        for direction in view.loaded.directions.values():
            if direction.id == "Q":
                continue
            with st.container(border=True, height="stretch", gap="small", key=f"card_{direction.id}"):
                _card(view, direction)


def _card(view: View, direction: Direction) -> None:
    language = i18n.language()
    numeral = f" :gray[№{i18n.NBSP}{direction.numeral}]" if direction.numeral else ""
    st.markdown(f"**:material/{direction.icon}: {direction.short.of(language)}**{numeral}")
    codes = [code for code in direction.headline if view.has(code)]
    there = [code for code in codes if (figure := view.figure(view.indicator(code))) is not None and figure.value is not None]
    for code in [*there, *(code for code in codes if code not in there)][:FIGURES]:
        indicator = view.indicator(code)
        with st.container(gap=None):
            metric(view, indicator, spark=code in there[:1])
            if code in there:
                figure = view.figure(indicator)
                assert figure is not None
                about = " · ".join(text for text in (wording.n(figure), wording.target(indicator), _when(view, indicator)) if text)
                st.markdown(f"{wording.badge(analysis.verdict(indicator, figure.value))} :small[:gray[{about}]]")
    st.space("stretch")
    arrived = coverage(view, direction)
    st.caption(arrived.text)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        decide.button(view, decide.of_view(view, *(view.indicator(code) for code in there[:FIGURES])), f"card_{direction.id}")
        st.page_link(state.page_file(direction.slug), label=_("Open"), icon=":material/arrow_forward:")


def _when(view: View, indicator: Indicator) -> str:
    period = view.period(indicator)
    told = ["" if period == view.chosen.period else wording.period(period), *remarks(view, indicator, period)]
    return " · ".join(text for text in told if text)


@dataclass(frozen=True)
class Coverage:
    """Tabs that hold data, of those that were due by the snapshot's day."""

    there: int
    expected: int

    @property
    def text(self) -> str:
        if not self.expected:
            return _("data: nothing due yet")
        return _("data: tabs {there} of {expected}", there=self.there, expected=self.expected)


def coverage(view: View, direction: Direction) -> Coverage:
    """How many tabs of the direction's forms hold data for the chosen year and period, or for what that period contains."""
    forms = {
        source.form
        for indicator in indicators_of(view.loaded, direction)
        for source in indicator.sources
        if not source.form.startswith("R")
    }
    tabs = data.tabs_filled(view.snapshot, view.loaded, view.chosen.school_year, view.chosen.period)
    rows = [(there, expected) for form, (there, expected) in tabs.items() if form in forms]
    return Coverage(sum(t for t, _e in rows), sum(e for _t, e in rows))
