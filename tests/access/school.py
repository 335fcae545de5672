"""A demo school with a canary in every class: an invented pupil whose name must reach nobody but those who may see that class.

The canary's name stands wherever its pupil does, and is typed, with the form's id behind it, into one wrong cell of every tab: so it stands
in what pages tell about issues. One person is added for each role, with a scope that the tests can name.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import yaml

from lib import settings
from lib.collection import collect
from lib.demo import AS_OF, plan_school
from lib.demo.submissions import write_submissions
from lib.model.form import ColumnType
from lib.settings import desk_of
from lib.templates import Tab, write_workbooks

YEAR = "2025-2026"
PUPILS, YEARS, SEED = 260, 2, 7
NUMBERS = ("Нол", "Бир", "Эки", "Үч", "Төрт", "Беш", "Алты", "Жети", "Сегиз", "Тогуз", "Он", "Онбир")
CLASSES = ("1-А", "2-А", "3-А", "4-А", "5-А", "5-Б", "6-А", "7-А", "7-Б", "8-А", "9-А", "10-А", "11-А")

# One person a role: code, role words, association. The class teacher leads 7-А, the subject teacher teaches algebra in 7-А and 8-А.
PEOPLE = {
    "director": ("T901", "director", "class_teachers"),
    "deputy": ("T902", "dep_study", "class_teachers"),
    "organizer": ("T903", "organizer", "class_teachers"),
    "mo_head": ("T904", "mo_head", "math"),
    "class_head": ("T905", "class_head", "social"),
    "teacher": ("T906", "teacher", "math"),
    "psych": ("T907", "psych", "class_teachers"),
    "soc": ("T908", "soc", "class_teachers"),
    "medic": ("T909", "medic", "class_teachers"),
    "librarian": ("T910", "librarian", "class_teachers"),
    "economy": ("T911", "economy", "class_teachers"),
}
LED, TAUGHT = "7-А", (("7-А", "ALG"), ("8-А", "ALG"))
# People who must not come in: code, e-mail, role words, whether they work.
STRANGERS = (
    ("T920", "gone@school.example", "director", "жок"),
    ("T921", "twice@school.example", "director", "ооба"),
    ("T922", "twice@school.example", "teacher", "ооба"),
)
FORMER = "former@school.example"  # in last year's staff alone
FAMILY_EMAIL = "family@home.example"
_WRONG = (ColumnType.MARK, ColumnType.COUNT, ColumnType.NUMBER, ColumnType.CHOICE)
_NAMING = ("pupil_id", "full_name", "month", "wave", "competence", "school_class", "subject", "sex", "status", "instruction_language")


def email(role: str) -> str:
    """The address of the role's person."""
    return f"{role.replace('_', '.')}@school.example"


def canary(school_class: str) -> str:
    """The name of the class's canary: "Канарейка ЖетиА"."""
    grade, letter = school_class.split("-")
    return f"Канарейка {NUMBERS[int(grade)]}{letter}"


def token(school_class: str, form: str, subject: str = "") -> str:
    """What stands in the wrong cell of a class's tab: the canary's name, then the form (and subject). Ends with a full stop."""
    return f"{canary(school_class)} {form}:{subject}."


@dataclass(frozen=True)
class CanarySchool:
    """Where the school lies, and every wrong cell's text: (class, form, subject or association)."""

    store: Path
    tokens: frozenset[tuple[str, str, str]]


def make(store: Path, demo: bool = True) -> CanarySchool:
    """Write and collect the school; with `demo` False it is a real one."""
    loaded = settings.load(today=AS_OF)
    plans, _damage, log = plan_school(PUPILS, YEARS, SEED, loaded, damaged=False)
    plans = [
        plan for plan in plans if plan.school_year.id == YEAR or plan.name.endswith(("registry.xlsx", "class-6-А.xlsx", "class-7-А.xlsx"))
    ]
    of_class: dict[str, str] = {}  # canary's pupil code → class
    tokens: set[tuple[str, str, str]] = set()
    for plan in plans:
        if plan.name.endswith("registry.xlsx"):
            for tab in plan.tabs:
                if plan.school_year.id == YEAR:
                    _register(tab, of_class)
                elif tab.form.id == "R2S":
                    tab.rows.append(_person(_keys(tab), "T930", "Мурунку Адам", FORMER, "director", "math"))
    for plan in plans:
        if plan.school_year.id != YEAR:
            continue
        for tab in plan.tabs:
            _name_canaries(tab, of_class)
            _speak_of_classes(tab)
            if tab.form.id[0] == "F" and (place := _spoil(tab, of_class)) is not None:
                tokens.add(place)
    write_workbooks(store, plans, loaded, 2)
    write_submissions(desk_of(store), log)
    about = {"as_of": AS_OF, "school_name": {"ky": "Канарейкалар мектеби", "ru": "Школа канареек", "en": "Canary school"}, "demo": demo}
    (store / "store.yaml").write_text(yaml.safe_dump(about, allow_unicode=True, sort_keys=False), encoding="utf-8")
    collect(store, settings.load(store, today=AS_OF), now=dt.datetime(2026, 4, 15, 8))
    return CanarySchool(store, frozenset(tokens))


