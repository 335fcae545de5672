"""How teachers spoil their own workbooks: spellings that mean the same, values that mean nothing, and tabs that were rearranged."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.demo.material import Dice, Material, pick
from lib.model.cell import CellError, column_letters
from lib.model.form import Column, ColumnType
from lib.settings import Settings
from lib.templates import CellContent, Tab, TabColumn, WorkbookPlan

NBSP = "\u00a0"
HARMLESS_SHARE, WRONG_SHARE = 0.0172, 0.0028
FIRST_ROW = 6  # of the data, counted from 1
# Forms whose own cells keep right values: without registers nothing else could be judged.
_REGISTRY = ("R1", "R2C", "R2S", "R2L")
# Columns that name people, things or rows: spelt in another way now and then, never wrongly.
_NAMING = (
    "pupil_id",
    "full_name",
    "month",
    "wave",
    "competence",
    "work_id",
    "survey_id",
    "teacher_id",
    "subject",
    "school_class",
    "id",
    "due_rule",
)


@dataclass(frozen=True)
class Damage:
    """One thing that was spoilt. `cell` "": the whole tab. `harmless`: a careful reader understands it all the same."""

    kind: str
    workbook: str
    tab: str
    cell: str
    harmless: bool
    was: str = ""
    now: str = ""


@dataclass
class _Spoilt:
    """A damage whose address is worked out when the tab is final."""

    kind: str
    plan: WorkbookPlan
    tab: Tab
    row: list[CellContent] | None
    key: str
    harmless: bool
    was: object
    now: object

    def told(self) -> Damage:
        cell = ""
        if self.row is not None:
            number = next(n for n, row in enumerate(self.tab.rows) if row is self.row)
            place = next((n for n, c in enumerate(self.tab.columns) if c.column is not None and c.column.key == self.key), 0)
            cell = f"{column_letters(place)}{number + FIRST_ROW}"
        return Damage(self.kind, self.plan.name, self.tab.title, cell, self.harmless, _text(self.was), _text(self.now))


def spoil(plans: list[WorkbookPlan], school_year: str, current: bool, settings: Settings, material: Material, dice: Dice) -> list[Damage]:
    """Spoil about 2 % of the typed cells and a few whole tabs of one school year, in place; what was spoilt, and where."""
    bench = _Bench(settings, material)
    spoilt: list[_Spoilt] = []
    for plan in plans:
        for tab in plan.tabs:
            spoilt += bench.cells(plan, tab, dice.of("damage", plan.name, tab.title))
    told, removed = bench.tabs(plans, current, dice.of("damage", school_year))
    return [s.told() for s in spoilt + told if not any(s.tab is gone for gone in removed)] + [
        Damage("tab missing", plan.name, tab.title, "", False) for plan, tab in bench.missing
    ]


class _Bench:
    def __init__(self, settings: Settings, material: Material) -> None:
        self.settings, self.names, self.words = settings, material.names, material.words["damage"]
        self.missing: list[tuple[WorkbookPlan, Tab]] = []

    # --- cells -----------------------------------------------------------------------------------------------------------

    def cells(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> list[_Spoilt]:
        """Spoil single cells of a tab."""
        if not tab.rows:
            return []
        spoilt = []
        chance = rng.random((len(tab.rows), len(tab.columns)))
        for number, place in zip(*np.nonzero(chance < HARMLESS_SHARE + WRONG_SHARE), strict=True):
            row, column = tab.rows[int(number)], tab.columns[int(place)].column
            was = row[int(place)]
            if was is None or column is None:
                continue
            wrong = chance[number, place] < WRONG_SHARE
            protected = tab.form.id in _REGISTRY or column.key in _NAMING or column.key in tab.form.row_key
            made = self._wrong(rng, column, plan) if wrong and not protected else None
            harmless = made is None
            made = made or self._harmless(rng, column, was)
            if made is None or made[1] == was:
                continue
            row[int(place)] = made[1]
            spoilt.append(_Spoilt(made[0], plan, tab, row, column.key, harmless, was, made[1]))
        return spoilt

    def _harmless(self, rng: np.random.Generator, column: Column, was: CellContent) -> tuple[str, CellContent] | None:
        """Another spelling of the same: (what kind, the new content)."""
        words = self.settings.cell_words
        if isinstance(was, bool):
            was = words["yes" if was else "no"][0]
        if isinstance(was, (int, float)):
            text = f"{was:g}".replace(".", ",")
            ways = [("number as text", text), ("space after", f"{text} "), ("no-break space", f"{text}{NBSP}")]
            if isinstance(was, int) and column.type in (ColumnType.MARK, ColumnType.COUNT, ColumnType.NUMBER):
                ways.append(("comma zero", f"{text},0"))
            return pick(rng, ways)
        if isinstance(was, dt.date):
            return pick(rng, [("date as text", f"{was:%d.%m.%Y}"), ("date as text", was.isoformat())])
        if not isinstance(was, str):
            return None
        match column.type:
            case ColumnType.MARK | ColumnType.YESNO:
                return pick(rng, [("capitals", was.upper()), ("no-break space", f"{NBSP}{was}"), ("space after", f"{was} ")])
            case ColumnType.CHOICE:
                return pick(
                    rng,
                    [("no-break space", f"{was}{NBSP}"), ("look-alike", self._look_alike(was)),
                     ("other signs", self._swap(was, "other_signs")),
                     ("plain letters", self._swap(was, "plain_letters")), ("capitals", was.capitalize())],
                )  # fmt: skip
            case ColumnType.CLASS:
                return pick(rng, [("look-alike", self._look_alike(was)), ("class spelling", was.replace("-", " ").lower())])
            case ColumnType.ID:
                return "space after", f"{was} "
            case ColumnType.SUBJECT:
                return "subject by name", self.settings.subjects[was].name.ky if was in self.settings.subjects else was
            case ColumnType.TEXT | ColumnType.NAME:
                return pick(rng, [("no-break space", was.replace(" ", NBSP)), ("other signs", self._swap(was, "other_signs"))])
        return None

    def _look_alike(self, text: str) -> str:
        """The last letter that has a Latin look-alike is typed so; the rest stays Cyrillic."""
        for place in range(len(text) - 1, -1, -1):
            if text[place] in self.names["look_alikes"]:
                return text[:place] + self.names["look_alikes"][text[place]] + text[place + 1 :]
        return text

    def _swap(self, text: str, table: str) -> str:
        return "".join(self.names[table].get(letter, letter) for letter in text)

    def _wrong(self, rng: np.random.Generator, column: Column, plan: WorkbookPlan) -> tuple[str, CellContent] | None:
        """Something that no reader may take for a value."""
        ways: list[tuple[str, CellContent]] = [("error", CellError("#REF!")), ("error", CellError("#N/A"))]
        match column.type:
            case ColumnType.MARK:
                typed = dt.date(plan.school_year.first_calendar_year + 1, 5, 4)
                ways += [
                    ("two marks", "4/5"),
                    ("two marks", "3-4"),
                    ("date in mark", typed),
                    ("not a mark", 6),
                    ("not a mark", 0),
                    ("not a mark", "5+"),
                ]
            case ColumnType.COUNT | ColumnType.NUMBER:
                ways += [
                    ("not a number", self.words["not_a_number"]),
                    ("out of limits", -1 if column.minimum is None else int(column.maximum or 0) + 3),
                ]
            case ColumnType.CHOICE | ColumnType.YESNO:
                ways += [("not an answer", "???")]
            case ColumnType.DATE:
                ways += [("no such day", "31.02.2026"), ("not a date", "???")]
            case _:
                return None
        return pick(rng, ways)

    # --- whole tabs ------------------------------------------------------------------------------------------------------

    def tabs(self, plans: list[WorkbookPlan], current: bool, rng: np.random.Generator) -> tuple[list[_Spoilt], list[Tab]]:
        """Rearrange a few tabs: each way once a year, each tab at most once. In the current year two tabs are missing."""
        marks = [(plan, tab) for plan in plans for tab in plan.tabs if tab.form.id == "F01" and len(tab.rows) > 5]
        order = [marks[int(n)] for n in rng.permutation(len(marks))]
        ways: list[Callable[[WorkbookPlan, Tab, np.random.Generator], _Spoilt]] = [
            self._insert_column, self._rename_header, self._reorder, self._lose_keys, self._add_totals, self._repeat_pupil, self._copy_tab,
        ]  # fmt: skip
        spoilt = [way(*order.pop(), rng) for way in ways if order]
        spoilt += self._wrong_class(plans)
        removed: list[Tab] = []
        if current:
            others = [(plan, tab) for plan in plans for tab in plan.tabs if tab.form.id == "F07"]
            for plan, tab in order[-1:] + ([pick(rng, others)] if others else []):
                if len(plan.tabs) > 1:
                    plan.tabs.remove(tab)
                    removed.append(tab)
                    self.missing.append((plan, tab))
        return spoilt, removed

    def _insert_column(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> _Spoilt:
        place = tab.place_of("q2")
        tab.columns.insert(place, TabColumn("", self.words["inserted_column"], "", None))
        for number, row in enumerate(tab.rows):
            row.insert(place, self.words["inserted_text"] if number < 3 else None)
        return _Spoilt("column inserted", plan, tab, None, "", True, "", self.words["inserted_column"])

    def _rename_header(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> _Spoilt:
        key = pick(rng, sorted(self.words["renamed_header"]))
        column = tab.columns[tab.place_of(key)]
        was, column.ky = column.ky, self.words["renamed_header"][key]
        return _Spoilt("header renamed", plan, tab, None, key, True, was, column.ky)

    def _reorder(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> _Spoilt:
        a, b = tab.place_of("q1"), tab.place_of("q3")
        tab.columns[a], tab.columns[b] = tab.columns[b], tab.columns[a]
        for row in tab.rows:
            row[a], row[b] = row[b], row[a]
        return _Spoilt("columns reordered", plan, tab, None, "", True, "q1 … q3", "q3 … q1")

    def _lose_keys(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> _Spoilt:
        for column in tab.columns:
            column.key = ""
        return _Spoilt("key row lost", plan, tab, None, "", True, "", "")

    def _add_totals(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> _Spoilt:
        row: list[CellContent] = [None] * len(tab.columns)
        row[tab.place_of("full_name")] = self.words["totals_row"]
        for key in ("q1", "q2", "q3", "q4", "year"):
            marks = [r[tab.place_of(key)] for r in tab.rows]
            numbers = [m for m in marks if type(m) is int]
            if numbers:
                row[tab.place_of(key)] = round(sum(numbers) / len(numbers), 2)
        tab.rows.append(row)
        return _Spoilt("row of totals", plan, tab, row, "full_name", False, "", self.words["totals_row"])

    def _repeat_pupil(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> _Spoilt:
        row = list(tab.rows[2])
        tab.rows.append(row)
        return _Spoilt("pupil twice", plan, tab, row, "pupil_id", False, "", row[tab.place_of("pupil_id")])

    def _copy_tab(self, plan: WorkbookPlan, tab: Tab, rng: np.random.Generator) -> _Spoilt:
        twin = copy.deepcopy(tab)
        twin.title = f"{tab.title[:27]} (2)"
        plan.tabs.insert(next(n for n, t in enumerate(plan.tabs) if t is tab) + 1, twin)
        return _Spoilt("tab copied", plan, twin, None, "", False, tab.title, twin.title)

    def _wrong_class(self, plans: list[WorkbookPlan]) -> list[_Spoilt]:
        """Two rows of the list of events name a class that the school does not have."""
        for plan in plans:
            for tab in plan.tabs:
                if tab.form.id == "F18":
                    place = tab.place_of("school_class")
                    rows = [row for row in tab.rows if isinstance(row[place], str)][:2]
                    found = []
                    for row in rows:
                        was, row[place] = row[place], self.words["wrong_class"]
                        found.append(_Spoilt("wrong class", plan, tab, row, "school_class", False, was, row[place]))
                    return found
        return []


def _text(value: Any) -> str:
    return value.text if isinstance(value, CellError) else "" if value is None else str(value)
