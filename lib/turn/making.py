"""Carrying out a turn that was confirmed. Every step looks first and is atomic, so that a run that was killed is simply run again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lib.collection import collect
from lib.i18n import gettext as _
from lib.intake.frozen import FrozenYear
from lib.provisioning import provision, told
from lib.provisioning.drive import Drive, Way
from lib.provisioning.provision import CREATED, EXTENDED, FINISHED, Outcome
from lib.settings import GoogleFolder, Settings, UserError, desk_of
from lib.store import open_store
from lib.store.base import StoreProblem
from lib.store.exports import PASTED, with_pasted
from lib.templates import Place as TabPlace
from lib.templates import Row, WorkbookPlan, plan_registry, plan_set, pupils_listed, write_workbooks
from lib.turn.book import Book
from lib.turn.desk import State, TurnDesk
from lib.turn.freeze import Frozen, freeze, protect
from lib.turn.prepared import Prepared, Source
from lib.turn.rules import Rules

_STAGING = ".turn-new"  # hidden: a folder store passes it by
# done, of how many, what was done last
Told = Callable[[int, int, str], None]


@dataclass
class Made:
    """What a run did. `made`: workbooks that are new or were added to; `there`: how many were there; `waiting`: classes without pupils."""

    made: list[str] = field(default_factory=list)
    there: int = 0
    waiting: list[str] = field(default_factory=list)
    frozen: Frozen | None = None


def carry_out(prepared: Prepared, by: str, now: dt.datetime, freeze_now: bool, tell: Told = lambda *_: None) -> Made:
    """Make the next year's workbooks, then freeze the old year when `freeze_now`. Nothing that is there is overwritten.

    Raises UserError for what a person must put right; the run may be repeated at any time and goes on where it stopped.
    """
    if prepared.forbidden:
        raise UserError(_("Nothing was made: mend the named cells of the registry first."))
    desk = TurnDesk(prepared.place, prepared.to_year)
    with desk.working():
        state = desk.state()
        if state is None:
            state = State(prepared.from_year, prepared.to_year, by, now.isoformat(timespec="seconds"), freeze_now)
            desk.confirm(state, prepared.registry)
        result = Made(waiting=_without_pupils(prepared.new, prepared.settings))
        plans = list(_plans(prepared, result.waiting))
        try:
            if isinstance(prepared.place, GoogleFolder):
                _in_drive(prepared, prepared.place, plans, result, tell)
            else:
                _in_folder(prepared, prepared.place, plans, result, tell)
            if freeze_now or prepared.frozen is not None:
                result.frozen = _freeze(prepared, by, now)
        except StoreProblem as problem:
            raise UserError(told.problem(problem, prepared.settings)) from None
        if not state.done:
            desk.note(dataclasses.replace(state, done_at=now.isoformat(timespec="seconds")))
        tell(len(plans) + 2, len(plans) + 2, prepared.from_year)
    return result


def _without_pupils(book: Book, settings: Settings) -> list[str]:
    """Classes that wait for enrolment: a workbook made now would never get its pupils."""
    year = settings.school_year(book.school_year)
    return [c.school_class for c in book.registry.classes if not pupils_listed(book.registry, c.school_class, settings, year)]


def _plans(prepared: Prepared, waiting: list[str]) -> Iterator[WorkbookPlan]:
    for plan in plan_set(prepared.new.registry, prepared.settings, prepared.to_year):
        if not all(tab.place.school_class in waiting for tab in plan.tabs):
            yield plan


# --- a folder ------------------------------------------------------------------------------------------------------------


def _in_folder(prepared: Prepared, store: Path, plans: list[WorkbookPlan], result: Made, tell: Told) -> None:
    total, staging = len(plans) + 2, store / _STAGING
    shutil.rmtree(staging, ignore_errors=True)  # what a killed run had begun
    registry = plan_registry(prepared.settings, prepared.to_year)
    if prepared.source is not Source.IN_STORE:
        staged = staging / registry.name
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(prepared.registry)
        if _put(staged, store / registry.name):
            result.made.append(registry.name)
        elif (store / registry.name).read_bytes() != prepared.registry:
            raise UserError(_("{file} is already there. Fill it or take it away, collect the data and look again.", file=registry.name))
    tell(1, total, registry.name)
    places = _standing(prepared)
    for number, plan in enumerate(plans, 2):
        target = store / plan.name
        if _is_there(target) or any(tab.place in places for tab in plan.tabs):
            result.there += 1
        else:
            staged = write_workbooks(staging, [plan], prepared.settings)[0]
            if _put(staged, target):
                result.made.append(plan.name)
        tell(number, total, plan.name)
    shutil.rmtree(staging, ignore_errors=True)


def _standing(prepared: Prepared) -> set[TabPlace]:
    """The tabs of the next year that stand in the store, in whatever workbook: people rename and move."""
    return {
        TabPlace(row["form"], row["school_class"], row["subject"], row["method_association"])
        for row in prepared.snapshot.table("sheets").to_pylist()
        if row["school_year"] == prepared.to_year and row["form"]
    }


def _put(staged: Path, target: Path) -> bool:
    """Put a finished file where it belongs, in one step; False when something is there. Never overwrites."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(staged, target)
    except FileExistsError:
        if _is_there(target):
            return False
    except OSError:
        # A file system without hard links (FAT, some network shares). Only a new, empty file takes a name there without overwriting; the
        # finished one then takes the empty one's place in one step. Killed in between, the empty file is taken for nothing, see _is_there.
        try:
            target.open("xb").close()
        except FileExistsError:
            if _is_there(target):
                return False
    else:
        staged.unlink()
        return True
    os.replace(staged, target)
    return True


