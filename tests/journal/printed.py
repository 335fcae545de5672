"""Exports of an electronic journal as three programs would print them, and the truth about whose each row is.

Nothing here knows how the product matches names. Names are spoilt as people and programs spoil them: a plain keyboard, initials, another
order, Latin letters, case, hyphens; and letters that are simply wrong.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

Row = Sequence[Any]


@dataclass(frozen=True)
class Child:
    """A pupil of the invented school."""

    pupil_id: str
    full_name: str
    school_class: str


@dataclass
class Printed:
    """One export: where it lies, its content, and the truth: (row from 1) → pupil."""

    name: str
    rows: list[Row]
    truth: dict[int, str] = field(default_factory=dict)
    tab: str = "Баалар"


_PLAIN = str.maketrans("өүңӨҮҢ", "оунОУН")
_LATIN = str.maketrans("аеорсхАЕОРСХКМТ", "aeopcxAEOPCXKMT")


def plain(name: str, some: random.Random) -> str:
    """A Russian keyboard has no ө ү ң."""
    return name.translate(_PLAIN)


def initials(name: str, some: random.Random) -> str:
    """ "Асанов А. Б."."""
    surname, *rest = name.split()
    return f"{surname} " + " ".join(f"{word[0]}." for word in rest[:2])


def swapped(name: str, some: random.Random) -> str:
    """First name before surname."""
    words = name.split()
    return " ".join([words[1], words[0], *words[2:]])


def without_patronymic(name: str, some: random.Random) -> str:
    return " ".join(name.split()[:2]) if len(name.split()) > 2 and "у" not in name.split()[1][:1] else name


def capitals(name: str, some: random.Random) -> str:
    return name.upper()


def latin(name: str, some: random.Random) -> str:
    """Look-alikes of another keyboard inside Cyrillic words."""
    words = name.split()
    place = some.randrange(len(words))
    word = words[place]
    spoilt = "".join(c.translate(_LATIN) if i % 2 else c for i, c in enumerate(word))
    words[place] = spoilt
    return " ".join(words)


def other_sign(name: str, some: random.Random) -> str:
    """ө by the sign that many old fonts have."""
    return name.replace("ө", "ѳ").replace("ү", "ұ").replace("ң", "ӊ")


KNOWN_SPELLINGS: Sequence[Callable[[str, random.Random], str]] = (plain, initials, swapped, without_patronymic, capitals, latin, other_sign)


def slip(name: str, some: random.Random) -> str:
    """One letter is wrong: whose name it is, is no longer certain."""
    places = [i for i, c in enumerate(name) if c.isalpha() and i and name[i - 1].isalpha()]
    place = some.choice(places)
    letter = some.choice([c for c in "абвгдезиклмнопрстуэ" if c not in name[place - 1 : place + 2].lower()])
    return name[:place] + letter + name[place + 1 :]


# --- three shapes --------------------------------------------------------------------------------------------------------


def wide(name: str, title: Sequence[str], heads: Mapping[str, str], rows: Sequence[tuple[Child, str, Mapping[str, str]]]) -> Printed:
    """Pupils × subjects of a class: a title, merged headers, an average, totals. `heads`: subject → header; rows: pupil, seen, marks."""
    codes = list(heads)
    out: list[Row] = [[text] for text in title]
    out.append([])
    out.append(["№", "ФИО учащегося", "Предметы", *[None] * (len(codes) - 1), "Средний балл"])
    out.append([None, None, *(heads[code] for code in codes), None])
    printed = Printed(name, out)
    for number, (child, seen, marks) in enumerate(rows, 1):
        out.append([number, seen, *(_cell(marks.get(code)) for code in codes), 4.25])
        printed.truth[len(out)] = child.pupil_id
    out.append([None, "Средний балл", *(4.1 for _ in codes), None])
    out.append(["Классный руководитель: ____________"])
    return printed


def of_subject(name: str, title: Sequence[str], quarter: str, rows: Sequence[tuple[Child, str, str | None]]) -> Printed:
    """One subject: pupils × days of lessons, with the quarter's mark at the end."""
    days = ["02.09", "05.09", "09.09", "12.09"]
    out: list[Row] = [[text] for text in title]
    out.append(["№", "Аты-жөнү", quarter, *[None] * len(days)])
    out.append([None, None, *days, "Баа"])
    printed = Printed(name, out)
    for number, (child, seen, mark) in enumerate(rows, 1):
        out.append([str(number), seen, "5", None, "н", "4", mark])
        printed.truth[len(out)] = child.pupil_id
    out.append([None, "Орточо", None, None, None, None, "4,2"])
    return printed


def of_quarters(
    name: str, title: Sequence[str], quarters: Sequence[str], rows: Sequence[tuple[Child, str, Sequence[str | None]]]
) -> Printed:
    """One subject and several quarters side by side, under one heading; at the end what was counted, and who signs."""
    out: list[Row] = [[text] for text in title]
    out.append(["№ п/п", "Фамилия, имя, отчество", "Отметки за четверти", *[None] * (len(quarters) - 1), "Ср. балл"])
    out.append([None, None, *quarters, None])
    printed = Printed(name, out)
    for number, (child, seen, marks) in enumerate(rows, 1):
        out.append([f"{number}.", seen, *marks, "4,1"])
        printed.truth[len(out)] = child.pupil_id
    out += [[None, "Качество знаний, %", *["62"] * len(quarters), None], [], ["Учитель: __________ / Асанова А. /"]]
    return printed


def letter(name: str, some: random.Random) -> str:
    """One of о/ө, у/ү, н/ң in place of the other, whichever way."""
    pairs = {"о": "ө", "ө": "о", "у": "ү", "ү": "у", "н": "ң", "ң": "н"}
    places = [i for i, c in enumerate(name) if c in pairs and "уулу" not in name[max(0, i - 4) : i + 4]]
    return name if not places else name[: (place := some.choice(places))] + pairs[name[place]] + name[place + 1 :]


def long(name: str, rows: Sequence[tuple[Child, str, str, str, str]]) -> Printed:
    """One row a mark: class, pupil, subject, quarter, mark."""
    out: list[Row] = [["Класс", "Окуучу", "Предмет", "Чейрек", "Баа"]]
    printed = Printed(name, out)
    for child, seen, subject, quarter, mark in rows:
        out.append([child.school_class.replace("-", ""), seen, subject, quarter, mark])
        printed.truth[len(out)] = child.pupil_id
    return printed


def _cell(mark: str | None) -> Any:
    return float(mark) if mark and mark.isdigit() else mark


def text_of(rows: Iterable[Row], separator: str = ";", encoding: str = "utf-8") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, lineterminator="\r\n").writerows([["" if c is None else c for c in row] for row in rows])
    return file.getvalue().encode(encoding, "replace")


def write(store: Path, printed: Printed, separator: str = ";", encoding: str = "utf-8-sig") -> Path:
    """Put the export into a folder store."""
    path = store / printed.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xlsx":
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
            sheet = book.add_worksheet(printed.tab)
            for r, row in enumerate(printed.rows):
                for c, value in enumerate(row):
                    if value is not None:
                        sheet.write(r, c, value)
    else:
        path.write_bytes(text_of(printed.rows, separator, encoding))
    return path
