"""How often a family opened its page. Counts and a day, nothing about who, from where or with what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lib.settings.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Seen:
    """Times that a pupil's page was opened with a code, and the last day; `last` None: never."""

    times: int = 0
    last: dt.date | None = None


class Views:
    """The counts of all pupils, in the file views.json."""

    def __init__(self, folder: Path) -> None:
        self._ledger = Ledger(folder / "views.json")

    def count(self, pupil: str, today: dt.date) -> None:
        """One more opening."""
        with self._ledger.changing() as plain:
            plain[pupil] = [plain.get(pupil, [0])[0] + 1, today.isoformat()]

    def of(self, pupils: Iterable[str]) -> dict[str, Seen]:
        """pupil → how often its page was opened."""
        plain = self._ledger.read()
        return {p: Seen(plain[p][0], dt.date.fromisoformat(plain[p][1])) if p in plain else Seen() for p in pupils}
