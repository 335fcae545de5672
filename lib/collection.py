"""Collect: read the workbooks that changed, check them against the registers, compute, and write one snapshot.

What was read of a workbook is kept (.sapat/readings), so that a collect costs what changed. A workbook or tab that cannot be read now keeps
its last good records, marked "stale"; the rest of the school is fresh. What fails for a reason outside of the workbook (a network, a
quota) is tried again at the next look, changed or not.
"""

from __future__ import annotations

import csv
import datetime as dt
import gc
import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lib import i18n
from lib.indicators.compute import compute
from lib.indicators.plan import Plan
from lib.indicators.relations import Data
from lib.intake.completeness import SUBMISSION_KEY, completeness
from lib.intake.frozen import FrozenYears
from lib.intake.identity import check
from lib.intake.pool import read_all
from lib.intake.read import unreadable
from lib.intake.reading import REFUSED, Reading, TabReading
from lib.journal.answers import AnswerBook
from lib.journal.merge import Merged, merge
from lib.journal.read import reader
from lib.journal.told import journal_tables
from lib.model.form import ColumnType, Form
from lib.model.issue import Issue
from lib.model.registry import Registry, registry_from_records
from lib.settings import ROOT, Place, Settings, UserError, exists
from lib.snapshot import Look, Snapshot, Snapshots, content
from lib.store import open_store
from lib.store.base import Store, StoreProblem, WorkbookInfo
from lib.store.exports import with_pasted
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
    """What a collect did. cells = accepted + reported, over all tabs that are forms. `problem`: why the store could not be listed."""

    snapshot: Snapshot
    cells: int
    accepted: int
    reported: int
    read: int
    unchanged: int
    unreadable: int
    seconds: float
    problem: StoreProblem | None = None

    @property
    def anything_readable(self) -> bool:
        """False when not one workbook of the store could be read."""
        return self.read + self.unchanged > 0


def collect(
    place: Place,
    settings: Settings,
    now: dt.datetime,
    progress: Progress | None = None,
    only_if_changed: bool = False,
    again: Collection[str] = (),
) -> Collected:
    """Collect the store at `place` and make the new snapshot current.

    `now` is the caller's clock, kept as the snapshot's age. `only_if_changed` answers with the current snapshot when no workbook, no
    configuration and no `as_of` changed. `again` names workbooks to read whatever their fingerprint says. Raises UserError when the store
    is not there, or cannot be reached and nothing was ever read of it.
    """
    if not exists(place):
        raise UserError(f"the store {place} is not a folder; give --store DIR or set SAPAT_STORE")
    started = time.perf_counter()
    snapshots = Snapshots(place, settings.keep_snapshots)
    store = with_pasted(open_store(place), snapshots.desk)
    with snapshots.collecting(), _without_pauses():
        current, before = snapshots.current(), snapshots.looked()
        shelf, frozen = _Shelf(snapshots.desk, settings.fingerprint), FrozenYears.of(snapshots.desk)
        listed = _list(store, shelf, frozen)
        if listed.problem is not None:
            snapshots.note_look(now, listed.problem.code, listed.problem.slots)
            if not listed.infos:
                raise UserError(settings.issue_sentence(listed.problem.code, listed.problem.slots, "", i18n.language()))
        infos = listed.infos
        reachable = [info for info in infos if info.name not in listed.away]
        held = [info for info in reachable if info.name not in again and shelf.holds(info)]
        book = AnswerBook(snapshots.desk)
        answers = book.read()

        def state(away: Mapping[str, Issue]) -> str:
            return _state(infos, settings, away, frozen, answers.digest)

        def is_known(away: Mapping[str, Issue]) -> bool:
            return only_if_changed and current is not None and current.meta.get("state") == state(away)

        if current is not None and is_known(listed.away) and len(held) == len(reachable):
            return _told(snapshots, current, now, listed.problem, started)
        changed = sorted({info.name for info in reachable} - {info.name for info in held})
        read = partial(read_all, store, settings=settings, read=reader(settings))
        reading_now = read(changed)  # the workers read while we take the others from the shelf
        plan = Plan.of(settings, PLANS)
        if current is not None and held:
            for name in ("values", "companions"):
                current.table(name)  # those that cannot have changed are taken over; they, too, are read while the workers read
        gathered = _gather(listed, held, changed, reading_now, read, shelf, frozen, progress)
        if current is not None and is_known(gathered.away) and not gathered.differs:
            return _told(snapshots, current, now, listed.problem, started)
        checked, issues = check(gathered.readings, settings)
        exports = [export for reading in gathered.readings for export in reading.exports]
        merged = merge(checked, exports, settings, answers, frozen.changed_at(infos), frozen)
        book.pin(merged.pins)
        fresh_at = _FreshAt(now, before, current)
        made = _compute(merged, [*issues, *merged.issues], gathered.stale, fresh_at, settings, plan, snapshots.desk, current)
        if exports:
            made.tables |= journal_tables(merged.outcomes, merged.questions)
        counts = {name: sum(getattr(tab, name) for tab in merged.tabs) for name in ("cells", "accepted", "reported")}
        meta = {
            **counts,
            "collected_at": now.isoformat(timespec="seconds"),
            "state": state(gathered.away),
            "keys": made.keys,
            "workbooks": len(infos),
            "read": len(gathered.changed),
            "unreadable": len(gathered.broken),
            "school_years": sorted({tab.school_year for tab in merged.tabs if tab.school_year}),
        }
        snapshot = snapshots.write(made.tables, meta, settings.as_of, made.contents)
        if listed.problem is None:
            snapshots.note_look(now)
    newly_broken = gathered.broken & gathered.fresh
    return Collected(
        snapshot,
        **counts,
        read=len(gathered.changed) - len(newly_broken),
        unchanged=len(infos) - len(gathered.changed) - len(gathered.broken - newly_broken),
        unreadable=len(gathered.broken),
        seconds=time.perf_counter() - started,
        problem=listed.problem,
    )


