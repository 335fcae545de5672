"""Which workbooks a school gets, with which tabs and which rows already filled in. Nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lib.model.calendar import MONTHS, SchoolYear
from lib.model.cell import CellError
from lib.model.form import Column, ColumnType, Form
from lib.model.registry import Pupil, Registry
from lib.settings import Settings
from lib.settings.cyclogram import plan_of, read_cyclogram

# What a planned cell may hold. None: an empty cell.
CellContent = None | str | int | float | bool | dt.date | CellError | list[str]
Row = Mapping[str, CellContent]

REGISTRY_FORMS = ("R1", "R2C", "R2S", "R2L")
TITLE_LIMIT = 31  # letters in a tab's name, a limit of the .xlsx format
# Columns that are filled in beforehand, by kind of rows.
PREFILLED = {
    "pupil": ("pupil_id", "full_name"),
    "pupil_month": ("month", "pupil_id", "full_name"),
    "pupil_wave": ("wave", "pupil_id", "full_name"),
    "pupil_competence": ("pupil_id", "full_name", "competence", "wave"),
    "month": ("month", "school_class"),
    "open": (),
}


class Place(NamedTuple):
    """What a tab speaks of: the form and, where it applies, class, subject code and methodical association."""

    form: str
    school_class: str = ""
    subject: str = ""
    method_association: str = ""


@dataclass
class TabColumn:
    """One column of a tab: its machine key and two header texts. `column` None: a column the form does not know."""

    key: str
    ky: str
    ru: str
    column: Column | None


@dataclass
class Tab:
    """One tab to write. `identity` is the hidden first row; `rows` hold one value per column of `columns`."""

    title: str
    place: Place
    form: Form
    identity: list[str]
    heading: str
    columns: list[TabColumn]
    rows: list[list[CellContent]] = field(default_factory=list)
    header_ru: bool = True

    def place_of(self, key: str) -> int:
        """Which column, counted from 0, has that key; ValueError when none has."""
        return [column.key for column in self.columns].index(key)


@dataclass
class WorkbookPlan:
    """One workbook to write: `name` is its path inside the store.

    `lists`: the long lists of answers for its drop-downs; `ranges`: lists that are columns of its own tabs, name → (form, key).
    """

    name: str
    school_year: SchoolYear
    tabs: list[Tab]
    lists: dict[str, list[str]]
    restricted: bool = False
    ranges: dict[str, tuple[str, str]] = field(default_factory=dict)


def plan_registry(settings: Settings, school_year: str, contents: Mapping[Place, Sequence[Row]] | None = None) -> WorkbookPlan:
    """The registry workbook (R1, R2C, R2S, R2L), blank or with the rows of `contents`."""
    rows = contents or {}
    year = settings.school_year(school_year)
    tabs = []
    taken: set[str] = set()
    for form_id in REGISTRY_FORMS:
        place = Place(form_id)
        tabs.append(_tab(place, year, settings, taken, rows.get(place, ())))
    lists = _lists(settings, None)
    # classes and staff stand in the registers themselves: drop-downs follow the rows as they are typed
    ranges = {"class": ("R2C", "school_class"), "teacher": ("R2S", "teacher_id")}
    return WorkbookPlan(f"{school_year}/registry.xlsx", year, tabs, lists, True, ranges)


def plan_set(
    registry: Registry, settings: Settings, school_year: str, contents: Mapping[Place, Sequence[Row]] | None = None
) -> list[WorkbookPlan]:
    """All workbooks of a school but the registry (which the school has), in the order of their names' kinds.

    `contents`: rows (column key → value) that stand in place of the blank or pre-filled ones of a tab; a place that the
    school has no tab for is a ValueError.
    """
    left = dict(contents or {})
    year = settings.school_year(school_year)
    lists = _lists(settings, registry)
    forms = list(settings.forms.values())
    plans: list[WorkbookPlan] = []

    def add(name: str, places: list[Place], restricted: bool = False) -> None:
        if not places:
            return
        taken: set[str] = set()
        tabs = []
        for place in places:
            form = settings.forms[place.form]
            rows = left.pop(place) if place in left else _first_rows(form, place, registry, settings, year)
            tabs.append(_tab(place, year, settings, taken, rows))
        plans.append(WorkbookPlan(f"{school_year}/{name}.xlsx", year, tabs, lists, restricted))

    subject_order = {code: number for number, code in enumerate(settings.subjects)}
    for school_class in registry.classes:
        for placement, suffix in (("class", ""), ("class_restricted", "-restricted")):
            places: list[Place] = []
            for form in forms:
                if form.placement != placement or (form.grades and school_class.grade not in form.grades):
                    continue
                if form.tab == "subject":
                    if settings.marked(school_year, school_class.grade):
                        subjects = registry.subjects_of(school_class.school_class)
                        places += [
                            Place(form.id, school_class.school_class, code)
                            for code in sorted(subjects, key=lambda code: subject_order.get(code, 99))
                        ]
                else:
                    places.append(Place(form.id, school_class.school_class))
            add(f"class-{school_class.school_class}{suffix}", places, placement == "class_restricted")
    for association in settings.associations:
        places = [Place(form.id, method_association=association) for form in forms if form.placement == "association"]
        add(f"association-{association}", places, any(settings.forms[p.form].restricted for p in places))
    for placement in ("school", "school_restricted"):
        workbooks = dict.fromkeys(form.workbook for form in forms if form.placement == placement)
        for workbook in workbooks:
            places = [Place(form.id) for form in forms if form.placement == placement and form.workbook == workbook]
            add(workbook, places, placement == "school_restricted")
    left = {place: rows for place, rows in left.items() if place.form not in REGISTRY_FORMS}
    if left:
        raise ValueError(f"the school has no tab for {', '.join(map(str, list(left)[:3]))}")
    return plans


# --- one tab -------------------------------------------------------------------------------------------------------------


def _tab(place: Place, year: SchoolYear, settings: Settings, taken: set[str], rows: Iterable[Row]) -> Tab:
    form = settings.forms[place.form]
    subject = settings.subjects[place.subject].name if place.subject in settings.subjects else None
    association = settings.associations.get(place.method_association)
    identity = ["sapat", f"form={form.id}@{form.version}", f"school_year={year.id}"]
    identity += [
        f"{name}={value}"
        for name, value in (
            ("school_class", place.school_class), ("subject", place.subject), ("method_association", place.method_association),
        )
        if value
    ]  # fmt: skip
    about = [form.title.ky, place.school_class, subject.ky if subject else place.subject, association.ky if association else "", year.id]
    columns = [TabColumn(c.key, c.title.ky, c.title.of("ru"), c) for c in form.columns]
    keys = [c.key for c in form.columns]
    filled = []
    for row in rows:
        if unknown := set(row) - set(keys):
            raise ValueError(f"{form.id} has no column {sorted(unknown)[0]!r}")
        filled.append([row.get(key) for key in keys])
    title = subject.ky if subject else (place.subject or form.title.ky)
    return Tab(_title(title, taken), place, form, identity, " · ".join(part for part in about if part), columns, filled)


def _title(text: str, taken: set[str]) -> str:
    """A name that a tab may have: no forbidden signs, at most 31 letters (else what stands in brackets at its end), none twice."""
    plain = "".join("-" if sign in "[]:*?/\\" else sign for sign in text).strip("'")
    if len(plain) > TITLE_LIMIT and plain.endswith(")"):
        plain = plain[plain.rindex("(") + 1 : -1]
    name, number = plain[:TITLE_LIMIT], 2
    while name.casefold() in taken:
        ending = f" {number}"
        name, number = plain[: TITLE_LIMIT - len(ending)] + ending, number + 1
    taken.add(name.casefold())
    return name


def _first_rows(form: Form, place: Place, registry: Registry, settings: Settings, year: SchoolYear) -> list[dict[str, CellContent]]:
    """The rows that a fresh tab begins with: the pupils of the class in the order of the alphabet, or the yearly plan, or none."""
    if form.id == "F24":
        return plan_rows(form, settings, year)
    if form.rows == "open":
        return []
    if form.rows == "month":
        return [{"month": int(month[1:]), "school_class": place.school_class} for month in MONTHS]
    names: list[dict[str, CellContent]] = [
        {"pupil_id": p.pupil_id, "full_name": p.full_name} for p in pupils_listed(registry, place.school_class, settings, year)
    ]
    match form.rows:
        case "pupil_month":
            heads: list[dict[str, CellContent]] = [{"month": int(month[1:])} for month in MONTHS]
        case "pupil_wave":
            heads = [{"wave": wave} for wave in _answers(form.column("wave"))]
        case "pupil_competence":
            heads = [
                {"wave": wave, "competence": competence}
                for wave in _answers(form.column("wave"))
                for competence in _answers(form.column("competence"))
            ]
        case _:
            heads = [{}]
    return [{**head, **name} for head in heads for name in names]


def _answers(column: Column) -> list[str | int]:
    if column.choices:
        return [choice.key for choice in column.choices]
    return list(range(int(column.minimum or 0), int(column.maximum or 0) + 1))


def pupils_listed(registry: Registry, school_class: str, settings: Settings, year: SchoolYear) -> list[Pupil]:
    """The pupils who stand in the tabs of a class: all who were in it during the year, not those who had left before it."""
    gone = settings.choices.get("left", ())

    def stands(pupil: Pupil) -> bool:
        if pupil.left_on is not None:
            return pupil.left_on > year.start
        return pupil.status not in gone

    return [pupil for pupil in registry.pupils_of(school_class) if stands(pupil)]


def plan_rows(form: Form, settings: Settings, year: SchoolYear) -> list[dict[str, CellContent]]:
    """The rows of F24 for a school year: config/cyclogram.yaml, everything still planned."""
    forms = {choice.words.en: choice.key for choice in form.column("form").choices}
    planned = form.column("status").choices[0].key
    return [
        {
            "id": item.id,
            "object": item.object.ky,
            "directions": list(item.directions),
            "form": forms[item.form],
            "method": item.method,
            "responsible": item.responsible,
            "document": item.document,
            "indicators": list(item.indicators),
            "due_rule": item.due,
            "status": planned,
        }
        for item in plan_of(read_cyclogram(), year)
    ]


def _lists(settings: Settings, registry: Registry | None) -> dict[str, list[str]]:
    """The long lists of answers, by what a column refers to."""
    return {
        "subject": list(settings.subjects),
        "association": [words.ky for words in settings.associations.values()],
        "class": [c.school_class for c in registry.classes] if registry else [],
        "teacher": [s.teacher_id for s in registry.staff] if registry else [],
        "pupil": sorted(p.pupil_id for p in registry.pupils) if registry else [],
    }


def list_of(column: Column) -> str:
    """The name of the long list that a column's cells come from, or ""."""
    if column.type == ColumnType.LIST:
        return ""
    if column.type == ColumnType.ASSOCIATION:
        return "association"
    return {ColumnType.SUBJECT: "subject", ColumnType.CLASS: "class"}.get(column.type, "") or column.refers_to
