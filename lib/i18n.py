"""Languages: gettext in ky/ru/en, numbers and dates as people write them, and the Kyrgyz alphabet's order.

Interface words are English msgids translated when they are drawn (config/locale); domain words live in config/*.yaml.
Imports nothing of ours. Sources: domain.md §3 (CLDR, ICU-ky order).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

LANGUAGES = ("ky", "ru", "en")
LOCALE = Path(__file__).resolve().parent.parent / "config" / "locale"
NBSP = "\u00a0"
MINUS = "\u2212"

_current: ContextVar[str] = ContextVar("language", default="ky")


def use(language: str) -> None:
    """Speak `language` in this context from now on; an unknown one means Kyrgyz."""
    _current.set(language if language in LANGUAGES else "ky")


def language() -> str:
    """The language of this context: ky, ru or en."""
    return _current.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Everything said meanwhile is said in that language."""
    before = _current.get()
    use(language)
    try:
        yield
    finally:
        _current.set(before)


@cache
def _catalogue(language: str) -> dict[str, str]:
    """msgid → msgstr of config/locale/<language>/LC_MESSAGES/sapat.po (read as text: no compiling step to forget)."""
    path = LOCALE / language / "LC_MESSAGES" / "sapat.po"
    if not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not isinstance(m.id, tuple)}


def gettext(message: str, **slots: object) -> str:
    """The interface text `message` (English) in the current language, its {slots} filled."""
    spoken = language()
    text = message if spoken == "en" else _catalogue(spoken).get(message, message)
    return text.format(**slots) if slots else text


def number(value: float | None, decimals: int = 1) -> str:
    """A number as printed: half up, decimal comma (ky, ru), thousands apart, a true minus sign; "–" when absent."""
    if value is None or value != value:
        return "–"
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    text = f"{abs(rounded):,.{decimals}f}"
    if language() != "en":
        text = text.replace(",", NBSP).replace(".", ",")
    return (MINUS if rounded < 0 else "") + text


def signed(value: float | None, decimals: int = 1) -> str:
    """A change with its sign: "+3,2", "−1,0", "0,0"."""
    text = number(value, decimals)
    return f"+{text}" if value is not None and value > 0 and any(c in "123456789" for c in text) else text


def percent(value: float | None, decimals: int = 1) -> str:
    """A percentage: "73,5%" (in Russian with a space before the sign, CLDR)."""
    text = number(value, decimals)
    return text if text == "–" else text + (f"{NBSP}%" if language() == "ru" else "%")


def date(day: dt.date | None) -> str:
    """dd.MM.yyyy, as in Kyrgyz and Russian documents."""
    return day.strftime("%d.%m.%Y") if day else "–"


def moment(when: dt.datetime | None) -> str:
    """dd.MM.yyyy HH:MM."""
    return when.strftime("%d.%m.%Y %H:%M") if when else "–"


# --- the Kyrgyz alphabet -------------------------------------------------------------------------------------------------

_ALPHABET = "".join(chr(c) for c in range(0x430, 0x436)) + "ё" + "".join(chr(c) for c in range(0x436, 0x43E))
_ALPHABET = _ALPHABET.replace("н", "нң") + "оө" + "прсту" + "ү" + "фхцчшщъыьэюя"
_INDEX = {letter: place for place, letter in enumerate(_ALPHABET)}


def ky_key(text: object) -> tuple:
    """Sorting key in the order of the Kyrgyz alphabet (36 letters), equal to ICU's `ky` on the test words."""
    folded = unicodedata.normalize("NFC", str(text)).casefold()
    return tuple((1, _INDEX[c]) if c in _INDEX else (0, ord(c)) for c in folded), str(text)


_CLASS = re.compile(r"\s*(\d{1,2})\W*([^\W\d_])?")


def class_key(text: object) -> tuple:
    """Sorting key of school classes: 1-А … 9-Ү, 10-А; what is no class name comes last."""
    found = _CLASS.match(str(text))
    return (int(found[1]), ky_key(found[2] or "")) if found else (99, ky_key(text))


# --- one spelling for what people type -----------------------------------------------------------------------------------

_CANON = str.maketrans(
    {
        "\u0473": "ө", "\u0275": "ө", "\u0472": "Ө", "\u019f": "Ө", "\u04cb": "ң", "\u04ca": "ң", "\u04c8": "ң",
        "\u04c9": "Ң", "\u04c7": "Ң", "\u04b1": "ү", "\u04b0": "Ү", "\u00a0": " ", "\u202f": " ", "\u2007": " ",
        "\u200b": None, "\u200e": None, "\u200f": None, "\ufeff": None, "\u00ad": None,
    }
)  # fmt: skip
# Latin letters that look like Cyrillic ones, replaced only inside words that hold Cyrillic letters (or single letters).
_LOOK_ALIKES = str.maketrans("ABEKMHOPCTXYaeopcxyk", "АВЕКМНОРСТХУаеорсхук")
_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_FOLD = str.maketrans("ңөүё", "ноуе")


def _one_script(found: re.Match[str]) -> str:
    word = found[0]
    return word.translate(_LOOK_ALIKES) if len(word) == 1 or _CYRILLIC.search(word) else word


def canon(text: str) -> str:
    """The text with right code points: NFC, ө ң ү, Cyrillic for look-alikes inside Cyrillic words, single spaces (domain.md §3.3)."""
    text = unicodedata.normalize("NFC", text).translate(_CANON)
    text = " ".join(text.split())
    return _WORD.sub(_one_script, text)


def match_key(text: str) -> str:
    """A key under which spellings of one name meet: canon, case folded, ң ө ү ё as н о у е, letters and digits only."""
    folded = canon(text).casefold().translate(_FOLD)
    return "".join(c for c in folded if c.isalnum())
