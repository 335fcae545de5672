"""Must show 1: role × page × resource, cell by cell.

What is expected is written out below by hand, from the table in docs/access.md and its rules; nothing here asks lib.access. A page is
opened as each role's person, and each resource is asked of the very view that the page was opened with: what comes is what a block, a
file or the browser could have got.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lib import access
from lib.access import Place
from lib.ui import data
from lib.ui.page import Opening
from tests.access.conftest import ROOT, As, birds, sent
from tests.access.school import LED, PEOPLE, YEAR, CanarySchool

BEFORE, PERIOD = "2024-2025", "Q3"
OFFICE = (
    "overview", "learning_outcomes", "mandatory_results", "teaching_quality", "gifted_pupils", "innovation", "resources", "upbringing",
    "pupil_support", "health_safety", "collection", "cyclogram", "board", "decisions",
)  # fmt: skip
PAGES = (*OFFICE, "documents", "journal", "help", "publication", "year_turn", "class_summary", "my_child", "open_report", "methodology")
FAMILIES = ("class_summary", "my_child")  # these open for everybody, and ask for a code
OPEN = ("help", "open_report", "methodology")
ROLES = (*PEOPLE, "family", "public")
# The page of the year's turn is theirs, too, and shows no figure of a school.
ADMINISTRATION = {"director": {*OFFICE, "documents", "journal", "publication"}, "deputy": {*OFFICE, "documents", "journal"}}

# Which pages open. A page that opens stands in the menu, and one that does not stands nowhere.
OPENS = {
    "director": {*OFFICE, *OPEN, *FAMILIES, "documents", "journal", "publication", "year_turn"},
    "family": {*OPEN, *FAMILIES}, "public": {*OPEN, *FAMILIES},
    **{role: {*OFFICE, *OPEN, *FAMILIES} for role in PEOPLE if role != "director"},
    "mo_head": {*OFFICE, *OPEN, *FAMILIES, "documents"},
    "class_head": {*OFFICE, *OPEN, *FAMILIES, "documents", "journal"},
    "teacher": {*OFFICE, *OPEN, *FAMILIES, "journal"},
    "deputy": {*OFFICE, *OPEN, *FAMILIES, "documents", "journal", "year_turn"},
}  # fmt: skip

SCHOOL = {*OFFICE} - {"board"}  # where figures of the whole school are shown to all of the staff; the board has none
WRITERS = ("mo_head", "class_head")  # who draws up documents of their own
STAFF = {role: SCHOOL | ({"documents"} if role in WRITERS else set()) for role in PEOPLE if role not in ADMINISTRATION}
ORGANIZER = {"gifted_pupils", "upbringing", "pupil_support", "collection"}
PSYCH = {"learning_outcomes", "mandatory_results", "pupil_support", "health_safety", "collection"}
SOC = {"mandatory_results", "pupil_support", "health_safety", "collection"}
MEDIC = {"health_safety", "collection"}
BOARD = {"board"}  # each their own
CARE = {"organizer": ORGANIZER, "psych": PSYCH, "soc": SOC, "medic": MEDIC}  # who sees the classes of the whole school, and where
HEAD_CELLS = {
    "learning_outcomes", "mandatory_results", "gifted_pupils", "upbringing", "pupil_support", "health_safety", "collection", "board",
    "documents",
}  # fmt: skip
HEAD_MARKS = {*HEAD_CELLS, "journal"}  # what stands in no restricted form
HEAD = {*HEAD_MARKS, "overview", "teaching_quality", "decisions"}
TEACHER_CELLS = {"learning_outcomes", "mandatory_results", "gifted_pupils", "collection", "board", "journal"}
TEACHER = {*TEACHER_CELLS, "overview", "decisions"}
MO_TEACHERS = {
    "teaching_quality", "collection", "learning_outcomes", "mandatory_results", "gifted_pupils", "innovation", "resources", "board",
}  # fmt: skip
MO = {*MO_TEACHERS, "overview", "decisions", "documents"}

# resource → role → pages where it is seen; what is not named is refused. The administration sees everything of its pages.
EXPECTED: dict[str, dict[str, set[str]]] = {
    "the school's figure": STAFF,
    "a stage's figure": STAFF,
    "figure of 7-А": {**CARE, "class_head": HEAD, "teacher": TEACHER},
    "figure of 9-А": CARE,
    "algebra in 7-А": {**CARE, "class_head": HEAD, "teacher": TEACHER, "mo_head": MO},
    "Kyrgyz in 7-А": {**CARE, "class_head": HEAD},
    "algebra in 9-А": {**CARE, "mo_head": MO},
    "grade 9, which is one class": CARE,
    "grade 7, of which one class is left": {
        **dict.fromkeys(("organizer", "psych", "soc", "medic", "librarian", "economy"), SCHOOL),
        "mo_head": SCHOOL | {"documents"},
    },
    "last year's 6-А, which is 7-А now": {**CARE, "class_head": HEAD},
    "last year's 7-А, others": CARE,
    "an indicator of the administration": {"soc": SOC | BOARD},
    "health of 7-А": {"medic": MEDIC | BOARD},
    "upbringing level of 7-А": {"class_head": HEAD_CELLS},
    "pupils at risk in 7-А": {"class_head": HEAD_CELLS, "soc": SOC | BOARD},
    "own result as a teacher": {"teacher": {*TEACHER_CELLS, "teaching_quality"} - BOARD - {"journal"}, "mo_head": MO_TEACHERS},
    "result of a teacher of mathematics": {"mo_head": MO_TEACHERS},
    "result of a teacher of Kyrgyz": {},
    "issues of attendance in 7-А": {"class_head": HEAD_MARKS},
    "issues of attendance in 9-А": {},
    "issues of algebra in 7-А": {"class_head": HEAD_MARKS, "teacher": TEACHER_CELLS},
    "issues of Kyrgyz in 7-А": {"class_head": HEAD_MARKS},
    "issues of the psychologist's form": {"psych": PSYCH | BOARD},
    "issues of the medic's form in 7-А": {"medic": MEDIC | BOARD},
    "issues of the class's restricted form in 7-А": {"class_head": HEAD_CELLS},
    "issues of lesson visits in mathematics": {"mo_head": {"teaching_quality", "collection", "board"}},
    "issues of textbooks": {"librarian": {"resources", "collection", "board"}},
    "issues of equipment": {"economy": {"resources", "health_safety", "collection", "board"}},
    "completeness of Kyrgyz in 9-А": {},
    "address of the workbook of 9-А": {},
    "cells of marks of 9-А": {},
    "cells of algebra in 7-А": {"class_head": HEAD_CELLS - BOARD, "teacher": TEACHER_CELLS - BOARD - {"journal"}},
    "spread of marks in 9-А": {**CARE, "mo_head": MO},
    "spread of marks in Kyrgyz in 7-А": {**CARE, "class_head": HEAD},
    "the board's row of algebra in 7-А": {"class_head": HEAD_MARKS, "teacher": TEACHER_CELLS, "mo_head": MO_TEACHERS},
    "the board's row of Kyrgyz in 9-А": {},
    "the board's row of the psychologist's form": {"psych": PSYCH | BOARD},
}


def figure(code: str, year: str = YEAR, period: str = PERIOD, **scope: str) -> Callable[[Opening], bool]:
    def seen(opening: Opening) -> bool:
        view = opening.view
        return view is not None and data.values(view.snapshot, [code], loaded=view.loaded).at(code, year, period, scope) is not None

    return seen


def teacher(code: Callable[[Opening], str]) -> Callable[[Opening], bool]:
    def seen(opening: Opening) -> bool:
        view = opening.view
        return view is not None and data.sight(view.snapshot).sees(view.loaded.indicators["D3.01"], Place(YEAR, teacher=code(opening)))

    return seen


def frame(get: Callable[[Any], Any], **equal: str) -> Callable[[Opening], bool]:
    def seen(opening: Opening) -> bool:
        if opening.view is None:
            return False
        rows = get(opening.view)
        for name, value in equal.items():
            rows = rows[rows[name] == value]
        return not rows.empty

    return seen


def issue(**equal: str) -> Callable[[Opening], bool]:
    return frame(lambda view: data.issues(view.snapshot), **equal)


def cells(workbook: str, tab: str = "") -> Callable[[Opening], bool]:
    def seen(opening: Opening) -> bool:
        view = opening.view
        if view is None:
            return False
        found = data.cells_behind(view.snapshot, view.loaded, view.loaded.indicators["D1.02"], {"school_year": YEAR, "period": PERIOD})
        return any(workbook in cell["workbook"] and tab in cell["tab"] for cell in found)

    return seen


def board_row(form: str, school_class: str = "", subject: str = "") -> Callable[[Opening], bool]:
    def seen(opening: Opening) -> bool:
        view = opening.view
        rows = data.board(view.snapshot, view.loaded, YEAR) if view is not None else []
        return any(row.form == form and school_class in ("", row.school_class) and subject in ("", row.subject) for row in rows)

    return seen


def own(opening: Opening) -> str:
    return opening.viewer.person.teacher_id if opening.viewer.person else ""


PROBES: dict[str, Callable[[Opening], bool]] = {
    "the school's figure": figure("D1.02"),
    "a stage's figure": figure("D1.02", stage="basic"),
    "figure of 7-А": figure("D1.02", school_class="7-А"),
    "figure of 9-А": figure("D1.02", school_class="9-А"),
    "algebra in 7-А": figure("D1.02", school_class="7-А", subject="ALG"),
    "Kyrgyz in 7-А": figure("D1.02", school_class="7-А", subject="KYR"),
    "algebra in 9-А": figure("D1.02", school_class="9-А", subject="ALG"),
    "grade 9, which is one class": figure("D1.02", grade="9"),
    "grade 7, of which one class is left": figure("D1.02", grade="7"),
    "last year's 6-А, which is 7-А now": figure("D1.02", year=BEFORE, school_class="6-А"),
    "last year's 7-А, others": figure("D1.02", year=BEFORE, school_class="7-А"),
    "an indicator of the administration": figure("D8.06"),
    "health of 7-А": figure("D9.02", school_class="7-А"),
    "upbringing level of 7-А": figure("D7.04", period="Y", school_class="7-А"),
    "pupils at risk in 7-А": figure("D2.04", school_class="7-А"),
    "own result as a teacher": teacher(own),
    "result of a teacher of mathematics": teacher(lambda _opening: "T022"),
    "result of a teacher of Kyrgyz": teacher(lambda _opening: "T015"),
    "issues of attendance in 7-А": issue(form="F05", school_class="7-А"),
    "issues of attendance in 9-А": issue(form="F05", school_class="9-А"),
    "issues of algebra in 7-А": issue(form="F01", school_class="7-А", subject="ALG"),
    "issues of Kyrgyz in 7-А": issue(form="F01", school_class="7-А", subject="KYR"),
    "issues of the psychologist's form": issue(form="F03"),
    "issues of the medic's form in 7-А": issue(form="F20", school_class="7-А"),
    "issues of the class's restricted form in 7-А": issue(form="F17", school_class="7-А"),
    "issues of lesson visits in mathematics": issue(form="F08", workbook=f"{YEAR}/association-math.xlsx"),
    "issues of textbooks": issue(form="F15"),
    "issues of equipment": issue(form="F14"),
    "completeness of Kyrgyz in 9-А": frame(
        lambda view: data.expected_rows(view.snapshot, view.loaded, YEAR, PERIOD), form="F01", school_class="9-А", subject="KYR"
    ),
    "address of the workbook of 9-А": frame(lambda view: data.sheets(view.snapshot), workbook=f"{YEAR}/class-9-А.xlsx"),
    "cells of marks of 9-А": cells("class-9-А"),
    "cells of algebra in 7-А": cells("class-7-А", "Алгебра"),
    "spread of marks in 9-А": frame(lambda view: data.mark_counts(view.snapshot, view.loaded), school_class="9-А", school_year=YEAR),
    "spread of marks in Kyrgyz in 7-А": frame(
        lambda view: data.mark_counts(view.snapshot, view.loaded), school_class="7-А", subject="KYR", school_year=YEAR
    ),
}


PROBES |= {
    "the board's row of algebra in 7-А": board_row("F01", "7-А", "ALG"),
    "the board's row of Kyrgyz in 9-А": board_row("F01", "9-А", "KYR"),
    "the board's row of the psychologist's form": board_row("F03"),
}


def opening_of(app: AppTest) -> Opening | None:
    try:
        return app.session_state["opening_of_this_run"]
    except KeyError:
        return None


def test_the_tables_speak_of_the_same_resources():
    assert list(EXPECTED) == list(PROBES) and len(PROBES) >= 20
    assert set(OPENS) == set(ROLES) and set(PEOPLE) | {"family", "public"} == set(ROLES)
    assert {path.stem for path in (ROOT / "pages").rglob("*.py")} <= set(PAGES)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_sees_on_each_page(canaries: CanarySchool, seen_as: As, menu: set[str], role: str):
    wrong = []
    for name in PAGES:
        opening = None
        try:
            app = seen_as(canaries.store, role, name)
            assert not app.exception, (name, app.exception)
            opening = opening_of(app)
        except LookupError:
            pass
        opened = opening is not None and opening.page == name
        if opened != (name in OPENS[role]):
            wrong.append((name, "the page opens", opened))
        if menu != OPENS[role]:
            wrong.append((name, "the menu", menu ^ OPENS[role]))
        for resource, probe in PROBES.items():
            seen = opened and opening is not None and probe(opening)
            expected = name in ADMINISTRATION.get(role, EXPECTED[resource].get(role, set()))
            if seen != expected:
                wrong.append((name, resource, seen))
    assert wrong == []


@pytest.mark.slow
def test_results_of_single_teachers_reach_those_alone_who_may_see_them(canaries: CanarySchool, seen_as: As):
    def listed(role: str) -> tuple[list[str], str]:
        app = seen_as(canaries.store, role, "teaching_quality")
        assert not app.exception
        opening = opening_of(app)
        assert opening is not None
        own_name = opening.viewer.person.name if opening.viewer.person else ""
        return [name for table in app.table if "Мугалим" in table.value.columns for name in table.value["Мугалим"]], own_name

    everybody, _director = listed("director")
    association, _head = listed("mo_head")
    assert len(everybody) > 10 and 0 < len(association) < len(everybody) and set(association) < set(everybody)
    own, name = listed("teacher")
    assert len(own) <= 1 and all(found.replace("\\", "") == name for found in own)
    assert listed("psych")[0] == listed("class_head")[0] == []


def allowed_birds(role: str) -> Callable[[tuple[str, str, str]], bool]:
    """Whose canaries may reach a role at all, on whatever page: again written out by hand."""
    rules: dict[str, Callable[[str, str, str], bool]] = {
        "director": lambda *_: True,
        "deputy": lambda *_: True,
        # in a row of their own F18S the wrong cell is the key of the row, and the row is told by the pupil's name
        "organizer": lambda c, f, s: f in ("F04", "F04H", "F16", "F18", "F18S") or (c, f) == ("2-А", ""),
        "mo_head": lambda c, f, s: (
            (f in ("F08", "F09") and s == "math") or f in ("F10", "F11", "F13") or ((c, f) == ("7-А", "F25") and s in ("ALG", "finding"))
        ),
        "class_head": lambda c, f, s: c == LED and f in ("F01", "F05", "F07", "F17", "F21", ""),
        "teacher": lambda c, f, s: (c in ("7-А", "8-А") and f == "F01" and s == "ALG") or (c, f, s) == ("9-А", "F25", ""),
        "psych": lambda c, f, s: f == "F03",
        "soc": lambda c, f, s: f in ("F19", "F19R"),
        "medic": lambda c, f, s: f in ("F20", "F23"),
        "librarian": lambda c, f, s: f == "F15",
        "economy": lambda c, f, s: f in ("F14", "F22"),
    }
    rule = rules.get(role, lambda *_: False)
    return lambda bird: rule(*bird)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_no_foreign_canary_is_given_to_the_browser(canaries: CanarySchool, seen_as: As, role: str):
    """The whole of every page, with the issues and the cells behind a figure opened and every file prepared."""
    mine = allowed_birds(role)
    met: set[tuple[str, str, str]] = set()
    for name in (page for page in PAGES if page in OPENS[role]):
        app = seen_as(canaries.store, role, name)
        for key in ("provenance", "direction_issues"):
            app.session_state[key] = True
        for key in ("issues_files", "direction_issues_files"):
            app.session_state[key] = True
        app.run()
        assert not app.exception
        met |= birds(*sent(app))
    assert {bird for bird in met if not mine(bird)} == set()
    if role in PEOPLE:
        assert met, "the canaries of their own are there, so the search finds what there is"


@pytest.mark.slow
def test_words_of_a_decision_reach_only_those_who_may_see_it(canaries: CanarySchool, seen_as: As):
    """The administration reads all; the head of an association those of its subjects; whoever has to carry one out reads what is to be
    done, and of the figure that it was made from only what they may see anyway."""
    every = {("8-А", "F25", "KYR"), ("7-А", "F25", "ALG"), ("9-А", "F25", "")}
    every |= {(name, "F25", "finding") for name in ("7-А", "8-А", "9-А")}
    read = {
        "director": every,
        "deputy": every,
        "mo_head": {("7-А", "F25", "ALG"), ("7-А", "F25", "finding")},
        "teacher": {("9-А", "F25", "")},
    }
    for role in ROLES:
        if "decisions" not in OPENS[role]:
            continue
        app = seen_as(canaries.store, role, "decisions")
        assert not app.exception
        found = {bird for bird in birds(*sent(app)) if bird[1] == "F25"}
        assert found == read.get(role, set()), role
        overdue = {bird for bird in birds(*sent(seen_as(canaries.store, role))) if bird[1] == "F25"}
        assert overdue <= {bird for bird in read.get(role, set()) if bird[2] != "finding"}, f"{role}: what is overdue, on the overview"
        for name in ("7-А", "8-А", "9-А"):
            app = seen_as(canaries.store, role, "learning_outcomes", school_class=name) if "learning_outcomes" in OPENS[role] else None
            assert app is None or not {bird for bird in birds(*sent(app)) if bird[1] == "F25"}, "no other page tells of decisions"


@pytest.mark.slow
def test_an_expert_s_words_reach_only_those_who_may_see_the_figure(canaries: CanarySchool, seen_as: As):
    both = {"7-А", "7-Б"}  # the psychologist sees classes' figures on this page; the algebra teacher those of a class that they teach
    read = {"director": both, "deputy": both, "psych": both, "class_head": {LED}, "teacher": {"7-А"}}
    for role in (role for role in ROLES if "learning_outcomes" in OPENS[role]):
        met = set()
        for name in ("7-А", "7-Б"):
            app = seen_as(canaries.store, role, "learning_outcomes", school_class=name, period="Q3")
            assert not app.exception
            met |= {bird[0] for bird in birds(*sent(app)) if bird[1] == "F26"}
        assert met == read.get(role, set()), role


@pytest.mark.slow
def test_a_page_refuses_by_itself(canaries: CanarySchool, seen_as: As, menu: set[str], monkeypatch: pytest.MonkeyPatch):
    """A school takes a page from a role: links to it still stand on other pages, and lead to a sentence and nothing else."""
    table = {place: grains for place, grains in access.load().table.items() if place != (access.Role.TEACHER, "resources")}
    narrower = dataclasses.replace(access.load(), table=table)
    monkeypatch.setattr(access, "load", lambda: narrower)
    overview = seen_as(canaries.store, "teacher")
    assert not overview.exception and "resources" not in menu, "links to a page that the menu hides break nothing"
    app = seen_as(canaries.store, "teacher", "resources")
    assert not app.exception
    assert [error.value for error in app.error] == ["Бул барак сиздин милдетиңизге кирбейт."]
    assert not app.metric and not app.table and not app.get("vega_lite_chart") and not app.selectbox(key="view_as").disabled
