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
import hashlib
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
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
from lib.analysis import Cohorts, Figure, Figures, Finding, FindingKind, Lookup
from lib.documents.basis import Basis, Holdings
from lib.indicators import trace
from lib.indicators.relations import Data
from lib.indicators.roll import Roll, read_roll
from lib.intake.frozen import FrozenYears
from lib.intake.registry import REGISTERS
from lib.journal.answers import AnswerBook
from lib.journal.preview import HandedIn, hand_in
from lib.journal.question import Asked
from lib.journal.told import JOURNAL, QUESTIONS
from lib.model.indicator import Indicator
from lib.office import opinions as judged
from lib.office.board import BoardRow, Tabs
from lib.office.board import board as board_of
from lib.office.cyclogram import Terms, read_plan, terms
from lib.office.decisions import Decision, Entry, Outbox, may_see, register
from lib.office.opinions import Found, Opinion
from lib.office.people import Staff as Colleagues
from lib.office.people import staff_of
from lib.office.reminders import Task, tasks
from lib.settings import ROOT, Place, Settings, desk_of, exists
from lib.settings.cyclogram import PlanWords, read_plan_words
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


def figures_of_teachers(snapshot: Snapshot, indicator: Indicator) -> Lookup:
    """The figures of single teachers, those that the viewer may see."""
    found, eyes = _of_teachers(key(snapshot), indicator.code, whole(snapshot)), sight(snapshot)
    return _SeenFigures(found, lambda year, scope: eyes.sees(indicator, spot(year, scope)))


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
    frames = values_frame(_snapshot), completeness(_snapshot)
    return analysis.findings(_loaded, *frames, school_year, period, cohorts(_snapshot), limit=FOUND)


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
    held = _relations(snapshot_key, _snapshot, _loaded)
    with held.lock:
        return read_roll(held.data, _snapshot)


@st.cache_resource(max_entries=3, show_spinner=False)
def _cohorts(snapshot_key: str, _snapshot: Snapshot) -> Cohorts:
    return Cohorts.of(_snapshot.records("R1"), _snapshot.records("R2C"))


def cohorts(snapshot: Snapshot) -> Cohorts:
    """Which class became which through the years: names of classes and numbers of pupils, the same for every viewer."""
    return _cohorts(key(snapshot), whole(snapshot))


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


# --- decisions, and what experts say -------------------------------------------------------------------------------------


@st.cache_resource(max_entries=3, show_spinner=False)
def _decisions(snapshot_key: str, digest: str, _snapshot: Snapshot, _loaded: Settings) -> tuple[Decision, ...]:
    return tuple(Decision.from_record(_loaded, row) for row in _snapshot.records("F25").to_pylist() if row["id"])


def own_teachers(snapshot: Snapshot, loaded: Settings, viewer: access.Viewer) -> frozenset[str]:
    """The codes of the viewer's own association."""
    return staff(snapshot, loaded, access.load()).colleagues(viewer.person.association if viewer.person else "")


def decisions(snapshot: Snapshot, loaded: Settings, viewer: access.Viewer) -> list[Entry]:
    """Every decision that the viewer may read: those of the snapshot, and those on their way into the workbook, seen at once."""
    collected = _decisions(key(snapshot), loaded.digest, whole(snapshot), loaded)
    box = outbox(loaded)
    found = register(collected, box.waiting(), box.written(), _decisions_read(key(snapshot), whole(snapshot))) if box else ()
    own = own_teachers(snapshot, loaded, viewer)
    return [entry for entry in found if may_see(viewer, loaded, entry.decision, own)]


def outbox(loaded: Settings) -> Outbox | None:
    """Where decisions wait for their workbook; None without a store."""
    return Outbox(desk_of(loaded.store)) if loaded.store is not None else None


@st.cache_resource(max_entries=3, show_spinner=False)
def _decisions_read(snapshot_key: str, _snapshot: Snapshot) -> dict[str, dt.datetime]:
    """School year → when its tab of decisions was read as it is."""
    frame = _sheets(snapshot_key, _snapshot)
    rows = frame[(frame["form"] == "F25") & (frame["fresh_at"] != "")]
    return {year: dt.datetime.fromisoformat(at) for year, at in zip(rows["school_year"], rows["fresh_at"], strict=True)}


@st.cache_resource(max_entries=3, show_spinner=False)
def _opinions(snapshot_key: str, digest: str, _snapshot: Snapshot, _loaded: Settings) -> list[Opinion]:
    return judged.read_opinions(_loaded, _snapshot.records("F26").to_pylist())


def opinions(snapshot: Snapshot, loaded: Settings) -> list[Opinion]:
    """What experts wrote beside figures that may be seen, the newest first."""
    found, eyes = _opinions(key(snapshot), loaded.digest, whole(snapshot), loaded), sight(snapshot)
    return [
        o for o in found if eyes.all_seen or eyes.sees(loaded.all_indicators[o.indicator], spot(o.school_year, dict(o.scope)))
    ]  # fmt: skip


