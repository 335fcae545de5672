"""From any figure to a decision in two clicks: a button beside the figure, and a dialog that knows the figure already.

What is kept is the figure that the viewer saw: the button carries it, so that a snapshot that came meanwhile changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import streamlit as st

from lib import access, analysis, i18n, wording
from lib.access import Person, Role
from lib.analysis import Figure
from lib.analysis.comparison import as_printed
from lib.i18n import gettext as _
from lib.model.indicator import Indicator
from lib.office.decisions import Decision, make, may_decide, new_id
from lib.office.decisions.decision import LONGEST
from lib.office.decisions.permission import ADMINISTRATION
from lib.office.places import PART
from lib.settings import UserError
from lib.ui import data, freshness, sign_in, state
from lib.ui.page import View

TERM = 30  # days until the proposed due day
AT_A_GLANCE = 10  # so many figures stand beneath each other, one click away; more are searched in a list
_SAVED = "decision_saved"


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure as the viewer saw it: `scope` are pairs of dimension and value ("part": a part of the indicator's breakdown)."""

    indicator: str
    school_year: str
    period: str
    scope: tuple[tuple[str, str], ...]
    value: float
    numerator: float | None
    denominator: float | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The dialog that is open: its figures, the snapshot that they are of, and the id of the decision that comes of it."""

    figures: tuple[Seen, ...]
    snapshot: str
    identity: str


def seen(indicator: Indicator, figure: Figure | None, school_year: str, period: str, scope: Mapping[str, str]) -> list[Seen]:
    """The figure as something to decide upon; nothing where there is no value."""
    if figure is None or figure.value is None:
        return []
    place = tuple((name, value) for name, value in scope.items() if value)
    return [Seen(indicator.code, school_year, period, place, figure.value, figure.numerator, figure.denominator)]


def of_view(view: View, *indicators: Indicator) -> list[Seen]:
    """The figures of these indicators for what is chosen, as tiles and tables show them."""
    found: list[Seen] = []
    for indicator in indicators:
        scope = view.scope(indicator)
        period = view.period(indicator, scope)
        found += seen(indicator, view.figure(indicator, scope, period), view.chosen.school_year, period, scope)
    return found


def button(view: View, figures: Iterable[Seen], key: str) -> None:
    """The button beside figures, for those who may decide upon one of them. Several: the dialog asks which, the worst one first."""
    mine = [one for one in figures if _open_to(view, one)]
    if mine:
        st.button(
            _("Decide"), icon=":material/gavel:", type="tertiary", key=f"decide_{key}", on_click=_ask, args=(tuple(mine), view.snapshot.id),
            help=_("Make a management decision from this figure."),
        )  # fmt: skip


def dialog(view: View) -> None:
    """Called by the frame after the page: draws the dialog from the press of a button until it is closed or saved. A snapshot that comes
    meanwhile is shown afterwards."""
    if saved := st.session_state.pop(_SAVED, ""):
        st.toast(saved, icon=":material/check:")
    asked = st.session_state.get(state.DECIDING)
    if isinstance(asked, _Asked) and any(_open_to(view, one) for one in asked.figures):
        st.dialog(_("Management decision"), width="medium", on_dismiss=_close)(_draw)(view, asked)


def _ask(figures: tuple[Seen, ...], snapshot: str) -> None:
    # the id is made once for a dialog: a second press of "Save" is the same decision
    st.session_state[state.DECIDING] = _Asked(figures, snapshot, new_id(data.current_settings().as_of))


def _close() -> None:
    st.session_state.pop(state.DECIDING, None)


def _open_to(view: View, figure: Seen) -> bool:
    indicator = view.loaded.all_indicators.get(figure.indicator)
    scope = dict(figure.scope)
    return (
        indicator is not None
        and may_decide(view.viewer, view.loaded, scope, data.own_teachers(view.snapshot, view.loaded, view.viewer))
        and data.sight(view.snapshot).sees(indicator, data.spot(figure.school_year, scope))
    )


# --- the dialog ----------------------------------------------------------------------------------------------------------


def _draw(view: View, asked: _Asked) -> None:
    i18n.use(state.chosen_language())  # the frame did not run before a dialog that runs by itself
    figures = asked.figures
    worst = sorted(range(len(figures)), key=lambda n: _distance(view, figures[n]))
    chosen = worst[0]
    if len(figures) > 1:
        one_place = len({figure.scope for figure in figures}) == 1
        said = [_named(view, figure, with_place=not one_place) for figure in figures]
        if len(figures) <= AT_A_GLANCE:
            chosen = st.radio(_("Figure"), worst, format_func=said.__getitem__, key="decide_figure")
        else:
            chosen = st.selectbox(_("Figure"), worst, format_func=said.__getitem__, key="decide_figure", filter_mode="contains")
    figure = figures[chosen]
    indicator = view.indicator(figure.indicator)
    st.markdown(f"**{wording.titled(indicator)}**  \n{_about(view, figure)}")
    people = _people(view)
    today = data.current_settings().as_of
    finding = st.text_area(
        _("Finding"), _finding(view, figure), key=f"decided_finding_{chosen}", max_chars=LONGEST, height=76,
    )  # fmt: skip
    decided = st.text_area(_("Decision"), key="decide_decision", max_chars=LONGEST, height=76, placeholder=_("What was decided"))
    measure = st.text_input(_("Measure"), key="decide_measure", max_chars=LONGEST, placeholder=_("What will be done"))
    left, right = st.columns([2, 1])
    responsible = left.selectbox(
        _("Responsible"), list(people), index=None, key="decide_responsible", filter_mode="contains", placeholder=_("Choose"),
        format_func=lambda code: people.get(code, code),
    )  # fmt: skip
    due = right.date_input(_("Due"), today + dt.timedelta(days=TERM), min_value=today, key="decide_due", format="DD.MM.YYYY")
    if st.button(_("Save"), type="primary", key="decide_save", icon=":material/check:"):
        missing = [name for name, told in ((_("Decision"), decided.strip()), (_("Responsible"), responsible)) if not told]
        if missing or not isinstance(due, dt.date):
            st.error(_("Still to be filled: {fields}", fields=", ".join(missing or [_("Due")])))
            return
        texts = tuple(_one_line(text) for text in (finding, decided, measure))
        try:
            _save(view, asked, figure, texts, str(responsible), due, today)
        except OSError as error:  # what was typed stays where it is
            st.error(_("Not saved: the disk does not take it ({reason}). Make room, then press “Save” again.",
                       reason=error.strerror or type(error).__name__))  # fmt: skip
            return
        _close()
        st.rerun()


def _save(view: View, asked: _Asked, figure: Seen, texts: tuple[str, ...], responsible: str, due: dt.date, today: dt.date) -> None:
    """Keep the decision, and let it be written. The viewer is judged anew, for a dialog may stand open for long: UserError when they may
    not decide any more, OSError when the disk does not take it."""
    loaded = data.current_settings()
    viewer = sign_in.visit(loaded, data.current_snapshot(loaded)).viewer
    if viewer != view.viewer or not access.load().allowed(viewer, "decisions") or not _open_to(view, figure):
        raise UserError("this role may no longer decide; open the page anew")
    box = data.outbox(view.loaded)
    assert box is not None, "a figure was seen, so there is a store"
    indicator = view.indicator(figure.indicator)
    finding, decided, measure = texts
    make(
        box,
        viewer,
        view.loaded,
        Decision(
            asked.identity,
            today,
            figure.indicator,
            figure.school_year,
            figure.period,
            figure.scope,
            place_words(view, indicator, dict(figure.scope)) if figure.scope else "",
            as_printed(indicator, figure.value),
            figure.numerator,
            figure.denominator,
            finding,
            decided,
            measure,
            responsible,
            due,
            snapshot=asked.snapshot,
            sheet_year=_sheet_year(view, today),
        ),
        data.own_teachers(view.snapshot, view.loaded, viewer),
    )
    st.session_state[_SAVED] = _("The decision is saved: it stands on the page of decisions.")
    freshness.ask()


def _sheet_year(view: View, today: dt.date) -> str:
    """The school year in whose workbook it is written: the newest one that the day belongs to, else the newest."""
    years = view.roll.school_years
    return next((year for year in reversed(years) if view.loaded.school_year(year).contains(today)), years[-1])


def _people(view: View) -> dict[str, str]:
    """Code → name of those who can be made responsible: the whole staff, or the association's own for its head."""
    staff = data.staff(view.snapshot, view.loaded, access.load()).people
    own = view.viewer.person.association if view.viewer.person else ""
    if not view.viewer.roles & ADMINISTRATION:
        staff = tuple(person for person in staff if person.association == own)
    return {person.teacher_id: _person(view, person) for person in sorted(staff, key=lambda p: i18n.ky_key(p.name))}


