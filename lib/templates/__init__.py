"""The workbooks that teachers fill: the blank registry, and the whole set made for one school's registry.

Each tab carries its identity in a hidden first row and the machine key of each column in a hidden second row; what a person
sees are Kyrgyz headers with Russian beneath, drop-downs, limits, and colours for what is missing or wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from lib.model.registry import Registry, registry_from_records
from lib.settings import Settings, UserError
from lib.templates.draw import Drawing
from lib.templates.plan import CellContent, Place, Row, Tab, TabColumn, WorkbookPlan, plan_registry, plan_rows, plan_set, pupils_listed
from lib.templates.words import WorkbookWords, read_words

__all__ = [
    "CellContent", "Place", "Registry", "Row", "Tab", "TabColumn", "WorkbookPlan", "plan_registry", "plan_rows", "plan_set",
    "pupils_listed", "refuse_empty", "registry_from_records", "write_registry", "write_set", "write_workbooks",
]  # fmt: skip

_BATCH = 40  # fewer workbooks are written faster without a second process


def write_registry(out: Path | str, settings: Settings, school_year: str) -> Path:
    """Write the blank registry workbook to fill first; its path. Refuses to overwrite one that is there."""
    plan = plan_registry(settings, school_year)
    return write_workbooks(Path(out), [plan], settings)[0]


def write_set(
    out: Path | str,
    registry: Registry,
    settings: Settings,
    school_year: str,
    contents: Mapping[Place, Sequence[Row]] | None = None,
) -> list[Path]:
    """Write every workbook of the school but its registry; their paths. Refuses to overwrite workbooks that are there.

    `contents`: rows (column key → value) that stand in a tab in place of the blank or pre-filled ones. A registry without
    pupils or classes is a UserError: there would be nothing to fill.
    """
    refuse_empty(registry, school_year)
    return write_workbooks(Path(out), plan_set(registry, settings, school_year, contents), settings)


def refuse_empty(registry: Registry, school_year: str) -> None:
    """UserError when a registry has nobody to make workbooks for."""
    if not registry.classes or not registry.pupils:
        what = "classes (tab R2C)" if not registry.classes else "pupils (tab R1)"
        raise UserError(f"the registry holds no {what} of {school_year}: fill it and run `templates` again")


def write_workbooks(out: Path, plans: Sequence[WorkbookPlan], settings: Settings, processes: int = 1) -> list[Path]:
    """Write planned workbooks under `out`; their paths in the same order. UserError when one of them is already there."""
    paths = [out / plan.name for plan in plans]
    if there := [path for path in paths if path.exists()]:
        raise UserError(
            f"{there[0]} is already there ({len(there)} of {len(paths)}); filled workbooks are never overwritten: give an empty folder"
        )
    for folder in {path.parent for path in paths}:
        folder.mkdir(parents=True, exist_ok=True)
    words = read_words()
    if processes > 1 and len(plans) >= _BATCH:
        jobs = [(list(zip(paths, plans, strict=True))[n::processes], settings, words) for n in range(processes)]
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            list(pool.map(_write_some, jobs))
    else:
        _write_some((list(zip(paths, plans, strict=True)), settings, words))
    return paths


def _write_some(job: tuple[list[tuple[Path, WorkbookPlan]], Settings, WorkbookWords]) -> None:
    pairs, settings, words = job
    for path, plan in pairs:
        Drawing(path, plan, settings, words).draw()
