"""Blocks of the page of the electronic journal: what exports brought, a place to hand one in, and the questions that only a person can
answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.intake.reading import Reading
from lib.journal.preview import HandedIn, name_of
from lib.journal.said import QUARTERS
from lib.model.issue import Issue
from lib.store.exports import save_export
from lib.store.text import TEXTS
from lib.ui import data, file_field, freshness, state
from lib.ui.answering import answer
from lib.ui.blocks.panel import to_read
from lib.ui.page import View

KINDS = ("xlsx", *(ending.lstrip(".") for ending in TEXTS))
LARGEST = 5 * 2**20  # bytes, as server.maxUploadSize
LISTED = 6  # issues of a file that is handed in
COUNTS = ("marks", "new", "differ")  # of each period of a table
_TURN = "journal_turn"
_SAVED = "journal_saved"


def summary(view: View) -> None:
    """The one answer: marks that need not be typed, and what waits for a person."""
    rows = _of_period(view, data.journal(view.snapshot))
    waiting = _of_year(view, data.journal_questions(view.snapshot))
    if not rows and not waiting:
        st.markdown(f":gray[○] {_('No export of the electronic journal has come yet. Hand one in below: its marks need not be typed.')}")
        return
    with st.container(border=True), st.grid(4, min_column_width=150):
        st.metric(_("Marks from exports"), i18n.number(sum(row["marks"] for row in rows), 0))
        st.metric(_("Of them not in tabs"), i18n.number(sum(row["new"] for row in rows), 0))
        st.metric(_("Differ from tabs"), i18n.number(sum(row["differ"] for row in rows), 0))
        st.metric(_("Wait for an answer"), i18n.number(len({_same(row) for row in waiting}), 0))
    if any(row["differ"] for row in rows):
        st.page_link(state.page_file("collection"), label=_("Marks that differ: which cells"), icon=":material/arrow_forward:")


def _of_year(view: View, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the chosen school year, and those of which no year is known."""
    return [row for row in rows if row["school_year"] in ("", view.chosen.school_year)]


