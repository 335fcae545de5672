"""The grammar of cells: what is understood, what is refused, and that nothing is guessed."""

from __future__ import annotations

import datetime as dt

import pytest

from lib.intake.parse import Finding, edit_distance, is_blank, parse
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellError, CellValue, NotCalculated
from lib.model.form import Choice, Column, ColumnType
from lib.model.issue import Severity
from lib.model.words import Words
from lib.settings import Settings

TITLE = Words("Мамыча", "Столбец", "Column")


@pytest.fixture(scope="module")
def words(loaded: Settings) -> Vocabulary:
    return Vocabulary.of(loaded)


def column(kind: ColumnType, **more: object) -> Column:
    return Column("x", kind, TITLE, **more)  # type: ignore[arg-type]


def code(found: object) -> str:
    assert isinstance(found, Finding), f"{found!r} was accepted"
    assert found.value is None
    return found.code


@pytest.mark.parametrize(
    ("cell", "mark"),
    [
        (5.0, "5"), (2.0, "2"), ("5", "5"), ("4 ", "4"), (" 3", "3"), ("5,0", "5"), ("5.0", "5"), ("5\u00a0", "5"), ("'4", "4"),
        ("н/а", "н/а"), ("Н/А", "н/а"), ("н.а", "н/а"), ("н.а.", "н/а"), ("на", "н/а"), ("H/A", "н/а"), ("HA", "н/а"), ("н/a", "н/а"),
        ("осв", "осв"), ("осв.", "осв"), ("Осв", "осв"), ("OCB", "осв"), ("бош", "осв"), ("бошотулган", "осв"),
    ],
)  # fmt: skip
def test_marks(cell: CellValue, mark: str, words: Vocabulary):
    assert parse(cell, column(ColumnType.MARK), words) == mark


@pytest.mark.parametrize(
    "cell",
    ["4/5", "-", "—", 0.0, "0", 6.0, "6", 45.0, "45", 4.5, "4,5", "5-", "5+", "жакшы", "5 4", 0.85, "85%", True, False, -5.0, "н", "ос",
     dt.time(4, 5), dt.timedelta(hours=4), "5б", float("nan"), float("inf")],
)  # fmt: skip
def test_what_is_no_mark(cell: CellValue, words: Vocabulary):
    assert code(parse(cell, column(ColumnType.MARK), words)) == "mark_expected"


def test_a_mark_that_became_a_date_is_asked_about(words: Vocabulary):
    """In a Russian locale a typed 4.5 turns into the fourth of May."""
    for cell in (dt.date(2026, 5, 4), dt.datetime(2026, 5, 4), 46146.0):
        found = parse(cell, column(ColumnType.MARK), words)
        assert code(found) == "date_in_mark"
        assert isinstance(found, Finding)
        assert found.slots == {"value": "04.05.2026", "typed": "4.5"}


def test_mark_one_is_not_used_unless_the_school_says_so(words: Vocabulary):
    found = parse(1.0, column(ColumnType.MARK), words)
    assert isinstance(found, Finding)
    assert (found.code, found.severity, found.value) == ("mark_one", Severity.WARNING, None)
    allowed = Vocabulary(**{**words.__dict__, "mark_one": "2"})
    found = parse("1", column(ColumnType.MARK), allowed)
    assert isinstance(found, Finding)
    assert (found.code, found.severity, found.value) == ("mark_one", Severity.WARNING, "2")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (4.5, 4.5), ("4,5", 4.5), ("4.5", 4.5), ("1 234,5", 1234.5), ("1\u00a0234", 1234.0), ("1.234,5", 1234.5), ("1,234.5", 1234.5),
        ("-2", -2.0), ("\u22122,5", -2.5), ("+3", 3.0), (",5", 0.5), ("7 ", 7.0), ("1'000", 1000.0),
    ],
)  # fmt: skip
def test_numbers(cell: CellValue, number: float, words: Vocabulary):
    assert parse(cell, column(ColumnType.NUMBER), words) == number


@pytest.mark.parametrize(
    "cell", ["", "көп", "4/5", "1 2", "12 34", "5 саат", True, "85%", float("nan"), dt.time(1, 2), "1,2,3", "--5", "1e5x"]
)
def test_what_is_no_number(cell: CellValue, words: Vocabulary):
    assert code(parse(cell, column(ColumnType.NUMBER), words)) == "number_expected"


def test_percents_are_read_only_where_the_column_says_what_a_whole_is(words: Vocabulary):
    assert parse("85%", column(ColumnType.NUMBER, minimum=0.0, maximum=100.0), words) == 85.0
    assert parse("85 %", column(ColumnType.NUMBER, minimum=0.0, maximum=1.0), words) == 0.85
    assert code(parse("85%", column(ColumnType.NUMBER), words)) == "number_expected"


