"""The quiet line under every heading: the day of the data, when the store was last looked at, what is stale, and how a look goes on.

It is a fragment that asks the collector's state and the id of the current snapshot by itself every few seconds. The page around it is drawn
anew only when another snapshot has become current.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.model.indicator import Direction
from lib.settings import GoogleFolder, Settings
from lib.snapshot import Look, Snapshot
from lib.ui import data, state
from lib.ui.live import Ended, State, collector
from lib.ui.sources import StaleSource, stale_sources

# Seconds between two questions of an open page, while nothing happens and while a look runs.
CALM, QUICK = 8, 2
LISTED = 12  # stale workbooks in the list; beyond, it is the store that ails
_WAITS_FOR = "waits_for_look"


@dataclass(frozen=True)
class _Shown:
    """What the page was drawn from. `first`: there is nothing to show yet, and the button is all there is."""

    loaded: Settings
    snapshot: Snapshot | None
    direction: Direction | None = None
    stale: tuple[StaleSource, ...] = ()
    first: bool = False


def line(loaded: Settings, snapshot: Snapshot, direction: Direction | None = None) -> None:
    """The line of a page. For a `direction`, what is stale and feeds it is told apart."""
    _watch(_Shown(loaded, snapshot, direction, stale_sources(snapshot)))


def first_collect(loaded: Settings, snapshot: Snapshot | None) -> None:
    """The button of the first start, and how the first collect goes on. `snapshot`: one without a school in it, if any."""
    _watch(_Shown(loaded, snapshot, first=True))


def ask(*again: str) -> None:
    """A reader's wish: look now, and read the workbooks `again` whatever they seem to be."""
    st.session_state[_WAITS_FOR] = collector.ask(*again)


def one_workbook(names: Sequence[str], said: Callable[[str], str]) -> None:
    """Choose one workbook and read it now, whatever its fingerprint says."""
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="one_workbook"):
        name = st.selectbox(_("Read one workbook anew"), names, format_func=said, key="workbook_to_read", width=420, filter_mode="contains")
        st.button(_("Refresh this workbook now"), key="again", icon=":material/refresh:", on_click=ask, args=(name,))


# --- the fragments -------------------------------------------------------------------------------------------------------


@st.fragment(run_every=CALM)
def _watch(shown: _Shown) -> None:
    if collector.state.running or _WAITS_FOR in st.session_state:
        _watch_closely(shown)
    else:
        with st.container():  # as deep as the inner fragment, so that an open list stays open when a look begins or ends
            _draw(shown)


@st.fragment(run_every=QUICK)
def _watch_closely(shown: _Shown) -> None:
    _draw(shown)


def _draw(shown: _Shown) -> None:
    i18n.use(state.chosen_language())  # the frame did not run before a fragment that runs by itself
    now = collector.state
    changed = data.current_id(shown.loaded) != (shown.snapshot.id if shown.snapshot else None)
    if changed and not now.running and state.DECIDING not in st.session_state:
        st.rerun()  # to the new snapshot, which the collector has warmed
    _answer(now)
    look = data.looked(shown.loaded)
    with st.container(horizontal=True, vertical_alignment="center", key="freshness"):
        st.markdown(f":small[{_told(shown, look, now)}]")
        if shown.stale and not (look and look.problem):  # else all are stale for one reason, which is said below
            _list(shown)
        st.button(
            _("Collect now") if shown.first else _("Refresh"), key="refresh", on_click=ask, disabled=now.running and now.asked,
            icon="spinner" if now.running and now.asked else ":material/refresh:", type="primary" if shown.first else "tertiary",
        )  # fmt: skip
    _problem(shown, look, now)


def _answer(now: State) -> None:
    """Tell the reader who asked how it ended, once."""
    waits, ended = st.session_state.get(_WAITS_FOR), now.ended
    if waits is None or ended is None or ended.number < waits:
        return
    del st.session_state[_WAITS_FOR]
    if not ended.problem:
        st.toast(_("Workbooks read: {read}, unchanged: {unchanged}", read=ended.read, unchanged=ended.unchanged), icon=":material/check:")


