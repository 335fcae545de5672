"""The one collector of the process: it looks at the store every few minutes and whenever it is asked, in a thread of its own.

Pages read `collector.state`, a small value that is only ever replaced as a whole: nothing that a page calls waits for a look, a network or
a lock that a look holds.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lib.settings import UserError, exists

LOG = logging.getLogger("sapat")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a look ended. `problem` is a sentence when it ended early, whose rest is in the log when `defect`."""

    number: int
    at: dt.datetime
    read: int = 0
    unchanged: int = 0
    unreadable: int = 0
    problem: str = ""
    defect: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """What the collector does now. Looks are counted from 1; `since` and `told_at` are seconds of time.monotonic.

    `done` of `total` changed workbooks are read; a total of 0: nothing that changed is known (yet). `asked`: a person waits for it.
    """

    running: bool = False
    number: int = 0
    asked: bool = False
    done: int = 0
    total: int = 0
    since: float = 0.0
    told_at: float = 0.0
    ended: Ended | None = None

    def seconds_left(self, now: float) -> int | None:
        """How long reading will go on at the pace so far; None when there is no telling."""
        if not self.done or self.done >= self.total:
            return None
        each = (self.told_at - self.since) / self.done
        return max(1, round(each * (self.total - self.done) - (now - self.told_at)))


class Collector:
    """Does one look at a time. What is asked while a look runs is served by one more look afterwards."""

    def __init__(self, look: Callable[[Progress, tuple[str, ...]], Ended]) -> None:
        """`look(progress, again)` looks at the store once; `again` names workbooks to read whether or not they changed."""
        self.state = State()
        self._look = look
        self._wake = threading.Condition()  # held for a moment only, never during a look
        self._thread: threading.Thread | None = None
        self._asked = False
        self._again: set[str] = set()
        self._every = 0.0
        self._next: float | None = None
        self._stopping = False

    def ask(self, *again: str) -> int:
        """Look soon, and read the workbooks `again` whatever their fingerprint says. Gives the number of the look that does it."""
        with self._wake:
            self._asked = True
            self._again.update(again)
            self._awake()
            return self.state.number + 1

    def start(self, every: float, first: float = 0.0) -> None:
        """Look every `every` seconds from now on, for the first time after `first` seconds."""
        with self._wake:
            self._every, self._next = every, time.monotonic() + first
            self._awake()

    def stop(self, wait: float = 5.0) -> None:
        """End after the look that runs, which is waited for `wait` seconds; a snapshot is whole or not there, so that none is torn."""
        with self._wake:
            self._stopping, thread = True, self._thread
            self._wake.notify_all()
        if thread is not None:
            thread.join(wait)

    def wait(self, number: int, seconds: float) -> Ended:
        """How look `number`, or a later one, ended; for tests and commands, never for a page. TimeoutError."""
        deadline = time.monotonic() + seconds
        with self._wake:
            while (ended := self.state.ended) is None or ended.number < number:
                if not self._wake.wait(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    raise TimeoutError(f"look {number} did not end within {seconds:.0f} s")
        return ended

    def _awake(self) -> None:
        """A thread is there and looks what is to be done. Called with the lock held."""
        self._stopping = False
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._serve, name="collector", daemon=True)
            self._thread.start()
        self._wake.notify_all()

    def _serve(self) -> None:
        while (again := self._wanted()) is not None:
            number = self.state.number
            try:
                ended = self._look(self._progress, again)
            except UserError as error:
                LOG.warning("not collected: %s", error)
                ended = Ended(number, dt.datetime.now(), problem=str(error))
            except Exception as error:
                LOG.exception("the collector failed; the last snapshot stays")
                ended = Ended(number, dt.datetime.now(), problem=type(error).__name__, defect=True)
            with self._wake:
                self.state = State(number=number, ended=replace(ended, number=number))
                self._next = time.monotonic() + self._every if self._every else None
                self._wake.notify_all()

    def _wanted(self) -> tuple[str, ...] | None:
        """Waits until a look is due; the workbooks to read again. None: stop."""
        with self._wake:
            while not (self._asked or self._stopping):
                rest = None if self._next is None else self._next - time.monotonic()
                if rest is not None and rest <= 0:
                    break
                self._wake.wait(rest)
            if self._stopping:
                self._thread = None
                return None
            again, asked, now = tuple(sorted(self._again)), self._asked, time.monotonic()
            self._again.clear()
            self._asked = False
            self.state = State(True, self.state.number + 1, asked, since=now, told_at=now, ended=self.state.ended)
            return again

    def _progress(self, done: int, total: int, _name: str) -> None:
        self.state = replace(self.state, done=done, total=total, told_at=time.monotonic())


def _look(progress: Progress, again: tuple[str, ...]) -> Ended:
    """Collect what changed, then find what pages will ask of the snapshot, so that open pages are moved to it when it is warm."""
    from lib import collection
    from lib.provisioning.decisions import send
    from lib.ui import data  # its caches want a running Streamlit: not at the import of app.py

    loaded = data.current_settings()
    now = dt.datetime.now()
    if loaded.store is None or not exists(loaded.store):
        return Ended(0, now)
    try:
        send(loaded, now)
        found = collection.collect(loaded.store, loaded, now, progress, only_if_changed=True, again=again)
    finally:
        data.warm(loaded)
        data.set_aside()
    return Ended(0, now, found.read, found.unchanged, found.unreadable)


collector = Collector(_look)
