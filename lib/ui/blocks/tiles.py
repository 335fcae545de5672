"""Headline tiles: a figure with n, target, status, change and its history."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from lib import analysis, i18n, wording
from lib.analysis import Change
from lib.analysis.dynamics import accumulates, has_ended
from lib.i18n import gettext as _
from lib.model.indicator import Indicator
from lib.ui import decide
from lib.ui.blocks import opinions
from lib.ui.page import View

TILES = 5
Arrow = Literal["up", "down", "off"]


def headline(view: View, *more: str) -> None:
    """The direction's headline figures, and `more` codes after them: at most five tiles."""
    assert view.direction is not None
    codes = [code for code in (*view.direction.headline, *more) if view.has(code)][:TILES]
    if not codes:
        return
    with st.grid(min(4, len(codes)), min_column_width=184):
        for code in codes:
            with st.container(border=True, height="stretch", gap="xsmall"):
                tile(view, view.indicator(code))


def tile(view: View, indicator: Indicator) -> None:
    """One figure in full: value, change, history, status, n, target, the period and place it speaks of."""
    scope = view.scope(indicator)
    period = view.period(indicator, scope)
    shown = view.figure(indicator, scope, period)
    metric(view, indicator, apart=True)
    if shown is None or shown.value is None:
        return
    about = [wording.n(shown), wording.target(indicator), _when(view, period)]
    if scope != view.asked:
        about.append(wording.scope(view.loaded, scope))
    about += remarks(view, indicator, period)
    if shown.status == "incomplete":
        about.append(wording.status(shown.status))
    st.markdown(wording.badge(analysis.verdict(indicator, shown.value)))
    st.caption(" · ".join(text for text in about if text))
    if said := opinions.mark(view, indicator):
        st.markdown(said)
    decide.button(view, decide.of_view(view, indicator), f"tile_{indicator.code}")


def metric(view: View, indicator: Indicator, spark: bool = True, apart: bool = False) -> None:
    """The number with its change and a small line of history; without a value, the reason and the last value that there was.

    `apart`: the name stays at the top of its tile and the number goes down, so that neighbours stand on one line.
    """
    scope = view.scope(indicator)
    period = view.period(indicator, scope)
    shown = view.figure(indicator, scope, period)
    series = view.history(indicator)
    line = [None if v != v else float(v) for v in series["value"]]
    name, formula = wording.titled(indicator), indicator.formula.of(i18n.language())
    if shown is None or shown.value is None:
        _name(name, formula, apart)
        st.metric(name, "–", label_visibility="collapsed")
        st.caption(view.reason(indicator))
        before = series.dropna(subset=["value"])
        if len(before):
            last = before.iloc[-1]
            when = wording.at_time(last["school_year"], last["period"])
            st.caption(_("Last known: {value} ({when})", value=wording.number(indicator, last["value"]), when=when))
        return
    moved = view.change(indicator)
    told, arrow, colour = _moved(indicator, moved)
    _name(name, f"{formula}\n\n{_compared(view, indicator, period, moved)}".strip(), apart)
    st.metric(
        name,
        wording.number(indicator, shown.value),
        told,
        delta_color=colour,  # type: ignore[arg-type]
        delta_arrow=arrow,
        label_visibility="collapsed",
        chart_data=line if spark and sum(v is not None for v in line) > 1 else None,
        chart_type="line",
    )


def _name(name: str, about: str, apart: bool) -> None:
    """st.metric cuts a long name off; so the name stands above it, and wraps."""
    st.markdown(f":small[{name}]", help=about)
    if apart:
        st.space("stretch")


def _moved(indicator: Indicator, moved: Change | None) -> tuple[str | None, Arrow, str]:
    """Text, arrow and colour of a change. Colour says good or bad, never up or down; noise has no arrow."""
    if moved is None:
        return None, "off", "off"
    told = wording.delta(indicator, moved.delta)
    if moved.is_noise:
        return told, "off", "gray"
    arrow: Arrow = "up" if moved.delta > 0 else "down"
    colour = {True: "green", False: "red", None: "gray"}[moved.better]
    return told, arrow, colour


def _compared(view: View, indicator: Indicator, period: str, moved: Change | None) -> str:
    """What the change is measured against."""
    earlier = analysis.previous_comparable(view.loaded, indicator, view.chosen.school_year, period)
    if growing(view, indicator, period):
        return _("The period is not over: this count still grows")
    if moved is None or earlier is None:
        return ""
    text = _("Compared with: {when}", when=wording.at_time(*earlier))
    return f"{text}. {_('The same classes: {n}', n=moved.classes)}" if moved.classes else text


def remarks(view: View, indicator: Indicator, period: str) -> list[str]:
    """What must be said about the change: that it is noise, or that the period has not ended."""
    if growing(view, indicator, period):
        return [_("period not over")]
    moved = view.change(indicator)
    return [_("change within chance")] if moved is not None and moved.is_noise else []


def growing(view: View, indicator: Indicator, period: str) -> bool:
    """Whether the figure adds up over a period that has not ended, so that no change can be told yet."""
    return accumulates(indicator) and not has_ended(view.loaded, view.chosen.school_year, period)


def _when(view: View, period: str) -> str:
    return "" if period == view.chosen.period else wording.period(period)
