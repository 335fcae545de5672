"""Blocks of the page of documents: the choice, the files, what the document will say, and a whole set as one archive."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from lib import i18n, wording
from lib.access import Place, log
from lib.documents.basis import Basis
from lib.documents.document import Document, Heading, Paragraph, Picture, Table, Told
from lib.documents.drafting import draft
from lib.documents.filed import DOCX, MIMES, PDF, filed
from lib.documents.phrases import Kind, Phrases, load
from lib.documents.request import PERIODS, Request, allowed, ask, kinds_of, members
from lib.documents.sets import SETS, archive, whole
from lib.i18n import gettext as _
from lib.settings import UserError, desk_of
from lib.ui import data, state
from lib.ui.blocks.panel import as_typed, to_read
from lib.ui.making import Make, Making
from lib.ui.page import View

PAGE = "documents"
PAPER = ("ky", "ru")  # languages of the school's papers; who reads English may have them in English as well
WIDTH = 760
_MAKING, _LOGGED = "set_of_documents", "pupil_page_logged"
_POLL = 1.0  # seconds between two looks at a set on its way


@dataclass(frozen=True)
class Wish:
    """What the reader chose, the document that comes of it, and by which it was drawn."""

    view: View
    basis: Basis
    phrases: Phrases
    request: Request
    language: str
    document: Document

    @property
    def kind(self) -> Kind:
        """The kind of the document."""
        return self.phrases.kinds[self.request.kind]


# --- the choice ----------------------------------------------------------------------------------------------------------


def choice(view: View) -> Wish | None:
    """Document, what it is about, period, language; None, with a sentence, where there is nothing to choose."""
    basis, phrases = data.basis(view.snapshot, view.loaded), load()
    kinds = [kind for kind in kinds_of(basis, phrases) if _possible(basis, kind, view.chosen.school_year)]
    if not kinds:
        st.info(_("No document is drawn up by your role. Templates of the school's own are below."))
        return None
    spoken = i18n.language()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = st.selectbox(_("Document"), kinds, format_func=lambda one: one.name.of(spoken), key="document_kind", width=330)
            about = _about(view, basis, kind)
            period = period_box(basis, kind.periods, view.chosen.school_year, view.chosen.period, f"document_period_{kind.id}")
            language = language_box("document_language")
        st.caption(wording.plain(kind.about.of(spoken)))
    if about is None:
        return None
    try:
        request = ask(basis, phrases, kind.id, school_year=view.chosen.school_year, period=period, **about)
        if request.pupil:
            _note_opened(view, request.pupil)
        document = _drawn(view, basis, phrases, request, language)
    except UserError as error:
        st.error(wording.plain(str(error)))
        return None
    return Wish(view, basis, phrases, request, language, document)


def _possible(basis: Basis, kind: Kind, school_year: str) -> bool:
    """Whether there is anything that the viewer may have such a document about."""
    if not kind.takes:
        return allowed(basis, kind, Request(kind.id, school_year))
    if kind.takes == ("pupil",):
        return school_year == basis.pupils_year and bool(_classes_of_pupils(basis))
    return any(members(basis, kind, name, school_year) for name in kind.takes)


def _classes_of_pupils(basis: Basis) -> list[str]:
    year = basis.pupils_year
    return [name for name in basis.classes(year) if basis.eyes.sees_pupils(Place(year, school_class=name))]


def _about(view: View, basis: Basis, kind: Kind) -> dict[str, str] | None:
    """What the document is about: the sort where there are several, then the one; {} for the school, None where nothing is left."""
    if not kind.takes:
        return {}
    year = view.chosen.school_year
    if kind.takes == ("pupil",):
        return _pupil(basis)
    sorts = [name for name in kind.takes if members(basis, kind, name, year)]
    sort = sorts[0]
    if len(sorts) > 1:
        sort = st.selectbox(_("About"), sorts, format_func=sort_name, key=f"document_about_{kind.id}", width=170)
    found = members(basis, kind, sort, year)
    value = st.selectbox(sort_name(sort), found, format_func=partial(member_name, view, sort), key=f"document_{kind.id}_{sort}", width=270)
    return {sort: str(value)}


def _pupil(basis: Basis) -> dict[str, str] | None:
    name = st.selectbox(_("Class"), _classes_of_pupils(basis), key="document_pupil_class", width=110)
    pupils = basis.members(name)
    if not pupils:
        return None
    # options are places in the list: neither a name nor a code goes into a widget's state
    place = st.selectbox(
        _("Pupil"), range(len(pupils)), format_func=lambda at: pupils[at].name, key=f"document_pupil_of_{name}", width=300, index=None,
        placeholder=_("choose a pupil"),
    )  # fmt: skip
    return None if place is None else {"pupil": pupils[place].pupil}


def sort_name(sort: str) -> str:
    """What a document may be about, in words."""
    return _("Direction") if sort == "direction" else wording.dimension("method_association" if sort == "association" else sort)


def member_name(view: View, sort: str, value: str) -> str:
    """One of these, in words."""
    if sort == "direction":
        return view.loaded.directions[value].name.of(i18n.language())
    return wording.member(view.loaded, "method_association" if sort == "association" else sort, value)


def period_box(basis: Basis, kinds: Sequence[str], school_year: str, chosen: str, key: str) -> str:
    """The period, of those that have begun; "" where there is none to choose."""
    calendar, day = basis.loaded.school_year(school_year), basis.snapshot.as_of
    begun = [name for name in PERIODS if name[0] in kinds and calendar.period(name).start <= day]
    if not begun:
        return ""
    newest = [name for name in begun if name[0] == "Q"] or begun
    likely = chosen if chosen in begun else basis.roll.quarter if basis.roll.quarter in begun else newest[-1]
    found = st.selectbox(_("Period"), begun, index=begun.index(likely), format_func=wording.period, key=key, width=180)
    return str(found)


def language_box(key: str) -> str:
    """The language of the paper: that of the reader, if papers are written in it."""
    names = {"ky": _("in Kyrgyz"), "ru": _("in Russian"), "en": _("in English")}
    spoken = i18n.language()
    known = PAPER if spoken in PAPER else (*PAPER, spoken)
    chosen = st.segmented_control(
        _("Language of the document"), known, default=spoken, required=True, format_func=names.__getitem__, key=f"{key}_{spoken}"
    )  # fmt: skip
    return str(chosen)


def _drawn(view: View, basis: Basis, phrases: Phrases, request: Request, language: str) -> Document:
    """The document in its own language; drawn up once for what was chosen. A pupil's is kept nowhere."""
    with i18n.speaking(language):
        if request.pupil:
            return draft(basis, phrases, request)
        place = ("document", request.kind, request.school_year, request.period, *request.about)
        return data.kept(view.snapshot, view.loaded, place, lambda: draft(basis, phrases, request))


