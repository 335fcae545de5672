"""Stands before the application and refuses what no reader asks for: strange hosts and paths, closed doors, too much, too often.

Plain ASGI and without a memory of people: it keeps addresses for as long as their allowance needs, and writes none of them down.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.settings.web import Network, Web
from lib.ui.limits import Allowance

LOOPBACK = "127.0.0.1"
METHODS = {"GET", "HEAD", "OPTIONS"}
UPLOAD_METHODS, FORM_METHODS = METHODS | {"PUT", "DELETE"}, METHODS | {"POST"}
LONGEST_PATH, LONGEST_QUERY = 1024, 8192
BODY, UPLOAD_FRAME = 64 * 1024, 1024 * 1024  # bytes; an upload carries its multipart frame
POLICY_VIOLATION = 1008  # closing code of a WebSocket
HASTE, PAUSE = 10, 0.05  # wishes of a page that are served at once; seconds between two looks whether the next one's turn has come

# Streamlit's own doors that no reader needs: figures about the process, its interface for agents, its check that runs the pages.
_CLOSED = re.compile(r"/(_stcore/(metrics|agent|script-health-check)|app/static)(/|$)", re.IGNORECASE)
_UPLOAD = re.compile(r"/_stcore/upload_file/[^/]+/[^/]+$")
_SIGN_IN = re.compile(r"/(oauth2callback|auth/(login|logout))/?$")
_FAMILY = re.compile(r"/(my_child|class_summary|family/enter)/?$")
_FORM = re.compile(r"/family/enter$")  # the one form that is posted: a family's code (lib/ui/family/route.py)
# A dot, a slash, a backslash, a NUL or a percent sign that is written as a code in order to be overlooked.
_DISGUISED = re.compile(rb"%(2e|2f|5c|00|25)", re.IGNORECASE)
_NOT_IN_PATH = re.compile(r"[\x00-\x1f\x7f\\]|//|^(?!/)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request goes no further: the status of HTTP, a few words, and after how many seconds it may come again."""

    status: int
    words: str
    wait: int = 0


class _TooMuch(Exception):
    """More came in than a request may carry."""


