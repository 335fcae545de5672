"""What the blocks say: reasons instead of empty charts, figures that equal the snapshot's, restricted forms that stay restricted."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import i18n, wording
from lib.model.indicator import Status
from lib.ui import data, page
from lib.ui.state import Chosen
from tests.pages.conftest import Opener


@pytest.fixture
def view(opened: Opener, demo_store: Path):
    """A view of one direction for what is chosen: view("D1", grade="7")."""
    opened(demo_store)
    loaded = data.current_settings()
    snapshot = data.current_snapshot(loaded)
    assert snapshot is not None
    loaded = data.settings_of(snapshot, loaded)
    roll = data.roll(snapshot, loaded)

    def of(direction: str, **chosen: str) -> page.View:
        what = Chosen(**{"school_year": roll.school_years[-1], "period": roll.quarter, **chosen})
        return page.View(loaded, snapshot, roll, what, loaded.directions[direction])

    return of


def test_a_tile_shows_the_figure_of_the_snapshot(opened: Opener, demo_store: Path, view):
    seen = view("D1", grade="7")
    indicator = seen.indicator("D1.02")
    frame = seen.snapshot.values(
        indicator="D1.02", level="grade", grade="7", school_year=seen.chosen.school_year, period=seen.chosen.period
    )
    app = opened(demo_store, "learning_outcomes", grade="7")
    told = next(m for m in app.metric if m.label == indicator.name.ky)
    assert told.value == wording.number(indicator, float(frame["value"].iloc[0]))


def test_an_indicator_follows_the_filters_as_far_as_it_can(view):
    seen = view("D6", school_class="7-А", subject="ALG")
    assert seen.scope(seen.indicator("D6.01")) == {"grade": "7", "subject": "ALG"} or "school_class" not in seen.scope(
        seen.indicator("D6.01")
    )
    assert seen.scope(seen.indicator("D6.05")) == {}
    assert view("D1", school_class="7-А", subject="ALG").scope(seen.indicator("D1.01")) == {"school_class": "7-А", "subject": "ALG"}


def test_every_figure_that_is_not_there_says_why(view):
    i18n.use("ky")
    for direction in ("D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9"):
        seen = view(direction, period="Q4")
        for indicator in seen.indicators:
            figure = seen.figure(indicator)
            if figure is None or figure.value is None:
                assert len(seen.reason(indicator)) > 10, indicator.code
            else:
                assert figure.status in (Status.OK, Status.INCOMPLETE)


def test_cells_of_restricted_forms_show_their_address_only(view):
    seen = view("D9")
    indicator = seen.indicator("D9.01")
    cells = data.cells_behind(seen.snapshot, seen.loaded, indicator, {"school_year": seen.chosen.school_year, "period": "Y"})
    restricted = [cell for cell in cells if seen.loaded.forms[cell["form"]].restricted]
    assert restricted and all(cell["value"] is None for cell in restricted)
    assert all(cell["cell"][0].isalpha() and cell["cell"][-1].isdigit() for cell in cells)


def test_cells_behind_a_mark_are_the_marks(view):
    seen = view("D1", school_class="7-А", subject="ALG")
    scope = {"school_class": "7-А", "subject": "ALG", "school_year": seen.chosen.school_year, "period": seen.chosen.period}
    cells = data.cells_behind(seen.snapshot, seen.loaded, seen.indicator("D1.01"), scope)
    figure = seen.figure(seen.indicator("D1.01"), period=seen.chosen.period)
    assert figure is not None and figure.denominator == len(cells)
    assert sum(cell["value"] in ("5", "4", "3") for cell in cells) == figure.numerator


def test_a_noisy_change_says_so_in_words(view):
    from lib.ui.blocks.tiles import remarks

    i18n.use("ky")
    seen = view("D1")
    for indicator in seen.indicators:
        moved = seen.change(indicator)
        if moved is not None and moved.is_noise:
            assert remarks(seen, indicator, seen.period(indicator))


@pytest.mark.parametrize("key", ["provenance", "direction_issues"])
def test_expanders_open(opened: Opener, demo_store: Path, key: str):
    app = opened(demo_store, "learning_outcomes")
    app.session_state[key] = True
    app.run()
    assert not app.exception
    assert app.expander(key=key).children
