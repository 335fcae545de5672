"""How much of what is expected has come: required and filled cells per form, scope and period, who answers for it and by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from lib.intake.reading import TabReading
from lib.intake.registry import Known, day, is_active, known_by_year
from lib.model.calendar import MONTHS, Period, SchoolYear
from lib.model.form import ColumnType, DueRule, Form
from lib.model.registry import Registry
from lib.settings import Settings

# What the submissions log knows a row by.
SUBMISSION_KEY = ("school_year", "period", "form", "school_class", "subject", "method_association")

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (*SUBMISSION_KEY, "teacher", "workbook", "tab")),
        ("required", pa.int32()),
        ("filled", pa.int32()),
        ("from_exports", pa.int32()),
        ("due", pa.date32()),
        ("submitted", pa.date32()),
    ]
)


class Completeness(NamedTuple):
    """Expected and filled cells of one form for one scope and period. `teacher` is the code of the one who answers, "" when
    nobody can be named; `workbook` and `tab` are "" while the tab is missing; `submitted`: the day it was first seen complete;
    `from_exports`: required cells that exports of the electronic journal give, whether or not they were typed as well."""

    school_year: str
    period: str
    form: str
    school_class: str
    subject: str
    method_association: str
    teacher: str
    workbook: str
    tab: str
    required: int
    filled: int
    from_exports: int
    due: dt.date
    submitted: dt.date | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What the submissions log knows it by."""
        return self.school_year, self.period, self.form, self.school_class, self.subject, self.method_association


def completeness(
    tabs: Iterable[TabReading],
    settings: Settings,
    submitted: Mapping[tuple[str, ...], dt.date],
    given: Iterable[TabReading] = (),
) -> pa.Table:
    """Required and filled cells of every tab that the registers make expected, or that exists, in each of its form's periods.

    One row a tab × period, columns as in Completeness; `submitted` is the log: SUBMISSION_KEY values → day. `given`: what
    exports say of each class and subject.
    """
    rows = [row._replace(submitted=submitted.get(row.key)) for row in rows_of(tabs, settings, given)]
    columns = zip(*rows, strict=True) if rows else [()] * len(_SCHEMA)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA)


def rows_of(tabs: Iterable[TabReading], settings: Settings, given: Iterable[TabReading] = ()) -> Iterator[Completeness]:
    """The rows of the completeness table, without what the log knows."""
    from_exports: dict[tuple[str, ...], list[TabReading]] = {}
    for tab in given:
        from_exports.setdefault(tab.scope, []).append(tab)
    tabs = list(tabs)
    known = known_by_year(tabs)
    by_scope: dict[tuple[str, ...], list[TabReading]] = {}
    for tab in tabs:
        if tab.form:
            by_scope.setdefault(tab.scope, []).append(tab)
    for year_id in sorted({*known, *(scope[1] for scope in by_scope if scope[1])}):
        registers, year = known.get(year_id) or Known(Registry(year_id)), settings.school_year(year_id)
        active = active_pupils(registers, year, settings)
        for form in settings.forms.values():
            terms = form_terms(form, year)
            own = [scope[2:] for scope in by_scope if scope[0] == form.id and scope[1] == year_id]
            for scope in dict.fromkeys([*_expected(form, registers, settings), *own]):
                if form.id == "F01" and not settings.marked(year_id, registers.grade_of(scope[0])):
                    continue
                yield from _of_scope(form, terms, registers, active, year, scope, by_scope.get((form.id, year_id, *scope), []),
                                     from_exports.get((form.id, year_id, *scope), []))  # fmt: skip


def active_pupils(registers: Known, year: SchoolYear, settings: Settings) -> dict[tuple[str, str], set[str]]:
    """(class, period) → the pupils who are waited for there: in the school at the period's end, or now while it runs."""
    left = settings.choices.get("left", ())
    periods = [Period(p.id, p.start, min(p.end, year.end, settings.as_of)) for p in year.periods()]
    return {
        (name, p.id): {pupil.pupil_id for pupil in pupils if is_active(pupil, p, left)}
        for name, pupils in registers.by_class.items()
        for p in periods
    }


