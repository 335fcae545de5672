"""Files under /media go to the browser that they were made for.

Streamlit serves /media/<digest of the content> to whoever asks. Here a file may be fetched only by a browser to which the application has
told its address over an open page: what passes through a page's connection is looked through for such addresses, and each is remembered
for the browser, which a cookie of its own tells apart. So rights are asked where the file is made, and a link that is passed on opens
nothing.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "sapat_browser"
LINGER = 600.0  # seconds that a browser without an open page may still fetch what it was told: a network that breaks off
REMEMBERED, FILES = 5_000, 2_000  # browsers; files of each
_TOLD = re.compile(rb"/media/([0-9a-f]{32,64})")
_ASKED = re.compile(r"(?<!/static)/media(/|$)", re.IGNORECASE)  # fonts of Streamlit lie under /static/media
_FILE = re.compile(r"/media/([0-9a-f]{32,64})(\.[a-z0-9]+)?$")
_TOKEN = re.compile(r"[\w-]{32,64}", re.ASCII)


class MediaOwners:
    """Lets a file out only to the browser that was told of it."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._clock = clock
        self._told: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()  # browser → files
        self._open: Counter[str] = Counter()  # browser → open pages
        self._closed_at: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Listen to a page's connection, or ask whose a file is, or give a new browser its cookie."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        token = HTTPConnection(scope).cookies.get(COOKIE, "")
        token = token if _TOKEN.fullmatch(token) else ""
        if scope["type"] == "websocket":
            await self._listen(token, scope, receive, send)
        elif not _ASKED.search(scope["path"]):
            await self.app(scope, receive, send if token else _introducing(scope, send))
        elif self.owns(token, scope["path"]):
            await self.app(scope, receive, _unkept(send))
        else:
            await PlainTextResponse("Not found", 404, {"Cache-Control": "no-store"})(scope, receive, send)

    def owns(self, token: str, path: str) -> bool:
        """Whether the browser was told of that file and still has a page open, or had one a moment ago."""
        file = _FILE.search(path)
        self._forget()
        return bool(token and file) and file is not None and file[1] in self._told.get(token, ())

    async def _listen(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            if token and message["type"] == "websocket.send":
                for file in _TOLD.findall(message.get("bytes") or b""):
                    self._note(token, file.decode())
            await send(message)

        self._open[token] += 1
        try:
            await self.app(scope, receive, noted)
        finally:
            self._open[token] -= 1
            if not self._open[token]:
                del self._open[token]
                self._closed_at[token] = self._clock()

    def _note(self, token: str, file: str) -> None:
        files = self._told.setdefault(token, OrderedDict())
        self._told.move_to_end(token)
        files[file] = None
        files.move_to_end(file)
        while len(files) > FILES:
            files.popitem(last=False)
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)

    def _forget(self) -> None:
        """Let go of browsers whose last page was closed long ago."""
        past = self._clock() - LINGER
        for token in [token for token, then in self._closed_at.items() if then < past]:
            del self._closed_at[token]
            if token not in self._open:
                self._told.pop(token, None)


def _introducing(scope: Scope, send: Send) -> Send:
    """The answer with a cookie when it is a page: a number that says nothing but which browser this is, until it is closed."""

    async def introduced(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers.append("Set-Cookie", f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax")
        await send(message)

    return introduced


def _unkept(send: Send) -> Send:
    """The file with the order to keep it nowhere on its way."""

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Cache-Control"] = "no-store"
            headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        await send(message)

    return marked
