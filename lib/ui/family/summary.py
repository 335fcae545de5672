"""The blocks of the class summary: a few sentences and figures without names; to staff, how often families opened their pages."""

from __future__ import annotations

import streamlit as st

from lib import i18n, wording
from lib.access import Grain, rights
from lib.access.roles import Place
from lib.family.protection import BAND, COUNT_MINIMUM, HIDDEN, INCOMPLETE, Protected
from lib.family.register import members
from lib.family.summary import ClassSummary, Told, summary_of
from lib.i18n import gettext as _
from lib.ui.blocks.panel import to_read
from lib.ui.family import way_in
from lib.ui.family.child import WIDTH
from lib.ui.family.opening import SUMMARY, FamilyView, leave_button


def choose_class(view: FamilyView) -> str:
    """The class that the reader may read of: of several that staff may, the chosen one; a family's own."""
    if view.readable:
        first = view.readable[0]
        return str(st.pills(_("Class"), view.readable, default=first, required=True, key="summary_of", bind="query-params"))
    return view.reader.school_class


def paragraphs(view: FamilyView, school_class: str) -> None:
    """The summary itself."""
    summary = summary_of(view.snapshot, view.loaded, view.family, school_class)
    with st.container(width=WIDTH):
        st.header(f"{_('Class')}: {school_class}", anchor=False)
        year = wording.school_year(summary.school_year)
        told = [year, _("as of {day}", day=i18n.date(view.snapshot.as_of))]
        st.caption(" · ".join(([] if summary.small else [_("{n} pupils", n=summary.pupils)]) + told))
        if summary.small:
            st.info(
                _("The class is small (fewer than {n} pupils). Figures would speak of single children, so none are shown here; "
                  "the class teacher tells each family in person.", n=view.family.minimum_group)
            )  # fmt: skip
            return
        _lines(view, summary)
        leave_button(view)


def _lines(view: FamilyView, summary: ClassSummary) -> None:
    language, symbols = i18n.language(), set()
    for paragraph in summary.paragraphs:
        indicator = view.loaded.indicators[paragraph.line.indicator]
        st.subheader(indicator.name.of(language), anchor=False)
        figure = f"**{_figure(paragraph.now.share)}** · {_when(paragraph.now)}"
        if paragraph.before is not None:
            figure += f" ({_when(paragraph.before)}: {_figure(paragraph.before.share)})"
        st.markdown(figure)
        st.markdown(f"{paragraph.line.means.of(language)}  \n{paragraph.line.does.of(language)}")
        symbols.add(paragraph.now.share.symbol)
    if summary.missing:
        names = ", ".join(view.loaded.indicators[code].name.of(language) for code in summary.missing)
        st.markdown(f"{_('Not collected yet')}: {names}")
    st.divider()
    notes = [_("Neither children nor classes are compared or ranked.")]
    if symbols & {BAND, HIDDEN}:
        notes.append(_("“≥” and “≤”: an exact figure would speak of fewer than {n} children, so a band is given.", n=COUNT_MINIMUM))
    if INCOMPLETE in symbols:
        notes.append(_("“≈”: not all of the data has come yet."))
    st.caption("  \n".join(notes))


def _when(told: Told) -> str:
    return wording.period(told.period)


def _figure(share: Protected) -> str:
    if share.symbol == BAND:
        return f"{share.band[0]} {i18n.percent(float(share.band[1:]), 0)}"
    if share.symbol == HIDDEN:
        return _("too few children to tell")
    figure = i18n.percent(share.percent, 0)
    return f"≈ {figure}" if share.symbol == INCOMPLETE else figure


def views(view: FamilyView, school_class: str) -> None:
    """How often families opened their pages: the counts to whoever may read of the class, pupil by pupil to the class teacher alone."""
    place = Place(school_class=school_class)
    if not (view.viewer.is_staff and rights.allowed(view.viewer, SUMMARY, Grain.CLASS, place)):
        return
    pupils = members(view.snapshot, view.loaded, school_class)
    door = way_in.door_of(view.loaded)
    seen = door.views.of(member.pupil for member in pupils)
    with st.container(width=WIDTH), st.expander(_("Families' pages"), icon=":material/family_restroom:"):
        opened = sum(one.times > 0 for one in seen.values())
        st.markdown(f"{_('Opened by families')}: **{opened}/{len(pupils)}** · {_('openings')}: **{sum(o.times for o in seen.values())}**")
        if rights.allowed(view.viewer, SUMMARY, Grain.PUPIL, place):
            columns = {
                _("Pupil"): [wording.plain(member.name) for member in pupils],
                _("Openings"): [str(seen[member.pupil].times) for member in pupils],
                _("Last on"): [i18n.date(seen[member.pupil].last) for member in pupils],
            }
            st.table(to_read(columns), border="horizontal", hide_index=True, alt=_("Families' pages"))
        st.caption(_("Only how often is counted, not by whom or from where. Slips are made by `python run.py family codes`."))
