"""Reads workbooks in worker processes, so that a hostile or broken file costs one issue and never the desk.

Workbooks are fetched here, several at a time where a network is waited for, and what came is handed to the workers. A worker is an own
Python process with limited memory that reads one workbook at a time and answers in JSON. When it dies or is too slow, it is known which
workbook it was reading; that workbook is tried once more alone in a fresh process, and then named in an named in an issue.
(concurrent.futures would start each child with the main module, which under Streamlit is the app itself; would lose every workbook of a
pool that broke; and cannot stop one call that takes too long.)
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lib.intake.reading import Reading
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import RawSheet
from lib.store.base import Store, StoreProblem

if TYPE_CHECKING:
    from lib.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
TIME_LIMIT = 60.0  # seconds for one workbook
START_LIMIT = 60.0  # seconds until a worker answers at all
MEMORY_LIMIT = 2 * 2**30  # bytes of address space of one worker
_START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from lib.intake.pool import serve; serve()"
_LENGTH = struct.Struct(">Q")
# (name, tabs, vocabulary) → reading
ReadWorkbook = Callable[[str, Sequence[RawSheet], Vocabulary], Reading]


def read_all(
    store: Store,
    names: Sequence[str],
    settings: Settings,
    workers: int = 0,
    time_limit: float = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
    read: ReadWorkbook | None = None,
) -> Iterator[Reading]:
    """The reading of each workbook as soon as it is there, in no certain order. One that cannot be read has no tabs and one issue.

    Reading begins at once, before the first answer is asked for. `workers` 0: as many as there are processors, at most eight, and not
    more than workbooks. `read` (default: forms alone) makes the reading; it travels to the worker.
    """
    if not names:
        return iter(())
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    number = min(workers or min(os.cpu_count() or 1, 8), len(names))
    work = _Work(
        store, pickle.dumps((store.sheets, Vocabulary.of(settings), memory_limit, read)), time_limit, waiting, queue.Queue(2 * number)
    )
    fetchers = min(store.side_by_side, len(names))
    for n in range(fetchers):
        threading.Thread(target=_fetch, args=(work, fetchers), name=f"fetcher-{n}", daemon=True).start()
    for n in range(number):
        threading.Thread(target=_feed, args=(work,), name=f"reader-{n}", daemon=True).start()
    return _answers(len(names), work)


@dataclass
class _Work:
    """What the threads of one reading share: names to fetch → what was fetched → what was read."""

    store: Store
    task: bytes
    time_limit: float
    waiting: queue.SimpleQueue[str]
    fetched: queue.Queue[tuple[str, bytes] | None]
    done: queue.SimpleQueue[Reading | BaseException] = field(default_factory=queue.SimpleQueue)
    stop: threading.Event = field(default_factory=threading.Event)
    ended: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def hand_over(self, thing: tuple[str, bytes] | None) -> None:
        """To the next free worker; dropped when nobody waits for answers any more."""
        while not self.stop.is_set():
            with contextlib.suppress(queue.Full):
                return self.fetched.put(thing, timeout=0.2)


def _answers(number: int, work: _Work) -> Iterator[Reading]:
    try:
        for _ in range(number):
            answer = work.done.get()
            if isinstance(answer, BaseException):
                raise answer
            yield answer
    finally:
        work.stop.set()


class _Worker:
    """One reading process."""

    def __init__(self, task: bytes) -> None:
        # Nothing of the worker's errors reaches our screen: they may quote cells.
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
        )
        self.too_slow = False
        self._ready = False
        self._send(task)

    def read(self, name: str, content: bytes, time_limit: float) -> Reading | None:
        """The reading, or None when the process died or was stopped for being too slow."""
        assert self.process.stdout is not None
        if not self._ready:  # the time of a workbook begins when the process has
            starting = threading.Timer(START_LIMIT, self.process.kill)
            starting.start()
            self._ready = _receive(self.process.stdout) is not None
            starting.cancel()
        timer = threading.Timer(time_limit, self._give_up)
        timer.start()
        try:
            self._send(name.encode())
            self._send(content)
            answer = _receive(self.process.stdout)
            return Reading.from_plain(json.loads(answer)) if answer is not None else None
        except (OSError, ValueError):
            return None
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self.too_slow = True
        self.process.kill()

    def close(self) -> None:
        """End the process; a healthy one ends by itself when its input does."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _send(self, message: bytes) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # the process is gone; the answer that never comes says so
            self.process.stdin.write(_LENGTH.pack(len(message)) + message)
            self.process.stdin.flush()


def _fetch(work: _Work, fetchers: int) -> None:
    """Fetch workbook after workbook until none is left; the last of the threads to end says that there is nothing more."""
    from lib.intake.read import unreadable

    try:
        while not work.stop.is_set():
            try:
                name = work.waiting.get_nowait()
            except queue.Empty:
                break
            try:
                work.hand_over((name, work.store.fetch(name)))
            except StoreProblem as problem:
                work.done.put(unreadable(name, problem))
    except BaseException as error:
        work.done.put(error)
    finally:
        if next(work.ended) == fetchers:
            work.hand_over(None)


def _feed(work: _Work) -> None:
    """Hand workbooks to one worker after another until none is left."""
    worker: _Worker | None = None
    try:
        while not work.stop.is_set():
            worker = worker or _Worker(work.task)  # it starts while the first workbook is fetched
            try:
                fetched = work.fetched.get(timeout=0.2)
            except queue.Empty:
                continue
            if fetched is None:
                work.hand_over(None)  # for the other workers
                return
            name, content = fetched
            reading: Reading | None = None
            too_slow = False
            for _ in range(2):
                worker = worker or _Worker(work.task)
                reading, too_slow = worker.read(name, content, work.time_limit), worker.too_slow
                if reading is not None:
                    break
                worker.process.kill()
                worker.close()
                worker = None
                if too_slow:
                    break
            work.done.put(reading or _given_up(name, work.time_limit if too_slow else 0))
    except BaseException as error:
        work.done.put(error)
    finally:
        if worker is not None:
            worker.close()


def _given_up(name: str, seconds: float) -> Reading:
    from lib.intake.read import unreadable

    problem = StoreProblem("workbook_too_slow", {"seconds": f"{seconds:g}"}) if seconds else StoreProblem("workbook_crashed")
    return unreadable(name, problem)


def _receive(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def _limit_memory(limit: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the checks before reading stand alone
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def serve() -> None:
    """The worker's side: read what is asked for until there is nothing more to read."""
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may write between the answers
    task = _receive(source)
    if task is None:
        return
    sheets, words, memory_limit, read = pickle.loads(task)
    _limit_memory(memory_limit)
    from lib.intake.read import read_workbook

    answers.write(_LENGTH.pack(0))
    answers.flush()
    while (name := _receive(source)) is not None:
        content = _receive(source)
        if content is None:
            return
        plain = read_workbook(name.decode(), content, sheets, words, read).to_plain()
        body = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
        answers.write(_LENGTH.pack(len(body)) + body)
        answers.flush()
