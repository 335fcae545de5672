"""Rows added to one workbook of a folder: under a lock, checked before it takes its place, and never half written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lib.model.cell import RawSheet
from lib.store.adding import Addition, Arrange, Book, first_free
from lib.store.base import StoreProblem
from lib.store.folder import FolderStore
from lib.store.xlsx import read_xlsx
from lib.store.xlsx_adding import added

PATIENCE = 30.0  # seconds to wait for another writer of this computer or network
_TRIES = 3  # when somebody saves the workbook while we work on it


@dataclass(frozen=True)
class FolderBook(Book):
    """The workbook `name` of the folder `root`. `lock`: a file that all writers share."""

    root: Path
    name: str
    lock: Path

    def add(self, arrange: Arrange) -> None:
        """See Book. A workbook that is missing, open in another program or not readable is left as it is: StoreProblem says which."""
        self.lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.lock, timeout=PATIENCE):
                path = (self.root / self.name).resolve()
                self._clear(path)
                for _ in range(_TRIES):
                    if self._added(path, arrange):
                        return
                raise StoreProblem("workbook_busy", {"reason": self.name}, passing=True)
        except Timeout:
            raise StoreProblem("workbook_busy", {"reason": self.lock.name}, passing=True) from None

    def _added(self, path: Path, arrange: Arrange) -> bool:
        """One try; False when somebody saved the workbook meanwhile."""
        if not path.exists():
            raise StoreProblem("workbook_missing", {"value": self.name}, passing=True)
        content = FolderStore(self.root).fetch(self.name)
        sheets = read_xlsx(content, self.name)
        addition = arrange(sheets)
        if addition is None:
            return True
        if opened := _opened(path):
            raise StoreProblem("workbook_open", {"value": opened}, passing=True)
        new = added(content, addition, _free_row(sheets, addition.tab))
        _compare(sheets, read_xlsx(new, self.name), addition)
        return _put(path, content, new)

    @staticmethod
    def _clear(path: Path) -> None:
        """What killed writers left."""
        for left in path.parent.glob(f".{path.name}.*.new"):
            with suppress(OSError):
                left.unlink()


def _opened(path: Path) -> str:
    """The mark that Excel or LibreOffice sets beside a workbook while somebody has it open; "" when there is none."""
    names = (f"~${path.name}", f"~${path.name[2:]}", f".~lock.{path.name}#")
    return next((name for name in names if (path.parent / name).exists()), "")


def _free_row(sheets: Sequence[RawSheet], tab: str) -> int:
    return first_free(next(sheet for sheet in sheets if sheet.title == tab).rows)


def _compare(before: Sequence[RawSheet], after: Sequence[RawSheet], addition: Addition) -> None:
    """The new file says what the old one said, and the additions; else nothing is written (StoreProblem)."""
    told = [_told(sheet) for sheet in before]
    told_now = [_told(sheet) for sheet in after]
    place = next(number for number, sheet in enumerate(before) if sheet.title == addition.tab)
    old, now = told[place], told_now[place] if place < len(told_now) else None
    same = len(told) == len(told_now) and all(a == b for n, (a, b) in enumerate(zip(told, told_now, strict=True)) if n != place)
    cells = now[2] if now is not None else {}
    touched = set(addition.heads)
    first = first_free(before[place].rows)
    new = {(first + n, column) for n, row in enumerate(addition.rows) for column, content in row.items() if content != ""}
    rest = {place: cell for place, cell in cells.items() if place not in touched | new}
    kept = {place: cell for place, cell in old[2].items() if place not in touched}
    if not same or now is None or now[:2] != old[:2] or rest != kept or not (touched | new) <= cells.keys():
        raise StoreProblem("workbook_unreadable", {"reason": addition.tab}, passing=True)


def _told(sheet: RawSheet) -> tuple[str, bool, dict[tuple[int, int], object]]:
    return sheet.title, sheet.hidden, {(r, c): v for r, row in enumerate(sheet.rows) for c, v in enumerate(row) if v is not None}


def _put(path: Path, old: bytes, new: bytes) -> bool:
    """Put the new content in the place of the old in one step. False when the file is no longer what was read."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, name)
        if hasattr(os, "chown"):
            about = path.stat()
            with suppress(OSError):
                os.chown(name, about.st_uid, about.st_gid)
        if path.read_bytes() != old:
            return False
        os.replace(name, path)
        _settle(path.parent)
        return True
    except OSError as error:
        raise StoreProblem("workbook_busy", {"reason": error.strerror or type(error).__name__}, passing=True) from error
    finally:
        with suppress(OSError):
            os.unlink(name)


def _settle(folder: Path) -> None:
    """The new name survives a power cut, where the system can promise it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