@dataclass(frozen=True)
class _Gathered:
    """What counts of every workbook now. `stale`: (workbook, tab) → the code of why it is not read now; `changed`: workbooks that had to
    be read, of which `fresh` were; `differs`: something that was read is not what it was; `broken`: nothing of the workbook can be read."""

    readings: list[Reading]
    away: Mapping[str, Issue]
    stale: Mapping[tuple[str, str], str]
    changed: Collection[str]
    fresh: set[str]
    differs: bool
    broken: set[str]


def _gather(
    listed: _Listed,
    held: Iterable[WorkbookInfo],
    changed: Iterable[str],
    reading_now: Iterable[Reading],
    read: Callable[[list[str]], Iterable[Reading]],
    shelf: _Shelf,
    frozen: FrozenYears,
    progress: Progress | None,
) -> _Gathered:
    """Take what is held from the shelf and what was read from the workers, and put the latter onto the shelf."""
    taken = {info.name: shelf.take(info) for info in held}
    kept = {name: reading for name, reading in taken.items() if reading is not None}
    spoiled = [name for name in taken if name not in kept]
    changed = [*changed, *spoiled]
    fresh: dict[str, Reading] = {}
    for done, reading in enumerate(chain(reading_now, read(spoiled)), 1):
        fresh[reading.workbook] = reading
        if progress:
            progress(done, len(changed), reading.workbook)
    away = listed.away | {name: reading.issues[0] for name, reading in fresh.items() if reading.passing}
    closed = _closed(listed.infos, fresh, away, frozen, shelf)
    away |= closed
    readings: list[Reading] = []
    stale: dict[tuple[str, str], str] = {}
    differs = False
    for info in listed.infos:
        if info.name in away:
            reading, old = shelf.last_good(info.name, away[info.name])
        elif info.name in fresh:
            reading, old, new = shelf.put(info, fresh[info.name])
            differs = differs or new
        else:
            reading, old = kept[info.name], shelf.stale_tabs(info)
        readings.append(frozen.without_strangers(reading))
        stale |= old
    shelf.drop_others(listed.infos)
    broken = {reading.workbook for reading in readings if _is_broken(reading, stale)} - set(closed)
    return _Gathered(readings, away, stale, changed, set(fresh), differs, broken)


@dataclass
class _Made:
    """The tables of a snapshot. `keys`: a digest of what the values of each indicator depend on; `contents`: digests of tables."""

    tables: dict[str, pa.Table]
    keys: Mapping[str, str]
    contents: Mapping[str, str]


