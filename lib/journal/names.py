"""Whose name it is: a name of an export among the pupils of its class. What is not certain is asked, never guessed.

A name is matched when exactly one pupil of the class can bear it: by the folded key (о/ө, у/ү, н/ң, ё/е, case, spaces, hyphens, Latin
look-alikes), in whatever order of its words, without the patronymic, or with initials. One letter apart is near, and asked about. A word
of lineage belongs to the father's name before it: the son of Aibek called Bakyt is not the son of Bakyt called Aibek.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from lib.i18n import canon, match_key
from lib.intake.parse import edit_distance
from lib.model.registry import Pupil
from lib.settings.journal import JournalWords

_NEAR = 1  # letters apart, to be asked about
_SHORTEST = 4  # letters of a name of which one may differ: in a shorter one a letter is too much
_OFFERED = 5
_PIECES = re.compile(r"[^\s.,]+\.?")
# What an encoding without ң ө ү writes in their place.
_LOST = re.compile(r"[?\ufffd]")
_LOST_LETTERS = ("\u043d", "\u043e", "\u0443")


class Found(StrEnum):
    """How sure it is whose name it is."""

    SAME = "same"  # all its words
    SHORT = "short"  # the patronymic is missing on one side
    INITIALS = "initials"
    ANSWERED = "answered"  # a person said so
    PASSED = "passed"  # a person said that it is nobody of the class
    ASKED = "asked"  # several can be meant, or one that differs by a letter
    UNKNOWN = "unknown"


SURE = (Found.SAME, Found.ANSWERED, Found.SHORT, Found.INITIALS)


@dataclass(frozen=True)
class Match:
    """Whose name it is: `pupil_id` where it is sure, else the candidates in the order of likelihood.

    `unless`: the first candidate is spelt just so; it is theirs if each of the others stands in another row of the same table. `near`: each
    candidate differs by a letter. `namesakes`: pupils who share two words with a name that is unknown.
    """

    found: Found
    pupil_id: str = ""
    candidates: tuple[str, ...] = ()
    unless: bool = False
    near: bool = False
    namesakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Name:
    """A name by its words: folded whole words in their order, and initials (one folded letter each) in theirs. `fathers`: those of the
    words that name the father; `bare`: the words without what says so apart from them; `lineage`: the first letters of that."""

    words: tuple[str, ...]
    initials: tuple[str, ...] = ()
    fathers: frozenset[str] = frozenset()
    bare: tuple[str, ...] = ()
    lineage: tuple[str, ...] = ()

    @property
    def joined(self) -> str:
        return "".join(self.words)

    @property
    def sorted(self) -> tuple[str, ...]:
        return tuple(sorted(self.words))


@lru_cache(maxsize=20_000)
def _name(text: str, of_lineage: frozenset[str], endings: frozenset[str]) -> _Name:
    words: list[str] = []
    bare: list[str] = []
    initials: list[str] = []
    fathers: list[str] = []
    lineage: list[str] = []
    for piece in _PIECES.findall(_apart(canon(text))):
        key = _key(piece)
        if not key:
            continue
        if len(key) == 1 and key != "?":
            initials.append(key)
        elif words and key in of_lineage and words[-1] not in fathers:
            words[-1] += key
            fathers.append(words[-1])
            lineage.append(key[0])
        else:
            words.append(key)
            bare.append(key)
            if any(key.endswith(end) for end in endings):
                fathers.append(key)
    return _Name(tuple(words), tuple(initials), frozenset(fathers), tuple(bare), tuple(lineage))


def _apart(text: str) -> str:
    """ "АсановБ.К." is written together: a capital inside a word that is followed by a dot begins an initial."""
    return re.sub(r"(?<=[^\W\d_])(?=[^\W\d_]\.)", " ", text)


def _key(piece: str) -> str:
    if _LOST.search(piece):
        return _LOST.sub("?", "".join(match_key(part) or "?" * bool(part) for part in re.split(r"([?\ufffd])", piece)))
    return match_key(piece)


def answer_key(text: str) -> str:
    """The spelling under which an answer is kept: "Үмүт" and "Умут" may be two children, so that nothing is folded but case."""
    return canon(text).casefold()


def _letters(text: str) -> list[str]:
    """The words as they are spelt, in whatever order."""
    return sorted(answer_key(text).split())


@dataclass
class ClassNames:
    """The pupils of one class by their names. `words`: those of config/journal.yaml, which say what names the father."""

    pupils: Sequence[Pupil]
    words: JournalWords
    _kept: dict[str, Match] = field(default_factory=dict)

    def match(self, text: str) -> Match:
        """Whose name that is."""
        if text not in self._kept:
            self._kept[text] = self._match(text)
        return self._kept[text]

    def _match(self, text: str) -> Match:
        seen = self._name(text)
        bearers = [(pupil, self._name(pupil.full_name)) for pupil in self.pupils]
        same = [pupil for pupil, name in bearers if _same(seen, name)]
        if same:
            # a namesake's patronymic may have been left out here; or in the register, when this is not spelt just as there
            spelt_so = [pupil for pupil in same if _letters(pupil.full_name) == _letters(text)]
            others = [
                pupil for pupil, name in bearers
                if pupil not in same and _short(seen, name) and (len(name.words) > len(seen.words) or not spelt_so)
            ]  # fmt: skip
            return self._of_namesakes(same, spelt_so, others)
        near = [pupil.pupil_id for pupil, name in bearers if _near(seen, name)]
        for found, fits in ((Found.SHORT, _short), (Found.INITIALS, _initials), (Found.ASKED, _partly)):
            meant = [pupil.pupil_id for pupil, name in bearers if fits(seen, name)]
            if len(meant) == 1 and set(near) <= set(meant) and found is not Found.ASKED:
                return Match(found, meant[0])
            if meant:
                return Match(Found.ASKED, candidates=tuple(dict.fromkeys([*meant, *near])))
        if near:
            return Match(Found.ASKED, candidates=tuple(near), near=True)
        shared = self._to_choose_from(seen, bearers)
        return Match(Found.UNKNOWN, candidates=tuple(shared)[:_OFFERED], namesakes=tuple(code for code, n in shared.items() if n > 1))

    def _name(self, text: str) -> _Name:
        return _name(text, self.words.of["lineage"], self.words.of["patronymics"])

    @staticmethod
    def _of_namesakes(same: Sequence[Pupil], spelt_so: Sequence[Pupil], others: Sequence[Pupil]) -> Match:
        """The only one with all the words; of several, the one who is spelt just so, if the others stand in the table as well."""
        if len(same) == 1 and not others:
            return Match(Found.SAME, same[0].pupil_id)
        exact = list(spelt_so) if len(spelt_so) == 1 else []
        rest = [pupil for pupil in (*same, *others) if pupil not in exact]
        return Match(Found.ASKED, candidates=tuple(pupil.pupil_id for pupil in (*exact, *rest)), unless=bool(exact))

    def _to_choose_from(self, seen: _Name, bearers: Iterable[tuple[Pupil, _Name]]) -> dict[str, int]:
        """Pupils who share words with the name, and how many: to choose from, the ones who share more first."""
        shared = [(len(set(seen.bare) & set(name.bare)), pupil.pupil_id) for pupil, name in bearers]
        return {pupil_id: n for n, pupil_id in sorted(shared, key=lambda item: -item[0]) if n}


def _same(seen: _Name, name: _Name) -> bool:
    """All words, in any order; or all letters, where a space or a hyphen parts a word of the other."""
    if seen.initials or not seen.words:
        return False
    if len(seen.words) == len(name.words):
        return _rest(seen.words, name.words) == []
    return seen.joined == name.joined


def _short(seen: _Name, name: _Name) -> bool:
    """One side leaves the father's name out, or the word that makes it one; surname and first name are there on both."""
    if seen.initials and seen.initials != name.lineage[: len(seen.initials)]:
        # "Asanov Azamat B." for one of whom the register knows no patronymic
        return len(seen.words) >= 2 and len(seen.initials) == 1 and not seen.fathers and seen.words == name.words
    if not seen.fathers and name.lineage:
        return len(seen.words) >= 2 and seen.words == name.bare
    if seen.initials:
        return False
    fewer, more = sorted((seen, name), key=lambda one: len(one.words))
    rest = _rest(fewer.words, more.words)
    if len(fewer.words) < 2 or len(fewer.words) == len(more.words) or rest is None or fewer.fathers:
        return False
    return all(word in more.fathers for word in rest) or more.words[: len(fewer.words)] == fewer.words


