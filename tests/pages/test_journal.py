"""The page of the electronic journal: hand in, preview, answer; and to each role its own alone."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import settings
from lib.collection import collect
from lib.journal.answers import AnswerBook
from lib.settings import desk_of
from lib.snapshot import Snapshot, Snapshots
from lib.ui.live import collector
from tests.journal import demo, printed
from tests.journal.printed import Child
from tests.pages.conftest import Opener, texts

NOW = dt.datetime(2026, 4, 15, 8)


@dataclass
class School:
    store: Path
    snapshot: Snapshot
    slipped: dict[str, tuple[Child, str]]  # class → the pupil whose name is misspelt, and how

    def current(self) -> Snapshot:
        found = Snapshots(self.store).current()
        assert found is not None
        return found

    def mark(self, child: Child, subject: str) -> str | None:
        rows = self.current().records("F01").to_pylist()
        own = [r for r in rows if (r["pupil_id"], r["subject"], r["school_year"]) == (child.pupil_id, subject, demo.YEAR)]
        return next((r["q4"] for r in own if r["q4"]), None)


@pytest.fixture
def school(demo_store: Path, tmp_path: Path) -> Iterator[School]:
    """The demo school with exports of quarter 4, which is not in the tabs yet: two classes, a name with a slip in each."""
    store = tmp_path / "school"
    shutil.copytree(demo_store, store)
    loaded, some = settings.load(store), random.Random(1)
    snapshot = Snapshots(store).current()
    assert snapshot is not None
    slipped = {}
    for school_class in ("7-А", "9-А"):
        own = [c for c in demo.children(snapshot) if c.school_class == school_class]
        slipped[school_class] = (own[2], printed.slip(own[2].full_name, some))
        rows = [(c, slipped[school_class][1] if c is own[2] else c.full_name, {"ALG": "4", "PHY": "5"}) for c in own]
        heads = {"ALG": "Алгебра", "PHY": "Физика"}
        printed.write(store, printed.wide(f"exports/{school_class}.xlsx", [f"{school_class} класс", "4 четверть"], heads, rows))
    collect(store, loaded, NOW)
    yield School(store, snapshot, slipped)
    collector.stop()


def as_role(app: AppTest, role: str, person: str = "") -> AppTest:
    app.session_state["view_as"] = role
    if person:
        app.session_state[f"view_as_{role}"] = person
    return app.run()


def head_of(snapshot: Snapshot, school_class: str) -> str:
    rows = snapshot.records("R2C").to_pylist()
    return next(r["class_teacher_id"] for r in rows if (r["school_year"], r["school_class"]) == (demo.YEAR, school_class))


def teacher_of(snapshot: Snapshot, school_class: str, subject: str) -> str:
    rows = snapshot.records("R2L").to_pylist()
    return next(r["teacher_id"] for r in rows if (r["school_year"], r["school_class"], r["subject"]) == (demo.YEAR, school_class, subject))


def said(app: AppTest) -> str:
    return "\n".join(texts(app)).replace("\\", "")


@pytest.mark.slow
def test_the_director_answers_and_the_mark_comes_in(school: School, opened: Opener):
    app = opened(school.store, "journal")
    assert not app.exception
    child, seen = school.slipped["7-А"]
    assert seen in said(app) and school.slipped["9-А"][1] in said(app)
    boxes = [box for box in app.selectbox if box.key and box.key.startswith("answer_")]
    assert len(boxes) == 2 and all(child.full_name.split()[0] not in str(box.key) for box in boxes)
    assert boxes[0].options[0] == f"≈ {child.full_name}" and boxes[0].options[-1] == "бул класстан эмес"
    before = collector.state.number
    boxes[0].select_index(0)
    app.button(key="FormSubmitter:journal_answers-Жоопторду сактоо").click().run()
    assert not app.exception
    collector.wait(before + 1, 60)
    app.run()
    assert school.mark(child, "ALG") == "4" and school.mark(child, "PHY") == "5"
    assert seen not in said(app) and school.slipped["9-А"][1] in said(app)


@pytest.mark.slow
def test_each_sees_and_answers_their_own(school: School, opened: Opener):
    snapshot = school.snapshot
    head = as_role(opened(school.store, "journal"), "class_head", head_of(snapshot, "7-А"))
    assert not head.exception
    assert school.slipped["7-А"][1] in said(head) and school.slipped["9-А"][1] not in said(head)
    assert "9-А.xlsx" not in str([t.value.to_dict() for t in head.table])

    teacher = as_role(opened(school.store, "journal"), "teacher", teacher_of(snapshot, "7-А", "ALG"))
    assert not teacher.exception
    both = teacher_of(snapshot, "7-А", "ALG") == teacher_of(snapshot, "7-А", "PHY")
    assert (school.slipped["7-А"][1] in said(teacher)) == both, "a table of several teachers is not one teacher's"

    for role in ("psych", "librarian", "mo_head"):
        app = opened(school.store)
        app.session_state["view_as"] = role
        app.run()
        with pytest.raises(ValueError, match="journal"):
            app.switch_page("../../pages/office/journal.py").run()


@pytest.mark.slow
def test_a_pasted_table_is_shown_before_it_is_kept(school: School, opened: Opener):
    children = [c for c in demo.children(school.snapshot) if c.school_class == "8-А"]
    rows = [["8-А Алгебра 4-чейрек"], ["ФИО", "Баа"], *([c.full_name, "5"] for c in children)]
    text = printed.text_of(rows, "\t").decode()
    app = opened(school.store, "journal", lang="ru")
    app.text_area(key="export_text_0").input(text).run()
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Узнано учеников"] == str(len(children)) and shown["Новых отметок"] == str(len(children))
    files = set(school.store.rglob("exports/*"))
    before = collector.state.number
    app.button(key="keep_export").click().run()
    assert not app.exception
    (kept,) = set(school.store.rglob("exports/*")) - files
    assert kept.suffix == ".tsv" and kept.stem.startswith("8-А ALG Q4"), "the name says of what, never of whom"
    collector.wait(before + 1, 60)
    assert school.mark(children[0], "ALG") == "5"


@pytest.mark.slow
def test_a_foreign_table_is_refused(school: School, opened: Opener):
    children = [c for c in demo.children(school.snapshot) if c.school_class == "8-А"]
    text = printed.text_of([["8-А Алгебра 4-чейрек"], ["ФИО", "Баа"], *([c.full_name, "5"] for c in children)], "\t").decode()
    app = as_role(opened(school.store, "journal"), "class_head", head_of(school.snapshot, "7-А"))
    app.text_area(key="export_text_0").input(text).run()
    assert not app.exception and len(app.error) == 1
    assert not any(button.key == "keep_export" for button in app.button)
    assert not any(child.full_name in said(app) for child in children)
    app.text_area(key="export_text_0").input("салам\tдүйнө").run()
    assert not app.exception and len(app.warning) == 1


def test_without_exports_the_page_says_what_to_do(demo_store: Path, opened: Opener):
    app = opened(demo_store, "journal")
    assert not app.exception
    assert "Электрондук журналдын экспорту азырынча келген жок" in said(app)
    assert AnswerBook(desk_of(demo_store)).read().names == {}
