"""The frame around every page: language, menu, filters, and the mark without which no page draws. app.py runs this file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lib import access, i18n
from lib.access import Place, Sight
from lib.access.rights import DIRECTIONS
from lib.i18n import gettext as _
from lib.settings import GoogleFolder, Settings, UserError
from lib.snapshot import Snapshot
from lib.ui import data, decide, filters, freshness, page, sign_in, state

HOME = "overview"
OF_THE_YEAR = ("cyclogram", "decisions", "documents")  # pages that speak of a whole school year
# Pages without a view: no filters, no age of data.
APART = ("help", "year_turn", "class_summary", "my_child", "open_report", "methodology")
ICON = Path(__file__).with_name("icon.svg")
STYLE = Path(__file__).with_name("page.css")


def _pages(loaded: Settings, visit: sign_in.Visit) -> dict[str, list[StreamlitPage]]:
    """The menu: section title → pages, those that open for the viewer. The overview answers at "/".

    For a visitor who has not come in, pages of the school have their addresses but do not stand in the menu: a link leads to the sentence
    that says how to come in, and works afterwards. So do the pages that others link to, for staff who may not open them.
    """
    rights = access.load()
    hidden: list[StreamlitPage] = []

    def page_of(name: str, title: str, icon: str, about: str = "") -> list[StreamlitPage]:
        file, opens = state.page_file(name), rights.allowed(visit.viewer, name)
        linked = visit.viewer.is_staff and name in (*DIRECTIONS, "collection", "cyclogram", "board", "decisions")
        if not file.exists() or not (opens or visit.closed is not None or name == HOME or linked):
            return []
        made = st.Page(
            file, title=title, icon=f":material/{icon}:", url_path=name, default=name == HOME, help=about or None,
            visibility="visible" if opens else "hidden",
        )  # fmt: skip
        if not opens:
            hidden.append(made)
        return [made] if opens else []

    home = page_of(HOME, _("Overview"), "dashboard", _("What needs attention, and the nine directions on one page."))
    directions = []
    for direction in loaded.directions.values():
        if direction.id != state.MONITORING:
            short = direction.short.of(i18n.language())
            title = f"{direction.numeral} · {short}" if direction.numeral else short
            directions += page_of(direction.slug, title, direction.icon, direction.question.of(i18n.language()))
    work = [
        *page_of("cyclogram", _("Cyclogram"), "calendar_month", _("The yearly plan: what is due this week, what is overdue, who answers.")),
        *page_of("board", _("Completion board"), "fact_check", _("Who owes which sheet by when; reminders.")),
        *page_of("collection", _("Collection of data"), "checklist", _("Who has filled what, what is late, and which cells to mend.")),
        *page_of("decisions", _("Decisions"), "gavel", _("What was decided from the figures, and what became of it.")),
        *page_of("documents", _("Documents"), "description", _("Briefing notes, analyses, minutes, orders; the school's own templates.")),
        *page_of("journal", _("E-journal"), "library_books", _("Marks that are in the electronic journal need not be typed again.")),
        *page_of("publication", _("Publication"), "publish", _("From the figures to an open report: check, preview, confirm.")),
        *page_of("year_turn", _("New school year"), "event_upcoming", _("Who goes into which class; the new registry and its workbooks.")),
        *page_of("help", _("Help"), "help", _("Guides for teachers and for the administration.")),
    ]
    families = [
        *page_of("class_summary", _("Class summary"), "groups", _("A class on one page, without names.")),
        *page_of("my_child", _("My child"), "child_care", _("A family's own page, by the code of its slip.")),
    ]
    community = [
        *page_of("open_report", _("Open report"), "public", _("What the school has published about itself.")),
        *page_of("methodology", _("Methodology"), "menu_book", _("How each figure is counted, and what it does not say.")),
    ]
    menu = {"": [*home, *hidden], _("Directions"): directions, _("Work"): work, _("Families"): families, _("Open to all"): community}
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


def _misconfigured(problem: str) -> None:
    """What is wrong in the configuration. Directions keep their addresses, so that a link opened meanwhile is not "not found"."""
    files = [state.page_file(HOME), *state.direction_files()]
    st.navigation([st.Page(file, url_path=file.stem, default=file.stem == HOME, visibility="hidden") for file in files])
    _language()
    st.title(_("The configuration must be mended"), anchor=False)
    st.code(problem, language=None, wrap_lines=True)
    st.markdown(_("Mend the named line and reload this page. `python run.py doctor` checks everything."))


def _heading(name: str, title: str, loaded: Settings, snapshot: Snapshot) -> None:
    """The page's title, and under it the age of its data."""
    direction = next((d for d in loaded.directions.values() if d.slug == name), None)
    if direction is not None:
        page.direction_heading(loaded, direction)
    elif name == HOME:
        page.overview_heading(loaded)
    else:
        st.title(title, anchor=False)
    freshness.line(loaded, snapshot, direction)


