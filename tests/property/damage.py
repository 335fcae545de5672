"""What happens to workbooks in a school: each kind of damage is a function that spoils one or more tabs of the small school.

Cells carry their origin, the place where the undamaged twin has them, through every insertion, sorting and copying. So a test can say
of each cell of a damaged tab which cell of the twin it was; a cell that the damage itself typed has no origin.
"""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lib.model.cell import CellError, CellValue, NotCalculated, RawSheet
from lib.model.form import ColumnType, Form
from tests.small_school import FIRST_ROW, Tab

Origin = tuple[str, str, int, int]
DAYS = (ColumnType.DATE,)


class Cell(NamedTuple):
    """A cell's content, and where the twin has it."""

    value: CellValue
    origin: Origin | None = None


EMPTY = Cell(None)


@dataclass
class Sheet:
    """A tab on its way through damage. `form` is the twin's."""

    workbook: str
    title: str
    form: str
    grid: list[list[Cell]]

    def raw(self) -> RawSheet:
        return RawSheet(self.workbook, self.title, [[cell.value for cell in row] for row in self.grid])

    def copy(self, title: str) -> Sheet:
        return Sheet(self.workbook, title, self.form, [list(row) for row in self.grid])


def free_title(school: School, workbook: str, title: str) -> str:
    """The title, or one made different: no program lets two tabs of a workbook have one name."""
    taken = {sheet.title for sheet in school if sheet.workbook == workbook}
    while title in taken:
        title += "+"
    return title


School = list[Sheet]
Damage = Callable[[School, dict[str, Form], random.Random], None]
KINDS: dict[str, Damage] = {}


def whole(tabs: Sequence[Tab]) -> School:
    """The undamaged school with origins."""
    return [
        Sheet(
            t.workbook, t.title, t.form, [[Cell(v, (t.workbook, t.title, r, c)) for c, v in enumerate(row)] for r, row in enumerate(t.grid)]
        )
        for t in tabs
    ]


def kind(damage: Damage) -> Damage:
    """Enter a kind of damage under its own name."""
    KINDS[damage.__name__] = damage
    return damage


# --- finding things ------------------------------------------------------------------------------------------------------


def key_row(sheet: Sheet, form: Form) -> int | None:
    for r, row in enumerate(sheet.grid[:12]):
        if sum(cell.value in form.by_key for cell in row if isinstance(cell.value, str)) >= 3:
            return r
    return None


def places(sheet: Sheet, form: Form, *types: ColumnType) -> list[tuple[int, int]]:
    """Filled data cells of columns of those types."""
    keys = key_row(sheet, form)
    if keys is None:
        return []
    columns = [c for c, cell in enumerate(sheet.grid[keys]) if cell.value in form.by_key and form.by_key[str(cell.value)].type in types]
    return [
        (r, c)
        for r in range(keys + 4, len(sheet.grid))
        for c in columns
        if c < len(sheet.grid[r]) and sheet.grid[r][c].value is not None and sheet.grid[r][c].origin is not None
    ]


def column_of(sheet: Sheet, form: Form, key: str) -> int | None:
    keys = key_row(sheet, form)
    if keys is None:
        return None
    return next((c for c, cell in enumerate(sheet.grid[keys]) if cell.value == key), None)


def any_sheet(school: School, some: random.Random, *forms: str) -> Sheet:
    return some.choice([s for s in school if (s.form in forms if forms else s.form)])


def respell(
    *types: ColumnType, forms: tuple[str, ...] = (), share: float = 0.3, same: bool = True
) -> Callable[[Callable[[CellValue, random.Random], CellValue]], None]:
    """Make a kind of damage of a function that types a cell's content in another way; None leaves the cell alone.

    `same`: the new content means what the old one did, or nothing; not that of another cell.
    """

    def enter(type_again: Callable[[CellValue, random.Random], CellValue]) -> None:
        def damage(school: School, known: dict[str, Form], some: random.Random) -> None:
            for sheet in school:
                if sheet.form not in (forms or known):
                    continue
                for r, c in places(sheet, known[sheet.form], *types):
                    cell = sheet.grid[r][c]
                    if some.random() < share and (new := type_again(cell.value, some)) is not None:
                        sheet.grid[r][c] = Cell(new, cell.origin if same else None)

        damage.__name__ = type_again.__name__
        kind(damage)

    return enter


