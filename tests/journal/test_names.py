"""Whose name it is. One class with children who are easily taken for each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.journal.names import SURE, ClassNames, Found
from lib.model.registry import Pupil
from lib.settings.journal import read_journal

WORDS = read_journal(Path(__file__).resolve().parents[2] / "config" / "journal.yaml").words
PEOPLE = {
    "1": "Асанов Азамат Бакытович", "2": "Өмүрова Үмүт Асановна", "3": "Айбек уулу Нурсултан", "4": "Асанов Алмаз Канатович",
    "5": "Осмонова Чынар", "6": "Султанов Самат", "7": "Султанов Самат Тилекович", "8": "Исаков Нурлан Асанович",
    "9": "Исаков Нурлан Эркинович", "10": "Чоңов Төлөгөн Ёлкаевич",
}  # fmt: skip
CLASS = ClassNames([Pupil(code, name, "7-А") for code, name in PEOPLE.items()], WORDS)


@pytest.mark.parametrize(("seen", "whose"), [
    ("Асанов Азамат Бакытович", "1"), ("асанов  азамат бакытович", "1"), ("АСАНОВ АЗАМАТ", "1"), ("Азамат Асанов", "1"),
    ("Бакытович Азамат Асанов", "1"), ("Acaнoв Aзaмaт", "1"), ("Асанов А. Б.", "1"), ("АсановА.Б.", "1"), ("А.Б. Асанов", "1"),
    ("Омурова Умут Асановна", "2"), ("Ѳмүрова Ұмүт", "2"), ("Өмүрова Ү.", "2"), ("?м?рова ?м?т Асановна", "2"), ("?м?рова ?м?т", "2"),
    ("Айбек уулу Нур-Султан", "3"), ("Айбек уулу Нур Султан", "3"), ("Нурсултан Айбек уулу", "3"), ("Айбек Нурсултан", "3"),
    ("Осмонова Чынар Канатовна", "5"), ("Осмонова Ч. К.", "5"), ("Султанов Самат Тилекович", "7"), ("Исаков Нурлан Асанович", "8"),
    ("Исаков Н. Э.", "9"), ("Чонов Тологон Елкаевич", "10"), ("Чоңов Т. Ё.", "10"), ("1. Асанов Азамат".removeprefix("1. "), "1"),
])  # fmt: skip
def test_matched(seen: str, whose: str):
    match = CLASS.match(seen)
    assert match.found in SURE and match.pupil_id == whose


@pytest.mark.parametrize(("seen", "candidates"), [
    ("Асанов А.", {"1", "4"}), ("Исаков Нурлан", {"8", "9"}), ("Исаков Н.", {"8", "9"}), ("Асанов Азанат", {"1"}),
    ("Осмонава Чынар", {"5"}),
    ("Осмонова", {"5"}), ("Султанов Самат", {"6", "7"}), ("Султанов Самат Тилезович", {"6", "7"}), ("Осмонава Ч.", {"5"}),
    ("Асанав А. Б.", {"1"}),
])  # fmt: skip
def test_asked(seen: str, candidates: set[str]):
    match = CLASS.match(seen)
    assert match.found is Found.ASKED and set(match.candidates) == candidates and not match.pupil_id


@pytest.mark.parametrize("seen", ["Бекова Асел", "Асанов Азамат Талантович", "Асанов", "А. Б.", "Азамат Бекович Осмонов", "—"])
def test_nobody(seen: str):
    match = CLASS.match(seen)
    assert not match.pupil_id and match.found in (Found.UNKNOWN, Found.ASKED)
    assert seen == "Асанов" or match.found is Found.UNKNOWN


def test_names_that_only_a_letter_of_the_alphabet_tells_apart():
    both = ClassNames([Pupil("1", "Абдиева Үмүт", "7-А"), Pupil("2", "Абдиева Умут", "7-А")], WORDS)
    for seen in ("Абдиева Үмүт", "Абдиева Умут", "Абдиева У."):
        match = both.match(seen)
        assert match.found is Found.ASKED and set(match.candidates) == {"1", "2"}
    assert both.match("Абдиева Умут").candidates[0] == "2" and both.match("Абдиева Умут").unless
    assert not both.match("Абдиева У.").unless


FEW = ClassNames([
    Pupil("1", "Айбек уулу Бакыт", "7-А"), Pupil("2", "Асанов Азамат Бакытович", "7-А"), Pupil("3", "Көчөрова Гүлина", "7-А"),
    Pupil("4", "Көчөрова Гулина Камчыевна", "7-А"), Pupil("5", "Иманов Алмаз Бакыт", "7-А"),
], WORDS)  # fmt: skip


@pytest.mark.parametrize(("seen", "whose"), [
    ("Айбек Бакыт", "1"), ("Бакыт Айбек уулу", "1"), ("Айбек у. Бакыт", "1"), ("Асанов Азамат Б.", "2"), ("Иманов Алмаз", "5"),
])  # fmt: skip
def test_matched_among_few(seen: str, whose: str):
    match = FEW.match(seen)
    assert match.found in SURE and match.pupil_id == whose


@pytest.mark.parametrize("seen", [
    "Бакыт уулу Айбек",  # another child, of another father
    "Бакыт Айбек", "Асанов Бакытович", "Азамат Бакытович",  # without a first name it may be a brother, without a surname anybody
    "Азамат А.",  # a first name and the letter of a surname
    "Асанова Азамат", "Асанова А. Б.", "Көчөрова Гүлина Камчыевна", "Көчөрова Гулина", "Иманов Бакыт",
])  # fmt: skip
def test_never_taken_though_nobody_else_is_there(seen: str):
    assert not FEW.match(seen).pupil_id
