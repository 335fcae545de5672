"""The page of documents: each role its own, the pupil's page noted, a set in the background, the school's own templates."""

from __future__ import annotations

import io
import json
import shutil
import threading
import zipfile
from pathlib import Path

import docx
import pytest
from streamlit.testing.v1 import AppTest

from lib.settings import desk_of
from lib.snapshot import Snapshots
from lib.ui.making import Making
from tests.pages.conftest import Opener, texts

pytestmark = pytest.mark.slow
YEAR = "2025-2026"


@pytest.fixture
def store(demo_store: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "school"
    shutil.copytree(demo_store, copied)
    return copied


def as_role(app: AppTest, role: str, person: str = "") -> AppTest:
    app.session_state["view_as"] = role
    if person:
        app.session_state[f"view_as_{role}"] = person
    return app.run()


def head_of(store: Path, school_class: str) -> str:
    snapshot = Snapshots(store).current()
    assert snapshot is not None
    rows = snapshot.records("R2C").to_pylist()
    return str(next(r["class_teacher_id"] for r in rows if (r["school_year"], r["school_class"]) == (YEAR, school_class)))


def kinds(app: AppTest) -> list[str]:
    return list(app.selectbox(key="document_kind").options)


def test_the_director_has_every_document_and_sees_what_it_will_say(opened: Opener, demo_store: Path):
    app = opened(demo_store, "documents")
    assert not app.exception and len(kinds(app)) == 9
    told = "\n".join(texts(app)).replace("\\", "")
    assert "МААЛЫМКАТ" in told and "n = " in told
    for kind in range(9):
        app.selectbox(key="document_kind").select_index(kind).run()
        assert not app.exception and not app.error, kinds(app)[kind]


def test_the_class_teacher_has_the_own_class_and_its_pupils_alone(opened: Opener, store: Path):
    app = as_role(opened(store, "documents"), "class_head", head_of(store, "7-А"))
    assert not app.exception and kinds(app) == ["Класстын баракчасы", "Окуучунун баракчасы"]
    assert list(app.selectbox(key="document_class_school_class").options) == ["7-А"]
    app.selectbox(key="document_kind").select_index(1).run()
    assert list(app.selectbox(key="document_pupil_class").options) == ["7-А"]
    log = desk_of(store) / "access.log"
    before = log.read_text(encoding="utf-8").count("pupil page") if log.exists() else 0
    app.selectbox(key="document_pupil_of_7-А").select_index(2).run()
    assert not app.exception and any("ОКУУЧУНУН БАРАКЧАСЫ" in text for text in texts(app))
    app.run()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert sum(line["event"] == "pupil page" for line in lines) == before + 1, "once, not at every drawing of the page"
    assert lines[-1]["page"] == "documents" and lines[-1]["who"] and lines[-1]["pupil"]
    assert not any(str(box.value).startswith("P20") for box in app.selectbox), "no code in a widget's state"


def test_the_head_of_an_association_has_its_minutes_alone(opened: Opener, demo_store: Path):
    rows = Snapshots(demo_store).current().records("R2S").to_pylist()  # type: ignore[union-attr]
    person = next(r["teacher_id"] for r in rows if r["school_year"] == YEAR and r["mo"] == "math" and "mo_head" in r["roles"])
    app = as_role(opened(demo_store, "documents"), "mo_head", person)
    assert not app.exception and len(kinds(app)) == 1
    assert len(app.selectbox(key="document_association_association").options) == 1


def test_a_teacher_is_refused(opened: Opener, demo_store: Path):
    app = as_role(opened(demo_store, "documents"), "teacher")
    assert not app.exception and not [box for box in app.selectbox if box.key == "document_kind"]


def test_a_set_is_made_beside_the_page_and_belongs_to_its_session(opened: Opener, demo_store: Path):
    app = opened(demo_store, "documents")
    names = kinds(app)
    app.selectbox(key="document_kind").select_index(names.index("Класстын баракчасы")).run()
    next(control for control in app.get("segmented_control") if control.key == "document_language_ky").set_value("ru").run()
    app.button(key="make_set_document").click().run()
    making = app.session_state["set_of_documents document"]
    assert isinstance(making, Making)
    making.wait(240)
    assert making.state.ended and making.state.done == making.state.total and making.state.content is not None
    with zipfile.ZipFile(io.BytesIO(making.state.content)) as packed:
        name = next(name for name in packed.namelist() if "7-А" in name)
        said = "\n".join(line.text for line in docx.Document(io.BytesIO(packed.read(name))).paragraphs)
    assert "СТРАНИЦА КЛАССА" in said, "in the language that was chosen, not that of a new thread"
    app.run()
    assert not app.exception and [b for b in app.get("download_button") if "МБ" in b.proto.label or "MB" in b.proto.label]
    app.selectbox(key="document_kind").select_index(names.index("Маалымкат")).run()
    assert "set_of_documents document" not in app.session_state, "another choice lets it go"


def test_one_set_at_a_time_and_a_stopped_one_leaves_nothing():
    begun, go_on = threading.Event(), threading.Event()

    def slow(progress, stopped):
        for done in range(1, 4):
            progress(done, 3, "x")
            begun.set()
            go_on.wait(10)
            if stopped():
                return None
        return b"all"

    first = Making(("1",), "a.zip", slow)
    begun.wait(10)
    second = Making(("2",), "b.zip", lambda progress, stopped: b"second")
    assert not second.state.ended and second.state.total == 0, "waits for its turn"
    assert first.state.seconds_left(first.state.since + 2) == 4
    first.stop()
    go_on.set()
    first.wait(10)
    second.wait(10)
    assert first.state.ended and first.state.content is None and second.state.content == b"second"


def test_a_set_that_fails_says_so_and_gives_no_name_away(caplog: pytest.LogCaptureFixture):
    def broken(progress, stopped):
        raise ValueError("Асанова Айгүл")

    making = Making(("3",), "c.zip", broken)
    making.wait(10)
    assert making.state.ended and making.state.problem == "ValueError" and "Асанова" not in caplog.text


def test_own_templates_are_listed_with_values_and_faults(opened: Opener, store: Path):
    shelf = store / "templates"
    shelf.mkdir()
    made = docx.Document()
    made.add_paragraph("{{D1.02 7-А Q1}} {{D1.02 9-А Q1}} {{school_name}}")
    made.save(str(shelf / "a.docx"))
    made.add_paragraph("{{D1.2}}")
    made.save(str(shelf / "b.docx"))
    app = opened(store, "documents")
    assert not app.exception and list(app.selectbox(key="own_template").options)[:2] == ["a.docx", "b.docx"]

    def values(app: AppTest) -> dict[str, str]:
        frame = next(frame.value for frame in app.dataframe if "Орун белгиси" in frame.value.columns)
        return dict(zip(frame["Орун белгиси"], frame["Азыркы мааниси"], strict=True))

    found = values(app)
    assert set(found) == {"{{D1.02 7-А Q1}}", "{{D1.02 9-А Q1}}", "{{school_name}}"} and "–" not in found.values()
    assert [button for button in app.get("download_button") if button.proto.label == "Толтурулган файлды алуу"]
    as_role(app, "class_head", head_of(store, "7-А"))
    seen = values(app)
    assert seen["{{D1.02 7-А Q1}}"] == found["{{D1.02 7-А Q1}}"] and seen["{{D1.02 9-А Q1}}"] == "–", "what is not theirs is not shown"
    as_role(app, "director")
    app.selectbox(key="own_template").select("b.docx").run()
    assert any("{{D1.02}}" in said and "2-абзац" in said for said in (error.value.replace("\\", "") for error in app.error))
    assert not [button for button in app.get("download_button") if button.proto.label == "Толтурулган файлды алуу"]
