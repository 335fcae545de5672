"""What is understood of a table: its header, its columns, its rows; and that no cell of it is passed over in silence."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from lib.intake.reading import ExportReading, Reading
from lib.intake.vocabulary import Vocabulary
from lib.journal.read import read_with_exports
from lib.model.cell import RawSheet
from lib.settings import Settings
from tests import small_school


def reading_of(loaded: Settings, name: str, rows: Sequence[Sequence[Any]], title: str = "Лист1") -> Reading:
    return read_with_exports(loaded.journal.words, name, [RawSheet(name, title, [list(r) for r in rows])], Vocabulary.of(loaded))


def table_of(loaded: Settings, name: str, rows: Sequence[Sequence[Any]], title: str = "Лист1") -> ExportReading:
    (export,) = reading_of(loaded, name, rows, title).exports
    return export


def columns(export: ExportReading) -> list[tuple[str, str]]:
    return [(c.subject, c.period) for c in export.columns]


def marks(export: ExportReading) -> list[tuple[str, str | None]]:
    return [(export.rows[m.row].name, m.mark) for m in export.marks]


A, B = "Асанов Азамат", "Өмүрова Бермет"


def test_subjects_of_a_class(loaded: Settings):
    export = table_of(loaded, "exports/x.xlsx", [
        ["Сводная ведомость, 7-А класс, I четверть 2025/2026 уч. года"], [None],
        ["№ п/п", "Ф.И.О. учащегося", "Алгебра", "Физика (2 ч)", "Ср. балл"], [1.0, A, 5.0, 4.0, 4.5], [2.0, B, "н/а", 3.0, None],
        [None, "Средний балл", 5.0, 3.5, None], ["Классный руководитель: ________"]])  # fmt: skip
    assert export.said == {"school_year": ["2025-2026"], "school_class": ["7-А"], "subject": [], "period": ["q1"]}
    assert columns(export) == [("ALG", ""), ("PHY", "")]
    assert marks(export) == [(A, "5"), (A, "4"), (B, "н/а"), (B, "3")]


def test_merged_header_of_subjects_and_quarters(loaded: Settings):
    export = table_of(loaded, "exports/x.xlsx", [
        ["Класс: 7 «Б»"], ["№", "Аты-жөнү", "Алгебра", None, "Геометрия", None],
        [None, None, "1-чейрек", "2-чейрек", "1-чейрек", "2-чейрек"],
        ["1", A, "5", "4", "3", "2"]])  # fmt: skip
    assert export.said["school_class"] == ["7-Б"]
    assert columns(export) == [("ALG", "q1"), ("ALG", "q2"), ("GEO", "q1"), ("GEO", "q2")]


def test_quarter_over_the_subjects(loaded: Settings):
    export = table_of(loaded, "exports/7-А.xlsx", [[None, None, "2 четверть", None], ["№", "ФИО", "Алгебра", "Физика"], [1.0, A, 5.0, 4.0]])
    assert columns(export) == [("ALG", "q2"), ("PHY", "q2")]


@pytest.mark.parametrize(
    "heads",
    [("1-чейрек", "2-чейрек", "3-чейрек", "4-чейрек", "Жылдык"), ("I", "II", "III", "IV", "Год"), ("1", "2", "3", "4", "Годовая оценка"),
     ("1 четв.", "2 четв.", "3 четв.", "4 четв.", "год"), ("Q1", "Q2", "Q3", "Q4", "Year")],
)  # fmt: skip
def test_quarters_of_a_subject(loaded: Settings, heads: tuple[str, ...]):
    export = table_of(
        loaded, "exports/Алгебра 7-А.csv", [["Фамилия", "Имя", *heads], ["Асанов", "Азамат", "5", "4", "3", "2", "4"]], "Алгебра 7-А"
    )
    assert [c.period for c in export.columns] == ["q1", "q2", "q3", "q4", "year"]
    assert (export.said["subject"], export.said["school_class"]) == (["ALG"], ["7-А"])
    assert export.rows[0].name == A


def test_days_with_the_quarter_at_the_end(loaded: Settings):
    reading = reading_of(loaded, "exports/x.csv", [
        ["Предмет: Алгебра; Класс: 7-А; 3-чейрек"], ["№", "Окуучу", "12.01", "15.01", "19.01", "Чейректик баа"],
        ["1", A, "5", "н", "4", "5 (беш)"], ["2", B, None, "4", None, "4 хорошо"]])  # fmt: skip
    (export,) = reading.exports
    assert marks(export) == [(A, "5"), (B, "4")]
    assert [(i.code, i.cell, i.cells) for i in reading.issues] == [("journal_column_daily", "C3:E4", 4)]


def test_bare_day_numbers_are_no_quarters(loaded: Settings):
    export = table_of(loaded, "exports/7-А Алгебра 1-чейрек.csv", [["ФИО", "2", "4", "9", "Итог"], [A, "5", "4", "3", "4"]], "x")
    assert marks(export) == [(A, "4")]


def test_a_long_list(loaded: Settings):
    export = table_of(loaded, "exports/x.csv", [
        ["Класс", "Фамилия", "Имя", "Отчество", "Предмет", "Четверть", "Оценка"],
        ["7А", "Асанов", "Азамат", "Бакытович", "Алгебра", "1", "5"],
        ["10 «б» класс", "Өмүрова", "Бермет", None, "Физика", "II четверть", "осв"],
        ["7-А", "Исаков", "Нурлан", None, "алг", "годовая", "4"],
    ])  # fmt: skip
    assert [(r.school_class, r.name, r.subject, r.period) for r in export.rows] == [
        ("7-А", "Асанов Азамат Бакытович", "Алгебра", "q1"), ("10-Б", B, "Физика", "q2"),
        ("7-А", "Исаков Нурлан", "алг", "year")]  # fmt: skip


def test_classes_as_lines_between(loaded: Settings):
    export = table_of(loaded, "exports/x.csv", [["ФИО", "Предмет", "Чейрек", "Баа"], ["7-А класс"], [A, "Алгебра", "1", "5"], ["7-Б"],
                                               [B, "Алгебра", "1", "4"]])  # fmt: skip
    assert [r.school_class for r in export.rows] == ["7-А", "7-Б"] and export.per_row[0] == "school_class"


@pytest.mark.parametrize(("text", "mark"), [
    ("5", "5"), (5.0, "5"), (" 4 ", "4"), ("4,0", "4"), ("4 (жакшы)", "4"), ("5(отл.)", "5"), ("3 – удовл.", "3"), ("5 беш", "5"),
    ("н/а", "н/а"),
    ("НА", "н/а"), ("осв.", "осв"), ("бошотулган", "осв"),
])  # fmt: skip
def test_what_is_a_mark(loaded: Settings, text: object, mark: str):
    export = table_of(loaded, "exports/7-А q1.csv", [["ФИО", "Алгебра"], [A, text]])
    assert marks(export) == [(A, mark)]


@pytest.mark.parametrize("text", ["зач", "Зачёт", "5 4", "4/5", "45", "6", "=1+4", "5 (жаман эмес)", "12.05.2026", 4.5, "-"])
def test_what_is_none(loaded: Settings, text: object):
    export = table_of(loaded, "exports/7-А q1.csv", [["ФИО", "Алгебра"], [A, text], [B, "5"]])
    (first, second) = export.marks
    assert first.mark is None and first.code and second.mark == "5"


def test_a_school_year_names_no_subject(loaded: Settings):
    """ "2025-2026-окуу жылы" begins, after the year, with a word that is an alias of a subject."""
    export = table_of(loaded, "exports/x.csv", [["2025-2026-окуу жылы"], ["Предмет: Алгебра"], ["ФИО", "1-чейрек"], [A, "5"]])
    assert export.said["subject"] == ["ALG"]


def test_a_part_of_a_header_is_no_subject(loaded: Settings):
    """ "Дүйнөлүк адабият" holds the word for Kyrgyz literature, and is another subject."""
    export = table_of(loaded, "exports/7-А q1.csv", [["ФИО", "Дүйнөлүк адабият", "Алгебра"], [A, "5", "4"]])
    assert [(c.subject, c.unknown) for c in export.columns] == [("", True), ("ALG", False)]


def test_a_pupil_called_like_a_total(loaded: Settings):
    export = table_of(loaded, "exports/7-А q1.csv", [["ФИО", "Алгебра"], ["Сапат Мугалимов", "5"], ["Итогова Асел", "4"], ["Итого", "4,5"]])
    assert [r.name for r in export.rows] == ["Сапат Мугалимов", "Итогова Асел"]


def test_our_own_workbooks_are_no_exports(loaded: Settings):
    tab = next(t for t in small_school.school(dict(loaded.forms)) if t.form == "F01")
    for name in (tab.workbook, f"exports/{tab.title}.xlsx"):
        reading = read_with_exports(loaded.journal.words, name, [RawSheet(name, tab.title, tab.grid)], Vocabulary.of(loaded))
        assert reading.exports == [] and reading.tabs[0].rows


def test_outside_of_its_folder_an_export_must_be_sure(loaded: Settings):
    sure = [["ФИО", "1-чейрек", "2-чейрек", "3-чейрек"], [A, "5", "4", "3"]]
    assert reading_of(loaded, "2025-2026/x.xlsx", sure).exports
    assert not reading_of(loaded, "2025-2026/x.xlsx", [["ФИО", "Телефон"], [A, "5"]]).exports
    (issue,) = reading_of(loaded, "exports/x.xlsx", [["жазуу"], ["дагы"]]).issues
    assert issue.code == "journal_not_recognised"


def rows_at_random(some: random.Random) -> list[list[Any]]:
    """A table with everything that may stand in one, and blanks anywhere."""
    pieces = ["5", "4", "", None, "н/а", "зач", "2 (эки)", "x", 3.0, "4,5", "12.09", "#", "осв"]
    heads = some.sample(["Алгебра", "Физика", "Ср. балл", "Прогулы", "01.09", "1-чейрек", "Жылдык", "Эскертүү", "Дүйнөлүк адабият"], 6)
    rows: list[list[Any]] = [["7-А класс 2025-2026", None, "1 четверть"], [], ["№", "ФИО", *heads]]
    for n in range(some.randrange(3, 12)):
        name = some.choice([A, B, "Исаков Н.", "", None, "12", "Итого", "7-Б"])
        rows.append([some.choice([n, None]), name, *(some.choice(pieces) for _ in range(6))])
    rows += [["Жетишүү", None, "95%"], ["Мугалим: Асанова"]]
    return rows


@pytest.mark.parametrize("seed", range(40))
def test_every_cell_is_accounted_for(loaded: Settings, seed: int):
    """Cells below the header = names and numbers of rows + cells of marks + cells that an issue has already told of."""
    rows = rows_at_random(random.Random(seed))
    reading = reading_of(loaded, "exports/x.xlsx", rows)
    below = 0
    for row in rows[3:]:
        filled = [c for c in row if c is not None and str(c).strip()]
        if len(filled) == 1 and filled[0] == "7-Б":
            continue  # a line that names the class of those below is a title
        below += len(filled)
    (export,) = reading.exports
    assert export.cells == below
    assert export.reported == sum(issue.cells for issue in reading.issues)
    assert export.cells == export.reported + sum(row.cells for row in export.rows) + len(export.marks)


def test_it_travels_as_json(loaded: Settings):
    reading = reading_of(loaded, "exports/x.xlsx", rows_at_random(random.Random(3)))
    assert Reading.from_plain(reading.to_plain()) == reading
