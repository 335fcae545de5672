"""Every expected tab and term as one row: how it stands on the snapshot's day. Completeness itself is the snapshot's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.i18n import class_key
from lib.office.board.attribution import attributed
from lib.office.board.tabs import Tabs
from lib.settings import Settings
from lib.snapshot import Snapshot


class BoardState(StrEnum):
    """How one tab stands for one of its terms. DUE: nothing is filled in and the day is near; STARTED: something is, and the day is not
    past; NOT_DUE: nothing is, and there is time."""

    OVERDUE = "overdue"
    DUE = "due"
    STARTED = "started"
    COMPLETE = "complete"
    NOT_DUE = "not_due"


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One tab for one of its terms. `responsible` is the code of the one who answers, "" where nobody can be named; `issues` are errors
    and warnings about its cells, `cells_wrong` their addresses ("" for a whole tab); `workbook` and `tab` are "" while there is none."""

    responsible: str
    form: str
    school_class: str
    subject: str
    method_association: str
    period: str
    state: BoardState
    filled: int
    required: int
    issues: int
    due: dt.date
    submitted: dt.date | None = None
    workbook: str = ""
    tab: str = ""
    cells_wrong: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Filled of required cells, %. Below 100 as long as a cell is missing."""
        return 100.0 * self.filled / self.required if self.required else 100.0

    @property
    def missing(self) -> int:
        return max(0, self.required - self.filled)

    @property
    def troubled(self) -> bool:
        """Whether its person has something to do now: it is due, late or begun, or cells of it are to be mended."""
        return self.state in (BoardState.OVERDUE, BoardState.DUE) or self.issues > 0

    def age(self, day: dt.date) -> int:
        """Days since its term; negative while it lies ahead."""
        return (day - self.due).days


def board(snapshot: Snapshot, settings: Settings, school_year: str) -> list[BoardRow]:
    """The board of a school year on the snapshot's day, in the order of person, form, class, subject and term."""
    table: pa.Table = snapshot.table("completeness")
    own = table.filter(pc.equal(table["school_year"].cast(pa.string()), school_year)).to_pylist()
    own = [row for row in own if row["required"] and row["due"] is not None]
    issues = attributed(Tabs(snapshot, settings, school_year), own)
    soon = dt.timedelta(days=int(getattr(settings.thresholds, "due_soon_days", 7)))
    rows = [_row(row, wrong, snapshot.as_of, soon) for row, wrong in zip(own, issues, strict=True)]
    return in_order(rows, settings)


def _row(row: Mapping[str, Any], wrong: Sequence[Mapping[str, Any]], day: dt.date, soon: dt.timedelta) -> BoardRow:
    return BoardRow(
        responsible=row["teacher"] or "",
        form=row["form"],
        school_class=row["school_class"] or "",
        subject=row["subject"] or "",
        method_association=row["method_association"] or "",
        period=row["period"],
        state=_state(row["filled"], row["required"], row["due"], day, soon),
        filled=row["filled"],
        required=row["required"],
        issues=len(wrong),
        due=row["due"],
        submitted=row["submitted"],
        workbook=row["workbook"] or "",
        tab=row["tab"] or "",
        cells_wrong=tuple(issue["cell"] or "" for issue in wrong),
    )


def _state(filled: int, required: int, due: dt.date, day: dt.date, soon: dt.timedelta) -> BoardState:
    if filled >= required:
        return BoardState.COMPLETE
    if due < day:
        return BoardState.OVERDUE
    if filled:
        return BoardState.STARTED
    return BoardState.DUE if due - day <= soon else BoardState.NOT_DUE


def in_order(rows: Iterable[BoardRow], settings: Settings) -> list[BoardRow]:
    """Rows by person (those without one last), form, class, subject, association and term."""
    forms, subjects = ({name: place for place, name in enumerate(known)} for known in (settings.forms, settings.subjects))

    def place(row: BoardRow) -> tuple[object, ...]:
        school_class, subject = class_key(row.school_class), (subjects.get(row.subject, len(subjects)), row.subject)
        scope = (forms.get(row.form, len(forms)), school_class, subject, row.method_association)
        return not row.responsible, row.responsible, *scope, row.due, row.period

    return sorted(rows, key=place)
