"""Without sign-in: the demo school is looked at as anybody, a real one stays closed, or opens on this computer alone."""

from __future__ import annotations

import dataclasses
import ipaddress
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import access, i18n
from lib.access.claims import Refusal
from lib.settings.web import Web
from lib.ui import sign_in
from tests.access.conftest import FRAME, As
from tests.access.school import CanarySchool

pytestmark = pytest.mark.slow

CLOSED = "Кирүү жөндөлмөйүнчө мектептин барактары жабык"


@pytest.fixture
def real(canaries: CanarySchool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    store = tmp_path / "real"
    shutil.copytree(canaries.store, store)
    about = store / "store.yaml"
    about.write_text(about.read_text(encoding="utf-8").replace("demo: true", "demo: false"), encoding="utf-8")
    monkeypatch.setenv("SAPAT_STORE", str(store))
    yield store
    st.cache_resource.clear()


def opened(page: str = "") -> AppTest:
    i18n.use("ky")
    app = AppTest.from_file(str(FRAME), default_timeout=120).run()
    return app.switch_page(page).run() if page else app


@pytest.mark.parametrize("page", ["", "../../pages/directions/learning_outcomes.py", "../../pages/office/collection.py"])
def test_a_real_school_stays_closed_in_one_sentence(real: Path, page: str):
    app = opened(page)
    assert not app.exception
    assert [m.value for m in app.markdown if CLOSED in m.value]
    assert not app.metric and not app.table and not app.dataframe and not app.get("vega_lite_chart")
    assert "view_as" not in app.session_state, "whom to look as is the demo school's alone"


def test_a_demo_mark_that_is_missing_is_a_real_school(real: Path):
    about = real / "store.yaml"
    about.write_text(about.read_text(encoding="utf-8").replace("demo: false\n", ""), encoding="utf-8")
    assert any(CLOSED in m.value for m in opened().markdown)


@dataclasses.dataclass
class Context:
    headers: dict[str, str]


HERE = {"Host": "127.0.0.1:8501"}
ELSEWHERE = {
    "through a proxy": ("127.0.0.1", {**HERE, "X-Forwarded-For": "10.0.0.7"}),
    "through another proxy": ("127.0.0.1", {**HERE, "Forwarded": "for=10.0.0.7"}),
    "by a name that leads here": ("127.0.0.1", {"Host": "sapat.elsewhere.example"}),
    "a server that listens to all": ("0.0.0.0", HERE),
    "a server that says nothing": (None, HERE),
    "a server in the network": ("192.168.0.7", HERE),
}


def visit_of(monkeypatch: pytest.MonkeyPatch, address: str | None, headers: dict[str, str]) -> sign_in.Visit:
    from lib.ui import data

    loaded = data.current_settings()
    rights = dataclasses.replace(access.load(), mode="this-computer-only")
    monkeypatch.setattr(access, "load", lambda: rights)
    monkeypatch.setattr(sign_in.st, "context", Context(headers))
    monkeypatch.setattr(sign_in.st, "get_option", lambda name: address if name == "server.address" else None)
    return sign_in.visit(loaded, data.current_snapshot(loaded))


def test_this_computer_only_opens_here(real: Path, monkeypatch: pytest.MonkeyPatch):
    visit = visit_of(monkeypatch, "127.0.0.1", HERE)
    assert visit.closed is None and visit.viewer.roles == {access.Role.DIRECTOR}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_this_computer_only_stays_closed_elsewhere(real: Path, monkeypatch: pytest.MonkeyPatch, case: str):
    assert visit_of(monkeypatch, *ELSEWHERE[case]).closed is Refusal.NOT_HERE


def test_this_computer_only_stays_closed_behind_a_configured_proxy(real: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sign_in, "web", lambda: Web(proxies=(ipaddress.ip_network("127.0.0.1"),)))
    assert visit_of(monkeypatch, "127.0.0.1", HERE).closed is Refusal.NOT_HERE


# --- the demo school -----------------------------------------------------------------------------------------------------


def test_the_demo_school_is_the_director_s_unless_another_is_chosen(canaries: CanarySchool, seen_as: As, menu: set[str], monkeypatch):
    monkeypatch.setenv("SAPAT_STORE", str(canaries.store))
    i18n.use("ky")
    app = AppTest.from_file(str(FRAME), default_timeout=120).run()
    assert app.selectbox(key="view_as").value == "director"
    assert "publication" in menu or not list(FRAME.parents[2].glob("pages/office/publication.py"))
    app.selectbox(key="view_as").select(access.Role.LIBRARIAN).run()
    assert not app.exception and "publication" not in menu


def test_filters_offer_what_may_be_seen(canaries: CanarySchool, seen_as: As):
    app = seen_as(canaries.store, "class_head", "learning_outcomes")
    assert app.selectbox(key="school_class").options[1:] == ["7-А"]
    assert app.selectbox(key="grade").options[1:] == ["5-класстар"], "every other grade tells of one foreign class"
    assert len(app.selectbox(key="stage").options) == 4
    whole = seen_as(canaries.store, "director", "learning_outcomes")
    assert len(whole.selectbox(key="school_class").options) == 14


@pytest.mark.parametrize("role", ["class_head", "teacher", "librarian"])
def test_a_link_with_foreign_filters_falls_back(canaries: CanarySchool, seen_as: As, role: str):
    app = seen_as(canaries.store, role, "learning_outcomes", school_class="9-А", grade="9")
    assert not app.exception
    assert app.selectbox(key="school_class").value == "" and app.selectbox(key="grade").value == ""
    said = next(m.value for m in app.markdown if m.value.startswith(":gray["))
    assert "Бүт мектеп" in said and "9-А" not in said


def test_findings_name_no_foreign_class(canaries: CanarySchool, seen_as: As):
    from lib.ui import data

    for role, own in (("class_head", {"7-А"}), ("teacher", {"7-А", "8-А"}), ("librarian", set())):
        view = seen_as(canaries.store, role).session_state["opening_of_this_run"].view
        for period in ("Q1", "Q2", "Q3"):
            found = data.findings(view.snapshot, view.loaded, "2025-2026", period)
            assert {f.scope["school_class"] for f in found if "school_class" in f.scope} <= own
            assert {f.scope["grade"] for f in found if "grade" in f.scope} <= {"5", "7"}


def test_a_page_cannot_reach_past_what_is_seen(canaries: CanarySchool, seen_as: As):
    view = seen_as(canaries.store, "teacher").session_state["opening_of_this_run"].view
    for ask in (view.snapshot.table, view.snapshot.records):
        with pytest.raises(PermissionError):
            ask("R1")
    with pytest.raises(PermissionError):
        view.snapshot.values()


def test_readers_do_not_share_what_they_may_not(canaries: CanarySchool, seen_as: As):
    """The caches are shared: what was made for the director must not reach the teacher, nor the other way round."""
    spread = {}
    for role in ("director", "teacher", "director"):
        app = seen_as(canaries.store, role, "learning_outcomes")
        view = app.session_state["opening_of_this_run"].view
        spread.setdefault(role, []).append((view.classes, len(view.kept("probe", lambda v=view: list(v.classes)))))
    assert spread["director"][0] == spread["director"][1]
    assert spread["director"][0] != spread["teacher"][0]


# --- a link before there is anything -----------------------------------------------------------------------------------------


def test_a_link_opened_before_the_first_snapshot_keeps_its_filters(canaries: CanarySchool, tmp_path: Path, monkeypatch):
    store = tmp_path / "late"
    shutil.copytree(canaries.store, store)
    (store / ".sapat" / "current").rename(store / ".sapat" / "current.kept")
    monkeypatch.setenv("SAPAT_STORE", str(store))
    i18n.use("ky")
    app = AppTest.from_file(str(FRAME), default_timeout=120)
    app.query_params["subject"], app.query_params["period"] = "ALG", "Q1"
    app.run()
    app.switch_page("../../pages/directions/learning_outcomes.py").run()
    assert [button.key for button in app.button] == ["refresh"], "nothing has been collected"
    (store / ".sapat" / "current.kept").rename(store / ".sapat" / "current")
    app.run()
    assert not app.exception
    said = next(m.value for m in app.markdown if m.value.startswith(":gray["))
    assert "Алгебра" in said and "1-чейрек" in said
    st.cache_resource.clear()
