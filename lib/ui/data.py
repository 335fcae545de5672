"""Every cache of the pages. Keys are (snapshot id, indicator, scope), never a frame; what is cached is read, not changed.

The caches are shared by all readers and hold the whole school. What a reader may not see is dropped here, after the cache: a page holds a
snapshot as its viewer sees it (lib.access.sight.SeenSnapshot), and each function gives of it what its sight lets through.

A page costs milliseconds because the values of one direction are indexed once a snapshot and looked up by key afterwards.
"""

from __future__ import annotations

import atexit
import dataclasses
import datetime as dt
import gc
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from lib import access, analysis, i18n, settings
from lib.access import Place as Spot
from lib.access import Sight, Tab
from lib.access.sight import SeenSnapshot
from lib.analysis import Figure, Figures, Finding, FindingKind, Lookup
from lib.indicators import trace
from lib.indicators.relations import Data
from lib.model.calendar import QUARTERS
from lib.model.indicator import Indicator, Status
from lib.model.words import Words
from lib.settings import ROOT, Place, Settings, exists
from lib.settings.cyclogram import read_cyclogram
from lib.settings.place import store_file
from lib.snapshot import Look, Snapshot, Snapshots
from lib.ui.state import Chosen

T = TypeVar("T")
DEMO = settings.DEMO
WHOLE_SCHOOL = "school"
_DIMENSIONS = ("stage", "grade", "school_class", "subject", "method_association")
_FIGURES = ("numerator", "denominator", "value")
FOUND, LISTED = 60, 10  # findings that are kept for all readers, and that one reader is shown
_ENVIRONMENT = ("SAPAT_STORE", "SAPAT_GOOGLE_URL", "SAPAT_DESKS")  # what of it says where the store and its snapshots are


# --- configuration and the current snapshot ------------------------------------------------------------------------------


def _stamp(folder: Path) -> int:
    """Changes whenever a file of the folder does."""
    return max((path.stat().st_mtime_ns for path in folder.rglob("*.yaml")), default=0)


@st.cache_resource(max_entries=4, show_spinner=False)
def _place(stamp: int, environment: tuple[str, ...]) -> Place | None:
    """The store that is configured, else the demo school when there is one."""
    named = os.environ.get("SAPAT_STORE")
    place = settings.place_of(named, ROOT / "config") if named else settings.load(today=dt.date.today()).store
    return place if place is not None or not DEMO.is_dir() else DEMO


@st.cache_resource(max_entries=4, show_spinner=False)
def _settings(today: dt.date, stamps: tuple[int, int], environment: tuple[str, ...], _store: Place | None) -> Settings:
    return settings.load(_store, today=today)


def current_settings() -> Settings:
    """The configuration as it is on disk now. UserError names the file, line and key that is wrong."""
    stamp, environment = _stamp(ROOT / "config"), tuple(os.environ.get(name, "") for name in _ENVIRONMENT)
    store = _place(stamp, environment)
    about = store_file(store) if store is not None else None
    own = about.stat().st_mtime_ns if about is not None and about.exists() else 0
    return _settings(dt.date.today(), (stamp, own), environment, store)


@st.cache_resource(max_entries=3, show_spinner=False)
def _snapshot(desk: str, snapshot_id: str, _snapshots: Snapshots) -> Snapshot:
    return _snapshots.open(snapshot_id)


def _snapshots(loaded: Settings) -> Snapshots | None:
    return Snapshots(loaded.store) if loaded.store is not None and exists(loaded.store) else None


def current_id(loaded: Settings) -> str | None:
    """The id of the store's current snapshot: one look at a small file."""
    snapshots = _snapshots(loaded)
    return snapshots.current_id() if snapshots else None


def current_snapshot(loaded: Settings) -> Snapshot | None:
    """The store's current snapshot; None before the first collect, or without a store."""
    snapshots = _snapshots(loaded)
    snapshot_id = snapshots.current_id() if snapshots else None
    return _snapshot(str(snapshots.desk), snapshot_id, snapshots) if snapshots and snapshot_id else None


def looked(loaded: Settings) -> Look | None:
    """What the last look at the store found, in whatever process; None before the first."""
    snapshots = _snapshots(loaded)
    return snapshots.looked() if snapshots else None


