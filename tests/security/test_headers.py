"""What every answer says to the browser, and Secure cookies by https."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import streamlit

from lib.ui.headers import STATIC, SecurityHeaders, policy
from tests.security.asgi import Echo, call, headers, scope_of


def directives(text: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in text.split(";") if part.strip()}


def test_every_answer_has_every_header():
    told = headers(call(SecurityHeaders(Echo()), scope_of("http", "/", [("Host", "sapat.example:8501")])))
    assert {name.lower(): value for name, value in STATIC.items()}.items() <= told.items()
    assert "content-security-policy" in told and "strict-transport-security" not in told


def test_no_script_runs_but_the_servers_own():
    found = directives(policy("sapat.example", True))
    assert "'unsafe-inline'" not in found["script-src"] and "'unsafe-eval'" not in found["script-src"]
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert inline, "Streamlit's page has a script of its own, whose digest the policy names"
    for script in inline:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in found["script-src"]
    assert not re.findall(r"<script[^>]+src=\"(?:https?:)?//", page)


def test_nothing_is_asked_of_another_origin():
    found = directives(policy("sapat.example", True))
    allowed = {source for name, sources in found.items() for source in sources}
    assert not [
        s for s in allowed if s in ("*", "http:", "https:", "ws:", "wss:") or (s.startswith(("http", "ws")) and s != "wss://sapat.example")
    ]
    assert found["default-src"] == found["form-action"] == found["base-uri"] == ["'self'"]
    assert found["frame-ancestors"] == found["object-src"] == found["frame-src"] == ["'none'"]
    assert "data:" not in found["script-src"] + found["connect-src"] and "blob:" not in found["script-src"]


@pytest.mark.parametrize("host", ["a; script-src *", "a b", "a'", "a,b", "\u043c.kg", "a\r\nX: y", ""])
def test_a_host_header_writes_nothing_into_the_policy(host: str):
    assert directives(policy(host, False))["connect-src"] == ["'self'"]


def test_by_https_cookies_are_secure_and_http_is_over():
    echo = Echo("text/html", ["a=1; Path=/", "b=2; secure; HttpOnly"])
    sent = call(SecurityHeaders(echo), scope_of("http", "/", scheme="https"))
    cookies = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert cookies == ["a=1; Path=/; Secure", "b=2; secure; HttpOnly"]
    assert headers(sent)["strict-transport-security"].startswith("max-age=")


def test_an_answer_may_be_stricter():
    """The families' entrance has a policy of its own."""

    async def strict(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-security-policy", b"default-src 'none'")]})
        await send({"type": "http.response.body", "body": b""})

    assert headers(call(SecurityHeaders(strict), scope_of("http", "/")))["content-security-policy"] == "default-src 'none'"
