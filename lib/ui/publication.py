"""Blocks of the open report: the published edition, the method of every figure, and the director's desk where an edition is made.

What is public here reads editions only, never the snapshot.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import partial

import pyarrow as pa
import streamlit as st

from lib import charts, i18n, wording
from lib.i18n import gettext as _
from lib.model.indicator import Indicator
from lib.publication.article import Article, Chapter, Drawing, Sheet, article
from lib.publication.cells import public_indicators
from lib.publication.command import COMMAND
from lib.publication.draft import Draft, draft, publish
from lib.publication.edition import PERIODS, Edition, Editions
from lib.publication.site import reading_notes
from lib.settings import Settings, UserError
from lib.ui import data
from lib.ui.blocks.panel import theme, to_read
from lib.ui.page import View

DIRECTOR = "director"
_KEYS = re.compile(r"(\b(?!D\d)[A-Za-z]\w*(?:[./_+-][A-Za-z0-9]+)*(?:[./_][A-Za-z0-9]+|\+\d+)\b)", re.ASCII)
_COMPANION = re.compile(r"\b((?:D\d|Q)\.\d{2}\.[a-z_]+)\b", re.ASCII)
_TYPES = {"data.csv": "text/csv", "data.json": "application/json", "index.html": "text/html", "report.pdf": "application/pdf",
          "report.ru.pdf": "application/pdf"}  # fmt: skip


def editions(loaded: Settings) -> Editions | None:
    """The editions of the configured store; None without one."""
    return Editions(loaded.store) if loaded.store is not None else None


# --- the published report ------------------------------------------------------------------------------------------------


def open_report(loaded: Settings) -> None:
    """The newest edition, or the one that the reader picks, as an article."""
    published = editions(loaded)
    names = list(reversed(published.ids())) if published else []
    if not published or not names:
        st.info(_("Nothing has been published yet. The open report appears here once the director has published it."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(_("Edition"), names, format_func=partial(_named, published), key="edition", width=340)
        _downloads(published, chosen)
    edition = published.open(chosen)
    report(article(edition, published.before(edition)))


def _named(published: Editions, name: str) -> str:
    edition = published.open(name)
    return f"{wording.at_time(edition.school_year, edition.period)} · {i18n.date(edition.day)} · №{i18n.NBSP}{edition.number}"


def _downloads(published: Editions, name: str) -> None:
    """The edition's files; the PDF in the reader's language, in Kyrgyz where there is none."""
    paper = "report.ru.pdf" if i18n.language() == "ru" else "report.pdf"
    for file, label in ((paper, "PDF"), ("data.csv", "CSV"), ("data.json", "JSON"), ("index.html", "HTML")):
        st.download_button(
            label, partial(published.file, name, file), f"{name}-{file}", _TYPES[file], key=f"get {name} {file}",
            icon=":material/download:", type="tertiary",
        )  # fmt: skip


def report(said: Article) -> None:
    """The article: in short, the chapters, what changed, how to read it."""
    st.markdown(f"**{wording.plain(said.school)}** · {wording.plain(said.subtitle)}")
    st.caption(" · ".join(wording.plain(text) for text in said.about))
    st.subheader(_("In short"), anchor=False)
    st.table(_brief(said.chapters), border="horizontal", hide_index=True, alt=_("In short"))
    for chapter in said.chapters:
        _chapter(chapter)
    if said.changes is not None:
        st.subheader(wording.plain(said.changes.title), anchor=False)
        _table(said.changes)
    st.subheader(_("How to read this report"), anchor=False)
    st.markdown("\n\n".join(wording.plain(text) for text in reading_notes()))
    st.markdown("\n".join(f"- **{wording.plain(symbol)}** – {wording.plain(text)}" for symbol, text in said.legend))


def _brief(chapters: Iterable[Chapter]) -> pa.Table:
    columns: dict[str, list[object]] = {_("Direction"): [], _("Value"): [], _("Status"): []}
    for chapter in chapters:
        name, what = wording.plain(chapter.short), wording.plain(chapter.name)
        status = f"{chapter.symbol} {wording.plain(chapter.verdict_words)}".strip() or "–"
        cells = (f"{name}  \n:small[:gray[{what}]]", f"**{wording.plain(chapter.value)}**", status)
        for column, cell in zip(columns.values(), cells, strict=True):
            column.append(cell)
    return to_read(columns)


def _chapter(chapter: Chapter) -> None:
    numbered = f"{chapter.numeral} · {chapter.title}" if chapter.numeral else chapter.title
    st.subheader(wording.plain(numbered), anchor=False, divider="gray")
    st.caption(wording.plain(chapter.question))
    st.markdown(f":primary[**{wording.plain(chapter.name)}: {wording.plain(chapter.value)}**]")
    told = [f"{chapter.symbol} {wording.plain(chapter.verdict_words)}"] if chapter.verdict_words else []
    st.markdown("  \n".join([*told, *(wording.plain(text) for text in chapter.meaning)]))
    if chapter.drawing is not None:
        _drawing(chapter.id, chapter.drawing)
    for place, sheet in enumerate(chapter.tables):
        with st.expander(wording.plain(sheet.title), expanded=place == 0):
            _table(sheet)


def _table(sheet: Sheet) -> None:
    columns: dict[str, list[object]] = {}
    for title in sheet.head:
        columns[wording.plain(title) + i18n.NBSP * (title in sheet.head[: len(columns)])] = []  # two of one name stay two
    for line in sheet.lines:
        row = [(line.name, line.note), *((mark.text, mark.note) for mark in line.cells)]
        for place, (column, (text, note)) in enumerate(zip(columns.values(), row, strict=True)):
            told = wording.plain(text) if not place or not text else f"**{wording.plain(text)}**"
            column.append(f"{told}  \n:small[:gray[{wording.plain(note)}]]" if note else told)
    st.table(to_read(columns), border="horizontal", hide_index=True, alt=sheet.title)


def _drawing(name: str, drawing: Drawing) -> None:
    """The figure as the app's pages draw groups beside each other: a dot a value, a rule a band."""
    bars = drawing.bars
    columns: charts.Columns = {
        "group": [bar.label for bar in bars],
        "value": [None if bar.is_band else bar.high for bar in bars],
        "low": [bar.low if bar.is_band else None for bar in bars],
        "high": [bar.high if bar.is_band else None for bar in bars],
        "verdict": [bar.verdict for bar in bars],
        "label": [bar.text for bar in bars],
    }
    chart = charts.ranked(columns, drawing.target, theme=theme(), target_label=drawing.target_label)
    told = f"{drawing.title}. " + "; ".join(f"{bar.label}: {bar.text}" for bar in bars)
    st.vega_lite_chart(spec=chart.for_page(), alt=told, key=f"drawing {name}", width="stretch")


