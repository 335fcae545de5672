"""An OpenID provider that does what a test tells it, also what no honest one would: any claims, any signature.

It approves every request at once. `answer` makes the identity token out of the claims that an honest provider would give.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT = "sapat-test"
Claims = dict[str, Any]


def _encoded(part: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


class Provider:
    """The provider's keys and what it says next."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "honest"})
        self.claims: Claims = {}
        self.answer: Callable[[Claims], str] = self.signed
        self.address = ""
        self._codes: dict[str, str] = {}  # code → nonce

    def reset(self, **claims: object) -> None:
        """Be honest again, and speak of that account."""
        self.claims = dict(claims)
        self.answer = self.signed

    def signed(self, claims: Claims) -> str:
        """The honest token."""
        return jwt.encode({"alg": "RS256", "kid": "honest"}, claims, self.key)

    def unsigned(self, claims: Claims) -> str:
        """alg none: nothing vouches for it."""
        return ".".join(_encoded(part) for part in ({"alg": "none", "typ": "JWT"}, claims)) + "."

    def by_another(self, claims: Claims) -> str:
        """Signed with a key that is not the provider's, under the provider's key id."""
        return jwt.encode({"alg": "RS256", "kid": "honest"}, claims, RSAKey.generate_key(2048, {"kid": "honest"}))

    def by_public_key(self, claims: Claims) -> str:
        """Signed symmetrically with what everybody knows: the public key."""
        said = ".".join(_encoded(part) for part in ({"alg": "HS256", "kid": "honest"}, claims))
        signature = hmac.new(self.key.as_pem(private=False), said.encode(), hashlib.sha256).digest()
        return f"{said}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    def by_client_secret(self, claims: Claims) -> str:
        """Signed symmetrically with the client's secret, which the discovery does not offer."""
        return jwt.encode({"alg": "HS256", "kid": "honest"}, claims, OctKey.import_key("secret-of-the-client"), algorithms=["HS256"])

    def changed_afterwards(self, claims: Claims) -> str:
        """Signed honestly for somebody, then another e-mail put in."""
        head, _body, signature = self.signed({**claims, "email": "nobody@school.example"}).split(".")
        return f"{head}.{_encoded(claims)}.{signature}"

    def approve(self, asked: dict[str, str]) -> str:
        """Where the browser goes with the code."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked.get("nonce", "")
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, code: str) -> dict[str, object] | None:
        """The tokens of a code, once."""
        nonce = self._codes.pop(code, None)
        if nonce is None:
            return None
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 3600, "nonce": nonce, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "a", "token_type": "Bearer", "expires_in": 3600, "id_token": self.answer(claims)}


@contextmanager
def provided() -> Iterator[Provider]:
    """A running provider."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, urlsplit(self.path).query
            if path == "/.well-known/openid-configuration":
                self._json({
                    "issuer": provider.address, "authorization_endpoint": f"{provider.address}/authorize",
                    "token_endpoint": f"{provider.address}/token", "jwks_uri": f"{provider.address}/jwks",
                    "response_types_supported": ["code"], "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                })  # fmt: skip
            elif path == "/jwks":
                self._json({"keys": [provider.key.as_dict(private=False)]})
            elif path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.approve({name: values[0] for name, values in parse_qs(query).items()}))
                self.end_headers()
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
            found = provider.token(body.get("code", [""])[0])
            self._json(found or {"error": "invalid_grant"}, 200 if found else 400)

        def _json(self, plain: object, status: int = 200) -> None:
            text = json.dumps(plain).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
