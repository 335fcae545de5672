"""What experts say beside the figures: it stands beside the number, and is never mixed into it (regulation 2.10, 2.12, 3.1)."""

from __future__ import annotations

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.model.indicator import Indicator
from lib.office.opinions import AUDIT, HIGHEST, Found, Opinion, beside
from lib.ui import data
from lib.ui.page import View


def expert_says(view: View) -> None:
    """A small block under the tiles: each opinion with its level, comment and signature; then what visits and audits found."""
    assert view.direction is not None
    told = [(i, o) for i in view.indicators if (o := opinion(view, i)) is not None]
    found = data.observed(view.snapshot, view.loaded, view.direction.id, view.chosen.school_year, view.chosen.period)
    whole_year = not found and view.chosen.period != "Y"
    if whole_year:
        found = data.observed(view.snapshot, view.loaded, view.direction.id, view.chosen.school_year, "Y")
    if not told and not found:
        return
    with st.container(border=True, gap="small", key="expert_says"):
        st.markdown(f"**{_('Beside the figures: expert opinion')}**")
        for indicator, said in told:
            st.markdown(_sentence(view, indicator, said))
        for one in found:
            when = wording.school_year(view.chosen.school_year) if whole_year else wording.at_time(
                view.chosen.school_year, view.chosen.period
            )  # fmt: skip
            st.markdown(f"{_observed(one)} · :gray[{when}]")
        st.caption(_("Levels are {lowest} to {highest}. They are not part of any figure.", lowest=0, highest=HIGHEST))


def opinion(view: View, indicator: Indicator) -> Opinion | None:
    """The newest opinion about the figure that is shown."""
    scope = view.scope(indicator)
    period = view.period(indicator, scope)
    known = data.opinions(view.snapshot, view.loaded)
    return beside(view.loaded, known, indicator.code, view.chosen.school_year, period, scope)


def mark(view: View, indicator: Indicator) -> str:
    """The line in a tile: "Expert: level 2 of 3"; "" where nobody has said anything."""
    said = opinion(view, indicator)
    return f":small[:gray[◆ {_level(said.level)} · {wording.period(said.period)}]]" if said is not None else ""


def _level(level: int) -> str:
    return _("Expert: level {level} of {highest}", level=level, highest=HIGHEST)


def _sentence(view: View, indicator: Indicator, said: Opinion) -> str:
    """ "◆ Expert: level 2 of 3 · Quality of learning, 7-А: comment — who, when"."""
    where = f", {wording.scope(view.loaded, dict(said.scope))}" if said.scope else ""
    person = view.roll.people.get((said.school_year, said.expert), said.expert)
    signed = ", ".join(text for text in (wording.plain(person), i18n.date(said.signed_on) if said.signed_on else "") if text)
    comment = f": {wording.plain(said.comment)}" if said.comment else ""
    head = f"◆ **{_level(said.level)}** · {indicator.name.of(i18n.language())}{where}{comment}"
    return f"{head} — :gray[{signed} · {wording.at_time(said.school_year, said.period)}]" if signed else head


def _observed(one: Found) -> str:
    parts = [f"{_('records: {n}', n=i18n.number(one.n, 0))}"]
    if one.mean is not None:
        told = _("mean level {mean} of {highest}", mean=i18n.number(one.mean, 2), highest=HIGHEST)
        parts.append(f"**{told}**, n{i18n.NBSP}={i18n.NBSP}{one.levels}")
    if one.points is not None:
        parts.append(_("mean of criteria {mean} of {highest}", mean=i18n.number(one.points, 2), highest=2))
    if one.source == AUDIT:
        parts.append(_("strong sides: {n}", n=one.strengths))
        if one.due:
            parts.append(_("mended of what was due: {n} of {total}", n=one.mended, total=one.due))
    name = _("Internal audit") if one.source == AUDIT else _("Lesson visits")
    return f"◇ {name} · " + " · ".join(parts)
