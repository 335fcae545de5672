"""The words of documents, config/documents.yaml: which kinds there are, what each takes, and every phrase."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lib import i18n
from lib.access import Role
from lib.documents.document import Sentence, Told
from lib.model.calendar import PERIOD_KINDS
from lib.model.words import Words
from lib.settings import ROOT
from lib.settings.document import Entry, read

FILE = ROOT / "config" / "documents.yaml"
KINDS = ("briefing", "quarter", "association", "council", "order", "year", "class", "pupil", "self_assessment")
TAKEN = ("direction", "school_class", "subject", "association", "pupil")


@dataclass(frozen=True)
class Kind:
    """A kind of document. `takes`: what it may be about, of which exactly one is given (none: the school); `periods`: the kinds of period
    it exists for (none: the school year alone)."""

    id: str
    name: Words
    title: Words
    about: Words
    roles: frozenset[Role]
    takes: tuple[str, ...]
    periods: tuple[str, ...]


@dataclass(frozen=True)
class Phrases:
    """All of config/documents.yaml."""

    kinds: Mapping[str, Kind]
    phrases: Mapping[str, Words]

    def text(self, key: str, **slots: object) -> str:
        """The phrase in the current language, its slots filled; a figure stands as it is printed."""
        said = {name: slot.text if isinstance(slot, Told) else slot for name, slot in slots.items()}
        text = self.phrases[key].of(i18n.language()).format(**said)
        return text[:-1] if text.endswith("..") else text  # an abbreviation that ends the sentence

    def say(self, key: str, **slots: object) -> Sentence:
        """The same as a sentence that remembers its figures."""
        return Sentence(self.text(key, **slots), tuple(slot for slot in slots.values() if isinstance(slot, Told)))


def load(file: Path = FILE) -> Phrases:
    """The words as they are on disk now. UserError names the line that is wrong."""
    return _load(file, file.stat().st_mtime_ns if file.exists() else 0)


@lru_cache(maxsize=4)
def _load(file: Path, _stamp: int) -> Phrases:
    document = read(file)
    kinds, phrases = document.entry("kinds"), document.entry("phrases")
    found = Phrases(
        {name: _kind(name, kinds.entry(name)) for name in KINDS},
        {name: _phrase(phrases, name) for name in phrases.names()},
    )
    kinds.done()
    document.done()
    return found


def _phrase(phrases: Entry, name: str) -> Words:
    """A phrase whose slots are the same in all languages."""
    words = phrases.words(name)
    slots = [sorted({slot for _, slot, _, _ in string.Formatter().parse(text) if slot}) for text in (words.ky, words.ru, words.en)]
    if slots[1:] != slots[:-1]:
        seen = " | ".join(", ".join(names) or "–" for names in slots)
        phrases.fail(name, f"slots in ky | ru | en: {seen}; expected the same in all three")
    return words


def _kind(name: str, entry: Entry) -> Kind:
    for key, known in (("roles", tuple(Role)), ("takes", TAKEN), ("periods", PERIOD_KINDS)):
        for value in entry.texts(key):
            if value not in known:
                entry.fail(key, f"{value!r} was seen; expected some of {', '.join(known)}")
    kind = Kind(
        name, entry.words("name"), entry.words("title"), entry.words("about"), frozenset(map(Role, entry.texts("roles"))),
        entry.texts("takes"), entry.texts("periods"),
    )  # fmt: skip
    entry.done()
    return kind
