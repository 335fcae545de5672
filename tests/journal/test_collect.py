"""Exports in a collect: marks come in with the addresses of their own cells, nothing is lost, and what people answered is used again."""

from __future__ import annotations

import datetime as dt
import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.collection import Collected, collect
from lib.indicators.relations import Data
from lib.indicators.trace import cells_behind
from lib.journal.answers import AnswerBook
from lib.settings import desk_of
from lib.snapshot import Snapshot
from tests import small_school
from tests.journal.small import ALG, Small, conserved, filled_cells, issues, marks, text_of

ROOT = Path(__file__).resolve().parents[2]
Collect = Callable[..., Collected]
EXPORT = "exports/алгебра.csv"
TITLE = [["Предмет: Алгебра"], ["7-А, 1-чейрек 2025-2026"]]


def table(names: list[str], *columns: list[str], head: tuple[str, ...] = ("Баа",)) -> list[list[Any]]:
    return [*TITLE, ["№", "Аты-жөнү", *head], *([n, name, *of] for n, (name, *of) in enumerate(zip(names, *columns, strict=True), 1))]


def journal(snapshot: Snapshot) -> list[dict[str, Any]]:
    return snapshot.table("journal").to_pylist()


def questions(snapshot: Snapshot) -> list[dict[str, Any]]:
    return snapshot.table("questions").to_pylist()


@pytest.mark.slow
def test_without_exports_everything_is_as_before(school: Small, collected: Collect):
    snapshot = collected().snapshot
    assert not (snapshot.path / "journal.parquet").exists() and not (desk_of(school.folder) / "journal").exists()
    assert {row["source"] for row in snapshot.table("sheets").to_pylist()} == {""}
    conserved(snapshot)


@pytest.mark.slow
def test_empty_cells_are_filled_and_say_where_they_are_from(school: Small, collected: Collect):
    school.empty("C")
    before = collected().snapshot
    assert not any(key == "q1" for _, key in marks(before, "ALG"))
    given = ["5", "4", "3", "2"] * 3
    rows = table(school.names(), given)
    school.put(EXPORT, rows)
    snapshot = collected().snapshot
    found = marks(snapshot, "ALG")
    for n, (pupil, mark) in enumerate(zip(school.ids(), given, strict=True)):
        assert found[pupil, "q1"] == (mark, EXPORT, 4 + n)
    assert all(found[pupil, "q2"][1] == ALG for pupil in school.ids()), "the other quarters are the teacher's"
    row = next(r for r in snapshot.table("completeness").to_pylist() if (r["form"], r["school_class"], r["subject"], r["period"]) ==
               ("F01", "7-А", "ALG", "Q1"))  # fmt: skip
    assert (row["required"], row["filled"], row["from_exports"], row["workbook"]) == (12, 12, 12, ALG)
    (sheet,) = [s for s in snapshot.table("sheets").to_pylist() if s["workbook"] == EXPORT and s["cells"]]
    assert sheet["cells"] == filled_cells(rows[3:]) == sheet["accepted"]
    (outcome,) = journal(snapshot)
    assert (outcome["matched"], outcome["periods"], outcome["marks"], outcome["new"], outcome["differ"]) == (12, ["q1"], [12], [12], [0])
    conserved(snapshot)


