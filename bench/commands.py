"""Collecting and asking, each in a fresh process."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bench.measure import Measurement, middle, run
from bench.school import change_one_mark, forget, workbooks
from lib.collection import collect
from lib.settings import load


def cold_collect(store: Path, times: int = 3) -> Measurement:
    """`collect` of a school that was never collected: read, check, compute all indicators, write the snapshot."""
    runs = []
    for _ in range(times):
        forget(store)
        runs.append(run("collect", "--store", str(store)))
    return Measurement(
        "cold collect", middle([r.seconds for r in runs]), "s", 5.0,
        {
            "workbooks": len(workbooks(store)), "cells": runs[-1].output.strip().splitlines()[-1], "peak MB": round(runs[0].megabytes),
            "runs": [round(r.seconds, 2) for r in runs], "processor s": [round(r.processor, 2) for r in runs],
        },
    )  # fmt: skip


def one_changed(store: Path, times: int = 7) -> list[Measurement]:
    """A collect after one mark changed in one workbook: in a process that runs already, as the app does it, and as a command."""
    loaded = load(store)
    collect(store, loaded, dt.datetime.now())
    inside, cell = [], ""
    for _ in range(times):
        cell = change_one_mark(store)
        inside.append(collect(store, loaded, dt.datetime.now()).seconds)
    runs = []
    for _ in range(3):
        change_one_mark(store)
        runs.append(run("collect", "--store", str(store)))
    return [
        Measurement("one changed workbook", middle(inside), "s", 1.0, {"cell": cell, "runs": [round(s, 2) for s in inside]}),
        Measurement(
            "command collect, one changed workbook", middle([r.seconds for r in runs]), "s", None,
            {"runs": [round(r.seconds, 2) for r in runs], "processor s": [round(r.processor, 2) for r in runs]},
        ),
    ]  # fmt: skip


def questions(store: Path, times: int = 3) -> list[Measurement]:
    """`values`, `issues` and `cells` on an unchanged store."""
    run("collect", "--store", str(store))
    words = {
        "values": ("values",),
        "issues": ("issues",),
        "cells": ("cells", "--indicator", "D1.02", "--period", "Q1", "--grade", "7"),
    }
    found = []
    for name, call in words.items():
        runs = [run(*call, "--store", str(store)) for _ in range(times)]
        rows = len(runs[-1].output.splitlines()) - 1
        found.append(Measurement(f"command {name}", middle([r.seconds for r in runs]), "s", None, {"rows": rows}))
    return found
