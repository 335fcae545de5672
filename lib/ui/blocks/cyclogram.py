"""The yearly plan: this week and what is overdue, the month, the year by direction, the people, and the order that approved it."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.elements.vega_charts import VegaLiteState

from lib import charts, i18n, wording
from lib.charts import Columns
from lib.i18n import gettext as _
from lib.model.cell import link_to
from lib.office.calendar_file import MIME
from lib.office.cyclogram import PARTS, Term, Terms, TermState, calendar_of
from lib.ui import data, state
from lib.ui.blocks.panel import Absent, Drawing, as_typed, drawing, panel, theme, to_read
from lib.ui.page import View

EVERYBODY = ""
_PARTY, _PERSON = "party ", "person "
_WEIGHT = (TermState.OVERDUE, TermState.IN_PROGRESS, TermState.PLANNED, TermState.DONE, TermState.CANCELLED)
_OPEN = (TermState.PLANNED, TermState.IN_PROGRESS)
_BRIEF = 6  # overdue rows told before the rest is folded away


@dataclass(frozen=True)
class PlanChoice:
    """The terms of the chosen school year, those of whom the reader chose among them, and the monday of the current week."""

    terms: Terms
    own: tuple[Term, ...]
    whose: str
    monday: dt.date

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


# --- whose rows ----------------------------------------------------------------------------------------------------------


def plan_choice(view: View) -> PlanChoice:
    """Whose rows of the plan are shown, and their calendar file."""
    found = data.cyclogram(view.snapshot, view.loaded, view.chosen.school_year)
    people = data.colleagues(view.snapshot, view.loaded, view.chosen.school_year)
    words = data.plan_words(view.loaded)
    said = {term.row.responsible: people.read(term.row.responsible) for term in found.all}
    parties = [*dict.fromkeys(party for who in said.values() for party in who.parties)]
    answering = {text: {person.code for person in people.answering(who)} for text, who in said.items()}
    persons = sorted(set().union(*answering.values()), key=lambda code: i18n.ky_key(people.named(code)))
    about = {party.key: party.name.of(i18n.language()) for party in words.responsible.values()}
    options = [EVERYBODY, *(_PARTY + party for party in parties), *(_PERSON + code for code in persons)]

    def told(option: str) -> str:
        if option.startswith(_PARTY):
            return about[option.removeprefix(_PARTY)]
        return people.named(option.removeprefix(_PERSON)) if option else _("All")

    with st.container(horizontal=True, vertical_alignment="bottom"):
        whose = st.selectbox(
            _("Responsible"), options, index=_own(view, options), format_func=told, key="plan_whose", width=340, filter_mode="contains",
        )  # fmt: skip
        part = str(
            st.segmented_control(
                _("Part of the year"), PARTS, default=PARTS[0], required=True, key="plan_part", format_func=wording.period,
            )
            or PARTS[0]
        )  # fmt: skip
        shown = found.part(part, view.loaded).all
        own = tuple(term for term in shown if _is_of(whose, said[term.row.responsible].parties, answering[term.row.responsible]))
        made_at, year, language = view.snapshot.collected_at, view.chosen.school_year, i18n.language()
        st.download_button(
            _("Calendar (.ics)"), partial(_calendar, language, own, view, made_at), f"cyclogram_{year}_{part}.ics", MIME,
            icon=":material/event:", on_click="ignore", key="plan_calendar",
        )  # fmt: skip
    narrowed = [*([told(whose)] if whose else []), *([wording.period(part)] if part != PARTS[0] else [])]
    return PlanChoice(found, own, ", ".join(narrowed), _monday(found.as_of))


def _own(view: View, options: Sequence[str]) -> int:
    """Teachers and specialists begin with their own rows, the administration with all."""
    person = view.viewer.person
    option = f"{_PERSON}{person.teacher_id}" if person is not None else ""
    return options.index(option) if option in options and not data.sight(view.snapshot).all_seen else 0


def _is_of(whose: str, parties: Iterable[str], persons: Iterable[str]) -> bool:
    if whose.startswith(_PARTY):
        return whose.removeprefix(_PARTY) in parties
    return not whose or whose.removeprefix(_PERSON) in persons


def _calendar(language: str, terms: tuple[Term, ...], view: View, made_at: dt.datetime) -> bytes:
    with i18n.speaking(language):
        return calendar_of(terms, view.loaded, view.chosen.school_year, data.plan_words(view.loaded), made_at)


# --- this week -----------------------------------------------------------------------------------------------------------


def cyclogram_week(view: View) -> None:
    """For the overview: this week's rows, how many are overdue, and the way to the plan."""
    st.subheader(_("Cyclogram: this week"), anchor=False)
    found = data.cyclogram(view.snapshot, view.loaded, view.chosen.school_year)
    monday = _monday(found.as_of)
    with st.container(border=True):
        _week(view, found.between(monday, monday + dt.timedelta(days=6)), monday)
        if late := sum(term.due < monday for term in found.overdue()):
            st.markdown(f":red[▼] {_('Overdue since earlier weeks')}: **{late}**")
        st.page_link(state.page_file("cyclogram"), label=_("The whole cyclogram"), icon=":material/arrow_forward:")


