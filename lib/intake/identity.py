"""Checks across tabs: does each row belong to whom it says, does it stand only once, does what it refers to exist.

Runs in the main process over plain columns. A value that may belong to another child is never used: the whole row is reported.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lib.i18n import canon, match_key
from lib.intake.locate import row_names
from lib.intake.parse import Value, edit_distance
from lib.intake.reading import READ, REFUSED, Reading, TabReading
from lib.intake.registry import REGISTERS, Known, day, known_by_year, name_key
from lib.intake.vocabulary import spelling
from lib.model.form import Column, ColumnType, Form
from lib.model.issue import Issue, Severity
from lib.model.registry import Pupil, Registry
from lib.settings import Settings

_SLIPS = 2  # letters that a name beside a code may differ by

# (form, part, whole): a part that is more than its whole is worth a look.
_PARTS = (
    ("F02", "score", "max_score"),
    ("F02I", "score", "max_score"),
    ("F05", "missed_excused", "days_plan"),
    ("F05", "missed_unexcused", "days_plan"),
    ("F10", "steps_done", "plan_steps"),
    ("F14", "have_ok", "have"),
    ("F15", "books_ok", "books_total"),
    ("F18", "parents_present", "parents_total"),
    ("F21", "fed_free", "enrolled"),
    ("F21", "fed_paid", "enrolled"),
    ("F21", "days_fed", "days_plan"),
)
# (form, earlier, later): days that follow each other.
_ORDERS = (
    ("R1", "entered_on", "left_on"),
    ("F06", "opened_on", "review_on"),
    ("F12", "started_on", "ended_on"),
    ("F16", "from", "to"),
    ("F18S", "from", "to"),
    ("F19", "opened_on", "closed_on"),
    ("F19R", "from", "to"),
    ("F22", "checked_on", "fixed_on"),
)
# Days on which something happened in the school year of the tab; other days may lie in other years.
_EVENT_DAYS = frozenset({"held_on", "checked_on", "happened_on", "checkup_on", "decided_on", "signed_on", "done_on", "requested_on"})


class _Tab:
    """A tab under check: drops cells and rows, each with its issue, and leaves the reading that it came from as it was."""

    def __init__(self, tab: TabReading, form: Form, issues: list[Issue]) -> None:
        self.tab = replace(tab, values=dict(tab.values), rows=tab.rows)
        self.form = form
        self.issues = issues
        self.dropped: set[int] = set()
        self._own: set[str] = set()
        # The last good records of a tab that cannot be read now stand in without being counted a second time.
        self._counted = tab.cells > 0

    def column(self, key: str) -> Sequence[Value | None]:
        """The column's values, () when the tab does not have it."""
        return self.tab.values.get(key, ())

    def address(self, key: str, row: int) -> str:
        return f"{self.tab.columns[key]}{self.tab.rows[row]}"

    def place(self, row: int) -> str:
        """Where the row stands, for people."""
        return f"{self.tab.tab}, {self.tab.rows[row]}"

    def warn(self, code: str, key: str, row: int, **slots: str) -> None:
        """An issue about a cell whose value is used all the same."""
        self.issues.append(self.tab.issue(code, Severity.WARNING, self.address(key, row), 0, self._named(key, slots)))

    def drop_cell(self, code: str, key: str, row: int, severity: Severity = Severity.ERROR, **slots: str) -> None:
        """Take the cell's value away and report it."""
        if key not in self._own:
            self.tab.values[key] = list(self.tab.values[key])
            self._own.add(key)
        self.tab.values[key][row] = None
        self.tab.accepted -= self._counted
        self.tab.reported += self._counted
        self.issues.append(self.tab.issue(code, severity, self.address(key, row), int(self._counted), self._named(key, slots)))

    def drop_row(self, code: str, row: int, severity: Severity = Severity.ERROR, **slots: str) -> None:
        """Report every used cell of the row; the record is no more."""
        for key in list(self.tab.values):
            if self.tab.values[key][row] is not None:
                self.drop_cell(code, key, row, severity, **slots)
        self.dropped.add(row)

    def refuse(self, code: str, severity: Severity, **slots: str) -> None:
        """Report the whole tab."""
        self.issues.append(self.tab.issue(code, severity, "", self.tab.accepted, slots))
        self.tab.reported += self.tab.accepted
        self.tab.accepted = 0
        self.tab.rows, self.tab.values, self.tab.state = [], {key: [] for key in self.tab.values}, REFUSED
        self.dropped.clear()

    def finished(self) -> TabReading:
        """The tab without the dropped rows."""
        if self.dropped:
            kept = [i for i in range(len(self.tab.rows)) if i not in self.dropped]
            self.tab.rows = [self.tab.rows[i] for i in kept]
            self.tab.values = {key: [column[i] for i in kept] for key, column in self.tab.values.items()}
            self.dropped, self._own = set(), set(self.tab.values)
        return self.tab

    def _named(self, key: str, slots: Mapping[str, str]) -> dict[str, str]:
        return {"column": self.form.by_key[key].title.ky, **slots}


