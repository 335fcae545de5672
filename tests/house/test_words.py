"""Every word that a person reads exists in Kyrgyz, Russian and English."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from babel.messages.pofile import read_po

from lib import settings
from lib.model.words import Words

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py")), *sorted((ROOT / "lib").rglob("*.py"))]
SLOT = re.compile(r"\{(\w*)[^}]*\}")


def messages(path: Path) -> Iterator[tuple[str, int]]:
    """The English msgids in a file: what stands as first argument of gettext (under any name it was imported as) or of N_."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {"N_"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "lib.i18n":
            names |= {alias.asname or alias.name for alias in node.names if alias.name in ("gettext", "N_")}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called in names or (isinstance(node.func, ast.Attribute) and called == "gettext"):
            for text in constants(node.args[0]):
                yield text, node.lineno


def constants(node: ast.expr) -> Iterator[str]:
    """The texts that an argument can be: a literal, or both branches of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from constants(node.body)
        yield from constants(node.orelse)


def catalogue(language: str) -> dict[str, str]:
    with (ROOT / "config" / "locale" / language / "LC_MESSAGES" / "sapat.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and not m.fuzzy}


def all_messages() -> dict[str, str]:
    return {text: f"{path.relative_to(ROOT)}:{line}" for path in SOURCES if path.exists() for text, line in messages(path)}


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_every_message_is_translated(language: str):
    translated = catalogue(language)
    missing = {text: place for text, place in all_messages().items() if not translated.get(text)}
    assert missing == {}
    assert all_messages(), "no message was found: does this test still understand how the pages speak?"


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_no_translation_is_left_over(language: str):
    used = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.exists())
    known = all_messages()
    assert [text for text in catalogue(language) if text not in known and text.splitlines()[0][:60] not in used] == []


@pytest.mark.parametrize("language", ["ky", "ru"])
def test_translations_keep_the_slots(language: str):
    wrong = {m: t for m, t in catalogue(language).items() if set(SLOT.findall(m)) != set(SLOT.findall(t))}
    assert wrong == {}


def words_of(thing: object, place: str) -> Iterator[tuple[str, Words]]:
    """Every Words inside settings, with the way to it."""
    if isinstance(thing, Words):
        yield place, thing
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for member in dataclasses.fields(thing):
            if member.repr:
                yield from words_of(getattr(thing, member.name), f"{place}.{member.name}")
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield from words_of(value, f"{place}.{key}")
    elif isinstance(thing, (list, tuple)):
        for number, value in enumerate(thing):
            yield from words_of(value, f"{place}[{getattr(value, 'key', number)}]")


def test_domain_words_are_complete_in_three_languages():
    everything = list(words_of(settings.load(), "settings"))
    assert len(everything) > 500
    missing = [
        f"{place} ({language})"
        for place, words in everything
        for language in ("ky", "ru", "en")
        if not getattr(words, language) and not (words == Words("") and re.search(r"companions.*\.method$", place))
    ]  # a companion has no method of its own when its indicator's says it all
    assert missing == []


def test_domain_words_are_in_their_language():
    """No Kyrgyz-only letters in Russian, no Cyrillic in English, no bare Latin in Kyrgyz and Russian titles."""
    wrong = []
    for place, words in words_of(settings.load(), "settings"):
        if re.search("[ңөүҢӨҮ]", words.ru) and not words.ru.isupper():
            wrong.append(f"{place} ru: {words.ru}")
        if re.search("[\u0400-\u04ff]{4,}", words.en) and "«" not in words.en and '"' not in words.en:
            wrong.append(f"{place} en: {words.en}")
    assert wrong == []


def test_words_of_issues_keep_their_slots():
    wrong = []
    for code, words in settings.load().issues.items():
        for part in dataclasses.fields(words):
            text: Words = getattr(words, part.name)
            if not set(SLOT.findall(text.ky)) == set(SLOT.findall(text.ru)) == set(SLOT.findall(text.en)):
                wrong.append(f"{code}.{part.name}")
    assert wrong == []


def test_every_issue_that_the_code_raises_has_words():
    """`Issue("code", …)` anywhere in lib, and code=… likewise, is a key of config/issues.yaml; and none is there for nothing."""
    known = set(settings.load().issues)
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "lib").rglob("*.py")))
    raised = set()
    for path in sorted((ROOT / "lib").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Issue":
                given = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "code")]
                raised |= {text for argument in given for text in constants(argument)}
    assert raised - known == set()
    assert {code for code in known if f'"{code}"' not in source} == set()


def test_yaml_is_read_in_one_way_only():
    """Two equal keys in one mapping would silently hide the first."""

    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict:
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"{node.start_mark}: a key stands twice"
        return dict(zip(keys, (loader.construct_object(value, deep=True) for _, value in node.value), strict=True))

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    for path in sorted((ROOT / "config").rglob("*.yaml")):
        yaml.load(path.read_text(encoding="utf-8"), Strict)
