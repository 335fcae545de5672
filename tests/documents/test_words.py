"""config/documents.yaml: every phrase is used and there, says the same in each language, and bends no number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.documents import phrases
from lib.settings import ROOT, UserError

CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "lib" / "documents" / "drafting").rglob("*.py")))
MADE = re.compile(r"c_by_\w+|state_\w+|outcome_\w+|value_at\w*|change_\w*noise")  # keys that code puts together


def test_every_phrase_of_the_code_is_there_and_no_other():
    words = phrases.load().phrases
    asked = set(re.findall(r"""["']([a-z][a-z_]+)["']""", CODE))
    used = set(re.findall(r'(?:text|say|headed)\((?:pen, )?"([a-z_]+)"', CODE))
    assert used and used <= words.keys(), used - words.keys()
    assert not [name for name in words if name not in asked and not MADE.fullmatch(name)], "phrases that nothing says"


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_no_ending_is_hung_on_a_slot(language: str):
    """ "Label: value": a number with an ending would have to agree with it."""
    for name, words in phrases.load().phrases.items():
        assert not re.search(r"\}[-‑]?[а-яёңөү]", words.of(language)), name


def test_each_language_is_its_own():
    loaded = phrases.load()
    for name, words in loaded.phrases.items():
        assert words.ky and words.ru and words.en, name
        assert not re.search("[ңөүҢӨҮ]", words.ru), name
        assert not re.search("[а-яёңөү]", words.en, re.IGNORECASE), name
    text = " ".join(words.ky for words in loaded.phrases.values())
    assert len(re.findall("[ңөүҢӨҮ]", text)) > 100


def test_a_slot_that_one_language_lacks_is_named(tmp_path: Path):
    text = phrases.FILE.read_text(encoding="utf-8")
    broken = text.replace("Учеников на конец периода: {n}.", "Учеников на конец периода.", 1)
    assert broken != text
    file = tmp_path / "documents.yaml"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(UserError, match="pupils"):
        phrases.load(file)
