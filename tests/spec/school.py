"""A small invented school for the spec tests: say who studies where and what was written, then ask for a figure.

    school = School()                                     # 2025-2026, seen on 20 June 2026
    a = school.school_class("7-А", pupils=3)              # ["P001", "P002", "P003"]
    school.teacher("T001", mo="math", category="жогорку")
    school.teaches("T001", "7-А", "ALG")
    school.marks("7-А", "ALG", q1="5 4 н/а")              # one mark a pupil in their order; "-" is an empty cell
    school.add("F05", pupil_id=a[0], month=9, days_plan=20, missed_excused=1, missed_unexcused=0)
    school.figure("D1.01", "Q1", school_class="7-А").value

`figure` computes only the asked indicator through the real compute(); every call sees all that was said before.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from lib.indicators.compute import compute
from lib.indicators.relations import IDENTITY, Data
from lib.model.form import ColumnType
from lib.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
YEAR = "2025-2026"
_ARROW = {
    ColumnType.DATE: pa.date32(), ColumnType.YESNO: pa.bool_(), ColumnType.NUMBER: pa.float64(), ColumnType.COUNT: pa.int32(),
    ColumnType.GRADE: pa.int32(), ColumnType.MONTH: pa.int32(), ColumnType.LIST: pa.list_(pa.string()),
}  # fmt: skip
_IDENTITY = {name: {"BIGINT": pa.int64(), "INTEGER": pa.int32()}.get(kind, pa.string()) for name, kind in IDENTITY.items()}


class Figure(NamedTuple):
    """One value as compute() gives it."""

    value: float | None
    status: str
    numerator: float | None
    denominator: float | None
    expected: float | None


NOTHING = Figure(None, "no row", None, None, None)


@cache
def settings() -> Settings:
    """The product's own configuration."""
    return load(config=ROOT / "config")


