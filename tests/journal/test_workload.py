"""Must show 6: what a subject teacher must type in a quarter, without and with the journal's export, on the demo school."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lib import settings
from lib.collection import collect
from lib.snapshot import Snapshots
from tests.conftest import Cli
from tests.journal import demo

HEADER = "teacher,period,cells_to_type,cells_from_exports"
AS_OF = dt.date(2026, 4, 15)
ENDS = {"Q1": dt.date(2025, 11, 4), "Q2": dt.date(2025, 12, 30), "Q3": dt.date(2026, 2, 28), "Q4": AS_OF}


def said(cli: Cli, store: Path) -> dict[tuple[str, str], tuple[int, int]]:
    text = cli("workload", "--store", store, "--format", "csv").stdout
    assert text.splitlines()[0] == HEADER
    rows = csv.DictReader(io.StringIO(text))
    return {(r["teacher"], r["period"]): (int(r["cells_to_type"]), int(r["cells_from_exports"])) for r in rows}


def is_there(pupil: dict[str, Any], day: dt.date) -> bool:
    return (pupil["entered_on"] or day) <= day and (pupil["left_on"] is None or pupil["left_on"] > day)


def expected(store: Path) -> Counter[tuple[str, str]]:
    """From the registers alone: a mark for each pupil who is there at the quarter's end × each load of a marked class; in quarter 4 the
    year's mark as well."""
    snapshot = Snapshots(store).current()
    assert snapshot is not None
    pupils = [r for r in snapshot.records("R1").to_pylist() if r["school_year"] == demo.YEAR]
    found: Counter[tuple[str, str]] = Counter()
    seen = set()
    for load in snapshot.records("R2L").to_pylist():
        place = (load["school_class"], load["subject"])
        if load["school_year"] != demo.YEAR or int(load["school_class"].split("-")[0]) < 4 or place in seen:
            continue
        seen.add(place)
        for quarter, end in ENDS.items():
            here = [p for p in pupils if p["school_class"] == load["school_class"] and is_there(p, end)]
            if load["teacher_id"]:
                found[load["teacher_id"], quarter] += len(here) * (2 if quarter == "Q4" else 1)
    return found


@pytest.mark.slow
def test_teacher_minutes(cli: Cli, demo_store: Path, tmp_path: Path):
    store = tmp_path / "school"
    shutil.copytree(demo_store, store)
    without = said(cli, store)
    wanted = expected(store)
    assert {key: to_type for key, (to_type, _) in without.items() if to_type} == dict(+wanted)
    assert all(given == 0 for _, given in without.values()) and sum(wanted.values()) > 3_000

    loaded = settings.load(store)
    snapshot = Snapshots(store).current()
    assert snapshot is not None
    quarters = {**demo.QUARTERS, "year": "Годовые отметки"}
    demo.export_school(store, snapshot, loaded, demo.marks(snapshot), quarters)
    with_exports = said(cli, store)
    assert with_exports.keys() == without.keys()
    assert {key: to_type for key, (to_type, _) in with_exports.items() if to_type} == {}, "no mark is left to type"
    assert {key: given for key, (_, given) in with_exports.items()} == {key: to_type for key, (to_type, _) in without.items()}

    for path in (store / "exports").glob("* q2.xlsx"):
        path.unlink()
    collect(store, loaded, dt.datetime(2026, 4, 15))
    assert {period for (_, period), (to_type, _) in said(cli, store).items() if to_type} == {"Q2"}
