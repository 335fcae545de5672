"""The plan's terms as a calendar file, for one person or for all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from lib import i18n
from lib.i18n import gettext as _
from lib.office.calendar_file import DueDay, calendar_file
from lib.office.cyclogram.term import Term, TermState
from lib.settings import Settings
from lib.settings.cyclogram import PlanWords

# What a calendar shows before the title, so that a month tells at a glance.
_SIGNS = {TermState.DONE: "▲ ", TermState.OVERDUE: "▼ ", TermState.CANCELLED: "✕ "}


def calendar_of(found: Iterable[Term], settings: Settings, school_year: str, words: PlanWords, made_at: dt.datetime) -> bytes:
    """The terms as an .ics file in the current language. A term keeps its identity when its day moves."""
    name = f"{_('Cyclogram')} {school_year.replace('-', '–')}"
    return calendar_file(name, [_day(term, settings, school_year, words) for term in found], made_at)


def _day(term: Term, settings: Settings, school_year: str, words: PlanWords) -> DueDay:
    language, row = i18n.language(), term.row
    told = [
        f"{_('Responsible')}: {words.responsible_in(row.responsible, language)}",
        f"{_('Document')}: {words.phrase(row.document, language)}",
        f"{_('Method of monitoring')}: {words.phrase(row.method, language)}",
        f"{_('Status')}: {state_word(term.state)}",
    ]
    key = f"plan {settings.school_id} {school_year} {term.key}"
    return DueDay(key, term.due, f"{_SIGNS.get(term.state, '')}{row.id} · {row.words.of(language)}", "\n".join(told))


def state_word(state: TermState) -> str:
    """The state of a term in the current language."""
    words = {
        TermState.PLANNED: _("planned"),
        TermState.IN_PROGRESS: _("in progress"),
        TermState.DONE: _("done"),
        TermState.OVERDUE: _("overdue"),
        TermState.CANCELLED: _("cancelled"),
    }
    return words[state]