def plan_now(view: View, plan: PlanChoice) -> None:
    """How the plan stands: in figures, then the rows of this week, then those that are overdue."""
    own, today = plan.own, plan.terms.as_of
    late = [term for term in own if term.state is TermState.OVERDUE]
    week = [term for term in own if plan.monday <= term.due <= plan.sunday]
    come = [term for term in own if term.due <= today and term.state is not TermState.CANCELLED]
    done = sum(term.state is TermState.DONE for term in come)
    with st.container(border=True), st.grid(4, min_column_width=150):
        st.metric(_("This week"), i18n.number(len(week), 0))
        st.metric(_("Overdue"), i18n.number(len(late), 0))
        st.metric(_("Done"), f"{i18n.number(done, 0)} / {i18n.number(len(come), 0)}")
        st.metric(_("In the next 30 days"), i18n.number(sum(today < t.due <= today + dt.timedelta(days=30) for t in own), 0))
    if not plan.terms.plan.from_sheet:
        st.info(_("The sheet of the cyclogram (F24) is empty: the standard plan of the configuration is shown."))
    st.subheader(_("This week"), anchor=False)
    with st.container(border=True):
        _week(view, week, plan.monday)
    if late:
        st.subheader(f"{_('Overdue')} · {len(late)}", anchor=False)
        with st.container(border=True):
            _listed(view, late[:_BRIEF], _("Overdue"))
            if late[_BRIEF:]:
                with st.expander(_("The other overdue rows: {n}", n=len(late) - _BRIEF)):
                    _listed(view, late[_BRIEF:], _("Overdue"))
    if plan.terms.undated:
        rows = ", ".join(f"{row.id} ({row.due_rule or '–'})" for row in plan.terms.undated)
        st.warning(wording.plain(f"{_('Rows whose due rule cannot be read, expected Qn.start±days, Qn.end±days or MM-DD')}: {rows}"))


def _week(view: View, terms: Sequence[Term], monday: dt.date) -> None:
    st.caption(f"{i18n.date(monday)} – {i18n.date(monday + dt.timedelta(days=6))}")
    if terms:
        _listed(view, terms, _("Cyclogram: this week"))
    else:
        st.markdown(_("No rows of the cyclogram fall in this week."))


def _listed(view: View, terms: Sequence[Term], alt: str) -> None:
    """Two columns, so that a phone shows them whole: the day and how it stands, then what, who, and what has come."""
    links = data.links(view.snapshot)
    columns = {
        _("Due"): [f"{i18n.date(term.due)}  \n{_state(term)}" for term in terms],
        _("What"): [_what(view, term, links.get((term.row.workbook, term.row.tab), "")) for term in terms],
    }
    st.table(to_read(columns), border="horizontal", hide_index=True, alt=alt)


def _state(term: Term) -> str:
    return wording.term_state(term.state, f" {i18n.date(term.done_on)}" if term.done_on is not None and term.late else "")


def _what(view: View, term: Term, link: str) -> str:
    row, words, language = term.row, data.plan_words(view.loaded), i18n.language()
    about = [words.responsible_in(row.responsible, language), words.phrase(row.document, language)]
    lines = [f"**{wording.plain(row.words.of(language))}**", _small(" · ".join([row.id, *filter(None, about)]))]
    if term.evidence.arrivals:
        lines.append(_small(_arrived(view, term)))
    if row.cell and term.state not in (TermState.DONE, TermState.CANCELLED):
        mark = f"{_('Mark it in the plan')}: {wording.plain(row.tab)},"
        lines.append(f":small[:gray[{mark}]{i18n.NBSP}{wording.link(row.cell, link_to(link, row.cell))}]")
    return "  \n".join(lines)


def _small(text: str) -> str:
    return f":small[:gray[{wording.plain(text)}]]"


def _arrived(view: View, term: Term) -> str:
    """ "F05 · Attendance, March: 86%, tabs 11 / 15". Said also when the row is done by itself."""
    told = []
    for arrival in term.evidence.arrivals:
        tabs = f"{_('tabs')} {arrival.complete_tabs} / {arrival.tabs}"
        when = wording.period(arrival.period)
        told.append(f"{wording.form(view.loaded, arrival.form)}, {when}: {_share(arrival.share, arrival.complete)}, {tabs}")
    start = f"{_('Done by itself: the sheets have come')} – " if term.by_itself else ""
    return start + "; ".join(told)