def _of_period(view: View, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tables that speak of the chosen quarter, with its counts alone; of a longer period, all tables with all of their marks."""
    key = view.chosen.period.lower()
    found = []
    for row in _of_year(view, rows):
        if key not in QUARTERS or not row["periods"]:
            found.append({**row, **{name: sum(row[name]) for name in COUNTS}})
        elif key in row["periods"]:
            place = row["periods"].index(key)
            found.append({**row, "periods": [key], **{name: row[name][place] for name in COUNTS}})
    return found


def _same(row: dict[str, Any]) -> tuple[str, ...]:
    """What makes questions one: a name of a class, a header of a class; anything else is a table's own."""
    of_table = (row["workbook"], row["tab"]) if row["about"] not in ("name", "column") else ()
    return (row["about"], row["school_year"], row["school_class"], row["seen"], *of_table)


# --- handing in ----------------------------------------------------------------------------------------------------------


def hand_in(view: View) -> None:
    """A file or a pasted table, what would come of it, and the button that keeps it."""
    if (saved := st.session_state.pop(_SAVED, None)) is not None:
        st.toast(_("The export is kept: {name}", name=saved), icon=":material/check_circle:")
    there = bool(data.journal(view.snapshot))
    with st.expander(_("Hand in an export"), expanded=not there, icon=":material/upload_file:"):
        st.caption(_("A table of quarter marks from the electronic journal: pupils × subjects of a class, one subject, or a long list."))
        turn = st.session_state.get(_TURN, 0)
        file, pasted = st.tabs([_("File"), _("Pasted table")])
        with file:
            file_field.in_our_words()
            given = st.file_uploader(_("File: XLSX or CSV, up to 5 MB"), KINDS, key=f"export_file_{turn}")
        with pasted:
            text = st.text_area(
                _("Copy the cells in the journal and paste them here, together with the headers"), key=f"export_text_{turn}", height=160,
                max_chars=LARGEST // 4,
            )  # fmt: skip
        content, name = (given.getvalue(), given.name) if given is not None else (text.encode(), f"{_('pasted')}.tsv")
        if content.strip():
            _preview(view, PurePosixPath(name).name, content)


def _preview(view: View, name: str, content: bytes) -> None:
    if len(content) > LARGEST:
        st.error(_("The file is larger than 5 MB."))
        return
    with st.spinner(_("The table is being read")):
        found = data.handed_in(view.snapshot, view.loaded, name, content)
    if not found.reading.exports:
        _not_recognised(view, found.reading)
        return
    if not data.may_answer(view.snapshot, found.speaks_of):
        st.error(
            _("This table speaks of classes or subjects that are not yours, or does not say of which. Name them in its title, "
              "or give it to the deputy director.")
        )  # fmt: skip
        return
    _recognised(view, found)
    if st.button(_("Keep this export"), type="primary", icon=":material/save:", key="keep_export"):
        assert view.loaded.store is not None
        stem = name_of(found.reading, view.loaded.journal.words)
        st.session_state[_SAVED] = save_export(view.loaded.store, stem, PurePosixPath(name).suffix.lower(), content)
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
        freshness.ask()
        st.rerun()


def _not_recognised(view: View, reading: Reading) -> None:
    issue = next(iter(reading.issues), None)
    if issue is None or issue.code == "tab_ignored" or any(tab.form for tab in reading.tabs):
        st.warning(_("This is no export of the electronic journal: a workbook of Sapat belongs among the other workbooks."))
        return
    seen, expected, mend = view.loaded.issue_words(issue.code, issue.slots, issue.form, i18n.language())
    st.warning("  \n".join(wording.plain(text) for text in (seen, expected, mend) if text))


def _recognised(view: View, found: HandedIn) -> None:
    """What was understood, in figures, and what was not, in sentences."""
    outcomes = found.merged.outcomes
    with st.container(border=True), st.grid(4, min_column_width=140):
        st.metric(_("Pupils recognised"), i18n.number(sum(o.matched for o in outcomes), 0))
        st.metric(_("Names to ask about"), i18n.number(sum(o.asked + o.unknown for o in outcomes), 0))
        st.metric(_("Marks that come in"), i18n.number(sum(sum(o.new) for o in outcomes), 0))
        st.metric(_("Differ from tabs"), i18n.number(sum(sum(o.differ) for o in outcomes), 0))
    for outcome in outcomes:
        told = [outcome.tab, ", ".join(outcome.classes), _subjects(view, outcome.subjects), _periods(view, outcome.periods)]
        st.markdown(" · ".join(wording.plain(text) for text in told if text))
    issues: list[Issue] = [issue for issue in (*found.reading.issues, *found.merged.issues) if issue.severity != "note"]
    for issue in issues[:LISTED]:
        sentence = view.loaded.issue_words(issue.code, issue.slots, issue.form, i18n.language())[0]
        where = f"{wording.plain(issue.cell)} · " if issue.cell else ""
        st.markdown(f":orange[●] :small[{where}{wording.plain(sentence)}]")
    if len(issues) > LISTED:
        st.caption(_("And {n} more; all of them stand on the page of collection once the export is kept.", n=len(issues) - LISTED))


def _subjects(view: View, codes: Sequence[str]) -> str:
    if len(codes) > 3:
        return _("subjects: {n}", n=len(codes))
    return ", ".join(wording.subject(view.loaded, code) for code in codes)


def _periods(view: View, keys: Sequence[str]) -> str:
    columns = view.loaded.forms["F01"].by_key
    told = (columns[key].title.of(i18n.language()) for key in keys)
    return ", ".join(text.replace(" ", i18n.NBSP).replace("-", "\u2011") for text in told)


# --- questions and exports -----------------------------------------------------------------------------------------------


def questions(view: View) -> None:
    """What only a person can tell; each is asked once and remembered."""
    grouped: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in _of_year(view, data.journal_questions(view.snapshot)):
        grouped.setdefault(_same(row), []).append(row)
    if grouped:
        order = sorted(
            grouped.values(), key=lambda rows: (rows[0]["about"] == "name", i18n.class_key(rows[0]["school_class"]), rows[0]["seen"])
        )
        answer(view, order)


def exports(view: View) -> None:
    """Every table of an export and what came of it."""
    rows = _of_period(view, data.journal(view.snapshot))
    if not rows:
        return
    st.subheader(_("Exports"), anchor=False)
    columns: dict[str, list[object]] = {name: [] for name in (
        _("Export"), _("Class"), _("Subject"), _("Period"), _("Pupils recognised"), _("To ask"), _("Marks"), _("New"), _("Differ"),
    )}  # fmt: skip
    for row in sorted(rows, key=lambda row: (not (row["asked"] + row["unknown"] or not row["marks"]), i18n.ky_key(row["workbook"]))):
        waits = row["asked"] + row["unknown"]
        cells = (
            wording.plain(row["workbook"].removeprefix("exports/")), wording.plain(", ".join(row["classes"]) or "–"),
            wording.plain(_subjects(view, row["subjects"]) or "–"), wording.plain(_periods(view, row["periods"]) or "–"),
            i18n.number(row["matched"], 0), f":orange[●] {i18n.number(waits, 0)}" if waits else "0",
            i18n.number(row["marks"], 0), i18n.number(row["new"], 0), f":orange[●] {row['differ']}" if row["differ"] else "0",
        )  # fmt: skip
        for column, cell in zip(columns.values(), cells, strict=True):
            column.append(cell)
    with st.container(height=420 if len(rows) > 9 else "content", border=len(rows) > 9):
        st.table(to_read(columns), border="horizontal", hide_index=True, alt=_("Exports"))
