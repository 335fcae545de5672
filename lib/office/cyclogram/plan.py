"""The plan of a school year as its sheet (F24) says it, or as config/cyclogram.yaml does while the sheet is empty."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.model.calendar import YEAR
from lib.model.words import Words
from lib.settings import Settings
from lib.settings.cyclogram import PlanItem, plan_of, read_cyclogram
from lib.snapshot import Snapshot

FORM = "F24"
CONTINUOUS, PERIODIC = "continuous", "periodic"


class Said(StrEnum):
    """What a row's cell of the status says; "" while it is empty."""

    NOTHING = ""
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One row of the cyclogram. `form`: continuous | periodic | ""; `due_rule`: see lib.model.calendar.SchoolYear.due_days.

    `cell` is where a person marks the row (its status), "" while there is no sheet. `words`: its object in three languages where it is
    one of the standard rows, else as it was typed.
    """

    id: str
    words: Words
    directions: tuple[str, ...]
    form: str
    method: str
    responsible: str
    document: str
    indicators: tuple[str, ...]
    due_rule: str
    said: Said = Said.NOTHING
    done_on: dt.date | None = None
    note: str = ""
    workbook: str = ""
    tab: str = ""
    cell: str = ""

    @property
    def object(self) -> str:
        """What is looked at, as it was typed."""
        return self.words.ky


@dataclass(frozen=True)
class Plan:
    """The cyclogram of one school year. `from_sheet`: whether somebody's sheet says it, or only the configuration."""

    school_year: str
    rows: tuple[PlanRow, ...]
    from_sheet: bool


def days_of(row: PlanRow, settings: Settings, school_year: str, part: str = YEAR) -> tuple[dt.date, ...]:
    """The days on which a row is due in the school year or in one of its half-years (H1, H2: a plan may be made for each, regulation
    2.1); none for a rule that nobody can read."""
    calendar = settings.school_year(school_year)
    try:
        days = [day for _period, day in calendar.due_days(row.due_rule)]
    except ValueError:
        return ()
    return tuple(day for day in days if part in (YEAR, calendar.half_year_of(day)))


def read_plan(snapshot: Snapshot, settings: Settings, school_year: str) -> Plan:
    """The plan of a school year. Rows without a code and an object are left out."""
    standard = plan_of(read_cyclogram(), settings.school_year(school_year))
    table: pa.Table = snapshot.records(FORM)
    found = table.filter(pc.equal(table["school_year"].cast(pa.string()), school_year)).to_pylist()
    words = {(item.id, item.object.ky): item.object for item in standard}
    letters = _status_column(snapshot)
    rows = tuple(_typed(row, words, settings, letters) for row in found if row["id"] or row["object"])
    if rows:
        return Plan(school_year, rows, True)
    return Plan(school_year, tuple(_standard(item) for item in standard), False)


def _typed(
    row: Mapping[str, Any], words: Mapping[tuple[str, str], Words], settings: Settings, letters: Mapping[tuple[str, str], str]
) -> PlanRow:
    name, said = str(row["id"] or ""), str(row["object"] or "")
    letter = letters.get((row["workbook"], row["tab"]), "")
    return PlanRow(
        id=name,
        words=words.get((name, said), Words(said)),
        directions=tuple(row["directions"] or ()),
        form=_english(settings, "form", row["form"]),
        method=str(row["method"] or ""),
        responsible=str(row["responsible"] or ""),
        document=str(row["document"] or ""),
        indicators=tuple(row["indicators"] or ()),
        due_rule=str(row["due_rule"] or ""),
        said=_said(settings, row["status"]),
        done_on=row["done_on"],
        note=str(row["note"] or ""),
        workbook=row["workbook"],
        tab=row["tab"],
        cell=f"{letter}{row['row']}" if letter else "",
    )


def _standard(item: PlanItem) -> PlanRow:
    return PlanRow(
        item.id, item.object, item.directions, item.form, item.method, item.responsible, item.document, item.indicators, item.due
    )  # fmt: skip


def _english(settings: Settings, column: str, key: object) -> str:
    """A stored answer of the form in English, the language of keys in the code."""
    choices = settings.forms[FORM].column(column).choices
    return next((choice.words.en for choice in choices if choice.key == key), "")


def _said(settings: Settings, key: object) -> Said:
    for name in (Said.DONE, Said.CANCELLED, Said.UNDER_WAY):
        if key in settings.choices.get(name, ()):
            return name
    return Said.PLANNED if key else Said.NOTHING


def _status_column(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """(workbook, tab) of each plan's sheet → the letters of its column of statuses."""
    table: pa.Table = snapshot.table("sheets")
    own = table.filter(pc.equal(table["form"].cast(pa.string()), FORM)).select(["workbook", "tab", "columns"]).to_pylist()
    return {(row["workbook"], row["tab"]): json.loads(row["columns"] or "{}").get("status", "") for row in own}
