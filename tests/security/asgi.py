"""A request of HTTP or a connection of a WebSocket, handed to an ASGI application in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Head = Iterable[tuple[str, str]]


def scope_of(kind: str, path: str, headers: Head = (), client: str = "192.0.2.7", method: str = "GET", scheme: str = "http") -> Scope:
    """What a server hands over. A Host header is there unless the headers hold one."""
    told = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    if not any(name == b"host" for name, _ in told):
        told.append((b"host", b"127.0.0.1:8501"))
    plain, _, query = path.partition("?")
    return {
        "type": kind, "path": plain, "raw_path": plain.encode(), "query_string": query.encode(), "headers": told, "method": method,
        "client": (client, 50000), "scheme": scheme if kind == "http" else scheme.replace("http", "ws"), "subprotocols": [],
    }  # fmt: skip


def call(app: ASGIApp, scope: Scope, incoming: Iterable[Message] = ()) -> list[Message]:
    """Everything that the application sends for the request."""
    sent: list[Message] = []
    given = iter([*incoming] or [{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        return next(given, {"type": "http.disconnect" if scope["type"] == "http" else "websocket.disconnect", "code": 1000})

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def status(sent: list[Message]) -> int:
    return next(message["status"] for message in sent if message["type"] == "http.response.start")


def headers(sent: list[Message]) -> dict[str, str]:
    start = next(message for message in sent if message["type"] == "http.response.start")
    return {name.decode().lower(): value.decode() for name, value in start["headers"]}


class Echo:
    """An application that notes what reaches it, reads the whole body and answers 200; a WebSocket it accepts and hears to the end."""

    def __init__(self, kind: str = "text/plain", cookies: Iterable[str] = (), frames: Iterable[bytes] = ()) -> None:
        self.kind, self.cookies, self.frames = kind, list(cookies), list(frames)
        self.seen: list[Scope] = []
        self.heard: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope)
        if scope["type"] == "http":
            while (message := await receive())["type"] == "http.request" and message.get("more_body"):
                pass
            head: list[tuple[bytes, bytes]] = [(b"content-type", self.kind.encode())]
            head += [(b"set-cookie", cookie.encode()) for cookie in self.cookies]
            await send({"type": "http.response.start", "status": 200, "headers": head})
            await send({"type": "http.response.body", "body": b"ok"})
            return
        await receive()
        await send({"type": "websocket.accept"})
        for frame in self.frames:
            await send({"type": "websocket.send", "bytes": frame})
        while (message := await receive())["type"] == "websocket.receive":
            self.heard.append(message)


def opening(*frames: bytes) -> list[Any]:
    """What a browser sends over a WebSocket: the opening, then frames."""
    return [{"type": "websocket.connect"}, *({"type": "websocket.receive", "bytes": frame} for frame in frames)]
