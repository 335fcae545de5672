"""Blocks of the page "New school year": what becomes of everybody, the registry to look through, and the confirmation."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from lib import i18n, wording
from lib.access.roles import Role
from lib.analysis.cohorts import year_after, year_before
from lib.i18n import gettext as _
from lib.settings import UserError
from lib.turn import told
from lib.turn.book import registries_of
from lib.turn.desk import TurnDesk
from lib.turn.making import carry_out
from lib.turn.prepared import Prepared, Source, prepare
from lib.turn.review import Fate, Question, Weight
from lib.ui import data, file_field, freshness
from lib.ui.blocks.panel import XLSX, to_read
from lib.ui.page import Opened

_DONE = "turn_done"  # what the last run of this session said
LARGEST = 5 * 1024 * 1024  # bytes of a registry that is handed in
LISTED = 8  # questions in sight; the rest is folded away


@dataclass(frozen=True)
class Turn:
    """A turn as this page shows it, and who looks."""

    prepared: Prepared
    opened: Opened

    @property
    def desk(self) -> TurnDesk:
        """What the desk keeps of it."""
        return TurnDesk(self.prepared.place, self.prepared.to_year)


def looked_at(opened: Opened) -> Turn | None:
    """The turn that comes next, or why there is none."""
    loaded, snapshot = opened.loaded, opened.snapshot
    if loaded.store is None or snapshot is None or not (years := list(registries_of(snapshot))):
        st.info(_("There is no filled registry yet. It is written by `python run.py templates`."))
        return None
    to_year = _chosen(loaded.school_year(years[-1]).quarters[0][1] >= loaded.as_of, years)
    desk = TurnDesk(loaded.store, to_year)
    try:
        state = desk.state()
        marks = (to_year, state.done_at if state else "", str(state is not None), _digest(desk), loaded.digest, loaded.as_of.isoformat())
        with st.spinner(_("The registries are being compared …")):
            found = data.kept(snapshot, loaded, ("turn", *marks), lambda: prepare(loaded, snapshot, to_year))
    except UserError as error:
        st.error(wording.plain(str(error)))
        return None
    return Turn(found, opened)


def _chosen(newest_is_young: bool, years: list[str]) -> str:
    """The year to go into: the newest one while it is young (enrolment, freezing), else the one after it."""
    newest, after = years[-1], year_after(years[-1])
    if year_before(newest) not in years:
        return after
    options = [newest, after]
    chosen = st.segmented_control(
        _("School year to open"), options, default=newest if newest_is_young else after, required=True, key="turn_into",
        format_func=wording.school_year,
    )  # fmt: skip
    return str(chosen)


def _digest(desk: TurnDesk) -> str:
    file = desk.handed_in
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


# --- what becomes of everybody -------------------------------------------------------------------------------------------


def answer(turn: Turn) -> None:
    """The one answer: how many go on, and whether anything stands in the way."""
    found, prepared = turn.prepared.review, turn.prepared
    if said := st.session_state.pop(_DONE, None):
        st.success("  \n".join(wording.plain(line) for line in said), icon=":material/check_circle:")
    forbids, decide = found.of(Weight.FORBIDS), found.of(Weight.DECIDE)
    mark = f":red-badge[▼ {_('to mend: {n}', n=len(forbids))}] " if forbids else f":green-badge[▲ {_('nothing stands in the way')}] "
    mark += f":orange-badge[● {_('to decide: {n}', n=len(decide))}]" if decide else ""
    heading = _("From {old} to {new}", old=wording.school_year(found.from_year), new=wording.school_year(found.to_year))
    st.markdown(f"**{heading}** &nbsp; {mark}")
    rows = {
        _("Move up"): found.fates[Fate.MOVED],
        _("Graduate"): found.fates[Fate.GRADUATED],
        _("Left"): found.fates[Fate.LEFT],
        _("To decide"): found.fates[Fate.NAMED],
    }
    if found.entered:
        rows[_("New pupils")] = found.entered
    columns: dict[str, list[object]] = {_("Pupils"): list(rows), str(found.pupils): [f"**{number}**" for number in rows.values()]}
    st.table(to_read(columns), border="horizontal", hide_index=True, width="content", alt=told.counts(found))
    parts = (told.source(prepared), told.standing(prepared), told.freezing(prepared))
    st.caption(" · ".join(wording.plain(part) for part in parts if part))


def questions(turn: Turn) -> None:
    """What must be mended and what is to be decided, each with its cell; advice is folded away."""
    found = turn.prepared.review
    st.subheader(_("1. Who goes where"), anchor=False)
    pressing = [*found.of(Weight.FORBIDS), *found.of(Weight.DECIDE)]
    if pressing:
        st.markdown(_lines(turn, pressing[:LISTED]))
    if len(pressing) > LISTED:
        with st.expander(_("More: {n}", n=len(pressing) - LISTED)):
            st.markdown(_lines(turn, pressing[LISTED:]))
    _by_class(turn)
    if advice := found.of(Weight.ADVICE):
        with st.expander(_("Worth a look: {n}", n=len(advice))):
            st.markdown(_lines(turn, advice))


def _lines(turn: Turn, asked: Sequence[Question]) -> str:
    """Each its own paragraph: the mark of its weight stands where a list's would."""
    return "\n\n".join(_line(turn, question) for question in asked)


