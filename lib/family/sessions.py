"""Who has come in with a code, and is still in. Kept in memory alone: a restart shows everybody out, and the slip lets them in again."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import threading
from dataclasses import dataclass

from lib.family.codes import Codes, Grant

_MOST = 20_000


@dataclass(slots=True)
class _Session:
    grant: str
    opened: dt.datetime
    used: dt.datetime


class Sessions:
    """token → grant. A token says nothing by itself; it ends after `idle` unused, after `longest` at the latest, and with its code."""

    def __init__(self, codes: Codes, idle: dt.timedelta, longest: dt.timedelta) -> None:
        self._codes, self._idle, self._longest = codes, idle, longest
        self._sessions: dict[str, _Session] = {}
        self._lock = threading.Lock()

    def open(self, grant: Grant, now: dt.datetime) -> str:
        """Begin a session; its token, 256 bits."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            for key in [key for key, session in self._sessions.items() if self._over(session, now)]:
                del self._sessions[key]
            while len(self._sessions) >= _MOST:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[_key(token)] = _Session(grant.id, now, now)
        return token

    def grant(self, token: str, now: dt.datetime, use: bool = True) -> Grant | None:
        """What the session opens now; None when it or its code has ended. `use` False only looks and does not prolong it."""
        with self._lock:
            session = self._sessions.get(_key(token))
            if session is None:
                return None
            found = None if self._over(session, now) else self._codes.get(session.grant, now.date())
            if found is None:
                del self._sessions[_key(token)]
            elif use:
                session.used = now
            return found

    def end(self, token: str) -> None:
        """The reader leaves."""
        with self._lock:
            self._sessions.pop(_key(token), None)

    def _over(self, session: _Session, now: dt.datetime) -> bool:
        return now - session.used > self._idle or now - session.opened > self._longest


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
