"""Tabs as they were read, put together again from the records of a snapshot."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.intake.completeness import FormTerm, active_pupils, form_terms
from lib.intake.reading import READ, TabReading
from lib.intake.registry import REGISTERS, Known
from lib.model.registry import registry_from_records
from lib.settings import Settings
from lib.snapshot import Snapshot

Tab = tuple[str, str]  # workbook, title


class Tabs:
    """The tabs of one school year. A form's records are read when one of its tabs is asked for."""

    def __init__(self, snapshot: Snapshot, settings: Settings, school_year: str) -> None:
        self.snapshot, self.settings = snapshot, settings
        self.year = settings.school_year(school_year)
        self._forms: dict[str, dict[Tab, TabReading]] = {}
        self._terms: dict[str, dict[str, FormTerm]] = {}

    def reading(self, form: str, tab: Tab) -> TabReading | None:
        """The tab's accepted rows; None when it has none."""
        if form not in self._forms:
            self._forms[form] = self._read(form)
        return self._forms[form].get(tab)

    def term(self, form: str, period: str) -> FormTerm:
        """When the form is due for that period, and with which columns."""
        if form not in self._terms:
            self._terms[form] = {term.period.id: term for term in form_terms(self.settings.forms[form], self.year)}
        return self._terms[form][period]

    @cached_property
    def letters(self) -> Mapping[Tab, Mapping[str, str]]:
        """Tab → column key → the letters of the column."""
        table: pa.Table = self.snapshot.table("sheets")
        names = zip(table["workbook"].to_pylist(), table["tab"].to_pylist(), table["columns"].to_pylist(), strict=True)
        return {(workbook, tab): json.loads(columns or "{}") for workbook, tab, columns in names}

    @cached_property
    def active(self) -> Mapping[tuple[str, str], set[str]]:
        """(class, period) → the pupils who are waited for."""
        rows = {form: self._own(form).to_pylist() for form in REGISTERS}
        return active_pupils(Known(registry_from_records(rows, self.year.id)), self.year, self.settings)

    def _own(self, form: str) -> pa.Table:
        table: pa.Table = self.snapshot.records(form)
        return table.filter(pc.equal(table["school_year"].cast(pa.string()), self.year.id))

    def _read(self, form: str) -> dict[Tab, TabReading]:
        table = self._own(form)
        keys = [column.key for column in self.settings.forms[form].columns if column.key in table.column_names]
        columns = {name: table[name].to_pylist() for name in {"workbook", "tab", "row", *keys}}
        places: dict[Tab, list[int]] = {}
        for place, tab in enumerate(zip(columns["workbook"], columns["tab"], strict=True)):
            places.setdefault(tab, []).append(place)
        return {
            (workbook, tab): TabReading(
                workbook, tab, form, school_year=self.year.id, state=READ,
                rows=[columns["row"][place] for place in own],
                values={key: _values(columns[key], own) for key in keys if key in self.letters.get((workbook, tab), {})},
            )
            for (workbook, tab), own in places.items()
        }  # fmt: skip


def _values(column: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """A column of one tab, days as ISO text as in a reading."""
    found = [column[place] for place in places]
    return [value.isoformat() if isinstance(value, dt.date) else value for value in found]
