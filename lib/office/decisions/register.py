"""All decisions that are known: those of the snapshot, and those that are on their way into the workbook."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lib.office.decisions.decision import Decision
from lib.office.decisions.outbox import Written
from lib.settings import Settings


class Where(StrEnum):
    """Where a decision stands."""

    SHEET = "sheet"  # in the workbook, as it was last collected
    WRITTEN = "written"  # in the workbook, not collected yet
    WAITING = "waiting"  # in the outbox
    GONE = "gone"  # it was written, and the workbook no longer has it


class State(StrEnum):
    """How far a decision is."""

    OVERDUE = "overdue"
    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision and where it stands."""

    decision: Decision
    where: Where


def register(
    collected: Sequence[Decision], waiting: Iterable[Decision], written: Iterable[Written], fresh_at: Mapping[str, dt.datetime]
) -> list[Entry]:
    """Every decision once, by its id. `collected` are those of the snapshot; `fresh_at`: school year → when its tab of decisions was last
    read as it is: what was written before that and is not in it has been taken out."""
    found = {decision.id: Entry(decision, Where.SHEET) for decision in collected}
    for one in written:
        if one.decision.id not in found:
            read = fresh_at.get(one.decision.sheet_year)
            found[one.decision.id] = Entry(one.decision, Where.GONE if read is not None and read > one.at else Where.WRITTEN)
    for decision in waiting:
        found.setdefault(decision.id, Entry(decision, Where.WAITING))
        if found[decision.id].where is Where.GONE:
            found[decision.id] = Entry(decision, Where.WAITING)
    return list(found.values())


def state_of(settings: Settings, decision: Decision, day: dt.date) -> State:
    """How far it is on that day, by its status and its days."""
    if decision.status in settings.choices.get("cancelled", ()):
        return State.CANCELLED
    if decision.done_on is not None or decision.status in settings.choices.get("done", ()):
        return State.DONE
    return State.OVERDUE if decision.due_on is not None and decision.due_on < day else State.OPEN


def is_overdue(settings: Settings, decision: Decision, day: dt.date) -> bool:
    """Whether its term has passed and it is not done."""
    return state_of(settings, decision, day) is State.OVERDUE


def first_status(settings: Settings) -> str:
    """The word of a decision that has just been made: the first of the form's list."""
    return settings.forms["F25"].column("status").choices[0].key


def ready(decision: Decision, settings: Settings) -> Decision:
    """The decision as it is written: with the status of a new one."""
    return decision if decision.status else dataclasses.replace(decision, status=first_status(settings))
