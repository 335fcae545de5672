"""What stands between {{ and }}: read into its parts, or said to be wrong with the nearest right one.

    {{D1.02}}                     the indicator's value for the group and period that the template is filled for
    {{D1.02 7-А Q1}}              of a class and a quarter; {{D1.02 ALG}}, {{D1.02 7-А ALG}}, {{D1.02 school}}
    {{n D1.02}}, {{change D1.02}} another of its figures: n, change, target, state, name
    {{school_name}}, {{period}}   a field

Words come in any order, in Kyrgyz, Russian or English, with spaces or | between them; names of two words are read as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from lib import i18n
from lib.documents.basis import Basis
from lib.documents.own.words import PlaceholderWords
from lib.i18n import gettext as _
from lib.model.words import LANGUAGES, Words

LONGEST = 200  # signs between the braces
_MOST_WORDS = 8  # of one name
_HALF = 0.5
_ALIKE = str.maketrans(
    {**dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"), **dict.fromkeys("\u00ad\u200b\u200d\u2060\ufeff", None)}
)
_PARTED = re.compile(r"[\s|,;]+")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder as it was understood. `scope` are the groups that it names as pairs; `whole`: it names the whole school.

    Empty texts and an empty scope mean: that which the template is filled for.
    """

    indicator: str = ""
    field: str = ""
    figure: str = "value"
    scope: tuple[tuple[str, str], ...] = ()
    whole: bool = False
    period: str = ""
    school_year: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A placeholder that cannot be filled: why, and the nearest right one ("" when nothing is like it)."""

    why: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    """A word of the vocabulary: its sort (indicator, field, figure, period, school_year, whole, or a dimension), and how it is written."""

    sort: str
    value: str
    written: str


class Vocabulary:
    """Every word that a placeholder may hold in this school, under one key for all its spellings."""

    def __init__(self, basis: Basis, words: PlaceholderWords) -> None:
        self._terms: dict[str, _Term] = {}
        loaded, roll = basis.loaded, basis.roll
        for code in loaded.all_indicators:
            self._add(_Term("indicator", code, code), code)
        for sort, found in (("field", words.fields), ("figure", words.figures)):
            for word in found.values():
                self._add(_Term(sort, word.key, word.key), word.key, *_all(word.spelt))
        for period, spelt in words.periods.items():
            self._add(_Term("period", period, period), period, *_all(spelt))
        self._add(_Term("whole", "school", "school"), "school", *_all(words.whole))
        for year in roll.school_years:
            self._add(_Term("school_year", year, year), year)
            for name, grade, _stage in roll.classes.get(year, ()):
                self._add(_Term("school_class", name, name), name)
                if grade:
                    written_so = words.grade.of(i18n.language()).format(number=grade)
                    self._add(_Term("grade", grade, written_so), *(text.format(number=grade) for text in _all(words.grade)))
        for key, about in loaded.stages.items():
            self._add(_Term("stage", key, key), key, *_all(about))
        for spelt_key, code in loaded.subject_keys.items():
            self._terms.setdefault(spelt_key, _Term("subject", code, code))
        for spelt_key, key in loaded.association_keys.items():
            self._terms.setdefault(spelt_key, _Term("method_association", key, key))

    def _add(self, term: _Term, *spelt: str) -> None:
        for text in spelt:
            self._terms.setdefault(i18n.match_key(text), term)

    def read(self, text: str) -> Placeholder | Wrong:
        """What stands between the braces."""
        words = [word.rpartition("=")[2] for word in _PARTED.split(text.translate(_ALIKE).strip(" \t\u00a0|,;")) if word]
        words = [word for word in words if word]
        if not words:
            return Wrong(_("nothing stands between the braces"))
        terms: list[_Term | str] = []
        while words:
            for count in range(min(len(words), _MOST_WORDS), 0, -1):
                term = self._terms.get(i18n.match_key(" ".join(words[:count])))
                if term is not None:
                    terms.append(term)
                    words = words[count:]
                    break
            else:
                terms.append(words.pop(0))
        unknown = [term for term in terms if isinstance(term, str)]
        if unknown:
            return Wrong(_("“{word}” is no word of placeholders", word=unknown[0][:60]), self._nearest(terms))
        return _put_together([term for term in terms if not isinstance(term, str)])

    def _nearest(self, terms: Iterable[_Term | str]) -> str:
        """The placeholder with each unknown word replaced by the one most like it; "" when one is like none."""
        said = []
        for term in terms:
            if isinstance(term, _Term):
                said.append(term.written)
                continue
            near = get_close_matches(i18n.match_key(term), list(self._terms), 1, _HALF)
            if not near:
                return ""
            said.append(self._terms[near[0]].written)
        return written(" ".join(said))


def written(text: str) -> str:
    """A placeholder as it is typed."""
    return "{{" + text + "}}"


def nearest_name(name: str, known: Iterable[str]) -> str:
    """The name of a file that is most like the one that was written; "" when none is."""
    found = get_close_matches(name.casefold(), by_name := {one.casefold(): one for one in known}, 1, _HALF)
    return by_name[found[0]] if found else ""


def _all(words: Words) -> list[str]:
    return [words.of(language) for language in LANGUAGES]


def _put_together(terms: list[_Term]) -> Placeholder | Wrong:
    by_sort: dict[str, _Term] = {}
    for term in terms:
        if by_sort.setdefault(term.sort, term).value != term.value:
            return Wrong(_("it names two of one sort: {one} and {other}", one=by_sort[term.sort].written, other=term.written))
    value: Mapping[str, str] = {sort: term.value for sort, term in by_sort.items()}
    scope = tuple((name, value[name]) for name in ("stage", "grade", "school_class", "subject", "method_association") if name in value)
    found = Placeholder(
        value.get("indicator", ""), value.get("field", ""), value.get("figure", "value"), scope, "whole" in value,
        value.get("period", ""), value.get("school_year", ""),
    )  # fmt: skip
    if found.whole and scope:
        return Wrong(_("it names a group and the whole school"))
    if found.indicator and found.field:
        if found.field != "period":  # the same word as the sort of what stands beside it
            return Wrong(_("it names an indicator and a field: {field}", field=found.field), written(found.indicator))
        return replace(found, field="")
    if not found.indicator and not found.field:
        return Wrong(_("it names no indicator"), written(" ".join(["D1.02", *(term.written for term in terms)])))
    return found
