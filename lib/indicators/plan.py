"""What the formulas come to, remembered: the SQL of every indicator, and the tables that it reads.

Building the queries of all formulas takes narwhals some two seconds. They depend on the code and the configuration alone: they are built
over a school without records, for a day that is written into them when they are run. A formula that must see data before it can say
its query (Data.look) is not remembered, nor is one that reads a table made so; only the forms that decide its values are.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from lib.indicators.formulas import unit_query
from lib.indicators.relations import Data
from lib.settings import Settings

# What compute itself reads beside the contributions: where pupils are and which periods there are decides what is missing.
GROUND = ("classes", "grades", "periods")
_ANY_DAY = dt.date(9999, 12, 30)  # stands for as_of: no other date of a query can be it
_KEPT_PLANS = 4
_READS = re.compile(r'\b(?:FROM|JOIN)\s+"?(\w+)')


@dataclass(frozen=True)
class Plan:
    """`queries`: indicator → SQL of its contributions. `tables`: name → SQL, in the order of making. `forms`: indicator → the forms (and
    "completeness") whose records decide its values; also for the formulas without a query here."""

    queries: Mapping[str, str]
    tables: Mapping[str, str]
    forms: Mapping[str, list[str]]

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> Plan:
        """The plan of a configuration, as remembered in `folder`, else made and remembered there."""
        path = folder / f"{hashlib.sha256(f'{settings.digest} {_code()}'.encode()).hexdigest()[:24]}.json"
        with contextlib.suppress(OSError, ValueError, TypeError):
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        plan = _made(settings)
        with contextlib.suppress(OSError):  # a place that may not be written costs time, nothing else
            folder.mkdir(parents=True, exist_ok=True)
            new = path.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps(asdict(plan), ensure_ascii=False), encoding="utf-8")
            os.replace(new, path)
            for old in sorted(folder.glob("*.json"), key=lambda kept: kept.stat().st_mtime)[:-_KEPT_PLANS]:
                old.unlink(missing_ok=True)
        return plan

    def query(self, code: str, as_of: dt.date) -> str:
        """The query of an indicator's contributions on that day."""
        return self.queries[code].replace(_ANY_DAY.isoformat(), as_of.isoformat())

    def steps(self, codes: Iterable[str]) -> dict[str, set[str]]:
        """Everything to be made for these indicators: a table or an indicator → the tables that it reads itself."""
        found = {code: _named_in(self.queries[code], self.tables) for code in codes}
        waiting = (self.tables.keys() & GROUND).union(*found.values())
        while waiting:
            name = waiting.pop()
            found[name] = _named_in(self.tables[name], self.tables) - {name}
            waiting |= found[name] - found.keys()
        return found

    def make(self, name: str, data: Data) -> None:
        """Make one of `tables`, after those that it reads."""
        data.recall(name, self.tables[name].replace(_ANY_DAY.isoformat(), data.as_of.isoformat()))

    def value_keys(self, data: Data, contents: Mapping[str, str], codes: Iterable[str]) -> dict[str, str]:
        """indicator of `codes` → a digest of everything its values depend on; equal digests, equal values.

        `contents`: form id, and "completeness" → digest of the records.
        """
        about = f"{data.settings.digest} {data.as_of} {_code()} {data.school_year_ids}"
        keys = {}
        for code in codes:
            said = " ".join(f"{name}={contents.get(name, '')}" for name in self.forms[code])
            keys[code] = hashlib.sha256(f"{about} {code} {said}".encode()).hexdigest()[:24]
        return keys


def _made(settings: Settings) -> Plan:
    data = Data({}, settings, _ANY_DAY)
    data.need(*GROUND)
    queries: dict[str, str] = {}
    forms: dict[str, list[str]] = {}
    looked_for: dict[str, set[str]] = {}  # table made after a look at data → the forms that were looked into
    for code, indicator in settings.all_indicators.items():
        before = set(data.tables)
        query = unit_query(indicator, data)
        looked, data.looked = data.looked, set()
        for name in _named_in(query, looked_for):
            looked |= looked_for[name]
        forms[code] = sorted(_deciding(query, data) | looked)
        if looked:
            made = {name for name in data.tables if name not in before and not data.is_standing(name)}
            looked_for |= dict.fromkeys(made, looked)
        else:
            queries[code] = query
    return Plan(queries, {name: query for name, query in data.tables.items() if name not in looked_for}, forms)


def _deciding(query: str, data: Data) -> set[str]:
    """The forms, and "completeness", that a query and the tables of places go back to."""
    known: set[str] = set()
    waiting = {*GROUND, *_named_in(query, data.tables)}
    while waiting:
        known.add(name := waiting.pop())
        waiting |= _named_in(data.tables[name], data.tables) - known
    return known & {*data.settings.forms, "completeness"}


def _named_in(query: str, tables: Collection[str]) -> set[str]:
    """The tables that a query reads."""
    return set(_READS.findall(query)) & set(tables)


@cache
def _code() -> str:
    digest = hashlib.sha256(f"{version('narwhals')} {version('duckdb')}".encode())
    for room in ("indicators", "settings", "model"):
        for path in sorted((Path(__file__).parents[1] / room).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
