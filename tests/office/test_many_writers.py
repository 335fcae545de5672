"""Must show 3: 100 decision makers at once, in processes of their own, some of them killed; nothing lost, nothing doubled.

Everything that was acknowledged stands in the workbook once, after the writers that live have ended and somebody looks at the outbox as the
next collect does. Read back by an oracle of its own: the workbook itself, or the server.
"""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest

from lib.office.decisions import Outbox
from lib.provisioning.decisions import send
from lib.settings import desk_of
from tests.office.conftest import NAME, NOW, Desk

pytestmark = [pytest.mark.slow, pytest.mark.alone, pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made by fork")]
ROOT = Path(__file__).resolve().parents[2]
WRITERS, EACH, SECONDS = 100, 2, 25.0  # whoever still writes then is killed, too
KILLED = 40


@pytest.mark.parametrize("seed", [5])
def test_a_hundred_writers_with_kills(desk: Desk, tmp_path: Path, seed: int, capsys):
    told = tmp_path / "told"
    told.mkdir()
    if desk.server is not None:  # calls that were done and whose answer was lost, calls that were not done, and reads that fail
        desk.server.faults = {"rules": [
            {"kind": "reset", "on": ["sheets_write"], "probability": 0.12, "applied": True},
            {"kind": "503", "on": ["sheets_write"], "probability": 0.06, "applied": "random"},
            {"kind": "500", "on": ["sheets_read"], "probability": 0.03},
        ]}  # fmt: skip
    environment = {**os.environ, "PYTHONUTF8": "1"}
    if desk.kind == "folder":
        environment["SAPAT_STORE"] = str(desk.loaded.store)
    command = [sys.executable, "-m", "tests.office.writer", str(told), str(EACH)]
    some = random.Random(seed)
    started = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as mother:
        assert mother.stdin and mother.stdout
        alive = []
        for number in range(WRITERS):
            mother.stdin.write(f"{number}\n")
            mother.stdin.flush()
            alive.append(int(mother.stdout.readline()))
        killed = 0
        for child in some.sample(alive, KILLED):
            time.sleep(some.uniform(0.0, 0.3))
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                killed += 1
        mother.stdin.close()
        while time.monotonic() - started < SECONDS and any(running(child) for child in alive):
            time.sleep(0.1)
        ended = [child for child in alive if not running(child)]
        for child in set(alive) - set(ended):
            os.kill(child, signal.SIGKILL)
    acknowledged = [line for file in told.glob("*.txt") for line in file.read_text(encoding="ascii").splitlines(True)]
    ids = {line.strip() for line in acknowledged if line.endswith("\n")}
    if desk.server is not None:
        desk.server.faults = None  # it is the writers that had trouble; what they left is what is looked at
    box = Outbox(desk_of(desk.loaded.store))
    waited = len(box.waiting())
    deadline = time.monotonic() + 30
    while box.waiting() and time.monotonic() < deadline:  # the next collects
        if not send(desk.loaded, NOW):
            time.sleep(0.5)
    assert box.waiting() == [], box.why()
    stands = Counter(str(code) for code in written_ids(desk) if code and str(code).startswith("B26"))
    with capsys.disabled():
        print(f"\n{desk.kind}: acknowledged {len(ids)} by {WRITERS} writers, killed {killed}, waiting then {waited}, in the workbook "
              f"{len(stands)}, twice {sum(n > 1 for n in stands.values())}, {time.monotonic() - started:.0f} s")  # fmt: skip
    assert len(ids) > WRITERS - KILLED, "whoever was not killed came as far as to save something"
    assert ids - stands.keys() == set(), "lost"
    assert {code: n for code, n in stands.items() if n > 1} == {}, "doubled"
    assert len(stands) <= WRITERS * EACH and [c for c in written_ids(desk) if c][:3] == ["B-0", "B-1", "B-2"]


def running(child: int) -> bool:
    """Whether the process runs: one that has ended and waits for its mother does not."""
    try:
        return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def written_ids(desk: Desk) -> list[object]:
    """The first column of the tab, from the file as openpyxl reads it, or from the server."""
    if desk.kind == "folder":
        sheet = openpyxl.load_workbook(dataclasses.replace(desk.loaded).store / f"{NAME}.xlsx").worksheets[0]
        return [row[0].value for row in sheet.iter_rows(min_row=6)]
    return desk.cells()["id"]