@st.cache_resource(max_entries=3, show_spinner=False)
def _settings_of(snapshot_key: str, fingerprint: str, _snapshot: Snapshot, _loaded: Settings) -> Settings:
    return dataclasses.replace(_loaded, as_of=_snapshot.as_of)


def settings_of(snapshot: Snapshot, loaded: Settings) -> Settings:
    """The configuration with the day that the snapshot's figures speak of."""
    return _settings_of(key(snapshot), loaded.fingerprint + str(id(loaded)), snapshot, loaded)


def key(snapshot: Snapshot) -> str:
    """What tells one snapshot from another in every cache: its folder and id."""
    return str(snapshot.path)


# --- who looks -----------------------------------------------------------------------------------------------------------


def whole(snapshot: Snapshot) -> Snapshot:
    """The snapshot without a viewer, for what fills a cache."""
    return snapshot.whole if isinstance(snapshot, SeenSnapshot) else snapshot


def sight(snapshot: Snapshot) -> Sight:
    """What may be seen of it: everything, where no viewer was named (a warming thread, a test)."""
    return snapshot.sight if isinstance(snapshot, SeenSnapshot) else access.EVERYTHING


@st.cache_resource(max_entries=200, show_spinner=False)
def _sight(snapshot_key: str, digest: str, sight_key: str, _sight: Sight) -> Sight:
    return _sight


def through(snapshot: Snapshot, loaded: Settings, eyes: Sight) -> Snapshot:
    """The snapshot as `eyes` let it be seen: itself where they see everything. What they have judged once is remembered."""
    if eyes.all_seen:
        return snapshot
    return SeenSnapshot.through(snapshot, _sight(key(snapshot), loaded.digest, eyes.key, eyes))


@st.cache_resource(max_entries=3, show_spinner=False)
def _staff(snapshot_key: str, digest: str, words: str, _snapshot: Snapshot, _loaded: Settings, _rights: access.Rights) -> access.Staff:
    return access.read_staff(_snapshot, _loaded, _rights)


def staff(snapshot: Snapshot, loaded: Settings, rights: access.Rights) -> access.Staff:
    """Who may sign in, as this snapshot's registry knows them."""
    words = " ".join(f"{role}={'+'.join(sorted(about.staff))}" for role, about in sorted(rights.roles.items()))
    return _staff(key(snapshot), loaded.digest, words, whole(snapshot), loaded, rights)


def _seen_rows(snapshot: Snapshot, frame: pd.DataFrame, responsible: str = "") -> pd.DataFrame:
    """The rows of a frame with the columns of a tab (form, school_year, …) whose tab the viewer may open.

    `responsible` names the column with the code of the responsible person, where the frame has one; else the sheets are asked.
    """
    eyes = sight(snapshot)
    if eyes.all_seen or frame.empty:
        return frame
    none = [""] * len(frame)
    columns = [frame[name] if name in frame.columns else none for name in ("form", "school_year", "school_class", "subject")]
    if responsible:
        columns += [frame["method_association"], frame[responsible]]
    else:
        known = _tabs(key(snapshot), whole(snapshot))
        found = [known.get(place, ("", "")) for place in zip(frame["workbook"], frame["tab"], strict=True)]
        columns += [[association for association, _person in found], [person for _association, person in found]]
    judged: dict[tuple[str, ...], bool] = {}
    kept = []
    for row in zip(*columns, strict=True):
        if row not in judged:
            judged[row] = eyes.opens(Tab(*row))
        kept.append(judged[row])
    return frame[kept]


@st.cache_resource(max_entries=3, show_spinner=False)
def _tabs(snapshot_key: str, _snapshot: Snapshot) -> dict[tuple[str, str], tuple[str, str]]:
    """(workbook, tab) → (methodical association, code of the responsible person)."""
    frame = _sheets(snapshot_key, _snapshot)
    rows = zip(frame["workbook"], frame["tab"], frame["method_association"], frame["responsible"], strict=True)
    return {(workbook, tab): (association, person) for workbook, tab, association, person in rows}


