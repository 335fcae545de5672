"""A set of documents made in the background of a reader's page: it says how far it has come, may be stopped, and freezes nobody.

One set is made at a time in the whole process; another one waits for its turn. What was made belongs to the session that asked for it.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from lib.settings import UserError

LOG = logging.getLogger("sapat")
Progress = Callable[[int, int, str], None]
Make = Callable[[Progress, Callable[[], bool]], bytes | None]
_BREATH = 0.02  # seconds between two pieces, in which other readers' pages are drawn
_turn = threading.Lock()


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a set has come. Seconds are of time.monotonic; `ended`: it is made, stopped, or failed (`problem`)."""

    done: int = 0
    total: int = 0
    since: float = 0.0
    ended: bool = False
    content: bytes | None = None
    problem: str = ""

    def seconds_left(self, now: float) -> int | None:
        """How long it will go on at the pace so far; None when there is no telling."""
        if not self.done or not self.total or self.ended:
            return None
        return max(1, round((now - self.since) / self.done * (self.total - self.done)))


class Making:
    """One set on its way. `key` says of what: another choice is another set."""

    def __init__(self, key: tuple[str, ...], file: str, make: Make) -> None:
        """`make(progress, stopped)` gives the content, None when it was stopped."""
        self.key, self.file = key, file
        self.state = Progressed()
        self._make = make
        self._stop = threading.Event()
        # the reader's language is of this context; the thread would speak Kyrgyz
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), name="set of documents", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it end after the document under work."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Until it has ended; for tests."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with _turn:
            self.state = Progressed(since=time.monotonic())
            try:
                content = None if self._stop.is_set() else self._make(self._progress, self._stop.is_set)
                self.state = replace(self.state, ended=True, content=content)
            except UserError as error:
                self.state = replace(self.state, ended=True, problem=str(error))
            except Exception as error:
                # what it says could name a pupil: the log gets where it happened, and no more
                LOG.error("a set of documents was not made: %s", type(error).__name__)
                self.state = replace(self.state, ended=True, problem=type(error).__name__)

    def _progress(self, done: int, total: int, _name: str) -> None:
        self.state = replace(self.state, done=done, total=total)
        time.sleep(_BREATH)
