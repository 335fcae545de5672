"""Everything that a turn is decided on: the old registry, the one that would be carried out, and what became of everybody."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lib import i18n
from lib.analysis.cohorts import year_before
from lib.i18n import gettext as _
from lib.intake.frozen import FrozenYear, FrozenYears
from lib.settings import GoogleFolder, Place, Settings, UserError, desk_of
from lib.snapshot import Snapshot
from lib.store import open_store
from lib.store.base import StoreProblem
from lib.store.folder import FolderStore
from lib.turn.book import Book, read_book, registries_of
from lib.turn.desk import REGISTRY, State, TurnDesk
from lib.turn.proposal import propose, workbook
from lib.turn.review import Review, Weight, review
from lib.turn.rules import Rules, read_rules


class Source(StrEnum):
    """Where the registry of the next year comes from: proposed by the program, handed in by a deputy, or standing in the store already."""

    PROPOSED = "proposed"
    HANDED_IN = "handed_in"
    IN_STORE = "in_store"


@dataclass(frozen=True)
class Prepared:
    """A turn that can be looked at and confirmed. `registry`: the workbook itself, b"" where it stands in the store."""

    place: Place
    settings: Settings
    rules: Rules
    snapshot: Snapshot
    old: Book
    new: Book
    review: Review
    source: Source
    registry: bytes = field(repr=False)
    state: State | None = None
    frozen: FrozenYear | None = None

    @property
    def from_year(self) -> str:
        return self.old.school_year

    @property
    def to_year(self) -> str:
        return self.new.school_year

    @property
    def forbidden(self) -> bool:
        """Whether something must be mended before anything is made."""
        return bool(self.review.of(Weight.FORBIDS))

    @property
    def may_freeze(self) -> bool:
        """Whether the day has come from which the old year is frozen."""
        return self.settings.as_of >= self.rules.freezes_on(self.settings, self.from_year)


def _old_year(to_year: str) -> str:
    """The school year that a turn into `to_year` starts from. Raises UserError for what is no school year."""
    found = re.fullmatch(r"(\d{4})-(\d{4})", to_year)
    if not found or int(found[2]) != int(found[1]) + 1:
        raise UserError(_("{seen}: no school year; one is written like 2026-2027", seen=to_year))
    return year_before(to_year)


def prepare(settings: Settings, snapshot: Snapshot, to_year: str, handed_in: bytes = b"") -> Prepared:
    """Look at the turn into `to_year`; nothing is changed. `handed_in`: the registry as a deputy has it, else the one that the desk keeps.

    A registry of `to_year` that stands in the store already counts before any other. Raises UserError.
    """
    assert settings.store is not None
    place, from_year = settings.store, _old_year(to_year)
    there, rules, store = registries_of(snapshot), read_rules(settings), open_store(settings.store)
    if from_year not in there:
        known = ", ".join(there) or "–"
        raise UserError(_("There is no filled registry of {year} to go on from. Registries: {years}", year=from_year, years=known))
    desk = TurnDesk(place, to_year)
    state = desk.state()
    try:
        old = read_book(store, there[from_year], from_year, settings)
        begun = state is not None and not state.done and desk.confirmed.is_file()
        if to_year in there and not (begun and isinstance(place, GoogleFolder)):  # there a registry may be half written
            source, registry = Source.IN_STORE, b""
            new = read_book(store, there[to_year], to_year, settings)
        else:
            source, registry = _chosen(desk, begun, handed_in)
            if not registry:
                registry = workbook(propose(old, to_year, rules, settings), settings)
            new = _read(registry, to_year, settings)
    except StoreProblem as problem:
        raise UserError(settings.issue_sentence(problem.code, problem.slots, "", i18n.language())) from None
    frozen = FrozenYears.of(desk_of(place)).years.get(from_year)
    return Prepared(place, settings, rules, snapshot, old, new, review(old, new, rules, settings), source, registry, state, frozen)


def _chosen(desk: TurnDesk, begun: bool, handed_in: bytes) -> tuple[Source, bytes]:
    if begun:
        return Source.HANDED_IN, desk.confirmed.read_bytes()
    if handed_in:
        return Source.HANDED_IN, handed_in
    return (Source.HANDED_IN, desk.handed_in.read_bytes()) if desk.handed_in.is_file() else (Source.PROPOSED, b"")


def _read(registry: bytes, to_year: str, settings: Settings) -> Book:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / REGISTRY).write_bytes(registry)
        book = read_book(FolderStore(Path(folder)), [REGISTRY], to_year, settings)
    if not any(book.lines.values()):
        raise UserError(_("{file}: this is no registry of {year}. Take the proposed one and edit it.", file=REGISTRY, year=to_year))
    return book