@pytest.mark.slow
def test_a_figure_shows_the_cells_of_the_export(school: Small, collected: Collect):
    """In a table of many subjects each mark has its own column."""
    for column, tab in (("C", "ALG"), ("C", "PHY")):
        school.empty(column, tab)
    rows = [["7-А класс, 1-чейрек"], ["ФИО", "Физика", "Алгебра"], *([n, "4", "5"] for n in school.names())]
    school.put("exports/7-А.xlsx", rows)
    snapshot = collected().snapshot
    data = Data(snapshot.all_records(), school.loaded, snapshot.as_of, snapshot.table("completeness"))
    for subject, letter, mark in (("PHY", "B", "4"), ("ALG", "C", "5")):
        scope = {"school_year": small_school.YEAR, "period": "Q1", "school_class": "7-А", "subject": subject}
        cells = cells_behind("D1.02", data, scope, snapshot)
        assert [(c["workbook"], c["cell"], c["value"]) for c in cells] == [
            ("exports/7-А.xlsx", f"{letter}{3 + n}", mark) for n in range(12)
        ]
    values = [
        v for v in snapshot.table("values").to_pylist()
        if (v["indicator"], v["period"], v["school_class"], v["subject"]) == ("D1.02", "Q1", "7-А", "ALG")
    ]  # fmt: skip
    assert [(v["numerator"], v["denominator"]) for v in values] == [(12, 12)]


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "later", "counts"), [
    ("sheet", "export", "sheet"), ("export", "sheet", "export"), ("newest", "export", "export"), ("newest", "sheet", "sheet"),
])  # fmt: skip
def test_where_they_differ(school: Small, rule: str, later: str, counts: str):
    """Both are shown as one issue that names both cells, and the rule says which counts."""
    school = school.counting(rule)
    school.fill("C", [4.0] * 12)
    path = school.put(EXPORT, table(school.names(), ["4"] * 11 + ["5"]))
    moment = dt.datetime(2026, 1, 1).timestamp()
    os.utime(school.folder / ALG, (moment, moment + (later == "sheet") * 60))
    os.utime(path, (moment, moment + (later == "export") * 60))
    snapshot = collect(school.folder, school.loaded, dt.datetime(2026, 4, 15)).snapshot
    (issue,) = issues(snapshot, "journal_differs", "journal_differs_export")
    assert (issue["workbook"], issue["tab"], issue["cell"], issue["school_class"], issue["subject"]) == (ALG, "ALG", "C17", "7-А", "ALG")
    assert issue["slots"]["place"] == f"{EXPORT}, алгебра, C15" and (issue["slots"]["value"], issue["slots"]["other"]) == ("4", "5")
    assert issue["code"] == ("journal_differs_export" if counts == "export" else "journal_differs")
    found = marks(snapshot, "ALG")
    assert found[school.ids()[11], "q1"][:2] == (("5", EXPORT) if counts == "export" else ("4", ALG))
    assert all(found[pupil, "q1"][:2] == ("4", ALG) for pupil in school.ids()[:11]), "equal marks are the teacher's own"
    conserved(snapshot)


@pytest.mark.slow
def test_names_that_are_not_certain_are_asked_and_remembered(school: Small, collected: Collect):
    school.empty("C")
    school.empty("D")
    names = school.names()
    seen = [names[0][:-1] + "ъ", *names[1:11], "Белгисиз Бала"]
    school.put(EXPORT, table(seen, ["5"] * 12))
    snapshot = collected().snapshot
    assert {(i["code"], i["cell"], i["cells"]) for i in issues(snapshot)} == {
        ("journal_name_asked", "B4", 3),
        ("journal_name_unknown", "B15", 3),
    }
    asked = {q["seen"]: q for q in questions(snapshot)}
    assert asked[seen[0]]["candidates"] == [school.ids()[0]] and asked[seen[0]]["near"]
    assert (school.ids()[0], "q1") not in marks(snapshot, "ALG") and (school.ids()[11], "q1") not in marks(snapshot, "ALG")
    conserved(snapshot)

    book = AnswerBook(desk_of(school.folder))
    year = small_school.YEAR
    book.add(names={(year, "7-А", seen[0]): school.ids()[0], (year, "7-А", seen[11]): ""})
    again = collected(only_if_changed=True)
    assert again.snapshot.id != snapshot.id and again.read == 0, "an answer is news, and nothing is read for it"
    assert marks(again.snapshot, "ALG")[school.ids()[0], "q1"] == ("5", EXPORT, 4)
    assert [(i["code"], i["severity"]) for i in issues(again.snapshot)] == [("journal_name_passed", "note")]
    assert questions(again.snapshot) == []
    conserved(again.snapshot)

    school.put("exports/экинчи.csv", [["7-А Алгебра 2-чейрек"], ["ФИО", "Баа"], *([name, "4"] for name in seen)])
    third = collected().snapshot
    assert marks(third, "ALG")[school.ids()[0], "q2"][:2] == ("4", "exports/экинчи.csv"), "next quarter is not asked about"
    assert questions(third) == []


