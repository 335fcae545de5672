"""Must show 5, wide: many invented schools in memory. Whatever they print, nobody gets a mark of another child."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from lib.intake.frozen import FrozenYears
from lib.intake.reading import READ, TabReading
from lib.intake.vocabulary import Vocabulary
from lib.journal.answers import Answers
from lib.journal.merge import Merged, merge
from lib.journal.recognise import recognise
from lib.model.cell import RawSheet
from lib.settings import Settings
from tests.journal.schools import PER_CLASS, SchoolClass, class_of

YEAR = "2025-2026"
NO_YEAR = FrozenYears(Path(), {})


def registers(classes: list[SchoolClass]) -> list[TabReading]:
    children = [child for one in classes for child in one.children]
    pupils = {
        "pupil_id": [c.pupil_id for c in children], "full_name": [c.full_name for c in children],
        "school_class": [c.school_class for c in children], "sex": [None] * len(children), "status": [None] * len(children),
        "entered_on": [None] * len(children), "left_on": [None] * len(children),
    }  # fmt: skip
    names = {"school_class": [c.name for c in classes], "grade": [int(c.name.split("-")[0]) for c in classes]}
    return [
        TabReading("registry.xlsx", form, form, 1, YEAR, state=READ, columns=dict.fromkeys(values, "A"), values=values,  # type: ignore[arg-type]
                   rows=list(range(3, 3 + len(next(iter(values.values()))))))
        for form, values in (("R1", pupils), ("R2C", names))
    ]  # fmt: skip


def play(classes: list[SchoolClass], loaded: Settings, some: random.Random) -> tuple[Counter[str], Merged]:
    """Print a table of algebra for each class, read it, and judge what came to whom: right, wrong, asked, lost."""
    exports, truth = [], {}
    for one in classes:
        head = [[f"Класс: {one.name}", None, "1 четверть"], ["№", "ФИО", "Алгебра", "Ср. балл"]]
        rows = [[float(n), row.seen, float(some.choice((5, 4, 3))), 4.2] for n, row in enumerate(one.rows, 1)]
        workbook = f"exports/{one.name}.xlsx"
        found = recognise(
            RawSheet(workbook, "Лист1", [*head, *rows, [None, "Итого", 4.1]]), Vocabulary.of(loaded), loaded.journal.words
        )  # fmt: skip
        assert found is not None
        exports.append(found[0])
        truth |= {(workbook, n): row for n, row in enumerate(one.rows, 3)}
    merged = merge(registers(classes), exports, loaded, Answers(), {}, NO_YEAR)
    came = {(tab.workbook, row): str(p) for tab in merged.given for row, p in zip(tab.rows, tab.values["pupil_id"], strict=True)}
    told = {(i.workbook, i.cell.split(":")[0]) for i in merged.issues if i.code.startswith("journal_name")}
    counted: Counter[str] = Counter()
    seen_in = {(place[0], row.seen) for place, row in truth.items() if (place[0], f"B{place[1]}") in told}
    for place, row in truth.items():
        if place in came:
            counted["right" if came[place] == row.pupil else "wrong"] += 1
        elif (place[0], row.seen) in seen_in:
            counted["asked"] += 1
        else:
            counted["lost"] += 1
    return counted, merged


def classes_of(some: random.Random, count: int, share: float, **more: object) -> list[SchoolClass]:
    return [class_of(n, f"{5 + n % 7}-{'АБВГДЕ'[n // 7]}", some, share, **more) for n in range(count)]  # type: ignore[arg-type]


def test_a_school(loaded: Settings):
    found, _merged = play(classes_of(random.Random(0), 4, 0.02), loaded, random.Random(0))
    assert found["wrong"] == found["lost"] == 0 and found["right"] > 80


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_thousand_without_traps(loaded: Settings, seed: int):
    some = random.Random(seed)
    found, _merged = play(classes_of(some, 40, 0.02, traps=False), loaded, some)
    assert found.total() == 40 * PER_CLASS and found["wrong"] == found["lost"] == 0
    assert found["right"] >= 990, found


@pytest.mark.slow
@pytest.mark.parametrize("style", ["full", "short", "capitals"])
@pytest.mark.parametrize("register_short", [0.0, 0.4])
@pytest.mark.parametrize("share", [0.02, 0.3])
@pytest.mark.parametrize("seed", range(2))
def test_nobody_gets_another_childs_mark(loaded: Settings, seed: int, share: float, register_short: float, style: str):
    """Brothers, namesakes, strangers in place of those who are not there, surnames alone, patronymics on one side alone."""
    some = random.Random(100 * seed + 7)
    classes = classes_of(some, 40, share, register_short=register_short, style=style)
    found, _merged = play(classes, loaded, some)
    assert found["wrong"] == found["lost"] == 0, found
    assert found["right"] >= 0.8 * found.total(), found
