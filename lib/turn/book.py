"""The registers of one school year, row by row as they stand: what each cell holds, what it was read as, and its address."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lib import i18n
from lib.collection import records_of
from lib.intake.identity import check
from lib.intake.parse import Finding, is_blank, parse
from lib.intake.pool import read_all
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellError, CellValue, column_letters
from lib.model.form import Form
from lib.model.issue import Issue
from lib.model.registry import Registry, registry_from_records
from lib.provisioning.found import recognised
from lib.settings import Settings, UserError
from lib.snapshot import Snapshot
from lib.store.base import Store
from lib.templates import CellContent
from lib.templates.plan import REGISTRY_FORMS

PUPILS, CLASSES, STAFF, LOADS = "R1", "R2C", "R2S", "R2L"


@dataclass(frozen=True)
class Line:
    """One filled row of a register. `row` counts from 1. `values`: what cells were read as; a blank or refused cell is not in it."""

    form: str
    workbook: str
    tab: str
    row: int
    letters: Mapping[str, str]
    raw: Mapping[str, CellValue]
    values: Mapping[str, Any]

    def text(self, key: str) -> str:
        """The value as text, "" when there is none."""
        value = self.values.get(key)
        return "" if value is None else str(value)

    def cell(self, key: str) -> str:
        """The address of the cell: "D17"; of the row's first cell where the tab lacks the column."""
        return f"{self.letters.get(key, 'A')}{self.row}"

    def contents(self) -> dict[str, CellContent]:
        """The cells as they can be written again; a formula whose result was never stored is left out."""
        return {key: _content(value) for key, value in self.raw.items() if not is_blank(value)}


@dataclass(frozen=True)
class Book:
    """The registers of one school year. `issues`: what intake says of them; `registry`: what it accepted."""

    school_year: str
    lines: Mapping[str, tuple[Line, ...]]
    registry: Registry
    issues: tuple[Issue, ...] = field(default=())

    @cached_property
    def doubled(self) -> frozenset[str]:
        """Codes of pupils that stand in more than one row."""
        counted = Counter(line.text("pupil_id") for line in self.lines[PUPILS])
        return frozenset(code for code, number in counted.items() if code and number > 1)

    @cached_property
    def classes(self) -> Mapping[str, Line | None]:
        """name → its row in the register of classes; None for a class that only pupils or lessons speak of. In the school's order."""
        found: dict[str, Line | None] = {}
        for line in self.lines[CLASSES]:
            if name := line.text("school_class"):
                found.setdefault(name, line)
        for form in (PUPILS, LOADS):
            for line in self.lines[form]:
                if name := line.text("school_class"):
                    found.setdefault(name, None)
        return dict(sorted(found.items(), key=lambda item: i18n.class_key(item[0])))

    def grade(self, school_class: str) -> int:
        """As the register of classes says, else by the name; 0 when neither tells."""
        line = self.classes.get(school_class)
        if line is not None and line.values.get("grade"):
            return int(line.values["grade"])
        number = school_class.split("-")[0]
        return int(number) if number.isdigit() else 0


def registries_of(snapshot: Snapshot) -> dict[str, list[str]]:
    """school year → the workbooks in which its registers stand, of the years that have pupils."""
    found: dict[str, set[str]] = {}
    with_pupils = set()
    for row in snapshot.table("sheets").to_pylist():
        if row["form"] in REGISTRY_FORMS and row["school_year"]:
            found.setdefault(row["school_year"], set()).add(row["workbook"])
            if row["form"] == PUPILS and row["accepted"]:
                with_pupils.add(row["school_year"])
    return {year: sorted(names) for year, names in sorted(found.items()) if year in with_pupils}


def read_book(store: Store, names: Sequence[str], school_year: str, settings: Settings) -> Book:
    """The registers of `school_year` in these workbooks. Raises UserError for one that cannot be read, StoreProblem when that changes."""
    readings = list(read_all(store, names, settings))  # in workers: whatever people put there costs no more than this
    for reading in readings:
        if not reading.tabs and reading.issues:
            issue = reading.issues[0]
            raise UserError(f"{reading.workbook}: {settings.issue_sentence(issue.code, issue.slots, '', i18n.language())}")
    tabs, issues = check(readings, settings)
    own = [tab for tab in tabs if tab.form in REGISTRY_FORMS and tab.school_year == school_year]
    rows = {form: table.to_pylist() for form, table in records_of(own, settings).items() if form in REGISTRY_FORMS}
    lines: dict[str, list[Line]] = {form: [] for form in REGISTRY_FORMS}
    words = Vocabulary.of(settings)
    for name in names:
        for line in _lines(store, name, school_year, words):
            lines[line.form].append(line)
    told = [issue for issue in issues if issue.form in REGISTRY_FORMS and issue.school_year in ("", school_year)]
    return Book(school_year, {form: tuple(found) for form, found in lines.items()}, registry_from_records(rows, school_year), tuple(told))


def _lines(store: Store, workbook: str, school_year: str, words: Vocabulary) -> Iterator[Line]:
    sheets = store.read(workbook)
    for sheet, (_own, place, layout) in zip(sheets, recognised(sheets, school_year, words), strict=True):
        if place is None or layout is None or layout.form is None or place.form not in REGISTRY_FORMS:
            continue
        letters = {key: column_letters(column) for key, column in layout.columns.items()}
        for number in layout.data_rows:
            row = sheet.rows[number]
            raw = {key: row[column] if column < len(row) else None for key, column in layout.columns.items()}
            if any(not is_blank(cell) for cell in raw.values()):
                yield Line(place.form, workbook, sheet.title, number + 1, letters, raw, _values(raw, layout.form, words))


def _values(raw: Mapping[str, CellValue], form: Form, words: Vocabulary) -> dict[str, Any]:
    found = {}
    for key, cell in raw.items():
        if is_blank(cell):
            continue
        read = parse(cell, form.column(key), words)
        value = read.value if isinstance(read, Finding) else read
        if value is not None:
            found[key] = value
    return found


def _content(value: CellValue) -> CellContent:
    if value is None or isinstance(value, (str, bool, float, int, dt.date, CellError)):
        return value
    return str(value) if isinstance(value, (dt.time, dt.timedelta)) else None
