"""The board and the cyclogram as each role's person: rows of their own alone, and reminders for those alone who may send them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lib.office.board import BoardRow
from lib.ui import data
from tests.access.conftest import As
from tests.access.school import LED, PEOPLE, YEAR, CanarySchool
from tests.access.test_matrix import opening_of

ALL = {"director", "deputy"}
SENDERS = {*ALL, "mo_head"}
# Forms that a role fills in for the whole school, written out by hand from config/forms.
FORMS = {
    "organizer": {"F04", "F04H", "F16", "F18", "F18S"}, "psych": {"F03"}, "soc": {"F19", "F19R"}, "medic": {"F20", "F21", "F23"},
    "librarian": {"F15"}, "economy": {"F14", "F22"}, "mo_head": {"F10", "F11", "F13"},
}  # fmt: skip


def own_rows(role: str, code: str, association: dict[str, str]) -> Callable[[BoardRow], bool]:
    """Whether a row is theirs, said without lib.access."""
    if role in ALL:
        return lambda row: True
    if role == "class_head":
        return lambda row: row.responsible == code or row.school_class == LED
    if role == "mo_head":
        return lambda row: "math" in (association.get(row.responsible), row.method_association) or row.form in FORMS[role]
    return lambda row: row.responsible == code or row.form in FORMS.get(role, ())


@pytest.mark.slow
def test_the_board_shows_each_their_own_rows(canaries: CanarySchool, seen_as: As):
    director = opening_of(seen_as(canaries.store, "director", "board"))
    assert director is not None and director.view is not None
    everything = data.board(director.view.snapshot, director.view.loaded, YEAR)
    people = data.colleagues(director.view.snapshot, director.view.loaded, YEAR).colleagues
    association = {code: person.association for code, person in people.items()}
    workbooks = {row.workbook for row in everything if row.workbook}
    for role in PEOPLE:
        app = seen_as(canaries.store, role, "board", period="Y")
        assert not app.exception, role
        opening = opening_of(app)
        assert opening is not None and opening.view is not None
        person = opening.viewer.person
        mine = own_rows(role, person.teacher_id if person else "", association)
        rows = data.board(opening.view.snapshot, opening.view.loaded, YEAR)
        assert rows and all(map(mine, rows)), (role, [row for row in rows if not mine(row)][:3])
        if role in ALL or role == "teacher":
            assert len(rows) == sum(map(mine, everything)), role
        told = " ".join(str(cell) for table in app.table for column in table.value.columns for cell in table.value[column])
        foreign = {name for name in workbooks - {row.workbook for row in rows} if name.rsplit("/", 1)[-1] in told.replace("\\", "")}
        assert foreign == set(), (role, foreign)
        reminding = [metric for metric in app.metric if metric.label == "Кат жазылат"]
        assert bool(reminding) == (role in SENDERS), role


@pytest.mark.slow
def test_the_cyclogram_begins_with_one_s_own_rows(canaries: CanarySchool, seen_as: As):
    """The plan is everybody's; who is no administrator begins with their own, and only the administration enters orders."""
    for role in PEOPLE:
        app = seen_as(canaries.store, role, "cyclogram")
        assert not app.exception, role
        opening = opening_of(app)
        assert opening is not None
        chosen = app.selectbox(key="plan_whose").value
        if role in ALL:
            assert chosen == ""
        elif opening.viewer.person is not None and chosen:
            assert chosen == f"person {opening.viewer.person.teacher_id}", role
        assert bool(app.text_input) == (role in ALL), role
