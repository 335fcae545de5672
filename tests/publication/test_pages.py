"""The pages of the open report in this process: the public ones read editions only; the director's asks for a confirmation."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lib import i18n, settings
from lib.publication.edition import Editions
from tests.publication.conftest import YEAR, Published

ROOT = Path(__file__).resolve().parents[2]
FRAME = ROOT / "lib" / "ui" / "frame.py"
FOLDERS = {"open_report": "public", "methodology": "public", "publication": "office"}
Opener = Callable[..., AppTest]

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    def open_page(store: Path, name: str, language: str = "ky", period: str = "") -> AppTest:
        monkeypatch.setenv("SAPAT_STORE", str(store))
        i18n.use(language)  # AppTest formats the options of widgets in this thread, too
        app = AppTest.from_file(str(FRAME), default_timeout=120)
        app.query_params["lang"] = language
        app.run()
        app.switch_page(f"../../pages/{FOLDERS[name]}/{name}.py").run()
        return app.segmented_control(key="period").set_value(period).run() if period else app

    yield open_page
    st.cache_resource.clear()
    i18n.use("ky")


def said(app: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "error", "warning")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind)).replace("\\", "")


def test_nothing_published_yet(opened: Opener, demo_store: Path):
    app = opened(demo_store, "open_report", "en")
    assert not app.exception and "Nothing has been published yet" in said(app)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_open_report_says_what_was_published(opened: Opener, published: Published, language: str):
    app = opened(published.store, "open_report", language)
    assert not app.exception
    edition = Editions(published.store).open(f"{YEAR}-Q3-1")
    assert f"{YEAR}-Q3-1" in said(app) and edition.words("school").of(language) in said(app)
    for about in edition.plain["directions"].values():
        assert about["name"][language] in said(app)
    tables = " ".join(str(cell) for table in app.table for column in table.value.columns for cell in table.value[column])
    assert edition.words("indicators", "D1.02", "name").of(language) in tables.replace("\\", "")


def test_the_open_report_needs_no_snapshot(opened: Opener, published: Published, tmp_path: Path):
    store = Path(shutil.copytree(published.store, tmp_path / "school"))
    shutil.rmtree(store / ".sapat" / "snapshots")
    (store / ".sapat" / "current").unlink()
    app = opened(store, "open_report", "en")
    assert not app.exception and f"{YEAR}-Q3-1" in said(app)


def test_an_earlier_edition_can_be_read(opened: Opener, published: Published):
    app = opened(published.store, "open_report", "en")
    app.selectbox(key="edition").set_value(f"{YEAR}-Q2-1").run()
    assert not app.exception and f"Edition: {YEAR}-Q2-1" in said(app)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_method_of_every_indicator_is_open(opened: Opener, demo_store: Path, language: str):
    app = opened(demo_store, "methodology", language)
    loaded = settings.load(demo_store)
    assert not app.exception
    titles, text = [e.label.replace("\\", "") for e in app.expander], said(app).replace("\u2060", "")
    for indicator in loaded.indicators.values():
        assert any(title.startswith(f"{indicator.code} ·") for title in titles)
        for words in (indicator.numerator, indicator.denominator):
            assert words.of(language) in text, indicator.code


def test_the_method_is_found_by_direction_and_word(opened: Opener, demo_store: Path):
    app = opened(demo_store, "methodology", "en")
    app.selectbox(key="method_direction").set_value("D2").run()
    assert {e.label.split(".")[0].replace("\\", "") for e in app.expander} == {"D2"}
    app.text_input(key="method_search").set_value("attendance").run()
    assert 0 < len(app.expander) < 4 and not app.exception


def test_a_director_confirms_and_publishes(opened: Opener, school: Path):
    app = opened(school, "publication", "en", "Q2")
    assert not app.exception and Editions(school).ids() == []
    assert "nothing forbids publishing" in said(app) and app.button(key="publish").disabled
    (agreed,) = [box for box in app.checkbox if box.key.startswith("agreed")]
    agreed.check().run()
    assert not app.button(key="publish").disabled and Editions(school).ids() == []
    app.button(key="publish").click().run()
    assert not app.exception and Editions(school).ids() == [f"{YEAR}-Q2-1"]
    assert Editions(school).made(f"{YEAR}-Q2-1")[0]
    (again,) = [box for box in app.checkbox if box.key.startswith("agreed")]
    assert again.key != agreed.key and not again.value  # the next draft asks anew
    assert app.button(key="publish").disabled


def test_what_is_forbidden_has_no_button(opened: Opener, school: Path):
    app = opened(school, "publication", "en", "Q4")
    assert not app.exception and "forbids publishing" in said(app) and "The period is not over" in said(app)
    assert [button.key for button in app.button if button.key == "publish"] == []
