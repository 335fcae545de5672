"""Finds a form on a tab: what the tab says of itself, in which column each question stands, and where the data begin.

A tab names itself in hidden rows (identity, then the machine key of each column), so that columns may be moved and headers
renamed. Where a hidden row is lost, header texts, tab titles and the other tabs of the workbook stand in, with a warning;
what they cannot tell is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lib.i18n import canon
from lib.intake.parse import class_of, edit_distance, is_blank, shown
from lib.intake.vocabulary import Vocabulary, spelling
from lib.model.cell import CellValue, RawSheet
from lib.model.form import Column, ColumnType, Form
from lib.model.issue import Severity

SIGNATURE = "sapat"
# Hidden rows and headers are looked for this far from the top: rows may have been put in above them.
_TOP_ROWS = 15
_HEADER_ROWS = 8
_FUZZY_LETTERS = 2
_FUZZY_LENGTH = 6

_IDENTITY_CELL = re.compile(r"\s*(form|school_year|school_class|subject|method_association)\s*=\s*(.*\S)\s*$", re.IGNORECASE)
_FORM_CELL = re.compile(r"([A-Za-z]\d{1,3}[A-Za-z]?)\s*(?:@\s*(\d+))?$")
_YEAR = re.compile(r"(20\d\d)\s*[-–/]\s*(20\d\d)")
_WORDS = re.compile(r"[^\W_]+")

Rows = Sequence[Sequence[CellValue]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the tab or with one column (`column` from 0, -1: the tab)."""

    code: str
    severity: Severity
    slots: Mapping[str, str] = field(default_factory=dict)
    column: int = -1


@dataclass(slots=True)
class Signature:
    """The identity row as it stands: its row from 0 (-1: lost) and what its cells say."""

    row: int = -1
    said: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """What the other tabs of the workbook say of themselves: used only where a tab has lost its own identity."""

    school_years: set[str] = field(default_factory=set)
    school_classes: set[str] = field(default_factory=set)
    method_associations: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Layout:
    """A form found on a tab.

    `columns`: key → column from 0; `unused`: columns whose cells are not used, and why; `data_rows`: rows from 0 that belong to
    the data area; `refused`: why no cell of the tab is used, None when they are.
    """

    form: Form | None
    version: int = 0
    school_year: str = ""
    school_class: str = ""
    subject: str = ""
    method_association: str = ""
    columns: dict[str, int] = field(default_factory=dict)
    unused: dict[int, Problem] = field(default_factory=dict)
    data_rows: range | list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refused: Problem | None = None


def signature(rows: Rows) -> Signature:
    """The identity row among the first rows of a tab."""
    for number, row in enumerate(rows[:_TOP_ROWS]):
        said: dict[str, str] = {}
        for cell in row:
            if isinstance(cell, str) and (found := _IDENTITY_CELL.match(cell)):
                said[found[1].lower()] = found[2]
        if said or any(isinstance(cell, str) and cell.strip().casefold() == SIGNATURE for cell in row):
            return Signature(number, said)
    return Signature()


def context(signatures: Iterable[Signature], words: Vocabulary) -> Context:
    """What all tabs of a workbook together say of themselves."""
    found = Context()
    for said in (s.said for s in signatures):
        if year := _school_year(said.get("school_year", "")):
            found.school_years.add(year)
        if name := class_of(said.get("school_class"), words):
            found.school_classes.add(name)
        if key := words.associations.get(spelling(said.get("method_association", ""))):
            found.method_associations.add(key)
    return found


