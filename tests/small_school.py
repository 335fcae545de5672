"""A small invented school as plain grids, laid out by hand: nothing here comes from lib.templates.

A grid is a list of rows of cell values, as a store gives them (numbers are floats, an empty cell is None).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from lib.model.cell import CellError, CellValue, RawSheet
from lib.model.form import Form

YEAR = "2025-2026"
CLASSES = ("7-А", "7-Б")
SUBJECTS = ("ALG", "KYR", "PHY")
FIRST_ROW = 5  # data begin in sheet row 6

Grid = list[list[CellValue]]

_FAMILY = (
    "Токтогулов",
    "Осмонов",
    "Маматов",
    "Жумабаев",
    "Садыков",
    "Үмүтов",
    "Өмүров",
    "Исаков",
    "Абдыраев",
    "Шерматов",
    "Бекташев",
    "Чоңов",
)
_FIRST = ("Асан", "Чынар", "Эрлан", "Гүлнур", "Кубанычбек", "Нурайым", "Жылдыз", "Айдай", "Темирлан", "Бегимай", "Илгиз", "Каныкей")


@dataclass
class Tab:
    """One tab of the invented school: where it lies, its form, and its cells."""

    workbook: str
    title: str
    form: str
    grid: Grid

    def sheet(self) -> RawSheet:
        return RawSheet(self.workbook, self.title, self.grid)


def grid_of(form: Form, rows: Sequence[Mapping[str, Any]], **identity: str) -> Grid:
    """A tab of `form`: identity, keys, title, Kyrgyz and Russian headers, then the rows."""
    said = [f"{key}={value}" for key, value in identity.items()]
    keys = [column.key for column in form.columns]
    return [
        ["sapat", f"form={form.id}@{form.version}", f"school_year={YEAR}", *said],
        list(keys),
        [form.title.ky],
        [column.title.ky for column in form.columns],
        [column.title.ru for column in form.columns],
        *[[_cell(row.get(key)) for key in keys] for row in rows],
    ]


def _cell(value: Any) -> CellValue:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def pupils(school_class: str) -> list[dict[str, Any]]:
    """The invented pupils of a class: 12 in each, with names that differ by more than a slip."""
    first = CLASSES.index(school_class)
    found = []
    for n in range(12):
        name = f"{_FAMILY[(n + 5 * first) % 12]} {_FIRST[(n * (first + 1) * 5 + 3 * first) % 12]}"
        found.append({"pupil_id": f"P{2019001 + 100 * first + n}", "full_name": name, "school_class": school_class})
    return found


def school(forms: Mapping[str, Form], seed: int = 1) -> list[Tab]:
    """The registers and a tab of many forms, all filled in correctly."""
    some = random.Random(seed)
    tabs = []

    def add(workbook: str, title: str, form: str, rows: Sequence[Mapping[str, Any]], **identity: str) -> None:
        tabs.append(Tab(f"{YEAR}/{workbook}.xlsx", title, form, grid_of(forms[form], rows, **identity)))

    everyone = [p for name in CLASSES for p in pupils(name)]
    staff = [f"T{n:03d}" for n in range(1, 7)]
    add("registry", "Окуучулар реестри", "R1", [
        {**p, "sex": some.choice("эк"), "instruction_language": "кыргыз", "entered_on": dt.date(2024, 9, 1), "status": "окуйт",
         "consent_publish": "ооба"} for p in everyone])  # fmt: skip
    add("registry", "Класстар", "R2C", [
        {"school_class": name, "grade": 7, "class_teacher_id": staff[n], "instruction_language": "кыргыз", "shift": 1}
        for n, name in enumerate(CLASSES)])  # fmt: skip
    add("registry", "Кызматкерлер", "R2S", [
        {"teacher_id": code, "full_name": f"Мугалимов {_FIRST[n]}", "roles": "teacher, class_head" if n < 3 else "mo_head", "mo": "math",
         "category": "жогорку", "pd_last_date": dt.date(2024, 3, 5), "pd_hours": 72, "active": True}
        for n, code in enumerate(staff)])  # fmt: skip
    add("registry", "Жүктөм", "R2L", [
        {"teacher_id": staff[n], "subject": code, "school_class": name, "hours": 3.5, "vacant": "жок", "programme_approved": "ооба"}
        for name in CLASSES for n, code in enumerate(SUBJECTS)])  # fmt: skip
    marks = (5, 4, 3, 2, "5", "4", "н/а", "осв", 5, 4, 4, 3)
    for name in CLASSES:
        own = [{k: p[k] for k in ("pupil_id", "full_name")} for p in pupils(name)]
        for code in SUBJECTS:
            add(f"class-{name}", code, "F01", [
                {**p, **{q: some.choice(marks) for q in ("q1", "q2", "q3", "q4", "year")}} for p in own],
                school_class=name, subject=code)  # fmt: skip
        add(f"class-{name}", "Катышуу", "F05", [
            {**p, "month": month, "days_plan": 21, "missed_excused": some.randrange(4), "missed_unexcused": some.randrange(2)}
            for month in (9, 10, 11, 12) for p in own], school_class=name)  # fmt: skip
        add(f"class-{name}-restricted", "Ден соолук", "F20", [
            {**p, "health_group": some.choice(("I", "II", "III")), "pe_group": "негизги", "checkup_on": dt.date(2025, 10, 10),
             "ill_days_q1": some.randrange(5)} for p in own], school_class=name)  # fmt: skip
    add("association-math", "Сабакка катышуу", "F08", [
        {"held_on": dt.date(2025, 10, 1 + n), "visitor_id": "T005", "teacher_id": staff[n % 3], "school_class": CLASSES[n % 2],
         "subject": SUBJECTS[n % 3], "planned": "ооба", **{f"crit{i}": some.randrange(3) for i in range(1, 11)}, "ict": "жок",
         "technology": "топтук иш"} for n in range(8)], method_association="math")  # fmt: skip
    add("assessments", "Тышкы баалоо", "F02", [
        {"work_id": "ADM-2025-1", "source": "АДМ", "control_stage": "баштапкы", "subject": "ALG", "held_on": dt.date(2025, 9, 15),
         "pupil_id": p["pupil_id"], "full_name": p["full_name"], "mark": some.choice((5, 4, 3, 2)), "score": some.randrange(5, 20),
         "max_score": 20} for p in everyone])  # fmt: skip
    add("gifted", "Олимпиада", "F11", [
        {"pupil_id": p["pupil_id"], "full_name": p["full_name"], "kind": "олимпиада", "subject": "ALG", "title": f"Олимпиада {n}",
         "level": "район", "held_on": dt.date(2026, 2, 3), "place": "2", "mentor_id": "T002"}
        for n, p in enumerate(everyone[::5])])  # fmt: skip
    add("equipment", "Жабдылыш", "F14", [
        {"cabinet": f"каб. {n}", "category": "МКТ", "item": "ноутбук", "norm": 12, "have": 10, "have_ok": 9}
        for n in range(1, 7)])  # fmt: skip
    add("upbringing", "Иш-чаралар", "F18", [
        {"held_on": dt.date(2025, 11, 12 + n), "title": f"Майрам {n}", "area": "адеп", "planned": "ооба", "done": "ооба",
         "school_class": "7-А", "participants": 20 + n, "initiator": "окуучулар", "parent_meeting": "жок"} for n in range(5)])  # fmt: skip
    return tabs


def by_workbook(tabs: Sequence[Tab]) -> dict[str, list[RawSheet]]:
    """workbook → its sheets."""
    found: dict[str, list[RawSheet]] = {}
    for tab in tabs:
        found.setdefault(tab.workbook, []).append(tab.sheet())
    return found


def write(folder: Path, tabs: Sequence[Tab]) -> None:
    """The tabs as .xlsx files under `folder`."""
    for name, sheets in by_workbook(tabs).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}) as book:
            day = book.add_format({"num_format": "dd.mm.yyyy"})
            for sheet in sheets:
                drawn = book.add_worksheet(sheet.title)
                for r, row in enumerate(sheet.rows):
                    for c, value in enumerate(row):
                        if isinstance(value, CellError):
                            drawn.write_formula(r, c, "=1/0", None, value.text)
                        elif isinstance(value, dt.date):
                            drawn.write_datetime(r, c, dt.datetime.combine(value, dt.time()), day)
                        elif isinstance(value, bool):
                            drawn.write_boolean(r, c, value)
                        elif isinstance(value, str):
                            drawn.write_string(r, c, value)
                        elif value is not None:
                            drawn.write(r, c, value)
