from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from lib import settings
from lib.collection import Collected, collect
from lib.settings import Settings
from tests import small_school
from tests.journal.small import Small

AS_OF = dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 15, 7, 40)


@pytest.fixture(scope="session")
def loaded() -> Settings:
    return settings.load(as_of=AS_OF)


@pytest.fixture
def school(tmp_path: Path, loaded: Settings) -> Small:
    """The small school in a folder, with the marks of algebra of 7-А to be typed."""
    folder = tmp_path / "school"
    tabs = small_school.school(dict(loaded.forms))
    small_school.write(folder, tabs)
    return Small(folder, loaded, tabs)


@pytest.fixture
def collected(school: Small) -> Callable[..., Collected]:
    def again(**more: object) -> Collected:
        return collect(school.folder, school.loaded, NOW, **more)  # type: ignore[arg-type]

    return again
