"""The raw workbooks, read a second time: openpyxl and a small strict grammar, no code shared with lib.

A tab is known by its hidden row 1 ("sapat", "form=F01@1", "school_year=2025-2026", …); a column by its key in hidden row 2. Data starts
at row 6. A cell that the product reported (command `issues`) is absent here; a cell that is neither reported nor plain enough
for this grammar is collected in `School.unreadable`: the product accepted something that the specification does not speak of.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import yaml
from openpyxl.utils.cell import get_column_letter, range_boundaries

CONFIG = Path(__file__).resolve().parents[2] / "config"
FIRST_DATA_ROW = 6

# domain.md §3.3: wrong code points that stand for Kyrgyz letters, and Latin letters that look like Cyrillic ones (§2.6).
_CODE_POINTS = str.maketrans("ѳɵѲƟӊӈұABEKMHOPCTXYaeopcxy", "өөӨӨңңүАВЕКМНОРСТХУаеорсху")
_PLAIN = str.maketrans("ңөүё", "ноуе")
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12}
_DATE_TEXT = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_ISO_TEXT = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")

Row = dict[str, object]


class NotUnderstood(Exception):
    """The text is not one that the specification allows in this column."""


@dataclass
class School:
    """Rows of every form as the sheets hold them. A row holds its column keys (only filled ones) and "@"-keys:
    @workbook, @tab, @row, @school_year, @school_class, @subject, @method_association."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    tabs: list[dict[str, object]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    cells: int = 0  # non-empty cells of the data areas, whatever became of them
    cells_by_tab: dict[tuple[str, str], int] = field(default_factory=dict)
    _by_year: dict[tuple[str, str | None], list[Row]] = field(default_factory=dict)

    def form(self, form: str, school_year: str | None = None) -> list[Row]:
        """The rows of one form, of one school year if given."""
        if (form, school_year) not in self._by_year:
            self._by_year[form, school_year] = [row for row in self.rows[form] if school_year in (None, row["@school_year"])]
        return self._by_year[form, school_year]


def canon(text: object) -> str:
    """NFC, the right Kyrgyz code points, single spaces (domain.md §3.3)."""
    composed = unicodedata.normalize("NFC", str(text)).translate(_CODE_POINTS)
    return " ".join(composed.replace("\u00a0", " ").split())


def match_key(text: object) -> str:
    """Letters and digits only, small, without the marks of ң ө ү ё: what people mean, however they type it."""
    folded = canon(text).casefold().translate(_PLAIN)
    return "".join(c for c in folded if c.isalnum())


def load_yaml(name: str) -> dict:
    """One document of config/."""
    return yaml.safe_load((CONFIG / name).read_text(encoding="utf-8"))


class Grammar:
    """How a cell of each column type is read."""

    def __init__(self) -> None:
        self.forms = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((CONFIG / "forms").glob("*.yaml"))}
        self.columns = {form: {str(c["key"]): c for c in words["columns"]} for form, words in self.forms.items()}
        subjects = load_yaml("subjects.yaml")
        self.subjects = subjects["subjects"]
        self.titles = {
            form: {match_key(text): key for key, column in columns.items() for text in column["title"].values()}
            for form, columns in self.columns.items()
        }
        self.subject_keys: dict[str, str] = {}
        for code, words in self.subjects.items():
            for text in (code, *words["name"].values(), *words.get("aliases", [])):
                self.subject_keys.setdefault(match_key(text), code)
        self.association_keys = {match_key(text): key for key, words in subjects["associations"].items() for text in (key, *words.values())}
        self.role_keys = {match_key(text): role for role, words in subjects["roles"].items() for text in (role, *words.values())}
        self.choice_keys: dict[tuple[str, str], dict[str, str]] = {}
        for form, columns in self.columns.items():
            for key, column in columns.items():
                found: dict[str, str] = {}
                for choice in column.get("choices", []):
                    found.setdefault(match_key(choice["key"]), str(choice["key"]))
                for choice in column.get("choices", []):
                    for text in (choice.get("ru", ""), choice.get("en", ""), *choice.get("aliases", [])):
                        found.setdefault(match_key(text), str(choice["key"]))
                self.choice_keys[form, key] = found

    def read(self, form: str, key: str, value: object) -> object:
        """The value that a cell of that column means. NotUnderstood when the specification does not allow it."""
        column = self.columns[form][key]
        kind = column["type"]
        if kind == "choice":
            wanted = match_key(str(int(value)) if isinstance(value, float) and value.is_integer() else value)
            try:
                return self.choice_keys[form, key][wanted]
            except KeyError:
                raise NotUnderstood(value) from None
        if kind in ("number", "count", "grade", "month"):
            number = read_number(value)
            if kind != "number":
                if not float(number).is_integer():
                    raise NotUnderstood(value)
                number = int(number)
            low, high = {"number": (None, None), "count": (0, None), "grade": (1, 12), "month": (1, 12)}[kind]
            low, high = column.get("minimum", low), column.get("maximum", high)
            if (low is not None and number < low) or (high is not None and number > high) or (kind == "month" and 6 <= number <= 8):
                raise NotUnderstood(value)
            return number
        if kind == "subject":
            try:
                return self.subject_keys[match_key(value)]
            except KeyError:
                raise NotUnderstood(value) from None
        if kind == "association":
            try:
                return self.association_keys[match_key(value)]
            except KeyError:
                raise NotUnderstood(value) from None
        return {
            "mark": read_mark, "date": read_date, "yesno": read_yesno, "class": read_class, "list": read_list, "id": read_id,
            "name": canon, "text": read_text, "email": read_text,
        }[kind](value)  # fmt: skip


