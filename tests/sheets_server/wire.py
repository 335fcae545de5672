"""Bytes in and out: HTTP/1.1 with connections kept open, an answer in one send, and the ways a connection can fail."""

from __future__ import annotations

import contextlib
import email.utils
import socket
import struct
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from .exchange import Answer, Request


@dataclass
class Silence:
    """No whole answer: the connection is closed, or reset, after `length` bytes of `part`'s body were sent."""

    reset: bool
    part: Answer | None = None
    length: int = 0


class Service(Protocol):
    def answer(self, request: Request) -> Answer | Silence: ...

    def now(self) -> float: ...


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, service: Service) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.service = service
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, name="sheets_server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._open_lock:
            held = list(self._open)
        for one in held:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def pause(self, seconds: float) -> None:
        """Sleeps, but not past the server's end."""
        self._stopping.wait(seconds)

    def opened(self, one: socket.socket) -> None:
        with self._open_lock:
            self._open.add(one)

    def closed(self, one: socket.socket) -> None:
        with self._open_lock:
            self._open.discard(one)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no news; anything else is a bug to be seen."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    wbufsize = 0
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.closed(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """The log of calls says it all."""

    def _any(self) -> None:
        body = self._body()
        request = Request(self.command, self.path, {name.title(): value for name, value in self.headers.items()}, body)
        try:
            answer = self.server.service.answer(request)
        except Exception:
            self.close_connection = True
            self._send(Answer(500, b'{"error":{"code":500,"message":"A bug of the local server.","status":"INTERNAL"}}'))
            raise
        if isinstance(answer, Silence):
            self._fail(answer)
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length else b""

    def _head(self, answer: Answer) -> bytes:
        """The lines before the body, its length as if it were sent whole."""
        date = email.utils.formatdate(self.server.service.now(), usegmt=True)
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}", f"Date: {date}", "Server: ESF"]
        if answer.status != 204:
            lines += [f"Content-Type: {answer.type}", f"Content-Length: {len(answer.body)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def _send(self, answer: Answer) -> None:
        body = b"" if self.command == "HEAD" or answer.status == 204 else answer.body
        self.connection.sendall(self._head(answer) + body)

    def _fail(self, silence: Silence) -> None:
        self.close_connection = True
        if silence.part is not None:
            self.connection.sendall(self._head(silence.part) + silence.part.body[: silence.length])
        if silence.reset:
            # closing with nothing left to wait for sends RST
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.connection.close()
        else:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