def _seen_classes(snapshot: Snapshot, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a frame of class × subject that the viewer may see. Of a class that is theirs the other subjects stay, without a name:
    the class as a whole is theirs, a colleague's subject is not."""
    eyes = sight(snapshot)
    if eyes.all_seen or frame.empty:
        return frame
    rows = list(zip(frame["school_year"], frame["school_class"], frame["subject"], strict=True))
    seen = {row: eyes.sees_class(Spot(row[0], school_class=row[1], subject=row[2])) for row in set(rows)}
    own = {row: eyes.sees_class(Spot(row[0], school_class=row[1])) for row in set(rows)}
    kept = frame[[seen[row] or own[row] for row in rows]]
    foreign = np.array([not seen[row] for row in rows if seen[row] or own[row]], bool)
    return kept.assign(**{name: kept[name].astype(object).mask(foreign, "") for name in ("subject", "method_association")})


def spot(school_year: str, scope: Mapping[str, str]) -> Spot:
    """The place of a figure, as access judges it."""
    return Spot(school_year, **{name: value for name, value in scope.items() if name in Spot.__slots__ and name != "school_year"})


# --- values --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Values:
    """The values of some indicators in one snapshot, found by key. Rows about single teachers are left out."""

    figures: Mapping[str, Figures]
    parts_of: Mapping[str, tuple[str, ...]]
    eyes: Sight = access.EVERYTHING
    indicators: Mapping[str, Indicator] = field(default_factory=dict)

    @classmethod
    def of(cls, table: pa.Table) -> Values:
        """`table` has the columns of values.parquet."""
        table = table.filter(pc.equal(table["teacher"].cast(pa.string()), ""))
        texts = ("indicator", "school_year", "period", "level", *_DIMENSIONS, "teacher", "part", "status")
        frame = pa.table({n: table[n].cast(pa.string()) for n in texts} | {n: table[n] for n in _FIGURES}).to_pandas()
        named = frame.loc[frame["part"] != "", ["indicator", "part"]].drop_duplicates()
        parts = {str(code): tuple(rows["part"]) for code, rows in named.groupby("indicator", sort=False)}
        return cls(Figures.by_indicator(frame), parts)

    def at(self, indicator: str, school_year: str, period: str, scope: Mapping[str, str] | None = None, part: str = "") -> Figure | None:
        """The figure at exactly that level; None when there is no such row, or it may not be seen. `scope`: dimension → value, {} = the
        whole school."""
        if not self._sees(indicator, school_year, scope or {}):
            return None
        return (self.figures.get(indicator) or Figures()).at(scope or {}, school_year, period, part)

    def of_indicator(self, code: str) -> Lookup:
        """The figures of one indicator, as the analyses take them: all of them, or those that may be seen."""
        found = self.figures.get(code) or Figures()
        return found if self.eyes.all_seen else _SeenFigures(found, partial(self._sees, code))

    def with_classes(self, code: str) -> Lookup:
        """The same with every class behind a figure that may be seen, for page.View.change alone: the change of a school is measured over
        its classes one by one, and what comes of it is a figure of the school."""
        found = self.figures.get(code) or Figures()
        return found if self.eyes.all_seen else _SeenFigures(found, partial(self._sees, code), every_class=True)

    def _sees(self, code: str, school_year: str, scope: Mapping[str, str]) -> bool:
        return self.eyes.all_seen or (code in self.indicators and self.eyes.sees(self.indicators[code], spot(school_year, scope)))

    def parts(self, code: str) -> tuple[str, ...]:
        """The members of the indicator's breakdown that occur."""
        return self.parts_of.get(code, ())


@dataclass(frozen=True)
class _SeenFigures:
    """The figures of one indicator that a viewer may see."""

    figures: Figures
    sees: Callable[[str, Mapping[str, str]], bool]
    every_class: bool = False

    def at(self, scope: Mapping[str, str], school_year: str, period: str, part: str = "") -> Figure | None:
        return self.figures.at(scope, school_year, period, part) if self.sees(school_year, scope) else None

    def by_class(self, topic: Mapping[str, str], school_year: str, period: str) -> dict[str, Figure]:
        found = self.figures.by_class(topic, school_year, period)
        return found if self.every_class else {c: f for c, f in found.items() if self.sees(school_year, {**topic, "school_class": c})}

    def has_year(self, school_year: str) -> bool:
        return self.figures.has_year(school_year)


@st.cache_resource(max_entries=40, show_spinner=False)
def _values(snapshot_key: str, codes: tuple[str, ...], levels: tuple[str, ...], table: str, _snapshot: Snapshot) -> Values:
    found = _snapshot.table(table)
    wanted = pc.is_in(found["indicator"].cast(pa.string()), value_set=pa.array(codes, pa.string()))
    if levels:
        wanted = pc.and_(wanted, pc.is_in(found["level"].cast(pa.string()), value_set=pa.array(levels, pa.string())))
    return Values.of(found.filter(wanted))


def values(
    snapshot: Snapshot, codes: Iterable[str], table: str = "values", levels: tuple[str, ...] = (), loaded: Settings | None = None
) -> Values:
    """The values of these indicators (`table` "companions" for the also-figures), at all levels or some. `loaded` says what each is, for
    a viewer who may not see everything; without it such a viewer sees nothing."""
    found = _values(key(snapshot), tuple(sorted(codes)), levels, table, whole(snapshot))
    eyes = sight(snapshot)
    return found if eyes.all_seen else dataclasses.replace(found, eyes=eyes, indicators=loaded.all_indicators if loaded else {})


@st.cache_resource(max_entries=6, show_spinner=False)
def _of_teachers(snapshot_key: str, code: str, _snapshot: Snapshot) -> Figures:
    found = _snapshot.table("values")
    wanted = pc.and_(pc.equal(found["indicator"].cast(pa.string()), code), pc.equal(found["level"].cast(pa.string()), "teacher"))
    return Figures.of(found.filter(wanted).to_pandas())


def of_teachers(snapshot: Snapshot, indicator: Indicator, school_year: str, period: str) -> dict[str, Figure]:
    """The code of a teacher → their figure of the indicator, for those whose results the viewer may see."""
    found, eyes = _of_teachers(key(snapshot), indicator.code, whole(snapshot)), sight(snapshot)
    rows = ((scope["teacher"], figure) for scope, figure in found.of_level("teacher", school_year, period))
    return {teacher: figure for teacher, figure in rows if eyes.sees(indicator, Spot(school_year, teacher=teacher))}


def headline(loaded: Settings) -> list[Indicator]:
    """The headline indicators of all directions, as far as this school's catalogue holds them."""
    codes = dict.fromkeys(code for direction in loaded.directions.values() for code in direction.headline)
    return [loaded.indicators[code] for code in codes if code in loaded.indicators]


def headline_values(snapshot: Snapshot, loaded: Settings) -> Values:
    """The values that the overview shows: of the whole school, and of its classes, over which a change is measured."""
    return values(snapshot, (indicator.code for indicator in headline(loaded)), levels=(WHOLE_SCHOOL, "school_class"), loaded=loaded)


@st.cache_resource(max_entries=3, show_spinner=False)
def _values_frame(snapshot_key: str, _snapshot: Snapshot) -> pd.DataFrame:
    return _snapshot.values()


def values_frame(snapshot: Snapshot) -> pd.DataFrame:
    """All values as a frame, for the analyses that look at everything; no viewer is asked, so no block is given it. Do not change it."""
    return _values_frame(key(snapshot), whole(snapshot))


# --- analyses ------------------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=600, show_spinner=False)
def _kept(place: tuple[str, ...], _make: Callable[[], Any]) -> Any:
    return _make()


def kept(snapshot: Snapshot, loaded: Settings, place: Iterable[str], make: Callable[[], T]) -> T:
    """What `make` gives, made once for this snapshot, what may be seen of it, configuration, language and `place` (the name of the thing
    and what was chosen).

    `make` may draw nothing and read no session. What it gives is shared by all readers who see the same: do not change it.
    """
    found: T = _kept((key(snapshot), sight(snapshot).key, loaded.fingerprint, i18n.language(), *place), make)
    return found


@st.cache_data(max_entries=60, show_spinner=False)
def _findings(snapshot_key: str, school_year: str, period: str, _snapshot: Snapshot, _loaded: Settings) -> list[Finding]:
    return analysis.findings(_loaded, values_frame(_snapshot), completeness(_snapshot), school_year, period, limit=FOUND)


def findings(snapshot: Snapshot, loaded: Settings, school_year: str, period: str) -> list[Finding]:
    """What needs attention and may be seen, at most ten, the weightiest first."""
    found = _findings(key(snapshot), school_year, period, whole(snapshot), loaded)
    eyes = sight(snapshot)
    return [finding for finding in found if eyes.all_seen or _sees_finding(eyes, loaded, finding)][:LISTED]


def _sees_finding(eyes: Sight, loaded: Settings, finding: Finding) -> bool:
    if finding.kind is FindingKind.OVERDUE:
        return eyes.fills_form(finding.form)
    return eyes.sees(loaded.indicators[finding.indicator], spot(finding.school_year, finding.scope))


# --- the school's own lists ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Roll:
    """The school years of a snapshot, and what each has: classes, subjects, pupils."""

    school_years: tuple[str, ...]
    classes: Mapping[str, tuple[tuple[str, str, str], ...]]  # school year → (class, grade, stage), in the school's order
    subjects: Mapping[str, tuple[str, ...]]
    taught: Mapping[tuple[str, str], frozenset[str]]  # (school year, class) → subjects
    pupils: Mapping[tuple[str, str, str], int]  # (school year, period, class) → active pupils
    people: Mapping[tuple[str, str], str]  # (school year, teacher id) → name
    quarter: str  # the newest quarter of the newest year that has figures

    def grades(self, school_year: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(grade for _, grade, _ in self.classes.get(school_year, ())))


class _Relations:
    """The relations of one snapshot. DuckDB's connection serves one thread at a time."""

    def __init__(self, snapshot: Snapshot, loaded: Settings) -> None:
        self.lock = threading.Lock()
        self.data = Data(snapshot.all_records(), loaded, snapshot.as_of, snapshot.table("completeness"))


@st.cache_resource(max_entries=2, show_spinner=False)
def _relations(snapshot_key: str, _snapshot: Snapshot, _loaded: Settings) -> _Relations:
    return _Relations(_snapshot, _loaded)


def _query(snapshot: Snapshot, loaded: Settings, relations: tuple[str, ...], query: str) -> pd.DataFrame:
    held = _relations(key(snapshot), snapshot, loaded)
    with held.lock:
        for name in relations:
            getattr(held.data, name)
        return held.data.con.execute(query).df()


@st.cache_resource(max_entries=3, show_spinner=False)
def _roll(snapshot_key: str, _snapshot: Snapshot, _loaded: Settings) -> Roll:
    classes = _query(_snapshot, _loaded, ("classes",), "SELECT school_year, school_class, grade, stage FROM classes")
    lessons = _query(_snapshot, _loaded, ("lessons",), "SELECT DISTINCT school_year, school_class, subject FROM lessons")
    pupils = _query(
        _snapshot, _loaded, ("active",),
        "SELECT school_year, period, school_class, count(DISTINCT pupil_id) AS n FROM active GROUP BY ALL",
    )  # fmt: skip
    years = tuple(sorted(set(classes["school_year"]) | set(lessons["school_year"])))
    by_year: dict[str, list[tuple[str, str, str]]] = {year: [] for year in years}
    for year, name, grade, stage in classes.itertuples(index=False):
        by_year[year].append((name, "" if pd.isna(grade) else str(int(grade)), stage or ""))
    taught: dict[tuple[str, str], set[str]] = {}
    for year, name, subject in lessons.itertuples(index=False):
        taught.setdefault((year, name), set()).add(subject)
    known = {code: place for place, code in enumerate(_loaded.subjects)}
    of_year: dict[str, set[str]] = {year: set() for year in years}
    for (year, _class), found in taught.items():
        of_year[year] |= found
    subjects = {year: tuple(sorted(found, key=lambda code: known.get(code, len(known)))) for year, found in of_year.items()}
    staff = _snapshot.records("R2S")
    people = {
        (year, teacher): name or teacher
        for year, teacher, name in zip(*(staff[c].to_pylist() for c in ("school_year", "teacher_id", "full_name")), strict=True)
        if teacher
    }
    return Roll(
        school_years=years,
        classes={year: tuple(sorted(rows, key=lambda row: i18n.class_key(row[0]))) for year, rows in by_year.items()},
        subjects=subjects,
        taught={place: frozenset(found) for place, found in taught.items()},
        pupils={(y, p, c): int(n) for y, p, c, n in pupils.itertuples(index=False)},
        people=people,
        quarter=_newest_quarter(_snapshot, years[-1]) if years else QUARTERS[0],
    )


def _newest_quarter(snapshot: Snapshot, school_year: str) -> str:
    """The newest quarter for which the school has marks; without marks, for which it has any figure at all."""
    table = snapshot.table("values")
    level, status = table["level"].cast(pa.string()), table["status"].cast(pa.string())
    there = pc.and_(pc.equal(level, WHOLE_SCHOOL), pc.is_in(status, value_set=pa.array([Status.OK, Status.INCOMPLETE], pa.string())))
    found = table.filter(pc.and_(there, pc.equal(table["school_year"].cast(pa.string()), school_year)))
    seen = list(zip(found["indicator"].cast(pa.string()).to_pylist(), found["period"].cast(pa.string()).to_pylist(), strict=True))
    for wanted in ({period for code, period in seen if code == "D1.01"}, {period for _, period in seen}):
        if quarters := [q for q in QUARTERS if q in wanted]:
            return quarters[-1]
    return QUARTERS[0]


def roll(snapshot: Snapshot, loaded: Settings) -> Roll:
    """The school's years, classes, subjects and pupils; the same for every reader (the filters leave out what may not be chosen)."""
    return _roll(key(snapshot), whole(snapshot), loaded)


@st.cache_resource(max_entries=3, show_spinner=False)
def _mark_counts(snapshot_key: str, _snapshot: Snapshot, _loaded: Settings) -> pd.DataFrame:
    return _query(
        _snapshot, _loaded, ("marks",),
        "SELECT school_year, period, school_class, CAST(grade AS VARCHAR) AS grade, stage, subject, method_association, state, "
        "count(*) AS n "
        "FROM marks WHERE active AND marked AND state IS NOT NULL GROUP BY ALL",
    )  # fmt: skip


def mark_counts(snapshot: Snapshot, loaded: Settings) -> pd.DataFrame:
    """How many marks of each state: school_year, period, school_class, grade, stage, subject, method_association, state, n."""
    return _seen_classes(snapshot, _mark_counts(key(snapshot), whole(snapshot), loaded))


@st.cache_resource(max_entries=3, show_spinner=False)
def _pairs(snapshot_key: str, _snapshot: Snapshot, _loaded: Settings) -> pd.DataFrame:
    names = ", ".join(f"'{source}'" for source in _loaded.choices["external"])
    return _query(
        _snapshot, _loaded, ("works",),
        "SELECT school_year, school_class, CAST(grade AS VARCHAR) AS grade, stage, subject, method_association, "
        "sum(internal) AS internal, sum(mark_number) AS external, count(*) AS n "
        f"FROM works WHERE source IN ({names}) AND mark_number IS NOT NULL AND internal IS NOT NULL GROUP BY ALL ORDER BY ALL",
    )  # fmt: skip


def internal_external(snapshot: Snapshot, loaded: Settings) -> pd.DataFrame:
    """Pairs of the school's own and the external mark: places, subject, Σ internal, Σ external, n pairs."""
    eyes, found = sight(snapshot), _pairs(key(snapshot), whole(snapshot), loaded)
    if eyes.all_seen or found.empty:
        return found
    places = zip(found["school_year"], found["school_class"], found["subject"], strict=True)
    return found[[eyes.sees_class(Spot(year, school_class=name, subject=subject)) for year, name, subject in places]]


# --- collection ----------------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=9, show_spinner=False)
def _frame(snapshot_key: str, table: str, _snapshot: Snapshot) -> pd.DataFrame:
    frame = _snapshot.table(table).to_pandas()
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype):
            frame[name] = frame[name].astype(str)
    texts = frame.select_dtypes(include=["object", "string"]).columns.difference(["due", "submitted", "read_on"])
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    return frame