def _compute(
    merged: Merged,
    issues: Iterable[Issue],
    stale: Mapping[tuple[str, str], str],
    fresh_at: _FreshAt,
    settings: Settings,
    plan: Plan,
    desk: Path,
    current: Snapshot | None,
) -> _Made:
    """Everything that follows from the tabs: records, values, completeness, issues, sheets."""
    tabs = merged.tabs
    records = records_of(tabs, settings)
    log_file = desk / "submissions.csv"

    def beside() -> dict[str, pa.Table]:
        log = _submissions(log_file)
        state_of_data = completeness(tabs, settings, log, merged.given)
        state_of_data = _log_submissions(log_file, state_of_data, log, settings.as_of)
        sheets = _sheets_table(tabs, stale, fresh_at, state_of_data)
        return {"completeness": state_of_data, "sheets": sheets, "issues": _issues_table(issues)}

    contents = {form: content(table) for form, table in records.items()}
    with ThreadPoolExecutor(1, thread_name_prefix="beside") as side:
        others = side.submit(beside)  # Python's work, while DuckDB is at the indicators that do not wait for it
        values, keys = _values(records, lambda: others.result()["completeness"], contents, settings, plan, current)
    tables = {**values, **others.result(), **{f"records/{form}": table for form, table in records.items()}}
    return _Made(tables, keys, {(name if name in tables else f"records/{name}"): digest for name, digest in contents.items()})


def forget(place: Place, settings: Settings, names: Collection[str]) -> list[str]:
    """Let go of what was read of workbooks that are gone for good; the names that were known. The next collect goes without them."""
    snapshots = Snapshots(place, settings.keep_snapshots)
    with snapshots.collecting():
        return _Shelf(snapshots.desk, settings.fingerprint).forget(names)


@dataclass(frozen=True)
class _Listed:
    """The workbooks of a store. `away`: those that cannot be read for a reason outside of them, with the issue that says which.

    `problem`: the store could not be listed; `infos` are then those that were read before.
    """

    infos: list[WorkbookInfo]
    away: dict[str, Issue]
    problem: StoreProblem | None = None


def _list(store: Store, shelf: _Shelf, frozen: FrozenYears) -> _Listed:
    """What the store lists, and what it no longer lists though nobody took it out, or though its year is frozen."""
    try:
        infos = store.workbooks()
    except StoreProblem as problem:
        infos = shelf.infos()
        return _Listed(infos, {info.name: _away(info.name, problem) for info in infos}, problem)
    here = {info.name for info in infos}
    places = {info.location for info in infos}  # a workbook that has another name now is not missed, but by a frozen year
    gone = shelf.infos(besides=here)
    missed = {info: (None if info.location in places else store.missed(info)) or frozen.missed(info) for info in gone}
    away = {info: why for info, why in missed.items() if why is not None}
    infos = sorted([*infos, *away], key=attrgetter("name"))
    return _Listed(infos, {info.name: _away(info.name, why) for info, why in away.items()})


def _away(workbook: str, problem: StoreProblem) -> Issue:
    return unreadable(workbook, problem).issues[0]