def read_number(value: object) -> float:
    """12, 4.5, "4,5", "12 " (google-sheets.md: the comma is accepted)."""
    if isinstance(value, bool):
        raise NotUnderstood(value)
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        raise NotUnderstood(value)
    text = canon(value).replace(" ", "").replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        raise NotUnderstood(value)
    return float(text)


def read_mark(value: object) -> str:
    """ "5", "4", "3", "2", "н/а" or "осв" (domain.md §1.1)."""
    if isinstance(value, str):
        word = match_key(value)
        if word in ("на", "нетаттестации", "аттестациядануоткон", "аттестациядануотпогон", "неаттестован", "аттестацияданотпогон"):
            return "н/а"
        if word in ("осв", "бош", "бошотулган", "освобожден"):
            return "осв"
    number = read_number(value)
    if number in (2, 3, 4, 5):
        return str(int(number))
    raise NotUnderstood(value)


def read_date(value: object) -> dt.date:
    """A date cell, or the text dd.MM.yyyy."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        text = canon(value)
        try:
            if found := _DATE_TEXT.match(text):
                return dt.date(int(found[3]), int(found[2]), int(found[1]))
            if found := _ISO_TEXT.match(text):
                return dt.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            pass
    raise NotUnderstood(value)


def read_yesno(value: object) -> bool:
    """ооба / жок."""
    if isinstance(value, bool):
        return value
    word = match_key(value)
    if word in ("ооба", "да", "yes"):
        return True
    if word in ("жок", "нет", "no"):
        return False
    raise NotUnderstood(value)


def read_class(value: object) -> str:
    """5-А from "5 а", "5а", "5-A", "5–А", "V-а" (domain.md §2.6)."""
    text = canon(value).upper()
    found = re.fullmatch(r"(\d{1,2})[^0-9А-ЯЁӨҮҢ]*([А-ЯЁӨҮҢ])[^0-9А-ЯЁӨҮҢ]*", text)
    if found and 1 <= int(found[1]) <= 12:
        return f"{int(found[1])}-{found[2]}"
    # canon made Cyrillic of the Roman X; take the untouched text
    roman = re.fullmatch(r"\s*([IVXХ]+)\W*(\w)\W*", str(value).upper())
    if roman and (number := _ROMAN.get(roman[1].replace("Х", "X"))):
        return f"{number}-{canon(roman[2]).upper()}"
    raise NotUnderstood(value)


def read_list(value: object) -> list[str]:
    """Words with commas (or semicolons) between."""
    return [canon_code(word) for word in re.split(r"[,;]", str(value)) if word.strip()]


def canon_code(text: object) -> str:
    """A code or word of a list: single spaces, no Latin letter changed."""
    return " ".join(unicodedata.normalize("NFC", str(text)).replace("\u00a0", " ").split())


def read_id(value: object) -> str:
    """A school code."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotUnderstood(value)
    if isinstance(value, float):
        if not value.is_integer():
            raise NotUnderstood(value)
        value = int(value)
    return canon_code(value)


