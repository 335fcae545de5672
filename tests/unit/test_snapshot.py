"""Snapshots: dated, atomic, the last N kept, comparable."""

import datetime as dt
import json

import pyarrow as pa
import pytest

from lib import i18n
from lib.settings import UserError
from lib.snapshot import VALUE_KEY, Snapshots, diff

AS_OF = dt.date(2026, 4, 15)
META = {"collected_at": "2026-04-15T07:40:00", "cells": 3}


def values(**by_indicator):
    rows = [dict.fromkeys(VALUE_KEY, "") | {"indicator": code, "value": value} for code, value in by_indicator.items()]
    return pa.Table.from_pylist(rows, schema=pa.schema([(k, pa.string()) for k in VALUE_KEY] + [("value", pa.float64())]))


@pytest.fixture
def snapshots(tmp_path):
    return Snapshots(tmp_path, keep=3)


def test_before_the_first_collect_there_is_none(snapshots):
    assert snapshots.current() is None
    assert snapshots.ids() == []


def test_a_written_snapshot_is_current_and_reads_back(snapshots):
    snapshot = snapshots.write({"values": values(a=1.5), "records/F01": pa.table({"record": [0]})}, META, AS_OF)
    again = snapshots.current()
    assert again.id == snapshot.id
    assert again.as_of == AS_OF
    assert again.collected_at == dt.datetime(2026, 4, 15, 7, 40)
    assert again.values(indicator="a")["value"].tolist() == [1.5]
    assert list(again.all_records()) == ["F01"]


def test_only_the_last_are_kept(snapshots):
    ids = [snapshots.write({"values": values(a=float(n))}, META, AS_OF).id for n in range(5)]
    assert snapshots.ids() == ids[-3:]
    assert snapshots.current_id() == ids[-1]
    with pytest.raises(UserError, match="no snapshot"):
        snapshots.open(ids[0])


def test_a_write_that_was_killed_leaves_the_old_one_current(snapshots):
    whole = snapshots.write({"values": values(a=1.0)}, META, AS_OF)
    half = snapshots.desk / "snapshots" / ".new-999"
    half.mkdir()
    (half / "values.parquet").write_bytes(b"half")
    assert snapshots.current().id == whole.id
    assert snapshots.ids() == [whole.id]
    nameless = snapshots.desk / "snapshots" / "000009-20260415"
    nameless.mkdir()
    assert snapshots.ids() == [whole.id]
    snapshots.write({"values": values(a=2.0)}, META, AS_OF)
    assert not half.exists()


def test_current_never_names_a_snapshot_that_is_not_whole(snapshots, monkeypatch):
    whole = snapshots.write({"values": values(a=1.0)}, META, AS_OF)
    monkeypatch.setattr(json, "dumps", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError):
        snapshots.write({"values": values(a=2.0)}, META, AS_OF)
    monkeypatch.undo()
    assert snapshots.current().id == whole.id


def test_two_snapshots_can_be_compared(snapshots):
    before = snapshots.write({"values": values(a=1.0, b=2.0, gone=3.0)}, META, AS_OF)
    after = snapshots.write({"values": values(a=1.0, b=2.5, new=4.0)}, META, AS_OF)
    changed = {r["indicator"]: (r["value_before"], r["value_after"]) for r in diff(before, after).to_pylist()}
    assert changed == {"b": (2.0, 2.5), "gone": (3.0, None), "new": (None, 4.0)}


def test_a_second_collect_waits_and_then_says_so(snapshots):
    i18n.use("en")
    with snapshots.collecting(), pytest.raises(UserError, match="Another collect"), snapshots.collecting(wait=0.1):
        pass
    i18n.use("ky")
