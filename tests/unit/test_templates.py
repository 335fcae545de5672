"""Workbooks for a school: what stands in them, and that what is typed into them reads back whole."""

from __future__ import annotations

import datetime as dt
import functools
import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pytest

from lib import settings, templates
from lib.i18n import ky_key
from lib.model.calendar import MONTHS
from lib.model.form import ColumnType
from lib.model.registry import registry_from_records
from lib.settings import UserError
from lib.templates import Place

YEAR = "2025-2026"
NAMES = ["Ная", "Нурлан", "Ңая", "Ооз", "Осмон", "Өзгөн", "Улан", "Усен", "Үмүт", "Үсөн", "Фариза", "Ёлка", "Ермек"]
SUBJECTS = ["ALG", "KYR", "DIN", "DPM", "TTK", "KAD"]


@pytest.fixture(scope="module")
def loaded() -> settings.Settings:
    return settings.load(as_of=dt.date(2026, 4, 15))


@pytest.fixture(scope="module")
def registry():
    def pupil(number: int, name: str, school_class: str, **more: object) -> dict[str, object]:
        return {"pupil_id": f"P2019{number:03d}", "full_name": name, "school_class": school_class, "status": "окуйт", **more}

    pupils = [pupil(number, name, "9-А") for number, name in enumerate(reversed(NAMES))]
    pupils += [
        pupil(50, "Асан", "2-А"),
        pupil(51, "Бек", "10-А"),
        pupil(52, "Гүлжан", "9-А", status="чыгып кеткен", left_on=dt.date(2025, 6, 1)),
    ]
    pupils += [pupil(53, "Дастан", "9-А", status="чыгып кеткен", left_on=dt.date(2025, 12, 1))]
    return registry_from_records(
        {
            "R1": pupils,
            "R2C": [{"school_class": "10-А", "grade": 10}, {"school_class": "9-А", "grade": 9}, {"school_class": "2-А", "grade": 2}],
            "R2S": [{"teacher_id": f"T{n:03d}", "full_name": "Осмонова Гүлнара", "mo": "math", "roles": ["teacher"]} for n in range(1, 90)],
            "R2L": [
                {"teacher_id": "T001", "subject": code, "school_class": c, "hours": 2.0}
                for c in ("2-А", "9-А", "10-А")
                for code in SUBJECTS
            ],
        },
        YEAR,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory, loaded, registry) -> Path:
    out = tmp_path_factory.mktemp("set")
    templates.write_set(out, registry, loaded, YEAR)
    templates.write_registry(out / "blank", loaded, YEAR)
    return out


opened = functools.cache(openpyxl.load_workbook)  # for workbooks that nobody changes


def tabs(path: Path, book=None):
    """Workbook, sheet, identity and key → column number of every tab that names itself."""
    book = book or opened(path)
    for sheet in book.worksheets:
        first = [cell.value for cell in sheet[1]]
        if first and first[0] == "sapat":
            yield book, sheet, dict(v.split("=", 1) for v in first[1:] if v), {c.value: c.column for c in sheet[2] if c.value}


def test_every_form_of_the_catalogue_has_a_tab_with_exactly_its_columns(folder, loaded):
    seen = {}
    for path in folder.rglob("*.xlsx"):
        for _, sheet, identity, keys in tabs(path):
            form, version = identity["form"].split("@")
            assert identity["school_year"] == YEAR
            assert int(version) == loaded.forms[form].version
            assert list(keys) == [column.key for column in loaded.forms[form].columns], form
            assert [c.value for c in sheet[4]] == [column.title.ky for column in loaded.forms[form].columns]
            assert [c.value for c in sheet[5]] == [column.title.ru for column in loaded.forms[form].columns]
            assert sheet.row_dimensions[1].hidden and sheet.row_dimensions[2].hidden and not sheet.row_dimensions[4].hidden
            assert sheet.freeze_panes and sheet.freeze_panes.endswith("6")
            assert (
                sheet.page_setup.orientation == "landscape"
                and sheet.page_setup.paperSize == 9
                and sheet.sheet_properties.pageSetUpPr.fitToPage
            )
            assert sheet.print_title_rows == "$3:$5"
            seen.setdefault(form, []).append(identity)
    assert set(seen) == set(loaded.forms)


