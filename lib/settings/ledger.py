"""One small JSON file in the desk: read again only when it changed, changed under a lock, replaced in one step."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lib.settings.document import UserError

_PATIENCE = 20.0  # seconds to wait for another process that writes


class Ledger:
    """A mapping kept in a file that only this account may read. Several processes may change it: each change is whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int, int] | None = None
        self._plain: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        """What stands in the file now; {} before the first change. Do not alter it: `changing` is for that."""
        try:
            about = self.path.stat()
        except FileNotFoundError:
            return {}
        stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
        if stamp != self._seen:
            self._plain, self._seen = self._load(), stamp
        return self._plain

    @contextmanager
    def changing(self) -> Iterator[dict[str, Any]]:
        """The mapping to alter; written when the block ends well, left as it was when it raises."""
        private_folder(self.path.parent)
        try:
            with FileLock(self.path.with_suffix(".lock"), timeout=_PATIENCE):
                plain = self._load() if self.path.exists() else {}
                yield plain
                write_private(self.path, json.dumps(plain, ensure_ascii=False, indent=1).encode())
        except Timeout:
            raise UserError(f"{self.path.name}: another program has been writing it for {_PATIENCE:.0f} s; try again") from None

    def _load(self) -> dict[str, Any]:
        try:
            plain = json.loads(self.path.read_text(encoding="utf-8"))
        except ValueError:
            plain = None
        if not isinstance(plain, dict):
            raise UserError(f"{self.path}: this is no file of ours any more. Put back a copy, or delete it and begin anew.")
        return plain


def private_folder(folder: Path) -> None:
    """Make the folder, for this account alone."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step; from its first byte on it may be read by this account alone."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
