"""One request as it came, and one answer as it goes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .errors import ApiError, invalid

JSON_TYPE = "application/json; charset=UTF-8"


@dataclass
class Request:
    method: str
    target: str
    """Path and query as sent, still percent-encoded."""
    headers: dict[str, str]
    """By name in Title-Case."""
    body: bytes = b""
    revoked: set[str] = field(default_factory=set)
    """Files that this request must find never shared (a fault)."""
    trashed: set[str] = field(default_factory=set)
    """Files that this request must find in the trash (a fault)."""

    def __post_init__(self) -> None:
        parts = urlsplit(self.target)
        self.path = parts.path
        self.query: dict[str, list[str]] = parse_qs(parts.query, keep_blank_values=True)

    def one(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def flag(self, name: str) -> bool:
        return self.one(name).lower() in {"true", "1"}

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty one."""
        if not self.body.strip():
            return {}
        try:
            value = json.loads(self.body)
        except ValueError:
            raise invalid("Invalid JSON payload received. Unexpected token.") from None
        if not isinstance(value, dict):
            raise invalid('Invalid JSON payload received. Unknown name "": Root element must be a message.')
        return value

    def form(self) -> dict[str, str]:
        if "json" in self.headers.get("Content-Type", ""):
            return {name: str(value) for name, value in self.json().items()}
        return {name: values[0] for name, values in parse_qs(self.body.decode("utf-8", "replace")).items()}


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)


def encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, encode(value).encode())


def refusal(error: ApiError, kind: str) -> Answer:
    return as_json(error.body(kind), error.code)