def test_file_names_say_what_is_inside(folder, loaded):
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.xlsx")} - {f"blank/{YEAR}/registry.xlsx"}
    classes = {f"{YEAR}/class-{c}{end}.xlsx" for c in ("2-А", "9-А", "10-А") for end in ("", "-restricted")}
    associations = {f"{YEAR}/association-{key}.xlsx" for key in loaded.associations}
    school = {"assessments", "survey", "support", "gifted", "innovation", "equipment", "textbooks", "upbringing", "safety", "injuries",
              "plan", "decisions", "expert"}  # fmt: skip
    assert names == classes | associations | {f"{YEAR}/{name}.xlsx" for name in school}


def test_which_class_gets_which_tabs(folder, loaded):
    found = {}
    for path in folder.rglob("class-*.xlsx"):
        for _, sheet, identity, _ in tabs(path):
            assert (loaded.forms[identity["form"].split("@")[0]].restricted) == path.stem.endswith("restricted")
            found.setdefault(identity["school_class"], []).append((identity["form"].split("@")[0], identity.get("subject", "")))
            assert len(sheet.title) <= 31
    order = [code for code in loaded.subjects if code in SUBJECTS]
    marks = [("F01", code) for code in order]
    assert found["9-А"].count(("F01", "ALG")) == 1
    assert [f for f in found["9-А"] if f[0] == "F01"] == marks, "a tab a subject, in the order of the curriculum"
    assert not [f for f in found["2-А"] if f[0] == "F01"], "no marks in grade 2"
    assert {f for f, _ in found["2-А"]} == {"F05", "F07", "F17", "F20", "F21"}
    assert {f for f, _ in found["9-А"]} == {"F01", "F05", "F07", "F17", "F20"}
    assert {f for f, _ in found["10-А"]} == {"F01", "F03", "F05", "F07", "F17", "F20"}


def test_pupils_stand_in_the_order_of_the_kyrgyz_alphabet(folder):
    listed = {}
    for _, sheet, identity, keys in tabs(folder / YEAR / "class-9-А.xlsx"):
        names = [sheet.cell(row, keys["full_name"]).value for row in range(6, sheet.max_row + 1)]
        listed[identity["form"], identity.get("subject", "")] = names
    expected = sorted([*NAMES, "Дастан"], key=ky_key)
    assert listed["F01@1", "ALG"] == expected, "those who left before the year are not listed, those who leave in it are"
    assert expected.index("Ңая") == expected.index("Нурлан") + 1
    assert listed["F05@1", ""] == expected * len(MONTHS)
    assert len(listed["F07@1", ""]) == len(expected) * 6


def test_open_lists_have_room_and_drop_downs(folder, loaded):
    for path in folder.rglob("*.xlsx"):
        for _, sheet, identity, keys in tabs(path):
            form = loaded.forms[identity["form"].split("@")[0]]
            ranges = {}
            for rule in sheet.data_validations.dataValidation:
                assert len(rule.errorTitle) <= 32 and rule.errorTitle != rule.errorTitle.encode("ascii", "ignore").decode()
                assert rule.error and len(rule.error) <= 255
                for area in rule.sqref.ranges:
                    ranges |= dict.fromkeys(range(area.min_col, area.max_col + 1), (rule, area))
            for column in form.columns:
                if column.type in (
                    ColumnType.MARK,
                    ColumnType.CHOICE,
                    ColumnType.YESNO,
                    ColumnType.DATE,
                    ColumnType.COUNT,
                    ColumnType.NUMBER,
                ):
                    if column.key in ("wave", "competence"):
                        continue
                    rule, area = ranges[keys[column.key]]
                    assert area.min_row == 6
                    if form.rows == "open":
                        assert area.max_row - 5 >= 40, (form.id, column.key)
                    if column.type == ColumnType.MARK:
                        assert rule.formula1 == '"5,4,3,2,н/а,осв"'
                    if column.type == ColumnType.COUNT and column.maximum is not None:
                        assert (rule.type, float(rule.formula1), float(rule.formula2)) == ("whole", column.minimum, column.maximum)
            if any(c.refers_to == "teacher" and c.type == ColumnType.ID for c in form.columns) and form.placement != "registry":
                place = next(c.key for c in form.columns if c.refers_to == "teacher" and c.type == ColumnType.ID)
                assert ranges[keys[place]][0].formula1 == "sapat_teacher"
            assert sheet.protection.sheet is False
            assert sheet.conditional_formatting, "what is missing or wrong is coloured"


def test_long_lists_live_in_a_hidden_tab_without_identity(folder):
    book = opened(folder / YEAR / "association-math.xlsx")
    lists = book["Тизмелер"]
    assert lists.sheet_state == "hidden"
    assert lists["A1"].value != "sapat"
    named = book.defined_names["sapat_teacher"].attr_text
    assert named.startswith("'Тизмелер'!") and named.endswith("$89")


