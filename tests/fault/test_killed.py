"""A process that is killed, and two at once: readers always find the old or the new snapshot whole, never a mixture."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib import collection, settings
from lib.collection import collect
from lib.settings import GoogleFolder
from lib.snapshot import Snapshot, Snapshots
from tests import small_school
from tests.google_school import GoogleSchool
from tests.sheets_server import SheetsServer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made by fork")]
ROOT = Path(__file__).resolve().parents[2]
DAY = dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 15, 7, 40)
LOADED = settings.load(as_of=DAY)
KILLS = 100
YEAR = small_school.YEAR
# Two workbooks that change together: (workbook, tab, cell, column of the form).
TOGETHER = ((f"{YEAR}/class-7-А", "ALG", "C6", "q1"), (f"{YEAR}/class-7-Б", "KYR", "D8", "q2"))
MARKS = (2.0, 3.0, 4.0, 5.0)

# A process that has imported everything and makes a child for each line: the child collects, its number and its end are told.
COLLECTOR = """
import datetime as dt, os, sys
from pathlib import Path
from lib import collection, settings
import lib.store.google, lib.intake.read
collection.PLANS = Path(sys.argv[1])
loaded = settings.load(as_of=dt.date(2026, 4, 15))
for _ in sys.stdin:
    child = os.fork()
    if not child:
        collection.collect(loaded.store, loaded, dt.datetime(2026, 4, 15, 7, 40))
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleSchool]:
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    monkeypatch.setattr(collection, "PLANS", tmp_path / "plans")
    with SheetsServer() as server:
        made = GoogleSchool(server.url, tmp_path)
        for name, sheets in small_school.by_workbook(small_school.school(LOADED.forms)).items():
            made.put(name.removesuffix(".xlsx"), {sheet.title: sheet.rows for sheet in sheets})
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made


def place(school: GoogleSchool) -> GoogleFolder:
    found = settings.load(as_of=DAY).store
    assert isinstance(found, GoogleFolder) and found.id == school.id
    return found


def values(snapshot: Snapshot) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    answers = ("numerator", "denominator", "value", "status", "expected")
    found = {}
    for row in snapshot.table("values").to_pylist():
        seen = {name: round(v, 9) if isinstance(v, float) else v for name, v in row.items()}
        found[tuple(v for k, v in seen.items() if k not in answers)] = tuple(seen[name] for name in answers)
    return found


def marks(snapshot: Snapshot) -> set[str]:
    """What the snapshot's records hold in the cells that change together."""
    rows = snapshot.records("F01").to_pylist()
    return {
        str(next(r[column] for r in rows if (r["workbook"], r["tab"], r["row"]) == (workbook, tab, int(cell[1:]))))
        for workbook, tab, cell, column in TOGETHER
    }  # fmt: skip


def type_mark(school: GoogleSchool, mark: float) -> None:
    for workbook, tab, cell, _ in TOGETHER:
        school.edit(workbook, tab, cell, mark)


def test_killed_at_any_moment_the_old_or_the_new_snapshot_stands(school: GoogleSchool, tmp_path: Path):
    here = place(school)
    truth = {}
    for mark in MARKS:
        type_mark(school, mark)
        truth[f"{mark:g}"] = values(collect(here, LOADED, NOW).snapshot)
    assert len({str(sorted(map(str, found.items()))) for found in truth.values()}) == len(MARKS), "each mark makes other figures"
    some = random.Random(1)
    command = [sys.executable, "-c", COLLECTOR, str(tmp_path / "plans")]
    killed = kept = renewed = 0
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as collector:
        assert collector.stdin and collector.stdout

        def begin() -> int:
            collector.stdin.write("go\n")
            collector.stdin.flush()
            return int(collector.stdout.readline())

        type_mark(school, MARKS[0])
        started = time.monotonic()
        begin()
        assert collector.stdout.readline().strip() == "0"
        whole = time.monotonic() - started
        while killed < KILLS:
            (before,) = marks(Snapshots(here).current())
            after = some.choice([f"{mark:g}" for mark in MARKS if f"{mark:g}" != before])
            type_mark(school, float(after))
            child = begin()
            time.sleep(some.uniform(0, whole))
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            killed += int(collector.stdout.readline()) == signal.SIGKILL
            found = Snapshots(here).current()
            now = marks(found)
            assert now in ({before}, {after}), "both workbooks are old, or both are new"
            assert values(found) == truth[now.pop()]
            for table in sorted(found.path.rglob("*.parquet")):
                found.table(table.relative_to(found.path).with_suffix("").as_posix())
            kept += {before} == marks(found)
            renewed += {after} == marks(found)
        collector.stdin.close()
    assert kept and renewed, "killed before the change became current, and after"
    type_mark(school, MARKS[1])
    assert values(collect(here, LOADED, NOW).snapshot) == truth[f"{MARKS[1]:g}"], "and the next collect works"


def test_two_processes_at_once(school: GoogleSchool, cli):
    """One collects, the other waits for it and then finds nothing changed; both end well, and what stands is whole."""
    here = place(school)
    first = collect(here, LOADED, NOW)
    for round_ in range(5):
        type_mark(school, MARKS[round_ % len(MARKS)])
        words = [sys.executable, "-m", "lib.cli", "collect", "--as-of", DAY.isoformat()]
        both = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        ends = [process.communicate(timeout=120) for process in both]
        assert [process.returncode for process in both] == [0, 0], ends
        assert sorted("workbooks read 2" in errors for _, errors in ends) == [False, True], "one won, the other found its work done"
        found = Snapshots(here).current()
        assert marks(found) == {f"{MARKS[round_ % len(MARKS)]:g}"}
        assert len({out for out, _ in ends}) == 1
    assert Snapshots(here).current().id > first.snapshot.id


def test_a_reader_while_others_collect_never_meets_half_a_snapshot(school: GoogleSchool, tmp_path: Path):
    here = place(school)
    type_mark(school, MARKS[-1])
    collect(here, LOADED, NOW)
    command = [sys.executable, "-c", COLLECTOR, str(tmp_path / "plans")]
    looked = 0
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as collector:
        assert collector.stdin and collector.stdout
        for mark in MARKS:
            type_mark(school, mark)
            collector.stdin.write("go\n")
            collector.stdin.flush()
            collector.stdout.readline()
            while not select.select([collector.stdout], [], [], 0)[0]:
                found = Snapshots(here).current()
                assert found is not None and len(marks(found)) == 1
                looked += 1
            assert collector.stdout.readline().strip() == "0"
            assert marks(Snapshots(here).current()) == {f"{mark:g}"}
        collector.stdin.close()
    assert looked > 20
