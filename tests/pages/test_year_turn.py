"""The page of the year's turn, as a director uses it: looked at, a registry handed in, confirmed; and nobody else."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib import collection, settings
from lib.access.roles import Role
from lib.collection import collect
from lib.turn.desk import TurnDesk
from lib.ui import state, turn
from tests import small_school
from tests.pages.conftest import Opener, texts

pytestmark = pytest.mark.slow
NEW = "2026-2027"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small school, collected on a day in summer, open to everybody as an invented one."""
    monkeypatch.setattr(collection, "PLANS", tmp_path / "plans")
    folder = tmp_path / "school"
    loaded = settings.load(as_of=dt.date(2026, 8, 20))
    small_school.write(folder, small_school.school(loaded.forms))
    (folder / "store.yaml").write_text("demo: true\nas_of: 2026-08-20\n", encoding="utf-8")
    collect(folder, settings.load(folder), dt.datetime(2026, 8, 20, 9))
    return folder


def key_of(app: AppTest, start: str) -> str:
    return next(box.key for box in app.checkbox if str(box.key).startswith(start))


def test_looked_at_and_confirmed(opened: Opener, store: Path):
    app = opened(store, "year_turn", lang="ru")
    assert not app.exception
    said = " ".join(texts(app))
    assert "1. Кто куда переходит" in said and "3. Подтвердите" in said
    (table,) = (element.value for element in app.table if "24" in [str(name) for name in element.value.columns])
    assert [str(cell) for cell in table["24"]] == ["**24**", "**0**", "**0**", "**0**"]
    assert app.button(key="turn_make").disabled, "first somebody says that it was looked through"
    assert not (store / NEW).exists()
    app.checkbox(key=key_of(app, "turn_agreed")).check().run()
    app.button(key="turn_make").click().run()
    assert not app.exception and app.success
    made = sorted(path.name for path in (store / NEW).rglob("*.xlsx"))
    assert "class-8-А.xlsx" in made and TurnDesk(store, NEW).state().done
    again = opened(store, "year_turn", lang="ru")
    again.button(key="turn_make").click().run()
    assert sorted(path.name for path in (store / NEW).rglob("*.xlsx")) == made


def test_what_is_handed_in_counts_until_it_is_taken_back(opened: Opener, store: Path):
    loaded = settings.load(store)
    from lib.snapshot import Snapshots
    from lib.turn.prepared import prepare

    prepared = prepare(loaded, Snapshots(store).current(), NEW)
    TurnDesk(store, NEW).hand_in(prepared.registry)
    app = opened(store, "year_turn", lang="ru")
    assert any("сдан" in text for text in texts(app))
    app.button(key="turn_back").click().run()
    assert not TurnDesk(store, NEW).handed_in.exists() and not app.exception


@pytest.mark.parametrize("role", ["mo_head", "teacher", "class_head"])
def test_nobody_else_opens_it(opened: Opener, store: Path, role: str):
    app = opened(store, "year_turn", lang="ru")
    assert [button for button in app.button if str(button.key).startswith("turn")]
    app.session_state[state.VIEW_AS] = role
    app.run()
    assert not app.exception and not [button for button in app.button if str(button.key).startswith("turn")]


def test_who_may_not_write_writes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch):
    """Also when a block was drawn for somebody whose role has just been taken away."""
    from lib.snapshot import Snapshots
    from lib.turn.prepared import prepare

    prepared = prepare(settings.load(store), Snapshots(store).current(), NEW)

    @dataclasses.dataclass
    class Viewer:
        roles: frozenset[Role]
        person: None = None

    @dataclasses.dataclass
    class Opened:
        viewer: Viewer

    shown = turn.Turn(prepared, Opened(Viewer(frozenset({Role.TEACHER}))))  # type: ignore[arg-type]
    turn._make(shown, freeze_now=True)
    turn._hand_in(shown, prepared.registry)
    assert not (store / NEW).exists() and not TurnDesk(store, NEW).handed_in.exists() and TurnDesk(store, NEW).state() is None
