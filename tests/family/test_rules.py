"""config/family.yaml: whole in three languages, and a wrong key or value is named with its line."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pytest

from lib.family.rules import FIGURES, Family, read_family
from lib.model.words import Words
from lib.settings import Settings, UserError
from tests.family.conftest import ROOT
from tests.house.test_words import words_of

CONFIG = ROOT / "config" / "family.yaml"
SLOT = re.compile(r"\{(\w+)\}")
SLOTS = {
    "subjects_up", "subjects_down", "subjects_best", "subjects_weak", "unattested", "attended", "missed", "missed_unexcused", "late",
    "clubs", "contests", "roles", "levels_high", "levels_low", "day",
}  # fmt: skip


def texts(family: Family) -> list[tuple[str, Words]]:
    return list(words_of(family, "family"))


def test_words_are_whole_in_three_languages(family: Family):
    found = texts(family)
    assert len(found) > 50
    for place, words in found:
        for language in ("ky", "ru", "en"):
            assert getattr(words, language), f"{place}: no {language}"
        assert set(SLOT.findall(words.ky)) == set(SLOT.findall(words.ru)) == set(SLOT.findall(words.en)) <= SLOTS, place
        assert not re.search("[ңөүҢӨҮ]", words.ru), place
        assert not re.search("[\u0400-\u04ff]", words.en), place
        assert re.search("[\u0400-\u04ff]", words.ky), place


def test_dynamic_values_are_not_inflected(family: Family):
    """Vowel harmony: "{n}га" is wrong for half of the values."""
    assert [place for place, words in texts(family) if re.search(r"\}[\w-]", f"{words.ky} {words.ru}")] == []


def test_the_figures_that_are_explained_are_those_that_there_are():
    explained = CONFIG.read_text(encoding="utf-8").partition("Figures: ")[2].partition(". A figure")[0]
    assert tuple(re.findall(r"\w+", explained.replace("# ", ""))) == FIGURES


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("marks_up: {at_least: 1}", "marks_risen: {at_least: 1}", "no figure of a child"),
        ("{mean_change: {at_least: 0.2}}", "{mean_change: {from: 0.2}}", "unknown key 'from'"),
        ("weak_in: [math]", "weak_in: [maths]", "'maths' was seen"),
        ("indicator: D1.01", "indicator: D2.04", "D2.04 is not public"),
        ("indicator: D1.01", "indicator: D1.99", "'D1.99' was seen"),
        ("who: family", "who: families", "'families' was seen"),
        ("stages: [primary]", "stages: [kindergarten]", "'kindergarten' was seen"),
        ("minimum_group: 5", "minimum: 5", "minimum_group"),
        ("tries: 5, ", "", "tries"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(loaded: Settings, tmp_path: Path, old: str, new: str, message: str):
    text = CONFIG.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "family.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=re.escape(message)) as caught:
        read_family(loaded, tmp_path)
    assert re.search(r"family\.yaml, line \d+", str(caught.value))


def test_something_is_said_of_every_child(loaded: Settings, tmp_path: Path):
    shutil.copy(CONFIG, tmp_path)
    text = CONFIG.read_text(encoding="utf-8")
    last = text.rindex('  - text:\n      ky: "Күн тартиби')
    (tmp_path / "family.yaml").write_text(text[:last] + text[text.index("# Questions for self-assessment") :], encoding="utf-8")
    with pytest.raises(UserError, match="at least 2 without a condition"):
        read_family(loaded, tmp_path)


def test_every_limit_is_configuration(family: Family):
    assert (family.limits.tries, family.limits.window, family.minimum_group) == (5, 60, 5)
    assert dataclasses.asdict(family)["idle"].total_seconds() <= 3600
