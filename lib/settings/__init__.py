"""The only reader of config/. Typed settings; every wrong key or value is a UserError with file, line and key."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from lib.i18n import match_key
from lib.model.calendar import QUARTERS, SchoolYear
from lib.model.form import Choice, Column, ColumnType, DueRule, Form
from lib.model.indicator import Direction, Indicator, Source
from lib.model.words import LANGUAGES, Words
from lib.settings.document import Entry, UserError, read
from lib.settings.google import GoogleFolder
from lib.settings.journal import JournalRules, read_journal
from lib.settings.place import ROOT, Place, desk_of, exists, place_of, store_file

__all__ = [
    "ROOT", "GoogleFolder", "IssueWords", "Place", "Settings", "Subject", "UserError", "desk_of", "exists", "load", "place_of",
]  # fmt: skip

DEMO = ROOT / "var" / "demo"  # the school that `python run.py` invents; one made before it was marked is known by its place
UNITS = ("percent", "points", "count", "days", "per_mille", "pupils", "times", "points_per_100", "per_100", "pp")
ROLL_UPS = ("sum", "distinct", "count", "median", "spread")
PLACES = ("stage", "grade", "school_class", "subject", "method_association", "teacher")
VARIATIVE_KINDS = ("share", "mean", "sum", "ratio", "count")
PLACEMENTS = ("registry", "class", "class_restricted", "association", "school", "school_restricted")


@dataclass(frozen=True, slots=True)
class Subject:
    """A school subject: `grades` are the first and last grade it is taught in."""

    code: str
    name: Words
    grades: tuple[int, int]
    association: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IssueWords:
    """What an Issue says: what was seen, what is expected, how to mend it. Texts have {slots}."""

    seen: Words
    expected: Words
    mend: Words


class _Slots(dict[str, Any]):
    """Slots of a text; one that was not given shows as an ellipsis rather than as an error."""

    def __missing__(self, key: str) -> str:
        return "…"


@dataclass(frozen=True)
class Settings:
    """Everything that config/ says, checked. See the files for the meaning of each value."""

    school_id: str
    school_name: Words
    languages: tuple[str, ...]
    as_of: dt.date
    store: Place | None
    demo: bool
    keep_snapshots: int
    collect_minutes: float
    stages: Mapping[str, Words]
    stage_grades: Mapping[str, Mapping[str, tuple[int, ...]]]
    unmarked_grades: Mapping[str, tuple[int, ...]]
    calendar: Mapping[str, tuple[tuple[str, str], ...]]
    subjects: Mapping[str, Subject]
    associations: Mapping[str, Words]
    roles: Mapping[str, Words]
    directions: Mapping[str, Direction]
    forms: Mapping[str, Form]
    indicators: Mapping[str, Indicator]
    companions: Mapping[str, Indicator]
    thresholds: SimpleNamespace
    choices: Mapping[str, tuple[str, ...]]
    cell_words: Mapping[str, tuple[str, ...]]
    issues: Mapping[str, IssueWords]
    journal: JournalRules
    fingerprint: str
    digest: str
    _years: dict[str, SchoolYear] = field(default_factory=dict, compare=False, repr=False)

    def school_year(self, school_year: str) -> SchoolYear:
        """The calendar of that school year ("2025-2026"): its own row of config/school.yaml, else the default dates."""
        if school_year not in self._years:
            first = int(school_year[:4])
            rows = self.calendar.get(school_year, self.calendar["default"])
            self._years[school_year] = SchoolYear(school_year, tuple((_in_year(a, first), _in_year(b, first)) for a, b in rows))
        return self._years[school_year]

    def stage_of(self, school_year: str, grade: int) -> str:
        """primary, basic or secondary."""
        by_stage = self.stage_grades.get(school_year, self.stage_grades["default"])
        return next((stage for stage, grades in by_stage.items() if grade in grades), "")

    def marked(self, school_year: str, grade: int) -> bool:
        """Whether pupils of that grade get marks in that year."""
        return grade not in self.unmarked_grades.get(school_year, self.unmarked_grades["default"])

    @property
    def sou_weights(self) -> Mapping[str, float]:
        """Weights of the degree of learning by mark state "5".."2" and "na" (domain.md §1.1)."""
        return self.thresholds.sou_weights

    def ort_main(self, school_year: str) -> float:
        """The threshold of the national test's main part in that year."""
        return self.thresholds.ort_main.get(school_year, self.thresholds.ort_main["default"])

    @cached_property
    def subject_keys(self) -> Mapping[str, str]:
        """match_key of every code, name and alias → subject code."""
        keys: dict[str, str] = {}
        for subject in self.subjects.values():
            for text in (subject.code, subject.name.ky, subject.name.ru, subject.name.en, *subject.aliases):
                keys.setdefault(match_key(text), subject.code)
        return keys

    @cached_property
    def association_keys(self) -> Mapping[str, str]:
        """match_key of every key and name → methodical association key."""
        return {match_key(t): key for key, words in self.associations.items() for t in (key, words.ky, words.ru, words.en)}

    @cached_property
    def all_indicators(self) -> Mapping[str, Indicator]:
        """The catalogue and its companions (also-figures) in one mapping."""
        return {**self.indicators, **self.companions}

    def issue_words(self, code: str, slots: Mapping[str, Any], form: str, language: str) -> tuple[str, str, str]:
        """What was seen, what is expected and how to mend it, in `language`, the slots filled in; a column is named in it as well."""
        words = self.issues.get(code)
        if words is None:
            return code, "", ""
        titles = {c.title.ky: c.title.of(language) for c in self.forms[form].columns} if form in self.forms else {}
        filled = _Slots({name: titles.get(str(value), value) for name, value in slots.items()})
        seen, expected, mend = (part.of(language).format_map(filled) for part in (words.seen, words.expected, words.mend))
        return seen, expected, mend

    def issue_sentence(self, code: str, slots: Mapping[str, Any], form: str, language: str) -> str:
        """The same as running text."""
        parts = self.issue_words(code, slots, form, language)
        return " ".join(part if part.endswith((".", "!", "?", "…")) else f"{part}." for part in parts if part)

    def of_direction(self, direction: str) -> list[Indicator]:
        """The direction's own indicators in the order of the catalogue, then those it shows by tag."""
        own = [i for i in self.indicators.values() if i.direction == direction]
        return own + [self.indicators[code] for code in self.directions[direction].also]


