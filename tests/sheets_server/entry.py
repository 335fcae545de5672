"""What a cell takes from what is typed into it (USER_ENTERED), by the spreadsheet's locale."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from .document import Entered, Formula, number
from .locales import Locale
from .numbers import serial

NumberFormat = dict[str, str]


def typed(text: str, locale: Locale, today: dt.date, number_format: dict[str, Any] | None = None) -> tuple[Entered, NumberFormat | None]:
    """The value, and the number format that typing it sets (None: leaves the cell's own)."""
    if (number_format or {}).get("type") == "TEXT" or text.startswith("'"):
        return text.removeprefix("'") or None, None
    if text.startswith("=") and len(text) > 1:
        return Formula(text), None
    bare = text.strip()
    if bare.upper() in {"TRUE", "FALSE"}:
        return bare.upper() == "TRUE", None
    return _figure(bare, locale) or _percent(bare, locale) or _moment(bare, locale, today) or (text, None)


def _plain_number(text: str, locale: Locale) -> float | None:
    decimal, group = re.escape(locale.decimal), f"[{re.escape(locale.group)}\u00a0\u202f ]" if locale.group != "," else ","
    whole = rf"[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+"
    if not re.fullmatch(rf"[+-]?(?:(?:{whole})(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?", text):
        return None
    try:
        return float(re.sub(group, "", text).replace(locale.decimal, "."))
    except (ValueError, OverflowError):
        return None


def _figure(text: str, locale: Locale) -> tuple[Entered, NumberFormat | None] | None:
    value = _plain_number(text, locale)
    return None if value is None else (number(value), None)


def _percent(text: str, locale: Locale) -> tuple[Entered, NumberFormat] | None:
    if not text.endswith("%"):
        return None
    digits = text[:-1].strip()
    value = _plain_number(digits, locale)
    if value is None:
        return None
    pattern = "0.00%" if locale.decimal in digits else "0%"
    return number(float(f"{value}") / 100), {"type": "PERCENT", "pattern": pattern}


_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?"


def _moment(text: str, locale: Locale, today: dt.date) -> tuple[Entered, NumberFormat] | None:
    """A date, a time, or both. A date without a year is of this year."""
    time = re.fullmatch(rf"(?:(?P<date>.*\S)\s+)?{_TIME}", text)
    day_text = time["date"] if time else text
    day = pattern = None
    if day_text is not None:
        found = _date(day_text, locale, today)
        if found is None:
            return None
        day, pattern = found
    if time is None:
        assert day is not None and pattern is not None
        return number(serial(day)), {"type": "DATE", "pattern": pattern}
    hour, minute, second = int(time["hour"]), int(time["minute"]), int(time["second"] or 0)
    if minute > 59 or second > 59 or (day is not None and hour > 23):
        return None
    fraction = (hour * 3600 + minute * 60 + second) / 86400
    clock = "h:mm:ss" if time["second"] else "h:mm"
    if day is None:
        return number(fraction), {"type": "TIME", "pattern": clock}
    return number(serial(day) + fraction), {"type": "DATE_TIME", "pattern": f"{pattern} {clock}"}


def _date(text: str, locale: Locale, today: dt.date) -> tuple[dt.datetime, str] | None:
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if iso:
        return _made(int(iso[1]), int(iso[2]), int(iso[3]), "yyyy-mm-dd")
    signs = "[./-]" if locale.decimal != "." else "[/-]"
    whole = re.fullmatch(rf"(\d{{1,4}})({signs})(\d{{1,2}})\2(\d{{1,4}})", text)
    if whole:
        first, sign, second, third = whole.groups()
        parts = dict(zip(locale.order, (first, second, third), strict=True))
        if len(first) == 4:
            parts = {"y": first, "m": second, "d": third}
        if len(parts["d"]) > 2 or len(parts["m"]) > 2 or len(parts["y"]) == 3:
            return None
        year = int(parts["y"]) + ((2000 if int(parts["y"]) < 50 else 1900) if len(parts["y"]) <= 2 else 0)
        letters = {"d": "d" * len(parts["d"]), "m": "m" * len(parts["m"]), "y": "yy" if len(parts["y"]) <= 2 else "yyyy"}
        order = "ymd" if len(first) == 4 else locale.order
        return _made(year, int(parts["m"]), int(parts["d"]), sign.join(letters[part] for part in order))
    short = re.fullmatch(rf"(\d{{1,2}})({signs})(\d{{1,2}})", text)
    if short:
        order = locale.order.replace("y", "")
        parts = dict(zip(order, (short[1], short[3]), strict=True))
        pattern = short[2].join(part * len(parts[part]) for part in order)
        return _made(today.year, int(parts["m"]), int(parts["d"]), pattern)
    return None


def _made(year: int, month: int, day: int, pattern: str) -> tuple[dt.datetime, str] | None:
    try:
        return dt.datetime(year, month, day), pattern
    except ValueError:
        return None