def locate(sheet: RawSheet, own: Signature, others: Context, words: Vocabulary) -> Layout | None:
    """The form on that tab, located or refused with the reason; None when the tab is no form at all."""
    rows = sheet.rows
    form, version, unknown = _named_form(own, words)
    if unknown:
        return _refuse(Layout(None, version), rows, own.row + 1, "form_unknown", form=unknown)
    inferred = False
    if form is None:
        form = _form_of_keys(rows, words) or _form_of_headers(rows, words) or _form_of_title(sheet.title, rows, words)
        if form is None:
            named = own.row >= 0 or (others.school_years and _title_subject(sheet.title, words))
            return _refuse(Layout(None), rows, own.row + 1, "identity_lost") if named else None
        inferred, version = True, form.version
    layout = Layout(form, version)
    key_row = _key_row(rows, form)
    start = max(own.row, key_row) + 1
    if inferred:
        layout.problems.append(Problem("identity_inferred", Severity.WARNING, {"value": f"{form.id}, {form.title.ky}"}))
    if not _identify(layout, sheet, own, others, words):
        return layout
    if version > form.version:
        return _refuse(layout, rows, start, "form_newer", seen=str(version), known=str(form.version))
    headers = _header_rows(rows, form, start)
    if key_row < 0 and not headers:
        return _refuse(layout, rows, start, "header_lost")
    layout.data_rows = _data_rows(rows, start, headers)
    keys = _keys_of(rows[key_row]) if key_row >= 0 else {}
    if key_row < 0:
        layout.problems.append(Problem("key_row_lost", Severity.WARNING))
    _find_columns(layout, rows, keys, headers)
    lost = [key for key in row_names(form) if key not in layout.columns]
    # Two columns of names that differ: which child a row speaks of cannot be checked any more.
    doubted = {p.slots.get("column") for p in layout.unused.values() if p.severity is Severity.ERROR}
    lost += [c.key for c in form.columns if c.type is ColumnType.NAME and c.key not in layout.columns and c.title.ky in doubted]
    if lost or not layout.columns:
        title = form.by_key[lost[0]].title.ky if lost else ""
        rest = [p for p in layout.unused.values() if p.severity is Severity.ERROR]
        code = "header_lost" if not lost else "key_column_missing"
        layout.refused = Problem(code, Severity.ERROR, {"column": title, "seen": rest[0].slots.get("seen", "") if rest else ""})
    return layout


def row_names(form: Form) -> tuple[str, ...]:
    """The columns without which a row of the form cannot be used: it would speak of nobody, or be a total.

    They are the required ones of the row key, and the pupil; in forms without a row key the first column too. A day or a subject
    that is missing leaves the row in its place (a test of all subjects has none).
    """
    first = next((c.key for c in form.columns if not c.optional), "")
    return tuple(
        c.key
        for c in form.columns
        if not c.optional
        and c.type not in (ColumnType.DATE, ColumnType.SUBJECT)
        and (c.key in form.row_key or c.refers_to == "pupil" or (not form.row_key and c.key == first))
    )


def first_questions(form: Form) -> tuple[str, ...]:
    """In forms whose rows nothing names: the first two required columns. A row that has neither is a total or a remark."""
    return () if row_names(form) else tuple(c.key for c in form.columns if not c.optional)[:2]


def _refuse(layout: Layout, rows: Rows, start: int, code: str, **slots: str) -> Layout:
    layout.refused = Problem(code, Severity.ERROR, slots)
    if not layout.data_rows:
        layout.data_rows = range(start, len(rows))
    return layout


# --- what the tab says of itself -----------------------------------------------------------------------------------------


def _named_form(own: Signature, words: Vocabulary) -> tuple[Form | None, int, str]:
    """(form, version, id that no form has) as the identity row names it."""
    text = own.said.get("form", "")
    if not text:
        return None, 0, ""
    found = _FORM_CELL.match(text.strip())
    form = words.forms.get(found[1].upper()) if found else None
    version = int(found[2] or 1) if found else 0
    return form, version, "" if form else text[:40]