# --- words ---------------------------------------------------------------------------------------------------------------


def _told(shown: _Shown, look: Look | None, now: State) -> str:
    """ "Data: 15.04.2026 · checked: 07:40 (2 min ago) · source: folder"."""
    parts = []
    if shown.snapshot is not None and not shown.first:
        checked = (look.good_at if look else None) or shown.snapshot.collected_at
        clock = dt.datetime.now()
        parts.append(_("Data: {date}", date=i18n.date(shown.snapshot.as_of)))
        parts.append(_("checked: {time} ({ago})", time=wording.clock(checked, clock), ago=wording.ago(checked, clock)))
    parts.append(_("source: Google") if isinstance(shown.loaded.store, GoogleFolder) else _("source: folder"))
    if now.running and (now.asked or now.total):
        parts.append(f":material/sync: {_progress(now)}")
    return " · ".join(parts)


def _progress(now: State) -> str:
    if not now.total:
        return _("looking at the source")
    if now.done >= now.total:
        return _("figures are being counted")
    told = _("workbooks read: {done} of {total}", done=now.done, total=now.total)
    left = now.seconds_left(time.monotonic())
    return told if left is None else f"{told}, {_('seconds left: {n}', n=left)}"


def _problem(shown: _Shown, look: Look | None, now: State) -> None:
    """Why the last look found nothing at all, and the next step."""
    if look is not None and look.problem:
        seen, _expected, mend = shown.loaded.issue_words(look.problem, look.slots, "", i18n.language())
        st.markdown(f":red[▼] **{wording.plain(seen)}**  \n{wording.plain(mend)}")
    elif now.ended is not None and now.ended.problem:
        st.markdown(f":red[▼] **{_not_collected(now.ended)}**")


def _not_collected(ended: Ended) -> str:
    if ended.defect:
        return _("The last look at the source failed; the figures before it stay. The error has been noted in the log.")
    return _("Not collected: {problem}", problem=wording.plain(ended.problem))


def _list(shown: _Shown) -> None:
    """The stale workbooks behind one calm mark: since when, why, what to do, and the button to read that one now."""
    feeding = [s for s in shown.stale if shown.direction is not None and s.feeds(shown.loaded, shown.direction)]
    others = [s for s in shown.stale if s not in feeding]
    label = f":orange[●] {_('Stale sources: {n}', n=len(shown.stale))}"
    if shown.direction is not None:
        label += f" · {_('here: {n}', n=len(feeding))}"
    with st.popover(label, type="tertiary", key="stale_sources"):
        st.markdown(f":small[{_('These workbooks could not be read anew. Their last good figures stay.')}]")
        if feeding:
            st.markdown(f"**{_('They feed this page')}**")
        for source in feeding[:LISTED]:
            _stale(shown.loaded, source)
        if shown.direction is not None and others:
            st.markdown(f"**{_('They do not feed this page')}**")
        for source in others[: LISTED - len(feeding[:LISTED])]:
            _stale(shown.loaded, source)
        if len(shown.stale) > LISTED:
            st.markdown(f":small[{_('All of them stand on the page of collection.')}]")


def _stale(loaded: Settings, source: StaleSource) -> None:
    seen, mend = source.words(loaded)
    tabs = "" if source.whole else f" · {_('Tabs')}: {wording.plain(', '.join(source.tabs[:4]))}{' …' if len(source.tabs) > 4 else ''}"
    told = [
        f"**{wording.plain(source.workbook)}**{tabs}",
        f":orange[●] {_('last read: {moment}', moment=i18n.moment(source.since))}",
        wording.plain(seen),
        f"**{_('How to mend')}:** {wording.plain(mend)}" if mend else "",
    ]
    with st.container(border=True, gap="xsmall"):
        st.markdown("  \n".join(text for text in told if text))
        mark = hashlib.sha256(source.workbook.encode()).hexdigest()[:12]  # a key stands in the page's markup: no names in it
        st.button(_("Refresh this workbook now"), key=f"again_{mark}", icon=":material/refresh:", on_click=ask, args=(source.workbook,))
