"""What documents may speak of: the figures and lists of one snapshot, as one viewer sees them.

`Holdings` is the whole snapshot, indexed once and shared. A `Basis` is the holdings through a viewer's sight: every figure of every
document is asked here, and what the viewer may not see is not there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

import pandas as pd
import pyarrow as pa

from lib import analysis, i18n
from lib.access import EVERYTHING, Place, Sight
from lib.analysis import Change, Cohorts, Figure, Figures, Finding, FindingKind
from lib.analysis.dynamics import has_ended
from lib.family import register
from lib.family.register import Member
from lib.indicators.relations import Data
from lib.indicators.roll import Roll, read_roll
from lib.model.indicator import Indicator
from lib.office import opinions
from lib.office.cyclogram import Approval, Approvals, Plan, read_plan
from lib.office.decisions import FORM as DECISIONS
from lib.office.decisions import Decision
from lib.settings import Settings
from lib.settings.cyclogram import PlanWords, read_plan_words
from lib.snapshot import Snapshot

Scope = Mapping[str, str]
MOST_FINDINGS = 60  # kept of a period; a document takes from these what is its own


@dataclass(frozen=True)
class Holdings:
    """One snapshot for documents, whole. `values` and `completeness` are its tables as frames; nobody changes them."""

    snapshot: Snapshot
    loaded: Settings
    roll: Roll
    values: pd.DataFrame
    completeness: pd.DataFrame
    _found: dict[tuple[str, str], list[Finding]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def of(cls, snapshot: Snapshot, loaded: Settings) -> Holdings:
        """Read from the snapshot alone, for commands. `loaded` speaks of the snapshot's day."""
        data = Data(snapshot.all_records(), loaded, snapshot.as_of, snapshot.table("completeness"))
        completeness = snapshot.table("completeness").to_pandas()
        texts = completeness.select_dtypes(include=["object", "string", "category"]).columns.difference(["due", "submitted"])
        completeness[texts] = completeness[texts].astype(object).where(completeness[texts].notna(), "")
        return cls(snapshot, loaded, read_roll(data, snapshot), snapshot.values(), completeness)

    @cached_property
    def figures(self) -> Mapping[str, Figures]:
        """indicator (or companion) → its figures; rows about single teachers are left out: no document speaks of one."""
        found = Figures.by_indicator(_without_teachers(self.values))
        return {**Figures.by_indicator(_without_teachers(_companions(self.snapshot))), **found}

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Every management decision of the snapshot."""
        return tuple(Decision.from_record(self.loaded, row) for row in self.snapshot.records(DECISIONS).to_pylist() if row["id"])

    @cached_property
    def opinions(self) -> list[opinions.Opinion]:
        """What experts wrote beside figures, the newest first."""
        return opinions.read_opinions(self.loaded, self.snapshot.records(opinions.EXPERT).to_pylist())

    @cached_property
    def plan_words(self) -> PlanWords:
        """The words of the plan's cells in other languages."""
        return read_plan_words(self.loaded.roles, self.loaded.associations)

    @cached_property
    def cohorts(self) -> Cohorts:
        """Which class became which, by the registers."""
        return Cohorts.of(self.snapshot.records("R1"), self.snapshot.records("R2C"))

    def findings(self, school_year: str, period: str) -> list[Finding]:
        """What needs attention in a period, the weightiest first."""
        with self._lock:
            if (school_year, period) not in self._found:
                made = analysis.findings(self.loaded, self.values, self.completeness, school_year, period, self.cohorts, MOST_FINDINGS)
                self._found[school_year, period] = made
            return self._found[school_year, period]


@dataclass(frozen=True)
class SeenFigures:
    """The figures of one indicator that a viewer may see, as the analyses take them. `every_class`: the change of a place is measured over
    its classes one by one, and what comes of it is a figure of the place."""

    figures: Figures
    sees: Callable[[str, Scope], bool]
    every_class: bool = False

    def at(self, scope: Scope, school_year: str, period: str, part: str = "") -> Figure | None:
        """The figure of one scope and period; None when it is not there or not seen."""
        return self.figures.at(scope, school_year, period, part) if self.sees(school_year, scope) else None

    def by_class(self, topic: Scope, school_year: str, period: str) -> dict[str, Figure]:
        """The figures of single classes."""
        found = self.figures.by_class(topic, school_year, period)
        return found if self.every_class else {c: f for c, f in found.items() if self.sees(school_year, {**topic, "school_class": c})}

    def has_year(self, school_year: str) -> bool:
        """Whether there is any figure of that school year."""
        return self.figures.has_year(school_year)


