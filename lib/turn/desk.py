"""What the desk keeps of a turn: the registry that a deputy has handed in, the one that was confirmed, and how far the work is."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lib.i18n import gettext as _
from lib.settings import Place, UserError, desk_of

FOLDER = "turn"  # inside the desk
REGISTRY = "registry.xlsx"
_CONFIRMED, _STATE = "confirmed.xlsx", "state.json"


@dataclass(frozen=True)
class State:
    """A turn that was confirmed. `at`, `done_at`: ISO moments ("" while it is not done); `freeze`: the old year is frozen at its end."""

    from_year: str
    to_year: str
    by: str
    at: str
    freeze: bool
    done_at: str = ""

    @property
    def done(self) -> bool:
        """Whether it was carried out to its end."""
        return bool(self.done_at)


class TurnDesk:
    """The turn of one store into one school year."""

    def __init__(self, place: Place, to_year: str) -> None:
        self.to_year = to_year
        self.folder = desk_of(place) / FOLDER / to_year

    # --- the registry ----------------------------------------------------------------------------------------------------

    @property
    def handed_in(self) -> Path:
        """The registry that a deputy has handed in; may not exist."""
        return self.folder / REGISTRY

    @property
    def confirmed(self) -> Path:
        """The registry that was confirmed; may not exist."""
        return self.folder / _CONFIRMED

    def hand_in(self, content: bytes) -> None:
        """Keep a registry to be looked at; it replaces the one before."""
        self._write(self.handed_in, content)

    def take_back(self) -> None:
        """Forget what was handed in: the proposal counts again."""
        self.handed_in.unlink(missing_ok=True)

    # --- the work --------------------------------------------------------------------------------------------------------

    def state(self) -> State | None:
        """How far the turn is; None before it was confirmed."""
        try:
            return State(**json.loads((self.folder / _STATE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError):
            where = self.folder / _STATE
            raise UserError(_("{file}: this file cannot be read. Delete it and confirm once more.", file=where)) from None

    def confirm(self, state: State, registry: bytes) -> None:
        """Remember what is to be carried out, before anything is."""
        self._write(self.confirmed, registry)
        self.note(state)

    def note(self, state: State) -> None:
        """Remember how far it is."""
        self._write(self.folder / _STATE, json.dumps(asdict(state), ensure_ascii=False).encode())

    @contextmanager
    def working(self) -> Iterator[None]:
        """Only one carries out a turn at a time, in whatever process. Raises UserError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "turn.lock", timeout=0):
                yield
        except Timeout:
            raise UserError(_("This turn is being carried out elsewhere just now. Wait for it to end and look again.")) from None

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        new = path.with_name(path.name + ".new")
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)


def moment(text: str) -> dt.datetime | None:
    """The moment of an ISO text; None for ""."""
    return dt.datetime.fromisoformat(text) if text else None
