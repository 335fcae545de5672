"""What waits in the outbox goes into the workbook of decisions, which is made from the template where a folder lacks it."""

from __future__ import annotations

import datetime as dt
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lib.model.registry import registry_from_records
from lib.office.decisions import FORM, Decision, Outbox
from lib.office.decisions.register import ready
from lib.office.decisions.workbook import Lacking
from lib.settings import GoogleFolder, Settings, desk_of, exists
from lib.snapshot import Snapshot, Snapshots
from lib.store import open_book
from lib.store.base import StoreProblem

LOG = logging.getLogger("sapat")


def send(settings: Settings, now: dt.datetime) -> int:
    """Write the decisions that wait; how many were written. What cannot be written goes on waiting (Outbox.why says why)."""

    def guarded(school_year: str, decisions: Sequence[Decision]) -> None:
        try:
            write(settings, school_year, decisions)
        except StoreProblem:
            raise
        except Exception as error:  # a defect of ours must cost neither the decisions nor the collect that comes after
            LOG.exception("decisions were not written; they go on waiting")
            raise StoreProblem("workbook_crashed", {"reason": type(error).__name__}, passing=True) from error

    if settings.store is None or not exists(settings.store):
        return 0
    return Outbox(desk_of(settings.store)).flush(now, guarded)


def write(settings: Settings, school_year: str, decisions: Sequence[Decision]) -> None:
    """Write decisions into the workbook of that school year. Raises StoreProblem."""
    assert settings.store is not None
    snapshot = Snapshots(settings.store).current()
    name = _workbook(settings, school_year, snapshot)
    lacking = Lacking(settings, school_year, tuple(ready(decision, settings) for decision in decisions))
    try:
        open_book(settings.store, name).add(lacking)
    except StoreProblem as problem:
        if problem.code != "workbook_missing" or isinstance(settings.store, GoogleFolder) or snapshot is None:
            raise
        _make(settings.store, settings, school_year, name, snapshot)
        open_book(settings.store, name).add(lacking)


def _workbook(settings: Settings, school_year: str, snapshot: Snapshot | None) -> str:
    """The workbook where that year's decisions were last found, else the one that the template gives."""
    kind = ".xlsx" if not isinstance(settings.store, GoogleFolder) else ""
    if snapshot is not None:
        rows = snapshot.table("sheets").select(["workbook", "form", "school_year"]).to_pylist()
        found = [row["workbook"] for row in rows if row["form"] == FORM and row["school_year"] == school_year]
        if found:
            return str(found[0])
    return f"{school_year}/{settings.forms[FORM].workbook}{kind}"


def _make(root: Path, settings: Settings, school_year: str, name: str, snapshot: Snapshot) -> None:
    """The blank workbook, put there only if nothing has come there meanwhile. StoreProblem when the folder may not be written."""
    from lib.templates import plan_set, write_workbooks

    registry = registry_from_records({form: snapshot.records(form).to_pylist() for form in ("R1", "R2C", "R2S", "R2L")}, school_year)
    plan = next(plan for plan in plan_set(registry, settings, school_year) if any(tab.form.id == FORM for tab in plan.tabs))
    target = root / name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".sapat-", dir=target.parent) as folder:
            (made,) = write_workbooks(Path(folder), [plan], settings)
            try:
                os.link(made, target)
            except FileExistsError:
                pass
            except OSError:  # a file system without links; whoever writes decisions holds the outbox
                if not target.exists():
                    os.replace(made, target)
    except OSError as error:
        raise StoreProblem("workbook_busy", {"reason": error.strerror or type(error).__name__}, passing=True) from error
