"""The table of rights: closed, denying by default, and the same in its document."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from lib.access import Grain, Person, Place, Role, Scope, Viewer, load, rights
from lib.access.paper import document
from lib.access.rights import FILE, PAGES
from lib.settings import UserError
from lib.settings import load as settings
from tests.conftest import Cli

ROOT = Path(__file__).resolve().parents[2]


def viewer(*roles: Role, **person: object) -> Viewer:
    return Viewer(Person("x@school.example", "T1", frozenset(roles), **person), frozenset(roles))  # type: ignore[arg-type]


def test_the_document_says_what_the_table_says():
    assert (ROOT / "docs" / "access.md").read_text(encoding="utf-8") == document(load())


def test_the_pages_of_the_table_are_the_pages():
    files = {path.stem for path in (ROOT / "pages").rglob("*.py")}
    assert files <= set(PAGES)
    directions = {d.slug for d in settings().directions.values() if d.id != "Q"}
    assert directions == set(rights.DIRECTIONS)


def test_every_role_page_and_grain_has_a_row(cli: Cli):
    rows = list(csv.DictReader(io.StringIO(cli("rights", "--format", "csv").stdout)))
    assert list(rows[0]) == ["role", "page", "scope", "grain", "allowed"]
    assert len(rows) == len(Role) * len(PAGES) * len(Grain) == len({(r["role"], r["page"], r["grain"]) for r in rows})
    assert {r["allowed"] for r in rows} == {"yes", "no"}
    assert all((r["allowed"] == "yes") == (r["scope"] != "none") for r in rows)
    said = {(r["role"], r["page"], r["grain"]): r["scope"] for r in rows}
    assert said["teacher", "learning_outcomes", "class"] == "own"
    assert said["teacher", "publication", "aggregate"] == "none"
    assert said["medic", "health_safety", "restricted"] == "own"
    assert said["public", "collection", "aggregate"] == "none"


def test_what_stands_nowhere_is_refused():
    nobody = Viewer(None, frozenset())
    assert not any(rights.allowed(nobody, page) for page in PAGES)
    assert not rights.allowed(viewer(Role.DIRECTOR), "no_such_page")
    assert not rights.allowed(viewer(Role.PUBLIC), "collection")
    assert not any(rights.allowed(viewer(Role.LIBRARIAN), page, Grain.PUPIL) for page in PAGES)


def test_nobody_but_the_administration_sees_all_of_a_fine_grain():
    """The table itself: teachers' results, pupils' cells and restricted forms of the whole school are the administration's alone."""
    table = load().table
    wide = {
        role for (role, _page), grains in table.items() for grain in (Grain.TEACHER, Grain.PUPIL, Grain.RESTRICTED)
        if grains.get(grain) is Scope.SCHOOL
    }  # fmt: skip
    assert wide == {Role.DIRECTOR, Role.DEPUTY}


def test_own_is_what_is_theirs():
    head = viewer(Role.CLASS_HEAD, classes=frozenset({"7-А"}))
    assert rights.allowed(head, "class_summary", Grain.CLASS, Place(school_class="7-А"))
    assert not rights.allowed(head, "class_summary", Grain.CLASS, Place(school_class="7-Б"))
    assert not rights.allowed(head, "class_summary", Grain.CLASS), "own is not the whole school"
    teacher = viewer(Role.TEACHER, subjects_taught=frozenset({("8-А", "ALG")}))
    assert rights.allowed(teacher, "learning_outcomes", Grain.CLASS, Place(school_class="8-А", subject="ALG"))
    assert not rights.allowed(teacher, "learning_outcomes", Grain.CLASS, Place(school_class="8-А", subject="KYR"))
    assert not rights.allowed(teacher, "class_summary", Grain.CLASS, Place(school_class="8-А"))


def test_roles_add_up():
    both = viewer(Role.LIBRARIAN, Role.CLASS_HEAD, classes=frozenset({"7-А"}))
    assert rights.allowed(both, "class_summary", Grain.CLASS, Place(school_class="7-А"))
    assert rights.allowed(both, "resources", Grain.AGGREGATE)


WRONG: dict[str, Callable[[str], str]] = {
    "no such role": lambda text: text.replace("roles: [director], pages: [publication]", "roles: [headmaster], pages: [publication]"),
    "no such page": lambda text: text.replace("pages: [publication]", "pages: [publications]"),
    "no such scope": lambda text: text.replace(
        "pages: [overview, directions, collection], aggregate: school", "pages: [overview], aggregate: all"
    ),
    "no such grain": lambda text: text.replace("pages: [publication], aggregate", "pages: [publication], everything"),
    "no such mode": lambda text: text.replace("access: sign-in", "access: open"),
    "no such key": lambda text: text + "\nguests: [everybody]\n",
    "twice": lambda text: text + "  - {roles: [teacher], pages: [publication]}\n  - {roles: [teacher], pages: [publication]}\n",
    "a role is missing": lambda text: text.replace("  economy: {staff: [economy], own: forms}\n", ""),
    "a role more": lambda text: text.replace("  economy: {staff", "  guest: {staff: [guest], own: forms}\n  economy: {staff"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_table_is_named_and_opens_nothing(tmp_path: Path, case: str):
    text = FILE.read_text(encoding="utf-8")
    wrong = tmp_path / "access.yaml"
    wrong.write_text(WRONG[case](text), encoding="utf-8")
    assert wrong.read_text(encoding="utf-8") != text
    with pytest.raises(UserError, match="access.yaml"):
        load(wrong)


def test_without_the_table_nothing_opens(tmp_path: Path):
    with pytest.raises(UserError, match="nobody may see anything"):
        load(tmp_path / "access.yaml")
