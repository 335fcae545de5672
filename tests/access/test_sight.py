"""What a sight lets through, in examples small enough to follow: a school of five classes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib import settings
from lib.access import EVERYTHING, NOTHING, Person, Place, Role, Sight, Staff, Tab, Viewer, load

YEAR, BEFORE = "2025-2026", "2024-2025"
CLASSES = {
    YEAR: (("7-А", "7", "basic"), ("7-Б", "7", "basic"), ("8-А", "8", "basic"), ("9-А", "9", "basic"), ("10-А", "10", "secondary")),
    BEFORE: (("6-А", "6", "basic"), ("6-Б", "6", "basic"), ("7-А", "7", "basic"), ("8-А", "8", "basic"), ("9-А", "9", "basic")),
}
TAUGHT = {(YEAR, name): frozenset({"ALG", "KYR"}) for name, _grade, _stage in CLASSES[YEAR]} | {
    (YEAR, "10-А"): frozenset({"ALG", "KYR", "DPM"}),
    (YEAR, "9-А"): frozenset({"ALG", "KYR", "DPM"}),
}
LOADED = settings.load()
QUALITY, HEALTH, VISITS, OFFENCES = (LOADED.indicators[code] for code in ("D1.02", "D9.02", "D3.01", "D8.06"))


def sight(*roles: Role, page: str = "learning_outcomes", **about: object) -> Sight:
    person = Person("x@school.example", "T1", frozenset(roles), school_year=YEAR, **about)  # type: ignore[arg-type]
    colleague = Person("y@school.example", "T2", frozenset({Role.TEACHER}), association="math")
    staff = Staff(YEAR, {}, (person, colleague))
    return Sight.of(load(), Viewer(person, frozenset(roles)), page, LOADED, staff, CLASSES, TAUGHT)


HEAD = {"classes": frozenset({"7-А"})}
TEACHER = {"subjects_taught": frozenset({("8-А", "ALG")}), "taught": frozenset({(YEAR, "8-А", "ALG"), (BEFORE, "9-А", "ALG")})}


def test_a_class_teacher_sees_every_subject_of_the_class_and_no_other_class():
    eyes = sight(Role.CLASS_HEAD, **HEAD)
    assert eyes.sees(QUALITY, Place(YEAR, school_class="7-А")) and eyes.sees(QUALITY, Place(YEAR, school_class="7-А", subject="KYR"))
    assert not eyes.sees(QUALITY, Place(YEAR, school_class="7-Б")) and not eyes.sees(
        QUALITY, Place(YEAR, school_class="7-Б", subject="KYR")
    )


def test_a_class_is_followed_through_the_years():
    eyes = sight(Role.CLASS_HEAD, **HEAD)
    assert eyes.sees(QUALITY, Place(BEFORE, school_class="6-А")), "the same children a year ago"
    assert not eyes.sees(QUALITY, Place(BEFORE, school_class="7-А")), "other children, who are 8-А now"
    assert eyes.sees(QUALITY, Place("2026-2027", school_class="8-А"))


def test_a_subject_teacher_sees_the_own_subject_only():
    eyes = sight(Role.TEACHER, **TEACHER)
    assert eyes.sees(QUALITY, Place(YEAR, school_class="8-А")) and eyes.sees(QUALITY, Place(YEAR, school_class="8-А", subject="ALG"))
    assert not eyes.sees(QUALITY, Place(YEAR, school_class="8-А", subject="KYR")), "a colleague's result"
    assert not eyes.sees(QUALITY, Place(YEAR, school_class="8-А", method_association="math")), "colleagues' results together"
    assert eyes.sees(QUALITY, Place(BEFORE, school_class="9-А", subject="ALG")), "what was taught last year"
    assert not eyes.sees(QUALITY, Place(BEFORE, school_class="8-А", subject="ALG"))


def test_a_group_of_one_foreign_class_is_that_class():
    eyes = sight(Role.CLASS_HEAD, **HEAD)
    assert not eyes.sees(QUALITY, Place(YEAR, grade="9")), "its only class"
    assert not eyes.sees(QUALITY, Place(YEAR, grade="7")), "7-Б is what is left beside the own 7-А"
    assert not eyes.sees(QUALITY, Place(YEAR, stage="secondary"))
    assert eyes.sees(QUALITY, Place(YEAR, stage="basic")), "three foreign classes"
    assert eyes.sees(QUALITY, Place(YEAR)) and eyes.sees(QUALITY, Place(YEAR, subject="KYR"))
    assert eyes.sees(QUALITY, Place(YEAR, subject="DPM")), "taught in two classes"
    assert not eyes.sees(QUALITY, Place(YEAR, grade="10", subject="DPM"))


def test_what_is_own_on_another_page_counts_for_a_group():
    """The class teacher sees 7-А on the page of results; on a page without classes grade 7 would give 7-Б away."""
    eyes = sight(Role.CLASS_HEAD, page="innovation", **HEAD)
    assert not eyes.sees(QUALITY, Place(YEAR, school_class="7-А")) and not eyes.sees(QUALITY, Place(YEAR, grade="7"))


def test_teachers_results():
    visits = {"T1": Place(YEAR, teacher="T1"), "T2": Place(YEAR, teacher="T2")}
    head = sight(Role.MO_HEAD, page="teaching_quality", association="math")
    assert head.sees(VISITS, visits["T2"]) and not sight(Role.MO_HEAD, page="teaching_quality", association="kyrgyz").sees(
        VISITS, visits["T2"]
    )
    teacher = sight(Role.TEACHER, page="teaching_quality", association="math", **TEACHER)
    assert teacher.sees(VISITS, visits["T1"]) and not teacher.sees(VISITS, visits["T2"])
    assert not sight(Role.CLASS_HEAD, page="teaching_quality", **HEAD).sees(VISITS, visits["T1"])
    assert sight(Role.DEPUTY, page="teaching_quality").sees(VISITS, visits["T2"])


def test_restricted_figures_are_their_owners():
    own = Place(YEAR, school_class="7-А")
    assert sight(Role.MEDIC, page="health_safety").sees(HEALTH, own)
    assert not sight(Role.CLASS_HEAD, page="health_safety", **HEAD).sees(HEALTH, own)
    assert not sight(Role.PSYCH, page="health_safety").sees(HEALTH, own)
    assert sight(Role.PSYCH, page="health_safety").sees(HEALTH, Place(YEAR)), "of the whole school it is a figure like others"
    assert sight(Role.SOC, page="pupil_support").sees(OFFENCES, Place(YEAR)) and sight(Role.SOC, page="pupil_support").knows(OFFENCES)
    assert not sight(Role.CLASS_HEAD, page="pupil_support", **HEAD).knows(OFFENCES)


TABS = {
    "own class, F05": Tab("F05", YEAR, "7-А"),
    "own class, F01 Kyrgyz": Tab("F01", YEAR, "7-А", "KYR"),
    "own class, F20": Tab("F20", YEAR, "7-А"),
    "own class, F17": Tab("F17", YEAR, "7-А"),
    "another class, F05": Tab("F05", YEAR, "7-Б"),
    "taught, F01 algebra": Tab("F01", YEAR, "8-А", "ALG"),
    "the school's support plans, F06": Tab("F06", YEAR),
    "the register": Tab("R1", YEAR),
    "a file nobody knows": Tab(""),
}
OPENED = {
    Role.CLASS_HEAD: {"own class, F05", "own class, F01 Kyrgyz", "own class, F17"},
    Role.TEACHER: {"taught, F01 algebra"},
    Role.MEDIC: {"own class, F20"},
    Role.DIRECTOR: set(TABS),
    Role.LIBRARIAN: set(),
}


@pytest.mark.parametrize("role", OPENED)
def test_tabs(role: Role):
    about = {Role.CLASS_HEAD: HEAD, Role.TEACHER: TEACHER}.get(role, {})
    eyes = sight(role, page="collection", **about)
    assert {name for name, tab in TABS.items() if eyes.opens(tab)} == OPENED[role]


def test_the_person_who_answers_for_a_tab_opens_it():
    tab = Tab("F06", YEAR, responsible="T1")
    assert sight(Role.CLASS_HEAD, page="collection", **HEAD).opens(tab)
    assert not sight(Role.TEACHER, page="collection", **TEACHER).opens(tab), "in the role that fills it"


def test_all_and_nothing():
    assert sight(Role.DIRECTOR) is EVERYTHING and EVERYTHING.key == ""
    assert not NOTHING.sees(QUALITY, Place(YEAR)) and not NOTHING.opens(TABS["own class, F05"]) and not NOTHING.sees_class(Place(YEAR))


def test_two_people_of_one_role_do_not_share_a_cache():
    keys = {sight(Role.CLASS_HEAD, classes=frozenset({name})).key for name in ("7-А", "7-Б", "8-А")}
    assert len(keys) == 3 and sight(Role.CLASS_HEAD, **HEAD).key in keys
    assert sight(Role.CLASS_HEAD, **HEAD).key != sight(Role.CLASS_HEAD, page="innovation", **HEAD).key


def test_blocks_ask_only_what_knows_a_viewer():
    """Nothing that draws reaches round lib.ui.data to tables, or to what it keeps for everybody."""
    folder = Path(settings.ROOT) / "lib" / "ui" / "blocks"
    round_it = re.compile(r"snapshot\.(table|records|all_records|values)\(|with_classes\(|values_frame\(|\.whole\b|data\.whole\(")
    files = sorted(folder.glob("*.py"))
    assert (
        files and [f"{file.name}: {line.strip()}" for file in files for line in file.open(encoding="utf-8") if round_it.search(line)] == []
    )
