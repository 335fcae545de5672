"""Which reminders went out, remembered in the desk: who was written to on which day, and how it ended. One a person and day, over all
processes of the store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lib.settings import Place, desk_of
from lib.settings.ledger import Ledger

FILE = "reminders.json"
KEPT_DAYS = 400


class Outcome(StrEnum):
    """How a reminder ended. UNKNOWN: nobody can tell whether it went out (the program or the server broke off), so it is not sent again
    that day; REFUSED and UNREACHED did not go out and may be tried again."""

    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    UNREACHED = "unreached"


FINAL = frozenset({Outcome.SENT, Outcome.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Sent:
    """One reminder: to whom (code), when, how it ended, how many tasks it told of, and who sent it (role or name)."""

    person: str
    at: dt.datetime
    outcome: Outcome
    tasks: int
    by: str
    why: str = ""


class SentReminders:
    """The memory of one store."""

    def __init__(self, store: Place) -> None:
        self._ledger = Ledger(desk_of(store) / FILE)

    def claim(self, person: str, tasks: int, by: str, now: dt.datetime) -> bool:
        """Take it upon this process to remind the person today; False when one went out, or may have, or is going out elsewhere. Until
        `note` tells more the reminder counts as one of which nobody can tell."""
        with self._ledger.changing() as kept:
            today = kept.setdefault(now.date().isoformat(), {})
            if person in today and Outcome(today[person]["outcome"]) in FINAL:
                return False
            today[person] = {
                "at": now.isoformat(timespec="seconds"), "outcome": Outcome.UNKNOWN.value, "tasks": tasks, "by": by, "why": "",
            }  # fmt: skip
            oldest = (now.date() - dt.timedelta(days=KEPT_DAYS)).isoformat()
            for day in [day for day in kept if day < oldest]:
                del kept[day]
        return True

    def note(self, person: str, outcome: Outcome, now: dt.datetime, why: str = "") -> None:
        """How a claimed reminder ended."""
        with self._ledger.changing() as kept:
            kept[now.date().isoformat()][person] |= {"outcome": outcome.value, "why": why}

    def on(self, day: dt.date) -> dict[str, Sent]:
        """person → the reminder of that day."""
        return {person: _sent(person, plain) for person, plain in self._ledger.read().get(day.isoformat(), {}).items()}

    def last(self, days: int, until: dt.date) -> list[Sent]:
        """The reminders of the last days, the newest first."""
        wanted = {(until - dt.timedelta(days=back)).isoformat() for back in range(days)}
        found = (_sent(person, plain) for day, of_day in self._ledger.read().items() if day in wanted for person, plain in of_day.items())
        return sorted(found, key=lambda sent: (sent.at, sent.person), reverse=True)

    def reminded(self, people: Iterable[str], day: dt.date) -> set[str]:
        """Who of these people may not be written to again that day."""
        today = self.on(day)
        return {person for person in people if person in today and today[person].outcome in FINAL}


def _sent(person: str, plain: dict[str, Any]) -> Sent:
    at = dt.datetime.fromisoformat(plain["at"])
    return Sent(person, at, Outcome(plain["outcome"]), int(plain["tasks"]), plain["by"], plain.get("why", ""))
