"""A collected demo school that published two quarters by the command, and what stands in its workbooks."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib import settings
from lib.settings import Settings
from lib.snapshot import Snapshot, Snapshots
from tests.conftest import run_cli

YEAR = "2025-2026"


@dataclass(frozen=True)
class Published:
    """`first` and `second` are the --out folders of two consecutive quarters."""

    store: Path
    first: Path
    second: Path

    @property
    def settings(self) -> Settings:
        return settings.load(self.store)

    @property
    def snapshot(self) -> Snapshot:
        found = Snapshots(self.store).current()
        assert found is not None
        return found


def publish(store: Path, period: str, out: Path, code: int = 0, year: str = YEAR, *more: str) -> str:
    """Run the command; what it said."""
    words = ("publish", "--store", store, "--school-year", year, "--period", period, "--out", out, "--lang", "en", *more)
    return run_cli(*words, code=code).stderr


@pytest.fixture
def school(demo_store: Path, tmp_path: Path) -> Path:
    """The demo school to write into."""
    return Path(shutil.copytree(demo_store, tmp_path / "school"))


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A school so small that some of its stages are below the minimum, with two editions. Tests must not change it."""
    place = tmp_path_factory.mktemp("published")
    store = place / "school"
    run_cli("demo", store, "--pupils", 60, "--years", 2, "--seed", 3)
    run_cli("collect", "--store", store)
    publish(store, "Q2", place / "first", 0, YEAR, "--yes")
    publish(store, "Q3", place / "second", 0, YEAR, "--yes")
    return Published(store, place / "first", place / "second")
