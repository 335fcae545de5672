"""Every page in every language, with a school and without one: nothing fails, nothing stays in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT, Opener, page_path, press_and_wait, texts

NAMES = sorted(path.stem for path in (ROOT / "pages").rglob("*.py"))
APART = ("help", "year_turn", "class_summary", "my_child", "open_report", "methodology")  # they do without a collected school
DIRECTIONS = sorted(path.stem for path in (ROOT / "pages" / "directions").glob("*.py"))
LANGUAGES = ("ky", pytest.param("ru", marks=pytest.mark.slow), pytest.param("en", marks=pytest.mark.slow))


def english_messages() -> set[str]:
    """The msgids that would be seen if a translation were missing: words without slots that differ from the Kyrgyz and the Russian."""
    found = set()
    for language in ("ky", "ru"):
        with (ROOT / "config" / "locale" / language / "LC_MESSAGES" / "sapat.po").open("rb") as file:
            found |= {str(m.id) for m in read_po(file) if m.id and "{" not in str(m.id) and str(m.id) != str(m.string)}
    return found


def untranslated(app: AppTest) -> set[str]:
    seen = texts(app)
    return {message for message in english_messages() for text in seen if re.search(rf"(?<![\w-]){re.escape(message)}(?![\w-])", text)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_page_of_a_school(opened: Opener, demo_store: Path, name: str, language: str):
    app = opened(demo_store, name, lang=language)
    assert not app.exception
    assert app.title, "a page has a title"
    if name in DIRECTIONS:
        assert app.metric and app.table and app.get("vega_lite_chart")
    if language != "en":
        assert untranslated(app) == set()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_page_without_a_school(opened: Opener, empty_store: Path, name: str, language: str):
    app = opened(empty_store, name, lang=language)
    assert not app.exception
    assert app.title
    if name not in APART:
        assert [button.key for button in app.button] == ["refresh"], "the first start says what to do, with a button"
    if language != "en":
        assert untranslated(app) == set()


@pytest.mark.slow
def test_the_first_start_collects_by_its_button(opened: Opener, empty_store: Path):
    app = opened(empty_store)
    ended = press_and_wait(app, "refresh")
    assert (ended.problem, ended.read) == ("", 0)
    assert not app.exception
    assert app.title, "a store without workbooks still has nothing to show, and says so"
    assert app.button(key="refresh").label == "Азыр чогултуу"


@pytest.mark.parametrize("name", [n for n in NAMES if n != "help"])
def test_a_page_without_the_frame_shows_nothing(name: str):
    app = AppTest.from_file(str(ROOT / "lib" / "ui" / page_path(name)), default_timeout=30).run()
    assert not app.exception
    assert not app.metric and not app.table and not app.get("vega_lite_chart")
    assert len(app.error) == 1


def test_a_wrong_configuration_is_named(opened: Opener, demo_store: Path, monkeypatch: pytest.MonkeyPatch):
    from lib import settings
    from lib.ui import data

    def broken(*_given: object, **_named: object) -> None:
        raise settings.UserError("config/school.yaml, line 3: unknown key 'nmae'; did you mean 'name'?")

    monkeypatch.setattr(data.settings, "load", broken)
    monkeypatch.setattr(data, "_stamp", lambda folder: -1)
    app = opened(demo_store, lang="en")
    assert not app.exception
    assert "line 3" in app.get("code")[0].value
