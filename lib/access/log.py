"""Who came in, who was refused, who opened a pupil's page: <desk>/access.log, one line of JSON each.

No name, e-mail or code stands in it. A person is a keyed hash: the same person gives the same mark, and without <desk>/access.key,
which never leaves the desk, a mark leads to nobody.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from lib.access.roles import Viewer

NAME, KEY = "access.log", "access.key"
LARGEST, KEPT = 1_000_000, 5  # bytes of one file; files beside the newest


def signed_in(desk: Path, at: dt.datetime, viewer: Viewer) -> None:
    """A person of the staff, or of a family, has come in."""
    _write(desk, at, "sign-in", viewer, who=viewer.person.email if viewer.person else "")


def refused(desk: Path, at: dt.datetime, viewer: Viewer, why: str, page: str = "", who: str = "") -> None:
    """Somebody was refused: `why` is a code, `who` what they said of themselves (an e-mail, a code); only its mark is kept."""
    _write(desk, at, "refused", viewer, page, why, who or (viewer.person.email if viewer.person else ""))


def opened(desk: Path, at: dt.datetime, viewer: Viewer, page: str, pupil: str = "") -> None:
    """A pupil's page was opened: by whom, and (as a mark) whose it is."""
    _write(desk, at, "pupil page", viewer, page, who=viewer.person.email if viewer.person else "", pupil=pupil)


def mark(desk: Path, text: str) -> str:
    """The mark of a person in this desk's log: always the same, and no way back."""
    return hmac.new(_key(desk), text.encode(), hashlib.sha256).hexdigest()[:16] if text else ""


def _write(desk: Path, at: dt.datetime, event: str, viewer: Viewer, page: str = "", why: str = "", who: str = "", pupil: str = "") -> None:
    said = {
        "at": at.isoformat(timespec="seconds"), "event": event, "roles": sorted(viewer.roles), "demo": viewer.demo,
        "page": page, "why": why, "who": mark(desk, who), "pupil": mark(desk, pupil),
    }  # fmt: skip
    line = json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False) + "\n"
    file = desk / NAME
    with FileLock(desk / f"{NAME}.lock", timeout=5):
        if file.exists() and file.stat().st_size + len(line.encode()) > LARGEST:
            _turn_over(file)
        with open(file, "a", encoding="utf-8", opener=_private) as stream:
            stream.write(line)


def _turn_over(file: Path) -> None:
    """access.log → access.log.1 → … ; the oldest goes."""
    names = [file, *(file.with_name(f"{file.name}.{n}") for n in range(1, KEPT + 1))]
    for older, newer in zip(reversed(names[1:]), reversed(names[:-1]), strict=True):
        with suppress(FileNotFoundError):
            os.replace(newer, older)


def _key(desk: Path) -> bytes:
    """The desk's key, made with the first line and readable by its owner alone."""
    file = desk / KEY
    with suppress(FileNotFoundError):
        return bytes.fromhex(file.read_text(encoding="ascii"))
    desk.mkdir(parents=True, exist_ok=True)
    with FileLock(desk / f"{KEY}.lock", timeout=5):
        if not file.exists():
            new = file.with_name(f"{KEY}.new")
            with open(new, "w", encoding="ascii", opener=_private) as stream:
                stream.write(secrets.token_hex(32))
            os.replace(new, file)
    return bytes.fromhex(file.read_text(encoding="ascii"))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
