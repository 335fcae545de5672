"""Personal codes. A code is shown once, on a slip; what is kept is its hash and what it opens.

A code is 26 letters and digits drawn at random, 130 bits, and two more that tell a slip of the pen. Its hash is a plain SHA-256: slow
hashes protect what people think up, and nobody finds 130 random bits by trying, however fast the hash; a fast one can be looked up
directly, and cannot be used to keep the server busy.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.settings.ledger import Ledger

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
RANDOM, CHECK, GROUP = 26, 2, 4
BITS = RANDOM * 5
_LONGEST = 400  # characters of what may be pasted
_KEPT_DAYS = 400  # how long a code that no longer opens anything is remembered, to be counted
# What the eye or a Cyrillic keyboard makes of those letters.
_LOOK_ALIKES = {ord("O"): "0", ord("I"): "1", ord("L"): "1"} | dict(
    zip((0x410, 0x412, 0x415, 0x41A, 0x41C, 0x41D, 0x41E, 0x420, 0x421, 0x422, 0x423, 0x425), "ABEKMH0PCTYX", strict=True)
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code opens until the day `until`: the page of one pupil, or, where `pupil` is "", the summary of a class alone.

    id: the code's hash. `school_class`: the class for which the code was given.
    """

    id: str
    pupil: str
    school_class: str
    given: dt.datetime
    until: dt.date
    revoked: bool = False

    def opens(self, today: dt.date) -> bool:
        """Whether the code is good on that day."""
        return not self.revoked and today <= self.until


class Codes:
    """The codes of a school, in the file codes.json. Nothing in it can be turned back into a code."""

    def __init__(self, folder: Path) -> None:
        self._ledger = Ledger(folder / "codes.json")

    def give(self, made: Mapping[str, str], school_class: str, now: dt.datetime, until: dt.date) -> None:
        """From now on these codes open what they are for: pupil → code ("" for the class itself). Earlier codes of the same ones end."""
        with self._ledger.changing() as plain:
            kept = {key: row for key, row in plain.items() if now.date() - dt.date.fromisoformat(row["until"]) < dt.timedelta(_KEPT_DAYS)}
            for row in kept.values():
                if row["pupil"] in made and (row["pupil"] or row["school_class"] == school_class):
                    _end(row, now)
            for pupil, code in made.items():
                kept[digest(code)] = {
                    "pupil": pupil, "school_class": school_class, "given": now.isoformat(timespec="seconds"),
                    "until": until.isoformat(), "revoked": "",
                }  # fmt: skip
            plain.clear()
            plain.update(kept)

    def revoke(self, now: dt.datetime, school_class: str = "", pupils: Collection[str] = ()) -> int:
        """End the codes given for a class, and those of the named pupils; how many were good until now."""
        with self._ledger.changing() as plain:
            hit = [row for row in plain.values() if not row["revoked"] and (
                (school_class and row["school_class"] == school_class) or (row["pupil"] and row["pupil"] in pupils))]  # fmt: skip
            for row in hit:
                _end(row, now)
        return len(hit)

    def find(self, typed: str, today: dt.date) -> Grant | None:
        """What a typed or pasted code opens on that day; None for a wrong, ended or mistyped one."""
        code = normal(typed)
        return self.get(digest(code), today) if well_formed(code) else None

    def get(self, grant_id: str, today: dt.date) -> Grant | None:
        """What the code with that hash opens on that day; None when it opens nothing (any more)."""
        row = self._ledger.read().get(grant_id)
        grant = _grant(grant_id, row) if row else None
        return grant if grant is not None and grant.opens(today) else None

    def all(self) -> list[Grant]:
        """Every code that was given, also those that have ended."""
        return [_grant(key, row) for key, row in self._ledger.read().items()]


def new_code() -> str:
    """A code as it is printed: seven groups of four."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    whole = drawn + _check(drawn)
    return "-".join(whole[start : start + GROUP] for start in range(0, len(whole), GROUP))


def normal(typed: str) -> str:
    """What was meant: of a pasted link the part behind #; capitals, without dashes and spaces, look-alikes put right."""
    text = typed[:_LONGEST].rpartition("#")[2].upper().translate(_LOOK_ALIKES)
    return "".join(letter for letter in text if letter.isalnum())


def well_formed(code: str) -> bool:
    """Whether it can be a code at all: the right letters, and check letters that fit."""
    right = len(code) == RANDOM + CHECK and set(code) <= set(ALPHABET)
    return right and code[RANDOM:] == _check(code[:RANDOM])


def digest(code: str) -> str:
    """The hash under which a code is kept."""
    return hashlib.sha256(normal(code).encode()).hexdigest()


def _check(drawn: str) -> str:
    number = int.from_bytes(hashlib.sha256(drawn.encode()).digest()[:4], "big")
    return ALPHABET[number % 32] + ALPHABET[number // 32 % 32]


def _end(row: dict[str, Any], now: dt.datetime) -> None:
    row["revoked"] = row["revoked"] or now.isoformat(timespec="seconds")


def _grant(key: str, row: dict[str, Any]) -> Grant:
    given, until = dt.datetime.fromisoformat(row["given"]), dt.date.fromisoformat(row["until"])
    return Grant(key, row["pupil"], row["school_class"], given, until, bool(row["revoked"]))