def load(
    store: Place | str | None = None,
    config: Path = ROOT / "config",
    as_of: dt.date | None = None,
    today: dt.date | None = None,
) -> Settings:
    """Read config/ and, when there is a store, its optional `store.yaml` (as_of, school_name, demo: the school is invented).

    The day that figures speak of: `as_of`, else store.yaml, else school.yaml, else `today` (the caller's clock: lib has none),
    else the last day of the configured calendar. Raises UserError.
    """
    school = read(config / "school.yaml")
    subjects = read(config / "subjects.yaml")
    configured = school.take("store", str, "")
    named = store or os.environ.get("SAPAT_STORE") or configured
    place = place_of(named, config) if named else None
    own = _day(school, "as_of")
    name, day, demo = school.words("name"), as_of or own, place == DEMO
    if place is not None and store_file(place).is_file():
        here = read(store_file(place))
        name, own_day = here.words("school_name", name), _day(here, "as_of")
        day, demo = as_of or own_day or day, here.take("demo", bool, demo)
        here.done()
    associations = _words_by_key(subjects.entry("associations"))
    roles = _words_by_key(subjects.entry("roles"))
    stages = school.entry("stages")
    calendar = school.entry("calendar")
    stage_grades = school.entry("stage_grades")
    unmarked = school.entry("unmarked_grades")
    forms = {form.id: form for form in (_form(read(path), roles) for path in sorted((config / "forms").glob("*.yaml")))}
    directions_file = read(config / "directions.yaml")
    directions = {d.id: d for d in (_direction(entry) for entry in directions_file.entries("directions"))}
    directions_file.done()
    indicators: dict[str, Indicator] = {}
    companions: dict[str, Indicator] = {}
    for path in sorted((config / "indicators").glob("*.yaml")):
        document = read(path)
        direction = document.one_of("direction", tuple(directions))
        for entry in document.entries("indicators"):
            indicator, also = _indicator(entry, direction, forms, roles)
            if indicator.code in indicators:
                entry.fail("code", f"{indicator.code} stands twice")
            indicators[indicator.code] = indicator
            companions.update({c.code: c for c in also})
        document.done()
    for about in directions.values():
        for code in (*about.headline, *about.also):
            if code not in indicators:
                raise UserError(f"config/directions.yaml, {about.id}: no indicator has the code {code!r}")
    quarters = {year: _quarters(calendar, year) for year in calendar.names()}
    in_order = sorted(indicators.values(), key=lambda i: (list(directions).index(i.direction), i.code))
    settings = Settings(
        school_id=school.take("id"),
        school_name=name,
        languages=school.texts("languages", LANGUAGES),
        as_of=day or today or _last_day(quarters),
        store=place,
        demo=demo,
        keep_snapshots=school.take("keep_snapshots", int, 30),
        collect_minutes=school.take("collect_minutes", float, 5.0),
        stages={key: stages.entry(key).words("name") for key in stages.names()},
        stage_grades={
            year: {stage: tuple(grades) for stage, grades in stage_grades.take(year, dict).items()} for year in stage_grades.names()
        },
        unmarked_grades={year: tuple(unmarked.take(year, list)) for year in unmarked.names()},
        calendar=quarters,
        subjects={s.code: s for s in _subjects(subjects.entry("subjects"), associations)},
        associations=associations,
        roles=roles,
        directions=directions,
        forms=forms,
        indicators={i.code: i for i in in_order},
        companions=companions,
        thresholds=_thresholds(read(config / "thresholds.yaml")),
        choices=_choices(config / "choices.yaml"),
        cell_words=_choices(config / "cells.yaml"),
        issues=_issue_words(config / "issues.yaml"),
        journal=read_journal(config / "journal.yaml"),
        fingerprint=_fingerprint(config),
        digest=_digest(sorted(config.rglob("*.yaml"))),
    )
    school.done()
    subjects.done()
    return settings


