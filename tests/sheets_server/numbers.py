"""Numbers as a cell shows them: number formats, dates as serials, and the plain form where there is no format."""

from __future__ import annotations

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from .locales import Locale

EPOCH = dt.datetime(1899, 12, 30)
DATES = frozenset({"DATE", "TIME", "DATE_TIME"})

_PIECE = re.compile(r'"([^"]*)"|\\(.)|(am/pm|a/p|[dmy]+|[hH]+|s+|\[h+\])|(.)', re.IGNORECASE | re.DOTALL)
_DIGITS = re.compile(r"[#0?,]*[#0?](?:\.[#0?]*)?(?:E[+-]?0+)?|\.[#0?]+")
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def serial(moment: dt.datetime) -> float:
    """Days since 30 December 1899."""
    return (moment - EPOCH) / dt.timedelta(days=1)


def moment(value: float) -> dt.datetime:
    return EPOCH + dt.timedelta(seconds=round(value * 86400))


def default_pattern(kind: str, locale: Locale) -> str:
    """The pattern that a number format without one stands for."""
    date = locale.separator.join({"d": "dd", "m": "mm", "y": "yyyy"}[part] for part in locale.order)
    if locale.separator == "/" and locale.order == "mdy":
        date = "M/d/yyyy"
    return {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": '"$"#,##0.00',
        "SCIENTIFIC": "0.00E+00",
        "TEXT": "@",
        "DATE": date,
        "TIME": "h:mm:ss",
        "DATE_TIME": f"{date} h:mm:ss",
    }.get(kind, "")


def shown(value: float, number_format: dict[str, Any] | None, locale: Locale) -> str:
    """The text that a number shows under a number format (Google's NumberFormat) in a locale."""
    kind = (number_format or {}).get("type", "")
    pattern = (number_format or {}).get("pattern") or default_pattern(kind, locale)
    if not pattern or pattern in {"General", "@"}:
        return plain(value, locale)
    if kind in DATES or (kind not in {"NUMBER", "PERCENT", "CURRENCY", "SCIENTIFIC"} and re.search(r"[dyhs]", _bare(pattern))):
        return _date(value, pattern)
    return _figure(value, pattern, locale)


def plain(value: float, locale: Locale) -> str:
    """Without a format: up to ten figures after the point, no trailing zeros."""
    if isinstance(value, int) and abs(value) < 10**15:
        return str(value)
    if value and not 1e-7 <= abs(value) < 1e15:
        mantissa, _, exponent = f"{value:.9E}".partition("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent[0]}{exponent[1:].lstrip('0').rjust(2, '0')}".replace(".", locale.decimal)
    rounded = Decimal(repr(float(value))).quantize(Decimal("1e-10"), ROUND_HALF_UP).normalize()
    return format(rounded, "f").replace(".", locale.decimal) if rounded else "0"


def _bare(pattern: str) -> str:
    """A pattern without its quoted words, colours and conditions."""
    return re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|E[+-]', "", pattern)


def _figure(value: float, pattern: str, locale: Locale) -> str:
    sections = pattern.split(";")
    if value < 0 and len(sections) > 1 and sections[1]:
        pattern, value = sections[1], -value
    elif value == 0 and len(sections) > 2:
        pattern = sections[2]
    else:
        pattern = sections[0]
    body = _DIGITS.search(re.sub(r'"[^"]*"', lambda quoted: "\0" * len(quoted[0]), pattern))
    if body is None:
        return re.sub(r'"([^"]*)"|\\(.)|\[[^\]]*\]', lambda part: part[1] or part[2] or "", pattern)
    before, digits, after = pattern[: body.start()], body[0], pattern[body.end() :]
    if "%" in _bare(before + after):
        value *= 100
    text = _digits(value, digits, locale)
    before, after = (re.sub(r'"([^"]*)"|\\(.)|\[[^\]]*\]', lambda part: part[1] or part[2] or "", part) for part in (before, after))
    sign = "-" if text.startswith("-") else ""
    return f"{sign}{before}{text.removeprefix('-')}{after}"


def _digits(value: float, digits: str, locale: Locale) -> str:
    mantissa, _, exponent = digits.partition("E")
    whole, _, fraction = mantissa.partition(".")
    most, least = len(fraction), fraction.count("0")
    if exponent:
        text, _, power = f"{value:.{most}E}".partition("E")
        width = exponent.count("0")
        return f"{text.replace('.', locale.decimal)}E{power[0]}{power[1:].lstrip('0').rjust(width, '0')}"
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    sign = "-" if rounded < 0 else ""
    integer, _, rest = format(abs(rounded), "f").partition(".")
    while len(rest) > least and rest.endswith("0"):
        rest = rest[:-1]
    integer = integer.lstrip("0").rjust(whole.count("0"), "0")
    if "," in whole:
        integer = re.sub(r"(?<=\d)(?=(\d{3})+$)", locale.group, integer)
    return sign + (integer or ("" if rest else "0")) + (locale.decimal + rest if rest else "")


@lru_cache(maxsize=200)
def _pieces(pattern: str) -> tuple[tuple[str, bool], ...]:
    """(text, is a date letter run); an `m` after hours or before seconds is minutes, written M here and month m."""
    found = [(part[1] or part[2] or part[3] or part[4] or "", part[3] is not None) for part in _PIECE.finditer(pattern)]
    pieces: list[tuple[str, bool]] = []
    for at, (text, letters) in enumerate(found):
        if letters and text[0] in "mM":
            earlier = next((run.lower() for run, is_letters in reversed(found[:at]) if is_letters), "")
            later = next((run.lower() for run, is_letters in found[at + 1 :] if is_letters), "")
            minutes = len(text) <= 2 and (earlier[:1] == "h" or earlier[:2] == "[h" or later[:1] == "s")
            text = ("M" if minutes else "m") * len(text)
        elif letters:
            text = text.lower()
        pieces.append((text, letters))
    return tuple(pieces)


def _date(value: float, pattern: str) -> str:
    when = moment(value)
    twelve = "am/pm" in pattern.lower() or "a/p" in pattern.lower()
    hours = (when.hour % 12 or 12) if twelve else when.hour
    weekday = _DAYS[(when.weekday() + 1) % 7]
    month = _MONTHS[when.month - 1]
    words = {
        "d": str(when.day), "dd": f"{when.day:02}", "ddd": weekday[:3], "dddd": weekday,
        "m": str(when.month), "mm": f"{when.month:02}", "mmm": month[:3], "mmmm": month, "mmmmm": month[0],
        "y": f"{when.year % 100:02}", "yy": f"{when.year % 100:02}", "yyy": str(when.year), "yyyy": str(when.year),
        "h": str(hours), "hh": f"{hours:02}", "M": str(when.minute), "MM": f"{when.minute:02}",
        "s": str(when.second), "ss": f"{when.second:02}",
        "am/pm": "AM" if when.hour < 12 else "PM", "a/p": "A" if when.hour < 12 else "P",
        "[h]": str(int(value * 24)), "[hh]": str(int(value * 24)),
    }  # fmt: skip
    return "".join(words.get(text, text) if letters else text for text, letters in _pieces(pattern))