def _identify(layout: Layout, sheet: RawSheet, own: Signature, others: Context, words: Vocabulary) -> bool:
    """Fill in school year, class, subject and association; False when one that the form needs cannot be told."""
    assert layout.form is not None
    form, said, inferred = layout.form, own.said, []
    layout.school_year = _school_year(said.get("school_year", ""))
    if not layout.school_year:
        layout.school_year = _only(others.school_years) or _school_year(sheet.workbook)
        inferred.append("school_year")
    if form.tab in ("class", "subject"):
        layout.school_class = class_of(said.get("school_class"), words) or ""
        if not layout.school_class:
            layout.school_class = _title_class(sheet.title, words) or _only(others.school_classes)
            inferred.append("school_class")
    if form.tab == "subject":
        layout.subject = words.subjects.get(spelling(said.get("subject", "")), "")
        if not layout.subject and "subject" in said:
            _refuse(layout, sheet.rows, own.row + 1, "tab_subject_unknown", value=said["subject"][:60])
            return False
        if not layout.subject:
            layout.subject = _title_subject(sheet.title, words)
            inferred.append("subject")
    if form.tab == "association":
        layout.method_association = words.associations.get(spelling(said.get("method_association", "")), "")
        if not layout.method_association and "method_association" in said:
            _refuse(layout, sheet.rows, own.row + 1, "tab_association_unknown", value=said["method_association"][:60])
            return False
        if not layout.method_association:
            layout.method_association = _title_association(sheet.title, words) or _only(others.method_associations)
            inferred.append("method_association")
    for name in inferred:
        if not getattr(layout, name):
            _refuse(layout, sheet.rows, own.row + 1, "identity_lost")
            return False
        layout.problems.append(Problem("identity_inferred", Severity.WARNING, {"value": getattr(layout, name)}))
    return True


def _school_year(text: str) -> str:
    found = _YEAR.search(text)
    return f"{found[1]}-{found[2]}" if found and int(found[2]) == int(found[1]) + 1 else ""


def _only(values: set[str]) -> str:
    return next(iter(values)) if len(values) == 1 else ""


def _pieces(title: str, longest: int) -> list[str]:
    """All runs of neighbouring words of a tab title, longest first."""
    found = _WORDS.findall(canon(title))
    return [" ".join(found[i : i + n]) for n in range(min(longest, len(found)), 0, -1) for i in range(len(found) - n + 1)]


def _title_subject(title: str, words: Vocabulary) -> str:
    return next((words.subjects[key] for piece in _pieces(title, 6) if (key := spelling(piece)) in words.subjects), "")


def _title_association(title: str, words: Vocabulary) -> str:
    return next((words.associations[key] for piece in _pieces(title, 6) if (key := spelling(piece)) in words.associations), "")


def _title_class(title: str, words: Vocabulary) -> str:
    found = {name for piece in _pieces(title, 2) if (name := class_of(piece, words)) and "-" in name}
    return _only(found)


def head_rows(rows: Rows, form: Form) -> tuple[int, list[int]]:
    """The row of the machine keys (-1: lost) and the rows of header texts, all from 0."""
    key_row = _key_row(rows, form)
    return key_row, _header_rows(rows, form, max(signature(rows).row, key_row) + 1)


# --- hidden keys and headers ---------------------------------------------------------------------------------------------


def _keys_of(row: Sequence[CellValue]) -> dict[int, str]:
    return {c: cell.strip().casefold() for c, cell in enumerate(row) if isinstance(cell, str) and cell.strip()}


def _key_row(rows: Rows, form: Form) -> int:
    """The row (from 0) that holds the machine keys, -1 when it is lost."""
    for number, row in enumerate(rows[:_TOP_ROWS]):
        texts = _keys_of(row).values()
        known = {text for text in texts if text in form.by_key}
        if len(known) >= min(2, len(form.columns)) and 2 * len(known) >= len(set(texts)):
            return number
    return -1