def _in_year(day: str, first: int) -> dt.date:
    month, number = int(day[:2]), int(day[3:])
    return dt.date(first if month >= 8 else first + 1, month, number)


def _last_day(quarters: Mapping[str, tuple[tuple[str, str], ...]]) -> dt.date:
    years = [year for year in quarters if year != "default"] or ["2025-2026"]
    last = max(years)
    return _in_year(quarters.get(last, quarters["default"])[-1][1], int(last[:4]))


def _day(entry: Entry, key: str) -> dt.date | None:
    value = entry.take(key, (dt.date, str), "")
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        entry.fail(key, f"{value!r} was seen; expected a date like 2026-04-15, or nothing")
        return None


def _quarters(calendar: Entry, year: str) -> tuple[tuple[str, str], ...]:
    rows = calendar.take(year, list)
    if len(rows) != len(QUARTERS):
        calendar.fail(year, f"{len(rows)} quarters were seen; expected {len(QUARTERS)}")
    days: list[dt.date] = []
    for row in rows:
        for text in row:
            try:
                days.append(_in_year(text, int(year[:4]) if year != "default" else 2025))
            except (ValueError, TypeError, IndexError):
                calendar.fail(year, f'{text!r} is not a day; expected month-day in quotes, such as "11-04"')
    if days != sorted(set(days)):
        calendar.fail(year, "the days do not follow each other; expected start and end of quarter 1, 2, 3, 4 in this order")
    return tuple((a, b) for a, b in rows)


def _words_by_key(entry: Entry) -> dict[str, Words]:
    return {key: entry.words(key) for key in entry.names()}


def _subjects(entry: Entry, associations: Mapping[str, Words]) -> list[Subject]:
    found = []
    for code in entry.names():
        row = entry.entry(code)
        first, last = row.take("grades", list)
        found.append(
            Subject(code, row.words("name"), (first, last), row.one_of("association", tuple(associations)), row.texts("aliases", ()))
        )
        row.done()
    return found


def _direction(entry: Entry) -> Direction:
    direction = Direction(
        id=entry.take("id"),
        numeral=entry.take("numeral"),
        slug=entry.take("slug"),
        name=entry.words("name"),
        short=entry.words("short"),
        objects=entry.words("objects"),
        question=entry.words("question"),
        icon=entry.take("icon"),
        headline=entry.texts("headline"),
        also=entry.texts("also", ()),
    )
    entry.done()
    return direction


