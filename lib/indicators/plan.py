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
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

from lib.indicators.relations import Data

_KEPT_PLANS = 4
_PLACES = ("classes", "grades", "periods")  # what compute itself reads beside the contributions
_WORD = re.compile(r"\w+")


class Plan:
    """The queries of one configuration and day. `folder` None: nothing is remembered."""

    def __init__(self, data: Data, folder: Path | None) -> None:
        self._data = data
        self._path = folder / f"{_digest(data)}.json" if folder else None
        self._units: dict[str, str] = {}
        self._told: Mapping[str, str] = {}
        self._tables: dict[str, str] = {}
        self._known: dict[str, list[str]] = {}
        self._tainted: dict[str, set[str]] = {}  # tables made of looks at data → the forms that were looked into
        self._forms: dict[str, list[str]] = {}  # formula → the forms (and "completeness") whose records decide its values
        if self._path is not None and self._path.is_file():
            with contextlib.suppress(ValueError, KeyError):
                plain = json.loads(self._path.read_text(encoding="utf-8"))
                self._units = dict(plain["units"])
                self._tables = dict(plain["tables"])
                self._told = self._units.copy()
                self._forms = dict(plain["forms"])
                self._known = self._forms.copy()

    def query(self, code: str) -> str | None:
        """The remembered query of a formula, after the tables that it reads were made."""
        query = self._told.get(code)
        if query is not None:
            for name in _read_by(query, self._tables):
                self._data.recall(name, self._tables[name])
        return query

    def forms(self, code: str) -> frozenset[str] | None:
        """The forms (and "completeness") whose records decide the values of a formula; None when that is not remembered.

        Where the pupils are and which periods there are decides what is missing, so the tables of places count for every formula.
        """
        return frozenset(self._known[code]) if code in self._known else None

    def _deciding(self, query: str, tables: Mapping[str, str]) -> frozenset[str]:
        read = " ".join(tables[name] for name in _read_by(f"{query} {' '.join(_PLACES)}", tables))
        words = set(_WORD.findall(f"{query} {read}"))
        found = {form for form in self._data.settings.forms if form in words or f"records_of_{form}" in words}
        return frozenset(found | ({"completeness"} if "completeness" in words else set()))

    def remember(self, code: str, query: str, before: set[str]) -> None:
        """Keep a query that was just built; `before`: the tables that stood before it was."""
        made = {name for name in self._data.tables if name not in before and not self._data.is_standing(name)}
        looked, self._data.looked = self._data.looked, set()
        words = set(_WORD.findall(query))
        for name in self._tainted.keys() & words:
            looked |= self._tainted[name]
        self._forms[code] = sorted(self._deciding(query, {**self._tables, **self._data.tables}) | looked)
        if not looked:
            self._units[code] = query
            return
        self._tainted |= dict.fromkeys(made, looked)

    def save(self) -> None:
        """Write the plan, if it says more than before, and let the oldest plans go."""
        if self._path is None or (self._units.keys() == self._told.keys() and self._forms == self._known):
            return
        made = {**self._tables, **self._data.tables}
        tables = [(name, query) for name, query in made.items() if name not in self._tainted]
        plain = json.dumps({"units": self._units, "tables": tables, "forms": self._forms}, ensure_ascii=False)
        with contextlib.suppress(OSError):  # a place that may not be written costs time, nothing else
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = self._path.with_suffix(f".{os.getpid()}")
            new.write_text(plain, encoding="utf-8")
            os.replace(new, self._path)
            plans = sorted(self._path.parent.glob("*.json"), key=lambda path: path.stat().st_mtime)
            for old in plans[:-_KEPT_PLANS]:
                old.unlink(missing_ok=True)


def _read_by(query: str, tables: Mapping[str, str]) -> list[str]:
    """The tables that a query reads, directly or through others, in the order in which they were made."""
    found: set[str] = set()
    waiting = [query]
    while waiting:
        for name in set(_WORD.findall(waiting.pop())) & tables.keys() - found:
            found.add(name)
            waiting.append(tables[name])
    return [name for name in tables if name in found]


def _digest(data: Data) -> str:
    said = f"{data.settings.digest} {data.as_of} {_code()} {sorted(data.forms_with_records)} {data.school_year_ids}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]


@cache
def _code() -> str:
    digest = hashlib.sha256(f"{version('narwhals')} {version('duckdb')}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def value_keys(data: Data, contents: Mapping[str, str], plans: Path) -> dict[str, str]:
    """indicator → a digest of everything its values depend on; equal digests, equal values.

    `contents`: form id, and "completeness" → digest of the records. Formulas whose forms are not remembered are left out.
    """
    plan = Plan(data, plans)
    about = _digest(data)
    keys = {}
    for code in data.settings.all_indicators:
        forms = plan.forms(code)
        if forms is not None:
            said = " ".join(f"{name}={contents.get(name, '')}" for name in sorted(forms))
            keys[code] = hashlib.sha256(f"{about} {code} {said}".encode()).hexdigest()[:24]
    return keys
