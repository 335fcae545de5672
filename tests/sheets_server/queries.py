"""The search language of files.list: `'ID' in parents and (name contains 'x' or not trashed = true)` read into a test of one file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from .errors import wrong_parameter
from .files import File

_TOKEN = re.compile(r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z][A-Za-z.]*)|(?P<sign><=|>=|!=|[=<>(){}]))""")

Facts = dict[str, Any]
"""What is known of a file, by the names of the search language."""

Test = Callable[[Facts], bool]

_TIMES = {"modifiedTime", "createdTime", "viewedByMeTime", "sharedWithMeTime"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
}


class Query:
    """A query that was understood; `parents` are the folders that it names."""

    def __init__(self, text: str) -> None:
        self.parents: set[str] = set()
        self._tokens = self._split(text)
        self._at = 0
        self.test: Test = (lambda facts: True) if not text.strip() else self._either()
        if self._at < len(self._tokens):
            raise wrong_parameter("q")

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        tokens, at, text = [], 0, text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if not found:
                raise wrong_parameter("q")
            kind = found.lastgroup or ""
            tokens.append((kind, re.sub(r"\\(.)", r"\1", found[kind][1:-1]) if kind == "text" else found[kind]))
            at = found.end()
        return tokens

    def _take(self, *expected: str) -> str:
        """The next token, which must be of one of these kinds (text, word, sign) or be one of these words."""
        kind, value = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind not in expected and (kind == "text" or value not in expected):
            raise wrong_parameter("q")
        self._at += 1
        return value

    def _next(self, *words: str) -> bool:
        kind, value = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind and kind != "text" and value in words:
            self._at += 1
            return True
        return False

    def _either(self) -> Test:
        tests = [self._both()]
        while self._next("or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda facts: any(test(facts) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._next("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda facts: all(test(facts) for test in tests)

    def _one(self) -> Test:
        if self._next("not"):
            test = self._one()
            return lambda facts: not test(facts)
        if self._next("("):
            test = self._either()
            self._take(")")
            return test
        if self._tokens[self._at : self._at + 1] and self._tokens[self._at][0] == "text":
            return self._membership()
        return self._term(self._take("word"))

    def _membership(self) -> Test:
        value = self._take("text")
        self._take("in")
        whole = self._take("parents", "owners", "writers", "readers")
        if whole == "parents":
            self.parents.add(value)
        return lambda facts: value in facts[whole]

    def _term(self, name: str) -> Test:
        if name in {"properties", "appProperties"}:
            return self._property(name)
        if name in {"name", "mimeType", "fullText"} and self._next("contains"):
            text = self._take("text")
            return lambda facts: _contains(facts["mimeType" if name == "mimeType" else "name"], text, anywhere=name != "name")
        if name in {"name", "mimeType"}:
            sign, text = self._take("=", "!=", "<", "<=", ">", ">="), self._take("text")
            return lambda facts: _COMPARE[sign](facts[name], text)
        if name in _TIMES:
            sign, when = self._take("=", "!=", "<", "<=", ">", ">="), self._take("text")
            moment = _moment(when)
            return lambda facts: _COMPARE[sign](facts[name], moment)
        if name in {"trashed", "starred", "sharedWithMe"}:
            if name == "sharedWithMe" and self._at >= len(self._tokens):
                return lambda facts: bool(facts[name])
            sign, word = self._take("=", "!="), self._take("true", "false")
            return lambda facts: _COMPARE[sign](facts[name], word == "true")
        raise wrong_parameter("q")

    def _property(self, name: str) -> Test:
        self._take("has")
        self._take("{")
        self._take("key")
        self._take("=")
        key = self._take("text")
        self._take("and")
        self._take("value")
        self._take("=")
        value = self._take("text")
        self._take("}")
        return lambda facts: facts[name].get(key) == value


def _contains(held: str, text: str, *, anywhere: bool) -> bool:
    """`name contains` finds beginnings of words only, as Drive does."""
    if anywhere:
        return text.casefold() in held.casefold()
    return re.search(r"(?:^|(?<=[\W_]))" + re.escape(text.casefold()), held.casefold()) is not None


def _moment(text: str) -> float:
    try:
        when = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise wrong_parameter("q") from None
    return (when if when.tzinfo else when.replace(tzinfo=dt.UTC)).timestamp()


_ORDERS: dict[str, Callable[[File], Any]] = {
    "createdTime": lambda file: file.created,
    "folder": lambda file: not file.mime.endswith(".folder"),
    "modifiedTime": lambda file: file.modified,
    "modifiedByMeTime": lambda file: file.modified,
    "name": lambda file: file.name,
    "name_natural": lambda file: [
        (0, int(part), "") if part.isdigit() else (1, 0, part.casefold()) for part in re.split(r"(\d+)", file.name)
    ],
    "quotaBytesUsed": lambda file: len(file.content or b""),
    "recency": lambda file: file.modified,
    "starred": lambda file: not file.starred,
    "viewedByMeTime": lambda file: file.modified,
    "sharedWithMeTime": lambda file: file.created,
}


def ordered(found: list[File], order: str) -> list[File]:
    """By `orderBy`; without one the youngest change first, as Drive mostly does."""
    if not order.strip():
        return sorted(found, key=lambda file: (-file.modified, file.id))
    for key in reversed(order.split(",")):
        name, _, direction = key.strip().partition(" ")
        if name not in _ORDERS or direction.strip() not in {"", "desc"}:
            raise wrong_parameter("orderBy", f"Sorting is not supported for this query: {order}")
        found = sorted(found, key=_ORDERS[name], reverse=direction.strip() == "desc")
    return found
