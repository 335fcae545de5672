"""The director's orders that approved the plan, kept in the desk with what was approved, so that a later change shows."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lib.access.roles import Role, Viewer
from lib.i18n import gettext as _
from lib.model.calendar import HALF_YEARS, YEAR
from lib.office.cyclogram.plan import Plan, days_of
from lib.settings import Place, Settings, UserError, desk_of
from lib.settings.ledger import Ledger

FILE = "cyclogram.json"
APPROVERS = frozenset({Role.DIRECTOR, Role.DEPUTY})  # who may enter an order: the director, and the deputies who keep the papers
FIELDS = ("object", "directions", "form", "method", "responsible", "document", "indicators", "due_rule")
PARTS = (YEAR, *HALF_YEARS)  # what an order may approve the plan for
_LONGEST_NUMBER = 40


class ChangeKind(StrEnum):
    """What became of a row after the plan was approved. MOVED: its words are the same, the calendar's days are not."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One row that is not as it was approved. `field` is one of FIELDS or "due"; texts as in the cells, days as ISO text."""

    kind: ChangeKind
    id: str
    object: str
    field: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Approval:
    """An order that approved the plan of a school year, or of a half-year. `part`: one of PARTS; `rows`: row id → the fields and days that
    were approved."""

    school_year: str
    number: str
    ordered_on: dt.date
    fingerprint: str
    entered_at: dt.datetime
    entered_by: str
    rows: Mapping[str, Mapping[str, str]]
    part: str = YEAR


class Approvals:
    """The orders of one store."""

    def __init__(self, store: Place) -> None:
        self._ledger = Ledger(desk_of(store) / FILE)

    def of(self, school_year: str) -> list[Approval]:
        """The orders of a school year, the newest last."""
        return [_approval(school_year, plain) for plain in self._ledger.read().get(school_year, ())]

    def current(self, school_year: str) -> Approval | None:
        """The order that holds; None before the first."""
        found = self.of(school_year)
        return found[-1] if found else None

    def standing(self, school_year: str) -> list[Approval]:
        """The orders that hold: the newest for each half-year and for the year. One for the whole year takes the place of all before."""
        found: dict[str, Approval] = {}
        for order in self.of(school_year):
            if order.part == YEAR:
                found.clear()
            found[order.part] = order
        return [found[part] for part in PARTS if part in found]

    def enter(
        self, plan: Plan, settings: Settings, viewer: Viewer, number: str, ordered_on: dt.date, by: str, now: dt.datetime,
        part: str = YEAR,
    ) -> Approval:  # fmt: skip
        """Keep an order with the plan as it is now. UserError for whom it is not, and for a number or a day that cannot be."""
        if not APPROVERS & viewer.roles:
            raise UserError(_("The order that approves the cyclogram is entered by the director or a deputy."))
        number = " ".join(number.split())
        if not number or len(number) > _LONGEST_NUMBER:
            raise UserError(_("The number of the order: {seen}. Expected: 1 to {most} signs, as on the paper.", seen=number[:60] or "–",
                              most=_LONGEST_NUMBER))  # fmt: skip
        if ordered_on > now.date():
            raise UserError(
                _("The day of the order lies ahead: {day}. Enter the day that stands on the paper.", day=f"{ordered_on:%d.%m.%Y}")
            )
        if part not in PARTS:
            raise ValueError(f"part: {part!r} was seen; expected one of {', '.join(PARTS)}")
        rows = approved_rows(plan, settings, part)
        plain = {
            "part": part, "number": number, "ordered_on": ordered_on.isoformat(), "fingerprint": fingerprint(plan, settings, part),
            "entered_at": now.isoformat(timespec="seconds"), "entered_by": by, "rows": rows,
        }  # fmt: skip
        with self._ledger.changing() as kept:
            kept.setdefault(plan.school_year, []).append(plain)
        return _approval(plan.school_year, plain)


def approved_rows(plan: Plan, settings: Settings, part: str = YEAR) -> dict[str, dict[str, str]]:
    """What an order approves: of each row its words and its days, but not what has been done since. For a half-year the rows that are due
    in it, with the days of it."""
    found: dict[str, dict[str, str]] = {}
    for row in plan.rows:
        days = days_of(row, settings, plan.school_year, part)
        if not days and part != YEAR:
            continue
        key, number = row.id, 2
        while key in found:  # two rows of one code are two rows
            key, number = f"{row.id} ({number})", number + 1
        found[key] = {**{name: _text(getattr(row, name)) for name in FIELDS}, "due": ", ".join(map(str, days))}
    return found


def fingerprint(plan: Plan, settings: Settings, part: str = YEAR) -> str:
    """A digest of what an order approves: equal digests, equal plans."""
    said = json.dumps(approved_rows(plan, settings, part), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def changes(approval: Approval, plan: Plan, settings: Settings) -> list[PlanChange]:
    """What differs from what was approved, in the order of the rows' codes; empty while nothing does."""
    now = approved_rows(plan, settings, approval.part)
    found = []
    for key in sorted({*approval.rows, *now}):
        before, after = approval.rows.get(key), now.get(key)
        if before is None or after is None:
            row = after or before or {}
            kind = ChangeKind.REMOVED if after is None else ChangeKind.ADDED
            found.append(
                PlanChange(kind, key, row.get("object", ""), "due", *((row.get("due", ""), "") if after is None else ("", row["due"])))
            )
            continue
        named = after["object"]
        differing = [name for name in FIELDS if before.get(name, "") != after[name]]
        found += [PlanChange(ChangeKind.CHANGED, key, named, name, before.get(name, ""), after[name]) for name in differing]
        if "due_rule" not in differing and before.get("due", "") != after["due"]:
            found.append(PlanChange(ChangeKind.MOVED, key, named, "due", before.get("due", ""), after["due"]))
    return found


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _approval(school_year: str, plain: Mapping[str, Any]) -> Approval:
    return Approval(
        school_year, plain["number"], dt.date.fromisoformat(plain["ordered_on"]), plain["fingerprint"],
        dt.datetime.fromisoformat(plain["entered_at"]), plain["entered_by"], plain["rows"], plain.get("part", YEAR),
    )  # fmt: skip