def test_counts(words: Vocabulary):
    count = column(ColumnType.COUNT)
    assert [parse(cell, count, words) for cell in (0.0, 12.0, "12", "12,0", " 7 ")] == [0, 12, 12, 12, 7]
    assert code(parse(2.5, count, words)) == "whole_number_expected"
    assert code(parse("үч", count, words)) == "whole_number_expected"
    assert code(parse(-1.0, count, words)) == "too_small"
    assert code(parse(dt.date(2026, 5, 4), count, words)) == "date_in_number"
    assert code(parse(3.0, column(ColumnType.COUNT, minimum=0.0, maximum=2.0), words)) == "out_of_range"


@pytest.mark.parametrize(
    "cell",
    [dt.date(2026, 4, 15), dt.datetime(2026, 4, 15), "15.04.2026", "15.4.2026", "15.04.26", "2026-04-15", "2026-04-15T00:00:00", 46127.0,
     "15/04/2026", "15-04-2026", "04/15/2026", " 15.04.2026."],
)  # fmt: skip
def test_dates(cell: CellValue, words: Vocabulary):
    assert parse(cell, column(ColumnType.DATE), words) == "2026-04-15"


def test_what_is_no_date(words: Vocabulary):
    for cell in ("31.02.2026", "2026", 5.0, 46127.5, "эртең", True, dt.time(8), "15.13.2026", dt.date(2206, 4, 15)):
        assert code(parse(cell, column(ColumnType.DATE), words)) == "date_expected"
    assert code(parse("05/04/2026", column(ColumnType.DATE), words)) == "date_two_ways"
    assert parse("04/04/2026", column(ColumnType.DATE), words) == "2026-04-04"


def test_yes_and_no(words: Vocabulary):
    yesno = column(ColumnType.YESNO)
    assert all(parse(cell, yesno, words) is True for cell in (True, "ооба", "Ооба ", "да", "yes", 1.0, "1", "+", "✓", "TRUE"))
    assert all(parse(cell, yesno, words) is False for cell in (False, "жок", "нет", "No", 0.0, "0"))
    for cell in ("-", "балким", 2.0, dt.date(2026, 1, 1)):
        assert code(parse(cell, yesno, words)) == "yesno_expected"


def test_choices(words: Vocabulary):
    levels = ("мектеп", "район", "облус", "республика", "эл аралык")
    column_of_levels = column(
        ColumnType.CHOICE, choices=tuple(Choice(w, Words(w, f"{w}-ru", w), ("р-н",) if w == "район" else ()) for w in levels)
    )
    assert parse("Облус ", column_of_levels, words) == "облус"
    assert parse("эл  аралык", column_of_levels, words) == "эл аралык"
    assert parse("р-н", column_of_levels, words) == "район"
    assert parse("область", column_of_levels, words).code == "choice_expected"  # type: ignore[union-attr]
    guessed = parse("республкиа", column_of_levels, words)
    assert code(guessed) == "choice_expected"  # two letters wrong
    guessed = parse("республка", column_of_levels, words)
    assert isinstance(guessed, Finding)
    assert (guessed.code, guessed.severity, guessed.value) == ("choice_guessed", Severity.WARNING, "республика")


def test_a_slip_between_two_answers_is_not_decided(words: Vocabulary):
    two = column(ColumnType.CHOICE, choices=tuple(Choice(w, Words(w)) for w in ("калыптанган", "калыптанган1", "калыптанбан")))
    assert code(parse("калыптан1ан", two, words)) == "choice_expected"
    assert code(parse("калыптанЗан", two, words)) == "choice_expected"
    places = column(ColumnType.CHOICE, choices=tuple(Choice(w, Words(w)) for w in ("1", "2", "3")))
    assert parse(2.0, places, words) == "2"
    assert code(parse(4.0, places, words)) == "choice_expected"


def test_codes(words: Vocabulary):
    pupil = column(ColumnType.ID, refers_to="pupil")
    for cell in ("P2019001", "p2019001", " P2019001", "\u04202019001", "P 2019 001"):
        assert parse(cell, pupil, words) == "P2019001"
    for cell in ("Асанов Бакыт", "ЖЫЙЫНТЫК", "Total", "—", dt.date(2026, 1, 1), True, 1.5):
        assert code(parse(cell, pupil, words)) == "id_expected"
    assert code(parse("жок", Column("teacher_id", ColumnType.ID, TITLE), words)) == "id_expected"  # in the register of staff itself
    work = column(ColumnType.ID)
    assert parse("жма9-2026", work, words) == "ЖМА9-2026"
    assert parse("АВС-1", work, words) == "ABC-1"
    assert parse(12.0, work, words) == "12"


@pytest.mark.parametrize(
    "cell", ["7-А", "7а", "7 а", "7-A", "7A", '7-"А"', "7–А", "7 - а", "VII-а", "VII А", "7-А класс", "7«А»", "7-А кл."]
)
def test_school_classes(cell: str, words: Vocabulary):
    assert parse(cell, column(ColumnType.CLASS), words) == "7-А"