MARK, DATE, COUNT, ID, NAME = (ColumnType.MARK,), (ColumnType.DATE,), (ColumnType.COUNT,), (ColumnType.ID,), (ColumnType.NAME,)

# --- other spellings that must give the same value -----------------------------------------------------------------------


@respell(*MARK)
def mark_as_text(value, some):
    return f"{value:g}" if isinstance(value, float) else None


@respell(*MARK)
def mark_with_decimal(value, some):
    return f"{value:g}{some.choice((',0', '.0', ',00'))}" if isinstance(value, float) else None


@respell(*MARK)
def mark_with_spaces(value, some):
    return f" {value:g}\u00a0" if isinstance(value, float) else None


@respell(*MARK, share=1.0)
def not_attested_in_latin(value, some):
    return some.choice(("H/A", "Н/А", "н.а", "HA", "на", "н / а")) if value == "н/а" else None


@respell(*MARK, share=1.0)
def released_in_words(value, some):
    return some.choice(("осв.", "ОСВ", "бош", "бошотулган")) if value == "осв" else None


@respell(*ID)
def code_in_cyrillic(value, some):
    return str(value).translate(str.maketrans("PTAM", "РТАМ")) if isinstance(value, str) else None


@respell(*ID)
def code_in_small_letters(value, some):
    return f" {value.lower()}" if isinstance(value, str) else None


@respell(*NAME)
def name_decomposed(value, some):
    return unicodedata.normalize("NFD", value) if isinstance(value, str) else None


@respell(*NAME)
def name_with_wrong_code_points(value, some):
    return value.translate(str.maketrans("өӨң", "ѳѲӊ")) if isinstance(value, str) else None


@respell(*NAME)
def name_without_kyrgyz_letters(value, some):
    return value.translate(str.maketrans("өӨңүҮ", "оОнуУ")) if isinstance(value, str) else None


@respell(*NAME)
def name_words_turned(value, some):
    return " ".join(reversed(value.split())) if isinstance(value, str) else None


@respell(*NAME)
def name_with_spaces(value, some):
    return f"  {value.replace(' ', '  ')} " if isinstance(value, str) else None


@respell(*DATE)
def date_as_text(value, some):
    return value.strftime("%d.%m.%Y") if isinstance(value, dt.date) else None


@respell(*DATE)
def date_as_iso(value, some):
    return value.isoformat() if isinstance(value, dt.date) else None


@respell(*DATE)
def date_as_serial(value, some):
    if not isinstance(value, dt.date):
        return None
    return float(value.toordinal() - dt.date(1899, 12, 30).toordinal())


@respell(*DATE)
def date_with_time(value, some):
    return dt.datetime.combine(value, dt.time()) if isinstance(value, dt.date) else None


@respell(ColumnType.COUNT, ColumnType.NUMBER)
def number_as_text(value, some):
    return f"{value:g} ".replace(".", ",") if isinstance(value, float) else None


@respell(ColumnType.YESNO)
def yes_and_no_in_other_words(value, some):
    if value is True or value == "ооба":
        return some.choice(("да", "ДА", "+", "✓", True, 1.0, "1", "Ооба"))
    return some.choice(("нет", "Жок", False, 0.0, "0")) if value == "жок" else None


@respell(ColumnType.CHOICE)
def choice_in_capitals(value, some):
    return f"{value.upper()} " if isinstance(value, str) and len(value) > 3 else None


@respell(ColumnType.CHOICE)
def choice_in_russian(value, some):
    return {"окуйт": "учится", "олимпиада": "олимпиада", "кыргыз": "кыргызский", "жогорку": "высшая"}.get(str(value))


@respell(ColumnType.CLASS)
def class_in_latin(value, some):
    return value.replace("А", "A").replace("Б", "б") if isinstance(value, str) else None


@respell(ColumnType.CLASS)
def class_spelt_freely(value, some):
    grade, letter = str(value).split("-")
    return some.choice((f"{grade}{letter.lower()}", f'{grade}-"{letter}"', f"{grade}–{letter}", f"VII-{letter}", f"{grade} {letter} класс"))


@respell(ColumnType.SUBJECT)
def subject_by_name(value, some):
    return {"ALG": "Алгебра", "KYR": "кыргыз  тили", "PHY": "Физика"}.get(str(value))