class Guard:
    """Refuses before anything of the application runs. `upload`: bytes that an uploaded file may have."""

    def __init__(
        self,
        app: ASGIApp,
        web: Web,
        upload: int = 5 * 2**20,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.app = app
        self._web = web
        self._upload = upload
        limits = web.limits
        self._any, self._connections = Allowance(limits.requests, clock), Allowance(limits.connections, clock)
        self._sign_in, self._family = Allowance(limits.sign_in, clock), Allowance(limits.family, clock)
        self._open: Counter[str] = Counter()
        self._clock, self._sleep = clock, sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, from now on under its reader's true address, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if headers.get("x-forwarded-proto") == "https" and _within(str((scope.get("client") or (LOOPBACK,))[0]), self._web.proxies):
            scope["scheme"] = "https" if scope["type"] == "http" else "wss"
        caller = address(scope, headers.getlist("x-forwarded-for"), self._web.proxies)
        scope["client"] = (caller, (scope.get("client") or (caller, 0))[1])
        refusal = (
            _host_fault(headers.getlist("host"), self._web.hosts) or _path_fault(scope) or self._too_often(scope, bucket(caller))
            or (self._size_fault(scope, headers) if scope["type"] == "http" else None)
        )  # fmt: skip
        if scope["type"] == "websocket":
            await self._stream(scope, receive, send, bucket(caller), refusal)
        elif refusal is not None:
            await _refuse(refusal, scope, receive, send)
        else:
            await self._measured(scope, receive, send)

    def _too_often(self, scope: Scope, key: str) -> Refusal | None:
        asked = [self._any]
        if scope["type"] == "websocket":
            asked.append(self._connections)
        elif _SIGN_IN.search(scope["path"]):
            asked.append(self._sign_in)
        elif _FAMILY.search(scope["path"]):
            asked.append(self._family)
        for allowance in asked:
            if not allowance.grants(key):
                return Refusal(429, "Too many requests", allowance.wait(key))
        if scope["type"] == "websocket" and self._open[key] >= self._web.limits.open_connections:
            return Refusal(429, "Too many open pages", 60)
        return None

    def _most(self, scope: Scope) -> int:
        return self._upload + UPLOAD_FRAME if _UPLOAD.search(scope["path"]) else BODY

    def _size_fault(self, scope: Scope, headers: Headers) -> Refusal | None:
        path = scope["path"]
        if scope["method"] not in (UPLOAD_METHODS if _UPLOAD.search(path) else FORM_METHODS if _FORM.search(path) else METHODS):
            return Refusal(405, "Method not allowed")
        told = headers.get("content-length", "0")
        if not (told.isascii() and told.isdecimal()):
            return Refusal(400, "Bad request")
        return Refusal(413, "Too large") if int(told) > self._most(scope) else None

    async def _measured(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request with its body counted as it comes: its length may be untold, or a lie."""
        most, seen, begun = self._most(scope), 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise _TooMuch
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except _TooMuch:
            if not begun:
                await _refuse(Refusal(413, "Too large"), scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, key: str, refusal: Refusal | None) -> None:
        """A page's connection: counted while it is open, and read no faster than a person can wish.

        Each wish starts a run of the page's script on the loop that serves everybody: some hundreds at once would hold it for a minute.
        What comes too fast waits, in the end with its sender.
        """
        if refusal is not None:
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        wishes = Allowance(self._web.limits.messages, self._clock, at_once=HASTE)

        async def counted() -> Message:
            message = await receive()
            while message["type"] == "websocket.receive" and not wishes.grants(""):
                await self._sleep(PAUSE)
            return message

        self._open[key] += 1
        try:
            await self.app(scope, counted, send)
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    wait = {"Retry-After": str(refusal.wait)} if refusal.wait else {}
    await PlainTextResponse(refusal.words, refusal.status, {"Cache-Control": "no-store", **wait})(scope, receive, send)


# --- addresses -----------------------------------------------------------------------------------------------------------


def address(scope: Scope, forwarded: list[str], proxies: tuple[Network, ...]) -> str:
    """The reader's address: the connection's own, or what configured proxies say, read from the near end as far as they are ours.

    uvicorn believes X-Forwarded-For of this computer before anything else is asked; a client that stands at the header's end came from
    here, so the way begins here again, and the configuration decides.
    """
    host = str((scope.get("client") or (LOOPBACK, 0))[0])
    hops = [_bare(hop) for hop in ",".join(forwarded).split(",") if hop.strip()]
    outside = [hop for hop in hops if hop not in (LOOPBACK, "::1")]
    if hops and host == (outside[-1] if outside else hops[0]):
        host = LOOPBACK
    while hops and _within(host, proxies):
        host = hops.pop()
    return host


def _bare(hop: str) -> str:
    """The address of a hop without its port: "[2001:db8::1]:443" and "192.0.2.1:443"."""
    hop = hop.strip()
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _within(host: str, networks: tuple[Network, ...]) -> bool:
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(found in network for network in networks)


def bucket(host: str) -> str:
    """What shares an allowance: an address of IPv4; of IPv6 the network of 64 bits that one house is given."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address)


# --- hosts and paths -----------------------------------------------------------------------------------------------------


def _host_fault(told: list[str], hosts: tuple[str, ...]) -> Refusal | None:
    """A name that is not the desk's: somebody else's that was bent to this address (DNS rebinding), or one to be configured."""
    name = told[0].strip() if len(told) == 1 else ""
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    name = name.casefold().rstrip(".")
    try:
        ipaddress.ip_address(name)
        return None
    except ValueError:
        known = name == "localhost" or name in hosts
        return None if known else Refusal(421, "Unknown host name: the administrator adds it to hosts in config/web.yaml")


def _path_fault(scope: Scope) -> Refusal | None:
    path, raw = scope["path"], scope.get("raw_path") or b""
    if len(path) > LONGEST_PATH or len(scope.get("query_string", b"")) > LONGEST_QUERY:
        return Refusal(414, "Too long")
    parts = path.split("/")
    if _NOT_IN_PATH.search(path) or _DISGUISED.search(raw.partition(b"?")[0]) or ".." in parts:
        return Refusal(400, "Bad request")
    if any(part.startswith(".") for part in parts) or _CLOSED.search(path):
        return Refusal(404, "Not found")
    return None
