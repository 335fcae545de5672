"""A person's own sign-in with Google, for making workbooks in that person's name. The program sees what it made itself, nothing else."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import google.auth.exceptions
import google.auth.transport.requests
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow

from lib.i18n import gettext as _
from lib.settings import UserError

SCOPES = ("https://www.googleapis.com/auth/drive.file",)
PATIENCE_SECONDS = 600
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])([:/]|$)")
_INSECURE = "OAUTHLIB_INSECURE_TRANSPORT"


def sign_in(client_file: Path, show: Callable[[str], None], remember: Path | None = None) -> Credentials:
    """Credentials of whoever signs in with the browser; `show` gets the address to open, for those without one on this computer.

    `client_file`: the OAuth client of kind "Desktop app" as Google Cloud hands it out. `remember`: a file that keeps the sign-in for the
    next time, readable by its owner only; without it nothing is written. Raises UserError.
    """
    client = _client(client_file)
    with _loopback_may_be_plain(client):
        if remember is not None and (kept := _kept(remember, client)) is not None:
            return kept
        flow = _Flow.from_client_config({"installed": client}, SCOPES, autogenerate_code_verifier=True)
        flow.show = show
        try:
            credentials: Credentials = flow.run_local_server(
                host="127.0.0.1", port=0, authorization_prompt_message=None, timeout_seconds=PATIENCE_SECONDS, prompt="consent",
                success_message=_("Sapat is signed in. You may close this page."),
            )  # fmt: skip
        except Exception as error:  # of four libraries; what they say could quote the answer, so that only their kind is told
            reason = getattr(error, "error", "") or type(error).__name__
            raise UserError(
                _("The sign-in with Google was not completed ({reason}). Start the command again and allow access in the browser.",
                  reason=reason)
            ) from None  # fmt: skip
    if remember is not None:
        _keep(credentials, remember)
    return credentials


class _Flow(InstalledAppFlow):
    """The library's flow, which also tells where to sign in."""

    show: Callable[[str], None]

    def authorization_url(self, **more: Any) -> tuple[str, str]:
        address, state = super().authorization_url(**more)
        self.show(address)
        return address, state


def _client(file: Path) -> Mapping[str, str]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        client = told["installed"]
        if all(isinstance(client[part], str) for part in ("client_id", "client_secret", "auth_uri", "token_uri")):
            return client
    except OSError:
        raise UserError(_("{file}: there is no such file. Download the OAuth client from Google Cloud.", file=file)) from None
    except (ValueError, LookupError, TypeError):
        pass
    raise UserError(
        _(
            "{file}: this is no OAuth client of the kind “Desktop app”. Download its JSON from Google Cloud again.",
            file=file,
        )
    )


@contextlib.contextmanager
def _loopback_may_be_plain(client: Mapping[str, str]) -> Iterator[None]:
    """A server on this very computer needs no https; anywhere else the library insists on it."""
    before = os.environ.get(_INSECURE)
    if _LOOPBACK.match(client["token_uri"]):
        os.environ[_INSECURE] = "1"
    try:
        yield
    finally:
        os.environ.pop(_INSECURE, None)
        if before is not None:
            os.environ[_INSECURE] = before


def _kept(file: Path, client: Mapping[str, str]) -> Credentials | None:
    """The remembered sign-in when it is for this client and still in force."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        if told["client_id"] != client["client_id"] or told["token_uri"] != client["token_uri"]:
            return None
        known = {part: client[part] for part in ("token_uri", "client_id", "client_secret")}
        credentials = Credentials(None, told["refresh_token"], scopes=SCOPES, **known)
        credentials.refresh(google.auth.transport.requests.Request())
        return credentials
    except (OSError, ValueError, LookupError, TypeError, google.auth.exceptions.GoogleAuthError):
        return None


def _keep(credentials: Credentials, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    told = {"client_id": credentials.client_id, "token_uri": credentials.token_uri, "refresh_token": credentials.refresh_token}
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as kept:
        json.dump(told, kept)
