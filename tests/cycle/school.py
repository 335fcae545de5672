"""A school whose sheets fill as the days go by: one invented school as it is on several days, whose teachers hand in its workbooks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from lib import settings
from lib.demo import plan_school
from lib.templates import write_workbooks
from tests.conftest import run_cli

YEAR = "2025-2026"
IN_THE_QUARTER = dt.date(2026, 2, 16)  # Q3: 12.01 to 28.02; marks are due three days after its end
AFTER_THE_QUARTER = dt.date(2026, 3, 20)
AFTER_THE_NEXT = dt.date(2026, 6, 10)
OFFICE = ("plan.xlsx", "decisions.xlsx")  # what the office writes itself, and no teacher hands in
FIRST_ROW = 6  # of a tab's pupils; above it stand the machine's row, the keys and three headers


@dataclass
class PlayedSchool:
    """`store`: the folder that the product works on; `later`: day → the same school as it will be then."""

    store: Path
    later: dict[dt.date, Path]

    def today(self, day: dt.date) -> None:
        """Let it be this day."""
        (self.store / "store.yaml").write_text(f"as_of: {day.isoformat()}\ndemo: true\n", encoding="utf-8")

    def workbooks(self) -> list[str]:
        """The workbooks that people hand in."""
        return sorted(path.name for path in (self.store / YEAR).glob("*.xlsx") if path.name not in OFFICE)

    def hand_in(self, names: Iterable[str], day: dt.date) -> None:
        """Teachers fill these workbooks as they will be on a day."""
        for name in names:
            shutil.copyfile(self.later[day] / YEAR / name, self.store / YEAR / name)

    def collect(self) -> str:
        """Read what changed; the last line that the command writes."""
        return run_cli("collect", "--store", self.store).stdout.strip().splitlines()[-1]

    def rows(self, *words: object) -> list[dict[str, str]]:
        """What a command writes as CSV."""
        return list(csv.DictReader(io.StringIO(run_cli(*words, "--store", self.store, "--format", "csv").stdout)))

    def board(self, form: str = "F01", period: str = "Q3") -> dict[tuple[str, str], dict[str, str]]:
        """(class, subject) → the board's row."""
        rows = self.rows("board")
        return {(row["school_class"], row["subject"]): row for row in rows if (row["form"], row["period"]) == (form, period)}

    # --- one tab of marks ------------------------------------------------------------------------------------------------

    def marks(self, school_class: str, subject: str, quarter: str, day: dt.date | None = None) -> dict[str, object]:
        """Pupil → what stands in the quarter's cell, read by openpyxl; of a later day's workbook, if one is named."""
        sheet = self._tab(self._file(school_class, day), school_class, subject)
        place = self._column(sheet, quarter)
        return {str(row[0].value): row[place - 1].value for row in sheet.iter_rows(min_row=FIRST_ROW) if row[0].value}

    def type_marks(self, school_class: str, subject: str, quarter: str, marks: dict[str, object]) -> dict[str, str]:
        """A teacher types marks into the cells of a quarter. Pupil → the address of the cell."""
        file = self._file(school_class)
        sheet = self._tab(file, school_class, subject)
        place, typed = self._column(sheet, quarter), {}
        for row in sheet.iter_rows(min_row=FIRST_ROW):
            if (pupil := str(row[0].value)) in marks:
                row[place - 1].value = marks[pupil]  # type: ignore[assignment]
                typed[pupil] = row[place - 1].coordinate
        assert typed.keys() == marks.keys() and sheet.parent is not None
        sheet.parent.save(file)
        return typed

    def _file(self, school_class: str, day: dt.date | None = None) -> Path:
        return (self.later[day] if day else self.store) / YEAR / f"class-{school_class}.xlsx"

    @staticmethod
    def _tab(file: Path, school_class: str, subject: str) -> Worksheet:
        for sheet in openpyxl.load_workbook(file).worksheets:
            told = [str(cell.value) for cell in sheet[1]]
            if told[1:2] == ["form=F01@1"] and f"school_class={school_class}" in told and f"subject={subject}" in told:
                return sheet
        raise LookupError(f"{file.name} has no tab of {subject}")

    @staticmethod
    def _column(sheet: Worksheet, quarter: str) -> int:
        return next(cell.column for cell in sheet[2] if cell.value == quarter.lower())


def played(folder: Path, pupils: int = 90, seed: int = 5) -> PlayedSchool:
    """The school in the middle of the third quarter, and as it will be after it and after the next."""
    loaded, written = settings.load(as_of=AFTER_THE_NEXT), {}
    for day in (IN_THE_QUARTER, AFTER_THE_QUARTER, AFTER_THE_NEXT):
        written[day] = folder / day.isoformat()
        plans, _damage, _log = plan_school(pupils, 1, seed, loaded, day, damaged=False)
        write_workbooks(written[day], plans, loaded)
    store = folder / "school"
    shutil.copytree(written[IN_THE_QUARTER], store)
    school = PlayedSchool(store, written)
    school.today(IN_THE_QUARTER)
    return school


def quality(marks: Iterable[object]) -> float:
    """Quality of knowledge by its formula (domain.md, D1.02): 100·(n5+n4)/(n5+n4+n3+n2+nн/а). Counted here anew, by hand."""
    counted = [mark for mark in marks if mark in (2, 3, 4, 5, "н/а")]
    return 100 * sum(mark in (4, 5) for mark in counted) / len(counted)