def _person(view: View, person: Person) -> str:
    """The name, with the office of those who hold one: they are the ones who are looked for."""
    rights = access.load()
    offices = [role for role in Role if role in person.roles and role not in (Role.TEACHER, Role.CLASS_HEAD)]
    named = [rights.roles[role].name or view.loaded.roles[role] for role in offices[:1]]
    return " · ".join([person.name, *(words.of(i18n.language()) for words in named)])


# --- words ---------------------------------------------------------------------------------------------------------------


def _distance(view: View, figure: Seen) -> float:
    apart = analysis.distance(view.indicator(figure.indicator), figure.value)
    return 0.0 if apart is None else apart


def place_words(view: View, indicator: Indicator, scope: Mapping[str, str]) -> str:
    """What a figure speaks of: place, subject, teacher by name, part of the breakdown; "Whole school" for {}."""
    named = dict(scope)
    part, teacher = named.pop(PART, ""), named.pop("teacher", "")
    told = [wording.part(view.loaded, indicator, part)] if part else []
    told = [person_name(view, teacher), *told] if teacher else told
    return " · ".join([*([wording.scope(view.loaded, named)] if named or not told else []), *told])


def person_name(view: View, code: str) -> str:
    """A person's name by the newest register that knows the code."""
    years = reversed(view.roll.school_years)
    return next((name for year in years if (name := view.roll.people.get((year, code)))), code)