def _line(turn: Turn, asked: Question) -> str:
    colour = {Weight.FORBIDS: "red", Weight.DECIDE: "orange", Weight.ADVICE: "gray"}[asked.weight]
    words = wording.plain(told.question(asked, turn.prepared.settings))
    place = f"  \n:small[:gray[{wording.plain(asked.place)}]]" if asked.place else ""
    typed = f"  \n`{told.to_type(asked)}`" if told.to_type(asked) else ""
    return f":{colour}[{told.MARKS[asked.weight]}] {words}{typed}{place}"


def _by_class(turn: Turn) -> None:
    ways = turn.prepared.review.ways
    titles = (_("Class now"), _("Becomes"), _("Move up"), _("Graduate"), _("Left"), _("To decide"))
    columns: dict[str, list[object]] = {title: [] for title in titles}
    for way in ways:
        fates = (way.fates[fate] for fate in (Fate.MOVED, Fate.GRADUATED, Fate.LEFT, Fate.NAMED))
        row = (way.school_class or "–", f"**{wording.plain(told.becomes(way))}**", *(str(n) if n else "" for n in fates))
        for column, cell in zip(columns.values(), row, strict=True):
            column.append(cell)
    columns = {title: cells for title, cells in columns.items() if any(cells)}  # narrow screens have no room for empty columns
    with st.expander(_("By class: {n}", n=len(ways))):
        st.table(to_read(columns), border="horizontal", hide_index=True, alt=_("Class now"))
        st.caption(wording.plain(told.others(turn.prepared.review)))


# --- the registry --------------------------------------------------------------------------------------------------------


def registry(turn: Turn) -> None:
    """Step 2: the registry as a file to look through and to edit, and back."""
    prepared = turn.prepared
    if prepared.source is Source.IN_STORE or not _may_write(turn):
        return
    st.subheader(_("2. Look the registry through"), anchor=False)
    st.markdown(
        _(
            "An ordinary registry workbook: pupils, classes, class teachers, lessons. Change what is to be otherwise; delete the rows of "
            "pupils who leave, or write the day on which they left."
        )
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            _("Download the registry"), prepared.registry, f"registry-{prepared.to_year}.xlsx", XLSX, key="turn registry",
            icon=":material/download:",
        )  # fmt: skip
        if prepared.source is Source.HANDED_IN and prepared.state is None:
            again = st.button(_("Take the proposed one again"), key="turn_back", icon=":material/undo:", type="tertiary")
            if again and _may_write(turn):  # not by a callback, which would run before the page has looked who asks
                turn.desk.take_back()
                st.rerun()
    if prepared.state is None:
        file_field.in_our_words()
        given = st.file_uploader(_("Hand in the edited registry (a file .xlsx, up to 5 MB)"), type=["xlsx"], key="turn_file")
        if given is not None:
            _hand_in(turn, given.getvalue())


