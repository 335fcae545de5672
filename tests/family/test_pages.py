"""The two pages of families, drawn: what is sent for a code speaks of that one child, in three languages."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.family.codes import Codes, new_code
from lib.family.views import Views
from tests.family.conftest import Given, Opener
from tests.pages.conftest import texts
from tests.pages.test_pages import untranslated

pytestmark = pytest.mark.slow


def sent(app: AppTest) -> str:
    """Everything that goes to the browser: every element with all its bytes, tables included."""
    parts: list[str] = []

    def walk(node: object) -> None:
        proto = getattr(node, "proto", None)
        if proto is not None:
            parts.append(proto.SerializeToString().decode("utf-8", "ignore"))
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app._tree.main)
    walk(app._tree.sidebar)
    for kind in ("table", "dataframe", "arrow_data_frame"):
        parts += [element.value.to_csv() for element in app.get(kind)]
    return "\n".join(parts + texts(app))


def enter(app: AppTest, code: str) -> AppTest:
    app.text_input(key="code").input(code)
    app.button[0].click()
    return app.run()


def test_without_a_code_there_is_a_field_for_one(opened: Opener, given: Given):
    for name in ("my_child", "class_summary"):
        app = opened(given.store, name)
        assert not app.exception and app.text_input(key="code")
        assert not [m for m in given.pupils if m.name in sent(app)]


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_a_code_shows_that_child_and_nobody_else(opened: Opener, given: Given, language: str):
    me = given.pupils[0]
    app = enter(opened(given.store, "my_child", lang=language), given.codes[me.pupil])
    assert not app.exception
    said = sent(app)
    assert me.name in said and len(app.table) >= 2
    names = {m.name for m in given.foreign} | {
        " ".join(m.name.split()[:2]) for m in given.foreign if m.name.split()[:2] != me.name.split()[:2]
    }
    assert len(names) > 150
    assert [name for name in names if name in said] == []
    assert [m.pupil for m in given.foreign if m.pupil in said] == []
    assert me.pupil not in said, "not even the own code of the register"
    assert given.codes[me.pupil] not in said
    if language != "en":
        assert untranslated(app) == set()


def test_the_page_names_its_parts_in_order(opened: Opener, given: Given):
    app = enter(opened(given.store, "my_child", lang="en"), given.codes[given.pupils[0].pupil])
    assert [s.value for s in app.subheader] == [
        "Own progress", "Attendance", "Strengths", "What to do at home", "Questions to think about",
    ]  # fmt: skip


def test_nothing_of_it_stands_in_the_address(opened: Opener, given: Given):
    me = given.pupils[0]
    app = enter(opened(given.store, "my_child"), given.codes[me.pupil])
    address = str(dict(app.query_params))
    assert me.pupil not in address and given.codes[me.pupil] not in address and me.name not in address


def test_a_wrong_code_opens_nothing_and_the_sixth_waits(opened: Opener, given: Given):
    app = opened(given.store, "my_child", lang="en")
    for _ in range(5):
        enter(app, new_code())
        assert "opens nothing" in app.error[0].value
    enter(app, given.codes[given.pupils[0].pupil])
    assert "Too many wrong codes" in app.error[0].value
    assert given.pupils[0].name not in sent(app)


def test_a_revoked_code_shows_its_reader_out(opened: Opener, given: Given):
    me = given.pupils[0]
    app = enter(opened(given.store, "my_child"), given.codes[me.pupil])
    assert me.name in sent(app)
    Codes(given.folder).revoke(dt.datetime.now(), pupils=(me.pupil,))
    app.run()
    assert app.text_input(key="code") and me.name not in sent(app)


def test_a_reader_can_leave(opened: Opener, given: Given):
    me = given.pupils[0]
    app = enter(opened(given.store, "my_child"), given.codes[me.pupil])
    app.button(key="leave").click().run()
    assert app.text_input(key="code") and me.name not in sent(app)


def test_a_childs_code_opens_the_summary_of_its_class_without_a_name(opened: Opener, given: Given):
    app = enter(opened(given.store, "my_child", lang="ru"), given.codes[given.pupils[0].pupil])
    app.switch_page("../../pages/family/class_summary.py").run()
    assert not app.exception and len(app.subheader) >= 4
    said = sent(app)
    assert "7-А" in said
    assert [m.name for m in [*given.pupils, *given.foreign] if m.name in said] == []
    assert untranslated(app) == set()
    assert not app.get("pills"), "no other class can be chosen"


def test_a_class_code_opens_the_summary_and_no_child(opened: Opener, given: Given):
    app = enter(opened(given.store, "class_summary"), given.codes[""])
    assert len(app.subheader) >= 4
    app.switch_page("../../pages/family/my_child.py").run()
    assert app.text_input(key="code") and not [m for m in given.pupils if m.name in sent(app)]


def test_openings_are_counted_once_and_logged_without_a_name(opened: Opener, given: Given):
    me = given.pupils[0]
    app = enter(opened(given.store, "my_child"), given.codes[me.pupil])
    for _ in range(3):
        app.run()
    assert Views(given.folder).of([me.pupil])[me.pupil].times == 1
    lines = [line for line in (given.folder.parent / "access.log").read_text(encoding="utf-8").splitlines() if "pupil page" in line]
    assert len(lines) == 1
    assert me.pupil not in lines[0] and me.name not in lines[0] and given.codes[me.pupil] not in lines[0]


def test_a_pupil_who_left_has_no_page(opened: Opener, given: Given, tmp_path: Path):
    code = new_code()
    today = dt.datetime.now()
    Codes(given.folder).give({"P0000": code}, "7-А", today, today.date() + dt.timedelta(days=9))
    app = enter(opened(given.store, "my_child"), code)
    assert not app.exception and not app.table


# --- staff and the demo school -------------------------------------------------------------------------------------------


@pytest.fixture
def demo(demo_store: Path, tmp_path: Path) -> Given:
    store = tmp_path / "demo"
    shutil.copytree(demo_store, store)
    return Given(store)


def test_the_director_chooses_a_class_and_reads_how_often_pages_were_opened(opened: Opener, demo: Given):
    Views(demo.folder).count(demo.pupils[0].pupil, dt.date(2026, 4, 14))
    app = opened(demo.store, "class_summary", lang="en", summary_of="7-А")
    assert not app.exception and len(app.subheader) >= 4
    assert any("**1/" in element.value for element in app.markdown)


def test_the_demo_school_shows_an_invented_child_to_a_family(opened: Opener, demo: Given):
    app = opened(demo.store, "class_summary")
    app.selectbox(key="view_as").select("family").run()
    app.switch_page("../../pages/family/my_child.py").run()
    app.button(key="example").click().run()
    assert not app.exception and len(app.table) >= 2
    app.button(key="leave").click().run()
    assert app.text_input(key="code")