def _form(entry: Entry, roles: Mapping[str, Words]) -> Form:
    columns = tuple(_column(column) for column in entry.entries("columns"))
    keys = [column.key for column in columns]
    due = []
    for row in entry.entries("due", required=False):
        rule = DueRule(row.take("period"), row.take("rule"), row.texts("columns", ()))
        try:
            SchoolYear("2025-2026", ((dt.date(2025, 9, 1), dt.date(2025, 11, 4)),) * 4).resolve(
                rule.rule, "M09" if rule.period == "M" else "Q1"
            )
        except ValueError as error:
            row.fail("rule", str(error))
        for key in rule.columns:
            if key not in keys:
                row.fail("columns", f"the form has no column {key!r}")
        row.done()
        due.append(rule)
    form = Form(
        id=entry.take("form"),
        version=entry.take("version", int),
        title=entry.words("title"),
        purpose=entry.words("purpose"),
        placement=entry.one_of("placement", PLACEMENTS),
        workbook=entry.take("workbook"),
        tab=entry.one_of("tab", ("subject", "class", "association", "single")),
        rows=entry.one_of("rows", ("pupil", "pupil_month", "pupil_wave", "pupil_competence", "month", "open")),
        filled_by=entry.one_of("filled_by", tuple(roles)),
        restricted=entry.take("restricted", bool, False),
        columns=columns,
        row_key=entry.texts("row_key", ()),
        due=tuple(due),
        grades=tuple(entry.take("grades", list, [])),
    )
    for key in form.row_key:
        if key not in keys:
            entry.fail("row_key", f"the form has no column {key!r}")
    entry.done()
    return form


def _column(entry: Entry) -> Column:
    kind = entry.one_of("type", tuple(ColumnType))
    choices = []
    for row in entry.entries("choices", required=kind == ColumnType.CHOICE):
        key = row.take("key")
        choices.append(Choice(key, Words(key, row.take("ru", str, key), row.take("en", str, key)), row.texts("aliases", ())))
        row.done()
    column = Column(
        key=entry.take("key"),
        type=ColumnType(kind),
        title=entry.words("title"),
        optional=entry.take("optional", bool, False),
        choices=tuple(choices),
        minimum=entry.take("minimum", (float, type(None)), None),
        maximum=entry.take("maximum", (float, type(None)), None),
        refers_to=entry.one_of("refers_to", ("pupil", "teacher", "class", "subject"), ""),
        aliases=entry.texts("aliases", ()),
        help=entry.words("help") if "help" in entry else None,
        width=entry.take("width", int, 12),
    )
    entry.done()
    return column


