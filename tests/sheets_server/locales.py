"""How a spreadsheet's locale writes numbers and dates."""

from __future__ import annotations

from typing import NamedTuple


class Locale(NamedTuple):
    decimal: str
    group: str
    order: str
    """Order of the parts of a date: d, m, y."""
    separator: str
    """Between the parts of a date; the others are understood too where they are not the decimal sign."""
    argument: str
    """Between a formula's arguments."""


_ENGLISH_US = Locale(".", ",", "mdy", "/", ",")
_ENGLISH = Locale(".", ",", "dmy", "/", ",")
_POINTED = Locale(",", "\u00a0", "dmy", ".", ";")
_SLASHED = Locale(",", "\u00a0", "dmy", "/", ";")
_ISO = Locale(".", ",", "ymd", "-", ",")

_BY_LANGUAGE = {
    "en": _ENGLISH, "zh": _ISO, "ja": _ISO, "ko": _ISO, "th": _ENGLISH, "he": _ENGLISH, "hi": _ENGLISH,
    "ru": _POINTED, "ky": _POINTED, "kk": _POINTED, "uz": _POINTED, "tg": _POINTED, "uk": _POINTED, "be": _POINTED, "de": _POINTED,
    "tr": _POINTED, "pl": _POINTED, "cs": _POINTED, "fi": _POINTED, "nb": _POINTED, "hy": _POINTED, "ka": _POINTED, "az": _POINTED,
    "fr": _SLASHED, "es": _SLASHED, "it": _SLASHED, "pt": _SLASHED, "nl": _SLASHED,
}  # fmt: skip


def known(name: str) -> bool:
    return name.split("_")[0] in _BY_LANGUAGE


def locale(name: str) -> Locale:
    return _ENGLISH_US if name == "en_US" else _BY_LANGUAGE.get(name.split("_")[0], _ENGLISH_US)