@respell(ColumnType.MONTH)
def month_in_words(value, some):
    return {9.0: "сентябрь", 10.0: "Октябрь", 11.0: "11", 12.0: "декабрь "}.get(value)


# --- cells that must be reported -----------------------------------------------------------------------------------------


@respell(*MARK, share=0.1)
def mark_that_is_none(value, some):
    return some.choice(("4/5", "-", 0.0, 6.0, 45.0, "жакшы", "5-", "5+", 2.5, 0.05, "54", "?", True, "н", "2 3", 46146.0))


@respell(*MARK, share=0.1)
def mark_became_date(value, some):
    return dt.date(2026, 5, 4)


@respell(*MARK, share=0.1)
def mark_one(value, some):
    return some.choice((1.0, "1"))


@respell(*ColumnType, share=0.03)
def formula_error(value, some):
    return CellError(some.choice(("#REF!", "#N/A", "#DIV/0!", "#VALUE!")))


@respell(*ColumnType, share=0.03)
def formula_not_calculated(value, some):
    return NotCalculated("A1+1")


@respell(*COUNT, share=0.1)
def count_that_is_none(value, some):
    return some.choice(("көп", 2.5, -1.0, "1-2", "3 күн", dt.date(2026, 3, 2), True, 1e300, "12%"))


@respell(*COUNT, forms=("F08",), share=0.2)
def count_out_of_range(value, some):
    return 3.0


@respell(*DATE, share=0.2)
def date_that_is_none(value, some):
    return some.choice(("31.02.2026", "эртең", 5.0, "2026", "05/04/2026", "12.2025", dt.time(8, 30)))


@respell(ColumnType.CHOICE, ColumnType.YESNO, share=0.1)
def choice_that_is_none(value, some):
    return some.choice(("ким билет", "---", 17.0, dt.date(2026, 1, 1)))


@respell(ColumnType.CLASS, share=0.1)
def class_that_is_none(value, some):
    return some.choice(("13-Я", "А-7", "7-А/Б", "класс", 7.5))


@respell(ColumnType.TEXT, share=0.2)
def text_became_date(value, some):
    return dt.date(2026, 2, 1)


@respell(ColumnType.MONTH, share=0.1)
def month_that_is_none(value, some):
    return some.choice(("июль", 7.0, 13.0, "I чейрек"))


@respell(*ID, forms=("R1", "R2S", "R2C", "F01", "F05", "F11", "F20", "F08"), share=0.05)
def code_that_is_none(value, some):
    return some.choice(("?", "жок", "P 2019 001 x%", dt.date(2026, 1, 1), "—"))


@respell(*ID, forms=("F01", "F05", "F11", "F20", "F02", "F08"), share=0.05, same=False)
def code_of_nobody(value, some):
    return {"P": "P2999999", "T": "T999"}.get(str(value)[:1])


@respell(*NAME, forms=("F01", "F05", "F20"), share=0.2)
def name_with_a_slip(value, some):
    return value[:-1] + "ш" if isinstance(value, str) else None


@respell(*NAME, forms=("F01", "F05", "F20"), share=0.2, same=False)
def name_of_somebody_else(value, some):
    return "Башкабаев Бөтөнбай"


# --- rows ----------------------------------------------------------------------------------------------------------------


def data(sheet: Sheet, form: Form) -> range:
    keys = key_row(sheet, form)
    return range((keys if keys is not None else 1) + 4, len(sheet.grid))


@kind
def rows_sorted(school, known, some):
    sheet = any_sheet(school, some)
    rows = data(sheet, known[sheet.form])
    part = sheet.grid[rows.start :]
    some.shuffle(part)
    sheet.grid[rows.start :] = part


@kind
def blank_row_inserted(school, known, some):
    sheet = any_sheet(school, some)
    sheet.grid.insert(some.choice(data(sheet, known[sheet.form])), [])


@kind
def row_deleted(school, known, some):
    sheet = any_sheet(school, some)
    del sheet.grid[some.choice(data(sheet, known[sheet.form]))]


@kind
def row_copied(school, known, some):
    sheet = any_sheet(school, some)
    row = some.choice(data(sheet, known[sheet.form]))
    sheet.grid.append(list(sheet.grid[row]))


@kind
def row_copied_and_changed(school, known, some):
    sheet = any_sheet(school, some, "F01")
    row = list(sheet.grid[some.choice(data(sheet, known["F01"]))])
    c = column_of(sheet, known["F01"], "q2")
    if c is not None and c < len(row):
        row[c] = Cell(4.0 if row[c].value in (2.0, "2") else 2.0)
    sheet.grid.append(row)