def test_other_school_classes(words: Vocabulary):
    kind = column(ColumnType.CLASS)
    assert parse("5-B", kind, words) == "5-В"  # the Latin B looks like the Cyrillic В
    assert parse("Х-а", kind, words) == "10-А"
    assert parse(7.0, kind, words) == "7"
    for cell in ("13-А", "А-7", "0-А", "7-А/Б", "класс", 7.5, "7-D", True):
        assert code(parse(cell, kind, words)) == "class_expected"


def test_grades_months_subjects(words: Vocabulary):
    grade, month, subject = (column(kind) for kind in (ColumnType.GRADE, ColumnType.MONTH, ColumnType.SUBJECT))
    assert [parse(cell, grade, words) for cell in (7.0, "7", "7-класс", "VII", "11 кл")] == [7, 7, 7, 7, 11]
    assert code(parse("7-А", grade, words)) == "grade_expected"
    assert code(parse(13.0, grade, words)) == "grade_expected"
    assert [parse(cell, month, words) for cell in (9.0, "09", "9", "сентябрь", "Сентябрь 2025", dt.date(2025, 9, 1))] == [9] * 6
    assert parse("май", month, words) == 5
    assert code(parse("июль", month, words)) == "month_expected"
    assert code(parse(7.0, month, words)) == "month_expected"
    assert [parse(cell, subject, words) for cell in ("ALG", "алгебра", "Кыргыз  тили", "кырг.тил")] == ["ALG", "ALG", "KYR", "KYR"]
    assert code(parse("астрология", subject, words)) == "subject_unknown"
    association = column(ColumnType.ASSOCIATION)
    assert parse("math", association, words) == "math"
    assert code(parse("жок бирикме", association, words)) == "association_unknown"


def test_texts_names_lists(words: Vocabulary):
    text, name, plain = column(ColumnType.TEXT), column(ColumnType.NAME), column(ColumnType.LIST)
    assert parse("  ѳз алдынча \n иштѳѳ", text, words) == "өз алдынча иштөө"
    assert parse(12.0, text, words) == "12"
    assert code(parse(dt.date(2026, 2, 1), text, words)) == "date_in_text"
    assert code(parse(True, text, words)) == "text_expected"
    assert parse("Асанов  Бакыт", name, words) == "Асанов Бакыт"
    assert code(parse("12", name, words)) == "name_expected"
    assert parse("D1, D2; D2\nQ", plain, words) == ["D1", "D2", "Q"]
    teachers = column(ColumnType.LIST, refers_to="teacher")
    assert parse("t001, Т002", teachers, words) == ["T001", "T002"]
    assert code(parse("T001, Асанова", teachers, words)) == "list_item_unknown"
    roles = Column("roles", ColumnType.LIST, TITLE)
    assert parse("teacher, Директор", roles, words) == ["teacher", "director"]
    assert code(parse("teacher, сыйкырчы", roles, words)) == "list_item_unknown"
    assert parse(" Ata@Example.kg ", column(ColumnType.EMAIL), words) == "ata@example.kg"
    assert code(parse("ata@", column(ColumnType.EMAIL), words)) == "email_expected"


@pytest.mark.parametrize("kind", ColumnType)
def test_errors_are_never_values(kind: ColumnType, words: Vocabulary):
    choices = (Choice("ооба", Words("ооба")),)
    assert code(parse(CellError("#REF!"), column(kind, choices=choices), words)) == "cell_error"
    assert code(parse(NotCalculated("A1"), column(kind, choices=choices), words)) == "not_calculated"


@pytest.mark.parametrize("kind", ColumnType)
def test_no_cell_breaks_a_parser(kind: ColumnType, words: Vocabulary):
    strange: list[CellValue] = [
        "", "x" * 5000, "\u202e5", "=1+1", "💥", float("nan"), float("inf"), -0.0, 1e308, True, dt.date(1, 1, 1), dt.date(9999, 12, 31),
        dt.datetime(2026, 1, 1, 3, 4), dt.time(0), dt.timedelta(days=-1), "0" * 300, "9" * 400, "٣", "²", "٪", "-" * 50, "5\x00",
    ]  # fmt: skip
    for cell in strange:
        found = parse(cell, column(kind, choices=(Choice("ооба", Words("ооба")),)), words)
        assert found is not None
        if isinstance(found, Finding):
            assert found.value is not None or found.code


def test_blank_cells():
    assert all(map(is_blank, (None, "", " ", "\u00a0", "\u200b\ufeff", "\n")))
    assert not any(map(is_blank, (0.0, False, "0", CellError("#REF!"), NotCalculated())))


def test_edit_distance():
    assert edit_distance("асанов", "асанов", 2) == 0
    assert edit_distance("асанов", "асанова", 2) == 1
    assert edit_distance("асанов", "усенов", 2) == 2
    assert edit_distance("асанов", "бекташев", 2) == 3
