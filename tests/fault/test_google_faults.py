"""What goes wrong on the way to Google: every collect ends, with right values or with values marked stale; never with wrong ones."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lib import collection, settings
from lib.collection import STALE, Collected, collect
from lib.settings import UserError
from lib.snapshot import Snapshots
from lib.store import transport
from tests import small_school
from tests.google_school import GoogleSchool
from tests.sheets_server import SheetsServer

pytestmark = pytest.mark.slow
LOADED = settings.load(as_of=dt.date(2026, 4, 15))
NOW = dt.datetime(2026, 4, 15, 7, 40)
YEAR = small_school.YEAR
# Cells that the teachers of this school keep changing: (workbook, tab, cell).
CELLS = ((f"{YEAR}/class-7-А", "ALG", "C6"), (f"{YEAR}/class-7-Б", "KYR", "D8"), (f"{YEAR}/equipment", "Жабдылыш", "F6"))
ANSWERS = (2.0, 5.0)
FAULTS = (
    "429", "403_user_rate", "403_rate", "403_permission", "404", "408", "500", "502_html", "503", "timeout", "slow", "reset", "truncated",
    "truncated_json", "garbage", "revoked", "trashed", "expired_token",
)  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def school(server: SheetsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleSchool]:
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "var" / "desks"))
    monkeypatch.setattr(collection, "PLANS", tmp_path / "plans")
    made = GoogleSchool(server.url, tmp_path)
    for name, sheets in small_school.by_workbook(small_school.school(LOADED.forms)).items():
        made.put(name.removesuffix(".xlsx"), {sheet.title: sheet.rows for sheet in sheets})
    yield made
    server.faults = None


def plan(seed: int, probability: float) -> dict[str, Any]:
    """Every kind of fault, together as likely as `probability`."""
    rules = [{"kind": kind, "probability": probability / len(FAULTS), "seconds": 0.3} for kind in FAULTS]
    return {"seed": seed, "rules": rules}


def values(collected: Collected) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = collected.snapshot.table("values").to_pylist()
    answers = ("numerator", "denominator", "value", "status")
    seen = [{name: round(v, 9) if isinstance(v, float) else v for name, v in row.items() if name != "expected"} for row in rows]
    return {tuple(v for k, v in row.items() if k not in answers): tuple(row[name] for name in answers) for row in seen}


class Truth:
    """What the values must be for each state of the three cells: found on a folder, without any network."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[float, ...], dict[tuple[Any, ...], tuple[Any, ...]]] = {}

    def of(self, state: tuple[float, ...]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        if state not in self._known:
            tabs = small_school.school(LOADED.forms)
            for (workbook, title, cell), value in zip(CELLS, state, strict=True):
                tab = next(t for t in tabs if t.workbook == f"{workbook}.xlsx" and t.title == title)
                tab.grid[int(cell[1:]) - 1]["ABCDEFGH".index(cell[0])] = value
            folder = self._folder / "-".join(f"{v:g}" for v in state)
            small_school.write(folder, tabs)
            self._known[state] = values(collect(folder, LOADED, NOW))
            shutil.rmtree(folder)
        return self._known[state]


@pytest.mark.parametrize("probability", [0.1, 0.3])
def test_no_fault_makes_a_wrong_number(school: GoogleSchool, server: SheetsServer, tmp_path: Path, monkeypatch, probability: float):
    """A hundred seeded collects: between them teachers type; each ends in time, and what is not marked stale is right."""
    monkeypatch.setattr(transport, "_PAUSES", tuple(seconds / 40 for seconds in transport._PAUSES))
    place = school.place(answer_seconds=0.25, patience_seconds=20.0)
    some = random.Random(round(probability * 100))
    truth = Truth(tmp_path / "truth")
    typed = [2.0, 2.0, 2.0]
    for spot, value in zip(CELLS, typed, strict=True):
        school.edit(*spot, value)
    assert values(collect(place, LOADED, NOW)) == truth.of(tuple(typed))
    everything = list(school.file_ids)
    held = list(typed)  # what the desk holds of each of the three
    stale_seen = whole_seen = met = 0
    for seed in range(100):
        number = some.randrange(len(CELLS))
        typed[number] = some.choice(ANSWERS)
        server.faults = None
        school.edit(*CELLS[number], typed[number])
        server.reset_calls()
        server.faults = plan(seed, probability)
        started = time.monotonic()
        again = everything if seed % 3 == 0 else ()  # now and then every workbook, not only the changed one
        found = collect(place, LOADED, NOW, only_if_changed=True, again=again)
        assert time.monotonic() - started < 60, f"seed {seed}"
        server.faults = None
        met += sum(bool(call.fault) for call in server.calls)
        stale = {row["workbook"] for row in found.snapshot.table("sheets").to_pylist() if row["state"] == STALE}
        for n, (workbook, _tab, _cell) in enumerate(CELLS):
            held[n] = held[n] if workbook in stale else typed[n]
        assert values(found) == truth.of(tuple(held)), f"seed {seed}: stale {sorted(stale)}"
        reasons = {row["reason"] for row in found.snapshot.table("sheets").to_pylist() if row["state"] == STALE}
        assert all(LOADED.issues[reason].mend.ky for reason in reasons), "each says what to do"
        stale_seen += bool(stale)
        whole_seen += not stale
    assert whole_seen > 0 and stale_seen > 0, "some collects were hurt, some were not"
    assert met > 300 * probability, "the faults reached the collects"
    healed = collect(place, LOADED, NOW, only_if_changed=True)
    assert values(healed) == truth.of(tuple(typed))
    assert all(row["state"] != STALE for row in healed.snapshot.table("sheets").to_pylist())


# --- a service that is dead ----------------------------------------------------------------------------------------------


def tired(school: GoogleSchool, server: SheetsServer, kind: str, on: list[str]) -> Collected:
    server.faults = {"seed": 1, "rules": [{"kind": kind, "probability": 1.0, "on": on}]}
    started = time.monotonic()
    try:
        return collect(school.place(), LOADED, NOW, only_if_changed=True)
    finally:
        assert time.monotonic() - started < 60
        server.faults = None


@pytest.mark.parametrize(
    ("kind", "on", "code"),
    [("429", ["sheets_read", "drive"], "google_quota"), ("503", ["drive"], "google_server"), ("500", ["token"], "google_server")],
)
def test_a_service_that_only_fails_is_given_up_and_all_is_stale(school, server, monkeypatch, kind, on, code):
    whole = collect(school.place(), LOADED, NOW)
    monkeypatch.setattr("lib.store.google._SIGNED_IN", {})
    found = tired(school, server, kind, on)
    assert found.problem is not None and found.problem.code == code
    assert {row["state"] for row in found.snapshot.table("sheets").to_pylist() if row["form"]} == {STALE}
    assert values(found) == values(whole)
    look = Snapshots(school.place()).looked()
    assert look is not None and look.problem == code
    assert tired(school, server, kind, on).snapshot.id == found.snapshot.id, "the same trouble makes no snapshot after snapshot"
    healed = collect(school.place(), LOADED, NOW, only_if_changed=True)
    assert STALE not in {row["state"] for row in healed.snapshot.table("sheets").to_pylist()}


def test_sheets_that_only_say_too_often_leave_what_was_read(school, server):
    """Drive lists, Sheets refuses: what changed is stale, what did not is fresh."""
    collect(school.place(), LOADED, NOW)
    for spot in CELLS[:2]:
        school.edit(*spot, 4.0)
    found = tired(school, server, "429", ["sheets_read"])
    sheets = found.snapshot.table("sheets").to_pylist()
    assert {row["workbook"] for row in sheets if row["state"] == STALE} == {workbook for workbook, _, _ in CELLS[:2]}
    assert {row["reason"] for row in sheets if row["state"] == STALE} == {"google_quota"}


def test_where_nothing_was_ever_read_the_reason_is_said(tmp_path, monkeypatch, school, server):
    monkeypatch.setattr("lib.store.google._SIGNED_IN", {})
    with pytest.raises(UserError) as told:
        tired(school, server, "403_permission", ["drive"])
    assert school.id in str(told.value) and "Көрүүчү" in str(told.value)


# --- what is shared no longer --------------------------------------------------------------------------------------------


def stale_of(found: Collected) -> Mapping[str, str]:
    return {row["workbook"]: row["reason"] for row in found.snapshot.table("sheets").to_pylist() if row["state"] == STALE}


def test_trashed_deleted_and_closed_workbooks_keep_their_values_until_somebody_says_so(school):
    whole = values(collect(school.place(), LOADED, NOW))
    class_a, class_b, equipment = (workbook for workbook, _, _ in CELLS)
    school.trash(class_a)
    school.close(class_b)
    school.remove(equipment, for_good=True)
    found = collect(school.place(), LOADED, NOW, only_if_changed=True)
    assert stale_of(found) == {class_a: "google_trashed", class_b: "google_not_found", equipment: "google_not_found"}
    assert values(found) == whole
    school.trash(class_a, trashed=False)
    assert collection.forget(school.place(), LOADED, [equipment, "nobody"]) == [equipment]
    after = collect(school.place(), LOADED, NOW, only_if_changed=True)
    assert stale_of(after) == {class_b: "google_not_found"}
    assert after.snapshot.records("F14").num_rows == 0
