"""A turn that is killed at any moment is simply run again: nothing half-made is taken for made, and what a person wrote meanwhile stays."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.turn.conftest import NEW, OLD, School

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made by fork")]
ROOT = Path(__file__).resolve().parents[2]
KILLS = 8
# A process that has imported everything and makes a child for each line (the folder, and whether links are refused): the child carries out
# the turn as the command does.
TURNER = """
import datetime as dt, errno, os, sys
from pathlib import Path
from lib import collection, settings
import lib.intake.read
from lib.turn.command import Order, run
collection.PLANS = Path(sys.argv[1])
def refused(*_, **__):
    raise OSError(errno.EPERM, "no hard links here")
for line in sys.stdin:
    folder, links = line.split()
    child = os.fork()
    if not child:
        sys.stdout = open(os.devnull, "w")
        if links == "no":
            os.link = refused
        loaded = settings.load(Path(folder), as_of=dt.date(2026, 8, 20))
        os._exit(run(Order("2026-2027", yes=True), loaded, dt.datetime(2026, 8, 20, 9), lambda _: None))
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Turner:
    """The process, and its children that are killed."""

    def __init__(self, plans: Path) -> None:
        command = [sys.executable, "-c", TURNER, str(plans)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, folder: Path, links: str) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{folder} {links}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> int:
        assert self.process.stdout
        return int(self.process.stdout.readline())


def tables(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """workbook / tab → its rows, of the new year: two runs stamp the same files with other times."""
    found = {}
    for path in sorted((folder / NEW).rglob("*.xlsx")) + sorted((folder / f"{NEW}-restricted").rglob("*.xlsx")):
        book = openpyxl.load_workbook(path, read_only=True)
        for sheet in book.worksheets:
            found[f"{path.relative_to(folder)} {sheet.title}"] = [tuple(row) for row in sheet.iter_rows(values_only=True)]
        book.close()
    return found


@pytest.mark.parametrize("links", ["yes", "no"])
def test_killed_at_any_moment_the_turn_goes_on(school: School, plans: Path, tmp_path: Path, links: str):
    figures = school.figures()
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(school.folder, undisturbed)
    some, turner = random.Random(7), Turner(plans)
    killed, seen_between = 0, set()
    try:
        started = time.monotonic()
        turner.begin(undisturbed, links)
        assert turner.end() == 0
        length, expected = time.monotonic() - started, tables(undisturbed)
        note = None
        for kill in range(KILLS):
            child = turner.begin(school.folder, links)
            time.sleep(some.uniform(0.05, 0.9) * length * (kill + 2) / (KILLS + 2))
            os.kill(child, signal.SIGKILL)
            killed += turner.end() == signal.SIGKILL
            made = [path for path in school.folder.rglob("*.xlsx") if f"{NEW}" in path.parts[-2] and path.stat().st_size]
            made = [path for path in made if not any(part.startswith(".") for part in path.relative_to(school.folder).parts)]
            assert all(zipfile.is_zipfile(path) for path in made), "whatever has its name is whole"
            seen_between.add(len(made))
            books = [path for path in made if path.name.startswith("class-8-")]
            if books and note is None:  # a teacher begins to fill the first one
                note = books[0]
                book = openpyxl.load_workbook(note)
                book.worksheets[-1]["A3"] = "Мугалимдин жазуусу"
                book.save(note)
                written = note.read_bytes()
        turner.begin(school.folder, links)
        assert turner.end() == 0
    finally:
        turner.process.kill()
        turner.process.wait()
        assert turner.process.stdin and turner.process.stdout
        turner.process.stdin.close()
        turner.process.stdout.close()
    assert killed >= KILLS // 2, f"only {killed} of {KILLS} were killed before their end"
    found = tables(school.folder)
    assert found.keys() == expected.keys()
    own = f"{note.relative_to(school.folder)} " if note else "–"
    assert {name: rows for name, rows in found.items() if not name.startswith(own)} == {
        name: rows for name, rows in expected.items() if not name.startswith(own)
    }
    assert note is None or note.read_bytes() == written
    assert not (school.folder / ".turn-new").exists()
    assert school.figures() == figures and school.issues() == []
    assert not any((school.folder / name).stat().st_mode & 0o222 for name in school.contents() if name.startswith(OLD))
    print(f"killed {killed} of {KILLS}, workbooks seen between: {sorted(seen_between)}, one turn {length:.1f} s")