def _closed(
    infos: Iterable[WorkbookInfo], fresh: Mapping[str, Reading], away: Collection[str], frozen: FrozenYears, shelf: _Shelf
) -> dict[str, Issue]:
    """The workbooks of frozen years that were edited since: their last good reading goes on standing in."""
    found = {}
    for info in infos:
        if info.name in fresh and info.name not in away and frozen.moved(info):
            problem = frozen.judge(info, fresh[info.name], shelf.last(info.name))
            if problem is not None:
                found[info.name] = _away(info.name, problem)
    return found


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

    def __init__(self, desk: Path, configuration: str) -> None:
        self.folder = desk / "readings"
        self.configuration = configuration
        self._stale: dict[str, dict[tuple[str, str], str]] = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self._kept: dict[str, list[Path]] = {}  # name of the workbook on the shelf → what lies there of it
        for path in self.folder.glob("*.json"):
            self._kept.setdefault(path.stem.partition("-")[0], []).append(path)
        # Workbooks that were read soon after a change → when, by the store's clock, to read them once more.
        self._settling_file = desk / "settling.json"
        self._settling: dict[str, float] = _plain(self._settling_file) or {}
        self._settling_before = dict(self._settling)

    def _path(self, info: WorkbookInfo) -> Path:
        """Where the reading of this very content under this very configuration lies."""
        state = hashlib.sha256(f"{info.fingerprint} {self.configuration}".encode()).hexdigest()
        return self.folder / f"{_shelf_name(info.name)}-{state[:24]}.json"

    def _latest(self, workbook: str) -> dict[str, Any] | None:
        """What lies here of a workbook, whatever its content was then."""
        kept = sorted(self._kept.get(_shelf_name(workbook), ()), key=lambda path: path.stat().st_mtime)
        return _plain(kept[-1]) if kept else None

    def infos(self, besides: Collection[str] = ()) -> list[WorkbookInfo]:
        """The workbooks that lie here, sorted by name, but for those named."""
        passed_by = {_shelf_name(name) for name in besides}
        found = [plain for name, paths in self._kept.items() if name not in passed_by and (plain := _plain(paths[-1])) is not None]
        return sorted((WorkbookInfo(*plain["info"]) for plain in found if "info" in plain), key=attrgetter("name"))

    def holds(self, info: WorkbookInfo) -> bool:
        """Whether this very content was read before under this very configuration, and need not be read once more."""
        settles_at = self._settling.get(info.name, 0.0)
        return not (0 < settles_at <= info.asked_at) and self._path(info).exists()

    def take(self, info: WorkbookInfo) -> Reading | None:
        """What was read of it; None when what was kept is spoiled or of an older version."""
        plain = _plain(self._path(info))
        if plain is None:
            return None
        self._stale[info.name] = {(info.name, tab): code for tab, code in plain["stale"]}
        return Reading.from_plain(plain["reading"])

    def stale_tabs(self, info: WorkbookInfo) -> dict[tuple[str, str], str]:
        """(workbook, tab) → why an earlier reading stands in for it."""
        return self._stale.get(info.name, {})

    def last(self, workbook: str) -> Reading | None:
        """What was last read of a workbook, under whatever configuration; None when nothing is left of it."""
        plain = self._latest(workbook)
        return Reading.from_plain(plain["reading"]) if plain else None

    def last_good(self, workbook: str, issue: Issue) -> tuple[Reading, dict[tuple[str, str], str]]:
        """What was last read of a workbook that cannot be reached now: all of it stale. It stays on the shelf as it is."""
        reading = self.last(workbook) or Reading(workbook)
        reading.issues.insert(0, issue)
        tabs = [tab.tab for tab in reading.tabs] + [export.tab for export in reading.exports]
        return reading, {(workbook, tab): issue.code for tab in tabs}

    def put(self, info: WorkbookInfo, reading: Reading) -> tuple[Reading, dict[tuple[str, str], str], bool]:
        """Keep a fresh reading. Tabs that were refused, or all of a workbook that broke, are stood in for by their last good reading.

        Gives what counts now, which of its tabs are stale and why, and whether it differs from what lay here before.
        """
        path = self._path(info)
        plain_before = self._latest(info.name)
        before = Reading.from_plain(plain_before["reading"]) if plain_before else None
        stale: dict[tuple[str, str], str] = {}
        if before is not None:
            broken = not reading.tabs and not reading.exports and bool(reading.issues)
            refused = {tab.tab for tab in reading.tabs if tab.state == REFUSED}
            why = {issue.tab: issue.code for issue in reversed(reading.issues)}
            for tab in before.tabs:
                if tab.rows and (broken or tab.tab in refused):
                    stale[info.name, tab.tab] = reading.issues[0].code if broken else why.get(tab.tab, "")
                    # Its cells were counted when they were read; now only the records stand in.
                    tab.cells = tab.accepted = tab.reported = 0
                    reading.tabs.append(tab)
            for export in before.exports if broken else ():
                stale[info.name, export.tab] = reading.issues[0].code
                export.counted = False
                reading.exports.append(export)
        plain = {
            "info": [info.name, info.fingerprint, info.location],
            "stale": sorted([tab, code] for (_, tab), code in stale.items()),
            "reading": reading.to_plain(),
        }
        text = json.dumps(plain, ensure_ascii=False)
        _write_whole(path, text)
        for other in self._kept.get(_shelf_name(info.name), ()):
            if other != path:
                other.unlink(missing_ok=True)
        self._settling.pop(info.name, None)
        if info.settles_at:
            self._settling[info.name] = info.settles_at
        same = plain_before is not None and plain_before == json.loads(text)
        return reading, stale, not same

    def drop_others(self, infos: Iterable[WorkbookInfo]) -> None:
        """Forget workbooks that are no longer in the store."""
        here = {_shelf_name(info.name) for info in infos}
        for name, paths in self._kept.items():
            if name not in here:
                for path in paths:
                    path.unlink(missing_ok=True)
        names = {info.name for info in infos}
        self._settling = {name: moment for name, moment in self._settling.items() if name in names}
        if self._settling != self._settling_before:
            _write_whole(self._settling_file, json.dumps(self._settling, ensure_ascii=False))

    def forget(self, names: Iterable[str]) -> list[str]:
        """Remove what lies here of these workbooks; those of which something did."""
        known = [name for name in names if _shelf_name(name) in self._kept]
        for name in known:
            for path in self._kept[_shelf_name(name)]:
                path.unlink(missing_ok=True)
        return known


