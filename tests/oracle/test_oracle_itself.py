"""The oracle against the golden numbers of domain.md §1.1, §1.2 and §9, on a school that fits on a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from tests.oracle.facts import Calendar, Facts, category_of, quality_spread
from tests.oracle.figures import compute, responsible
from tests.oracle.raw import Grammar, NotUnderstood, Reported, match_key, read_class, read_date, read_mark, read_number, read_school

pytestmark = pytest.mark.oracle

YEAR = "2025-2026"
AS_OF = dt.date(2026, 6, 30)


def write(path: Path, tabs: Mapping[str, tuple[dict[str, str], list[dict[str, object]]]]) -> None:
    """A workbook: title of tab → (identity, rows)."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.create_sheet("Нускама").append(["Бул барак окулбайт"])
    for title, (identity, rows) in tabs.items():
        sheet = book.create_sheet(title)
        keys = list(dict.fromkeys(key for row in rows for key in row))
        sheet.append(["sapat", *(f"{key}={value}" for key, value in {"school_year": YEAR, **identity}.items())])
        sheet.append(keys)
        for words in (["Барак"], keys, keys):
            sheet.append(words)
        for row in rows:
            sheet.append([row.get(key) for key in keys])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def marks_of_class(school_class: str, marks: list[object], subject: str = "ALG", column: str = "q1") -> dict:
    """One tab of marks; pupil codes are made of the class and the row."""
    rows = [{"pupil_id": f"{school_class}/{n}", column: mark} for n, mark in enumerate(marks)]
    return {f"{subject} {school_class}": ({"form": "F01@1", "school_class": school_class, "subject": subject}, rows)}


def small_school(store: Path, classes: dict[str, list[object]], **more: object) -> Path:
    """A register with the pupils of `classes` and a tab of first-quarter marks of algebra for each class."""
    pupils = [
        {"pupil_id": f"{school_class}/{n}", "school_class": school_class, "entered_on": dt.date(2020, 9, 1), "status": "окуйт",
         "left_on": more.get("left", {}).get(f"{school_class}/{n}")}
        for school_class, marks in classes.items() for n in range(len(marks))
    ]  # fmt: skip
    registry = {
        "R1": ({"form": "R1@1"}, pupils),
        "R2C": ({"form": "R2C@1"}, [{"school_class": name, "grade": int(name.split("-")[0])} for name in classes]),
        "R2S": ({"form": "R2S@1"}, [{"teacher_id": "T001", "roles": "teacher", "mo": "Математика жана информатика", "active": "ооба"}]),
        "R2L": ({"form": "R2L@1"}, [{"teacher_id": "T001", "subject": "ALG", "school_class": name, "vacant": "жок"} for name in classes]),
    }
    write(store / YEAR / "registry.xlsx", registry)
    for school_class, marks in classes.items():
        write(store / YEAR / f"class-{school_class}.xlsx", marks_of_class(school_class, marks))
    return store


def figure(figures: dict, code: str, level: str = "school", period: str = "Q1", **of: str) -> tuple | None:
    """One figure by its place."""
    names = ("stage", "grade", "school_class", "subject", "method_association", "teacher")
    return figures.get((code, YEAR, period, level, *(of.get(name, "") for name in names)))


GOLDEN = [5] * 5 + [4] * 9 + [3] * 8 + [2] * 2 + ["н/а"]


def test_golden_numbers_of_a_subject(tmp_path: Path) -> None:
    school = read_school(small_school(tmp_path, {"7-А": [*GOLDEN, "осв", None]}))
    assert not school.unreadable
    figures = compute(school, AS_OF)
    of = {"school_class": "7-А", "subject": "ALG"}
    assert figure(figures, "D1.01", "school_class+subject", **of) == (22, 25, 88)
    assert figure(figures, "D1.02", "school_class+subject", **of) == (14, 25, 56)
    assert figure(figures, "D1.03", "school_class+subject", **of)[2] == pytest.approx(56.12)
    assert figure(figures, "D1.04", "school_class+subject", **of) == (89, 24, 89 / 24)
    assert figure(figures, "D1.02", "stage+method_association", stage="basic", method_association="math") == (14, 25, 56)
    # the pupil with the empty cell has no category, the released one is a pupil without subjects: 25 remain
    assert figure(figures, "D1.05") == (14, 25, 56)
    assert figure(figures, "D2.01") == (2, 25, 8)
    assert figure(figures, "D2.02") == (1, 25, 4)
    assert figure(figures, "D2.03") == (8, 25, 32)


@pytest.mark.parametrize(
    ("mark", "expected"), [(5, (100, 100, 100, 5)), (3, (100, 0, 36, 3)), (2, (0, 0, 16, 2)), ("осв", (None, None, None, None))]
)
def test_a_class_of_one_mark(tmp_path: Path, mark: object, expected: tuple) -> None:
    figures = compute(read_school(small_school(tmp_path, {"7-А": [mark] * 4})), AS_OF)
    found = [figure(figures, code) for code in ("D1.01", "D1.02", "D1.03", "D1.04")]
    assert tuple(f and f[2] for f in found) == expected


