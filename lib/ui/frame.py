"""The frame around every page: language, menu, filters, and the mark without which no page draws. app.py runs this file."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib import i18n
from lib.i18n import gettext as _
from lib.settings import GoogleFolder, Settings, UserError
from lib.snapshot import Snapshot
from lib.ui import data, filters, freshness, page, state

OFFICE = ("overview", "collection", "help")
HOME = "overview"
ICON = Path(__file__).with_name("icon.svg")
STYLE = Path(__file__).with_name("page.css")


def _pages(loaded: Settings | None) -> dict[str, list[st.Page]]:
    """The menu: section title → pages. The overview answers at "/". Without a configuration the directions keep their addresses, so that a
    link opened meanwhile is not "not found" and works again once the named line is mended."""
    menu = {
        "": [
            st.Page(
                state.page_file(HOME), title=_("Overview"), icon=":material/dashboard:", default=True,
                help=_("What needs attention, and the nine directions on one page."),
            )
        ],
        _("Directions"): [],
        _("Work"): [
            st.Page(
                state.page_file("collection"), title=_("Collection of data"), icon=":material/checklist:", url_path="collection",
                help=_("Who has filled what, what is late, and which cells to mend."),
            ),
            st.Page(
                state.page_file("help"), title=_("Help"), icon=":material/help:", url_path="help",
                help=_("Guides for teachers and for the administration."),
            ),
        ],
    }  # fmt: skip
    if loaded is None:
        menu[""] += [st.Page(file, url_path=file.stem, visibility="hidden") for file in state.direction_files()]
    for direction in loaded.directions.values() if loaded else ():
        if direction.id == "Q":
            continue
        short = direction.short.of(i18n.language())
        menu[_("Directions")].append(
            st.Page(
                state.page_file(direction.slug), title=f"{direction.numeral} · {short}" if direction.numeral else short,
                icon=f":material/{direction.icon}:", url_path=direction.slug, help=direction.question.of(i18n.language()),
            )
        )  # fmt: skip
    return {section: pages for section, pages in menu.items() if pages}


def _language() -> None:
    """The switch of languages, bound to the address."""
    with st.sidebar:
        chosen = st.segmented_control(
            f":material/translate: {_('Language')}", i18n.LANGUAGES, default="ky", required=True, key=state.LANGUAGE, bind="query-params",
        )  # fmt: skip
    if chosen != i18n.language():  # the browser's history brought another one
        i18n.use(str(chosen))
        st.rerun()


def _nothing_yet(loaded: Settings, snapshot: Snapshot | None) -> None:
    """The first start: what to do next, with a button."""
    st.title(_("Nothing has been collected yet"), anchor=False)
    if loaded.store is None:
        st.markdown(_("No folder of workbooks is set."))
        st.markdown(_("Run `python run.py` once: it makes a demo school. For your own school set `store` in config/school.yaml."))
        return
    if isinstance(loaded.store, GoogleFolder):
        st.markdown(_("The folder in Google Drive: `{folder}`", folder=loaded.store.id))
        st.markdown(_("Share it with the service account and press the button. `python run.py doctor` checks each step."))
    else:
        st.markdown(_("The folder of workbooks: `{folder}`", folder=loaded.store))
        st.markdown(_("Put the filled workbooks there and press the button. Blank ones are written by `python run.py templates`."))
    freshness.first_collect(loaded, snapshot)


def _heading(shown: st.Page, loaded: Settings, snapshot: Snapshot) -> None:
    """The page's title, and under it the age of its data."""
    direction = next((d for d in loaded.directions.values() if d.slug == shown.url_path), None)
    if direction is not None:
        page.direction_heading(loaded, direction)
    elif shown.url_path == "":
        page.overview_heading(loaded)
    else:
        st.title(shown.title, anchor=False)
    freshness.line(loaded, snapshot, direction)


def run() -> None:
    """One run of one session."""
    i18n.use(state.chosen_language())
    st.set_page_config(page_title=_("Sapat: quality of education"), page_icon=str(ICON), layout="wide",
                       menu_items={"Get help": None, "Report a bug": None, "About": None})  # fmt: skip
    st.html(STYLE)
    try:
        loaded: Settings | None = data.current_settings()
        problem = ""
    except UserError as error:
        loaded, problem = None, str(error)
    shown = st.navigation(_pages(loaded), expanded=True)
    if loaded is None:
        _language()
        st.title(_("The configuration must be mended"), anchor=False)
        st.code(problem, language=None, wrap_lines=True)
        st.markdown(_("Mend the named line and reload this page. `python run.py doctor` checks everything."))
        return
    snapshot = data.current_snapshot(loaded)
    roll = data.roll(snapshot, loaded) if snapshot else None
    first = not state.marked()
    state.mark()
    if first and roll is not None and roll.school_years and (told := filters.translated(loaded, roll)):
        st.switch_page(shown, query_params=told)
    spoken_anew, moved = state.changed("language", i18n.language()), state.changed("page", shown.url_path)
    if spoken_anew:
        filters.keep_in_address()
    elif moved:
        filters.keep_in_address(*(name for name in (state.LANGUAGE, *filters.NAMES) if name not in st.query_params))
    _language()
    if shown.url_path == "help":
        page.hand_over(None)
        st.title(shown.title, anchor=False)
    elif snapshot is None or roll is None or not roll.school_years:
        _nothing_yet(loaded, snapshot)
        return
    else:
        loaded = data.settings_of(snapshot, loaded)
        _heading(shown, loaded, snapshot)
        is_direction = any(d.slug == shown.url_path for d in loaded.directions.values())
        chosen = filters.draw(loaded, roll, places=is_direction, forget=not shown.url_path)
        page.hand_over(page.View(loaded, snapshot, roll, chosen))
    shown.run()


run()