@pytest.mark.slow
def test_a_header_that_is_not_understood_is_asked_once_for_the_school(school: Small, collected: Collect):
    school.empty("C", "KYR")
    rows = [["7-А 1-чейрек"], ["ФИО", "Кырг. яз. и лит.", "Алгебра", "Прогулы"], *([n, "5", "4", "12"] for n in school.names())]
    school.put("exports/7-А.xlsx", rows)
    first = collected().snapshot
    assert {(i["code"], i["cell"], i["cells"]) for i in issues(first) if "differs" not in i["code"]} == {
        ("journal_column_asked", "B3:B14", 12), ("journal_column_other", "D3:D14", 12),
    }  # fmt: skip
    assert {q["about"]: q["candidates"][0] for q in questions(first)} == {"column": "KYR"}
    AnswerBook(desk_of(school.folder)).add(columns={("*", "Кырг. яз. и лит."): "KYR"})
    second = collected(only_if_changed=True).snapshot
    assert marks(second, "KYR")[school.ids()[0], "q1"] == ("5", "exports/7-А.xlsx", 3)
    conserved(second)


@pytest.mark.slow
@pytest.mark.parametrize(("title", "about", "answer"), [
    ("Алгебра 1-чейрек", "school_class", "7-А"), ("7-А 1-чейрек", "subject", "ALG"), ("7-А Алгебра", "period", "q1"),
])  # fmt: skip
def test_what_a_table_does_not_say_is_asked(school: Small, collected: Collect, title: str, about: str, answer: str):
    school.empty("C")
    rows = [[title], ["ФИО", "Баа"], *([n, "5"] for n in school.names())]
    school.put("exports/x.csv", rows)
    first = collected().snapshot
    (question,) = questions(first)
    assert question["about"] == about and answer in question["candidates"] and question["cells"] == 24
    conserved(first)
    AnswerBook(desk_of(school.folder)).add(tables={("exports/x.csv", "x"): {about: answer}})
    second = collected(only_if_changed=True).snapshot
    assert marks(second, "ALG")[school.ids()[3], "q1"] == ("5", "exports/x.csv", 6)
    conserved(second)


@pytest.mark.slow
def test_a_table_without_a_year_stays_in_its_year(school: Small, collected: Collect):
    """When the next registry comes, last year's export does not wander into it."""
    school.empty("C")
    school.put("exports/x.csv", [["7-А Алгебра 1-чейрек"], ["ФИО", "Баа"], *([n, "5"] for n in school.names())])
    collected()
    tabs = small_school.school(dict(school.loaded.forms))
    for tab in tabs:
        tab.workbook = tab.workbook.replace(small_school.YEAR, "2026-2027")
        tab.grid[0][2] = "school_year=2026-2027"
    small_school.write(school.folder, [t for t in tabs if "registry" in t.workbook])
    snapshot = collect(school.folder, school.loaded, dt.datetime(2026, 10, 1)).snapshot
    assert {o["school_year"] for o in journal(snapshot)} == {small_school.YEAR}
    assert marks(snapshot, "ALG")[school.ids()[0], "q1"][0] == "5"


@pytest.mark.slow
def test_two_exports_of_one_quarter(school: Small, collected: Collect):
    """The one that was changed later counts; the other says so."""
    school.empty("C")
    old = school.put("exports/a.csv", table(school.names(), ["5"] * 12))
    new = school.put("exports/b.csv", table(school.names(), ["5"] * 11 + ["3"]))
    os.utime(old, (1e9, 1e9))
    snapshot = collected().snapshot
    assert marks(snapshot, "ALG")[school.ids()[11], "q1"][:2] == ("3", "exports/b.csv")
    (issue,) = issues(snapshot)
    assert (issue["code"], issue["workbook"], issue["cell"]) == ("journal_older", "exports/a.csv", "C15")
    conserved(snapshot)
    os.utime(new, (1e9, 1e9))
    snapshot = collected(again=["exports/b.csv"]).snapshot
    assert (school.ids()[11], "q1") not in marks(snapshot, "ALG"), "neither is newer: neither counts"
    assert [i["code"] for i in issues(snapshot)] == ["journal_twice"] * 2
    conserved(snapshot)


@pytest.mark.slow
def test_two_rows_of_one_name(school: Small, collected: Collect):
    school.empty("C")
    names = school.names()
    school.put(EXPORT, table([names[0], *names[:11]], ["5", "3"] + ["4"] * 10))
    snapshot = collected().snapshot
    assert (school.ids()[0], "q1") not in marks(snapshot, "ALG")
    assert [(i["code"], i["cells"]) for i in issues(snapshot)] == [("journal_name_twice", 6)]
    conserved(snapshot)


