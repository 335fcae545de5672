"""The plans of a whole school from its filled registry, the registry itself among them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from lib.collection import read_registry
from lib.intake.vocabulary import Vocabulary
from lib.model.cell import CellError, CellValue
from lib.model.issue import Issue
from lib.provisioning.found import recognised, rows_of
from lib.settings import Settings
from lib.store.folder import FolderStore
from lib.templates import CellContent, Place, Row, WorkbookPlan, plan_registry, plan_set, refuse_empty


def plans_of(file: Path, settings: Settings, school_year: str | None) -> tuple[list[WorkbookPlan], list[Issue]]:
    """All workbooks of the school, and what is wrong in its registry. Raises UserError when the registry holds nobody."""
    registry, issues = read_registry(file, settings, school_year)
    year = registry.school_year
    refuse_empty(registry, year)
    own = plan_registry(settings, year, _as_it_stands(file, year, settings))
    return [own, *plan_set(registry, settings, year)], issues


def _as_it_stands(file: Path, school_year: str, settings: Settings) -> Mapping[Place, list[Row]]:
    """The rows of the registry cell by cell, right or wrong: the copy in Drive is to say what the file says."""
    sheets = FolderStore(file.parent).read(file.name)
    found: dict[Place, list[Row]] = {}
    for sheet, (_, place, layout) in zip(sheets, recognised(sheets, school_year, Vocabulary.of(settings)), strict=True):
        if place is not None and layout is not None:
            rows = [{key: _content(value) for key, value in cells.items()} for cells in rows_of(sheet.rows, layout)]
            found.setdefault(place, []).extend(rows)
    return found


def _content(value: CellValue) -> CellContent:
    if value is None or isinstance(value, (str, bool, float, int, dt.date, CellError)):
        return value
    return str(value) if isinstance(value, (dt.time, dt.timedelta)) else None  # a formula without a result gives nothing
