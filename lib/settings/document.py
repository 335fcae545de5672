"""YAML with closed keys: each wrong key or value is an error that names file, line, key and the nearest right one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import yaml

from lib.model.words import Words

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MISSING = object()


class UserError(Exception):
    """Something a person can put right (configuration, a missing workbook); the message says where and how."""


class Entry:
    """One mapping of a YAML file. Keys are taken one by one; `done()` refuses what nobody asked for."""

    def __init__(self, path: Path, node: yaml.MappingNode) -> None:
        self.path = path
        self.line = node.start_mark.line + 1
        self._nodes: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key, value in node.value:
            if str(key.value) in self._nodes:
                self._fail(key, f"the key {key.value!r} stands twice")
            self._nodes[str(key.value)] = (key, value)
        self._asked: list[str] = []

    def _fail(self, node: yaml.Node | None, message: str) -> NoReturn:
        line = node.start_mark.line + 1 if node is not None else self.line
        raise UserError(f"{self.path.parent.name}/{self.path.name}, line {line}: {message}")

    def fail(self, key: str, message: str) -> NoReturn:
        """Raise UserError about the value of `key`."""
        self._fail(self._nodes[key][0] if key in self._nodes else None, f"{key}: {message}")

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def names(self) -> Iterator[str]:
        """All keys, for mappings whose keys are free (subject codes, years …); they count as asked for."""
        self._asked.extend(self._nodes)
        return iter(list(self._nodes))

    def take(self, key: str, kind: type | tuple[type, ...] = str, default: Any = _MISSING) -> Any:
        """The plain value of `key`, which must be of `kind`; without a default the key is required."""
        self._asked.append(key)
        if key not in self._nodes:
            if default is _MISSING:
                near = get_close_matches(key, self._nodes, 1)
                hint = f"; did you write {near[0]!r} instead?" if near else ""
                self._fail(None, f"the key {key!r} is missing{hint}")
            return default
        node = self._nodes[key][1]
        value = _plain(node)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if float in kinds and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if isinstance(value, bool) and bool not in kinds and object not in kinds:
            self._fail(node, f"{key}: {value!r} is yes/no; expected {_names(kinds)} (put text in quotes)")
        if not isinstance(value, kinds):
            self._fail(node, f"{key}: {value!r} was seen; expected {_names(kinds)}")
        return value

    def one_of(self, key: str, allowed: tuple[str, ...], default: Any = _MISSING) -> str:
        """A text that must be one of `allowed`."""
        value = self.take(key, str, default)
        if value not in allowed and value is not default:
            near = get_close_matches(str(value), allowed, 1)
            hint = f"; nearest: {near[0]!r}" if near else ""
            self._fail(self._nodes[key][1], f"{key}: {value!r} was seen; expected one of {', '.join(allowed)}{hint}")
        return value

    def texts(self, key: str, default: Any = _MISSING) -> tuple[str, ...]:
        """A list of texts (numbers are taken as text)."""
        value = self.take(key, list, default if default is _MISSING else list(default))
        return tuple(str(item) for item in value)

    def words(self, key: str, default: Words | None = None) -> Words:
        """Words in ky (required), ru and en."""
        if key not in self._nodes and default is not None:
            self._asked.append(key)
            return default
        entry = self.entry(key)
        words = Words(entry.take("ky"), entry.take("ru", str, ""), entry.take("en", str, ""))
        entry.done()
        return words

    def entry(self, key: str) -> Entry:
        """A mapping inside this one."""
        self._asked.append(key)
        if key not in self._nodes:
            self.take(key)
        node = self._nodes[key][1]
        if not isinstance(node, yaml.MappingNode):
            self._fail(node, f"{key}: expected a mapping of keys and values")
        return Entry(self.path, node)

    def entries(self, key: str, required: bool = True) -> list[Entry]:
        """A list of mappings."""
        self._asked.append(key)
        if key not in self._nodes:
            if required:
                self.take(key)
            return []
        node = self._nodes[key][1]
        if not isinstance(node, yaml.SequenceNode) or any(not isinstance(item, yaml.MappingNode) for item in node.value):
            self._fail(node, f"{key}: expected a list of entries, each beginning with '-'")
        return [Entry(self.path, item) for item in node.value]

    def done(self) -> None:
        """Refuse keys that nobody asked for."""
        for key, (node, _) in self._nodes.items():
            if key not in self._asked:
                near = get_close_matches(key, self._asked, 1, 0.5)
                hint = f"; nearest right key: {near[0]!r}" if near else f"; right keys: {', '.join(sorted(set(self._asked)))}"
                self._fail(node, f"unknown key {key!r}{hint}")


def read(path: Path) -> Entry:
    """The top mapping of a YAML file; UserError names the file and line of what cannot be read."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except FileNotFoundError:
        raise UserError(f"{path.parent.name}/{path.name}: the file is missing") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{path.parent.name}/{path.name}, line {line}: {error.problem}") from None
    if not isinstance(node, yaml.MappingNode):
        raise UserError(f"{path.parent.name}/{path.name}, line 1: expected keys and values")
    return Entry(path, node)


def _names(kinds: tuple[type, ...]) -> str:
    return " or ".join(
        {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "a mapping",
         dt.date: "a date like 2026-04-15"}.get(kind, kind.__name__) for kind in kinds if kind is not type(None)
    )  # fmt: skip


def _plain(node: yaml.Node) -> Any:
    return yaml.constructor.SafeConstructor().construct_object(node, deep=True)