@pytest.mark.slow
def test_a_pupil_of_another_class(school: Small, collected: Collect):
    school.put(EXPORT, table([*school.names()[:11], school.names("7-Б")[0]], ["5"] * 12))
    (issue,) = issues(collected().snapshot, "journal_name_elsewhere")
    assert issue["slots"]["other"] == "7-Б" and issue["severity"] == "error"


@pytest.mark.slow
def test_unchanged_exports_are_not_read_again(school: Small, collected: Collect):
    school.put(EXPORT, table(school.names(), ["5"] * 12))
    first = collected()
    again = collected(only_if_changed=True)
    assert (again.read, again.snapshot.id) == (0, first.snapshot.id)
    school.edit("D6", "2")
    assert collected().read == 1
    school.put(EXPORT, table(school.names(), ["4"] * 12))
    assert collected().read == 1


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return file.getvalue()


@pytest.mark.slow
def test_broken_and_hostile_exports_never_hide_the_rest(school: Small, collected: Collect):
    school.empty("C")
    school.put(EXPORT, table(school.names(), ["5"] * 12))
    wide = ";".join(["x"] * 5_000)
    hostile = {
        "bomb.xlsx": (bomb(), "workbook_too_big"), "nul.csv": (b"a\0b;c\n", "text_unreadable"), "empty.csv": (b"", "workbook_empty"),
        "wide.csv": (wide.encode(), "cell_too_far"), "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "workbook_old_kind"),
        "torn.xlsx": (bomb()[:200], "workbook_damaged"), "text.csv": ("Салам\n".encode(), "journal_not_recognised"),
    }  # fmt: skip
    for name, (content, _code) in hostile.items():
        school.text(f"exports/{name}", content)
    evil = '=cmd|"/c calc"!A1'
    school.text(
        "exports/evil.csv",
        text_of([["7-А Алгебра 2-чейрек"], ["ФИО", "Баа"], [school.names()[0], evil], ["<b>Хакер</b>", "5"]]),
    )
    snapshot = collected().snapshot
    said = {(i["workbook"].removeprefix("exports/"), i["code"]) for i in issues(snapshot, *(code for _, code in hostile.values()))}
    assert said == {(name, code) for name, (_, code) in hostile.items()}
    assert marks(snapshot, "ALG")[school.ids()[0], "q1"][:2] == ("5", EXPORT)
    (formula,) = issues(snapshot, "mark_expected")
    assert formula["workbook"] == "exports/evil.csv" and formula["cell"] == "B3"
    assert [i["cell"] for i in issues(snapshot, "journal_name_unknown")] == ["A4"]
    conserved(snapshot)


@pytest.mark.slow
def test_an_export_that_breaks_keeps_its_last_good_marks(school: Small, collected: Collect):
    school.empty("C")
    path = school.put("exports/7-А.xlsx", table(school.names(), ["5"] * 12))
    collected()
    path.write_bytes(path.read_bytes()[:500])
    snapshot = collected().snapshot
    assert marks(snapshot, "ALG")[school.ids()[0], "q1"][0] == "5"
    states = {s["state"] for s in snapshot.table("sheets").to_pylist() if s["workbook"] == "exports/7-А.xlsx"}
    assert states == {"stale"}
    conserved(snapshot)
    path.unlink()
    assert not any(key == "q1" for _, key in marks(collected().snapshot, "ALG")), "taken out means taken out"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_whatever_an_export_holds(school: Small, seed: int):
    """Three spoilt exports at once, by each rule of whose mark counts: cells = accepted + reported, and no mark stands twice."""
    some = random.Random(seed)
    pieces = ["5", "4", "3", "2", "н/а", "осв", "зач", "", "x", "4 (жакшы)", "12.09", "1"]
    held: dict[str, set[str]] = {}
    for number in range(3):
        names = [some.choice([n, n, n, n.upper(), n.replace("ү", "у"), n[:-1] + "ю", " ".join(reversed(n.split())), "", "Итого"]) for n in
                 school.names(some.choice(["7-А", "7-Б"]))]  # fmt: skip
        heads = some.sample(["Алгебра", "Физика", "Кырг. тили!", "Орточо балл", "02.09", "Дене"], 4)
        rows = [[some.choice(["7-А", "7-Б", "9-Я", ""]) + " 1-чейрек"], ["№", "ФИО", *heads]]
        for n, name in enumerate(names):
            row = [some.choice([n, ""]), name, *(some.choice(pieces) for _ in heads)]
            held.setdefault(EXPORT, set()).update(str(c) for c in row[2:])
            rows.append(row)
        school.put(f"exports/{number}.csv", rows)
    school = school.counting(("sheet", "export", "newest")[seed % 3])
    snapshot = collect(school.folder, school.loaded, dt.datetime(2026, 4, 15)).snapshot
    conserved(snapshot)
    for subject in ("ALG", "PHY", "KYR"):
        for school_class in ("7-А", "7-Б"):
            marks(snapshot, subject, school_class)  # no mark stands twice