@dataclass(frozen=True, slots=True)
class Late:
    """Tabs of a period that were due: `total` of them, `count` not complete, `cells` still empty in these."""

    count: int
    total: int
    cells: int


@dataclass(frozen=True)
class Basis:
    """The holdings as one viewer sees them."""

    holdings: Holdings
    eyes: Sight = EVERYTHING

    @property
    def loaded(self) -> Settings:
        return self.holdings.loaded

    @property
    def snapshot(self) -> Snapshot:
        return self.holdings.snapshot

    @property
    def roll(self) -> Roll:
        return self.holdings.roll

    # --- figures ---------------------------------------------------------------------------------------------------------

    def _sees(self, indicator: Indicator, school_year: str, scope: Scope) -> bool:
        return self.eyes.all_seen or self.eyes.sees(indicator, Place(school_year, **scope))

    def sees(self, indicator: Indicator, scope: Scope, school_year: str) -> bool:
        """Whether the indicator's figures of a place may be seen."""
        return self._sees(indicator, school_year, scope)

    def lookup(self, indicator: Indicator, every_class: bool = False) -> SeenFigures:
        """The indicator's figures that may be seen."""
        found = self.holdings.figures.get(indicator.code) or Figures()
        return SeenFigures(found, partial(self._sees, indicator), every_class)

    def figure(self, indicator: Indicator, scope: Scope, school_year: str, period: str) -> Figure | None:
        """The figure of exactly that place and period; None when it is not there or not seen."""
        return self.lookup(indicator).at(scope, school_year, period)

    def near(self, indicator: Indicator, scope: Scope, school_year: str, period: str) -> str:
        """The indicator's own period for a reader of `period`: the nearest that has a value, else the nearest; "" when none has begun."""
        nearest = analysis.periods_for(self.loaded, indicator, school_year, period)
        for own in nearest:
            figure = self.figure(indicator, scope, school_year, own)
            if figure is not None and figure.value is not None:
                return own
        return nearest[0] if nearest else ""

    def change(self, indicator: Indicator, scope: Scope, school_year: str, period: str) -> Change | None:
        """Against the previous comparable period, over the same classes; None while the period has not ended (part of it is not compared
        with the whole of another one), and of a figure that is not seen."""
        if not has_ended(self.loaded, school_year, period) or self.figure(indicator, scope, school_year, period) is None:
            return None
        figures = self.lookup(indicator, every_class=True)
        return analysis.matched_change(self.loaded, indicator, figures, scope, school_year, period, self.holdings.cohorts)

    def history(self, indicator: Indicator, scope: Scope, school_year: str, period: str) -> pd.DataFrame:
        """The figure's series up to a period (columns: lib.analysis.history)."""
        return analysis.history(self.loaded, indicator, self.lookup(indicator), scope, school_year, period, self.holdings.cohorts)

    def findings(self, school_year: str, period: str) -> list[Finding]:
        """What needs attention and may be seen, the weightiest first."""
        found = self.holdings.findings(school_year, period)
        return found if self.eyes.all_seen else [finding for finding in found if self._sees_finding(finding)]

    def _sees_finding(self, finding: Finding) -> bool:
        if finding.kind is FindingKind.OVERDUE:
            return self.eyes.fills_form(finding.form)
        return self._sees(self.loaded.indicators[finding.indicator], finding.school_year, finding.scope)

    # --- lists -----------------------------------------------------------------------------------------------------------

    def classes(self, school_year: str, grade: str = "", stage: str = "") -> tuple[str, ...]:
        """The classes that may be seen, in the school's order."""
        return tuple(
            name for name, of_grade, of_stage in self.roll.classes.get(school_year, ())
            if grade in ("", of_grade) and stage in ("", of_stage) and self.eyes.sees_class(Place(school_year, school_class=name))
        )  # fmt: skip

    def classes_of(self, school_year: str, association: str) -> tuple[str, ...]:
        """The classes in which an association teaches, where all of its own subjects may be seen; of their others nothing is said."""
        own = set(self.subjects(school_year, association))
        names = [name for name, *_ in self.roll.classes.get(school_year, ())]
        taught = ((name, self.roll.taught.get((school_year, name), frozenset()) & own) for name in names)
        sees = self.eyes.sees_class
        return tuple(
            name for name, subjects in taught
            if subjects and all(sees(Place(school_year, school_class=name, subject=subject)) for subject in subjects)
        )  # fmt: skip

    def associations(self, school_year: str) -> tuple[str, ...]:
        """The methodical associations whose classes may be seen subject by subject, and so whose minutes may be drawn up."""
        return tuple(name for name in self.loaded.associations if self._sees_association(school_year, name))

    def _sees_association(self, school_year: str, association: str) -> bool:
        taught = {
            (school_class, subject)
            for school_class, _grade, _stage in self.roll.classes.get(school_year, ())
            for subject in self.subjects(school_year, association)
            if subject in self.roll.taught.get((school_year, school_class), ())
        }
        sees = self.eyes.sees_class
        return bool(taught) and all(sees(Place(school_year, school_class=name, subject=subject)) for name, subject in taught)

    def subjects(self, school_year: str, association: str = "", school_class: str = "") -> tuple[str, ...]:
        """The subjects of a school year (of an association, of a class), in the school's order."""
        taught = self.roll.taught.get((school_year, school_class), frozenset())
        return tuple(
            code for code in self.roll.subjects.get(school_year, ())
            if (not association or (code in self.loaded.subjects and self.loaded.subjects[code].association == association))
            and (not school_class or code in taught)
        )  # fmt: skip

    def late(self, school_year: str, period: str, school_class: str = "") -> Late | None:
        """What of a period (of a class) was due before the snapshot's day, and what of it is not there; None for those who may not look
        into every tab."""
        if not self.eyes.all_seen:
            return None
        calendar = self.loaded.school_year(school_year)
        span = calendar.period(period)
        inside = {p.id for p in calendar.periods() if p.start <= span.end and p.end >= span.start}
        rows = self.holdings.completeness
        rows = rows[(rows["school_year"] == school_year) & rows["period"].isin(inside) & (rows["required"] > 0)]
        rows = rows[(pd.to_datetime(rows["due"]) < pd.Timestamp(self.loaded.as_of)).to_numpy()]
        if school_class:
            rows = rows[rows["school_class"] == school_class]
        lacking = rows[rows["filled"] < self.loaded.thresholds.complete_from * rows["required"]]
        tabs = ["workbook", "tab"]
        empty = int((lacking["required"] - lacking["filled"]).sum())
        return Late(len(lacking[tabs].drop_duplicates()), len(rows[tabs].drop_duplicates()), empty)

    # --- the office ------------------------------------------------------------------------------------------------------

    @property
    def plan_words(self) -> PlanWords:
        return self.holdings.plan_words

    def plan(self, school_year: str) -> Plan:
        """The cyclogram of a school year: the school's, the same for everybody."""
        return read_plan(self.snapshot, self.loaded, school_year)

    def approval(self, school_year: str) -> Approval | None:
        """The order that approved the plan, as the desk has it now; None before the first, and without a store."""
        store = self.loaded.store
        return Approvals(store).current(school_year) if store is not None else None

    def decisions(self, school_year: str, period: str, association: str = "") -> list[Decision]:
        """The decisions that a period has to do with, the oldest first: taken by its end and still to be carried out when it began, or made
        from its figures. Of an association those about its own subjects; none for those who may not read them."""
        span = self.loaded.school_year(school_year).period(period)

        def concerns(d: Decision) -> bool:
            if (d.school_year, d.period) == (school_year, period):
                return True
            return d.decided_on is not None and d.decided_on <= span.end and (d.done_on is None or d.done_on >= span.start)

        found = (d for d in self.holdings.decisions if (self._is_about(d, association) if association else self.eyes.all_seen))
        return sorted(filter(concerns, found), key=lambda d: (d.decided_on or span.end, d.id))

    def _is_about(self, decision: Decision, association: str) -> bool:
        place = decision.place
        subject = self.loaded.subjects.get(place.get("subject", ""))
        about = subject.association if subject is not None else place.get("method_association", "")
        return decision.understood and about == association and association in self.associations(decision.school_year)

    def opinion(self, indicator: Indicator, scope: Scope, school_year: str, period: str) -> opinions.Opinion | None:
        """What an expert wrote beside a figure; None where there is nothing, or the figure is not seen."""
        if not period or not self._sees(indicator, school_year, scope):
            return None
        return opinions.beside(self.loaded, self.holdings.opinions, indicator.code, school_year, period, scope)

    def observed(self, direction: str, school_year: str, period: str) -> list[opinions.Found]:
        """What audits of a direction, and visits to lessons, came to in the whole school; nothing for those who do not see all of it."""
        if not self.eyes.all_seen:
            return []
        about = self.loaded.school_year(school_year).period(period)
        span = (about.start, about.end)
        found = [opinions.audits(self.snapshot.records(opinions.AUDIT).to_pylist(), direction, span, self.snapshot.as_of)]
        if direction == opinions.OBSERVED:
            found.append(opinions.visits(self.loaded, self.snapshot.records(opinions.VISITS).to_pylist(), direction, span))
        return [one for one in found if one is not None]

    # --- people ----------------------------------------------------------------------------------------------------------

    def staff(self, role: str, school_year: str, association: str = "") -> tuple[str, ...]:
        """The names of those who work in a role (a key of config/subjects.yaml) in a school year, in an association; of documents they are
        who signs."""
        words = self.loaded.roles[role]
        spelt = {i18n.match_key(text) for text in (role, words.ky, words.ru, words.en)}
        return tuple(
            str(row["full_name"] or "")
            for row in register.rows_where(self.snapshot.records("R2S"), school_year=school_year)
            if row["active"] is not False
            and any(i18n.match_key(str(word)) in spelt for word in row["roles"] or ())
            and association in ("", row["mo"])
        )

    def person(self, code: str) -> str:
        """A colleague's name by the newest register that knows the code; the code as it was typed where none does."""
        return next((name for year in reversed(self.roll.school_years) if (name := self.roll.people.get((year, code)))), code)

    def class_teacher(self, school_class: str, school_year: str) -> str:
        """The name of who leads a class; "" where it is not known."""
        rows = register.rows_where(self.snapshot.records("R2C"), school_year=school_year, school_class=school_class)
        code = str(rows[-1]["class_teacher_id"] or "") if rows else ""
        return self.roll.people.get((school_year, code), "")

    @property
    def pupils_year(self) -> str:
        """The school year whose register says who studies here now."""
        return register.school_year(self.snapshot, self.loaded)

    def members(self, school_class: str) -> list[Member]:
        """The pupils who study in a class now, where they may be seen one by one."""
        seen = self.eyes.sees_pupils(Place(self.pupils_year, school_class=school_class))
        return register.members(self.snapshot, self.loaded, school_class) if seen else []

    def pupils_class(self, pupil: str) -> str | None:
        """The class of a pupil who studies here now and may be seen; else None."""
        row = register.own_row(self.snapshot, self.loaded, pupil)
        if row is None:
            return None
        name = str(row["school_class"] or "")
        return name if self.eyes.sees_pupils(Place(str(row["school_year"]), school_class=name)) else None

    def pupils(self, school_year: str, period: str, classes: tuple[str, ...] | None = None) -> int:
        """Active pupils at the end of a period: of the whole school, or of some classes."""
        names = [row[0] for row in self.roll.classes.get(school_year, ())] if classes is None else classes
        return sum(self.roll.pupils.get((school_year, period, name), 0) for name in names)


def _companions(snapshot: Snapshot) -> pd.DataFrame:
    table: pa.Table = snapshot.table("companions")
    return table.to_pandas()


def _without_teachers(frame: pd.DataFrame) -> pd.DataFrame:
    kept = frame[frame["teacher"].astype(str) == ""]
    return kept.assign(**{name: kept[name].astype(str) for name in kept.columns if isinstance(kept[name].dtype, pd.CategoricalDtype)})