@st.cache_data(max_entries=60, show_spinner=False)
def _observed(
    snapshot_key: str, digest: str, direction: str, school_year: str, period: str, _snapshot: Snapshot, _loaded: Settings
) -> list[Found]:  # fmt: skip
    about = _loaded.school_year(school_year).period(period)
    span = (about.start, about.end)
    found = [judged.audits(_snapshot.records(judged.AUDIT).to_pylist(), direction, span, _snapshot.as_of)]
    if direction == judged.OBSERVED:
        found.append(judged.visits(_loaded, _snapshot.records(judged.VISITS).to_pylist(), direction, span))
    return [one for one in found if one is not None]


def observed(snapshot: Snapshot, loaded: Settings, direction: str, school_year: str, period: str) -> list[Found]:
    """What audits of the direction, and visits to lessons, came to in the whole school: sums and means without a single teacher. Nothing
    for those who see no figure of the direction for the whole school."""
    eyes = sight(snapshot)
    if not any(eyes.sees(one, Spot(school_year)) for one in loaded.indicators.values() if one.direction == direction):
        return []
    return _observed(key(snapshot), loaded.digest, direction, school_year, period, whole(snapshot), loaded)


# --- exports of the electronic journal ------------------------------------------------------------------------------------


@st.cache_resource(max_entries=6, show_spinner=False)
def _journal(snapshot_key: str, table: str, _snapshot: Snapshot) -> list[dict[str, Any]]:
    return _snapshot.table(table).to_pylist() if (_snapshot.path / f"{table}.parquet").exists() else []


