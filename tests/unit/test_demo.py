"""The invented school: the same for the same seed, of the size asked for, lifelike, honest about what is not known yet, a little spoilt."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from lib import settings
from lib.demo import AS_OF, make_school, plan_school
from lib.demo.material import read_material
from lib.i18n import class_key, ky_key
from lib.model.cell import CellError
from lib.model.form import ColumnType
from lib.settings import UserError

pytestmark = pytest.mark.slow

YEARS = ("2023-2024", "2024-2025", "2025-2026")


@pytest.fixture(scope="module")
def loaded() -> settings.Settings:
    return settings.load(as_of=AS_OF)


@pytest.fixture(scope="module")
def school(loaded):
    """The default school before it is spoilt."""
    return plan_school(330, 3, 1, loaded, damaged=False)


@pytest.fixture(scope="module")
def spoilt(loaded):
    return plan_school(330, 3, 1, loaded)


def rows(plans, form: str, year: str = "", school_class: str = ""):
    """Rows of a form as column key → content."""
    for plan in plans:
        if year and plan.school_year.id != year:
            continue
        for tab in plan.tabs:
            if tab.form.id == form and (not school_class or tab.place.school_class == school_class):
                for row in tab.rows:
                    yield tab, {c.column.key: v for c, v in zip(tab.columns, row, strict=True) if c.column is not None}


def contents(plans):
    return [(plan.name, tab.title, tab.identity, tab.rows) for plan in plans for tab in plan.tabs]


def test_size_and_years(school):
    plans, _, _ = school
    assert [len(list(rows(plans, "R1", year))) for year in YEARS][-1] == 330
    assert sorted({plan.school_year.id for plan in plans}) == list(YEARS)
    for year in YEARS:
        classes = [row["school_class"] for _, row in rows(plans, "R2C", year)]
        assert {class_key(c)[0] for c in classes} == set(range(1, 12))
        assert len(classes) > 11, "some grades have parallel classes"
        assert classes == sorted(classes, key=class_key)


def test_the_benchmark_school_has_forty_classes_and_fourteen_subjects(loaded):
    plans, _, _ = plan_school(1000, 1, 3, loaded, damaged=False)
    loads = defaultdict(set)
    for _, row in rows(plans, "R2L"):
        loads[row["school_class"]].add(row["subject"])
    assert len(loads) == 40
    assert all(len(subjects) == 14 for c, subjects in loads.items() if class_key(c)[0] >= 5)
    assert abs(sum(len(plan.tabs) for plan in plans) - 600) <= 60


def test_the_same_seed_gives_the_same_school_and_another_seed_another(loaded, spoilt):
    again = plan_school(330, 3, 1, loaded)
    assert contents(again[0]) == contents(spoilt[0])
    assert again[1:] == spoilt[1:]
    assert contents(plan_school(330, 1, 2, loaded)[0]) != contents(plan_school(330, 1, 1, loaded)[0])


def test_every_form_is_there_with_exactly_its_columns_and_right_values(school, loaded):
    plans, _, _ = school
    seen = set()
    words = {w for key in ("not_attested", "released") for w in loaded.cell_words[key]}
    for plan in plans:
        for tab in plan.tabs:
            form = loaded.forms[tab.form.id]
            assert [c.key for c in tab.columns] == [c.key for c in form.columns]
            seen |= {form.id} if tab.rows else set()
            for row in tab.rows:
                for column, value in zip(form.columns, row, strict=True):
                    if value is None:
                        continue
                    match column.type:
                        case ColumnType.MARK:
                            assert value in (2, 3, 4, 5) or value in words
                        case ColumnType.CHOICE:
                            assert value in [c.key for c in column.choices]
                        case ColumnType.YESNO:
                            assert isinstance(value, bool)
                        case ColumnType.DATE:
                            assert isinstance(value, dt.date)
                        case ColumnType.COUNT:
                            low, high = column.minimum or 0, column.maximum if column.maximum is not None else 10_000
                            assert type(value) is int and low <= value <= high, (form.id, column.key, value)
                        case ColumnType.SUBJECT:
                            assert value in loaded.subjects
    assert seen == set(loaded.forms)


def test_required_cells_are_filled_in_begun_rows_of_open_lists(school, loaded):
    plans, _, _ = school
    gaps = Counter()
    for plan in plans:
        for tab in plan.tabs:
            if tab.form.rows == "open":
                for row in tab.rows:
                    gaps.update((tab.form.id, c.key) for c, v in zip(tab.form.columns, row, strict=True) if not c.optional and v is None)
    assert set(gaps) <= {("F02", "subject")}, "only the national test's main part has no subject"


def test_codes_refer_to_the_registers(school, loaded):
    plans, _, _ = school
    for year in YEARS:
        known = {
            "pupil": {row["pupil_id"] for _, row in rows(plans, "R1", year)},
            "teacher": {row["teacher_id"] for _, row in rows(plans, "R2S", year)},
            "class": {row["school_class"] for _, row in rows(plans, "R2C", year)},
        }
        for plan in plans:
            for tab in plan.tabs if plan.school_year.id == year else ():
                for place, column in enumerate(tab.form.columns):
                    if column.refers_to in known:
                        for row in tab.rows:
                            values = row[place] if isinstance(row[place], list) else [row[place]]
                            assert {v for v in values if v is not None} <= known[column.refers_to], (tab.form.id, column.key)


def test_no_row_stands_twice(school):
    plans, _, _ = school
    for plan in plans:
        for tab in plan.tabs:
            if tab.form.row_key:
                places = [tab.place_of(key) for key in tab.form.row_key]
                seen = Counter(tuple(str(row[p]) for p in places) for row in tab.rows)
                assert not [key for key, n in seen.items() if n > 1], (plan.name, tab.form.id)


def test_pupils_move_up_by_their_code(school):
    plans, _, _ = school
    grades = {year: {row["pupil_id"]: class_key(row["school_class"])[0] for _, row in rows(plans, "R1", year)} for year in YEARS}
    for before, after in zip(YEARS, YEARS[1:], strict=False):
        both = grades[before].keys() & grades[after].keys()
        assert len(both) > 0.75 * len(grades[before])
        assert all(grades[after][p] == grades[before][p] + 1 for p in both)
        assert grades[before].keys() - both and grades[after].keys() - both, "some leave, some come"
    names = [row["full_name"] for _, row in rows(plans, "R1", YEARS[-1])]
    assert len(set(names)) == len(names)
    assert any(row["left_on"] for _, row in rows(plans, "R1")), "a few leave in mid-year"


def test_nobody_is_marked_before_coming_or_after_leaving(school, loaded):
    plans, _, _ = school
    for year in YEARS:
        spans = {row["pupil_id"]: (row["entered_on"], row["left_on"]) for _, row in rows(plans, "R1", year)}
        quarters = loaded.school_year(year).quarters
        for _, row in rows(plans, "F01", year):
            came, went = spans[row["pupil_id"]]
            for number, (_, end) in enumerate(quarters, 1):
                if came > end or (went and went <= end):
                    assert row[f"q{number}"] is None


def test_marks_look_like_a_school(school):
    plans, _, _ = school
    for year in YEARS:
        marks = Counter(row["q2"] for _, row in rows(plans, "F01", year))
        base = sum(marks[m] for m in (5, 4, 3, 2)) + marks["н/а"]
        assert 96 < 100 * (base - marks[2] - marks["н/а"]) / base < 100
        assert 45 < 100 * (marks[5] + marks[4]) / base < 68
        assert marks["н/а"] and marks["осв"] and marks[None]
    by_subject = defaultdict(list)
    for tab, row in rows(plans, "F01"):
        by_subject[tab.place.subject] += [m for m in (row["q1"], row["q2"]) if isinstance(m, int)]
    mean = {code: sum(m) / len(m) for code, m in by_subject.items()}
    assert mean["PHE"] > mean["HKG"] > mean["ALG"], "subjects differ"


def test_external_marks_go_with_internal_ones_but_not_all_the_way(school):
    plans, _, _ = school
    inner = {
        (year, row["pupil_id"], tab.place.subject): row["year"]
        for year in YEARS
        for tab, row in rows(plans, "F01", year)
        if isinstance(row["year"], int)
    }
    pairs = [
        (inner[year, row["pupil_id"], row["subject"]], row["mark"])
        for year in YEARS
        for _, row in rows(plans, "F02", year)
        if row["mark"] and row["source"] in ("ЖМА9", "ЖМА11", "УБ") and (year, row["pupil_id"], row["subject"]) in inner
    ]
    assert len(pairs) > 300
    n = len(pairs)
    ma, mb = sum(a for a, _ in pairs) / n, sum(b for _, b in pairs) / n
    r = sum((a - ma) * (b - mb) for a, b in pairs) / (sum((a - ma) ** 2 for a, _ in pairs) * sum((b - mb) ** 2 for _, b in pairs)) ** 0.5
    assert 0.55 < r < 0.8
    assert mb < ma, "teachers are a little generous"


def test_the_current_year_is_known_up_to_its_day_only(school, loaded):
    plans, _, log = school
    now = YEARS[-1]
    for tab, row in rows(plans, "F01", now):
        assert {row[k] for k in ("q4", "year", "exam", "final")} == {None}, tab.place
    late = [
        tab.place for plan in plans for tab in plan.tabs
        if tab.form.id == "F01" and plan.school_year.id == now and all(row[tab.place_of("q3")] is None for row in tab.rows)
    ]  # fmt: skip
    assert late, "some teachers are late with quarter 3"
    assert not [row for _, row in rows(plans, "F05", now) if row["month"] in (4, 5) and row["days_plan"] is not None]
    assert not [row for _, row in rows(plans, "F07", now) if row["wave"] == "аягы" and row["level"] is not None]
    assert {row["source"] for _, row in rows(plans, "F02", now)} <= {"АДМ", "РАЙ"}
    for plan in plans:
        for tab in plan.tabs:
            for row in tab.rows:
                for column, value in zip(tab.form.columns, row, strict=True):
                    if isinstance(value, dt.date) and column.key not in ("review_on", "fix_by", "due_on"):
                        assert value <= AS_OF, (tab.form.id, column.key, value)
    assert all(line[-1] <= AS_OF.isoformat() for line in log)


def test_olympiads_are_rarer_the_higher_they_are(school):
    plans, _, _ = school
    levels = Counter(row["level"] for _, row in rows(plans, "F11") if row["kind"] == "олимпиада")
    assert levels["мектеп"] > levels["район"] > levels["облус"] >= levels["республика"]


def test_names_are_sorted_and_invented(school):
    plans, _, _ = school
    names = read_material().names
    surnames = tuple(names["surnames"])
    for plan in plans:
        for tab in plan.tabs:
            if tab.form.id == "F01":
                listed = [row[tab.place_of("full_name")] for row in tab.rows]
                assert listed == sorted(listed, key=ky_key)
    for _, row in rows(plans, "R1"):
        assert row["full_name"].startswith(surnames) or row["full_name"].split()[0] in names["fathers"]
        assert re.fullmatch(r"P20\d{5,6}", row["pupil_id"])
        assert not row["family_email"] or row["family_email"].endswith(".example")


# --- damage --------------------------------------------------------------------------------------------------------------


def test_about_two_percent_of_the_cells_are_spoilt_and_every_change_is_listed(school, spoilt):
    before, after = school[0], spoilt[0]
    damage = spoilt[1]
    cells = sum(value is not None for plan in before for tab in plan.tabs for row in tab.rows for value in row)
    single = [d for d in damage if d.cell and d.kind not in ("row of totals", "pupil twice", "wrong class")]
    assert 0.014 < len(single) / cells < 0.024
    assert 0.001 < sum(not d.harmless for d in single) / cells < 0.004
    kinds = {d.kind for d in damage}
    assert {
        "column inserted", "header renamed", "columns reordered", "key row lost", "row of totals", "pupil twice", "tab copied",
        "tab missing", "wrong class", "two marks", "date in mark", "not a mark", "error", "look-alike", "other signs", "no-break space",
        "comma zero", "space after",
    } <= kinds  # fmt: skip
    listed = {(d.workbook, d.tab) for d in damage if not d.cell} | {
        (d.workbook, d.tab) for d in damage if d.kind in ("row of totals", "pupil twice")
    }
    tabs = {(plan.name, tab.title): tab for plan in after for tab in plan.tabs}
    by_cell = {(d.workbook, d.tab, d.cell) for d in single} | {(d.workbook, d.tab, d.cell) for d in damage if d.kind == "wrong class"}
    changed = set()
    for plan in before:
        for tab in plan.tabs:
            if (plan.name, tab.title) in listed:
                continue
            other = tabs[plan.name, tab.title]
            for number, (old, new) in enumerate(zip(tab.rows, other.rows, strict=True), 6):
                for place, (a, b) in enumerate(zip(old, new, strict=True)):
                    if a != b or type(a) is not type(b):
                        changed.add((plan.name, tab.title, f"{chr(65 + place)}{number}"))
    outside = {key for key in by_cell if key[:2] not in listed}
    assert changed == outside


def test_wrong_cells_hold_what_google_sheets_md_warns_of(spoilt):
    values = [value for plan in spoilt[0] for tab in plan.tabs for row in tab.rows for value in row]
    assert any(isinstance(v, CellError) and v.text == "#REF!" for v in values)
    assert {"4/5", 6} <= {v for v in values if isinstance(v, (str, int))}
    assert any(isinstance(v, str) and "\u00a0" in v for v in values)


# --- writing -------------------------------------------------------------------------------------------------------------


def digest(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_small_school_is_written_the_same_twice(tmp_path, loaded):
    damage = make_school(tmp_path / "a", 70, 1, 5, settings=loaded)
    make_school(tmp_path / "b", 70, 1, 5, settings=loaded)
    assert damage
    written = digest(tmp_path / "a")
    assert written == digest(tmp_path / "b")
    assert {"store.yaml", ".sapat/submissions.csv", "2025-2026/registry.xlsx", "2025-2026/plan.xlsx"} <= set(written)
    about = settings.load(tmp_path / "a")
    assert about.as_of == AS_OF and about.school_name.of("ru") and about.school_name.ky != loaded.school_name.ky
    with (tmp_path / "a" / ".sapat" / "submissions.csv").open(encoding="utf-8") as file:
        log = list(csv.DictReader(file))
    assert list(log[0]) == ["school_year", "form", "school_class", "subject", "method_association", "period", "submitted"]
    late = [
        row for row in log
        if (rule := next((d for d in loaded.forms[row["form"]].due if d.period == row["period"]), None)) is not None
        and dt.date.fromisoformat(row["submitted"]) > loaded.school_year(row["school_year"]).resolve(rule.rule)
    ]  # fmt: skip
    assert 0.02 < len(late) / len(log) < 0.2, "most tabs come in time, some late"


def test_a_school_is_not_written_over_another(tmp_path, loaded):
    make_school(tmp_path, 60, 1, 1, settings=loaded)
    before = digest(tmp_path)
    with pytest.raises(UserError, match="already holds a school"):
        make_school(tmp_path, 60, 1, 1, settings=loaded)
    assert digest(tmp_path) == before
    with pytest.raises(UserError, match="60 to 5000 pupils"):
        make_school(tmp_path / "tiny", 10, 1, 1, settings=loaded)