def _note_opened(view: View, pupil: str) -> None:
    """A pupil's page stands in the log of access, once for each time that it is chosen."""
    if view.loaded.store is None:
        return
    desk = desk_of(view.loaded.store)
    told = log.mark(desk, pupil)
    if st.session_state.get(_LOGGED) != told:
        log.opened(desk, dt.datetime.now(), view.viewer, PAGE, pupil)
        st.session_state[_LOGGED] = told


# --- one document --------------------------------------------------------------------------------------------------------


def files(wish: Wish) -> None:
    """The document as a Word file and as a PDF, made when they are asked for."""
    day = wish.basis.snapshot.as_of
    with st.container(horizontal=True):
        for ending, label, icon in ((DOCX, _("Word, to edit"), "edit_document"), (PDF, _("PDF, to print"), "print")):
            st.download_button(
                label, partial(filed, wish.document, ending, day), wish.document.file + ending, MIMES[ending],
                type="primary" if ending == DOCX else "secondary", icon=f":material/{icon}:", on_click="ignore", key=f"document{ending}",
            )  # fmt: skip


def preview(wish: Wish) -> None:
    """The sentences of the document, and the figures behind them."""
    document = wish.document
    with st.container(border=True, width=WIDTH, key="document_preview"):
        st.caption(wording.plain(document.school))
        st.markdown(f"**{wording.plain(document.title)}**  \n" + "  \n".join(map(wording.plain, document.about)))
        for block in document.every:
            _block(block)
        st.caption(wording.plain(document.footer))
    told = list(document.told())
    if told:
        with st.expander(f"{_('Figures in the document')}: {len(told)}"):
            st.dataframe(_facts(wish.view, told), hide_index=True, alt=_("Figures in the document"))


def _block(block: object) -> None:
    match block:
        case Heading():
            st.markdown(f"{'####' if block.level == 1 else '#####'} {wording.plain(block.text)}")
        case Paragraph(kind="note"):
            st.caption(wording.plain(block.text))
        case Paragraph():
            st.markdown(f"{'- ' if block.kind in ('item', 'numbered') else ''}{wording.plain(block.text)}")
        case Table():
            with st.expander(f":material/table: {wording.plain(block.title)}: {len(block.rows)}"):
                st.table(as_typed(to_read(_columns(block))), border="horizontal", hide_index=True, alt=block.title)
        case Picture():
            st.caption(f":material/bar_chart: {wording.plain(block.caption)}")


def _columns(table: Table) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for place, title in enumerate(table.head):
        while title in columns:
            title += i18n.NBSP  # two of one name stay two
        columns[title] = [" ".join(part for part in (row[place].text, row[place].note) if part) for row in table.rows]
    return columns


