"""The application served with sign-in, and the two ways through it: by plain requests (the cookie) and by Chromium (the page)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import BrowserContext

from bench.browser import Server, free_port

SECRET = "a-secret-of-these-tests-that-signs-the-cookie"
COOKIE = "_streamlit_user"


@dataclass
class Door:
    """A running application and its secret."""

    server: Server
    log: Path

    @property
    def address(self) -> str:
        return self.server.address

    def login_address(self, secret: str = SECRET) -> str:
        """Where the button "Sign in" leads: its token is signed with the application's secret."""
        token = jwt.encode({"alg": "HS256"}, {"provider": "default", "exp": int(time.time()) + 120}, OctKey.import_key(secret))
        return f"{self.address}/auth/login?provider={token}"

    def ask(self, session: requests.Session) -> str:
        """Begin a sign-in; gives the address at the application to which the provider sends the browser back, not followed yet."""
        first = session.get(self.login_address(), allow_redirects=False, timeout=10)
        second = session.get(first.headers["Location"], allow_redirects=False, timeout=10)
        return second.headers["Location"]

    def through(self, session: requests.Session | None = None) -> requests.Session:
        """A whole sign-in by plain requests: the session holds what cookies it gave."""
        session = session or requests.Session()
        session.get(self.ask(session), allow_redirects=False, timeout=10)
        return session


def lend(context: BrowserContext, session: requests.Session, address: str) -> None:
    """Put the cookies of a session of plain requests into a browser."""
    for cookie in session.cookies:
        context.add_cookies([{"name": cookie.name, "value": cookie.value or "", "domain": urlsplit(address).hostname or "", "path": "/"}])


@contextmanager
def opened_door(store: Path, metadata: str, folder: Path, environment: dict[str, str] | None = None) -> Iterator[Door]:
    """The application over the store, with the provider whose metadata stand at that address."""
    port = free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{SECRET}"\nclient_id = "sapat-test"\n'
        f'client_secret = "secret-of-the-client"\nserver_metadata_url = "{metadata}"\n',
        encoding="utf-8",
    )
    log = folder / "server.log"
    settings = {"STREAMLIT_SECRETS_FILES": str(secrets), "SAPAT_COLLECT_EVERY": "0", **(environment or {})}
    server = Server(store, port=port, log=log, environment=settings)
    server.start()
    try:
        server.wait()
        yield Door(server, log)
    finally:
        server.stop()
