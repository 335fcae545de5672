"""`python -m bench google [--json]`: the Google store against the usual way, on the local server with Google's quota and latency.

The usual way is what scripts do: open each spreadsheet, `get_all_values` of each tab, and wait when Google says that it was too often.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gspread
from google.oauth2.service_account import Credentials

from lib import collection, settings
from lib.settings import GoogleFolder, Settings
from lib.store.google import READ_SCOPES
from tests.google_school import GoogleSchool, ServerProcess
from tests.sheets_server.calls import most_in_window
from tests.small_school import YEAR, Grid, grid_of

QUOTA, LATENCY = 60, 300  # Google's reads a minute, and milliseconds of a usual answer
TOO_OFTEN = 15.0  # seconds that the usual script waits before it tries again
AS_OF = dt.date(2026, 4, 15)


def main(arguments: list[str]) -> int:
    """Measure and print one object; 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(prog="bench google", description="Measure the Google store against the usual way.")
    parser.add_argument("--workbooks", type=int, default=40)
    parser.add_argument("--tabs", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print JSON")
    call = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, ServerProcess() as server:
        os.environ["SAPAT_DESKS"] = str(Path(folder, "var", "desks"))
        found = measure(server, Path(folder), call.workbooks, call.tabs)
    if call.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            print(f"{name:<28} {value if isinstance(value, int) else f'{value:.2f}'}")
    small = call.workbooks <= 40
    kept = found["unchanged_calls"] <= 2 and found["one_changed_calls"] <= 3 and found["max_reads_per_minute"] <= 50
    return 0 if kept and (not small or found["cold_calls"] <= 45) else 1


def measure(server: ServerProcess, folder: Path, workbooks: int, tabs: int) -> dict[str, Any]:
    """Both ways over the same school: calls as the server counted them, and seconds."""
    loaded = settings.load(as_of=AS_OF)
    _say(f"putting up {workbooks} workbooks of {tabs} tabs …")
    school = GoogleSchool(server.url, folder)
    for name, content in _school(loaded, workbooks, tabs):
        school.put(name, content)
    place = school.place(reads_per_minute=GoogleFolder("").reads_per_minute)
    server.set(quota=QUOTA, latency=LATENCY / 1000)

    def collect() -> None:
        collection.collect(place, loaded, dt.datetime.now(), only_if_changed=True)

    _say("cold, unchanged, one changed …")
    ours = [_counted(server, collect), _counted(server, collect)]
    unchanged_seconds = ours[-1].seconds
    cell = "C6"
    school.edit(f"{YEAR}/class-1", "T1", cell, 2.0)
    started = time.perf_counter()
    ours.append(_counted(server, collect))
    visible = time.perf_counter() - started
    _say("the usual way, cold: this takes as long as Google's quota makes it take …")
    usual = _counted(server, lambda: _usual_way(school, place))
    server.set(quota=None, latency=0)
    _say("the usual way, nothing changed (only counted) …")
    usual_again = _counted(server, lambda: _usual_way(school, place))
    return {
        "workbooks": workbooks, "tabs": tabs, "quota": QUOTA, "latency_ms": LATENCY,
        "cold_calls": ours[0].calls, "unchanged_calls": ours[1].calls, "one_changed_calls": ours[2].calls,
        "token_calls": sum(one.tokens for one in ours),
        "max_reads_per_minute": most_in_window([moment for one in ours for moment in one.reads], 60.0),
        "cold_seconds": ours[0].seconds, "unchanged_seconds": unchanged_seconds, "changed_visible_seconds": visible,
        "naive_cold_calls": usual.calls, "naive_cold_refused": usual.refused, "naive_unchanged_calls": usual_again.calls,
        "naive_cold_seconds": usual.seconds,
        "calls_ratio": usual.calls / ours[0].calls, "seconds_ratio": usual.seconds / ours[0].seconds,
    }  # fmt: skip


def _usual_way(school: GoogleSchool, place: GoogleFolder) -> None:
    """Real gspread, as its documentation shows it."""
    key = json.loads(Path(place.key_file).read_text(encoding="utf-8"))
    credentials = Credentials.from_service_account_info(key, scopes=READ_SCOPES)
    credentials._maybe_start_regional_access_boundary_refresh = lambda *_: None  # it would ask Google itself, behind our back
    client = gspread.Client(auth=credentials, http_client=_hosted(place))
    for identity in school.file_ids.values():
        book = _patiently(lambda identity=identity: client.open_by_key(identity))
        for sheet in _patiently(book.worksheets):
            _patiently(sheet.get_all_values)


def _patiently(ask: Callable[[], Any]) -> Any:
    while True:
        try:
            return ask()
        except gspread.exceptions.APIError as error:
            if error.response.status_code != 429:
                raise
            time.sleep(TOO_OFTEN)


def _hosted(place: GoogleFolder) -> type[gspread.HTTPClient]:
    """gspread's own client with the local server's address in place of Google's."""

    class Hosted(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *more: Any, **named: Any) -> Any:
            return super().request(method, endpoint.replace("https://sheets.googleapis.com", place.sheets_url), *more, **named)

    return Hosted


@dataclass(frozen=True)
class _Counted:
    """What one piece of work cost: calls of the two APIs, those that were refused, tokens asked for, moments of Sheets reads, seconds."""

    calls: int
    refused: int
    tokens: int
    reads: list[float]
    seconds: float


def _counted(server: ServerProcess, work: Callable[[], None]) -> _Counted:
    server.forget_calls()
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    calls = server.calls()
    of_apis = [call for call in calls if call["kind"] in ("sheets_read", "sheets_write", "drive")]
    return _Counted(
        len(of_apis), sum(call["status"] == 429 for call in of_apis), sum(call["kind"] == "token" for call in calls),
        [call["time"] for call in of_apis if call["kind"] == "sheets_read"], seconds,
    )  # fmt: skip


def _school(loaded: Settings, workbooks: int, tabs: int) -> Iterator[tuple[str, dict[str, Grid]]]:
    """A workbook a class, a tab of marks a subject, thirty pupils in each; the last workbook holds the registers."""
    classes = [f"{5 + n % 5}-{chr(0x410 + n // 5)}" for n in range(workbooks - 1)]
    subjects = list(loaded.subjects)
    pupils = {name: [f"P{20_000 + 100 * n + i}" for i in range(30)] for n, name in enumerate(classes)}
    for number, name in enumerate(classes, 1):
        sheets = {}
        for tab in range(1, tabs + 1):
            rows = [
                {"pupil_id": p, "full_name": f"A {p}", "q1": 2 + (i + tab) % 4, "q2": 3 + (i * tab) % 3} for i, p in enumerate(pupils[name])
            ]
            subject = subjects[(tab - 1) % len(subjects)]
            sheets[f"T{tab}"] = grid_of(loaded.forms["F01"], rows, school_class=name, subject=subject)
        yield f"{YEAR}/class-{number}", sheets
    everyone = [{"pupil_id": p, "full_name": f"A {p}", "school_class": name, "status": _first_choice(loaded, "R1", "status")}
                for name, own in pupils.items() for p in own]  # fmt: skip
    registers: dict[str, Grid] = {
        "R1": grid_of(loaded.forms["R1"], everyone),
        "R2C": grid_of(loaded.forms["R2C"], [{"school_class": name, "grade": int(name.split("-")[0])} for name in classes]),
    }
    for number in range(len(registers) + 1, tabs + 1):
        registers[f"N{number}"] = [["notes"], [float(number)]]
    yield f"{YEAR}/registry", registers


def _first_choice(loaded: Settings, form: str, column: str) -> str:
    return loaded.forms[form].column(column).choices[0].key


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