def read_text(value: object) -> str:
    """Any text; a number is its digits."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return canon_code(value)


class Reported:
    """The cells that `issues --format csv` names, as (workbook, tab) → set of (row, column) from 1; also whole tabs and workbooks.

    An error keeps its cells from being used. A warning or note leaves them in use, but for a copy that is not read twice.
    """

    COPIES = ("duplicate_row_same", "duplicate_tab_same")

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        self.cells: dict[tuple[str, str], set[tuple[int, int]]] = defaultdict(set)
        self.tabs: set[tuple[str, str]] = set()
        self.workbooks: set[str] = set()
        for row in rows:
            if row["severity"] != "error" and row["code"] not in self.COPIES:
                continue
            place = (row["workbook"], row["tab"])
            if not row["tab"]:
                self.workbooks.add(row["workbook"])
            elif not row["cell"]:
                self.tabs.add(place)
            else:
                left, top, right, bottom = range_boundaries(row["cell"])
                self.cells[place].update((r, c) for r in range(top, bottom + 1) for c in range(left, right + 1))

    @classmethod
    def of_csv(cls, text: str) -> Reported:
        """From the printed output of the product."""
        return cls(csv.DictReader(text.splitlines()))

    def holds(self, workbook: str, tab: str, row: int, column: int) -> bool:
        return (row, column) in self.cells.get((workbook, tab), ())


NOTHING_REPORTED = Reported(())


def read_school(store: Path, reported: Reported = NOTHING_REPORTED) -> School:
    """Every tab of every .xlsx below `store` that names itself."""
    grammar, school = Grammar(), School()
    for path in sorted(store.rglob("*.xlsx")):
        inside = path.relative_to(store)
        if path.name.startswith(("~$", ".~")) or any(part.startswith(".") for part in inside.parts):
            continue
        workbook = inside.as_posix()
        if workbook in reported.workbooks:
            continue
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        for sheet in book.worksheets:
            if hasattr(sheet, "reset_dimensions"):
                sheet.reset_dimensions()
            _read_tab(school, grammar, reported, workbook, sheet.title, sheet.iter_rows(values_only=True))
        book.close()
    return school


def _read_tab(school: School, grammar: Grammar, reported: Reported, workbook: str, tab: str, rows: Iterable[tuple]) -> None:
    rows = iter(rows)
    first = next(rows, ())
    if not first or match_key(first[0] if first[0] is not None else "") != match_key("sapat"):
        return
    identity = dict(str(cell).split("=", 1) for cell in first[1:] if isinstance(cell, str) and "=" in cell)
    form = identity["form"].split("@")[0]
    keys, *shown = ([str(cell).strip() if cell is not None else "" for cell in next(rows, ())] for _ in range(FIRST_DATA_ROW - 2))
    if not any(keys) and form in grammar.titles:  # the key row was emptied: the Kyrgyz headers tell
        keys = [grammar.titles[form].get(match_key(title), "") for title in shown[1]]
    meta = {
        "@workbook": workbook, "@tab": tab, "@school_year": identity.get("school_year", ""),
        "@school_class": read_class(identity["school_class"]) if identity.get("school_class") else "",
        "@subject": identity.get("subject", ""), "@method_association": identity.get("method_association", ""),
    }  # fmt: skip
    school.tabs.append({"form": form, **meta})
    refused = (workbook, tab) in reported.tabs
    columns = grammar.columns.get(form, {})
    held = 0
    for number, cells in enumerate(rows, FIRST_DATA_ROW):
        row: Row = {}
        for column, value in enumerate(cells, 1):
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            held += 1
            key = keys[column - 1] if column <= len(keys) else ""
            if refused or reported.holds(workbook, tab, number, column) or key not in columns:
                continue
            try:
                row[key] = grammar.read(form, key, value)
            except NotUnderstood:
                school.unreadable.append(f"{workbook} [{tab}] {get_column_letter(column)}{number} {form}.{key} = {value!r}")
        if row:
            school.rows[form].append({**row, **meta, "@row": number})
    school.cells += held
    school.cells_by_tab[workbook, tab] = held