def _plain(path: Path) -> Any:
    """What a JSON file holds; None when it is not there or spoiled."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _write_whole(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def _shelf_name(workbook: str) -> str:
    return hashlib.sha256(workbook.encode()).hexdigest()[:24]


def _state(infos: Iterable[WorkbookInfo], settings: Settings, away: Mapping[str, Issue], frozen: FrozenYears, answers: str) -> str:
    """A digest of everything that the values depend on, and of what is stale. `answers`: what was answered about exports."""
    digest = hashlib.sha256(" ".join([str(settings.as_of), settings.digest, answers, *frozen.years]).encode())
    for info in infos:
        why = f" {away[info.name].code}" if info.name in away else ""
        digest.update(f"\n{info.name} {info.fingerprint}{why}".encode())
    return digest.hexdigest()


def _is_broken(reading: Reading, stale: Mapping[tuple[str, str], str]) -> bool:
    """Whether nothing of the workbook itself could be read (stale tabs only stand in)."""
    tabs = [tab.tab for tab in reading.tabs] + [export.tab for export in reading.exports]
    return bool(reading.issues) and all((reading.workbook, tab) in stale for tab in tabs)


def _told(snapshots: Snapshots, snapshot: Snapshot, now: dt.datetime, problem: StoreProblem | None, started: float) -> Collected:
    """Nothing changed: the current snapshot, and that somebody looked."""
    if problem is None:
        snapshots.note_look(now)
    meta = snapshot.meta
    return Collected(
        snapshot, meta["cells"], meta["accepted"], meta["reported"], read=0, unchanged=meta["workbooks"] - meta["unreadable"],
        unreadable=meta["unreadable"], seconds=time.perf_counter() - started, problem=problem,
    )  # fmt: skip


class _FreshAt:
    """When a tab was last known to be as its workbook is: now; for a stale one the last good look, or what was said of it before."""

    def __init__(self, now: dt.datetime, before: Look | None, current: Snapshot | None) -> None:
        self.now = now.isoformat(timespec="seconds")
        good = before.good_at if before else None
        self._good = (good or (current.collected_at if current else now)).isoformat(timespec="seconds")
        rows = current.table("sheets").to_pylist() if current else []
        self._said = {(row["workbook"], row["tab"]): row.get("fresh_at") or "" for row in rows if row["state"] == STALE}

    def of(self, tab: tuple[str, str], stale: bool) -> str:
        """ISO text of the moment."""
        return (self._said.get(tab) or self._good) if stale else self.now


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


def _sheets_table(
    tabs: Iterable[TabReading], stale: Mapping[tuple[str, str], str], fresh_at: _FreshAt, completeness_table: pa.Table
) -> pa.Table:  # fmt: skip
    texts = ("workbook", "tab", "form", "school_year", "school_class", "subject", "method_association", "link")
    responsible = dict(
        zip(
            zip(completeness_table["workbook"].to_pylist(), completeness_table["tab"].to_pylist(), strict=True),
            completeness_table["teacher"].to_pylist(),
            strict=True,
        )
    )
    rows = []
    for tab in tabs:
        here = (tab.workbook, tab.tab)
        # A refused tab and the last good one that stands in for it have the same name.
        is_stale = here in stale and tab.state != REFUSED
        row: dict[str, Any] = {name: getattr(tab, name) for name in texts}
        # an export speaks of many people's subjects
        row["responsible"] = "" if tab.source else responsible.get(here) or ""
        row["state"] = STALE if is_stale else tab.state
        row |= {"reason": stale[here] if is_stale else "", "fresh_at": fresh_at.of(here, is_stale)}
        row |= {"cells": tab.cells, "accepted": tab.accepted, "reported": tab.reported, "columns": json.dumps(tab.columns)}
        row["source"] = tab.source
        rows.append(row)
    counts = (("cells", pa.int32()), ("accepted", pa.int32()), ("reported", pa.int32()))
    kinds = [
        *((name, pa.string()) for name in (*texts, "responsible", "state", "reason", "fresh_at")),
        *counts,
        ("columns", pa.string()),
        ("source", pa.string()),
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))