@kind
def row_copied_without_marks(school, known, some):
    sheet = any_sheet(school, some, "F01")
    sheet.grid.append(sheet.grid[some.choice(data(sheet, known["F01"]))][:2])


@kind
def totals_row(school, known, some):
    sheet = any_sheet(school, some, "F01", "F05", "F14", "F20")
    sheet.grid += [[], [EMPTY, Cell("Жыйынтык"), Cell(17.0), EMPTY, Cell("72%")]]


@kind
def totals_of_a_list(school, known, some):
    """A total under a list whose rows have no code: it must not become an event, or a piece of equipment."""
    for form, words in (
        ("F18", [Cell("Бардыгы"), EMPTY, EMPTY, EMPTY, EMPTY, EMPTY, Cell(110.0)]),
        ("F14", [Cell("Бардыгы"), EMPTY, EMPTY, Cell(72.0)]),
    ):
        any_sheet(school, some, form).grid += [[], words]


@kind
def remark_below(school, known, some):
    sheet = any_sheet(school, some, "F01", "F05", "F20", "F02")
    sheet.grid += [[], [], [EMPTY, EMPTY, EMPTY, Cell("Текшерилди. Орун басар")]]


@kind
def new_pupil_without_code(school, known, some):
    sheet = any_sheet(school, some, "F01")
    sheet.grid.append([EMPTY, Cell("Жаңы Окуучу"), Cell(5.0), Cell(4.0)])


@kind
def code_erased(school, known, some):
    sheet = any_sheet(school, some, "F01", "F05", "F20")
    c = column_of(sheet, known[sheet.form], "pupil_id")
    if c is not None:
        for r in some.sample(data(sheet, known[sheet.form]), 3):
            if c < len(sheet.grid[r]):
                sheet.grid[r][c] = EMPTY


def _shuffled(school: School, known: dict[str, Form], some: random.Random, *keys: str) -> None:
    sheet = any_sheet(school, some, "F01", "F20")
    columns = [c for key in keys if (c := column_of(sheet, known[sheet.form], key)) is not None]
    rows = [r for r in data(sheet, known[sheet.form]) if all(c < len(sheet.grid[r]) for c in columns)]
    order = rows[:]
    some.shuffle(order)
    taken = {r: [sheet.grid[r][c] for c in columns] for r in rows}
    for r, source in zip(rows, order, strict=True):
        for c, cell in zip(columns, taken[source], strict=True):
            sheet.grid[r][c] = cell


@kind
def codes_sorted_alone(school, known, some):
    _shuffled(school, known, some, "pupil_id")


@kind
def names_sorted_alone(school, known, some):
    _shuffled(school, known, some, "full_name")


@kind
def part_of_the_sheet_sorted(school, known, some):
    """Names went with the marks, codes stayed."""
    _shuffled(school, known, some, "full_name", "q1", "q2", "q3", "q4", "year", "health_group", "pe_group", "checkup_on", "ill_days_q1")


@kind
def pupil_of_another_class(school, known, some):
    sheets = [s for s in school if s.form == "F01" and key_row(s, known["F01"]) is not None and data(s, known["F01"])]
    one = some.choice(sheets)
    other = some.choice([s for s in sheets if _home(s) != _home(one)])
    one.grid.append(list(other.grid[data(other, known["F01"])[0]]))


def _home(sheet: Sheet) -> str:
    """The workbook that the tab's cells come from."""
    return next(cell.origin[0] for row in reversed(sheet.grid) for cell in row if cell.origin)


@kind
def months_merged(school, known, some):
    sheet = any_sheet(school, some, "F05")
    c = column_of(sheet, known["F05"], "month")
    seen = None
    for r in data(sheet, known["F05"]):
        if c is not None and c < len(sheet.grid[r]):
            value = sheet.grid[r][c].value
            if value == seen:
                sheet.grid[r][c] = EMPTY
            seen = value


@kind
def headers_repeated_for_print(school, known, some):
    sheet = any_sheet(school, some, "F01", "F05")
    rows = data(sheet, known[sheet.form])
    copied = [Cell(cell.value) for cell in sheet.grid[rows.start - 2]]
    sheet.grid.insert(rows.start + 6, copied)