def journal(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What came of each table of an export (columns of lib.journal.question.Outcome), of those that speak of nothing that may not be seen.
    Do not change it."""
    rows = _journal(key(snapshot), JOURNAL, whole(snapshot))
    return [
        row for row in rows if may_answer(snapshot, {(row["school_year"], c, s) for c in row["classes"] for s in row["subjects"] or ("",)})
    ]  # fmt: skip


def journal_questions(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What exports leave open (columns of lib.journal.question.Question) and the viewer may answer. Do not change it."""
    rows = _journal(key(snapshot), QUESTIONS, whole(snapshot))
    return [
        row for row in rows if may_answer(snapshot, {(row["school_year"], row["school_class"], s) for s in
                                                     (row["subjects"] if row["about"] == Asked.NAME else ()) or ("",)})
    ]  # fmt: skip


def may_answer(snapshot: Snapshot, speaks_of: Collection[tuple[str, str, str]]) -> bool:
    """Whether all of these (school year, class, subject; "" where not known) are the viewer's: a class of theirs, a subject they teach."""
    eyes = sight(snapshot)
    return eyes.all_seen or (bool(speaks_of) and all(c and eyes.opens(Tab("F01", year, c, s)) for year, c, s in speaks_of))


@st.cache_resource(max_entries=60, show_spinner=False)
def _classmates(snapshot_key: str, school_year: str, school_class: str, _snapshot: Snapshot) -> dict[str, str]:
    rows = [
        (row["full_name"] or row["pupil_id"], row["pupil_id"])
        for row in _snapshot.records("R1").to_pylist()
        if row["school_year"] == school_year and row["school_class"] == school_class and row["pupil_id"]
    ]
    twice = Counter(name for name, _pupil in rows)
    named = sorted(rows, key=lambda row: (i18n.ky_key(row[0]), row[1]))
    return {pupil: f"{name} · {pupil}" if twice[name] > 1 else name for name, pupil in named}


def classmates(snapshot: Snapshot, school_year: str, school_class: str) -> dict[str, str]:
    """Code → name of the pupils of a class in the order of the alphabet, for who may see their names; namesakes with their codes."""
    eyes, place = sight(snapshot), Spot(school_year, school_class=school_class)
    seen = eyes.all_seen or eyes.opens(Tab("F01", school_year, school_class)) or _teaches(eyes, place)
    return _classmates(key(snapshot), school_year, school_class, whole(snapshot)) if seen else {}


def _teaches(eyes: Sight, place: Spot) -> bool:
    """Whether some subject of the class is the viewer's."""
    person = eyes.person
    return person is not None and any(
        year == place.school_year and name == place.school_class and eyes.opens(Tab("F01", year, name, subject))
        for year, name, subject in person.taught
    )


@st.cache_resource(max_entries=8, show_spinner=False)
def _handed_in(
    snapshot_key: str, digest: str, answers: str, _name: str, _content: bytes, _snapshot: Snapshot, _loaded: Settings
) -> HandedIn:
    records = {form: _snapshot.records(form).to_pylist() for form in (*REGISTERS, "F01")}
    assert _loaded.store is not None
    return hand_in(_name, _content, records, _loaded, answer_book(_loaded).read(), FrozenYears.of(desk_of(_loaded.store)))


def handed_in(snapshot: Snapshot, loaded: Settings, name: str, content: bytes) -> HandedIn:
    """What would come of an export; the page shows of it only what `may_answer` lets through."""
    digest = hashlib.sha256(name.encode() + b"\0" + content).hexdigest()
    return _handed_in(key(snapshot), digest, answer_book(loaded).read().digest, name, content, whole(snapshot), loaded)


def answer_book(loaded: Settings) -> AnswerBook:
    """What was answered about exports of the configured store."""
    assert loaded.store is not None
    return AnswerBook(desk_of(loaded.store))


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
    inside = _loaded.school_year(school_year).touching(period)
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


# --- documents -----------------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=3, show_spinner=False)
def _holdings(snapshot_key: str, digest: str, _snapshot: Snapshot, _loaded: Settings) -> Holdings:
    held, whole_frame = _roll(snapshot_key, _snapshot, _loaded), values_frame(_snapshot)
    return Holdings(_snapshot, _loaded, held, whole_frame, completeness(_snapshot))


def basis(snapshot: Snapshot, loaded: Settings) -> Basis:
    """What documents may speak of, as the viewer sees it."""
    return Basis(_holdings(key(snapshot), loaded.digest, whole(snapshot), loaded), sight(snapshot))


# --- the office ----------------------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=2, show_spinner=False)
def _plan_words(digest: str, _loaded: Settings) -> PlanWords:
    return read_plan_words(_loaded.roles, _loaded.associations)


def plan_words(loaded: Settings) -> PlanWords:
    """What the words of the plan's cells mean, and how they are said in other languages."""
    return _plan_words(loaded.digest, loaded)


@st.cache_resource(max_entries=6, show_spinner=False)
def _cyclogram(snapshot_key: str, digest: str, school_year: str, _snapshot: Snapshot, _loaded: Settings) -> Terms:
    return terms(read_plan(_snapshot, _loaded, school_year), _loaded, _snapshot.table("completeness"), _snapshot.as_of)


def cyclogram(snapshot: Snapshot, loaded: Settings, school_year: str) -> Terms:
    """The yearly plan with its days and how they stand: the school's, the same for everybody whose page it is."""
    return _cyclogram(key(snapshot), loaded.digest, school_year, whole(snapshot), loaded)


@st.cache_resource(max_entries=6, show_spinner=False)
def _colleagues(snapshot_key: str, digest: str, school_year: str, _snapshot: Snapshot, _loaded: Settings) -> Colleagues:
    return staff_of(_snapshot, _loaded, school_year, plan_words(_loaded))


def colleagues(snapshot: Snapshot, loaded: Settings, school_year: str) -> Colleagues:
    """The staff of a school year: who answers for what of the plan, and under which address they are reached."""
    return _colleagues(key(snapshot), loaded.digest, school_year, whole(snapshot), loaded)


@st.cache_resource(max_entries=4, show_spinner=False)
def _board(snapshot_key: str, digest: str, school_year: str, _snapshot: Snapshot, _loaded: Settings) -> list[BoardRow]:
    return board_of(_snapshot, _loaded, school_year)


def board(snapshot: Snapshot, loaded: Settings, school_year: str) -> list[BoardRow]:
    """The completion board: every expected tab and term of which it may be told how it stands. Do not change it."""
    found = _board(key(snapshot), loaded.digest, school_year, whole(snapshot), loaded)
    eyes = sight(snapshot)
    if eyes.all_seen:
        return found
    return [
        row
        for row in found
        if eyes.answers_for(Tab(row.form, school_year, row.school_class, row.subject, row.method_association, row.responsible))
    ]


@st.cache_resource(max_entries=2, show_spinner=False)
def _board_tabs(snapshot_key: str, digest: str, school_year: str, _snapshot: Snapshot, _loaded: Settings) -> Tabs:
    return Tabs(_snapshot, _loaded, school_year)


def tasks_of(snapshot: Snapshot, loaded: Settings, school_year: str, rows: Iterable[BoardRow]) -> list[Task]:
    """What is to be done about rows of the board, with the cells and what opens them. `rows` come from `board`: those that may be seen."""
    tabs = _board_tabs(key(snapshot), loaded.digest, school_year, whole(snapshot), loaded)
    return tasks(rows, tabs, _links(key(snapshot), whole(snapshot)))


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
    findings(snapshot, loaded, held.newest, held.quarter)
    tabs_filled(snapshot, loaded, held.newest, held.quarter)
    issues(snapshot)
    cyclogram(snapshot, loaded, held.newest)


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
    if school_year := roll(snapshot, loaded).newest:
        board(snapshot, loaded, school_year)
        colleagues(snapshot, loaded, school_year)


def set_aside() -> None:
    """Take what is kept for long out of the search for garbage, after one last search.

    Streamlit searches all objects after every run of a page, also after the few lines by which an open page asks for news: over the caches
    of a school that took 70 ms each time, and takes two without them.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


atexit.register(gc.unfreeze)  # else libraries complain at the end of the process about what was never let go