def _view(name: str, title: str, loaded: Settings, snapshot: Snapshot, roll: data.Roll, visit: sign_in.Visit) -> page.View:
    """Heading and filters, and the view that they choose; all of it of the snapshot as this viewer sees it on this page."""
    loaded = data.settings_of(snapshot, loaded)
    sight = Sight.of(access.load(), visit.viewer, name, loaded, visit.staff, roll.classes, roll.taught)
    seen = data.through(snapshot, loaded, sight)
    _heading(name, title, loaded, seen)
    is_direction = any(d.slug == name for d in loaded.directions.values())
    chosen = filters.draw(
        loaded, _choices(roll, data.sight(seen)), places=is_direction, forget=name == HOME, periods=name not in OF_THE_YEAR
    )  # fmt: skip
    return page.View(loaded, seen, roll, chosen, viewer=visit.viewer)


def _choices(roll: data.Roll, sight: Sight) -> data.Roll:
    """The school's lists without the classes, grades, stages and subjects that the viewer may not choose."""
    if sight.all_seen:
        return roll

    def row(year: str, name: str, grade: str, stage: str) -> tuple[str, str, str]:
        return (
            name if sight.sees_class(Place(year, school_class=name)) else "",
            "" if sight.tells_of_one(Place(year, grade=grade)) else grade,
            "" if sight.tells_of_one(Place(year, stage=stage)) else stage,
        )

    classes = {year: tuple(row(year, *of_class) for of_class in rows) for year, rows in roll.classes.items()}
    subjects = {
        year: tuple(code for code in codes if not sight.tells_of_one(Place(year, subject=code))) for year, codes in roll.subjects.items()
    }
    return dataclasses.replace(roll, classes=classes, subjects=subjects)


def _name(shown: StreamlitPage) -> str:
    return shown.url_path or HOME


def _go_where_wanted(menu: dict[str, list[StreamlitPage]]) -> None:
    """Back to the page and filters that the visitor wanted before signing in: Streamlit comes back to the first page."""
    if sign_in.is_set_up() and state.first_time("came back") and (found := sign_in.wanted.take()) is not None:
        name, address = found
        target = next((page for pages in menu.values() for page in pages if _name(page) == name), None)
        if target is not None:
            st.switch_page(target, query_params=address)


def _go_where_open(menu: dict[str, list[StreamlitPage]], viewer: access.Viewer, name: str) -> None:
    """Away from the overview, for those for whom it is not, to the first page that opens for them."""
    rights = access.load()
    if name == HOME and not rights.allowed(viewer, name):
        opens = [page for pages in menu.values() for page in pages if rights.allowed(viewer, _name(page))]
        if opens:
            st.switch_page(min(opens, key=lambda page: _name(page) == "help"))  # the guides only where there is nothing else


def _keep_address(shown: StreamlitPage) -> None:
    spoken_anew, moved = state.changed("language", i18n.language()), state.changed("page", shown.url_path)
    if spoken_anew:
        filters.keep_in_address()
    elif moved:
        filters.keep_in_address(*(name for name in (state.LANGUAGE, *filters.NAMES) if name not in st.query_params))


def run() -> None:
    """One run of one session."""
    i18n.use(state.chosen_language())
    st.set_page_config(page_title=_("Sapat: quality of education"), page_icon=str(ICON), layout="wide",
                       menu_items={"Get help": None, "Report a bug": None, "About": None})  # fmt: skip
    st.html(STYLE)
    page.hand_over(None)
    try:
        loaded = data.current_settings()
        snapshot = data.current_snapshot(loaded)
        visit = sign_in.visit(loaded, snapshot)
        menu = _pages(loaded, visit)
    except UserError as error:
        _misconfigured(str(error))
        return
    shown = st.navigation(menu, expanded=True)
    state.mark()
    name, roll = _name(shown), data.roll(snapshot, loaded) if snapshot else None
    view: page.View | None = None
    there = roll is not None and bool(roll.school_years)
    if visit.closed is None:
        _go_where_wanted(menu)
        _go_where_open(menu, visit.viewer, name)
        if roll is not None and there and state.first_time("translated") and (told := filters.translated(loaded, roll)):
            st.switch_page(shown, query_params=told)
    _keep_address(shown)
    _language()
    sign_in.sidebar(loaded, visit)
    sign_in.note(loaded, visit, name)
    sign_in.watch(visit.viewer)
    allowed = access.load().allowed(visit.viewer, name)
    if name in APART and allowed:
        st.title(shown.title, anchor=False)
        page.hand_over(page.Opening(name, loaded, visit.viewer, snapshot))
    elif not there and (visit.closed is None or not sign_in.is_set_up()):
        _nothing_yet(loaded, snapshot)  # and nothing that could be given away
        return
    elif visit.closed is not None:
        st.title(shown.title, anchor=False)
        sign_in.gate(visit, name)
        return
    elif not allowed:
        st.title(shown.title, anchor=False)
        sign_in.note_refused(loaded, visit, name)
        page.hand_over(page.Opening(name, loaded, visit.viewer))  # and the page refuses by itself
    elif snapshot is not None and roll is not None:
        view = _view(name, shown.title, loaded, snapshot, roll, visit)
        page.hand_over(page.Opening(name, loaded, visit.viewer, snapshot, view))
    shown.run()
    if view is not None:
        decide.dialog(view)


run()
