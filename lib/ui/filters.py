"""The row of filters: bound to the address, the same on every direction page, drawn by the frame so that it outlives a change of page.

In the address stand the words that the reader sees (Streamlit binds labels). A link with machine keys (?subject=ALG&period=Q2), or one in
another language, is translated once, when it opens a session; see `translated`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.indicators.roll import Roll
from lib.model.calendar import QUARTERS, YEAR
from lib.settings import Settings
from lib.ui.state import PLACE_FILTERS, Chosen

ALL = ""
NAMES = ("school_year", "period", *PLACE_FILTERS)
PERIODS = (*QUARTERS, YEAR)
_WIDTHS = {"school_year": 132, "stage": 148, "grade": 132, "school_class": 110, "subject": 220, "method_association": 240}


@dataclass(frozen=True)
class _Filter:
    """One filter: its options as machine keys, and how to say them."""

    name: str
    options: tuple[str, ...]
    words: Callable[[str], str]
    default: str


def _said(words: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: words(value) if value else _("All")


def _filters(loaded: Settings, roll: Roll, state: Mapping[str, object]) -> list[_Filter]:
    """The filters with the options that the choices before them leave."""
    newest = roll.newest
    year = str(state.get("school_year") or newest)
    year = year if year in roll.school_years else newest
    classes = roll.classes.get(year, ())
    stage, grade = str(state.get("stage") or ALL), str(state.get("grade") or ALL)
    stages = tuple(s for s in loaded.stages if any(row[2] == s for row in classes))
    in_stage = tuple(row for row in classes if stage not in stages or row[2] == stage)
    grades = tuple(dict.fromkeys(row[1] for row in in_stage if row[1]))
    in_grade = tuple(row for row in in_stage if grade not in grades or row[1] == grade)
    names = tuple(row[0] for row in in_grade if row[0])  # a class that may not be chosen has no name here
    association = str(state.get("method_association") or ALL)
    subjects = tuple(
        s for s in roll.subjects.get(year, ())
        if association not in loaded.associations or s not in loaded.subjects or loaded.subjects[s].association == association
    )  # fmt: skip
    return [
        _Filter("school_year", tuple(reversed(roll.school_years)), wording.school_year, newest),
        _Filter("period", PERIODS, wording.period, roll.quarter),
        _Filter("stage", (ALL, *stages), _said(lambda v: wording.stage(loaded, v)), ALL),
        _Filter("grade", (ALL, *grades), _said(wording.grade), ALL),
        _Filter("school_class", (ALL, *names), _said(str), ALL),
        _Filter("subject", (ALL, *subjects), _said(lambda v: wording.subject(loaded, v)), ALL),
        _Filter("method_association", (ALL, *loaded.associations), _said(lambda v: wording.association(loaded, v)), ALL),
    ]


def translated(loaded: Settings, roll: Roll) -> dict[str, str] | None:
    """The address's filters in the words of the current language, when some stand there as keys or in another language; else None."""
    given = {name: st.query_params[name] for name in st.query_params}
    told = dict(given)
    now = i18n.language()
    for item in _filters(loaded, roll, {}):
        raw = given.get(item.name)
        if raw is None:
            continue
        options = item.options if item.name != "school_class" else tuple({row[0] for rows in roll.classes.values() for row in rows})
        if raw in {item.words(option) for option in options}:
            continue
        for language in i18n.LANGUAGES:
            i18n.use(language)
            known = {item.words(option): option for option in options} | {option: option for option in options}
            if raw in known:
                i18n.use(now)
                told[item.name] = item.words(known[raw])
                break
        i18n.use(now)
    return told if told != given else None


def link(loaded: Settings, scope: Mapping[str, str]) -> dict[str, str]:
    """The part of an address that sets these filters, in the current language."""
    return {name: wording.member(loaded, name, value) for name, value in scope.items() if value and name in PLACE_FILTERS}


def keep_in_address(*names: str) -> None:
    """Write what is chosen into the address again: after a change of language in the new words, and after a change of page where a click
    that came before the page had settled has lost it. Call it before the widgets of this run are drawn."""
    for name in names or NAMES:
        if (value := st.session_state.get(name)) not in (None, ALL):
            st.session_state[name] = value


def narrow(**scope: str) -> None:
    """Set filters; only from a callback, before the widgets of this run are drawn."""
    for name, value in scope.items():
        st.session_state[name] = value


def _clear() -> None:
    narrow(**dict.fromkeys(PLACE_FILTERS, ALL))


def _pick(item: _Filter) -> str:
    held = st.session_state.get(item.name)
    if held is not None and held not in item.options:
        st.session_state[item.name] = item.default
    if item.name == "period":
        chosen = st.segmented_control(
            wording.dimension(item.name), item.options, default=item.default, required=True,
            format_func=item.words, key=item.name, bind="query-params", wrap=True,
        )  # fmt: skip
    else:
        chosen = st.selectbox(
            wording.dimension(item.name), item.options, format_func=item.words, key=item.name, bind="query-params",
            width=_WIDTHS[item.name], filter_mode="contains",
        )  # fmt: skip
    return chosen if chosen in item.options else item.default


def _held(item: _Filter) -> str:
    """What is chosen in a filter that this page does not draw."""
    held = st.session_state.get(item.name)
    return str(held) if held in item.options else item.default


def draw(loaded: Settings, roll: Roll, places: bool, forget: bool = False, periods: bool = True) -> Chosen:
    """Draw the filters and give what is chosen. Without `places` only school year and period are asked; the others are kept for the next
    direction page, or let go with `forget` (the overview speaks of the whole school, and its links set filters of their own). Without
    `periods` the page speaks of the whole school year, and what was chosen is kept."""
    if forget:
        for name in PLACE_FILTERS:
            st.session_state.pop(name, None)
    held = {name: st.session_state.get(name) for name in ("school_year", "stage", "grade", "method_association")}
    with st.container(horizontal=True, key="filters"):
        asked = [item for item in _filters(loaded, roll, held) if places or item.name not in PLACE_FILTERS]
        found = {item.name: _pick(item) if periods or item.name != "period" else _held(item) for item in asked}
        if places and any(found[name] for name in PLACE_FILTERS):
            st.space("small")
            st.button(_("Clear"), icon=":material/filter_alt_off:", type="tertiary", on_click=_clear, key="clear_filters")
    return Chosen(**found)
