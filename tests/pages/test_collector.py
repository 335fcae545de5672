"""The collector of the process: one look at a time, wishes joined, nobody who reads its state waits."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator

import pytest

from lib.settings import UserError
from lib.ui.live import Collector, Ended, Progress, State

LONG = 20.0  # seconds that a test waits before it fails


class Looks:
    """A store whose looks last until they are let go."""

    def __init__(self) -> None:
        self.names: list[tuple[str, ...]] = []
        self.at_once = self.most_at_once = 0
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)

    def __call__(self, progress: Progress, again: tuple[str, ...]) -> Ended:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.names.append(again)
        self.begun.release()
        assert self.go.wait(LONG)
        self.at_once -= 1
        return Ended(0, dt.datetime(2026, 4, 15, 7, 40), read=len(again))


@pytest.fixture
def looks() -> Iterator[Looks]:
    made = Looks()
    yield made
    made.go.set()


@pytest.fixture
def collector(looks: Looks) -> Iterator[Collector]:
    made = Collector(looks)
    yield made
    looks.go.set()
    made.stop()


def test_wishes_while_a_look_runs_are_joined_to_one_more(collector: Collector, looks: Looks):
    assert collector.ask("a") == 1
    assert looks.begun.acquire(timeout=LONG)
    assert [collector.ask("c"), collector.ask("b"), collector.ask("c"), collector.ask()] == [2, 2, 2, 2]
    looks.go.set()
    assert collector.wait(2, LONG).number == 2
    assert looks.names == [("a",), ("b", "c")], "and no third look"
    assert looks.most_at_once == 1


def test_many_threads_never_look_at_the_same_time(collector: Collector, looks: Looks):
    looks.go.set()
    numbers: list[int] = []

    def wish(name: str) -> None:
        for _ in range(20):
            numbers.append(collector.ask(name))

    threads = [threading.Thread(target=wish, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    collector.wait(max(numbers), LONG)
    assert looks.most_at_once == 1
    assert {name for names in looks.names for name in names} == set("abcdefgh"), "no wish is lost"


def test_its_state_is_read_while_a_look_hangs(collector: Collector, looks: Looks):
    collector.ask()
    assert looks.begun.acquire(timeout=LONG)
    started = time.perf_counter()
    for _ in range(1000):
        assert collector.state.running
        collector.ask("a")
    assert time.perf_counter() - started < 0.5


def test_a_look_that_fails_is_told_and_the_next_one_comes():
    mistakes: list[Exception] = [UserError("the folder is not there"), ZeroDivisionError("1/0"), StopIteration()]

    def look(_progress: Progress, _again: tuple[str, ...]) -> Ended:
        if mistakes:
            raise mistakes.pop(0)
        return Ended(0, dt.datetime(2026, 4, 15), read=3)

    collector = Collector(look)
    told = [collector.wait(collector.ask(), LONG) for _ in range(4)]
    collector.stop()
    assert [(ended.problem, ended.defect) for ended in told] == [
        ("the folder is not there", False), ("ZeroDivisionError", True), ("StopIteration", True), ("", False),
    ]  # fmt: skip
    assert told[-1].read == 3 and collector.state == State(number=4, ended=told[-1])


def test_it_looks_by_itself_and_stops(looks: Looks):
    looks.go.set()
    collector = Collector(looks)
    collector.start(every=0.02)
    collector.wait(3, LONG)
    collector.stop()
    seen = len(looks.names)
    time.sleep(0.2)
    assert len(looks.names) == seen
    assert collector.wait(collector.ask(), LONG).number == seen + 1, "asked after all, it looks once more"
    collector.stop()


def test_without_a_start_it_looks_only_when_asked(collector: Collector, looks: Looks):
    looks.go.set()
    collector.wait(collector.ask(), LONG)
    time.sleep(0.1)
    assert len(looks.names) == 1


def test_progress_and_the_time_left():
    seen: list[State] = []

    def look(progress: Progress, _again: tuple[str, ...]) -> Ended:
        for done in range(1, 5):
            progress(done, 4, f"class-{done}.xlsx")
            seen.append(collector.state)
        return Ended(0, dt.datetime(2026, 4, 15), read=4)

    collector = Collector(look)
    collector.wait(collector.ask(), LONG)
    collector.stop()
    assert [(state.running, state.asked, state.done, state.total) for state in seen] == [(True, True, n, 4) for n in range(1, 5)]
    assert not collector.state.running and collector.state.total == 0
    halfway = State(True, 1, True, done=10, total=40, since=100.0, told_at=110.0)
    assert halfway.seconds_left(110.0) == 30 and halfway.seconds_left(115.0) == 25
    assert halfway.seconds_left(900.0) == 1, "never nothing, and never less"
    assert State(True, 1, done=0, total=40).seconds_left(1.0) is None, "before the first there is no pace"
    assert State(True, 1, done=40, total=40).seconds_left(1.0) is None