class School:
    """Records of an invented school. `year` is the school year that the calls speak of when they name no other."""

    def __init__(self, year: str = YEAR, as_of: dt.date = dt.date(2026, 6, 20)) -> None:
        self.year = year
        self.as_of = as_of
        self.records: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._pupils: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._people: Counter[str] = Counter()
        self._rows: Counter[tuple[str, str]] = Counter()
        self._completeness: list[dict[str, Any]] = []
        self._said: tuple[int, int] = (0, 0)
        self._data: Data
        self._values: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    # --- who there is ------------------------------------------------------------------------------------------------------

    def school_class(self, name: str, pupils: int = 0, year: str = "", **columns: Any) -> list[str]:
        """A class with that many pupils (who study all year); gives their codes."""
        year = year or self.year
        self.add("R2C", year=year, school_class=name, grade=int(name.split("-")[0]), **columns)
        return [self.pupil(name, year=year) for _ in range(pupils)]

    def pupil(self, school_class: str, code: str = "", year: str = "", **columns: Any) -> str:
        """One pupil of a class; `entered_on`, `left_on`, `status` … as in R1. Gives the code."""
        year = year or self.year
        if not code:
            self._people["pupils"] += 1
            code = f"P{self._people['pupils']:03d}"
        self.add("R1", year=year, school_class=school_class, pupil_id=code, **{"status": "окуйт", **columns})
        self._pupils[year, school_class].append(code)
        return code

    def pupils(self, school_class: str, year: str = "") -> list[str]:
        """The codes of a class in their order."""
        return list(self._pupils[year or self.year, school_class])

    def teacher(self, code: str, mo: str = "math", category: str | None = "жок", year: str = "", **columns: Any) -> str:
        """A working teacher; `pd_last_date`, `pd_hours`, `active` … as in R2S."""
        self.add("R2S", year=year or self.year, teacher_id=code, mo=mo, category=category,
                 **{"roles": ["teacher"], "active": True, **columns})  # fmt: skip
        return code

    def teaches(self, teacher: str | None, school_class: str, *subjects: str, year: str = "", **columns: Any) -> None:
        """Rows of R2L: the teacher gives these subjects in the class (None: the place is vacant)."""
        for subject in subjects:
            self.add("R2L", year=year or self.year, teacher_id=teacher, school_class=school_class, subject=subject,
                     **{"hours": 2.0, "vacant": teacher is None, "programme_approved": True, **columns})  # fmt: skip

    # --- what was written --------------------------------------------------------------------------------------------------

    def marks(self, school_class: str, subject: str, year: str = "", pupils: list[str] | None = None, **columns: str) -> None:
        """A tab of F01: each column (q1, q2, q3, q4, year_mark for the year) is the pupils' marks in their order; "-" = empty."""
        of_year = year or self.year
        people = self._pupils[of_year, school_class] if pupils is None else pupils
        given = {("year" if key == "year_mark" else key): text.split() for key, text in columns.items()}
        for key, marks in given.items():
            assert len(marks) == len(people), f"{school_class} {subject} {key}: {len(marks)} marks for {len(people)} pupils"
        for place, pupil in enumerate(people):
            row = {key: None if marks[place] == "-" else marks[place] for key, marks in given.items()}
            self._add("F01", of_year, {"school_class": school_class, "subject": subject, "pupil_id": pupil, **row})

    def add(self, form: str, year: str = "", **columns: Any) -> None:
        """One record of any form. Lists and dates are Python's; identity columns (school_class, subject, method_association) as well.

        F01's column `year` (the year mark) can only be written by `marks`.
        """
        self._add(form, year or self.year, columns)

    def _add(self, form: str, year: str, columns: dict[str, Any]) -> None:
        known = set(settings().forms[form].by_key) | set(IDENTITY)
        assert set(columns) <= known, f"{form} has no column {sorted(set(columns) - known)}; it has {sorted(known)}"
        tab = "-".join(str(columns.get(key)) for key in ("school_class", "subject", "method_association") if columns.get(key)) or form
        self._rows[form, tab] += 1
        self.records[form].append(
            {"workbook": f"{form}.xlsx", "tab": tab, "row": 5 + self._rows[form, tab], **columns, "school_year": year,
             "record": len(self.records[form])}
        )  # fmt: skip

    def completeness(self, **columns: Any) -> None:
        """One row of the completeness table (form, period, required, filled, due, submitted …)."""
        self._completeness.append({"school_year": self.year, **columns})

    # --- what comes out ----------------------------------------------------------------------------------------------------

    def data(self) -> Data:
        """The relations over all records so far."""
        tables = {}
        for form, rows in self.records.items():
            types = dict(_IDENTITY)
            types |= {c.key: _ARROW.get(c.type, pa.string()) for c in settings().forms[form].columns if c.key not in IDENTITY}
            tables[form] = pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in types.items()})
        completeness = pa.Table.from_pylist(self._completeness, _COMPLETENESS) if self._completeness else None
        return Data(tables, settings(), self.as_of, completeness)

    def values(self, *codes: str) -> list[dict[str, Any]]:
        """All rows of the values table for these indicators."""
        said = (sum(map(len, self.records.values())), len(self._completeness))
        if said != self._said:
            self._said, self._values, self._data = said, {}, self.data()
        if codes not in self._values:
            self._values[codes] = compute(self._data, settings(), codes).to_pylist()
        return self._values[codes]

    def figure(self, code: str, period: str, year: str = "", part: str = "", **dims: Any) -> Figure:
        """The value of an indicator for a period at the level that `dims` name (none: the whole school); NOTHING when there is no row."""
        wanted = {"stage": "", "grade": "", "school_class": "", "subject": "", "method_association": "", "teacher": ""}
        wanted |= {name: str(value) for name, value in dims.items()}
        wanted |= {"indicator": code, "period": period, "part": part, "school_year": year or self.year}
        found = [row for row in self.values(code) if all(row[name] == value for name, value in wanted.items())]
        assert len(found) < 2, f"two rows for {wanted}"
        return Figure(*(found[0][name] for name in Figure._fields)) if found else NOTHING


_COMPLETENESS = pa.schema(
    [(name, pa.string()) for name in ("school_year", "period", "form", "school_class", "subject", "method_association", "teacher",
                                      "workbook", "tab")]
    + [("required", pa.int32()), ("filled", pa.int32()), ("due", pa.date32()), ("submitted", pa.date32())]
)  # fmt: skip
