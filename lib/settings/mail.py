"""How reminders are sent by e-mail: config/mail.yaml, and the password from the environment alone."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib.model.words import Words
from lib.settings.document import read
from lib.settings.place import ROOT

PASSWORD = "SAPAT_SMTP_PASSWORD"
STARTTLS, SSL, PLAIN = "starttls", "ssl", "none"
# An address as it may stand in a header: plain ASCII without spaces, quotes and signs that part addresses.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.:_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mail:
    """The outgoing server and who writes. `is_set_up` is False while config/mail.yaml names no host."""

    host: str
    port: int
    tls: str
    user: str
    sender: str
    sender_name: Words
    answer_seconds: float
    password: str = field(default="", repr=False)

    @property
    def is_set_up(self) -> bool:
        return bool(self.host)


def read_mail(config: Path = ROOT / "config", environment: Mapping[str, str] | None = None) -> Mail:
    """config/mail.yaml with the password of the environment. UserError names the line that is wrong."""
    entry = read(config / "mail.yaml")
    given = os.environ if environment is None else environment
    mail = Mail(
        host=entry.take("host", str, ""),
        port=entry.take("port", int, 587),
        tls=entry.one_of("tls", (STARTTLS, SSL, PLAIN), STARTTLS),
        user=entry.take("user", str, ""),
        sender=entry.take("from", str, ""),
        sender_name=entry.words("from_name", Words("")),
        answer_seconds=entry.take("answer_seconds", float, 20.0),
        password=given.get(PASSWORD, ""),
    )
    entry.done()
    if not mail.is_set_up:
        return mail
    if not _HOST.fullmatch(mail.host):
        entry.fail("host", f"{mail.host!r} was seen; expected a server's name alone, such as smtp.gmail.com")
    if not 0 < mail.port < 65536:
        entry.fail("port", f"{mail.port} was seen; expected a number from 1 to 65535")
    if not is_address(mail.sender):
        entry.fail("from", f"{mail.sender!r} was seen; expected an address such as monitoring@mektep.kg")
    if mail.user and not mail.password:
        entry.fail(
            "user", f"the server asks {mail.user} for a password; expected it in the environment variable {PASSWORD}, which is empty"
        )
    if not (mail.user + mail.password).isascii():
        entry.fail("user", f"the user or the password in {PASSWORD} has other than Latin letters; mail servers take only those")
    if mail.tls == PLAIN and not _is_here(mail.host):
        entry.fail("tls", f"none would send everything readable through the network to {mail.host}; expected starttls or ssl")
    return mail


def is_address(text: str) -> bool:
    """Whether the text is one e-mail address and nothing else."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
