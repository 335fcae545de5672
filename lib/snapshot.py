"""Dated snapshots: Parquet tables written beside each other and made current by one atomic rename.

Pages, documents and exports read only from here, so a killed process or a broken workbook leaves the last whole snapshot standing.
Layout: <desk>/{current, looked.json, snapshots/<id>/*.parquet + meta.json, readings/, submissions.csv}; see docs/decisions/.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from lib.i18n import gettext as _
from lib.settings import Place, UserError, desk_of

if TYPE_CHECKING:
    import pandas as pd

# What tells one value from another; `diff` compares snapshots by it.
VALUE_KEY = (
    "indicator",
    "school_year",
    "period",
    "level",
    "stage",
    "grade",
    "school_class",
    "subject",
    "method_association",
    "teacher",
    "part",
)


@dataclass(frozen=True)
class Snapshot:
    """One finished collect. `meta` holds id, as_of, collected_at (ISO), counts of cells, and the fingerprint of the configuration."""

    path: Path
    meta: Mapping[str, Any]
    _tables: dict[str, pa.Table] = field(default_factory=dict, compare=False, repr=False)

    @property
    def id(self) -> str:
        return str(self.meta["id"])

    @property
    def as_of(self) -> dt.date:
        """The day that the figures speak of."""
        return dt.date.fromisoformat(self.meta["as_of"])

    @property
    def collected_at(self) -> dt.datetime:
        """When the workbooks were read."""
        return dt.datetime.fromisoformat(self.meta["collected_at"])

    def table(self, name: str) -> pa.Table:
        """A table by name: values, companions, issues, sheets, completeness, or records/<FORM>. Kept in memory once read."""
        if name not in self._tables:
            with pq.ParquetFile(self.path / f"{name}.parquet") as file:
                self._tables[name] = file.read()
        return self._tables[name]

    def records(self, form: str) -> pa.Table:
        """The accepted records of one form, one row a row of a tab."""
        return self.table(f"records/{form}")

    def all_records(self) -> dict[str, pa.Table]:
        """form id → its records."""
        return {path.stem: self.records(path.stem) for path in sorted((self.path / "records").glob("*.parquet"))}

    def values(self, table: str = "values", **equal: str | Sequence[str]) -> pd.DataFrame:
        """Indicator values as a pandas frame; `equal` narrows it: values(indicator="D1.02", period=["Q1", "Q2"])."""
        found = self.table(table)
        for column, wanted in equal.items():
            names = [wanted] if isinstance(wanted, str) else list(wanted)
            found = found.filter(pc.is_in(found[column].cast(pa.string()), value_set=pa.array(names, pa.string())))
        return found.to_pandas()


@dataclass(frozen=True)
class Look:
    """What the last look at the store found, also when nothing had changed and no snapshot was made.

    `at`: when it was; `good_at`: the last one at which the store could be listed (None: none yet). `problem`: "" or the code of the
    issue that kept it from being listed, `slots` fill its words.
    """

    at: dt.datetime
    good_at: dt.datetime | None
    problem: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)


class Snapshots:
    """The snapshots of one store."""

    def __init__(self, store: Place, keep: int = 30) -> None:
        self.desk = desk_of(store)
        self.keep = keep

    @property
    def _folder(self) -> Path:
        return self.desk / "snapshots"

    def ids(self) -> list[str]:
        """The ids of all whole snapshots, oldest first."""
        if not self._folder.is_dir():
            return []
        return sorted(p.name for p in self._folder.iterdir() if (p / "meta.json").is_file() and not p.name.startswith("."))

    def open(self, snapshot_id: str) -> Snapshot:
        """The snapshot with that id; UserError when there is none."""
        path = self._folder / snapshot_id
        try:
            return Snapshot(path, json.loads((path / "meta.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise UserError(f"no snapshot {snapshot_id!r}; there are: {', '.join(self.ids()[-5:]) or 'none yet'}") from None

    def current_id(self) -> str | None:
        """The id of the current snapshot, None before the first collect."""
        try:
            return (self.desk / "current").read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def current(self) -> Snapshot | None:
        """The current snapshot, None before the first collect."""
        snapshot_id = self.current_id()
        return self.open(snapshot_id) if snapshot_id else None

    def looked(self) -> Look | None:
        """The last look at the store; None before the first."""
        try:
            plain = json.loads((self.desk / "looked.json").read_text(encoding="utf-8"))
            good = plain["good_at"]
            return Look(
                dt.datetime.fromisoformat(plain["at"]), dt.datetime.fromisoformat(good) if good else None, plain["problem"], plain["slots"]
            )  # fmt: skip
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def note_look(self, at: dt.datetime, problem: str = "", slots: Mapping[str, str] | None = None) -> None:
        """Remember a look at the store."""
        before = self.looked()
        good = (before.good_at if before else None) if problem else at
        plain = {
            "at": at.isoformat(timespec="seconds"),
            "good_at": good.isoformat(timespec="seconds") if good else "",
            "problem": problem,
            "slots": dict(slots or {}),
        }
        self.desk.mkdir(parents=True, exist_ok=True)
        _replace_text(self.desk / "looked.json", json.dumps(plain, ensure_ascii=False))

    def write(
        self, tables: Mapping[str, pa.Table], meta: Mapping[str, Any], as_of: dt.date, contents: Mapping[str, str] | None = None
    ) -> Snapshot:
        """Write a whole snapshot, make it current by one rename, and drop the oldest beyond `keep`.

        `contents`: table name → digest (see `content`). A table that the current snapshot holds with the same digest is shared with it
        rather than written again.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob(".new-*"):
            shutil.rmtree(left, ignore_errors=True)
        contents = contents or {}
        before = self.current()
        known = before.meta.get("contents", {}) if before else {}
        number = 1 + max((int(name.split("-")[0]) for name in self.ids()), default=0)
        snapshot_id = f"{number:06d}-{as_of:%Y%m%d}"
        new = self._folder / f".new-{os.getpid()}"
        (new / "records").mkdir(parents=True)
        for name, table in tables.items():
            target = new / f"{name}.parquet"
            if before is not None and name in contents and known.get(name) == contents[name]:
                with suppress(OSError):  # a file system without links: write it again
                    os.link(before.path / f"{name}.parquet", target)
                    continue
            pq.write_table(table, target, compression="zstd", compression_level=1)
        described = {**meta, "id": snapshot_id, "as_of": as_of.isoformat(), "contents": dict(contents)}
        (new / "meta.json").write_text(json.dumps(described, ensure_ascii=False, indent=1), encoding="utf-8")
        new.rename(self._folder / snapshot_id)
        _replace_text(self.desk / "current", snapshot_id)
        for old in self.ids()[: -self.keep]:
            if old != snapshot_id:
                shutil.rmtree(self._folder / old, ignore_errors=True)
        return self.open(snapshot_id)

    @contextmanager
    def collecting(self, wait: float = 60.0) -> Iterator[None]:
        """Only one collect at a time over a store, in whatever process; UserError when another one does not end in time."""
        self.desk.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.desk / "collect.lock", timeout=wait):
                yield
        except Timeout:
            raise UserError(_("Another collect of this store is still running. Wait for it to end and try again.")) from None