def _named(view: View, figure: Seen, with_place: bool) -> str:
    indicator = view.indicator(figure.indicator)
    where = f"{place_words(view, indicator, dict(figure.scope))} — " if with_place else ""
    return f"{where}{indicator.name.of(i18n.language())}: {wording.number(indicator, figure.value)}"


def _about(view: View, figure: Seen) -> str:
    """ "7-А · Algebra · Quarter 3, 2025–2026 · 43.1% · target ≥ 50% · n = 72"."""
    indicator = view.indicator(figure.indicator)
    told = [
        place_words(view, indicator, dict(figure.scope)), wording.at_time(figure.school_year, figure.period),
        f"**{wording.number(indicator, figure.value)}**", wording.target(indicator),
        wording.n(Figure(figure.value, figure.numerator, figure.denominator)),
    ]  # fmt: skip
    judged = wording.badge(analysis.verdict(indicator, figure.value)) if indicator.target is not None else ""
    return " · ".join(text for text in told if text) + (f" {judged}" if judged else "")


def _finding(view: View, figure: Seen) -> str:
    """The sentence that the decision begins with; the person may word it otherwise."""
    indicator = view.indicator(figure.indicator)
    where = f"{place_words(view, indicator, dict(figure.scope))} — " if figure.scope else ""
    about = [wording.target(indicator), wording.n(Figure(figure.value, figure.numerator, figure.denominator))]
    facts = ", ".join(text for text in about if text)
    text = f"{where}{wording.titled(indicator)}: {wording.number(indicator, figure.value)}" + (f" ({facts})" if facts else "")
    return text.replace(i18n.NBSP, " ")


def _one_line(text: str) -> str:
    return " ".join(text.split())
