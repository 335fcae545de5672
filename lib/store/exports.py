"""Where exports of the electronic journal lie: in the folder `exports` of the store, and what was pasted on a page of a Google store, in
the desk."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lib.model.cell import RawSheet
from lib.settings import Place, desk_of
from lib.store.base import Store, StoreProblem, WorkbookInfo
from lib.store.folder import FolderStore
from lib.store.text import read_file

EXPORTS = "exports"
PASTED = "pasted"  # what lies in the desk bears this before its name
Sheets = Callable[[bytes, str], list[RawSheet]]
_OWN, _OTHER = b"\1", b"\0"
_NOT_IN_NAMES = re.compile(r"[^\w .-]+")
_LONGEST_STEM = 60


def is_export(name: str) -> bool:
    """Whether a workbook of that name lies where only exports are expected."""
    return EXPORTS in name.casefold().split("/")[:-1] or name.startswith(f"{PASTED}/")


def save_export(place: Place, stem: str, suffix: str, content: bytes) -> str:
    """Keep an export under `stem` and a mark of its content; the name that the store lists it by. The same content is kept once.

    In a folder store it lies among the other files, in `exports`; for Google, whose folder is only read, in the desk.
    """
    inside = isinstance(place, Path) and os.access(place, os.W_OK)
    folder = place / EXPORTS if isinstance(place, Path) and inside else desk_of(place) / EXPORTS
    folder.mkdir(parents=True, exist_ok=True)
    stem = " ".join(_NOT_IN_NAMES.sub(" ", stem).split())[:_LONGEST_STEM].strip(" .") or EXPORTS
    name = f"{stem} {hashlib.sha256(content).hexdigest()[:6]}{suffix}"
    path = folder / name
    if not path.exists():
        new = folder / f".{secrets.token_hex(8)}.new"  # two people of one server may hand in at once
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    return f"{EXPORTS if inside else PASTED}/{name}"


def with_pasted(store: Store, desk: Path) -> Store:
    """The store together with what was pasted into its desk."""
    folder = desk / EXPORTS
    return WithPasted(store, FolderStore(folder)) if folder.is_dir() else store


@dataclass(frozen=True)
class WithPasted(Store):
    """A store and a folder of pasted exports as one store."""

    store: Store
    pasted: FolderStore

    @property
    def side_by_side(self) -> int:
        return self.store.side_by_side

    def workbooks(self) -> list[WorkbookInfo]:
        """Both; names of what was pasted begin with "pasted/"."""
        own = [
            WorkbookInfo(f"{PASTED}/{info.name}", info.fingerprint, info.location, changed_at=info.changed_at)
            for info in self.pasted.workbooks()
        ]
        return sorted([*self.store.workbooks(), *own], key=lambda info: info.name)

    def fetch(self, name: str) -> bytes:
        """What was fetched, under a sign of who fetched it."""
        own = name.removeprefix(f"{PASTED}/")
        if own != name and (self.pasted.root / own).is_file():
            return _OWN + self.pasted.fetch(own)
        return _OTHER + self.store.fetch(name)

    @property
    def sheets(self) -> Sheets:  # type: ignore[override]
        """Makes cells of either; it travels to a reading process."""
        return partial(_sheets, self.store.sheets)

    def missed(self, info: WorkbookInfo) -> StoreProblem | None:
        """A pasted file that is gone was taken out."""
        return None if info.name.startswith(f"{PASTED}/") else self.store.missed(info)


@dataclass(frozen=True)
class OneFile(Store):
    """One file that somebody has just handed in, to be read with the same care as any other and kept nowhere."""

    name: str
    content: bytes
    side_by_side: int = 1

    def workbooks(self) -> list[WorkbookInfo]:
        """The file."""
        return [WorkbookInfo(self.name, hashlib.sha256(self.content).hexdigest()[:32], "")]

    def fetch(self, name: str) -> bytes:
        """Its content."""
        return self.content

    sheets = staticmethod(read_file)

    def missed(self, info: WorkbookInfo) -> StoreProblem | None:
        """It is never missed."""
        return None


def _sheets(other: Sheets, content: bytes, name: str) -> list[RawSheet]:
    read = read_file if content[:1] == _OWN else other
    return read(content[1:], name)
