"""Nobody may try codes for long: after a few wrong ones an address waits, each time longer; so does everybody together.

The counts lie in a file, so that a restart forgives nothing. An address stands there as a keyed hash, for a day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.settings.ledger import Ledger, write_private

_EVERYBODY = "everybody"
_MOST_PLACES = 2000


@dataclass(frozen=True, slots=True)
class Limits:
    """`tries` wrong codes from one address, `all_tries` from everybody, within `window` seconds; then a wait of `first_wait` seconds that
    doubles up to `longest_wait` and is forgotten after `forget` quiet seconds."""

    tries: int
    all_tries: int
    window: int
    first_wait: int
    longest_wait: int
    forget: int


class Limiter:
    """Counts attempts. An attempt is counted when it begins, so that many at once are no way around; a right one is taken back."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._ledger = Ledger(folder / "attempts.json")
        self._key_file = folder / "key"
        self._limits = limits

    def begin(self, address: str, now: dt.datetime) -> int:
        """Count an attempt; the seconds to wait instead, 0 when it may go on."""
        at = now.timestamp()
        with self._ledger.changing() as plain:
            place = self._place(address)
            self._forget(plain, at)
            for name, most in ((place, self._limits.tries), (_EVERYBODY, self._limits.all_tries)):
                if (left := self._left(plain.get(name), most, at)) > 0:
                    return left
            for name in (place, _EVERYBODY):
                plain.setdefault(name, {"wrong": [], "waits": 0, "until": 0.0})["wrong"].append(at)
        return 0

    def right(self, address: str, now: dt.datetime) -> None:
        """The attempt that began at `now` was a right code: it does not count. Wrong ones before it still do."""
        with self._ledger.changing() as plain:
            for name in (self._place(address), _EVERYBODY):
                if name in plain and now.timestamp() in plain[name]["wrong"]:
                    plain[name]["wrong"].remove(now.timestamp())

    def _left(self, row: dict[str, Any] | None, most: int, at: float) -> int:
        """Seconds that this row still has to wait; too many attempts begin a wait."""
        if row is None:
            return 0
        if len(row["wrong"]) >= most:
            wait = min(self._limits.longest_wait, self._limits.first_wait * 2 ** row["waits"])
            row.update(wrong=[], waits=row["waits"] + 1, until=at + wait)
        return max(0, int(-(-(row["until"] - at) // 1)))

    def _forget(self, plain: dict[str, Any], at: float) -> None:
        for name, row in list(plain.items()):
            row["wrong"] = [when for when in row["wrong"] if at - when < self._limits.window]
            if not row["wrong"] and at - row["until"] > self._limits.forget:
                del plain[name]
        for name in list(plain)[: max(0, len(plain) - _MOST_PLACES)]:
            if name != _EVERYBODY:
                del plain[name]

    def _place(self, address: str) -> str:
        return hmac.new(self._key(), network(address).encode(), hashlib.sha256).hexdigest()[:32]

    def _key(self) -> bytes:
        """Made with the first attempt; asked for under the ledger's lock alone, so that two beginners make one."""
        if not self._key_file.exists():
            write_private(self._key_file, secrets.token_bytes(32))
        return self._key_file.read_bytes()


def network(address: str) -> str:
    """The address as one household has it: an IPv4 address, or the first half of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
