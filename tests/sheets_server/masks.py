"""Field masks: `a(b,c/d),e.f,*` as a tree, checked against the shape of the answer, and the answer cut down to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Tree = Mapping[str, "Tree"]
"""Field name → what is wanted inside it; an empty tree wants everything."""

Shape = Mapping[str, Mapping[str, str]]
"""Message name → its fields and the message that each holds ("" for a plain value)."""

ALL: Tree = {}
_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*|\*|[(),./])")


class UnknownField(ValueError):
    """The mask names what does not exist; `args[0]` is its path."""


@lru_cache(maxsize=2000)
def parse(text: str) -> Tree:
    """The tree of a mask. Raises UnknownField with the text where it cannot be read."""
    tokens = _tokens(text)
    position = 0

    def peek() -> str:
        return tokens[position] if position < len(tokens) else ""

    def path(into: dict[str, Any]) -> None:
        nonlocal position
        while True:
            name = peek()
            if not name or name in "(),./":
                raise UnknownField(text)
            position += 1
            name = name if name == "*" else _camel(name)
            fresh = name not in into
            inner = into.setdefault(name, {})
            if peek() in {".", "/"} and peek():
                position += 1
                if not fresh and not inner:  # already wanted whole
                    inner = {}
                into = inner
                continue
            if peek() == "(":
                position += 1
                many(inner, ")")
            else:
                inner.clear()
            return

    def many(into: dict[str, Any], end: str) -> None:
        nonlocal position
        while True:
            path(into)
            if peek() == ",":
                position += 1
                continue
            if peek() == end:
                position += 1
                return
            raise UnknownField(text)

    tree: dict[str, Any] = {}
    many(tree, "")
    return tree


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise UnknownField(text)
        tokens.append(found[1])
        at = found.end()
    return tokens


def _camel(name: str) -> str:
    """Masks may also be written in snake_case."""
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail) if tail and head else name


def check(tree: Tree, shape: Shape, message: str, path: str = "") -> None:
    """Raises UnknownField with the path of the first field that `message` does not have."""
    fields = shape.get(message)
    if fields is None:  # a free map or a part that this server does not look into
        return
    for name, inner in tree.items():
        if name == "*":
            continue
        here = f"{path}.{name}" if path else name
        if name not in fields:
            raise UnknownField(here)
        if inner:
            if not fields[name]:
                raise UnknownField(f"{here}.{next(iter(inner))}")
            check(inner, shape, fields[name], here)


def inside(tree: Tree | None, name: str) -> Tree | None:
    """What is wanted of field `name`: None = nothing, an empty tree = everything."""
    if tree is None:
        return None
    if not tree:
        return ALL
    own, star = tree.get(name), tree.get("*")
    if own is None or star is None:
        return own if star is None else star
    return ALL if not own or not star else {**star, **own}


def cut(value: Any, tree: Tree | None) -> Any:
    """`value` with nothing but what the tree wants; lists are cut item by item."""
    if not tree:
        return value
    if isinstance(value, list):
        return [cut(item, tree) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for name, held in value.items():
        inner = inside(tree, name)
        if inner is not None:
            result[name] = cut(held, inner)
    return result


def filled(tree: Tree, parts: Mapping[str, Callable[[Tree], Any]]) -> dict[str, Any]:
    """An object made of the parts that the tree wants, each made only when wanted; a part that gives None is left out."""
    result = {}
    for name, make in parts.items():
        inner = inside(tree, name)
        if inner is not None and (value := make(inner)) is not None:
            result[name] = value
    return result
