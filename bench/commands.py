"""Collecting and asking, each in a fresh process."""

from __future__ import annotations

from pathlib import Path

from bench.measure import Measurement, middle, run
from bench.school import change_one_mark, forget, workbooks


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


def one_changed(store: Path, times: int = 5) -> Measurement:
    """`collect` after one mark changed in one workbook."""
    run("collect", "--store", str(store))
    runs, cell = [], ""
    for _ in range(times):
        cell = change_one_mark(store)
        runs.append(run("collect", "--store", str(store)))
    return Measurement(
        "one changed workbook", middle([r.seconds for r in runs]), "s", 1.0,
        {"cell": cell, "runs": [round(r.seconds, 2) for r in runs], "processor s": [round(r.processor, 2) for r in runs]},
    )  # fmt: skip


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
