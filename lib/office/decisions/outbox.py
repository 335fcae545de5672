"""The outbox: a decision is kept here, whole and on disk, before anybody is told that it is saved, and leaves once.

<desk>/decisions/waiting/<id>.json waits for the workbook; <desk>/decisions/written/<id>.json stands there, as far as we know. A process
that is killed leaves a decision in one of the two, never in none; that it is written once is held by whoever writes (lib.store.adding).
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lib.office.decisions.decision import Decision
from lib.store.base import StoreProblem

LOG = logging.getLogger("sapat")
KEPT = dt.timedelta(days=120)  # how long it is remembered that a decision was written
PATIENCE = 60.0  # seconds to wait for another process that writes
# Writes decisions of one school year into its workbook; raises StoreProblem.
Write = Callable[[str, Sequence[Decision]], None]


@dataclass(frozen=True)
class Waiting:
    """Why decisions wait: an issue's code and slots ("" when nothing went wrong), and since when."""

    problem: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    at: dt.datetime | None = None


@dataclass(frozen=True)
class Written:
    """A decision that was written, and when."""

    decision: Decision
    at: dt.datetime


class Outbox:
    """The outbox of one desk."""

    def __init__(self, desk: Path) -> None:
        self.folder = desk / "decisions"
        self._waiting, self._written, self._why = self.folder / "waiting", self.folder / "written", self.folder / "why.json"

    def put(self, decision: Decision) -> None:
        """Keep a decision; when this returns it survives whatever happens. One that was put before stays one."""
        name = _name(decision.id)
        if not (self._waiting / name).exists() and not (self._written / name).exists():
            _write(self._waiting / name, decision.to_plain())

    def waiting(self) -> list[Decision]:
        """Those that are not in the workbook yet, by id."""
        return [Decision.from_plain(plain) for plain in _read_all(self._waiting)]

    def written(self) -> list[Written]:
        """Those that were written in the last months, by id."""
        return [
            Written(Decision.from_plain(plain["decision"]), dt.datetime.fromisoformat(plain["at"])) for plain in _read_all(self._written)
        ]

    def why(self) -> Waiting:
        """Why they wait."""
        try:
            plain = json.loads(self._why.read_text(encoding="utf-8"))
            return Waiting(plain["problem"], plain["slots"], dt.datetime.fromisoformat(plain["at"]))
        except (OSError, ValueError, LookupError, TypeError):
            return Waiting()

    def flush(self, now: dt.datetime, write: Write) -> int:
        """Write what waits; how many were written. What cannot be written goes on waiting, and `why` says why.

        Two processes at once write each decision once: one waits for the other, and `write` sees what stands there.
        """
        if not self.waiting():
            return 0
        try:
            with FileLock(self.folder / "lock", timeout=PATIENCE):
                return self._flush(now, write)
        except Timeout:
            return 0  # the other process writes them

    def _flush(self, now: dt.datetime, write: Write) -> int:
        done, problem = 0, None
        by_year: dict[str, list[Decision]] = {}
        for decision in self.waiting():
            by_year.setdefault(decision.sheet_year, []).append(decision)
        for year, decisions in sorted(by_year.items()):
            try:
                write(year, decisions)
            except StoreProblem as error:
                problem = error
                continue
            for decision in decisions:
                self._pass_on(decision, now)
            done += len(decisions)
        self._tell(problem, now)
        self._tidy(now)
        return done

    def again(self, ids: Sequence[str]) -> None:
        """Let written decisions wait once more: they are no longer in the workbook."""
        with FileLock(self.folder / "lock", timeout=PATIENCE):
            for one in self.written():
                if one.decision.id in ids:
                    _write(self._waiting / _name(one.decision.id), one.decision.to_plain())
                    (self._written / _name(one.decision.id)).unlink(missing_ok=True)

    def let_go(self, ids: Sequence[str]) -> None:
        """No longer ask after decisions that somebody took out of the workbook on purpose."""
        for identity in ids:
            (self._written / _name(identity)).unlink(missing_ok=True)

    def _pass_on(self, decision: Decision, now: dt.datetime) -> None:
        plain = {"decision": decision.to_plain(), "at": now.isoformat(timespec="seconds")}
        _write(self._written / _name(decision.id), plain)
        (self._waiting / _name(decision.id)).unlink(missing_ok=True)

    def _tell(self, problem: StoreProblem | None, now: dt.datetime) -> None:
        if problem is None:
            self._why.unlink(missing_ok=True)
        else:
            _write(self._why, {"problem": problem.code, "slots": problem.slots, "at": now.isoformat(timespec="seconds")})

    def _tidy(self, now: dt.datetime) -> None:
        for one in self.written():
            if now - one.at > KEPT:
                (self._written / _name(one.decision.id)).unlink(missing_ok=True)


def _name(identity: str) -> str:
    """The id as a file's name; ids that people typed never come here, and a way out of the folder even less."""
    if not identity or not all(c.isascii() and (c.isalnum() or c == "-") for c in identity):
        raise ValueError("an id of a decision is made by new_id")
    return f"{identity}.json"


def _read_all(folder: Path) -> list[dict[str, Any]]:
    found = []
    for path in sorted(folder.glob("*.json")):
        with suppress(FileNotFoundError):  # another process has just written it
            try:
                found.append(json.loads(path.read_text(encoding="utf-8")))
            except ValueError:  # a disk that failed; the others go on, and the file stays for whoever mends it
                LOG.error("the outbox of decisions has a file that cannot be read: %s", path.name)
    return found


def _write(path: Path, plain: Mapping[str, Any]) -> None:
    """Whole and on disk, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(plain, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    with suppress(OSError):  # where a folder can be synced, the name survives a power cut, too
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