@pytest.mark.parametrize(("small", "large", "expected"), [((1, 2), (10, 20), 50.0), ((9, 10), (1, 30), 25.0)])
def test_roll_up_adds_counts(tmp_path: Path, small: tuple[int, int], large: tuple[int, int], expected: float) -> None:
    classes = {name: [5] * good + [3] * (all_ - good) for name, (good, all_) in {"7-А": small, "7-Б": large}.items()}
    assert figure(compute(read_school(small_school(tmp_path, classes)), AS_OF), "D1.02")[2] == expected


def test_a_leaver_is_in_the_earlier_quarter_only(tmp_path: Path) -> None:
    store = small_school(tmp_path, {"7-А": [5, 5]}, left={"7-А/0": dt.date(2025, 12, 1)})
    write(store / "q2.xlsx", marks_of_class("7-А", [2, 4], "GEO", "q2"))
    figures = compute(read_school(store), AS_OF)
    assert figure(figures, "D1.01")[1] == 2
    assert figure(figures, "D1.01", period="Q2") == (1, 1, 100)


def test_unmarked_grades_have_no_mark_indicators(tmp_path: Path) -> None:
    assert figure(compute(read_school(small_school(tmp_path, {"2-А": [5, 5]})), AS_OF), "D1.01") is None


@pytest.mark.parametrize(
    ("states", "category"),
    [
        (["5", None], "INC"), (["2", "н/а"], "N2"), (["5", "н/а"], "NA"), (["5", "5", "осв"], "A5"), (["5", "4"], "A4_1"),
        (["4", "4"], "A45"), (["3", "5"], "R3_1"), (["3", "3"], "T3"), (["осв"], ""),
    ],
)  # fmt: skip
def test_categories(states: list, category: str) -> None:
    assert category_of(states) == category


def test_spread_is_of_shrunk_shares() -> None:
    # §5.2 [run]: m = 12, p0 = .48: 12/25 → 48.0; here p0 = 20/40
    assert quality_spread([(15, 20), (5, 20)], 12, 10) == pytest.approx(((15 + 6) / 32 - (5 + 6) / 32, 2))
    assert quality_spread([(15, 20), (5, 9)], 12, 10) is None


def test_small_grammar() -> None:
    assert match_key("ѳздѳштүрүү") == match_key("өздөштүрүү") and match_key("деӊгээл") == match_key("деңгээл")
    assert match_key("жетишуу") == match_key("жетишүү") and match_key("Кыргыз  тили ") == match_key("кыргыз тили")
    assert [read_class(text) for text in ("5-A", "5 а", "5а", '5-"а"', "5–А", "V-а", "11-Б")] == ["5-А"] * 6 + ["11-Б"]
    assert [read_mark(value) for value in (5, 5.0, "5 ", "5,0", "н/а", "Н/A", "осв", "бош")] == ["5"] * 4 + ["н/а"] * 2 + ["осв"] * 2
    assert read_number("4,5") == 4.5 and read_date("09.03.2026") == dt.date(2026, 3, 9)
    for value in (0, 1, 6, 4.5, "4/5", "-", "үч", dt.datetime(2026, 5, 4), True):
        with pytest.raises(NotUnderstood):
            read_mark(value)
    grammar = Grammar()
    assert grammar.read("R1", "status", "Чыгып  кеткен") == "чыгып кеткен"
    assert grammar.read("R2L", "subject", "Кыргыз тили") == grammar.read("R2L", "subject", "KYR") == "KYR"


def test_reported_cells_are_absent(tmp_path: Path) -> None:
    store = small_school(tmp_path, {"7-А": [5, "үч", 4]})
    assert read_school(store).unreadable == [f"{YEAR}/class-7-А.xlsx [ALG 7-А] B7 F01.q1 = 'үч'"]
    reported = Reported.of_csv(
        f"workbook,tab,cell,code,severity,form,message\n{YEAR}/class-7-А.xlsx,ALG 7-А,B7:B7,mark_unknown,error,F01,?\n"
    )
    school = read_school(store, reported)
    assert not school.unreadable and [row.get("q1") for row in school.form("F01")] == ["5", None, "4"]


def test_calendar_rules() -> None:
    calendar = Calendar()
    assert calendar.rule(YEAR, "Q3.end+12") == dt.date(2026, 3, 12) and calendar.rule(YEAR, "06-20") == dt.date(2026, 6, 20)
    assert calendar.rule(YEAR, "month.end+5", "M02") == dt.date(2026, 3, 5)
    facts = Facts(read_school(Path("/nowhere")), AS_OF)
    assert facts.months_of(YEAR, "Q3") == ["M01", "M02"] and facts.months_of(YEAR, "Q1") == ["M09", "M10"]


@pytest.mark.parametrize(("works", "counts"), [("ооба", True), (None, True), ("жок", False)])
def test_an_empty_works_now_is_no_answer_and_no_leaving(tmp_path: Path, works: str | None, counts: bool) -> None:
    """domain.md and ARCHITECTURE.md: absent is never "no". Who is counted and who has to hand tabs in must be the same people."""
    rows = [{"teacher_id": "T001", "roles": "teacher, librarian", "mo": "Математика жана информатика", "active": works}]
    write(tmp_path / YEAR / "registry.xlsx", {"R2S": ({"form": "R2S@1"}, rows)})
    facts = Facts(read_school(tmp_path, Reported(set())), AS_OF)
    assert (list(facts.staff(YEAR)), responsible(facts, YEAR, "F15", "", "", "")) == ((["T001"], "T001") if counts else ([], ""))
