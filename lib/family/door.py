"""The one way in for families: a code, an address and the time give a session, or a reason to wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from lib.family.codes import Codes, Grant
from lib.family.guessing import Limiter
from lib.family.rules import Family
from lib.family.sessions import Sessions
from lib.family.views import Views

FOLDER = "family"


@dataclass(frozen=True, slots=True)
class Answer:
    """`token` and `grant` when the code was right; else `wait` seconds, 0 for a code that opens nothing."""

    token: str = ""
    grant: Grant | None = None
    wait: int = 0


class Door:
    """Codes, limiter, sessions and views of one school, in its desk's folder `family`."""

    def __init__(self, desk: Path, family: Family) -> None:
        folder = desk / FOLDER
        self.codes, self.views = Codes(folder), Views(folder)
        self._limiter = Limiter(folder, family.limits)
        self.sessions = Sessions(self.codes, family.idle, family.longest)

    def enter(self, typed: str, address: str, now: dt.datetime) -> Answer:
        """Try a code. Every wrong one counts, also a mistyped one; a right one is counted as an opening of the pupil's page."""
        if wait := self._limiter.begin(address, now):
            return Answer(wait=wait)
        grant = self.codes.find(typed, now.date())
        if grant is None:
            return Answer()
        self._limiter.right(address, now)
        if grant.pupil:
            self.views.count(grant.pupil, now.date())
        return Answer(self.sessions.open(grant, now), grant)
