"""A process of the Must show: makes a child for each line of its input, and tells its number and how it ended.

The child is a decision maker: it saves decisions, says of each that it was acknowledged, and writes what waits. It may be killed at any
moment. Run as `python -m tests.office.writer TOLD EACH`; the store is told by the environment.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import sys
from pathlib import Path

from lib import settings
from lib.office.decisions import Decision, Outbox, new_id
from lib.provisioning.decisions import send
from lib.settings import GoogleFolder, desk_of

DAY, NOW = dt.date(2026, 4, 15), dt.datetime(2026, 4, 15, 7, 40)


def main(told: Path, each: int) -> None:
    loaded = settings.load(as_of=DAY)
    if isinstance(loaded.store, GoogleFolder):
        place = dataclasses.replace(loaded.store, writes_per_minute=100_000, answer_seconds=0.7, patience_seconds=6.0)
        loaded = dataclasses.replace(loaded, store=place)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _work(loaded, told / f"{int(line)}.txt", each)
        print(child, flush=True)


def _work(loaded: settings.Settings, told: Path, each: int) -> None:
    assert loaded.store is not None
    box = Outbox(desk_of(loaded.store))
    with told.open("a", encoding="ascii", buffering=1) as acknowledged:
        for n in range(each):
            made = Decision(
                new_id(DAY), DAY, "D1.02", "2025-2026", "Q3", (("school_class", "7-А"),), "7-А", 43.1, 31.0, 72.0, f"{told.stem} {n}",
                "Чечим", responsible="T005", due_on=DAY, sheet_year="2025-2026",
            )  # fmt: skip
            box.put(made)
            acknowledged.write(f"{made.id}\n")
            send(loaded, NOW)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
