"""What one person has to do, in words: what, where, by when, which cells. No pupil is named, only cells are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lib import i18n
from lib.i18n import gettext as _
from lib.model.cell import link_to
from lib.office.board import BoardRow, BoardState, Mending, Tabs, cells_to_mend
from lib.office.calendar_file import DueDay, calendar_file
from lib.office.people import Colleague
from lib.office.periods import period
from lib.settings import Settings

LANGUAGES = ("ky", "ru")
MOST_CELLS = 12  # ranges told of one tab; the rest is counted
_ORDER = (BoardState.OVERDUE, BoardState.DUE, BoardState.STARTED, BoardState.COMPLETE, BoardState.NOT_DUE)


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the board that its person has something to do about, with its cells and what opens the first of them."""

    row: BoardRow
    cells: Mending
    link: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder to one person, in one language: subject and text."""

    person: Colleague
    language: str
    subject: str
    text: str
    tasks: tuple[Task, ...]


def tasks(rows: Iterable[BoardRow], tabs: Tabs, links: Mapping[tuple[str, str], str]) -> list[Task]:
    """What is to be done about the rows of one person, the overdue first. `links`: (workbook, tab) → the address that opens the tab."""
    wanted = sorted((row for row in rows if row.troubled), key=lambda row: (_ORDER.index(row.state), row.due))
    return [_task(row, tabs, links.get((row.workbook, row.tab), "")) for row in wanted]


def _task(row: BoardRow, tabs: Tabs, link: str) -> Task:
    cells = cells_to_mend(row, tabs)
    first = next(iter((*cells.wrong, *cells.empty)), "")
    return Task(row, cells, link_to(link, first) if link else "")


def letter(person: Colleague, found: Iterable[Task], settings: Settings, school_year: str, day: dt.date, language: str) -> Letter | None:
    """The reminder to a person on a day, in that language; None when there is nothing to do."""
    todo = tuple(found)
    if not todo:
        return None
    with i18n.speaking(language):
        late = sum(task.row.state is BoardState.OVERDUE for task in todo)
        subject = f"{_('Sapat: sheets to fill in')} – {i18n.date(day)}"
        head = [
            _("Good day, {name}!", name=_line(person.name)),
            "",
            f"{settings.school_name.of(language)} · {_('state of the sheets on')} {i18n.date(day)} · {school_year.replace('-', '–')}",
            f"{_('To do')}: {len(todo)}. {_('Of them overdue')}: {late}.",
        ]
        items = [_item(number, task, settings) for number, task in enumerate(todo, 1)]
        foot = ["", _("A cell that was filled counts at the next look at the sheets. Thank you!")]
        return Letter(person, language, subject, "\n".join([*head, *(line for item in items for line in ("", *item)), *foot]), todo)


def _item(number: int, task: Task, settings: Settings) -> list[str]:
    row, cells = task.row, task.cells
    lines = [f"{number}. {title(row, settings)}", f"   {_('Due by')}: {i18n.date(row.due)} · {state_word(row.state)}"]
    if row.missing:
        lines.append(f"   {_('Filled cells')}: {i18n.number(row.filled, 0)} / {i18n.number(row.required, 0)}")
    lines.append(f"   {_('Where')}: {_where(row)}")
    if cells.empty:
        lines.append(f"   {_('Empty cells')}: {told(cells.empty)}")
    if cells.nowhere and row.tab:
        lines.append(f"   {_('Cells whose row or column is not there')}: {i18n.number(cells.nowhere, 0)}")
    if row.issues:
        lines.append(f"   {_('Cells to mend')}: {told(cells.wrong) or i18n.number(row.issues, 0)}")
    if task.link:
        lines.append(f"   {task.link}")
    return lines


def title(row: BoardRow, settings: Settings) -> str:
    """ "F01 · Marks · 7-А · Algebra · Quarter 3"."""
    language = i18n.language()
    form = settings.forms.get(row.form)
    subject, association = settings.subjects.get(row.subject), settings.associations.get(row.method_association)
    parts = [
        row.form, form.title.of(language) if form else "", row.school_class, subject.name.of(language) if subject else row.subject,
        association.of(language) if association else row.method_association, period(row.period),
    ]  # fmt: skip
    return " · ".join(part for part in parts if part)


def state_word(state: BoardState) -> str:
    """The state of a row of the board in the current language."""
    words = {
        BoardState.OVERDUE: _("overdue"),
        BoardState.DUE: _("due now"),
        BoardState.STARTED: _("begun"),
        BoardState.COMPLETE: _("complete"),
        BoardState.NOT_DUE: _("not due yet"),
    }
    return words[state]


def told(cells: tuple[str, ...]) -> str:
    """Addresses with commas; beyond a dozen only how many more there are."""
    named = [cell for cell in cells if cell]
    more = f" (+{len(named) - MOST_CELLS})" if len(named) > MOST_CELLS else ""
    return ", ".join(named[:MOST_CELLS]) + more


def calendar_of(found: Letter, settings: Settings, school_year: str, day: dt.date, made_at: dt.datetime) -> bytes:
    """The tasks of a letter as a calendar file: on their day, what is overdue on `day`."""
    with i18n.speaking(found.language):
        days = [
            DueDay(
                f"task {settings.school_id} {school_year} {_key(task.row)}", max(task.row.due, day), title(task.row, settings),
                "\n".join(line.strip() for line in _item(1, task, settings)[1:]), task.link,
            )
            for task in found.tasks
        ]  # fmt: skip
        return calendar_file(found.subject, days, made_at)


def _key(row: BoardRow) -> str:
    return " ".join((row.form, row.school_class, row.subject, row.method_association, row.period))


def _where(row: BoardRow) -> str:
    return f"{_line(row.workbook)} › {_line(row.tab)}" if row.tab else _("the tab is not there yet")


def _line(text: str) -> str:
    """Text that somebody typed, in one line."""
    return " ".join(text.split())
