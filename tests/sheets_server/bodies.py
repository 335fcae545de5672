"""Bodies checked against the interface's messages: what Google does not know, or cannot take, is refused in its words."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from .errors import ApiError, invalid
from .shapes import BOOLEANS, FIGURES, INTEGERS, LISTS, SHEETS

JSON = dict[str, Any]


def checked(body: JSON, message: str) -> JSON:
    """The body without its nulls, which say nothing (within the values of a range they do, and stay)."""
    return _message(body, message, "")


def _message(held: Any, message: str, path: str) -> JSON:
    if not isinstance(held, dict):
        raise _wrong(path, f"type.googleapis.com/google.apps.sheets.v4.{message}", held)
    fields = SHEETS.get(message)
    if fields is None:  # a part that this server does not look into
        return held
    whole = {}
    for name, value in held.items():
        if name not in fields:
            where = f" at '{path}'" if path else ""
            raise invalid(f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.')
        if value is None:
            continue
        here = f"{path}.{_snake(name)}" if path else _snake(name)
        if (message, name) not in LISTS:
            whole[name] = _field(value, name, fields[name], here)
        elif not isinstance(value, list):
            raise _wrong(here, "a list", value)
        elif message == "ValueRange":
            whole[name] = value
        else:
            whole[name] = [{} if item is None else _field(item, name, fields[name], f"{here}[{at}]") for at, item in enumerate(value)]
    for start, end in _SPANS.get(message, ()):
        if end in whole and whole.get(start, 0) > whole[end]:
            raise invalid(f"{path}.{_snake(end)}[{whole[end]}] must not be less than {_snake(start)}[{whole[start]}]")
    return whole


_SPANS = {
    "GridRange": (("startRowIndex", "endRowIndex"), ("startColumnIndex", "endColumnIndex")),
    "DimensionRange": (("startIndex", "endIndex"),),
}


def _field(value: Any, name: str, message: str, path: str) -> Any:
    if message:
        return _message(value, message, path) if message != "Any" else value
    if name in INTEGERS:
        return _integer(value, path)
    if name in FIGURES:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong(path, "TYPE_DOUBLE", value)
    elif name in BOOLEANS:
        if not isinstance(value, bool):
            raise _wrong(path, "TYPE_BOOL", value)
    elif not isinstance(value, str):
        raise _wrong(path, "TYPE_STRING", value)
    return value


def _integer(value: Any, path: str) -> int:
    """Whole numbers may also come as text or with a point; none of them may be negative."""
    try:
        if not isinstance(value, bool) and float(value) == int(float(value)) and 0 <= int(float(value)) < 2**31:
            return int(float(value))
    except (TypeError, ValueError, OverflowError):
        pass
    raise _wrong(path, "TYPE_INT32", value)


def _wrong(path: str, kind: str, value: Any) -> ApiError:
    return invalid(f"Invalid value at '{path}' ({kind}), {value!r}")


@lru_cache(maxsize=1000)
def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()