def _indicator(
    entry: Entry, direction: str, forms: Mapping[str, Form], roles: Mapping[str, Words], parent: Indicator | None = None
) -> tuple[Indicator, list[Indicator]]:
    """One catalogue entry and its companions. A companion takes from its parent what it does not say itself."""

    def inherited(name: str) -> Any:
        return {"default": getattr(parent, name)} if parent else {}

    by = entry.texts("by", parent.by if parent else ())
    for name in by:
        if name not in PLACES:
            entry.fail("by", f"{name!r} was seen; expected some of {', '.join(PLACES)}")
    sources = []
    for row in entry.entries("sources", required=parent is None):
        form = row.one_of("form", tuple(forms))
        columns = {str(period): tuple(keys) for period, keys in row.take("columns", dict, {}).items()}
        for key in {key for keys in columns.values() for key in keys}:
            if key not in forms[form].by_key:
                row.fail("columns", f"the form {form} has no column {key!r}; it has {', '.join(forms[form].by_key)}")
        row.done()
        sources.append(Source(form, columns))
    variative = None
    if "variative" in entry:
        variative = _variative(entry.entry("variative"), forms)
    indicator = Indicator(
        code=entry.take("code"),
        direction=direction,
        name=entry.words("name"),
        formula=entry.words("formula", **inherited("formula")),
        numerator=entry.words("numerator", **inherited("numerator")),
        denominator=entry.words("denominator", **inherited("denominator")),
        method=entry.words("method", Words("")),
        unit=entry.one_of("unit", UNITS, **inherited("unit")),
        scale=entry.take("scale", float, **inherited("scale")),
        decimals=entry.take("decimals", int, **inherited("decimals")),
        better=entry.one_of("better", ("higher", "lower", "neither"), **inherited("better")),
        target=entry.take("target", (float, type(None)), None),
        tolerance=entry.take("tolerance", float, parent.tolerance if parent else 5.0),
        periods=entry.texts("periods", **inherited("periods")),
        by=by,
        denominator_by=entry.texts("denominator_by", parent.denominator_by if parent and "by" not in entry else by),
        roll_up=entry.one_of("roll_up", ROLL_UPS, **inherited("roll_up")),
        breakdown=entry.take("breakdown", str, ""),
        grades=tuple(entry.take("grades", list, list(parent.grades) if parent else [])),
        marked_only=entry.take("marked_only", bool, parent.marked_only if parent else False),
        clause=entry.take("clause", str, **inherited("clause")),
        part=entry.one_of("part", ("inv", "var"), **inherited("part")),
        visibility=entry.one_of("visibility", ("PUB", "INT", "ADM"), **inherited("visibility")),
        core=entry.take("core", bool, False),
        filled_by=entry.take("filled_by", str, **inherited("filled_by")),
        sources=tuple(sources) or (parent.sources if parent else ()),
        tags=entry.texts("tags", ()),
        companion_of=parent.code if parent else "",
        variative=variative,
    )
    for period in indicator.periods:
        if period not in ("Q", "H", "Y", "M"):
            entry.fail("periods", f"{period!r} was seen; expected some of Q, H, Y, M")
    also = [_indicator(row, direction, forms, roles, indicator)[0] for row in entry.entries("companions", required=False)]
    entry.done()
    return indicator, also


def _variative(entry: Entry, forms: Mapping[str, Form]) -> dict[str, object]:
    """A school's own indicator: one of a few closed kinds over one form's column; no code needed."""
    form = forms[entry.one_of("form", tuple(forms))]
    rule: dict[str, object] = {"kind": entry.one_of("kind", VARIATIVE_KINDS), "form": form.id}
    for key in ("column", "denominator_column", "date_column"):
        if key in entry:
            rule[key] = entry.one_of(key, tuple(form.by_key))
    if "equals" in entry:
        rule["equals"] = entry.texts("equals")
    if "at_least" in entry:
        rule["at_least"] = entry.take("at_least", float)
    where = entry.entry("where") if "where" in entry else None
    if where is not None:
        rule["where"] = {key: where.texts(key) if isinstance(where.take(key, object), list) else (str(where.take(key, object)),)
                         for key in where.names()}  # fmt: skip
        for key in where.names():
            if key not in form.by_key:
                where.fail(key, f"the form {form.id} has no such column; it has {', '.join(form.by_key)}")
    entry.done()
    return rule


def _thresholds(entry: Entry) -> SimpleNamespace:
    values: dict[str, Any] = {}
    for key in entry.names():
        value = entry.take(key, object)
        values[key] = {str(k): v for k, v in value.items()} if isinstance(value, dict) else value
    missing = {"sou_weights", "complete_from", "shrinkage_m", "ort_main"} - set(values)
    if missing:
        raise UserError(f"config/thresholds.yaml: the key {sorted(missing)[0]!r} is missing")
    return SimpleNamespace(**values)


def _choices(path: Path) -> dict[str, tuple[str, ...]]:
    if not path.exists():
        return {}
    entry = read(path)
    return {key: entry.texts(key) for key in entry.names()}


def _issue_words(path: Path) -> dict[str, IssueWords]:
    if not path.exists():
        return {}
    document = read(path)
    found = {}
    for code in document.names():
        entry = document.entry(code)
        found[code] = IssueWords(entry.words("seen"), entry.words("expected"), entry.words("mend"))
        entry.done()
    return found


def _fingerprint(config: Path) -> str:
    """A digest of the configuration that decides how cells are read: when it changes, workbooks are read again."""
    named = ("subjects", "cells", "school", "thresholds", "journal")
    return _digest([config / f"{name}.yaml" for name in named] + sorted((config / "forms").glob("*.yaml")))


def _digest(paths: Iterable[Path], more: str = "") -> str:
    digest = hashlib.sha256(more.encode())
    for path in paths:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