def _partly(seen: _Name, name: _Name) -> bool:
    """Two words are shared, and every word of the side that has fewer: a surname or a first name is what is missing."""
    fewer, more = sorted((seen.bare, name.bare), key=len)
    return not seen.initials and len(fewer) >= 2 and _rest(fewer, more) is not None


def _rest(some: Sequence[str], all_of: Sequence[str]) -> list[str] | None:
    """The words of `all_of` that are left without `some`; None when one of `some` is not among them."""
    rest = list(all_of)
    for word in some:
        found = next((other for other in rest if _alike(word, other)), None)
        if found is None:
            return None
        rest.remove(found)
    return rest


def _alike(one: str, other: str) -> bool:
    """Equal, or equal but for letters that the export's encoding has lost, which can only have been ң, ө and ү."""
    if one == other:
        return True
    if "?" in other:
        one, other = other, one
    return "?" in one and _pattern(one).fullmatch(other) is not None


@lru_cache(maxsize=2_000)
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(re.escape(word).replace(r"\?", f"[{''.join(_LOST_LETTERS)}]"))


def _initials(seen: _Name, name: _Name) -> bool:
    """The whole words are words of the name, the surname (its first) among them, and the initials begin those that are left, in their
    order. A patronymic's initial may stand where the register has no patronymic."""
    if not seen.initials or not seen.words or not any(_alike(word, name.words[0]) for word in seen.words if name.words):
        return False
    rest = _rest(seen.words, name.words)
    if not rest or len(seen.initials) > max(len(rest), 2):
        return False
    return all(other.startswith(letter) for letter, other in zip(seen.initials, rest, strict=False))


def _near(seen: _Name, name: _Name) -> bool:
    """One letter apart: as a whole, word by word in any order, or in the whole word beside right initials; or only one word is there."""
    if not seen.words:
        return False
    if seen.initials:
        return any(
            _close(word, other) and _initials(_Name((other,), seen.initials), name) for word in seen.words for other in name.words
        ) and len(seen.words) == 1  # fmt: skip
    if len(seen.words) == 1:
        return seen.words[0] in name.words or seen.words[0] in name.bare
    if _close(seen.joined, name.joined) or _close("".join(seen.sorted), "".join(name.sorted)):
        return True
    fewer, more = sorted((seen.words, name.words), key=len)
    rest, apart = list(more), 0
    for word in fewer:
        other = word if word in rest else next((other for other in rest if _close(word, other)), None)
        if other is None:
            return False
        apart += other != word
        rest.remove(other)
    return apart <= 1


def _close(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= _SHORTEST and edit_distance(one, other, _NEAR) <= _NEAR
