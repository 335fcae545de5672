"""What a person wrote into the columns "group" and "period" of a sheet, as the place and time that figures speak of."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lib.i18n import canon, match_key
from lib.intake.parse import class_of, code_of
from lib.intake.vocabulary import Vocabulary
from lib.model.calendar import HALF_YEARS, MONTHS, QUARTERS, YEAR
from lib.settings import Settings

DIMENSIONS = ("stage", "grade", "school_class", "subject", "method_association", "teacher")
PART = "part"  # of an indicator's breakdown: no place, but a part of what is spoken of
_BETWEEN = re.compile(r"\s*[·;,/]\s*")
_GRADE = re.compile(r"(\d{1,2})$")


def period_of(text: str) -> str:
    """ "Q3" as people write it, with letters that only look Latin; "" for what is no period."""
    code = code_of(text) or ""
    known = code in (*QUARTERS, *HALF_YEARS, *MONTHS, YEAR)
    return code if known else ""


def as_text(scope: Mapping[str, str]) -> str:
    """ "school_class=7-А;subject=ALG": the machine's form, "" for the whole school."""
    return ";".join(f"{name}={scope[name]}" for name in (*DIMENSIONS, PART) if scope.get(name))


def from_text(settings: Settings, text: str) -> dict[str, str] | None:
    """The scope of `as_text`; None when it is none: somebody changed the cell."""
    found: dict[str, str] = {}
    words = Vocabulary.of(settings)
    for piece in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, value = (part.strip() for part in piece.partition("="))
        match name:
            case "stage" if value in settings.stages:
                found[name] = value
            case "grade" if _GRADE.match(value):
                found[name] = value
            case "school_class" if known := class_of(value, words):
                found[name] = known
            case "subject" if match_key(value) in settings.subject_keys:
                found[name] = settings.subject_keys[match_key(value)]
            case "method_association" if match_key(value) in settings.association_keys:
                found[name] = settings.association_keys[match_key(value)]
            case "teacher" if code := code_of(value):
                found[name] = code
            case "part" if value:
                found[name] = _parts(settings).get(canon(value), value)
            case _:
                return None
    return found


def _parts(settings: Settings) -> dict[str, str]:
    """How a sheet gives a part back (its look-alike letters made Cyrillic) → the part as figures name it."""
    columns = {indicator.breakdown.partition(".")[::2] for indicator in settings.all_indicators.values() if indicator.breakdown}
    forms = [settings.forms[form].by_key.get(column) for form, column in columns if form in settings.forms]
    return {canon(choice.key): choice.key for column in forms if column is not None for choice in column.choices}


def from_words(settings: Settings, text: str) -> dict[str, str] | None:
    """The same of what people write: "7-А", "7-А · Алгебра", a stage, an association; {} for nothing; None when it is not understood."""
    found: dict[str, str] = {}
    words = Vocabulary.of(settings)
    stages = {match_key(t): key for key, named in settings.stages.items() for t in (key, named.ky, named.ru, named.en) if t}
    for piece in filter(None, _BETWEEN.split(text.strip())):
        key, name = match_key(piece), class_of(piece, words)
        if name and "-" in name:
            found["school_class"] = name
        elif name:
            found["grade"] = name
        elif key in settings.subject_keys:
            found["subject"] = settings.subject_keys[key]
        elif key in stages:
            found["stage"] = stages[key]
        elif key in settings.association_keys:
            found["method_association"] = settings.association_keys[key]
        else:
            return None
    return found
