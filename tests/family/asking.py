"""Ask the route as a browser does, without a server: one HTTP request to an ASGI application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.types import ASGIApp

from lib.ui.family.route import ENTRANCE, ROUTES

HOST = "sapat.example.kg"


@dataclass
class Reply:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""


def ask(
    method: str, fields: dict[str, str] | None = None, address: str = "192.0.2.7", query: str = "", scheme: str = "https",
    app: ASGIApp | None = None, **headers: str,
) -> Reply:  # fmt: skip
    """`headers` with _ for -; `fields` are the form's; `app` what stands around the route."""
    body = urlencode(fields or {}).encode()
    named = {
        "host": HOST,
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(body)),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": scheme, "path": ENTRANCE,
        "raw_path": ENTRANCE.encode(), "query_string": query.encode(), "root_path": "", "client": (address, 1), "server": (HOST, 443),
        "headers": [(k.encode(), v.encode()) for k, v in named.items()],
    }  # fmt: skip
    reply, sent = Reply(), [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict:
        return sent.pop(0) if sent else {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.headers = {k.decode(): v.decode() for k, v in message["headers"]}
        else:
            reply.text += message.get("body", b"").decode()

    asyncio.run((app or Starlette(routes=ROUTES))(scope, receive, send))
    return reply
