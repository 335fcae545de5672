"""The small invented school of 2025-2026 in a folder, collected, and the command as a person gives it after the school year."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lib import collection, settings
from lib.collection import collect
from lib.settings import Settings
from lib.snapshot import Snapshot
from lib.turn.command import Order, run
from tests import small_school

OLD, NEW = small_school.YEAR, "2026-2027"
NOW = dt.datetime(2026, 8, 20, 9, 0)
ALG = f"{OLD}/class-7-А.xlsx"


@dataclass
class School:
    """A school in a folder. `loaded`: the configuration as it is on 20 August 2026."""

    folder: Path
    loaded: Settings

    def collected(self) -> Snapshot:
        return collect(self.folder, self.loaded, NOW, only_if_changed=True).snapshot

    def turn(self, code: int = 0, **order: Any) -> str:
        """Give the command; what it said."""
        heard: list[str] = []
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert run(Order(**order), self.loaded, NOW, heard.append) == code, heard
        return "\n".join([*heard, printed.getvalue()])

    def turned(self, **order: Any) -> str:
        return self.turn(to_year=NEW, yes=True, **order)

    def figures(self, school_year: str = OLD) -> list[dict[str, Any]]:
        """Every value and companion of a school year, collected now."""
        snapshot = self.collected()
        rows = [row for name in ("values", "companions") for row in snapshot.table(name).to_pylist()]
        return sorted((row for row in rows if row["school_year"] == school_year), key=str)

    def issues(self, *codes: str) -> list[tuple[str, str]]:
        """(code, workbook) of issues about frozen years."""
        rows = self.collected().table("issues").to_pylist()
        return sorted((row["code"], row["workbook"]) for row in rows if row["code"].startswith("year_frozen"))

    def edit(self, workbook: str, tab: str, cell: str, value: Any) -> None:
        """As a person does who gives themselves the right to."""
        path = self.folder / workbook
        path.chmod(path.stat().st_mode | stat.S_IWUSR)
        book = openpyxl.load_workbook(path)
        book[tab][cell] = value
        book.save(path)

    def contents(self) -> dict[str, bytes]:
        """Every workbook of the folder, byte by byte."""
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in sorted(self.folder.rglob("*.xlsx"))
                if not any(part.startswith(".") for part in path.relative_to(self.folder).parts)}  # fmt: skip


@pytest.fixture(scope="session")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")


@pytest.fixture(scope="session")
def summer() -> Settings:
    return settings.load(as_of=NOW.date())


@pytest.fixture
def school(tmp_path: Path, summer: Settings, plans: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    monkeypatch.setattr(collection, "PLANS", plans)
    folder = tmp_path / "school"
    small_school.write(folder, small_school.school(summer.forms))
    loaded = settings.load(folder, as_of=NOW.date())
    return School(folder, loaded)