def _keys(tab: Tab) -> list[str]:
    return [column.key for column in tab.columns]


def _register(tab: Tab, of_class: dict[str, str]) -> None:
    keys = _keys(tab)
    at = {key: place for place, key in enumerate(keys)}
    match tab.form.id:
        case "R1":
            seen: set[str] = set()
            for row in tab.rows:
                name = str(row[at["school_class"]])
                if name in CLASSES and name not in seen and not row[at["left_on"]]:
                    seen.add(name)
                    of_class[str(row[at["pupil_id"]])] = name
            assert seen == set(CLASSES), "the seed gives other classes"
            first = next(row for row in tab.rows if of_class.get(str(row[at["pupil_id"]])) == "9-А")
            first[at["family_email"]] = FAMILY_EMAIL
        case "R2S":
            for role, (code, word, association) in PEOPLE.items():
                tab.rows.append(_person(keys, code, f"Сыноочу {role.title().replace('_', ' ')}", email(role), word, association))
            for code, address, word, works in STRANGERS:
                tab.rows.append(_person(keys, code, "Бөтөн Адам", address, word, "math", works))
        case "R2C":
            for row in tab.rows:
                if row[at["school_class"]] == LED:
                    row[at["class_teacher_id"]] = PEOPLE["class_head"][0]
        case "R2L":
            for row in tab.rows:
                if (row[at["school_class"]], row[at["subject"]]) in TAUGHT:
                    row[at["teacher_id"]], row[at["vacant"]] = PEOPLE["teacher"][0], "жок"


def _person(keys: list[str], code: str, name: str, address: str, roles: str, association: str, works: str = "ооба") -> list[object]:
    told = {"teacher_id": code, "full_name": name, "email": address, "roles": roles, "mo": association, "category": "жок", "active": works}
    return [told.get(key) for key in keys]


def _name_canaries(tab: Tab, of_class: dict[str, str]) -> None:
    keys = _keys(tab)
    if "pupil_id" in keys and "full_name" in keys:
        code, name = keys.index("pupil_id"), keys.index("full_name")
        for row in tab.rows:
            if str(row[code]) in of_class:
                row[name] = canary(of_class[str(row[code])])


def _speak_of_classes(tab: Tab) -> None:
    """Decisions about a class, and what an expert says of one: their words are canaries."""
    rows: list[dict[str, object]] = []
    if tab.form.id == "F25":
        for number, (school_class, subject, person) in enumerate((("8-А", "KYR", "T901"), ("7-А", "ALG", "T901"), ("9-А", "", "T906"))):
            scope = f"school_class={school_class}" + (f";subject={subject}" if subject else "")
            said = token(school_class, "F25", subject)
            rows.append(
                {"id": f"B-90{number}", "decided_on": dt.date(2026, 1, 20), "indicator": "D1.02", "group": school_class, "period": "Q2",
                 "value": 40.0, "finding": token(school_class, "F25", "finding"), "decision": said, "measure": said,
                 "responsible_id": person, "due_on": dt.date(2026, 3, 1), "status": "аткарылууда", "scope": scope, "figure_year": YEAR}
            )  # fmt: skip
    if tab.form.id == "F26":
        rows = [
            {"indicator": "D1.02", "period": "Q3", "group": name, "level": 2, "comment": token(name, "F26"), "expert_id": "T901",
             "signed_on": dt.date(2026, 4, 2)} for name in ("7-А", "7-Б")
        ]  # fmt: skip
    tab.rows += [[row.get(key) for key in _keys(tab)] for row in rows]  # the first row is spoiled afterwards


def _spoil(tab: Tab, of_class: dict[str, str]) -> tuple[str, str, str] | None:
    """Type the canary's name into a cell where it is wrong; gives whose cell that is. None: the tab has no row."""
    columns = [column.column for column in tab.columns]
    keys = _keys(tab)
    rows = tab.rows
    if "pupil_id" in keys:
        code = keys.index("pupil_id")
        rows = [row for row in rows if str(row[code]) in of_class] or rows
    if not rows:
        return None
    place = next((n for n, c in enumerate(columns) if c is not None and c.type in _WRONG and c.key not in _NAMING), None)
    if place is None:
        return None
    school_class = tab.place.school_class or (of_class.get(str(rows[0][keys.index("pupil_id")]), "11-А") if "pupil_id" in keys else "11-А")
    if school_class not in CLASSES:
        return None
    about = tab.place.subject or tab.place.method_association
    rows[0][place] = token(school_class, tab.form.id, about)
    return school_class, tab.form.id, about