# Sums of fractions depend in their last digits on the order of adding.
_NOISE = 1e-9


def diff(before: Snapshot, after: Snapshot) -> pa.Table:
    """Values that differ between two snapshots: the key of a value, then value_before and value_after (null = not there)."""
    left = before.table("values").select([*VALUE_KEY, "value"]).rename_columns([*VALUE_KEY, "value_before"])
    right = after.table("values").select([*VALUE_KEY, "value"]).rename_columns([*VALUE_KEY, "value_after"])
    plain = [
        pa.table({name: t[name].cast(pa.string()) if name in VALUE_KEY else t[name] for name in t.column_names}) for t in (left, right)
    ]
    joined = plain[0].join(plain[1], keys=list(VALUE_KEY), join_type="full outer")
    same = pc.or_kleene(
        pc.less_equal(pc.abs(pc.subtract(joined["value_before"], joined["value_after"])), _NOISE),
        pc.and_(pc.is_null(joined["value_before"]), pc.is_null(joined["value_after"])),
    )
    return joined.filter(pc.invert(pc.fill_null(same, False))).sort_by([(name, "ascending") for name in VALUE_KEY])


def content(table: pa.Table) -> str:
    """A digest of what a table holds: equal digests, equal tables."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.blake2b(sink.getvalue(), digest_size=12).hexdigest()


def _replace_text(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
