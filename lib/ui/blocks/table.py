"""Every indicator of a direction in one table: value, n, target, status, change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import streamlit as st

from lib import analysis, i18n, wording
from lib.charts import Columns
from lib.i18n import gettext as _
from lib.i18n import ky_key
from lib.model.indicator import Indicator, Status
from lib.ui import data, decide
from lib.ui.blocks.panel import downloads, to_read
from lib.ui.page import View


def indicator_table(view: View) -> None:
    """All indicators of the direction and those it shows by tag. A figure that is not there says why."""
    assert view.direction is not None
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(_("All indicators of the direction"), anchor=False, width="content")
        decide.button(view, decide.of_view(view, *view.indicators), "table")
    shown, raw = view.kept("indicator table", lambda: _rows(view))
    with st.container(border=True):
        listed, saved = st.tabs([_("Table"), _("Download")])
        with listed:
            st.table(shown, border="horizontal", hide_index=True, alt=view.direction.name.of(i18n.language()))
        with saved:
            name = f"{view.direction.slug}_{view.chosen.school_year}_{view.chosen.period}"
            downloads(raw, view.direction.name.of(i18n.language()), name)


def teachers(view: View, code: str) -> None:
    """An indicator teacher by teacher, for those who may see it: the teacher alone their own, the association's head its teachers."""
    if not view.has(code):
        return
    indicator, year = view.indicator(code), view.chosen.school_year
    found, period = _of_teachers(view, indicator)
    if not found:
        return
    rows = sorted((ky_key(view.roll.people.get((year, teacher), teacher)), teacher) for teacher in found)
    columns: dict[str, list[object]] = {_("Teacher"): [], _("Value"): [], "n": [], _("Status"): []}
    for _order, teacher in rows:
        figure = found[teacher]
        columns[_("Teacher")].append(wording.plain(view.roll.people.get((year, teacher), teacher)))
        columns[_("Value")].append(f"**{wording.number(indicator, figure.value)}**" if figure.value is not None else "–")
        columns["n"].append(i18n.number(figure.denominator, 0) if figure.denominator else "–")
        judged = wording.badge(analysis.verdict(indicator, figure.value)) if figure.value is not None else ""
        columns[_("Status")].append(judged or _("too few to tell"))
    title = _("Results of single teachers")
    figures = [one for _order, teacher in rows for one in decide.seen(indicator, found[teacher], year, period, {"teacher": teacher})]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            st.markdown(f"**{title}**", width="stretch")
            decide.button(view, figures, f"teachers_{indicator.code}")
        seen = _("Seen by the teacher, the head of the association, the deputies and the director.")
        st.caption(f"{wording.titled(indicator)} · {wording.at_time(year, period)} · {seen}")
        with st.expander(_("Teachers: {n}", n=len(rows)), expanded=len(rows) == 1):
            st.table(to_read(columns), border="horizontal", hide_index=True, alt=title)


def _of_teachers(view: View, indicator: Indicator) -> tuple[dict[str, analysis.Figure], str]:
    """The teachers' figures in the nearest period in which any of them has a value, at last in the whole year; and that period."""
    year = view.chosen.school_year
    near = [*analysis.periods_for(view.loaded, indicator, year, view.chosen.period), "Y"]
    every = {period: data.of_teachers(view.snapshot, indicator, year, period) for period in dict.fromkeys(near)}
    told = [period for period, found in every.items() if any(figure.value is not None for figure in found.values())]
    period = (told or [name for name, found in every.items() if found] or near)[0]
    return every[period], period


def _rows(view: View) -> tuple[pa.Table, Columns]:
    rows = [_row(view, indicator) for indicator in view.indicators]
    return to_read(_columns([told for told, _raw in rows])), _columns([raw for _told, raw in rows])


def _columns(rows: Sequence[Mapping[str, object]]) -> Columns:
    return {title: [row[title] for row in rows] for title in (rows[0] if rows else ())}


def _row(view: View, indicator: Indicator) -> tuple[dict[str, str], dict[str, object]]:
    scope = view.scope(indicator)
    period = view.period(indicator, scope)
    figure = view.figure(indicator, scope, period)
    value = figure.value if figure else None
    judged = analysis.verdict(indicator, value)
    moved = view.change(indicator) if value is not None else None
    name = wording.titled(indicator)
    under = [] if value is not None else [view.reason(indicator)]
    if value is not None and period != view.chosen.period:
        under.append(wording.period(period))
    if value is not None and scope != view.asked:
        under.append(wording.scope(view.loaded, scope))
    if value is not None and figure is not None and figure.status == Status.INCOMPLETE:
        under.append(wording.status(figure.status))
    if view.direction is not None and indicator.direction != view.direction.id:
        under.append(view.loaded.directions[indicator.direction].short.of(i18n.language()))
    about = " · ".join([indicator.code, *under])
    told = {
        _("Indicator"): f"{name}  \n:small[:gray[{about}]]",
        _("Value"): f"**{wording.number(indicator, value)}**" if value is not None else "–",
        "n": i18n.number(figure.denominator, 0) if figure and figure.denominator else "–",
        _("Target"): wording.target(indicator, word=False) or "–",
        _("Status"): wording.badge(judged) if value is not None and indicator.target is not None else _missing_word(value),
        _("Change"): wording.change(indicator, moved) if moved is not None else "–",
    }
    raw: dict[str, object] = {
        _("Code"): indicator.code,
        _("Indicator"): name,
        _("Value"): value,
        _("Numerator"): figure.numerator if figure else None,
        _("Denominator"): figure.denominator if figure else None,
        _("Target"): indicator.target,
        _("Status"): wording.verdict(judged) if value is not None else wording.status(figure.status if figure else ""),
        _("Change"): moved.delta if moved else None,
        _("Within chance"): None if moved is None else (_("yes") if moved.is_noise else _("no")),
        _("School year"): view.chosen.school_year,
        _("Period"): wording.period(period),
        _("Speaks of"): wording.scope(view.loaded, scope),
    }
    return told, raw


def _missing_word(value: float | None) -> str:
    return "–" if value is not None else f":gray-badge[○ {_('no data')}]"
