"""Remembers the SQL that the formulas came to, so that a collect does not build it anew.

Building the queries of all formulas takes narwhals some two seconds; they depend on the code, the configuration and the day alone,
not on the school's data. A plan is kept under a digest of exactly these. A formula that looked at data while it was built
(Data.look) is never remembered, nor is one that uses a table made so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from lib.indicators.relations import Data

_KEPT_PLANS = 4


class Plan:
    """The queries of one configuration and day. `folder` None: nothing is remembered."""

    def __init__(self, data: Data, folder: Path | None) -> None:
        self._data = data
        self._path = folder / f"{_digest(data)}.json" if folder else None
        self._units: dict[str, str] = {}
        self._told: Mapping[str, str] = {}
        self._tainted: set[str] = set()
        if self._path is not None and self._path.is_file():
            with contextlib.suppress(ValueError, KeyError):
                plain = json.loads(self._path.read_text(encoding="utf-8"))
                self._units, tables = dict(plain["units"]), plain["tables"]
                self._told = self._units.copy()
                for name, query in tables:
                    data.recall(name, query)

    def query(self, code: str) -> str | None:
        """The remembered query of a formula."""
        return self._told.get(code)

    def remember(self, code: str, query: str, before: set[str]) -> None:
        """Keep a query that was just built; `before`: the tables that stood before it was."""
        if self._data.looked:
            self._data.looked = False
            self._tainted |= set(self._data.tables) - before
        elif not any(f'"{name}"' in query or f" {name}" in query for name in self._tainted):
            self._units[code] = query

    def save(self) -> None:
        """Write the plan, if it says more than before, and let the oldest plans go."""
        if self._path is None or self._units.keys() == self._told.keys():
            return
        tables = [(name, query) for name, query in self._data.tables.items() if name not in self._tainted]
        plain = json.dumps({"units": self._units, "tables": tables}, ensure_ascii=False)
        with contextlib.suppress(OSError):  # a place that may not be written costs time, nothing else
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_suffix(f".{os.getpid()}")
            new.write_text(plain, encoding="utf-8")
            os.replace(new, self._path)
            plans = sorted(self._path.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
            for old in plans[:-_KEPT_PLANS]:
                old.unlink(missing_ok=True)


def _digest(data: Data) -> str:
    said = f"{data.settings.digest} {data.as_of} {_code()} {sorted(data.forms_with_records)}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]


@cache
def _code() -> str:
    digest = hashlib.sha256(f"{version('narwhals')} {version('duckdb')}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