def test_the_instruction_comes_first_in_both_languages(folder):
    for path in folder.rglob("*.xlsx"):
        book = opened(path)
        first = book.worksheets[0]
        assert first.title == "Нускама"
        text = "\n".join(str(c.value) for row in first.iter_rows() for c in row if c.value)
        assert "Кантип толтуруу керек" in text and "Как заполнять" in text
        assert first["A1"].value != "sapat"
        for sheet in book.worksheets[1:]:
            if sheet.sheet_state == "visible":
                assert sheet.title in text, "each tab is explained"


def test_the_plan_holds_the_cyclogram(folder, loaded):
    [(_, sheet, _, keys)] = tabs(folder / YEAR / "plan.xlsx")
    rows = [{key: sheet.cell(row, column).value for key, column in keys.items()} for row in range(6, sheet.max_row + 1)]
    ids = [row["id"] for row in rows if row["id"]]
    assert {i.split("-")[0] for i in ids} == {f"C{n:02d}" for n in range(1, 49)}
    assert len(ids) == len(set(ids)) == 48 + 3 * 8 + 2 * 3, "rows due each month or quarter stand once for each"
    year = loaded.school_year(YEAR)
    days = [year.resolve(row["due_rule"]) for row in rows if row["id"]]
    assert days == sorted(days) and all(year.contains(day) for day in days)


def test_filled_workbooks_are_never_overwritten(folder, loaded, registry):
    before = (folder / YEAR / "plan.xlsx").read_bytes()
    with pytest.raises(UserError, match="never overwritten"):
        templates.write_set(folder, registry, loaded, YEAR)
    with pytest.raises(UserError, match="never overwritten"):
        templates.write_registry(folder / "blank", loaded, YEAR)
    assert (folder / YEAR / "plan.xlsx").read_bytes() == before


def test_an_empty_registry_is_refused(tmp_path, loaded):
    with pytest.raises(UserError, match="holds no classes"):
        templates.write_set(tmp_path, registry_from_records({}, YEAR), loaded, YEAR)


def test_the_same_school_gives_the_same_bytes(tmp_path, loaded, registry, folder):
    templates.write_set(tmp_path, registry, loaded, YEAR)
    name = f"{YEAR}/class-9-А.xlsx"
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_contents_stand_in_the_cells(tmp_path, loaded, registry):
    place = Place("F14")
    rows = [{"cabinet": "Химия", "category": "МКТ", "item": "компьютер", "norm": 2, "have": 2, "have_ok": 1, "for_pupils": True}]
    templates.write_set(tmp_path, registry, loaded, YEAR, {place: rows})
    [(_, sheet, _, keys)] = tabs(tmp_path / YEAR / "equipment.xlsx")
    assert [sheet.cell(6, keys[k]).value for k in ("cabinet", "norm", "for_pupils")] == ["Химия", 2, "ооба"]
    with pytest.raises(ValueError, match="no tab"):
        templates.plan_set(registry, loaded, YEAR, {Place("F01", "9-Б", "ALG"): []})
    with pytest.raises(ValueError, match="no column"):
        templates.plan_set(registry, loaded, YEAR, {place: [{"cabinets": "x"}]})


def test_formulas_stay_within_the_limits_of_the_format(folder):
    """Excel refuses a workbook with a literal list over 255 letters, or with an array constant in a conditional format."""
    for path in folder.rglob("*.xlsx"):
        for _, sheet, _, _ in tabs(path):
            for rule in sheet.data_validations.dataValidation:
                assert len(str(rule.formula1)) <= 257
            for area in sheet.conditional_formatting:
                for rule in area.rules:
                    assert all("{" not in formula and len(formula) < 8000 for formula in rule.formula)
                    assert all(len(text) <= 255 for formula in rule.formula for text in formula.split('"')[1::2])


# --- LibreOffice ---------------------------------------------------------------------------------------------------------

WORDS = {
    ColumnType.TEXT: "Өзгөчө сөз: ңөү", ColumnType.NAME: "Үсөнова Айгүл", ColumnType.ID: "X1", ColumnType.NUMBER: 4.5,
    ColumnType.EMAIL: "a@b.kg", ColumnType.DATE: dt.datetime(2026, 3, 9), ColumnType.YESNO: "ооба", ColumnType.CLASS: "9-А",
    ColumnType.GRADE: 9, ColumnType.SUBJECT: "ALG", ColumnType.MONTH: 9, ColumnType.LIST: "T001, T002", ColumnType.ASSOCIATION: "math",
}  # fmt: skip
MARKS = [5, 4, 3, 2, "н/а", "осв"]


