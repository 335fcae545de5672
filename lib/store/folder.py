"""Workbooks in a folder and its sub-folders."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lib.store.base import Store, StoreProblem, WorkbookInfo
from lib.store.text import TEXTS, read_file
from lib.store.xlsx import MAX_FILE_BYTES

READABLE = (".xlsx", *TEXTS)
OWN_TEMPLATES = "templates"  # the folder of the school's own templates of documents: nothing in it is data
# Workbooks of kinds that are not read; each is named in an issue, so that nobody waits for its marks.
OTHER_KINDS = (".xls", ".xlsm", ".xlsb", ".ods")


@dataclass(frozen=True)
class FolderStore(Store):
    """All .xlsx, .csv and .tsv files under `root`.

    Locks and leftovers of Excel (~$…) and LibreOffice (.~lock.…#), hidden folders and the folder of the school's own templates are passed
    by.
    """

    root: Path
    side_by_side: int = 2

    def workbooks(self) -> list[WorkbookInfo]:
        """Every workbook, sorted by name. The fingerprint is a digest of the content (of size and time for files too big to read)."""
        found = []
        for folder, folders, files in os.walk(self.root):
            at_top = Path(folder) == self.root
            folders[:] = [name for name in folders if not name.startswith(".") and not (at_top and name == OWN_TEMPLATES)]
            for file in files:
                path = Path(folder, file)
                if file.startswith((".", "~$")) or path.suffix.lower() not in (*READABLE, *OTHER_KINDS):
                    continue
                name = path.relative_to(self.root).as_posix()
                found.append(WorkbookInfo(name, _fingerprint(path), str(path), changed_at=_changed_at(path)))
        return sorted(found, key=lambda info: info.name)

    def fetch(self, name: str) -> bytes:
        """The file's bytes. Raises StoreProblem; ValueError for a name that leads out of the folder."""
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts:
            raise ValueError("a workbook's name is a path inside the store")
        path = self.root / inside
        if path.suffix.lower() not in READABLE:
            raise StoreProblem("workbook_old_kind", {"kind": path.suffix.lower()})
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                size, limit = path.stat().st_size // 2**20, MAX_FILE_BYTES // 2**20
                raise StoreProblem("workbook_too_big", {"seen": f"{size} MB", "limit": f"{limit} MB"})
            return path.read_bytes()
        except OSError as error:
            raise StoreProblem("workbook_unreadable", {"reason": error.strerror or type(error).__name__}) from error

    sheets = staticmethod(read_file)

    def missed(self, info: WorkbookInfo) -> StoreProblem | None:
        """A file that is gone was taken out."""
        return None


def _fingerprint(path: Path) -> str:
    try:
        about = path.stat()
        if about.st_size > MAX_FILE_BYTES:
            return f"{about.st_size}-{about.st_mtime_ns}"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError as error:
        return f"unreadable-{error.errno}"


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