def completeness(snapshot: Snapshot) -> pd.DataFrame:
    """Required and filled cells of every tab, due and submitted days. Do not change it."""
    return _seen_rows(snapshot, _frame(key(snapshot), "completeness", whole(snapshot)), responsible="teacher")


def issues(snapshot: Snapshot) -> pd.DataFrame:
    """What was found wrong, cell by cell. Do not change it."""
    return _seen_rows(snapshot, _frame(key(snapshot), "issues", whole(snapshot)))


def sheets(snapshot: Snapshot) -> pd.DataFrame:
    """The tabs that were met, whose they are, how fresh they are and what opens them. Do not change it."""
    return _seen_rows(snapshot, _sheets(key(snapshot), whole(snapshot)), responsible="responsible")


@st.cache_resource(max_entries=3, show_spinner=False)
def _sheets(snapshot_key: str, _snapshot: Snapshot) -> pd.DataFrame:
    frame = _frame(snapshot_key, "sheets", _snapshot)
    # Snapshots from before these columns were there lie in desks and are shown until a workbook changes.
    return frame.assign(**{name: "" for name in ("link", "fresh_at", "reason") if name not in frame.columns})


@st.cache_resource(max_entries=3, show_spinner=False)
def _links(snapshot_key: str, _snapshot: Snapshot) -> dict[tuple[str, str], str]:
    frame = _sheets(snapshot_key, _snapshot)
    rows = zip(frame["workbook"], frame["tab"], frame["link"], strict=True)
    return {(workbook, tab): link for workbook, tab, link in rows if link.startswith(("https://", "http://"))}


