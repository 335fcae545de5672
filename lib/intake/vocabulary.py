"""What intake must know of the configuration, small enough to hand to a worker process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from lib.i18n import match_key
from lib.model.form import Choice, Form

if TYPE_CHECKING:
    from lib.settings import Settings

# match_key for texts that come again and again: headers, keys of rows.
spelling = lru_cache(maxsize=65_536)(match_key)


@dataclass(frozen=True)
class Vocabulary:
    """Forms and words. The mappings go from match_key of a spelling to what is stored.

    `marks`: the words for mark states (н/а, осв as the form's choices store them); `list_words`: per list column (roles).
    `mark_one`: what mark "1" counts as ("2"), or "" when it is not used.
    """

    forms: Mapping[str, Form]
    subjects: Mapping[str, str]
    associations: Mapping[str, str]
    marks: Mapping[str, str]
    yes_no: Mapping[str, bool]
    months: Mapping[str, int]
    class_words: frozenset[str]
    list_words: Mapping[str, Mapping[str, str]]
    mark_one: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Vocabulary:
        """The vocabulary of a configuration."""
        words = settings.cell_words
        marks: dict[str, str] = {}
        for key in ("not_attested", "released"):
            state = words[key][0]
            marks.update({match_key(text): state for text in words[key]})
        yes_no = {sign(text): value for key, value in (("yes", True), ("no", False)) for text in words[key]}
        months = {match_key(text): int(key[-2:]) for key, texts in words.items() if key.startswith("months_") for text in texts}
        roles = {match_key(t): key for key, w in settings.roles.items() for t in (key, w.ky, w.ru, w.en) if t}
        return cls(
            forms=dict(settings.forms),
            subjects=dict(settings.subject_keys),
            associations=dict(settings.association_keys),
            marks=marks,
            yes_no=yes_no,
            months=months,
            class_words=frozenset(match_key(text) for text in words["class_word"]),
            list_words={"roles": roles},
            mark_one="2" if settings.thresholds.mark_one_is_two else "",
        )


@cache
def choice_keys(choices: tuple[Choice, ...]) -> Mapping[str, str]:
    """match_key of every spelling of a closed list's answers → the key that is stored."""
    keys = {match_key(choice.key): choice.key for choice in choices}
    for choice in choices:
        for text in (choice.words.ky, choice.words.ru, choice.words.en, *choice.aliases):
            keys.setdefault(match_key(text), choice.key)
    return keys


def sign(text: str) -> str:
    """match_key, or the sign itself where there are no letters ("+", "✓")."""
    return match_key(text) or text.strip()
