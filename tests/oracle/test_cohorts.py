"""Across the summer in which grades skip numbers the product compares each class with itself, as the oracle does by its own code."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest

from lib import settings
from lib.analysis import Cohorts, Figures, history, matched_change
from lib.collection import collect
from tests.oracle.cohorts import origin, over_summer
from tests.oracle.figures import compute
from tests.oracle.raw import read_school
from tests.oracle.test_oracle_itself import write

pytestmark = pytest.mark.oracle

OLD, NEW = "2024-2025", "2025-2026"
AS_OF = dt.date(2025, 11, 20)
# class of 2024-2025 → where how many of its pupils went (domain.md §2: after 3 comes 5, after 6 comes 8)
SUMMER = {
    "3-А": {"5-А": 9}, "4-А": {"5-Б": 8}, "4-Б": {"5-В": 5}, "4-В": {"5-В": 5}, "5-А": {"6-А": 7, "6-Б": 1}, "5-Б": {"6-Б": 6},
    "6-А": {"8-А": 8}, "6-Б": {"8-Б": 4, "8-В": 4}, "7-А": {"8-Г": 5, "": 2}, "8-А": {"9-А": 6}, "8-Б": {"9-А": 5},
    "9-А": {"10-А": 3, "": 6}, "": {"1-А": 6, "10-А": 4},
}  # fmt: skip
CODES = ("D1.01", "D1.02", "D1.03", "D1.04", "D1.05", "D2.01", "D2.03")


def write_school(store: Path, seed: int) -> None:
    """Registers of both years and marks of two subjects, drawn anew for every pupil and quarter."""
    some, lists, number = random.Random(seed), {OLD: {}, NEW: {}}, 0
    for before, ways in SUMMER.items():
        for now, size in ways.items():
            codes = [f"P{number + n:04d}" for n in range(size)]
            number += size
            for year, name in ((OLD, before), (NEW, now)):
                if name:
                    lists[year].setdefault(name, []).extend(codes)
    for year, classes in lists.items():
        said = {"school_year": year}
        write(store / year / "registry.xlsx", {
            "R1": ({**said, "form": "R1@1"}, [
                {"pupil_id": code, "school_class": name, "entered_on": dt.date(2020, 9, 1), "status": "окуйт"}
                for name, codes in classes.items() for code in codes]),
            "R2C": ({**said, "form": "R2C@1"}, [{"school_class": name, "grade": int(name.split("-")[0])} for name in classes]),
            "R2S": ({**said, "form": "R2S@1"}, [{"teacher_id": "T001", "roles": "teacher", "mo": "math", "active": "ооба"}]),
            "R2L": ({**said, "form": "R2L@1"}, [
                {"teacher_id": "T001", "subject": subject, "school_class": name, "vacant": "жок"}
                for name in classes for subject in ("KYR", "PHE")]),
        })  # fmt: skip
        for name, codes in classes.items():
            if int(name.split("-")[0]) > 3:
                write(store / year / f"class-{name}.xlsx", {
                    subject: ({**said, "form": "F01@1", "school_class": name, "subject": subject}, [
                        {"pupil_id": code, **{q: some.choice((5, 4, 4, 3, 2, "н/а")) for q in (("q4",) if year == OLD else ("q1",))}}
                        for code in codes])
                    for subject in ("KYR", "PHE")})  # fmt: skip


@pytest.mark.parametrize("seed", [5])
def test_each_class_is_compared_with_itself(tmp_path: Path, seed: int) -> None:
    write_school(tmp_path, seed)
    loaded = settings.load(tmp_path, as_of=AS_OF)
    snapshot = collect(tmp_path, loaded, dt.datetime(2025, 11, 20, 9)).snapshot
    school = read_school(tmp_path)
    figures, cohorts = compute(school, AS_OF), Cohorts.of(snapshot.records("R1"), snapshot.records("R2C"))
    rows = snapshot.values()
    compared = []
    for name in {name for ways in SUMMER.values() for name in ways if name}:
        was = origin(school, NEW, name)
        assert cohorts.was(name, NEW) == (was or ""), name
        for code in CODES:
            theirs, own = Figures.of(rows[rows["indicator"] == code]), loaded.indicators[code]
            found = matched_change(loaded, own, theirs, {"school_class": name}, NEW, "Q1", cohorts)
            expected = over_summer(school, figures, code, NEW, name)
            assert (found is None) == (expected is None), (name, code)
            if found is not None:
                assert (found.previous, found.current) == pytest.approx(expected, abs=1e-9), (name, code)
                assert history(loaded, own, theirs, {"school_class": name}, NEW, "Q1", cohorts)["value"].tolist()[-2] == found.previous
                compared.append((name, code))
    assert {name for name, _ in compared} == {"5-Б", "6-А", "6-Б", "8-А", "8-Б", "8-В", "8-Г", "9-А"}
    assert len(compared) >= 8 * 6
