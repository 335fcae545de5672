"""From the registry's sheets to people, and from an account's claims to one of them."""

from __future__ import annotations

import datetime as dt

import pytest

from lib import settings
from lib.access import Person, Role, Staff, load, read_staff
from lib.access.claims import Refusal, person_of
from lib.demo import AS_OF
from lib.snapshot import Snapshots
from tests.access.school import FAMILY_EMAIL, FORMER, LED, PEOPLE, TAUGHT, CanarySchool, email

pytestmark = pytest.mark.slow

NOW = dt.datetime(2026, 4, 15, 8, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def staff(canaries: CanarySchool) -> Staff:
    snapshot = Snapshots(canaries.store).current()
    assert snapshot is not None
    return read_staff(snapshot, settings.load(canaries.store, today=AS_OF), load())


def test_everybody_is_known_by_e_mail_with_role_and_scope(staff: Staff):
    assert staff.school_year == "2025-2026"
    for role, (code, _word, association) in PEOPLE.items():
        person = staff.of(email(role))
        assert person is not None and person.teacher_id == code and person.roles == {Role(role)}
        assert person.association == association
    head, teacher = staff.of(email("class_head")), staff.of(email("teacher"))
    assert head is not None and head.classes == {LED} and head.subjects_taught == frozenset()
    assert teacher is not None and teacher.subjects_taught == set(TAUGHT) and teacher.classes == frozenset()


def test_several_roles_and_deputies(staff: Staff):
    several = next(person for person in staff.people if person.teacher_id == "T003")
    assert several.roles == {Role.DEPUTY, Role.MO_HEAD}


@pytest.mark.parametrize("address", ["gone@school.example", "twice@school.example", FORMER, "", "x", email("director").upper()])
def test_nobody(staff: Staff, address: str):
    assert staff.of(address) is None


def test_a_family_has_no_other_role(staff: Staff):
    family = staff.of(FAMILY_EMAIL)
    assert family is not None and family.roles == {Role.FAMILY} and family.teacher_id == ""


def test_colleagues_are_of_one_association(staff: Staff):
    assert {"T904", "T906", "T022"} <= staff.colleagues("math")
    assert "T015" not in staff.colleagues("math")
    assert staff.colleagues("") == frozenset(), "nobody is a colleague of those without an association"


def test_a_year_that_has_not_begun_gives_nobody_a_right(canaries: CanarySchool):
    import dataclasses

    snapshot = Snapshots(canaries.store).current()
    assert snapshot is not None
    early = dataclasses.replace(snapshot, meta={**snapshot.meta, "as_of": "2025-08-20"})
    found = read_staff(early, settings.load(canaries.store, today=AS_OF), load())
    assert found.school_year == "2024-2025" and found.of(email("director")) is None and found.of(FORMER) is not None


# --- claims --------------------------------------------------------------------------------------------------------------

HONEST = {"is_logged_in": True, "email": "t@school.example", "email_verified": True, "iat": NOW.timestamp(), "iss": "https://idp.example"}
ONE = Staff("2025-2026", {"t@school.example": Person("t@school.example", "T1", frozenset({Role.TEACHER}))})

CLAIMS = {
    "not signed in": ({"is_logged_in": False}, Refusal.SIGN_IN),
    "a word instead of yes": ({"is_logged_in": "true"}, Refusal.SIGN_IN),
    "not confirmed": ({"email_verified": False}, Refusal.UNVERIFIED),
    "confirmed in words": ({"email_verified": "true"}, Refusal.UNVERIFIED),
    "nothing said": ({"email_verified": None}, Refusal.UNVERIFIED),
    "no e-mail": ({"email": None}, Refusal.UNVERIFIED),
    "unknown": ({"email": "u@school.example"}, Refusal.UNKNOWN),
    "old": ({"iat": (NOW - dt.timedelta(days=8)).timestamp()}, Refusal.OLD),
    "no time": ({"iat": None}, Refusal.OLD),
    "a time that is yes": ({"iat": True}, Refusal.OLD),
    "the future": ({"iat": (NOW + dt.timedelta(hours=1)).timestamp()}, Refusal.OLD),
}


def test_honest_claims_name_a_person():
    assert person_of(HONEST, ONE, load(), NOW) == ONE.by_email["t@school.example"]


@pytest.mark.parametrize("case", CLAIMS)
def test_other_claims_name_nobody(case: str):
    more, why = CLAIMS[case]
    assert person_of({**HONEST, **more}, ONE, load(), NOW) is why


def test_a_person_without_a_role_is_nobody():
    staff = Staff("2025-2026", {"t@school.example": Person("t@school.example", "T1", frozenset())})
    assert person_of(HONEST, staff, load(), NOW) is Refusal.UNKNOWN


def test_a_provider_that_says_nothing_must_be_named():
    import dataclasses

    trusting = dataclasses.replace(load(), trusted_issuers=frozenset({"https://idp.example"}))
    silent = {name: value for name, value in HONEST.items() if name != "email_verified"}
    assert isinstance(person_of(silent, ONE, trusting, NOW), Person)
    assert person_of({**silent, "iss": "https://other.example"}, ONE, trusting, NOW) is Refusal.UNVERIFIED
    assert person_of({**HONEST, "email_verified": False}, ONE, trusting, NOW) is Refusal.UNVERIFIED, "a no is a no"