def links(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """(workbook, tab) → the address that opens the tab in a browser; nothing for a folder. Do not change it."""
    found = _links(key(snapshot), whole(snapshot))
    if sight(snapshot).all_seen:
        return found
    seen = sheets(snapshot)
    return {place: found[place] for place in zip(seen["workbook"], seen["tab"], strict=True) if place in found}


@st.cache_data(max_entries=20, show_spinner=False)
def _cyclogram(snapshot_key: str, school_year: str, _snapshot: Snapshot) -> list[dict[str, Any]]:
    table = _snapshot.records("F24")
    return table.filter(pc.equal(table["school_year"], school_year)).to_pylist()


def cyclogram(snapshot: Snapshot, school_year: str) -> list[dict[str, Any]]:
    """The rows of the yearly plan (form F24) as they stand in the sheet."""
    return _cyclogram(key(snapshot), school_year, whole(snapshot))


# --- where a figure comes from -------------------------------------------------------------------------------------------


@st.cache_data(max_entries=60, show_spinner=False)
def _cells(
    snapshot_key: str, code: str, scope: tuple[tuple[str, str], ...], _snapshot: Snapshot, _loaded: Settings
) -> list[dict[str, Any]]:
    held = _relations(snapshot_key, _snapshot, _loaded)
    with held.lock:
        return trace.cells_behind(code, held.data, dict(scope), _snapshot)


def cells_behind(snapshot: Snapshot, loaded: Settings, indicator: Indicator, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """The cells that a figure was made of, in the tabs that may be opened: workbook, tab, cell, form, column, value (None for restricted
    forms)."""
    eyes = sight(snapshot)
    if not eyes.sees(indicator, spot(chosen.get("school_year", ""), chosen)):
        return []
    found = _cells(key(snapshot), indicator.code, tuple(sorted(chosen.items())), whole(snapshot), loaded)
    if eyes.all_seen:
        return found
    seen = sheets(snapshot)
    places = set(zip(seen["workbook"], seen["tab"], strict=True))
    return [cell for cell in found if (cell["workbook"], cell["tab"]) in places]


def scope_of(chosen: Chosen, indicator: Indicator) -> dict[str, str]:
    """The narrowest scope within what is chosen that the indicator is computed for: {} is the whole school."""
    scope = {}
    place, where = chosen.place
    finer = ("school_class", "grade", "stage")
    if place != WHOLE_SCHOOL and any(name in indicator.by for name in finer[: finer.index(place) + 1]):
        scope[place] = where
    topic, what = chosen.topic
    if topic and (topic in indicator.by):
        scope[topic] = what
    return scope


# --- how much has come ---------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=60, show_spinner=False)
def _expected_rows(snapshot_key: str, school_year: str, period: str, _snapshot: Snapshot, _loaded: Settings) -> pd.DataFrame:
    frame = completeness(_snapshot)
    calendar = _loaded.school_year(school_year)
    span = calendar.period(period)
    inside = {p.id for p in calendar.periods() if p.start <= span.end and p.end >= span.start}
    frame = frame[(frame["school_year"] == school_year) & frame["period"].isin(inside)]
    due = [day if isinstance(day, dt.date) and not pd.isna(day) else None for day in pd.to_datetime(frame["due"]).dt.date]
    frame = frame.assign(due=due)
    begun = pd.Series([day is not None and day <= _snapshot.as_of for day in due], index=frame.index, dtype=bool)
    return frame[begun | (frame["filled"] > 0)]


def expected_rows(snapshot: Snapshot, loaded: Settings, school_year: str, period: str) -> pd.DataFrame:
    """Rows of `completeness` that overlap the period and were due by the snapshot's day, or have been begun. Do not change it."""
    return _seen_rows(snapshot, _expected_rows(key(snapshot), school_year, period, whole(snapshot), loaded), responsible="teacher")


@st.cache_data(max_entries=60, show_spinner=False)
def _tabs_filled(snapshot_key: str, school_year: str, period: str, _snapshot: Snapshot, _loaded: Settings) -> dict[str, tuple[int, int]]:
    rows = expected_rows(_snapshot, _loaded, school_year, period)
    place = ["form", "school_class", "subject", "method_association", "workbook", "tab"]
    tabs = rows.groupby(place, dropna=False, observed=True)["filled"].sum().reset_index()
    counted = (tabs["filled"] > 0).groupby(tabs["form"], observed=True).agg(["sum", "size"])
    return {str(form): (int(there), int(expected)) for form, there, expected in counted.itertuples()}


def tabs_filled(snapshot: Snapshot, loaded: Settings, school_year: str, period: str) -> dict[str, tuple[int, int]]:
    """form → (tabs that hold data, tabs that were expected by the snapshot's day) for what overlaps the period."""
    return _tabs_filled(key(snapshot), school_year, period, whole(snapshot), loaded)


# --- the yearly plan -----------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=2, show_spinner=False)
def plan_words(fingerprint: str) -> dict[tuple[str, str], Words]:
    """(id, Kyrgyz text) of the plan's standard rows → their words; a row that the school worded itself is not in it."""
    return {(row.id, row.object.ky): row.object for row in read_cyclogram()}


def is_done(loaded: Settings, row: Mapping[str, Any]) -> bool:
    """Whether a row of the plan counts as done: a day of completion, or one of the words for done or cancelled."""
    closed = {*loaded.choices.get("done", ()), *loaded.choices.get("cancelled", ())}
    return row.get("done_on") is not None or row.get("status") in closed


# --- warming -------------------------------------------------------------------------------------------------------------


def warm_overview(loaded: Settings) -> None:
    """Find what the first page of a start asks for, while the reader's browser still fetches Streamlit's scripts."""
    i18n.gettext("Overview")  # reads the catalogue
    snapshot = current_snapshot(loaded)
    if snapshot is None:
        return
    loaded = settings_of(snapshot, loaded)
    held = roll(snapshot, loaded)
    if not held.school_years:
        return
    headline_values(snapshot, loaded)
    findings(snapshot, loaded, held.school_years[-1], held.quarter)
    tabs_filled(snapshot, loaded, held.school_years[-1], held.quarter)
    issues(snapshot)
    cyclogram(snapshot, held.school_years[-1])
    plan_words(loaded.fingerprint)


def warm(loaded: Settings) -> None:
    """Index the current snapshot before a reader asks, so that the first page of each kind is as quick as the next."""
    warm_overview(loaded)
    snapshot = current_snapshot(loaded)
    if snapshot is None:
        return
    loaded = settings_of(snapshot, loaded)
    for direction in loaded.directions.values():
        own = [indicator.code for indicator in loaded.indicators.values() if indicator.direction == direction.id]
        values(snapshot, [*own, *(code for code in direction.also if code in loaded.indicators)])
    mark_counts(snapshot, loaded)
    internal_external(snapshot, loaded)


def set_aside() -> None:
    """Take what is kept for long out of the search for garbage, after one last search.

    Streamlit searches all objects after every run of a page, also after the few lines by which an open page asks for news: over the caches
    of a school that took 70 ms each time, and takes two without them.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


atexit.register(gc.unfreeze)  # else libraries complain at the end of the process about what was never let go
