"""The log of what arrived, and the quota that is reckoned from arrivals."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .errors import ERROR_INFO, ApiError

PROJECT = "603366585132"
WINDOW = 60.0


@dataclass(slots=True)
class Call:
    """One request: `time` is time.monotonic() at its arrival; status 0 until it is answered, and for ever when it never was."""

    time: float
    method: str
    path: str
    """As sent, with its query."""
    kind: str
    """sheets_read, sheets_write, drive, token or other."""
    user: str = ""
    status: int = 0
    fault: str = ""
    """The kind of fault that was put in its way."""


class CallLog:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def add(self, call: Call) -> Call:
        with self._lock:
            self._calls.append(call)
        return call

    def all(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    def reset(self) -> None:
        with self._lock:
            self._calls = []

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(call) for call in self.all()]


def most_in_window(times: Iterable[float], seconds: float) -> int:
    """The highest number of moments within any stretch of that length."""
    ordered = sorted(times)
    return max((bisect_right(ordered, start + seconds) - at for at, start in enumerate(ordered)), default=0)


class Quota:
    """So many Sheets reads and as many writes in any minute for one user, five times as many for the project.

    Refused calls do not count.
    """

    def __init__(self) -> None:
        self._let_through: dict[tuple[str, str], deque[float]] = {}

    def check(self, kind: str, user: str, now: float, limit: int | None) -> None:
        """Raises the 429 that Google gives; else counts the call."""
        if limit is None or kind not in {"sheets_read", "sheets_write"}:
            return
        own, project = self._recent((kind, user), now), self._recent((kind, ""), now)
        if len(own) >= limit:
            raise exceeded(kind, limit, per_user=True)
        if len(project) >= 5 * limit:
            raise exceeded(kind, 5 * limit, per_user=False)
        own.append(now)
        project.append(now)

    def _recent(self, key: tuple[str, str], now: float) -> deque[float]:
        times = self._let_through.setdefault(key, deque())
        while times and times[0] <= now - WINDOW:
            times.popleft()
        return times


def exceeded(kind: str, limit: int = 60, *, per_user: bool = True) -> ApiError:
    """The refusal of a Sheets call over quota."""
    word = "Write" if kind == "sheets_write" else "Read"
    name = f"{word} requests per minute" + (" per user" if per_user else "")
    message = (
        f"Quota exceeded for quota metric '{word} requests' and limit '{name}' of service 'sheets.googleapis.com' "
        f"for consumer 'project_number:{PROJECT}'."
    )
    metadata = {
        "quota_limit_value": str(limit),
        "service": "sheets.googleapis.com",
        "quota_unit": "1/min/{project}/{user}" if per_user else "1/min/{project}",
        "quota_limit": f"{word}RequestsPerMinutePer{'User' if per_user else 'Project'}",
        "consumer": f"projects/{PROJECT}",
        "quota_metric": f"sheets.googleapis.com/{word.lower()}_requests",
        "quota_location": "global",
    }
    links = [{"description": "Request a higher quota limit.", "url": "https://cloud.google.com/docs/quotas/help/request_increase"}]
    details: list[dict[str, Any]] = [
        {"@type": ERROR_INFO, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com", "metadata": metadata},
        {"@type": "type.googleapis.com/google.rpc.Help", "links": links},
    ]
    return ApiError(429, message, "rateLimitExceeded", domain="usageLimits", details=details)
