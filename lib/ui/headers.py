"""What every answer tells the browser about how far it may trust the page."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
        "payment=(), usb=()"
    ),
}
HSTS = "max-age=31536000"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# A host as it may stand in a policy; what else a Host header holds stays out.
_HOST = re.compile(r"[a-z0-9.-]+(:\d+)?|\[[0-9a-f:]+\](:\d+)?", re.IGNORECASE)


@cache
def _inline_scripts() -> str:
    """The digests of the scripts that stand in Streamlit's own page: those run, and none that anybody else writes into it."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = _INLINE.findall(page.read_text(encoding="utf-8"))
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in scripts)


def policy(host: str, secure: bool) -> str:
    """The Content-Security-Policy of a page that was asked of `host`.

    Scripts come from this server alone, none is evaluated from text (Streamlit lets Vega interpret the expressions of charts), and so do
    pictures: what a cell could smuggle in runs nowhere and reaches nobody. Styles are set by scripts, which is why inline ones are let
    through. Some browsers do not count a WebSocket as 'self', so it is named.
    """
    stream = f" {'wss' if secure else 'ws'}://{host}" if _HOST.fullmatch(host) else ""
    return (
        f"default-src 'self'; script-src 'self' {_inline_scripts()} 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'{stream}; worker-src 'self' blob:; "
        "frame-src 'none'; media-src 'none'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'; "
        "object-src 'none'"
    )


class SecurityHeaders:
    """Adds the headers to every HTTP answer, and Secure to every cookie that travels by https. Plain ASGI: it holds no answer back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its answer gets the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure = scope.get("scheme") == "https"  # the guard has asked the proxy meanwhile
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", policy(host, secure))
                for name, value in STATIC.items():
                    headers.setdefault(name, value)
                if secure:
                    headers["Strict-Transport-Security"] = HSTS
                    message["headers"] = [(name, _secured(value) if name == b"set-cookie" else value) for name, value in message["headers"]]
            await send(message)

        await self.app(scope, receive, with_headers)


def _secured(cookie: bytes) -> bytes:
    flags = {part.strip().lower() for part in cookie.split(b";")[1:]}
    return cookie if b"secure" in flags else cookie + b"; Secure"
