"""A draft: what the next edition of a period would say, with the checklist. Publishing it freezes exactly what was seen."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lib.model.indicator import Indicator
from lib.model.words import Words
from lib.publication import checklist, disclosure
from lib.publication.audit import audit
from lib.publication.cells import cells_of, public_indicators
from lib.publication.checklist import Check
from lib.publication.edition import PERIODS, Edition, Editions, plain_cells
from lib.publication.files import files_of
from lib.settings import ROOT, Settings, UserError
from lib.snapshot import Snapshots

AUDIENCE = "public"


@dataclass(frozen=True)
class Draft:
    """`edition` is None when there is nothing to show (no snapshot, no such year)."""

    checks: tuple[Check, ...]
    edition: Edition | None
    before: Edition | None = None

    @property
    def blocked(self) -> bool:
        return self.edition is None or checklist.blocked(self.checks)

    @cached_property
    def fingerprint(self) -> str:
        """Another one as soon as the draft would say anything else."""
        said = json.dumps(self.edition.plain if self.edition else None, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def draft(settings: Settings, school_year: str, period: str, day: dt.date) -> Draft:
    """The next edition of that period, drawn up on `day` from the current snapshot of the settings' store."""
    assert settings.store is not None
    if period not in PERIODS:
        raise UserError(f"--period: {period!r} was seen; an edition is of {', '.join(PERIODS)}")
    snapshots, editions = Snapshots(settings.store), Editions(settings.store)
    snapshot = snapshots.current()
    if snapshot is None:
        return Draft((checklist.nothing_collected(),), None)
    checks = checklist.before_disclosure(snapshot, settings, school_year, period, snapshots.looked())
    if "no_such_year" in checklist.by_code(checks):
        return Draft(tuple(checks), None)
    cells = cells_of(snapshot, settings, school_year, period)
    policy = disclosure.policy(AUDIENCE, settings)
    earlier = [editions.open(name).cells for name in editions.of(school_year)]
    shown = disclosure.protect(cells, settings, policy, earlier)
    checks += checklist.after_disclosure(cells, shown, audit(cells, shown, settings, policy, earlier))
    plain = {
        "edition": "",
        "school_year": school_year,
        "period": period,
        "number": editions.next_number(school_year, period),
        "published_on": day.isoformat(),
        "as_of": snapshot.as_of.isoformat(),
        "snapshot": snapshot.id,
        "method": method_version(settings),
        **_words(settings, {cell.indicator for cell in shown}),
        "cells": plain_cells(shown),
    }
    edition = Edition(plain | {"edition": Edition(plain).id})
    return Draft(tuple(checks), edition, editions.before(edition))


def publish(settings: Settings, seen: Draft, made_by: str, now: dt.datetime) -> Path:
    """Freeze the draft that somebody has seen and confirmed; the folder of the edition. UserError when anything stands against it."""
    assert settings.store is not None
    if seen.edition is None or seen.blocked:
        raise UserError("\n".join(check.text for check in seen.checks if check.blocking))
    editions = Editions(settings.store)
    with editions.publishing():
        return editions.freeze(seen.edition, files_of(seen.edition, seen.before), made_by, now)


def method_version(settings: Settings) -> str:
    """A name for the rules by which figures are counted: the configuration and the formulas. Other rules, another name."""
    digest = hashlib.sha256(settings.digest.encode())
    for path in sorted((ROOT / "lib" / "indicators").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _words(settings: Settings, codes: Iterable[str]) -> dict[str, Any]:
    """The words of everything that an edition speaks of, so that it can be read when the configuration has moved on."""
    wanted = set(codes)
    indicators = [indicator for indicator in public_indicators(settings) if indicator.code in wanted]
    directions = [settings.directions[name] for name in settings.directions if any(i.direction == name for i in indicators)]
    return {
        "school": _plain(settings.school_name),
        "directions": {
            d.id: {
                "numeral": d.numeral,
                "name": _plain(d.name),
                "short": _plain(d.short),
                "question": _plain(d.question),
                "headline": [code for code in d.headline if code in wanted],
            }
            for d in directions
        },
        "indicators": {i.code: _indicator(i, settings) for i in indicators},
        "stages": {key: _plain(words) for key, words in settings.stages.items()},
        "subjects": {key: _plain(subject.name) for key, subject in settings.subjects.items()},
    }


def _indicator(indicator: Indicator, settings: Settings) -> dict[str, Any]:
    return {
        "direction": indicator.direction,
        **{name: _plain(getattr(indicator, name)) for name in ("name", "formula", "numerator", "denominator", "method")},
        **{name: getattr(indicator, name) for name in ("unit", "scale", "decimals", "better", "target", "tolerance", "roll_up", "clause")},
        "tags": list(indicator.tags),
        "sources": [
            {"form": source.form, "title": _plain(settings.forms[source.form].title)} for source in indicator.sources
        ],
    }  # fmt: skip


def _plain(words: Words) -> dict[str, str]:
    return {"ky": words.ky, "ru": words.of("ru"), "en": words.of("en")}