@kind
def trailing_empties_trimmed(school, known, some):
    for sheet in school:
        for row in sheet.grid:
            while row and row[-1].value is None:
                row.pop()


@kind
def invisible_content(school, known, some):
    sheet = any_sheet(school, some)
    sheet.grid += [[Cell(" "), Cell("\u00a0"), Cell("\u200b")], [Cell("")]]


# --- columns -------------------------------------------------------------------------------------------------------------


def _insert(sheet: Sheet, at: int, cells: Callable[[int], Cell]) -> None:
    for r, row in enumerate(sheet.grid):
        row.extend([EMPTY] * (at - len(row)))
        row.insert(at, cells(r))


def _width(sheet: Sheet) -> int:
    return max(len(row) for row in sheet.grid)


@kind
def blank_column_inserted(school, known, some):
    sheet = any_sheet(school, some)
    _insert(sheet, some.randrange(_width(sheet)), lambda r: EMPTY)


@kind
def remarks_column_inserted(school, known, some):
    sheet = any_sheet(school, some)
    first = data(sheet, known[sheet.form]).start
    said = {first - 2: "Эскертүү", first: "сүйлөшүү керек", first + 2: "жакшы"}
    _insert(sheet, some.randrange(_width(sheet)), lambda r: Cell(said.get(r)))


@kind
def columns_reordered(school, known, some):
    sheet = any_sheet(school, some)
    order = list(range(_width(sheet)))
    some.shuffle(order)
    for r, row in enumerate(sheet.grid):
        padded = row + [EMPTY] * (len(order) - len(row))
        sheet.grid[r] = [padded[c] for c in order]


@kind
def column_deleted(school, known, some):
    sheet = any_sheet(school, some)
    c = some.randrange(_width(sheet))
    for row in sheet.grid:
        if c < len(row):
            del row[c]


@kind
def column_copied(school, known, some):
    sheet = any_sheet(school, some)
    c = some.randrange(_width(sheet))
    copied = [row[c] if c < len(row) else EMPTY for row in sheet.grid]
    _insert(sheet, _width(sheet), lambda r: copied[r])


@kind
def column_copied_and_changed(school, known, some):
    sheet = any_sheet(school, some, "F01")
    c = column_of(sheet, known["F01"], some.choice(("q1", "q3", "year")))
    if c is None:
        return
    rows = data(sheet, known["F01"])
    copied = [row[c] if c < len(row) else EMPTY for row in sheet.grid]
    for r in rows:
        copied[r] = Cell("3") if copied[r].value not in (3.0, "3") else Cell("5")
    _insert(sheet, c + 1, lambda r: copied[r])


def _headers(sheet: Sheet, form: Form) -> tuple[int, int] | None:
    keys = key_row(sheet, form)
    return (keys + 2, keys + 3) if keys is not None else None


@kind
def header_renamed(school, known, some):
    sheet = any_sheet(school, some)
    rows = _headers(sheet, known[sheet.form])
    if rows:
        for r in rows:
            c = some.randrange(len(sheet.grid[r]))
            sheet.grid[r][c] = Cell("Биздин мамыча")


@kind
def headers_swapped(school, known, some):
    """The visible part of two columns was exchanged, their hidden keys stayed."""
    sheet = any_sheet(school, some, "F01")
    one, two = (column_of(sheet, known["F01"], key) for key in some.sample(("q1", "q2", "q3", "q4"), 2))
    keys = key_row(sheet, known["F01"])
    if one is None or two is None or keys is None:
        return
    # without headers nobody could see that anything was exchanged
    if not all(c < len(sheet.grid[r]) and sheet.grid[r][c].value for r in (keys + 2, keys + 3) for c in (one, two)):
        return
    for row in sheet.grid[keys + 1 :]:
        row.extend([EMPTY] * (max(one, two) + 1 - len(row)))
        row[one], row[two] = row[two], row[one]


@kind
def keys_erased(school, known, some):
    sheet = any_sheet(school, some)
    keys = key_row(sheet, known[sheet.form])
    if keys is not None:
        for c in some.sample(range(len(sheet.grid[keys])), 2):
            sheet.grid[keys][c] = EMPTY


@kind
def key_overwritten(school, known, some):
    sheet = any_sheet(school, some)
    keys = key_row(sheet, known[sheet.form])
    if keys is not None:
        sheet.grid[keys][some.randrange(len(sheet.grid[keys]))] = Cell("x1")


