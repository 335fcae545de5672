"""Text that a spreadsheet might run, made neutral. Every file that a person may open in Excel, LibreOffice or Google passes here.

A program may run a cell that begins with = + - @ (or their full-width forms, which some import filters fold), with or without spaces,
quotes and invisible signs before it; one that begins with a tab or a line break; and, when it parts the columns at another sign than they
were written with, a piece of a cell behind such a sign. An apostrophe before it makes it text for all of them. What is a number stays a
number, and a lone sign ("-", "+": a tick in a list) stays what it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

_STARTERS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
# What may stand before a starter and is passed over: spaces of all kinds, quotes that a second reading takes off, signs without width.
_PASSED = '\\s"\uff02\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\ufeff'
_SPLIT = ",;|\t\r\n\v\f\x1c-\x1f\x85\u2028\u2029"
# A number as i18n prints it or as Python does: it may begin with a sign and still is no formula.
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?\Z")
_LONE = re.compile(f"[{_PASSED}]*[{_STARTERS}]?[{_PASSED}]*\\Z")
_BEGINS = re.compile(f"[{_PASSED}]*[{_STARTERS}]|[\t\r\n]")
_DIRECTIVE = re.compile(f"[{_PASSED}]*sep\\s*=", re.IGNORECASE)  # Excel takes the signs that part columns from a first line like this
_PIECE = re.compile(f"(?<=[{_SPLIT}])(?=[{_PASSED}]*[{_STARTERS}])")


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet might run the text: it begins like a formula and is no number and no lone sign."""
    if _LONE.match(text) and not text.startswith(("\t", "\r", "\n")):
        return False
    return bool(_BEGINS.match(text) or _DIRECTIVE.match(text)) and not _NUMBER.match(text)


def neutral(value: T) -> T:
    """The value as it may stand in a file of plain text (CSV): active text, and each piece of it that would be, behind an apostrophe."""
    return _neutral(value) if isinstance(value, str) else value  # type: ignore[return-value]


@lru_cache(maxsize=65_536)  # a table says the same words many times
def _neutral(text: str) -> str:
    inside = _PIECE.sub(_before_a_formula, text)
    return "'" + inside if is_dangerous(text) else inside


def _before_a_formula(found: re.Match[str]) -> str:
    piece = re.split(f"[{_SPLIT}]", found.string[found.end() :].lstrip(), maxsplit=1)[0]
    return "'" if is_dangerous(piece.strip()) else ""