def _hand_in(turn: Turn, content: bytes) -> None:
    """Keep what was handed in when it is a registry of that year; a file is taken once, so that another one may follow."""
    mark = hashlib.sha256(content).hexdigest()
    if not _may_write(turn):
        return
    if len(content) > LARGEST:
        st.error(_("The file is larger than 5 MB."))
        return
    if st.session_state.get("turn_handed_in") == mark:
        return
    try:
        prepare(turn.opened.loaded, turn.prepared.snapshot, turn.prepared.to_year, content)
    except UserError as error:
        st.error(wording.plain(str(error)))
        return
    turn.desk.hand_in(content)
    st.session_state["turn_handed_in"] = mark
    st.rerun()


# --- the confirmation ----------------------------------------------------------------------------------------------------


def confirm(turn: Turn) -> None:
    """Step 3: make the workbooks, freeze the old year, with progress."""
    prepared = turn.prepared
    if not _may_write(turn):
        return
    begun, done = prepared.state is not None and not prepared.state.done, prepared.state is not None and prepared.state.done
    in_store = prepared.source is Source.IN_STORE
    st.subheader(_("Once more") if done else _("Go on") if begun else _("3. Confirm"), anchor=False)
    if done:
        st.markdown(_("What is still missing is made (classes that were enrolled since), and what is there stays as it is."))
    elif not begun:
        st.markdown(_("Workbooks to be made: {year}. What is there is never overwritten.", year=wording.school_year(prepared.to_year)))
    freeze_now = _freeze_wish(prepared)
    mark = hashlib.sha256(prepared.registry).hexdigest()[:12]
    words = _("The registry of {year} has been looked through", year=wording.school_year(prepared.to_year))
    agreed = begun or in_store or st.checkbox(words, key=f"turn_agreed_{mark}")
    label = _("Make what is missing") if done else _("Go on where it stopped") if begun else _("Make the workbooks")
    if st.button(label, type="primary", icon=":material/event_available:", disabled=not agreed or prepared.forbidden, key="turn_make"):
        _make(turn, freeze_now)
    if prepared.forbidden:
        st.caption(_("First mend what is marked with ▼."))


def _freeze_wish(prepared: Prepared) -> bool:
    """Whether the old year is to be frozen: from its day on without a question, before it only by a wish."""
    pending = prepared.state is not None and not prepared.state.done and prepared.state.freeze
    if prepared.frozen is not None or pending:
        return True
    year = wording.school_year(prepared.from_year)
    if prepared.may_freeze:
        st.markdown(_("Then {year} is frozen: its workbooks become read-only, its figures stay. Pages go on showing it.", year=year))
        return True
    day = i18n.date(prepared.rules.freezes_on(prepared.settings, prepared.from_year))
    st.markdown(_("{year} stays open until {day}, so that its last marks come in. Come back then.", year=year, day=day))
    return st.checkbox(_("Freeze {year} at once all the same", year=year), key="turn_freeze")


def _make(turn: Turn, freeze_now: bool) -> None:
    if not _may_write(turn):
        return
    bar = st.progress(0.0, text=_("beginning …"))

    def tell(done: int, total: int, name: str) -> None:
        bar.progress(min(1.0, done / total), text=f"{_('{done} of {total}', done=done, total=total)} · {wording.plain(name)}")

    try:
        made = carry_out(turn.prepared, _who(turn), dt.datetime.now(), freeze_now, tell)
    except UserError as error:
        st.error(wording.plain(str(error)))
        return
    st.session_state[_DONE] = list(told.made(made, turn.prepared))
    freshness.ask()
    st.rerun()


def _may_write(turn: Turn) -> bool:
    return bool(turn.opened.viewer.roles & {Role.DIRECTOR, Role.DEPUTY})


def _who(turn: Turn) -> str:
    """Who confirms, for the desk alone: the name where somebody signed in, else the role."""
    person = turn.opened.viewer.person
    if person is not None and person.name:
        return person.name
    return str(Role.DIRECTOR if Role.DIRECTOR in turn.opened.viewer.roles else Role.DEPUTY)