def check(readings: Iterable[Reading], settings: Settings) -> tuple[list[TabReading], list[Issue]]:
    """All tabs of a store, checked against the registers and against each other, and everything that was found wrong.

    The readings stay as they are. In every tab cells = accepted + reported, and its issues that carry cells add up to `reported`.
    """
    issues: list[Issue] = []
    desks: list[_Tab] = []
    order: list[_Tab | TabReading] = []
    for reading in readings:
        issues.extend(reading.issues)
        for tab in reading.tabs:
            if tab.state == READ and tab.form in settings.forms:
                desks.append(_Tab(tab, settings.forms[tab.form], issues))
                order.append(desks[-1])
            else:
                order.append(replace(tab))
    _drop_copies(desks)
    by_form: dict[str, list[_Tab]] = {}
    for desk in desks:
        by_form.setdefault(desk.tab.form, []).append(desk)
    in_registers = [desk for form in REGISTERS for desk in by_form.get(form, [])]
    known = before = known_by_year(desk.tab for desk in in_registers)
    for form in REGISTERS:
        _drop_duplicates(by_form.get(form, []))
    if any(desk.dropped for desk in in_registers):
        known = known_by_year([desk.finished() for desk in in_registers])
    for year, all_rows in before.items():
        now = known.setdefault(year, Known(Registry(year)))
        now.pupil_ids |= all_rows.pupil_ids
        now.staff_ids |= all_rows.staff_ids
        now.class_names |= all_rows.class_names
        now.listed_classes |= all_rows.listed_classes
        now.filled |= all_rows.filled
    _ask_about_namesakes(by_form.get("R1", []), known)
    said: set[tuple[str, str]] = set()
    for desk in desks:
        year = desk.tab.school_year
        registers = known.get(year) or Known(Registry(year))
        for register in sorted(_needed(desk.form) - registers.filled - {desk.form.id}):
            if (year, register) not in said:
                said.add((year, register))
                title = settings.forms[register].title.ky
                issues.append(
                    desk.tab.issue("registry_missing", Severity.WARNING, slots={"year": year, "register": f"{title} ({register})"})
                )
        _check_tab(desk, registers, settings)
    for form, same in by_form.items():
        if form not in REGISTERS:
            _drop_duplicates(same)
    return [item.finished() if isinstance(item, _Tab) else item for item in order], issues


def _needed(form: Form) -> set[str]:
    """The registers that the form's rows are checked against."""
    refers = {column.refers_to for column in form.columns}
    return {register for word, register in (("pupil", "R1"), ("teacher", "R2S"), ("class", "R2C")) if word in refers}


# --- the same thing twice ------------------------------------------------------------------------------------------------


def _content(desk: _Tab, row: int) -> dict[str, Any]:
    """What the row says, without the name that is only shown."""
    return {
        key: column[row]
        for key, column in desk.tab.values.items()
        if column[row] is not None and desk.form.by_key[key].type is not ColumnType.NAME
    }


