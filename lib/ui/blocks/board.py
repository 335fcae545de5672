"""The completion board: choice, the grid of people and forms, and the rows behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import streamlit as st

from lib import charts, i18n, wording
from lib.charts import Columns
from lib.i18n import gettext as _
from lib.model.cell import link_to
from lib.office.board import BoardRow, BoardState, Pile, piles
from lib.office.people import Staff
from lib.ui import data
from lib.ui.blocks.panel import Drawing, downloads, drawing, panel, theme, to_read
from lib.ui.page import View

ALL = ""
PEOPLE, ROWS = 20, 25  # of one page of the grid, and of the list
NAMES, CELL, FITTING = 150, 44, 14  # pixels of the names and of a cell; columns that fit a page
ORDER = (BoardState.OVERDUE, BoardState.DUE, BoardState.STARTED, BoardState.COMPLETE, BoardState.NOT_DUE)
_ISSUES = "issues"


@dataclass(frozen=True)
class BoardChoice:
    """What the reader chose of the board: `rows`, and their piles, the most troubled person first. `person` "" = all."""

    rows: tuple[BoardRow, ...]
    piles: tuple[Pile, ...]
    person: str
    chosen: tuple[str, ...]  # all that was chosen, as the caches know it


def board_choice(view: View) -> BoardChoice:
    """The filters of the board with its counts, and the age of the oldest overdue term."""
    inside = view.loaded.school_year(view.chosen.school_year).touching(view.chosen.period)
    found = [row for row in data.board(view.snapshot, view.loaded, view.chosen.school_year) if row.period in inside]
    staff = data.colleagues(view.snapshot, view.loaded, view.chosen.school_year)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        association = _association(view, {_association_of(staff, row) for row in found})
        found = [row for row in found if association in (ALL, _association_of(staff, row))]
        person = _person(view, staff, found)
        found = [row for row in found if person in (ALL, row.responsible)]
        form = _form(view, found)
        found = [row for row in found if form in (ALL, row.form)]
    counts = Counter(row.state for row in found)
    wrong = sum(row.issues > 0 for row in found)
    options = [*(state.value for state in ORDER if counts[state]), *([_ISSUES] if wrong else [])]
    picked = st.pills(
        _("State"), options, selection_mode="multi", key="board_state", format_func=partial(_counted, counts, wrong),
    )  # fmt: skip
    if picked:
        found = [row for row in found if row.state.value in picked or (_ISSUES in picked and row.issues)]
    own = piles(found, view.snapshot.as_of)
    if oldest := max((pile.oldest for pile in own), default=0):
        st.caption(f"{_('Oldest overdue term, days')}: {oldest} · {_('people with overdue sheets')}: {sum(p.oldest > 0 for p in own)}")
    return BoardChoice(tuple(found), tuple(own), person, (association, person, form, *sorted(map(str, picked))))


def _counted(counts: Counter[BoardState], wrong: int, option: str) -> str:
    if option == _ISSUES:
        return f"! {_('with issues')} · {wrong}"
    state = BoardState(option)
    return f"{wording.BOARD_SIGNS[state][0]} {wording.board_word(state)} · {counts[state]}"


def _association(view: View, used: Collection[str]) -> str:
    options = [ALL, *(key for key in view.loaded.associations if key in used)]
    return str(
        st.selectbox(
            _("Methodical association"), options, key="board_association", width=250, filter_mode="contains",
            format_func=lambda key: wording.association(view.loaded, key) if key else _("All"),
        )
    )  # fmt: skip


def _association_of(staff: Staff, row: BoardRow) -> str:
    """The association of the one who answers, where nobody is named that of the sheet itself."""
    person = staff.colleagues.get(row.responsible)
    return row.method_association if person is None else person.association


def _person(view: View, staff: Staff, rows: Sequence[BoardRow]) -> str:
    codes = [pile.responsible for pile in piles(rows, view.snapshot.as_of) if pile.responsible]
    held = st.session_state.get("board_person")
    if held not in (None, ALL, *codes):
        st.session_state["board_person"] = ALL
    return str(
        st.selectbox(
            _("Responsible"), [ALL, *codes], key="board_person", width=270, filter_mode="contains",
            format_func=lambda code: staff.named(code) if code else _("All"),
        )
    )  # fmt: skip


def _form(view: View, rows: Iterable[BoardRow]) -> str:
    used = {row.form for row in rows}
    options = [ALL, *(form for form in view.loaded.forms if form in used)]
    if st.session_state.get("board_form") not in (None, *options):
        st.session_state["board_form"] = ALL
    return str(
        st.selectbox(
            _("Form"), options, key="board_form", width=230, filter_mode="contains",
            format_func=lambda form: wording.form(view.loaded, form) if form else _("All"),
        )
    )  # fmt: skip


def named(view: View, code: str) -> str:
    """The name of the one who answers."""
    return data.colleagues(view.snapshot, view.loaded, view.chosen.school_year).named(code) if code else _("not named")


# --- the grid ------------------------------------------------------------------------------------------------------------


def board_grid(view: View, board: BoardChoice) -> None:
    """People × forms, the most troubled first, twenty on a page: the worst state and how many sheets are in it."""
    if not board.rows:
        st.markdown(_("Nothing of this kind is on the board."))
        return
    if board.person:
        return  # one row says nothing that the list below does not say better
    pages = -(-len(board.piles) // PEOPLE)
    page = st.pagination(pages, key=f"board_page_{pages}") if pages > 1 else 1
    shown = board.piles[(page - 1) * PEOPLE : page * PEOPLE]
    people = dict(zip(_labels(view, shown), (pile.responsible for pile in shown), strict=True))
    ink = theme()
    drawn = view.kept(f"board {ink} {page} {' '.join(board.chosen)}", lambda: _grid(view, board, shown, ink))
    panel(drawn, key="board_grid", on_select=partial(_narrow, people))


def _narrow(people: dict[str, str]) -> None:
    """A click on a cell sets the filters of person and form."""
    picked = st.session_state["board_grid"].selection.get("cell", [])
    if picked and picked[0].get("row") in people:
        st.session_state["board_person"] = people[picked[0]["row"]]
        st.session_state["board_form"] = picked[0]["column"]


def _labels(view: View, shown: Sequence[Pile]) -> list[str]:
    """The names of people as the grid writes them; two of one short name stay two rows."""
    seen: Counter[str] = Counter()
    found = []
    for pile in shown:
        name = wording.short_name(named(view, pile.responsible)) if pile.responsible else _("not named")
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def _grid(view: View, board: BoardChoice, shown: Sequence[Pile], ink: str) -> Drawing:
    forms = _forms(view, shown)
    labels = _labels(view, shown)
    cells: Columns = {name: [] for name in ("row", "column", "state", "label", "below", "tooltip")}
    table: dict[str, list[str]] = {_("Responsible"): [named(view, pile.responsible) for pile in shown], **{form: [] for form in forms}}
    for label, pile in zip(labels, shown, strict=True):
        by_form: dict[str, list[BoardRow]] = {}
        for row in pile.rows:
            by_form.setdefault(row.form, []).append(row)
        for form in forms:
            own = by_form.get(form, [])
            table[form].append(_cell_words(own))
            if own:
                _add(cells, (label, form, _worst(own).value, _cell_label(own), _below(own), _tooltip(view, pile, form, own)))
    about = " · ".join([wording.at_time(view.chosen.school_year, view.chosen.period), *_legend()])
    file = f"board_{view.chosen.school_year}_{view.chosen.period}"
    width = NAMES + CELL * len(forms) if len(forms) > FITTING else None
    chart = partial(charts.states, cells, labels, forms, step=34)
    return drawing(_("Who owes what"), about, chart, ink, table, _raw(view, board.rows), file, width)


def _forms(view: View, shown: Iterable[Pile]) -> list[str]:
    """The forms of these people, those with overdue sheets first: what is pressing stands in sight without scrolling."""
    counts: dict[str, Counter[BoardState]] = {}
    for pile in shown:
        for row in pile.rows:
            counts.setdefault(row.form, Counter())[row.state] += 1
    place = {form: number for number, form in enumerate(view.loaded.forms)}
    return sorted(counts, key=lambda form: (-counts[form][BoardState.OVERDUE], -counts[form][BoardState.DUE], place[form]))


def _add(columns: Columns, values: tuple[str, ...]) -> None:
    for column, value in zip(columns.values(), values, strict=True):
        column.append(value)


def _worst(rows: Iterable[BoardRow]) -> BoardState:
    return min((row.state for row in rows), key=ORDER.index)


def _cell_label(rows: Sequence[BoardRow]) -> str:
    """The sign of the worst state and how many sheets are in it; one that was begun alone tells how far it is."""
    worst = _worst(rows)
    own = [row for row in rows if row.state is worst]
    sign = wording.BOARD_SIGNS[worst][0]
    if worst is BoardState.STARTED and len(own) == 1:
        return f"{sign} {percent(own[0].share, False)}"
    return f"{sign} {len(own)}"


def _below(rows: Sequence[BoardRow]) -> str:
    wrong = sum(row.issues for row in rows)
    return f"! {wrong}" if wrong else ""


def _cell_words(rows: Sequence[BoardRow]) -> str:
    counts = Counter(row.state for row in rows)
    told = [f"{wording.BOARD_SIGNS[state][0]} {counts[state]}" for state in ORDER if counts[state]]
    return " ".join([*told, *filter(None, [_below(rows)])])


def _tooltip(view: View, pile: Pile, form: str, rows: Sequence[BoardRow]) -> str:
    counts = Counter(row.state for row in rows)
    told = ", ".join(f"{wording.board_word(state)}: {counts[state]}" for state in ORDER if counts[state])
    wrong = sum(row.issues for row in rows)
    return f"{named(view, pile.responsible)} · {wording.form(view.loaded, form)}: {told}" + (f", {_('to mend')}: {wrong}" if wrong else "")


def _legend() -> list[str]:
    signs = [f"{wording.BOARD_SIGNS[state][0]} {wording.board_word(state)}" for state in ORDER]
    return [*signs, f"! {_('cells to mend')}", _("a click on a cell shows its sheets")]


def percent(share: float, complete: bool) -> str:
    """A share that says 100 only when all is there."""
    return i18n.percent(share if complete else min(share, 99.0), 0)


# --- the rows ------------------------------------------------------------------------------------------------------------


def board_rows(view: View, board: BoardChoice) -> None:
    """Every sheet of the choice with its state, how full it is, its issues, its day and what opens it; the most troubled first."""
    if not board.rows:
        return
    st.subheader(_("Sheets"), anchor=False)
    place = {pile.responsible: number for number, pile in enumerate(board.piles)}
    rows = sorted(board.rows, key=lambda row: (ORDER.index(row.state), not row.issues, place[row.responsible], row.due))
    pages = -(-len(rows) // ROWS)
    with st.container(border=True):
        listed, saved = st.tabs([_("Table"), _("Download")])
        with listed:
            page = st.pagination(pages, key=f"board_rows_{pages}") if pages > 1 else 1
            shown = rows[(page - 1) * ROWS : page * ROWS]
            st.table(_written(view, shown, with_person=not board.person), border="horizontal", hide_index=True, alt=_("Sheets"))
        with saved:
            raw = view.kept(f"board rows {' '.join(board.chosen)}", lambda: _raw(view, rows))
            downloads(raw, _("Sheets"), f"board_{view.chosen.school_year}_{view.chosen.period}_sheets")


def _written(view: View, rows: Sequence[BoardRow], with_person: bool) -> pa.Table:
    """Three columns, so that a phone shows them whole: the day and the state, which sheet of whom, how full it is."""
    links, today = data.links(view.snapshot), view.snapshot.as_of
    staff = data.colleagues(view.snapshot, view.loaded, view.chosen.school_year)
    columns: dict[str, list[str]] = {_("Due"): [], _("Sheet"): [], _("Filled"): []}
    for row in rows:
        link = links.get((row.workbook, row.tab), "")
        where = f"{row.workbook.removeprefix(view.chosen.school_year + '/')} › {row.tab}" if row.tab else _("the tab is not there yet")
        person = [wording.plain(staff.named(row.responsible) if row.responsible else _("not named"))] if with_person else []
        small = " · ".join([*person, wording.link(where, link_to(link, next((c for c in row.cells_wrong if c), "A1")) if link else "")])
        late = f"  \n:small[:gray[{_('days ago')}: {row.age(today)}]]" if row.state is BoardState.OVERDUE else ""
        filled = f"{i18n.number(row.filled, 0)} / {i18n.number(row.required, 0)}"
        wrong = f"  \n:red-badge[! {row.issues}]" if row.issues else ""
        texts = (
            f"{i18n.date(row.due)}  \n{wording.board_state(row.state)}{late}",
            f"**{wording.plain(sheet(view, row))}**  \n:small[:gray[{small}]]",
            f"{percent(row.share, row.filled >= row.required)}  \n:small[:gray[{filled}]]{wrong}",
        )
        _add(columns, texts)
    return to_read(columns)


def sheet(view: View, row: BoardRow) -> str:
    """ "F01 · Marks · 7-А · Algebra · Quarter 3"."""
    parts = [
        wording.form(view.loaded, row.form), row.school_class, wording.subject(view.loaded, row.subject) if row.subject else "",
        wording.association(view.loaded, row.method_association) if row.method_association else "", wording.period(row.period),
    ]  # fmt: skip
    return " · ".join(part for part in parts if part)


def _raw(view: View, rows: Iterable[BoardRow]) -> Columns:
    titles = (
        _("Responsible"), _("Form"), _("Class"), _("Subject"), _("Methodical association"), _("Period"), _("State"), _("Filled cells"),
        _("Required cells"), _("Issues"), _("Due"), _("Submitted"),
    )  # fmt: skip
    staff = data.colleagues(view.snapshot, view.loaded, view.chosen.school_year)
    told = [
        (
            staff.named(row.responsible) if row.responsible else _("not named"),
            wording.form(view.loaded, row.form), row.school_class, row.subject, row.method_association,
            wording.period(row.period), wording.board_word(row.state), row.filled, row.required, row.issues, row.due, row.submitted,
        )
        for row in rows
    ]  # fmt: skip
    return {title: [row[place] for row in told] for place, title in enumerate(titles)}
