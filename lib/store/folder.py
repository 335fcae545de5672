"""Workbooks in a folder and its sub-folders."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lib.store.base import Store, StoreProblem, WorkbookInfo
from lib.store.xlsx import MAX_FILE_BYTES, read_xlsx

READABLE = ".xlsx"
# Workbooks of kinds that are not read; each is named in an issue, so that nobody waits for its marks.
OTHER_KINDS = (".xls", ".xlsm", ".xlsb", ".ods")


@dataclass(frozen=True)
class FolderStore(Store):
    """All .xlsx files under `root`. Locks and leftovers of Excel (~$…) and LibreOffice (.~lock.…#) and hidden folders are passed by."""

    root: Path
    side_by_side: int = 2

    def workbooks(self) -> list[WorkbookInfo]:
        """Every workbook, sorted by name. The fingerprint is a digest of the content (of size and time for files too big to read)."""
        found = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for file in files:
                path = Path(folder, file)
                if file.startswith((".", "~$")) or path.suffix.lower() not in (READABLE, *OTHER_KINDS):
                    continue
                found.append(WorkbookInfo(path.relative_to(self.root).as_posix(), _fingerprint(path), str(path)))
        return sorted(found, key=lambda info: info.name)

    def fetch(self, name: str) -> bytes:
        """The file's bytes. Raises StoreProblem; ValueError for a name that leads out of the folder."""
        inside = PurePosixPath(name)
        if inside.is_absolute() or ".." in inside.parts:
            raise ValueError("a workbook's name is a path inside the store")
        path = self.root / inside
        if path.suffix.lower() != READABLE:
            raise StoreProblem("workbook_old_kind", {"kind": path.suffix.lower()})
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                size, limit = path.stat().st_size // 2**20, MAX_FILE_BYTES // 2**20
                raise StoreProblem("workbook_too_big", {"seen": f"{size} MB", "limit": f"{limit} MB"})
            return path.read_bytes()
        except OSError as error:
            raise StoreProblem("workbook_unreadable", {"reason": error.strerror or type(error).__name__}) from error

    sheets = staticmethod(read_xlsx)

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
