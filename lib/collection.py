"""Collect: read the workbooks that changed, check them against the registers, compute, and write one snapshot.

What was read of a workbook is kept (.sapat/readings), so that a collect costs what changed. A workbook or tab that cannot be read now keeps
its last good records, marked "stale"; the rest of the school is fresh.
"""

from __future__ import annotations

import csv
import datetime as dt
import gc
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib.indicators.compute import compute
from lib.indicators.plan import Plan
from lib.indicators.relations import Data
from lib.intake.completeness import SUBMISSION_KEY, completeness
from lib.intake.identity import check
from lib.intake.pool import read_all
from lib.intake.reading import READ, REFUSED, Reading, TabReading
from lib.model.form import ColumnType, Form
from lib.model.issue import Issue
from lib.model.registry import Registry, registry_from_records
from lib.settings import ROOT, Settings, UserError
from lib.snapshot import Snapshot, Snapshots, content
from lib.store.base import WorkbookInfo
from lib.store.folder import FolderStore

STALE = "stale"
PLANS = ROOT / "var" / "plans"  # what formulas came to: the same for every store of one configuration
Progress = Callable[[int, int, str], None]

_ARROW = {
    ColumnType.DATE: pa.date32(),
    ColumnType.YESNO: pa.bool_(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.COUNT: pa.int32(),
    ColumnType.GRADE: pa.int32(),
    ColumnType.MONTH: pa.int32(),
    ColumnType.LIST: pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Collected:
    """What a collect did. cells = accepted + reported, over all tabs that are forms."""

    snapshot: Snapshot
    cells: int
    accepted: int
    reported: int
    read: int
    unchanged: int
    unreadable: int
    seconds: float

    @property
    def anything_readable(self) -> bool:
        """False when not one workbook of the store could be read."""
        return self.read + self.unchanged > 0


def collect(
    place: Path,
    settings: Settings,
    now: dt.datetime,
    progress: Progress | None = None,
    only_if_changed: bool = False,
) -> Collected:
    """Collect the folder `place` and make the new snapshot current.

    `now` is the caller's clock, kept as the snapshot's age. `only_if_changed` answers with the current snapshot when no workbook, no
    configuration and no `as_of` changed. Raises UserError when the folder does not exist.
    """
    if not place.is_dir():
        raise UserError(f"the store {place} is not a folder; give --store DIR or set SAPAT_STORE")
    started = time.perf_counter()
    snapshots = Snapshots(place, settings.keep_snapshots)
    store = FolderStore(place)
    with snapshots.collecting(), _without_pauses():
        infos = store.workbooks()
        state = _state(infos, settings)
        current = snapshots.current()
        if only_if_changed and current is not None and current.meta.get("state") == state:
            return _told(current, started)
        shelf = _Shelf(snapshots.desk / "readings", settings.fingerprint)
        held = [info for info in infos if shelf.holds(info)]
        changed = sorted({info.name for info in infos} - {info.name for info in held})
        reading_now = read_all(store, changed, settings)  # the workers read while we take the others from the shelf
        plan = Plan.of(settings, PLANS)
        taken = {info.name: shelf.take(info) for info in held}
        kept = {name: reading for name, reading in taken.items() if reading is not None}
        if current is not None and kept:
            for name in ("values", "companions"):
                current.table(name)  # those that cannot have changed are taken over; they, too, are read while the workers read
        log = _submissions(snapshots.desk / "submissions.csv")
        spoiled = [name for name in taken if name not in kept]
        changed += spoiled
        fresh: dict[str, Reading] = {}
        for done, reading in enumerate(chain(reading_now, read_all(store, spoiled, settings)), 1):
            fresh[reading.workbook] = reading
            if progress:
                progress(done, len(changed), reading.workbook)
        readings, stale = [], set()
        for info in infos:
            if info.name in fresh:
                reading, old = shelf.put(info, fresh[info.name])
                readings.append(reading)
                stale |= old
            else:
                readings.append(kept[info.name])
                stale |= shelf.stale_tabs(info)
        shelf.drop_others(infos)
        broken = {reading.workbook for reading in readings if _is_broken(reading, stale)}
        tabs, issues = check(readings, settings)
        records = records_of(tabs, settings)

        def beside() -> dict[str, pa.Table]:
            state_of_data = completeness(tabs, settings, log)
            state_of_data = _log_submissions(snapshots.desk / "submissions.csv", state_of_data, log, settings.as_of)
            sheets = _sheets_table(tabs, stale, state_of_data)
            return {"completeness": state_of_data, "sheets": sheets, "issues": _issues_table(issues)}

        contents = {form: content(table) for form, table in records.items()}
        with ThreadPoolExecutor(1, thread_name_prefix="beside") as side:
            others = side.submit(beside)  # Python's work, while DuckDB is at the indicators that do not wait for it
            values, keys = _values(records, lambda: others.result()["completeness"], contents, settings, plan, current)
        counts = {
            "cells": sum(tab.cells for tab in tabs),
            "accepted": sum(tab.accepted for tab in tabs),
            "reported": sum(tab.reported for tab in tabs),
        }
        tables = {
            **values,
            **others.result(),
            **{f"records/{form}": table for form, table in records.items()},
        }
        meta = {
            **counts,
            "collected_at": now.isoformat(timespec="seconds"),
            "state": state,
            "keys": keys,
            "workbooks": len(infos),
            "read": len(changed),
            "unreadable": len(broken),
            "school_years": sorted({tab.school_year for tab in tabs if tab.school_year}),
        }
        stored = {(name if name in tables else f"records/{name}"): digest for name, digest in contents.items()}
        snapshot = snapshots.write(tables, meta, settings.as_of, stored)
    newly_broken = broken & set(fresh)
    return Collected(
        snapshot,
        **counts,
        read=len(changed) - len(newly_broken),
        unchanged=len(infos) - len(changed) - len(broken - newly_broken),
        unreadable=len(broken),
        seconds=time.perf_counter() - started,
    )


@contextmanager
def _without_pauses() -> Iterator[None]:
    """A school is some hundred thousand small objects without cycles; looking through them for garbage again and again is idle work."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _values(
    records: Mapping[str, pa.Table],
    completeness_table: Callable[[], pa.Table],
    contents: dict[str, str],
    settings: Settings,
    plan: Plan,
    current: Snapshot | None,
) -> tuple[dict[str, pa.Table], dict[str, str]]:
    """The tables of values and of companions, and a digest of what the values of each indicator depend on.

    Values that cannot have changed are taken from `current`. `completeness_table` may have to be waited for; its digest is added to
    `contents`.
    """
    data = Data(records, settings, settings.as_of)
    known = dict(current.meta.get("keys", {})) if current else {}
    waiting = {code for code, forms in plan.forms.items() if "completeness" in forms}

    def changed(codes: Iterable[str]) -> list[str]:
        keys.update(plan.value_keys(data, contents, codes))
        return [code for code in codes if known.get(code) != keys[code]]

    keys: dict[str, str] = {}
    fresh = compute(data, settings, changed([code for code in settings.all_indicators if code not in waiting]), plan)
    data.add_completeness(completeness_table())
    contents["completeness"] = content(completeness_table())
    late = compute(data, settings, changed([code for code in settings.all_indicators if code in waiting]), plan)
    values = _by_indicator(fresh) | _by_indicator(late)
    if current is not None and values.keys() < keys.keys():
        kept = _by_indicator(current.table("values")) | _by_indicator(current.table("companions"))
        values |= {code: rows for code, rows in kept.items() if known.get(code) == keys.get(code)}
    none = fresh.slice(0, 0)
    ordered = sorted(values.items())
    return {
        "values": pa.concat_tables([none, *(rows for code, rows in ordered if code in settings.indicators)]),
        "companions": pa.concat_tables([none, *(rows for code, rows in ordered if code not in settings.indicators)]),
    }, keys


def _by_indicator(values: pa.Table) -> dict[str, pa.Table]:
    """The rows of each indicator; they stand together."""
    runs = pc.run_end_encode(values["indicator"].combine_chunks())
    ends = runs.run_ends.to_pylist()
    return {code: values.slice(start, end - start) for code, start, end in zip(runs.values.to_pylist(), [0, *ends], ends, strict=False)}


def read_registry(file: Path, settings: Settings, school_year: str | None = None) -> tuple[Registry, list[Issue]]:
    """The registers in one workbook, and what is wrong in it. Raises UserError when it holds no register of pupils or classes."""
    if not file.is_file():
        raise UserError(f"{file}: there is no such file; `python run.py templates OUT` writes a blank registry to fill")
    readings = list(read_all(FolderStore(file.parent), [file.name], settings))
    tabs, issues = check(readings, settings)
    years = sorted({tab.school_year for tab in tabs if tab.form in ("R1", "R2C") and tab.rows})
    if not years:
        raise UserError(f"{file.name}: no register of pupils (R1) or classes (R2C) with rows was found in it")
    records = records_of([tab for tab in tabs if tab.form.startswith("R")], settings)
    rows = {form: table.to_pylist() for form, table in records.items() if form.startswith("R")}
    return registry_from_records(rows, school_year or years[-1]), issues


def records_of(tabs: Iterable[TabReading], settings: Settings) -> dict[str, pa.Table]:
    """The accepted records of every form: one row a row of a tab, identity columns first, every column of the form typed."""
    by_form: dict[str, list[TabReading]] = {form: [] for form in settings.forms}
    for tab in tabs:
        if tab.form in by_form and tab.rows:
            by_form[tab.form].append(tab)
    return {form: _records_table(settings.forms[form], found) for form, found in by_form.items()}


def _records_table(form: Form, tabs: list[TabReading]) -> pa.Table:
    lengths = [len(tab.rows) for tab in tabs]
    total = sum(lengths)

    tab_of_row = pa.array(np.repeat(np.arange(len(tabs)), lengths), pa.int64())

    def per_tab(of: Callable[[TabReading], str]) -> pa.Array:
        return pa.array([of(tab) or None for tab in tabs], pa.string()).take(tab_of_row)

    columns: dict[str, pa.Array] = {
        "record": pa.array(np.arange(total), pa.int64()),
        "school_year": per_tab(lambda tab: tab.school_year),
        "workbook": per_tab(lambda tab: tab.workbook),
        "tab": per_tab(lambda tab: tab.tab),
        "row": pa.array([row for tab in tabs for row in tab.rows], pa.int32()),
    }
    for name in ("school_class", "subject", "method_association"):
        if name not in form.by_key:
            columns[name] = per_tab(attrgetter(name))
    for column in form.columns:
        # A pupil's name is kept in the registers only.
        if column.type is ColumnType.NAME and not form.id.startswith("R"):
            continue
        kind = _ARROW.get(column.type, pa.string())
        values: list[object] = []
        for tab in tabs:
            values.extend(tab.values.get(column.key) or [None] * len(tab.rows))
        if kind == pa.date32():
            values = [dt.date.fromisoformat(v) if isinstance(v, str) else v for v in values]
        if column.key in ("school_class",) and any(tab.school_class for tab in tabs):
            own = [tab.school_class or None for tab in tabs for _ in tab.rows]
            values = [v if v is not None else o for v, o in zip(values, own, strict=True)]
        columns[column.key] = pa.array(values, kind)
    order = ["record", "school_year", "workbook", "tab", "row", "school_class", "subject", "method_association"]
    rest = [name for name in columns if name not in order]
    return pa.table({name: columns[name] for name in [*order, *rest]})


# --- what was read before ------------------------------------------------------------------------------------------------


class _Shelf:
    """Readings kept between collects, one JSON file a workbook, together with the last good tabs of a workbook that broke."""

    def __init__(self, folder: Path, configuration: str) -> None:
        self.folder = folder
        self.configuration = configuration
        self._stale: dict[str, set[tuple[str, str]]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        self._kept: dict[str, list[Path]] = {}  # name of the workbook on the shelf → what lies there of it
        for path in folder.glob("*.json"):
            self._kept.setdefault(path.stem.partition("-")[0], []).append(path)

    def _path(self, info: WorkbookInfo) -> Path:
        """Where the reading of this very content under this very configuration lies."""
        state = hashlib.sha256(f"{info.fingerprint} {self.configuration}".encode()).hexdigest()
        return self.folder / f"{_shelf_name(info.name)}-{state[:24]}.json"

    def _load(self, path: Path) -> dict | None:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None

    def holds(self, info: WorkbookInfo) -> bool:
        """Whether this very content was read before under this very configuration."""
        return self._path(info).exists()

    def take(self, info: WorkbookInfo) -> Reading | None:
        """What was read of it; None when what was kept is spoiled or of an older version."""
        plain = self._load(self._path(info))
        if plain is None:
            return None
        self._stale[info.name] = {(info.name, tab) for tab in plain["stale"]}
        return Reading.from_plain(plain["reading"])

    def stale_tabs(self, info: WorkbookInfo) -> set[tuple[str, str]]:
        return self._stale.get(info.name, set())

    def put(self, info: WorkbookInfo, reading: Reading) -> tuple[Reading, set[tuple[str, str]]]:
        """Keep a fresh reading. Tabs that were refused, or all of a workbook that broke, are stood in for by their last good reading."""
        path = self._path(info)
        earlier = sorted(self._kept.get(_shelf_name(info.name), ()), key=lambda kept: kept.stat().st_mtime)
        old = self._load(earlier[-1]) if earlier else None
        before = Reading.from_plain(old["reading"]) if old else None
        stale: set[tuple[str, str]] = set()
        if before is not None:
            broken = not reading.tabs and bool(reading.issues)
            refused = {tab.tab for tab in reading.tabs if tab.state == REFUSED}
            for tab in before.tabs:
                if tab.rows and (broken or tab.tab in refused):
                    stale.add((info.name, tab.tab))
                    # Its cells were counted when they were read; now only the records stand in.
                    tab.cells = tab.accepted = tab.reported = 0
                    reading.tabs.append(tab)
        plain = {"stale": sorted(tab for _, tab in stale), "reading": reading.to_plain()}
        new = path.with_suffix(".new")
        new.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
        os.replace(new, path)
        for other in earlier:
            if other != path:
                other.unlink(missing_ok=True)
        return reading, stale

    def drop_others(self, infos: Iterable[WorkbookInfo]) -> None:
        """Forget workbooks that are no longer in the store."""
        here = {self._path(info) for info in infos}
        for path in self.folder.glob("*.json"):
            if path not in here:
                path.unlink(missing_ok=True)


def _shelf_name(workbook: str) -> str:
    return hashlib.sha256(workbook.encode()).hexdigest()[:24]


def _state(infos: Iterable[WorkbookInfo], settings: Settings) -> str:
    """A digest of everything that the values depend on."""
    digest = hashlib.sha256(f"{settings.as_of} {settings.digest}".encode())
    for info in infos:
        digest.update(f"\n{info.name} {info.fingerprint}".encode())
    return digest.hexdigest()


def _is_broken(reading: Reading, stale: set[tuple[str, str]]) -> bool:
    """Whether nothing of the workbook itself could be read (stale tabs only stand in)."""
    return bool(reading.issues) and all((tab.workbook, tab.tab) in stale for tab in reading.tabs)


def _told(snapshot: Snapshot, started: float) -> Collected:
    meta = snapshot.meta
    return Collected(
        snapshot, meta["cells"], meta["accepted"], meta["reported"], read=0, unchanged=meta["workbooks"] - meta["unreadable"],
        unreadable=meta["unreadable"], seconds=time.perf_counter() - started,
    )  # fmt: skip


# --- when a tab was complete for the first time --------------------------------------------------------------------------

_LOG_HEADER = (*SUBMISSION_KEY, "submitted")


def _submissions(path: Path) -> dict[tuple[str, ...], dt.date]:
    """The log of first complete days; lines that are no line of it are passed by."""
    found: dict[tuple[str, ...], dt.date] = {}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                try:
                    found[tuple(row[name] or "" for name in SUBMISSION_KEY)] = dt.date.fromisoformat(row["submitted"])
                except (KeyError, ValueError, TypeError):
                    continue
    return found


def _log_submissions(path: Path, table: pa.Table, log: dict[tuple[str, ...], dt.date], as_of: dt.date) -> pa.Table:
    """Enter tabs that are complete now and were not before, with `as_of`; the table with its `submitted` column brought up to date."""
    keys = list(zip(*(table[name].to_pylist() for name in SUBMISSION_KEY), strict=True))
    filled, required = table["filled"].to_pylist(), table["required"].to_pylist()
    new = {}
    for key, done, wanted in zip(keys, filled, required, strict=True):
        key = tuple(part or "" for part in key)
        if wanted and done >= wanted and key not in log:
            new[key] = as_of
    if new:
        fresh = not path.is_file()
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if fresh:
                writer.writerow(_LOG_HEADER)
            writer.writerows([*key, day.isoformat()] for key, day in new.items())
        log = {**log, **new}
    submitted = pa.array([log.get(tuple(part or "" for part in key)) for key in keys], pa.date32())
    return table.set_column(table.column_names.index("submitted"), "submitted", submitted)


# --- tables of the snapshot ----------------------------------------------------------------------------------------------


def _issues_table(issues: Iterable[Issue]) -> pa.Table:
    texts = ("code", "severity", "workbook", "tab", "cell", "form", "school_year", "school_class", "subject")
    rows = [
        {
            **{name: str(getattr(issue, name)) for name in texts},
            "slots": json.dumps(dict(issue.slots), ensure_ascii=False),
            "cells": issue.cells,
        }
        for issue in issues
    ]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([*((name, pa.string()) for name in texts), ("slots", pa.string()), ("cells", pa.int32())])
    )


def _sheets_table(tabs: Iterable[TabReading], stale: set[tuple[str, str]], completeness_table: pa.Table) -> pa.Table:
    texts = ("workbook", "tab", "form", "school_year", "school_class", "subject", "method_association")
    responsible = dict(
        zip(
            zip(completeness_table["workbook"].to_pylist(), completeness_table["tab"].to_pylist(), strict=True),
            completeness_table["teacher"].to_pylist(),
            strict=True,
        )
    )
    rows = []
    for tab in tabs:
        row = {name: getattr(tab, name) for name in texts}
        row["responsible"] = responsible.get((tab.workbook, tab.tab)) or ""
        row["state"] = STALE if (tab.workbook, tab.tab) in stale and tab.state == READ and not tab.cells else tab.state
        row |= {"cells": tab.cells, "accepted": tab.accepted, "reported": tab.reported, "columns": json.dumps(tab.columns)}
        rows.append(row)
    counts = (("cells", pa.int32()), ("accepted", pa.int32()), ("reported", pa.int32()))
    kinds = [*((name, pa.string()) for name in (*texts, "responsible", "state")), *counts, ("columns", pa.string())]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))