def _share(share: float, complete: bool) -> str:
    """A share that says 100 only when all is there."""
    return i18n.percent(share if complete else min(share, 99.0), 0)


# --- the month -----------------------------------------------------------------------------------------------------------


def plan_month(view: View, plan: PlanChoice) -> None:
    """A month as a calendar, and its rows below; a click on a day leaves only that day's."""
    st.subheader(_("Month"), anchor=False)
    year = view.loaded.school_year(plan.terms.plan.school_year)
    months = [dt.date(year.first_calendar_year + (month < 8), month, 1) for month in (8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7)]
    now = plan.terms.as_of.replace(day=1)
    with st.container(border=True):
        month = st.selectbox(
            _("Month"), months, index=months.index(now) if now in months else 0, key="plan_month", width=220, label_visibility="collapsed",
            format_func=lambda day: f"{wording.month(day.month)} {day.year}",
        )  # fmt: skip
        own = [term for term in plan.own if (term.due.year, term.due.month) == (month.year, month.month)]
        key = f"plan_days_{month:%Y_%m}"
        told = f"{wording.month(month.month)} {month.year}. {_('Rows of the plan')}: {len(own)}"
        spec = _month_chart(month, own, plan.terms.as_of)
        st.vega_lite_chart(spec=spec, alt=told, key=key, width="stretch", on_select="rerun", selection_mode="cell")
        st.caption(" · ".join(f"{wording.TERM_SIGNS[s][0]} {wording.term_word(s)}" for s in _WEIGHT))
        day = _picked_day(st.session_state.get(key), month)
        shown = [term for term in own if day is None or term.due == day]
        if shown:
            _listed(view, shown, told)
        else:
            st.caption(_("Nothing is due here."))


def _month_chart(month: dt.date, terms: Iterable[Term], today: dt.date) -> dict:
    days: dict[int, list[Term]] = {}
    for term in terms:
        days.setdefault(term.due.day, []).append(term)
    names, weeks = _weekdays(), calendar.monthcalendar(month.year, month.month)
    cells: Columns = {name: [] for name in ("row", "column", "state", "label", "below", "tooltip")}
    for week in weeks:
        for weekday, day in enumerate(week):
            if not day:
                continue
            here = days.get(day, [])
            worst = min((term.state for term in here), key=_WEIGHT.index, default=TermState.PLANNED)
            texts = (
                _week_name(week), names[weekday], worst.value, f"{day} ·" if month.replace(day=day) == today else str(day),
                f"{wording.TERM_SIGNS[worst][0]} {len(here)}" if here else "",
                f"{i18n.date(month.replace(day=day))}: {', '.join(term.row.id for term in here) or '–'}",
            )  # fmt: skip
            for column, text in zip(cells.values(), texts, strict=True):
                column.append(text)
    rows = [_week_name(week) for week in weeks]
    return charts.states(cells, rows, names, theme=theme(), step=40, upright=True).for_page()


def _weekdays() -> list[str]:
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


def _week_name(week: Sequence[int]) -> str:
    days = [day for day in week if day]
    return f"{days[0]}–{days[-1]}" if len(days) > 1 else str(days[0])


def _picked_day(event: object, month: dt.date) -> dt.date | None:
    """The day whose cell was clicked: found again by its week and weekday."""
    picked: list[dict[str, str]] = event.selection.get("cell", []) if isinstance(event, VegaLiteState) else []
    if not picked:
        return None
    names = _weekdays()
    for week in calendar.monthcalendar(month.year, month.month):
        if _week_name(week) == picked[0].get("row") and picked[0].get("column") in names:
            day = week[names.index(picked[0]["column"])]
            return month.replace(day=day) if day else None
    return None


# --- the year ------------------------------------------------------------------------------------------------------------


def plan_year(view: View, plan: PlanChoice) -> None:
    """The school year by direction: a point a week, its shape and colour by how its rows stand."""
    ink = theme()
    panel(view.kept(f"plan year {ink} {plan.whose}", lambda: _year(view, plan, ink)))