def _form_of_keys(rows: Rows, words: Vocabulary) -> Form | None:
    """The only form that best explains a row of machine keys."""
    best: list[tuple[int, Form]] = []
    for row in rows[:_TOP_ROWS]:
        texts = set(_keys_of(row).values())
        for form in words.forms.values():
            known = texts & form.by_key.keys()
            if len(known) >= 3 or len(known) == len(form.columns):
                best.append((2 * len(known) - len(form.columns), form))
    return _clear_winner(best)


def _form_of_headers(rows: Rows, words: Vocabulary) -> Form | None:
    """The only form that best explains a row of header texts."""
    best: list[tuple[int, Form]] = []
    for row in rows[:_TOP_ROWS]:
        texts = {spelling(cell) for cell in row if isinstance(cell, str)} - {""}
        if len(texts) < 3:
            continue
        for form in words.forms.values():
            known = {text for text in texts if text in titles(form)}
            needed = sum(not column.optional for column in form.columns)
            if len(known) >= 3 and 5 * len(known) >= 3 * needed and 5 * len(known) >= 3 * len(texts):
                best.append((2 * len(known) - len(form.columns), form))
    return _clear_winner(best)


def _form_of_title(title: str, rows: Rows, words: Vocabulary) -> Form | None:
    """The form whose id or name the tab's title holds; only for tabs that hold some header text of it."""
    pieces = {spelling(piece) for piece in _pieces(title, 8)}
    named = [f for f in words.forms.values() if pieces & {spelling(t) for t in (f.id, f.title.ky, f.title.ru)}]
    return named[0] if len(named) == 1 and _header_rows(rows, named[0], 0) else None


def _clear_winner(scores: list[tuple[int, Form]]) -> Form | None:
    if not scores:
        return None
    top = max(score for score, _ in scores)
    forms = {form.id: form for score, form in scores if score == top}
    return next(iter(forms.values())) if len(forms) == 1 else None


