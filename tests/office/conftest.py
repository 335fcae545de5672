"""Two stores with the registers of a small school and a workbook of decisions, in a folder and on the local Sheets server."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lib import collection, settings
from lib.intake.identity import check
from lib.intake.read import read_sheets
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellValue, RawSheet
from lib.model.issue import Issue
from lib.office.decisions import Decision, new_id
from lib.settings import Settings
from lib.store import open_store
from tests import small_school
from tests.google_school import READER, GoogleSchool
from tests.sheets_server import SheetsServer

DAY = dt.date(2026, 4, 15)
NOW = dt.datetime(2026, 4, 15, 7, 40)
YEAR = small_school.YEAR
FORMS = settings.load(as_of=DAY).forms
NAME = f"{YEAR}/decisions"


def decision(n: int = 0, **changed: Any) -> Decision:
    """A decision about algebra in 7-А."""
    made = Decision(
        new_id(DAY), DAY, "D1.02", YEAR, "Q3", (("school_class", "7-А"), ("subject", "ALG")), "7-А · Алгебра", 43.1, 31.0, 72.0,
        f"Байкоо {n}", f"Чечим {n}", "Кошумча сабак", "T005", dt.date(2026, 5, 20), decided_by="T001", snapshot="000003-20260415",
        sheet_year=YEAR,
    )  # fmt: skip
    return dataclasses.replace(made, **changed)


def typed_rows() -> list[dict[str, Any]]:
    """What people have typed into the tab before."""
    return [
        {"id": f"B-{n}", "decided_on": dt.date(2025, 11, 10), "indicator": "D1.02", "group": "7-А", "period": "Q1", "value": 40.5,
         "finding": "Сапат төмөн", "decision": "Кошумча сабак", "responsible_id": "T005", "due_on": dt.date(2026, 1, 20),
         "status": "аткарылды"} for n in range(3)]  # fmt: skip


def decisions_tab(rows: Sequence[dict[str, Any]], without: Sequence[str] = ()) -> small_school.Tab:
    """The tab of F25. `without`: columns that an older sheet lacks."""
    form = FORMS["F25"]
    older = dataclasses.replace(form, columns=tuple(c for c in form.columns if c.key not in without), by_key={})
    return small_school.Tab(f"{NAME}.xlsx", "Чечимдер", "F25", small_school.grid_of(older, rows))


@dataclass
class Desk:
    """A store under test: its settings, its tabs as a reader sees them, and how people take the workbook away and bring it back."""

    loaded: Settings
    sheets: Callable[[], list[RawSheet]]
    remove: Callable[[], object]
    put: Callable[[small_school.Tab], object]
    kind: str
    server: SheetsServer | None = None

    def records(self) -> tuple[list[dict[str, Any]], list[Issue]]:
        """The accepted rows of F25 as a collect would have them, and what it would say of the tab."""
        reading = read_sheets(NAME, self.sheets(), Vocabulary.of(self.loaded))
        tabs, issues = check([reading], self.loaded)
        assert all(tab.cells == tab.accepted + tab.reported for tab in tabs)
        return collection.records_of(tabs, self.loaded)["F25"].to_pylist(), [issue for issue in issues if issue.form == "F25"]

    def cells(self) -> dict[str, list[CellValue]]:
        """Key → the cells below it, from the hidden row of keys: an oracle of its own."""
        (sheet,) = (s for s in self.sheets() if s.title == "Чечимдер")
        keys = sheet.rows[1]
        return {
            str(key): [row[c] if c < len(row) else None for row in sheet.rows[small_school.FIRST_ROW :]]
            for c, key in enumerate(keys)
            if key
        }


@pytest.fixture(params=["folder", "google"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("SAPAT_DESKS", str(tmp_path / "desks"))
    tabs = [tab for tab in small_school.school(FORMS) if tab.form.startswith("R")]
    if request.param == "folder":
        yield in_folder(tmp_path / "school", tabs)
    else:
        with SheetsServer() as server:
            yield on_server(server, tmp_path, tabs, monkeypatch)


def in_folder(root: Path, tabs: Sequence[small_school.Tab]) -> Desk:
    small_school.write(root, [*tabs, decisions_tab(typed_rows())])
    loaded = settings.load(root, as_of=DAY)
    path = root / f"{NAME}.xlsx"
    return Desk(
        loaded, lambda: open_store(root).read(f"{NAME}.xlsx"), lambda: path.rename(root.parent / "taken.xlsx"),
        lambda tab: small_school.write(root, [tab]), "folder",
    )  # fmt: skip


def on_server(server: SheetsServer, tmp_path: Path, tabs: Sequence[small_school.Tab], monkeypatch: pytest.MonkeyPatch) -> Desk:
    school = GoogleSchool(server.url, tmp_path)
    for name, sheets in small_school.by_workbook([*tabs, decisions_tab(typed_rows())]).items():
        school.put(name.removesuffix(".xlsx"), {sheet.title: sheet.rows for sheet in sheets})
    school.let_edit(NAME, READER)

    def put(tab: small_school.Tab) -> None:
        school.put(NAME, {tab.title: tab.grid})
        school.let_edit(NAME, READER)

    for name, value in school.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SAPAT_GOOGLE_READS", "100000")
    loaded = settings.load(as_of=DAY)
    place = dataclasses.replace(school.place(), patience_seconds=5.0, answer_seconds=0.7)
    loaded = dataclasses.replace(loaded, store=place)
    return Desk(
        loaded, lambda: open_store(place).read(NAME), lambda: school.remove(NAME),
        put, "google", server,
    )  # fmt: skip
