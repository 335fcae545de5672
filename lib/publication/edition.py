"""Editions: what was published, frozen. Each lies in a folder of its own in the desk and is never written again.

Layout: <desk>/editions/<school year>-<period>-<number>/{data.csv, data.json, index.html, report.pdf, report.ru.pdf, frozen.json}.
data.json says everything that the edition says, words included: pages and later editions read it and nothing else. frozen.json stays in
the desk: who published it, when, and the digests by which a changed file is found.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lib.i18n import gettext as _
from lib.model.calendar import HALF_YEARS, QUARTERS, YEAR
from lib.model.indicator import Indicator
from lib.model.words import Words
from lib.publication.disclosure import Shown
from lib.settings import Place, UserError, desk_of

PERIODS = (*QUARTERS, *HALF_YEARS, YEAR)
DATA = "data.json"
_FROZEN = "frozen.json"
_NAME = re.compile(r"(\d{4}-\d{4})-(Q[1-4]|H[12]|Y)-([1-9]\d*)$")


@dataclass(frozen=True)
class Edition:
    """One edition, published or still a draft. `plain` is what data.json holds; lib.publication.draft makes it."""

    plain: Mapping[str, Any]

    @property
    def id(self) -> str:
        return f"{self.school_year}-{self.period}-{self.number}"

    @property
    def school_year(self) -> str:
        return str(self.plain["school_year"])

    @property
    def period(self) -> str:
        return str(self.plain["period"])

    @property
    def number(self) -> int:
        return int(self.plain["number"])

    @property
    def day(self) -> dt.date:
        """The day of publication."""
        return dt.date.fromisoformat(self.plain["published_on"])

    @property
    def as_of(self) -> dt.date:
        """The day that the figures speak of."""
        return dt.date.fromisoformat(self.plain["as_of"])

    @cached_property
    def cells(self) -> list[Shown]:
        """Everything that was published, hidden parts absent."""
        return [Shown(**row) for row in self.plain["cells"]]

    @cached_property
    def _by_place(self) -> dict[tuple[str, str, str], Shown]:
        return {(cell.indicator, cell.cut, cell.group): cell for cell in self.cells}

    def cell(self, indicator: str, cut: str = "school", group: str = "") -> Shown | None:
        """What was published of one indicator (an edition holds one period of each)."""
        return self._by_place.get((indicator, cut, group))

    def indicator(self, code: str) -> Indicator:
        """The indicator as it was when published, as far as printing and judging a figure needs it."""
        plain = self.plain["indicators"][code]
        told: dict[str, Any] = {name: Words(**plain[name]) for name in ("name", "formula", "numerator", "denominator", "method")}
        same = ("direction", "unit", "scale", "decimals", "better", "target", "tolerance", "roll_up", "clause")
        return Indicator(
            code=code, **told, **{name: plain[name] for name in same}, tags=tuple(plain["tags"]), visibility="PUB", part="", periods=(),
            by=(), denominator_by=(), breakdown="", grades=(), marked_only=False, core=False, filled_by="", sources=(),
        )  # fmt: skip

    def words(self, *place: str) -> Words:
        """Words of the edition: words("school"), words("indicators", "D1.02", "name")."""
        found: Any = self.plain
        for name in place:
            found = found[name]
        return Words(**found)


class Editions:
    """The published editions of one store."""

    def __init__(self, store: Place) -> None:
        self.folder = desk_of(store) / "editions"

    def ids(self) -> list[str]:
        """All editions in the order of time: school year, then the period's end, then number."""
        if not self.folder.is_dir():
            return []
        return sorted((p.name for p in self.folder.iterdir() if _NAME.fullmatch(p.name) and (p / _FROZEN).is_file()), key=_order)

    def path(self, edition_id: str) -> Path:
        """The folder of a published edition; UserError when there is none of that name."""
        if edition_id not in self.ids():
            raise UserError(_("There is no edition {edition}. Published: {known}", edition=edition_id, known=", ".join(self.ids()) or "–"))
        return self.folder / edition_id

    def open(self, edition_id: str) -> Edition:
        """The edition as it was published; UserError when its data were changed afterwards."""
        return Edition(json.loads(self.file(edition_id, DATA)))

    def file(self, edition_id: str, name: str) -> bytes:
        """The bytes of one of its files, as they were frozen; UserError when they are others now or gone."""
        path = self.path(edition_id)
        digests = json.loads((path / _FROZEN).read_text(encoding="utf-8"))["files"]
        with suppress(OSError):
            content = (path / name).read_bytes()
            if digests.get(name) == _digest(content):
                return content
        raise UserError(_("The edition {edition} was changed after it had been published: {file}", edition=edition_id, file=name))

    def made(self, edition_id: str) -> tuple[str, dt.datetime]:
        """Who published it, as told then, and when."""
        plain = json.loads((self.path(edition_id) / _FROZEN).read_text(encoding="utf-8"))
        return plain["made_by"], dt.datetime.fromisoformat(plain["made_at"])

    def of(self, school_year: str, period: str = "") -> list[str]:
        """The editions of a school year, or of one of its periods, the oldest first."""
        return [name for name in self.ids() if name.startswith(f"{school_year}-{period}" + ("-" if period else ""))]

    def before(self, edition: Edition) -> Edition | None:
        """The edition to compare with: the newest one of the nearest earlier period of the same kind, also of earlier years."""
        mine, kind = _order(edition.id)[:2], edition.period[0]
        earlier = [name for name in self.ids() if _order(name)[:2] < mine and _parts(name)[1][0] == kind]
        return self.open(earlier[-1]) if earlier else None

    def next_number(self, school_year: str, period: str) -> int:
        return 1 + max((int(_parts(name)[2]) for name in self.of(school_year, period)), default=0)

    @contextmanager
    def publishing(self, wait: float = 60.0) -> Iterator[None]:
        """Only one publishes at a time, in whatever process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "publish.lock", timeout=wait):
                yield
        except Timeout:
            raise UserError(_("Another edition is being published. Wait for it to end and try again.")) from None

    def freeze(self, edition: Edition, files: Mapping[str, bytes], made_by: str, now: dt.datetime) -> Path:
        """Write the edition whole, by one rename. Call it while `publishing`; UserError when its number has been taken meanwhile."""
        target = self.folder / edition.id
        if edition.number != self.next_number(edition.school_year, edition.period) or target.exists():
            raise UserError(_("The edition {edition} has been published meanwhile. Look at the draft again.", edition=edition.id))
        for left in self.folder.glob(".new-*"):
            shutil.rmtree(left, ignore_errors=True)
        new = self.folder / f".new-{os.getpid()}"
        new.mkdir()
        frozen = {
            "made_by": made_by,
            "made_at": now.isoformat(timespec="seconds"),
            "files": {name: _digest(content) for name, content in files.items()},
        }
        for name, content in {**files, _FROZEN: json.dumps(frozen, ensure_ascii=False, indent=1).encode()}.items():
            (new / name).write_bytes(content)
            (new / name).chmod(0o444)
        new.rename(target)
        return target


def plain_cells(cells: list[Shown]) -> list[dict[str, Any]]:
    """The cells as data.json holds them."""
    return [asdict(cell) for cell in cells]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _parts(edition_id: str) -> tuple[str, str, str]:
    found = _NAME.fullmatch(edition_id)
    assert found is not None, edition_id
    return found[1], found[2], found[3]


# Periods by their end; where two end together, the longer one comes later.
_ENDS = ("Q1", "Q2", "H1", "Q3", "Q4", "H2", "Y")


def _order(edition_id: str) -> tuple[str, int, int]:
    school_year, period, number = _parts(edition_id)
    return school_year, _ENDS.index(period), int(number)