def _facts(view: View, told: Sequence[Told]) -> object:
    """Each figure with its indicator, group and period: what a sentence can be followed back by."""
    return to_read(
        {
            _("Figure"): [_figure(view, one) for one in told],
            _("Group"): [wording.scope(view.loaded, {k: v for k, v in one.scope if k != "due"}) for one in told],
            _("Period"): [
                wording.at_time(one.school_year, one.period) if one.period else wording.school_year(one.school_year) for one in told
            ],
            _("Value"): [one.text for one in told],
        }
    )


def _figure(view: View, one: Told) -> str:
    known = view.loaded.all_indicators.get(one.indicator)
    words = {
        "value": "", "n": "n", "numerator": _("Numerator"), "target": _("Target"), "change": _("Change"), "gap": _("difference"),
        "pupils": _("Pupils"), "classes": _("Classes"),
    }  # fmt: skip
    if known is None:
        about = wording.form(view.loaded, one.indicator) if one.indicator in view.loaded.forms else ""
        return about or words.get(one.what, "") or _("Counted")
    said = words.get(one.what, "")
    return f"{known.code} · {known.name.of(i18n.language())}" + (f" · {said}" if said else "")


# --- a set ---------------------------------------------------------------------------------------------------------------


def whole_set(wish: Wish) -> None:
    """All classes (subjects, associations, directions) as one archive."""
    sort, _value = wish.request.about
    if sort not in SETS or len(members(wish.basis, wish.kind, sort, wish.request.school_year)) < 2:
        return
    found = whole(wish.basis, wish.kind, wish.request, sort)
    st.subheader(_("The whole set"), anchor=False)
    with st.container(border=True, width=WIDTH):
        st.markdown(f"{wording.plain(wish.kind.name.of(i18n.language()))} · {sort_name(sort)}: **{len(found.requests)}**")
        ending = st.segmented_control(
            _("Files"), (DOCX, PDF), default=DOCX, required=True, format_func={DOCX: "Word", PDF: "PDF"}.__getitem__, key="set_ending"
        )  # fmt: skip
        key = ("set", data.key(wish.view.snapshot), wish.basis.eyes.key, found.file, str(ending), wish.language)

        def make(progress: Callable[[int, int, str], None], stopped: Callable[[], bool]) -> bytes | None:
            i18n.use(wish.language)
            return archive(wish.basis, wish.phrases, found, str(ending), progress, stopped)

        one_archive(key, f"{found.file}.zip", make)


def one_archive(key: tuple[str, ...], file: str, make: Make, name: str = "document") -> None:
    """The button that begins, the bar while it goes on, and the file at the end. `name` tells archives of one page apart."""
    slot = f"{_MAKING} {name}"
    making = st.session_state.get(slot)
    if isinstance(making, Making) and making.key != key:
        making.stop()  # another choice: what was made for the former one is let go
        st.session_state.pop(slot, None)
        making = None
    if making is None:
        st.button(
            _("Make the archive"), icon=":material/folder_zip:", key=f"make_set_{name}", on_click=_begin, args=(slot, key, file, make)
        )
    elif making.state.ended:
        _ended(making, slot, name)
    else:
        _goes_on(slot, name)


def _begin(slot: str, key: tuple[str, ...], file: str, make: Make) -> None:
    st.session_state[slot] = Making(key, file, make)


@st.fragment(run_every=_POLL)
def _goes_on(slot: str, name: str) -> None:
    i18n.use(state.chosen_language())  # the frame did not run before a fragment that runs by itself
    making = st.session_state.get(slot)
    if not isinstance(making, Making):
        return
    now = making.state
    if now.ended:
        st.rerun()
    left = now.seconds_left(time.monotonic())
    told = f"{now.done} / {now.total}" if now.total else _("waiting for its turn …")
    told += f" · {_('seconds left')}: {left}" if left is not None else ""
    st.progress(now.done / now.total if now.total else 0.0, text=told)
    st.button(_("Stop"), icon=":material/stop_circle:", key=f"stop_set_{name}", on_click=making.stop)


def _ended(making: Making, slot: str, name: str) -> None:
    if making.state.problem:
        st.error(wording.plain(making.state.problem))
    elif making.state.content is None:
        st.caption(_("It was stopped; nothing was kept."))
    else:
        size = f"{i18n.number(len(making.state.content) / 2**20, 1)} MB"
        st.download_button(
            f"{_('Take the archive')} ({size})", making.state.content, making.file, "application/zip", type="primary",
            icon=":material/download:", on_click="ignore", key=f"take_set_{name}",
        )  # fmt: skip
    st.button(
        _("Again"), icon=":material/refresh:", type="tertiary", key=f"again_set_{name}", on_click=st.session_state.pop, args=(slot, None)
    )