def _covers(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether `one` says all that `other` says, and nothing else about the same questions."""
    return other.items() <= one.items() if not _has_lists(other) else all(one.get(k) == v for k, v in other.items())


def _has_lists(content: Mapping[str, Any]) -> bool:
    return any(isinstance(value, list) for value in content.values())


def _drop_copies(desks: list[_Tab]) -> None:
    """Tabs that say they are the same subject, class or association: one is read, and a copy of another kind of tab likewise."""
    first: dict[tuple[str, ...], list[_Tab]] = {}
    for desk in desks:
        kept = first.setdefault(desk.tab.scope, [])
        if desk.form.tab == "single":
            twin = next((k for k in kept if k.tab.values == desk.tab.values), None)
        else:
            twin = kept[0] if kept else None
        if twin is None:
            kept.append(desk)
            continue
        better, worse = (desk, twin) if _tab_covers(desk, twin) and not _tab_covers(twin, desk) else (twin, desk)
        alike = _tab_covers(better, worse)
        place = f"{better.tab.workbook}, {better.tab.tab}"
        code, severity = ("duplicate_tab_same", Severity.WARNING) if alike else ("duplicate_tab", Severity.ERROR)
        worse.refuse(code, severity, other=place)
        if better is desk:
            kept[kept.index(twin)] = desk


def _tab_covers(one: _Tab, other: _Tab) -> bool:
    if one.tab.values == other.tab.values:
        return True
    key = one.form.row_key
    if not key:
        return False
    contents = {tuple(map(str, (c.get(k) for k in key))): c for c in (_content(one, i) for i in range(len(one.tab.rows)))}
    for i in range(len(other.tab.rows)):
        content = _content(other, i)
        found = contents.get(tuple(str(content.get(k)) for k in key))
        if found is None or not _covers(found, content):
            return False
    return True


def _drop_duplicates(desks: list[_Tab]) -> None:
    """Rows with one row key: the one that says all that the others say is used; when they differ, none is."""
    keyed: dict[tuple[str, ...], list[tuple[_Tab, list[tuple[Any, ...]]]]] = {}
    for desk in desks:
        form, tab = desk.form, desk.tab
        if form.row_key and tab.state == READ:
            scope = (tab.school_year, *((tab.subject, tab.school_class) if form.tab == "subject" else ()))
            keyed.setdefault(scope, []).append((desk, _row_keys(desk)))
    places: dict[tuple[Any, ...], list[tuple[_Tab, int]]] = {}
    for scope, held in keyed.items():
        if len(set().union(*(keys for _, keys in held))) == sum(len(keys) for _, keys in held):
            continue  # nothing stands twice, as nearly everywhere
        for desk, keys in held:
            needed = [desk.form.by_key[key].type is ColumnType.DATE and not desk.form.by_key[key].optional for key in desk.form.row_key]
            for row, key in enumerate(keys):
                if row not in desk.dropped and not any(must and part is None for must, part in zip(needed, key, strict=True)):
                    places.setdefault((*scope, *key), []).append((desk, row))
    for found in places.values():
        if len(found) == 1:
            continue
        contents = [_content(desk, row) for desk, row in found]
        fullest = max(range(len(found)), key=lambda i: (len(contents[i]), -i))
        agreed = all(_covers(_folded(contents[fullest]), _folded(content)) for content in contents)
        for i, (desk, row) in enumerate(found):
            if agreed and i == fullest:
                continue
            twin = next((found[j] for j in ([fullest] if agreed else range(len(found))) if j != i), found[0])
            code, severity = ("duplicate_row_same", Severity.WARNING) if agreed else ("duplicate_row", Severity.ERROR)
            desk.drop_row(code, row, severity, other=twin[0].place(twin[1]))


def _row_keys(desk: _Tab) -> list[tuple[Any, ...]]:
    """The row key of each row; free text in its spelling."""
    columns: list[Iterable[Any]] = []
    for key in desk.form.row_key:
        values = desk.column(key) or [None] * len(desk.tab.rows)
        free = desk.form.by_key[key].type is ColumnType.TEXT
        columns.append([(spelling(value) or value) if isinstance(value, str) else value for value in values] if free else values)
    return list(zip(*columns, strict=True))


def _folded(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: spelling(value) or value if isinstance(value, str) else value for key, value in content.items()}


def _ask_about_namesakes(desks: list[_Tab], known: Mapping[str, Known]) -> None:
    """Two pupils with one name in one class may be one child entered twice, or two children: only the school knows."""
    for desk in desks:
        registers = known[desk.tab.school_year]
        for row, (pupil_id, name) in enumerate(zip(desk.column("pupil_id"), desk.column("full_name"), strict=False)):
            pupil = registers.pupils.get(str(pupil_id))
            if pupil is None or not isinstance(name, str):
                continue
            alike = [
                p
                for p in registers.by_name.get(name_key(name), [])
                if p.school_class == pupil.school_class and p.pupil_id != pupil.pupil_id
            ]
            if alike:
                desk.warn(
                    "same_name_pupils", "full_name", row, name=name, ids=", ".join(sorted([pupil.pupil_id, *(p.pupil_id for p in alike)]))
                )


# --- rows against the registers ------------------------------------------------------------------------------------------


def _check_tab(desk: _Tab, known: Known, settings: Settings) -> None:
    tab, form = desk.tab, desk.form
    if tab.state != READ:
        return
    own_class = tab.school_class if form.tab in ("class", "subject") else ""
    if own_class and "R2C" in known.filled and own_class not in known.class_names:
        desk.refuse("tab_class_unknown", Severity.ERROR, value=own_class)
        return
    if form.id not in REGISTERS and "pupil_id" in tab.values and "R1" in known.filled:
        _check_pupils(desk, known, own_class)
    for column in form.columns:
        if column.key not in tab.values:
            continue
        if column.refers_to == "teacher" and "R2S" in known.filled:
            _check_reference(desk, column, "teacher_unknown", known.staff_ids.__contains__)
        elif column.refers_to == "class" and "R2C" in known.filled:
            _check_classes(desk, column, known)
        elif column.key in _EVENT_DAYS and column.type is ColumnType.DATE:
            _check_days(desk, column.key, settings)
    for form_id, part, whole in _PARTS:
        if form_id == form.id:
            _compare(desk, part, whole, lambda a, b: a > b, "more_than_whole")
    for form_id, earlier, later in _ORDERS:
        if form_id == form.id:
            _compare(desk, later, earlier, lambda a, b: a < b, "dates_reversed")
    if form.id == "R2C":
        for row, (name, grade) in enumerate(zip(desk.column("school_class"), desk.column("grade"), strict=False)):
            if grade is not None and str(name).split("-")[0] != str(grade):
                desk.warn("grade_differs", "grade", row, value=str(grade), name=str(name))


def _check_pupils(desk: _Tab, known: Known, own_class: str) -> None:
    """Each row's pupil: known, of this class, and the one whose name stands beside the code.

    Where another pupil's name is found, codes and rows have come apart (a part of the sheet was sorted); then only rows whose name
    proves right are used, and none where most rows are wrong: there a name may be right by chance.
    """
    names = desk.column("full_name") or [None] * len(desk.tab.rows)
    apart = 0
    unproven: list[int] = []
    slips: list[tuple[int, Pupil, str]] = []
    for row, (pupil_id, name) in enumerate(zip(desk.column("pupil_id"), names, strict=True)):
        pupil = known.pupils.get(pupil_id)  # type: ignore[arg-type]
        if pupil is None:
            if pupil_id is not None and pupil_id not in known.pupil_ids:
                _drop_unknown(desk, row, str(pupil_id), name, known)
            else:
                unproven.append(row)
        elif own_class and pupil.school_class and pupil.school_class != own_class:
            desk.drop_row("pupil_other_class", row, value=pupil.pupil_id, known=pupil.school_class, tab=own_class)
        elif not isinstance(name, str):
            unproven.append(row)
        elif name != pupil.full_name and (seen := name_key(name)) != (right := name_key(pupil.full_name)):
            is_another = any(p.pupil_id != pupil.pupil_id for p in known.by_name.get(seen, []))
            apart += is_another
            if not is_another and not right:
                unproven.append(row)  # the register has lost the name: nothing to compare with
            elif not is_another and _is_slip(name, pupil.full_name):
                slips.append((row, pupil, name))
            else:
                desk.drop_row("name_id_mismatch", row, value=canon(name), known=pupil.full_name, id=pupil.pupil_id)
    for row, pupil, name in slips:
        if apart:
            desk.drop_row("name_id_mismatch", row, value=canon(name), known=pupil.full_name, id=pupil.pupil_id)
        else:
            desk.warn("name_differs", "full_name", row, value=canon(name), known=pupil.full_name, id=pupil.pupil_id)
    if 2 * apart > len(desk.tab.rows):
        unproven = [row for row in range(len(desk.tab.rows)) if row not in desk.dropped]
    if apart and "full_name" in desk.tab.values:
        for row in unproven:
            desk.drop_row("name_unproven", row, value=str(desk.column("pupil_id")[row]))


def _drop_unknown(desk: _Tab, row: int, pupil_id: str, name: object, known: Known) -> None:
    meant = known.by_name.get(name_key(name), []) if isinstance(name, str) else []
    if len(meant) == 1:
        desk.drop_row("pupil_unknown_named", row, value=pupil_id, name=str(name), known=meant[0].pupil_id)
    else:
        desk.drop_row("pupil_unknown", row, value=pupil_id)


def _is_slip(name: str, right: str) -> bool:
    """Whether the name differs by a few letters, or leaves out a word (a patronymic)."""
    seen, known = name_key(name), name_key(right)
    fewer, more = sorted((set(seen.split()), set(known.split())), key=len)
    pairs = ((match_key(name), match_key(right)), (seen, known))
    return (len(fewer) >= 2 and fewer <= more) or any(edit_distance(one, other, _SLIPS) <= _SLIPS for one, other in pairs)


def _check_reference(desk: _Tab, column: Column, code: str, known: Callable[[str], bool]) -> None:
    names_row = column.key in row_names(desk.form)
    for row, value in enumerate(desk.column(column.key)):
        if value is None or row in desk.dropped:
            continue
        unknown = [item for item in (value if isinstance(value, list) else [value]) if not known(str(item))]
        if unknown and names_row:
            desk.drop_row(code, row, value=str(unknown[0]))
        elif unknown:
            desk.drop_cell(code, column.key, row, value=str(unknown[0]))


def _check_classes(desk: _Tab, column: Column, known: Known) -> None:
    """A class that no register has. In the registers themselves it is only asked about: dropping it would lose its pupils."""
    if desk.form.id not in REGISTERS:
        _check_reference(desk, column, "class_unknown", known.class_names.__contains__)
        return
    for row, value in enumerate(desk.column(column.key)):
        if value is not None and row not in desk.dropped and str(value) not in known.listed_classes:
            desk.warn("class_not_listed", column.key, row, value=str(value))


def _check_days(desk: _Tab, key: str, settings: Settings) -> None:
    year = settings.school_year(desk.tab.school_year)
    known: dict[str, bool] = {}
    for row, value in enumerate(desk.column(key)):
        if value is None or row in desk.dropped:
            continue
        text = str(value)
        if text not in known:
            known[text] = year.contains(dt.date.fromisoformat(text))
        if not known[text]:
            desk.warn("date_outside_year", key, row, value=_printed(text), year=year.id)


def _compare(desk: _Tab, key: str, other: str, wrong: Callable[[Any, Any], bool], code: str) -> None:
    for row, (value, limit) in enumerate(zip(desk.column(key), desk.column(other), strict=False)):
        if value is not None and limit is not None and row not in desk.dropped and wrong(value, limit):
            title = desk.form.by_key[other].title.ky
            desk.warn(code, key, row, value=_printed(value), other=title, limit=_printed(limit))


def _printed(value: object) -> str:
    if isinstance(value, str) and len(value) == 10 and (found := day(value)):
        return found.strftime("%d.%m.%Y")
    return f"{value:g}" if isinstance(value, float) else str(value)
