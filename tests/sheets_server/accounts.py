"""Who calls: service accounts with their keys, people who sign in, access tokens and what they allow."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from .errors import ERROR_INFO, ApiError, OAuthError

SCOPE = "https://www.googleapis.com/auth/"
FULL = frozenset({SCOPE + "spreadsheets", SCOPE + "drive"})
LIFETIME = 3600
LEEWAY = 300
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request is from and what its token allows."""

    email: str
    scopes: frozenset[str]
    service: bool
    """A service account, which may own no storage."""

    def allowed(self, *names: str) -> bool:
        return any(SCOPE + name in self.scopes for name in names)

    def need(self, service: str, method: str, *names: str) -> None:
        """Raises the 403 of a token without any of these scopes."""
        if self.allowed(*names):
            return
        metadata = {"service": f"{service}.googleapis.com", "method": method}
        info = {"@type": ERROR_INFO, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "domain": "googleapis.com", "metadata": metadata}
        message = "Request had insufficient authentication scopes."
        raise ApiError(403, message, "insufficientPermissions", details=[info], short="Insufficient Permission")


@lru_cache(maxsize=1)
def _private_key() -> Any:
    """One throw-away key for the whole process: making one is slow."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@lru_cache(maxsize=1)
def _private_pem() -> str:
    from cryptography.hazmat.primitives import serialization

    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return _private_key().private_bytes(*form).decode()


@dataclass(slots=True)
class _Token:
    caller: Caller
    ends: float


@dataclass(slots=True)
class _Code:
    email: str
    scopes: frozenset[str]
    challenge: str
    method: str
    redirect: str


class Accounts:
    def __init__(self, now: Callable[[], float], chance: random.Random) -> None:
        self._now, self._chance = now, chance
        self._keyed: set[str] = set()
        self._tokens: dict[str, _Token] = {}
        self._refresh: dict[str, Caller] = {}
        self._codes: dict[str, _Code] = {}
        self.groups: dict[str, set[str]] = {}
        """Address of a group → its members."""

    def _secret(self, prefix: str) -> str:
        return prefix + "".join(self._chance.choices("ABCDEFGHJKMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789", k=40))

    # keys and tokens made directly, for those who start the server

    def key(self, email: str, url: str) -> dict[str, Any]:
        """A service-account key as Google's console hands it out, with this server's token address."""
        self._keyed.add(email)
        quoted = email.replace("@", "%40")
        return {
            "type": "service_account",
            "project_id": "sapat-test",
            "private_key_id": hashlib.sha256(email.encode()).hexdigest()[:40],
            "private_key": _private_pem(),
            "client_email": email,
            "client_id": str(int(hashlib.sha256(email.encode()).hexdigest()[:16], 16)),
            "auth_uri": f"{url}/o/oauth2/auth",
            "token_uri": f"{url}/token",
            "auth_provider_x509_cert_url": f"{url}/oauth2/v1/certs",
            "client_x509_cert_url": f"{url}/robot/v1/metadata/x509/{quoted}",
            "universe_domain": "googleapis.com",
        }

    def token(self, email: str, scopes: frozenset[str] = FULL, *, service: bool = False) -> str:
        token = self._secret("ya29.")
        self._tokens[token] = _Token(Caller(email, scopes, service), self._now() + LIFETIME)
        return token

    # what a request carries

    def caller(self, headers: Mapping[str, str], query: Mapping[str, list[str]]) -> Caller:
        """Raises 401 unless a token that is known and young came along."""
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = query.get("access_token", [""])[0]
        held = self._tokens.get(token.strip())
        if held is None or held.ends <= self._now():
            raise unauthenticated(missing=not token)
        return held.caller

    # the token address

    def grant(self, form: Mapping[str, str], audiences: set[str]) -> dict[str, Any]:
        kind = form.get("grant_type", "")
        if kind == JWT_BEARER:
            return self._by_assertion(form.get("assertion", ""), audiences)
        if kind == "refresh_token":
            return self._by_refresh(form)
        if kind == "authorization_code":
            return self._by_code(form)
        raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def _by_assertion(self, assertion: str, audiences: set[str]) -> dict[str, Any]:
        try:
            head, claims_part, signature = assertion.split(".")
            header, claims = json.loads(_unbase64(head)), json.loads(_unbase64(claims_part))
            email, scope = str(claims["iss"]), str(claims.get("scope", ""))
            issued, ends = float(claims["iat"]), float(claims["exp"])
        except (ValueError, KeyError, TypeError):
            raise OAuthError("invalid_grant", "Invalid JWT: Failed to parse the assertion.") from None
        if header.get("alg") != "RS256":
            raise OAuthError("invalid_grant", "Invalid JWT: the algorithm must be RS256.")
        if claims.get("aud") not in audiences:
            raise OAuthError("invalid_grant", "Invalid JWT: Failed audience check. The right audience is the token address.")
        now = self._now()
        if issued > now + LEEWAY or ends < now - LEEWAY or ends - issued > 3600 + LEEWAY:
            raise OAuthError(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                "Check your iat and exp values in the JWT claim.",
            )
        if email in self._keyed:
            _verify(f"{head}.{claims_part}".encode(), _unbase64(signature))
        if not scope.strip():
            raise OAuthError("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        email = str(claims.get("sub") or email)
        token = self.token(email, frozenset(scope.split()), service=email == claims["iss"])
        return {"access_token": token, "expires_in": LIFETIME - 1, "token_type": "Bearer"}

    def _by_refresh(self, form: Mapping[str, str]) -> dict[str, Any]:
        caller = self._refresh.get(form.get("refresh_token", ""))
        if caller is None:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        scopes = frozenset(form["scope"].split()) if form.get("scope") else caller.scopes
        if not scopes <= caller.scopes:
            raise OAuthError("invalid_scope", "Some requested scopes were invalid.")
        return self._answer(self.token(caller.email, scopes), scopes)

    def _by_code(self, form: Mapping[str, str]) -> dict[str, Any]:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri", code.redirect) != code.redirect:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        if code.challenge:
            verifier = form.get("code_verifier", "")
            made = _base64(hashlib.sha256(verifier.encode()).digest()) if code.method == "S256" else verifier
            if made != code.challenge:
                raise OAuthError("invalid_grant", "Invalid code verifier.")
        refresh = self._secret("1//")
        self._refresh[refresh] = Caller(code.email, code.scopes, service=False)
        return {**self._answer(self.token(code.email, code.scopes), code.scopes), "refresh_token": refresh}

    @staticmethod
    def _answer(token: str, scopes: frozenset[str]) -> dict[str, Any]:
        return {"access_token": token, "expires_in": LIFETIME - 1, "scope": " ".join(sorted(scopes)), "token_type": "Bearer"}

    def sign_in(self, query: Mapping[str, list[str]]) -> str:
        """Where the browser is sent back to: the person of login_hint says yes at once."""
        asked = {name: values[0] for name, values in query.items()}
        redirect, scope = asked.get("redirect_uri", ""), asked.get("scope", "")
        if not redirect or not scope:
            raise OAuthError("invalid_request", "Missing required parameter: " + ("scope" if redirect else "redirect_uri"))
        email = asked.get("login_hint") or "administrator@school.example"
        code = self._secret("4/")
        challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method", "plain")
        self._codes[code] = _Code(email, frozenset(scope.split()), challenge, method, redirect)
        back = {"code": code, "scope": scope} | ({"state": asked["state"]} if "state" in asked else {})
        return redirect + ("&" if "?" in redirect else "?") + urlencode(back)

    def revoke(self, token: str) -> None:
        if self._tokens.pop(token, None) is None and self._refresh.pop(token, None) is None:
            raise OAuthError("invalid_token", "Token expired or revoked")

    def member_of(self, email: str) -> set[str]:
        return {group for group, members in self.groups.items() if email in members}


def unauthenticated(*, missing: bool = False) -> ApiError:
    rest = (
        "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
        "See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    start = "Request is missing required authentication credential. " if missing else "Request had invalid authentication credentials. "
    short = "Login Required." if missing else "Invalid Credentials"
    return ApiError(401, start + rest, "required" if missing else "authError", location=("header", "Authorization"), short=short)


def _verify(signed: bytes, signature: bytes) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        _private_key().public_key().verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise OAuthError("invalid_grant", "Invalid JWT Signature.") from None


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
