"""The turn of a school that keeps its workbooks in a folder: made once, never overwritten, and the old year stays what it was."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat

import openpyxl
import pytest

from lib.settings import UserError
from lib.turn.making import _put
from tests import small_school
from tests.turn.conftest import ALG, NEW, OLD, School

pytestmark = pytest.mark.slow


def rows_of(school: School, workbook: str, tab: str) -> list[dict[str, object]]:
    """What stands in a tab of ours, read without the product: the second row holds the keys, the data begin in the sixth."""
    sheet = openpyxl.load_workbook(school.folder / workbook, read_only=True)[tab]
    grid = list(sheet.iter_rows(values_only=True))
    keys = grid[1]
    return [dict(zip(keys, row, strict=False)) for row in grid[5:] if row and row[0] is not None]


def test_without_yes_nothing_is_made(school: School):
    before = school.contents()
    said = school.turn(to_year=NEW)
    assert "pupils 24 = moved 24 + graduated 0 + left 0 + named 0" in said
    assert school.contents() == before and school.issues() == []


def test_the_new_year_is_made_and_the_old_one_frozen(school: School):
    figures, old = school.figures(), school.contents()
    said = school.turned()
    assert ": 0" in said.splitlines()[-2], "no error in the new registry"
    now = school.contents()
    assert {name: content for name, content in now.items() if name.startswith(OLD)} == old, "not a byte of the old year is other"
    pupils = rows_of(school, f"{NEW}/registry.xlsx", "Окуучулар реестри")
    was = {p["pupil_id"]: p for name in small_school.CLASSES for p in small_school.pupils(name)}
    assert {p["pupil_id"]: (p["full_name"], p["school_class"]) for p in pupils} == {
        code: (p["full_name"], p["school_class"].replace("7", "8")) for code, p in was.items()
    }
    in_books = {
        row["pupil_id"]
        for name in now
        if f"{NEW}/class-8-" in name and "restricted" not in name
        for row in rows_of(school, name, "Катышуу")
    }
    assert in_books == set(was)
    snapshot = school.collected()
    errors = [row for row in snapshot.table("issues").to_pylist() if row["severity"] == "error" and row["school_year"] == NEW]
    assert errors == [] and set(snapshot.meta["school_years"]) == {OLD, NEW}
    assert school.figures() == figures
    modes = {name: stat.S_IMODE((school.folder / name).stat().st_mode) & 0o222 for name in old}
    assert set(modes.values()) == {0}


def test_a_second_run_makes_nothing(school: School):
    school.turned()
    first, figures = school.contents(), school.figures()
    school.edit(f"{NEW}/registry.xlsx", "Окуучулар реестри", "B6", "Аты Өзгөргөн")
    edited = school.contents()[f"{NEW}/registry.xlsx"]
    said = school.turned()
    assert "0" in next(line for line in said.splitlines() if "Workbooks made" in line or "файл" in line.lower())
    now = school.contents()
    assert now[f"{NEW}/registry.xlsx"] == edited, "what a person wrote stays"
    assert {n: c for n, c in now.items() if n != f"{NEW}/registry.xlsx"} == {n: c for n, c in first.items() if n != f"{NEW}/registry.xlsx"}
    assert school.figures() == figures


def test_before_its_day_the_old_year_stays_open_unless_one_says_so(school: School):
    import datetime as dt

    from lib import settings

    school.loaded = settings.load(school.folder, as_of=dt.date(2026, 6, 1))
    school.turned()
    assert (school.folder / ALG).stat().st_mode & stat.S_IWUSR and not list((school.folder / ".sapat").rglob("frozen/*.json"))
    school.turned(freeze_now=True)
    assert not (school.folder / ALG).stat().st_mode & stat.S_IWUSR and list((school.folder / ".sapat").rglob("frozen/*.json"))


# --- the frozen year -------------------------------------------------------------------------------------------------------


def test_an_edit_in_a_frozen_year_is_named_and_changes_no_figure(school: School):
    school.turned()
    figures, content = school.figures(), (school.folder / ALG).read_bytes()
    school.edit(ALG, "ALG", "C6", 2)
    school.edit(ALG, "ALG", "D6", 2)
    assert school.figures() == figures
    assert school.issues() == [("year_frozen_changed", ALG)]
    (school.folder / ALG).write_bytes(content)
    assert school.issues() == [] and school.figures() == figures, "the earlier version is restored"


def test_a_workbook_that_was_only_saved_once_more_is_not_named(school: School):
    school.turned()
    figures = school.figures()
    school.edit(ALG, "ALG", "Z1", None)
    assert school.issues() == [] and school.figures() == figures


def test_a_workbook_taken_away_from_a_frozen_year_still_counts(school: School):
    school.turned()
    figures = school.figures()
    (school.folder / ALG).unlink()
    assert school.figures() == figures and school.issues() == [("year_frozen_gone", ALG)]


def test_a_workbook_added_to_a_frozen_year_does_not_count(school: School):
    school.turned()
    figures = school.figures()
    forms = school.loaded.forms
    late = [{"pupil_id": "P2019001", "full_name": "", "kind": "олимпиада", "title": "Кечиккен", "level": "республика", "place": "1"}]
    small_school.write(
        school.folder, [small_school.Tab(f"{OLD}/gifted-late.xlsx", "Олимпиада", "F11", small_school.grid_of(forms["F11"], late))]
    )
    assert school.figures() == figures and school.issues() == [("year_frozen_new", f"{OLD}/gifted-late.xlsx")]


def test_a_workbook_renamed_in_a_frozen_year_is_named_and_changes_no_figure(school: School):
    school.turned()
    figures = school.figures()
    (school.folder / ALG).rename(school.folder / f"{OLD}/algebra.xlsx")
    assert school.figures() == figures
    assert school.issues() == [("year_frozen_gone", ALG), *[("year_frozen_new", f"{OLD}/algebra.xlsx")] * 4]


def test_a_workbook_of_two_years_stays_open(school: School):
    """A school keeps one workbook for several years: a tab a year."""
    school.turned()
    other = School(school.folder.parent / "two", school.loaded)
    tabs = small_school.school(school.loaded.forms)
    both = next(tab for tab in tabs if tab.form == "F11")
    later = [[f"school_year={NEW}" if cell == f"school_year={OLD}" else cell for cell in row] for row in both.grid]
    tabs.append(small_school.Tab(both.workbook, "Олимпиада 2026", "F11", later[:5]))
    small_school.write(other.folder, tabs)
    from lib import settings

    other.loaded = settings.load(other.folder, as_of=school.loaded.as_of)
    figures = other.figures()
    other.turned()
    assert other.figures() == figures and other.issues() == []
    assert (other.folder / both.workbook).stat().st_mode & stat.S_IWUSR


def test_reopened_a_year_counts_as_it_is(school: School):
    school.turned()
    figures = school.figures()
    school.edit(ALG, "ALG", "D6", 2)
    school.edit(ALG, "ALG", "D7", 2)
    school.edit(ALG, "ALG", "D8", 2)
    assert school.figures() == figures
    school.turn(reopen=OLD)
    assert school.figures() != figures and school.issues() == []
    assert all((school.folder / name).stat().st_mode & stat.S_IWUSR for name in school.contents())
    with pytest.raises(UserError):
        school.turn(reopen=OLD)


# --- placing a file --------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refused)


def test_without_hard_links_the_same_is_made(school: School, no_links: None):
    school.turned()
    made = school.contents()
    assert sum(name.startswith(NEW) for name in made) > 10 and all(made.values())
    school.turned()
    assert school.contents() == made


def test_without_hard_links_nothing_is_overwritten_and_an_empty_file_is_nothing(tmp_path, no_links: None):
    staged, target = tmp_path / "staged", tmp_path / "year" / "target.xlsx"
    staged.write_bytes(b"ours")
    target.parent.mkdir()
    target.write_bytes(b"a person's")
    assert not _put(staged, target) and target.read_bytes() == b"a person's"
    target.write_bytes(b"")  # killed between taking the name and putting the file there
    assert _put(staged, target) and target.read_bytes() == b"ours" and not staged.exists()


def test_with_hard_links_nothing_is_overwritten(tmp_path):
    staged, target = tmp_path / "staged", tmp_path / "target.xlsx"
    staged.write_bytes(b"ours")
    target.write_bytes(b"a person's")
    assert not _put(staged, target) and target.read_bytes() == b"a person's" and staged.exists()
    target.write_bytes(b"")
    assert _put(staged, target) and target.read_bytes() == b"ours"


def test_a_registry_that_somebody_has_put_there_is_never_replaced(school: School):
    school.collected()
    path = school.folder / NEW / "registry.xlsx"
    path.parent.mkdir()
    shutil.copy(school.folder / OLD / "registry.xlsx", path)
    content = path.read_bytes()
    with pytest.raises(UserError, match="registry.xlsx"):
        school.turned()
    assert path.read_bytes() == content and not [n for n in school.contents() if n.startswith(NEW) and n != f"{NEW}/registry.xlsx"]


def test_only_one_carries_out_a_turn_at_a_time(school: School):
    from lib.turn.desk import TurnDesk

    desk = TurnDesk(school.folder, NEW)
    with desk.working(), pytest.raises(UserError):
        school.turned()
    assert not any(name.startswith(NEW) for name in school.contents())
    school.turned()
    assert json.loads((desk.folder / "state.json").read_text(encoding="utf-8"))["done_at"]


def test_the_registry_that_was_looked_through_is_the_one_that_is_carried_out(school: School, tmp_path):
    file = tmp_path / "looked-through.xlsx"
    school.turn(to_year=NEW, out=file)
    book = openpyxl.load_workbook(file)
    sheet = book["Окуучулар реестри"]
    keys = [cell.value for cell in sheet[2]]
    sheet.cell(6, keys.index("school_class") + 1).value = "8-Б"
    code = sheet.cell(6, keys.index("pupil_id") + 1).value
    book.save(file)
    content = file.read_bytes()
    school.turned(out=file)
    assert file.read_bytes() == content == (school.folder / NEW / "registry.xlsx").read_bytes()
    listed = rows_of(school, f"{NEW}/class-8-Б.xlsx", "Катышуу")
    assert code in {row["pupil_id"] for row in listed} and len({row["pupil_id"] for row in listed}) == 13


def test_nothing_is_made_from_a_registry_with_a_mistake_and_its_cell_is_named(school: School, tmp_path):
    file = tmp_path / "wrong.xlsx"
    school.turn(to_year=NEW, out=file)
    book = openpyxl.load_workbook(file)
    sheet = book["Окуучулар реестри"]
    keys = [cell.value for cell in sheet[2]]
    column = keys.index("school_class") + 1
    sheet.cell(7, column).value = None
    address = sheet.cell(7, column).coordinate
    book.save(file)
    said = school.turn(code=1, to_year=NEW, yes=True, out=file)
    assert f", {address}: " in said and not any(name.startswith(NEW) for name in school.contents())
