"""The product's values against the independent recomputation from the raw workbooks: same keys, same numbers to 1e-9."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.oracle.facts import Figure, ValueKey
from tests.oracle.figures import Task, catalogue, compute
from tests.oracle.raw import Reported, read_school
from tests.oracle.shake import shake

pytestmark = pytest.mark.oracle

AS_OF = dt.date(2026, 4, 15)
DIMENSIONS = ("stage", "grade", "school_class", "subject", "method_association", "teacher")


def products_figures(text: str) -> dict[ValueKey, Figure]:
    """What `values --format csv` printed with status ok or incomplete."""
    return {
        (row["indicator"], row["school_year"], row["period"], row["level"], *(row[name] for name in DIMENSIONS)): (
            float(row["numerator"]) if row["numerator"] else None,
            float(row["denominator"]) if row["denominator"] else None,
            float(row["value"]),
        )
        for row in csv.DictReader(io.StringIO(text))
        if row["status"] in ("ok", "incomplete")
    }


def submissions(store: Path) -> dict[tuple[str, Task], dt.date]:
    """The log of submissions as it lies in the store."""
    with (store / ".sapat" / "submissions.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["school_year"], (row["form"], row["school_class"], row["subject"], row["method_association"], row["period"])): (
                dt.date.fromisoformat(row["submitted"])
            )
            for row in csv.DictReader(file)
            if row["submitted"]
        }


def same(ours: float | None, theirs: float | None) -> bool:
    """Equal to 1e-9; None only with None."""
    if ours is None or theirs is None:
        return ours is theirs
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def differences(ours: dict[ValueKey, Figure], theirs: dict[ValueKey, Figure]) -> list[str]:
    """One line a figure that only one of the two has, or that differs in value, numerator or denominator."""
    lines = []
    for key in sorted(ours.keys() | theirs.keys()):
        mine, products = ours.get(key), theirs.get(key)
        if mine is None or products is None or not all(map(same, mine, products)):
            place = " ".join(f"{name}={text}" for name, text in zip(DIMENSIONS, key[4:], strict=True) if text)
            lines.append(f"{key[0]} {key[1]} {key[2]} {key[3]} {place}: recomputed {mine}, product {products}")
    return lines


def both(store: Path, cli: Cli) -> tuple[dict[ValueKey, Figure], dict[ValueKey, Figure]]:
    """(recomputed, product's) figures of a store that was not collected yet."""
    log = submissions(store)
    day = ("--as-of", AS_OF.isoformat())
    cli("collect", "--store", store, *day)
    theirs = products_figures(cli("values", "--store", store, "--format", "csv", *day).stdout)
    school = read_school(store, Reported.of_csv(cli("issues", "--store", store, "--format", "csv", *day).stdout))
    assert not school.unreadable, "accepted cells that the specification does not speak of:\n" + "\n".join(school.unreadable[:20])
    return compute(school, AS_OF, log), theirs


def assert_agree(ours: dict[ValueKey, Figure], theirs: dict[ValueKey, Figure]) -> None:
    found = differences(ours, theirs)
    by_code = Counter(line.split()[0] for line in found)
    assert not found, f"{len(found)} of {len(ours.keys() | theirs.keys())} values differ, {dict(by_code)}:\n" + "\n".join(found[:60])


def test_every_value_of_the_demo_school_agrees(tmp_path: Path, cli: Cli) -> None:
    store = tmp_path / "school"
    cli("demo", store, "--pupils", 240, "--years", 2, "--seed", 9)
    ours, theirs = both(store, cli)
    codes = {key[0] for key in theirs}
    assert len(catalogue()) >= 74 and codes >= set(catalogue()), f"without a single value: {sorted(set(catalogue()) - codes)}"
    assert_agree(ours, theirs)
    print(f"{len(theirs)} values of {len(codes)} indicators agree")


def test_every_value_of_a_shaken_school_agrees(tmp_path: Path, cli: Cli) -> None:
    """The same where days fall on the edges of periods, numbers and answers are drawn anew, and cells are missing."""
    store = tmp_path / "school"
    cli("demo", store, "--pupils", 80, "--years", 1, "--seed", 21)
    assert shake(store, AS_OF, seed=21) > 2000
    ours, theirs = both(store, cli)
    assert_agree(ours, theirs)
    print(f"{len(theirs)} values agree")