ANSWERS = """
import sys
from pathlib import Path
from lib.journal.answers import AnswerBook
for n in range(10):
    AnswerBook(Path(sys.argv[1])).add(names={("2025-2026", "7-A", f"Somebody {sys.argv[2]} {n}"): f"P{sys.argv[2]}{n}"})
"""


@pytest.mark.slow
def test_several_people_answer_at_once(tmp_path: Path):
    """Each answer is added to what is there, in whatever process."""
    writers = [subprocess.Popen([sys.executable, "-c", ANSWERS, str(tmp_path), str(w)], cwd=ROOT) for w in range(5)]
    assert [writer.wait(60) for writer in writers] == [0] * 5
    kept = AnswerBook(tmp_path).read()
    assert [kept.name("2025-2026", "7-A", f"SOMEBODY {w} {n}") for w in range(5) for n in range(10)] == [
        f"P{w}{n}" for w in range(5) for n in range(10)
    ]
    (file,) = (tmp_path / "journal").glob("*.yaml")
    assert file.stat().st_mode & 0o077 == 0, "pupils' codes: for this account alone"


@pytest.mark.slow
def test_a_year_that_was_taken_for_a_table_is_no_news(school: Small, collected: Collect):
    """The collect that pins a table to its year has changed the answers' file, and nothing that figures depend on."""
    school.put("exports/x.csv", [["7-А Алгебра 1-чейрек"], ["ФИО", "Баа"], *([n, "5"] for n in school.names())])
    first = collected()
    assert AnswerBook(desk_of(school.folder)).read().table("exports/x.csv", "x") == {"school_year": small_school.YEAR}
    again = collected(only_if_changed=True)
    assert (again.read, again.snapshot.id) == (0, first.snapshot.id)


def figures(snapshot: Snapshot) -> list[tuple[Any, ...]]:
    rows = [table for name in ("values", "companions") for table in snapshot.table(name).to_pylist()]
    return sorted((tuple(str(row[name]) for name in sorted(row)) for row in rows), key=str)


@pytest.mark.slow
def test_figures_are_the_same_whoever_typed_the_marks(school: Small, collected: Collect):
    """The teachers' marks, whose figures an oracle recomputes elsewhere, taken out of the tabs and given by exports alone."""
    before = collected().snapshot
    typed = {c: {s: marks(before, s, c) for s in ("ALG", "PHY", "KYR")} for c in ("7-А", "7-Б")}
    assert sum(len(of) for by in typed.values() for of in by.values()) > 50
    for school_class, by_subject in typed.items():
        for subject, of in by_subject.items():
            if not of:
                continue
            keys = ("q1", "q2", "q3", "q4", "year")
            tab = next(t for t in school.tabs if (t.title, t.form) == (subject, "F01") and school_class in t.workbook)
            head = tab.grid[1]
            for row in tab.grid[small_school.FIRST_ROW :]:
                for key in keys:
                    if key in head:
                        row[head.index(key)] = None
            heads = ("1-чейрек", "2-чейрек", "3-чейрек", "4-чейрек", "Жылдык")
            rows = [[name, *(of.get((code, key), ("",))[0] for key in keys)]
                    for name, code in zip(school.names(school_class), school.ids(school_class), strict=True)]  # fmt: skip
            subject_name = school.loaded.subjects[subject].name.ky
            school.put(f"exports/{school_class} {subject}.csv", [[f"{school_class} · {subject_name}"], ["ФИО", *heads], *rows])
    small_school.write(school.folder, school.tabs)
    after = collected().snapshot
    assert {row["workbook"].split("/")[0] for row in after.records("F01").to_pylist() if row["q1"]} == {"exports"}
    assert questions(after) == [] and issues(after) == []
    assert figures(after) == figures(before)
    conserved(after)