def right_value(column, row: int):
    """A right value for a cell."""
    if column.type == ColumnType.MARK:
        return MARKS[row % 6]
    if column.type == ColumnType.CHOICE:
        return column.choices[row % len(column.choices)].key
    if column.type == ColumnType.COUNT:
        return int(column.minimum or 0) + row % (int((column.maximum or 9) - (column.minimum or 0)) + 1)
    if column.refers_to == "teacher" and column.type == ColumnType.ID:
        return "T001"
    if column.refers_to == "pupil":
        return f"P2019{row % 13:03d}"
    if column.key == "roles":
        return "Мугалим, Класс жетекчи"
    value = WORDS[column.type]
    return f"{value}{row}" if column.type in (ColumnType.TEXT, ColumnType.ID) else value


def fill(path: Path, loaded, rows: int = 4) -> dict[tuple[str, str], list[list[object]]]:
    """Type into every tab of a workbook; what now stands in each."""
    held = {}
    book = openpyxl.load_workbook(path)
    for _, sheet, identity, keys in tabs(path, book):
        form = loaded.forms[identity["form"].split("@")[0]]
        for number in range(rows):
            for column in form.columns:
                cell = sheet.cell(6 + number, keys[column.key])
                if cell.value is None:
                    cell.value = right_value(column, number)
        held[identity["form"], identity.get("subject", "")] = cells(sheet)
    book.save(path)
    return held


def cells(sheet) -> list[list[object]]:
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=1, max_row=sheet.max_row)]
    while rows and all(v is None for v in rows[-1]):
        rows.pop()
    width = max(n for row in rows for n, v in enumerate(row, 1) if v is not None)
    return [row[:width] + [None] * (width - len(row)) for row in rows]


@pytest.fixture(scope="module")
def through_libreoffice(folder, loaded, tmp_path_factory):
    """All kinds of workbooks, filled, saved by LibreOffice: (held before, path after)."""
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.fail("LibreOffice is needed for this test: apt-get install libreoffice-calc")
    base = tmp_path_factory.mktemp("libreoffice")
    held = {}
    sources = [*sorted((folder / YEAR).glob("*.xlsx")), folder / "blank" / YEAR / "registry.xlsx"]
    (base / "in").mkdir()
    for path in sources:
        if path.stem.startswith("association-") and path.stem != "association-math":
            continue
        copied = base / "in" / path.name
        shutil.copy(path, copied)
        held[path.name] = fill(copied, loaded)
    done = subprocess.run(
        [soffice, f"-env:UserInstallation=file://{base}/profile", "--headless", "--norestore", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", str(base / "out"), *(str(base / "in" / name) for name in held)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1000:]
    assert sorted(path.name for path in (base / "out").iterdir()) == sorted(held)
    return held, base / "out"


@pytest.mark.oracle
def test_a_filled_tab_saved_in_libreoffice_reads_back_whole(through_libreoffice):
    held, out = through_libreoffice
    for name, before in held.items():
        after = {(i["form"], i.get("subject", "")): cells(sheet) for _, sheet, i, _ in tabs(out / name)}
        assert after.keys() == before.keys()
        for key in before:
            assert after[key] == before[key], (name, key)


@pytest.mark.oracle
def test_drop_downs_and_hidden_rows_survive_libreoffice(through_libreoffice):
    held, out = through_libreoffice
    for name in held:
        for _, sheet, _, _ in tabs(out / name):
            assert sheet.row_dimensions[1].hidden and sheet.row_dimensions[2].hidden
            assert sheet.data_validations.dataValidation
            assert sheet.conditional_formatting
        with zipfile.ZipFile(out / name) as archive:
            assert archive.testzip() is None


@pytest.mark.oracle
def test_what_libreoffice_saved_is_accepted_cell_by_cell(through_libreoffice, loaded):
    from lib.intake.read import read_workbook
    from lib.intake.vocabulary import Vocabulary
    from lib.store.folder import FolderStore

    held, out = through_libreoffice
    store, words = FolderStore(out), Vocabulary.of(loaded)
    for name, before in held.items():
        reading = read_workbook(name, store.fetch(name), store.sheets, words)
        found = {(f"{tab.form}@{tab.version}", tab.subject): tab for tab in reading.tabs if tab.form}
        assert found.keys() == before.keys()
        for key, grid in before.items():
            typed = sum(value is not None for row in grid[5:] for value in row)
            assert (found[key].cells, found[key].accepted, found[key].reported) == (typed, typed, 0), (name, key, reading.issues[:3])