# --- the method ----------------------------------------------------------------------------------------------------------


def methodology(loaded: Settings) -> None:
    """How each indicator is counted: formula, numerator, denominator, source, clause, method. By direction, with a search."""
    language = i18n.language()
    public = {indicator.code for indicator in public_indicators(loaded)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        direction = st.selectbox(
            _("Direction"), ["", *loaded.directions], key="method_direction", width=360,
            format_func=lambda key: loaded.directions[key].short.of(language) if key else _("All"),
        )  # fmt: skip
        sought = st.text_input(_("Search"), key="method_search", width=300, max_chars=60).strip().casefold()
    found = [i for i in loaded.indicators.values() if direction in ("", i.direction) and (not sought or sought in _searchable(i))]
    st.caption(_("Indicators: {n} of {total}. ◆ – in the open report.", n=len(found), total=len(loaded.indicators)))
    for key, about in loaded.directions.items():
        own = [indicator for indicator in found if indicator.direction == key]
        if own:
            st.subheader(wording.plain(about.name.of(language)), anchor=False)
        for indicator in own:
            _method(loaded, indicator, indicator.code in public)


def _searchable(indicator: Indicator) -> str:
    language = i18n.language()
    words = (indicator.name, indicator.formula, indicator.numerator, indicator.denominator, indicator.method)
    return " ".join([indicator.code, *(text.of(language) for text in words)]).casefold()


def _method(loaded: Settings, indicator: Indicator, public: bool) -> None:
    language = i18n.language()
    title = f"{indicator.code} · {wording.plain(wording.titled(indicator))}"
    with st.expander(f"{title} ◆" if public else title):
        rows = {
            _("Formula"): indicator.formula.of(language),
            _("Numerator"): indicator.numerator.of(language),
            _("Denominator"): indicator.denominator.of(language),
            _("Target"): wording.target(indicator, word=False),
            _("Method"): indicator.method.of(language),
            _("Source"): " + ".join(wording.form(loaded, source.form) for source in indicator.sources),
            _("Filled by"): wording.role(loaded, indicator.filled_by),
            _("Regulation"): _("Regulation, clause {clause}", clause=indicator.clause),
        }
        st.markdown("\n\n".join(f":gray[{name}:] {_with_keys(loaded, text)}" for name, text in rows.items() if text))


def _with_keys(loaded: Settings, text: str) -> str:
    """Markdown of a text in which names of files and keys (config/thresholds.yaml, sou_weights, Q1.end+3) stand as such, and figures that
    accompany an indicator (D9.06.overdue) under their name."""
    told = ""
    for place, part in enumerate(_COMPANION.split(text)):
        indicator = loaded.all_indicators.get(part) if place % 2 else None
        told += f"*{wording.plain(indicator.name.of(i18n.language()))}*" if indicator else _with_files(part)
    return told


def _with_files(text: str) -> str:
    parts = _KEYS.split(text)
    return "".join(f"`{part}`" if place % 2 else wording.plain(part) for place, part in enumerate(parts))


# --- the director's desk -------------------------------------------------------------------------------------------------


def drawn_up(view: View) -> Draft | None:
    """The draft of the chosen school year and period with its checklist."""
    chosen = view.chosen
    if chosen.period not in PERIODS:
        st.info(_("An edition is of a quarter, a half-year or the year."))
        return None
    made = _draft(view, dt.date.today())
    st.subheader(_("Checklist"), anchor=False)
    for check in sorted(made.checks, key=lambda check: not check.blocking):
        badge = f":red-badge[▼ {_('forbids publishing')}]" if check.blocking else f":gray-badge[○ {_('advice')}]"
        st.markdown(f"{badge} {wording.plain(check.text)}")
    if not made.blocked:
        st.markdown(f":green-badge[▲ {_('nothing forbids publishing')}]")
    return made


def _draft(view: View, day: dt.date) -> Draft:
    """Drawn up once for all that it depends on: a click does not ask disclosure control anew."""
    chosen, kept, look = view.chosen, editions(view.loaded), data.looked(view.loaded)
    known = [*(kept.ids() if kept else ()), look.problem if look else "", view.loaded.digest, day.isoformat()]
    place = ("draft", chosen.school_year, chosen.period, data.current_id(view.loaded) or "", *known)
    return data.kept(view.snapshot, view.loaded, place, lambda: draft(view.loaded, chosen.school_year, chosen.period, day))


def confirm(view: View, made: Draft) -> None:
    """The director's confirmation of exactly the draft that is shown: another draft asks anew."""
    if made.blocked or made.edition is None:
        return
    st.subheader(_("Publish"), anchor=False)
    st.markdown(_("A published edition is never changed: a correction is a new edition. It can be read by everybody."))
    agreed = st.checkbox(
        _("I have looked at the draft {edition} and publish it for the school", edition=made.edition.id), key=f"agreed {made.fingerprint}"
    )
    if st.button(_("Publish the edition"), type="primary", icon=":material/publish:", disabled=not agreed, key="publish"):
        try:
            publish(view.loaded, made, _who(view), dt.datetime.now())
        except UserError as error:
            st.error(wording.plain(str(error)))
            return
        st.toast(_("Published: {edition}", edition=made.edition.id), icon=":material/check_circle:")
        st.rerun()


def preview(made: Draft) -> None:
    """The draft as readers would see it."""
    if made.edition is not None:
        with st.expander(_("Preview of the draft {edition}", edition=made.edition.id)):
            report(article(made.edition, made.before))


def published(view: View) -> None:
    """All editions with their files, the newest first."""
    kept = editions(view.loaded)
    st.subheader(_("Published editions"), anchor=False)
    if kept is None or not kept.ids():
        st.caption(_("Nothing has been published yet"))
        return
    for name in reversed(kept.ids()):
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            edition = kept.open(name)
            st.markdown(f"**{name}**  \n:small[:gray[{_made(view.loaded, kept, edition)}]]", width=360)
            _downloads(kept, name)


def _made(loaded: Settings, kept: Editions, edition: Edition) -> str:
    by, at = kept.made(edition.id)
    who = _("command") if by == COMMAND else wording.role(loaded, by) if by in loaded.roles else by
    return wording.plain(
        f"{wording.at_time(edition.school_year, edition.period)} · {i18n.moment(at)} · {who} · {edition.plain['snapshot']}"
    )


def _who(view: View) -> str:
    """Who publishes, for the desk alone: the name where somebody signed in, else the role."""
    person = view.viewer.person
    return person.name if person is not None and person.name else DIRECTOR