def _is_there(target: Path) -> bool:
    """Whether a file stands there; an empty one only keeps the name, no workbook is empty."""
    return target.exists() and (target.is_dir() or target.stat().st_size > 0)


# --- Google --------------------------------------------------------------------------------------------------------------


def _in_drive(prepared: Prepared, place: GoogleFolder, plans: list[WorkbookPlan], result: Made, tell: Told) -> None:
    own = plan_registry(prepared.settings, prepared.to_year, _rows(prepared.new))
    total = len(plans) + 2

    def hear(done: int, _all: int, outcome: Outcome) -> None:
        tell(done, total, outcome.name)

    report = provision(place, [own, *plans], prepared.settings, way_to(place), told=hear)
    result.made += [outcome.name for outcome in report.outcomes if outcome.state in (CREATED, FINISHED, EXTENDED)]
    result.there = sum(outcome.name not in result.made for outcome in report.outcomes)
    if report.failed:
        words = [told.line(outcome, prepared.settings) for outcome in report.failed[:3]]
        raise UserError("\n".join([*words, _("Run the same command again: it goes on where it stopped.")]))


def _rows(book: Book) -> dict[TabPlace, list[Row]]:
    return {TabPlace(form): [line.contents() for line in lines] for form, lines in book.lines.items()}


def way_to(place: GoogleFolder) -> Way:
    """The way to Google of the key that may write. Raises StoreProblem."""
    from lib.store.google import transport_of  # a school with a folder need not wait for Google's packages

    return transport_of(place, writing=True)


# --- the old year --------------------------------------------------------------------------------------------------------


def _freeze(prepared: Prepared, by: str, now: dt.datetime) -> Frozen:
    """Freeze the year as it is read at this moment."""
    listed = with_pasted(open_store(prepared.place), desk_of(prepared.place)).workbooks()
    snapshot = collect(prepared.place, prepared.settings, now, only_if_changed=True).snapshot
    done = freeze(prepared.place, listed, snapshot, prepared.from_year, by, now, prepared.rules)
    if isinstance(prepared.place, GoogleFolder):
        try:
            way = way_to(prepared.place)
            account = Drive(way).account()
            for spreadsheet in spreadsheets(done.year):
                protect(way, spreadsheet, protection(prepared.rules, prepared.from_year), account)
        except StoreProblem as problem:
            done.unprotected = problem
        # the protection counts as a change in Drive: look once more, so that the desk knows these states, too
        collect(prepared.place, prepared.settings, now, only_if_changed=True)
    return done


def spreadsheets(year: FrozenYear) -> list[str]:
    """The ids of a frozen year's spreadsheets, as their fingerprints hold them (lib.store.google); what was pasted is no spreadsheet."""
    return [text.split(" ")[0] for name, text in year.workbooks.items() if not name.startswith(f"{PASTED}/")]


def protection(rules: Rules, school_year: str) -> str:
    """What tells our protection from others."""
    return f"{rules.protected.ky} / {rules.protected.of('ru')} · {school_year}"
