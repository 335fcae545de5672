"""One management decision: the figure that caused it, and what is to be done by whom and when (form F25)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.intake.parse import code_of
from lib.model.calendar import YEAR
from lib.office.places import PART, as_text, from_text, from_words, period_of
from lib.settings import Settings

FORM = "F25"
LONGEST = 1000  # letters of a text
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that is taken for another one
_BITS = 40
_DAYS = ("decided_on", "due_on", "done_on")


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision. `school_year`, `period` and `scope` (pairs of dimension and value, none for the whole school; "part" names a part of the
    indicator's breakdown) name the figure, `value` with `numerator` and `denominator` is what it was when it was decided upon. `status` is
    the form's word. `workbook`, `tab` and `row`
    (as people count) say where it stands, and `sheet_year` in which year's workbook; "" and 0: nowhere yet.
    """

    id: str
    decided_on: dt.date | None
    indicator: str
    school_year: str
    period: str
    scope: tuple[tuple[str, str], ...] = ()
    group: str = ""
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    finding: str = ""
    decision: str = ""
    measure: str = ""
    responsible: str = ""
    due_on: dt.date | None = None
    status: str = ""
    done_on: dt.date | None = None
    effect: str = ""
    decided_by: str = ""
    snapshot: str = ""
    sheet_year: str = ""
    workbook: str = ""
    tab: str = ""
    row: int = 0
    understood: bool = True
    """False: what stands under "group" names no place that figures speak of, so that nothing can be measured again."""

    @property
    def place(self) -> dict[str, str]:
        """The dimensions of the scope as a mapping."""
        return {name: value for name, value in self.scope if name != PART}

    @property
    def part(self) -> str:
        """The part of the indicator's breakdown, "" for all of it."""
        return dict(self.scope).get(PART, "")

    def to_plain(self) -> dict[str, Any]:
        """For JSON."""
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return plain | {name: day.isoformat() if (day := plain[name]) else "" for name in _DAYS} | {"scope": dict(self.scope)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Decision:
        """What `to_plain` gave. ValueError, LookupError or TypeError for anything else."""
        days = {name: dt.date.fromisoformat(plain[name]) if plain[name] else None for name in _DAYS}
        known = {field.name for field in dataclasses.fields(cls)}
        return cls(**{k: v for k, v in plain.items() if k in known} | days | {"scope": tuple(dict(plain["scope"]).items())})

    def to_cells(self) -> dict[str, str | float | dt.date]:
        """Column key of F25 → content, empty ones left out."""
        cells: dict[str, Any] = {
            "id": self.id, "decided_on": self.decided_on, "indicator": self.indicator, "group": self.group, "period": self.period,
            "value": self.value, "finding": self.finding, "decision": self.decision, "responsible_id": self.responsible,
            "due_on": self.due_on, "status": self.status, "measure": self.measure, "figure_year": self.school_year,
            "scope": as_text(dict(self.scope)), "numerator": self.numerator, "denominator": self.denominator, "decided_by": self.decided_by,
            "snapshot": self.snapshot,
        }  # fmt: skip
        return {key: content for key, content in cells.items() if content not in (None, "")}

    @classmethod
    def from_record(cls, settings: Settings, record: Mapping[str, Any]) -> Decision:
        """The decision of an accepted row of F25; rows from before the machine's columns are understood by what people wrote."""

        def text(key: str) -> str:
            return str(record.get(key) or "")

        period = period_of(text("period"))
        scope = from_text(settings, text("scope")) if text("scope") else from_words(settings, text("group"))
        return cls(
            text("id"), record.get("decided_on"), code_of(text("indicator")) or "", text("figure_year") or text("school_year"),
            period or YEAR, tuple((scope or {}).items()), text("group"), record.get("value"), record.get("numerator"),
            record.get("denominator"), text("finding"), text("decision"), text("measure"), text("responsible_id"), record.get("due_on"),
            text("status"), record.get("done_on"), text("effect"), text("decided_by"), text("snapshot"), text("school_year"),
            text("workbook"), text("tab"), int(record.get("row") or 0), scope is not None and bool(period),
        )  # fmt: skip


def new_id(day: dt.date) -> str:
    """A name for a decision, made once: "B260415-7K2M9QXA". By it the decision is written once, however often it is sent."""
    number = secrets.randbits(_BITS)
    letters = "".join(_LETTERS[number >> shift & 31] for shift in range(0, _BITS, 5))
    return f"B{day:%y%m%d}-{letters}"