@kind
def key_row_lost(school, known, some):
    sheet = any_sheet(school, some)
    keys = key_row(sheet, known[sheet.form])
    if keys is not None:
        sheet.grid[keys] = []


@kind
def key_row_lost_and_header_slips(school, known, some):
    sheet = any_sheet(school, some, "F05", "F20", "F02")
    form = known[sheet.form]
    rows, keys = _headers(sheet, form), key_row(sheet, form)
    if rows and keys is not None:
        for r in rows:
            for c, cell in enumerate(sheet.grid[r]):
                if isinstance(cell.value, str) and len(cell.value) > 8 and some.random() < 0.5:
                    at = some.randrange(1, len(cell.value) - 1)
                    sheet.grid[r][c] = Cell(cell.value[:at] + cell.value[at + 1 :])
        sheet.grid[keys] = []


@kind
def headers_erased(school, known, some):
    sheet = any_sheet(school, some)
    if rows := _headers(sheet, known[sheet.form]):
        for r in rows:
            sheet.grid[r] = []


@kind
def title_row_deleted(school, known, some):
    sheet = any_sheet(school, some)
    keys = key_row(sheet, known[sheet.form])
    if keys is not None:
        del sheet.grid[keys + 1]


@kind
def russian_headers_deleted(school, known, some):
    sheet = any_sheet(school, some)
    if rows := _headers(sheet, known[sheet.form]):
        del sheet.grid[rows[1]]


@kind
def keys_and_headers_lost(school, known, some):
    sheet = any_sheet(school, some)
    rows, keys = _headers(sheet, known[sheet.form]), key_row(sheet, known[sheet.form])
    if rows and keys is not None:
        for r in (keys, *rows):
            sheet.grid[r] = []


@kind
def rows_above(school, known, some):
    sheet = any_sheet(school, some)
    sheet.grid[:0] = [[Cell("Урматтуу мугалимдер!")], []]


# --- tabs ----------------------------------------------------------------------------------------------------------------


@kind
def identity_lost(school, known, some):
    any_sheet(school, some).grid[0] = []


@kind
def identity_cell_lost(school, known, some):
    row = any_sheet(school, some).grid[0]
    if row:
        row[some.randrange(len(row))] = EMPTY


@kind
def hidden_rows_deleted(school, known, some):
    sheet = any_sheet(school, some)
    del sheet.grid[:2]


@kind
def tab_copied(school, known, some):
    sheet = any_sheet(school, some)
    school.append(sheet.copy(free_title(school, sheet.workbook, f"{sheet.title} (2)")))


@kind
def tab_copied_and_changed(school, known, some):
    sheet = any_sheet(school, some, "F01", "F20")
    copy = sheet.copy(free_title(school, sheet.workbook, f"Копия {sheet.title}"))
    for r, c in places(copy, known[sheet.form], ColumnType.MARK, ColumnType.COUNT):
        if some.random() < 0.3:
            copy.grid[r][c] = Cell(3.0 if copy.grid[r][c].value not in (3.0, "3") else 4.0)
    school.append(copy)


@kind
def tab_renamed(school, known, some):
    sheet = any_sheet(school, some)
    sheet.title = free_title(school, sheet.workbook, f"Барак{some.randrange(1000)}")


@kind
def tab_moved(school, known, some):
    one, other = some.sample(school, 2)
    one.title = free_title(school, other.workbook, f"{one.title} көчкөн")
    one.workbook = other.workbook


@kind
def form_newer(school, known, some):
    sheet = any_sheet(school, some)
    sheet.grid[0] = [Cell(f"form={sheet.form}@99") if str(c.value).startswith("form=") else c for c in sheet.grid[0]]


@kind
def extra_tab(school, known, some):
    workbook = some.choice(school).workbook
    school.append(Sheet(workbook, free_title(school, workbook, "Лист1"), "", [[Cell("менин эсебим"), Cell(12.0)], [Cell(5.0)]]))


@kind
def tab_emptied(school, known, some):
    sheet = any_sheet(school, some)
    del sheet.grid[data(sheet, known[sheet.form]).start :]


@kind
def workbook_lost(school, known, some):
    gone = some.choice(school).workbook
    school[:] = [sheet for sheet in school if sheet.workbook != gone]


assert FIRST_ROW == 5
