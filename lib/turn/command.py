"""The command `turn`: the proposal and its report; with --yes the new year's workbooks, and the old year frozen."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.collection import collect
from lib.i18n import gettext as _
from lib.intake.frozen import FrozenYear, FrozenYears
from lib.provisioning import told as provisioned
from lib.settings import GoogleFolder, Place, Settings, UserError, desk_of
from lib.store.base import StoreProblem
from lib.turn import told
from lib.turn.freeze import reopen, unprotect
from lib.turn.making import carry_out, protection, spreadsheets, way_to
from lib.turn.prepared import Prepared, Source, prepare
from lib.turn.review import Fate, Weight
from lib.turn.rules import read_rules

Say = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """What the command line asks for. `out`: the registry to write, or, when it is there, to carry out; `reopen`: a year to open again."""

    to_year: str = ""
    out: Path | None = None
    yes: bool = False
    freeze_now: bool = False
    reopen: str = ""


def run(order: Order, settings: Settings, now: dt.datetime, say: Say) -> int:
    """Do it; the exit code. Raises UserError."""
    assert settings.store is not None
    if order.reopen:
        return _reopen(settings.store, order.reopen, settings, say)
    if not order.to_year:
        raise UserError(_("Give the school year to go into: --to 2026-2027"))
    snapshot = collect(settings.store, settings, now, only_if_changed=True).snapshot
    given = order.out.read_bytes() if order.out is not None and order.out.is_file() else b""
    prepared = prepare(settings, snapshot, order.to_year, given)
    if order.out is not None and not given and prepared.registry:
        _write(order.out, prepared.registry)
    for line in told.report(prepared):
        say(line)
    found = prepared.review
    print(f"pupils {found.pupils} = " + " + ".join(f"{fate.value} {found.fates[fate]}" for fate in Fate))
    if order.out is not None and prepared.source is not Source.IN_STORE:
        say(_("The registry to look through and to edit: {file}", file=order.out))
    if not order.yes:
        say(_("Nothing was made. Add --yes to make the workbooks."))
        return 0
    if prepared.forbidden:
        say(_("Nothing was made: mend what is marked with ▼ first, {n} in all.", n=len(found.of(Weight.FORBIDS))))
        return 1
    return _carry_out(prepared, order, now, say)


def _carry_out(prepared: Prepared, order: Order, now: dt.datetime, say: Say) -> int:
    pending = prepared.state is not None and not prepared.state.done and prepared.state.freeze
    done = carry_out(prepared, told.COMMAND, now, order.freeze_now or prepared.may_freeze or pending, _progress)
    for line in told.made(done, prepared):
        say(line)
    snapshot = collect(prepared.place, prepared.settings, now, only_if_changed=True).snapshot
    wrong = [
        row for row in snapshot.table("issues").to_pylist()
        if row["severity"] == "error" and row["school_year"] == prepared.to_year and row["form"].startswith("R")
    ]  # fmt: skip
    say(_("Collected: {id}. Errors in the registry of {year}: {n}", id=snapshot.id, year=prepared.to_year, n=len(wrong)))
    return 0


def _progress(done: int, total: int, name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total}  {name[:60]:<60}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _write(path: Path, content: bytes) -> None:
    """A file that is there is never overwritten."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or type(error).__name__}") from None


def _reopen(place: Place, school_year: str, settings: Settings, say: Say) -> int:
    year = FrozenYears.of(desk_of(place)).years.get(school_year)
    if year is None:
        raise UserError(_("{year} is not frozen.", year=school_year))
    if isinstance(place, GoogleFolder):
        _unprotect(place, year, settings, say)
    reopen(place, school_year)
    say(_("Open again: {year}. What was changed meanwhile counts from the next collect on.", year=school_year))
    return 0


def _unprotect(place: GoogleFolder, year: FrozenYear, settings: Settings, say: Say) -> None:
    try:
        way, words = way_to(place), protection(read_rules(settings), year.school_year)
        for spreadsheet in spreadsheets(year):
            unprotect(way, spreadsheet, words)
    except StoreProblem as problem:
        say(provisioned.problem(problem, settings))
