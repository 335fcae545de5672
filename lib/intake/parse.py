"""The grammar of cells: one function per column type, from what stands in the sheet to what is stored.

A function returns the value (None is never returned for a filled cell), or a Finding: refused, or accepted with a doubt.
Nothing is guessed: what could be read in two ways is refused and asked about. Dates are returned as ISO text ("2026-04-15").
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lib.i18n import canon, match_key
from lib.intake.vocabulary import Vocabulary, choice_keys, sign
from lib.model.cell import CellError, CellValue, NotCalculated
from lib.model.form import Column, ColumnType
from lib.model.issue import Severity

# What a parser gives. JSON can hold all of it.
Value = str | float | int | bool | list[str]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a cell. `value` None: the cell is refused; else the value is used all the same."""

    code: str
    slots: Mapping[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR
    value: Value | None = None


Parser = Callable[[CellValue, Column, Vocabulary], "Value | Finding"]

# Excel counts days from here; numbers of this size in a cell are days from 2009 to 2064.
_EPOCH = dt.date(1899, 12, 30)
_SERIAL = range(40_000, 60_000)
_YEARS = range(1940, 2100)
_LONGEST_TEXT = 2_000
_LONGEST_ID = 40

# Cyrillic capitals that look like Latin ones (a code is Latin wherever it can be): А В Е К М Н О Р С Т Х У and І.
_TO_LATIN = str.maketrans(
    {
        "\u0410": "A", "\u0412": "B", "\u0415": "E", "\u041a": "K", "\u041c": "M", "\u041d": "H", "\u041e": "O",
        "\u0420": "P", "\u0421": "C", "\u0422": "T", "\u0425": "X", "\u0423": "Y", "\u0406": "I",
    }
)  # fmt: skip
# The dashes that programs put in place of "-".
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"))
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "X": 10, "XI": 11, "XII": 12}

_MARK = re.compile(r"([1-5])(?:[.,]0+)?$")
_ID = re.compile(r"[^\W_][\w./:#-]*$")
_CLASS = re.compile(r"(\d{1,2}|[IVX]{1,4})-?([^\W\d_]{0,2})$")
_CLASS_SIGNS = re.compile(r"[\w\s\"'\u00ab\u00bb\u201c-\u201f\u2018\u2019().,-]+$")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)$")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+|(?:'\d{3})+(?:[.,]\d+)?)$")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?$")
_DOTTED = re.compile(r"(\d{1,2})\s*[.]\s*(\d{1,2})\s*[.]\s*(\d{4}|\d{2})$")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:\D00:00(?::00(?:\.0+)?)?)?$")
_SLASHED = re.compile(r"(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]\s*(\d{4})$")
_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;.]{2,}$")
_LIST = re.compile(r"[,;\n\u2022]+")
_BLANK = " \t\r\n\u00a0\u2007\u202f\u200b\u200e\u200f\ufeff"


def is_blank(value: CellValue) -> bool:
    """Whether nothing stands in the cell: None, or text of spaces and invisible signs alone."""
    return value is None or (isinstance(value, str) and not value.strip(_BLANK))


def shown(value: CellValue) -> str:
    """The cell's content as a person saw it, shortened for an issue."""
    match value:
        case None:
            return ""
        case CellError(text=text):
            return text
        case NotCalculated(formula=formula):
            return f"={formula}"
        case bool():
            return str(value).upper()
        case float():
            return f"{value:.10g}"
        case dt.datetime():
            return value.strftime("%d.%m.%Y") if value.time() == dt.time() else value.strftime("%d.%m.%Y %H:%M")
        case dt.date():
            return value.strftime("%d.%m.%Y")
        case _:
            text = " ".join(str(value).split())
            return text if len(text) <= 60 else text[:57] + "…"


