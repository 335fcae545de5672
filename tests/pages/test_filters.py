"""The filters: one row for all directions, bound to the address, the same in every language."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import Opener, page_path


def shown(app: AppTest) -> str:
    """The line that says what is shown, without its first word."""
    return next(m.value for m in app.markdown if m.value.startswith(":gray[")).split("**")[1]


def test_machine_keys_in_an_address_are_understood(opened: Opener, demo_store: Path):
    app = opened(demo_store, "learning_outcomes", grade="7", period="Q2", subject="ALG")
    assert app.selectbox(key="grade").value == "7"
    assert "7-класстар" in shown(app) and "2-чейрек" in shown(app) and "Алгебра" in shown(app)


@pytest.mark.slow
def test_words_of_another_language_are_understood(opened: Opener, demo_store: Path):
    app = opened(demo_store, "learning_outcomes", lang="ru", grade="7-класстар", subject="Кыргыз тили")
    assert app.selectbox(key="grade").value == "7"
    assert "7-е классы" in shown(app) and "Кыргызский язык" in shown(app)


def test_nonsense_falls_back(opened: Opener, demo_store: Path):
    app = opened(demo_store, "learning_outcomes", grade="99", period="nonsense", school_class="<script>")
    assert not app.exception
    assert shown(app).startswith("Бүт мектеп")


def test_a_choice_survives_a_change_of_page_and_of_language(opened: Opener, demo_store: Path):
    app = opened(demo_store, "learning_outcomes")
    app.selectbox(key="grade").select("7").run()
    app.switch_page(page_path("mandatory_results")).run()
    assert shown(app).startswith("7-класстар")
    app.get_by_key("lang").set_value("ru").run()
    assert shown(app).startswith("7-е классы")
    assert not app.exception


@pytest.mark.slow
def test_the_overview_lets_the_place_go(opened: Opener, demo_store: Path):
    app = opened(demo_store, "learning_outcomes")
    app.selectbox(key="grade").select("7").run()
    app.switch_page(page_path("overview")).run()
    app.switch_page(page_path("learning_outcomes")).run()
    assert shown(app).startswith("Бүт мектеп")


@pytest.mark.slow
def test_a_stage_leaves_its_grades_and_a_grade_its_classes(opened: Opener, demo_store: Path):
    app = opened(demo_store, "learning_outcomes")
    app.selectbox(key="stage").select("basic").run()
    assert app.selectbox(key="grade").options[1:] == [f"{grade}-класстар" for grade in range(5, 10)]
    app.selectbox(key="grade").select("7").run()
    assert all(name.startswith("7-") for name in app.selectbox(key="school_class").options[1:])
    app.selectbox(key="school_class").select(app.selectbox(key="school_class").options[1]).run()
    app.selectbox(key="grade").select("8").run()
    assert app.selectbox(key="school_class").value == "", "a class of another grade is let go"
    assert not app.exception


@pytest.mark.slow
def test_classes_stand_in_the_order_of_the_school(opened: Opener, demo_store: Path):
    from lib import i18n

    app = opened(demo_store, "learning_outcomes")
    names = app.selectbox(key="school_class").options[1:]
    assert names == sorted(names, key=i18n.class_key)


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_links_of_findings_set_filters_that_exist(opened: Opener, demo_store: Path, language: str):
    from lib import i18n
    from lib.ui import data, filters

    opened(demo_store, lang=language)
    loaded = data.current_settings()
    snapshot = data.current_snapshot(loaded)
    assert snapshot is not None
    loaded = data.settings_of(snapshot, loaded)
    roll = data.roll(snapshot, loaded)
    i18n.use(language)
    found = data.findings(snapshot, loaded, roll.school_years[-1], roll.quarter)
    assert 0 < len(found) <= 10
    for finding in found:
        told = filters.link(loaded, finding.scope)
        assert set(told) == {name for name in finding.scope if finding.scope[name]}
        for name, word in told.items():
            options = next(item for item in filters._filters(loaded, roll, {}) if item.name == name)
            assert word in {options.words(option) for option in options.options}


def test_no_person_stands_in_the_address(opened: Opener, demo_store: Path):
    app = opened(demo_store, "collection")
    teacher = app.selectbox(key="responsible")
    teacher.select(teacher.options[1]).run()
    assert not app.exception
    assert "responsible" not in app.query_params