def _expected(form: Form, known: Known, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """(class, subject, association) of every tab that the registers call for."""
    match form.tab:
        case "subject":
            for load in known.registry.loads:
                if settings.marked(known.registry.school_year, known.grade_of(load.school_class)):
                    yield load.school_class, load.subject, ""
        case "class":
            for name in known.classes:
                if not form.grades or known.grade_of(name) in form.grades:
                    yield name, "", ""
        case "association":
            for key in sorted({p.association for p in known.registry.staff if p.active and p.association}):
                yield "", "", key
        case _:
            if known.filled:
                yield "", "", ""


@dataclass(frozen=True, slots=True)
class FormTerm:
    """One time that a form is due: for which period, on which day, and the columns to be filled by then, in `each` rows a pupil."""

    period: Period
    due: dt.date
    keys: tuple[str, ...]
    each: int


def form_terms(form: Form, year: SchoolYear) -> list[FormTerm]:
    """All times that a form is due in a school year."""
    each = 1
    for column in form.columns:
        if column.key in form.row_key and column.key not in ("pupil_id", "wave", "month") and column.choices:
            each *= len(column.choices)
    return [
        FormTerm(year.period(period_id), year.resolve(rule.rule, period_id), _asked(form, rule), each)
        for rule in form.due
        for period_id in (MONTHS if rule.period == "M" else (rule.period,))
    ]


def _of_scope(
    form: Form,
    terms: Iterable[FormTerm],
    known: Known,
    active: Mapping[tuple[str, str], set[str]],
    year: SchoolYear,
    scope: tuple[str, ...],
    tabs: list[TabReading],
    given: list[TabReading],
) -> Iterator[Completeness]:
    school_class, subject, association = scope
    teacher = _responsible(form, known, school_class, subject, association)
    workbook, title = (tabs[0].workbook, tabs[0].tab) if tabs else ("", "")
    for term in terms:
        if form.rows == "open":
            required, filled = _of_list(form, year, term.period, tabs)
        else:
            pupils = active.get((school_class, term.period.id), set())
            required, filled = _of_roster(form, term, pupils, tabs)
        if required:
            by_exports = _of_roster(form, term, pupils, given)[1] if given else 0
            yield Completeness(
                year.id, term.period.id, form.id, school_class, subject, association, teacher, workbook, title, required, filled,
                by_exports, term.due,
            )  # fmt: skip


def _responsible(form: Form, known: Known, school_class: str, subject: str, association: str) -> str:
    if form.tab == "subject":
        return known.teacher_of(school_class, subject)
    if form.filled_by == "class_head" and school_class:
        return known.classes[school_class].class_teacher_id if school_class in known.classes else ""
    if form.filled_by == "teacher":
        return ""  # any of many teachers: nobody can be named
    return known.first_of_role(form.filled_by, association)


def _asked(form: Form, rule: DueRule) -> tuple[str, ...]:
    """The columns to be filled in for that rule: not those that come filled in already, and not the optional ones."""
    wanted = rule.columns or tuple(c.key for c in form.columns)
    asked = (c for c in form.columns if c.key in wanted and not c.optional and c.key not in form.row_key)
    return tuple(c.key for c in asked if c.type is not ColumnType.NAME)


def _of_roster(form: Form, term: FormTerm, active: set[str], tabs: list[TabReading]) -> tuple[int, int]:
    """Cells of a tab whose rows are known beforehand: a row per active pupil (and competence), or one row a month."""
    required = len(term.keys) * (1 if form.rows == "month" else len(active) * term.each)
    filled = 0
    for tab in tabs:
        if not tab.rows:
            continue
        columns = [tab.values[key] for key in term.keys if key in tab.values]
        rows = _roster_rows(form, term.period, tab, active)
        for values in columns:
            filled += len(rows) - (values.count(None) if len(rows) == len(values) else sum(values[row] is None for row in rows))
    return required, min(filled, required)


def _roster_rows(form: Form, period: Period, tab: TabReading, active: set[str]) -> Sequence[int]:
    """The places of `tab.rows` that are waited for: of the period, and of pupils who are there."""
    rows = _rows_of(form, period, tab)
    pupils = tab.values.get("pupil_id", ())
    if form.rows != "month" and not (pupils and active.issuperset(pupils)):
        return [row for row in rows if pupils and pupils[row] in active]
    return rows


def _rows_of(form: Form, period: Period, tab: TabReading) -> Sequence[int]:
    """The rows of the tab that speak of the period: of its month, or of its half-year's wave."""
    if period.kind == "M" and "month" in tab.values:
        month = int(period.id[1:])
        return [i for i, value in enumerate(tab.values["month"]) if value == month]
    if period.kind == "H" and "wave" in tab.values:
        column = form.by_key["wave"]
        order: list[str] | list[int] = [c.key for c in column.choices] or [1, 2]
        place = int(period.id[1]) - 1
        return [i for i, value in enumerate(tab.values["wave"]) if place < len(order) and value == order[place]]
    return range(len(tab.rows))


def _of_list(form: Form, year: SchoolYear, period: Period, tabs: list[TabReading]) -> tuple[int, int]:
    """Cells of a list that grows: the required cells of its rows of that period. While it has none, one is asked for."""
    keys = _list_keys(form)
    required = filled = 0
    for tab in tabs:
        rows = _list_rows(form, year, period, tab)
        required += len(keys) * len(rows)
        filled += sum(column[row] is not None for key in keys if (column := tab.values.get(key)) for row in rows)
    return (required, filled) if required else (1, 0)


def _list_keys(form: Form) -> list[str]:
    return [column.key for column in form.columns if not column.optional]


def _list_rows(form: Form, year: SchoolYear, period: Period, tab: TabReading) -> Sequence[int]:
    """The rows of a list that speak of the period, by the first day that each must have; all of them where the period is the year."""
    dated = next((c.key for c in form.columns if c.type is ColumnType.DATE and not c.optional), "")
    if period.kind not in "QH" or dated not in tab.values:
        return range(len(tab.rows))
    place = year.quarter_of if period.kind == "Q" else year.half_year_of
    days = {text: day(text) for text in set(tab.values[dated])}
    here = {text for text, found in days.items() if found is not None and place(found) == period.id}
    return [i for i, text in enumerate(tab.values[dated]) if text in here]


# --- the cells themselves ------------------------------------------------------------------------------------------------


def term_rows(form: Form, year: SchoolYear, term: FormTerm, tab: TabReading) -> Sequence[int]:
    """The places of `tab.rows` that speak of one term of the form, whoever's they are."""
    return _list_rows(form, year, term.period, tab) if form.rows == "open" else _rows_of(form, term.period, tab)


def empty_cells(form: Form, year: SchoolYear, term: FormTerm, tab: TabReading, active: set[str]) -> list[tuple[str, int]]:
    """(column key, row of the sheet) of every required cell of that term that is empty, by column and row: what `filled` lacks, as far as
    it has an address (a pupil without a row, a column that the tab lost and a list without rows have none)."""
    rows = _list_rows(form, year, term.period, tab) if form.rows == "open" else _roster_rows(form, term.period, tab, active)
    keys = _list_keys(form) if form.rows == "open" else term.keys
    return [(key, tab.rows[row]) for key in keys if (column := tab.values.get(key)) for row in rows if column[row] is None]
