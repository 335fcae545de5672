"""The fault plan: what goes wrong, how often, and where; drawn from one seeded source so that a run can be made again."""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field
from typing import Any

from .accounts import unauthenticated
from .calls import exceeded
from .errors import ApiError, no_permission, no_such_file, no_such_spreadsheet, storage_exceeded

KINDS = (
    "429", "403_user_rate", "403_rate", "403_sharing_rate", "403_storage", "403_permission", "404", "408", "500", "502_html", "503",
    "timeout", "slow", "reset", "truncated", "truncated_json", "revoked", "trashed", "expired_token", "garbage",
)  # fmt: skip

LATE = frozenset({"500", "502_html", "503", "timeout", "reset", "truncated", "truncated_json", "garbage", "408"})
"""After these nobody knows whether a write happened."""

DEFAULT_ON = ("sheets_read", "sheets_write", "drive")


class PlanError(ValueError):
    """The plan cannot be read."""


@dataclass
class Rule:
    kind: str
    probability: float = 1.0
    on: tuple[str, ...] = DEFAULT_ON
    path: re.Pattern[str] | None = None
    file: str = ""
    after: int = 0
    times: int | None = None
    seconds: float = 3.0
    retry_after: int | None = None
    applied: bool | str = "random"
    seen: int = 0
    done: int = 0


@dataclass
class Fault:
    """What one call meets."""

    kind: str
    seconds: float
    retry_after: int | None
    applied: bool
    """Whether a write takes place before the answer is lost."""
    file: str
    """The file that the rule names; "" when it names none."""
    drawn: float
    """A share between 0 and 1, for choices within the fault."""


@dataclass
class FaultPlan:
    rules: list[Rule] = field(default_factory=list)
    chance: random.Random = field(default_factory=random.Random)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def read(cls, plan: dict[str, Any] | None, seed: int) -> FaultPlan:
        """The plan's own seed goes before the server's."""
        plan = plan or {}
        if not isinstance(plan, dict) or set(plan) - {"seed", "rules"}:
            raise PlanError(f"A fault plan is an object of seed and rules, not {plan!r}.")
        return cls([_rule(one) for one in plan.get("rules", [])], random.Random(plan.get("seed", seed)))

    def draw(self, kind: str, target: str, file: str, *, write: bool) -> Fault | None:
        """The fault, if any, that a call of this kind meets; the first rule that strikes decides."""
        with self._lock:
            for rule in self.rules:
                if kind not in rule.on or (rule.path and not rule.path.search(target)) or not self._about(rule, file, kind):
                    continue
                rule.seen += 1
                if rule.seen <= rule.after or (rule.times is not None and rule.done >= rule.times):
                    continue
                if self.chance.random() >= rule.probability:
                    continue
                rule.done += 1
                applied = self.chance.random() < 0.5 if rule.applied == "random" else bool(rule.applied)
                late = write and rule.kind in LATE and applied
                return Fault(rule.kind, rule.seconds, rule.retry_after, late, rule.file, self.chance.random())
        return None

    @staticmethod
    def _about(rule: Rule, file: str, kind: str) -> bool:
        """A rule about one file strikes calls on that file; revoked and trashed show in lists as well."""
        return not rule.file or rule.file == file or (rule.kind in {"revoked", "trashed"} and not file and kind == "drive")


_FIELDS = {"kind", "probability", "on", "path", "file", "after", "times", "seconds", "retry_after", "applied"}


def _rule(given: Any) -> Rule:
    if not isinstance(given, dict) or str(given.get("kind")) not in KINDS:
        raise PlanError(f"A rule needs a kind, one of {', '.join(KINDS)}; seen: {given!r}")
    if unknown := set(given) - _FIELDS:
        raise PlanError(f"A rule of kind {given['kind']} has no {', '.join(sorted(unknown))}; it may have {', '.join(sorted(_FIELDS))}.")
    on = given.get("on") or DEFAULT_ON
    return Rule(
        kind=str(given["kind"]),
        probability=float(given.get("probability", 1.0)),
        on=(on,) if isinstance(on, str) else tuple(on),
        path=re.compile(given["path"]) if given.get("path") else None,
        file=given.get("file") or "",
        after=int(given.get("after") or 0),
        times=None if given.get("times") is None else int(given["times"]),
        seconds=float(given.get("seconds", 3.0)),
        retry_after=given.get("retry_after"),
        applied=given.get("applied", "random"),
    )


def refused(kind: str, call: str, file: str) -> ApiError:
    """The error that a fault of this kind answers a call of kind `call` (sheets_read, sheets_write, drive) with."""
    drive = call == "drive"
    match kind:
        case "429":
            return ApiError(429, "Rate Limit Exceeded", "rateLimitExceeded", domain="usageLimits") if drive else exceeded(call)
        case "403_user_rate":
            return ApiError(
                403,
                "User Rate Limit Exceeded. Rate of requests for user exceed configured project quota.",
                "userRateLimitExceeded",
                domain="usageLimits",
            )
        case "403_rate":
            return ApiError(403, "Rate Limit Exceeded", "rateLimitExceeded", domain="usageLimits")
        case "403_sharing_rate":
            return ApiError(
                403, 'Rate limit exceeded. User message: "Sorry, you have exceeded your sharing quota."', "sharingRateLimitExceeded"
            )
        case "403_storage":
            return storage_exceeded()
        case "403_permission":
            return (
                ApiError(403, f"The user does not have sufficient permissions for file {file}.", "insufficientFilePermissions")
                if drive
                else no_permission()
            )
        case "404":
            return no_such_file(file) if drive else no_such_spreadsheet()
        case "408":
            return ApiError(408, "The request timed out.", "requestTimeout")
        case "500":
            return ApiError(500, "Internal Error" if drive else "Internal error encountered.", "internalError")
        case "503":
            return ApiError(503, "Transient failure" if drive else "The service is currently unavailable.", "backendError")
        case _:
            return unauthenticated()


HTML_502 = (
    b"<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 502 (Server Error)!!1</title>\n"
    b"  <p><b>502.</b> <ins>That\xe2\x80\x99s an error.</ins>\n"
    b"  <p>The server encountered a temporary error and could not complete your request.<p>"
    b"Please try again in 30 seconds.  <ins>That\xe2\x80\x99s all we know.</ins>\n</html>\n"
)