def _year(view: View, plan: PlanChoice, ink: str) -> Drawing | Absent:
    title = _("The year by direction")
    if not plan.own:
        return Absent(title, _("No rows of the cyclogram are shown."))
    language, known = i18n.language(), view.loaded.directions
    named = {term.key: [d for d in term.row.directions if d in known] or list(known)[-1:] for term in plan.own}
    used = [d for d in known if any(d in directions for directions in named.values())]
    names = {d: f"{d} · {known[d].short.of(language)}" for d in used}
    start = min(min(term.due for term in plan.own), view.loaded.school_year(plan.terms.plan.school_year).start).replace(day=1)
    weeks: dict[tuple[str, dt.date], list[Term]] = {}
    for term in plan.own:
        for direction in named[term.key]:
            weeks.setdefault((direction, _monday(term.due)), []).append(term)
    drawn: Columns = {name: [] for name in ("group", "day", "state", "n", "label", "tooltip")}
    for (direction, monday), terms in sorted(weeks.items()):
        worst = min((term.state for term in terms), key=_WEIGHT.index)
        last = max(term.due for term in terms)
        texts = (
            names[direction], (monday - start).days + 3, worst.value, len(terms), str(len(terms)) if len(terms) > 1 else "",
            f"{i18n.date(min(t.due for t in terms))} – {i18n.date(last)}: {', '.join(dict.fromkeys(t.row.id for t in terms))}",
        )  # fmt: skip
        for column, value in zip(drawn.values(), texts, strict=True):
            column.append(value)
    months = [((day - start).days, wording.month(day.month)[:3]) for day in _firsts(start, max(term.due for term in plan.own))]
    today = (plan.terms.as_of - start).days
    counts = {d: [t for t in plan.own if d in named[t.key]] for d in used}
    table = {
        _("Direction"): [names[d] for d in used],
        _("Rows"): [str(len(counts[d])) for d in used],
        **{wording.term_word(s): [str(sum(t.state is s for t in counts[d])) for d in used] for s in _WEIGHT},
    }
    names_of_used = [names[d] for d in used]
    marked = today if 0 <= today <= 366 else None
    chart = partial(charts.timeline, drawn, names_of_used, months, marked, today_label=i18n.date(plan.terms.as_of))
    signs = " · ".join(f"{wording.TERM_SIGNS[s][0]} {wording.term_word(s)}" for s in _WEIGHT)
    about = " · ".join([wording.school_year(plan.terms.plan.school_year), plan.whose or _("all responsible"), signs])
    return drawing(title, about, chart, ink, table, _raw(view, plan), f"cyclogram_{plan.terms.plan.school_year}")


def _firsts(start: dt.date, end: dt.date) -> list[dt.date]:
    found = [start]
    while found[-1] <= end:
        found.append((found[-1] + dt.timedelta(days=32)).replace(day=1))
    return found[:-1]


def _raw(view: View, plan: PlanChoice) -> Columns:
    words, language = data.plan_words(view.loaded), i18n.language()
    rows = [
        (
            t.row.id, t.row.words.of(language), ", ".join(t.row.directions), words.responsible_in(t.row.responsible, language),
            words.phrase(t.row.method, language), words.phrase(t.row.document, language), t.due, wording.term_word(t.state), t.done_on,
        )
        for t in plan.own
    ]  # fmt: skip
    titles = (
        _("Code"), _("Object"), _("Directions"), _("Responsible"), _("Method of monitoring"), _("Document"), _("Due"), _("Status"),
        _("Done on"),
    )  # fmt: skip
    return {title: [row[place] for row in rows] for place, title in enumerate(titles)}


# --- the people ----------------------------------------------------------------------------------------------------------


def plan_people(view: View, plan: PlanChoice) -> None:
    """Each responsible party: rows, done, overdue, and what comes next."""
    people, words = data.colleagues(view.snapshot, view.loaded, view.chosen.school_year), data.plan_words(view.loaded)
    language, today = i18n.language(), plan.terms.as_of
    names = {about.key: about.name.of(language) for about in words.responsible.values()}
    found: dict[str, list[Term]] = {}
    for term in plan.own:
        said = people.read(term.row.responsible)
        told = [names[party] for party in said.parties]
        told += [view.loaded.associations[a].of(language) for a in said.associations]
        told += [people.named(code) for code in said.colleagues]
        for name in [*told, *said.others] or [_("not named")]:
            found.setdefault(name, []).append(term)
    st.subheader(_("By responsible"), anchor=False)
    with st.container(border=True):
        if not found:
            st.caption(_("No rows of the cyclogram are shown."))
            return
        order = sorted(found, key=lambda name: (-sum(t.state is TermState.OVERDUE for t in found[name]), i18n.ky_key(name)))
        ahead = {name: min((t.due for t in terms if t.due >= today and t.state in _OPEN), default=None) for name, terms in found.items()}
        columns = {
            _("Responsible"): order,
            _("Done"): [f"{sum(t.state is TermState.DONE for t in found[name])} / {len(found[name])}" for name in order],
            _("Overdue"): [_marked(sum(t.state is TermState.OVERDUE for t in found[name])) for name in order],
            _("Next day"): [i18n.date(ahead[name]) for name in order],
        }
        st.table(as_typed(to_read(columns)), border="horizontal", hide_index=True, alt=_("By responsible"))


def _marked(n: int) -> str:
    return f"▼ {n}" if n else "–"
