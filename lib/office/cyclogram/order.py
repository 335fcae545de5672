"""The plan as the order that approves it lists it: words in one language, days instead of rules. The order's text is a document's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from lib.model.calendar import YEAR
from lib.office.cyclogram.plan import Plan, PlanRow, days_of
from lib.settings import Settings
from lib.settings.cyclogram import PlanWords


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of the order's annex. `form` is the word for continuous or periodic; `due` are all days of the row, in their order."""

    number: int
    id: str
    object: str
    directions: tuple[str, ...]
    form: str
    method: str
    due: tuple[dt.date, ...]
    responsible: str
    document: str
    indicators: tuple[str, ...]


def order_rows(plan: Plan, settings: Settings, words: PlanWords, language: str, part: str = YEAR) -> list[OrderRow]:
    """The rows by their first day, numbered from 1; of the year, or of one half-year (H1, H2), where only its days are told. Rows of the
    year without a readable rule come last, without days."""
    found = [(row, days_of(row, settings, plan.school_year, part)) for row in plan.rows]
    found = [(row, days) for row, days in found if days or part == YEAR]
    found.sort(key=lambda pair: (pair[1][:1] or (dt.date.max,), pair[0].id))
    return [
        OrderRow(
            number,
            row.id,
            row.words.of(language),
            tuple(settings.directions[d].short.of(language) if d in settings.directions else d for d in row.directions),
            form_word(row, settings, language),
            words.phrase(row.method, language),
            days,
            words.responsible_in(row.responsible, language),
            words.phrase(row.document, language),
            row.indicators,
        )
        for number, (row, days) in enumerate(found, 1)
    ]


def form_word(row: PlanRow, settings: Settings, language: str) -> str:
    """Continuous or periodic, in the form's own words."""
    return next((c.words.of(language) for c in settings.forms["F24"].column("form").choices if c.words.en == row.form), row.form)