def parse(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """The value of a filled cell of that column. Errors and formulas without a result are refused whatever the column."""
    if isinstance(value, CellError):
        return Finding("cell_error", {"value": value.text})
    if isinstance(value, NotCalculated):
        return Finding("not_calculated", {"value": shown(value)})
    if type(value) is int:
        value = float(value)
    return PARSERS[column.type](value, column, words)


def _refuse(code: str, value: CellValue, **slots: str) -> Finding:
    return Finding(code, {"value": shown(value), **slots})


def _text_of(value: CellValue) -> str | None:
    """The one-script, single-spaced text of a text cell, or of a whole number in it ("7.0" is "7"); None for anything else."""
    if isinstance(value, str):
        return canon(value).translate(_DASHES)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return None


def _as_date(value: CellValue) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None


def _as_serial(value: CellValue) -> dt.date | None:
    """The day whose number in a spreadsheet's count this is; a time of day behind it is dropped."""
    if isinstance(value, float) and _is_finite(value) and int(value) in _SERIAL:
        return _EPOCH + dt.timedelta(days=int(value))
    return None


def _is_finite(value: float) -> bool:
    return abs(value) < 1e15  # false for infinities and for "not a number"


def _typed_as_fraction(day: dt.date) -> str:
    """What was typed when a spreadsheet made a date of it: 4.5 became 4 May."""
    return f"{day.day}.{day.month}"


# --- one function per column type ----------------------------------------------------------------------------------------


def parse_mark(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """ "5", "4", "3", "2" or a mark state (not attested, released) in the spelling that is stored."""
    if isinstance(value, bool):
        return _refuse("mark_expected", value)
    if (day := _as_date(value) or _as_serial(value)) is not None:
        return Finding("date_in_mark", {"value": day.strftime("%d.%m.%Y"), "typed": _typed_as_fraction(day)})
    text = _text_of(value)
    if text is None:
        return _refuse("mark_expected", value)
    if found := _MARK.match(text.strip("'`\u2019 ")):
        if found[1] != "1":
            return found[1]
        if words.mark_one:
            return Finding("mark_one", {"value": "1"}, Severity.WARNING, words.mark_one)
        return Finding("mark_one", {"value": "1"}, Severity.WARNING)
    if any(c.isalpha() for c in text) and not any(c.isdigit() for c in text):
        state = words.marks.get(match_key(text))
        if state is not None:
            return state
    return _refuse("mark_expected", value)


def parse_number(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """Any number within the column's limits. Text with a decimal comma, grouped thousands, or "85%" where a share is asked for."""
    if (day := _as_date(value)) is not None:
        return Finding("date_in_number", {"value": day.strftime("%d.%m.%Y"), "typed": _typed_as_fraction(day)})
    number = _number_of(value, column)
    if number is None:
        return _refuse("number_expected", value)
    return _within(number, value, column)


def parse_count(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """A whole number from 0 (or the column's minimum) up."""
    if (day := _as_date(value)) is not None:
        return Finding("date_in_number", {"value": day.strftime("%d.%m.%Y"), "typed": _typed_as_fraction(day)})
    number = _number_of(value, column)
    if number is None:
        return _refuse("whole_number_expected", value)
    if not number.is_integer():
        return _refuse("whole_number_expected", value)
    kept = _within(number, value, column, least=0)
    return int(kept) if isinstance(kept, float) else kept


def _number_of(value: CellValue, column: Column) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return value if _is_finite(value) else None
    if not isinstance(value, str):
        return None
    text = canon(value).replace("\u2212", "-").strip("'`\u2019 ")
    share = text.endswith("%")
    if share:
        # A percentage is read only where the column's limits say what a whole is.
        if column.maximum not in (1.0, 100.0):
            return None
        text = text[:-1].rstrip()
    if _NUMBER.match(text):
        number = float(text.replace(",", "."))
    elif _GROUPED.match(text):
        number = float(text.replace(" ", "").replace(",", "."))
    elif _THOUSANDS.match(text):
        last = max(text.rfind(","), text.rfind("."))
        whole, part = (text[:last], text[last + 1 :]) if last > text.rfind("'") else (text, "0")
        number = float(re.sub(r"[.,']", "", whole) + "." + part)
    else:
        return None
    return number / 100 if share and column.maximum == 1.0 else number


def _within(number: float, value: CellValue, column: Column, least: float | None = None) -> float | Finding:
    low = column.minimum if column.minimum is not None else least
    high = column.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        limits = {"minimum": f"{low:g}" if low is not None else "", "maximum": f"{high:g}" if high is not None else ""}
        if high is None:
            return _refuse("too_small", value, **limits)
        return _refuse("out_of_range", value, **limits)
    return number


def parse_date(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """A day as ISO text, from a date cell, "15.04.2026", "2026-04-15", or the number that a spreadsheet keeps for a day."""
    day = _as_date(value)
    if day is None and isinstance(value, str):
        text = canon(value).translate(_DASHES).strip("'`\u2019 ").rstrip(".")
        try:
            if found := _DOTTED.match(text):
                year = int(found[3])
                day = dt.date(year + 2000 if year < 100 else year, int(found[2]), int(found[1]))
            elif found := _ISO.match(text):
                day = dt.date(int(found[1]), int(found[2]), int(found[3]))
            elif found := _SLASHED.match(text):
                first, second, year = int(found[1]), int(found[2]), int(found[3])
                if first <= 12 and second <= 12 and first != second:
                    return _refuse("date_two_ways", value, one=f"{first:02d}.{second:02d}.{year}", other=f"{second:02d}.{first:02d}.{year}")
                day = dt.date(year, second, first) if second <= 12 else dt.date(year, first, second)
        except ValueError:
            day = None
    elif day is None and isinstance(value, float) and value.is_integer():
        day = _as_serial(value)
    if day is None or day.year not in _YEARS:
        return _refuse("date_expected", value)
    return day.isoformat()


def parse_yesno(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """True or False: a tick box, 1 or 0, or the words for yes and no."""
    if isinstance(value, bool):
        return value
    text = _text_of(value)
    if text in ("1", "0"):
        return text == "1"
    answer = words.yes_no.get(sign(text)) if text else None
    return answer if answer is not None else _refuse("yesno_expected", value)


def parse_choice(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """The key of one answer of the column's closed list.

    A long word with one letter wrong is understood, with a warning, when only one answer is that near.
    """
    expected = ", ".join(choice.words.ky for choice in column.choices)
    text = _text_of(value)
    if text is None:
        return _refuse("choice_expected", value, expected=expected)
    keys = choice_keys(column.choices)
    key = match_key(text)
    if key in keys:
        return keys[key]
    near = {keys[k] for k in keys if len(k) >= 6 and _digits(k) == _digits(key) and edit_distance(k, key, 1) <= 1}
    if len(near) == 1:
        found = near.pop()
        return Finding("choice_guessed", {"value": shown(value), "taken": found}, Severity.WARNING, found)
    return _refuse("choice_expected", value, expected=expected)


def parse_id(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """A school code in capitals, in Latin letters where every letter has a Latin look-alike: the Cyrillic "Р2019001" is "P2019001"."""
    person = bool(column.refers_to) or column.key in ("pupil_id", "teacher_id")
    code = code_of(value, person)
    return code if code is not None else _refuse("id_expected", value)


def code_of(value: CellValue, person: bool = False) -> str | None:
    """The canonical spelling of a school code, None when the cell holds none. Codes of persons have a digit."""
    text = _text_of(value)
    if text is None:
        return None
    code = text.replace(" ", "").strip("'`\u2019").upper()
    latin = code.translate(_TO_LATIN)
    code = latin if latin.isascii() else code
    if len(code) > _LONGEST_ID or not _ID.match(code):
        return None
    if person and not (code.isascii() and any(c.isdigit() for c in code)):
        return None
    return code


def parse_class(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """A school class as "7-А" (domain.md §2.6): "7 а", "7а", "7-\"А\"", "VII-а" and Latin look-alikes are understood."""
    name = class_of(value, words)
    return name if name is not None else _refuse("class_expected", value)


def class_of(value: CellValue, words: Vocabulary) -> str | None:
    """The canonical name of a school class, None when the text is none."""
    text = _text_of(value)
    if text is None:
        return None
    if not _CLASS_SIGNS.match(text):
        return None
    pieces = re.findall(r"\d+|[^\W\d_]+", text.upper())
    while len(pieces) > 1 and match_key(pieces[-1]) in words.class_words:
        pieces.pop()
    name = "-".join(pieces)
    found = _CLASS.match(name) or _CLASS.match(name.translate(_TO_LATIN))
    if not found:
        return None
    grade = int(found[1]) if found[1].isdigit() else _ROMAN.get(found[1], 0)
    letters = canon(found[2])
    if not 1 <= grade <= 12 or not all("\u0400" <= c <= "\u04ff" for c in letters):
        return None
    return f"{grade}-{letters}" if letters else str(grade)


def parse_grade(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """A grade 1..12, also written "7-класс" or "VII"."""
    name = class_of(value, words)
    if name is None or not name.isdigit():
        return _refuse("grade_expected", value)
    return int(name)


def parse_subject(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """The code of a subject, from its code, name or another known spelling."""
    text = _text_of(value)
    code = words.subjects.get(match_key(text)) if text else None
    return code if code is not None else _refuse("subject_unknown", value)


def parse_association(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """The key of a methodical association, from its key or name."""
    text = _text_of(value)
    key = words.associations.get(match_key(text)) if text else None
    return key if key is not None else _refuse("association_unknown", value)


def parse_month(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """A month of teaching, 9..12 or 1..5: "сентябрь", 9, "09", or a date in it."""
    if (day := _as_date(value)) is not None:
        number: int | None = day.month
    else:
        text = _text_of(value) or ""
        if text.isdecimal() and len(text) <= 2:
            number = int(text)
        else:
            number = words.months.get(match_key("".join(c for c in text if c.isalpha())))
    return number if number is not None and (1 <= number <= 5 or 9 <= number <= 12) else _refuse("month_expected", value)


def parse_text(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """Text with right code points and single spaces. A date here was typed as something else ("1.2"), so it is asked about."""
    if (day := _as_date(value)) is not None:
        return Finding("date_in_text", {"value": day.strftime("%d.%m.%Y"), "typed": _typed_as_fraction(day)})
    if isinstance(value, float) and _is_finite(value):
        return str(int(value)) if value.is_integer() else f"{value:.10g}".replace(".", ",")
    if not isinstance(value, str):
        return _refuse("text_expected", value)
    text = canon(value)
    return text if text and len(text) <= _LONGEST_TEXT else _refuse("text_expected", value)


def parse_name(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """A person's name: text with letters and without digits."""
    text = canon(value) if isinstance(value, str) else ""
    if len(text) > 120 or not any(c.isalpha() for c in text) or any(c.isdigit() for c in text):
        return _refuse("name_expected", value)
    return text


def parse_list(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """Words separated by commas, semicolons or lines, each once, in their order. Codes of persons and roles are resolved."""
    text = _text_of(value) if not isinstance(value, str) else value
    if text is None:
        return _refuse("list_expected", value)
    items: list[str] = []
    known = words.list_words.get(column.key)
    for piece in _LIST.split(text):
        item: str | None = canon(piece)
        if not item:
            continue
        if column.refers_to in ("teacher", "pupil"):
            item = code_of(piece, person=True)
        elif known is not None:
            item = known.get(match_key(piece))
        elif column.refers_to == "class" or column.key == "classes":
            item = class_of(piece, words) or item
        if item is None:
            return _refuse("list_item_unknown", value, item=canon(piece))
        if item not in items:
            items.append(item)
    return items if items else _refuse("list_expected", value)


def parse_email(value: CellValue, column: Column, words: Vocabulary) -> Value | Finding:
    """One e-mail address in small letters."""
    text = value.strip(_BLANK).lower() if isinstance(value, str) else ""
    return text if _EMAIL.match(text) and len(text) <= 254 else _refuse("email_expected", value)


PARSERS: Mapping[ColumnType, Parser] = {
    ColumnType.ID: parse_id,
    ColumnType.NAME: parse_name,
    ColumnType.TEXT: parse_text,
    ColumnType.DATE: parse_date,
    ColumnType.YESNO: parse_yesno,
    ColumnType.CHOICE: parse_choice,
    ColumnType.MARK: parse_mark,
    ColumnType.NUMBER: parse_number,
    ColumnType.COUNT: parse_count,
    ColumnType.CLASS: parse_class,
    ColumnType.GRADE: parse_grade,
    ColumnType.SUBJECT: parse_subject,
    ColumnType.ASSOCIATION: parse_association,
    ColumnType.MONTH: parse_month,
    ColumnType.LIST: parse_list,
    ColumnType.EMAIL: parse_email,
}


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def edit_distance(one: str, other: str, limit: int) -> int:
    """How many letters must be changed, added or dropped; `limit` + 1 as soon as it is more than `limit`."""
    if one == other:
        return 0
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
        if min(row) > limit:
            return limit + 1
        before = row
    return min(before[-1], limit + 1)
