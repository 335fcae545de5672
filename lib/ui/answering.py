"""Answering what exports of the electronic journal leave open: whose a name is, which subject a header means, what a table speaks of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from lib import i18n, wording
from lib.i18n import gettext as _
from lib.journal.answers import EVERYWHERE, NOBODY
from lib.journal.question import Asked
from lib.ui import data, freshness
from lib.ui.page import View

PAGE = 8  # questions at a time
Group = Sequence[dict[str, Any]]


def answer(view: View, groups: Sequence[Group]) -> None:
    """The questions, a page at a time, and the button that keeps the answers. A group is one question of several tables."""
    st.subheader(_("What only you can tell"), anchor=False)
    st.caption(_("Asked once: the answers are used again next quarter. Until then these cells do not count."))
    pages = max(1, -(-len(groups) // PAGE))
    page = st.pagination(pages, key=f"journal_questions_{pages}") if pages > 1 else 1
    shown = groups[(page - 1) * PAGE : page * PAGE]
    with st.form("journal_answers", border=True):
        given = [(group, _ask(view, group)) for group in shown]
        pressed = st.form_submit_button(_("Keep the answers"), type="primary", icon=":material/save:")
    if pressed:
        said = [(group, choice) for group, choice in given if choice is not None]
        if not said:
            st.info(_("Nothing was chosen yet."))
            return
        _keep(view, said)
        freshness.ask()
        st.rerun()


def _ask(view: View, group: Group) -> str | None:
    """One question with its choice; None while nothing was chosen."""
    first = group[0]
    options, named, question = _options(view, group)
    of_table = first["about"] not in (Asked.NAME, Asked.COLUMN)
    seen = first["workbook"].removeprefix("exports/") if of_table else first["seen"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        cells = sum(row["cells"] for row in group)
        about = [first["school_class"], "" if of_table else _where(first), _("cells: {n}", n=i18n.number(cells, 0))]
        told = " · ".join(wording.plain(text) for text in about if text)
        st.markdown(f"{wording.plain(question)}  \n**{wording.plain(seen)}**  \n:small[:gray[{told}]]", width=340)
        return st.selectbox(
            question, options, index=None, key=f"answer_{_mark(first)}", format_func=named, label_visibility="collapsed",
            placeholder=_("Choose"), filter_mode="contains", width=340,
        )  # fmt: skip


def _where(row: Mapping[str, Any]) -> str:
    return f"{row['workbook'].removeprefix('exports/')}, {row['cell']}"


def _mark(row: Mapping[str, Any]) -> str:
    """What stands in the page's markup: no name."""
    text = "\n".join([row["about"], row["school_class"], row["seen"], row["workbook"], row["tab"]])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _options(view: View, group: Group) -> tuple[list[str], Callable[[str], str], str]:
    """The codes to choose from, how each is said, and the question."""
    first = group[0]
    about = Asked(first["about"])
    likely = list(dict.fromkeys(code for row in group for code in row["candidates"]))
    match about:
        case Asked.NAME:
            people = data.classmates(view.snapshot, first["school_year"], first["school_class"])
            names = {code: f"≈ {people[code]}" for code in likely if code in people} | {c: n for c, n in people.items() if c not in likely}
            nobody = _("nobody of this class")
            question = _("Whose name is this?")
        case Asked.COLUMN:
            rest = [code for code in view.loaded.subjects if code not in likely]
            names = {code: wording.subject(view.loaded, code) for code in (*likely, *rest)}
            nobody = _("no marks of a subject")
            question = _("Which subject is this?")
        case Asked.SUBJECT:
            names, nobody = {code: wording.subject(view.loaded, code) for code in likely}, ""
            question = _("Of which subject is this table?")
        case Asked.PERIOD:
            columns = view.loaded.forms["F01"].by_key
            names, nobody = {key: columns[key].title.of(i18n.language()) for key in likely if key in columns}, ""
            question = _("Of which period is this table?")
        case _:
            names, nobody = {name: name for name in likely}, ""
            question = _("Of which class is this table?")
    if nobody:
        names[NOBODY] = nobody
    return list(names), lambda code: names.get(code, code), question


def _keep(view: View, said: Sequence[tuple[Group, str]]) -> None:
    """Write the answers down, those alone that the viewer may give: the questions were filtered, and are judged once more."""
    names: dict[tuple[str, str, str], str] = {}
    columns: dict[tuple[str, str], str] = {}
    tables: dict[tuple[str, str], dict[str, str]] = {}
    allowed = {_mark(row) for row in data.journal_questions(view.snapshot)}
    everything = data.sight(view.snapshot).all_seen
    for group, choice in said:
        for row in group:
            if _mark(row) not in allowed:
                continue
            match Asked(row["about"]):
                case Asked.NAME:
                    names[row["school_year"], row["school_class"], row["seen"]] = choice
                case Asked.COLUMN:
                    columns[EVERYWHERE if everything else row["school_class"], row["seen"]] = choice
                case about:
                    tables.setdefault((row["workbook"], row["tab"]), {})[about.value] = choice
    data.answer_book(view.loaded).add(names, columns, tables)
