"""What the words of an export say: which class, subject, period and school year they name. Nothing is guessed from a part of a word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lib.i18n import canon, match_key
from lib.intake.parse import class_of, edit_distance
from lib.intake.vocabulary import Vocabulary
from lib.settings.journal import JournalWords

# Keys of form F01's columns of marks.
QUARTERS = ("q1", "q2", "q3", "q4")
YEAR, EXAM, FINAL = "year", "exam", "final"

_YEAR = re.compile(r"(20\d\d)\s*[-–—/]\s*(20\d\d|\d\d)(?!\d)")
_TOKENS = re.compile(r"\d+|[^\W\d_]+")
_PARTS = re.compile(r"[,;:·|/()\n\t\u2013\u2014]+|\s-\s|\s{3,}")
_NUMBERS = {"1": 1, "2": 2, "3": 3, "4": 4, "I": 1, "II": 2, "III": 3, "IV": 4}
# The Ukrainian letter in place of the Roman one, and the Latin look-alikes of nothing else.
_ROMAN = str.maketrans({"\u0406": "I", "\u0456": "I", "i": "I", "v": "V"})
_ORDINAL_LETTERS = 3  # "1-я", "2-ая": letters between a number and the quarter word
_NEAR_LENGTH = 6


@dataclass
class Said:
    """What some texts name, each in the order in which it was met."""

    school_year: list[str] = field(default_factory=list)
    school_class: list[str] = field(default_factory=list)
    subject: list[str] = field(default_factory=list)
    period: list[str] = field(default_factory=list)


def said_by(texts: Sequence[str], words: Vocabulary, journal: JournalWords) -> Said:
    """What titles say: of each text its school years, periods and classes, and a subject where nothing else is left of a part of it."""
    found = Said()
    for text in texts:
        text = canon(text.replace("_", " "))
        rest, years = _without_years(text)
        _add(found.school_year, years)
        for part in filter(None, (p.strip() for p in _PARTS.split(rest))):
            tokens, period = _without_period(_without_phrases(_TOKENS.findall(part), journal), journal)
            _add(found.period, [period] if period else [])
            tokens, classes = _without_classes(tokens, words)
            _add(found.school_class, classes)
            if code := _subject_of(tokens, words, journal):
                _add(found.subject, [code])
    return found


def _add(known: list[str], new: Sequence[str]) -> None:
    known.extend(item for item in new if item not in known)


def _without_years(text: str) -> tuple[str, list[str]]:
    years = []
    for found in _YEAR.finditer(text):
        first, second = int(found[1]), int(found[2]) + (2000 if len(found[2]) == 2 else 0)
        if second == first + 1:
            years.append(f"{first}-{second}")
    return _YEAR.sub(" ", text), years


def _without_phrases(tokens: list[str], journal: JournalWords) -> list[str]:
    """The tokens but those of phrases that only say "school year": the Kyrgyz one begins with the name of a subject."""
    folded = [match_key(token) for token in tokens]
    for place in range(len(tokens) - 1):
        if journal.is_("school_year", folded[place] + folded[place + 1]):
            return _without_phrases(tokens[:place] + tokens[place + 2 :], journal)
    return tokens


# --- periods -------------------------------------------------------------------------------------------------------------


def period_of(text: str, journal: JournalWords) -> str:
    """The key of the period that a whole header or cell names (q1 … q4, year, exam, final), "" when it names none."""
    folded = match_key(text)
    for meaning in (YEAR, EXAM, FINAL):
        if journal.is_(meaning, folded):
            return meaning
    _rest, period = _without_period(_TOKENS.findall(canon(text)), journal)
    return period


def number_of(text: str) -> int:
    """1 to 4 for a bare number or Roman numeral of a quarter, else 0."""
    text = text.strip().strip(".)")
    return _NUMBERS.get(text.translate(_ROMAN) if text.isalpha() else text, 0)


def _without_period(tokens: list[str], journal: JournalWords) -> tuple[list[str], str]:
    """The tokens but those that name a quarter ("1-чейрек", "II четверть", "Q3", "четверть: 2"), and the quarter's key."""
    for place, token in enumerate(tokens):
        if not _is_quarter_word(token, journal):
            continue
        before = place - 1
        while before > 0 and number_of(tokens[before]) == 0 and tokens[before].isalpha() and len(tokens[before]) <= _ORDINAL_LETTERS:
            before -= 1
        if before >= 0 and (number := number_of(tokens[before])):
            return tokens[:before] + tokens[place + 1 :], QUARTERS[number - 1]
        if place + 1 < len(tokens) and (number := number_of(tokens[place + 1])):
            return tokens[:place] + tokens[place + 2 :], QUARTERS[number - 1]
    for place, token in enumerate(tokens):
        if len(token) >= _NEAR_LENGTH and journal.is_(YEAR, match_key(token)):  # "year mark", not the word "year" of a school year
            return tokens[:place] + tokens[place + 1 :], YEAR
    return tokens, ""


def _is_quarter_word(token: str, journal: JournalWords) -> bool:
    folded = match_key(token)
    return any(folded == word or (len(word) >= _NEAR_LENGTH and folded.startswith(word[:-1])) for word in journal.of["quarter"])


# --- classes and subjects ------------------------------------------------------------------------------------------------


def _without_classes(tokens: list[str], words: Vocabulary) -> tuple[list[str], list[str]]:
    """The tokens but those that name a class with its letter ("7-А", "7 А класс"), and the classes."""
    rest, classes = [], []
    place = 0
    while place < len(tokens):
        pair = tokens[place : place + 2]
        name = class_of(" ".join(pair), words) if len(pair) == 2 and pair[0].isdigit() and len(pair[1]) == 1 else None
        if name and "-" in name:
            classes.append(name)
            place += 2
        else:
            rest.append(tokens[place])
            place += 1
    return rest, classes


def subject_of(text: str, words: Vocabulary, journal: JournalWords) -> str:
    """The code of the subject that a header names and nothing beside it ("Алгебра", "Алгебра (3 саат)", "Алгебра баа"), else ""."""
    if code := words.subjects.get(match_key(text)):
        return code
    outside = re.sub(r"\(.*?\)", " ", text)
    return words.subjects.get(match_key(outside), "") or _subject_of(_TOKENS.findall(canon(outside)), words, journal)


def _subject_of(tokens: list[str], words: Vocabulary, journal: JournalWords) -> str:
    """The subject that is left when words without a meaning of their own are taken away from both ends."""
    first, last = 0, len(tokens)
    while first < last:
        if code := words.subjects.get(match_key(" ".join(tokens[first:last]))):
            return code
        if _is_empty_word(tokens[first], journal):
            first += 1
        elif _is_empty_word(tokens[last - 1], journal):
            last -= 1
        else:
            return ""
    return ""


def _is_empty_word(token: str, journal: JournalWords) -> bool:
    return token.isdigit() or journal.is_("title_words", match_key(token)) or journal.is_("mark", match_key(token))


def near_subjects(text: str, words: Vocabulary) -> list[str]:
    """Codes of subjects whose name begins alike or differs by two letters: to choose from, never to be taken."""
    key = match_key(text)
    found = {
        code: None
        for name, code in words.subjects.items()
        if len(key) >= 3 and (name.startswith(key[:4]) or (len(key) >= _NEAR_LENGTH and edit_distance(name, key, 2) <= 2))
    }
    return list(found)