def _titles(columns: tuple[Column, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for column in columns:
        for text in (column.title.ky, column.title.ru, column.title.en, *column.aliases):
            if text:
                found.setdefault(spelling(text), set()).add(column.key)
    return found


_titles_by_form: dict[int, tuple[Form, dict[str, set[str]]]] = {}


def titles(form: Form) -> Mapping[str, set[str]]:
    """match_key of every header text of the form → the keys of the columns that bear it."""
    kept = _titles_by_form.get(id(form))
    if kept is None or kept[0] is not form:
        kept = _titles_by_form[id(form)] = (form, _titles(form.columns))
    return kept[1]


def _header_rows(rows: Rows, form: Form, start: int) -> list[int]:
    """Rows near the top whose texts are mostly headers of the form."""
    known = titles(form)
    found = []
    for number in range(start, min(start + _HEADER_ROWS, len(rows))):
        filled = [cell for cell in rows[number] if not is_blank(cell)]
        matched = sum(isinstance(cell, str) and spelling(cell) in known for cell in filled)
        if matched >= min(2, len(form.columns)) and 2 * matched >= len(filled):
            found.append(number)
    return found


def _data_rows(rows: Rows, start: int, headers: list[int]) -> list[int]:
    """The rows of the data area: all below the hidden rows but headers and the one-cell title above them."""
    last = max(headers, default=start)
    return [number for number in range(start, len(rows)) if number not in headers and not (number <= last and _is_title(rows[number]))]


def _is_title(row: Sequence[CellValue]) -> bool:
    filled = [(c, cell) for c, cell in enumerate(row) if not is_blank(cell)]
    return len(filled) <= 1 and all(isinstance(cell, str) for _, cell in filled)


def _find_columns(layout: Layout, rows: Rows, keys: Mapping[int, str], headers: list[int]) -> None:
    """Fill in `columns`, `unused` and the problems of columns."""
    assert layout.form is not None
    form = layout.form
    width = max((len(row) for row in rows), default=0)
    texts = {c: [t for h in headers if c < len(rows[h]) and (t := _header_text(rows[h][c]))] for c in range(width)}
    claims: dict[str, list[int]] = {}
    guessed: dict[int, str] = {}
    for c, key in keys.items():
        if key in form.by_key:
            if wrong := [t for t in texts[c] if (bearers := titles(form).get(spelling(t))) and key not in bearers]:
                slots = {"column": form.by_key[key].title.ky, "seen": wrong[0][:60]}
                layout.unused[c] = Problem("column_contradiction", Severity.ERROR, slots, c)
            else:
                claims.setdefault(key, []).append(c)
    spoken_for = set(claims) | {key for c, key in keys.items() if c in layout.unused}
    for c in range(width):
        if c in layout.unused or keys.get(c) in form.by_key:
            continue
        exact = _exact(texts[c], form)
        if exact and exact not in spoken_for:
            claims.setdefault(exact, []).append(c)
        elif not exact and (near := _near(texts[c], form)) and near not in spoken_for:
            claims.setdefault(near, []).append(c)
            guessed[c] = near
    for key, places in claims.items():
        exact_places = [c for c in places if c not in guessed] or places
        kept = _one_of(exact_places, rows, layout.data_rows)
        if kept is not None:
            layout.columns[key] = kept
            if kept in guessed:
                slots = {"seen": texts[kept][0][:60], "taken": form.by_key[key].title.ky}
                layout.problems.append(Problem("column_guessed", Severity.WARNING, slots, kept))
        for c in places:
            if c != kept:
                severity = Severity.WARNING if kept is not None else Severity.ERROR
                layout.unused[c] = Problem("column_twice", severity, {"column": form.by_key[key].title.ky}, c)
    used = set(layout.columns.values())
    for c in range(width):
        if c not in used and c not in layout.unused and any(c < len(rows[r]) and not is_blank(rows[r][c]) for r in layout.data_rows):
            seen = texts[c][0] if texts[c] else keys.get(c, "")
            layout.unused[c] = Problem("column_unknown", Severity.WARNING, {"seen": seen[:60]}, c)
    troubled = {key for c, key in keys.items() if c in layout.unused} | set(claims)
    for column in form.columns:
        if not column.optional and column.key not in layout.columns and column.key not in troubled:
            layout.problems.append(Problem("column_missing", Severity.ERROR, {"column": column.title.ky}))


def _header_text(cell: CellValue) -> str:
    return shown(cell) if not is_blank(cell) else ""


def _exact(texts: list[str], form: Form) -> str:
    """The only column whose titles these header texts are."""
    sets = [bearers for t in texts if (bearers := titles(form).get(spelling(t)))]
    common = set.intersection(*sets) if sets else set()
    return next(iter(common)) if len(common) == 1 else ""


def _near(texts: list[str], form: Form) -> str:
    """The only column that has a title within two letters of one of these texts; figures must be the same ("1-…" is never "2-…")."""
    found: set[str] = set()
    for text in texts:
        key = spelling(text)
        if len(key) < _FUZZY_LENGTH:
            continue
        for title, bearers in titles(form).items():
            alike = len(title) >= _FUZZY_LENGTH and _figures(title) == _figures(key)
            if alike and edit_distance(title, key, _FUZZY_LETTERS) <= _FUZZY_LETTERS:
                found |= bearers
    return next(iter(found)) if len(found) == 1 else ""


def _figures(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _one_of(places: list[int], rows: Rows, data_rows: Iterable[int]) -> int | None:
    """The column to read when several claim one key: the only one with content, or the first of equal ones; None: they differ."""
    if len(places) == 1:
        return places[0]
    numbers = list(data_rows)
    contents = {c: [rows[r][c] if c < len(rows[r]) and not is_blank(rows[r][c]) else None for r in numbers] for c in places}
    filled = [c for c in places if any(v is not None for v in contents[c])]
    if not filled:
        return places[0]
    first = filled[0]
    return first if all(contents[c] == contents[first] for c in filled) else None
