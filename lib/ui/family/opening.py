"""How a family's page opens: by a code, by an e-mail in the register, or for staff as far as their rights go. Nothing is drawn before."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from lib import wording
from lib.access import Grain, Place, Role, Viewer, log, rights
from lib.family.codes import Grant
from lib.family.register import classes, grade_of, members, own_row, pupils_of_email, school_year
from lib.family.rules import Family
from lib.i18n import gettext as _
from lib.settings import Settings
from lib.snapshot import Snapshot
from lib.ui import page
from lib.ui.family import way_in
from lib.ui.family.refusal import refusal
from lib.ui.family.route import COOKIE

SUMMARY = "class_summary"
_TOKEN, _COUNTED, _EXAMPLE = "family_token", "family_opened", "family_example"
_LOOKS_EVERY = 20  # seconds between two looks whether the code still holds


@dataclass(frozen=True)
class Reader:
    """Who reads a family's page: a pupil's family (`pupil`), a family of a class (`school_class` alone), or nobody of these.

    `by_code`: came in with a code, and can leave. `example`: the demo school shows an invented child.
    """

    pupil: str = ""
    school_class: str = ""
    by_code: bool = False
    example: bool = False


@dataclass(frozen=True)
class FamilyView:
    """What a family's page is drawn from. `snapshot` is whole: what is drawn comes through lib.family, which takes one child or class."""

    loaded: Settings
    snapshot: Snapshot
    viewer: Viewer
    family: Family
    reader: Reader

    @cached_property
    def readable(self) -> list[str]:
        """The classes whose summary a person of the staff may read without a code."""
        if not self.viewer.is_staff:
            return []
        found = classes(self.snapshot, self.loaded)
        return [name for name in found if rights.allowed(self.viewer, SUMMARY, Grain.CLASS, Place(school_class=name))]


def open_page(name: str) -> FamilyView:
    """The view of the page with that file name. Who may not read it gets the field for a code, and the page ends there."""
    opened = page.open_family()
    if opened.snapshot is None:
        st.info(_("Nothing has been collected yet"))
        st.stop()
    loaded, viewer, snapshot = opened.loaded, opened.viewer, opened.snapshot
    reader = _reader(loaded, viewer, snapshot)
    view = FamilyView(loaded, snapshot, viewer, way_in.family_of(loaded), reader)
    if reader.by_code:
        _watch(view.loaded)
    if name == SUMMARY and (reader.school_class or view.readable):
        return view
    if not reader.pupil:
        _ask_code(view)
        st.stop()
    _count(view, name)
    return view


# --- who reads -----------------------------------------------------------------------------------------------------------


def _token() -> str:
    return str(st.session_state.get(_TOKEN) or st.context.cookies.get(COOKIE) or "")


def _reader(loaded: Settings, viewer: Viewer, snapshot: Snapshot) -> Reader:
    grant = way_in.granted(loaded, _token())
    if grant is not None:
        return _of_grant(loaded, snapshot, grant)
    if viewer.person is not None and Role.FAMILY in viewer.roles:
        children = pupils_of_email(snapshot, loaded, viewer.person.email)
        if len(children) > 1:
            names = {child.pupil: child.name for child in children}
            place = st.segmented_control(
                _("Child"), range(len(children)), default=0, required=True, key="child",
                format_func=lambda number: wording.plain(children[number].name),
            )  # fmt: skip
            return _of_pupil(loaded, snapshot, list(names)[int(place or 0)])
        if children:
            return _of_pupil(loaded, snapshot, children[0].pupil)
    if viewer.demo and st.session_state.get(_EXAMPLE):
        return _example(loaded, snapshot)
    return Reader()


def _of_grant(loaded: Settings, snapshot: Snapshot, grant: Grant) -> Reader:
    if not grant.pupil:
        return Reader(school_class=grant.school_class, by_code=True)
    reader = _of_pupil(loaded, snapshot, grant.pupil)
    return Reader(reader.pupil, reader.school_class, by_code=bool(reader.pupil))


def _of_pupil(loaded: Settings, snapshot: Snapshot, pupil: str) -> Reader:
    row = own_row(snapshot, loaded, pupil)
    return Reader(pupil, row["school_class"] or "") if row else Reader()


def _example(loaded: Settings, snapshot: Snapshot) -> Reader:
    """An invented child of the demo school: the first of the first class that gets marks."""
    year = school_year(snapshot, loaded)
    for name in classes(snapshot, loaded):
        if loaded.marked(year, grade_of(snapshot, loaded, name)) and (pupils := members(snapshot, loaded, name)):
            return Reader(pupils[0].pupil, name, example=True)
    return Reader()


# --- the way in ----------------------------------------------------------------------------------------------------------


def _ask_code(view: FamilyView) -> None:
    st.markdown(_("This page opens with the personal code of the family. The class teacher hands it out on a slip with a QR code."))
    with st.form("family_code", clear_on_submit=True, width=560):
        typed = st.text_input(_("Code from the slip"), key="code", autocomplete="off", max_chars=400, placeholder="••••-••••-••••-…")
        pressed = st.form_submit_button(_("Open"))  # white on the accent is too faint in the dark
    if pressed and typed.strip():
        answer = way_in.enter(view.loaded, typed, str(st.context.ip_address or "127.0.0.1"))
        if answer.grant is not None:
            st.session_state[_TOKEN] = answer.token
            st.rerun()
        st.error(refusal(answer.wait), icon=":material/error:")
    st.caption(_("If the slip is lost, tell the class teacher: the old code is closed and a new one given."))
    if view.viewer.demo and st.button(_("Show the page of an invented child"), key="example", icon=":material/visibility:"):
        st.session_state[_EXAMPLE] = True
        st.rerun()


@st.fragment(run_every=_LOOKS_EVERY)
def _watch(loaded: Settings) -> None:
    """A code that was closed shows its reader out, also from a page that merely stands open."""
    if way_in.granted(loaded, _token(), use=False) is None:
        st.rerun()


def leave_button(view: FamilyView) -> None:
    """Ends the session of a reader with a code, on a phone that others use as well."""
    if view.reader.by_code and st.button(_("Leave this page"), key="leave", icon=":material/logout:"):
        way_in.leave(view.loaded, _token())
        st.session_state.pop(_TOKEN, None)
        st.rerun()
    if view.reader.example and st.button(_("Leave this page"), key="leave", icon=":material/logout:"):
        st.session_state.pop(_EXAMPLE, None)
        st.rerun()


def _count(view: FamilyView, name: str) -> None:
    """Note the opening, once a browser session: in the log, and in the counts where no code did so."""
    if st.session_state.get(_COUNTED) == view.reader.pupil:
        return
    st.session_state[_COUNTED] = view.reader.pupil
    now, viewer = dt.datetime.now(), view.viewer
    as_family = viewer if viewer.person is not None else Viewer(None, frozenset({Role.FAMILY}), viewer.demo)
    log.opened(way_in.desk(view.loaded), now, as_family, name, view.reader.pupil)
    if not view.reader.by_code and not view.reader.example:
        way_in.door_of(view.loaded).views.count(view.reader.pupil, now.date())
